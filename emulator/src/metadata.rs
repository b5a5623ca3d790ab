//! The metadata service of an instance, as it answers at 100.100.100.200.

use std::collections::{BTreeSet, HashMap};

use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::{
    auth::{RoleSession, TemporaryKey},
    clock,
    http::{HttpAnswer, HttpRequest},
    ids,
    instance::Instance,
    state::ACCOUNT,
    world::Inner,
};

/// Life of the credentials of a role.
const CREDENTIALS_LIFE: Duration = Duration::hours(6);

/// New credentials are issued this long before the end of the old ones, or in the last tenth of their life.
const RENEWED: Duration = Duration::minutes(30);

/// Longest life of a token, in seconds.
const TOKEN_LIFE: i64 = 21_600;

/// How the metadata service takes tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetadataMode {
    /// Requests with and without a token are answered; what the instance itself requires holds.
    #[default]
    TokensOptional,
    /// Requests need a token, whatever the instance says.
    TokensRequired,
    /// There are no tokens: asking for one is answered by this status, such as 404 or 403.
    NoTokens(u16),
}

/// Settings and tokens of the metadata service.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metadata {
    /// The instance that asks; the oldest one when there is none.
    pub(crate) instance: Option<String>,
    pub(crate) mode: MetadataMode,
    /// Role of instances that name none.
    pub(crate) role: Option<String>,
    tokens: HashMap<String, OffsetDateTime>,
    credentials: HashMap<String, (TemporaryKey, OffsetDateTime)>,
}

impl Metadata {
    /// Settings with a role for instances that name none.
    pub(crate) fn with_role(role: &str) -> Self {
        Metadata { role: Some(role.to_owned()), ..Metadata::default() }
    }
}

impl Inner {
    /// Answers a request to `/latest/…`.
    pub(crate) fn metadata_answer(&mut self, request: &HttpRequest, now: OffsetDateTime) -> HttpAnswer {
        let path = request.path.trim_start_matches("/latest").trim_matches('/');
        match (request.method.as_str(), path) {
            ("PUT", "api/token") => self.token(request, now),
            ("GET", _) => match self.check_token(request, now) {
                Ok(()) => self
                    .value(path, now)
                    .map_or_else(|| HttpAnswer::text(404, ""), |value| HttpAnswer::text(200, value)),
                Err(refusal) => refusal,
            },
            _ => HttpAnswer::text(405, ""),
        }
    }

    fn token(&mut self, request: &HttpRequest, now: OffsetDateTime) -> HttpAnswer {
        if let MetadataMode::NoTokens(status) = self.metadata.mode {
            return HttpAnswer::text(status, "There are no tokens here.\n");
        }
        let seconds =
            request.header("x-aliyun-ecs-metadata-token-ttl-seconds").and_then(|value| value.parse::<i64>().ok());
        match seconds.filter(|seconds| (1..=TOKEN_LIFE).contains(seconds)) {
            Some(seconds) => {
                let token = self.state.ids.letters(56);
                self.metadata.tokens.retain(|_, expires| *expires > now);
                self.metadata.tokens.insert(token.clone(), now + Duration::seconds(seconds));
                HttpAnswer::text(200, token)
            }
            None => HttpAnswer::text(400, "X-aliyun-ecs-metadata-token-ttl-seconds has to be from 1 to 21600.\n"),
        }
    }

    fn check_token(&mut self, request: &HttpRequest, now: OffsetDateTime) -> Result<(), HttpAnswer> {
        let disabled = self.asking().is_some_and(|instance| instance.metadata.endpoint == "disabled");
        if disabled {
            return Err(HttpAnswer::text(403, "The metadata service of this instance is disabled.\n"));
        }
        let required = match self.metadata.mode {
            MetadataMode::TokensOptional => {
                self.asking().is_some_and(|instance| instance.metadata.tokens == "required")
            }
            MetadataMode::TokensRequired => true,
            MetadataMode::NoTokens(_) => return Ok(()),
        };
        match request.header("x-aliyun-ecs-metadata-token") {
            Some(token) if self.metadata.tokens.get(token).is_some_and(|expires| *expires > now) => Ok(()),
            None if !required => Ok(()),
            _ => Err(HttpAnswer::text(401, "A valid X-aliyun-ecs-metadata-token is needed.\n")),
        }
    }

    /// The instance that asks.
    fn asking(&self) -> Option<&Instance> {
        match &self.metadata.instance {
            Some(id) => self.state.instances.get(id),
            None => self.state.instances.values().next(),
        }
    }

    /// The value at a path, or what there is below it.
    fn value(&mut self, path: &str, now: OffsetDateTime) -> Option<String> {
        let mut items: Vec<(String, String)> = Vec::new();
        if let Some(role) = self.role() {
            if path == format!("meta-data/ram/security-credentials/{role}") {
                return Some(self.credentials(&role, now));
            }
            items.push((format!("meta-data/ram/security-credentials/{role}"), String::new()));
        }
        if let Some(instance) = self.asking() {
            items.extend(crate::metadata_items::of(instance, self.state.known_network(&instance.region), now));
        }
        if let Some((_, value)) = items.iter().find(|(item, _)| item == path) {
            return Some(value.clone());
        }
        let folder = if path.is_empty() { String::new() } else { format!("{path}/") };
        let below = items.iter().filter_map(|(item, _)| item.strip_prefix(&folder));
        let names: BTreeSet<String> = below
            .map(|rest| rest.split_once('/').map_or_else(|| rest.to_owned(), |(name, _)| format!("{name}/")))
            .collect();
        (!names.is_empty()).then(|| names.into_iter().collect::<Vec<_>>().join("\n"))
    }

    /// The role of the instance that asks.
    fn role(&self) -> Option<String> {
        let own = self.asking().map(|instance| instance.role.clone()).filter(|role| !role.is_empty());
        own.or_else(|| self.metadata.role.clone())
    }

    /// Credentials of a role: the same ones until shortly before their end.
    fn credentials(&mut self, role: &str, now: OffsetDateTime) -> String {
        let fresh = |(key, issued): &&(TemporaryKey, OffsetDateTime)| {
            key.expires - now > RENEWED.min((key.expires - *issued) / 10)
        };
        let (key, issued) = match self.metadata.credentials.get(role).filter(fresh) {
            Some(known) => known.clone(),
            None => {
                let session = RoleSession {
                    account: ACCOUNT.to_owned(),
                    role: role.to_owned(),
                    session: self.asking().map_or_else(|| "emulator".to_owned(), |instance| instance.id.clone()),
                    role_id: format!("3{:017}", ids::hash(role) % 100_000_000_000_000_000),
                };
                let key = self.keys.issue(&mut self.state.ids, session, now, CREDENTIALS_LIFE);
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
