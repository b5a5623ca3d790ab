//! The accepted access keys, and the checks of signed requests: access key, token, timestamp, signature and nonce.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use time::{Duration, OffsetDateTime};

use super::{
    bearer,
    caller::{Caller, RoleSession},
    claims::Claims,
    v1, v3,
};
use crate::{
    clock,
    error::{EcsError, Result},
    ids::Ids,
    message::HttpRequest,
};

/// Largest accepted difference between a request's timestamp and the clock.
const MAX_TIMESTAMP_SKEW: Duration = Duration::minutes(15);

/// Number of remembered nonces, which bounds their memory to about 50 MB: those of the last minute and a half of a client
/// that makes 10,000 calls a second, and those of 30 minutes at 500 calls a second.
const MAX_NONCES: usize = 1_000_000;

/// Number of temporary access keys, expired ones included, so that an emulator that runs for days stays small.
const MAX_TEMPORARY_KEYS: usize = 10_000;

/// A secret, and whose it is.
#[derive(Clone)]
struct Key {
    secret: String,
    owner: Owner,
}

/// The owner of an access key.
#[derive(Clone)]
enum Owner {
    /// A user of an account.
    User { account: String },
    /// An assumed role.
    Session(Session),
}

/// The session of temporary credentials.
#[derive(Clone)]
struct Session {
    token: String,
    expires: OffsetDateTime,
    role: RoleSession,
}

/// Temporary credentials.
#[derive(Clone)]
pub(crate) struct TemporaryKey {
    /// Access key ID.
    pub(crate) id: String,
    /// Its secret.
    pub(crate) secret: String,
    /// Security token, which every request must carry.
    pub(crate) token: String,
    /// Time of expiration.
    pub(crate) expires: OffsetDateTime,
}

/// All accepted access keys, and the nonces that were used.
#[derive(Clone, Default)]
pub(crate) struct Keyring {
    keys: HashMap<String, Key>,
    bearers: HashSet<String>,
    /// Longest lifetime of temporary credentials.
    longest: Option<Duration>,
    /// IDs of temporary access keys, oldest first, so that old ones can be dropped.
    issued: VecDeque<String>,
    /// Hashes of the nonces, together with their access keys: nonces can be long.
    nonces: HashSet<u64>,
    /// The same hashes, oldest first, so that old ones can be dropped.
    used: VecDeque<(OffsetDateTime, u64)>,
}

impl Keyring {
    /// Accepts an access key of an account from now on.
    pub(crate) fn add(&mut self, id: &str, secret: &str, account: &str) {
        let owner = Owner::User { account: account.to_owned() };
        self.keys.insert(id.to_owned(), Key { secret: secret.to_owned(), owner });
    }

    /// Accepts a bearer token from now on.
    pub(crate) fn add_bearer(&mut self, token: &str) {
        self.bearers.insert(token.to_owned());
    }

    /// Limits the lifetime of temporary credentials.
    pub(crate) fn limit_lifetime(&mut self, longest: Duration) {
        self.longest = Some(longest);
    }

    /// Issues temporary credentials.
    pub(crate) fn issue(
        &mut self,
        ids: &mut Ids,
        role: RoleSession,
        now: OffsetDateTime,
        life: Duration,
    ) -> TemporaryKey {
        let expires = now + self.longest.map_or(life, |longest| life.min(longest));
        let key = TemporaryKey {
            id: format!("STS.{}", ids.letters(24)),
            secret: ids.letters(44),
            token: ids.letters(96),
            expires,
        };
        let owner = Owner::Session(Session { token: key.token.clone(), expires, role });
        self.keys.insert(key.id.clone(), Key { secret: key.secret.clone(), owner });
        self.issued.push_back(key.id.clone());
        if self.issued.len() > MAX_TEMPORARY_KEYS
            && let Some(oldest) = self.issued.pop_front()
        {
            self.keys.remove(&oldest);
        }
        key
    }

