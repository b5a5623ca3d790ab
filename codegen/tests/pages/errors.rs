//! Tables of error codes.

use crate::operation;

fn errors(table: &str) -> (Vec<String>, Vec<String>) {
    let page =
        format!("# PressWidget\n\n## Request parameters\n\nNone.\n\n## Error codes {{#codes .section}}\n\n{table}\n");
    let (operation, notes) = operation(&page);
    (operation.errors.iter().map(|error| format!("{} {}", error.http, error.code)).collect(), notes)
}

#[test]
fn columns_have_many_titles_and_orders() {
    let tables = [
        "|HttpCode|错误码|错误信息|描述|\n|--|--|--|--|\n|404|Widget.Gone|%s|a|",
        "|HTTP status code|Error code|Error message|Description|\n|--|--|--|--|\n|404|Widget.Gone|%s|a|",
        "|HTTP stauts code|Error code|Error message|Meaning|\n|--|--|--|--|\n|404|Widget.Gone|%s|a|",
        "|错误代码|错误信息|HTTP 状态码|说明|\n|:-|:-|:-|:-|\n|Widget.Gone|%s|404|a|",
        "|Error code|Error information|HTTP status code |Note|\n|--|--|--|--|\n|Widget.Gone|%s|404|a|",
        "|Error code|HTTP status code|Error code|\n|--|--|--|\n|Widget.Gone|404|It is gone.|",
        "|HTTP|Error code|Error message|Description|\n|--|--|--|--|\n|404|`Widget.Gone`|%s|a|",
    ];
    for table in tables {
        assert_eq!(errors(table).0, ["404 Widget.Gone"], "{table}");
    }
}

#[test]
fn escapes_typos_and_repeated_rows_are_mended() {
    let (errors, notes) = errors(
        "|HttpCode|Error code|Error message|Description|\n|--|--|--|--|\n|4003|NO\\_WIDGET|a|b|\n|400|Widget.Weak|a|b | c|\n\
         |400|Widget.Weak|a|b|\n|400|not a code|a|b|\n||Widget.Lost|a|b|\n|404|Widget. Gone|a|b|",
    );
    assert_eq!(errors, ["400 NO_WIDGET", "400 Widget.Weak", "404 Widget.Gone"]);
    assert_eq!(
        notes,
        [
            "Page.md:9: decided: errors stated more than once in this table or before it: 1",
            "Page.md:11: decided: error `NO_WIDGET`: 400 taken for the HTTP status `4003`",
            "Page.md:14: skipped: `not a code` is not an error code",
            "Page.md:15: skipped: error `Widget.Lost` has no HTTP status but ``",
            "Page.md:16: decided: `Widget. Gone` is read as the error code `Widget.Gone`",
        ]
    );
}
