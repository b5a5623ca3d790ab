//! Imports into specs with hand-written content.

use ecs_codegen::import::Kind;
use ecs_codegen::spec::{EnumValue, ErrorCode, Example, NamedValue, PageStyle, Pagination, TypeRef, Waiter};

use super::*;

fn things(status: &[&str], size: Value) -> ApiDocs {
    let text = json!({ "type": "string" });
    let disk = object(json!({ "Size": size, "Category": { "type": "string", "enum": ["cloud", "local"] } }));
    let thing = object(json!({ "Id": text, "Status": { "type": "string", "enum": status }, "Disk": disk }));
    apis(json!({ "DescribeThings": {
        "parameters": [
            parameter("RegionId", json!({ "type": "string", "required": true })),
            parameter("PageNumber", json!({ "type": "integer", "minimum": 1 })),
            parameter("PageSize", json!({ "type": "integer", "maximum": 50 })),
            styled("ThingIds", "json", json!({ "type": "array", "items": text, "maxItems": 100 })),
            parameter("Status", json!({ "type": "string", "enum": status })),
            parameter("Password", text),
        ],
        "responses": { "200": { "schema": object(json!({ "Things": object(json!({ "Thing": list(thing) })), "TotalCount": { "type": "integer" } })) } },
        "errorCodes": { "404": [{ "errorCode": "InvalidThing.NotFound" }] },
    } }))
}

fn plain() -> ApiDocs {
    things(&["Running", "recycling"], json!({ "type": "integer" }))
}

fn field<'a>(fields: &'a mut [Field], name: &str) -> &'a mut Field {
    fields.iter_mut().find(|field| field.name == name).expect("the field exists")
}

/// Adds everything that people write by hand.
fn curate(operation: &mut Operation) {
    operation.doc = "Lists the things.".to_owned();
    operation.docs_url = Some("https://example.com/things".to_owned());
    operation.read = false;
    operation.slow = true;
    operation.family = "odd-things".to_owned();
    let password = field(&mut operation.request, "Password");
    (password.sensitive, password.base64) = (true, true);
    password.rust = Some("secret".to_owned());
    password.example = Some("hunter2".into());
    password.doc = Some("Word that opens the thing.".to_owned());
    field(&mut operation.request, "PageSize").skip = Some("not wanted".to_owned());
    operation.request.swap(0, 4);
    operation.response.reverse();
    let renamed =
        [("Thing", "Gadget"), ("ThingStatus", "GadgetState"), ("Disk", "Drive"), ("DiskCategory", "DriveKind")];
    let rename = |ty: &mut TypeRef| {
        let (TypeRef::One(name) | TypeRef::List([name])) = ty;
        if let Some((_, new)) = renamed.iter().find(|(old, _)| old == name) {
            *name = (*new).to_owned();
        }
    };
    let fields = operation.request.iter_mut().chain(&mut operation.response);
    fields
        .chain(operation.types.values_mut().flat_map(|ty| ty.fields.iter_mut().flatten()))
        .for_each(|field| rename(&mut field.ty));
    operation.types = std::mem::take(&mut operation.types)
        .into_iter()
        .map(|(name, ty)| {
            let new = renamed.iter().find(|(old, _)| *old == name).map_or(name.clone(), |(_, new)| (*new).to_owned());
            (new, Type { doc: format!("A type once called {name}."), ..ty })
        })
        .collect();
    let values = operation.types["GadgetState"].values.as_mut().expect("an enum");
    values.clear();
    values.insert(
        "Recycling".to_owned(),
        EnumValue::Named(NamedValue { rust: "Recycled".to_owned(), doc: "Being taken away.".to_owned() }),
    );
    values.insert("Running".to_owned(), EnumValue::Doc("At work.".to_owned()));
    values.insert("Broken".to_owned(), EnumValue::Doc("Not in the API.".to_owned()));
    operation.types["Gadget"].fields.as_mut().expect("a struct").reverse();
    operation.pagination = Some(Pagination {
        style: PageStyle::Number,
        token: None,
        number: Some("PageNumber".to_owned()),
        offset: None,
        next: None,
        size: Some("PageSize".to_owned()),
        max: Some(50),
        total: Some("TotalCount".to_owned()),
        items: "Things".to_owned(),
    });
    let waiter = Waiter { name: "thing_running".to_owned(), items: Some("Things".to_owned()), ..Waiter::default() };
    operation.waiters.push(waiter);
    operation.examples.push(Example {
        name: "All".to_owned(),
        request: json!({}),
        form: String::new(),
        response: None,
    });
}

