//! The control interface at `/emulator/…`, for people and for tests in other languages. The service has no such interface.

use std::time::Duration;

use crate::{
    faults::{Faults, Plan},
    message::{HttpRequest, HttpResponse},
    simulation::Simulation,
};

/// Longest time that one request moves the clock: 100 years, which is longer than any test needs.
const MAX_ADVANCE_SECONDS: u64 = 100 * 365 * 24 * 60 * 60;

const USAGE: &str = "\
PUT  /emulator/faults           inject the faults in the body, such as 500=0.1,drop*2; an empty body removes all faults
POST /emulator/recycle/<id>     interrupt a spot instance
POST /emulator/advance/<s>      move the clock forward by <s> seconds
";

/// Responds to a request to `/emulator/…`.
pub(crate) fn respond(simulation: &Simulation, request: &HttpRequest) -> HttpResponse {
    let path = request.path.trim_start_matches("/emulator").trim_matches('/');
    match (request.method.as_str(), path.split_once('/').unwrap_or((path, ""))) {
        ("PUT", ("faults", "")) => match String::from_utf8_lossy(&request.body).parse::<Faults>() {
            Ok(faults) => {
                simulation.lock().plan = Plan::new(faults);
                HttpResponse::text(200, "")
            }
            Err(error) => HttpResponse::text(400, format!("{error}\n")),
        },
        ("POST", ("recycle", id)) => {
            let now = simulation.now();
            match simulation.lock().accounts.home().recycle(id, now) {
                true => HttpResponse::text(200, ""),
                false => HttpResponse::text(404, format!("no spot instance has the ID {id:?}\n")),
            }
        }
        ("POST", ("advance", seconds)) => match seconds.parse() {
            Ok(seconds) if seconds <= MAX_ADVANCE_SECONDS => {
                simulation.clock.advance(Duration::from_secs(seconds));
                HttpResponse::text(200, "")
            }
            _ => HttpResponse::text(
                400,
                format!(
                    "invalid number of seconds {seconds:?}: expected a whole number such as 60, at most 100 years\n"
                ),
            ),
        },
        _ => HttpResponse::text(404, USAGE),
    }
}
