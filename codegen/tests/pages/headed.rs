//! Members that have a heading, or a line in bold, each.

use crate::{operation, shape};

/// A member with a heading.
fn member(name: &str, kind: &str) -> String {
    format!("### {name}\n\nMore about it.\n\n- Type: {kind}\n- Required: No\n\n")
}

/// The members of a request, and the notes.
fn request(text: &str) -> (Vec<String>, Vec<String>) {
    let (operation, notes) = operation(&format!("# PressWidget\n\n## Request parameters\n\n{text}"));
    (shape(&operation, &operation.request), notes)
}

#[test]
fn members_can_have_a_title_each() {
    let members = |title: &dyn Fn(&str) -> String| {
        [
            format!("## 请求参数\n\n{}\n\n-   类型：String\n-   必须：是\n-   描述：a\n", title("WidgetId")),
            format!("{}\n\nType: Integer\n\n**Required**: No\n\nMore about it.\n", title("Disk.N.Size")),
            format!(
                "{}\n\n-   Type: String\n-   Required: Yes\n-   Format:\n\n    ```\n    # ^[a-z]+$\n    ```\n",
                title("Name")
            ),
            format!("{}\n\na\n", title("Finish")),
            format!(
                "## Return parameters\n\n{}\n\n- Type: [Widget](types/Widget.md) Type\n- Description: a\n",
                title("Widget")
            ),
            format!("{}\n\n- Type: Integer\n", title("Total")),
            format!(
                "## Error codes\n\n{}\n\n-   HTTP Status：400\n-   Error Message：a\n",
                title("InvalidParameter.Name")
            ),
        ]
        .join("\n")
    };
    let heading = |name: &str| format!("### {name} {{#section_{name}}}");
    let bold = |name: &str| format!("**{name}**");
    let titles: [&dyn Fn(&str) -> String; 2] = [&heading, &bold];
    for title in titles {
        let page = format!("# PressWidget\n\n{}", members(title));
        let widget = format!("# Widget\n\n## Subnode\n\n{}\n\n-   Type: String\n", title("Id"));
        let all = crate::imported(&[("PressWidget.md", &page), ("types/Widget.md", &widget)]);
        let operation = &all.operations["PressWidget"];
        let request = ["WidgetId: string!", "Disk[repeat]", "Disk[repeat].Size: i32", "Name: string!"];
        assert_eq!(shape(operation, &operation.request), request);
        let response = ["Widget", "Widget.Id: string", "Total: i64"];
        assert_eq!(shape(operation, &operation.response), response);
        let codes: Vec<_> = operation.errors.iter().map(|error| error.code.as_str()).collect();
        assert_eq!(codes, ["InvalidParameter.Name"]);
        let line = page.lines().position(|line| line.contains("Finish")).expect("a title") + 1;
        let expected =
            format!("PressWidget.md:{line}: undecided: no type of `Finish` is stated below its title; it is left out");
        assert!(all.written.notes.iter().any(|note| note.to_string().ends_with(&expected)), "{:?}", all.written.notes);
    }
}

#[test]
fn members_below_headings_inside_others_are_members_of_those() {
    let page = "# PressWidget\n\n## Response parameters\n\n### Widget\n\nType: Object\n\n#### Id\n\nType: String\n\n\
                #### Parts\n\nType: Array\n\n##### PartId\n\nType: String\n\n### Total\n\nType: Integer\n";
    let (operation, _) = operation(page);
    let expected = [
        "Widget",
        "Widget.Id: string",
        "Widget.Parts[wrapped:Part]",
        "Widget.Parts[wrapped:Part].PartId: string",
        "Total: i64",
    ];
    assert_eq!(shape(&operation, &operation.response), expected);
}

#[test]
fn facts_about_members_without_a_title_are_no_members() {
    let facts = "- Type: String\n- Required: Yes\n";
    let page =
        format!("# PressWidget\n\n## Request parameters\n\n### ID of the widget\n\n{facts}\n### Its size\n\n{facts}");
    let (operation, notes) = operation(&page);
    assert_eq!(shape(&operation, &operation.request), [""; 0]);
    let expected = ["5: undecided: the title `ID of the widget`", "10: undecided: the title `Its size`"];
    let expected = expected.map(|note| format!("Page.md:{note} is not the name of a member; it is left out"));
    assert_eq!(notes, expected);
}

