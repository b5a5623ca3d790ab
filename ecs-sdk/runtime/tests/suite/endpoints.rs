//! Where requests go: by region and network, by an endpoint that is set, and by lookup.

use std::{pin::Pin, task::Poll};

use ecs_sdk::fake::{Answer, Sent, Service, seconds};
use ecs_sdk::{Client, Config, Credentials, ErrorKind, Network, cms, sts};
use futures_util::{FutureExt, future::maybe_done};
use serde_json::json;

/// A way to call a service.
type Call = fn(&Config) -> ecs_sdk::UntypedCall;

const ECS: Call = |config| Client::from(config).call("Describe");
const CMS: Call = |config| cms::Client::from(config).call("Describe");
const STS: Call = |config| sts::Client::from(config).call("Describe");

/// URL to which a call goes.
fn url(service: &Service, config: &Config, call: Call) -> String {
    service.run(call(config).send()).unwrap();
    service.sent().pop().unwrap().url
}

fn config(service: &Service, network: Network) -> Config {
    let builder = Config::builder().without_environment().credentials(Credentials::new("id", "secret"));
    builder.network(network).transport(service.clone()).system(service.clock.clone()).region("x").build().unwrap()
}

/// A few by hand; `tests/regions.rs` of ecs-sdk has all.
#[test]
fn well_known_addresses() {
    for (call, region, network, expected) in [
        (ECS, "cn-hangzhou", Network::Public, "https://ecs-cn-hangzhou.aliyuncs.com/"),
        (ECS, "eu-central-1", Network::Public, "https://ecs.eu-central-1.aliyuncs.com/"),
        (ECS, "cn-hangzhou", Network::Vpc, "https://ecs-vpc.cn-hangzhou.aliyuncs.com/"),
        (STS, "cn-beijing", Network::Public, "https://sts.cn-beijing.aliyuncs.com/"),
        (STS, "cn-beijing", Network::Vpc, "https://sts-vpc.cn-beijing.aliyuncs.com/"),
    ] {
        let service = Service::always(Answer::done());
        let config = config(&service, network).with_region(region);
        assert_eq!(url(&service, &config, call), expected);
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
        for call in [ECS, CMS, STS] {
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
    assert_eq!(url(&service, &none, STS), "https://sts.aliyuncs.com/");
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
        "http-1" => {
            Answer::ok(json!({"Endpoints": {"Endpoint": [endpoint(&region, "openAPI", "http://plain.example.com")]}}))
        }
        "none-1" => Answer::ok(json!({"Endpoints": {"Endpoint": []}})),
        "html-1" => Answer::text(502, "<html>"),
        "hang-1" => Answer::hang(),
        _ => Answer::error(404, "InvalidRegionId"),
    }
}

fn asking(service: &Service, network: Network) -> Config {
    let builder = Config::builder()
        .without_environment()
        .credentials(Credentials::new(ecs_sdk::fake::KEY.0, ecs_sdk::fake::KEY.1));
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
    assert_eq!(url(&service, &new, ECS), "https://ecs-at-new-1.example.com/");
    let question = service.sent().remove(0);
    question.verify(ecs_sdk::fake::KEY.1);
    assert_eq!(question.url, "https://location-readonly.aliyuncs.com/");
    assert_eq!(question.param("Version"), "2015-06-12");
    let own = [("Id", "new-1"), ("ServiceCode", "ecs"), ("Type", "openAPI")];
    assert_eq!(question.own(), own.map(|(name, value)| (name.to_owned(), value.to_owned())));

    // Once a service and region, for an hour.
    assert_eq!(url(&service, &new, ECS), "https://ecs-at-new-1.example.com/");
    assert_eq!(questions(&service), 1);
    assert_eq!(url(&service, &config.with_region("new-1"), CMS), "https://cms-at-new-1.example.com/");
    assert_eq!(questions(&service), 2);
    service.pass(seconds(3601));
    assert_eq!(url(&service, &new, ECS), "https://ecs-at-new-1.example.com/");
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
    assert_eq!(url(&service, &public.with_region("cn-beijing"), ECS), "https://ecs.cn-beijing.aliyuncs.com/");
    // The Location service does not know STS, nor VPC addresses.
    assert_eq!(url(&service, &public.with_region("new-1"), STS), "https://sts.new-1.aliyuncs.com/");
    let vpc = asking(&service, Network::Vpc).with_region("new-1");
    assert_eq!(url(&service, &vpc, ECS), "https://ecs-vpc.new-1.aliyuncs.com/");
    // An endpoint that is set, or no wish to ask.
    let set: Config =
        service.config().endpoint("set.example.com").endpoint_lookup(true).region("new-1").build().unwrap();
    assert_eq!(url(&service, &set, ECS), "https://set.example.com/");
    let quiet = config(&service, Network::Public).with_region("new-1");
    assert_eq!(url(&service, &quiet, ECS), "https://ecs.new-1.aliyuncs.com/");
    assert_eq!(questions(&service), 0);
}

#[test]
fn without_an_answer_the_rule_holds() {
    for region in ["unknown-1", "none-1", "evil-1", "http-1", "html-1", "hang-1"] {
        let service = Service::new(located);
        let config = asking(&service, Network::Public).with_region(region);
        let expected = format!("https://ecs.{region}.aliyuncs.com/");
        assert_eq!(url(&service, &config, ECS), expected);
        assert!(service.clock.elapsed() <= seconds(11), "{region}");
        // It is not asked again at once, but a minute later.
        let asked = questions(&service);
        assert!(asked > 0);
        assert_eq!(url(&service, &config, ECS), expected);
        assert_eq!(questions(&service), asked);
        service.pass(seconds(61));
        assert_eq!(url(&service, &config, ECS), expected);
        assert!(questions(&service) > asked);
    }
}
