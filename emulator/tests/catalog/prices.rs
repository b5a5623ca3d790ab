//! Prices.

use ecs_emulator::Emulator;
use serde_json::Value;

use crate::common::{self, Test, fails, ids};

/// The total price of a response, and the prices of its parts.
fn prices(response: &Value) -> (f64, Vec<(String, f64)>) {
    let price = &response["PriceInfo"]["Price"];
    let trade = |value: &Value| value["TradePrice"].as_f64().unwrap();
    let parts = price["DetailInfos"]["DetailInfo"].as_array().cloned().unwrap_or_default();
    (trade(price), parts.iter().map(|part| (part["Resource"].as_str().unwrap().to_owned(), trade(part))).collect())
}

#[test]
fn an_instance_has_a_price_of_its_parts() {
    let test = Test::new();
    let price = |parameters: &[(&str, &str)]| {
        let mut all = vec![("InstanceType", "ecs.g7.large"), ("ImageId", common::IMAGE)];
        all.extend_from_slice(parameters);
        test.call_here("DescribePrice", &all).unwrap()
    };
    let disks = [
        ("SystemDisk.Category", "cloud_essd"),
        ("SystemDisk.Size", "40"),
        ("DataDisk.1.Category", "cloud_essd"),
        ("DataDisk.1.Size", "500"),
        ("DataDisk.1.PerformanceLevel", "PL2"),
        ("InternetChargeType", "PayByBandwidth"),
        ("InternetMaxBandwidthOut", "5"),
    ];
    let response = price(&disks);
    assert_eq!(response["PriceInfo"]["Price"]["Currency"], "CNY");
    let (total, parts) = prices(&response);
    assert_eq!(
        parts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["instanceType", "systemDisk", "dataDisk", "image", "bandwidth"]
    );
    let sum: f64 = parts.iter().map(|(_, price)| price).sum();
    assert!(
        (total - sum).abs() < 0.001 && parts.iter().all(|(name, price)| (*price > 0.0) == (name != "image")),
        "{parts:?}"
    );
    let two = [&disks[..], &[("Amount", "2")]].concat();
    assert!((prices(&price(&two)).0 - 2.0 * total).abs() < 0.001);
    let month = prices(&price(&[("PriceUnit", "Month")])).0;
    let year = price(&[("PriceUnit", "Year")]);
    let full = &year["PriceInfo"]["Price"];
    assert!((full["OriginalPrice"].as_f64().unwrap() - 12.0 * month).abs() < 0.1);
    assert!((full["DiscountPrice"].as_f64().unwrap() - 12.0 * month * 0.15).abs() < 0.1);
    assert_eq!(year["PriceInfo"]["Rules"]["Rule"][0]["RuleId"], 587);
    let spot = price(&[("SpotStrategy", "SpotAsPriceGo")]);
    assert!(prices(&spot).0 < prices(&price(&[])).0);
    let singapore =
        test.call("DescribePrice", &[("RegionId", "ap-southeast-1"), ("InstanceType", "ecs.g7.large")]).unwrap();
    assert_eq!(singapore["PriceInfo"]["Price"]["Currency"], "USD");
}

#[test]
fn other_resources_have_prices() {
    let test = Test::new();
    let price = |parameters: &[(&str, &str)]| prices(&test.call_here("DescribePrice", parameters).unwrap());
    let disk = |size| [("ResourceType", "disk"), ("DataDisk.1.Category", "cloud_ssd"), ("DataDisk.1.Size", size)];
    let (small, parts) = price(&disk("20"));
    assert!(small > 0.0 && parts.is_empty());
    assert!((price(&disk("40")).0 - 2.0 * small).abs() < 0.001);
    let iops = [
        ("ResourceType", "diskperformance"),
        ("DataDisk.1.Category", "cloud_auto"),
        ("DataDisk.1.ProvisionedIops", "1000"),
    ];
    assert!(price(&iops).0 > 0.0);
    let bandwidth =
        [("ResourceType", "bandwidth"), ("InternetChargeType", "PayByBandwidth"), ("InternetMaxBandwidthOut", "10")];
    assert!(price(&bandwidth).0 > 0.0);
    assert!(price(&[("ResourceType", "ddh"), ("DedicatedHostType", "ddh.g7"), ("PriceUnit", "Month")]).0 > 1000.0);
    let reserved = |amount| {
        [("ResourceType", "CapacityReservation"), ("InstanceType", "ecs.g7.large"), ("InstanceAmount", amount)]
    };
    assert!((price(&reserved("4")).0 - 4.0 * price(&reserved("1")).0).abs() < 0.001);
    let cores =
        [("ResourceType", "ElasticityAssurance"), ("InstanceType", "ecs.g7.large"), ("InstanceCpuCoreCount", "3")];
    assert!(price(&cores).0 > 0.0);
}

