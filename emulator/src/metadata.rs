//! The metadata service of instances, which is at 100.100.100.200 in the real service.

mod items;

use std::collections::HashMap;

use serde_json::json;
use time::{Duration, OffsetDateTime};

use self::items::{Items, METADATA};
use crate::{
    auth::{Keyring, RoleSession, TemporaryKey},
    catalog::Catalog,
    clock, ids,
    message::{HttpRequest, HttpResponse},
    resources::Instance,
    state::State,
};

/// Lifetime of the credentials of a role, as in the service.
const CREDENTIALS_LIFETIME: Duration = Duration::hours(6);

/// Remaining lifetime at which new credentials are issued; for short lifetimes, the last tenth.
const CREDENTIALS_REFRESH_MARGIN: Duration = Duration::minutes(30);

/// Longest lifetime of a token in seconds, as the service documents it.
const MAX_TOKEN_SECONDS: i64 = 21_600;

/// Number of tokens that are valid at a time. Clients keep a token for hours, so only a faulty one asks for more.
const MAX_TOKENS: usize = 1_000;

/// Token requirement of metadata requests (IMDSv2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetadataMode {
    /// Requests succeed with and without a token, unless the instance itself requires tokens.
    #[default]
    TokensOptional,
    /// Requests need a token, even if the instance does not require tokens.
    TokensRequired,
    /// Tokens are not supported: a request for one fails with this HTTP status, such as 404 or 403.
    NoTokens(u16),
}

/// Settings and tokens of the metadata service.
#[derive(Clone, Default)]
pub(crate) struct Metadata {
    /// The instance that sends the requests; by default the oldest one.
    pub(crate) instance: Option<String>,
    pub(crate) mode: MetadataMode,
    /// Role of instances created without one.
    pub(crate) role: Option<String>,
    tokens: HashMap<String, OffsetDateTime>,
    credentials: HashMap<String, (TemporaryKey, OffsetDateTime)>,
}

impl Metadata {
    /// Creates settings with a role for instances created without one.
    pub(crate) fn with_role(role: &str) -> Self {
        Metadata { role: Some(role.to_owned()), ..Metadata::default() }
    }
}

/// Versions of the service, which have the same items.
const VERSIONS: [&str; 2] = ["2016-01-01", "latest"];

/// Address of the service, at which the versions are listed.
const ADDRESS: &str = "100.100.100.200";

/// Whether a path is that of metadata.
pub(crate) fn is_below(path: &str) -> bool {
    VERSIONS.contains(&path.trim_start_matches('/').split('/').next().unwrap_or_default())
}

/// Whether a request is for the metadata service. At its own address, the root lists the versions; otherwise it is the API.
pub(crate) fn serves(request: &HttpRequest) -> bool {
    let host = request.header("host").unwrap_or_default();
    let lists_versions =
        request.path == "/" && request.parameters().is_empty() && host.split(':').next() == Some(ADDRESS);
    lists_versions || is_below(&request.path)
}

/// Responds to a request to `/latest/…` or `/2016-01-01/…`.
pub(crate) fn respond(
    metadata: &mut Metadata,
    state: &mut State,
    keys: &mut Keyring,
    request: &HttpRequest,
    catalog: &Catalog,
    now: OffsetDateTime,
    real_now: OffsetDateTime,
) -> HttpResponse {
    Exchange { metadata, state, keys, catalog, real_now }.respond(request, now)
}

/// The parts of the emulator that metadata requests read and change.
struct Exchange<'a> {
    metadata: &'a mut Metadata,
    state: &'a mut State,
    keys: &'a mut Keyring,
    catalog: &'a Catalog,
    /// The time of tokens and credentials; see `Clock::real_now`.
    real_now: OffsetDateTime,
}

