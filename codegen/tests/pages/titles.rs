//! The operations that pages are about, and the types that their tables describe.

use crate::{imported, operation, shape};

const SECTIONS: &str = "## Request parameters\n\n|Name|Type|Required|Description|\n|--|--|--|--|\n{action}|WidgetId|String|Yes|a|\n\n{end}";

/// A page with a heading, a row for `Action`, and an end.
fn page(heading: &str, action: &str, end: &str) -> String {
    let row = if action.is_empty() { String::new() } else { format!("|Action|String|Yes|{action}|\n") };
    format!("# {heading}\n\n{}", SECTIONS.replace("{action}", &row).replace("{end}", end))
}

#[test]
fn pages_with_other_titles_are_named_after_what_they_send() {
    let sample = "## Examples\n\n```\nhttps://wid.example.com/?Action=PressWidget\n&WidgetId=w-1\n```\n";
    for (heading, action, end) in [
        ("Press a widget", "Set the value to PressWidget.", ""),
        ("按下部件", "系统规定参数。取值：PressWidget", ""),
        ("Press a widget {#press .concept}", "The operation.", sample),
        ("Press a widget", "", sample),
        ("按下部件-PressWidget", "", ""),
        ("Widgets:PressWidget", "", ""),
    ] {
        let (operation, notes) = operation(&page(heading, action, end));
        assert_eq!(operation.operation, "PressWidget", "{heading}");
        assert!(notes.is_empty(), "{heading}: {notes:?}");
    }
}

#[test]
fn a_misspelt_title_gives_way_to_the_action() {
    let (operation, notes) = operation(&page("PressWidgets", "Value: PressWidget.", ""));
    assert_eq!(operation.operation, "PressWidget");
    assert_eq!(
        notes,
        ["Page.md:7: decided: the title of the page is `PressWidgets`; `PressWidget`, the value of `Action`, is taken"]
    );
}

#[test]
fn a_page_that_does_not_name_its_operation_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    crate::write(folder.path(), &[("press a widget.md", &page("Press a widget", "", ""))]);
    let error = ecs_codegen::pages::read(&[folder.path().to_owned()]).expect_err("no name").to_string();
    assert!(error.contains("press a widget.md: line 5: no title, `Action` or sample"), "{error}");

    let all = imported(&[
        ("press a widget.md", &page("Press a widget", "", "")),
        ("PullWidget.md", &page("PullWidget", "", "")),
        ("words.md", "# Words\n\n## Request parameters\n\nAll operations have some.\n"),
    ]);
    let notes: Vec<String> = all.written.notes.iter().map(ToString::to_string).collect();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("press a widget.md:5: skipped: no title, `Action` or sample"), "{notes:?}");
    assert_eq!(all.written.skipped, 1);
}

#[test]
fn a_page_can_have_several_operations() {
    let below = |text: &str| text.replace("\n## ", "\n### ").replace("# P", "## P");
    let one = page("PressWidget", "", "```\n# Not a heading\n```\n");
    let other = page(
        "PullWidget",
        "",
        "## Response parameters\n\n|Name|Type|\n|--|--|\n|PullId|String|\n|some words|String|\n",
    );
    for page in [format!("{one}\n{other}"), format!("# Widgets\n\n{}\n{}", below(&one), below(&other))] {
        let all = imported(&[("Page.md", &page)]);
        assert_eq!(all.operations.keys().collect::<Vec<_>>(), ["PressWidget", "PullWidget"], "{page}");
        let pull = &all.operations["PullWidget"];
        assert_eq!(shape(pull, &pull.response), ["PullId: string"]);
        let line = page.lines().position(|line| line.starts_with("|some words")).expect("a row") + 1;
        let notes: Vec<String> = all.written.notes.iter().map(ToString::to_string).collect();
        assert!(notes.len() == 1 && notes[0].contains(&format!("Page.md:{line}: undecided")), "{notes:?}");
    }
}

