//! Types of members: their names, sharing, and the two directions.

use super::*;

fn text() -> Value {
    json!({ "type": "string" })
}

fn key_value() -> Value {
    object(json!({ "Key": text(), "Value": text() }))
}

fn status(values: &[&str]) -> Value {
    json!({ "type": "string", "enum": values })
}

fn shared_enum(values: &[&str]) -> Type {
    let values = values
        .iter()
        .map(|value| ((*value).to_owned(), ecs_codegen::spec::EnumValue::Doc("Kept.".to_owned())))
        .collect();
    Type { doc: "Shared.".to_owned(), values: Some(values), ..Type::default() }
}

fn type_names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.ty.name()).collect()
}

#[test]
fn structs_are_named_after_items_and_singulars() {
    let part = |name: &str| object(json!({ name: text(), "Z": text() }));
    let operation = fresh(&api(
        "DescribeThings",
        json!([styled("DataDisks", "repeatList", list(part("A"))), styled("Entries", "repeatList", list(part("B")))]),
        object(json!({
            "ThingSet": object(json!({ "Thing": list(part("C")) })),
            "ActivationList": list(part("D")),
            "Addresses": list(part("E")),
            "CpuOptions": part("F"),
            "lower.name": part("G"),
            "Result": part("H"),
        })),
    ));
    assert_eq!(type_names(&operation.request), ["DataDisk", "Entry"]);
    assert_eq!(
        type_names(&operation.response),
        ["Thing", "Activation", "Address", "CpuOptions", "LowerName", "ThingResult"]
    );
}

#[test]
fn requests_and_responses_never_share_a_struct() {
    let operation = fresh(&api(
        "DescribeThings",
        json!([
            styled("Tag", "repeatList", list(key_value())),
            styled("Extra", "flat", key_value()),
            styled("Disk", "flat", key_value())
        ]),
        object(json!({
            "Things": object(json!({ "Thing": list(object(json!({ "Id": text(), "Tags": object(json!({ "Tag": list(key_value()) })) }))) })),
            "Disk": object(json!({ "Other": text() })),
            "Extra": object(json!({ "Id": text(), "Tag": key_value(), "Disk": object(json!({ "Key": text() })) })),
        })),
    ));
    assert_eq!(
        type_names(&operation.request),
        ["Tag", "Extra", "Disk"],
        "structs with equal members can have different meanings"
    );
    assert_eq!(type_names(&operation.response), ["Thing", "ThingDisk", "ThingExtra"]);
    assert_eq!(type_names(fields_of(&operation.types, "Thing")), ["string", "ThingTag"]);
    assert_eq!(type_names(fields_of(&operation.types, "ThingExtra")), ["string", "ThingExtraTag", "ThingExtraDisk"]);
}

#[test]
fn structs_with_different_facts_are_not_shared() {
    let limited = object(json!({ "Size": { "type": "integer", "maximum": 5 } }));
    let free = object(json!({ "Size": { "type": "integer" } }));
    let operation =
        fresh(&api("CreateThing", json!([styled("A", "flat", limited), styled("B", "flat", free)]), object(json!({}))));
    assert_eq!(type_names(&operation.request), ["A", "B"]);
}

#[test]
fn enums_with_one_word_names_get_the_name_of_their_owner() {
    let operation = fresh(&api(
        "DescribeThings",
        json!([parameter("Status", status(&["On", "Off"])), parameter("SpotStrategy", status(&["x", "y"]))]),
        object(json!({
            "Things": object(json!({ "Thing": list(object(json!({ "Status": status(&["on", "Off", "Broken"]), "Type": status(&["big"]) }))) })),
            "Host": object(json!({ "Status": status(&["Up", "Down"]), "Id": text() })),
        })),
    ));
    assert_eq!(type_names(&operation.request), ["ThingStatus", "SpotStrategy"]);
    assert_eq!(
        type_names(fields_of(&operation.types, "Thing")),
        ["ThingStatus", "ThingType"],
        "more values of the same enum"
    );
    assert_eq!(values_of(&operation.types["ThingStatus"]), ["On", "Off", "Broken"]);
    assert_eq!(type_names(fields_of(&operation.types, "Host")), ["HostStatus", "string"]);
}

#[test]
fn structs_whose_names_start_with_digits_get_names() {
    let inner = object(json!({ "9x": object(json!({ "$x": text() })), "Id": text() }));
    let nested = object(json!({ "9x": inner, "Id": text() }));
    let operation = fresh(&api("ListThings", json!([parameter("Thing", nested)]), object(json!({}))));
    let is_named = |name: &String| name.starts_with(|c: char| c.is_ascii_uppercase());
    assert!(operation.types.len() == 3 && operation.types.keys().all(is_named), "{:?}", operation.types.keys());
}

#[test]
fn structs_do_not_get_the_name_of_a_trait_that_generated_source_uses() {
    let of = |name: &str| list(object(json!({ name: text() })));
    let operation = fresh(&api("ListThings", json!([]), object(json!({ "Sync": of("A"), "Send": of("B") }))));
    assert_eq!(type_names(&operation.response), ["ThingSync", "ThingSend"]);
}

