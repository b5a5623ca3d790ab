//! Facts that a spec decides against the API: an import and `spec drift` respect them, and an import reports those that the API agrees with.

use ecs_codegen::spec::{Disputed, EnumValue, Grounds, TypeRef};

use super::*;

/// Marks a fact of a field as decided.
fn decide(field: &mut Field, fact: &str) {
    field.decided.insert(fact.to_owned(), "two descriptions agree on another value".into());
}

/// Imports the API into the specs, and checks that neither the import nor `spec drift` finds anything to do.
#[track_caller]
fn assert_settled(docs: &ApiDocs, existing: &ExistingTree) {
    let (again, report) = imported(docs, existing);
    assert_eq!(again, *existing);
    assert!(report.is_unchanged(), "{report}");
    let found = drift(docs, existing);
    assert!(found.is_empty(), "{found}");
}

fn create_thing(schema: Value) -> ApiDocs {
    api("CreateThing", json!([parameter("Size", schema)]), object(json!({})))
}

fn edited(docs: &ApiDocs, edit: impl FnOnce(&mut Field)) -> ExistingTree {
    let mut operation = fresh(docs);
    edit(&mut operation.request[0]);
    tree([operation])
}

#[test]
fn types_stay_and_no_other_type_is_added() {
    let text = json!({ "type": "string" });
    let nested = api("CreateThing", json!([styled("Size", "flat", object(json!({ "Id": text })))]), object(json!({})));
    for docs in [create_thing(json!({ "type": "integer" })), nested] {
        let mut existing = edited(&docs, |size| {
            size.ty = TypeRef::default();
            decide(size, "type");
        });
        existing.operations.get_mut("CreateThing").unwrap().types.clear();
        assert_settled(&docs, &existing);
    }
}

#[test]
fn encodings_and_requirements_stay() {
    let docs = api(
        "CreateThing",
        json!([styled(
            "Size",
            "repeatList",
            json!({ "type": "array", "required": true, "items": { "type": "string" } })
        )]),
        object(json!({})),
    );
    let existing = edited(&docs, |size| {
        size.wire = Some("json".to_owned());
        size.required = false;
        ["wire", "required"].iter().for_each(|fact| decide(size, fact));
    });
    assert_settled(&docs, &existing);
}

#[test]
fn values_stay() {
    let docs = create_thing(json!({ "type": "integer", "enum": ["1", "2"] }));
    let existing = edited(&docs, |size| {
        size.values.retain(|value| *value == json!(1));
        decide(size, "values");
    });
    assert_settled(&docs, &existing);
    let docs = create_thing(json!({ "type": "string", "enum": ["a", "b"], "default": "c" }));
    let mut operation = fresh(&docs);
    operation.types[0].values = Some([("a".to_owned(), EnumValue::Doc(String::new()))].into_iter().collect());
    operation.request[0].default = None;
    ["values", "default"].iter().for_each(|fact| decide(&mut operation.request[0], fact));
    assert_settled(&docs, &tree([operation]));
}

/// An operation with a list of structs in a struct, whose innermost members have a limit.
fn nested(max: &str) -> ApiDocs {
    let size = json!({ "type": "integer", "format": "int32", "maximum": max });
    let inner = json!({ "type": "array", "items": object(json!({ "Size": size })) });
    api("CreateThing", json!([styled("Outer", "flat", object(json!({ "Inner": inner })))]), object(json!({})))
}

fn innermost(types: &mut indexmap::IndexMap<String, Type>) -> &mut Field {
    let ty = types.values_mut().find(|ty| ty.fields.iter().flatten().any(|field| field.name == "Size"));
    &mut ty.unwrap().fields.as_mut().unwrap()[0]
}

#[test]
fn members_of_nested_structs_stay() {
    let docs = nested("100");
    let mut operation = fresh(&docs);
    let size = innermost(&mut operation.types);
    size.max = Some(10.into());
    decide(size, "max");
    assert_settled(&docs, &tree([operation]));
}

#[test]
fn a_decision_that_the_api_agrees_with_is_reported() {
    let docs = nested("100");
    let mut operation = fresh(&docs);
    let size = innermost(&mut operation.types);
    ["max", "min", "type", "required", "base64", "values"].iter().for_each(|fact| decide(size, fact));
    let existing = tree([operation]);
    let (again, report) = imported(&docs, &existing);
    assert_eq!(again, existing);
    // The API says nothing about the other facts.
    let expected = ["max", "type", "required"].map(|fact| {
        format!("CreateThing: ? types Inner.Size: the decision about `{fact}` no longer applies, because the API agrees; remove it, or name the source that it is `against`")
    });
    assert_eq!(lines(&report), expected);
}

#[test]
fn a_decision_in_a_shared_struct_is_reported_if_no_use_differs() {
    let docs = |first: &str, second: &str| {
        let thing = |max| {
            let size = json!({ "type": "integer", "format": "int32", "maximum": max });
            json!({ "parameters": [styled("Part", "flat", object(json!({ "Size": size })))] })
        };
        apis(json!({ "CreateThing": thing(first), "ModifyThing": thing(second) }))
    };
    let mut existing = tree([]);
    let mut operations = import(&docs("100", "100"), None, &existing).operations;
    existing.types = std::mem::take(&mut operations[0].types);
    operations[1].types.clear();
    decide(innermost(&mut existing.types), "max");
    existing.operations =
        operations.into_iter().map(|operation| (operation.operation.clone(), operation)).collect::<BTreeMap<_, _>>();
    assert_settled(&docs("100", "50"), &existing);
    let (again, report) = imported(&docs("100", "100"), &existing);
    assert_eq!(again, existing);
    assert_eq!(
        lines(&report),
        [
            "types.json: ? Part.Size: the decision about `max` no longer applies, because the API agrees; remove it, or name the source that it is `against`"
        ]
    );
}

#[test]
fn a_decision_against_another_source_stays_when_the_api_agrees() {
    let docs = nested("100");
    let mut operation = fresh(&docs);
    let against = |source: &str| {
        let reason = "the descriptions agree".to_owned();
        Grounds::Disputed(Disputed { reason, against: source.to_owned() })
    };
    innermost(&mut operation.types).decided.insert("max".to_owned(), against("an older SDK"));
    assert_settled(&docs, &tree([operation.clone()]));
    assert_eq!(lines(&imported(&docs, &tree([operation.clone()])).1), [""; 0]);
    let text = ecs_codegen::fmt::operation(&operation);
    assert!(text.contains(r#""max": { "reason": "the descriptions agree", "against": "an older SDK" }"#), "{text}");
    assert_eq!(serde_json::from_str::<Operation>(&text).unwrap(), operation);
}

#[test]
fn a_decision_about_a_member_that_the_api_lacks_is_reported() {
    let existing = edited(&create_thing(json!({ "type": "integer" })), |size| {
        ["max", "min"].iter().for_each(|fact| decide(size, fact));
    });
    let docs = api("CreateThing", json!([]), object(json!({})));
    let (after, report) = imported(&docs, &existing);
    assert_eq!(after, existing);
    let expected =
        "CreateThing: - request Size: not in the API; kept, although its decisions about `max`, `min` have no effect";
    assert_eq!(lines(&report), [expected]);
    assert!(!drift(&docs, &existing).is_empty());
}
