//! Changes to resources without an API call, for tests; the control interface does the same over HTTP.

use std::time::Duration;

use super::Service;
use crate::{
    actions::{self, Event},
    catalog::{PriceRule, Stock, StockRule},
    saved::{SavedState, StateError},
    state::{TransitionChange, quotas},
};

impl Service {
    /// Returns all resources as JSON that people can read and write, and that [`load_state`](Self::load_state) accepts.
    #[must_use]
    pub fn state_json(&self) -> String {
        format!("{:#}\n", self.simulation.save().to_value())
    }

    /// Replaces all resources by saved ones.
    ///
    /// # Errors
    ///
    /// Returns an error that names the place of the first mistake. Nothing is changed then.
    pub fn load_state(&self, json: &str) -> Result<(), StateError> {
        self.simulation.load(&SavedState::read(json)?)
    }

    /// Sets the duration of states such as `Starting`, at most a day. Transitions that have begun keep their duration.
    pub fn set_transition(&self, duration: Duration) {
        actions::set_transition(&self.simulation, duration);
    }

    /// Makes a resource reach the last state of its transition at once: an instance that is `Starting` becomes `Running`.
    /// Returns whether a resource with states has the ID.
    pub fn finish_transition(&self, id: &str) -> bool {
        actions::change_transition(&self.simulation, id, TransitionChange::Finish)
    }

    /// Makes a resource keep its present state, such as `Starting`, until
    /// [`finish_transition`](Self::finish_transition) or its next change of state. Returns whether a resource with states has
    /// the ID.
    pub fn hold_transition(&self, id: &str) -> bool {
        actions::change_transition(&self.simulation, id, TransitionChange::Hold)
    }

    /// Changes the stock of instance types in zones. Both can have `*` in them: `ecs.g7.*`, `cn-hangzhou-*`. Later changes
    /// take precedence.
    ///
    /// # Errors
    ///
    /// Returns an error if there are too many different changes.
    pub fn set_stock(&self, zone: &str, instance_type: &str, stock: Stock) -> Result<(), String> {
        let rule = StockRule { zone: zone.to_owned(), instance_type: instance_type.to_owned(), stock };
        actions::change_market(&self.simulation, |market| market.set_stock(rule))
    }

    /// Multiplies the prices of instance types in zones by a factor from 0 to a million; otherwise like
    /// [`set_stock`](Self::set_stock).
    ///
    /// # Errors
    ///
    /// Returns an error if the factor is not in this range, or if there are too many different changes.
    pub fn set_price_factor(&self, zone: &str, instance_type: &str, factor: f64) -> Result<(), String> {
        let rule = PriceRule { zone: zone.to_owned(), instance_type: instance_type.to_owned(), factor };
        actions::change_market(&self.simulation, |market| market.set_price(rule))
    }

    /// Returns to the stock and the prices of the catalog.
    pub fn reset_market(&self) {
        self.simulation.lock().market = Default::default();
    }

    /// Sets a quota of the account, such as `network-interfaces`; `None` returns to the usual one. `GET /emulator/quotas`
    /// lists all quotas with their usual values.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no quota of this name.
    pub fn set_quota(&self, name: &str, quota: Option<u64>) -> Result<(), String> {
        quotas::check([name])?;
        let mut inner = self.simulation.lock();
        let quotas = &mut inner.accounts.home().quotas;
        match quota {
            Some(quota) => quotas.insert(name.to_owned(), quota),
            None => quotas.remove(name),
        };
        Ok(())
    }

    /// Adds a system event of an instance, such as `Instance:SystemMaintenance.Reboot` with the status `Scheduled`, and
    /// returns its ID. CloudMonitor reports it.
    ///
    /// # Errors
    ///
    /// Returns an error if the instance does not exist.
    pub fn add_system_event(&self, instance_id: &str, name: &str, status: &str) -> Result<String, String> {
        let (instance, status) = (Some(instance_id.to_owned()), Some(status.to_owned()));
        let event = Event { instance, status, name: name.to_owned(), ..Event::default() };
        actions::add_event(&self.simulation, event)
    }
}
