//! Subscriptions and spot instances.

mod common;

use common::{CMS, IMAGE, REGION, Test, fails, ids};
use serde_json::json;

const DAY: u64 = 86_400;

fn subscription(test: &Test) -> String {
    test.run(&[("InstanceChargeType", "PrePaid"), ("Period", "1"), ("PeriodUnit", "Month")]).remove(0)
}

fn renewal(test: &Test, id: &str) -> serde_json::Value {
    let response = test.call_here("DescribeInstanceAutoRenewAttribute", &[("InstanceId", id)]).unwrap();
    response["InstanceRenewAttributes"]["InstanceRenewAttribute"][0].clone()
}

#[test]
fn a_subscription_has_an_order_and_an_end() {
    let test = Test::new();
    let parameters =
        [("ImageId", IMAGE), ("InstanceType", "ecs.g6.large"), ("InstanceChargeType", "PrePaid"), ("Period", "1")];
    let response = test.call_here("CreateInstance", &parameters).unwrap();
    assert!(response["OrderId"].is_string() && response["TradePrice"].as_f64().unwrap() > 1.0, "{response}");
    let id = response["InstanceId"].as_str().unwrap();
    let instance = test.instance(id).unwrap();
    assert_eq!(
        (&instance["ExpiredTime"], &instance["InstanceChargeType"]),
        (&json!("2026-02-02T03:04Z"), &json!("PrePaid"))
    );
    test.advance(1);
    fails(test.call("DeleteInstance", &[("InstanceId", id)]), 403, "ChargeTypeViolation");
    let set = [("InstanceId", id), ("AutoReleaseTime", &*test.time(3600))];
    fails(test.call("ModifyInstanceAutoReleaseTime", &set), 403, "ChargeTypeViolation");
    fails(
        test.call("ModifyInstanceSpec", &[("InstanceId", id), ("InstanceType", "ecs.g6.xlarge")]),
        403,
        "ChargeTypeViolation",
    );
    let response =
        test.call_here("ModifyPrepayInstanceSpec", &[("InstanceId", id), ("InstanceType", "ecs.g6.xlarge")]).unwrap();
    assert!(response["OrderId"].is_string());
    assert_eq!(test.instance(id).unwrap()["InstanceType"], "ecs.g6.xlarge");
}

#[test]
fn instances_are_found_by_expiration_and_renewed() {
    let test = Test::new();
    let id = subscription(&test);
    test.run(&[]);
    let window = |start: &str, end: &str| {
        test.find(&[
            ("Filter.1.Key", "ExpiredStartTime"),
            ("Filter.1.Value", start),
            ("Filter.2.Key", "ExpiredEndTime"),
            ("Filter.2.Value", end),
        ])
    };
    assert_eq!(window("2026-02-01T00:00Z", "2026-02-08T00:00Z"), [id.as_str()]);
    assert_eq!(window("2026-03-01T00:00Z", "2026-03-08T00:00Z"), Vec::<String>::new());
    let response =
        test.call("RenewInstance", &[("InstanceId", &id), ("Period", "1"), ("PeriodUnit", "Month")]).unwrap();
    assert!(response["OrderId"].is_string());
    assert_eq!(window("2026-03-01T00:00Z", "2026-03-08T00:00Z"), [id.as_str()]);
    fails(test.call("RenewInstance", &[("InstanceId", &id), ("Period", "11")]), 400, "InvalidPeriod");
    fails(
        test.call("RenewInstance", &[("InstanceId", &id), ("Period", "1"), ("PeriodUnit", "Day")]),
        400,
        "InvalidPeriodUnit.ValueNotSupported",
    );
    fails(test.call("RenewInstance", &[("InstanceId", "i-none"), ("Period", "1")]), 404, "InvalidInstanceId.NotFound");
    let pay_as_you_go = test.find(&[("InstanceChargeType", "PostPaid")]).remove(0);
    fails(test.call("RenewInstance", &[("InstanceId", &pay_as_you_go), ("Period", "1")]), 403, "ChargeTypeViolation");
    fails(
        test.call_here("DescribeInstances", &[("Filter.1.Key", "Color"), ("Filter.1.Value", "red")]),
        404,
        "InvalidFilterKey.NotFound",
    );
    let filter = [("Filter.1.Key", "ExpiredStartTime"), ("Filter.1.Value", "soon")];
    fails(test.call_here("DescribeInstances", &filter), 404, "InvalidFilterValue");
}

