//! Names, types and marks in the cells of tables.

use std::borrow::Cow;

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

/// Tags that pages in Markdown contain, each with its meaning.
const TAGS: [(&str, &str); 18] = [
    ("br", "\n"),
    ("p", "\n"),
    ("li", "\n"),
    ("ul", "\n"),
    ("b", ""),
    ("strong", ""),
    ("i", ""),
    ("em", ""),
    ("code", ""),
    ("span", ""),
    ("a", ""),
    ("font", ""),
    ("u", ""),
    ("s", ""),
    ("del", ""),
    ("small", ""),
    ("div", "\n"),
    ("ol", "\n"),
];

/// Text without tags such as `<br>`.
pub(super) fn without_tags(text: &str) -> Cow<'_, str> {
    if !text.contains('<') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let inner = after.split_once('>').filter(|_| !before.ends_with('\\'));
        let known = inner.and_then(|(tag, _)| {
            let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
            TAGS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
        });
        rest = match (known, inner) {
            (Some((_, meaning)), Some((_, after))) => {
                out.push_str(meaning);
                after
            }
            _ => {
                out.push('<');
                after
            }
        };
    }
    out.push_str(rest);
    Cow::Owned(out)
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
const MARKS: [char; 9] = ['└', '├', '∟', '┗', '┣', '»', '›', '>', '↳'];

impl Name {
    /// Reads a name, or returns `None` for a sentence in its place.
    pub(super) fn read(cell: &str) -> Option<Name> {
        let cell = cell.replace("&nbsp;", " ").replace("&gt;", ">");
        let cell = cell.trim();
        let is_lead = |c: char| MARKS.contains(&c) || "─━┬│┃ \u{a0}\u{3000}".contains(c);
        let depth = cell.chars().take_while(|c| is_lead(*c)).filter(|c| MARKS.contains(c)).count();
        let bare = cell.trim_start_matches(is_lead);
        let bare = bare.trim_matches(|c: char| c.is_whitespace() || "`*~".contains(c));
        let bare = link(bare).map_or(bare, |(text, _)| text).trim_matches('`');
        let bare = bare.trim();
        if !bare.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let text = indexed(without_remark(bare));
        let is_word =
            |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.split('.').all(is_word)
            && text.split('.').count() <= MAX_PARTS;
        is_name.then(|| Name { depth, is_mended: text != bare, text })
    }
}

/// A name without a remark such as `(optional)` and without the punctuation at its end.
fn without_remark(name: &str) -> &str {
    let name = name.split(['(', '（']).next().unwrap_or(name);
    name.trim_end_matches(|c: char| c.is_whitespace() || ":：.。,，;；*".contains(c))
}

/// A name with the usual form of indices: `Disk[N].Size`, `Disk.{N}.Size`, `Disk.#.Size` and `Disk.1~n.Size` are
/// `Disk.N.Size`.
fn indexed(name: &str) -> String {
    let name = name.replace("...", "~").replace('…', "~");
    let spaced: String = name.replace('[', ".").replace([']', '{', '}', '<', '>', '$'], "");
    let words = spaced.split('.').map(str::trim).map(|word| match word {
        "" | "#" | "*" | "i" | "j" | "k" => "N",
        _ if word.starts_with('1') && word.ends_with(['n', 'N']) => "N",
        _ => word,
    });
    words.collect::<Vec<_>>().join(".")
}

