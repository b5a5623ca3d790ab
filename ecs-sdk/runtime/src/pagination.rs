//! Paging: requests whose responses come in pages.
//!
//! The guide is [`guide::paging`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/paging/index.html).
//!
//! The fluent requests of such operations have `items()` and `pages()`, which return streams:
//!
//! ```no_run
//! use ecs_sdk::operation::describe_instances::Instance;
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
//!
//! [`Items`] and [`Pages`] have the methods of the common cases. They also implement
//! [`Stream`](crate::futures_core::Stream), so the extension traits of the `futures-util` crate add the others, such as
//! `try_filter` and `try_for_each_concurrent`. The methods here have the same names and results as those of
//! `futures-util`, and take precedence over them.
//!
//! Requests that are data have the same streams: `client.items(request)` and `client.pages(request)`.
//!
//! # Order and changes
//!
//! Pages are requested one after another, and each is [retried](crate::retry) like any call. Where an operation supports
//! both, pages are requested by token rather than by number, unless the request sets a page number. Resources that are
//! created or deleted while a list is read may be missing. With page numbers, they also shift the others: some may then
//! be returned twice or not at all.
//!
//! # Continuing later
//!
//! [`Items::position`] and [`Pages::position`] return where a stream is; [`resume`](Items::resume) starts another
//! stream there, even in another process. After an error, it is the position of the page that failed.
//!
//! ```no_run
//! use ecs_sdk::pagination::Position;
//!
//! # async fn example(client: ecs_sdk::Client, saved: Option<String>) -> ecs_sdk::Result<Option<String>> {
//! let mut items = client.describe_instances().items().limit(1000);
//! if let Some(saved) = saved {
//!     items = items.resume(saved.parse::<Position>()?);
//! }
//! while let Some(instance) = items.try_next().await? {
//!     println!("{}", instance.instance_id);
//! }
//! // `None` at the end of the list.
//! Ok(items.position().map(|position| position.to_string()))
//! # }
//! ```
//!
//! # Inconsistent pages
//!
//! A list never ends before the service reports its end, and never goes on forever. Empty and short pages are followed
//! by the next one. The stream ends with an error of kind [`Decode`](crate::ErrorKind::Decode) if the service
//!
//! - returns a page token that it returned before, or an offset that moves back;
//! - returns the same page again before the total number of items is reached, unless that number has grown; or three
//!   pages in a row that it returned before, if there is no total;
//! - returns three empty numbered pages in a row before the total is reached, or 500 empty pages with tokens.
//!
//! The total of numbered pages is the latest one that the service reported, except for totals that are smaller than their
//! page. A page that is smaller than requested ends a numbered list only if there is no total.

mod contents;
mod cursor;
mod engine;
mod flight;
mod items;
mod pages;
mod position;
mod style;

pub use self::{
    items::Items,
    pages::Pages,
    position::Position,
    style::{PageStyle, Paged},
};
