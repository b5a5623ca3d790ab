//! The control interface: its description, and what it does to resources.

mod common;

use std::time::Duration;

use common::{CMS, ECS, Test, fails, send};
use ecs_emulator::{Emulator, Service, Stock};
use serde_json::{Value, json};

fn description() -> Value {
    serde_json::from_str(include_str!("../control-api.json")).unwrap()
}

/// Checks a value against a schema. It knows the keywords that the description uses, and no others.
fn check(document: &Value, schema: &Value, value: &Value, path: &str) -> Result<(), String> {
    let mut schema = schema;
    while let Some(reference) = schema["$ref"].as_str() {
        schema = document.pointer(&reference[1..]).unwrap_or_else(|| panic!("{reference} does not exist"));
    }
    for keyword in schema.as_object().unwrap().keys() {
        let known = [
            "type",
            "description",
            "properties",
            "required",
            "additionalProperties",
            "items",
            "enum",
            "const",
            "anyOf",
            "minimum",
            "maximum",
            "format",
        ];
        assert!(known.contains(&keyword.as_str()), "{path}: unknown keyword {keyword}");
    }
    let wrong = |what: String| Err(format!("{path}: {what}: {value}"));
    if let Some(choices) = schema["anyOf"].as_array() {
        let errors: Vec<String> =
            choices.iter().filter_map(|choice| check(document, choice, value, path).err()).collect();
        return if errors.len() < choices.len() { Ok(()) } else { Err(errors.join("; ")) };
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    let is = |ty: &&str| match *ty {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{path}: unknown type {other}"),
    };
    if !types.is_empty() && !types.iter().any(is) {
        return wrong(format!("not of the type {types:?}"));
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        return wrong(format!("not one of {}", schema["enum"]));
    }
    if schema.get("const").is_some_and(|only| only != value) {
        return wrong(format!("not {}", schema["const"]));
    }
    let number = value.as_f64().unwrap_or_default();
    if schema["minimum"].as_f64().is_some_and(|min| number < min)
        || schema["maximum"].as_f64().is_some_and(|max| number > max)
    {
        return wrong("out of range".to_owned());
    }
    if let Some(name) = schema["required"]
        .as_array()
        .and_then(|names| names.iter().filter_map(Value::as_str).find(|name| value.get(name).is_none()))
    {
        return wrong(format!("{name} is missing"));
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(schema), _) => check(document, schema, member, &path)?,
            (None, Value::Bool(false)) => return Err(format!("{path} is not described")),
            (None, schema @ Value::Object(_)) => check(document, schema, member, &path)?,
            (None, _) => {}
        }
    }
    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
        check(document, &schema["items"], item, &format!("{path}[{place}]"))?;
    }
    Ok(())
}

