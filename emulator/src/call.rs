//! An API call as handlers see it: operation, arguments, caller and state.

use std::{borrow::Cow, collections::BTreeMap};

use ecs_codegen::spec::ErrorCode;
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use crate::{
    args::Args,
    auth::{Caller, Keyring},
    catalog::{Catalog, InstanceType, Market, Region, Stock},
    command_results::CommandResults,
    error::{EcsError, Result},
    matching,
    resources::{Instance, ResourceState},
    rules::Checked,
    specs::OperationSpec,
    state::{Row, RowMut, State, Table},
};

/// An API call.
pub(crate) struct Call<'a> {
    /// The operation.
    pub(crate) operation: OperationSpec<'a>,
    /// Checked arguments.
    pub(crate) args: &'a Args,
    /// The caller.
    pub(crate) caller: &'a Caller,
    /// The account of the caller. Changes are undone if the call fails or is a dry run.
    pub(crate) state: &'a mut State,
    /// The other accounts, which can share images.
    pub(crate) others: &'a [&'a State],
    /// The catalog.
    pub(crate) catalog: &'a Catalog,
    /// Stock and prices that differ from the catalog.
    pub(crate) market: &'a Market,
    /// Results of commands that a test has set.
    pub(crate) commands: &'a mut CommandResults,
    /// Region of calls that name none.
    pub(crate) default_region: &'a str,
    /// Whether images, instance types and other references are taken that do not exist.
    pub(crate) lenient: bool,
    /// The access keys, for operations that issue credentials.
    pub(crate) keys: &'a mut Keyring,
    /// The current time.
    pub(crate) now: OffsetDateTime,
    /// The time that clients have, for credentials; see `Clock::real_now`.
    pub(crate) real_now: OffsetDateTime,
    /// Skew of the clock that checks timestamps.
    pub(crate) skew: Duration,
    /// Duration of a state such as `Starting`.
    pub(crate) step: Duration,
}

/// Parameters of lists that select no rows.
const NO_FILTERS: &[&str] =
    &["RegionId", "PageNumber", "PageSize", "NextToken", "MaxResults", "AcceptLanguage", "DryRun"];

