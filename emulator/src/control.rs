//! What tests in other languages, and people, ask of a local ECS: `/emulator/…`. Nothing of it is in the service.

use std::time::Duration;

use crate::{
    faults::{Faults, Plan},
    http::{HttpAnswer, HttpRequest},
    world::World,
};

const USAGE: &str = "\
PUT  /emulator/faults           make the faults that the body tells, such as 500=0.1,drop*2; an empty body ends them
POST /emulator/recycle/<id>     take a preemptible instance back
POST /emulator/advance/<s>      move the clock forward by so many seconds
";

/// Answers a request to `/emulator/…`.
pub(crate) fn answer(world: &World, request: &HttpRequest) -> HttpAnswer {
    let path = request.path.trim_start_matches("/emulator").trim_matches('/');
    match (request.method.as_str(), path.split_once('/').unwrap_or((path, ""))) {
        ("PUT", ("faults", "")) => match String::from_utf8_lossy(&request.body).parse::<Faults>() {
            Ok(faults) => {
                world.lock().plan = Plan::new(faults);
                HttpAnswer::text(200, "")
            }
            Err(error) => HttpAnswer::text(400, format!("{error}\n")),
        },
        ("POST", ("recycle", id)) => {
            let now = world.now();
            match world.lock().state.recycle(id, now) {
                true => HttpAnswer::text(200, ""),
                false => HttpAnswer::text(404, format!("There is no preemptible instance {id:?}.\n")),
            }
        }
        ("POST", ("advance", seconds)) => match seconds.parse() {
            Ok(seconds) => {
                world.clock.advance(Duration::from_secs(seconds));
                HttpAnswer::text(200, "")
            }
            Err(_) => HttpAnswer::text(400, format!("{seconds:?} is no number of seconds.\n")),
        },
        _ => HttpAnswer::text(404, USAGE),
    }
}
