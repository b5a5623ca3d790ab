//! Pages whose tables were flattened to text, and the page of the same operation in Markdown.

use std::collections::BTreeSet;

use crate::{Imported, imported, lint, shape};

const TEXT: &str = include_str!("pages/flattened.txt");
const MARKDOWN: &str = include_str!("pages/widgets.md");

const REQUEST: [&str; 13] = [
    "RegionId: string!",
    "WidgetIds[json]: string",
    "Filter[repeat]",
    "Filter[repeat].Key: string",
    "Filter[repeat].Value: string",
    "Amount: i32",
    "Status: enum",
    "Address[repeat]: string",
    "Label[repeat]",
    "Label[repeat].Key: string",
    "Label[repeat].Value: string",
    "Attributes[repeat]: string",
    "DryRun: bool",
];

const RESPONSE: [&str; 15] = [
    "NextToken: string",
    "TotalCount: i64",
    "Widgets[wrapped:Widget]",
    "Widgets[wrapped:Widget].WidgetId: string",
    "Widgets[wrapped:Widget].Owner: string",
    "Widgets[wrapped:Widget].CreationTime: time",
    "Widgets[wrapped:Widget].Parts[wrapped:Part]",
    "Widgets[wrapped:Widget].Parts[wrapped:Part].PartId: string",
    "Widgets[wrapped:Widget].Parts[wrapped:Part].Pins[wrapped:Pin]",
    "Widgets[wrapped:Widget].Parts[wrapped:Part].Pins[wrapped:Pin].Length: f64",
    "Widgets[wrapped:Widget].Addresses[wrapped:Address]: string",
    "Widgets[wrapped:Widget].Cover",
    "Widgets[wrapped:Widget].Cover.Addresses[wrapped:Address]: string",
    "Widgets[wrapped:Widget].Cover.Locked: bool",
    "Widgets[wrapped:Widget].Weight: i64",
];

const ERRORS: [&str; 6] = [
    "400 InvalidLabel.Mismatch",
    "400 InvalidLabelCount",
    "400 MissingParameter",
    "403 Forbidden.Widget",
    "404 InvalidFilterKey.NotFound",
    "404 InvalidWidgetId.NotFound",
];

#[test]
fn a_flattened_page_has_everything_at_its_depth() {
    let all = imported(&[("my docs/flattened.txt", TEXT)]);
    assert_eq!(lint(&all), Ok(()));
    let Imported { written, operations, .. } = all;
    let operation = &operations["DescribeWidgets"];
    assert_eq!(operation.family, "my-docs");
    assert_eq!(shape(operation, &operation.request), REQUEST);
    assert_eq!(shape(operation, &operation.response), RESPONSE);
    let errors: Vec<String> = operation.errors.iter().map(|error| format!("{} {}", error.http, error.code)).collect();
    assert_eq!(errors, ERRORS);
    let notes: Vec<&String> = written.notes.iter().map(|note| &note.message).collect();
    assert_eq!(notes, ["`key` is left out, since `Key` differs from it only by case"]);
}

#[test]
fn a_page_in_markdown_gives_the_same_except_for_explained_differences() {
    let all = imported(&[("my docs/widgets.md", MARKDOWN)]);
    assert_eq!(lint(&all), Ok(()));
    let operation = &all.operations["DescribeWidgets"];
    // The older page has no filter, and lists members by name.
    let known = |lines: &[&str], left_out: &str| -> BTreeSet<String> {
        lines.iter().filter(|line| !line.starts_with(left_out)).map(ToString::to_string).collect()
    };
    let set = |lines: Vec<String>| lines.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(set(shape(operation, &operation.request)), known(&REQUEST, "Filter"));
    assert_eq!(set(shape(operation, &operation.response)), known(&RESPONSE, "NextToken"));
    assert_eq!(operation.errors.len(), 5);
}

#[test]
fn what_text_does_not_separate_is_reported() {
    let page = "DescribeWidgets\n\nRequest parameters\n\nParameterTypeRequiredDescriptionExample\nPartobject []No\n\nThe parts.\n\n\
                IdstringNo\n\nThe ID.\n\np-1\nModestringNo\n\nThe mode.\n\nfast\n\nError codes\n\n400WidgetBrokenRepair it first.-\n";
    let Imported { written, operations, .. } = imported(&[("page.txt", page)]);
    let operation = &operations["DescribeWidgets"];
    assert_eq!(
        shape(operation, &operation.request),
        ["Part[repeat]", "Part[repeat].Id: string", "Part[repeat].Mode: string"]
    );
    assert_eq!(operation.errors[0].code, "WidgetBroken");
    let notes: Vec<String> = written.notes.iter().map(|note| format!("{}: {}", note.line, note.message)).collect();
    assert_eq!(
        notes,
        [
            "15: `Mode` is taken as a member of `Part`; it could be one of the request",
            "23: error code taken as `WidgetBroken`; the page does not separate it from the message",
        ]
    );
}

#[test]
fn sections_with_one_cell_a_line_and_no_head_are_reported() {
    let page = "DeleteWidget\nDeletes a widget.\nRequest parameters\nWidgetId\nString\nYes\nResponse parameters\nRequestId\nString\n473469C7\n";
    let notes = crate::imported(&[("DeleteWidget.txt", page)]).written.notes;
    let notes: Vec<String> = notes.iter().map(ToString::to_string).collect();
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(
        notes[0].ends_with(
            "DeleteWidget.txt:3: undecided: the section \"Request parameters\" has no table that can be read"
        ),
        "{notes:?}"
    );
}