fn curated() -> ExistingTree {
    let mut operation = fresh(&plain());
    curate(&mut operation);
    tree([operation])
}

#[test]
fn importing_the_same_file_again_changes_nothing() {
    let (first, _) = imported(&plain(), &tree([]));
    let (second, report) = imported(&plain(), &first);
    assert_eq!(second, first);
    assert_eq!(report, Report::default());
}

#[test]
fn hand_written_content_is_kept() {
    let existing = curated();
    let (tree, report) = imported(&plain(), &existing);
    assert_eq!(tree, existing);
    assert!(report.is_unchanged(), "{report}");
    assert_eq!(lines(&report), ["DescribeThings: = types GadgetState: value `Broken`"]);
}

#[test]
fn accepted_facts_follow_the_api_and_names_are_kept() {
    let mut docs =
        things(&["Running", "recycling", "Stopped"], json!({ "type": "integer", "format": "int64", "maximum": 9 }));
    let api = &mut docs.apis["DescribeThings"];
    api.parameters[1].schema.required = Some(json!(true));
    api.parameters[1].schema.minimum = Some(json!(2));
    api.parameters[3].style = Some("repeatList".to_owned());
    api.deprecated = true;
    api.replaced_by = Some("DescribeGadgets".to_owned());
    let existing = curated();
    let (tree, report) = accepted(&docs, &existing);
    let mut expected = existing.operations["DescribeThings"].clone();
    let number = field(&mut expected.request, "PageNumber");
    (number.required, number.min) = (true, Some(2.into()));
    field(&mut expected.request, "ThingIds").wire = Some("repeat".to_owned());
    let size = field(expected.types["Drive"].fields.as_mut().expect("a struct"), "Size");
    size.max = Some(9.into());
    let values = expected.types["GadgetState"].values.as_mut().expect("an enum");
    values.insert("Stopped".to_owned(), EnumValue::Doc(String::new()));
    (expected.deprecated, expected.replaced_by) = (true, Some("DescribeGadgets".to_owned()));
    assert_eq!(tree.operations["DescribeThings"], expected);
    let expected = [
        "DescribeThings: ~ deprecated: added",
        "DescribeThings: ~ replaced_by: DescribeGadgets",
        "DescribeThings: ~ request PageNumber: required false → true",
        "DescribeThings: ~ request PageNumber: min 1 → 2",
        "DescribeThings: ~ request ThingIds[]: wire json → repeat",
        "DescribeThings: + request Status: value `Stopped` of GadgetState",
        "DescribeThings: ~ response Things[].Disk.Size: max 9 added",
        "DescribeThings: = types GadgetState: value `Broken`",
    ];
    assert_eq!(lines(&report), expected);
    assert!(imported(&docs, &tree).1.is_unchanged());
}

