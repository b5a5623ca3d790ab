//! Statistics of the run, in a fixed amount of memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use ecs_sdk::{Credentials, Error, Result};

use crate::load::SECRETS;

/// Maximum number of violations to keep. More would not help to find the cause.
const MAX_VIOLATIONS: usize = 20;

/// Statistics of all tasks.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    /// Number of attempts, as seen by the credentials provider.
    pub(crate) attempts: AtomicU64,
    /// Number of times that credentials were refreshed.
    pub(crate) refreshes: AtomicU64,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Number of calls and number of failures, by operation.
    operations: BTreeMap<&'static str, (u64, u64)>,
    /// Number of errors and the first error, by kind.
    errors: BTreeMap<String, (u64, String)>,
    latency: Histogram,
    violations: BTreeSet<String>,
    /// Secrets that errors must not contain.
    secrets: Vec<String>,
}

impl Stats {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no task panics while holding the lock")
    }

    /// Counts a call.
    pub(crate) fn call<T>(&self, operation: &'static str, took: Duration, result: &Result<T, Error>) {
        let mut inner = self.lock();
        inner.latency.add(took);
        if let Err(error) = result {
            let text = format!("{error} {error:?}");
            let known = inner.secrets.iter().map(String::as_str);
            let leaked = SECRETS.into_iter().chain(known).find(|secret| text.contains(secret)).map(str::to_owned);
            if let Some(secret) = leaked {
                inner.add_violation(format!("an error of {operation} contains the secret {secret}"));
            }
        }
        let counts = inner.operations.entry(operation).or_default();
        counts.0 += 1;
        if let Err(error) = result {
            counts.1 += 1;
            let kind = match (error.code(), error.http_status()) {
                (Some(code), Some(status)) => format!("{status} {code}"),
                (None, Some(status)) => format!("{status} {:?}", error.kind()),
                _ => format!("{:?}", error.kind()),
            };
            inner.errors.entry(kind).or_insert_with(|| (0, error.to_string())).0 += 1;
        }
    }

    /// Adds a violation of an invariant. Only the first ones are kept.
    pub(crate) fn violation(&self, violation: String) {
        self.lock().add_violation(violation);
    }

    /// Adds the secrets of credentials, which errors must not contain.
    pub(crate) fn add_secrets(&self, credentials: &Credentials) {
        let mut inner = self.lock();
        inner.secrets.push(credentials.access_key_secret().to_owned());
        inner.secrets.extend(credentials.security_token().map(str::to_owned));
    }

    /// Returns the violations of invariants.
    pub(crate) fn violations(&self) -> Vec<String> {
        self.lock().violations.iter().cloned().collect()
    }

    /// Returns the number of calls so far, and the number of failed ones.
    pub(crate) fn calls(&self) -> (u64, u64) {
        self.lock().operations.values().fold((0, 0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1))
    }

    /// Prints all statistics.
    pub(crate) fn report(&self, seconds: u64) {
        let (calls, failed) = self.calls();
        let inner = self.lock();
        let attempts = self.attempts.load(Ordering::Relaxed);
        println!(
            "calls: {calls} ({} per second), {attempts} attempts, {} retries, {failed} failed",
            calls / seconds.max(1),
            attempts.saturating_sub(calls)
        );
        for (operation, (calls, failed)) in &inner.operations {
            println!("    {operation:<24} {calls:>8} calls {failed:>6} failed");
        }
        println!("errors by kind, with the first error of each kind:");
        for (kind, (count, first)) in &inner.errors {
            println!("    {kind:<44} {count:>6}  {}", first.chars().take(180).collect::<String>());
        }
        println!("credentials: refreshed {} times", self.refreshes.load(Ordering::Relaxed));
        let latency = |share| inner.latency.quantile(share).as_secs_f64() * 1000.0;
        println!("latency: p50 {:.1} ms, p99 {:.1} ms, maximum {:.1} ms", latency(0.5), latency(0.99), latency(1.0));
    }
}

impl Inner {
    fn add_violation(&mut self, violation: String) {
        if self.violations.len() < MAX_VIOLATIONS {
            self.violations.insert(violation);
        }
    }
}

/// A histogram of durations. Each power of two is divided into 16 buckets.
#[derive(Debug)]
struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: vec![0; 64 * 16], count: 0 }
    }
}

impl Histogram {
    fn add(&mut self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX).max(16);
        let power = micros.ilog2();
        let bucket = (power * 16 + (micros >> (power - 4)) as u32 % 16) as usize;
        self.buckets[bucket] += 1;
        self.count += 1;
    }

    /// Returns the upper bound of the bucket that contains the quantile `share`.
    fn quantile(&self, share: f64) -> Duration {
        let wanted = (self.count as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (bucket, count) in (0_u32..).zip(&self.buckets) {
            seen += count;
            if seen >= wanted && *count > 0 {
                let power = bucket / 16;
                return Duration::from_micros(u64::from(16 + bucket % 16 + 1) << (power - 4));
            }
        }
        Duration::ZERO
    }
}
