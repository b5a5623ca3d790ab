//! Signatures, timestamps, nonces, and the members that every response has.

mod common;

use common::{ECS, Failure, REGION, STS, Test, encode, fails, form, nonce, response};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

#[test]
fn query_and_form_are_signed_together() {
    let test = Test::new();
    let get = test.signed("GET", ECS, "DescribeRegions", &[]);
    let raw = test.raw("GET", &format!("/?{}", form(&get)), &[], "");
    assert_eq!(raw.status, 200, "{}", raw.body);

    let mut in_form = test.signed("POST", ECS, "DescribeInstances", &[REGION, ("InstanceName", "名前 *~+")]);
    let in_query = in_form.split_off("Signature");
    let target = format!("/?{}", form(&in_query));
    let raw = test.raw("POST", &target, &[("content-type", "application/x-www-form-urlencoded")], &form(&in_form));
    assert_eq!(raw.status, 200, "{}", raw.body);
    let requests = test.emulator.requests();
    assert_eq!(requests[1].parameter("InstanceName"), Some("名前 *~+"));
    assert_eq!(
        (requests[0].method.as_str(), requests[0].operation.as_str(), requests[0].body.as_str()),
        ("GET", "DescribeRegions", "")
    );
}

#[test]
fn older_sdks_send_headers_of_the_newer_version_as_well() {
    let test = Test::new();
    let parameters = test.signed("POST", ECS, "DescribeRegions", &[]);
    let headers = [("x-acs-action", "DescribeRegions"), ("x-acs-version", ECS)];
    let raw = test.raw("POST", &format!("/?{}", form(&parameters)), &headers, "");
    assert_eq!(raw.status, 200, "{}", raw.body);
    let raw = test.raw("POST", "/", &headers, "");
    assert!(fails(response(&raw), 400, "MissingParameter").contains("authorization"));
}

#[test]
fn the_error_for_a_wrong_signature_shows_the_string_to_sign() {
    let mut test = Test::new();
    test.key.1 = "wrong".to_owned();
    let message = fails(test.call("DescribeRegions", &[]), 400, "SignatureDoesNotMatch");
    let signed = message.split_once(':').unwrap().1;
    assert!(signed.starts_with("POST&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeRegions"), "{message}");
    test.key.0 = "nobody".to_owned();
    fails(test.call("DescribeRegions", &[]), 404, "InvalidAccessKeyId.NotFound");
}

#[test]
fn more_keys_can_be_accepted() {
    let emulator = ecs_emulator::Emulator::builder().key("id", "secret").start_blocking().unwrap();
    let clock = emulator.clock();
    let test = Test { emulator, clock, key: ("id".to_owned(), "secret".to_owned(), None) };
    test.call("DescribeRegions", &[]).unwrap();
}

#[test]
fn timestamps_must_be_close_to_the_clock() {
    let test = Test::new();
    for (ahead, accepted) in [(-901, false), (-899, true), (899, true), (901, false)] {
        let response = test.call("DescribeRegions", &[("Timestamp", &test.time(ahead))]);
        if accepted {
            response.unwrap();
        } else {
            fails(response, 400, "InvalidTimeStamp.Expired");
        }
    }
    fails(test.call("DescribeRegions", &[("Timestamp", "2026-01-02 03:04:05")]), 400, "InvalidTimeStamp.Format");
    for timestamp in ["2026-01-02T03:04:05.074Z", "2026-01-02T03:04:05.074704758Z"] {
        test.call("DescribeRegions", &[("Timestamp", timestamp)]).unwrap();
    }
}

#[test]
fn a_nonce_is_accepted_once() {
    let test = Test::new();
    let parameters = test.signed("POST", ECS, "DescribeRegions", &[]);
    assert_eq!(test.post(&parameters).status, 200);
    fails(response(&test.post(&parameters)), 400, "SignatureNonceUsed");
}

