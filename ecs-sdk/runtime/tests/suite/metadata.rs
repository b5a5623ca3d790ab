//! The metadata client against servers on loopback and in memory, and the local ECS.

use ecs_emulator::Emulator;
use ecs_sdk::fake::{
    Answer, Sent, Service,
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
async fn a_token_is_asked_for_and_shown() {
    let server = Server::start(|request| match request.method.as_str() {
        "PUT" if request.header("x-aliyun-ecs-metadata-token-ttl-seconds").is_some() => (200, "tok".to_owned()),
        "GET" if request.header(TOKEN) == Some("tok") => value(request),
        _ => (403, String::new()),
    });
    let client = Client::with_endpoint(format!("{}/", server.url)).unwrap();
    assert_eq!(client.instance_id().await.unwrap().as_deref(), Some("i-1"));
    assert_eq!(client.spot_termination_time().await.unwrap(), None);
    assert_eq!(client.get("/user-data").await.unwrap().as_deref(), Some(""));
    let seen: Vec<_> = server.seen().into_iter().map(|request| request.method + " " + &request.path).collect();
    assert_eq!(seen[..2], ["PUT /latest/api/token", "GET /latest/meta-data/instance-id"]);
}

#[tokio::test]
async fn servers_without_tokens_are_asked_without() {
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
async fn refusals_and_silence_are_errors() {
    let server = Server::start(|_| (403, "switched off".to_owned()));
    let error = Client::with_endpoint(&server.url).unwrap().instance_id().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("metadata meta-data/instance-id failed: {} rejected the request (HTTP 403)", &server.url[7..])
    );
    assert_eq!(error.kind(), ErrorKind::Service);

    let server =
        Server::start(|request| if request.method == "PUT" { (200, "t".to_owned()) } else { (500, String::new()) });
    let error = Client::with_endpoint(&server.url).unwrap().instance_id().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "metadata meta-data/instance-id failed: {} rejected the request (HTTP 500, 3 attempts)",
            &server.url[7..]
        )
    );

    // A port that nobody listens on.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Client::with_endpoint(&url).unwrap().instance_id().await.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Transport, false));
    assert!(
        error.to_string().starts_with(&format!("metadata api/token failed: can't connect ({}): ", &url[7..])),
        "{error}"
    );

    let error = Client::with_endpoint("no address").unwrap().instance_id().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

/// A server that knows one token after the other, `tok1`, `tok2`, …, and only the last.
fn modern() -> Service {
    let last = std::sync::Mutex::new(0);
    Service::new(move |sent| {
        let mut last = last.lock().unwrap();
        match token(sent) {
            Ask::Token => {
                *last += 1;
                Answer::text(200, format!("tok{last}"))
            }
            Ask::Value(Some(token)) if token == format!("tok{last}") => Answer::text(200, "i-1"),
            Ask::Value(_) => Answer::text(401, "a token is needed"),
        }
    })
}

/// What a request asks for.
enum Ask {
    Token,
    Value(Option<String>),
}

fn token(sent: &Sent) -> Ask {
    if sent.url.ends_with("/latest/api/token") {
        return Ask::Token;
    }
    Ask::Value(sent.headers.get(TOKEN).map(|token| token.to_str().unwrap().to_owned()))
}

fn client(service: &Service) -> Builder {
    Client::builder().without_environment().transport(service.clone()).system(service.clock.clone())
}

/// Numbers of requests for tokens and for values.
fn requests(service: &Service) -> (usize, usize) {
    let tokens = service.sent().iter().filter(|sent| matches!(token(sent), Ask::Token)).count();
    (tokens, service.sent().len() - tokens)
}

#[test]
fn a_token_is_kept_for_nine_tenths_of_its_life() {
    for (ttl, kept) in [(seconds(21_600), seconds(19_440)), (seconds(100), seconds(90)), (seconds(1), seconds(0))] {
        let service = modern();
        let client = client(&service).token_ttl(ttl).build().unwrap();
        let ask = |client: &Client| assert_eq!(service.run(client.instance_id()).unwrap().as_deref(), Some("i-1"));
        ask(&client);
        ask(&client.clone());
        assert_eq!(requests(&service), (1, 2));
        let first = &service.sent()[0];
        let header = &first.headers["x-aliyun-ecs-metadata-token-ttl-seconds"];
        assert_eq!(header.to_str().unwrap(), ttl.as_secs().to_string());
        service.pass(kept.saturating_sub(seconds(1)));
        ask(&client);
        assert_eq!(requests(&service), (1, 3));
        service.pass(seconds(2));
        ask(&client);
        assert_eq!(requests(&service), (2, 4));
    }
    for ttl in [seconds(0), seconds(21_601)] {
        let error = Client::builder().token_ttl(ttl).build().unwrap_err();
        assert_eq!(error.to_string(), format!("invalid token lifetime {ttl:?}: expected 1 s to 6 h"));
    }
}