#[test]
fn an_expired_instance_stops_and_goes_after_15_days() {
    let test = Test::new();
    let id = subscription(&test);
    test.advance(32 * DAY);
    let instance = test.instance(&id).unwrap();
    assert_eq!(instance["Status"], "Stopped");
    assert_eq!(instance["OperationLocks"]["LockReason"][0]["LockReason"], "financial");
    assert_eq!(test.find(&[("LockReason", "financial")]), [id.as_str()]);
    fails(test.call("StartInstance", &[("InstanceId", &id)]), 403, "InstanceExpired");
    fails(
        test.call_here("ModifyPrepayInstanceSpec", &[("InstanceId", &id), ("InstanceType", "ecs.g6.xlarge")]),
        403,
        "InvalidInstance.PreInstanceExpired",
    );
    fails(test.call("DeleteInstance", &[("InstanceId", &id)]), 403, "ChargeTypeViolation");
    test.call("RenewInstance", &[("InstanceId", &id), ("Period", "1")]).unwrap();
    test.call("StartInstance", &[("InstanceId", &id)]).unwrap();
    test.advance(1);
    assert_eq!(test.status(&id), "Running");
    test.advance(31 * DAY);
    test.call("DeleteInstance", &[("InstanceId", &id), ("TerminateSubscription", "true")]).unwrap();
    assert_eq!(test.status(&id), "gone");
    let other = subscription(&test);
    test.advance((31 + 14) * DAY);
    assert_eq!(test.status(&other), "Stopped");
    test.advance(2 * DAY);
    assert_eq!(test.status(&other), "gone");
}

#[test]
fn auto_renewal_is_switched_on_and_off() {
    let test = Test::new();
    let id = subscription(&test);
    assert_eq!(
        renewal(&test, &id),
        json!({ "InstanceId": id, "AutoRenewEnabled": false, "RenewalStatus": "Normal", "Duration": 0, "PeriodUnit": "Month" })
    );
    let modify = |parameters: &[(&str, &str)]| {
        let mut all = vec![("InstanceId", id.as_str())];
        all.extend_from_slice(parameters);
        test.call_here("ModifyInstanceAutoRenewAttribute", &all)
    };
    modify(&[("AutoRenew", "true"), ("Duration", "3")]).unwrap();
    assert_eq!(
        (&renewal(&test, &id)["RenewalStatus"], &renewal(&test, &id)["Duration"]),
        (&json!("AutoRenewal"), &json!(3))
    );
    test.advance(40 * DAY);
    let instance = test.instance(&id).unwrap();
    assert_eq!((&instance["Status"], &instance["ExpiredTime"]), (&json!("Running"), &json!("2026-05-02T03:04Z")));
    modify(&[("RenewalStatus", "NotRenewal")]).unwrap();
    assert_eq!(renewal(&test, &id)["RenewalStatus"], "NotRenewal");
    let found = test
        .call_here("DescribeInstanceAutoRenewAttribute", &[("RenewalStatus", "NotRenewal"), ("PageSize", "5")])
        .unwrap();
    assert_eq!((&found["TotalCount"], &found["PageSize"]), (&json!(1), &json!(5)));
    fails(modify(&[("RenewalStatus", "Sometimes")]), 403, "InvalidParameter.RenewalStatus");
    fails(modify(&[("AutoRenew", "true"), ("Duration", "7")]), 403, "InvalidParameter.Duration");
    let post_paid = test.run(&[]).remove(0);
    let both = format!("{id},{post_paid}");
    fails(test.call_here("DescribeInstanceAutoRenewAttribute", &[("InstanceId", &both)]), 403, "ChargeTypeViolation");
    fails(
        test.call_here("DescribeInstanceAutoRenewAttribute", &[("InstanceId", "i-none")]),
        403,
        "InvalidParameter.InvalidInstanceId",
    );
    fails(test.call_here("DescribeInstanceAutoRenewAttribute", &[]), 403, "MissingParameter.InstanceId");
    fails(
        test.call_here("DescribeInstanceAutoRenewAttribute", &[("InstanceId", &id), ("PageSize", "x")]),
        403,
        "InvalidParameter.PageSize",
    );
}