/// Every route is described and every description has a route. Each is called with its example, and responds as described.
#[test]
fn routes_respond_as_described() {
    let document = description();
    let test = Test::new();
    let service = test.emulator.service();
    let spot = test.run(&[("SpotStrategy", "SpotAsPriceGo")]).remove(0);
    test.call("DescribeHpcClusters", &[common::REGION]).unwrap_err();
    test.call("DescribeNothing", &[]).unwrap_err();
    let call = |method: &str, path: &str, body: &str| {
        let (status, body) = send(service, method, path, &[], body);
        (status, serde_json::from_str::<Value>(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}")))
    };
    let (_, routes) = call("GET", "/emulator", "");
    let mut described = 0;
    for route in routes["routes"].as_array().unwrap() {
        let (method, path) = (route["method"].as_str().unwrap(), route["path"].as_str().unwrap());
        let operation = &document["paths"][path][method.to_lowercase()];
        assert!(operation.is_object(), "{method} {path} is not described");
        described += 1;
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let mut target = path.to_owned();
        for parameter in parameters.filter(|parameter| parameter["in"] == "path") {
            let example = parameter["example"].as_str().unwrap().replace("i-bp1example", &spot);
            target = target.replace(&format!("{{{}}}", parameter["name"].as_str().unwrap()), &example);
        }
        // An item that a GET or DELETE names must exist.
        if path == "/emulator/responses/{operation}" && method != "PUT" {
            call("PUT", &target, r#"{"code": "A"}"#);
        }
        let content = &operation["requestBody"]["content"];
        let example = &content["application/json"]["example"];
        let body = if example.is_null() { String::new() } else { example.to_string() };
        if !example.is_null() {
            check(&document, &content["application/json"]["schema"], example, path).unwrap();
        }
        let (status, response) = call(method, &target, &body);
        assert_eq!(status, 200, "{method} {target}: {response}");
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        check(&document, schema, &response, &format!("{method} {path}")).unwrap();
        if let Some(text) = content["text/plain"]["example"].as_str() {
            assert_eq!(call(method, &target, text).0, 200, "{text}");
        }
        // A wrong body is an error in the usual form, and so is an unknown member.
        for body in ["{", r#"{"unknown": 1}"#, "\"x\"", "[[]]"] {
            if example.is_null() {
                continue;
            }
            let (status, response) = call(method, &target, body);
            assert_eq!(status, 400, "{method} {target} {body}: {response}");
            check(&document, &json!({ "$ref": "#/components/schemas/Error" }), &response, path).unwrap();
        }
        // The state stays as the first call left it.
        if path == "/emulator/state" && method == "PUT" || path == "/emulator/reset" {
            test.run(&[("SpotStrategy", "SpotAsPriceGo")]);
        }
    }
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(described, paths.values().map(|methods| methods.as_object().unwrap().len()).sum::<usize>());
}

fn put(service: &Service, path: &str, body: &Value) -> (u16, Value) {
    let (status, body) = send(service, "PUT", path, &[], &body.to_string());
    (status, serde_json::from_str(&body).unwrap())
}

#[test]
fn the_state_is_saved_and_loaded() {
    let test = Test::new();
    let id = test.run(&[("InstanceName", "web"), ("DataDisk.1.Size", "40")]).remove(0);
    test.call("StopInstance", &[("InstanceId", &id)]).unwrap();
    assert_eq!(test.status(&id), "Stopping");
    let service = test.emulator.service();
    service.set_stock("cn-hangzhou-h", "*", Stock::SoldOut).unwrap();
    let saved = service.state_json();

    let other = Emulator::builder().state(&saved).unwrap().clock(test.clock.clone()).start_blocking().unwrap();
    let other = Test { emulator: other, clock: test.clock.clone(), key: test.key.clone() };
    let copy = other.emulator.service();
    assert_eq!(other.instance(&id).unwrap(), test.instance(&id).unwrap());
    assert_eq!(copy.state_json(), saved);
    assert!(saved.contains("sold_out"));
    // The transition goes on.
    test.advance(1);
    assert_eq!([test.status(&id), other.status(&id)], ["Stopped", "Stopped"]);
    // New IDs differ from those in the state, and a reset returns to it.
    let new = other.run(&[]).remove(0);
    assert_ne!(new, id);
    copy.reset();
    assert_eq!(other.find(&[]), [id.as_str()]);
    assert_eq!(put(copy, "/emulator/state", &json!({})).0, 200);
    assert_eq!(other.find(&[]), Vec::<String>::new());
    // A state written by hand has the resources of the usual account.
    let hand = json!({ "resources": {
        "vpcs": [{ "id": "vpc-1", "region": "cn-hangzhou", "cidr": "10.0.0.0/8" }],
        "vswitches": [
            { "id": "vsw-1", "region": "cn-hangzhou", "vpc": "vpc-1", "zone": "cn-hangzhou-h", "cidr": "10.0.0.0/24" },
        ],
        "instances": [{ "id": "i-1", "region": "cn-hangzhou", "vswitch": "vsw-1", "instance_type": "ecs.g7.large" }],
    }});
    assert_eq!(put(copy, "/emulator/state", &hand).0, 200);
    assert_eq!((other.find(&[]), other.status("i-1")), (vec!["i-1".to_owned()], "Running".to_owned()));
}

#[test]
fn mistakes_in_a_state_change_nothing() {
    let test = Test::new();
    let id = test.run(&[]).remove(0);
    let service = test.emulator.service();
    let far = "9999-12-31T23:59:59Z";
    for (state, place) in [
        (json!([]), "expected"),
        (json!({ "accounts": { "me": {} } }), "accounts.me"),
        (
            json!({ "accounts": { "1": { "resources": { "disks": [{ "sizes": 1 }] } } } }),
            "accounts.1.resources.disks[0]",
        ),
        (json!({ "resources": { "disks": [{ "id": "d-1", "instance": "i-none" }] } }), "d-1"),
        (json!({ "resources": { "disks": [{ "id": "d-1", "size": u64::MAX }] } }), "resources.disks[0].size"),
        (json!({ "resources": { "instances": [{ "id": "i-1", "expires": far }] } }), "resources.instances[0].expires"),
        (json!({ "counts": { "sequence": u64::MAX } }), "counts.sequence"),
        (json!({ "ahead_seconds": 1e300 }), "ahead_seconds"),
        (json!({ "ahead_seconds": -1 }), "ahead_seconds"),
        (json!({ "market": { "prices": [{ "factor": -1 }] } }), "market.prices[0].factor"),
        (json!({ "color": 1 }), "color"),
    ] {
        let (status, response) = put(service, "/emulator/state", &state);
        assert_eq!(status, 400, "{state}");
        let message = response["error"].as_str().unwrap();
        assert!(message.starts_with("invalid state: ") && message.contains(place), "{place}: {message}");
        assert_eq!(test.find(&[]), [id.as_str()]);
        Emulator::builder().state(&state.to_string()).unwrap_err();
    }
}

#[test]
fn resources_in_a_state_are_in_regions_of_the_catalog() {
    let test = Test::new();
    let id = test.run(&[]).remove(0);
    for (resources, place) in [
        (json!({ "vpcs": [{ "id": "vpc-1", "region": "cn-none" }] }), "vpcs: the region \"cn-none\" of vpc-1"),
        (json!({ "key_pairs": [{ "id": "ssh-1" }] }), "key_pairs: the region \"\" of ssh-1"),
    ] {
        let state = json!({ "resources": resources });
        let (status, response) = put(test.emulator.service(), "/emulator/state", &state);
        let message = response["error"].as_str().unwrap();
        assert!(status == 400 && message.contains(&format!("resources.{place} is not in the catalog")), "{message}");
        assert_eq!(test.find(&[]), [id.as_str()]);
        let error = Emulator::builder().state(&state.to_string()).unwrap().start_blocking().unwrap_err();
        assert!(error.to_string().contains(place), "{error}");
    }
}

#[test]
fn transitions_can_be_finished_and_held() {
    let test = Test::new();
    let service = test.emulator.service();
    assert_eq!(put(service, "/emulator/transition", &json!({ "milliseconds": 60_000 })).0, 200);
    let id = test.run(&[]).remove(0);
    let change = |id: &str, action: &str| {
        let body = json!({ "action": action }).to_string();
        let (status, body) = send(service, "POST", &format!("/emulator/resources/{id}/transition"), &[], &body);
        (status, serde_json::from_str::<Value>(&body).unwrap()["status"].clone())
    };
    assert_eq!(test.status(&id), "Pending");
    assert_eq!(change(&id, "hold"), (200, json!("Pending")));
    test.advance(3600);
    assert_eq!(test.status(&id), "Pending");
    assert_eq!(change(&id, "finish"), (200, json!("Running")));
    assert_eq!(test.status(&id), "Running");
    test.call("StopInstance", &[("InstanceId", &id)]).unwrap();
    assert!(service.hold_transition(&id));
    test.advance(3600);
    assert_eq!(test.status(&id), "Stopping");
    assert!(service.finish_transition(&id) && !service.finish_transition("i-none"));
    assert_eq!(test.status(&id), "Stopped");
    assert_eq!(change("i-none", "finish").0, 404);
    service.set_transition(Duration::ZERO);
    test.call("StartInstance", &[("InstanceId", &id)]).unwrap();
    assert_eq!(test.status(&id), "Running");
    for milliseconds in [json!(-1), json!(86_400_001), json!(u64::MAX), json!("1"), json!(1.5)] {
        assert_eq!(put(service, "/emulator/transition", &json!({ "milliseconds": milliseconds })).0, 400);
    }
}

#[test]
fn stock_and_prices_can_be_changed() {
    let test = Test::new();
    let service = test.emulator.service();
    let sold_out = || {
        let parameters =
            [("DestinationResource", "InstanceType"), ("InstanceType", "ecs.g7.large"), ("ZoneId", "cn-hangzhou-j")];
        let response = test.call_here("DescribeAvailableResource", &parameters).unwrap();
        response["AvailableZones"]["AvailableZone"][0]["StatusCategory"].as_str().unwrap_or_default().to_owned()
    };
    let price = || {
        let response =
            test.call_here("DescribePrice", &[("InstanceType", "ecs.g7.large"), ("ZoneId", "cn-hangzhou-j")]).unwrap();
        response["PriceInfo"]["Price"]["OriginalPrice"].as_f64().unwrap()
    };
    let before = (sold_out(), price());
    assert_eq!(put(service, "/emulator/stock", &json!({ "instance_type": "ecs.g7.*", "stock": "sold_out" })).0, 200);
    assert_eq!(put(service, "/emulator/prices", &json!([{ "instance_type": "ecs.g7.*", "factor": 3 }])).0, 200);
    assert_eq!((before.0.as_str(), sold_out().as_str()), ("WithStock", "WithoutStock"));
    assert!(price() > before.1 * 2.0, "{} {}", price(), before.1);
    for path in ["stock", "prices"] {
        assert_eq!(send(service, "DELETE", &format!("/emulator/{path}"), &[], "").0, 200);
    }
    assert_eq!((sold_out(), price()), before);
    service.set_price_factor("*", "*", f64::NAN).unwrap_err();
    service.set_price_factor("*", "*", f64::INFINITY).unwrap_err();
    assert_eq!(put(service, "/emulator/prices", &json!({ "factor": u64::MAX })).0, 400);
    let many: Vec<Value> = (0..1001).map(|zone| json!({ "zone": format!("z-{zone}"), "stock": "none" })).collect();
    assert_eq!(put(service, "/emulator/stock", &json!(many)).0, 400);
}

#[test]
fn quotas_and_events_can_be_set() {
    let test = Test::new();
    let service = test.emulator.service();
    let id = test.run(&[]).remove(0);
    let groups = test.call_here("DescribeSecurityGroups", &[]).unwrap()["TotalCount"].as_u64().unwrap();
    assert_eq!(put(service, "/emulator/quotas", &json!({ "quotas": { "security-groups": groups } })).0, 200);
    test.call_here("CreateSecurityGroup", &[("SecurityGroupName", "web")]).unwrap_err();
    service.set_quota("security-groups", None).unwrap();
    let shown: Value = serde_json::from_str(&send(service, "GET", "/emulator/quotas", &[], "").1).unwrap();
    assert_eq!((&shown["quotas"], &shown["usual"]["security-groups"]), (&json!({}), &json!(100)));
    assert!(service.set_quota("security_groups", Some(1)).unwrap_err().contains("security-groups"));
    assert_eq!(put(service, "/emulator/quotas", &json!({ "quotas": { "security_groups": 1 } })).0, 400);
    test.call_here("CreateSecurityGroup", &[("SecurityGroupName", "web")]).unwrap();
    for quota in [json!(-1), json!("5"), json!(1e300)] {
        assert_eq!(put(service, "/emulator/quotas", &json!({ "quotas": { "security-groups": quota } })).0, 400);
    }

    let event = service.add_system_event(&id, "Instance:SystemMaintenance.Reboot", "Scheduled").unwrap();
    let found = test.call_version(CMS, "DescribeSystemEventAttribute", &[("SearchKeywords", &id)]).unwrap();
    let found = &found["SystemEvents"]["SystemEvent"][0];
    assert_eq!((&found["Id"], &found["Status"]), (&json!(event), &json!("Scheduled")));
    assert!(found["ResourceId"].as_str().unwrap().ends_with(&id));
    service.add_system_event("i-none", "Instance:SystemMaintenance.Reboot", "Scheduled").unwrap_err();
    let add = |body: Value| send(service, "POST", "/emulator/events", &[], &body.to_string()).0;
    assert_eq!(add(json!({ "name": "Disk:Stalled", "region": "cn-beijing", "content": { "a": 1 } })), 200);
    assert_eq!(
        [add(json!({ "name": "A", "instance": "i-none" })), add(json!({ "name": "A", "region": "mars" }))],
        [404, 404]
    );
}

#[test]
fn coverage_counts_calls() {
    let test = Test::new();
    for _ in 0..3 {
        test.call("DescribeRegions", &[]).unwrap();
    }
    fails(test.call("DescribeHpcClusters", &[common::REGION]), 501, "EmulatorNotSimulated");
    let (_, body) = send(test.emulator.service(), "GET", "/emulator/coverage", &[], "");
    let coverage: Value = serde_json::from_str(&body).unwrap();
    let of = |operation: &str| {
        let operations = coverage["operations"].as_array().unwrap();
        operations.iter().find(|known| known["operation"] == operation && known["version"] == ECS).unwrap().clone()
    };
    assert_eq!((&of("DescribeRegions")["calls"], &of("DescribeRegions")["fidelity"]), (&json!(3), &json!("state")));
    assert_eq!(
        (&of("DescribeHpcClusters")["calls"], &of("DescribeHpcClusters")["fidelity"]),
        (&json!(1), &json!("none"))
    );
    assert_eq!(coverage["warnings"].as_array().unwrap().len(), 1);
    let (_, body) = send(test.emulator.service(), "GET", "/emulator/coverage?fidelity=none", &[], "");
    assert!(!body.contains(r#""fidelity":"state""#));
    assert_eq!(send(test.emulator.service(), "GET", "/emulator/coverage?fidelity=full", &[], "").0, 400);
}
