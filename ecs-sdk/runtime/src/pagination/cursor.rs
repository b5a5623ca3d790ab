//! The cursor of a list: derives the request for the next page from a response, and finds out whether the pages end.

use super::{
    contents::{Contents, Seen},
    style::{PageStyle, parameter_of},
};
use crate::{
    model::Model,
    path::{get, set},
};

/// Number of numbered pages in a row that may be empty although more items should follow. Single pages can be empty, for
/// example if their items were deleted meanwhile; a service with a wrong total number could send them forever.
const MAX_EMPTY_NUMBERED_PAGES: u32 = 3;

/// Number of pages with tokens or offsets in a row that may be empty. A service that applies a filter after it has taken
/// a page may return many.
const MAX_EMPTY_PAGES: u32 = 500;

/// Number of pages in a row that may have the items of earlier pages, if there is no total to compare with.
const MAX_REPEATED_PAGES: u32 = 3;

const SAME_TOKEN: &str = "the service returned the same page token twice, so the pages would repeat forever";
const REPEATED: &str = "the service returned the same page twice, although more items should follow";

/// The step after a page.
pub(super) enum Next {
    /// Another page, for which the request is now set.
    Page,
    /// Nothing: this was the last page.
    End,
    /// An error, because the service announces another page that cannot be requested.
    Failure(String),
}

/// The place in a list, and the facts about its pages so far.
pub(super) struct Cursor {
    style: PageStyle,
    /// Path of the items in responses.
    items: &'static str,
    /// Path in responses of the struct that has the paging members, with a dot at the end; empty for the response itself.
    parent: &'static str,
    /// Whether the first page with a token is the first one of the list. `None` before the first page.
    is_whole: Option<bool>,
    /// Number of the first numbered page. `None` before the first page.
    first: Option<u64>,
    /// Number of items so far.
    count: u64,
    /// The latest total number that is plausible.
    total: Option<u64>,
    /// Number of empty pages since the last one with new items.
    empty: u32,
    /// Number of repeated pages since the last one with new items.
    repeated: u32,
    pages: Seen,
    tokens: Seen,
}

impl Cursor {
    /// Creates the cursor of an operation with this style, for a request.
    pub(super) fn new(style: PageStyle, items: &'static str, request: &dyn Model) -> Self {
        let parent = match style {
            PageStyle::Token { token, .. } => &token[..token.len() - parameter_of(token).len()],
            PageStyle::Number { .. } | PageStyle::Offset { .. } => "",
        };
        Self {
            style: style.of(request),
            items,
            parent,
            is_whole: None,
            first: None,
            count: 0,
            total: None,
            empty: 0,
            repeated: 0,
            pages: Seen::default(),
            tokens: Seen::default(),
        }
    }

    /// Returns the style of the pages.
    pub(super) fn style(&self) -> PageStyle {
        self.style
    }

    /// Returns the number of items so far.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Changes a request to request the page after `response`.
    ///
    /// # Errors
    ///
    /// Returns a message if the page itself is wrong.
    pub(super) fn advance(&mut self, request: &mut dyn Model, response: &dyn Model) -> Result<Next, String> {
        let page = Contents::of(response, self.items);
        let count = page.count();
        self.count = self.count.saturating_add(count);
        let is_repeated = count > 0 && !self.pages.insert(page);
        match (count, is_repeated) {
            (0, _) => self.empty += 1,
            (_, true) => self.repeated += 1,
            (_, false) => (self.empty, self.repeated) = (0, 0),
        }
        match self.style {
            PageStyle::Token { token, .. } => self.after_token(token, request, response, is_repeated),
            PageStyle::Number { number, size, total, .. } => {
                let grows = self.update_total(response, total, count);
                if is_repeated && !grows && self.total.is_some() {
                    return Err(REPEATED.to_owned());
                }
                self.after_number(number, size, request, response, count)
            }
            PageStyle::Offset { offset, next } => self.after_offset(offset, next, request, response, is_repeated),
        }
    }