#[test]
fn a_spot_instance_is_interrupted() {
    let test = Test::new();
    let run = |limit: &str| {
        let parameters = [
            ("ImageId", IMAGE),
            ("InstanceType", "ecs.g5.large"),
            ("SpotStrategy", "SpotWithPriceLimit"),
            ("SpotPriceLimit", limit),
        ];
        test.call_here("RunInstances", &parameters)
    };
    fails(run("0.01"), 400, "InvalidSpotPriceLimit.LowerThanPublicPrice");
    fails(run(""), 400, "InvalidSpotPriceLimit");
    let response = run("0.3").unwrap();
    assert!(response["TradePrice"].as_f64().unwrap() <= 0.3, "{response}");
    let id = response["InstanceIdSets"]["InstanceIdSet"][0].as_str().unwrap();
    test.advance(1);
    assert!(!test.emulator.recycle("i-none"));
    assert_eq!(test.raw("GET", "/latest/meta-data/instance/spot/termination-time", &[], "").status, 404);
    assert!(test.emulator.recycle(id));
    let instance = test.instance(id).unwrap();
    assert_eq!(instance["OperationLocks"]["LockReason"][0]["LockReason"], "Recycling");
    let time = test.raw("GET", "/latest/meta-data/instance/spot/termination-time", &[], "");
    assert_eq!((time.status, time.body), (200, test.time(300)));
    let events = |parameters: &[(&str, &str)]| {
        let response = test.call_version(CMS, "DescribeSystemEventAttribute", parameters).unwrap();
        ids(&response["SystemEvents"]["SystemEvent"], "Name")
    };
    let name = "Instance:PreemptibleInstanceInterruption";
    assert_eq!(events(&[REGION, ("Product", "ecs"), ("StartTime", "1767323000000")]), [name]);
    assert_eq!(events(&[("Name", name), ("Status", "Normal"), ("Level", "WARN"), ("SearchKeywords", id)]), [name]);
    assert!(events(&[("EndTime", "1767323000000")]).is_empty() && events(&[("Product", "OSS")]).is_empty());
    test.advance(300);
    assert_eq!(test.status(id), "gone");
}

#[test]
fn a_spot_instance_can_be_stopped_instead() {
    let test = Test::new();
    let id = test.run(&[("SpotStrategy", "SpotAsPriceGo"), ("SpotInterruptionBehavior", "Stop")]).remove(0);
    assert!(test.emulator.recycle(&id));
    test.advance(300);
    assert_eq!(test.status(&id), "Stopped");
    test.call("StartInstance", &[("InstanceId", &id)]).unwrap();
    assert_eq!(test.instance(&id).unwrap()["OperationLocks"]["LockReason"], json!([]));
}

#[test]
fn the_price_history_pages_by_offset() {
    let test = Test::new();
    let page = |offset: u64| {
        let parameters = [
            ("InstanceType", "ecs.g5.large"),
            ("NetworkType", "vpc"),
            ("ZoneId", "cn-hangzhou-b"),
            ("StartTime", &*test.time(-50 * 3600)),
            ("Offset", &offset.to_string()),
        ];
        test.call_here("DescribeSpotPriceHistory", &parameters).unwrap()
    };
    let (mut prices, mut offset, mut pages) = (Vec::new(), 0, 0);
    while pages < 10 {
        let response = page(offset);
        prices.extend(ids(&response["SpotPrices"]["SpotPriceType"], "Timestamp"));
        assert_eq!(response["Currency"], "CNY");
        pages += 1;
        offset = response["NextOffset"].as_u64().unwrap();
        if offset == 0 {
            break;
        }
    }
    assert_eq!((pages, prices.len()), (3, 50));
    assert_eq!((prices[0].as_str(), prices[49].as_str()), ("2025-12-31T02:00:00Z", "2026-01-02T03:00:00Z"));
    assert_eq!(page(0)["SpotPrices"], page(0)["SpotPrices"]);
}
