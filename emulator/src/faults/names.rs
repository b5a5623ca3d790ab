//! The text form of a single fault.

use std::{fmt, str::FromStr, time::Duration};

use super::{
    error::{self, FaultError, MAX_TIME},
    fault::{Echo, Fault},
    rules::MAX_SKEW_SECONDS,
};

/// How a name in text form is turned into a fault.
enum Form {
    /// `name`
    Plain(Fault),
    /// `name:MS`
    Milliseconds(fn(Duration) -> Fault),
    /// `name` or `name:MS`
    OptionalMilliseconds(fn(Option<Duration>) -> Fault),
    /// `name:SECONDS`, with a sign
    Seconds(fn(i64) -> Fault),
    /// `name:STATUS`
    Status(fn(u16) -> Fault),
    /// `name:CODE[:STATUS[+MS]][:MESSAGE]`
    Error(fn(FaultError) -> Fault),
}

use Form::{Error, Milliseconds, OptionalMilliseconds, Plain, Seconds, Status};

/// The part after the colon.
#[derive(Clone)]
enum Argument {
    Absent,
    Time(Duration),
    Seconds(i64),
    Status(u16),
    Error(FaultError),
}

/// Every name in text form. The parser, `Display` and the error message use this table.
const NAMES: &[(&str, Form)] = &[
    ("none", Plain(Fault::None)),
    ("refuse", Plain(Fault::Refuse)),
    ("drop", Plain(Fault::Drop)),
    ("execute-drop", Plain(Fault::ExecuteThenDrop)),
    ("truncate", Plain(Fault::Truncate)),
    ("incomplete", Plain(Fault::Incomplete)),
    ("empty", Plain(Fault::Empty)),
    ("500", Plain(Fault::InternalError { executed: false })),
    ("execute-500", Plain(Fault::InternalError { executed: true })),
    ("502", Plain(Fault::BadGateway { executed: false })),
    ("execute-502", Plain(Fault::BadGateway { executed: true })),
    ("503", Plain(Fault::Unavailable { executed: false })),
    ("execute-503", Plain(Fault::Unavailable { executed: true })),
    ("gateway", Status(|status| Fault::Gateway { status, executed: false })),
    ("execute-gateway", Status(|status| Fault::Gateway { status, executed: true })),
    ("throttle", OptionalMilliseconds(|retry_after| Fault::Throttle { status: 400, retry_after })),
    ("429", OptionalMilliseconds(|retry_after| Fault::Throttle { status: 429, retry_after })),
    ("delay", Milliseconds(Fault::Delay)),
    ("process", Milliseconds(Fault::Process)),
    ("process-drop", Milliseconds(Fault::ProcessThenDrop)),
    ("hold", Plain(Fault::Hold { executed: false })),
    ("execute-hold", Plain(Fault::Hold { executed: true })),
    ("dribble", Milliseconds(Fault::Dribble)),
    ("duplicate", Plain(Fault::Duplicate)),
    ("clock", Seconds(Fault::WrongClock)),
    ("token-expired", Plain(Fault::TokenExpired)),
    ("error", Error(|error| Fault::Error { error, executed: false })),
    ("execute-error", Error(|error| Fault::Error { error, executed: true })),
    ("echo-message", Plain(Fault::Echo(Echo::Message))),
    ("echo-code", Plain(Fault::Echo(Echo::Code))),
    ("echo-request-id", Plain(Fault::Echo(Echo::RequestId))),
    ("echo-page", Plain(Fault::Echo(Echo::Page))),
];

impl Form {
    /// Parses the part after the colon of a fault with this name.
    fn argument(&self, name: &str, text: Option<&str>) -> Result<Argument, String> {
        match (self, text) {
            (Plain(_), Some(_)) => Err(format!("`{name}` takes nothing after a colon")),
            (Plain(_) | OptionalMilliseconds(_), None) => Ok(Argument::Absent),
            (Milliseconds(_), None) => Err(format!("expected milliseconds, as in `{name}:200`")),
            (Milliseconds(_) | OptionalMilliseconds(_), Some(text)) => {
                let milliseconds = text.parse().map_err(|_| "expected milliseconds after the colon".to_owned())?;
                let time = Some(Duration::from_millis(milliseconds)).filter(|time| *time <= MAX_TIME);
                time.map(Argument::Time).ok_or_else(|| format!("expected at most {} ms", MAX_TIME.as_millis()))
            }
            (Seconds(_), text) => {
                let seconds = text.and_then(skew).map(Argument::Seconds);
                seconds.ok_or_else(|| format!("expected seconds, at most 100 years, as in `{name}:-7200`"))
            }
            (Status(_), text) => {
                let status = text.and_then(|text| text.parse().ok()).filter(|status| (300..600).contains(status));
                status
                    .map(Argument::Status)
                    .ok_or_else(|| format!("expected a status from 300 to 599, as in `{name}:408`"))
            }
            (Error(_), text) => FaultError::read(text.unwrap_or_default()).map(Argument::Error),
        }
    }

