//! Types match the meaning of members: one `Tag` for all operations, exact prices, 64-bit counters, booleans as `bool`.
#![cfg(all(
    feature = "disks",
    feature = "instances",
    feature = "key-pairs",
    feature = "launch-templates",
    feature = "pricing-and-spot",
    feature = "snapshots",
    feature = "tags-and-resource-groups",
    feature = "tasks"
))]

use ecs_sdk::{
    Client, Error, Operation,
    call::Sending,
    operation::{
        create_launch_template_version::CreateLaunchTemplateVersionRequest,
        describe_instance_monitor_data::DescribeInstanceMonitorDataResponse, describe_price::DescribePriceResponse,
        describe_tasks::DescribeTasksResponse, detach_key_pair::DetachKeyPairResponse, run_instances,
        run_instances::RunInstancesRequest,
    },
    types::{AdditionalInstanceInfo, Filter, PromotionOptions, Tag},
};
use ecs_sdk_testing::fake::{Response, SentRequest, Service};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn client(service: &Service) -> Client {
    service.config().region("cn-hangzhou").build().unwrap()
}

fn sent<T>(make: impl FnOnce(&Client) -> Sending<T>) -> SentRequest
where
    Sending<T>: Future<Output = Result<T, Error>>,
{
    let service = Service::always(Response::success());
    assert!(service.run(make(&client(&service))).is_ok());
    service.only_request()
}

/// Sends a request that is given as JSON, and returns its parameters without the common ones.
fn form<R: Operation + DeserializeOwned>(request: Value) -> Vec<(String, String)>
where
    Sending<R::Response>: Future<Output = Result<R::Response, Error>>,
{
    let request: R = serde_json::from_value(request).unwrap();
    sent(|client| client.send(request)).operation_parameters()
}

fn read<T: DeserializeOwned>(response: Value) -> T {
    serde_json::from_value(response).unwrap()
}

#[test]
fn the_same_list_of_tags_can_be_used_to_create_tag_and_list_resources() {
    let tags = vec![("team", "web").into(), Tag::new().key("env")];
    let all = [
        sent(|client| client.run_instances().image_id("m-1").instance_type("ecs.g7.large").tags(tags.clone()).send()),
        sent(|client| client.create_disk().zone_id("z").size(20).tags(tags.clone()).send()),
        sent(|client| client.create_snapshot().disk_id("d-1").tags(tags.clone()).send()),
        sent(|client| client.tag_resources().resource_type("instance").resource_ids(["i-1"]).tags(tags.clone()).send()),
        sent(|client| client.describe_instances().tags(tags.clone()).send()),
        sent(|client| client.describe_snapshots().tags(tags.clone()).send()),
    ];
    for sent in all {
        let mut tags = sent.operation_parameters();
        tags.retain(|(name, _)| name.starts_with("Tag."));
        let expected = [("Tag.1.Key", "team"), ("Tag.1.Value", "web"), ("Tag.2.Key", "env")];
        assert_eq!(tags, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    let filter = Filter::new().key("CreationStartTime").value("2026-01-02T03:04Z");
    let sent = sent(|client| client.describe_snapshots().filters([filter]).send());
    assert_eq!(sent.param("Filter.1.Key"), "CreationStartTime");
}

#[test]
fn prices_are_exact_and_counters_may_exceed_32_bits() {
    let price = |member: &str| {
        let price = json!({ member: 168_306.57, "StandardPrice": "168306.58" });
        let response: DescribePriceResponse = read(json!({ "PriceInfo": { "Price": price } }));
        response.price_info.price
    };
    assert_eq!(price("TradePrice").trade_price, Some(168_306.57));
    assert_eq!(price("OriginalPrice").original_price, Some(168_306.57));
    assert_eq!(price("DiscountPrice").standard_price, Some(168_306.58));

    // An hour of traffic at 1 Gbit/s, and the throughput of a fast disk.
    let point = json!({ "IntranetTX": 3_600_000_000_i64, "BPSRead": "4194304000" });
    let data: DescribeInstanceMonitorDataResponse = read(json!({ "MonitorData": { "InstanceMonitorData": [point] } }));
    let point = &data.monitor_data[0];
    assert_eq!((point.intranet_tx, point.bps_read), (Some(3_600_000_000), Some(4_194_304_000)));
}

#[test]
fn booleans_encoded_as_strings_have_the_type_bool() {
    for encrypted in [json!("true"), json!("True"), json!(true), json!(1)] {
        let disk = json!({ "Encrypted": encrypted });
        let form = form::<RunInstancesRequest>(json!({ "RegionId": "r", "SystemDisk": disk, "DataDisk": [disk] }));
        for name in ["SystemDisk.Encrypted", "DataDisk.1.Encrypted"] {
            assert!(form.contains(&(name.to_owned(), "true".to_owned())), "{disk}: {form:?}");
        }
    }
    let disk = run_instances::SystemDisk::new().encrypted(false);
    let sent = sent(|client| client.run_instances().system_disk(disk).send());
    assert_eq!(sent.param("SystemDisk.Encrypted"), "false");

    let results = json!({ "Result": [{ "Success": "true" }, { "Success": "false" }, { "Success": "" }, {}] });
    let response: DetachKeyPairResponse = read(json!({ "Results": results }));
    let successes: Vec<_> = response.results.iter().map(|result| result.success).collect();
    assert_eq!(successes, [Some(true), Some(false), None, None]);
}

/// The service does not document its values, so any string is sent verbatim.
#[test]
fn a_boolean_without_documented_values_stays_a_string() {
    let request = json!({ "RegionId": "r", "LaunchTemplateId": "lt-1", "DataDisk": [{ "Encrypted": "100%" }] });
    let form = form::<CreateLaunchTemplateVersionRequest>(request);
    assert!(form.contains(&("DataDisk.1.Encrypted".to_owned(), "100%".to_owned())), "{form:?}");
}

#[test]
fn fields_used_by_other_clients_but_missing_in_the_published_api_exist() {
    let sent = sent(|client| {
        let extra = AdditionalInstanceInfo::new().enable_high_density_mode(true);
        client.modify_instance_attribute().instance_id("i-1").additional_info(extra).send()
    });
    assert_eq!(sent.param("AdditionalInfo.EnableHighDensityMode"), "true");
    let service = Service::always(Response::success());
    let coupon = PromotionOptions::new().coupon_no("c-1");
    let request = client(&service).modify_instance_charge_type().instance_ids(["i-1"]).promotion_options(coupon);
    service.run(request.send()).unwrap();
    assert_eq!(service.only_request().param("PromotionOptions.CouponNo"), "c-1");
    let tasks: DescribeTasksResponse =
        read(json!({ "TaskSet": { "Task": [{ "SupportCancel": "true", "FailedReason": "no space" }] } }));
    assert_eq!((tasks.task_set[0].support_cancel, &*tasks.task_set[0].failed_reason), (Some(true), "no space"));
}
