//! Sample responses in Alibaba Cloud's documents. Each is decoded, and members that are not read are listed with the
//! reason.
#![cfg(all(feature = "cms", feature = "images", feature = "instances", feature = "regions-and-zones"))]

use std::fmt::Debug;

use ecs_sdk::{Operation, cms, operation::*};
use serde::{Serialize, de::DeserializeOwned};

/// Decodes a sample, and compares the paths of the members that were not read.
fn read<R>(sample: &str, json: &str, unread: &[&str]) -> R::Response
where
    R: Operation,
    R::Response: DeserializeOwned + Serialize + PartialEq + Debug,
{
    let mut paths = Vec::new();
    let mut source = serde_json::Deserializer::from_str(json);
    let typed: R::Response = serde_ignored::deserialize(&mut source, |path| paths.push(path.to_string()))
        .unwrap_or_else(|error| panic!("{sample}: {error}"));
    assert_eq!(paths, unread, "{sample}: unread members");
    let text = serde_json::to_string(&typed).unwrap();
    let again: R::Response = serde_json::from_str(&text).unwrap();
    assert_eq!(typed, again, "{sample}: serialized and deserialized");
    typed
}

macro_rules! sample {
    ($request:ty, $name:literal, $unread:expr) => {
        read::<$request>($name, include_str!(concat!("data/samples/", $name, ".json")), $unread)
    };
}

type Instances = describe_instances::DescribeInstancesRequest;
type AutoRenew = describe_instance_auto_renew_attribute::DescribeInstanceAutoRenewAttributeRequest;

#[test]
fn decodes_instances_of_document_000() {
    // The document repeats the name `ExpiredTime`.
    let page = sample!(Instances, "000-describe-instances", &["Instances.Instance.0.ExpiredTimeExpiredTime"]);
    let [instance] = &page.instances[..] else { panic!("{page:?}") };
    assert_eq!((instance.cpu, instance.memory), (Some(32), Some(65_536)));
    // Reasons are plain strings.
    assert!(instance.operation_locks[0].lock_reason.as_ref().unwrap().as_str().starts_with("financial"));
    assert_eq!(instance.internet_max_bandwidth_in, Some(-1));
    assert_eq!(page.next_token, "");
}

#[test]
fn decodes_auto_renew_attributes_of_document_000() {
    let page = sample!(AutoRenew, "000-describe-instance-auto-renew-attribute", &[]);
    assert_eq!(page.instance_renew_attributes.len(), 2);
    assert_eq!(page.instance_renew_attributes[1].instance_id, "i-j6c95bgai7gfxcsvq7bb");
}

#[test]
fn decodes_responses_of_document_001() {
    let page = sample!(describe_images::DescribeImagesRequest, "001-describe-images", &[]);
    assert_eq!(page.images[0].size, Some(30));
    assert_eq!(page.images[0].is_self_shared, None);

    // The document calls the list `InstanceIdsSets`, but the service calls it `InstanceIdSets`.
    let out = sample!(run_instances::RunInstancesRequest, "001-run-instances", &["InstanceIdsSets"]);
    assert_eq!(out.request_id, "04F0F334-1335-436C-A1D7-6C044FE73368");

    // The document repeats members of a zone one level too high.
    let unread = &["ZoneId", "StatusCategory"];
    let out = sample!(
        describe_available_resource::DescribeAvailableResourceRequest,
        "001-describe-available-resource",
        unread
    );
    let resource = &out.available_zones[0].available_resources[0].supported_resources[0];
    assert_eq!(resource.value, "ecs.g5.large");

    let name = "001-describe-system-event-attribute";
    let json = include_str!("data/samples/001-describe-system-event-attribute.json");
    let out =
        read::<cms::operation::describe_system_event_attribute::DescribeSystemEventAttributeRequest>(name, json, &[]);
    assert_eq!((out.success, out.system_events[0].time), (Some(true), Some(1_574_064_244_000)));
}

#[test]
fn decodes_auto_renew_attributes_of_document_001() {
    // The document spells the name `Instanceid` here and `InstanceId` in its next sample. The service uses the latter.
    let list = "InstanceRenewAttributes.InstanceRenewAttribute";
    let unread = [format!("{list}.0.Instanceid"), format!("{list}.1.Instanceid")];
    let page = sample!(AutoRenew, "001-auto-renew-off", &[&*unread[0], &*unread[1]]);
    assert_eq!(page.instance_renew_attributes[0].auto_renew_enabled, Some(false));

    let page = sample!(AutoRenew, "001-auto-renew-on", &[]);
    assert_eq!(page.instance_renew_attributes[1].instance_id, "i-2222");

    let out = sample!(
        modify_instance_auto_renew_attribute::ModifyInstanceAutoRenewAttributeRequest,
        "001-modify-instance-auto-renew-attribute",
        &[]
    );
    assert!(!out.request_id.is_empty());
}

#[test]
fn decodes_responses_with_only_a_request_id() {
    let out = sample!(delete_instance::DeleteInstanceRequest, "001-delete-instance-java", &[]);
    assert_eq!(out.request_id, "928E2273-5715-46B9-A730-238DC996A533");
    let out = sample!(delete_instance::DeleteInstanceRequest, "001-delete-instance-python", &[]);
    assert_eq!(out.request_id, "689E5813-D150-4664-AF6F-2A27BB4986A3");
}

#[test]
fn decodes_instances_of_documents_003_and_004() {
    let page = sample!(Instances, "003-describe-instances", &[]);
    assert_eq!(page.instances[0].tags.len(), 2);

    let page = sample!(Instances, "004-describe-instances", &[]);
    let instance = &page.instances[0];
    assert_eq!(instance.spot_price_limit, Some(0.98));
    assert_eq!(instance.operation_locks[0].lock_reason.as_ref().unwrap().as_str(), "Recycling");
    assert_eq!(instance.network_interfaces[0].ipv6_sets.len(), 1);
    assert_eq!(instance.isp, "null");
}

#[cfg(feature = "pricing-and-spot")]
#[test]
fn decodes_prices_of_the_published_api() {
    // The API's own sample has another wrapper than its schema, `DetailInfo`.
    let price = sample!(describe_renewal_price::DescribeRenewalPriceRequest, "api-describe-renewal-price", &[]);
    let [detail] = &price.price_info.price.detail_infos[..] else { panic!("{price:?}") };
    assert_eq!((&*detail.resource, detail.trade_price, detail.sub_rules.len()), ("instance", Some(3712.8), 1));
}

/// Every file in the folder of samples is used above.
#[test]
fn every_sample_is_tested() {
    let tests = include_str!("documents.rs");
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/samples")).unwrap();
    let names: Vec<String> = folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let names = names.iter().filter_map(|name| name.strip_suffix(".json"));
    let missing: Vec<&str> = names.filter(|name| !tests.contains(*name)).collect();
    assert_eq!(missing, [""; 0]);
}