#[test]
fn common_parameters_are_required() {
    let test = Test::new();
    for name in ["Action", "Version", "AccessKeyId", "Signature", "SignatureNonce", "Timestamp", "SignatureMethod"] {
        let mut parameters = test.signed("POST", ECS, "DescribeRegions", &[]);
        parameters.remove(name);
        let message = fails(response(&test.post(&parameters)), 400, "MissingParameter");
        assert!(message.contains(name), "{message}");
    }
    fails(test.call("DescribeRegions", &[("SignatureMethod", "HMAC-MD5")]), 400, "InvalidParameter");
}

#[test]
fn operations_of_one_name_are_distinguished_by_version() {
    let test = Test::new();
    fails(test.call("DescribeNothing", &[]), 404, "InvalidAction.NotFound");
    fails(test.call("DescribeSystemEventAttribute", &[]), 404, "InvalidAction.NotFound");
    fails(test.call_version("1999-01-01", "DescribeRegions", &[]), 501, "EmulatorNotSimulated");
    fails(test.call_version("latest", "DescribeRegions", &[]), 404, "InvalidVersion");
    test.call_version(common::VPC, "DescribeVSwitches", &[REGION]).unwrap();
}

#[test]
fn every_response_has_a_request_id_and_the_date_of_the_clock() {
    let test = Test::new();
    for operation in ["DescribeRegions", "DescribeNothing"] {
        let raw = test.post(&test.signed("POST", ECS, operation, &[]));
        assert_eq!(raw.header("date"), Some("Fri, 02 Jan 2026 03:04:05 GMT"));
        assert_eq!(raw.header("x-acs-request-id"), raw.json()["RequestId"].as_str());
    }
    let requests = test.emulator.requests();
    assert_eq!((requests[0].status, requests[0].code.as_deref()), (200, None));
    assert_eq!((requests[1].status, requests[1].code.as_deref()), (404, Some("InvalidAction.NotFound")));
    assert_ne!(requests[0].request_id, requests[1].request_id);
    test.emulator.clear_requests();
    assert!(test.emulator.requests().is_empty());
}

#[test]
fn errors_have_the_requested_format() {
    let test = Test::new();
    let raw = test.post(&test.signed("POST", ECS, "DescribeNothing", &[]));
    assert_eq!(raw.header("content-type"), Some("application/json;charset=utf-8"));
    for member in ["RequestId", "HostId", "Code", "Message", "Recommend"] {
        assert!(raw.json()[member].is_string(), "{member}");
    }
    for format in ["XML", ""] {
        let raw = test.post(&test.signed("POST", ECS, "DescribeNothing", &[("Format", format)]));
        assert_eq!(raw.header("content-type"), Some("text/xml;charset=utf-8"));
        assert!(
            raw.body.contains("<Error>") && raw.body.contains("<Code>InvalidAction.NotFound</Code>"),
            "{}",
            raw.body
        );
    }
    let raw = test.post(&test.signed("POST", ECS, "DescribeRegions", &[("Format", "XML")]));
    assert!(raw.body.contains("</RequestId><Regions><Region><RegionId>"), "{}", raw.body);
}

#[test]
fn temporary_credentials_need_their_token_and_expire() {
    let mut test = Test::new();
    let parameters =
        [("RoleArn", "acs:ram::1000000000000001:role/web"), ("RoleSessionName", "test"), ("DurationSeconds", "900")];
    let response = test.call_version(STS, "AssumeRole", &parameters).unwrap();
    assert_eq!(response["AssumedRoleUser"]["Arn"], "acs:ram::1000000000000001:role/web/test");
    assert_eq!(response["Credentials"]["Expiration"], test.time(900).as_str());
    let text = |name: &str| response["Credentials"][name].as_str().unwrap().to_owned();
    test.key = (text("AccessKeyId"), text("AccessKeySecret"), None);
    fails(test.call("DescribeRegions", &[]), 400, "MissingSecurityToken");
    test.key.2 = Some("other".to_owned());
    fails(test.call("DescribeRegions", &[]), 400, "InvalidSecurityToken.MismatchWithAccessKey");
    test.key.2 = Some(text("SecurityToken"));
    test.call("DescribeRegions", &[]).unwrap();
    test.advance(900);
    fails(test.call("DescribeRegions", &[]), 400, "InvalidSecurityToken.Expired");
}