    fn after_token(
        &mut self,
        token: &str,
        request: &mut dyn Model,
        response: &dyn Model,
        is_repeated: bool,
    ) -> Result<Next, String> {
        let parameter = parameter_of(token);
        let sent = get(request, parameter).filter(|sent| !sent.is_empty());
        let is_whole = *self.is_whole.get_or_insert(sent.is_none());
        let Some(next) = get(response, token).filter(|next| !next.is_empty()) else { return Ok(Next::End) };
        if sent.as_ref() == Some(&next) {
            if is_repeated {
                return Err(REPEATED.to_owned());
            }
            // The last page may return its own token. With tokens, the total may be meaningless, so it does not decide
            // whether a list has ended, but only how to interpret such a token.
            let total = self.member(response, "TotalCount");
            let is_end = !is_whole || total.is_none_or(|total| self.count >= total);
            return Ok(if is_end { Next::End } else { Next::Failure(SAME_TOKEN.to_owned()) });
        }
        self.check_progress(MAX_EMPTY_PAGES)?;
        if let Some(sent) = sent {
            self.tokens.insert(sent);
        }
        set(request, parameter, &next);
        Ok(if self.tokens.contains(next) { Next::Failure(SAME_TOKEN.to_owned()) } else { Next::Page })
    }

    fn after_number(
        &mut self,
        number: &str,
        size: &str,
        request: &mut dyn Model,
        response: &dyn Model,
        count: u64,
    ) -> Result<Next, String> {
        let current = parse(get(request, number)).unwrap_or(1);
        let first = *self.first.get_or_insert(current);
        // The service may return smaller pages than requested, and then declares their size. A larger size than
        // requested, or none, is a mistake.
        let requested = parse(get(request, size));
        let declared = self.member(response, size).filter(|size| *size > 0);
        let size = declared.into_iter().chain(requested).min();
        let before = |number: u64| size.map(|size| number.saturating_sub(1).saturating_mul(size));
        let is_end = match self.total {
            Some(total) => {
                // `self.count` does not include the pages before the one that the caller started from.
                let reached = before(first).unwrap_or(0).saturating_add(self.count);
                // If earlier pages were short, the end is a page with all items that are left at its place.
                let left = before(current).map(|before| total.saturating_sub(before));
                reached >= total || (count > 0 && left == Some(count))
            }
            None => count == 0 || size.is_some_and(|size| count < size),
        };
        if is_end {
            return Ok(Next::End);
        }
        self.check_progress(MAX_EMPTY_NUMBERED_PAGES)?;
        Ok(set_number(request, number, current.saturating_add(1)))
    }

    fn after_offset(
        &mut self,
        offset: &str,
        next: &str,
        request: &mut dyn Model,
        response: &dyn Model,
        is_repeated: bool,
    ) -> Result<Next, String> {
        let current = parse(get(request, offset)).unwrap_or(0);
        match parse(get(response, next)).unwrap_or(0) {
            0 => Ok(Next::End),
            next if next > current => {
                self.check_progress(MAX_EMPTY_PAGES)?;
                Ok(set_number(request, offset, next))
            }
            next if next == current && !is_repeated => Ok(Next::End),
            next if next == current => Err(REPEATED.to_owned()),
            next => Ok(Next::Failure(format!(
                "the service returned the offset {next} on the page at {current}, so the pages would repeat forever"
            ))),
        }
    }

    /// Returns an error if too many pages had no new items.
    fn check_progress(&self, max_empty: u32) -> Result<(), String> {
        if self.empty >= max_empty {
            return Err(
                "the service returned several empty pages in a row, although more items should follow".to_owned()
            );
        }
        if self.repeated >= MAX_REPEATED_PAGES { Err(REPEATED.to_owned()) } else { Ok(()) }
    }

    /// Reads a number of the response that is a neighbor of the token.
    fn member(&self, response: &dyn Model, name: &str) -> Option<u64> {
        parse(get(response, &format!("{}{name}", self.parent)))
    }

    /// Reads the total number of items. Returns whether it has grown. A page cannot have more items than its list.
    fn update_total(&mut self, response: &dyn Model, name: Option<&str>, count: u64) -> bool {
        let total = name.and_then(|name| self.member(response, name)).filter(|total| *total >= count);
        let previous = self.total;
        self.total = total.or(previous);
        self.total > previous
    }
}

fn parse(text: Option<String>) -> Option<u64> {
    text?.parse().ok()
}

/// Sets the number or the offset of the next page.
fn set_number(request: &mut dyn Model, name: &str, value: u64) -> Next {
    set(request, name, &value.to_string());
    // The parameter may be narrower.
    if parse(get(request, name)) == Some(value) {
        Next::Page
    } else {
        Next::Failure(format!("more items should follow, but {value} is too large for `{name}`"))
    }
}
