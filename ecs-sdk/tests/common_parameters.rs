//! Common parameters: the SDK sets them for all operations, and the emulator reads their names from the specs. The two
//! share no code, so these tests compare them.

use std::collections::BTreeSet;

use ecs_emulator::{Emulator, common_parameters};
use ecs_sdk::{Client, Credentials, SignatureVersion};

fn client(emulator: &Emulator, credentials: Credentials, version: SignatureVersion) -> Client {
    let builder = Client::builder().region("cn-hangzhou").endpoint(emulator.endpoint());
    builder.credentials(credentials).signature_version(version).build().unwrap()
}

#[tokio::test]
async fn the_sdk_adds_exactly_the_common_parameters() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    let emulator = Emulator::builder().bearer_token("b-1").start().await.unwrap();
    let mut sent = BTreeSet::new();
    for version in [SignatureVersion::V1, SignatureVersion::V3] {
        for credentials in [
            Credentials::new("testid", "testsecret"),
            Credentials::new("testid", "testsecret").with_security_token("token"),
            Credentials::bearer("b-1"),
        ] {
            emulator.clear_requests();
            let client = client(&emulator, credentials, version);
            client.call("DescribeRegions").parameter("AcceptLanguage", "en-US").send().await.unwrap();
            let request = emulator.requests().remove(0);
            // Untyped calls are sent with the client's region, like typed ones.
            let own = [("AcceptLanguage", "en-US"), ("RegionId", "cn-hangzhou")];
            assert_eq!(request.operation_parameters().collect::<Vec<_>>(), own);
            sent.extend(request.parameters.into_keys());
        }
    }
    for own in ["AcceptLanguage", "RegionId"] {
        sent.remove(own);
    }
    assert_eq!(sent, common_parameters().map(str::to_owned).collect());
}

#[tokio::test]
async fn common_parameters_cannot_be_overridden() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    let emulator = Emulator::builder().start().await.unwrap();
    let client = client(&emulator, Credentials::new("testid", "testsecret"), SignatureVersion::V1);
    for name in common_parameters() {
        let error = client.call("DescribeRegions").parameter(name, "x").send().await.unwrap_err().to_string();
        assert!(error.contains(&format!("`{name}`")), "{error}");
    }
    assert!(emulator.requests().is_empty());
}
