//! Where requests go, for every region of the specs and every way to say otherwise.
#![cfg(all(feature = "cms", feature = "vpc"))]

mod common;

use std::{pin::Pin, task::Poll};

use common::{Answer, Sent, Service, seconds};
use ecs_sdk::{Client, Config, Credentials, ErrorKind, Network, cms, sts, vpc};
use futures_util::{FutureExt, future::maybe_done};
use serde_json::{Value, json};

/// A way to call a service, by name.
type Call = fn(&Config) -> ecs_sdk::UntypedCall;

const SERVICES: [(&str, Call); 4] = [
    ("ecs", |config| Client::from(config).call("Describe")),
    ("vpc", |config| vpc::Client::from(config).call("Describe")),
    ("cms", |config| cms::Client::from(config).call("Describe")),
    ("sts", |config| sts::Client::from(config).call("Describe")),
];

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("no {path}"))
}

/// The endpoints in the specs of a service.
fn endpoints(service: &str) -> Value {
    let specs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let text = std::fs::read_to_string(specs.join(service).join("service.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["endpoints"].take()
}

/// URL to which a call goes.
fn url(service: &Service, config: &Config, call: Call) -> String {
    service.run(call(config).send()).unwrap();
    service.sent().pop().unwrap().url
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
            let service = Service::always(Answer::done());
            let config = config(&service, network);
            let regions = endpoints["regions"].as_array().unwrap().iter().map(|region| region.as_str().unwrap());
            let excepted = endpoints[exceptions].as_object().into_iter().flat_map(|map| map.keys().map(String::as_str));
            for region in regions.chain(excepted).chain(["xx-unknown-7"]) {
                let exception = endpoints[exceptions].get(region).and_then(Value::as_str);
                let rule = text(&endpoints, &format!("/{rule}")).replace("{region}", region);
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
            let rule = || text(&endpoints, "/vpc").replace("{region}", region);
            (region.clone(), host.unwrap_or_else(rule))
        })
        .collect()
}

#[test]
fn every_region_of_every_service_on_both_networks() {
    let mut checked = 0;
    for (name, call) in SERVICES {
        for network in [Network::Public, Network::Vpc] {
            let service = Service::always(Answer::done());
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
            let service = Service::always(Answer::done());
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

/// A few by hand, so that a mistake in how the specs are read shows.
#[test]
fn well_known_addresses() {
    for (index, region, network, expected) in [
        (0, "cn-hangzhou", Network::Public, "https://ecs-cn-hangzhou.aliyuncs.com/"),
        (0, "eu-central-1", Network::Public, "https://ecs.eu-central-1.aliyuncs.com/"),
        (0, "cn-hangzhou", Network::Vpc, "https://ecs-vpc.cn-hangzhou.aliyuncs.com/"),
        (3, "cn-beijing", Network::Public, "https://sts.cn-beijing.aliyuncs.com/"),
        (3, "cn-beijing", Network::Vpc, "https://sts-vpc.cn-beijing.aliyuncs.com/"),
    ] {
        let service = Service::always(Answer::done());
        let config = config(&service, network).with_region(region);
        assert_eq!(url(&service, &config, SERVICES[index].1), expected);
    }
}

#[test]
fn an_endpoint_goes_before_the_tables() {
    for (given, expected) in [
        ("ecs.example.com", "https://ecs.example.com/"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ("https://[::1]:8443///", "https://[::1]:8443/"),
        ("localhost:8080/", "https://localhost:8080/"),
    ] {
        for (_, call) in SERVICES {
            let service = Service::always(Answer::done());
            let config: Config = service.config().endpoint(given).network(Network::Vpc).build().unwrap();
            assert_eq!(url(&service, &config, call), expected);
            assert_eq!(url(&service, &config.with_region("cn-beijing"), call), expected);
        }
    }
}

#[test]
fn what_is_no_endpoint_is_refused_when_building() {
    for bad in [
        "",
        "http://",
        "ftp://x",
        "https://user:secret@x",
        "a b",
        "x/path",
        "x?y",
        "x:port",
        "http://x:99999",
        "h\u{fc}",
    ] {
        let error = Client::builder().endpoint(bad).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{bad}");
        assert_eq!(
            error.to_string(),
            format!(
                "invalid endpoint `{bad}`: expected a host such as `ecs.cn-hangzhou.aliyuncs.com`, or http(s)://host:port"
            )
        );
    }
}

#[test]
fn what_is_no_region_is_refused_and_nothing_is_sent() {
    for bad in ["cn hangzhou", "evil.example.com/", "a@b", "h\u{fc}"] {
        let service = Service::always(Answer::done());
        let config = config(&service, Network::Public).with_region(bad);
        let error = service.run(Client::from(&config).describe_regions().send()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("ecs DescribeRegions failed: invalid region ID `{bad}`: expected one such as `cn-hangzhou`")
        );
        assert_eq!((error.kind(), service.sent().len()), (ErrorKind::Config, 0));
    }
    // Without one, the service's central address is taken.
    let service = Service::always(Answer::done());
    let none = config(&service, Network::Public).with_region("");
    assert_eq!(url(&service, &none, SERVICES[3].1), "https://sts.aliyuncs.com/");
}

/// A Location service that knows the addresses of regions that start with `new`, and any other service.
fn located(sent: &Sent) -> Answer {
    if sent.get("Action").as_deref() != Some("DescribeEndpoints") {
        return Answer::done();
    }
    let (region, code) = (sent.param("Id"), sent.param("ServiceCode"));
    let endpoint = |id: &str, kind: &str, host: &str| json!({"Id": id, "Type": kind, "Endpoint": host, "SerivceCode": code, "Protocols": {"Protocols": ["HTTPS"]}});
    match region.as_str() {
        "new-1" => Answer::ok(json!({"Success": true, "Endpoints": {"Endpoint": [
            endpoint(&region, "innerAPI", "inner.example.com"),
            endpoint("other", "openAPI", "other.example.com"),
            endpoint(&region, "openAPI", &format!("{code}-at-{region}.example.com")),
        ]}})),
        "evil-1" => Answer::ok(json!({"Endpoints": {"Endpoint": [endpoint(&region, "openAPI", "http://x@evil/")]}})),
        "none-1" => Answer::ok(json!({"Endpoints": {"Endpoint": []}})),
        "html-1" => Answer::text(502, "<html>"),
        "hang-1" => Answer::hang(),
        _ => Answer::error(404, "InvalidRegionId"),
    }
}

fn asking(service: &Service, network: Network) -> Config {
    let builder = Config::builder().without_environment().credentials(Credentials::new(common::KEY.0, common::KEY.1));
    let builder = builder.network(network).endpoint_lookup(true).region("x");
    builder.transport(service.clone()).system(service.clock.clone()).build().unwrap()
}

/// Number of questions to the Location service.
fn questions(service: &Service) -> usize {
    service.sent().iter().filter(|sent| sent.get("Action").as_deref() == Some("DescribeEndpoints")).count()
}

#[test]
fn unknown_regions_are_looked_up_when_asked_to() {
    let service = Service::new(located);
    let config = asking(&service, Network::Public);
    let new = config.with_region("new-1");
    assert_eq!(url(&service, &new, SERVICES[0].1), "https://ecs-at-new-1.example.com/");
    let question = service.sent().remove(0);
    question.verify(common::KEY.1);
    assert_eq!(question.url, "https://location-readonly.aliyuncs.com/");
    assert_eq!(question.param("Version"), "2015-06-12");
    let own = [("Id", "new-1"), ("ServiceCode", "ecs"), ("Type", "openAPI")];
    assert_eq!(question.own(), own.map(|(name, value)| (name.to_owned(), value.to_owned())));

    // Once a service and region, for an hour.
    assert_eq!(url(&service, &new, SERVICES[0].1), "https://ecs-at-new-1.example.com/");
    assert_eq!(questions(&service), 1);
    assert_eq!(url(&service, &config.with_region("new-1"), SERVICES[2].1), "https://cms-at-new-1.example.com/");
    assert_eq!(questions(&service), 2);
    service.pass(seconds(3601));
    assert_eq!(url(&service, &new, SERVICES[0].1), "https://ecs-at-new-1.example.com/");
    assert_eq!(questions(&service), 3);
}

#[test]
fn concurrent_calls_look_an_endpoint_up_once() {
    for (region, host) in [("new-1", "ecs-at-new-1.example.com"), ("hang-1", "ecs.hang-1.aliyuncs.com")] {
        // A response takes a second, so that all calls wait at once.
        let service = Service::new(move |sent| match sent.get("Id").as_deref() {
            Some("hang-1") => Answer::hang(),
            _ => located(sent).after(seconds(1)),
        });
        let client = Client::from(asking(&service, Network::Public).with_region(region));
        let mut calls: Vec<_> = (0..20).map(|_| maybe_done(Box::pin(client.call("Describe").send()))).collect();
        service.run(std::future::poll_fn(|context| {
            let waiting =
                calls.iter_mut().filter_map(|call| call.poll_unpin(context).is_pending().then_some(())).count();
            if waiting == 0 { Poll::Ready(()) } else { Poll::Pending }
        }));
        for call in &mut calls {
            Pin::new(call).take_output().unwrap().unwrap();
        }
        let sent = service.sent();
        let elsewhere = sent.iter().filter(|sent| sent.url == format!("https://{host}/")).count();
        assert_eq!(elsewhere, 20, "{region}");
        // One that fails is retried as any read, by one call for all.
        assert_eq!(questions(&service), if region == "new-1" { 1 } else { 3 }, "{region}");
    }
}

#[test]
fn nobody_is_asked_without_need() {
    let service = Service::new(located);
    let public = asking(&service, Network::Public);
    assert_eq!(url(&service, &public.with_region("cn-beijing"), SERVICES[0].1), "https://ecs.cn-beijing.aliyuncs.com/");
    // The Location service does not know STS, nor VPC addresses.
    assert_eq!(url(&service, &public.with_region("new-1"), SERVICES[3].1), "https://sts.new-1.aliyuncs.com/");
    let vpc = asking(&service, Network::Vpc).with_region("new-1");
    assert_eq!(url(&service, &vpc, SERVICES[0].1), "https://ecs-vpc.new-1.aliyuncs.com/");
    // An endpoint that is set, or no wish to ask.
    let set: Config =
        service.config().endpoint("set.example.com").endpoint_lookup(true).region("new-1").build().unwrap();
    assert_eq!(url(&service, &set, SERVICES[0].1), "https://set.example.com/");
    let quiet = config(&service, Network::Public).with_region("new-1");
    assert_eq!(url(&service, &quiet, SERVICES[0].1), "https://ecs.new-1.aliyuncs.com/");
    assert_eq!(questions(&service), 0);
}

#[test]
fn without_an_answer_the_rule_holds() {
    for region in ["unknown-1", "none-1", "evil-1", "html-1", "hang-1"] {
        let service = Service::new(located);
        let config = asking(&service, Network::Public).with_region(region);
        let expected = format!("https://ecs.{region}.aliyuncs.com/");
        assert_eq!(url(&service, &config, SERVICES[0].1), expected);
        assert!(service.clock.elapsed() <= seconds(11), "{region}");
        // It is not asked again at once, but a minute later.
        let asked = questions(&service);
        assert!(asked > 0);
        assert_eq!(url(&service, &config, SERVICES[0].1), expected);
        assert_eq!(questions(&service), asked);
        service.pass(seconds(61));
        assert_eq!(url(&service, &config, SERVICES[0].1), expected);
        assert!(questions(&service) > asked);
    }
}
