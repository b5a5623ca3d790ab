//! Credentials of roles and bearer tokens, with the emulator, which verifies signatures and includes STS and a metadata
//! service.

use std::{sync::Arc, time::Duration};

use ecs_emulator::{Clock, Emulator, Faults, MetadataMode};
use ecs_sdk::{
    Client, Credentials, SignatureVersion,
    config::Builder,
    credentials::{AssumeRole, EcsRamRole, OidcRole, ProvideCredentials},
    sts,
};

const ROLE: &str = "acs:ram::77:role/web";

fn config<T: From<ecs_sdk::Config>>(emulator: &Emulator, credentials: impl ProvideCredentials) -> Builder<T> {
    Builder::default().region("cn-hangzhou").endpoint(emulator.endpoint()).credentials(credentials)
}

/// Asserts that ECS accepts the credentials, and returns the ARN of their identity.
async fn identity(emulator: &Emulator, credentials: impl ProvideCredentials) -> String {
    let client: sts::Client = config(emulator, credentials).build().unwrap();
    Client::from(client.config()).describe_instances().send().await.unwrap();
    client.get_caller_identity().send().await.unwrap().arn
}

#[tokio::test]
async fn a_role_is_assumed_again_after_its_credentials_expired() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    // Credentials follow the emulator's clock only if it is not the system's.
    let clock = Clock::manual(Clock::system().now());
    let emulator = Emulator::builder().clock(clock).start_blocking().unwrap();
    let key = Credentials::new("testid", "testsecret");
    let role = AssumeRole::builder(key).role_arn(ROLE).session_name("s-1").sts_endpoint(emulator.endpoint()).build();
    let client: Client = config(&emulator, role).build().unwrap();
    client.describe_instances().send().await.unwrap();
    let issued = || emulator.requests().iter().filter(|request| request.operation == "AssumeRole").count();
    client.describe_instances().send().await.unwrap();
    assert_eq!(issued(), 1);
    // For the service, whose clock is now two hours ahead of this machine's, the credentials have expired.
    emulator.clock().advance(Duration::from_secs(7200));
    client.describe_instances().send().await.unwrap();
    assert!(issued() > 1);
    let codes: Vec<_> = emulator.requests().into_iter().filter_map(|request| request.code).collect();
    assert!(codes.iter().any(|code| code == "InvalidSecurityToken.Expired"), "{codes:?}");
}

#[tokio::test]
async fn roles_are_assumed_despite_clock_skew() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    for skew in [-7200, 7200] {
        let emulator = Emulator::builder().faults(Faults::none().skew(skew)).start_blocking().unwrap();
        let key = Credentials::new("testid", "testsecret");
        let role =
            AssumeRole::builder(key).role_arn(ROLE).session_name("s-1").sts_endpoint(emulator.endpoint()).build();
        let client: Client = config(&emulator, role).build().unwrap();
        for _ in 0..2 {
            client.describe_instances().send().await.unwrap();
        }
        // The first request is rejected because of its timestamp. The correction also applies to the calls of ECS.
        let operations: Vec<_> = emulator.requests().into_iter().map(|request| request.operation).collect();
        assert_eq!(operations, ["AssumeRole", "AssumeRole", "DescribeInstances", "DescribeInstances"], "{skew}");
    }
}

#[tokio::test]
async fn the_role_of_the_instance_is_used_despite_clock_skew() {
    for skew in [-8 * 3600, 8 * 3600] {
        let emulator = Emulator::builder().faults(Faults::none().skew(skew)).start_blocking().unwrap();
        let role = EcsRamRole::builder().endpoint(emulator.endpoint()).build();
        let client: Client = config(&emulator, role).build().unwrap();
        for _ in 0..3 {
            client.describe_instances().send().await.unwrap();
        }
        let codes: Vec<_> = emulator.requests().into_iter().map(|request| request.code.unwrap_or_default()).collect();
        assert_eq!(codes, ["InvalidTimeStamp.Expired", "", "", ""], "{skew}");
    }
}

#[tokio::test]
async fn roles_can_be_chained() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let emulator = Emulator::builder().start_blocking().unwrap();
    let mut source: Arc<dyn ProvideCredentials> = Arc::new(Credentials::new("testid", "testsecret"));
    for name in ["first", "second"] {
        let role = AssumeRole::builder(source).role_arn(format!("acs:ram::77:role/{name}")).session_name("s-1");
        source = Arc::new(role.sts_endpoint(emulator.endpoint()).build());
    }
    assert_eq!(identity(&emulator, source).await, "acs:ram::77:assumed-role/second/s-1");
}

#[tokio::test]
async fn an_oidc_token_is_exchanged_for_credentials() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let emulator = Emulator::builder().start_blocking().unwrap();
    let file = std::env::temp_dir().join(format!("ecs-sdk-oidc-{}", std::process::id()));
    std::fs::write(&file, "some.oidc.token\n").unwrap();
    let role = OidcRole::builder()
        .provider_arn("acs:ram::77:oidc-provider/cluster")
        .token_file(file.to_str().unwrap())
        .role_arn(ROLE)
        .session_name("pod-1")
        .sts_endpoint(emulator.endpoint())
        .build();
    let arn = identity(&emulator, role).await;
    std::fs::remove_file(&file).unwrap();
    assert_eq!(arn, "acs:ram::77:assumed-role/web/pod-1");
    let exchange = &emulator.requests()[0];
    assert_eq!((exchange.operation.as_str(), exchange.status), ("AssumeRoleWithOIDC", 200));
    assert_eq!((exchange.parameter("AccessKeyId"), exchange.parameter("Signature")), (None, None));
}

#[tokio::test]
async fn the_role_of_the_instance_is_used_with_and_without_session_tokens() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    for mode in [
        MetadataMode::TokensOptional,
        MetadataMode::TokensRequired,
        MetadataMode::NoTokens(404),
        MetadataMode::NoTokens(403),
    ] {
        let emulator = Emulator::builder().metadata_mode(mode).start_blocking().unwrap();
        let role = EcsRamRole::builder().endpoint(emulator.endpoint()).build();
        let arn = identity(&emulator, role).await;
        assert!(arn.ends_with(":assumed-role/EcsEmulatorRole/emulator"), "{mode:?}: {arn}");

        let strict = EcsRamRole::builder().endpoint(emulator.endpoint()).require_tokens(true).build();
        let client: Client = config(&emulator, strict).build().unwrap();
        let allowed = !matches!(mode, MetadataMode::NoTokens(_));
        assert_eq!(client.describe_instances().send().await.is_ok(), allowed, "{mode:?}");
    }
}

#[tokio::test]
async fn a_bearer_token_is_accepted_with_both_signature_versions() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let emulator = Emulator::builder().bearer_token("b-1").start_blocking().unwrap();
    for version in [SignatureVersion::V1, SignatureVersion::V3] {
        let client = |token: &str| -> Client {
            config(&emulator, Credentials::bearer(token)).signature_version(version).build().unwrap()
        };
        client("b-1").describe_instances().send().await.unwrap_or_else(|error| panic!("{version:?}: {error}"));
        let error = client("b-2").describe_instances().send().await.unwrap_err();
        assert_eq!(error.code(), Some("InvalidBearerToken"), "{version:?}: {error}");
    }
}
