//! Members that are in no table: lists, and tables of which the text of the cells is left.

use crate::{operation, shape};

const EXPECTED: [&str; 4] = ["WidgetId: string!", "Mode: enum", "Tag[repeat]", "Tag[repeat].Key: string"];

/// A Markdown page with these sections.
fn page(request: &str, response: &str) -> String {
    format!("# PressWidget\n\n## Request parameters\n\n{request}\n\n## Response parameters\n\n{response}\n")
}

/// The same page as text, with headings that nothing marks.
fn plain(request: &str, response: &str) -> String {
    page(request, response).replace("## ", "").replace("# ", "")
}

#[test]
fn lists_of_members_are_read() {
    let lists = [
        "- **WidgetId** (String, required): the widget.\n- **Mode** (String, optional): how. Valid values:\n  - soft: gently\n  - hard: with force\n\
         - **Tag.N.Key** (String, optional): a key\n",
        "* `WidgetId` String (required) – the widget\n* `Mode` String (optional) – how.\n  Valid values:\n\n  - soft: gently\n  - hard: with force\n\
         * `Tag.N.Key` string (optional)\n",
        "- WidgetId: String, required\n- Mode: String, optional. How. Valid values:\n    - soft\n    - hard\n- Tag.N.Key: String, optional\n",
        "- WidgetId（String，必填）：部件。\n- Mode（String，可选）：取值范围：\n  - soft：轻\n  - hard：重\n- Tag.N.Key（String，可选）：键。\n",
        "• WidgetId - required string - the widget\n• Mode - optional string - valid values:\n  - soft: gently\n  - hard: with force\n• Tag.N.Key - optional string\n",
    ];
    for list in lists {
        let (operation, notes) =
            operation(&page(list, "- `PressId` (String): the press.\n- Parts (Array of Part)\n  - PartId (String)\n"));
        assert_eq!(shape(&operation, &operation.request), EXPECTED, "{list}: {notes:?}");
        let response = shape(&operation, &operation.response);
        assert_eq!(response[..1], ["PressId: string"], "{list}");
        assert!(response.iter().any(|member| member.ends_with(".PartId: string")), "{response:?}");
    }
}

#[test]
fn items_that_a_list_leaves_open_are_reported() {
    let list = "- `WidgetId` (String, required)\n- `Mode`: how to press\n- `Size` (Long)\n  - 1: small\n- Force: Anything, optional\n";
    let (operation, notes) = operation(&page(list, "None."));
    assert_eq!(shape(&operation, &operation.request), ["WidgetId: string!", "Size: i64"]);
    assert_eq!(
        notes,
        [
            "Page.md:6: undecided: the item ``Mode`: how to press` of a list of members states no type; it is left out",
            "Page.md:7: undecided: this list does not mark all parameters; those without a mark are taken as optional",
            "Page.md:9: undecided: the item `Force: Anything, optional` of a list of members states no type; it is left out",
        ]
    );
}

#[test]
fn items_before_the_first_type_of_a_list_are_reported() {
    let list = "- See: the guide\n\nText.\n\n- WidgetId: the widget\n\n- just words\n- Size (Long, optional): a\n";
    let (operation, notes) = operation(&page(list, "None."));
    assert_eq!(shape(&operation, &operation.request), ["Size: i64"]);
    let expected =
        "Page.md:9: undecided: the item `WidgetId: the widget` of a list of members states no type; it is left out";
    assert_eq!(notes, [expected]);
}