#[test]
fn shared_types_are_used_where_they_fit() {
    let mut existing = tree([]);
    existing.types.insert("DiskCategory".to_owned(), shared_enum(&["cloud", "cloud_ssd", "local"]));
    existing.types.insert("OtherCategory".to_owned(), shared_enum(&["cloud", "cloud_ssd", "local", "more"]));
    let key = Field { name: "Key".to_owned(), ..Field::default() };
    let value = Field { name: "Value".to_owned(), ..Field::default() };
    let tag = Type { fields: Some(vec![key, value]), ..Type::default() };
    existing.types.insert("Tag".to_owned(), tag);
    let docs = api(
        "CreateThing",
        json!([
            styled("Tag", "repeatList", list(key_value())),
            styled("Disk", "flat", object(json!({ "Category": status(&["cloud", "LOCAL"]), "Size": text() }))),
            parameter("Mode", status(&["cloud"])),
        ]),
        object(json!({ "Tags": object(json!({ "Tag": list(key_value()) })) })),
    );
    let (tree, report) = imported(&docs, &existing);
    let operation = &tree.operations["CreateThing"];
    assert_eq!(type_names(&operation.request), ["Tag", "Disk", "ThingMode"]);
    assert_eq!(type_names(fields_of(&operation.types, "Disk")), ["DiskCategory", "string"]);
    assert_eq!(type_names(&operation.response), ["ThingTag"], "the shared struct is used in requests");
    assert_eq!(tree.types, existing.types);
    assert_eq!(
        lines(&report),
        [
            "CreateThing: + new operation with 3 parameters",
            "CreateThing: * request Disk.Category: value `LOCAL` is left out: it differs from `local` in letter case only",
            "types.json: = DiskCategory: value `cloud_ssd`"
        ]
    );
}

#[test]
fn new_values_are_added_to_a_shared_enum() {
    let mut existing = tree([]);
    existing.types.insert("ChargeType".to_owned(), shared_enum(&["PrePaid", "PostPaid"]));
    let docs = api(
        "CreateThing",
        json!([parameter("ChargeType", status(&["prepaid", "PostPaid", "Spot"]))]),
        object(json!({})),
    );
    let (tree, report) = imported(&docs, &existing);
    assert_eq!(type_names(&tree.operations["CreateThing"].request), ["ChargeType"]);
    assert_eq!(values_of(&tree.types["ChargeType"]), ["PrePaid", "PostPaid", "Spot"]);
    assert_eq!(tree.types["ChargeType"].values.as_ref().map(|values| values["PrePaid"].doc()), Some("Kept."));
    assert_eq!(tree.types["ChargeType"].values.as_ref().map(|values| values["Spot"].doc()), Some(""));
    assert!(lines(&report).contains(&"types.json: + ChargeType value `Spot`".to_owned()));
    let (again, report) = imported(&docs, &tree);
    assert_eq!(again, tree);
    assert!(report.is_unchanged());
}

#[test]
fn the_name_of_a_shared_type_is_not_reused() {
    let mut existing = tree([]);
    existing.types.insert(
        "Disk".to_owned(),
        Type { fields: Some(vec![Field { name: "Other".to_owned(), ..Field::default() }]), ..Type::default() },
    );
    let docs =
        api("CreateThing", json!([styled("Disk", "flat", object(json!({ "Size": text() })))]), object(json!({})));
    let (tree, _) = imported(&docs, &existing);
    assert_eq!(type_names(&tree.operations["CreateThing"].request), ["ThingDisk"]);
}

/// A struct of two strings for members with these names.
fn shared_pair(serves: &[&str]) -> Type {
    let fields = ["Key", "Value"].map(|name| Field { name: name.to_owned(), ..Field::default() });
    let serves = serves.iter().map(|name| (*name).to_owned()).collect();
    Type { fields: Some(fields.into()), serves, ..Type::default() }
}

#[test]
fn shared_structs_are_found_by_the_names_in_their_for() {
    let mut existing = tree([]);
    existing.types.insert("Filter".to_owned(), shared_pair(&["Filter"]));
    existing.types.insert("Pair".to_owned(), shared_pair(&[]));
    existing.types.insert("Tag".to_owned(), shared_pair(&["*Tag"]));
    let names = ["Tag", "Tags", "TemplateTag", "TargetResourceTags", "Filter", "Filters", "Pair", "Extra"];
    let parameters = names.map(|name| styled(name, "repeatList", list(key_value())));
    let docs = api("DescribeThings", json!(parameters), object(json!({})));
    let (tree, _) = imported(&docs, &existing);
    let types = type_names(&tree.operations["DescribeThings"].request);
    assert_eq!(types, ["Tag", "Tag", "Tag", "Tag", "Filter", "Filter", "Pair", "Extra"]);
    assert_eq!(tree.types, existing.types);
    assert!(imported(&docs, &tree).1.is_unchanged());
}