#[test]
fn a_token_that_is_refused_is_replaced_once() {
    let service = modern();
    let (one, other) = (client(&service).build().unwrap(), client(&service).build().unwrap());
    for client in [&one, &other, &one] {
        assert_eq!(service.run(client.instance_id()).unwrap().as_deref(), Some("i-1"));
    }
    // The second token ended the first.
    assert_eq!(requests(&service), (3, 4));

    let service = Service::new(|sent| match token(sent) {
        Ask::Token => Answer::text(200, "tok"),
        Ask::Value(_) => Answer::text(401, ""),
    });
    let error = service.run(client(&service).build().unwrap().instance_id()).unwrap_err();
    assert_eq!(error.to_string(), {
        "metadata meta-data/instance-id failed: 100.100.100.200 rejected the request (HTTP 401)"
    });
    // With each of the tokens, and without.
    assert_eq!(requests(&service), (2, 3));
}

#[test]
fn imdsv1_is_used_without_tokens_unless_it_is_disabled() {
    // How often a token is requested: transient failures are retried, for a service that requires tokens; silence is not.
    for (answer, attempts) in [
        (Answer::text(403, "no"), 1),
        (Answer::text(404, ""), 1),
        (Answer::text(405, ""), 1),
        (Answer::text(500, ""), 3),
        (Answer::text(200, " "), 1),
        (Answer::hang(), 1),
        (Answer::broken(), 3),
    ] {
        let given = answer.clone();
        let service = Service::new(move |sent| match token(sent) {
            Ask::Token => given.clone(),
            Ask::Value(None) => Answer::text(200, "i-1"),
            Ask::Value(token) => panic!("{token:?}"),
        });
        let open = client(&service).timeout(seconds(2)).build().unwrap();
        for _ in 0..3 {
            assert_eq!(service.run(open.instance_id()).unwrap().as_deref(), Some("i-1"));
        }
        // Nobody waits for a token again and again.
        assert_eq!(requests(&service), (attempts, 3));
        service.pass(seconds(301));
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
fn tokens_are_requested_anew_by_a_service_that_begins_to_require_them() {
    let is_strict = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let strict = is_strict.clone();
    let service = Service::new(move |sent| match (token(sent), strict.load(std::sync::atomic::Ordering::Relaxed)) {
        (Ask::Token, false) => Answer::text(404, ""),
        (Ask::Token, true) => Answer::text(200, "tok"),
        (Ask::Value(None), true) => Answer::text(401, ""),
        (Ask::Value(_), _) => Answer::text(200, "i-1"),
    });
    let client = client(&service).build().unwrap();
    for strict in [false, true] {
        is_strict.store(strict, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(service.run(client.instance_id()).unwrap().as_deref(), Some("i-1"));
    }
    assert_eq!(requests(&service), (2, 3));
}

#[test]
fn silence_without_a_token_is_not_retried() {
    let service = Service::always(Answer::hang());
    let error = service.run(client(&service).build().unwrap().instance_id()).unwrap_err();
    assert_eq!(error.to_string(), { "metadata meta-data/instance-id failed: no response within 1s (100.100.100.200)" });
    assert_eq!((requests(&service), service.clock.elapsed()), ((1, 1), seconds(2)));
}

#[test]
fn transient_failures_are_retried_and_others_are_not() {
    for (failures, attempts) in [
        (vec![Answer::broken(), Answer::text(503, "")], 3),
        (vec![Answer::text(429, ""), Answer::hang()], 3),
        (vec![Answer::broken(); 2], 3),
    ] {
        let answers = [vec![Answer::text(200, "tok")], failures, vec![Answer::text(200, "i-1")]].concat();
        let service = Service::script(answers);
        assert_eq!(service.run(client(&service).build().unwrap().instance_id()).unwrap().as_deref(), Some("i-1"));
        assert_eq!(requests(&service), (1, attempts));
    }
    let service = Service::always(Answer::refused());
    let error = service.run(client(&service).build().unwrap().instance_id()).unwrap_err();
    assert_eq!(error.to_string(), { "metadata api/token failed: can't connect (100.100.100.200): connection refused" });
    let large = "x".repeat((1 << 20) + 1);
    let service = Service::script([Answer::text(200, "tok"), Answer::text(200, large)]);
    let error = service.run(client(&service).build().unwrap().user_data()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "metadata user-data failed: the response of 100.100.100.200 is larger than 1 MiB (HTTP 200)"
    );
}

#[test]
fn an_instance_of_the_local_ecs_knows_itself_and_its_role() {
    let emulator = Emulator::builder().start_blocking().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let ecs = ecs_sdk::Client::builder().endpoint(emulator.endpoint()).region("cn-hangzhou");
    let ecs = ecs
        .credentials(Credentials::new(ecs_sdk::fake::KEY.0, ecs_sdk::fake::KEY.1))
        .without_environment()
        .build()
        .unwrap();
    runtime.block_on(async {
        let metadata = Client::with_endpoint(emulator.endpoint()).unwrap();
        assert_eq!(metadata.instance_id().await.unwrap(), None);
        let run =
            ecs.call("RunInstances").parameter("RegionId", "cn-hangzhou").parameter("InstanceType", "ecs.g6.large");
        let run = run.parameter("ImageId", "ubuntu_22_04_x64_20G_alibase_20250113.vhd").parameter("RamRoleName", "web");
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
        assert_eq!(metadata.ram_role_name().await.unwrap().as_deref(), Some("web"));
        // The role's credentials are good for calls.
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
