//! A call on its way through a handler, with what handlers ask of it.

use ecs_codegen::spec::ErrorCode;
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use crate::{
    args::Args,
    auth::{Caller, Keyring},
    catalog::regions::Region,
    error::{EcsError, Result},
    instance::Instance,
    matching,
    specs::OperationSpec,
    state::State,
};

/// A call.
pub(crate) struct Call<'a> {
    /// What is called.
    pub(crate) operation: OperationSpec<'a>,
    /// Checked arguments.
    pub(crate) args: &'a Args,
    /// Who calls.
    pub(crate) caller: &'a Caller,
    /// The account, or a copy of it.
    pub(crate) state: &'a mut State,
    /// Key pairs, for calls that issue some.
    pub(crate) keys: &'a mut Keyring,
    /// The time.
    pub(crate) now: OffsetDateTime,
    /// What the service's clock shows beyond it.
    pub(crate) skew: Duration,
    /// How long a state such as `Starting` lasts.
    pub(crate) step: Duration,
}

/// The handler of an operation.
pub(crate) type Handler = fn(&mut Call<'_>) -> Result<Value>;

impl Call<'_> {
    /// The region that the call is about.
    pub(crate) fn region(&self) -> Result<&'static Region> {
        let id = self.args.text_or("RegionId", "cn-hangzhou");
        self.state.region(id).ok_or_else(|| {
            EcsError::new(
                404,
                "InvalidRegionId.NotFound",
                format!("There is no region {id:?}; DescribeRegions lists them."),
            )
        })
    }

    /// The zone that the call names, as its number in the region.
    pub(crate) fn zone(&self, region: &Region) -> Result<Option<usize>> {
        let Some(zone) = self.args.text("ZoneId") else { return Ok(None) };
        let place = region.zones.iter().position(|known| known == zone);
        place.map(Some).ok_or_else(|| {
            EcsError::new(404, "InvalidZoneId.NotFound", format!("The region {} has no zone {zone:?}.", region.id))
        })
    }

    /// The instance that the call names.
    pub(crate) fn instance(&mut self) -> Result<&mut Instance> {
        let id = self.args.text_or("InstanceId", "");
        let region = self.args.text("RegionId");
        let instance = self.state.instances.get_mut(id);
        instance.filter(|instance| region.is_none_or(|region| region == instance.region)).ok_or_else(|| not_found(id))
    }

    /// Rejects a value that is not among those listed, with the error that the operation documents.
    pub(crate) fn one_of(&self, name: &str, values: &[&str], status: u16, code: &str) -> Result<()> {
        match self.args.text(name) {
            Some(value) if !values.contains(&value) => {
                let message = format!("{name} can't be {value:?}; it can be {}.", values.join(", "));
                Err(EcsError::new(status, code, message))
            }
            _ => Ok(()),
        }
    }

    /// The tags that the call sets on something new.
    pub(crate) fn new_tags(&self) -> Result<Vec<(String, String)>> {
        let mut tags: Vec<(String, String)> = Vec::new();
        for tag in self.args.structs("Tag") {
            let key = tag.text_or("Key", "").to_owned();
            if key.is_empty() || key.len() > 128 || key.starts_with("acs:") || key.starts_with("aliyun") {
                let message = format!("{key:?} can't be the key of a tag.");
                return Err(EcsError::new(400, "InvalidTagKey.Malformed", message));
            }
            if tags.iter().any(|(other, _)| *other == key) {
                return Err(EcsError::new(400, "Duplicate.TagKey", format!("The key {key:?} is there twice.")));
            }
            tags.push((key, tag.text_or("Value", "").to_owned()));
        }
        Ok(tags)
    }

    /// Whether tags are those that the call asks for.
    pub(crate) fn tags_match(&self, tags: &[(String, String)]) -> bool {
        self.args.structs("Tag").iter().all(|wanted| matching::has_tag(tags, wanted.text("Key"), wanted.text("Value")))
    }

    /// Whether a text is the one that the call asks for, or it asks for none.
    pub(crate) fn matches(&self, name: &str, value: &str) -> bool {
        self.args.text(name).is_none_or(|wanted| wanted == value)
    }

    /// Like `matches`; `*` in what is asked for stands for anything.
    pub(crate) fn matches_pattern(&self, name: &str, value: &str) -> bool {
        self.args.text(name).is_none_or(|pattern| matching::wildcard(pattern, value))
    }

    /// Whether a text is in the list that the call asks for, or it sent no list. Nothing is in an empty list.
    pub(crate) fn listed(&self, name: &str, value: &str) -> bool {
        self.args.texts(name).is_none_or(|wanted| wanted.contains(&value))
    }

    /// An response, with only those of the members that the operation knows.
    pub(crate) fn response(&self, members: Value) -> Value {
        let Value::Object(members) = members else { return members };
        members.into_iter().filter(|(name, _)| self.operation.has_response_member(name)).collect::<Map<_, _>>().into()
    }

    /// An error of that code, with the HTTP status that the operation documents for it.
    pub(crate) fn error(&self, code: &str, status: u16, message: impl Into<String>) -> EcsError {
        self.documented(|documented| documented == code, (status, code), message.into())
    }

    /// The first documented error that the test accepts, or another.
    pub(crate) fn documented(&self, test: impl Fn(&str) -> bool, other: (u16, &str), message: String) -> EcsError {
        match self.operation.documented(test) {
            Some(ErrorCode { code, http }) => EcsError::new(*http, code, message),
            None => EcsError::new(other.0, other.1, message),
        }
    }
}

/// An instance that is not there.
pub(crate) fn not_found(id: &str) -> EcsError {
    EcsError::new(404, "InvalidInstanceId.NotFound", format!("There is no instance {id:?}."))
}

/// A call that an instance is not in the state for.
pub(crate) fn incorrect_status(id: &str, status: &str, needed: &str) -> EcsError {
    let message = format!("The instance {id} is {status}; the operation needs it {needed}.");
    EcsError::new(403, "IncorrectInstanceStatus", message)
}

/// Tags as most responses have them.
pub(crate) fn tag_list(tags: &[(String, String)]) -> Value {
    let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({ "TagKey": key, "TagValue": value })).collect();
    json!({ "Tag": tags })
}
