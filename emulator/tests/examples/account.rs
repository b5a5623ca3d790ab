//! Accounts that have what an example refers to.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Value, json};

use crate::{common::RESOURCE_GROUP, requests::Request};

/// How far the life of the resources is, because each operation needs them in another state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing is attached, instances are stopped, and there is nothing but what the request needs.
    Unused,
    /// Everything is attached to a running instance.
    InUse,
    /// Like `InUse`, with subscriptions.
    Subscribed,
    /// Like `InUse`, with instances that were stopped for an overdue payment, and have public addresses of their own.
    Overdue,
    /// Subscriptions have expired, and what takes time is not finished.
    Unfinished,
}

impl Stage {
    pub(crate) const ALL: [Stage; 5] =
        [Stage::Unused, Stage::InUse, Stage::Subscribed, Stage::Overdue, Stage::Unfinished];
}

/// Time by which the clock is ahead, in seconds: 330 days, so that it is November 28, 2026, like in the examples.
const AHEAD: u64 = 330 * 86_400;

/// Prefixes of IDs. Two resources of a kind have the IDs `i-other0` and `i-other1`, unless a request names others.
const PREFIXES: [&str; 17] =
    ["vpc", "vrt", "vsw", "sg", "sgr", "i", "eni", "d", "s", "ssg", "sp", "m", "lt", "eip", "t", "c", "rg"];

/// Parameters with names of what an account has. The names are also the values, unless a request has others.
const NAMES: [&str; 4] = ["KeyPairName", "RamRoleName", "ImageFamily", "ZoneId"];

/// Tables of resources, each before those of the resources to which its rows refer.
const TABLES: [&str; 16] = [
    "invocations",
    "commands",
    "tasks",
    "eips",
    "launch_templates",
    "images",
    "snapshot_groups",
    "snapshots",
    "disks",
    "snapshot_policies",
    "interfaces",
    "instances",
    "key_pairs",
    "security_groups",
    "vswitches",
    "vpcs",
];

/// The state of a new account, at the time of the examples.
pub(crate) fn new() -> String {
    json!({ "ahead_seconds": AHEAD }).to_string()
}

/// The state, in the form in which it is saved, of an account that has the resources to which a request refers.
pub(crate) fn state(request: &Request, stage: Stage) -> String {
    let mut text = resources(request, stage).to_string();
    let mut name = |own: &str, wanted: &str| text = text.replace(&format!("\"{own}\""), &json!(wanted).to_string());
    for prefix in PREFIXES {
        for (place, id) in request.ids(prefix).into_iter().enumerate() {
            name(&format!("{prefix}-other{place}"), id);
        }
    }
    for parameter in NAMES {
        let default = if parameter == "ZoneId" { "cn-hangzhou-h" } else { parameter };
        name(parameter, request.value(parameter).unwrap_or(default));
    }
    let mut tables: Value = serde_json::from_str(&text).unwrap();
    if stage == Stage::Unused {
        keep_named(&mut tables);
    }
    let mut groups = request.ids("rg");
    groups.push(RESOURCE_GROUP);
    let state = json!({
        "ahead_seconds": AHEAD,
        "ram_roles": [request.value("RamRoleName").unwrap_or("RamRoleName")],
        "resource_groups": groups,
        "regions": ["cn-hangzhou"],
        "resources": tables,
    });
    state.to_string()
}

/// Removes the resources that neither the request nor another resource names.
fn keep_named(tables: &mut Value) {
    for table in TABLES {
        let rows = tables[table].take();
        let others = tables.to_string();
        let is_named = |row: &&Value| {
            let id = row["id"].as_str().unwrap();
            !id.contains("-other") || others.contains(&format!("\"{id}\""))
        };
        tables[table] = rows.as_array().unwrap().iter().filter(is_named).cloned().collect();
    }
}

