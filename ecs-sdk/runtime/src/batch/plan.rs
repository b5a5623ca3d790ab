//! How a request is split: which list, into which parts, and what each call has of its own.

use crate::{
    call::{CLIENT_TOKEN, Call},
    error::{Error, ErrorKind, Result},
    operation::{Operation, OperationMeta},
    path::{get, get_list, set, set_list},
};

/// The batches of a request that are not started yet.
pub(super) struct Plan<R> {
    call: Call,
    /// The request without the IDs.
    request: R,
    /// Wire name of the list that is split.
    list: &'static str,
    ids: std::vec::IntoIter<String>,
    size: usize,
    max: usize,
    /// Number of batches so far.
    number: usize,
}

/// A batch that is not started yet: its IDs, and its call or the reason why there is none.
pub(super) struct Planned<R> {
    pub(super) ids: Vec<String>,
    pub(super) call: Result<(Call, R)>,
}

impl<R: Operation> Plan<R> {
    pub(super) fn new(call: Call, mut request: R) -> Self {
        let (list, max, ids) = choose(R::META, &request);
        set_list(&mut request, list, &[]);
        Self { call, request, list, ids: ids.into_iter(), size: max, max, number: 0 }
    }

    pub(super) fn set_size(&mut self, size: usize) {
        self.size = size.clamp(1, self.max);
    }

    /// Returns the next batch. If the request cannot be split, it has all IDs.
    pub(super) fn next(&mut self) -> Option<Planned<R>> {
        let several = self.number > 0 || self.ids.len() > self.size;
        if several && let Some(message) = self.obstacle() {
            let ids: Vec<String> = self.ids.by_ref().collect();
            let error = Error::new(ErrorKind::Request, message).with_call(R::META.service.name, R::META.name);
            return (!ids.is_empty()).then_some(Planned { ids, call: Err(error) });
        }
        let ids: Vec<String> = self.ids.by_ref().take(self.size).collect();
        if ids.is_empty() {
            return None;
        }
        self.number += 1;
        let (mut call, mut request) = (self.call.clone(), self.request.clone());
        if several {
            // The service would take a second call with the same token for a retry of the first.
            call.number_token(self.number);
            if let Some(token) = get(&request, CLIENT_TOKEN).filter(|token| !token.trim().is_empty()) {
                set(&mut request, CLIENT_TOKEN, &format!("{token}-{}", self.number));
            }
        }
        set_list(&mut request, self.list, &ids);
        Some(Planned { ids, call: Ok((call, request)) })
    }

    /// Returns why the request cannot be split.
    fn obstacle(&self) -> Option<String> {
        if self.call.overrides(self.list) {
            return Some(format!("call options set `{}`, so every batch would have the same IDs", self.list));
        }
        if let Some(over) = self.call.over_limit(R::META, &self.request) {
            return Some(format!("{over}; `in_batches()` can split only one list"));
        }
        // A page of one list is not a page of another.
        let first_page = |name: &str, value: &str| value.is_empty() || name == "PageNumber" && value == "1";
        let name = ["NextToken", "PageNumber"]
            .into_iter()
            .find(|name| get(&self.request, name).is_some_and(|value| !first_page(name, &value)))?;
        Some(format!("batches start with their first page: remove `{name}`, or split the IDs yourself"))
    }
}

/// Returns the list to split, with its limit and its elements: the first one that is over its limit, or else the first
/// one with elements.
fn choose(meta: &'static OperationMeta, request: &dyn crate::model::Model) -> (&'static str, usize, Vec<String>) {
    let lists = meta.batches.iter().map(|(name, max)| (*name, (*max).max(1), get_list(request, name)));
    let mut lists: Vec<_> = lists.collect();
    let chosen = lists.iter().position(|(_, max, ids)| ids.len() > *max);
    let chosen = chosen.or_else(|| lists.iter().position(|(.., ids)| !ids.is_empty())).unwrap_or_default();
    if lists.is_empty() { ("", 1, Vec::new()) } else { lists.swap_remove(chosen) }
}
