//! Settings that tests change: the clock, faults, and prepared responses.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;

use super::exchange::{Exchange, Failure, Reply};
use crate::{
    canned::CannedResponse,
    clock::{self, MAX_AHEAD},
    command_results::CommandResult,
    faults::{Faults, Plan},
    simulation::Simulation,
};

/// Longest time that one request moves the clock: 100 years, which is longer than any test needs.
const MAX_ADVANCE: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

pub(super) fn reset(exchange: &Exchange<'_>) -> Reply {
    exchange.simulation.reset();
    Ok(json!({}))
}

pub(super) fn clock(exchange: &Exchange<'_>) -> Reply {
    let (simulation, clock) = (exchange.simulation, &exchange.simulation.clock);
    Ok(json!({
        "time": clock::milliseconds(simulation.now()),
        "real_time": clock::milliseconds(simulation.real_now()),
        "ahead_seconds": clock.ahead().as_secs_f64(),
        "manual": clock.is_manual(),
    }))
}

/// The body of `PUT /emulator/clock`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    time: Option<String>,
    advance: Option<f64>,
}

pub(super) fn set_clock(exchange: &Exchange<'_>) -> Reply {
    let by = match exchange.json(r#"{"advance": 60} or {"time": "2026-01-02T03:04:05Z"}"#)? {
        ClockChange { time: None, advance: Some(seconds) } => Duration::try_from_secs_f64(seconds)
            .map_err(|_| Failure::invalid(format!("invalid `advance` {seconds}: {}", expected_seconds())))?,
        ClockChange { time: Some(text), advance: None } => until(exchange.simulation, &text)?,
        _ => return Err(Failure::invalid("expected either `time` or `advance`, in seconds")),
    };
    advance_by(exchange, by)
}

pub(super) fn advance(exchange: &Exchange<'_>) -> Reply {
    let seconds = exchange.argument;
    let by = seconds.parse().map(Duration::from_secs).ok();
    by.ok_or_else(|| Failure::invalid(format!("invalid number of seconds {seconds:?}: {}", expected_seconds())))
        .and_then(|by| advance_by(exchange, by))
}

fn expected_seconds() -> String {
    format!("expected a number such as 60, at most {}, which is 100 years", MAX_ADVANCE.as_secs())
}

/// Returns the time from now until another time.
fn until(simulation: &Simulation, text: &str) -> Result<Duration, Failure> {
    let time = clock::parse_timestamp(text).ok_or_else(|| {
        Failure::invalid(format!("invalid `time` {text:?}: expected a time such as 2026-01-02T03:04:05Z"))
    })?;
    let now: OffsetDateTime = simulation.now();
    Duration::try_from(time - now).map_err(|_| {
        Failure::invalid(format!(
            "invalid `time` {text:?}: the clock is at {} and cannot go back; POST /emulator/reset starts over",
            clock::milliseconds(now)
        ))
    })
}

fn advance_by(exchange: &Exchange<'_>, by: Duration) -> Reply {
    let emulator_clock = &exchange.simulation.clock;
    if by > MAX_ADVANCE {
        let message = format!("the clock cannot move by {} seconds: {}", by.as_secs(), expected_seconds());
        return Err(Failure::invalid(message));
    }
    if emulator_clock.ahead() + by > MAX_AHEAD {
        return Err(Failure::invalid(
            "the clock cannot be more than 1,000 years ahead; POST /emulator/reset starts over",
        ));
    }
    emulator_clock.advance(by);
    clock(exchange)
}

pub(super) fn faults(exchange: &Exchange<'_>) -> Reply {
    let inner = exchange.simulation.lock();
    Ok(json!({ "faults": inner.plan.faults().to_string() }))
}

/// The body of `PUT /emulator/faults`, if it is JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultsChange {
    faults: FaultList,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string, or a list of strings")]
enum FaultList {
    Text(String),
    Items(Vec<String>),
}

pub(super) fn set_faults(exchange: &Exchange<'_>) -> Reply {
    let text = exchange.text()?;
    let parsed = if text.trim_start().starts_with('{') {
        let change: FaultsChange = exchange.json(r#"{"faults": "500=0.1,drop*2"}"#)?;
        match change.faults {
            FaultList::Text(text) => text.parse::<Faults>(),
            FaultList::Items(items) => items.join(",").parse(),
        }
    } else {
        text.parse()
    };
    exchange.simulation.lock().plan = Plan::new(parsed.map_err(|error| Failure::invalid(error.to_string()))?);
    faults(exchange)
}

pub(super) fn responses(exchange: &Exchange<'_>) -> Reply {
    Ok(json!({ "responses": exchange.simulation.lock().canned.all() }))
}

pub(super) fn clear_responses(exchange: &Exchange<'_>) -> Reply {
    exchange.simulation.lock().canned.clear();
    responses(exchange)
}

pub(super) fn responses_of(exchange: &Exchange<'_>) -> Reply {
    let inner = exchange.simulation.lock();
    match inner.canned.all().get(exchange.argument) {
        Some(responses) => Ok(json!({ "responses": { exchange.argument: responses } })),
        None => Err(Failure::not_found(format!("no response is prepared for the operation {:?}", exchange.argument))),
    }
}

pub(super) fn set_responses(exchange: &Exchange<'_>) -> Reply {
    let operation = exchange.argument;
    if !operation.bytes().all(|byte| byte.is_ascii_alphanumeric()) || operation.len() > 128 {
        return Err(Failure::invalid(format!("invalid operation {operation:?}: expected a name such as RunInstances")));
    }
    let example = r#"{"code": "OperationDenied.NoStock", "status": 403, "times": 1} or {"body": {"TotalCount": 0}}"#;
    let responses: Vec<CannedResponse> = exchange.one_or_more(example)?;
    exchange.simulation.lock().canned.set(operation, responses).map_err(|error| Failure::invalid(error.to_string()))?;
    responses_of(exchange).or(Ok(json!({ "responses": {} })))
}

pub(super) fn remove_responses(exchange: &Exchange<'_>) -> Reply {
    responses_of(exchange)?;
    exchange
        .simulation
        .lock()
        .canned
        .set(exchange.argument, Vec::new())
        .map_err(|error| Failure::invalid(error.to_string()))?;
    responses(exchange)
}

pub(super) fn command_results(exchange: &Exchange<'_>) -> Reply {
    Ok(json!({ "command_results": exchange.simulation.lock().commands.all() }))
}

pub(super) fn set_command_results(exchange: &Exchange<'_>) -> Reply {
    let results: Vec<CommandResult> =
        exchange.one_or_more(r#"{"command": "df*", "output": "no space left", "exit_code": 1, "times": 1}"#)?;
    exchange.simulation.lock().commands.set(results).map_err(|error| Failure::invalid(error.to_string()))?;
    command_results(exchange)
}

pub(super) fn clear_command_results(exchange: &Exchange<'_>) -> Reply {
    exchange.simulation.lock().commands.clear();
    command_results(exchange)
}