/// The rows of all tables. Each table has two rows; the first one is that of which others are a part.
fn resources(request: &Request, stage: Stage) -> Value {
    let network = Network::of(request);
    let attached = stage != Stage::Unused;
    let overdue = stage == Stage::Overdue;
    let subscribed = matches!(stage, Stage::Subscribed | Stage::Unfinished);
    let passing = |during: &'static str, after| if stage == Stage::Unfinished { during } else { after };
    let expires = subscribed.then_some(passing("2026-11-01T00:00:00Z", "2027-11-01T00:00:00Z"));
    let running = if matches!(stage, Stage::InUse | Stage::Subscribed) { "Running" } else { "Stopped" };
    // Values of what is attached, and of the first row alone.
    let if_attached = |value: Value, other: Value| if attached { value } else { other };
    let first = |place: usize, value: Value, other: Value| if place == 0 && attached { value } else { other };
    let mut tables = json!({ "key_pairs": [{ "id": "ssh-other0", "name": "KeyPairName" }] });
    let mut two = |table: &str, row: &dyn Fn(usize) -> Value| tables[table] = (0..2).map(row).collect();

    two("vpcs", &|place| {
        json!({
            "id": format!("vpc-other{place}"), "cidr": network.vpc, "ipv6_cidr": network.ipv6,
            "router": format!("vrt-other{place}"), "status": "Available",
        })
    });
    two("vswitches", &|place| {
        json!({
            "id": format!("vsw-other{place}"), "vpc": "vpc-other0", "zone": "ZoneId", "cidr": network.vswitches[place],
            "ipv6_cidr": if place == 0 { network.ipv6.as_str() } else { "" }, "status": "Available",
        })
    });
    let rule = |egress: bool| {
        json!({ "id": "sgr-other0", "egress": egress, "traffic": {
            "protocol": "TCP", "port_range": "22/22", "source_cidr": "198.51.100.0/24", "policy": "accept",
            "priority": 1, "nic_type": "intranet",
        } })
    };
    two("security_groups", &|place| {
        json!({
            "id": format!("sg-other{place}"), "vpc": "vpc-other0", "kind": "normal", "rules": [rule(false), rule(true)],
        })
    });
    two("instances", &|place| {
        json!({
            "id": format!("i-other{place}"), "zone": "ZoneId", "vpc": "vpc-other0", "vswitch": "vsw-other0",
            "instance_type": "ecs.g7.large", "image": "aliyun_3_x64_20G_alibase_20250117.vhd", "status": running,
            "prepaid": subscribed, "expires": expires, "locks": if overdue { vec!["financial"] } else { Vec::new() },
            "started": "2026-10-01T00:00:00Z", "groups": if_attached(json!(["sg-other0", "sg-other1"]), json!([])),
            "key_pair": first(place, json!("KeyPairName"), json!("")),
            "role": if_attached(json!("RamRoleName"), json!("")),
            "internet": { "outgoing": 5, "ip": overdue.then(|| format!("203.0.113.{}", 210 + place)) },
        })
    });
    two("interfaces", &|place| {
        json!({
            "id": format!("eni-other{place}"), "zone": "ZoneId", "vpc": "vpc-other0", "vswitch": "vsw-other0",
            "private_ip": network.free[place], "secondary_ips": first(place, json!(network.v4), json!([])),
            "ipv6": first(place, json!(network.v6), json!([])), "groups": ["sg-other1"],
            "instance": if_attached(json!("i-other0"), Value::Null),
            "status": if_attached(json!("InUse"), json!("Available")),
        })
    });
    two("disks", &|place| {
        json!({
            "id": format!("d-other{place}"), "zone": "ZoneId", "kind": "data", "category": "cloud_essd",
            "performance": "PL1", "size": if overdue { 500 } else { 40 }, "prepaid": subscribed, "expires": expires,
            "instance": if_attached(json!("i-other0"), Value::Null),
            "status": if_attached(json!("In_use"), json!("Available")),
            "policies": if_attached(json!(["sp-other0"]), json!([])),
        })
    });
    two("snapshots", &|place| {
        json!({
            "id": format!("s-other{place}"), "disk": "d-other0", "disk_kind": "data", "disk_category": "cloud_essd",
            "size": 40, "created": "2026-10-01T00:00:00Z", "status": passing("progressing", "accomplished"),
            "retention_days": if_attached(json!(30), Value::Null),
        })
    });
    two("snapshot_groups", &|place| json!({ "id": format!("ssg-other{place}") }));
    two(
        "snapshot_policies",
        &|place| json!({ "id": format!("sp-other{place}"), "hours": [1], "weekdays": [1], "retention_days": 1 }),
    );
    two("images", &|place| {
        json!({
            "id": format!("m-other{place}"), "name": format!("image-{place}"), "family": "ImageFamily",
            "architecture": "x86_64", "os_type": "linux", "size": 20, "source": "m-source",
            "status": passing("Creating", "Available"),
            "disks": [{ "device": "/dev/xvda", "kind": "system", "size": 20 }],
        })
    });
    let launched = json!({ "ImageId": "aliyun_3_x64_20G_alibase_20250117.vhd", "InstanceType": "ecs.t6-c2m1.large" });
    two("launch_templates", &|place| {
        let version = |number: i64| json!({ "number": number, "parameters": launched });
        json!({
            "id": format!("lt-other{place}"), "name": format!("template-{place}"), "default_version": 4,
            "highest_version": 4, "versions": (1..=4).map(version).collect::<Vec<_>>(),
        })
    });
    two("eips", &|place| {
        json!({
            "id": format!("eip-other{place}"), "address": format!("203.0.113.{}", 200 + place), "bandwidth": 5,
            "instance": first(place, json!("i-other0"), Value::Null).as_str().filter(|_| !overdue),
            "instance_type": first(place, json!("EcsInstance"), json!("")),
            "status": first(place, json!("InUse"), json!("Available")),
        })
    });
    two("tasks", &|place| {
        json!({
            "id": format!("t-other{place}"), "action": "ImportImage", "resource": "m-other0",
            "status": passing("Processing", "Finished"),
        })
    });
    let command = |place: usize| {
        // `echo {{name}}` in Base64.
        let content = "ZWNobyB7e25hbWV9fQ==";
        json!({
            "id": format!("c-other{place}"), "kind": "RunShellScript", "content": content, "parameterized": true,
            "timeout": 60,
        })
    };
    two("commands", &command);
    two("invocations", &|place| json!({ "id": format!("t-other{place}"), "command": command(place) }));
    for place in 0..2 {
        let system = json!({ "id": format!("d-othersystem{place}"), "instance": format!("i-other{place}"), "kind": "system", "zone": "ZoneId" });
        tables["disks"].as_array_mut().unwrap().push(system);
    }
    for row in tables.as_object_mut().unwrap().values_mut().flat_map(|rows| rows.as_array_mut().unwrap()) {
        row["region"] = json!("cn-hangzhou");
    }
    tables
}