#[test]
fn tables_that_were_flattened_are_read() {
    let tabs = "Parameter\tType\tRequired\tDescription\tExample\nWidgetId\tString\tYes\tThe widget.\n\nSee DescribeWidgets.\tw-1\n\
                Mode\tstring\tNo\tHow to press. Valid values:\n\n- soft: gently\n- hard: with force\tsoft\nTag.N.Key\tstring\tNo\tA key.\tk\n";
    let lines = "Parameter\n\nType\n\nRequired\n\nExample\n\nDescription\n\nWidgetId\n\nString\n\nYes\n\nw-1\n\nThe widget.\n\nMode\n\nString\n\nNo\n\nsoft\n\n\
                 How to press. Valid values:\n\n- soft: gently\n- hard: with force\n\nTag.N.Key\n\nString\n\nNo\n\nA key.\n";
    let blanks = "Name Type Required Description\nWidgetId String Yes The widget.\nMode String No How to press. Valid values:\n- soft: gently\n- hard: with force\n\
                  Tag.N.Key String No A key.\n";
    let untitled = "WidgetId String Yes w-1\n\nThe widget.\n\nMode String No soft\n\nHow to press. Valid values:\n\n- soft: gently\n- hard: with force\n\n\
                    Tag.N.Key String No k\n\nA key.\n";
    let bars = "Parameter | Type | Required | Description |\n---|---|---|---|\nWidgetId | String | Yes | The widget.\n|\nMode | string | No | How to press. Valid values:\n\
                - soft: gently\n- hard: with force\n|\nTag.N.Key | String | No | A key. |\n";
    let response = [
        "Parameter\tType\tDescription\tExample\nPressId\tstring\tThe press.\tp-1\nCount\tlong\tHow many.\t1\n",
        "Parameter\nType\nExample\nDescription\nPressId\nString\np-1\nThe press.\nCount\nLong\n1\nHow many.\n",
        "PressId String p-1\n\nThe press.\n\nCount Long 1\n\nHow many.\n",
        "Name | Type | Description |\n---|---|---|\nPressId | String | The press. |\nCount | Long | How many.\n|\n",
    ];
    for request in [tabs, lines, blanks, untitled, bars] {
        for response in response {
            for page in [page(request, response), plain(request, response)] {
                let (operation, notes) = operation(&page);
                assert_eq!(shape(&operation, &operation.request), EXPECTED, "{page}\n{notes:?}");
                assert_eq!(
                    shape(&operation, &operation.response),
                    ["PressId: string", "Count: i64"],
                    "{page}\n{notes:?}"
                );
                assert!(notes.is_empty(), "{page}\n{notes:?}");
            }
        }
    }
}

#[test]
fn error_codes_of_flattened_tables_are_read() {
    for errors in [
        "HTTP status code\tError code\tError message\tDescription\n404\tWidget.Gone\tIt is gone.\tIt is gone.\n400\tWidget.Weak\tWeak.\tToo weak.\n",
        "HTTP status code\nError code\nError message\nDescription\n404\nWidget.Gone\nIt is gone.\nIt is gone.\n400\nWidget.Weak\nWeak.\nToo weak.\n",
    ] {
        let page = page("Id String Yes w-1", "None.") + "\n## Error codes\n\n" + errors;
        for page in [page.replace("# ", "").replace("#", ""), page] {
            let (operation, notes) = operation(&page);
            let codes: Vec<String> =
                operation.errors.iter().map(|error| format!("{} {}", error.http, error.code)).collect();
            assert_eq!(codes, ["400 Widget.Weak", "404 Widget.Gone"], "{page}\n{notes:?}");
        }
    }
}

#[test]
fn sentences_are_no_members() {
    for text in [
        "This operation has a few parameters. The integer ones are large.\n\nSize is a String that is required.",
        "- This is a list of notes\n- See String formats\n",
        "The String Yes",
    ] {
        let (operation, notes) = operation(&page(text, "A String describes the result.\n\n- the response is an Array"));
        assert!(operation.request.is_empty() && operation.response.is_empty(), "{text}");
        assert_eq!(notes.len(), 2, "{text}: {notes:?}");
    }
}

