//! Mapping of each part of the published layout.

use ecs_codegen::import::Decision;

use super::*;

#[test]
fn scalars_keep_their_widths_in_requests() {
    let operation = fresh(&api(
        "CreateThing",
        json!([
            parameter("Text", json!({ "type": "string", "required": true })),
            parameter("Flag", json!({ "type": "boolean" })),
            parameter("Int", json!({ "type": "integer", "format": "int32" })),
            parameter("Plain", json!({ "type": "integer" })),
            parameter("Long", json!({ "type": "integer", "format": "int64" })),
            parameter("Float", json!({ "type": "number", "format": "float" })),
            parameter("Double", json!({ "type": "number", "format": "double" })),
            parameter("Number", json!({ "type": "number" })),
        ]),
        object(json!({})),
    ));
    let expected = [
        r#"{"name":"Text","type":"string","required":true}"#,
        r#"{"name":"Flag","type":"bool"}"#,
        r#"{"name":"Int","type":"i32"}"#,
        r#"{"name":"Plain","type":"i32"}"#,
        r#"{"name":"Long","type":"i64"}"#,
        r#"{"name":"Float","type":"f32"}"#,
        r#"{"name":"Double","type":"f64"}"#,
        r#"{"name":"Number","type":"f64"}"#,
    ];
    assert_eq!(written(&operation.request), expected);
    assert!(!operation.read);
    assert_eq!(operation.schema.as_deref(), Some("../../schema.json"));
}

