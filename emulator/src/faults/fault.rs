//! A single fault and its name.

use std::{fmt, str::FromStr, time::Duration};

/// A fault of one request.
///
/// [`FromStr`] and [`Display`](fmt::Display) use the text form of each variant; `MS` stands for milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// No fault; in a script, leaves requests undisturbed.
    ///
    /// Text form: `none`.
    #[default]
    None,
    /// The connection is closed before anything is read from it. Over sockets, only new connections are affected.
    ///
    /// Text form: `refuse`.
    Refuse,
    /// The request is read and the connection is closed; nothing is executed.
    ///
    /// Text form: `drop`.
    Drop,
    /// The request is executed and the connection closed before the first byte of the response.
    ///
    /// Text form: `execute-drop`.
    ExecuteThenDrop,
    /// The request is executed and the connection closed halfway through the body of the response.
    ///
    /// Text form: `truncate`.
    Truncate,
    /// The request is executed, and the response has status 200 and an empty body.
    ///
    /// Text form: `empty`.
    Empty,
    /// Status 500 with the code `InternalError`.
    ///
    /// Text form: `500` or `execute-500`.
    InternalError {
        /// Whether the request is executed first.
        executed: bool,
    },
    /// Status 502 with an HTML page, as from a proxy.
    ///
    /// Text form: `502` or `execute-502`.
    BadGateway {
        /// Whether the request is executed first.
        executed: bool,
    },
    /// Status 503 with the code `ServiceUnavailable`.
    ///
    /// Text form: `503` or `execute-503`.
    Unavailable {
        /// Whether the request is executed first.
        executed: bool,
    },
    /// The code `Throttling.User`; nothing is executed.
    ///
    /// Text form: `throttle` for status 400, `429` for 429; `throttle:MS` and `429:MS` with `retry_after`.
    Throttle {
        /// HTTP status: the service uses 400, gateways in front of it use 429.
        status: u16,
        /// Value of the header `x-acs-retry-after`, in whole milliseconds; without the header if `None`.
        retry_after: Option<Duration>,
    },
    /// The request is executed, and the response is delayed.
    ///
    /// Text form: `delay:MS`.
    Delay(Duration),
    /// No response is sent; the connection stays open until the client closes it.
    ///
    /// Text form: `hold` or `execute-hold`.
    Hold {
        /// Whether the request is executed first.
        executed: bool,
    },
    /// The request is executed, and the body of the response is sent byte by byte, with this delay before each byte.
    ///
    /// Text form: `dribble:MS`.
    Dribble(Duration),
    /// The code `InvalidSecurityToken.Expired`, for any credentials; nothing is executed.
    ///
    /// Text form: `token-expired`.
    TokenExpired,
}

impl Fault {
    /// Returns whether the request is executed despite the fault.
    #[must_use]
    pub fn executes(self) -> bool {
        match self {
            Fault::None
            | Fault::ExecuteThenDrop
            | Fault::Truncate
            | Fault::Empty
            | Fault::Delay(_)
            | Fault::Dribble(_) => true,
            Fault::InternalError { executed }
            | Fault::BadGateway { executed }
            | Fault::Unavailable { executed }
            | Fault::Hold { executed } => executed,
            Fault::Refuse | Fault::Drop | Fault::Throttle { .. } | Fault::TokenExpired => false,
        }
    }
}

/// How a name in text form is turned into a fault.
enum Form {
    /// `name`
    Plain(Fault),
    /// `name:MS`
    Milliseconds(fn(Duration) -> Fault),
    /// `name` or `name:MS`
    OptionalMilliseconds(fn(Option<Duration>) -> Fault),
}

use Form::{Milliseconds, OptionalMilliseconds, Plain};

