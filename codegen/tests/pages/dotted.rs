//! Dotted names in tables of responses.

use crate::{response, shape};

fn members(rows: &str, sample: &str) -> (Vec<String>, Vec<String>) {
    let (operation, notes) = response(rows, sample);
    let undecided = notes.into_iter().filter(|note| note.contains("undecided")).collect();
    (shape(&operation, &operation.response), undecided)
}

#[test]
fn dotted_names_start_with_the_row_that_has_the_member() {
    let rows = "|Part|Object| |a|\n|Part.Id|String|a|a|\n|Part.Size|Integer|1|a|\n|TotalCount|Integer|1|a|";
    let expected = ["Part", "Part.Id: string", "Part.Size: i64", "TotalCount: i64"];
    for sample in ["{}", r#"{"Part":{"Id":"a","Size":1},"TotalCount":1}"#] {
        let (members, notes) = members(rows, sample);
        assert_eq!(members, expected, "{sample}");
        assert!(notes.is_empty(), "{notes:?}");
    }
}

#[test]
fn dotted_names_with_indices_are_members_of_the_list() {
    let sample = r#"{"Parts":{"Part":[{"Id":"a","Size":1,"Bolts":[{"Width":2}]}]}}"#;
    let expected = [
        "Parts[wrapped:Part]",
        "Parts[wrapped:Part].Id: string",
        "Parts[wrapped:Part].Bolts[list]",
        "Parts[wrapped:Part].Bolts[list].Width: i64",
        "Parts[wrapped:Part].Size: i64",
    ];
    for (list, bolts) in [
        ("Parts.N", "Parts.N.Bolts.N"),
        ("Parts[]", "Parts[].Bolts[]"),
        ("Parts", "Parts.Bolts"),
        ("Parts.Part.N", "Parts.Part.N.Bolts.N"),
        ("Part.N", "Part.N.Bolts"),
        ("Parts[N]", "Bolts[N]"),
    ] {
        let rows = format!(
            "|Parts|Array of Part| |a|\n|{list}.Id|String|a|a|\n|{list}.Bolts|Array| |a|\n|{bolts}.Width|Integer|1|a|\n|{list}.Size|Integer|1|a|"
        );
        let (members, notes) = members(&rows, sample);
        assert_eq!(members, expected, "{list}");
        assert!(notes.is_empty(), "{notes:?}");
    }
}

#[test]
fn lists_below_dotted_names_are_named_by_their_last_word() {
    let rows = "|Widget|Object| |a|\n|Widget.Id|String|a|a|\n|Widget.Parts|Array<Object>| |a|\n|Widget.Parts.Name|String|a|a|\n|Widget.Parts[].Size|Integer|1|a|\n|Widget.Labels|Array<String>| |a|\n|Total|Long|1|a|";
    let (found, notes) = members(rows, "{}");
    let expected = [
        "Widget",
        "Widget.Id: string",
        "Widget.Parts[wrapped:Part]",
        "Widget.Parts[wrapped:Part].Name: string",
        "Widget.Parts[wrapped:Part].Size: i64",
        "Widget.Labels[wrapped:Label]: string",
        "Total: i64",
    ];
    assert_eq!(found, expected);
    assert_eq!(notes.len(), 2, "{notes:?}");
    let (found, _) = members("|Widget.Labels|Array<String>| |a|\n|Total|Long|1|a|", "{}");
    assert_eq!(found, ["Widget", "Widget.Labels[wrapped:Label]: string", "Total: i64"]);
}

#[test]
fn dotted_names_need_not_follow_their_struct() {
    let rows = "|Part|Object| |a|\n|TotalCount|Integer|1|a|\n|Part.Id|String|a|a|\n|Parts|Object| |a|\n|Parts.Part|Array<Object>| |a|\n|Parts.Part.Id|String|a|a|\n|Ids|Array| |a|\n|Ids.N|Integer|1|a|";
    let sample = r#"{"Part":{"Id":"a"},"TotalCount":1,"Parts":{"Part":[{"Id":"a"}]},"Ids":[1]}"#;
    let (found, notes) = members(rows, sample);
    let expected = [
        "Part",
        "Part.Id: string",
        "TotalCount: i64",
        "Parts[wrapped:Part]",
        "Parts[wrapped:Part].Id: string",
        "Ids[list]: i64",
    ];
    assert_eq!(found, expected);
    assert!(notes.is_empty(), "{notes:?}");
}