#[test]
fn an_operation_without_sections_on_a_page_about_several_is_reported() {
    let table = "|Name|Type|Required|Description|\n|--|--|--|--|\n";
    let operation =
        |name: &str, row: &str| format!("## {name}\n\nSome text.\n\n### Request parameters\n\n{table}{row}\n");
    let page = format!(
        "# Widgets\n\n{}\n## ResetWidget\n\n-   Type: String\n\n### Remarks\n\nNothing.\n\n{}\n## StopWidget\n",
        operation("PressWidget", "|PressId|String|Yes|a|"),
        operation("PullWidget", "|PullId|[PullType](#)|Yes|a|")
            + &format!("\n## PullType\n\n{table}|Id|String|Yes|a|\n"),
    );
    let all = imported(&[("Page.md", &page)]);
    let names: Vec<_> = all.operations.keys().collect();
    assert_eq!(names, ["PressWidget", "PullWidget"]);
    let pull = &all.operations["PullWidget"];
    assert_eq!(shape(pull, &pull.request), ["PullId", "PullId.Id: string!"]);
    let line_of = |name: &str| page.lines().position(|line| line == format!("## {name}")).expect("a heading") + 1;
    let notes: Vec<String> = all.written.notes.iter().map(ToString::to_string).collect();
    for name in ["ResetWidget", "StopWidget"] {
        let expected = format!("Page.md:{}: skipped: no section below the heading `{name}`", line_of(name));
        assert!(notes.iter().any(|note| note.contains(&expected)), "{expected}: {notes:?}");
    }
    assert_eq!(notes.len(), 2, "{notes:?}");
}

/// A page of which further tables describe types.
fn typed(rows: &str, tables: &[(&str, &str)]) -> String {
    let head = "|Name|Type|Description|\n|--|--|--|\n";
    let tables = tables.iter().map(|(caption, rows)| format!("\n{caption}\n\n{head}{rows}"));
    format!("# DescribeWidgets\n\n## Response parameters\n\n{head}{rows}{}", tables.collect::<String>())
}

#[test]
fn captions_can_name_a_type_and_that_of_its_elements() {
    let page = typed(
        "|Widgets|WidgetSetType|a|\n",
        &[
            ("WidgetSetType 是由 WidgetItemType 类型组成的集合。", "|Widget|WidgetItemType|a|\n"),
            ("WidgetItemType 类型的属性如下表所示。", "|WidgetId|String|a|\n|Ids|IdSetType|a|\n|Parts|List|a|\n"),
            ("Parts 是由 PartItemType 类型组成的集合。", "|PartId|String|a|\n"),
            ("IdSetType 是由 String 类型组成的集合。", "|Id|String|a|\n"),
        ],
    );
    let sample = "\n## Examples\n\n```\n{\"Widgets\":{\"Widget\":[{\"WidgetId\":\"w-1\",\"Ids\":{\"Id\":[\"a\"]},\"Parts\":{\"Part\":[{\"PartId\":\"p\"}]}}]}}\n```\n";
    let (operation, notes) = operation(&(page + sample));
    let expected = [
        "Widgets[wrapped:Widget]",
        "Widgets[wrapped:Widget].WidgetId: string",
        "Widgets[wrapped:Widget].Ids[wrapped:Id]: string",
        "Widgets[wrapped:Widget].Parts[wrapped:Part]",
        "Widgets[wrapped:Widget].Parts[wrapped:Part].PartId: string",
    ];
    assert_eq!(shape(&operation, &operation.response), expected, "{notes:?}");
}

#[test]
fn a_caption_can_mean_a_list_without_a_type() {
    let page = |caption| typed("|AlarmHistoryList|List|a|\n|Cursor|String|a|\n", &[(caption, "|AlarmId|String|a|\n")]);
    let list = "AlarmHistoryList[wrapped:AlarmHistory]";
    let expected = [list.to_owned(), format!("{list}.AlarmId: string"), "Cursor: string".to_owned()];
    let (named, notes) = operation(&page("**AlarmHistory**"));
    assert_eq!(shape(&named, &named.response), expected);
    assert!(notes.iter().all(|note| !note.contains("name its type")), "{notes:?}");

    let (guessed, notes) = operation(&page("**History parameters**"));
    assert_eq!(shape(&guessed, &guessed.response), expected);
    let message = "Page.md:12: undecided: this table does not name its type";
    assert!(notes.iter().any(|note| note.starts_with(message)), "{notes:?}");
}

#[test]
fn a_second_table_of_a_type_and_tables_of_unused_types_are_reported() {
    let page = typed(
        "|Widget|WidgetType|a|\n",
        &[
            ("**WidgetType**", "|WidgetId|String|a|\n"),
            ("**WidgetType**", "|Size|Long|a|\n"),
            ("**PartType**", "|A|String|a|\n|B|String|a|\n"),
        ],
    );
    let (operation, notes) = operation(&page);
    assert_eq!(shape(&operation, &operation.response), ["Widget", "Widget.WidgetId: string"]);
    for expected in [
        "Page.md:17: undecided: this table describes no type of a row above, or one that has a table before; left out: 1 row",
        "Page.md:25: undecided: no row has the type `PartType`; left out: 2 members",
    ] {
        assert!(notes.iter().any(|note| note == expected), "{expected}: {notes:#?}");
    }
}