/// Whether a part of a name stands for the position in a list.
pub(super) fn is_index(part: &str) -> bool {
    matches!(part, "N" | "n" | "M" | "m" | "X" | "x")
        || !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
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
    /// A JSON list in a string.
    JsonList,
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
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().trim();
        let list = |element: &str| match Kind::read(element) {
            Kind::Unset => Kind::List(None),
            element => Kind::List(Some(Box::new(element))),
        };
        for prefix in
            ["array of", "list of", "arrayof", "listof", "array<", "list<", "array[", "list[", "array(", "list(", "[]"]
        {
            if let Some(rest) = lower.strip_prefix(prefix).filter(|rest| !rest.starts_with(']')) {
                return list(part(text.len() - rest.len(), text.len()).trim_end_matches(['>', ']', ')']));
            }
        }
        for suffix in ["[]", " array", " list", "数组", "列表"] {
            if let Some(rest) = lower.strip_suffix(suffix).filter(|rest| !["json", "repeat", "repeated"].contains(rest))
            {
                return list(part(0, rest.len()));
            }
        }
        if let Some(kind) = Kind::of_word(&lower) {
            return kind;
        }
        // A remark such as `integer (int32)`, `integer<int64>` or `string（枚举）`.
        let end = lower.find(['(', '（', '<', ':', '：']).unwrap_or(lower.len());
        let remarked = Kind::of_word(part(0, end).to_lowercase().as_str()).filter(|_| end < lower.len());
        if let Some(kind) = remarked.filter(|kind| matches!(kind, Kind::Scalar(_)) || !lower.contains('<')) {
            let remark = part(end, lower.len()).to_lowercase();
            let remark = remark.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            return match (&kind, Kind::of_word(remark)) {
                (Kind::Scalar(Scalar::Int), Some(Kind::Scalar(Scalar::Long))) => Kind::Scalar(Scalar::Long),
                (Kind::Scalar(Scalar::Double), Some(Kind::Scalar(Scalar::Float))) => Kind::Scalar(Scalar::Float),
                _ => kind,
            };
        }
        if ["map", "hashmap"].iter().any(|map| lower.starts_with(map)) && lower.contains(['<', ' ']) {
            return Kind::Json;
        }
        let word: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        if word.is_empty() { Kind::Unset } else { Kind::Named(word) }
    }

    /// The meaning of a usual word, in lower case.
    fn of_word(word: &str) -> Option<Kind> {
        let kind = match word {
            empty if is_placeholder(empty) => Kind::Unset,
            "string" | "strings" | "str" | "text" | "varchar" | "字符串" | "字符型" | "date" | "datetime" | "enum"
            | "json string" => Kind::Scalar(Scalar::String),
            "boolean" | "booleans" | "bool" | "布尔" | "布尔型" | "布尔值" => Kind::Scalar(Scalar::Bool),
            "integer" | "integers" | "int" | "int32" | "uint" | "uint32" | "int16" | "short" | "整数" | "整型"
            | "整形" | "interger" => Kind::Scalar(Scalar::Int),
            "long" | "longs" | "int64" | "uint64" | "bigint" | "big integer" | "biginteger" | "long integer"
            | "长整型" | "长整数" | "长整形" => Kind::Scalar(Scalar::Long),
            "float" | "floats" | "float32" | "浮点型" | "浮点数" | "单精度浮点数" => {
                Kind::Scalar(Scalar::Float)
            }
            "double" | "doubles" | "float64" | "number" | "decimal" | "bigdecimal" | "数值" | "数字"
            | "双精度浮点数" => Kind::Scalar(Scalar::Double),
            "array" | "arrays" | "list" | "lists" | "arraylist" | "repeatlist" | "repeat list" | "repeatedlist"
            | "repeated list" | "repeat" | "数组" | "列表" => Kind::List(None),
            "stringarray" | "stringlist" => Kind::List(Some(Box::new(Kind::Scalar(Scalar::String)))),
            "struct" | "structs" | "object" | "objects" | "结构体" | "对象" => Kind::Struct,
            "json" | "jsonobject" | "json object" | "map" | "maps" | "hashmap" | "any" => Kind::Json,
            "jsonarray" | "json array" | "json list" => Kind::JsonList,
            _ => return None,
        };
        Some(kind)
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

/// Whether a parameter is marked as required, or `None` if the mark is unknown. A condition is no requirement.
pub(super) fn required(cell: &str) -> Option<bool> {
    let mark = cell.trim().trim_matches(|c: char| c.is_whitespace() || "`*.。；;，,!！".contains(c)).to_lowercase();
    match mark.as_str() {
        "yes" | "y" | "true" | "required" | "mandatory" | "√" | "✓" | "✔" | "是" | "必选" | "必填" | "必需"
        | "必须" | "必传" | "必要" => Some(true),
        "no" | "n" | "false" | "optional" | "×" | "✗" | "否" | "不是" | "可选" | "选填" | "不必" => {
            Some(false)
        }
        _ => {
            let conditions = ["yes", "no", "是", "否", "非必", "条件", "condition", "recommended", "depends"];
            conditions.iter().any(|start| mark.starts_with(start)).then_some(false)
        }
    }
}
