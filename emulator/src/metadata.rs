//! The metadata service of an instance, as it answers at 100.100.100.200.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::{
    auth::{RoleSession, TemporaryKey},
    clock,
    http::{HttpAnswer, HttpRequest},
    ids,
    instance::Instance,
    world::Inner,
};

/// Life of the credentials of a role.
const CREDENTIALS_LIFE: Duration = Duration::hours(6);

/// Longest life of a token, in seconds.
const TOKEN_LIFE: i64 = 21_600;

/// Settings and tokens of the metadata service.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metadata {
    /// The instance that asks; the oldest one when there is none.
    pub(crate) instance: Option<String>,
    /// Whether requests need a token, whatever the instance says.
    pub(crate) tokens_required: bool,
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
        let seconds =
            request.header("x-aliyun-ecs-metadata-token-ttl-seconds").and_then(|value| value.parse::<i64>().ok());
        match seconds.filter(|seconds| (1..=TOKEN_LIFE).contains(seconds)) {
            Some(seconds) => {
                let token = self.state.ids.letters(56);
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
        let required = self.metadata.tokens_required
            || self.asking().is_some_and(|instance| instance.metadata.tokens == "required");
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

    fn value(&mut self, path: &str, now: OffsetDateTime) -> Option<String> {
        let role = self.role();
        if let Some(rest) = path.strip_prefix("meta-data/ram/security-credentials") {
            let role = role?;
            return match rest.trim_matches('/') {
                "" => Some(role),
                name if name == role => Some(self.credentials(&role, now)),
                _ => None,
            };
        }
        let instance = self.asking()?;
        match path {
            "user-data" => {
                let data = STANDARD.decode(&instance.user_data).ok().filter(|data| !data.is_empty())?;
                return Some(String::from_utf8_lossy(&data).into_owned());
            }
            "meta-data" => {
                let mut names = vec![
                    "hostname",
                    "image-id",
                    "instance-id",
                    "instance/",
                    "mac",
                    "owner-account-id",
                    "private-ipv4",
                    "ram/",
                    "region-id",
                    "serial-number",
                    "vpc-id",
                    "vswitch-id",
                    "zone-id",
                ];
                if instance.internet.ip.is_some() {
                    names.push("eipv4");
                }
                return Some(names.join("\n"));
            }
            _ => {}
        }
        let value = match path.strip_prefix("meta-data/")? {
            "hostname" => &instance.host_name,
            "image-id" => &instance.image,
            "instance-id" => &instance.id,
            "instance/instance-name" => &instance.name,
            "instance/instance-type" => &instance.instance_type,
            "instance/spot/termination-time" => return instance.spot.interrupted.map(clock::seconds),
            "mac" => &instance.mac,
            "owner-account-id" => crate::state::ACCOUNT,
            "private-ipv4" => &instance.private_ip,
            "eipv4" | "public-ipv4" => return instance.internet.ip.clone(),
            "region-id" => &instance.region,
            "serial-number" => &instance.serial,
            "vpc-id" => &instance.vpc,
            "vswitch-id" => &instance.vswitch,
            "zone-id" => &instance.zone,
            _ => return None,
        };
        Some(value.to_owned())
    }

    /// The role of the instance that asks.
    fn role(&self) -> Option<String> {
        let own = self.asking().map(|instance| instance.role.clone()).filter(|role| !role.is_empty());
        own.or_else(|| self.metadata.role.clone())
    }

    /// Credentials of a role: the same ones until half an hour before their end.
    fn credentials(&mut self, role: &str, now: OffsetDateTime) -> String {
        let fresh = |(key, _): &&(TemporaryKey, OffsetDateTime)| key.expires - now > Duration::minutes(30);
        let (key, issued) = match self.metadata.credentials.get(role).filter(fresh) {
            Some(known) => known.clone(),
            None => {
                let key = {
                    let role = RoleSession {
                        account: crate::state::ACCOUNT.to_owned(),
                        role: role.to_owned(),
                        session: self.asking().map_or_else(|| "emulator".to_owned(), |instance| instance.id.clone()),
                        role_id: format!("3{:017}", ids::hash(role) % 100_000_000_000_000_000),
                    };
                    self.keys.issue(&mut self.state.ids, role, now, CREDENTIALS_LIFE)
                };
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
