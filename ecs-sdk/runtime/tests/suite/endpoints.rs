//! Endpoints: by region and network, explicitly set, and looked up.

use std::{pin::Pin, task::Poll};

use ecs_sdk::fake::{Response, SentRequest, Service, seconds};
use ecs_sdk::{
    Client, Config, Credentials, ErrorKind, Network, cms,
    interceptor::{BoxError, Interceptor, Outgoing},
    sts,
};
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
    service.requests().pop().unwrap().url
}

fn config(service: &Service, network: Network) -> Config {
    let builder = Config::builder().without_environment().credentials(Credentials::new("id", "secret"));
    builder.network(network).transport(service.clone()).system(service.clock.clone()).region("x").build().unwrap()
}

/// Only a few endpoints; `tests/regions.rs` of ecs-sdk tests all of them.
#[test]
fn well_known_endpoints() {
    for (call, region, network, expected) in [
        (ECS, "cn-hangzhou", Network::Public, "https://ecs-cn-hangzhou.aliyuncs.com/"),
        (ECS, "eu-central-1", Network::Public, "https://ecs.eu-central-1.aliyuncs.com/"),
        (ECS, "cn-hangzhou", Network::Vpc, "https://ecs-vpc.cn-hangzhou.aliyuncs.com/"),
        (STS, "cn-beijing", Network::Public, "https://sts.cn-beijing.aliyuncs.com/"),
        (STS, "cn-beijing", Network::Vpc, "https://sts-vpc.cn-beijing.aliyuncs.com/"),
    ] {
        let service = Service::always(Response::success());
        let config = config(&service, network).with_region(region);
        assert_eq!(url(&service, &config, call), expected);
    }
}

#[test]
fn an_explicit_endpoint_takes_precedence() {
    for (given, expected) in [
        ("ecs.example.com", "https://ecs.example.com/"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ("https://[::1]:8443///", "https://[::1]:8443/"),
        ("localhost:8080/", "https://localhost:8080/"),
    ] {
        for call in [ECS, CMS, STS] {
            let service = Service::always(Response::success());
            let config: Config = service.config().endpoint(given).network(Network::Vpc).build().unwrap();
            assert_eq!(url(&service, &config, call), expected);
            assert_eq!(url(&service, &config.with_region("cn-beijing"), call), expected);
        }
    }
}

#[test]
fn invalid_endpoints_are_rejected_when_building() {
    for bad in ["", "http://", "ftp://x", "a b", "x/path", "ecs..com", "x:port", "http://x:99999", "h\u{fc}"] {
        let error = Client::builder().endpoint(bad).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{bad}");
        assert_eq!(
            error.to_string(),
            format!(
                "invalid endpoint `{bad}`: expected a host such as `ecs.cn-hangzhou.aliyuncs.com`, or http(s)://host:port"
            )
        );
    }
    for secret in ["https://user:secret@x", "secret@x", "x?token=secret"] {
        let error = Client::builder().endpoint(secret).build().unwrap_err();
        assert!(!format!("{error}{error:?}").contains("secret"), "{error}");
    }
}

#[test]
fn invalid_regions_are_rejected_before_sending() {
    for bad in ["cn hangzhou", "evil.example.com/", "a@b", "h\u{fc}"] {
        let service = Service::always(Response::success());
        let config = config(&service, Network::Public).with_region(bad);
        let error = service.run(Client::from(&config).describe_regions().send()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("ecs DescribeRegions failed: invalid region ID `{bad}`: expected one such as `cn-hangzhou`")
        );
        assert_eq!((error.kind(), service.requests().len()), (ErrorKind::Config, 0));
    }
    // Without a region, the service's central endpoint is used.
    let service = Service::always(Response::success());
    let none = config(&service, Network::Public).with_region("");
    assert_eq!(url(&service, &none, STS), "https://sts.aliyuncs.com/");
}

/// A Location service that knows some endpoints of the region `new-1`. All other requests succeed.
fn location_service(sent: &SentRequest) -> Response {
    if sent.get("Action").as_deref() != Some("DescribeEndpoints") {
        return Response::success();
    }
    let (region, code) = (sent.param("Id"), sent.param("ServiceCode"));
    let endpoint = |id: &str, kind: &str, host: &str| json!({"Id": id, "Type": kind, "Endpoint": host, "SerivceCode": code, "Protocols": {"Protocols": ["HTTPS"]}});
    match region.as_str() {
        "new-1" => Response::ok(json!({"Success": true, "Endpoints": {"Endpoint": [
            endpoint(&region, "innerAPI", "inner.example.com"),
            endpoint("other", "openAPI", "other.example.com"),
            endpoint(&region, "openAPI", &format!("{code}-at-{region}.aliyuncs.com")),
        ]}})),
        "evil-1" => Response::ok(json!({"Endpoints": {"Endpoint": [endpoint(&region, "openAPI", "http://x@evil/")]}})),
        "http-1" => {
            Response::ok(json!({"Endpoints": {"Endpoint": [endpoint(&region, "openAPI", "http://plain.example.com")]}}))
        }
        "none-1" => Response::ok(json!({"Endpoints": {"Endpoint": []}})),
        "html-1" => Response::new(502, "<html>"),
        "hang-1" => Response::hang(),
        _ => Response::error(404, "InvalidRegionId"),
    }
}

fn config_with_lookup(service: &Service, network: Network) -> Config {
    let builder = Config::builder()
        .without_environment()
        .credentials(Credentials::new(ecs_sdk::fake::ACCESS_KEY.0, ecs_sdk::fake::ACCESS_KEY.1));
    let builder = builder.network(network).endpoint_lookup(true).region("x");
    builder.transport(service.clone()).system(service.clock.clone()).build().unwrap()
}

/// Number of requests to the Location service.
fn lookups(service: &Service) -> usize {
    service.requests().iter().filter(|sent| sent.get("Action").as_deref() == Some("DescribeEndpoints")).count()
}

#[test]
fn endpoints_of_unknown_regions_are_looked_up_if_enabled() {
    let service = Service::new(location_service);
    let config = config_with_lookup(&service, Network::Public);
    let new = config.with_region("new-1");
    assert_eq!(url(&service, &new, ECS), "https://ecs-at-new-1.aliyuncs.com/");
    let lookup = service.requests().remove(0);
    lookup.verify(ecs_sdk::fake::ACCESS_KEY.1);
    assert_eq!(lookup.url, "https://location-readonly.aliyuncs.com/");
    assert_eq!(lookup.param("Version"), "2015-06-12");
    let own = [("Id", "new-1"), ("ServiceCode", "ecs"), ("Type", "openAPI")];
    assert_eq!(lookup.operation_parameters(), own.map(|(name, value)| (name.to_owned(), value.to_owned())));

    // The result is cached for an hour, for each service and region.
    assert_eq!(url(&service, &new, ECS), "https://ecs-at-new-1.aliyuncs.com/");
    assert_eq!(lookups(&service), 1);
    assert_eq!(url(&service, &config.with_region("new-1"), CMS), "https://cms-at-new-1.aliyuncs.com/");
    assert_eq!(lookups(&service), 2);
    service.advance(seconds(3601));
    assert_eq!(url(&service, &new, ECS), "https://ecs-at-new-1.aliyuncs.com/");
    assert_eq!(lookups(&service), 3);
}

/// Aborts every call but those of ECS.
#[derive(Debug)]
struct OnlyEcs;

impl Interceptor for OnlyEcs {
    fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
        let service = request.attempt().service().to_owned();
        if service == "ecs" { request.set_parameter("Extra", "x") } else { Err(service.into()) }
    }
}

