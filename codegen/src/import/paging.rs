//! Infers the pagination of a new operation from the names and types of its members.

use super::decision::{Decision, Note};
use crate::spec::{Field, Operation, PageStyle, Pagination, SharedTypes, Type};

/// Parameters that carry a token, each also a field of the response.
const TOKENS: [&str; 4] = ["NextToken", "NextPageToken", "PageToken", "Marker"];

/// Parameters with the number of a page.
const NUMBERS: [&str; 8] =
    ["PageNumber", "PageNo", "PageNum", "CurrentPage", "PageIndex", "Page", "pageNumber", "PageNumbers"];

/// Parameters with the place of the first element. A field of the response with such a name behind `Next` has the place of
/// the next page; without it, no style of pagination fits.
const OFFSETS: [&str; 11] = [
    "Offset",
    "StartOffset",
    "StartNum",
    "StartNumber",
    "StartIndex",
    "StartRow",
    "StartRecord",
    "StartPosition",
    "Start",
    "Skip",
    "From",
];

/// Parameters that carry a token under a name that responses give another meaning, too.
const CURSORS: [&str; 3] = ["Cursor", "StartToken", "StartKey"];

/// Parameters with the size of a page.
const SIZES: [&str; 7] = ["MaxResults", "PageSize", "MaxItems", "MaxResult", "MaxKeys", "Limit", "pageSize"];

/// Fields of the response with the number of all elements.
const TOTALS: [&str; 8] =
    ["TotalCount", "Total", "TotalRecordCount", "TotalNum", "TotalNumber", "TotalItemNum", "TotalSize", "totalCount"];

/// A list of the response that could hold the elements of a page.
struct List {
    path: String,
    is_of_structs: bool,
    /// Whether a name in the path has a dot, so specs cannot state the path.
    is_dotted: bool,
}

/// Infers the pagination: a token or page number that is sent, and the only list of structs that is received. Ambiguous
/// operations remain without, and the note states the reason.
pub(super) fn infer(operation: &Operation, shared: &SharedTypes) -> (Option<Pagination>, Option<Note>) {
    let search = Search { operation, shared };
    let note = |path: &str, detail: String| {
        Some(Note { decision: Decision::Paging, path: path.to_owned(), at: String::new(), detail })
    };
    let Some((mut pages, controls)) = search.controls() else {
        let unsupported = search.unsupported().filter(|_| search.has_list());
        return (None, unsupported.and_then(|(path, detail)| note(&path, detail)));
    };
    let parameter = pages.token.as_ref().or(pages.number.as_ref()).or(pages.offset.as_ref());
    let path = format!("request {}", parameter.map_or("", String::as_str));
    if let Some(problem) = controls {
        return (None, note(&path, format!("not inferred: {problem}")));
    }
    let mut lists = Vec::new();
    search.lists(&operation.response, "", false, &mut lists);
    let structs: Vec<&List> = lists.iter().filter(|list| list.is_of_structs).collect();
    let candidates = if structs.is_empty() { lists.iter().collect() } else { structs };
    match candidates[..] {
        [only] if only.is_dotted => {
            (None, note(&path, format!("not inferred: the list `{}` has a dot in its name", only.path)))
        }
        [only] => {
            pages.items.clone_from(&only.path);
            let style = match pages.style {
                PageStyle::Token => "token",
                PageStyle::Number => "number",
                PageStyle::Offset => "offset",
            };
            let detail = format!("by {style}, with the elements in `{}`", pages.items);
            (Some(pages), note(&path, detail))
        }
        [] => (None, note(&path, "not inferred: the response has no list".to_owned())),
        _ => {
            let names: Vec<String> = candidates.iter().map(|list| format!("`{}`", list.path)).collect();
            (None, note(&path, format!("not inferred: the response has several lists: {}", names.join(", "))))
        }
    }
}

struct Search<'o> {
    operation: &'o Operation,
    shared: &'o SharedTypes,
}

