//! Tables of responses: the ways in which pages nest.

use crate::{Imported, imported, lint, operation, response, shape};

const SAMPLE: &str = r#"{
    "Widgets": { "Widget": [ { "Color": "red", "Parts": { "Part": [ { "PartId": "p-1", "Weight": 2 } ] }, "Zone": { "ZoneId": "z" } } ] },
    "TotalCount": 1
}"#;

/// Response that all pages below describe.
const EXPECTED: [&str; 8] = [
    "Widgets[wrapped:Widget]",
    "Widgets[wrapped:Widget].Color: string",
    "Widgets[wrapped:Widget].Parts[wrapped:Part]",
    "Widgets[wrapped:Widget].Parts[wrapped:Part].PartId: string",
    "Widgets[wrapped:Widget].Parts[wrapped:Part].Weight: i64",
    "Widgets[wrapped:Widget].Zone",
    "Widgets[wrapped:Widget].Zone.ZoneId: string",
    "TotalCount: i64",
];

#[test]
fn marked_members() {
    let rows = "|RequestId|String|a|a|\n|Widgets| | |a|\n|└Color|String|red|a|\n|└Parts| | |b|\n|└PartId|String|p|a|\n|└Weight|Integer|1|a|\n\
                |└Zone| | |a|\n|└ZoneId|String|z|a|\n|TotalCount|Integer|1|a|";
    let (operation, notes) = response(rows, SAMPLE);
    assert_eq!(shape(&operation, &operation.response), EXPECTED);
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn rows_of_elements() {
    let rows = "|Widgets|Array of Widget| |a|\n|Widget| | | |\n|Color|String|red|a|\n|Parts|Array of Part| |a|\n|Part| | | |\n\
                |PartId|String|p|a|\n|Weight|Integer|1|a|\n|Zone|Struct| |a|\n|ZoneId|String|z|a|\n|TotalCount|Integer|1|a|";
    let (operation, notes) = response(rows, SAMPLE);
    assert_eq!(shape(&operation, &operation.response), EXPECTED);
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn the_order_of_names_tells_where_the_sample_is_silent() {
    let rows = "|Widgets|Array of Widget| |a|\n|Widget| | | |\n|Axle|Struct| |a|\n|Length|Integer|1|a|\n|Width|Integer|1|a|\n\
                |Color|String|red|a|\n|Name|String|a|a|\n|PageNumber|Integer|1|a|\n|TotalCount|Integer|1|a|";
    let (operation, _) = response(rows, "no sample");
    assert_eq!(
        shape(&operation, &operation.response),
        [
            "Widgets[wrapped:Widget]",
            "Widgets[wrapped:Widget].Axle",
            "Widgets[wrapped:Widget].Axle.Length: i64",
            "Widgets[wrapped:Widget].Axle.Width: i64",
            "Widgets[wrapped:Widget].Color: string",
            "Widgets[wrapped:Widget].Name: string",
            "PageNumber: i64",
            "TotalCount: i64",
        ]
    );
}

#[test]
fn names_that_occur_in_several_structs() {
    let rows = "|Widgets|Array of Widget| |a|\n|Widget| | | |\n|Cover|Struct| |a|\n|Id|String|c|a|\n|Id|String|w|a|\n|Name|String|a|a|";
    let sample = r#"{ "Widgets": { "Widget": [ { "Cover": {}, "Id": "w", "Name": "a" } ] } }"#;
    let (operation, _) = response(rows, sample);
    assert_eq!(
        shape(&operation, &operation.response),
        [
            "Widgets[wrapped:Widget]",
            "Widgets[wrapped:Widget].Cover",
            "Widgets[wrapped:Widget].Cover.Id: string",
            "Widgets[wrapped:Widget].Id: string",
            "Widgets[wrapped:Widget].Name: string",
        ]
    );
}

#[test]
fn a_struct_that_the_sample_lacks_ends_before_rows_that_repeat_names() {
    let rows = "|Info|Struct| |a|\n|Cost|Struct| |a|\n|Currency|String|a|a|\n|Details|Array of Model| |a|\n|Model| | | |\n\
                |Discount|Float|1|a|\n|Original|Float|1|a|\n|Resource|String|a|a|\n|Steps|Array of Step| |a|\n|Step| | | |\n\
                |Id|Long|1|a|\n|Discount|Float|1|a|\n|Original|Float|1|a|\n|Total|Float|1|a|";
    let sample = r#"{ "Info": { "Cost": { "Currency": "a", "Discount": 1.5, "Original": 1.5, "Total": 1.5 } } }"#;
    let (operation, _) = response(rows, sample);
    assert_eq!(
        shape(&operation, &operation.response),
        [
            "Info",
            "Info.Cost",
            "Info.Cost.Currency: string",
            "Info.Cost.Details[wrapped:Model]",
            "Info.Cost.Details[wrapped:Model].Discount: f64",
            "Info.Cost.Details[wrapped:Model].Original: f64",
            "Info.Cost.Details[wrapped:Model].Resource: string",
            "Info.Cost.Details[wrapped:Model].Steps[wrapped:Step]",
            "Info.Cost.Details[wrapped:Model].Steps[wrapped:Step].Id: i64",
            "Info.Cost.Discount: f64",
            "Info.Cost.Original: f64",
            "Info.Cost.Total: f64",
        ]
    );
}

#[test]
fn what_neither_the_table_nor_a_sample_tells_is_reported() {
    let rows = "|Axle|Struct| |a|\n|Length|Integer|1|a|\n|Width|Integer|1|a|\n|Labels|List| |a|";
    let (operation, notes) = response(rows, "{}");
    assert_eq!(operation.response.len(), 2);
    assert!(
        notes.iter().any(|note| note.starts_with("Page.md:9: undecided: `Width` is taken as a member of `Axle`")),
        "{notes:?}"
    );
    assert!(notes.iter().any(|note| {
        note.contains("Page.md:10: undecided: no sample shows the list `Labels`, taken as `Labels.Label`")
    }));
}

#[test]
fn tables_below_captions() {
    let members = "|Name|Type|Description|\n|--|--|--|\n";
    let page = format!(
        "# DescribeWidgets\n\n## 返回参数\n\n{members}|TotalCount|Integer|a|\n|Widgets|Array of [WidgetType](#WidgetType)|a|\n\n\
         **数据类型 WidgetType** \n\n{members}|Color|String|a|\n|Parts|[PartSetType](#)|a|\n|Zone.ZoneId|String|a|\n\n\
         **PartSetType**\n\n{members}|Part|Array|[`PartType`](#)|\n\n### PartType\n\n{members}|PartId|String|a|\n|Weight|Integer|a|\n\n\
         ## 示例\n\n```\n{SAMPLE}\n```\n"
    );
    let (operation, _) = crate::operation(&page);
    let mut shape = shape(&operation, &operation.response);
    shape.rotate_left(1);
    assert_eq!(shape, EXPECTED);
}

#[test]
fn pages_of_types() {
    let members = "|名称|类型|描述|\n|:-|:-|:-|\n";
    let page = format!(
        "# DescribeWidgets\n\n## 返回参数\n\n{members}|Widgets|[WidgetType](docs/类型/WidgetType.md#)|a|\n|TotalCount|Integer|a|\n\n\
         ## 示例\n\n```\n{SAMPLE}\n```\n"
    );
    let widget = format!(
        "# WidgetType {{#WidgetType .reference}}\n\n## 节点名\n\nWidget\n\n## 子节点 {{#ResponseParameter}}\n\n{members}|Color|String|a|\n\
         |Parts|Array|见 [PartType](docs/类型/PartType.md#)|\n|Zone|[ZoneType](../nowhere/ZoneType.md)|a|\n"
    );
    let part = format!(
        "# PartType\n\n## 节点名\n\n由接口决定\n\n## 子节点\n\n{members}|PartId|String|a|\n|Weight|Integer|a|\n"
    );
    let zone = format!("# ZoneType\n\n## 子节点\n\n{members}|ZoneId|String|a|\n");
    let all = imported(&[
        ("docs/操作/DescribeWidgets.md", &page),
        ("docs/类型/WidgetType.md", &widget),
        ("docs/类型/PartType.md", &part),
        ("docs/类型/ZoneType.md", &zone),
    ]);
    let operation = &all.operations["DescribeWidgets"];
    assert_eq!(shape(operation, &operation.response), EXPECTED);
    assert_eq!(operation.family, "main");
    assert_eq!(lint(&all), Ok(()));

    // The pages that a single page links to are read from its folder and those around it.
    let page = all.folder.path().join("pages/docs/操作/DescribeWidgets.md");
    let alone = ecs_codegen::pages::read(&[page]).expect("a page");
    let Imported { written, .. } = all;
    assert_eq!(alone.api.apis.len(), 1);
    assert!(alone.notes.iter().all(|note| note.message.contains("ZoneType")), "{:?}", alone.notes);
    assert!(written.notes.is_empty(), "{:?}", written.notes);
}

/// A page with a table of the response, and further text.
fn further(rows: &str, more: &str) -> (ecs_codegen::spec::Operation, Vec<String>) {
    let head = "|Name|Type|Description|\n|--|--|--|\n";
    let more = more.replace("HEAD\n", head);
    operation(&format!("# DescribeWidgets\n\n## Response parameters\n\n{head}{rows}\n\n{more}\n"))
}

#[test]
fn a_table_without_a_caption_belongs_to_the_open_row_above_it() {
    let sample = "## Examples\n\n```\n{ \"Widgets\": { \"Widget\": [ { \"Id\": \"a\" } ] } }\n```";
    let expected =
        ["Widgets[wrapped:Widget]", "Widgets[wrapped:Widget].Id: string", "Widgets[wrapped:Widget].Size: i64"];
    let members = "HEAD\n|Id|String|a|\n|Size|Long|a|";
    for kind in ["Array of [Widget](#)", "List", "String", "Array"] {
        for gap in ["", "The following table describes the members.\n\n"] {
            let (operation, notes) = further(&format!("|Widgets|{kind}|a|"), &format!("{gap}{members}\n\n{sample}"));
            assert_eq!(shape(&operation, &operation.response), expected, "{kind} {gap} {notes:?}");
            assert!(notes.iter().any(|note| note.contains("members of `Widgets`")), "{notes:?}");
        }
    }
}

#[test]
fn requests_and_responses_can_describe_types_of_the_same_name() {
    let head = "|Name|Type|Required|Description|\n|--|--|--|--|\n";
    let page = format!(
        "# CreateRules\n\n## Request parameters\n\n{head}|Rules|List|Yes|a|\n\n{head}|Url|String|Yes|a|\n\n\
         ## Response parameters\n\n|Name|Type|Description|\n|--|--|--|\n|Rules|List|a|\n\n\
         |Name|Type|Description|\n|--|--|--|\n|RuleId|String|a|\n\n## Examples\n\n```\n\
         https://host/?Action=CreateRules\n&Rules=[{{\"Url\":\"/a\"}}]\n```\n"
    );
    let (operation, _) = operation(&page);
    assert_eq!(shape(&operation, &operation.request), ["Rules[json]", "Rules[json].Url: string!"]);
    assert_eq!(shape(&operation, &operation.response), ["Rules[wrapped:Rule]", "Rules[wrapped:Rule].RuleId: string"]);
}

#[test]
fn a_page_of_a_type_that_no_row_has_is_reported() {
    let page = "# PressWidget\n\n## Request parameters\n\n|Name|Type|Required|Description|\n|--|--|--|--|\n|Mode|String|No|a|\n";
    let part = "# PartType\n\n## Child nodes\n\n|Name|Type|Description|\n|--|--|--|\n|PartId|String|a|\n";
    let written = imported(&[("PressWidget.md", page), ("PartType.md", part)]).written;
    let notes: Vec<String> = written.notes.iter().map(ToString::to_string).collect();
    let expected = "PartType.md:1: skipped: no row of the other pages has the type that this page describes; left out";
    assert!(notes.len() == 1 && notes[0].ends_with(expected), "{notes:?}");
}

#[test]
fn a_type_is_found_by_a_similar_name_and_one_that_no_row_has_is_reported() {
    let members = "HEAD\n|Id|String|a|\n";
    let (operation, notes) = further(
        "|Widgets|Array of [`Widgets`](#)|a|",
        &format!("**WidgetType**\n\n{members}\n**SpringType**\n\nHEAD\n|Force|Long|a|\n"),
    );
    assert_eq!(
        shape(&operation, &operation.response),
        ["Widgets[wrapped:Widget]", "Widgets[wrapped:Widget].Id: string"]
    );
    assert!(notes.iter().any(|note| note.contains("no row has the type `SpringType`")), "{notes:?}");
}

#[test]
fn dotted_names_with_an_index_are_members_of_lists() {
    let rows = "|Disk.n.Size|Long|1|a|\n|Disk.n.Ids.n|String|i|a|\n|Tag.1.Key|String|k|a|";
    let sample = "{ \"Disks\": { \"Disk\": [ { \"Size\": 1 } ] } }";
    let (operation, notes) = response(rows, sample);
    let expected = [
        "Disks[wrapped:Disk]",
        "Disks[wrapped:Disk].Size: i64",
        "Disks[wrapped:Disk].Ids[list]: string",
        "Tag[list]",
        "Tag[list].Key: string",
    ];
    assert_eq!(shape(&operation, &operation.response), expected);
    assert!(notes.iter().any(|note| note.contains("no sample shows the list `Tag`")), "{notes:?}");
}

#[test]
fn placeholders_are_no_examples_and_no_types() {
    let rows = "|Widgets|Array of Widget|N/A|a|\n|Widget|N/A|N/A|N/A|\n|Color|String|red|a|\n|Weight|Integer|1|a|\n|TotalCount|Integer|1|a|";
    let (operation, _) =
        response(rows, "{ \"Widgets\": { \"Widget\": [ { \"Color\": \"red\", \"Weight\": 1 } ] }, \"TotalCount\": 1 }");
    let expected = [
        "Widgets[wrapped:Widget]",
        "Widgets[wrapped:Widget].Color: string",
        "Widgets[wrapped:Widget].Weight: i64",
        "TotalCount: i64",
    ];
    assert_eq!(shape(&operation, &operation.response), expected);
}

#[test]
fn capitals_can_precede_small_letters_in_the_order_of_members() {
    let rows = "|Widgets|Array of Widget| |a|\n|Widget| | | |\n|Grip|Struct| |a|\n|Firm|Boolean|true|a|\n|HostName|String|a|a|\n|ISP|String|a|a|\n|ImageId|String|a|a|";
    let sample = "{ \"Widgets\": { \"Widget\": [ { \"Grip\": { \"Firm\": true }, \"HostName\": \"a\", \"ImageId\": \"i\" } ] } }";
    let (operation, _) = response(rows, sample);
    let shape = shape(&operation, &operation.response);
    for member in ["HostName", "ISP", "ImageId"] {
        assert!(shape.contains(&format!("Widgets[wrapped:Widget].{member}: string")), "{shape:?}");
    }
}

#[test]
fn a_type_with_nothing_but_a_list_is_its_wrapper() {
    let (operation, notes) = further(
        "|Kinds|[KindsType](#)|a|\n|Results|Array|All ([`ResultSetType`](#ResultSetType))|",
        "**KindsType**\n\nHEAD\n|KindNames|Array|a|\n\n**ResultSetType**\n\nHEAD\n|Result|Array|One ([`ResultType`](#ResultType))|\n\n\
         **ResultType**\n\nHEAD\n|Id|String|a|\n",
    );
    let expected =
        ["Kinds[wrapped:KindNames]: string", "Results[wrapped:Result]", "Results[wrapped:Result].Id: string"];
    assert_eq!(shape(&operation, &operation.response), expected, "{notes:?}");
}

#[test]
fn lists_of_a_named_type_without_a_sample_are_reported() {
    let (operation, notes) = response("|Widgets|Array of Widget| |a|\n|Widgets.N.Id|String|a|a|", "{}");
    assert_eq!(
        shape(&operation, &operation.response),
        ["Widgets[wrapped:Widget]", "Widgets[wrapped:Widget].Id: string"]
    );
    assert_eq!(notes, ["Page.md:7: undecided: no sample shows the list `Widgets`, taken as `Widgets.Widget`"]);
}

#[test]
fn a_struct_that_the_sample_lacks_ends_before_rows_that_it_shows_elsewhere() {
    let rows =
        "|Widget|Struct| |a|\n|Axle|Struct| |a|\n|Color|String|red|a|\n|Name|String|a|a|\n|TotalCount|Integer|1|a|";
    let (operation, notes) = response(rows, r#"{ "Widget": { "Color": "red", "Name": "a" }, "TotalCount": 1 }"#);
    let expected = ["Widget", "Widget.Axle: map", "Widget.Color: string", "Widget.Name: string", "TotalCount: i64"];
    assert_eq!(shape(&operation, &operation.response), expected);
    let expected = [
        "Page.md:8: undecided: `Axle` is a struct without members, taken as a map",
        "Page.md:9: undecided: `Color` is taken as a member of `Widget`; it could be one of `Axle`",
    ];
    assert_eq!(notes, expected);
}

#[test]
fn members_that_only_the_sample_has_are_reported_once() {
    let sample = r#"{"RequestId":"r","Widgets":{"Widget":[{"Id":"w-1","Size":1}]},"Total":1}"#;
    let (operation, notes) = response("|Widgets|Array of Widget| |a|\n|Widget| | | |\n|Id|String|w|a|", sample);
    assert_eq!(
        shape(&operation, &operation.response),
        ["Widgets[wrapped:Widget]", "Widgets[wrapped:Widget].Id: string"]
    );
    assert_eq!(notes, ["Page.md:13: skipped: only the sample has `Widgets.Widget.Size`, `Total`; left out"]);
}

#[test]
fn rows_behind_a_struct_that_the_sample_lacks_are_reported_together() {
    let rows = "|Id|String|w|a|\n|Axle|Struct| |a|\n|Length|Integer|1|a|\n|Width|Integer|1|a|\n|Depth|Integer|1|a|\n|Color|String|red|a|";
    let (operation, notes) = response(rows, r#"{"Id":"w-1"}"#);
    let expected =
        ["Id: string", "Axle", "Axle.Length: i64", "Axle.Width: i64", "Axle.Depth: i64", "Axle.Color: string"];
    assert_eq!(shape(&operation, &operation.response), expected);
    let message = "Page.md:10: undecided: `Width`, `Depth` and `Color`, up to line 12, are taken as members of `Axle`; they could be those of the response";
    assert_eq!(notes, [message]);
}

#[test]
fn members_that_are_only_indented() {
    let rows = |blank: &str| {
        let row = |level: usize, rest: &str| format!("|{}{rest}|\n", blank.repeat(2 * level));
        [
            row(0, "RequestId|String|a|a"),
            row(0, "Widgets|Array| |a"),
            row(1, "Color|String|red|a"),
            row(1, "Parts|Array| |b"),
            row(2, "PartId|String|p|a"),
            row(2, "Weight|Integer|1|a"),
            row(1, "Zone|Object| |a"),
            row(2, "ZoneId|String|z|a"),
            row(0, "TotalCount|Integer|1|a"),
        ]
        .concat()
    };
    for blank in ["&nbsp;", "\u{a0}", "&emsp;", "\u{3000}", "&#xA0;", "&#12288;"] {
        let (operation, notes) = response(&rows(blank), "no sample");
        assert_eq!(shape(&operation, &operation.response), EXPECTED, "{blank:?}");
        assert!(notes.iter().all(|note| note.contains("no sample shows the list")), "{notes:?}");
        let html = rows(blank).replace("|\n|", "</td></tr>\n<tr><td>").replace('|', "</td><td>");
        let table =
            format!("<table><tr><th>Name</th><th>Type</th><th>Example</th><th>Description</th></tr>\n<tr><td>{html}");
        let table = table.replace("<tr><td></td><td>", "<tr><td>").trim_end().trim_end_matches("<td>").to_owned();
        let page = format!("# DescribeWidgets\n\n## Response parameters\n\n{table}</tr></table>\n");
        let (operation, _) = crate::operation(&page);
        assert_eq!(shape(&operation, &operation.response), EXPECTED, "{blank:?}");
    }
}

#[test]
fn an_indented_row_below_a_single_value_is_reported() {
    let (operation, notes) = response("|Id|String|a|a|\n|&nbsp;&nbsp;Name|String|a|a|", "no sample");
    assert_eq!(shape(&operation, &operation.response), ["Id: string", "Name: string"]);
    assert!(
        notes.iter().any(|note| note.starts_with("Page.md:8: undecided: `Name` is marked or indented to level 1")),
        "{notes:?}"
    );
}

#[test]
fn a_blank_that_is_left_over_is_no_indentation() {
    let (operation, notes) = response("|Zone|Object| |a|\n|&nbsp;ZoneId|String|z|a|\n|\u{a0}Name|String|a|a|", SAMPLE);
    assert_eq!(shape(&operation, &operation.response), ["Zone", "Zone.ZoneId: string", "Name: string"]);
    assert!(notes.iter().all(|note| !note.contains("marked or indented")), "{notes:?}");
}

#[test]
fn blanks_can_be_inside_bold_text_and_one_can_be_wide() {
    for name in ["**&nbsp;&nbsp;ZoneId**", "`\u{a0}\u{a0}ZoneId`", "&ensp;ZoneId", "&#x3000;ZoneId"] {
        let (operation, _) = response(&format!("|Zone|Object| |a|\n|{name}|String|z|a|\n|Id|String|a|a|"), "no sample");
        assert_eq!(shape(&operation, &operation.response), ["Zone", "Zone.ZoneId: string", "Id: string"], "{name}");
    }
}
