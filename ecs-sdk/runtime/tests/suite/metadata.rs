//! The metadata client, with servers on loopback and in memory, and with the emulator.

use ecs_emulator::Emulator;
use ecs_sdk::fake::{
    Response, SentRequest, Service,
    http::{Request, Server},
    seconds,
};
use ecs_sdk::{
    Credentials, ErrorKind,
    metadata::{Builder, Client},
};

const TOKEN: &str = "x-aliyun-ecs-metadata-token";

fn value(request: &Request) -> (u16, String) {
    let (status, text) = match request.path.as_str() {
        "/latest/meta-data/instance-id" => (200, "i-1"),
        "/latest/meta-data/instance/spot/termination-time" => (404, "<html>not found"),
        "/latest/user-data" => (200, ""),
        path => panic!("{path}"),
    };
    (status, text.to_owned())
}

#[tokio::test]
async fn requests_contain_a_session_token() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let server = Server::start(|request| match request.method.as_str() {
        "PUT" if request.header("x-aliyun-ecs-metadata-token-ttl-seconds").is_some() => (200, "tok".to_owned()),
        "GET" if request.header(TOKEN) == Some("tok") => value(request),
        _ => (403, String::new()),
    });
    let client = Client::with_endpoint(format!("{}/", server.url)).unwrap();
    assert_eq!(client.instance_id().await.unwrap().as_deref(), Some("i-1"));
    assert_eq!(client.spot_termination_time().await.unwrap(), None);
    assert_eq!(client.get("/user-data").await.unwrap().as_deref(), Some(""));
    let seen: Vec<_> = server.requests().into_iter().map(|request| request.method + " " + &request.path).collect();
    assert_eq!(seen[..2], ["PUT /latest/api/token", "GET /latest/meta-data/instance-id"]);
}

#[tokio::test]
async fn requests_have_no_token_if_the_server_does_not_issue_any() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    for status in [404, 405] {
        let server = Server::start(move |request| match request.header(TOKEN) {
            None if request.method == "GET" => value(request),
            _ => (status, "no such thing".to_owned()),
        });
        let client = Client::with_endpoint(&server.url).unwrap();
        assert_eq!(client.instance_id().await.unwrap().as_deref(), Some("i-1"));
    }
}

#[tokio::test]
async fn rejections_and_connection_failures_are_errors() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let server = Server::start(|_| (403, "switched off".to_owned()));
    let error = Client::with_endpoint(&server.url).unwrap().instance_id().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("metadata meta-data/instance-id failed: {} returned an error (HTTP 403)", &server.url[7..])
    );
    assert_eq!(error.kind(), ErrorKind::Service);

    let server =
        Server::start(|request| if request.method == "PUT" { (200, "t".to_owned()) } else { (500, String::new()) });
    let error = Client::with_endpoint(&server.url).unwrap().instance_id().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("metadata meta-data/instance-id failed: {} returned an error (HTTP 500, 3 attempts)", &server.url[7..])
    );

    // A port without a listener.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Client::with_endpoint(&url).unwrap().instance_id().await.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Transport, false));
    assert!(
        error.to_string().starts_with(&format!("metadata api/token failed: cannot connect ({}): ", &url[7..])),
        "{error}"
    );

    let error = Client::with_endpoint("no address").unwrap().instance_id().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

/// A server that issues the tokens `tok1`, `tok2`, … and accepts only the latest.
fn server_with_tokens() -> Service {
    let last = std::sync::Mutex::new(0);
    Service::new(move |sent| {
        let mut last = last.lock().unwrap();
        match kind(sent) {
            Kind::Token => {
                *last += 1;
                Response::new(200, format!("tok{last}"))
            }
            Kind::Value(Some(token)) if token == format!("tok{last}") => Response::new(200, "i-1"),
            Kind::Value(_) => Response::new(401, "a token is needed"),
        }
    })
}

/// The kind of a request: for a session token, or for a value with or without a token.
enum Kind {
    Token,
    Value(Option<String>),
}

fn kind(sent: &SentRequest) -> Kind {
    if sent.url.ends_with("/latest/api/token") {
        return Kind::Token;
    }
    Kind::Value(sent.headers.get(TOKEN).map(|token| token.to_str().unwrap().to_owned()))
}

fn client(service: &Service) -> Builder {
    Client::builder().without_environment().transport(service.clone()).system(service.clock.clone())
}

/// The number of requests for tokens, and that of requests for values.
fn requests(service: &Service) -> (usize, usize) {
    let tokens = service.requests().iter().filter(|sent| matches!(kind(sent), Kind::Token)).count();
    (tokens, service.requests().len() - tokens)
}