#[test]
fn headings_of_other_parts_are_no_members_and_do_not_end_the_section() {
    let errors = "|HTTP status|Error code|Message|\n|--|--|--|\n|400|Bad.Widget|a|\n";
    for part in [
        "### Examples\n\n```\nType: String\nhttps://host/?Action=PressWidget&Size=3\n```\n",
        "### 使用说明\n\na\n",
        &format!("### Error codes\n\n{errors}"),
    ] {
        let page = [&member("WidgetId", "String"), part, "\n", &member("SampleRate", "Long")].concat();
        let (members, notes) = request(&page);
        assert_eq!(members, ["WidgetId: string", "SampleRate: i64"], "{part}: {notes:?}");
        assert_eq!(notes, [""; 0], "{part}");
    }
    let page = [member("WidgetId", "String"), "### 使用说明\n\na\n\n".to_owned(), member("Size", "Long")].concat();
    assert_eq!(request(&page.replace("###", "##")).0, ["WidgetId: string", "Size: i64"]);
}

#[test]
fn error_codes_go_on_after_an_example() {
    let page = "# PressWidget\n\n## Request parameters\n\nNone.\n\n## Error codes\n\n### Bad.Widget\n\nHTTP status code: 400\n\n\
                ### Examples\n\na\n\n### Other.Code\n\nHTTP status code: 404\n";
    let codes = operation(page).0.errors.into_iter().map(|error| error.code);
    assert_eq!(codes.collect::<Vec<_>>(), ["Bad.Widget", "Other.Code"]);
}

#[test]
fn code_and_tables_of_values_are_part_of_a_member() {
    for part in [
        "```\n|a|b|\n```\n",
        "~~~\n```\n### Fake\n\n- Type: String\n~~~\n",
        "|Value|Meaning|\n|--|--|\n|soft|gently|\n",
    ] {
        let page = [&member("Mode", "String"), part, "\n", &member("Size", "Long")].concat();
        assert_eq!(request(&page), (vec!["Mode: string".to_owned(), "Size: i64".to_owned()], Vec::new()), "{part}");
    }
}

#[test]
fn a_table_below_a_member_has_the_members_of_its_type() {
    let table = "|Name|Type|Required|Description|\n|--|--|--|--|\n|Key|String|No|a|\n\n";
    let page = [&member("Tags", "Array of Object"), table, &member("Size", "Long")].concat();
    let (members, _) = request(&page);
    assert_eq!(members, ["Tags[repeat]", "Tags[repeat].Key: string", "Size: i64"]);
    let page = [&member("Mode", "String"), table, &member("Size", "Long")].concat();
    let (members, notes) = request(&page);
    assert_eq!(members, ["Mode: string", "Size: i64"]);
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].ends_with("left out: 1 member") || notes[0].ends_with("left out: 1 row"), "{notes:?}");
}

#[test]
fn titles_have_remarks_and_colons_and_facts_have_tags() {
    let page =
        "**WidgetId:**\n\nType: String\nRequired: Yes\n\n**Size**:\n\n<p>Type: Long</p>\n<p>Required: No</p>\n\n";
    assert_eq!(request(page).0, ["WidgetId: string!", "Size: i64"]);
    let (members, notes) = request(&[member("Size (optional)", "Long"), member("The mode", "String")].concat());
    assert_eq!(members, ["Size: i64"]);
    assert_eq!(notes, ["Page.md:12: undecided: the title `The mode` is not the name of a member; it is left out"]);
}

#[test]
fn members_of_a_type_go_on_after_another_heading() {
    let members = [member("Id", "String"), "### 使用说明\n\na\n\n".to_owned(), member("Size", "Long")].concat();
    let page = "# PressWidget\n\n## Response parameters\n\n|Name|Type|Description|\n|--|--|--|\n|Widget|[Widget](Widget.md)|a|\n";
    let all =
        crate::imported(&[("PressWidget.md", page), ("Widget.md", &format!("# Widget\n\n## Subnode\n\n{members}"))]);
    let operation = &all.operations["PressWidget"];
    assert_eq!(shape(operation, &operation.response), ["Widget", "Widget.Id: string", "Widget.Size: i64"]);
}
