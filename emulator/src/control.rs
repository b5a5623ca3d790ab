//! The control interface at `/emulator/…`, for people and for tests in other languages. The service has no such interface.
//! `control-api.json` describes it.

mod exchange;
mod resources;
mod settings;
mod status;

use serde_json::{Value, json};

use crate::{
    control::exchange::{Exchange, Failure, Reply},
    message::{HttpRequest, HttpResponse},
    simulation::Simulation,
};

/// Path of the control interface.
pub(crate) const ROOT: &str = "/emulator";

/// A route: method, path, what it does, and the function that does it. A segment in braces stands for any one segment.
struct Route {
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    handle: fn(&Exchange<'_>) -> Reply,
}

const fn route(
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    handle: fn(&Exchange<'_>) -> Reply,
) -> Route {
    Route { method, path, summary, handle }
}

/// All routes. The responses to other methods and paths name them.
#[rustfmt::skip]
const ROUTES: &[Route] = &[
    route("GET", "/emulator", "list these routes", routes),
    route("GET", "/emulator/control-api.json", "describe these routes with OpenAPI", status::description),
    route("GET", "/emulator/health", "report that the emulator is running, and its version", status::health),
    route("GET", "/emulator/coverage", "list operations with their fidelity and calls; ?fidelity=", status::coverage),
    route("GET", "/emulator/requests", "list API requests; ?operation= &since= &limit=", status::requests),
    route("DELETE", "/emulator/requests", "clear the list of API requests", status::clear_requests),
    route("POST", "/emulator/reset", "return to the state after the start", settings::reset),
    route("GET", "/emulator/state", "save all resources", resources::state),
    route("PUT", "/emulator/state", "replace all resources by saved ones", resources::set_state),
    route("GET", "/emulator/clock", "show the clock", settings::clock),
    route("PUT", "/emulator/clock", "move the clock forward: {\"advance\": 60} or {\"time\": …}", settings::set_clock),
    route("POST", "/emulator/advance/{seconds}", "move the clock forward by a number of seconds", settings::advance),
    route("GET", "/emulator/faults", "show the faults that are still to be injected", settings::faults),
    route("PUT", "/emulator/faults", "inject faults, such as 500=0.1,drop*2; none if empty", settings::set_faults),
    route("GET", "/emulator/responses", "show the prepared responses", settings::responses),
    route("DELETE", "/emulator/responses", "remove all prepared responses", settings::clear_responses),
    route("GET", "/emulator/responses/{operation}", "show the responses of an operation", settings::responses_of),
    route("PUT", "/emulator/responses/{operation}", "prepare responses of an operation", settings::set_responses),
    route("DELETE", "/emulator/responses/{operation}", "remove the responses of an operation", settings::remove_responses),
    route("GET", "/emulator/command-results", "show the results that commands will have", settings::command_results),
    route("PUT", "/emulator/command-results", "set results of Cloud Assistant commands", settings::set_command_results),
    route("DELETE", "/emulator/command-results", "return to the results of the scripts", settings::clear_command_results),
    route("GET", "/emulator/transition", "show the duration of states such as Starting", resources::transition),
    route("PUT", "/emulator/transition", "set it: {\"milliseconds\": 2000}", resources::set_transition),
    route("GET", "/emulator/resources/{id}", "show a resource of any type", resources::resource),
    route("POST", "/emulator/resources/{id}/transition", "finish or hold its transition", resources::change_transition),
    route("POST", "/emulator/recycle/{instance}", "interrupt a spot instance", resources::recycle),
    route("GET", "/emulator/stock", "show the stock that differs from the catalog", resources::stock),
    route("PUT", "/emulator/stock", "change the stock of instance types in zones", resources::set_stock),
    route("DELETE", "/emulator/stock", "return to the stock of the catalog", resources::clear_stock),
    route("GET", "/emulator/prices", "show the prices that differ from the catalog", resources::prices),
    route("PUT", "/emulator/prices", "change the prices of instance types in zones", resources::set_prices),
    route("DELETE", "/emulator/prices", "return to the prices of the catalog", resources::clear_prices),
    route("GET", "/emulator/quotas", "show the quotas that were set, and the usual ones; ?account=", resources::show_quotas),
    route("PUT", "/emulator/quotas", "replace them: {\"quotas\": {\"network-interfaces\": 5}}", resources::set_quotas),
    route("GET", "/emulator/events", "list system events", resources::events),
    route("POST", "/emulator/events", "add a system event, such as one of an instance", resources::add_event),
];

/// Responds to a request to `/emulator/…`.
pub(crate) fn respond(simulation: &Simulation, request: &HttpRequest) -> HttpResponse {
    let path = request.path.trim_end_matches('/');
    // Health checks often use HEAD; the server leaves out the body.
    let method = if request.method == "HEAD" { "GET" } else { &request.method };
    let mut allowed: Vec<&str> = Vec::new();
    for route in ROUTES {
        let Some(argument) = argument(route.path, path) else { continue };
        if route.method != method {
            allowed.push(route.method);
            continue;
        }
        return match (route.handle)(&Exchange::new(simulation, request, &argument)) {
            Ok(value) => respond_json(200, &value),
            Err(Failure { status, message }) => error(status, &message),
        };
    }
    if allowed.is_empty() {
        return error(404, &format!("nothing is at {path}; GET {ROOT} lists the routes"));
    }
    let allowed = allowed.join(", ");
    let mut response = error(405, &format!("{path} does not support {}; it supports {allowed}", request.method));
    response.headers.push(("allow", allowed));
    response
}

/// Creates the response to a request that failed.
pub(crate) fn error(status: u16, message: &str) -> HttpResponse {
    respond_json(status, &json!({ "error": message }))
}

fn respond_json(status: u16, value: &Value) -> HttpResponse {
    HttpResponse { content_type: "application/json", ..HttpResponse::text(status, format!("{value}\n")) }
}

/// Returns the segment that stands for the one in braces, or an empty string; `None` if the path does not fit.
fn argument(pattern: &str, path: &str) -> Option<String> {
    let Some((start, rest)) = pattern.split_once('{') else { return (pattern == path).then(String::new) };
    let end = rest.split_once('}').map_or("", |(_, end)| end);
    let argument = path.strip_prefix(start)?.strip_suffix(end)?;
    let argument = Some(argument).filter(|argument| !argument.is_empty() && !argument.contains('/'))?;
    Some(percent_encoding::percent_decode_str(argument).decode_utf8_lossy().into_owned())
}

fn routes(_: &Exchange<'_>) -> Reply {
    let routes = ROUTES
        .iter()
        .map(|Route { method, path, summary, .. }| json!({ "method": method, "path": path, "summary": summary }));
    Ok(json!({ "version": env!("CARGO_PKG_VERSION"), "routes": routes.collect::<Vec<_>>() }))
}