#[test]
fn what_has_no_price_is_an_error() {
    let test = Test::new();
    let price = |parameters: &[(&str, &str)]| test.call_here("DescribePrice", parameters);
    let of = |parameters: &[(&str, &str)]| {
        let mut all = vec![("InstanceType", "ecs.g7.large")];
        all.extend_from_slice(parameters);
        test.call_here("DescribePrice", &all)
    };
    fails(price(&[]), 404, "InvalidInstanceType.Missing");
    fails(price(&[("InstanceType", "ecs.none.large")]), 400, "InvalidInstanceType.ValueNotSupported");
    fails(price(&[("ResourceType", "cow")]), 400, "InvalidResourceType.ValueNotSupported");
    fails(price(&[("ResourceType", "disk")]), 404, "InvalidDiskCategory.Missing");
    fails(price(&[("ResourceType", "ddh")]), 404, "InvalidDedicatedHostType.Missing");
    fails(price(&[("ResourceType", "ddh"), ("DedicatedHostType", "ddh.none")]), 400, "PriceNotFound");
    let small = [("ResourceType", "disk"), ("DataDisk.1.Category", "cloud_ssd"), ("DataDisk.1.Size", "5")];
    fails(price(&small), 400, "InvalidDataDiskSize.ValueNotSupported");
    fails(of(&[("PriceUnit", "Day")]), 400, "InvalidPriceUnit.ValueNotSupported");
    fails(of(&[("PriceUnit", "Month"), ("Period", "10")]), 400, "InvalidPeriod");
    fails(of(&[("ImageId", "none.vhd")]), 404, "InvalidImageId.NotFound");
    fails(of(&[("ImageId", "aliyun_3_arm64_20G_alibase_20250117.vhd")]), 403, "ImageNotSupportInstanceType");
    fails(of(&[("ZoneId", "cn-hangzhou-z")]), 400, "Invalid.ZoneId");
    fails(price(&[("InstanceType", "ecs.gn4.8xlarge"), ("ZoneId", "cn-hangzhou-k")]), 400, "PriceNotFound");
    fails(of(&[("SystemDisk.Category", "cloud_none")]), 400, "InvalidSystemDiskCategory.ValueNotSupported");
    fails(
        of(&[("SystemDisk.Category", "cloud_essd"), ("SystemDisk.Size", "10")]),
        400,
        "InvalidSystemDiskSize.ValueNotSupported",
    );
    fails(
        of(&[("SystemDisk.Category", "cloud_essd"), ("SystemDisk.PerformanceLevel", "PL9")]),
        400,
        "InvalidPerformanceLevel.Malformed",
    );
    fails(of(&[("DataDisk.1.Category", "cloud_none")]), 400, "InvalidDataDiskCategory.ValueNotSupported");
    fails(of(&[("InternetChargeType", "PayByMood")]), 400, "InvalidInternetChargeType.ValueNotSupported");
    fails(of(&[("IoOptimized", "none")]), 403, "IoOptimized.NotSupported");
    fails(of(&[("RegionId", "moon-1")]), 404, "InvalidRegionId.NotFound");
}