impl Exchange<'_> {
    fn respond(&mut self, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
        let path = request.path.trim_start_matches('/').split_once('/').map_or("", |(_version, path)| path);
        let path = path.trim_matches('/');
        match (request.method.as_str(), path) {
            ("GET", _) if request.path == "/" => HttpResponse::text(200, VERSIONS.join("\n")),
            ("PUT", "api/token") => self.token(request, self.real_now),
            ("GET", _) => self
                .rejection(request, self.real_now)
                .or_else(|| self.value(path, now))
                .unwrap_or_else(|| HttpResponse::text(404, "")),
            _ => HttpResponse::text(405, ""),
        }
    }

    fn token(&mut self, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
        if let MetadataMode::NoTokens(status) = self.metadata.mode {
            return HttpResponse::text(status, "this metadata service does not support tokens\n");
        }
        if request.header("x-forwarded-for").is_some() {
            return HttpResponse::text(403, "tokens are not issued to proxies: X-Forwarded-For must not be set\n");
        }
        let seconds =
            request.header("x-aliyun-ecs-metadata-token-ttl-seconds").and_then(|value| value.parse::<i64>().ok());
        match seconds.filter(|seconds| (1..=MAX_TOKEN_SECONDS).contains(seconds)) {
            Some(seconds) => {
                let token = self.state.ids.letters(56);
                self.metadata.tokens.retain(|_, expires| *expires > now);
                let first =
                    self.metadata.tokens.iter().min_by_key(|(_, expires)| **expires).map(|(token, _)| token.clone());
                if self.metadata.tokens.len() >= MAX_TOKENS {
                    first.and_then(|first| self.metadata.tokens.remove(&first));
                }
                self.metadata.tokens.insert(token.clone(), now + Duration::seconds(seconds));
                HttpResponse::text(200, token)
            }
            None => HttpResponse::text(400, "X-aliyun-ecs-metadata-token-ttl-seconds must be from 1 to 21600\n"),
        }
    }

    /// Returns the response to a request without the token that it needs.
    fn rejection(&self, request: &HttpRequest, now: OffsetDateTime) -> Option<HttpResponse> {
        let disabled = self.asking().is_some_and(|instance| instance.metadata.endpoint == "disabled");
        if disabled {
            return Some(HttpResponse::text(403, "the metadata service of this instance is disabled\n"));
        }
        let required = match self.metadata.mode {
            MetadataMode::TokensOptional => {
                self.asking().is_some_and(|instance| instance.metadata.tokens == "required")
            }
            MetadataMode::TokensRequired => true,
            MetadataMode::NoTokens(_) => return None,
        };
        match request.header("x-aliyun-ecs-metadata-token") {
            Some(token) if self.metadata.tokens.get(token).is_some_and(|expires| *expires > now) => None,
            None if !required => None,
            _ => Some(HttpResponse::text(401, "a valid X-aliyun-ecs-metadata-token is required\n")),
        }
    }

    /// Returns the instance that sends the request.
    fn asking(&self) -> Option<&Instance> {
        match &self.metadata.instance {
            Some(id) => self.state.instances.get(id),
            None => self.state.instances.values().next(),
        }
    }

    /// Returns the value at a path, or the names below it.
    fn value(&mut self, path: &str, now: OffsetDateTime) -> Option<HttpResponse> {
        let instance = self.asking();
        if path == "user-data" {
            return instance.and_then(items::user_data).map(|data| HttpResponse::bytes(200, data));
        }
        let mut items =
            instance.map_or_else(Items::none, |instance| Items::of(instance, self.state, self.catalog, now));
        if instance.and_then(items::user_data).is_some() {
            items.list("user-data");
        }
        if let Some(role) = self.role() {
            if path == format!("{METADATA}/ram/security-credentials/{role}") {
                return Some(HttpResponse::text(200, self.credentials(&role, self.real_now)));
            }
            items.add(&format!("ram/security-credentials/{role}"), "");
        }
        let value = if path == format!("{METADATA}/all") { items.document() } else { items.get(path) };
        value.map(|value| HttpResponse::text(200, value))
    }

    /// Returns the role of the instance that sends the request.
    fn role(&self) -> Option<String> {
        let own = self.asking().map(|instance| instance.role.clone()).filter(|role| !role.is_empty());
        own.or_else(|| self.metadata.role.clone())
    }

    /// Returns credentials of a role: the same ones until shortly before they expire.
    fn credentials(&mut self, role: &str, now: OffsetDateTime) -> String {
        let fresh = |(key, issued): &&(TemporaryKey, OffsetDateTime)| {
            key.expires - now > CREDENTIALS_REFRESH_MARGIN.min((key.expires - *issued) / 10)
        };
        let (key, issued) = match self.metadata.credentials.get(role).filter(fresh) {
            Some(known) => known.clone(),
            None => {
                let session = RoleSession {
                    account: self.state.account.clone(),
                    role: role.to_owned(),
                    session: self.asking().map_or_else(|| "emulator".to_owned(), |instance| instance.id.clone()),
                    role_id: format!("3{:017}", ids::hash(role) % 100_000_000_000_000_000),
                };
                let key = self.keys.issue(&mut self.state.ids, session, now, CREDENTIALS_LIFETIME);
                self.metadata.credentials.insert(role.to_owned(), (key.clone(), now));
                (key, now)
            }
        };
        json!({
            "AccessKeyId": key.id,
            "AccessKeySecret": key.secret,
            "SecurityToken": key.token,
            "Expiration": clock::seconds(key.expires),
            "LastUpdated": clock::seconds(issued),
            "Code": "Success",
        })
        .to_string()
    }
}