#[test]
fn a_token_is_cached_for_nine_tenths_of_its_lifetime() {
    for (ttl, cached) in [(seconds(21_600), seconds(19_440)), (seconds(100), seconds(90)), (seconds(1), seconds(0))] {
        let service = server_with_tokens();
        let client = client(&service).token_ttl(ttl).build().unwrap();
        let read = |client: &Client| assert_eq!(service.run(client.instance_id()).unwrap().as_deref(), Some("i-1"));
        read(&client);
        read(&client.clone());
        assert_eq!(requests(&service), (1, 2));
        let first = &service.requests()[0];
        let header = &first.headers["x-aliyun-ecs-metadata-token-ttl-seconds"];
        assert_eq!(header.to_str().unwrap(), ttl.as_secs().to_string());
        service.advance(cached.saturating_sub(seconds(1)));
        read(&client);
        assert_eq!(requests(&service), (1, 3));
        service.advance(seconds(2));
        read(&client);
        assert_eq!(requests(&service), (2, 4));
    }
    for ttl in [seconds(0), seconds(21_601)] {
        let error = Client::builder().token_ttl(ttl).build().unwrap_err();
        assert_eq!(error.to_string(), format!("invalid token lifetime {ttl:?}: expected 1 s to 6 h"));
    }
}

#[test]
fn a_rejected_token_is_replaced_once() {
    let service = server_with_tokens();
    let (one, other) = (client(&service).build().unwrap(), client(&service).build().unwrap());
    for client in [&one, &other, &one] {
        assert_eq!(service.run(client.instance_id()).unwrap().as_deref(), Some("i-1"));
    }
    // The second token invalidated the first.
    assert_eq!(requests(&service), (3, 4));

    let service = Service::new(|sent| match kind(sent) {
        Kind::Token => Response::new(200, "tok"),
        Kind::Value(_) => Response::new(401, ""),
    });
    let error = service.run(client(&service).build().unwrap().instance_id()).unwrap_err();
    assert_eq!(error.to_string(), {
        "metadata meta-data/instance-id failed: 100.100.100.200 returned an error (HTTP 401)"
    });
    // Two requests with a token each, and one without.
    assert_eq!(requests(&service), (2, 3));
}

#[test]
fn imdsv1_is_used_if_no_token_is_available_unless_it_is_disabled() {
    // How often a token is requested: transient failures are retried because the service may require tokens, timeouts
    // are not.
    for (response, attempts) in [
        (Response::new(403, "no"), 1),
        (Response::new(404, ""), 1),
        (Response::new(405, ""), 1),
        (Response::new(500, ""), 3),
        (Response::new(200, " "), 1),
        (Response::hang(), 1),
        (Response::reset_after_sending(), 3),
    ] {
        let given = response.clone();
        let service = Service::new(move |sent| match kind(sent) {
            Kind::Token => given.clone(),
            Kind::Value(None) => Response::new(200, "i-1"),
            Kind::Value(token) => panic!("{token:?}"),
        });
        let open = client(&service).timeout(seconds(2)).build().unwrap();
        for _ in 0..3 {
            assert_eq!(service.run(open.instance_id()).unwrap().as_deref(), Some("i-1"));
        }
        // The failure is remembered, so later calls do not wait for a token.
        assert_eq!(requests(&service), (attempts, 3));
        service.advance(seconds(301));
        service.run(open.instance_id()).unwrap();
        assert_eq!(requests(&service), (2 * attempts, 4));

        let strict = client(&service).require_tokens(true).build().unwrap();
        let error = service.run(strict.instance_id()).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("metadata api/token failed: no session token ("), "{text}");
        assert!(text.contains("), and requests without one are disabled"), "{text}");
        assert_eq!(requests(&service).1, 4);
    }
}

