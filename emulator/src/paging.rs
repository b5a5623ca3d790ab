//! Pages of lists: by page number, by token and by offset.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    call::{self, Call, Found},
    error::Result,
    state::Row,
};

/// Largest page of operations that document none.
const MAX_PAGE_SIZE: i64 = 100;

/// A page of a list.
#[derive(Debug)]
pub(crate) struct Page<T> {
    /// The elements of this page.
    pub(crate) items: Vec<T>,
    total: usize,
    number: i64,
    size: i64,
    token: String,
}

impl<T> Page<T> {
    /// Returns the response of this page: the list, wrapped in its name and that of its elements, and the paging members that
    /// the operation has.
    pub(crate) fn response(self, call: &Call<'_>, list: &str, element: &str, write: impl FnMut(T) -> Value) -> Value {
        call.response(self.members(list, element, write))
    }

    /// Returns the list and the paging members, for operations that have them in a member of their response.
    pub(crate) fn members(self, list: &str, element: &str, write: impl FnMut(T) -> Value) -> Value {
        let items: Vec<Value> = self.items.into_iter().map(write).collect();
        let mut response = json!({
            "TotalCount": self.total,
            "PageNumber": self.number,
            "PageSize": self.size,
            "NextToken": self.token,
        });
        response[list] = call::list(element, items);
        response
    }
}

/// A list to take a page of.
pub(crate) trait List {
    /// An element.
    type Item;

    /// Returns the number of elements.
    fn total(&self) -> usize;

    /// Returns elements by their place in the list.
    fn slice(self, skip: usize, count: usize) -> Vec<Self::Item>;

    /// Returns elements after a place in the order of creation.
    fn after(self, place: u64, count: usize) -> Vec<Self::Item>;

    /// Returns the place of an element in the order of creation.
    fn place(item: &Self::Item) -> u64;
}

impl<'t, T: Row> List for Found<'t, T> {
    type Item = &'t T;

    fn total(&self) -> usize {
        match self {
            Found::Whole(table, link) => table.count(link),
            Found::Some(rows) => rows.len(),
        }
    }

    fn slice(self, skip: usize, count: usize) -> Vec<&'t T> {
        match self {
            Found::Whole(table, link) => table.linked(&link).skip(skip).take(count).collect(),
            Found::Some(rows) => rows.into_iter().skip(skip).take(count).collect(),
        }
    }

    fn after(self, place: u64, count: usize) -> Vec<&'t T> {
        match self {
            Found::Whole(table, link) => table.after(&link, place, count),
            Found::Some(rows) => rows.into_iter().filter(|row| row.sequence() > place).take(count).collect(),
        }
    }

    fn place(item: &&'t T) -> u64 {
        item.sequence()
    }
}

/// Elements with their places, in order.
impl<T> List for Vec<(u64, T)> {
    type Item = (u64, T);

    fn total(&self) -> usize {
        self.len()
    }

    fn slice(self, skip: usize, count: usize) -> Vec<(u64, T)> {
        self.into_iter().skip(skip).take(count).collect()
    }

    fn after(self, place: u64, count: usize) -> Vec<(u64, T)> {
        self.into_iter().filter(|(own, _)| *own > place).take(count).collect()
    }

    fn place(item: &(u64, T)) -> u64 {
        item.0
    }
}

/// Numbers the elements of a list that is not in a table.
pub(crate) fn in_order<T>(items: impl IntoIterator<Item = T>) -> Vec<(u64, T)> {
    (1..).zip(items).collect()
}

/// Returns the page of a list that the call requests. Tokens hold places in the order of creation, so that deletions between two
/// pages do not shift the next one.
pub(crate) fn page<L: List>(call: &Call<'_>, list: L) -> Result<Page<L::Item>> {
    let total = list.total();
    let token = call.args.string("NextToken");
    let by_token = token.is_some() || call.args.get("MaxResults").is_some();
    let by_token = by_token || call.operation.parameter("PageNumber").is_none();
    if !by_token {
        let number = numbered(call, "PageNumber")?.unwrap_or(1);
        let size = numbered(call, "PageSize")?.or(default(call, "PageSize")).unwrap_or(10);
        let skip = usize::try_from((number - 1).saturating_mul(size)).unwrap_or(usize::MAX);
        let items = list.slice(skip, usize::try_from(size).unwrap_or(usize::MAX));
        return Ok(Page { items, total, number, size, token: String::new() });
    }
    let size = call.args.int("MaxResults").unwrap_or_else(|| standard_size(call));
    let after = token.map(|token| read_token(call, token)).transpose()?.unwrap_or(0);
    let count = usize::try_from(size).unwrap_or(usize::MAX);
    let mut items = list.after(after, count.saturating_add(1));
    let more = items.len() > count;
    items.truncate(count);
    let token = items.last().filter(|_| more).map(|last| write_token(call, L::place(last))).unwrap_or_default();
    Ok(Page { items, total, number: 1, size, token })
}

/// Reads a page number or size: a number, or a string in older operations.
fn numbered(call: &Call<'_>, name: &str) -> Result<Option<i64>> {
    let number = match call.args.get(name) {
        None => return Ok(None),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_i64(),
    };
    let own_limit = || call.operation.parameter(name)?.max.as_ref()?.as_i64();
    let limit = if name == "PageSize" { own_limit().unwrap_or(MAX_PAGE_SIZE) } else { i64::MAX };
    match number {
        Some(number) if (1..=limit).contains(&number) => Ok(Some(number)),
        _ => {
            let own = format!("InvalidParameter.{name}");
            let message = format!("{name} is not a number or is out of range.");
            Err(call.documented(|code| code == own, (400, "InvalidParameter"), message))
        }
    }
}

/// Returns the page size of an operation that pages by token.
fn standard_size(call: &Call<'_>) -> i64 {
    let own = call.operation.parameter("MaxResults").is_some();
    default(call, "MaxResults").unwrap_or(if own { 10 } else { 50 })
}

/// Returns the default of a parameter.
fn default(call: &Call<'_>, name: &str) -> Option<i64> {
    match call.operation.parameter(name)?.default.as_ref()? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn write_token(call: &Call<'_>, sequence: u64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}:{sequence}", call.operation.key().1))
}

fn read_token(call: &Call<'_>, token: &str) -> Result<u64> {
    let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let sequence =
        text.as_deref().and_then(|text| text.strip_prefix(call.operation.key().1)?.strip_prefix(':')?.parse().ok());
    sequence.ok_or_else(|| {
        let message = format!("NextToken {token:?} was not issued by this operation.");
        call.documented(|code| code.ends_with(".NextToken"), (400, "InvalidParameter"), message)
    })
}
