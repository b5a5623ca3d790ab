//! Paging: one engine for all operations, driven by what the specs say.

use std::{
    collections::HashSet,
    fmt,
    future::Future as _,
    hash::{BuildHasher, RandomState},
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;

use crate::{
    call::{Call, Sending},
    error::{Error, ErrorKind, Result},
    model::Model,
    operation::Operation,
    path::{get, set},
};

/// How an operation pages.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum PageStyle {
    /// A token leads from one page to the next.
    Token {
        /// Parameter and response field of the token.
        token: &'static str,
        /// Parameter of the page size.
        size: Option<&'static str>,
        /// Page size to ask for when the caller sets none; 0 for the service's own.
        max: u32,
    },
    /// Pages are numbered from 1.
    Number {
        /// Parameter of the page number.
        number: &'static str,
        /// Parameter of the page size.
        size: &'static str,
        /// Page size to ask for when the caller sets none.
        max: u32,
        /// Response field of the total.
        total: Option<&'static str>,
    },
    /// Each page tells the offset of the next.
    Offset {
        /// Parameter of the offset.
        offset: &'static str,
        /// Response field of the next offset.
        next: &'static str,
    },
}

/// A request that pages. The trait is sealed.
pub trait Paged: Operation {
    /// What the pages hold.
    type Item: Unpin;

    /// How it pages.
    #[doc(hidden)]
    const PAGES: PageStyle;

    /// Takes the items out of a page.
    fn items(response: Self::Response) -> Vec<Self::Item>;

    /// Number of items of a page.
    #[doc(hidden)]
    fn count(response: &Self::Response) -> usize;
}

/// The pages of a request, as a [`Stream`]. Each page is fetched when it is asked for; after an error the stream ends.
/// A token that was returned before is an error.
#[must_use = "streams do nothing unless polled"]
pub struct Pages<R: Paged> {
    call: Call,
    style: PageStyle,
    request: R,
    page: Option<Sending<R::Response>>,
    seen: u64,
    tokens: Tokens,
    done: bool,
}

impl<R: Paged> Pages<R> {
    #[doc(hidden)]
    pub fn new(call: Call, mut request: R) -> Self {
        let style = prepare(R::PAGES, &mut request);
        Self { call, style, request, page: None, seen: 0, tokens: Tokens::default(), done: false }
    }
}

impl<R: Paged> Stream for Pages<R> {
    type Item = Result<R::Response>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.done {
            return Poll::Ready(None);
        }
        let this = &mut *self;
        if let PageStyle::Token { token, .. } = this.style
            && this.page.is_none()
            && let Some(token) = get(&this.request, parameter_of(token))
            && !this.tokens.is_new(&token)
        {
            this.done = true;
            let message = "the service returned a page token a second time; the pages would repeat without end";
            let error = Error::new(ErrorKind::Decode, message).with_call(R::META.service.name, R::META.name);
            return Poll::Ready(Some(Err(error)));
        }
        let page = this.page.get_or_insert_with(|| this.call.send::<R>(&this.request));
        let result = ready!(Pin::new(page).poll(context));
        this.page = None;
        match &result {
            Ok(response) => {
                let count = R::count(response) as u64;
                this.seen += count;
                this.done = !advance(this.style, &mut this.request, response, count, this.seen);
            }
            Err(_) => this.done = true,
        }
        Poll::Ready(Some(result))
    }
}

impl<R: Paged> fmt::Debug for Pages<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("seen", &self.seen).field("done", &self.done).finish_non_exhaustive()
    }
}

/// The items of all pages of a request, as a [`Stream`]; holds one page at a time.
#[must_use = "streams do nothing unless polled"]
pub struct Items<R: Paged> {
    pages: Pages<R>,
    page: std::vec::IntoIter<R::Item>,
}

impl<R: Paged> Items<R> {
    #[doc(hidden)]
    pub fn new(pages: Pages<R>) -> Self {
        Self { pages, page: Vec::new().into_iter() }
    }
}

