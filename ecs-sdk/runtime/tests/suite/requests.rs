//! Requests before they are sent: required parameters, region, client token, options, and `Debug` output.

use ecs_sdk::fake::{ACCESS_KEY, Response, SentRequest, Service, millis, seconds};
use ecs_sdk::{
    CallOptions, Client, Credentials, Error, ErrorKind, Operation, UntypedCall,
    call::{Checking, Sending},
    operation::{
        create_instance::CreateInstanceRequest,
        describe_instance_auto_renew_attribute::DescribeInstanceAutoRenewAttributeRequest,
        describe_instances::{DescribeInstances, DescribeInstancesRequest},
        run_instances::RunInstancesRequest,
        start_instance::StartInstanceRequest,
    },
    sts,
    types::Tag,
};
use serde_json::json;

fn sent<T>(make: impl FnOnce(&Client) -> Sending<T>) -> SentRequest
where
    Sending<T>: Future<Output = Result<T, Error>>,
{
    let service = Service::always(Response::success());
    assert!(service.run(make(&service.client())).is_ok());
    service.only_request()
}

#[test]
fn all_missing_parameters_are_reported_before_sending() {
    let service = Service::script([]);
    let client: Client = service.config().build().unwrap();
    let text = |result: Result<(), Error>| {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.attempts(), error.is_maybe_executed()), (ErrorKind::Request, 0, false));
        assert!(!error.is_retryable());
        error.to_string()
    };
    assert_eq!(
        text(service.run(client.start_instance().send()).map(|_| ())),
        "ecs StartInstance failed: required parameter `InstanceId` is missing"
    );
    assert_eq!(
        text(service.run(client.delete_instances().instance_ids([""; 0]).send()).map(|_| ())),
        "ecs DeleteInstances failed: required parameters `InstanceId`, `RegionId` are missing; \
         set the client's region or ALIBABA_CLOUD_REGION_ID"
    );
    let sts = sts::Client::from(client.config());
    assert_eq!(
        text(service.run(sts.assume_role().send()).map(|_| ())),
        "sts AssumeRole failed: required parameters `RoleArn`, `RoleSessionName` are missing"
    );
    // The same applies to requests sent as data, dry runs and pages.
    text(service.run(client.send(StartInstanceRequest::default())).map(|_| ()));
    text(service.run(client.delete_instances().check()));
    text(service.run(futures_util::StreamExt::next(&mut client.describe_instances().pages())).unwrap().map(|_| ()));
    assert!(service.requests().is_empty());
}

#[test]
fn commas_in_elements_of_comma_separated_lists_are_rejected_before_sending() {
    let service = Service::script([]);
    let request = service.client().describe_instance_auto_renew_attribute().instance_id(["i-1", "i-2,i-3"]);
    let error = service.run(request.send()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "ecs DescribeInstanceAutoRenewAttribute failed: invalid value of `InstanceId.2`: commas separate the elements \
         of this list, so an element cannot contain one"
    );
    assert_eq!((error.kind(), error.attempts(), service.requests().len()), (ErrorKind::Request, 0, 0));
}

#[test]
fn the_region_defaults_to_that_of_the_client() {
    assert_eq!(sent(|client| client.describe_instances().send()).param("RegionId"), "cn-hangzhou");
    assert_eq!(
        sent(|client| client.with_region("eu-west-1").describe_instances().send()).param("RegionId"),
        "eu-west-1"
    );
    let named = sent(|client| client.describe_instances().region_id("cn-beijing").send());
    assert_eq!(named.param("RegionId"), "cn-beijing");
    let options = CallOptions::new().parameter("RegionId", "cn-qingdao");
    let named = sent(|client| client.describe_instances().options(options).send());
    assert_eq!(named.param("RegionId"), "cn-qingdao");
    // Operations without a region, or for which it has another meaning, are sent without one.
    assert_eq!(
        sent(|client| client.start_instance().instance_id("i-1").send()).operation_parameters(),
        [pair("InstanceId", "i-1")]
    );
    assert_eq!(sent(|client| client.describe_regions().send()).get("RegionId"), None);
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn a_client_token_is_generated_unless_the_request_has_one() {
    let service = Service::always(Response::success());
    let client = service.client();
    for _ in 0..2 {
        service.run(client.run_instances().send()).unwrap();
    }
    service.run(client.run_instances().client_token("mine").send()).unwrap();
    service.run(client.run_instances().client_token("").send()).unwrap();
    let options = CallOptions::new().parameter("ClientToken", "option");
    service.run(client.run_instances().options(options).send()).unwrap();
    service.run(client.run_instances().check()).unwrap();
    service.run(client.describe_instances().send()).unwrap();
    let tokens: Vec<_> = service.requests().iter().map(|sent| sent.get("ClientToken")).collect();
    let [Some(first), Some(second), Some(third), Some(fourth), Some(fifth), Some(_), None] = &tokens[..] else {
        panic!("{tokens:?}")
    };
    assert_ne!(first, second);
    assert_eq!((third.as_str(), fifth.as_str()), ("mine", "option"));
    let parts: Vec<usize> = fourth.split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12], "{fourth}");
}