#[test]
fn a_renewal_costs_what_the_instance_and_its_disks_do() {
    let test = Test::new();
    let prepaid = [("InstanceChargeType", "PrePaid"), ("Period", "1"), ("PeriodUnit", "Month")];
    let id = test.run(&prepaid).remove(0);
    let price = |parameters: &[(&str, &str)]| {
        let mut all = vec![("ResourceId", id.as_str())];
        all.extend_from_slice(parameters);
        test.call_here("DescribeRenewalPrice", &all)
    };
    let (month, parts) = prices(&price(&[]).unwrap());
    assert_eq!(parts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["instance", "systemDisk"]);
    assert!((prices(&price(&[("Period", "3")]).unwrap()).0 - 3.0 * month).abs() < 0.1);
    assert!((prices(&price(&[("PriceUnit", "Year")]).unwrap()).0 - 12.0 * 0.85 * month).abs() < 1.0);
    let to_day = prices(&price(&[("ExpectedRenewDay", "15")]).unwrap()).0;
    assert!(to_day >= month && to_day < 2.5 * month, "{to_day} {month}");
    fails(price(&[("ExpectedRenewDay", "3"), ("Period", "1")]), 400, "InvalidExpectedRenewDay.Conflict");
    fails(price(&[("Period", "12")]), 400, "InvalidPeriod");
    fails(price(&[("PriceUnit", "Hour")]), 400, "InvalidPriceUnit.ValueNotSupported");
    fails(price(&[("ResourceType", "disk")]), 400, "InvalidResourceType.ValueNotSupported");
    let hourly = test.run(&[]).remove(0);
    fails(test.call_here("DescribeRenewalPrice", &[("ResourceId", &hourly)]), 403, "ChargeTypeViolation");
    fails(test.call_here("DescribeRenewalPrice", &[("ResourceId", "i-none")]), 404, "InvalidInstanceId.NotFound");
}

#[test]
fn a_change_costs_the_difference_for_the_time_left() {
    let test = Test::new();
    let prepaid =
        [("InstanceChargeType", "PrePaid"), ("Period", "1"), ("PeriodUnit", "Month"), ("DataDisk.1.Size", "40")];
    let id = test.run(&prepaid).remove(0);
    let price = |parameters: &[(&str, &str)]| {
        let mut all = vec![("InstanceId", id.as_str())];
        all.extend_from_slice(parameters);
        test.call_here("DescribeInstanceModificationPrice", &all)
    };
    let larger = prices(&price(&[("InstanceType", "ecs.g6.xlarge")]).unwrap()).0;
    assert!(larger > 0.0);
    test.advance(15 * 24 * 3600);
    let later = prices(&price(&[("InstanceType", "ecs.g6.xlarge")]).unwrap()).0;
    assert!(later < 0.6 * larger && later > 0.4 * larger, "{later} {larger}");
    let disk = [("DataDisk.1.Category", "cloud_essd"), ("DataDisk.1.Size", "100")];
    assert_eq!(prices(&price(&disk).unwrap()).1[0].0, "dataDisk");
    let disks = test.call_here("DescribeDisks", &[("InstanceId", &id), ("DiskType", "data")]).unwrap();
    let own = ids(&disks["Disks"]["Disk"], "DiskId").remove(0);
    assert!(prices(&price(&[("DataDisk.1.DiskId", &own), ("DataDisk.1.Size", "80")]).unwrap()).0 > 0.0);
    fails(price(&[("DataDisk.1.DiskId", &own), ("DataDisk.1.Size", "20")]), 400, "InvalidDiskSize.TooSmall");
    fails(price(&[("DataDisk.1.DiskId", "d-none")]), 404, "InvalidDiskId.NotFound");
    fails(price(&[("DataDisk.1.Size", "40")]), 400, "InvalidDiskCategory.Missing");
    fails(price(&[]), 400, "MissingParameter.InstanceTypeOrDataDisk");
    fails(price(&[("InstanceType", "ecs.none.large")]), 400, "InvalidInstanceType.ValueNotSupported");
    fails(price(&[("InstanceType", "ecs.t6-c4m1.large")]), 403, "InvalidInstanceType.NotSupportUpgrade");
    test.advance(20 * 24 * 3600);
    fails(price(&[("InstanceType", "ecs.g6.xlarge")]), 403, "InstanceExpired");
    let none = [("InstanceId", "i-none"), ("InstanceType", "ecs.g6.xlarge")];
    fails(test.call_here("DescribeInstanceModificationPrice", &none), 404, "InvalidInstanceId.NotFound");
}

#[test]
fn a_lenient_emulator_prices_any_type_and_image() {
    let test = Test::new();
    let unknown = [("InstanceType", "ecs.mine.large"), ("ImageId", "mine.vhd")];
    fails(test.call_here("DescribePrice", &unknown), 400, "InvalidInstanceType.ValueNotSupported");
    let builder = Emulator::builder().clock(test.clock.clone()).lenient(true);
    let lenient =
        Test { emulator: builder.start_blocking().unwrap(), clock: test.clock.clone(), key: test.key.clone() };
    assert!(prices(&lenient.call_here("DescribePrice", &unknown).unwrap()).0 > 0.0);
}
