//! Pages that are broken in the ways in which editors and converters break them: each row is read or reported.

use crate::{imported, operation, request, shape};

const ROWS: &str = "|Name|Type|Required|Description|\n|--|--|--|--|\n|WidgetId|String|Yes|a|\n";

/// A page with rows below a complete one.
fn rows(rows: &str) -> (Vec<String>, Vec<String>) {
    let (operation, notes) = operation(&format!("# PressWidget\n\n## Request parameters\n\n{ROWS}{rows}"));
    (shape(&operation, &operation.request), notes)
}

#[test]
fn rows_with_missing_cells_do_not_take_the_next_row() {
    let (members, notes) =
        rows("|Mode|String|\n|Size|Integer|No|b|c|d|\n|Lonely|\n|Color|String|No|a|\n|Last|Long|No|");
    assert_eq!(members, ["WidgetId: string!", "Mode: string", "Size: i32", "Color: string", "Last: i64"]);
    assert_eq!(
        notes,
        [
            "Page.md:8: undecided: `Mode` is marked neither as required nor as optional: ``",
            "Page.md:8: undecided: this row has 2 instead of 4 cells; the others are taken as empty",
            "Page.md:10: undecided: this row has a single cell; it is left out",
            "Page.md:12: undecided: this row has 3 instead of 4 cells; the others are taken as empty",
        ]
    );
}

#[test]
fn rows_outside_tables_and_tables_without_titles_are_reported() {
    let (members, notes) =
        rows("\nMore of them:\n\n|Mode|String|No|a|\n\n<table><tr><td>Size</td><td>Long</td></tr></table>\n");
    assert_eq!(members, ["WidgetId: string!"]);
    assert_eq!(
        notes,
        [
            "Page.md:11: undecided: this row belongs to no table; it is left out",
            "Page.md:13: skipped: this table has no columns for what the section states; its rows are left out",
        ]
    );
}

#[test]
fn cells_of_html_tables_can_be_missing_or_span_others() {
    let table = "<table><tr><th>Name</th><th>Type</th><th>Required</th></tr>\n<tr><td colspan=\"3\">Advanced</td></tr>\n\
                 <tr><td rowspan=2>Mode</td><td>String</td><td>No</td></tr>\n<tr><td>Integer</td><td>No</td></tr>\n<tr><td>Size</td><td>Long</td></tr></table>\n";
    let (operation, notes) = operation(&format!("# PressWidget\n\n## Request parameters\n\n{table}"));
    assert_eq!(shape(&operation, &operation.request), ["Mode: string", "Size: i64"]);
    assert_eq!(
        notes,
        [
            "Page.md:6: undecided: this row has a single cell; it is left out",
            "Page.md:8: decided: `Mode` is stated again with other facts; line 7 is taken",
            "Page.md:9: undecided: `Size` is marked neither as required nor as optional: ``",
            "Page.md:9: undecided: this row has 2 instead of 3 cells; the others are taken as empty",
        ]
    );
}

#[test]
fn headings_and_line_ends_have_many_forms() {
    let page = format!("# PressWidget\n\n## Request parameters\n\n{ROWS}");
    for page in [
        page.replace('\n', "\r\n"),
        page.replace('\n', "\r"),
        format!("\u{feff}{page}"),
        page.replace("## ", "# "),
        page.replace("# PressWidget", "<h1>PressWidget</h1>")
            .replace("## Request parameters", "<h2 id=\"a\">Request parameters</h2>"),
        page.replace("# PressWidget", "**PressWidget**").replace("## Request parameters", "**Request parameters**"),
        page.replace("# PressWidget", "PressWidget").replace("## Request parameters", "Request parameters"),
        page.replace("|--|--|--|--|\n", ""),
        page.replace("## Request parameters", "## 一、请求参数").replace("Required", "是否必填").replace("Yes", "是"),
    ] {
        let (operation, notes) = operation(&page);
        assert_eq!(operation.operation, "PressWidget", "{page}");
        assert_eq!(shape(&operation, &operation.request), ["WidgetId: string!"], "{page}");
        assert!(notes.is_empty(), "{page}: {notes:?}");
    }
}

#[test]
fn cells_can_have_tags() {
    let (operation, notes) = request(
        "|<b>A</b>|<code>String</code>|<p>No</p>|a|a|\n|<a href=\"#x\">B</a>|<a href='#'>Integer</a>|<font color=red>Yes</font>|1|a|\n|~~C~~|String|No|a|a|\n\
         |D<sup>1</sup>|String|No|a|a|",
    );
    assert_eq!(shape(&operation, &operation.request), ["A: string", "B: i32!", "C: string"]);
    assert_eq!(notes, ["Page.md:10: undecided: `D<sup>1</sup>` is not the name of a member; the row is left out"]);
}

