//! Where requests go, for every region of the specs and every way to say otherwise.
#![cfg(all(feature = "cms", feature = "vpc"))]

mod common;

use common::{Answer, Service};
use ecs_sdk::{Client, Config, Credentials, ErrorKind, Network, cms, sts, vpc};
use serde_json::Value;

/// A way to call a service, by name.
type Call = fn(&Config) -> ecs_sdk::UntypedCall;

const SERVICES: [(&str, &str, Call); 4] = [
    ("ecs", include_str!("../../specs/ecs/service.json"), |config| Client::from(config).call("Describe")),
    ("vpc", include_str!("../../specs/vpc/service.json"), |config| vpc::Client::from(config).call("Describe")),
    ("cms", include_str!("../../specs/cms/service.json"), |config| cms::Client::from(config).call("Describe")),
    ("sts", include_str!("../../specs/sts/service.json"), |config| sts::Client::from(config).call("Describe")),
];

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("no {path}"))
}

/// URL to which a call goes.
fn url(service: &Service, config: &Config, call: Call) -> String {
    service.run(call(config).send()).unwrap();
    service.sent().pop().unwrap().url
}

fn config(service: &Service, network: Network) -> Config {
    let builder = Config::builder().without_environment().credentials(Credentials::new("id", "secret"));
    builder.network(network).transport(service.clone()).runtime(service.clock.clone()).region("x").build().unwrap()
}

#[test]
fn every_region_has_the_address_of_the_specs() {
    let mut checked = 0;
    for (name, spec, call) in SERVICES {
        let endpoints = &serde_json::from_str::<Value>(spec).unwrap()["endpoints"];
        for (network, rule, exceptions) in
            [(Network::Public, "public", "public_exceptions"), (Network::Vpc, "vpc", "vpc_exceptions")]
        {
            let service = Service::always(Answer::done());
            let config = config(&service, network);
            let regions = endpoints["regions"].as_array().unwrap().iter().map(|region| region.as_str().unwrap());
            let excepted = endpoints[exceptions].as_object().into_iter().flat_map(|map| map.keys().map(String::as_str));
            for region in regions.chain(excepted).chain(["xx-unknown-7"]) {
                let exception = endpoints[exceptions].get(region).and_then(Value::as_str);
                let rule = text(endpoints, &format!("/{rule}")).replace("{region}", region);
                let expected = format!("https://{}/", exception.unwrap_or(&rule));
                assert_eq!(url(&service, &config.with_region(region), call), expected, "{name} {network:?} {region}");
                checked += 1;
            }
        }
    }
    assert!(checked > 200, "{checked}");
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
        assert_eq!(url(&service, &config, SERVICES[index].2), expected);
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
        for (_, _, call) in SERVICES {
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
                "`{bad}` is no endpoint; write a host such as `ecs.cn-hangzhou.aliyuncs.com`, or http(s)://host:port"
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
            format!("ecs DescribeRegions failed: `{bad}` is no region; write one such as `cn-hangzhou`")
        );
        assert_eq!((error.kind(), service.sent().len()), (ErrorKind::Config, 0));
    }
    // Without one, the service's central address is taken.
    let service = Service::always(Answer::done());
    let none = config(&service, Network::Public).with_region("");
    assert_eq!(url(&service, &none, SERVICES[3].2), "https://sts.aliyuncs.com/");
}