#[test]
fn call_options_apply_to_one_call() {
    let options = CallOptions::new()
        .header("x-acs-trace", "abc")
        .parameter("NewThing", "a b")
        .parameter("PageSize", "7")
        .attempt_timeout(millis(100))
        .operation_timeout(seconds(1));
    let got = sent(|client| client.describe_images().page_size(50).page_number(2).options(options).send());
    got.verify(ACCESS_KEY.1);
    assert_eq!(got.headers["x-acs-trace"], "abc");
    assert_eq!(
        got.operation_parameters(),
        [pair("NewThing", "a b"), pair("PageNumber", "2"), pair("PageSize", "7"), pair("RegionId", "cn-hangzhou")]
    );
    // A required parameter may be set in the options.
    let options = CallOptions::new().parameter("InstanceId", "i-1");
    assert_eq!(sent(|client| client.start_instance().options(options).send()).param("InstanceId"), "i-1");

    let service = Service::script([]);
    let options = CallOptions::new().header("bad header", "x");
    let error = service.run(service.client().describe_regions().options(options).send()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "ecs DescribeRegions failed: invalid header `bad header` in the call options: invalid HTTP header name"
    );
    assert_eq!(error.kind(), ErrorKind::Request);
}

#[test]
fn a_header_replaces_an_earlier_one_of_the_same_name() {
    let options = CallOptions::new().header("X-Trace", "1").header("x-trace", "2");
    let got = sent(|client| client.describe_regions().options(options).send());
    assert_eq!(got.headers.get_all("x-trace").iter().collect::<Vec<_>>(), ["2"]);
}

/// They would be overwritten, invalidate the signature, or break the framing of the connection.
#[test]
fn headers_of_the_sdk_and_of_the_connection_cannot_be_set() {
    let set = ["Accept", "Authorization", "host", "content-type", "x-acs-date", "X-Acs-Action", "x-acs-security-token"];
    let controls =
        ["Content-Length", "content-encoding", "Transfer-Encoding", "Connection", "keep-alive", "Expect", "TE"];
    let more = ["Proxy-Connection", "Trailer", "upgrade", "HTTP2-Settings"];
    let names = set.iter().map(|name| (*name, "is set by the SDK and cannot be overridden"));
    let controls = controls.iter().chain(&more).map(|name| (*name, "controls the HTTP connection and cannot be set"));
    let proxy = "controls the HTTP connection and cannot be set; put the user and password of a proxy in its URL";
    for (name, why) in names.chain(controls).chain([("Proxy-Authorization", proxy)]) {
        let service = Service::always(Response::success());
        let options = CallOptions::new().header(name, "x");
        let error = service.run(service.client().describe_regions().options(options).send()).unwrap_err();
        let lower = name.to_ascii_lowercase();
        assert_eq!(
            error.to_string(),
            format!("ecs DescribeRegions failed: invalid header `{name}` in the call options: `{lower}` {why}")
        );
        assert_eq!((error.kind(), service.requests().len()), (ErrorKind::Request, 0));
    }
}

