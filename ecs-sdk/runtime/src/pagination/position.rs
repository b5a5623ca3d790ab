//! Positions in lists.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::style::{PageStyle, parameter_of};
use crate::{
    error::{Error, ErrorKind, Result},
    model::Model,
    path::{get, set},
};

/// The position of a stream in its list: the token, number or offset of a page, and the number of its items that were
/// already returned.
///
/// Its string form can be stored, and [`resume`](super::Items::resume) continues there. It belongs to the list of one
/// request, so use it with the same operation and parameters. Tokens are valid as long as the service accepts them.
///
/// ```
/// use ecs_sdk::pagination::Position;
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let position: Position = "page:17:3:100".parse()?;
/// assert_eq!(position.page_number(), Some(3));
/// assert_eq!(position.to_string(), "page:17:3:100");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Position {
    page: Page,
    skip: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Page {
    /// The page with a token; the first one if it is empty.
    Token(String),
    /// A numbered page. The numbers depend on the size of pages.
    Number { number: u64, size: u64 },
    /// The page at an offset.
    Offset(u64),
}

impl Position {
    /// Returns the token of the page. `None` for the first page, and for lists without tokens.
    pub fn token(&self) -> Option<&str> {
        match &self.page {
            Page::Token(token) if !token.is_empty() => Some(token),
            _ => None,
        }
    }

    /// Returns the number of the page, starting at 1. `None` for lists without page numbers.
    pub fn page_number(&self) -> Option<u64> {
        match self.page {
            Page::Number { number, .. } => Some(number),
            _ => None,
        }
    }

    /// Returns the number of items of the page that were already returned.
    pub fn skip(&self) -> u64 {
        self.skip
    }

    pub(super) fn with_skip(mut self, skip: u64) -> Self {
        self.skip = skip;
        self
    }

    /// Returns the position of the page that a request requests. `size` is the size of pages if the request has none.
    pub(super) fn of(style: PageStyle, request: &dyn Model, size: Option<u32>) -> Self {
        let number = |name, default| get(request, name).and_then(|text| text.parse().ok()).unwrap_or(default);
        let page = match style.of(request) {
            PageStyle::Token { token, .. } => Page::Token(get(request, parameter_of(token)).unwrap_or_default()),
            PageStyle::Number { number: name, size: size_name, max, .. } => {
                Page::Number { number: number(name, 1), size: number(size_name, size.unwrap_or(max).into()) }
            }
            PageStyle::Offset { offset, .. } => Page::Offset(number(offset, 0)),
        };
        Self { page, skip: 0 }
    }

    /// Changes a request to request the page.
    pub(super) fn apply(&self, style: PageStyle, request: &mut dyn Model) -> Result<()> {
        let pairs: &[(&str, String)] = match (&self.page, style) {
            (Page::Token(token), PageStyle::Token { .. }) if token.is_empty() => &[],
            (Page::Token(token), PageStyle::Token { token: name, .. }) => &[(parameter_of(name), token.clone())],
            (Page::Number { number, size }, PageStyle::Number { number: name, size: size_name, .. }) => {
                &[(name, number.to_string()), (size_name, size.to_string())]
            }
            // Operations that support both styles have parameters of these names.
            (Page::Number { number, size }, PageStyle::Token { .. }) if !style.is_by_token(request) => {
                &[("PageNumber", number.to_string()), ("PageSize", size.to_string())]
            }
            (Page::Offset(offset), PageStyle::Offset { offset: name, .. }) => &[(name, offset.to_string())],
            _ => return Err(self.misplaced(style)),
        };
        for (name, value) in pairs {
            set(request, name, value);
            if get(request, name).as_ref() != Some(value) {
                return Err(self.misplaced(style));
            }
        }
        Ok(())
    }

    fn misplaced(&self, style: PageStyle) -> Error {
        let expected = match style {
            PageStyle::Token { .. } => "page tokens",
            PageStyle::Number { .. } => "page numbers",
            PageStyle::Offset { .. } => "offsets",
        };
        let message = format!("the position `{self}` is not one of this list, which has {expected}");
        Error::new(ErrorKind::Request, message)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let skip = self.skip;
        match &self.page {
            Page::Token(token) => write!(f, "token:{skip}:{token}"),
            Page::Number { number, size } => write!(f, "page:{skip}:{number}:{size}"),
            Page::Offset(offset) => write!(f, "offset:{skip}:{offset}"),
        }
    }
}

impl FromStr for Position {
    type Err = Error;

    /// Parses the string form.
    ///
    /// # Errors
    ///
    /// Returns an error of kind [`Request`](ErrorKind::Request) if the string is not the string form of a position.
    fn from_str(text: &str) -> Result<Self> {
        parse(text).ok_or_else(|| {
            let message = format!("invalid position `{text}`: expected the string form of a `Position`");
            Error::new(ErrorKind::Request, message)
        })
    }
}

fn parse(text: &str) -> Option<Position> {
    let (kind, rest) = text.split_once(':')?;
    let (skip, page) = rest.split_once(':')?;
    let page = match kind {
        "token" => Page::Token(page.to_owned()),
        "page" => {
            let (number, size) = page.split_once(':')?;
            Page::Number { number: number.parse().ok().filter(|number| *number > 0)?, size: size.parse().ok()? }
        }
        "offset" => Page::Offset(page.parse().ok()?),
        _ => return None,
    };
    Some(Position { page, skip: skip.parse().ok()? })
}

impl Serialize for Position {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
