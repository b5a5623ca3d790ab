//! Faults as text, for command lines.

use std::{fmt, str::FromStr, time::Duration};

use crate::faults::{Fault, Faults};

/// A text that tells no faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultsError(String);

impl fmt::Display for FaultsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FaultsError {}

/// Reads `500=0.1,delay:200@RunInstances=0.5,execute-drop*2,skew=-3600,seed=7`: a fault with its probability, or with
/// how many of the next requests it meets; after `@` the only operation that it meets; after `:` its milliseconds.
///
/// The faults are `none`, `refuse`, `drop`, `execute-drop`, `truncate`, `empty`, `500`, `502`, `503`, `execute-500`,
/// `execute-502`, `execute-503`, `throttle`, `throttle:MS`, `429`, `429:MS`, `delay:MS`, `hold`, `execute-hold`,
/// `dribble:MS` and `token-expired`.
impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, FaultsError> {
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).try_fold(Faults::none(), read)
    }
}

fn read(faults: Faults, item: &str) -> Result<Faults, FaultsError> {
    let wrong = |what: &str| FaultsError(format!("{item:?} is no fault: {what}"));
    match item.split_once('=') {
        Some(("seed", seed)) => Ok(faults.seed(seed.parse().map_err(|_| wrong("write the seed as a whole number"))?)),
        Some(("skew", seconds)) => {
            Ok(faults.skew(seconds.parse().map_err(|_| wrong("write the skew in whole seconds"))?))
        }
        Some((rule, probability)) => {
            let probability = probability.parse().ok().filter(|number| (0.0..=1.0).contains(number));
            let probability = probability.ok_or_else(|| wrong("write the probability as a number from 0 to 1"))?;
            let (fault, operation) = fault(rule).map_err(|what| wrong(&what))?;
            Ok(faults.rule(operation, fault, probability))
        }
        None => {
            let (rule, times) = item.split_once('*').unwrap_or((item, "1"));
            let times = times.parse().ok().filter(|times| *times > 0);
            let times = times.ok_or_else(|| wrong("write a number above 0 after the *"))?;
            let (fault, operation) = fault(rule).map_err(|what| wrong(&what))?;
            Ok(faults.step(operation, fault, times))
        }
    }
}

/// A fault and the operation that it is for.
fn fault(rule: &str) -> Result<(Fault, Option<&str>), String> {
    let (name, operation) = match rule.split_once('@') {
        Some((_, "")) => return Err("write the name of an operation after the @".to_owned()),
        Some((name, operation)) => (name, Some(operation)),
        None => (rule, None),
    };
    let (name, argument) = match name.split_once(':') {
        Some((name, argument)) => (name, Some(argument)),
        None => (name, None),
    };
    let time = match argument.map(str::parse) {
        Some(Ok(millis)) => Some(Duration::from_millis(millis)),
        Some(Err(_)) => return Err("write milliseconds after the colon".to_owned()),
        None => None,
    };
    let fault = match (name, time) {
        ("throttle", retry_after) => Fault::Throttle { status: 400, retry_after },
        ("429", retry_after) => Fault::Throttle { status: 429, retry_after },
        ("delay", Some(time)) => Fault::Delay(time),
        ("dribble", Some(time)) => Fault::Dribble(time),
        ("delay" | "dribble", None) => return Err(format!("write the milliseconds: {name}:200")),
        (_, Some(_)) => return Err(format!("{name} takes no milliseconds")),
        ("none", None) => Fault::None,
        ("refuse", None) => Fault::Refuse,
        ("drop", None) => Fault::Drop,
        ("execute-drop", None) => Fault::ExecuteThenDrop,
        ("truncate", None) => Fault::Truncate,
        ("empty", None) => Fault::Empty,
        ("500", None) => Fault::InternalError { executed: false },
        ("execute-500", None) => Fault::InternalError { executed: true },
        ("502", None) => Fault::BadGateway { executed: false },
        ("execute-502", None) => Fault::BadGateway { executed: true },
        ("503", None) => Fault::Unavailable { executed: false },
        ("execute-503", None) => Fault::Unavailable { executed: true },
        ("hold", None) => Fault::Hold { executed: false },
        ("execute-hold", None) => Fault::Hold { executed: true },
        ("token-expired", None) => Fault::TokenExpired,
        _ => {
            let known = "none, refuse, drop, execute-drop, truncate, empty, 500, 502, 503, execute-500, execute-502, \
                         execute-503, throttle, 429, delay:MS, hold, execute-hold, dribble:MS, token-expired";
            return Err(format!("the faults are {known}"));
        }
    };
    Ok((fault, operation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read() {
        let millis = Duration::from_millis;
        let text = "500=0.1, delay:200@RunInstances=0.5,execute-drop*2,drop,429:1500=1,skew=-3600,seed=7,";
        let faults = Faults::none()
            .random(Fault::InternalError { executed: false }, 0.1)
            .random_on("RunInstances", Fault::Delay(millis(200)), 0.5)
            .next(Fault::ExecuteThenDrop, 2)
            .next(Fault::Drop, 1)
            .random(Fault::Throttle { status: 429, retry_after: Some(millis(1500)) }, 1.0)
            .skew(-3600)
            .seed(7);
        assert_eq!(text.parse(), Ok(faults));
        assert_eq!("".parse(), Ok(Faults::none()));
    }

    #[test]
    fn mistakes_are_told() {
        for (text, told) in [
            ("drop=2", "\"drop=2\" is no fault: write the probability as a number from 0 to 1"),
            ("drop*0", "\"drop*0\" is no fault: write a number above 0 after the *"),
            ("drop:7=1", "\"drop:7=1\" is no fault: drop takes no milliseconds"),
            ("delay=1", "\"delay=1\" is no fault: write the milliseconds: delay:200"),
            ("delay:x=1", "\"delay:x=1\" is no fault: write milliseconds after the colon"),
            ("drop@=1", "\"drop@=1\" is no fault: write the name of an operation after the @"),
            ("skew=soon", "\"skew=soon\" is no fault: write the skew in whole seconds"),
            ("seed=x", "\"seed=x\" is no fault: write the seed as a whole number"),
        ] {
            assert_eq!(text.parse::<Faults>().unwrap_err().to_string(), told);
        }
        let error = "lightning=1".parse::<Faults>().unwrap_err().to_string();
        assert!(error.starts_with("\"lightning=1\" is no fault: the faults are none, refuse, drop"), "{error}");
    }
}