#[test]
fn new_members_are_added_and_missing_ones_are_kept() {
    let mut docs = plain();
    let api = &mut docs.apis["DescribeThings"];
    api.parameters.retain(|parameter| parameter.name != "Password" && parameter.name != "PageSize");
    api.parameters.push(serde_json::from_value(parameter("Zone", json!({ "type": "string" }))).expect("a parameter"));
    api.error_codes["404"][0].error_code = "InvalidThing.Gone".to_owned();
    let thing = api.responses["200"].schema.properties["Things"].properties["Thing"].items.as_mut().expect("items");
    thing.properties.shift_remove("Id");
    thing.properties.insert("Name".to_owned(), serde_json::from_value(json!({ "type": "string" })).expect("a schema"));
    let existing = curated();
    let (tree, report) = imported(&docs, &existing);
    let mut expected = existing.operations["DescribeThings"].clone();
    expected.request.push(Field { name: "Zone".to_owned(), ..Field::default() });
    expected.types["Gadget"]
        .fields
        .as_mut()
        .expect("a struct")
        .push(Field { name: "Name".to_owned(), ..Field::default() });
    expected.errors.insert(0, ErrorCode { code: "InvalidThing.Gone".to_owned(), http: 404 });
    assert_eq!(tree.operations["DescribeThings"], expected);
    let expected = [
        "DescribeThings: + request Zone: string",
        "DescribeThings: + response Things[].Name: string",
        "DescribeThings: - request Password: not in the API; kept",
        "DescribeThings: - types Gadget.Id: not in the API; kept",
        "DescribeThings: = types GadgetState: value `Broken`",
        "DescribeThings: - error 404 InvalidThing.NotFound: not in the API; kept",
        "DescribeThings: + error 404 InvalidThing.Gone",
    ];
    assert_eq!(lines(&report), expected);
    assert_eq!(report.count(Kind::Gone), 3);
}

#[test]
fn an_operation_that_the_api_lacks_is_kept() {
    let existing = curated();
    let (tree, report) = imported(&ApiDocs::default(), &existing);
    assert_eq!(tree, existing);
    assert_eq!(lines(&report), ["DescribeThings: - not in the API; kept"]);
}

#[test]
fn a_type_of_another_kind_gets_another_name() {
    let mut docs = plain();
    let schema = serde_json::from_value(object(json!({ "A": { "type": "string" } }))).expect("a schema");
    docs.apis["DescribeThings"].parameters[5].schema = schema;
    let (tree, report) = accepted(&docs, &curated());
    let operation = &tree.operations["DescribeThings"];
    let password = operation.request.iter().find(|field| field.name == "Password").expect("kept");
    assert_eq!((password.ty.name(), password.sensitive), ("Password", true));
    assert_eq!(names(fields_of(&operation.types, "Password")), ["A"]);
    assert!(lines(&report).contains(&"DescribeThings: ~ request Password: type string → Password".to_owned()));
}

#[test]
fn an_import_keeps_decisions_about_which_strings_are_times() {
    let time = |form: &str| json!({ "type": "string", "timePattern": form });
    let docs = |form: &str| {
        let parameters = json!([parameter("EndTime", time(form)), parameter("Until", json!({ "type": "string" }))]);
        api("ListThings", parameters, object(json!({ "CreationTime": time(form) })))
    };
    let minutes = "yyyy-MM-ddTHH:mmZ";
    let mut operation = fresh(&docs(minutes));
    let [end, until] = &mut operation.request[..] else { panic!("two parameters") };
    (end.ty, end.time, end.plain) = (TypeRef::default(), None, Some("of a day".to_owned()));
    (until.ty, until.time) = (TypeRef::One("time".to_owned()), Some(minutes.to_owned()));
    let existing = tree([operation]);
    let (again, report) = imported(&docs(minutes), &existing);
    assert_eq!(again, existing);
    assert!(report.is_unchanged(), "{report}");
    // The form of a time is a fact of the API.
    let (_, report) = imported(&docs("yyyy-MM-dd"), &existing);
    let changed = "ListThings: ≠ response CreationTime: time yyyy-MM-ddTHH:mmZ in the specs, yyyy-MM-dd in the API";
    assert_eq!(lines(&report), ["ListThings: = request Until: time yyyy-MM-ddTHH:mmZ", changed]);
}