/// Rows that a call asks for.
pub(crate) enum Found<'t, T> {
    /// All rows with a link.
    Whole(&'t Table<T>, String),
    /// These rows, in order of creation.
    Some(Vec<&'t T>),
}

/// The handler of an operation.
pub(crate) type Handler = fn(&mut Call<'_>) -> Result<Value>;

impl<'a> Call<'a> {
    /// Returns the region that the call names, or the default one.
    pub(crate) fn region(&self) -> Result<&'a Region> {
        let id = region_of(self.args, self.default_region);
        self.catalog.region(id).ok_or_else(|| {
            let message = format!("The region {id:?} does not exist; DescribeRegions lists the regions.");
            self.error("InvalidRegionId.NotFound", 404, message)
        })
    }

    /// Returns the zone that the call names, as its index in the region.
    pub(crate) fn zone(&self, region: &Region) -> Result<Option<usize>> {
        let Some(zone) = self.args.string("ZoneId") else { return Ok(None) };
        let place = region.zones.iter().position(|known| known == zone);
        place.map(Some).ok_or_else(|| {
            self.error("InvalidZoneId.NotFound", 404, format!("The region {} has no zone {zone:?}.", region.id))
        })
    }

    /// Returns the instance type with an ID. A lenient emulator has stand-ins for those that the catalog does not have.
    pub(crate) fn instance_type(&self, id: &str) -> Option<Cow<'a, InstanceType>> {
        let known = self.catalog.instance_type(id).map(Cow::Borrowed);
        known.or_else(|| self.lenient.then(|| Cow::Owned(Catalog::stand_in(id))))
    }

    /// Returns the stock of an instance type in a zone.
    pub(crate) fn stock(&self, zone: &str, ty: &InstanceType) -> Stock {
        self.catalog.stock(self.market, zone, ty)
    }

    /// Returns the present hourly price of a spot instance in a zone.
    pub(crate) fn spot_price(&self, zone: &str, ty: &InstanceType) -> f64 {
        self.catalog.spot(self.market, zone, ty, self.now.unix_timestamp() / 3600)
    }

    /// Returns the instance that the call names.
    pub(crate) fn instance(&self) -> Result<&Instance> {
        let id = self.args.string_or("InstanceId", "");
        let region = self.args.string("RegionId");
        let instance = self.state.instances.get(id);
        instance.filter(|instance| region.is_none_or(|region| region == instance.region)).ok_or_else(|| not_found(id))
    }

    /// Returns the instance that the call names, to change it.
    pub(crate) fn instance_mut(&mut self) -> Result<RowMut<'_, Instance>> {
        let id = self.instance()?.id.clone();
        self.state.instances.get_mut(&id).ok_or_else(|| not_found(&id))
    }

    /// Rejects a resource, such as `disk d-1`, that is not in one of the states.
    pub(crate) fn needs<S: ResourceState>(
        &self,
        resource: &str,
        status: S,
        states: &[S],
        (http, code): (u16, &str),
    ) -> Result<()> {
        if states.contains(&status) {
            return Ok(());
        }
        let needed: Vec<&str> = states.iter().map(|state| state.name()).collect();
        let message = format!("The {resource} is {}; the operation needs it {}.", status.name(), needed.join(" or "));
        Err(self.error(code, http, message))
    }

    /// Rejects a value that is not listed, with the error that the operation documents.
    pub(crate) fn one_of(&self, name: &str, values: &[&str], status: u16, code: &str) -> Result<()> {
        match self.args.string(name) {
            Some(value) if !values.contains(&value) => {
                let message = format!("{name} cannot be {value:?}; it can be {}.", values.join(", "));
                Err(EcsError::new(status, code, message))
            }
            _ => Ok(()),
        }
    }

    /// Passes on a value that complies with its rule, or rejects it with the code that the operation documents.
    pub(crate) fn check<T>(&self, name: &str, code: &str, checked: Checked<T>) -> Result<T> {
        checked.map_err(|reason| self.error(code, 400, format!("The value of {name} is not valid: {reason}.")))
    }

    /// Checks a string parameter, if it was sent, by a rule for its value.
    pub(crate) fn check_string(&self, name: &str, code: &str, rule: impl Fn(&str) -> Checked) -> Result<()> {
        self.args.string(name).map_or(Ok(()), |text| self.check(name, code, rule(text)))
    }

    /// Returns the tags for a new resource.
    pub(crate) fn new_tags(&self) -> Result<Vec<(String, String)>> {
        let mut tags: Vec<(String, String)> = Vec::new();
        for tag in self.args.structs("Tag") {
            let key = tag.string_or("Key", "").to_owned();
            if key.is_empty() || key.len() > 128 || key.starts_with("acs:") || key.starts_with("aliyun") {
                let message = format!("{key:?} is not a valid tag key.");
                return Err(EcsError::new(400, "InvalidTagKey.Malformed", message));
            }
            if tags.iter().any(|(other, _)| *other == key) {
                return Err(EcsError::new(400, "Duplicate.TagKey", format!("The key {key:?} is specified twice.")));
            }
            tags.push((key, tag.string_or("Value", "").to_owned()));
        }
        Ok(tags)
    }

    /// Whether tags match the tags that the call filters by.
    pub(crate) fn tags_match(&self, tags: &[(String, String)]) -> bool {
        self.args
            .structs("Tag")
            .iter()
            .all(|wanted| matching::has_tag(tags, wanted.string("Key"), wanted.string("Value")))
    }

    /// Whether a value is the one that the call filters by; true if the parameter is absent.
    pub(crate) fn matches(&self, name: &str, value: &str) -> bool {
        self.args.string(name).is_none_or(|wanted| wanted == value)
    }

    /// Like `matches`, for a pattern in which `*` matches anything.
    pub(crate) fn matches_pattern(&self, name: &str, value: &str) -> bool {
        self.args.string(name).is_none_or(|pattern| matching::wildcard(pattern, value))
    }

    /// Whether a value is in the list that the call filters by; true if the list is absent, false if it is empty.
    pub(crate) fn listed(&self, name: &str, value: &str) -> bool {
        self.args.strings(name).is_none_or(|wanted| wanted.contains(&value))
    }

    /// Returns the rows of a region that pass `wanted`, in order of creation. `ids` are parameters that name rows of the table,
    /// `links` are parameters that name what rows belong to, so that few rows are looked at if one of them is sent.
    pub(crate) fn find<'t, T: Row>(
        &self,
        table: &'t Table<T>,
        region: &str,
        (ids, links): (&[&str], &[&str]),
        wanted: impl Fn(&T) -> bool,
    ) -> Found<'t, T> {
        if !self.args.names().any(|name| !NO_FILTERS.contains(&name)) {
            return Found::Whole(table, region.to_owned());
        }
        let wanted = |row: &&T| row.region() == region && wanted(row);
        if let Some(ids) = ids.iter().find_map(|name| self.args.one_or_many(name)) {
            let rows: BTreeMap<u64, &T> =
                ids.iter().filter_map(|id| table.get(id)).map(|row| (row.sequence(), row)).collect();
            return Found::Some(rows.into_values().filter(wanted).collect());
        }
        let link = links.iter().find_map(|name| self.args.string(name)).unwrap_or(region);
        Found::Some(table.linked(link).filter(wanted).collect())
    }

    /// Builds a response of the members that the operation's spec has.
    pub(crate) fn response(&self, members: Value) -> Value {
        let Value::Object(members) = members else { return members };
        members.into_iter().filter(|(name, _)| self.operation.has_response_member(name)).collect::<Map<_, _>>().into()
    }

    /// Creates an error with the HTTP status that the operation documents for the code. `status` is used if the operation
    /// documents the code with that status among others, or not at all.
    pub(crate) fn error(&self, code: &str, status: u16, message: impl Into<String>) -> EcsError {
        if self.operation.operation.errors.iter().any(|own| own.code == code && own.http == status) {
            return EcsError::new(status, code, message);
        }
        self.documented(|documented| documented == code, (status, code), message.into())
    }

    /// Creates an error with the first of some codes that the operation documents, or with the first one if it documents none.
    pub(crate) fn error_of(&self, codes: &[&str], status: u16, message: impl Into<String>) -> EcsError {
        let known = codes.iter().find(|code| self.operation.operation.errors.iter().any(|own| own.code == **code));
        self.error(known.or(codes.first()).copied().unwrap_or_default(), status, message)
    }

    /// Creates an error with the first documented code that passes `test`, or with `other` if there is none.
    pub(crate) fn documented(&self, test: impl Fn(&str) -> bool, other: (u16, &str), message: String) -> EcsError {
        match self.operation.documented(test) {
            Some(ErrorCode { code, http }) => EcsError::new(*http, code, message),
            None => EcsError::new(other.0, other.1, message),
        }
    }
}