#[test]
fn interceptors_do_not_see_lookups() {
    let service = Service::new(location_service);
    let builder = Config::builder().without_environment().credentials(Credentials::new("id", "secret"));
    let builder = builder.network(Network::Public).endpoint_lookup(true).region("new-1").interceptor(OnlyEcs);
    let config = builder.transport(service.clone()).system(service.clock.clone()).build().unwrap();
    assert_eq!(url(&service, &config, ECS), "https://ecs-at-new-1.aliyuncs.com/");
    assert_eq!(service.requests().iter().map(|sent| sent.get("Extra").is_some()).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn concurrent_calls_share_one_lookup() {
    for (region, host) in [("new-1", "ecs-at-new-1.aliyuncs.com"), ("hang-1", "ecs.hang-1.aliyuncs.com")] {
        // Each response takes a second, so that all calls wait at the same time.
        let service = Service::new(move |sent| match sent.get("Id").as_deref() {
            Some("hang-1") => Response::hang(),
            _ => location_service(sent).after(seconds(1)),
        });
        let client = Client::from(config_with_lookup(&service, Network::Public).with_region(region));
        let mut calls: Vec<_> = (0..20).map(|_| maybe_done(Box::pin(client.call("Describe").send()))).collect();
        service.run(std::future::poll_fn(|context| {
            let waiting =
                calls.iter_mut().filter_map(|call| call.poll_unpin(context).is_pending().then_some(())).count();
            if waiting == 0 { Poll::Ready(()) } else { Poll::Pending }
        }));
        for call in &mut calls {
            Pin::new(call).take_output().unwrap().unwrap();
        }
        let sent = service.requests();
        let to_ecs = sent.iter().filter(|sent| sent.url == format!("https://{host}/")).count();
        assert_eq!(to_ecs, 20, "{region}");
        // A failed lookup is retried like any other read, by one call for all of them.
        assert_eq!(lookups(&service), if region == "new-1" { 1 } else { 3 }, "{region}");
    }
}

#[test]
fn endpoints_are_not_looked_up_unnecessarily() {
    let service = Service::new(location_service);
    let public = config_with_lookup(&service, Network::Public);
    assert_eq!(url(&service, &public.with_region("cn-beijing"), ECS), "https://ecs.cn-beijing.aliyuncs.com/");
    // The Location service does not return endpoints of STS or VPC endpoints.
    assert_eq!(url(&service, &public.with_region("new-1"), STS), "https://sts.new-1.aliyuncs.com/");
    let vpc = config_with_lookup(&service, Network::Vpc).with_region("new-1");
    assert_eq!(url(&service, &vpc, ECS), "https://ecs-vpc.new-1.aliyuncs.com/");
    // An explicit endpoint, and a client without lookup.
    let set: Config =
        service.config().endpoint("set.example.com").endpoint_lookup(true).region("new-1").build().unwrap();
    assert_eq!(url(&service, &set, ECS), "https://set.example.com/");
    let quiet = config(&service, Network::Public).with_region("new-1");
    assert_eq!(url(&service, &quiet, ECS), "https://ecs.new-1.aliyuncs.com/");
    assert_eq!(lookups(&service), 0);
}

#[test]
fn failed_lookups_fall_back_to_the_host_pattern() {
    for region in ["unknown-1", "none-1", "evil-1", "http-1", "html-1", "hang-1"] {
        let service = Service::new(location_service);
        let config = config_with_lookup(&service, Network::Public).with_region(region);
        let expected = format!("https://ecs.{region}.aliyuncs.com/");
        assert_eq!(url(&service, &config, ECS), expected);
        assert!(service.clock.elapsed() <= seconds(11), "{region}");
        // The lookup is repeated after a minute.
        let before = lookups(&service);
        assert!(before > 0);
        assert_eq!(url(&service, &config, ECS), expected);
        assert_eq!(lookups(&service), before);
        service.advance(seconds(61));
        assert_eq!(url(&service, &config, ECS), expected);
        assert!(lookups(&service) > before);
    }
}

/// The Location service names `host` as the endpoint of every region.
fn location_of(host: &'static str) -> Service {
    Service::new(move |sent| match sent.get("Id") {
        Some(region) => {
            Response::ok(json!({"Endpoints": {"Endpoint": [{"Id": region, "Type": "openAPI", "Endpoint": host}]}}))
        }
        None => Response::success(),
    })
}

#[test]
fn looked_up_endpoints_are_in_domains_of_alibaba_cloud() {
    for (host, used) in [
        ("ecs.new-1.aliyuncs.com", "ecs.new-1.aliyuncs.com"),
        ("a.b.c.alibabacloud.com", "a.b.c.alibabacloud.com"),
        ("ECS.AliyunCS.com", "ecs.aliyuncs.com"),
    ] {
        let service = location_of(host);
        let config = config_with_lookup(&service, Network::Public).with_region("xx-1");
        assert_eq!(url(&service, &config, ECS), format!("https://{used}/"));
    }
    for host in [
        "evil.com",
        "evil.com:8443",
        "evilaliyuncs.com",
        "aliyuncs.com",
        ".aliyuncs.com",
        "a..aliyuncs.com",
        "ecs.aliyuncs.com.",
        "ecs.aliyuncs.com.evil.com",
        "ecs.aliyuncs.com:443",
        "ecs.aliyuncs.com:8443",
        "ecs.aliyuncs.com/path",
        "evil.com/.aliyuncs.com",
        "evil.com#.aliyuncs.com",
        "evil.com?.aliyuncs.com",
        "evil.com\\.aliyuncs.com",
        "evil.com\t.aliyuncs.com",
        "evil.com%2f.aliyuncs.com",
        "user@ecs.aliyuncs.com",
        "evil.com@.aliyuncs.com",
        "http://ecs.aliyuncs.com",
        "//ecs.aliyuncs.com",
        "ecs.aliyunc\u{455}.com",
        "ecs.aliyuncs\u{3002}com",
        "ecs\u{3002}aliyuncs.com",
        "ECS.ALIYUNCS.COM\u{0}",
        "\u{212a}.aliyuncs.com",
        "ecs.aliyun-inc.com",
        "127.0.0.1",
        "169.254.169.254",
        "100.100.100.200",
        "[::1]:80",
        "[::1].aliyuncs.com",
        "localhost",
        "",
        " ",
        " ecs.aliyuncs.com",
    ] {
        let service = location_of(host);
        let config = config_with_lookup(&service, Network::Public).with_region("xx-1");
        assert_eq!(url(&service, &config, ECS), "https://ecs.xx-1.aliyuncs.com/", "{host:?}");
        assert!(service.requests().iter().all(|sent| sent.url.ends_with(".aliyuncs.com/")), "{host:?}");
    }
}

#[test]
fn a_lookup_continues_when_the_call_that_started_it_is_canceled() {
    let service = Service::new(|sent| location_service(sent).after(seconds(1)));
    let client = Client::from(config_with_lookup(&service, Network::Public).with_region("new-1"));
    let mut first = Box::pin(client.call("Describe").send());
    assert!(service.clock.poll(first.as_mut()).is_pending());
    let mut second = Box::pin(client.call("Describe").send());
    assert!(service.clock.poll(second.as_mut()).is_pending());
    drop(first);
    // A call that is not polled does not delay others either.
    service.run(client.call("Describe").send()).unwrap();
    service.run(second).unwrap();
    assert_eq!(lookups(&service), 1);
}