impl<'o> Search<'o> {
    /// The style and its parameters, and the reason why they cannot be used, if any.
    fn controls(&self) -> Option<(Pagination, Option<String>)> {
        let blank = Pagination {
            style: PageStyle::Token,
            token: None,
            number: None,
            offset: None,
            next: None,
            size: None,
            max: None,
            total: None,
            items: String::new(),
        };
        let is_number = |field: &Field| matches!(field.ty.name(), "i32" | "i64") && !field.ty.is_list();
        let size = self.parameter(&SIZES, is_number).map(|field| field.name.clone());
        let is_string = |field: &Field| field.ty.name() == "string" && !field.ty.is_list();
        let token = TOKENS.iter().find_map(|name| {
            let parameter = self.parameter(&[name], is_string)?;
            self.received(&parameter.name, &is_string)
        });
        if let Some(token) = token {
            return Some((Pagination { token: Some(token), size, ..blank }, None));
        }
        let offset = OFFSETS.iter().find_map(|name| {
            let parameter = self.parameter(&[name], is_number)?;
            let next = self.received(&format!("Next{name}"), &is_number)?;
            Some((parameter.name.clone(), next))
        });
        if let Some((offset, next)) = offset {
            let pages = Pagination { style: PageStyle::Offset, offset: Some(offset), next: Some(next), ..blank };
            return Some((pages, None));
        }
        let number = self.parameter(&NUMBERS, |_| true)?;
        let size_field = self.parameter(&SIZES[1..], |_| true)?;
        let pages = Pagination {
            style: PageStyle::Number,
            number: Some(number.name.clone()),
            size: Some(size_field.name.clone()),
            total: TOTALS.iter().find_map(|name| self.received(name, &is_number)),
            ..blank
        };
        let zero = |value: Option<f64>| value == Some(0.0);
        let problem = if let Some(field) = [number, size_field].into_iter().find(|field| !is_number(field)) {
            Some(format!("`{}` is not an integer", field.name))
        } else if zero(number.min.as_ref().and_then(serde_json::Number::as_f64))
            || zero(number.default.as_ref().and_then(serde_json::Value::as_f64))
        {
            Some(format!("pages of `{}` may be counted from 0", number.name))
        } else {
            None
        };
        Some((pages, problem))
    }

    /// The parameter of an operation with pages that no style can follow, and the reason.
    fn unsupported(&self) -> Option<(String, String)> {
        let size = self.parameter(&SIZES, |_| true);
        let by_hand = |field: &Field, reason: &str| {
            let by = size.map_or(String::new(), |size| format!(" and `{}`", size.name));
            let detail =
                format!("not inferred: pages by `{}`{by}, but {reason}; request further pages by hand", field.name);
            (format!("request {}", field.name), detail)
        };
        if let Some(offset) =
            self.parameter(&OFFSETS, |field| matches!(field.ty.name(), "i32" | "i64")).filter(|_| size.is_some())
        {
            return Some(by_hand(offset, &format!("the response has no number `Next{}`", offset.name)));
        }
        if let Some(cursor) = self.parameter(&CURSORS, |field| field.ty.name() == "string") {
            return Some(by_hand(cursor, "its name does not show whether it is empty on the last page"));
        }
        if let Some(token) = self.parameter(&TOKENS, |_| true) {
            return Some(by_hand(token, "the response does not have it as a string"));
        }
        let number = self.parameter(&NUMBERS, |_| true)?;
        Some(by_hand(number, "no parameter has the size of a page"))
    }

    fn has_list(&self) -> bool {
        let mut lists = Vec::new();
        self.lists(&self.operation.response, "", false, &mut lists);
        !lists.is_empty()
    }

    fn parameter(&self, names: &[&str], fits: impl Fn(&Field) -> bool) -> Option<&'o Field> {
        let find = |name: &&str| {
            self.operation.request.iter().find(|field| field.name == **name && field.skip.is_none() && fits(field))
        };
        names.iter().find_map(find)
    }

    /// The path of a field of the response, at most in one struct.
    fn received(&self, name: &str, fits: &dyn Fn(&Field) -> bool) -> Option<String> {
        let is_it = |field: &&Field| field.name == name && field.skip.is_none() && fits(field);
        if self.operation.response.iter().any(|field| is_it(&field)) {
            return Some(name.to_owned());
        }
        let mut within = self.operation.response.iter().filter(|field| self.members(field).iter().any(|f| is_it(&f)));
        match (within.next(), within.next()) {
            (Some(owner), None) if !owner.name.contains('.') => Some(format!("{}.{name}", owner.name)),
            _ => None,
        }
    }

    /// The lists that are not within other lists.
    fn lists(&self, fields: &[Field], path: &str, is_dotted: bool, lists: &mut Vec<List>) {
        for field in fields.iter().filter(|field| field.skip.is_none()) {
            let path = format!("{path}{}", field.name);
            let is_dotted = is_dotted || field.name.contains('.');
            if field.ty.is_list() {
                let is_of_structs = self.find(field.ty.name()).is_some_and(|ty| ty.fields.is_some());
                lists.push(List { path, is_of_structs, is_dotted });
            } else if path.matches('.').count() < 3 {
                self.lists(self.members(field), &format!("{path}."), is_dotted, lists);
            }
        }
    }

    /// The members of a field that is a single struct.
    fn members(&self, field: &Field) -> &'o [Field] {
        let ty = if field.ty.is_list() { None } else { self.find(field.ty.name()) };
        ty.and_then(|ty| ty.fields.as_deref()).unwrap_or_default()
    }

    fn find(&self, name: &str) -> Option<&'o Type> {
        self.operation.types.get(name).or_else(|| self.shared.get(name))
    }
}