/// Returns the region that a call names, or the default one. Some operations spell the parameter differently.
pub(crate) fn region_of<'a>(args: &'a Args, default: &'a str) -> &'a str {
    ["RegionId", "regionId"].into_iter().find_map(|name| args.string(name)).unwrap_or(default)
}

/// The error for an instance that does not exist.
pub(crate) fn not_found(id: &str) -> EcsError {
    EcsError::new(404, "InvalidInstanceId.NotFound", format!("The instance {id:?} does not exist."))
}

/// The error for an instance whose status the operation does not allow.
pub(crate) fn incorrect_status(id: &str, status: &str, needed: &str) -> EcsError {
    let message = format!("The instance {id} is {status}; the operation needs it {needed}.");
    EcsError::new(403, "IncorrectInstanceStatus", message)
}

/// Returns a list in a struct of its own, as most responses have them. Unlike `json!`, it does not copy the elements.
pub(crate) fn list(element: &str, items: impl Into<Value>) -> Value {
    Value::from_iter([(element, items.into())])
}

/// Returns tags in the form of most responses.
pub(crate) fn tag_list(tags: &[(String, String)]) -> Value {
    let tag = |(key, value): &(String, String)| json!({ "TagKey": key, "TagValue": value });
    list("Tag", tags.iter().map(tag).collect::<Vec<_>>())
}

/// Returns tags in the form of VPC's responses and of snapshot-consistent groups.
pub(crate) fn key_value_tags(tags: &[(String, String)]) -> Value {
    let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    json!({ "Tag": tags })
}
