//! The text form of [`Faults`], for command lines.

use std::{fmt, str::FromStr};

use super::{
    error::split_outside_quotes,
    fault::Fault,
    names::{self, FaultsError},
    rules::{Faults, Target},
};

impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, FaultsError> {
        items(text)
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .try_fold(Faults::none(), |faults, item| add(faults, item).map_err(|reason| FaultsError::new(item, reason)))
    }
}

/// Splits a list at the commas.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let mut left = Some(text);
    std::iter::from_fn(move || {
        let (item, rest) =
            left.map(|text| split_outside_quotes(text, ',').map_or((text, None), |(item, rest)| (item, Some(rest))))?;
        left = rest;
        Some(item)
    })
}

/// Adds one item of the list.
fn add(faults: Faults, item: &str) -> Result<Faults, String> {
    match split_outside_quotes(item, '=') {
        Some(("seed", seed)) => {
            let seed = seed.parse().map_err(|_| "expected a whole number as the seed")?;
            Ok(faults.seed(seed))
        }
        Some(("skew", seconds)) => {
            let seconds = names::skew(seconds).ok_or("expected the skew in whole seconds, at most 100 years")?;
            Ok(faults.skew(seconds))
        }
        Some((rule, probability)) => {
            let probability = probability.parse().ok().filter(|number| (0.0..=1.0).contains(number));
            let probability = probability.ok_or_else(|| unquoted(item, "expected a probability from 0 to 1"))?;
            let (fault, target) = target(rule)?;
            Ok(faults.random_on(target, fault, probability))
        }
        None => {
            let (rule, times) = split_outside_quotes(item, '*').unwrap_or((item, "1"));
            let times = times.parse().ok().filter(|times| *times > 0);
            let times = times.ok_or_else(|| unquoted(item, "expected a number above 0 after the `*`"))?;
            let (fault, target) = target(rule)?;
            Ok(faults.next_on(target, fault, times))
        }
    }
}

/// Adds to a reason that the message of an error may need quotation marks.
fn unquoted(item: &str, reason: &str) -> String {
    let hint = if item.contains("error:") && !item.contains('"') {
        "; a message with one of `,=*@` needs quotation marks"
    } else {
        ""
    };
    format!("{reason}{hint}")
}

/// Parses a fault and the requests that it is for.
fn target(rule: &str) -> Result<(Fault, &str), String> {
    match split_outside_quotes(rule, '@') {
        Some((_, "")) => Err(unquoted(rule, "expected the name of an operation after the `@`")),
        Some((_, target)) if target.ends_with('/') => {
            Err("expected the ID of a resource after the `/`, as in `drop@StopInstance/i-123`".to_owned())
        }
        Some((name, target)) => Ok((names::read(name)?, target)),
        None => Ok((names::read(rule)?, "")),
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.operation, &self.resource) {
            (None, None) => Ok(()),
            (operation, None) => write!(f, "@{}", operation.as_deref().unwrap_or_default()),
            (operation, Some(resource)) => write!(f, "@{}/{resource}", operation.as_deref().unwrap_or_default()),
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.script.iter().map(|step| format!("{}{}*{}", step.fault, step.target, step.times));
        let rules = self.rules.iter().map(|rule| format!("{}{}={}", rule.fault, rule.target, rule.probability));
        let mut items: Vec<String> = steps.chain(rules).collect();
        let defaults = Faults::none();
        if self.skew != defaults.skew {
            items.push(format!("skew={}", self.skew));
        }
        if self.seed != defaults.seed {
            items.push(format!("seed={}", self.seed));
        }
        f.write_str(&items.join(","))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn text_is_read_and_written() {
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
        assert_eq!(text.parse().as_ref(), Ok(&faults));
        assert_eq!(
            faults.to_string(),
            "execute-drop*2,drop*1,500=0.1,delay:200@RunInstances=0.5,429:1500=1,skew=-3600,seed=7"
        );
        assert_eq!(faults.to_string().parse(), Ok(faults));
        assert_eq!("".parse(), Ok(Faults::none()));
    }

    #[test]
    fn errors_and_resources_are_read_and_written() {
        for text in [
            "error:OperationDenied.NoStock:403@RunInstances*1",
            "error:Throttling.Api:429+1500*3",
            "error:Forbidden.RAM@/i-123=0.5",
            r#"execute-error:InternalError:500:"a, b = c * d @ e"@StopInstance/i-123*2"#,
            "error:Code:403:some text: more@StopInstance*1",
            "drop@metadata*1",
        ] {
            assert_eq!(text.parse::<Faults>().unwrap().to_string(), text);
        }
        let two: Faults = r#"error:A:400:"x,y",drop"#.parse().unwrap();
        assert_eq!(two.to_string(), r#"error:A:400:"x,y"*1,drop*1"#);
    }

    #[test]
    fn errors_name_the_item_and_the_remedy() {
        for (text, message) in [
            ("drop=2", "invalid fault `drop=2`: expected a probability from 0 to 1"),
            ("drop*0", "invalid fault `drop*0`: expected a number above 0 after the `*`"),
            ("drop:7=1", "invalid fault `drop:7=1`: `drop` takes nothing after a colon"),
            ("delay=1", "invalid fault `delay=1`: expected milliseconds, as in `delay:200`"),
            ("delay:x=1", "invalid fault `delay:x=1`: expected milliseconds after the colon"),
            ("drop@=1", "invalid fault `drop@=1`: expected the name of an operation after the `@`"),
            (
                "drop@A/*2",
                "invalid fault `drop@A/*2`: expected the ID of a resource after the `/`, as in `drop@StopInstance/i-123`",
            ),
            (
                "error:A:403:b=c",
                "invalid fault `error:A:403:b=c`: expected a probability from 0 to 1; a message with one of `,=*@` needs \
                 quotation marks",
            ),
            (
                "error",
                "invalid fault `error`: expected an error code, as in `error:OperationDenied.NoStock:403`; the form is \
                 `error:CODE[:STATUS[+MS]][:MESSAGE]`",
            ),
            ("delay:86400001", "invalid fault `delay:86400001`: expected at most 86400000 ms"),
            ("clock", "invalid fault `clock`: expected seconds, at most 100 years, as in `clock:-7200`"),
            (
                "clock:9223372036854775807*2",
                "invalid fault `clock:9223372036854775807*2`: expected seconds, at most 100 years, as in `clock:-7200`",
            ),
            ("gateway:200", "invalid fault `gateway:200`: expected a status from 300 to 599, as in `gateway:408`"),
            ("skew=soon", "invalid fault `skew=soon`: expected the skew in whole seconds, at most 100 years"),
            (
                "skew=-9223372036854775808",
                "invalid fault `skew=-9223372036854775808`: expected the skew in whole seconds, at most 100 years",
            ),
            ("seed=x", "invalid fault `seed=x`: expected a whole number as the seed"),
        ] {
            assert_eq!(text.parse::<Faults>().unwrap_err().to_string(), message);
        }
        let error = "drop,lightning=1".parse::<Faults>().unwrap_err().to_string();
        assert!(error.starts_with("invalid fault `lightning=1`: expected one of none, refuse, drop, "), "{error}");
        assert!(
            error.contains(", gateway:STATUS, execute-gateway:STATUS, throttle[:MS], 429[:MS], delay:MS, "),
            "{error}"
        );
    }
}
