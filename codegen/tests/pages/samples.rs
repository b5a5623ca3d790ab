//! Samples of responses: hints about nesting and wrappers, which tables outweigh.

use crate::{response, shape};

#[test]
fn lists_are_wrapped_as_the_samples_show() {
    let rows = "|Bare|List|a|a|\n|Packed|List|a|a|\n|Other|Array of Thing| |a|\n|Thing| | | |\n|Id|String|a|a|\n|PublicAddress|List|a|a|\n|InnerAddress|List|a|a|";
    let sample = r#"{ "Bare": ["a"], "Packed": { "Item": ["a"] }, "Other": [ { "Id": "a" } ], "PublicAddress": { "Address": ["a"] } }"#;
    let (operation, notes) = response(rows, sample);
    let expected = [
        "Bare[list]: string",
        "Packed[wrapped:Item]: string",
        "Other[wrapped:Thing]",
        "Other[wrapped:Thing].Id: string",
        "PublicAddress[wrapped:Address]: string",
        "InnerAddress[wrapped:Address]: string",
    ];
    assert_eq!(shape(&operation, &operation.response), expected);
    assert!(notes.iter().any(|note| note.contains("`InnerAddress.Address`")), "{notes:?}");
}

#[test]
fn a_row_for_the_elements_of_a_list_outweighs_a_sample_without_it() {
    for (kind, example) in [("Array of Zone", ""), ("", "z-1")] {
        let rows = format!(
            "|Zones|{kind}|{example}|a|\n|Zone| | |a|\n{}",
            if example.is_empty() { "|Id|String|z|a|" } else { "" }
        );
        let sample = if example.is_empty() { r#"{ "Zones": [ { "Id": "z" } ] }"# } else { r#"{ "Zones": ["z-1"] }"# };
        let (operation, notes) = response(&rows, sample);
        assert!(shape(&operation, &operation.response)[0].starts_with("Zones[wrapped:Zone]"), "{rows}");
        let expected = "Page.md:7: decided: samples show no `Zone` in the list `Zones`, but the table has a row for it; taken as `Zones.Zone`";
        assert_eq!(notes, [expected], "{rows}");
    }
}

#[test]
fn a_wrapper_that_is_named_after_a_type_is_reported() {
    let (operation, notes) = response("|Zones|Array of ZoneModel| |a|\n|ZoneModel| | |a|\n|Id|String|z|a|", "{}");
    assert_eq!(
        shape(&operation, &operation.response),
        ["Zones[wrapped:ZoneModel]", "Zones[wrapped:ZoneModel].Id: string"]
    );
    assert_eq!(notes, ["Page.md:7: undecided: no sample shows the list `Zones`, taken as `Zones.ZoneModel`"]);
}

#[test]
fn a_list_that_samples_show_as_a_struct_is_reported() {
    let rows = "|Zones|Array of Zone| |a|\n|Zone| | | |\n|Id|String|z|a|\n|Name|String|z|a|";
    let (operation, notes) = response(rows, r#"{ "Zones": { "Id": "z", "Name": "a" } }"#);
    assert_eq!(shape(&operation, &operation.response)[0], "Zones[wrapped:Zone]");
    assert_eq!(notes, ["Page.md:7: undecided: samples show no list in `Zones`; taken as the list `Zones.Zone`"]);
}

#[test]
fn rows_of_a_struct_that_no_row_states_are_its_members() {
    let rows = "|RequestId|String|a|a|\n|Id|String|w|a|\n|Parts|List| |a|\n|PartId|String|p|a|";
    let widget = r#"{ "Id": "w", "Parts": { "Part": [ { "PartId": "p" } ] } }"#;
    let members = |prefix: &str| {
        let member = |rest: &str| format!("{prefix}{rest}");
        vec![
            prefix.trim_end_matches('.').to_owned(),
            member(".Id: string"),
            member(".Parts[wrapped:Part]"),
            member(".Parts[wrapped:Part].PartId: string"),
        ]
    };
    for (shown, prefix) in
        [(widget.to_owned(), "Widget"), (format!(r#"{{ "Item": [ {widget} ] }}"#), "Widget[wrapped:Item]")]
    {
        let (operation, notes) = response(rows, &format!(r#"{{ "RequestId": "a", "Widget": {shown} }}"#));
        assert_eq!(shape(&operation, &operation.response), members(prefix), "{notes:?}");
        let expected = "Page.md:8: undecided: no row states `Widget`, in which samples show the rows of this table; taken as its members";
        assert_eq!(notes, [expected]);
    }
    // A misspelt name of the response itself is that of no struct.
    let (operation, notes) = response(rows, &format!(r#"{{ "DescribeWidgetsRespon": {widget} }}"#));
    assert_eq!(operation.response.len(), 3, "{notes:?}");
    // Only one of the rows is in the struct.
    let (operation, notes) = response(rows, r#"{ "Widget": { "Id": "w" } }"#);
    assert_eq!(operation.response.len(), 3, "{notes:?}");
}

#[test]
fn samples_are_read_despite_their_typos() {
    let rows = "|Widgets|Array| |a|\n|Color|String|red|a|\n|Weight|Integer|1|a|\n|TotalCount|Integer|1|a|";
    let samples = [
        "{ \"Widgets\": { \"Widget\": [ { \"Color\": \"red\" \"Weight\": 1, }, … ] }, \"TotalCount\": 1",
        "{ \"Widgets\": { \"Widget\": [ { Color: \"red\", \"Weight\": \"1, \n } ] }, \"TotalCount\": 1 } }",
        "{ \"Widgets\": { \"Widget\": [ { “Color”: “red”, \"Weight\": \"“1”]\" } ] }, \"TotalCount\": 1 }",
        "{ \"Widgets\": { \"Widget\": { { \"Color\": \"red\", \"Weight\": 1 } ] }, \"TotalCount\": 1 }",
        "<DescribeWidgetsResponse><Widgets><Widget><Color>red</Color><Weight>1</Weight></Widget></Widgets><TotalCount>1</TotalCount></DescribeWidgetsResponse>",
    ];
    for sample in samples {
        let (operation, _) = response(rows, sample);
        let expected = [
            "Widgets[wrapped:Widget]",
            "Widgets[wrapped:Widget].Color: string",
            "Widgets[wrapped:Widget].Weight: i64",
            "TotalCount: i64",
        ];
        assert_eq!(shape(&operation, &operation.response), expected, "{sample}");
    }
}

#[test]
fn samples_can_name_the_response_and_members_follow_each_other_in_tables_without_order() {
    let rows = "|Widgets| | |a|\n|Name|String|a|a|\n|Id|String|a|a|\n|Age|Integer|1|a|\n|Color|String|red|a|\n|RequestId|String|r|a|";
    let sample = "{ \"DescribeWidgetsResponse\": { \"Widgets\": { \"Widget\": [ { \"Name\": \"a\", \"Id\": \"b\", \"Age\": 1 } ] } } }";
    let (operation, _) = response(rows, sample);
    assert_eq!(operation.response.len(), 1);
    assert!(shape(&operation, &operation.response).contains(&"Widgets[wrapped:Widget].Color: string".to_owned()));
}

#[test]
fn a_sample_that_contradicts_the_table_is_reported() {
    let rows = "|Widgets|Array| |a|\n|Widget| | | |\n|Id|String|w|a|";
    let (operation, notes) = response(rows, r#"{"Widgets":{"Widgets":[{"Id":"w-1"}]}}"#);
    assert_eq!(
        shape(&operation, &operation.response),
        ["Widgets[wrapped:Widgets]", "Widgets[wrapped:Widgets].Id: string"]
    );
    assert_eq!(
        notes,
        [
            "Page.md:7: undecided: the table names the elements of `Widgets` `Widget`, the sample `Widgets`, which is taken"
        ]
    );
}

#[test]
fn a_list_around_a_wrapper_is_left_out_if_xml_has_none() {
    let page = |xml: &str| {
        let rows = "|WidgetSet|Array of Widget| |a|\n|Widget| | | |\n|Id|String|w|a|";
        response(rows, &format!("<R>{xml}</R>\n```\n\n```\n{{\"WidgetSet\":[{{\"Widget\":[{{\"Id\":\"w-1\"}}]}}]}}"))
    };
    let (operation, notes) = page("<WidgetSet><Widget><Id>w-1</Id></Widget></WidgetSet>");
    let expected = ["WidgetSet[wrapped:Widget]", "WidgetSet[wrapped:Widget].Id: string"];
    assert_eq!(shape(&operation, &operation.response), expected);
    assert!(notes.is_empty(), "{notes:?}");
}