impl<R: Paged> Stream for Items<R> {
    type Item = Result<R::Item>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.page.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(context)) {
                Some(Ok(page)) => self.page = R::items(page).into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<R: Paged> fmt::Debug for Items<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("pages", &self.pages).finish_non_exhaustive()
    }
}

/// Tokens of pages that were asked for, as hashes.
#[derive(Default)]
struct Tokens {
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl Tokens {
    /// Bounds memory at a few MiB; no listing has that many pages.
    const MAX_SEEN_TOKENS: usize = 1 << 16;

    /// Remembers a token. Returns whether it is new.
    fn is_new(&mut self, token: &str) -> bool {
        if self.seen.len() == Self::MAX_SEEN_TOKENS {
            // A circle is detected one round later.
            self.seen.clear();
        }
        self.seen.insert(self.hasher.hash_one(token))
    }
}

/// Sets the page size where the caller set none. Returns the style of the pages that follow.
fn prepare(style: PageStyle, request: &mut dyn Model) -> PageStyle {
    let (size, max) = match style {
        // A caller who sets the page number of an operation that pages both ways continues from there, which no token does.
        PageStyle::Token { max, .. } if get(request, "PageNumber").is_some() && !asks_by_token(style, request) => {
            let style = PageStyle::Number { number: "PageNumber", size: "PageSize", max, total: Some("TotalCount") };
            return prepare(style, request);
        }
        PageStyle::Token { size: Some(size), max, .. } | PageStyle::Number { size, max, .. } => (size, max),
        PageStyle::Token { size: None, .. } | PageStyle::Offset { .. } => return style,
    };
    if get(request, size).is_some() {
        return style;
    }
    // Operations that page both ways take the size of numbered pages as the size of pages by token.
    let wish = get(request, "PageSize").or_else(|| (max > 0).then(|| max.to_string()));
    if let Some(wish) = wish {
        set(request, size, &wish);
    }
    style
}

/// Whether the caller set the token or the size of pages by token.
fn asks_by_token(style: PageStyle, request: &dyn Model) -> bool {
    let PageStyle::Token { token, size, .. } = style else { return false };
    get(request, parameter_of(token)).is_some() || size.is_some_and(|size| get(request, size).is_some())
}

/// Parameter that takes the token of a response's field.
fn parameter_of(token: &str) -> &str {
    token.rsplit('.').next().unwrap_or(token)
}

/// Makes a request ask for the next page. Returns whether there is one.
fn advance(style: PageStyle, request: &mut dyn Model, response: &dyn Model, count: u64, seen: u64) -> bool {
    match style {
        PageStyle::Token { token, .. } => {
            let parameter = parameter_of(token);
            match get(response, token).filter(|next| !next.is_empty()) {
                // The last page may repeat its own token.
                Some(next) if get(request, parameter).as_ref() != Some(&next) => {
                    set(request, parameter, &next);
                    true
                }
                _ => false,
            }
        }
        PageStyle::Number { number, size, total, .. } => {
            let parse = |text: Option<String>| text.and_then(|text| text.parse::<u64>().ok());
            // The service may return smaller pages than requested, and reports their size.
            let size = parse(get(response, size)).filter(|size| *size > 0).or_else(|| parse(get(request, size)));
            let total = total.and_then(|total| parse(get(response, total))).filter(|total| *total > 0);
            let current = parse(get(request, number)).unwrap_or(1);
            let more = match (total, size) {
                // `seen` does not count pages before the one that the caller started from.
                (Some(total), Some(size)) => (current * size).max(seen) < total,
                (Some(total), None) => seen < total,
                (None, Some(size)) => count >= size,
                (None, None) => true,
            };
            if more && count > 0 {
                set(request, number, &(current + 1).to_string());
            }
            more && count > 0
        }
        PageStyle::Offset { offset, next } => {
            let parse = |text: Option<String>| text.and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
            let (current, next) = (parse(get(request, offset)), parse(get(response, next)));
            if next > current {
                set(request, offset, &next.to_string());
            }
            next > current
        }
    }
}