#[test]
fn tokens_are_requested_again_when_the_service_starts_to_require_them() {
    let is_strict = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let strict = is_strict.clone();
    let service = Service::new(move |sent| match (kind(sent), strict.load(std::sync::atomic::Ordering::Relaxed)) {
        (Kind::Token, false) => Response::new(404, ""),
        (Kind::Token, true) => Response::new(200, "tok"),
        (Kind::Value(None), true) => Response::new(401, ""),
        (Kind::Value(_), _) => Response::new(200, "i-1"),
    });
    let client = client(&service).build().unwrap();
    for strict in [false, true] {
        is_strict.store(strict, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(service.run(client.instance_id()).unwrap().as_deref(), Some("i-1"));
    }
    assert_eq!(requests(&service), (2, 3));
}

#[test]
fn timeouts_without_a_token_are_not_retried() {
    let service = Service::always(Response::hang());
    let error = service.run(client(&service).build().unwrap().instance_id()).unwrap_err();
    assert_eq!(error.to_string(), { "metadata meta-data/instance-id failed: no response within 1s (100.100.100.200)" });
    assert_eq!((requests(&service), service.clock.elapsed()), ((1, 1), seconds(2)));
}

#[test]
fn only_transient_failures_are_retried() {
    for (failures, attempts) in [
        (vec![Response::reset_after_sending(), Response::new(503, "")], 3),
        (vec![Response::new(429, ""), Response::hang()], 3),
        (vec![Response::reset_after_sending(); 2], 3),
    ] {
        let responses = [vec![Response::new(200, "tok")], failures, vec![Response::new(200, "i-1")]].concat();
        let service = Service::script(responses);
        assert_eq!(service.run(client(&service).build().unwrap().instance_id()).unwrap().as_deref(), Some("i-1"));
        assert_eq!(requests(&service), (1, attempts));
    }
    let service = Service::always(Response::connection_refused());
    let error = service.run(client(&service).build().unwrap().instance_id()).unwrap_err();
    assert_eq!(error.to_string(), {
        "metadata api/token failed: cannot connect (100.100.100.200): connection refused"
    });
    let large = "x".repeat((1 << 20) + 1);
    let service = Service::script([Response::new(200, "tok"), Response::new(200, large)]);
    let error = service.run(client(&service).build().unwrap().user_data()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "metadata user-data failed: the response from 100.100.100.200 is larger than 1 MiB (HTTP 200)"
    );
}

#[test]
fn reads_the_metadata_of_an_emulated_instance() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let emulator = Emulator::builder().start_blocking().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let ecs = ecs_sdk::Client::builder().endpoint(emulator.endpoint()).region("cn-hangzhou");
    let ecs = ecs
        .credentials(Credentials::new(ecs_sdk::fake::ACCESS_KEY.0, ecs_sdk::fake::ACCESS_KEY.1))
        .without_environment()
        .build()
        .unwrap();
    runtime.block_on(async {
        let metadata = Client::with_endpoint(emulator.endpoint()).unwrap();
        assert_eq!(metadata.instance_id().await.unwrap(), None);
        let run =
            ecs.call("RunInstances").parameter("RegionId", "cn-hangzhou").parameter("InstanceType", "ecs.g6.large");
        let run = run
            .parameter("ImageId", "ubuntu_22_04_x64_20G_alibase_20250113.vhd")
            .parameter("RamRoleName", "EcsRamRole");
        let run =
            run.parameter("UserData", "ZWNobyBoaQ==").parameter("HttpTokens", "required").parameter("ClientToken", "t");
        let created = run.send().await.unwrap();
        let id = created["InstanceIdSets"]["InstanceIdSet"][0].as_str().unwrap().to_owned();
        assert_eq!(metadata.instance_id().await.unwrap(), Some(id));
        assert_eq!(metadata.region_id().await.unwrap().as_deref(), Some("cn-hangzhou"));
        assert!(metadata.zone_id().await.unwrap().unwrap().starts_with("cn-hangzhou-"));
        assert_eq!(metadata.user_data().await.unwrap().as_deref(), Some(&b"echo hi"[..]));
        assert_eq!(metadata.spot_termination_time().await.unwrap(), None);
        assert!(metadata.get("meta-data/private-ipv4").await.unwrap().is_some());
        assert_eq!(metadata.get("meta-data/nothing").await.unwrap(), None);
        assert_eq!(metadata.ram_role_name().await.unwrap().as_deref(), Some("EcsRamRole"));
        // The role's credentials can be used for calls.
        let credentials = metadata.ram_role_credentials().await.unwrap().unwrap();
        assert!(credentials.security_token().is_some() && credentials.expires().is_some());
        let ecs =
            ecs_sdk::Client::builder().endpoint(emulator.endpoint()).region("cn-hangzhou").credentials(credentials);
        ecs.build().unwrap().call("DescribeRegions").send().await.unwrap();
    });
    let emulator = Emulator::builder().metadata_role(None).start_blocking().unwrap();
    let metadata = Client::with_endpoint(emulator.endpoint()).unwrap();
    runtime.block_on(async {
        assert_eq!(metadata.ram_role_name().await.unwrap(), None);
        assert!(metadata.ram_role_credentials().await.unwrap().is_none());
    });
}