#[test]
fn assume_role_checks_its_parameters() {
    let test = Test::new();
    let call = |arn: &str, session: &str, seconds: &str| {
        test.call_version(
            STS,
            "AssumeRole",
            &[("RoleArn", arn), ("RoleSessionName", session), ("DurationSeconds", seconds)],
        )
    };
    fails(call("web", "test", "900"), 400, "InvalidParameter.RoleArn");
    fails(call("acs:ram::1:role/web", "a b", "900"), 400, "InvalidParameter.RoleSessionName");
    fails(call("acs:ram::1:role/web", "test", "50000"), 400, "InvalidParameter.DurationSeconds");
}

/// Sends a request signed with ACS3-HMAC-SHA256; `change` may modify the headers after signing.
fn send_v3(
    test: &Test,
    query: &[(&str, &str)],
    body: &str,
    change: impl Fn(&mut Vec<(String, String)>),
) -> Result<(), Failure> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let hash = |text: &str| hex(&Sha256::digest(text.as_bytes()));
    let mut headers: Vec<(String, String)> = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-acs-action", "DescribeInstances"),
        ("x-acs-content-sha256", &hash(body)),
        ("x-acs-date", &test.time(0)),
        ("x-acs-signature-nonce", &nonce()),
        ("x-acs-version", ECS),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let mut query = query.to_vec();
    query.sort_unstable();
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let query = query.join("&");
    let mut signed: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    signed.push(("host", "127.0.0.1"));
    signed.sort_unstable();
    let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
    let lines: String = signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let request = format!("POST\n/\n{query}\n{lines}\n{}\n{}", names.join(";"), hash(body));
    let mut mac = Hmac::<Sha256>::new_from_slice(test.key.1.as_bytes()).unwrap();
    mac.update(format!("ACS3-HMAC-SHA256\n{}", hash(&request)).as_bytes());
    let signature = hex(&mac.finalize().into_bytes());
    let authorization =
        format!("ACS3-HMAC-SHA256 Credential={},SignedHeaders={},Signature={signature}", test.key.0, names.join(";"));
    headers.push(("authorization".to_owned(), authorization));
    change(&mut headers);
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    response(&test.raw("POST", &format!("/?{query}"), &headers, body)).map(|_| ())
}

#[test]
fn acs3_signatures_are_accepted() {
    let test = Test::new();
    send_v3(&test, &[REGION, ("InstanceName", "a b/é")], "", |_| {}).unwrap();
    send_v3(&test, &[], "RegionId=cn-hangzhou", |_| {}).unwrap();
    let requests = test.emulator.requests();
    assert_eq!((requests[0].operation.as_str(), requests[0].version.as_str()), ("DescribeInstances", ECS));
    assert_eq!(requests[0].parameter("InstanceName"), Some("a b/é"));
}

#[test]
fn acs3_signatures_are_verified() {
    let test = Test::new();
    let send = |name: &'static str, value: &'static str| {
        send_v3(&test, &[REGION], "", |headers| {
            headers.retain(|(header, _)| header != name);
            if !value.is_empty() {
                headers.push((name.to_owned(), value.to_owned()));
            }
        })
        .map(|()| serde_json::Value::Null)
    };
    fails(send("x-acs-signature-nonce", "other"), 400, "SignatureDoesNotMatch");
    fails(send("x-acs-content-sha256", "0000"), 400, "InvalidParameter");
    fails(send("x-acs-date", ""), 400, "MissingParameter");
    fails(send("authorization", "ACS3-HMAC-SHA256 Credential=testid"), 400, "IncompleteSignature");
    fails(send("x-acs-unsigned", "x"), 400, "IncompleteSignature");
    assert_eq!(test.emulator.requests().len(), 5);
}

#[test]
fn shutdown_stops_the_server() {
    let test = Test::new();
    let address = test.emulator.address();
    assert_eq!(test.raw("GET", "/elsewhere", &[], "").status, 404);
    test.emulator.shutdown();
    assert!(std::net::TcpStream::connect(address).is_err());
}

