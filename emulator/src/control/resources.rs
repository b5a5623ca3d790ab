//! The state: saving and loading it, and what happens to resources without an API call.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::json;

use super::exchange::{Exchange, Failure, Reply};
use crate::{
    actions::{self, Event, MAX_TRANSITION},
    catalog::{PriceRule, StockRule},
    saved::SavedState,
    state::{ACCOUNT, TransitionChange, quotas},
};

pub(super) fn state(exchange: &Exchange<'_>) -> Reply {
    Ok(exchange.simulation.save().to_value())
}

pub(super) fn set_state(exchange: &Exchange<'_>) -> Reply {
    let saved = SavedState::read(exchange.text()?).map_err(|error| Failure::invalid(error.to_string()))?;
    exchange.simulation.load(&saved).map_err(|error| Failure::invalid(error.to_string()))?;
    state(exchange)
}

pub(super) fn resource(exchange: &Exchange<'_>) -> Reply {
    let (simulation, id) = (exchange.simulation, exchange.argument);
    let (inner, now) = (simulation.lock(), simulation.now());
    let found = inner.accounts.all().iter().find_map(|(account, state)| {
        state.resource(id, now).map(|mut found| {
            found["account"] = account.as_str().into();
            found
        })
    });
    found.ok_or_else(|| Failure::not_found(format!("no resource has the ID {id:?}")))
}

/// The body of `POST /emulator/resources/{id}/transition`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Transition {
    action: TransitionAction,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum TransitionAction {
    Finish,
    Hold,
}

pub(super) fn change_transition(exchange: &Exchange<'_>) -> Reply {
    let Transition { action } = exchange.json(r#"{"action": "finish"} or {"action": "hold"}"#)?;
    let change = match action {
        TransitionAction::Finish => TransitionChange::Finish,
        TransitionAction::Hold => TransitionChange::Hold,
    };
    let id = exchange.argument;
    if !actions::change_transition(exchange.simulation, id, change) {
        return Err(Failure::not_found(format!("no resource that passes through states has the ID {id:?}")));
    }
    resource(exchange)
}

pub(super) fn transition(exchange: &Exchange<'_>) -> Reply {
    let milliseconds = exchange.simulation.lock().transition.whole_milliseconds();
    Ok(json!({ "milliseconds": u64::try_from(milliseconds).unwrap_or_default() }))
}

/// The body of `PUT /emulator/transition`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TransitionTime {
    milliseconds: u64,
}

pub(super) fn set_transition(exchange: &Exchange<'_>) -> Reply {
    let TransitionTime { milliseconds } = exchange.json(r#"{"milliseconds": 2000}"#)?;
    if Duration::from_millis(milliseconds) > MAX_TRANSITION {
        let most = MAX_TRANSITION.as_millis();
        return Err(Failure::invalid(format!("invalid `milliseconds` {milliseconds}: expected at most {most}, a day")));
    }
    actions::set_transition(exchange.simulation, Duration::from_millis(milliseconds));
    transition(exchange)
}

pub(super) fn recycle(exchange: &Exchange<'_>) -> Reply {
    let id = exchange.argument;
    match actions::recycle(exchange.simulation, id) {
        true => Ok(json!({})),
        false => Err(Failure::not_found(format!("no spot instance has the ID {id:?}"))),
    }
}

pub(super) fn events(exchange: &Exchange<'_>) -> Reply {
    let inner = exchange.simulation.lock();
    let events = inner.accounts.all().values().flat_map(|state| state.events.values());
    Ok(json!({ "events": events.collect::<Vec<_>>() }))
}

pub(super) fn add_event(exchange: &Exchange<'_>) -> Reply {
    let example = r#"{"instance": "i-…", "name": "Instance:SystemMaintenance.Reboot", "status": "Scheduled"}"#;
    let event: Event = exchange.json(example)?;
    match actions::add_event(exchange.simulation, event) {
        Ok(id) => Ok(json!({ "id": id })),
        Err(error) => Err(Failure::not_found(error)),
    }
}

pub(super) fn show_quotas(exchange: &Exchange<'_>) -> Reply {
    exchange.check_query(&["account"])?;
    let account = exchange.query("account").unwrap_or(ACCOUNT);
    let inner = exchange.simulation.lock();
    let own = inner.accounts.all().get(account).map(|state| state.quotas.clone());
    let usual: BTreeMap<&str, Option<u64>> = quotas::ALL.iter().map(|quota| (quota.name, quota.usual)).collect();
    Ok(json!({ "quotas": own.unwrap_or_default(), "usual": usual }))
}

/// The body of `PUT /emulator/quotas`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quotas {
    quotas: BTreeMap<String, u64>,
}

pub(super) fn set_quotas(exchange: &Exchange<'_>) -> Reply {
    exchange.check_query(&["account"])?;
    let account = exchange.query("account").unwrap_or(ACCOUNT);
    let Quotas { quotas: new } = exchange.json(r#"{"quotas": {"network-interfaces": 5}}"#)?;
    quotas::check(new.keys()).map_err(Failure::invalid)?;
    if account.is_empty() || account.len() > 32 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failure::invalid(format!("invalid account {account:?}: expected an ID such as {ACCOUNT}")));
    }
    exchange.simulation.lock().accounts.state(account).quotas = new;
    show_quotas(exchange)
}

pub(super) fn stock(exchange: &Exchange<'_>) -> Reply {
    Ok(json!({ "stock": exchange.simulation.lock().market.stock }))
}

pub(super) fn set_stock(exchange: &Exchange<'_>) -> Reply {
    let rules: Vec<StockRule> = exchange.one_or_more(
        r#"{"zone": "cn-hangzhou-h", "instance_type": "ecs.g7.*", "stock": "sold_out"}; the stock can be available, sold_out or none"#,
    )?;
    actions::change_market(exchange.simulation, |market| rules.into_iter().for_each(|rule| market.set_stock(rule)))
        .map_err(Failure::invalid)?;
    stock(exchange)
}

pub(super) fn clear_stock(exchange: &Exchange<'_>) -> Reply {
    exchange.simulation.lock().market.stock.clear();
    stock(exchange)
}

pub(super) fn prices(exchange: &Exchange<'_>) -> Reply {
    Ok(json!({ "prices": exchange.simulation.lock().market.prices }))
}

pub(super) fn set_prices(exchange: &Exchange<'_>) -> Reply {
    let example = r#"{"zone": "cn-hangzhou-*", "instance_type": "ecs.g7.*", "factor": 1.5}"#;
    let rules: Vec<PriceRule> = exchange.one_or_more(example)?;
    actions::change_market(exchange.simulation, |market| rules.into_iter().for_each(|rule| market.set_price(rule)))
        .map_err(Failure::invalid)?;
    prices(exchange)
}

pub(super) fn clear_prices(exchange: &Exchange<'_>) -> Reply {
    exchange.simulation.lock().market.prices.clear();
    prices(exchange)
}
