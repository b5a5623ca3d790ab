//! Tables of parameters: heads, cells, names, types and marks.

use crate::{operation, request, shape};

#[test]
fn heads_have_many_titles() {
    let heads = [
        ("## Request parameters", "|Parameter|Type|Required|Example|Description|", "|WidgetId|String|Yes|w-1|ID.|"),
        (
            "## Request parameters {#parameters .section}",
            "|Name|Type|Required|Description|",
            "|WidgetId|String|Yes.|ID.|",
        ),
        ("## Request parameters", "|Name|Type|Required?|Example value|Description|", "|WidgetId|String|Yes|w-1|ID.|"),
        (
            "## Request parameters",
            "|Parameter|Position|Type|Required|Example|Description|",
            "|WidgetId|Query|String|Yes|w-1|ID.|",
        ),
        ("## Request parameters", "|Name|Type |Required|Description |", "|WidgetId|string|Yes|ID.|"),
        (
            "## 请求参数 {#RequestParameter .section}",
            "|名称|类型|是否必选|示例值|描述|",
            "|WidgetId|String|是|w-1|号。|",
        ),
        ("## 请求参数", "|名称|类型|是否必需|描述|", "|WidgetId|String|是|号。|"),
        ("## 请求参数", "|参数|类型|必需|描述|", "|WidgetId|String|是|号。|"),
    ];
    for (section, head, row) in heads {
        let rule = head.split('|').skip(2).map(|_| "|:--").collect::<String>() + "|";
        let page = format!(
            "# PressWidget {{#PressWidget .reference}}\n\n{section}\n\n{head}\n{rule}\n|Action|String|Yes|a|b|c|\n{row}\n"
        );
        let (operation, _) = operation(&page);
        assert_eq!(operation.operation, "PressWidget", "{head}");
        assert_eq!(shape(&operation, &operation.request), ["WidgetId: string!"], "{head}");
    }
}