    /// Authenticates a request, and checks that it was neither modified nor replayed. Timestamps are compared with a clock
    /// that is off by `skew`.
    pub(crate) fn check(&mut self, request: &HttpRequest, now: OffsetDateTime, skew: Duration) -> Result<Caller> {
        if let Some(claims) = bearer::read(request)? {
            if !self.bearers.contains(&claims.key_id) {
                let message = "The bearer token of the request is unknown to this emulator.";
                return Err(EcsError::new(403, "InvalidBearerToken", message));
            }
            check_time(&claims.timestamp, now + skew)?;
            self.use_nonce(&claims, now)?;
            return Ok(Caller::Bearer);
        }
        let signed = if v3::applies(request) { Signed::V3(v3::read(request)?) } else { Signed::V1(v1::read(request)?) };
        let claims = signed.claims();
        let key = self.keys.get(&claims.key_id).ok_or_else(|| {
            EcsError::new(
                404,
                "InvalidAccessKeyId.NotFound",
                "The access key ID of the request is unknown to this emulator.",
            )
        })?;
        check_session(key, claims, now)?;
        check_time(&claims.timestamp, now + skew)?;
        if signed.signature(&key.secret) != claims.signature {
            return Err(EcsError::new(400, "SignatureDoesNotMatch", signed.mismatch()));
        }
        let caller = match &key.owner {
            Owner::Session(session) => Caller::Role(session.role.clone()),
            Owner::User { account } => Caller::User { key: claims.key_id.clone(), account: account.clone() },
        };
        self.use_nonce(claims, now)?;
        Ok(caller)
    }

    /// Records a nonce, and rejects one that was used before.
    fn use_nonce(&mut self, claims: &Claims, now: OffsetDateTime) -> Result<()> {
        let expired = |(used, _): &(OffsetDateTime, u64)| *used + MAX_TIMESTAMP_SKEW * 2 <= now;
        while self.used.front().is_some_and(expired) || self.used.len() >= MAX_NONCES {
            if let Some((_, old)) = self.used.pop_front() {
                self.nonces.remove(&old);
            }
        }
        let mut hasher = DefaultHasher::new();
        (&claims.key_id, &claims.nonce).hash(&mut hasher);
        let nonce = hasher.finish();
        if !self.nonces.insert(nonce) {
            let message = "The signature nonce of the request was used before; each attempt needs a new one.";
            return Err(EcsError::new(400, "SignatureNonceUsed", message));
        }
        self.used.push_back((now, nonce));
        Ok(())
    }
}

/// A signed request in either version.
enum Signed {
    /// Signature 1.0.
    V1(v1::Request),
    /// ACS3-HMAC-SHA256.
    V3(v3::Request),
}

impl Signed {
    fn claims(&self) -> &Claims {
        match self {
            Signed::V1(request) => &request.claims,
            Signed::V3(request) => &request.claims,
        }
    }

    /// Returns the signature that a secret gives.
    fn signature(&self, secret: &str) -> String {
        match self {
            Signed::V1(request) => v1::signature(secret, &request.string_to_sign),
            Signed::V3(request) => v3::signature(secret, &v3::string_to_sign(&request.canonical_request)),
        }
    }

    /// Returns the error message for a wrong signature.
    fn mismatch(&self) -> String {
        let start = "The signature of the request does not match the computed one.";
        match self {
            Signed::V1(request) => format!("{start} server string to sign is:{}", request.string_to_sign),
            Signed::V3(request) => {
                let canonical = &request.canonical_request;
                let signed = v3::string_to_sign(canonical);
                format!("{start} server StringToSign is [{signed}], CanonicalRequest is [{canonical}]")
            }
        }
    }
}

fn check_session(key: &Key, claims: &Claims, now: OffsetDateTime) -> Result<()> {
    match (&key.owner, &claims.token) {
        (Owner::User { .. }, _) => Ok(()),
        (Owner::Session(_), None) => Err(EcsError::new(
            400,
            "MissingSecurityToken",
            "Temporary credentials need their SecurityToken in each request.",
        )),
        (Owner::Session(session), Some(token)) if session.token != *token => Err(EcsError::new(
            400,
            "InvalidSecurityToken.MismatchWithAccessKey",
            "The SecurityToken of the request does not belong to its access key ID.",
        )),
        (Owner::Session(session), Some(_)) if session.expires <= now => {
            Err(EcsError::new(400, "InvalidSecurityToken.Expired", "The SecurityToken of the request has expired."))
        }
        (Owner::Session(_), Some(_)) => Ok(()),
    }
}

fn check_time(timestamp: &str, now: OffsetDateTime) -> Result<()> {
    let time = clock::parse_timestamp(timestamp).ok_or_else(|| {
        let message = format!("The timestamp {timestamp:?} is not in the format yyyy-MM-ddTHH:mm:ssZ.");
        EcsError::new(400, "InvalidTimeStamp.Format", message)
    })?;
    if (time - now).abs() > MAX_TIMESTAMP_SKEW {
        let now = clock::seconds(now);
        let message =
            format!("The timestamp {timestamp} differs from the emulator's time, {now}, by more than 15 minutes.");
        return Err(EcsError::new(400, "InvalidTimeStamp.Expired", message));
    }
    Ok(())
}