#[test]
fn request_styles_become_encodings() {
    let text = json!({ "type": "string" });
    let operation = fresh(&api(
        "CreateThing",
        json!([
            styled("Repeat", "repeatList", list(text.clone())),
            styled("FlatList", "flat", list(text.clone())),
            parameter("Unstyled", list(text.clone())),
            styled("Ids", "json", list(text.clone())),
            styled("Comma", "simple", list(json!({ "type": "integer" }))),
            styled(
                "Disk",
                "flat",
                object(
                    json!({ "Size": { "type": "integer" }, "Ids": { "type": "array", "style": "json", "items": text } })
                )
            ),
            styled("Setting", "json", object(json!({ "Names": list(text.clone()), "On": { "type": "boolean" } }))),
            styled("Labels", "json", json!({ "type": "object", "additionalProperties": text })),
            parameter("Free", json!({ "type": "object" })),
        ]),
        object(json!({})),
    ));
    let expected = [
        r#"{"name":"Repeat","type":["string"],"wire":"repeat"}"#,
        r#"{"name":"FlatList","type":["string"],"wire":"repeat"}"#,
        r#"{"name":"Unstyled","type":["string"],"wire":"repeat"}"#,
        r#"{"name":"Ids","type":["string"],"wire":"json"}"#,
        r#"{"name":"Comma","type":["i32"],"wire":"comma"}"#,
        r#"{"name":"Disk","type":"Disk"}"#,
        r#"{"name":"Setting","type":"Setting","wire":"json"}"#,
        r#"{"name":"Labels","type":"map","wire":"json"}"#,
        r#"{"name":"Free","type":"map"}"#,
    ];
    assert_eq!(written(&operation.request), expected);
    let disk = [r#"{"name":"Size","type":"i32"}"#, r#"{"name":"Ids","type":["string"],"wire":"json"}"#];
    assert_eq!(written(fields_of(&operation.types, "Disk")), disk);
    let setting = [r#"{"name":"Names","type":["string"],"wire":"repeat"}"#, r#"{"name":"On","type":"bool"}"#];
    assert_eq!(written(fields_of(&operation.types, "Setting")), setting);
}

#[test]
fn response_lists_are_unwrapped() {
    let text = json!({ "type": "string" });
    let lock = object(json!({ "LockReason": text }));
    let operation = fresh(&api(
        "DescribeThings",
        json!([]),
        object(json!({
            "RequestId": text,
            "Things": object(json!({ "Thing": list(object(json!({ "Id": text, "OperationLocks": object(json!({ "LockReason": list(lock) })) }))) })),
            "Plain": list(text.clone()),
            "Single": object(json!({ "Name": text })),
            "Total": { "type": "integer", "required": true, "default": 3 },
        })),
    ));
    assert!(operation.read);
    let expected = [
        r#"{"name":"Things","type":["Thing"],"wire":"wrapped:Thing"}"#,
        r#"{"name":"Plain","type":["string"],"wire":"list"}"#,
        r#"{"name":"Single","type":"Single"}"#,
        r#"{"name":"Total","type":"i64"}"#,
    ];
    assert_eq!(
        written(&operation.response),
        expected,
        "every response has a RequestId, and no member of a response is required"
    );
    let thing = [
        r#"{"name":"Id","type":"string"}"#,
        r#"{"name":"OperationLocks","type":["LockReason"],"wire":"wrapped:LockReason"}"#,
    ];
    assert_eq!(written(fields_of(&operation.types, "Thing")), thing);
    assert_eq!(written(fields_of(&operation.types, "LockReason")), [r#"{"name":"LockReason","type":"string"}"#]);
}

#[test]
fn a_root_with_a_single_list_is_not_a_wrapper() {
    let operation = fresh(&api("ListIds", json!([]), object(json!({ "Ids": list(json!({ "type": "string" })) }))));
    assert_eq!(written(&operation.response), [r#"{"name":"Ids","type":["string"],"wire":"list"}"#]);
}

#[test]
fn references_are_resolved() {
    let docs = parse(json!({
        "components": { "schemas": {
            "Disk": { "type": "object", "properties": { "Size": { "$ref": "#/components/schemas/Size" }, "Self": { "$ref": "#/components/schemas/Disk" } } },
            "Size": { "type": "integer", "format": "int64", "minimum": 20, "description": "skipped" },
        } },
        "apis": { "GetDisk": {
            "summary": "skipped", "systemTags": { "x": 1 }, "extraInfo": " ", "directories": null, "errorCodes": null,
            "parameters": [{ "name": "Size", "in": "query", "schema": { "$ref": "#/components/schemas/Size", "required": true } }],
            "responses": { "200": { "schema": { "type": "object", "properties": { "Disk": { "$ref": "#/components/schemas/Disk" } } } } },
        } },
    }));
    let operation = fresh(&docs);
    assert_eq!(written(&operation.request), [r#"{"name":"Size","type":"i64","required":true,"min":20}"#]);
    assert_eq!(written(&operation.response), [r#"{"name":"Disk","type":"Disk"}"#]);
    assert_eq!(written(&fields_of(&operation.types, "Disk")[..1]), [r#"{"name":"Size","type":"i64","min":20}"#]);
}

#[test]
fn facts_are_converted_to_the_type_of_the_field() {
    let operation = fresh(&api(
        "CreateThing",
        json!([
            parameter(
                "Count",
                json!({ "type": "integer", "default": "5", "minimum": 1, "maximum": 10.0, "maxItems": 3 })
            ),
            parameter("Flag", json!({ "type": "boolean", "default": "False" })),
            parameter("Bad", json!({ "type": "integer", "default": "ten" })),
            parameter("Empty", json!({ "type": "string", "default": "", "minimum": 1 })),
            parameter(
                "Text",
                json!({ "type": "string", "default": 7, "maxLength": 30, "pattern": "^[0-9]$", "timePattern": "yyyy", "base64": true, "example": "2026" })
            ),
            styled(
                "States",
                "simple",
                json!({ "type": "array", "default": "A,B", "items": { "type": "string" }, "minItems": 1, "maxItems": 9 })
            ),
            styled("Ids", "json", json!({ "type": "array", "default": "10", "items": { "type": "string" } })),
            parameter(
                "Old",
                json!({ "type": "string", "deprecated": true, "replacedBy": "New", "visibility": "invitation" })
            ),
            parameter("Odd", json!({ "type": "string", "replacedBy": "New", "visibility": "Public" })),
        ]),
        object(json!({})),
    ));
    let expected = [
        r#"{"name":"Count","type":"i32","default":5,"min":1,"max":10}"#,
        r#"{"name":"Flag","type":"bool","default":false}"#,
        r#"{"name":"Bad","type":"i32"}"#,
        r#"{"name":"Empty","type":"string"}"#,
        r#"{"name":"Text","type":"string","base64":true,"default":"7","max_length":30,"pattern":"^[0-9]$"}"#,
        r#"{"name":"States","type":["string"],"wire":"comma","default":["A","B"],"min_items":1,"max_items":9}"#,
        r#"{"name":"Ids","type":["string"],"wire":"json"}"#,
        r#"{"name":"Old","type":"string","deprecated":true,"replaced_by":"New","visibility":"invitation"}"#,
        r#"{"name":"Odd","type":"string"}"#,
    ];
    assert_eq!(written(&operation.request), expected);
}

#[test]
fn times_are_recognized_by_form_name_and_example() {
    let time = |name: &str, pattern: &str, example: &str| {
        parameter(name, json!({ "type": "string", "timePattern": pattern, "example": example }))
    };
    let named =
        |name: &str, example: serde_json::Value| parameter(name, json!({ "type": "string", "example": example }));
    let parameters = json!([
        time("Start", "YYYY-MM-DDThh:mmZ", "2026-01-02T15:04Z"),
        time("InstanceType", "yyyy-MM-ddTHH:mm:ssZ", "ecs.g7.large"),
        time("ExpiredTime", "yyyy-MM-ddTHH:mm:ssZ", "2026-01-02T15:04Z"),
        time("OpeningTime", "HH:mm:ss", "02:00:00"),
        named("EndTime", json!("2026-01-02T15Z")),
        named("WindowTime", json!("Monday,02:00")),
        named("EventTime", json!(1_552_199_984_949_u64)),
        parameter("DayTime", json!({ "type": "string", "timePattern": "HH:mm" })),
        parameter("BootTime", json!({ "type": "integer", "timePattern": "yyyy-MM-ddTHH:mmZ" })),
    ]);
    let response = object(json!({ "CreationTime": { "type": "string" }, "Stamps": {
        "type": "array", "items": { "type": "string", "timePattern": "yyyy-MM-dd" } } }));
    let operation = fresh(&api("ListPrices", parameters, response));
    let expected = [
        r#"{"name":"Start","type":"time","time":"yyyy-MM-ddTHH:mmZ"}"#,
        r#"{"name":"InstanceType","type":"string"}"#,
        r#"{"name":"ExpiredTime","type":"time","time":"yyyy-MM-ddTHH:mmZ"}"#,
        r#"{"name":"OpeningTime","type":"string","plain":"The published sample is not a point in time."}"#,
        r#"{"name":"EndTime","type":"time","time":"yyyy-MM-ddTHHZ"}"#,
        r#"{"name":"WindowTime","type":"string","plain":"The published sample is not a point in time."}"#,
        r#"{"name":"EventTime","type":"string","plain":"The published sample is not a point in time."}"#,
        r#"{"name":"DayTime","type":"string","plain":"The published API states no format."}"#,
        r#"{"name":"BootTime","type":"i32"}"#,
    ];
    assert_eq!(written(&operation.request), expected);
    let expected = [
        r#"{"name":"CreationTime","type":"time"}"#,
        r#"{"name":"Stamps","type":["time"],"wire":"list","time":"yyyy-MM-dd"}"#,
    ];
    assert_eq!(written(&operation.response), expected);
}

#[test]
fn a_string_of_a_response_has_the_enum_of_the_parameter_with_its_name() {
    let status = json!({ "type": "string", "enum": ["Running", "Stopped"] });
    let text = || json!({ "type": "string" });
    let thing = json!({ "type": "object", "properties": { "Status": text(), "Name": text() } });
    let operation = fresh(&api(
        "ListThings",
        json!([parameter("Status", status), parameter("Name", text())]),
        object(json!({ "Status": text(), "First": thing, "Last": thing })),
    ));
    assert_eq!(written(&operation.response)[0], r#"{"name":"Status","type":"ThingStatus"}"#);
    let types: Vec<&String> = operation.types.keys().collect();
    assert_eq!(types, ["ThingStatus", "First", "Last"], "each member has a struct with its name");
    let fields = operation.types["First"].fields.as_ref().unwrap();
    assert_eq!(written(fields), [r#"{"name":"Status","type":"ThingStatus"}"#, r#"{"name":"Name","type":"string"}"#]);
}

#[test]
fn value_lists_become_enums_or_values() {
    let operation = fresh(&api(
        "CreateThing",
        json!([
            parameter(
                "ChargeType",
                json!({ "type": "string", "enum": ["PrePaid", "prepaid", "PostPaid"], "default": "postpaid" })
            ),
            parameter("Unlisted", json!({ "type": "string", "enum": ["a", "b c"], "default": "d" })),
            parameter("Encrypted", json!({ "type": "string", "enum": ["True", "false"], "default": "false" })),
            parameter("Numa", json!({ "type": "string", "enum": ["1", "2"] })),
            parameter("Period", json!({ "type": "integer", "enum": [1, "2"] })),
            styled(
                "ShowParts",
                "repeatList",
                json!({ "type": "array", "enum": ["A", "B"], "items": { "type": "string", "enum": ["B", "C"] } })
            ),
        ]),
        object(json!({})),
    ));
    let expected = [
        r#"{"name":"ChargeType","type":"ChargeType","default":"PostPaid"}"#,
        r#"{"name":"Unlisted","type":"ThingUnlisted","default":"d"}"#,
        r#"{"name":"Encrypted","type":"bool","default":false}"#,
        r#"{"name":"Numa","type":"string","values":["1","2"]}"#,
        r#"{"name":"Period","type":"i32","values":[1,2]}"#,
        r#"{"name":"ShowParts","type":["ShowPart"],"wire":"repeat"}"#,
    ];
    assert_eq!(written(&operation.request), expected);
    assert_eq!(values_of(&operation.types["ChargeType"]), ["PrePaid", "PostPaid"]);
    assert_eq!(values_of(&operation.types["ThingUnlisted"]), ["a", "b c", "d"], "the default is added to the values");
    assert_eq!(values_of(&operation.types["ShowPart"]), ["A", "B", "C"]);
}

#[test]
fn errors_are_sorted_and_deduplicated() {
    let docs = apis(json!({ "StopThing": {
        "deprecated": true, "replacedBy": "Ecs::2014-05-26::HaltThing",
        "errorCodes": {
            "404": [{ "errorCode": "B", "errorMessage": "skipped" }, { "errorCode": "A" }, { "errorCode": "A" }],
            "4003": [{ "errorCode": "Z" }], "default": [{ "errorCode": "X" }],
        },
    } }));
    let operation = fresh(&docs);
    let errors: Vec<_> = operation.errors.iter().map(|error| (error.http, error.code.as_str())).collect();
    assert_eq!(errors, [(400, "Z"), (404, "A"), (404, "B")]);
    assert!(operation.deprecated);
    assert_eq!(operation.replaced_by.as_deref(), Some("Ecs::2014-05-26::HaltThing"));
}

#[test]
fn directories_determine_families() {
    let operations = ["A", "B", "C", "D", "E", "F"];
    let all: serde_json::Map<_, _> = operations.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
    let docs = parse(json!({
        "directories": [
            { "title": "cloud assistant", "type": "directory", "children": ["A"] },
            { "title": "more", "children": [{ "title": "classic-network VPC leftovers", "children": ["B"] }, 7] },
            { "title": "elasticity assurances", "children": ["C", "D"] },
            { "title": "Odds and ends", "children": ["F"] },
        ],
        "apis": all,
    }));
    let mut service = service(&["classic-network", "capacity"]);
    service.directories.insert("Odds and ends".to_owned(), "capacity".to_owned());
    let existing = ExistingTree {
        service: Some(service),
        ..tree([Operation { operation: "D".to_owned(), family: "capacity".to_owned(), ..Operation::default() }])
    };
    let (tree, report) = imported(&docs, &existing);
    let families: Vec<&str> = operations.iter().map(|name| tree.operations[*name].family.as_str()).collect();
    assert_eq!(families, ["cloud-assistant", "classic-network", "capacity", "capacity", "ecs", "capacity"]);
    assert!(
        lines(&report).contains(&"service.json: + cloud-assistant: new family; describe it in `families`".to_owned())
    );
}

/// The files published in China have Chinese titles.
#[test]
fn a_title_without_ascii_letters_gets_a_family_from_its_operations() {
    let names = ["CreateMonitorGroup", "DeleteMonitorGroup", "DescribeMonitorGroups", "PutEvent", "Nothing"];
    let all: serde_json::Map<_, _> = names.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
    let docs = parse(json!({ "apis": all, "directories": [
        { "title": "应用分组", "children": ["CreateMonitorGroup", "DeleteMonitorGroup", "DescribeMonitorGroups"] },
        { "title": "事件", "children": [{ "title": "更多", "children": ["PutEvent"] }] },
        { "title": "default", "children": ["Nothing"] },
    ] }));
    let (imported_tree, report) = imported(&docs, &tree([]));
    let families: Vec<&str> = names.iter().map(|name| imported_tree.operations[*name].family.as_str()).collect();
    assert_eq!(families, ["monitor-groups", "monitor-groups", "monitor-groups", "events", "operations-default"]);
    let decided: Vec<_> = report.decisions(Decision::Family).map(|entry| entry.path.as_str()).collect();
    assert_eq!(decided, ["directories 应用分组", "directories 更多", "directories default"]);
    let existing = ExistingTree { service: Some(service(&["networks"])), ..tree([]) };
    assert_eq!(imported(&docs, &existing).0.operations["PutEvent"].family, "networks", "the only family");
}

#[test]
fn without_directories_the_only_family_is_used() {
    let docs = apis(json!({ "A": {} }));
    let existing = ExistingTree { service: Some(service(&["networks"])), ..tree([]) };
    assert_eq!(imported(&docs, &existing).0.operations["A"].family, "networks");
    assert_eq!(fresh(&docs).family, "ecs");
}

#[test]
fn numbers_in_responses_are_64_bits_wide() {
    let numbers = || {
        object(json!({
            "Int": { "type": "integer", "format": "int32" },
            "Float": { "type": "number", "format": "float" },
            "Ints": list(json!({ "type": "integer", "format": "int32" })),
        }))
    };
    let operation = fresh(&api("DescribeThings", json!([styled("Sent", "flat", numbers())]), numbers()));
    let types = |fields: &[Field]| fields.iter().map(|field| field.ty.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(types(fields_of(&operation.types, "Sent")), ["i32", "f32", "i32"]);
    assert_eq!(types(&operation.response), ["i64", "f64", "i64"]);
}
