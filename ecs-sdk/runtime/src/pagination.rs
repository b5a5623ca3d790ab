//! Paging: requests whose responses come in pages.
//!
//! The fluent requests of such operations have `items()` and `pages()`, which return streams. Combine them with the
//! extension traits of the `futures-util` crate, such as `TryStreamExt`:
//!
//! ```no_run
//! use ecs_sdk::operation::describe_instances::Instance;
//! use futures_util::TryStreamExt;
//!
//! # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
//! // All instances, in memory.
//! let all: Vec<Instance> = client.describe_instances().items().try_collect().await?;
//!
//! // One at a time. The next page is requested when the items of the previous one are used up.
//! let mut items = client.describe_instances().status("Running").items();
//! while let Some(instance) = items.try_next().await? {
//!     println!("{}", instance.instance_id);
//! }
//! # let _ = all;
//! # Ok(())
//! # }
//! ```

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
    /// Each page contains the token of the next.
    Token {
        /// Wire name of the token in requests and responses.
        token: &'static str,
        /// Wire name of the page size.
        size: Option<&'static str>,
        /// Page size to request if the caller sets none; 0 for the service's default.
        max: u32,
    },
    /// Pages are numbered from 1.
    Number {
        /// Wire name of the page number.
        number: &'static str,
        /// Wire name of the page size.
        size: &'static str,
        /// Page size to request if the caller sets none.
        max: u32,
        /// Wire name of the total number of items in responses.
        total: Option<&'static str>,
    },
    /// Each page contains the offset of the next.
    Offset {
        /// Wire name of the offset in requests.
        offset: &'static str,
        /// Wire name of the next offset in responses.
        next: &'static str,
    },
}

/// A request whose response comes in pages. The trait is sealed.
pub trait Paged: Operation {
    /// The type of the items that pages contain.
    type Item: Unpin;

    /// How the operation pages.
    #[doc(hidden)]
    const PAGES: PageStyle;

    /// Returns the items of a page.
    fn items(response: Self::Response) -> Vec<Self::Item>;

    /// Number of items of a page.
    #[doc(hidden)]
    fn count(response: &Self::Response) -> usize;
}

/// Number of numbered pages in a row that may be empty although more items should follow. Single pages can be empty, for
/// example if their items were deleted meanwhile; a service with a wrong total number could send them forever.
const MAX_EMPTY_PAGES: u32 = 3;

/// A [`Stream`][stream] of the pages of a request, returned by `pages()`.
///
/// [stream]: https://docs.rs/futures-core/0.3/futures_core/stream/trait.Stream.html
///
/// Each page is requested when the stream is polled for it. After an error the stream ends. A page token that was
/// already returned by an earlier page is reported as an error of kind [`Decode`](ErrorKind::Decode), and so are three
/// empty pages in a row before the end of numbered pages.
///
/// Unless the request sets a page size, the largest one that the operation allows is used, for the fewest calls.
///
/// ```no_run
/// use futures_util::TryStreamExt;
///
/// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
/// let mut pages = client.describe_instances().max_results(50).pages();
/// while let Some(page) = pages.try_next().await? {
///     println!("{} instances (request {})", page.instances.len(), page.request_id);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Pages<R: Paged> {
    call: Call,
    style: PageStyle,
    request: R,
    page: Option<Sending<R::Response>>,
    progress: Progress,
    tokens: Tokens,
    done: bool,
}

impl<R: Paged> Pages<R> {
    #[doc(hidden)]
    pub fn new(call: Call, mut request: R) -> Self {
        let style = prepare(R::PAGES, &mut request);
        Self { call, style, request, page: None, progress: Progress::default(), tokens: Tokens::default(), done: false }
    }
}

impl<R: Paged> Pages<R> {
    /// Ends the stream with an error.
    fn fail(&mut self, message: &str) -> Error {
        self.done = true;
        Error::new(ErrorKind::Decode, message).with_call(R::META.service.name, R::META.name)
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
            let message = "the service returned the same page token twice, so the pages would repeat forever";
            return Poll::Ready(Some(Err(this.fail(message))));
        }
        let page = this.page.get_or_insert_with(|| this.call.send::<R>(&this.request));
        let result = ready!(Pin::new(page).poll(context));
        this.page = None;
        match &result {
            Ok(response) => {
                let count = R::count(response) as u64;
                this.done = !advance(this.style, &mut this.request, response, count, &mut this.progress);
                if !this.done && this.progress.empty >= MAX_EMPTY_PAGES {
                    let message =
                        "the service returned several empty pages in a row, although more items should follow";
                    return Poll::Ready(Some(Err(this.fail(message))));
                }
            }
            Err(_) => this.done = true,
        }
        Poll::Ready(Some(result))
    }
}

