//! The endpoints of every region, compared with the specs and the official SDKs.
#![cfg(all(feature = "cms", feature = "vpc"))]

use ecs_sdk::{Client, Config, Credentials, Network, cms, sts, vpc};
use ecs_sdk_testing::fake::{Response, Service};
use serde_json::Value;

/// Creates a call of a service.
type Call = fn(&Config) -> ecs_sdk::UntypedCall;

const SERVICES: [(&str, Call); 4] = [
    ("ecs", |config| Client::from(config).call("Describe")),
    ("vpc", |config| vpc::Client::from(config).call("Describe")),
    ("cms", |config| cms::Client::from(config).call("Describe")),
    ("sts", |config| sts::Client::from(config).call("Describe")),
];

/// The endpoints in the specs of a service.
fn endpoints(service: &str) -> Value {
    let path = format!("{}/../specs/{service}/service.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap()["endpoints"].take()
}

/// Returns the URL to which a call is sent.
fn url(service: &Service, config: &Config, call: Call) -> String {
    service.run(call(config).send()).unwrap();
    service.requests().pop().unwrap().url
}

fn config(service: &Service, network: Network) -> Config {
    let builder = Config::builder().without_environment().credentials(Credentials::new("id", "secret"));
    builder.network(network).transport(service.clone()).system(service.clock.clone()).region("x").build().unwrap()
}

#[test]
fn every_region_has_the_endpoint_of_the_specs() {
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

/// The endpoints in the official SDKs and documents, as a table: for each region, the public endpoint, and the VPC
/// endpoint if there is one.
const TABLE: &str = include_str!("data/endpoints.json");

/// Returns the endpoint of each region in the table. If the table has none, the host pattern of the specs is used.
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
fn every_service_uses_the_endpoints_of_the_table_on_both_networks() {
    let mut checked = 0;
    for (name, call) in SERVICES {
        for network in [Network::Public, Network::Vpc] {
            let service = Service::always(Response::success());
            let config = config(&service, network);
            for (region, host) in table(name, network) {
                let there = url(&service, &config.with_region(&region), call);
                assert_eq!(there, format!("https://{host}/"), "{name} {network:?} {region}");
                // VPC endpoints are used on the VPC network only.
                let vpc = host.split('.').next().is_some_and(|first| first.ends_with("-vpc"));
                assert_eq!(vpc, network == Network::Vpc, "{name} {region}: {host}");
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 4 * 2 * 43);
}

#[test]
fn every_disagreement_between_sources_has_a_decision_with_a_reason() {
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

/// Compares the table with its source, if that is available.
#[test]
fn the_table_matches_its_source() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/api/endpoints.json");
    let Ok(source) = std::fs::read(&path) else {
        eprintln!("skipped: {} does not exist", path.display());
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
