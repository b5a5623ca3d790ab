//! Responses of operations that are not simulated, made of their spec alone: the right names and types, but no meaning.
//!
//! Read operations return empty lists. Others return what a client that goes on needs: values of the request under the same
//! name, and new IDs. Nothing is stored.

use ecs_codegen::spec::Field;
use serde_json::{Map, Value, json};

use crate::{call::Call, clock, error::Result};

/// Deepest nesting of structs that is filled; the specs have four levels.
const MAX_DEPTH: usize = 8;

/// Prefixes of the IDs of resources, by member. Other IDs get the initials of their name.
const PREFIXES: &[(&str, &str)] = &[
    ("ActivationId", "ak"),
    ("AllocationId", "eip"),
    ("AutoProvisioningGroupId", "apg"),
    ("AutoSnapshotPolicyId", "sp"),
    ("DedicatedHostClusterId", "dc"),
    ("DeploymentSetId", "ds"),
    ("DiskId", "d"),
    ("EventId", "e"),
    ("HaVipId", "havip"),
    ("HpcClusterId", "hpc"),
    ("ImageId", "m"),
    ("InstanceId", "i"),
    ("InvokeId", "t"),
    ("MachineId", "mi"),
    ("NatGatewayId", "ngw"),
    ("NetworkInterfaceId", "eni"),
    ("PrivatePoolOptionsId", "eap"),
    ("ReservedInstanceId", "ecsri"),
    ("ResourceGroupId", "rg"),
    ("RouteTableId", "vtb"),
    ("SecurityGroupId", "sg"),
    ("SnapshotGroupId", "ssg"),
    ("SnapshotId", "s"),
    ("StorageSetId", "ss"),
    ("TaskId", "t"),
    ("VRouterId", "vrt"),
    ("VSwitchId", "vsw"),
    ("VpcId", "vpc"),
];

/// Responds to a call of any operation.
pub(crate) fn respond(call: &mut Call<'_>) -> Result<Value> {
    let region_code = call.region().map(|region| region.code.clone()).unwrap_or_default();
    let fields = &call.operation.operation.response;
    Ok(Shape { region_code, call }.members(fields, MAX_DEPTH).into())
}

struct Shape<'a, 'call> {
    region_code: String,
    call: &'a mut Call<'call>,
}

impl Shape<'_, '_> {
    fn members(&mut self, fields: &[Field], depth: usize) -> Map<String, Value> {
        let present = fields.iter().filter(|field| field.skip.is_none() && field.name != "RequestId");
        present.map(|field| (field.name.clone(), self.member(field, depth))).collect()
    }

    fn member(&mut self, field: &Field, depth: usize) -> Value {
        if !field.ty.is_list() {
            return self.value(field, depth);
        }
        let items = if self.call.operation.operation.read { Vec::new() } else { vec![self.value(field, depth)] };
        match field.wire.as_deref().and_then(|wire| wire.strip_prefix("wrapped:")) {
            Some(item) => json!({ item: items }),
            None => items.into(),
        }
    }

    /// Returns a value of a field, or of an element of its list.
    fn value(&mut self, field: &Field, depth: usize) -> Value {
        let ty = self.call.operation.ty(field.ty.name());
        if let Some(fields) = ty.and_then(|ty| ty.fields.as_deref()) {
            return if depth == 0 { json!({}) } else { self.members(fields, depth - 1).into() };
        }
        let name = singular(&field.name);
        let sent = self.call.args.get(name).cloned().or_else(|| self.default(name));
        match field.ty.name() {
            "bool" => sent.filter(Value::is_boolean).unwrap_or_else(|| (name == "Success").into()),
            "i32" | "i64" => sent.filter(Value::is_i64).unwrap_or_else(|| number(name).into()),
            "f32" | "f64" => sent.filter(Value::is_number).unwrap_or_else(|| 0.0.into()),
            "map" => json!({}),
            "time" => sent.filter(Value::is_string).unwrap_or_else(|| clock::seconds(self.call.now).into()),
            _ => {
                let first = ty.and_then(|ty| ty.values.as_ref()?.keys().next().cloned());
                sent.filter(Value::is_string).unwrap_or_else(|| first.unwrap_or_else(|| self.string(name)).into())
            }
        }
    }

    /// Returns the default of the parameter with a name, such as that of the page size.
    fn default(&self, name: &str) -> Option<Value> {
        self.call.operation.parameter(name).and_then(|parameter| parameter.default.clone())
    }

    fn string(&mut self, name: &str) -> String {
        // Responses per resource report success like this.
        match name {
            "Code" => return "200".to_owned(),
            "Message" => return "success".to_owned(),
            "OrderId" => return (self.call.state.ids.number() % 1_000_000_000_000_000).to_string(),
            "RegionId" => return "cn-hangzhou".to_owned(),
            _ => {}
        }
        let Some(stem) = name.strip_suffix("Id").filter(|stem| !stem.is_empty()) else { return String::new() };
        let known = PREFIXES.iter().find(|(known, _)| *known == name).map(|(_, prefix)| (*prefix).to_owned());
        let initials = || stem.chars().filter(char::is_ascii_uppercase).collect::<String>().to_ascii_lowercase();
        self.call.state.ids.resource(&known.unwrap_or_else(initials), &self.region_code)
    }
}

/// Returns the name of a list's element: `InstanceIdSets`, `InstanceIdSet` and `InstanceIds` are lists of `InstanceId`.
fn singular(name: &str) -> &str {
    let name = name.strip_suffix("Sets").or_else(|| name.strip_suffix("Set")).unwrap_or(name);
    name.strip_suffix("Ids").map_or(name, |_| &name[..name.len() - 1])
}

/// Returns the number of a member that the request does not have.
fn number(name: &str) -> i64 {
    match name {
        "PageNumber" | "LaunchTemplateVersionNumber" | "VersionNumber" => 1,
        // The service's own default.
        "PageSize" | "MaxResults" => 10,
        _ => 0,
    }
}