/// A network that has the private addresses in a request.
struct Network {
    vpc: String,
    ipv6: String,
    vswitches: [String; 2],
    /// The addresses in the request.
    v4: Vec<String>,
    v6: Vec<String>,
    /// Addresses in the first vSwitch that are not in the request.
    free: [String; 2],
}

impl Network {
    fn of(request: &Request) -> Self {
        let v4 = [request.values("PrivateIpAddress"), request.values("PrimaryIpAddress")].concat();
        let v6 = request.values("Ipv6Address");
        let [a, b, c, _] =
            v4.first().and_then(|text| text.parse().ok()).unwrap_or(Ipv4Addr::new(192, 168, 0, 0)).octets();
        let address = v6.first().and_then(|text| text.parse().ok());
        let prefix = address.map_or(0x2001_0db8_0000_0000, |address: Ipv6Addr| address.to_bits() >> 64);
        Network {
            vpc: format!("{a}.{b}.0.0/16"),
            ipv6: format!("{}/64", Ipv6Addr::from_bits(prefix << 64)),
            vswitches: [c, c ^ 128].map(|c| format!("{a}.{b}.{c}.0/24")),
            v4,
            v6,
            free: [240, 241].map(|d| format!("{a}.{b}.{c}.{d}")),
        }
    }
}
