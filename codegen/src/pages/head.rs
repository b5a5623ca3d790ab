//! Meaning of headings and of the columns of tables, in English and Chinese.

use super::cell::is_placeholder;

/// A part of a page.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Request,
    Response,
    Errors,
    /// Examples of requests and responses.
    Samples,
    /// The name of the member that a page of a type is about.
    Node,
    /// The members of the type that a page is about.
    Members,
    #[default]
    Other,
}

/// Parts of headings, in the order in which they are tried.
const SECTIONS: [(Section, &[&str]); 6] = [
    (Section::Errors, &["error code", "errors", "错误码", "错误代码"]),
    (Section::Samples, &["example", "sample", "示例"]),
    (Section::Members, &["子节点", "child node", "subnode", "child element", "child parameter"]),
    (Section::Node, &["节点名", "node name", "name of node", "name of the node"]),
    (Section::Request, &["request parameter", "input parameter", "请求参数", "请求数据", "入参"]),
    (Section::Response, &["response parameter", "return parameter", "response element", "output parameter", "返回"]),
];

impl Section {
    /// Whether the part is a table of members or error codes.
    pub(super) fn has_table(self) -> bool {
        matches!(self, Section::Request | Section::Response | Section::Errors | Section::Members)
    }

    /// The part that a heading opens.
    pub(super) fn of(title: &str) -> Section {
        let title = title.to_lowercase().replace(['-', '\u{a0}'], " ");
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_about_others = ["common ", "公共"].iter().any(|word| title.starts_with(word));
        let found = SECTIONS.into_iter().find(|(_, words)| words.iter().any(|word| title.contains(word)));
        match found {
            Some((section, _)) if !is_about_others => section,
            None if matches!(title.as_str(), "parameters" | "参数") => Section::Request,
            None if matches!(title.as_str(), "response" | "responses" | "response data") => Section::Response,
            _ => Section::Other,
        }
    }
}

/// Words of sentences that state that a section has nothing of its own.
const NOTHING: [&str; 18] = [
    "common",
    "public parameter",
    "公共",
    "client error",
    "客户端错误",
    "服务器端错误",
    "error code",
    "error center",
    "错误码",
    "错误中心",
    "no parameter",
    "no request parameter",
    "no response parameter",
    "not require",
    "not return",
    "没有",
    "无需",
    "不需要",
];

/// Whether a line of a section states more than that the section has nothing of its own.
pub(super) fn states_members(line: &str) -> bool {
    let line = line.trim();
    let text = line.trim_matches(|c: char| c.is_whitespace() || "-*+•.。`_<>/".contains(c));
    let is_item = line.starts_with(['-', '*', '+', '•']);
    let lower = text.to_lowercase();
    let is_remark = !is_item && NOTHING.iter().any(|words| lower.contains(words));
    !is_placeholder(text) && !is_remark
}

/// Meaning of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Name,
    Type,
    Required,
    Example,
    Description,
    Status,
    Code,
    Message,
    Other,
}

/// Titles of columns.
const COLUMNS: [(Column, &[&str]); 6] = [
    (
        Column::Name,
        &[
            "parameter",
            "parameters",
            "parameter name",
            "parameters name",
            "name",
            "names",
            "field",
            "field name",
            "member",
            "element",
            "property",
            "attribute",
            "key",
            "名称",
            "参数",
            "参数名",
            "参数名称",
            "字段",
            "字段名",
            "字段名称",
            "属性",
            "元素",
        ],
    ),
    (
        Column::Type,
        &[
            "type",
            "types",
            "data type",
            "parameter type",
            "field type",
            "value type",
            "类型",
            "数据类型",
            "参数类型",
            "字段类型",
        ],
    ),
    (
        Column::Required,
        &[
            "required",
            "is required",
            "required or not",
            "required/optional",
            "mandatory",
            "optional/required",
            "必须",
            "必传",
            "是否必传",
            "是否必要",
            "必需",
            "必选",
            "必填",
            "是否必选",
            "是否必需",
            "是否必须",
            "是否必填",
        ],
    ),
    (
        Column::Example,
        &[
            "example",
            "examples",
            "example value",
            "sample",
            "sample value",
            "sample values",
            "example values",
            "示例值",
            "示例",
            "样例",
            "样例值",
            "取值样例",
        ],
    ),
    (Column::Message, &["error message", "error messages", "error information", "message", "错误信息", "错误消息"]),
    (
        Column::Description,
        &[
            "description",
            "descriptions",
            "desc",
            "parameter description",
            "meaning",
            "note",
            "remarks",
            "描述",
            "说明",
            "参数说明",
            "参数描述",
            "含义",
            "语义",
            "备注",
        ],
    ),
];

/// The columns of a table.
#[derive(Debug, Default)]
pub(super) struct Head {
    columns: Vec<Column>,
}

impl Head {
    /// Reads the titles of columns.
    pub(super) fn of(titles: &[String]) -> Head {
        let mut head = Head::default();
        for title in titles {
            let mut column = column(title);
            if head.has(column) {
                // A page titles both the codes and the messages "Error code".
                column = if column == Column::Code { Column::Message } else { Column::Other };
            }
            head.columns.push(column);
        }
        head
    }

    /// The columns that titles state, or `None` if they are not those of members or error codes.
    pub(super) fn of_titles(titles: &[String]) -> Option<Head> {
        let head = Head::of(titles);
        let has = |columns: [Column; 2]| columns.iter().all(|column| head.has(*column));
        let is_known = has([Column::Name, Column::Type]) || has([Column::Status, Column::Code]);
        (is_known && titles.iter().all(|title| Head::is_title(title))).then_some(head)
    }

    /// Whether this is the title of a column.
    pub(super) fn is_title(text: &str) -> bool {
        column(text) != Column::Other || ["position", "in", "位置"].contains(&text.to_lowercase().as_str())
    }

    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub(super) fn has(&self, column: Column) -> bool {
        self.columns.contains(&column)
    }

    /// The cell of a column; empty if the table lacks it.
    pub(super) fn cell<'c>(&self, cells: &'c [String], column: Column) -> &'c str {
        let index = self.columns.iter().position(|known| *known == column);
        index.and_then(|index| cells.get(index)).map_or("", String::as_str)
    }
}

fn column(title: &str) -> Column {
    let title = title.to_lowercase().replace(['*', '?', '？', ':', '：', '_', '`'], " ");
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((column, _)) = COLUMNS.into_iter().find(|(_, titles)| titles.contains(&title.as_str())) {
        return column;
    }
    // The titles of statuses are misspelled and abbreviated in many ways.
    if title.contains("http") || title.contains("状态码") || title.ends_with("status code") {
        return Column::Status;
    }
    if title.contains("code") || title.contains("错误码") || title.contains("错误代码") {
        return Column::Code;
    }
    Column::Other
}
