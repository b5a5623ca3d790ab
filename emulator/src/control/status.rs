//! Reports of the emulator about itself: health, coverage, and the log of requests.

use serde_json::{Map, Value, json};

use super::exchange::{Exchange, Failure, Reply};
use crate::{
    clock, dispatch,
    request::Request,
    simulation::Simulation,
    tally::{Fidelity, Tally},
};

/// The description of the control interface.
const DESCRIPTION: &str = include_str!("../../control-api.json");

/// Number of requests in a response by default.
const DEFAULT_LIMIT: usize = 1_000;

pub(super) fn description(_: &Exchange<'_>) -> Reply {
    serde_json::from_str(DESCRIPTION).map_err(|error| Failure::invalid(error.to_string()))
}

pub(super) fn health(exchange: &Exchange<'_>) -> Reply {
    Ok(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "time": clock::seconds(exchange.simulation.now()),
    }))
}

pub(super) fn coverage(exchange: &Exchange<'_>) -> Reply {
    exchange.check_query(&["fidelity"])?;
    let wanted = exchange.query("fidelity");
    if let Some(wanted) = wanted.filter(|wanted| !["state", "shape", "none"].contains(wanted)) {
        return Err(Failure::invalid(format!("invalid fidelity {wanted:?}; expected `state`, `shape` or `none`")));
    }
    let simulation = exchange.simulation;
    let inner = simulation.lock();
    let all = operations(simulation, &inner.tally);
    let count = |fidelity: Fidelity| all.iter().filter(|(found, _)| *found == fidelity).count();
    let summary = json!({
        "state": count(Fidelity::State),
        "shape": count(Fidelity::Shape),
        "none": count(Fidelity::None),
    });
    let operations = all.into_iter().filter(|(fidelity, _)| wanted.is_none_or(|wanted| wanted == fidelity.as_str()));
    let operations: Vec<Value> = operations.map(|(_, operation)| operation).collect();
    Ok(json!({ "summary": summary, "operations": operations, "warnings": inner.tally.warnings() }))
}

/// Returns all operations that have specs, and those that were called although they have none.
fn operations(simulation: &Simulation, tally: &Tally) -> Vec<(Fidelity, Value)> {
    let mut all = Vec::new();
    for service in simulation.specs.services() {
        let (product, version) = (&service.service.product, &service.service.version);
        for operation in service.operations() {
            let fidelity = dispatch::fidelity(simulation, operation);
            let name = &operation.operation.operation;
            all.push((
                fidelity,
                json!({
                    "product": product,
                    "version": version,
                    "operation": name,
                    "fidelity": fidelity.as_str(),
                    "calls": tally.calls(version, name),
                }),
            ));
        }
    }
    for (version, name, calls) in tally.all() {
        if simulation.specs.operation(version, name).is_none() {
            let fidelity = crate::location::fidelity(version, name);
            let fields =
                json!({ "version": version, "operation": name, "fidelity": fidelity.as_str(), "calls": calls });
            all.push((fidelity, fields));
        }
    }
    all
}

pub(super) fn requests(exchange: &Exchange<'_>) -> Reply {
    exchange.check_query(&["operation", "since", "limit"])?;
    let limit = exchange.query("limit").map_or(Ok(DEFAULT_LIMIT), |limit| {
        limit
            .parse()
            .map_err(|_| Failure::invalid(format!("invalid limit {limit:?}; expected a whole number such as 100")))
    })?;
    let since = exchange.query("since").map(Since::read).transpose()?;
    let operation = exchange.query("operation");
    let inner = exchange.simulation.lock();
    let log = &inner.requests;
    let matching: Vec<(u64, &Request)> = (log.first_number()..)
        .zip(log.requests())
        .filter(|(_, request)| operation.is_none_or(|operation| request.operation == operation))
        .filter(|(number, request)| since.as_ref().is_none_or(|since| since.includes(*number, request)))
        .collect();
    let newest = &matching[matching.len().saturating_sub(limit)..];
    let requests: Vec<Value> = newest.iter().map(|(number, request)| describe(*number, request)).collect();
    Ok(json!({ "total": matching.len(), "requests": requests }))
}

pub(super) fn clear_requests(exchange: &Exchange<'_>) -> Reply {
    let removed = exchange.simulation.lock().requests.take().len();
    Ok(json!({ "removed": removed }))
}

/// The start of the requests to list.
enum Since {
    /// Requests after the one with this number.
    Number(u64),
    /// Requests at or after a time.
    Time(std::time::SystemTime),
}

impl Since {
    fn read(text: &str) -> Result<Self, Failure> {
        let time = || clock::parse_timestamp(text).map(|time| Since::Time(time.into()));
        text.parse().ok().map(Since::Number).or_else(time).ok_or_else(|| {
            Failure::invalid(format!(
                "invalid `since` {text:?}; expected the number of a request, or a time such as 2026-01-02T03:04:05Z"
            ))
        })
    }

    fn includes(&self, number: u64, request: &Request) -> bool {
        match self {
            Since::Number(last) => number > *last,
            Since::Time(time) => request.time >= *time,
        }
    }
}

fn describe(number: u64, request: &Request) -> Value {
    let headers: Map<String, Value> =
        request.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    json!({
        "number": number,
        "time": clock::milliseconds(request.time.into()),
        "operation": request.operation,
        "version": request.version,
        "method": request.method,
        "query": request.query,
        "parameters": request.parameters,
        "headers": headers,
        "body": request.body,
        "truncated": request.truncated,
        "status": request.status,
        "code": request.code,
        "request_id": request.request_id,
        "executed": request.executed,
        "fault": request.fault.to_string(),
    })
}