/// Sends parameters that are not signed.
fn unsigned(test: &Test, version: &str, operation: &str, parameters: &[(&str, &str)]) -> common::CallResult {
    let mut all: std::collections::BTreeMap<String, String> = [("Action", operation), ("Version", version)]
        .iter()
        .chain(parameters)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    all.entry("Format".to_owned()).or_insert_with(|| "JSON".to_owned());
    all.entry("Timestamp".to_owned()).or_insert_with(|| test.time(0));
    all.entry("SignatureNonce".to_owned()).or_insert_with(nonce);
    response(&test.post(&all))
}

const OIDC: [(&str, &str); 4] = [
    ("OIDCProviderArn", "acs:ram::1000000000000001:oidc-provider/cluster"),
    ("OIDCToken", "some.token"),
    ("RoleArn", "acs:ram::1000000000000001:role/pod"),
    ("RoleSessionName", "pod-1"),
];

#[test]
fn an_oidc_token_is_exchanged_without_a_signature() {
    let mut test = Test::new();
    let response = unsigned(&test, STS, "AssumeRoleWithOIDC", &OIDC).unwrap();
    assert_eq!(response["AssumedRoleUser"]["Arn"], "acs:ram::1000000000000001:role/pod/pod-1");
    assert_eq!(response["Credentials"]["Expiration"], test.time(3600).as_str());
    let text = |name: &str| response["Credentials"][name].as_str().unwrap().to_owned();
    test.key = (text("AccessKeyId"), text("AccessKeySecret"), Some(text("SecurityToken")));
    test.call("DescribeRegions", &[]).unwrap();
    // No other operation works without a signature.
    fails(unsigned(&test, STS, "GetCallerIdentity", &[]), 400, "MissingParameter");
    fails(unsigned(&test, ECS, "DescribeRegions", &[]), 400, "MissingParameter");
}