#[test]
fn samples_of_text_need_no_fence() {
    let sample = "Examples\n\nSample requests\n\nhttp://wid.example.com/?Action=PressWidget\n\nXML format\n\n<PressWidgetResponse>\n  <Parts>\n    <Part>\n      <Id>a</Id>\n\n    </Part>\n  </Parts>\n</PressWidgetResponse>\n\n\
                  JSON format\n\n{\n  \"Parts\": {\n    \"Part\": [\n      { \"Id\": \"a\" }\n    ]\n  }\n}\n\nError codes\n\nNone.\n";
    let rows = "Name Type Description\nParts Array of Part The parts.\nPart\nId String The part.\n";
    let page = plain("WidgetId String Yes w-1", rows) + "\n" + sample;
    let (operation, notes) = operation(&page);
    assert_eq!(shape(&operation, &operation.response), ["Parts[wrapped:Part]", "Parts[wrapped:Part].Id: string"]);
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn rows_of_unknown_types_are_not_part_of_the_description_before_them() {
    let (operation, notes) = operation(&page(
        "Name\nType\nRequired\nDescription\nWidgetId\nString\nYes\nThe widget.\nSpring\nSpringKind\nNo\nThe spring.\n",
        "Name\tType\tDescription\nPressId\tString\tThe press.\nColor\tColorKind\tThe color.\n",
    ));
    assert_eq!(shape(&operation, &operation.request), ["WidgetId: string!", "Spring: string"]);
    assert_eq!(shape(&operation, &operation.response), ["PressId: string", "Color: string"]);
    assert_eq!(
        notes,
        [
            "Page.md:13: undecided: no table describes the type `SpringKind` of `Spring`, taken as a string",
            "Page.md:23: undecided: no page describes the type `ColorKind` of `Color`, taken as the sample shows it",
        ]
    );
}

#[test]
fn lists_of_definitions_are_read() {
    let (operation, notes) = operation(&page(
        "WidgetId\n: String, required. The ID\n  of the widget.\n\n`Size`\n:   Integer, optional. a\n\nFinish\n: a\n",
        "Total\n: Integer. a\n",
    ));
    assert_eq!(shape(&operation, &operation.request), ["WidgetId: string!", "Size: i32"]);
    assert_eq!(shape(&operation, &operation.response), ["Total: i64"]);
    assert!(
        notes.len() == 1 && notes[0].contains("the item `Finish: a` of a list of members states no type"),
        "{notes:?}"
    );
}

#[test]
fn tables_in_quotes_are_read() {
    let (operation, notes) = operation(&page(
        "> **Note**\n>\n> |Name|Type|Required|Description|\n> |--|--|--|--|\n> |WidgetId|String|Yes|a\n>\n> - b |\n",
        ">|Name|Type|Description|\n>|--|--|--|\n>|Total|Integer|a|\n\n> A quote without a table.\n",
    ));
    assert_eq!(shape(&operation, &operation.request), ["WidgetId: string!"]);
    assert_eq!(shape(&operation, &operation.response), ["Total: i64"]);
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn definitions_can_follow_an_empty_line_and_have_several_terms() {
    let fenced = "~~~\n```\nFake\n: String, required.\n~~~\n";
    let request =
        format!("WidgetId\nOtherId\n: String, required.\n: More.\n\nSize\n\n: Integer, optional.\n\n{fenced}");
    let (operation, notes) = operation(&page(&request, "None."));
    assert_eq!(shape(&operation, &operation.request), ["WidgetId: string!", "OtherId: string!", "Size: i32"]);
    assert_eq!(notes, [""; 0]);
}

#[test]
fn quotes_can_be_nested_and_their_rows_lack_bars() {
    let rows = ["Name|Type|Required|Description", "--|--|--|--", "WidgetId|String|Yes|a"];
    for (mark, bar) in [("> > ", "|"), (">>", "|"), ("> ", ""), ("> > ", "")] {
        let table: String = rows.iter().map(|row| format!("{mark}{bar}{row}{bar}\n")).collect();
        let (operation, notes) = operation(&page(&format!("> **Note**\n\n{table}"), "None."));
        assert_eq!(shape(&operation, &operation.request), ["WidgetId: string!"], "{table}");
        assert_eq!(notes, [""; 0]);
    }
}

#[test]
fn rows_in_a_quote_without_a_table_are_reported() {
    let table = "|Name|Type|Required|Description|\n|--|--|--|--|\n|WidgetId|String|Yes|a|\n";
    let (_, notes) = operation(&page(&format!("{table}\n> |Size|Integer|No|a|\n"), "None."));
    assert_eq!(notes, ["Page.md:9: undecided: this row belongs to no table; it is left out"]);
}
