//! What `spec coverage` says.

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
fn a_time_is_a_string_of_the_api_and_nothing_else() {
    let docs =
        |kind: &str| api("ListThings", json!([parameter("EndTime", json!({ "type": kind }))]), object(json!({})));
    let (mut tree, _) = imported(&docs("string"), &tree([]));
    assert!(coverage(&docs("string"), &tree).is_complete());
    let [difference] = &coverage(&docs("integer"), &tree).differences[..] else { panic!("one difference") };
    assert_eq!(difference.to_string(), "ListThings request EndTime: type time in the specs, i32 in the api");
    tree.operations.get_mut("ListThings").expect("there").request[0].ty = ecs_codegen::spec::TypeRef::default();
    assert!(coverage(&docs("string"), &tree).is_complete());
}

#[test]
fn every_difference_is_listed() {
    let (mut tree, _) = imported(&docs(), &tree([]));
    tree.operations.remove("StopThing");
    tree.operations.insert("Other".to_owned(), Operation { operation: "Other".to_owned(), ..Operation::default() });
    let operation = tree.operations.get_mut("DescribeThings").expect("there");
    operation.deprecated = true;
    operation.request[0].required = false;
    operation.types["ThingMode"].values.as_mut().expect("an enum").shift_remove("b");
    operation.request.push(Field { name: "Extra".to_owned(), ..Field::default() });
    operation.response[0].wire = Some("list".to_owned());
    let thing = operation.types["Thing"].fields.as_mut().expect("a struct");
    thing[1].ty = ecs_codegen::spec::TypeRef::One("i64".to_owned());
    thing.remove(0);
    let expected = "\
operations: 1 of 2
parameters: 2 of 4
response fields: 2 of 3
difference: DescribeThings deprecated: false in the api
difference: DescribeThings request Id: string in the specs, string, required in the api
difference: DescribeThings request Mode: value `b` is missing
difference: DescribeThings request Extra: only in the specs
difference: DescribeThings response Things[]: [Thing], wire list in the specs, [struct], wire wrapped:Thing in the api
difference: DescribeThings response Things[].Id: missing
difference: DescribeThings response Things[].Size: type i64 in the specs, i32 in the api
difference: StopThing: missing
difference: Other: only in the specs
9 differences, 0 skipped with a reason";
    assert_eq!(coverage(&docs(), &tree).to_string(), expected);
}

#[test]
fn a_reason_excuses() {
    let (mut tree, _) = imported(&docs(), &tree([]));
    let disk = &mut tree.operations.get_mut("StopThing").expect("there").request[0];
    disk.skip = Some("the service ignores it".to_owned());
    disk.required = true;
    let coverage = coverage(&docs(), &tree);
    assert!(coverage.is_complete());
    assert_eq!(coverage.skipped[0].to_string(), "StopThing request Disk: the service ignores it");
}