#[test]
fn oidc_tokens_are_validated() {
    let test = Test::new();
    let with = |name: &str, value: &str| {
        let parameters: Vec<(&str, &str)> =
            OIDC.iter().map(|(other, old)| (*other, if *other == name { value } else { old })).collect();
        unsigned(&test, STS, "AssumeRoleWithOIDC", &parameters)
    };
    assert!(fails(with("OIDCToken", ""), 400, "MissingParameter").contains("OIDCToken"));
    fails(with("OIDCToken", "some.token\n"), 401, "AuthenticationFail.OIDCToken.Invalid");
    fails(with("OIDCProviderArn", "acs:ram::1:role/x"), 400, "InvalidParameter.OIDCProviderArn");
    fails(with("RoleArn", "acs:ram::me:role/x"), 400, "InvalidParameter.RoleArn");
    let jwt = |claims: &str| {
        use base64::Engine as _;
        let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{}", encode("{}"), encode(claims), encode("signature"))
    };
    let end = common::START + 60;
    let token = jwt(&format!(r#"{{"iss":"https://oidc","sub":"system:pod","aud":"sts","exp":{end}}}"#));
    let info = with("OIDCToken", &token).unwrap()["OIDCTokenInfo"].take();
    assert_eq!((&info["Subject"], &info["ExpirationTime"]), (&"system:pod".into(), &test.time(60).into()));
    test.advance(60);
    fails(with("OIDCToken", &token), 401, "AuthenticationFail.OIDCToken.Expired");
}

#[test]
fn get_caller_identity_returns_the_caller() {
    let mut test = Test::new();
    let me = |test: &Test| test.call_version(STS, "GetCallerIdentity", &[]).unwrap();
    let user = me(&test);
    assert_eq!((&user["IdentityType"], &user["AccountId"]), (&"RAMUser".into(), &"1000000000000001".into()));
    assert_eq!(user["Arn"], "acs:ram::1000000000000001:user/testid");
    let role = [("RoleArn", "acs:ram::77:role/web"), ("RoleSessionName", "test")];
    let response = test.call_version(STS, "AssumeRole", &role).unwrap();
    let text = |name: &str| response["Credentials"][name].as_str().unwrap().to_owned();
    test.key = (text("AccessKeyId"), text("AccessKeySecret"), Some(text("SecurityToken")));
    let role = me(&test);
    assert_eq!((&role["IdentityType"], &role["AccountId"]), (&"AssumedRoleUser".into(), &"77".into()));
    assert_eq!(role["Arn"], "acs:ram::77:assumed-role/web/test");
    assert_eq!(role["PrincipalId"], response["AssumedRoleUser"]["AssumedRoleId"]);
}

#[test]
fn access_keys_can_belong_to_other_accounts() {
    let test = Test::new();
    let emulator = ecs_emulator::Emulator::builder().clock(test.clock.clone()).account_key("77", "other", "hush");
    let mut test = Test { emulator: emulator.start_blocking().unwrap(), ..test };
    let mine = test.run(&[]);
    test.key = ("other".to_owned(), "hush".to_owned(), None);
    assert_eq!(test.call_version(STS, "GetCallerIdentity", &[]).unwrap()["Arn"], "acs:ram::77:user/other");
    assert_eq!(test.find(&[]), [""; 0]);
    fails(test.call("StopInstance", &[("InstanceId", &mine[0])]), 404, "InvalidInstanceId.NotFound");
    let theirs = test.run(&[]);
    assert_eq!(test.find(&[]), theirs);
}

#[test]
fn the_lifetime_of_temporary_credentials_can_be_limited() {
    let test = Test::new();
    let builder = ecs_emulator::Emulator::builder().clock(test.clock.clone());
    let emulator = builder.max_session_lifetime(std::time::Duration::from_secs(10)).start_blocking().unwrap();
    let mut test = Test { emulator, ..test };
    let role = [("RoleArn", "acs:ram::77:role/web"), ("RoleSessionName", "test")];
    let response = test.call_version(STS, "AssumeRole", &role).unwrap();
    assert_eq!(response["Credentials"]["Expiration"], test.time(10).as_str());
    let text = |name: &str| response["Credentials"][name].as_str().unwrap().to_owned();
    test.key = (text("AccessKeyId"), text("AccessKeySecret"), Some(text("SecurityToken")));
    test.advance(10);
    fails(test.call("DescribeRegions", &[]), 400, "InvalidSecurityToken.Expired");
}

#[test]
fn bearer_tokens_are_accepted_in_both_versions() {
    let test = Test::new();
    let builder = ecs_emulator::Emulator::builder().clock(test.clock.clone());
    let test = Test { emulator: builder.bearer_token("b-1").start_blocking().unwrap(), ..test };
    let call = |parameters: &[(&str, &str)]| unsigned(&test, ECS, "DescribeRegions", parameters);
    call(&[("BearerToken", "b-1"), ("SignatureType", "BEARERTOKEN")]).unwrap();
    fails(call(&[("BearerToken", "b-2"), ("SignatureType", "BEARERTOKEN")]), 403, "InvalidBearerToken");
    assert!(fails(call(&[("BearerToken", "b-1")]), 400, "MissingParameter").contains("SignatureType"));
    assert!(fails(call(&[("SignatureType", "BEARERTOKEN")]), 400, "MissingParameter").contains("BearerToken"));
    let old = test.time(-1000);
    let late = [("BearerToken", "b-1"), ("SignatureType", "BEARERTOKEN"), ("Timestamp", old.as_str())];
    fails(call(&late), 400, "InvalidTimeStamp.Expired");
    let twice = [("BearerToken", "b-1"), ("SignatureType", "BEARERTOKEN"), ("SignatureNonce", "n")];
    call(&twice).unwrap();
    fails(call(&twice), 400, "SignatureNonceUsed");

    let date = test.time(0);
    let send = |token: &str, kind: &str| {
        let nonce = nonce();
        let headers = [
            ("x-acs-action", "DescribeRegions"),
            ("x-acs-version", ECS),
            ("x-acs-date", &date),
            ("x-acs-signature-nonce", &nonce),
            ("x-acs-bearer-token", token),
            ("x-acs-signature-type", kind),
        ];
        response(&test.raw("POST", "/", &headers, ""))
    };
    send("b-1", "BEARERTOKEN").unwrap();
    fails(send("b-2", "BEARERTOKEN"), 403, "InvalidBearerToken");
    fails(send("b-1", "SOMETHING"), 400, "InvalidParameter");
}