impl<R: Paged> fmt::Debug for Pages<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("seen", &self.progress.seen).field("done", &self.done).finish_non_exhaustive()
    }
}

/// A [`Stream`][stream] of the items of all pages of a request, returned by `items()`. It holds one page at a time in
/// memory.
///
/// [stream]: https://docs.rs/futures-core/0.3/futures_core/stream/trait.Stream.html
///
/// ```no_run
/// use futures_util::{StreamExt, TryStreamExt};
///
/// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
/// // The first 10 instances with more than 8 vCPUs. No further pages are requested once they are found.
/// let large: Vec<_> = client
///     .describe_instances()
///     .items()
///     .try_filter(|instance| std::future::ready(instance.cpu > Some(8)))
///     .take(10)
///     .try_collect()
///     .await?;
/// # let _ = large;
/// # Ok(())
/// # }
/// ```
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

/// The contents of the pages so far.
#[derive(Default)]
struct Progress {
    /// Number of items.
    seen: u64,
    /// Number of empty numbered pages since the last one with items.
    empty: u32,
    /// Whether the last numbered page with items had fewer than a whole page.
    is_short: bool,
}

/// Hashes of the tokens of requested pages.
#[derive(Default)]
struct Tokens {
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl Tokens {
    /// Bounds memory to a few MiB; no list has that many pages.
    const MAX_SEEN_TOKENS: usize = 1 << 16;

    /// Stores a token. Returns whether it is new.
    fn is_new(&mut self, token: &str) -> bool {
        if self.seen.len() == Self::MAX_SEEN_TOKENS {
            // A cycle is detected one round later.
            self.seen.clear();
        }
        self.seen.insert(self.hasher.hash_one(token))
    }
}

/// Sets the page size if the caller set none. Returns the page style to use.
fn prepare(style: PageStyle, request: &mut dyn Model) -> PageStyle {
    let (size, max) = match style {
        // If an operation supports both styles and the caller set a page number, only numbered pages can start from it.
        PageStyle::Token { max, .. } if get(request, "PageNumber").is_some() && !uses_token(style, request) => {
            let style = PageStyle::Number { number: "PageNumber", size: "PageSize", max, total: Some("TotalCount") };
            return prepare(style, request);
        }
        PageStyle::Token { size: Some(size), max, .. } | PageStyle::Number { size, max, .. } => (size, max),
        PageStyle::Token { size: None, .. } | PageStyle::Offset { .. } => return style,
    };
    if get(request, size).is_some() {
        return style;
    }
    // If an operation supports both styles, the size set for numbered pages is used for token pages too.
    let page_size = get(request, "PageSize").or_else(|| (max > 0).then(|| max.to_string()));
    if let Some(page_size) = page_size {
        set(request, size, &page_size);
    }
    style
}

/// Whether the caller set the token or the size of token pages.
fn uses_token(style: PageStyle, request: &dyn Model) -> bool {
    let PageStyle::Token { token, size, .. } = style else { return false };
    get(request, parameter_of(token)).is_some() || size.is_some_and(|size| get(request, size).is_some())
}

/// Name of the request's parameter for the token at this path of the response.
fn parameter_of(token: &str) -> &str {
    token.rsplit('.').next().unwrap_or(token)
}

/// Changes a request to request the next page. Returns whether there is one.
fn advance(
    style: PageStyle,
    request: &mut dyn Model,
    response: &dyn Model,
    count: u64,
    progress: &mut Progress,
) -> bool {
    progress.seen = progress.seen.saturating_add(count);
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
            // The service may return smaller pages than requested; the response contains the actual size.
            let size = parse(get(response, size)).filter(|size| *size > 0).or_else(|| parse(get(request, size)));
            let total = total.and_then(|total| parse(get(response, total))).filter(|total| *total > 0);
            let current = parse(get(request, number)).unwrap_or(1);
            if count > 0 {
                (progress.empty, progress.is_short) = (0, size.is_some_and(|size| count < size));
            } else {
                progress.empty += 1;
            }
            let seen = progress.seen;
            let more = match (total, size) {
                // The list ended earlier than its total number tells.
                _ if count == 0 && progress.is_short => false,
                // `seen` does not count pages before the one that the caller started from.
                (Some(total), Some(size)) => current.saturating_mul(size).max(seen) < total,
                (Some(total), None) => seen < total,
                (None, Some(size)) => count > 0 && count >= size,
                (None, None) => count > 0,
            };
            if more {
                set(request, number, &current.saturating_add(1).to_string());
            }
            more
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
