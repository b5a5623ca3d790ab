//! The parameters that all operations have: the SDK sets them, and the emulator takes their names from the specs. The two
//! share no code; here they agree.

use std::collections::BTreeSet;

use ecs_emulator::{Emulator, common_parameters};
use ecs_sdk::{Client, Credentials, SignatureVersion};

fn client(emulator: &Emulator, credentials: Credentials, version: SignatureVersion) -> Client {
    let builder = Client::builder().region("cn-hangzhou").endpoint(emulator.endpoint());
    builder.credentials(credentials).signature_version(version).build().unwrap()
}

#[tokio::test]
async fn what_the_sdk_adds_to_a_request_is_common() {
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
            // An untyped call fills in the client's region, as typed ones do.
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
async fn a_common_parameter_can_not_be_given() {
    let emulator = Emulator::builder().start().await.unwrap();
    let client = client(&emulator, Credentials::new("testid", "testsecret"), SignatureVersion::V1);
    for name in common_parameters() {
        let error = client.call("DescribeRegions").parameter(name, "x").send().await.unwrap_err().to_string();
        assert!(error.contains(&format!("`{name}`")), "{error}");
    }
    assert!(emulator.requests().is_empty());
}