#[test]
fn a_second_section_continues_the_first_and_missing_marks_are_reported() {
    let further = "\n## Request parameters (continued)\n\n|Name|Type|Required|\n|--|--|--|\n|Mode|String|No|\n";
    let (members, notes) = rows(further);
    assert_eq!(members, ["WidgetId: string!", "Mode: string"]);
    assert!(notes.is_empty(), "{notes:?}");

    let page = "# PressWidget\n\n## Request parameters\n\n|Name|Type|Description|\n|--|--|--|\n|WidgetId|String|a|\n";
    let (operation, notes) = operation(page);
    assert_eq!(shape(&operation, &operation.request), ["WidgetId: string"]);
    let message = "Page.md:5: undecided: this table does not mark required parameters; all are taken as optional";
    assert_eq!(notes, [message]);
}

#[test]
fn pages_about_common_parameters_are_no_operations() {
    let common = "# 公共参数\n\n## 公共请求参数\n\n|名称|类型|是否必须|描述|\n|--|--|--|--|\n|Format|String|否|a|\n\n## 公共返回参数\n\n|名称|类型|描述|\n|--|--|--|\n|RequestId|String|a|\n";
    let page = format!("# PressWidget\n\n## Request parameters\n\n{ROWS}");
    let all = imported(&[("common.md", common), ("PressWidget.md", &page)]);
    assert_eq!(all.operations.len(), 1);
    assert_eq!((all.written.skipped, all.written.notes.len()), (1, 0), "{:?}", all.written.notes);
}

#[test]
fn rows_of_flattened_tables_with_missing_cells_are_read_or_reported() {
    let page = |request: &str| format!("# PressWidget\n\n## Request parameters\n\n{request}\n");
    let tabs = "Name\tType\tRequired\tDescription\nWidgetId\tString\tYes\tThe ID.\n\tString\tNo\tno name\nSize\tLong\t\tno mark\n";
    let (tabbed, notes) = operation(&page(tabs));
    assert_eq!(shape(&tabbed, &tabbed.request), ["WidgetId: string!", "Size: i64"]);
    assert_eq!(
        notes,
        [
            "Page.md:7: undecided: this row has a type but no name; it is left out",
            "Page.md:8: undecided: `Size` is marked neither as required nor as optional: ``",
        ]
    );
    let lines = "Name\nType\nRequired\nDescription\nWidgetId\nString\nYes\nThe ID.\nMode\nString\nThe mark is missing.\nSize\nLong\nNo\nThe size.\n";
    let (stacked, notes) = operation(&page(lines));
    assert_eq!(shape(&stacked, &stacked.request), ["WidgetId: string!", "Size: i64"]);
    assert_eq!(notes, ["Page.md:13: undecided: `Mode` has the type `String`, but no mark follows; it is left out"]);
    let bars = "Name | Type | Required |\n---|---|---|\nWidgetId | String | Yes |\nMode | String\nSize | Long | No |\n";
    let (barred, notes) = operation(&page(bars));
    assert_eq!(shape(&barred, &barred.request), ["WidgetId: string!", "Mode: string", "Size: i64"]);
    assert!(!notes.is_empty() && notes.iter().all(|note| note.starts_with("Page.md:8: undecided: ")), "{notes:?}");
}

#[test]
fn marks_that_contradict_the_types_are_reported() {
    let (operation, notes) = crate::response(
        "|Widgets|Array of Widget| |a|\n|>Id|String|w|a|\n|>>Deep|String|w|a|",
        r#"{"Widgets":{"Widget":[{"Id":"w"}]}}"#,
    );
    assert_eq!(operation.response.len(), 1);
    let message = "Page.md:9: undecided: `Deep` is marked or indented to level 2, but is taken as a member at level 1";
    assert!(notes.iter().any(|note| note == message), "{notes:?}");
    let (operation, notes) = request("|Spring|String|No|a|a|\n|Spring.Force|Long|No|1|a|");
    assert_eq!(shape(&operation, &operation.request), ["Spring", "Spring.Force: i64"]);
    assert_eq!(notes, ["Page.md:7: decided: `Spring` has members, so that it is not taken as a single value"]);
}
