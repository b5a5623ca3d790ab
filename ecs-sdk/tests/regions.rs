//! The addresses of every region, as the specs and the official SDKs have them.
#![cfg(all(feature = "cms", feature = "vpc"))]

use ecs_sdk::{Client, Config, Credentials, Network, cms, sts, vpc};
use ecs_sdk_testing::fake::{Response, Service};
use serde_json::Value;

/// A way to call a service, by name.
type Call = fn(&Config) -> ecs_sdk::UntypedCall;

const SERVICES: [(&str, Call); 4] = [
    ("ecs", |config| Client::from(config).call("Describe")),
    ("vpc", |config| vpc::Client::from(config).call("Describe")),
    ("cms", |config| cms::Client::from(config).call("Describe")),
    ("sts", |config| sts::Client::from(config).call("Describe")),
];

/// The addresses in the specs of a service.
fn endpoints(service: &str) -> Value {
    let path = format!("{}/../specs/{service}/service.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap()["endpoints"].take()
}

/// URL to which a call goes.
fn url(service: &Service, config: &Config, call: Call) -> String {
    service.run(call(config).send()).unwrap();
    service.requests().pop().unwrap().url
}

fn config(service: &Service, network: Network) -> Config {
    let builder = Config::builder().without_environment().credentials(Credentials::new("id", "secret"));
    builder.network(network).transport(service.clone()).system(service.clock.clone()).region("x").build().unwrap()
}

#[test]
fn every_region_has_the_address_of_the_specs() {
    let mut checked = 0;
    for (name, call) in SERVICES {
        let endpoints = endpoints(name);
        for (network, rule, exceptions) in
            [(Network::Public, "public", "public_exceptions"), (Network::Vpc, "vpc", "vpc_exceptions")]
        {
            let service = Service::always(Response::success());
            let config = config(&service, network);
            let regions = endpoints["regions"].as_array().unwrap().iter().map(|region| region.as_str().unwrap());
            let excepted = endpoints[exceptions].as_object().into_iter().flat_map(|map| map.keys().map(String::as_str));
            for region in regions.chain(excepted).chain(["xx-unknown-7"]) {
                let exception = endpoints[exceptions].get(region).and_then(Value::as_str);
                let rule = endpoints[rule].as_str().unwrap().replace("{region}", region);
                let expected = format!("https://{}/", exception.unwrap_or(&rule));
                assert_eq!(url(&service, &config.with_region(region), call), expected, "{name} {network:?} {region}");
                checked += 1;
            }
        }
    }
    assert!(checked > 200, "{checked}");
}

/// What the official SDKs and documents say, as a table of our own: region → public address and VPC address, if any.
const TABLE: &str = include_str!("data/endpoints.json");

/// Region → address of a service on a network, as the table has it; where it has none, the rule holds.
fn table(name: &str, network: Network) -> Vec<(String, String)> {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    let endpoints = endpoints(name);
    let regions = table[name]["regions"].as_object().unwrap().iter();
    regions
        .map(|(region, hosts)| {
            let host = hosts[usize::from(network == Network::Vpc)].as_str().map(str::to_owned);
            let rule = || endpoints["vpc"].as_str().unwrap().replace("{region}", region);
            (region.clone(), host.unwrap_or_else(rule))
        })
        .collect()
}

#[test]
fn every_region_of_every_service_on_both_networks() {
    let mut checked = 0;
    for (name, call) in SERVICES {
        for network in [Network::Public, Network::Vpc] {
            let service = Service::always(Response::success());
            let config = config(&service, network);
            for (region, host) in table(name, network) {
                let there = url(&service, &config.with_region(&region), call);
                assert_eq!(there, format!("https://{host}/"), "{name} {network:?} {region}");
                // A network's address is of that network.
                let vpc = host.split('.').next().is_some_and(|first| first.ends_with("-vpc"));
                assert_eq!(vpc, network == Network::Vpc, "{name} {region}: {host}");
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 4 * 2 * 43);
}

#[test]
fn disagreements_are_decided_with_a_reason() {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    for (name, call) in SERVICES {
        let endpoints = endpoints(name);
        let decisions = endpoints["decisions"].as_object().unwrap();
        let mut decided: Vec<&str> = decisions.keys().map(String::as_str).collect();
        decided.sort_unstable();
        assert_eq!(Value::from(decided), table[name]["disagreements"], "{name}");
        for (region, decision) in decisions {
            let (host, reason) = decision.as_str().unwrap().split_once(": ").unwrap();
            assert!(reason.len() > 20 && reason.ends_with('.'), "{name} {region}: {reason}");
            let service = Service::always(Response::success());
            let there = url(&service, &config(&service, Network::Public).with_region(region), call);
            assert_eq!(there, format!("https://{host}/"), "{name} {region}: {decision}");
        }
        assert_eq!(endpoints["location"].as_str(), table[name]["location"].as_str(), "{name}");
    }
}

/// The table against the material that it was made of, where that is at hand.
#[test]
fn the_table_is_what_its_source_says() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/api/endpoints.json");
    let Ok(source) = std::fs::read(&path) else {
        eprintln!("skipped: there is no {}", path.display());
        return;
    };
    let source: Value = serde_json::from_slice(&source).unwrap();
    let table: Value = serde_json::from_str(TABLE).unwrap();
    for (product, facts) in source.as_object().unwrap() {
        let table = &table[product.to_lowercase()];
        let regions = facts["regional"].as_object().unwrap();
        assert_eq!(regions.len(), table["regions"].as_object().unwrap().len());
        for (region, host) in regions {
            let expected = Value::from(vec![host.clone(), facts["vpc"].get(region).cloned().unwrap_or_default()]);
            assert_eq!(table["regions"][region], expected, "{product} {region}");
        }
        let mut disagreements: Vec<&str> =
            facts["disagreements"].as_object().unwrap().keys().map(String::as_str).collect();
        disagreements.sort_unstable();
        assert_eq!(Value::from(disagreements), table["disagreements"], "{product}");
    }
}
