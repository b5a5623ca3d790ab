//! What happens to resources without an API call: transitions end, the market changes, spot instances are interrupted, and
//! the service schedules maintenance. Tests cause it over HTTP and in Rust.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    catalog::Market,
    resources::SystemEvent,
    simulation::Simulation,
    state::{ACCOUNT, TransitionChange},
};

/// Longest duration of a state such as `Starting`: a day, which is longer than any of the service.
pub(crate) const MAX_TRANSITION: Duration = Duration::from_secs(24 * 60 * 60);

/// Number of events that an account can have before the oldest are removed.
const MAX_EVENTS: usize = 10_000;

/// A system event to add.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    /// The instance that it concerns.
    pub(crate) instance: Option<String>,
    /// The region, for an event without an instance.
    pub(crate) region: Option<String>,
    /// Name, such as `Instance:SystemMaintenance.Reboot`.
    pub(crate) name: String,
    /// Status; `Normal` by default.
    pub(crate) status: Option<String>,
    /// `CRITICAL`, `WARN` or `INFO`; `WARN` by default.
    pub(crate) level: Option<String>,
    /// Details; the ID of the instance by default.
    pub(crate) content: Option<Value>,
}

/// Sets the duration of states such as `Starting`, at most a day. Transitions that have begun keep their duration.
pub(crate) fn set_transition(simulation: &Simulation, duration: Duration) {
    let duration = time::Duration::try_from(duration.min(MAX_TRANSITION)).unwrap_or_default();
    simulation.lock().transition = duration;
}

/// Finishes or holds the transition of a resource. Returns whether a resource with states has the ID.
pub(crate) fn change_transition(simulation: &Simulation, id: &str, change: TransitionChange) -> bool {
    let (mut inner, now) = (simulation.lock(), simulation.now());
    inner.accounts.all_mut().any(|state| state.change_transition(id, change, now))
}

/// Interrupts a spot instance. Returns whether one has the ID.
pub(crate) fn recycle(simulation: &Simulation, id: &str) -> bool {
    let (mut inner, now) = (simulation.lock(), simulation.now());
    inner.accounts.all_mut().any(|state| state.recycle(id, now))
}

/// Changes stock or prices.
///
/// # Errors
///
/// Returns an error, and changes nothing, if the result is not valid.
pub(crate) fn change_market(simulation: &Simulation, change: impl FnOnce(&mut Market)) -> Result<(), String> {
    let mut inner = simulation.lock();
    let mut market = inner.market.clone();
    change(&mut market);
    market.check()?;
    inner.market = market;
    Ok(())
}

/// Adds a system event, and returns its ID.
///
/// # Errors
///
/// Returns an error if the instance or the region does not exist.
pub(crate) fn add_event(simulation: &Simulation, event: Event) -> Result<String, String> {
    let (mut inner, now) = (simulation.lock(), simulation.now());
    let Event { instance, region, name, status, level, content } = event;
    let (account, region, resource, instance_name) = match &instance {
        Some(id) => {
            let mut accounts = inner.accounts.all().iter();
            let found =
                accounts.find_map(|(account, state)| state.instances.get(id).map(|instance| (account, instance)));
            let (account, instance) = found.ok_or_else(|| format!("no instance has the ID {id:?}"))?;
            let resource = format!("acs:ecs:{}:{account}:instance/{id}", instance.region);
            (account.clone(), instance.region.clone(), resource, instance.name.clone())
        }
        None => {
            let region = region.unwrap_or_else(|| simulation.default_region.clone());
            if simulation.catalog.region(&region).is_none() {
                return Err(format!("no region has the ID {region:?}"));
            }
            (ACCOUNT.to_owned(), region, String::new(), String::new())
        }
    };
    let content = content.unwrap_or_else(|| json!({ "instanceId": instance }));
    let state = inner.accounts.state(&account);
    let oldest = state.events.values().next().map(|event| event.id.clone());
    if state.events.len() >= MAX_EVENTS {
        oldest.and_then(|oldest| state.events.remove(&oldest));
    }
    let event = SystemEvent {
        sequence: state.next_sequence(),
        id: state.ids.uuid().to_lowercase(),
        name,
        status: status.unwrap_or_else(|| "Normal".to_owned()),
        level: level.unwrap_or_else(|| "WARN".to_owned()),
        region,
        resource,
        instance_name,
        content: content.to_string(),
        time: now.into(),
        ..SystemEvent::default()
    };
    let id = event.id.clone();
    state.events.insert(event);
    Ok(id)
}
