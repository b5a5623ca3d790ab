//! Names, types and marks in the cells of tables.

/// Removes the escapes of Markdown: `cloud\_ssd` → `cloud_ssd`.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next) if c == '\\' && next.is_ascii_punctuation() => {
                out.push(*next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

/// A member's name: how deep it is marked to be, and its parts between dots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Name {
    /// Number of marks such as `└`.
    pub(super) depth: usize,
    pub(super) text: String,
    /// Whether the cell differs from the name by more than its marks.
    pub(super) is_mended: bool,
}

/// Parts of the longest name that is read.
const MAX_PARTS: usize = 12;

/// Marks of members of the row above.
const MARKS: [char; 4] = ['└', '├', '∟', '└'];

impl Name {
    /// Reads a name, or returns `None` for a sentence in its place.
    pub(super) fn read(cell: &str) -> Option<Name> {
        let cell = cell.trim();
        let depth = cell.chars().take_while(|c| MARKS.contains(c) || "─ \u{a0}".contains(*c));
        let depth = depth.filter(|c| MARKS.contains(c)).count();
        let bare = cell.trim_start_matches(|c| MARKS.contains(&c) || "─ \u{a0}".contains(c));
        let bare = bare.trim_matches(|c: char| c.is_whitespace() || "`*".contains(c));
        let bare = link(bare).map_or(bare, |(text, _)| text).trim_matches('`');
        let text: Vec<&str> = bare.split('.').map(str::trim).collect();
        let text = text.join(".");
        let is_word =
            |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.split('.').all(is_word)
            && text.split('.').count() <= MAX_PARTS;
        is_name.then(|| Name { depth, is_mended: text != bare, text })
    }
}

/// A type as a page writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Kind {
    Scalar(Scalar),
    /// A list, with the element if it is stated.
    List(Option<Box<Kind>>),
    Struct,
    /// Free-form JSON.
    Json,
    /// A type that is described elsewhere, or the name of an element.
    Named(String),
    /// An empty cell.
    #[default]
    Unset,
}

/// A single value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    String,
    Bool,
    Int,
    Long,
    Float,
    Double,
}

impl Kind {
    /// Reads the cell of a type.
    pub(super) fn read(cell: &str) -> Kind {
        let cell = cell.trim().trim_end_matches(['.', '。']);
        let bare = link(cell).map_or(cell, |(text, _)| text);
        let text = bare.replace(['`', '\\', '*'], " ");
        let text = text.trim();
        let lower = text.to_lowercase();
        for prefix in ["array of", "list of", "arrayof", "listof", "array<", "list<"] {
            if let Some(rest) = lower.strip_prefix(prefix) {
                let start = text.len() - rest.len();
                let element = text.get(start..).unwrap_or_default().trim_end_matches('>');
                return Kind::List(Some(Box::new(Kind::read(element))));
            }
        }
        if let Some(rest) = lower.strip_suffix("[]") {
            let element = text.get(..rest.len()).unwrap_or_default().trim();
            return match Kind::read(element) {
                Kind::Unset => Kind::List(None),
                element => Kind::List(Some(Box::new(element))),
            };
        }
        match lower.as_str() {
            empty if is_placeholder(empty) => Kind::Unset,
            "string" | "str" | "text" | "字符串" | "date" | "datetime" | "enum" => Kind::Scalar(Scalar::String),
            "boolean" | "bool" | "布尔" | "布尔型" => Kind::Scalar(Scalar::Bool),
            "integer" | "int" | "int32" | "整数" | "整型" => Kind::Scalar(Scalar::Int),
            "long" | "int64" | "biginteger" => Kind::Scalar(Scalar::Long),
            "float" => Kind::Scalar(Scalar::Float),
            "double" | "number" | "decimal" | "bigdecimal" => Kind::Scalar(Scalar::Double),
            "array" | "list" | "repeatlist" | "数组" | "列表" => Kind::List(None),
            "struct" | "object" | "结构体" | "对象" => Kind::Struct,
            "json" | "map" | "any" => Kind::Json,
            _ => {
                let word: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
                if word.is_empty() { Kind::Unset } else { Kind::Named(word) }
            }
        }
    }

    /// The name of a type that is described elsewhere.
    pub(super) fn reference(&self) -> Option<&str> {
        match self {
            Kind::Named(name) => Some(name),
            Kind::List(Some(element)) => element.reference(),
            _ => None,
        }
    }
}

/// Whether a cell states that there is nothing to state.
pub(super) fn is_placeholder(cell: &str) -> bool {
    matches!(cell.trim().to_lowercase().as_str(), "" | "-" | "--" | "—" | "/" | "n/a" | "na" | "none" | "无")
}

/// Text and target of the first link: `[Link](path/Link.md#)`.
pub(super) fn link(text: &str) -> Option<(&str, &str)> {
    let (_, rest) = text.split_once('[')?;
    let (label, rest) = rest.split_once("](")?;
    let (target, _) = rest.split_once(')')?;
    Some((label, target))
}

/// Whether a parameter is marked as required, or `None` if the mark is unknown.
pub(super) fn required(cell: &str) -> Option<bool> {
    let mark = cell.trim().trim_end_matches(['.', '。']).to_lowercase();
    match mark.as_str() {
        "yes" | "y" | "true" | "required" | "mandatory" | "是" | "必选" | "必填" | "必需" | "必须" => {
            Some(true)
        }
        "no" | "n" | "false" | "optional" | "否" | "可选" | "非必选" | "非必填" => Some(false),
        // "Yes, if …" and the like.
        _ if mark.starts_with("yes") || mark.starts_with('是') || mark.starts_with("no") || mark.starts_with('否') => {
            Some(false)
        }
        _ => None,
    }
}