#[test]
fn cells_span_lines_and_contain_bars() {
    let (operation, notes) = request(
        "|Action|String|No|PressWidget| The operation.\n\n |\n\
         |Mode|String|No|soft| How to press. Valid values:\n\n -   soft: gently\n-   hard: with force\n\n |\n\
         |Period|Integer|No|1|Months: 1 | 2 | 3.\n\n|\n\
         |Color|String|No|deep\\_red|A \\| B. |",
    );
    assert_eq!(shape(&operation, &operation.request), ["Mode: enum", "Period: i32", "Color: string"]);
    let mode = operation.request[0].ty.name();
    let values: Vec<&String> = operation.types[mode].values.iter().flat_map(|values| values.keys()).collect();
    assert_eq!(values, ["soft", "hard"]);
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn a_row_without_an_end_does_not_take_the_next_one() {
    let (operation, notes) = request("|Mode|String|No|soft|How\n|Color|String|No|red|Which.|");
    assert_eq!(shape(&operation, &operation.request), ["Mode: string", "Color: string"]);
    assert_eq!(notes, ["Page.md:7: undecided: the last cell of this row has no end"]);
}

#[test]
fn dotted_names_fold_into_structs_and_lists() {
    let (operation, notes) = request(
        "|Disk.Size|Integer|No|1|a|\n|Disk.Category|String|No|a|a|\n|Tag.N.Key|String|Yes|k|a|\n|Tag.n.Value|String|No|v|a|\n\
         |Filter.1.Key|String|No|k|a|\n|Filter.2.Key|String|No|k|a|\n|Filter.1.Value|String|No|v|a|\n\
         |WidgetId.N|RepeatList|Yes|w-1|a|\n|Port.N.GroupIds.N|RepeatList|No|g|a|\n|Port.N.Number|Long|No|1|a|\n\
         | Status. Code |Integer|No|1|a|",
    );
    assert_eq!(
        shape(&operation, &operation.request),
        [
            "Disk",
            "Disk.Size: i32",
            "Disk.Category: string",
            "Tag[repeat]",
            "Tag[repeat].Key: string!",
            "Tag[repeat].Value: string",
            "Filter[repeat]",
            "Filter[repeat].Key: string",
            "Filter[repeat].Value: string",
            "WidgetId[repeat]: string!",
            "Port[repeat]",
            "Port[repeat].GroupIds[repeat]: string",
            "Port[repeat].Number: i64",
            "Status",
            "Status.Code: i32",
        ]
    );
    assert_eq!(notes, ["Page.md:17: decided: `Status. Code` is read as the name `Status.Code`"]);
}

#[test]
fn of_names_that_differ_by_case_the_capital_one_stays() {
    let (operation, notes) = request("|Tag.N.key|String|No|k|a|\n|Tag.N.Key|String|No|k|a|");
    assert_eq!(shape(&operation, &operation.request), ["Tag[repeat]", "Tag[repeat].Key: string"]);
    assert_eq!(notes, ["Page.md:8: decided: `key` is left out, since `Key` differs from it only by case"]);
}

#[test]
fn a_sentence_is_not_a_name() {
    let (operation, notes) = request("|The number of the page|Integer|No|1|a|\n|Size|Integer|No|1|a|");
    assert_eq!(shape(&operation, &operation.request), ["Size: i32"]);
    assert_eq!(notes.len(), 1);
    assert!(
        notes[0].starts_with("Page.md:7: undecided: `The number of the page` is not the name of a member"),
        "{notes:?}"
    );
}

#[test]
fn types_have_many_spellings() {
    let kinds = [
        ("string", "A: string"),
        ("Integer", "A: i32"),
        ("Long", "A: i64"),
        ("Boolean", "A: bool"),
        ("Float", "A: f32"),
        ("Double", "A: f64"),
        ("List", "A[repeat]: string"),
        ("RepeatList", "A[repeat]: string"),
        ("Array of String", "A[repeat]: string"),
        ("List of `Integer`", "A[repeat]: i32"),
        ("Json", "A[json]: map"),
        ("**Array of String**", "A[repeat]: string"),
        ("array\\<integer\\>", "A[repeat]: i32"),
        ("Array\\[Long\\]", "A[repeat]: i64"),
        ("[]string", "A[repeat]: string"),
        ("String[]", "A[repeat]: string"),
        ("String Array", "A[repeat]: string"),
        ("List(String)", "A[repeat]: string"),
        ("Array of Strings", "A[repeat]: string"),
        ("Repeat List", "A[repeat]: string"),
        ("repeated list", "A[repeat]: string"),
        ("字符串数组", "A[repeat]: string"),
        ("JSON Array", "A[json]: string"),
        ("Map<String, String>", "A[json]: map"),
        ("integer (int32)", "A: i32"),
        ("integer (int64)", "A: i64"),
        ("integer&lt;int64&gt;", "A: i64"),
        ("number(float)", "A: f32"),
        ("bigint", "A: i64"),
        ("BigInt", "A: i64"),
        ("BIGINT", "A: i64"),
        ("Array of bigint", "A[repeat]: i64"),
        ("Long Integer", "A: i64"),
        ("varchar", "A: string"),
        ("HashMap<String, Long>", "A[json]: map"),
        ("string（枚举）", "A: string"),
        ("String<br>", "A: string"),
        ("长整型", "A: i64"),
    ];
    for (kind, expected) in kinds {
        let (operation, _) = request(&format!("|A|{kind}|No| |a|"));
        assert_eq!(shape(&operation, &operation.request), [expected], "{kind}");
    }
}

#[test]
fn unknown_types_and_lists_of_lists_are_reported() {
    for (kind, message) in [
        ("String/Integer", "no table describes the type `StringInteger`"),
        ("Array of Array of String", "is a list of lists"),
    ] {
        let (_, notes) = request(&format!("|A|{kind}|No| |a|"));
        assert!(
            notes.iter().any(|note| note.starts_with("Page.md:7: undecided") && note.contains(message)),
            "{kind}: {notes:?}"
        );
    }
}

#[test]
fn names_have_many_forms() {
    let names = [
        ("`A`", "A: string"),
        ("**A**", "A: string"),
        ("A\\_B", "A_B: string"),
        ("\\*A", "A: string"),
        ("A（可选）", "A: string"),
        ("A (optional)", "A: string"),
        ("A：", "A: string"),
        ("<b>A</b><br>", "A: string"),
        ("A\\[N\\]", "A[repeat]: string"),
        ("A.{N}", "A[repeat]: string"),
        ("A.#", "A[repeat]: string"),
        ("A.1~n", "A[repeat]: string"),
        ("A.1...N", "A[repeat]: string"),
        ("A.$N", "A[repeat]: string"),
    ];
    for (name, expected) in names {
        let (operation, _) = request(&format!("|{name}|String|No| |a|"));
        assert_eq!(shape(&operation, &operation.request), [expected], "{name}");
    }
    for name in ["A,B", "A/B", ".A", "- A", "中文"] {
        let (_, notes) = request(&format!("|{name}|String|No| |a|\n|B|String|No| |a|"));
        assert!(notes.iter().any(|note| note.contains("is not the name of a member")), "{name}: {notes:?}");
    }
}

#[test]
fn marks_of_required_parameters_have_many_forms() {
    let marks = [
        ("是", true),
        ("必选", true),
        ("必传", true),
        ("Required", true),
        ("**Yes**", true),
        ("是；", true),
        ("√", true),
        ("否", false),
        ("可选", false),
        ("选填", false),
        ("非必须", false),
        ("Optional", false),
        ("是（条件）", false),
        ("Conditional", false),
        ("×", false),
    ];
    for (mark, expected) in marks {
        let (operation, notes) = request(&format!("|A|String|{mark}| |a|"));
        assert_eq!((operation.request[0].required, notes.len()), (expected, 0), "{mark}: {notes:?}");
    }
}

#[test]
fn tables_can_lack_bars_at_their_ends_or_be_indented_or_html() {
    let tables = [
        "Name | Type | Required | Description\n--- | --- | --- | ---\nWidgetId | String | Yes | The ID.\nMode | Long | No | a\n",
        "   |Name|Type|Required|Description|\n   |--|--|--|--|\n   |WidgetId|String|Yes|One of `a|b`.|\n   |Mode|Long|No|a|\n",
        "|Parameter Name|Parameter Type|Is Required|Parameter Description|\n|:--|:-:|--:|--|\n|WidgetId|String|Yes|a|\n|Mode|Long|No|a|\n",
        "<table>\n<thead><tr><th>Parameter</th><th>Type</th><th>Required</th><th>Description</th></tr></thead>\n<tbody>\n<tr>\n<td><p>WidgetId</p></td>\n\
         <td>String</td><td>Yes</td><td>a &lt;b&gt;<ul><li>c</li></ul></td></tr>\n<!-- <tr> -->\n<tr><td>Mode<td>Long<td>No<td>a</tr>\n</tbody></table>\n",
        "<table border=\"1\"><tr><td>名称</td><td>类型</td><td>是否必选</td><td>描述</td></tr><tr><td>WidgetId</td><td>String</td><td>是</td><td rowspan=\"2\">a</td></tr>\
         <tr><td>Mode</td><td>Long</td><td>否</td></tr></table>\n",
    ];
    for table in tables {
        let (operation, notes) = operation(&format!("# PressWidget\n\n## Request parameters\n\n{table}\n"));
        assert_eq!(shape(&operation, &operation.request), ["WidgetId: string!", "Mode: i64"], "{table} {notes:?}");
        assert!(notes.is_empty(), "{notes:?}");
    }
}

#[test]
fn rows_without_a_name_state_the_elements_and_unknown_tables_are_reported() {
    let (operation, notes) = request("|Sizes|array|No| |a|\n| |long|No|1|a|\n|Mode|string|No| |a|\n| |string|No| |a|");
    assert_eq!(shape(&operation, &operation.request), ["Sizes[repeat]: i64", "Mode: string"]);
    assert_eq!(notes, ["Page.md:10: undecided: this row has a type but no name; it is left out"]);
    let (_, notes) = request("|Mode|string|No| |a|\n\n|Foo|Bar|\n|--|--|\n|a|b|");
    assert_eq!(
        notes,
        ["Page.md:9: skipped: this table has no columns for what the section states; its rows are left out"]
    );
}

#[test]
fn strings_that_contain_lists_are_lists() {
    let (operation, _) = request(
        "|A|String|No|\\[\"w-1\", \"w-2\"\\]|IDs.|\n|B|String|No|w-1|IDs, separated by commas.|\n\
         |C|String|No||IDs as a JSON array, separated by commas.|\n|D|String|No|w|A name with commas.|",
    );
    let expected = ["A[json]: string", "B[comma]: string", "C[json]: string", "D: string"];
    assert_eq!(shape(&operation, &operation.request), expected);
}

#[test]
fn conditional_and_unknown_marks_do_not_require() {
    let (operation, notes) = request(
        "|A|String|Yes.|a|a|\n|B|String|Yes, if A is set|a|a|\n|C|String|No|a|Required if B is set.|\n|D|String|Maybe|a|a|",
    );
    assert_eq!(shape(&operation, &operation.request), ["A: string!", "B: string", "C: string", "D: string"]);
    assert_eq!(notes, ["Page.md:10: undecided: `D` is marked neither as required nor as optional: `Maybe`"]);
}

#[test]
fn facts_that_are_written_unmistakably_are_taken() {
    let (operation, _) = request(
        "|Size|Integer|No|1|How many. Valid values: 1 to 100\n\n Default value: 10. |\n\
         |Weak|Boolean|No|true|Whether.\n\n Default value: depends on the color. |\n\
         |Force|String|No|false|是否强制。取值范围：-   true：是\n-   false（默认值）：否\n\n|\n\
         |Index|Integer|No|1|Valid values of N: 1 to 20. |",
    );
    let facts: Vec<String> = operation
        .request
        .iter()
        .map(|field| format!("{} {} {:?} {:?} {:?}", field.name, field.ty.name(), field.min, field.max, field.default))
        .collect();
    let expected = [
        "Size i32 Some(Number(1)) Some(Number(100)) Some(Number(10))",
        "Weak bool None None None",
        "Force bool None None None",
        "Index i32 None None None",
    ];
    assert_eq!(facts, expected);
}

#[test]
fn types_of_parameters_can_have_tables_of_their_own() {
    let page = "# PressWidget\n\n## Request parameters\n\n|Name|Type|Required|Description|\n|--|--|--|--|\n\
                |Spring|SpringType|No|a|\n|Part.N|PartType|No|a|\n\n**SpringType**\n\n|Name|Type|Required|Description|\n|--|--|--|--|\n\
                |Force|Float|Yes|a|\n\n**Type PartType**\n\n|Name|Type|Required|Description|\n|--|--|--|--|\n|PartId|String|No|a|\n";
    let (operation, _) = operation(page);
    assert_eq!(
        shape(&operation, &operation.request),
        ["Spring", "Spring.Force: f32!", "Part[repeat]", "Part[repeat].PartId: string"]
    );
}

#[test]
fn descriptions_state_the_formats_of_times() {
    let (operation, _) = request(
        "|EndTime|String|No| |In UTC, as YYYY-MM-DDThh:mm:ssZ.|\n|StartTime|String|No|2031-01-02T03:04Z|When.|",
    );
    let forms: Vec<Option<&str>> = operation.request.iter().map(|field| field.time.as_deref()).collect();
    assert_eq!(forms, [Some("yyyy-MM-ddTHH:mm:ssZ"), Some("yyyy-MM-ddTHH:mmZ")]);
}

#[test]
fn underlined_headings_open_sections() {
    let page = "PressWidget\n===========\n\nRequest Parameters\n------------------\n\nName | Type | Required\n---- | ---- | --------\nWidgetId | String | yes\n\n\
                Response Parameters\n-------------------\n\n|Name|Type|\n|--|--|\n|Id|String|\n\nError Codes\n-----------\n\n|Error code|HTTP status code|\n|--|--|\n|A.B|400|\n\n\
                ```\nRequest parameters\n------------------\n```\n";
    let (operation, notes) = crate::operation(page);
    assert_eq!(operation.operation, "PressWidget");
    assert_eq!(shape(&operation, &operation.request), ["WidgetId: string!"]);
    assert_eq!(shape(&operation, &operation.response), ["Id: string"]);
    assert_eq!(operation.errors.len(), 1);
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn sections_without_a_readable_table_are_reported() {
    let page = "# PressWidget\n\n## Request parameters\n\n- WidgetId must be set\n- Force can be\n\n\
                ## Response parameters\n\n```\nId: a\n```\n\n## Error codes\n\nError code\n\nA.B\n\n400\n";
    let (_, notes) = crate::operation(page);
    let message = |line: usize, title: &str| {
        format!("Page.md:{line}: undecided: the section \"{title}\" has no table that can be read")
    };
    assert_eq!(
        notes,
        [message(3, "Request parameters"), message(8, "Response parameters"), message(14, "Error codes")]
    );
}

#[test]
fn sections_that_state_nothing_are_not_reported() {
    for nothing in [
        "",
        "None.",
        "无。",
        "- 无",
        "This operation returns only common parameters.",
        "本接口使用公共返回参数。",
        "For more error codes, see [Error Center](https://error-center.aliyun.com).",
        "This operation does not return parameters.",
    ] {
        let page = format!(
            "# PressWidget\n\n## Request parameters\n\n|Name|Type|Required|\n|--|--|--|\n|WidgetId|String|Yes|\n\n## Response parameters\n\n{nothing}\n\n## Error codes\n\n{nothing}\n"
        );
        let (_, notes) = crate::operation(&page);
        assert!(notes.is_empty(), "{nothing}: {notes:?}");
    }
}

#[test]
fn cells_of_the_head_can_span_several_lines() {
    for head in [
        "|Name\n\n|Type\n\n|Required |\n|---|---|---|",
        "|Name|Type|Re\nquired|\n|--|--|--|",
        "|Name |Type\n|Required\n|--|--|--|",
    ] {
        let head = head.replace("Re\nquired", "Is\nrequired");
        let page =
            format!("# PressWidget\n\n## Request parameters\n\n{head}\n|WidgetId|String|Yes|\n|Force|Boolean|No|\n");
        let (operation, notes) = crate::operation(&page);
        assert_eq!(shape(&operation, &operation.request), ["WidgetId: string!", "Force: bool"], "{head}");
        assert!(notes.is_empty(), "{head}: {notes:?}");
    }
}