/// Every name in text form. The parser, `Display` and the error message use this table.
const NAMES: &[(&str, Form)] = &[
    ("none", Plain(Fault::None)),
    ("refuse", Plain(Fault::Refuse)),
    ("drop", Plain(Fault::Drop)),
    ("execute-drop", Plain(Fault::ExecuteThenDrop)),
    ("truncate", Plain(Fault::Truncate)),
    ("empty", Plain(Fault::Empty)),
    ("500", Plain(Fault::InternalError { executed: false })),
    ("execute-500", Plain(Fault::InternalError { executed: true })),
    ("502", Plain(Fault::BadGateway { executed: false })),
    ("execute-502", Plain(Fault::BadGateway { executed: true })),
    ("503", Plain(Fault::Unavailable { executed: false })),
    ("execute-503", Plain(Fault::Unavailable { executed: true })),
    ("throttle", OptionalMilliseconds(|retry_after| Fault::Throttle { status: 400, retry_after })),
    ("429", OptionalMilliseconds(|retry_after| Fault::Throttle { status: 429, retry_after })),
    ("delay", Milliseconds(Fault::Delay)),
    ("hold", Plain(Fault::Hold { executed: false })),
    ("execute-hold", Plain(Fault::Hold { executed: true })),
    ("dribble", Milliseconds(Fault::Dribble)),
    ("token-expired", Plain(Fault::TokenExpired)),
];

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Plain(_) => "",
            Milliseconds(_) => ":MS",
            OptionalMilliseconds(_) => "[:MS]",
        })
    }
}

/// Error of parsing [`Faults`](crate::Faults) or a [`Fault`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultsError(String);

impl FaultsError {
    pub(super) fn new(item: &str, reason: impl fmt::Display) -> Self {
        FaultsError(format!("invalid fault `{item}`: {reason}"))
    }
}

impl fmt::Display for FaultsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FaultsError {}

impl FromStr for Fault {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, FaultsError> {
        read(text).map_err(|reason| FaultsError::new(text, reason))
    }
}

/// Parses a fault. The error is the reason alone, so that the caller can add the item it is about.
pub(super) fn read(text: &str) -> Result<Fault, String> {
    let (name, argument) = text.split_once(':').map_or((text, None), |(name, argument)| (name, Some(argument)));
    let Some((_, form)) = NAMES.iter().find(|(known, _)| *known == name) else {
        let known: Vec<String> = NAMES.iter().map(|(name, form)| format!("{name}{form}")).collect();
        return Err(format!("expected one of {}", known.join(", ")));
    };
    let time = match argument.map(str::parse) {
        Some(Ok(milliseconds)) => Some(Duration::from_millis(milliseconds)),
        Some(Err(_)) => return Err("expected milliseconds after the colon".to_owned()),
        None => None,
    };
    match (form, time) {
        (Plain(fault), None) => Ok(*fault),
        (Plain(_), Some(_)) => Err(format!("`{name}` takes no milliseconds")),
        (Milliseconds(fault), Some(time)) => Ok(fault(time)),
        (Milliseconds(_), None) => Err(format!("expected milliseconds, as in `{name}:200`")),
        (OptionalMilliseconds(fault), time) => Ok(fault(time)),
    }
}

/// Writes the name that parses to the fault. A throttling status other than 400 and 429 has no name and is written as
/// `throttle`; times are in whole milliseconds.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = match self {
            Fault::Throttle { retry_after, .. } => *retry_after,
            Fault::Delay(time) | Fault::Dribble(time) => Some(*time),
            _ => None,
        };
        let named = NAMES.iter().find(|(_, form)| match (form, time) {
            (Plain(fault), _) => fault == self,
            (Milliseconds(fault), Some(time)) => fault(time) == *self,
            (Milliseconds(_), None) => false,
            (OptionalMilliseconds(fault), time) => fault(time) == *self,
        });
        f.write_str(named.map_or("throttle", |(name, _)| name))?;
        time.map_or(Ok(()), |time| write!(f, ":{}", time.as_millis()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_documented() {
        let docs: String = include_str!("fault.rs").lines().filter(|line| line.contains("/// Text form:")).collect();
        for (name, _) in NAMES {
            assert!(docs.contains(&format!("`{name}`")) || docs.contains(&format!("`{name}:MS`")), "{name}");
        }
    }

    #[test]
    fn every_name_reads_back() {
        for (name, form) in NAMES {
            let text = match form {
                Plain(_) => (*name).to_owned(),
                Milliseconds(_) | OptionalMilliseconds(_) => format!("{name}:1500"),
            };
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
        assert_eq!("429".parse::<Fault>().unwrap().to_string(), "429");
        assert_eq!(Fault::Throttle { status: 503, retry_after: None }.to_string(), "throttle");
    }
}
