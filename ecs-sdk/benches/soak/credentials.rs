//! Credentials that STS issues for a few seconds.

use std::{
    fmt,
    sync::{Arc, atomic::Ordering},
    time::{Duration, SystemTime},
};

use ecs_sdk::{Credentials, Error, Result, credentials::ProvideCredentials, runtime::BoxFuture, sts};
use tokio::sync::Mutex;

use crate::stats::Stats;

/// New credentials are asked for this long before the end of the old ones.
const AHEAD: Duration = Duration::from_secs(8);

/// Assumes a role again and again. It is asked once an attempt, which is how attempts are counted.
pub(crate) struct ShortLived {
    sts: sts::Client,
    stats: Arc<Stats>,
    current: Mutex<Option<Credentials>>,
}

impl ShortLived {
    pub(crate) fn new(sts: sts::Client, stats: Arc<Stats>) -> Self {
        Self { sts, stats, current: Mutex::default() }
    }

    async fn assume(&self) -> Result<Credentials, Error> {
        let call = self.sts.assume_role().role_arn("acs:ram::1000000000000001:role/soak").role_session_name("soak");
        let issued = call.send().await?.credentials;
        let end = parse(&issued.expiration).unwrap_or_else(SystemTime::now);
        let credentials = Credentials::new(issued.access_key_id, issued.access_key_secret);
        Ok(credentials.with_security_token(issued.security_token).with_expiry(end))
    }
}

impl ProvideCredentials for ShortLived {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        self.stats.attempts.fetch_add(1, Ordering::Relaxed);
        Box::pin(async {
            let mut current = self.current.lock().await;
            let left = |credentials: &Credentials| {
                credentials.expires().and_then(|end| end.duration_since(SystemTime::now()).ok()).unwrap_or_default()
            };
            if let Some(credentials) = current.as_ref().filter(|credentials| left(credentials) > AHEAD) {
                return Ok(credentials.clone());
            }
            match (self.assume().await, current.as_ref()) {
                (Ok(credentials), _) => {
                    self.stats.refreshes.fetch_add(1, Ordering::Relaxed);
                    *current = Some(credentials.clone());
                    Ok(credentials)
                }
                (Err(_), Some(old)) if left(old) > Duration::ZERO => Ok(old.clone()),
                (Err(error), _) => Err(error),
            }
        })
    }
}

impl fmt::Debug for ShortLived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShortLived")
    }
}

/// Reads `2026-01-02T03:04:05Z`.
fn parse(text: &str) -> Option<SystemTime> {
    let format = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    time::PrimitiveDateTime::parse(text, format).ok().map(|time| time.assume_utc().into())
}
