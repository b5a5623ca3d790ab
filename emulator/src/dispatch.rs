//! Executes an operation: checks its parameters, its `ClientToken` and `DryRun`, and calls the handler.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    auth::Caller,
    call::{Call, Handler, region_of},
    clock::Times,
    error::{EcsError, Result},
    handlers,
    message::HttpRequest,
    params, shape,
    simulation::{Inner, Simulation},
    specs::{OperationSpec, is_common_parameter},
    state::Earlier,
    tally::Fidelity,
    unsimulated::Unsimulated,
};

/// The result of an operation that succeeded.
pub(crate) struct Success {
    /// The members of the response.
    pub(crate) members: Value,
    /// Whether the operation was executed now, not by an earlier request with the same `ClientToken`.
    pub(crate) executed: bool,
}

/// Codes for a `ClientToken` whose first request is still at work. An operation documents some of them or none.
const IN_PROGRESS_CODES: &[&str] = &[
    "IdempotentProcessing",
    "LastTokenProcessing",
    "OperationFailed.LastTokenProcessing",
    "OperationFailed.IdempotentTokenProcessing",
    "Idempotence.Processing",
    "TOKEN_PROCESSING",
    "LastRequestProcessing",
    "LastOrderProcessing",
];

/// Returns how closely the response of an operation follows the service.
pub(crate) fn fidelity(simulation: &Simulation, operation: OperationSpec<'_>) -> Fidelity {
    let (service, name) = operation.key();
    match (handlers::find(service, name), simulation.unsimulated) {
        (Some(_), _) if handlers::is_constant(service, name) => Fidelity::Shape,
        (Some(_), _) => Fidelity::State,
        (None, Unsimulated::Shape) => Fidelity::Shape,
        (None, Unsimulated::Refuse) => Fidelity::None,
    }
}

/// Checks the parameters of a request, and calls the handler of its operation.
pub(crate) fn execute(
    simulation: &Simulation,
    inner: &mut Inner,
    operation: OperationSpec<'_>,
    request: &HttpRequest,
    caller: &Caller,
    times: Times,
) -> Result<Success> {
    let Times { now, real_now, skew } = times;
    let (service, name) = operation.key();
    let shape: Option<Handler> = (simulation.unsimulated == Unsimulated::Shape).then_some(shape::respond);
    let handler = handlers::find(service, name).or(shape);
    let handler = handler.ok_or_else(|| EcsError::not_simulated(&operation.service.service.version, name))?;
    let args = params::read(operation, request.parameters())?;
    let step = inner.transition;
    let catalog = &simulation.catalog;
    let Inner { accounts, keys, market, commands, .. } = inner;
    let account = accounts.split(caller.account());
    let (state, others) = account.ok_or_else(|| EcsError::new(500, "InternalError", "The account is not there."))?;
    let default_region = &simulation.default_region;
    if let Some(region) = catalog.region(region_of(&args, default_region)) {
        state.open_region(region, now);
    }
    // A dry run neither uses a token nor finds the response to one.
    let token = args.string("ClientToken").filter(|_| !args.flag("DryRun"));
    let token = token.map(|token| (token, operation_parameters(request)));
    if let Some((token, parameters)) = &token {
        match state.tokens.find(name, token, parameters, now) {
            Earlier::None => {}
            Earlier::Response(members) => return Ok(Success { members, executed: false }),
            Earlier::InProgress => return Err(in_progress(operation)),
            Earlier::OtherParameters => return Err(mismatch(operation)),
        }
    }
    // Failed calls and dry runs leave no trace: the transaction is undone unless it is committed.
    let mut transaction = state.transaction();
    let state = &mut transaction;
    let (others, lenient) = (others.as_slice(), simulation.lenient);
    let mut call = Call {
        operation,
        args: &args,
        caller,
        state,
        others,
        catalog,
        market,
        commands,
        default_region,
        lenient,
        keys,
        now,
        real_now,
        skew,
        step,
    };
    let members = handler(&mut call)?;
    if args.flag("DryRun") {
        return Err(dry_run(operation));
    }
    if let Some((token, parameters)) = token {
        transaction.tokens.remember(name, token, &parameters, members.clone(), now);
    }
    transaction.commit();
    Ok(Success { members, executed: true })
}

/// Returns the parameters of the operation itself.
fn operation_parameters(request: &HttpRequest) -> BTreeMap<String, String> {
    let parameters = request.parameters().iter().filter(|(name, _)| !is_common_parameter(name));
    parameters.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Returns the error for a `ClientToken` that is reused with other parameters. Some operations have a code of their own.
fn mismatch(operation: OperationSpec<'_>) -> EcsError {
    let message = "The ClientToken was used before, with other parameters.";
    match operation.documented(|code| code == "IdempotenceParamNotMatch") {
        Some(own) => EcsError::new(own.http, &own.code, message),
        None => EcsError::new(400, "IdempotentParameterMismatch", message),
    }
}

/// Returns the error for a `ClientToken` whose first request is still at work, with the code that the operation documents.
fn in_progress(operation: OperationSpec<'_>) -> EcsError {
    let message = "The first request with this ClientToken is still being processed.";
    match IN_PROGRESS_CODES.iter().find_map(|known| operation.documented(|code| code == *known)) {
        Some(own) => EcsError::new(own.http, &own.code, message),
        None => EcsError::new(403, "IdempotentProcessing", message),
    }
}

/// Returns the error that reports a successful dry run. Some operations have a code of their own.
fn dry_run(operation: OperationSpec<'_>) -> EcsError {
    let message = "The request would have succeeded; nothing was done because of DryRun.";
    match operation.documented(|code| code.eq_ignore_ascii_case("DryRun.Success")) {
        Some(own) => EcsError::new(own.http, &own.code, message),
        None => EcsError::new(400, "DryRunOperation", message),
    }
}