#[test]
fn invalid_values_of_headers_are_rejected_and_not_shown() {
    for value in ["s3cret\r\nhost: evil", "s3cret\0", "s3cret\u{7f}"] {
        let service = Service::always(Response::success());
        let options = CallOptions::new().header("x-acs-trace", value);
        let error = service.run(service.client().describe_regions().options(options).send()).unwrap_err();
        let line = "ecs DescribeRegions failed: invalid header `x-acs-trace` in the call options: the value contains \
                    control characters";
        assert_eq!(error.to_string(), line);
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
        assert_eq!((error.kind(), service.requests().len()), (ErrorKind::Request, 0));
    }
    let options = CallOptions::new().header("x-secret", "0ption").header("user-agent", "mine/1");
    let got = sent(|client| client.describe_regions().options(options).send());
    assert_eq!(
        (&got.headers["x-secret"], &got.headers["user-agent"]),
        (&"0ption".parse().unwrap(), &"mine/1".parse().unwrap())
    );
    assert!(!format!("{:?}", got.headers).contains("0ption"), "{:?}", got.headers);
}

/// A request with two values of a common parameter cannot be signed.
#[test]
fn common_parameters_cannot_be_set() {
    for name in [
        "AccessKeyId",
        "Action",
        "BearerToken",
        "Format",
        "SecurityToken",
        "Signature",
        "SignatureMethod",
        "SignatureNonce",
        "SignatureType",
        "SignatureVersion",
        "Timestamp",
        "Version",
    ] {
        let service = Service::always(Response::success());
        let options = CallOptions::new().parameter(name, "x");
        let error = service.run(service.client().describe_regions().options(options).send()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("ecs DescribeRegions failed: `{name}` is set by the SDK and cannot be overridden")
        );
        let error = service.run(service.client().call("DescribeRegions").parameter(name, "x").send()).unwrap_err();
        assert_eq!((error.kind(), service.requests().len()), (ErrorKind::Request, 0));
    }
}

#[test]
fn data_and_fluent_requests_are_sent_identically() {
    let mut data = RunInstancesRequest::default();
    data.image_id = Some("m-1".to_owned());
    data.amount = Some(2);
    data.client_token = Some("t".to_owned());
    let fluent = sent(|client| client.run_instances().image_id("m-1").amount(2).client_token("t").send());
    let plain = sent(|client| client.send(data));
    assert_eq!(fluent.operation_parameters(), plain.operation_parameters());
    assert_eq!(fluent.param("Action"), plain.param("Action"));
}

#[test]
fn data_and_fluent_requests_can_be_converted_into_each_other() {
    let service =
        Service::always(Response::ok(json!({"RequestId": "R", "Instances": {"Instance": [{"InstanceId": "i-1"}]}})));
    let client = service.client();
    let data = DescribeInstancesRequest::new().status("Running").instance_ids(["i-1"]).tags([Tag::new().key("k")]);
    let fluent = client.request(data.clone()).zone_id("z").options(CallOptions::new().parameter("New", "1"));
    assert_eq!((fluent.zone_id.as_deref(), fluent.clone().into_request()), (Some("z"), data.clone().zone_id("z")));
    assert!(format!("{fluent:?}").starts_with("DescribeInstances { "), "{fluent:?}");
    assert!(format!("{data:?}").starts_with("DescribeInstancesRequest { "), "{data:?}");

    let items: Vec<_> = service.run(fluent.clone().items().try_collect()).unwrap();
    assert_eq!(items[0].instance_id, "i-1");
    service.run(client.request(data.clone()).check()).unwrap();
    service.run(fluent.send()).unwrap();
    let sent = service.requests();
    assert_eq!((sent[0].param("ZoneId"), sent[0].param("New")), ("z".to_owned(), "1".to_owned()));
    assert_eq!((sent[1].param("DryRun"), sent[1].param("Status")), ("true".to_owned(), "Running".to_owned()));
    assert_eq!((sent[2].param("ZoneId"), sent[2].param("Tag.1.Key")), ("z".to_owned(), "k".to_owned()));
}

