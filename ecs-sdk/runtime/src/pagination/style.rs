//! The styles of pagination, and the trait of requests that page.

use crate::{
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
///
/// Functions can be generic over such requests:
///
/// ```no_run
/// use ecs_sdk::{Client, pagination::Paged};
///
/// /// Counts the items in several regions.
/// async fn count<R: Paged>(
///     client: &Client,
///     regions: &[&str],
///     request: R,
/// ) -> ecs_sdk::Result<usize> {
///     let mut count = 0;
///     for region in regions {
///         let mut items = client.with_region(*region).items(request.clone());
///         while items.try_next().await?.is_some() {
///             count += 1;
///         }
///     }
///     Ok(count)
/// }
/// ```
pub trait Paged: Operation {
    /// The type of the items that pages contain.
    type Item: Send + Unpin + 'static;

    /// Path of the items in the response, in wire names.
    #[doc(hidden)]
    const ITEMS: &'static str;

    /// How the operation pages.
    #[doc(hidden)]
    const PAGES: PageStyle;

    /// Returns the items of a page.
    fn items(response: Self::Response) -> Vec<Self::Item>;
}

impl PageStyle {
    /// Returns the style for a request. If an operation supports both styles and the caller set a page number, only
    /// numbered pages can start from it.
    pub(super) fn of(self, request: &dyn Model) -> Self {
        match self {
            Self::Token { max, .. } if get(request, "PageNumber").is_some() && !self.is_by_token(request) => {
                Self::Number { number: "PageNumber", size: "PageSize", max, total: Some("TotalCount") }
            }
            style => style,
        }
    }

    /// Whether the caller set the token or the size of token pages.
    pub(super) fn is_by_token(self, request: &dyn Model) -> bool {
        let Self::Token { token, size, .. } = self else { return false };
        get(request, parameter_of(token)).is_some() || size.is_some_and(|size| get(request, size).is_some())
    }

    /// Sets the page size, unless the request has one: to `chosen`, or to the largest one.
    pub(super) fn set_size(self, request: &mut dyn Model, chosen: Option<u32>) {
        let (Self::Token { size: Some(size), max, .. } | Self::Number { size, max, .. }) = self else { return };
        let given = get(request, size);
        // If an operation supports both styles, the size set for numbered pages is used for token pages too.
        let size_of_numbers = || get(request, "PageSize");
        let default = || (max > 0).then(|| max.to_string());
        let new = match chosen {
            Some(chosen) => Some(chosen.to_string()),
            None if given.is_some() => None,
            None => size_of_numbers().or_else(default),
        };
        if let Some(new) = new {
            set(request, size, &new);
        }
    }
}

/// Name of the request's parameter for the member at this path of the response.
pub(super) fn parameter_of(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