#[test]
fn limits_that_only_the_spec_has_are_kept() {
    let mut existing = curated();
    let operation = existing.operations.get_mut("DescribeThings").expect("the operation exists");
    field(&mut operation.request, "Password").max_length = Some(30);
    field(&mut operation.request, "Status").ty = TypeRef::One("string".to_owned());
    let (tree, report) = imported(&plain(), &existing);
    assert_eq!(tree, existing, "a string of the spec remains a string");
    assert!(lines(&report).contains(&"DescribeThings: = request Password: max_length 30".to_owned()));
}

#[test]
fn facts_that_the_spec_overrides_are_kept() {
    let docs = api(
        "ListThings",
        json!([parameter("Size", json!({ "type": "integer", "format": "int32", "maximum": "1000", "default": "10" }))]),
        object(json!({})),
    );
    let mut operation = fresh(&docs);
    let size = field(&mut operation.request, "Size");
    size.max = Some(100.into());
    size.default = None;
    // Without decisions, both facts follow the API again.
    let (_, report) = accepted(&docs, &tree([operation.clone()]));
    assert_eq!(
        lines(&report),
        ["ListThings: ~ request Size: default 10 added", "ListThings: ~ request Size: max 100 → 1000"]
    );
    for fact in ["max", "default"] {
        let reason = "two descriptions agree on another value".into();
        field(&mut operation.request, "Size").decided.insert(fact.to_owned(), reason);
    }
    let existing = tree([operation]);
    let (again, report) = imported(&docs, &existing);
    assert_eq!(again, existing);
    assert!(report.is_unchanged(), "{report}");
}

#[test]
fn conflicting_uses_of_a_struct_are_reported() {
    let part =
        |format: &str| object(json!({ "Size": { "type": "integer", "format": format }, "Name": { "type": "string" } }));
    let docs = |second: &str| {
        api(
            "CreateThing",
            json!([styled("A", "flat", part("int32")), styled("B", "flat", part(second))]),
            object(json!({})),
        )
    };
    let (mut existing, _) = imported(&docs("int32"), &tree([]));
    let operation = existing.operations.get_mut("CreateThing").expect("the operation exists");
    operation.request[1].ty = operation.request[0].ty.clone();
    operation.types.shift_remove("B");
    let (tree, report) = accepted(&docs("int64"), &existing);
    assert_eq!(tree, existing);
    assert_eq!(
        lines(&report),
        ["CreateThing: ! request B.Size: type i32 → i64 here, but not for all uses of `A`; not changed"]
    );
}

#[test]
fn one_operation_does_not_change_the_members_of_a_shared_struct() {
    let name = Field { name: "Name".to_owned(), ..Field::default() };
    let mut existing = tree([]);
    existing.types.insert("Part".to_owned(), Type { fields: Some(vec![name]), ..Type::default() });
    let part = Field { name: "Part".to_owned(), ty: TypeRef::One("Part".to_owned()), ..Field::default() };
    let operation = Operation { operation: "CreateThing".to_owned(), request: vec![part], ..Operation::default() };
    existing.operations.insert("CreateThing".to_owned(), operation);
    let shape = object(json!({ "Name": { "type": "integer" }, "Size": { "type": "integer" } }));
    let docs = api("CreateThing", json!([styled("Part", "flat", shape)]), object(json!({})));
    let (tree, report) = accepted(&docs, &existing);
    assert_eq!(tree, existing);
    let expected = [
        "CreateThing: ! request Part.Name: type string → i32 here, but not for all uses of `Part`; not changed",
        "CreateThing: ! request Part.Size: the shared `Part` lacks this member; add it there, or define a struct for this operation",
    ];
    assert_eq!(lines(&report), expected);
}

#[test]
fn a_boolean_that_is_a_string_in_the_api_remains_a_boolean() {
    let (mut existing, _) = imported(&plain(), &tree([]));
    let operation = existing.operations.get_mut("DescribeThings").expect("the operation exists");
    field(&mut operation.request, "Password").ty = TypeRef::One("bool".to_owned());
    let (tree, report) = imported(&plain(), &existing);
    assert_eq!(tree, existing);
    assert!(report.is_unchanged(), "{report}");
    assert!(drift(&plain(), &existing).is_empty());
}