#[test]
fn maybe_sets_a_value_only_if_it_is_present() {
    let (zone, absent, ids) = (Some("z"), None::<String>, Some(vec!["i-1".to_owned()]));
    let (size, tag) = (Some(5), Some("team"));
    let sent = sent(|client| {
        let tag = Tag::new().maybe(tag, Tag::key).maybe(absent.clone(), Tag::value);
        client
            .describe_instances()
            .maybe(zone, DescribeInstances::zone_id)
            .maybe(absent, DescribeInstances::vpc_id)
            .maybe(ids, DescribeInstances::instance_ids)
            .maybe(size, |request, pages| request.page_size(10 * pages))
            .tags([tag])
            .send()
    });
    let expected = [
        ("InstanceIds", "[\"i-1\"]"),
        ("PageSize", "50"),
        ("RegionId", "cn-hangzhou"),
        ("Tag.1.Key", "team"),
        ("ZoneId", "z"),
    ];
    assert_eq!(sent.operation_parameters(), expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    let data = DescribeInstancesRequest::new().maybe(Some("z"), DescribeInstancesRequest::zone_id);
    assert_eq!(data.zone_id.as_deref(), Some("z"));
}

#[test]
fn maybe_takes_setters_of_numbers_and_booleans() {
    let sent = sent(|client| {
        client
            .describe_instances()
            .maybe(Some(5), DescribeInstances::page_size)
            .maybe(None, DescribeInstances::page_number)
            .maybe(Some(false), DescribeInstances::dry_run)
            .send()
    });
    assert_eq!((sent.param("PageSize"), sent.param("DryRun")), ("5".to_owned(), "false".to_owned()));
    assert!(sent.operation_parameters().iter().all(|(key, _)| key != "PageNumber"));
}

#[test]
fn a_checked_clone_leaves_the_request_unchanged() {
    let service = Service::always(Response::success());
    let request = service.client().run_instances().amount(2);
    service.run(request.clone().check()).unwrap();
    service.run(request.send()).unwrap();
    let sent = service.requests();
    assert!(sent.iter().all(|request| request.param("Amount") == "2"));
    assert_eq!(sent[0].param("DryRun"), "true");
    assert!(sent[1].operation_parameters().iter().all(|(key, _)| key != "DryRun"));
    assert_ne!(sent[0].param("ClientToken"), sent[1].param("ClientToken"));
}

#[test]
fn an_empty_region_falls_back_to_that_of_the_client() {
    let got = sent(|client| client.describe_instances().region_id("").send());
    assert_eq!(got.operation_parameters(), [("RegionId".to_owned(), "cn-hangzhou".to_owned())]);
}

#[test]
fn an_empty_string_does_not_satisfy_a_required_parameter() {
    let service = Service::always(Response::success());
    let error = service.run(service.client().start_instance().instance_id("").send()).unwrap_err();
    assert_eq!(error.to_string(), "ecs StartInstance failed: required parameter `InstanceId` is missing");
    assert_eq!((error.kind(), service.requests().len()), (ErrorKind::Request, 0));

    // The same applies to an empty string in the options, even if the request has a value.
    for request in [service.client().start_instance(), service.client().start_instance().instance_id("i-1")] {
        let empty = request.options(CallOptions::new().parameter("InstanceId", ""));
        let error = service.run(empty.send()).unwrap_err();
        assert_eq!(error.to_string(), "ecs StartInstance failed: required parameter `InstanceId` is missing");
    }
    assert!(service.requests().is_empty());
}

#[test]
fn an_option_can_set_an_element_of_a_required_list() {
    let options = CallOptions::new().parameter("InstanceId.1", "i-1");
    let got = sent(|client| client.delete_instances().options(options).send());
    assert_eq!(got.param("InstanceId.1"), "i-1");
    let service = Service::script([]);
    let options = CallOptions::new().parameter("InstanceIdentity", "i-1");
    let error = service.run(service.client().delete_instances().options(options).send()).unwrap_err();
    assert!(error.to_string().contains("`InstanceId`"), "{error}");
}

#[test]
fn setters_of_lists_replace_earlier_values() {
    let got = sent(|client| client.describe_instances().instance_ids(["i-1", "i-2"]).instance_ids(["i-3"]).send());
    assert_eq!(got.param("InstanceIds"), r#"["i-3"]"#);
    let got = sent(|client| client.describe_instances().instance_ids([""; 0]).send());
    assert_eq!(got.param("InstanceIds"), "[]");
    let got = sent(|client| client.describe_instance_auto_renew_attribute().instance_id(["i-1", "i-2"]).send());
    assert_eq!(got.param("InstanceId"), "i-1,i-2");
}

#[test]
fn comma_separated_lists_are_decoded_from_strings() {
    for (text, ids) in [("i-1,i-2", &["i-1", "i-2"][..]), (",i-1,,", &["i-1"]), ("", &[])] {
        let json = json!({"InstanceId": text});
        let request: DescribeInstanceAutoRenewAttributeRequest = serde_json::from_value(json).unwrap();
        assert_eq!(request.instance_id, ids, "{text:?}");
    }
}

#[test]
fn temporary_access_keys_are_sent_with_their_security_token() {
    let service = Service::always(Response::success());
    let credentials = Credentials::new("STS.id", "other").with_security_token("to/ken+");
    let client: Client = service.config().credentials(credentials).build().unwrap();
    service.run(client.describe_regions().send()).unwrap();
    let sent = service.only_request();
    assert_eq!((sent.param("SecurityToken"), sent.param("AccessKeyId")), ("to/ken+".to_owned(), "STS.id".to_owned()));
    sent.verify("other");

    let client: Client = service.config().credentials(Credentials::new("id", " ")).build().unwrap();
    let error = service.run(client.describe_regions().send()).unwrap_err();
    assert_eq!(error.to_string(), "ecs DescribeRegions failed: the access key's ID or secret is empty");
    assert_eq!((error.kind(), service.requests().len()), (ErrorKind::Credentials, 1));
}

#[test]
fn any_operation_can_be_called_by_name() {
    let service =
        Service::script([Response::error(500, "InternalError"), Response::ok(json!({"RequestId": "R", "New": [1]}))]);
    let call = service.client().call("DescribeNew").parameter("RegionId", "cn-hangzhou").parameter("Tag.1.Key", "ü");
    let value = service.run(call.parameter("Size", 5).parameter("Size", 6).send()).unwrap();
    assert_eq!(value, json!({"RequestId": "R", "New": [1]}));
    let sent = &service.requests()[1];
    assert_eq!(
        sent.operation_parameters(),
        [pair("RegionId", "cn-hangzhou"), pair("Size", "6"), pair("Tag.1.Key", "ü")]
    );
    assert_eq!((sent.param("Action"), sent.param("Version")), ("DescribeNew".to_owned(), "2014-05-26".to_owned()));
    sent.verify(ACCESS_KEY.1);

    // Operations that only read are recognized by their verb.
    for (name, attempts) in [
        ("DescribeNew", 3),
        ("ListNew", 3),
        ("GetNew", 3),
        ("QueryNew", 3),
        ("CheckNew", 3),
        ("NewDescribe", 1),
        ("CheckoutNew", 1),
    ] {
        let service = Service::always(Response::error(500, "InternalError"));
        assert_eq!(service.run(service.client().call(name).send()).unwrap_err().attempts(), attempts, "{name}");
    }
    // Other operations are retried only if they have a client token.
    for (token, attempts) in [("", 1), ("t", 3)] {
        let service = Service::always(Response::error(500, "InternalError"));
        let call = service.client().call("CreateNew").parameter("ClientToken", token);
        let error = service.run(call.send()).unwrap_err();
        assert_eq!((error.operation(), error.attempts()), ("CreateNew", attempts));
    }
    let service = Service::always(Response::new(200, "{\"a\": }"));
    let error = service.run(service.client().call("DescribeNew").send()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error.to_string().starts_with("ecs DescribeNew failed: the response is not valid JSON: expected value"),
        "{error}"
    );
}

#[test]
fn the_region_of_untyped_calls_defaults_to_that_of_the_client() {
    type Change = fn(UntypedCall) -> UntypedCall;
    let cases: [(Change, [(String, String); 1]); 4] = [
        (|call| call, [pair("RegionId", "cn-hangzhou")]),
        (|call| call.parameter("RegionId", ""), [pair("RegionId", "")]),
        (|call| call.parameter("regionId", "cn-beijing"), [pair("regionId", "cn-beijing")]),
        (|call| call.options(CallOptions::new().parameter("RegionId", "cn-qingdao")), [pair("RegionId", "cn-qingdao")]),
    ];
    for (change, expected) in cases {
        let service = Service::always(Response::success());
        service.run(change(service.client().call("DescribeNew")).send()).unwrap();
        assert_eq!(service.only_request().operation_parameters(), expected);
    }
    let service = Service::always(Response::success());
    let client: Client = service.config().build().unwrap();
    service.run(client.call("DescribeNew").send()).unwrap();
    assert_eq!(service.only_request().operation_parameters(), []);
}

#[test]
fn debug_output_does_not_contain_secrets() {
    const SECRETS: [&str; 5] = ["p4ssw0rd", "c2NyaXB0", "testsecret", "t0ken", "0ption"];
    let service = Service::script([Response::error(400, "MissingParameter")]);
    let credentials = Credentials::new("id", "testsecret").with_security_token("t0ken");
    let builder = service.config::<Client>().region("r").credentials(credentials);
    let shown = format!("{builder:?}");
    let client = builder.build().unwrap();
    let options = CallOptions::new().parameter("Password", "0ption").header("x-secret", "0ption");
    let request = client.run_instances().password("p4ssw0rd").user_data("script").options(options.clone());
    let mut data = CreateInstanceRequest::default();
    (data.password, data.user_data) = (Some("p4ssw0rd".to_owned()), Some("c2NyaXB0".to_owned()));
    let credentials: sts::operation::assume_role::AssumeRoleResponse = serde_json::from_value(
        json!({"Credentials": {"AccessKeyId": "STS.1", "AccessKeySecret": "testsecret", "SecurityToken": "t0ken"}}),
    )
    .unwrap();
    let untyped = client.call("RunInstances").parameter("Password", "p4ssw0rd").options(options.clone());
    let mut shown = shown + &format!("{client:?} {options:?} {request:?} {data:?} {credentials:?} {untyped:?}");
    let sending = request.send();
    shown += &format!("{sending:?}");
    let error = service.run(sending).unwrap_err();
    shown += &format!("{error:?} {error} {:?} {:?}", client.config(), client.start_instance().instance_id("i-1"));
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    // Values that are not secrets are shown.
    for name in ["password: ***", "user_data: ***", "STS.1", "x-secret", "i-1", "MissingParameter"] {
        assert!(shown.contains(name), "{name} not in {shown}");
    }
}

#[test]
fn clients_and_futures_implement_auto_traits_and_are_small() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    fn sent<T: Send + 'static>() {}
    shared::<Client>();
    shared::<sts::Client>();
    shared::<DescribeInstancesRequest>();
    sent::<Sending<<DescribeInstancesRequest as Operation>::Response>>();
    sent::<ecs_sdk::waiter::Waiting<ecs_sdk::operation::describe_instances::Instance>>();
    // A caught panic does not leave them in an inconsistent state.
    fn unwinds<T: std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}
    unwinds::<Client>();
    unwinds::<CallOptions>();
    unwinds::<DescribeInstances>();
    unwinds::<DescribeInstancesRequest>();
    unwinds::<UntypedCall>();
    sent::<ecs_sdk::pagination::Items<DescribeInstancesRequest>>();
    fn error<T: std::error::Error + Send + Sync + 'static>() {}
    error::<Error>();
    assert_eq!(size_of::<Sending<<DescribeInstancesRequest as Operation>::Response>>(), 16);
    assert_eq!((size_of::<Checking>(), size_of::<Error>()), (16, 8));
    assert!(size_of::<Client>() <= 16);
}

#[test]
fn an_operation_without_a_name_is_not_sent() {
    let service = Service::script([]);
    for name in ["", " "] {
        let error = service.run(service.client().call(name).send()).unwrap_err();
        assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Request, false));
        assert!(error.message().contains("expected one such as `DescribeInstances`"), "{error}");
    }
}
