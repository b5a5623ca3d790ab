//! `spec coverage`: how much of the API the specs cover.

use ecs_codegen::import::{Count, coverage};

use super::*;

fn docs() -> ApiDocs {
    let text = json!({ "type": "string" });
    apis(json!({
        "DescribeThings": {
            "parameters": [parameter("Id", json!({ "type": "string", "required": true })), parameter("Mode", json!({ "type": "string", "enum": ["a", "b"] }))],
            "responses": { "200": { "schema": object(json!({
                "RequestId": text,
                "Things": object(json!({ "Thing": list(object(json!({ "Id": text, "Size": { "type": "integer" } }))) })),
            })) } },
        },
        "StopThing": { "parameters": [styled("Disk", "flat", object(json!({ "Id": text })))] },
    }))
}

#[test]
fn an_import_covers_everything() {
    let (tree, _) = imported(&docs(), &tree([]));
    let coverage = coverage(&docs(), &tree);
    assert!(coverage.is_complete(), "{coverage}");
    assert_eq!(coverage.operations, Count { api: 2, specs: 2 });
    assert_eq!(coverage.parameters, Count { api: 4, specs: 4 });
    assert_eq!(coverage.response_fields, Count { api: 3, specs: 3 });
}

#[test]
fn a_time_of_the_specs_must_be_a_string_of_the_api() {
    let docs =
        |kind: &str| api("ListThings", json!([parameter("EndTime", json!({ "type": kind }))]), object(json!({})));
    let (mut tree, _) = imported(&docs("string"), &tree([]));
    assert!(coverage(&docs("string"), &tree).is_complete());
    let [difference] = &coverage(&docs("integer"), &tree).differences[..] else { panic!("one difference") };
    assert_eq!(difference.to_string(), "ListThings request EndTime: type time in the specs, i32 in the API");
    tree.operations.get_mut("ListThings").expect("the operation exists").request[0].ty =
        ecs_codegen::spec::TypeRef::default();
    assert!(coverage(&docs("string"), &tree).is_complete());
}

#[test]
fn every_difference_is_listed() {
    let (mut tree, _) = imported(&docs(), &tree([]));
    tree.operations.remove("StopThing");
    tree.operations.insert("Other".to_owned(), Operation { operation: "Other".to_owned(), ..Operation::default() });
    let operation = tree.operations.get_mut("DescribeThings").expect("the operation exists");
    operation.deprecated = true;
    operation.request[0].required = false;
    operation.types["ThingMode"].values.as_mut().expect("an enum").shift_remove("b");
    operation.request.push(Field { name: "Extra".to_owned(), ..Field::default() });
    operation.response[0].wire = Some("list".to_owned());
    let thing = operation.types["Thing"].fields.as_mut().expect("a struct");
    thing[1].ty = ecs_codegen::spec::TypeRef::One("f64".to_owned());
    thing.remove(0);
    let expected = "\
operations: 1 of 2
parameters: 2 of 4
response fields: 2 of 3
difference: DescribeThings deprecated: false in the API
difference: DescribeThings request Id: string in the specs, string, required in the API
difference: DescribeThings request Mode: value `b` is missing
difference: DescribeThings request Extra: only in the specs
difference: DescribeThings response Things[]: [Thing], wire list in the specs, [struct], wire wrapped:Thing in the API
difference: DescribeThings response Things[].Id: missing
difference: DescribeThings response Things[].Size: type f64 in the specs, i64 in the API
difference: StopThing: missing
difference: Other: only in the specs
9 differences, 0 skipped with a reason, 0 added from another source";
    assert_eq!(coverage(&docs(), &tree).to_string(), expected);
}

#[test]
fn skipped_members_are_not_differences() {
    let (mut tree, _) = imported(&docs(), &tree([]));
    let disk = &mut tree.operations.get_mut("StopThing").expect("the operation exists").request[0];
    disk.skip = Some("the service ignores it".to_owned());
    disk.required = true;
    let coverage = coverage(&docs(), &tree);
    assert!(coverage.is_complete());
    assert_eq!(coverage.skipped[0].to_string(), "StopThing request Disk: the service ignores it");
}

#[test]
fn fields_from_another_source_are_additions() {
    let (mut tree, _) = imported(&docs(), &tree([]));
    let extra = |name: &str| Field {
        name: name.to_owned(),
        source: Some("example-sdk 1.2, CreateThing".to_owned()),
        ..Field::default()
    };
    let operation = tree.operations.get_mut("DescribeThings").expect("the operation exists");
    operation.response.push(extra("FailedReason"));
    operation.types["Thing"].fields.as_mut().expect("a struct").push(extra("Price"));
    let found = coverage(&docs(), &tree);
    assert!(found.is_complete(), "{found}");
    let additions: Vec<String> = found.additions.iter().map(ToString::to_string).collect();
    let expected = [
        "DescribeThings response Things[].Price: example-sdk 1.2, CreateThing",
        "DescribeThings response FailedReason: example-sdk 1.2, CreateThing",
    ];
    assert_eq!(additions, expected);
    let (again, report) = imported(&docs(), &tree);
    assert_eq!(again, tree, "an import keeps them");
    assert_eq!(lines(&report), [""; 0]);
}

#[test]
fn an_import_removes_the_source_of_a_field_that_the_api_has() {
    let (existing, _) = imported(&docs(), &tree([]));
    let mut sourced = existing.clone();
    let operation = sourced.operations.get_mut("DescribeThings").expect("the operation exists");
    operation.request[0].source = Some("example-sdk 1.2, CreateThing".to_owned());
    let found = coverage(&docs(), &sourced);
    let differences: Vec<String> = found.differences.iter().map(ToString::to_string).collect();
    assert_eq!(differences, ["DescribeThings request Id: has `source`, but the API has the field; remove `source`"]);
    let (again, report) = imported(&docs(), &sourced);
    assert_eq!(again, sourced);
    let kept = "DescribeThings: ≠ request Id: has the source `example-sdk 1.2, CreateThing`, but the API has it now";
    assert_eq!(lines(&report), [kept]);
    let (again, report) = accepted(&docs(), &sourced);
    assert_eq!(again, existing);
    assert_eq!(lines(&report), ["DescribeThings: ~ request Id: source removed: the API has the field now"]);
}

#[test]
fn a_shared_struct_requires_what_all_its_uses_require() {
    let tag = |required: bool| object(json!({ "Key": { "type": "string", "required": required } }));
    let docs = apis(json!({
        "CreateThing": { "parameters": [styled("Tag", "repeatList", list(tag(true)))] },
        "DescribeThings": { "parameters": [styled("Tag", "repeatList", list(tag(false)))] },
    }));
    let shared = |required: bool| {
        let key = Field { name: "Key".to_owned(), required, ..Field::default() };
        let mut tree = tree([]);
        tree.types.insert("Tag".to_owned(), Type { fields: Some(vec![key]), ..Type::default() });
        tree
    };
    let (loose, _) = imported(&docs, &shared(false));
    assert_eq!(loose.operations["CreateThing"].request[0].ty.name(), "Tag");
    assert_eq!(loose.operations["DescribeThings"].request[0].ty.name(), "Tag");
    assert!(coverage(&docs, &loose).is_complete());
    assert!(imported(&docs, &loose).1.is_unchanged());
    let mut strict = loose.clone();
    strict.types.clone_from(&shared(true).types);
    let found = coverage(&docs, &strict);
    let detail = "string, required in the specs, string in the API";
    assert_eq!(found.to_string().matches(detail).count(), 1, "{found}");
}