    /// Returns the fault with an argument; `None` if the form has none of this kind.
    fn fault(&self, argument: Argument) -> Option<Fault> {
        match (self, argument) {
            (Plain(fault), Argument::Absent) => Some(fault.clone()),
            (Milliseconds(fault), Argument::Time(time)) => Some(fault(time)),
            (OptionalMilliseconds(fault), Argument::Absent) => Some(fault(None)),
            (OptionalMilliseconds(fault), Argument::Time(time)) => Some(fault(Some(time))),
            (Seconds(fault), Argument::Seconds(seconds)) => Some(fault(seconds)),
            (Status(fault), Argument::Status(status)) => Some(fault(status)),
            (Error(fault), Argument::Error(error)) => Some(fault(error)),
            _ => None,
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Plain(_) => "",
            Milliseconds(_) => ":MS",
            OptionalMilliseconds(_) => "[:MS]",
            Seconds(_) => ":SECONDS",
            Status(_) => ":STATUS",
            Error(_) => error::FORM,
        })
    }
}

/// Parses the skew of a clock in seconds.
pub(super) fn skew(text: &str) -> Option<i64> {
    text.parse().ok().filter(|seconds: &i64| seconds.unsigned_abs() <= MAX_SKEW_SECONDS.unsigned_abs())
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
    let unknown = || {
        let known: Vec<String> = NAMES.iter().map(|(name, form)| format!("{name}{form}")).collect();
        format!("expected one of {}", known.join(", "))
    };
    let (_, form) = NAMES.iter().find(|(known, _)| *known == name).ok_or_else(unknown)?;
    form.fault(form.argument(name, argument)?).ok_or_else(unknown)
}

/// Writes the name that parses to the fault. A throttling status other than 400 and 429 has no name and is written as
/// `throttle`; times are in whole milliseconds.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let argument = match self.clone() {
            Fault::Throttle { retry_after, .. } => retry_after.map_or(Argument::Absent, Argument::Time),
            Fault::Error { error, .. } => Argument::Error(error),
            Fault::Delay(time) | Fault::Dribble(time) | Fault::Process(time) | Fault::ProcessThenDrop(time) => {
                Argument::Time(time)
            }
            Fault::WrongClock(seconds) => Argument::Seconds(seconds),
            Fault::Gateway { status, .. } => Argument::Status(status),
            _ => Argument::Absent,
        };
        let named = NAMES.iter().find(|(_, form)| form.fault(argument.clone()).as_ref() == Some(self));
        f.write_str(named.map_or("throttle", |(name, _)| name))?;
        match argument {
            Argument::Absent => Ok(()),
            Argument::Time(time) => write!(f, ":{}", time.as_millis()),
            Argument::Seconds(seconds) => write!(f, ":{seconds}"),
            Argument::Status(status) => write!(f, ":{status}"),
            Argument::Error(error) => write!(f, "{error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_documented() {
        let docs: String = include_str!("fault.rs").lines().filter(|line| line.contains("/// Text form:")).collect();
        for (name, form) in NAMES {
            assert!(docs.contains(&format!("`{name}`")) || docs.contains(&format!("`{name}{form}`")), "{name}");
        }
    }

    #[test]
    fn every_name_reads_back() {
        for (name, form) in NAMES {
            let text = match form {
                Plain(_) => (*name).to_owned(),
                Milliseconds(_) | OptionalMilliseconds(_) => format!("{name}:1500"),
                Seconds(_) => format!("{name}:-7200"),
                Status(_) => format!("{name}:408"),
                Error(_) => format!("{name}:OperationDenied.NoStock:403+1500:sold out"),
            };
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
        assert_eq!("429".parse::<Fault>().unwrap().to_string(), "429");
        assert_eq!(Fault::Throttle { status: 503, retry_after: None }.to_string(), "throttle");
    }
}
