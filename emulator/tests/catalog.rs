//! Offers of the emulated regions: instance types, zones, stock and prices.

mod common;
#[path = "catalog/prices.rs"]
mod prices;

use std::time::{Duration, SystemTime};

use common::{START, Test, fails, ids, texts};
use ecs_emulator::{Clock, Emulator};
use serde_json::Value;

#[test]
fn instance_types_are_filtered() {
    let test = Test::new();
    let find = |parameters: &[(&str, &str)]| {
        let response = test.call("DescribeInstanceTypes", parameters).unwrap();
        ids(&response["InstanceTypes"]["InstanceType"], "InstanceTypeId")
    };
    assert!(find(&[]).len() > 600);
    let family = find(&[("InstanceTypeFamily", "ecs.g6")]);
    assert_eq!((family.len(), family[..2].to_vec()), (9, vec!["ecs.g6.large".to_owned(), "ecs.g6.xlarge".to_owned()]));
    assert_eq!(find(&[("InstanceTypes.1", "ecs.g6.large"), ("InstanceTypes.2", "ecs.c7.large")]).len(), 2);
    let gpu = find(&[("MinimumGPUAmount", "2")]);
    assert!(
        gpu.contains(&"ecs.gn6v-c8g1.8xlarge".to_owned()) && gpu.iter().all(|id| id.starts_with("ecs.gn")),
        "{gpu:?}"
    );
    let arm = find(&[("CpuArchitecture", "ARM"), ("MaximumCpuCoreCount", "2")]);
    assert_eq!(
        arm,
        [
            "ecs.g8y.small",
            "ecs.g8y.large",
            "ecs.c8y.small",
            "ecs.c8y.large",
            "ecs.r8y.small",
            "ecs.r8y.large",
            "ecs.g6r.large",
            "ecs.c6r.large"
        ]
    );
    let narrow =
        find(&[("MinimumCpuCoreCount", "24"), ("MaximumMemorySize", "48.5"), ("InstanceTypeFamily", "ecs.c7")]);
    assert_eq!(narrow, ["ecs.c7.6xlarge"]);
    assert_eq!(find(&[("PhysicalProcessorModel", "yitian"), ("MinimumCpuCoreCount", "128")]).len(), 2);
    assert_eq!(
        find(&[("GPUSpec", "T4"), ("MaximumGPUAmount", "1"), ("MaximumMemorySize", "15")]),
        ["ecs.gn6i-c4g1.xlarge"]
    );
    assert_eq!(
        find(&[
            ("LocalStorageCategory", "local_ssd_pro"),
            ("MinimumLocalStorageAmount", "8"),
            ("InstanceTypeFamily", "ecs.i4")
        ]),
        ["ecs.i4.32xlarge"]
    );
    assert_eq!(find(&[("NvmeSupport", "required"), ("InstanceTypeFamily", "ecs.g7")]).len(), 0);
    assert_eq!(find(&[("InstanceTypes.1", "ecs.none.large")]).len(), 0);
    fails(test.call("DescribeInstanceTypes", &[("NextToken", "made-up")]), 400, "InvalidParameter");
}

#[test]
fn available_resources_depend_on_the_zone() {
    let test = Test::new();
    let zones = |parameters: &[(&str, &str)]| {
        let response = test.call_here("DescribeAvailableResource", parameters).unwrap();
        let zones = response["AvailableZones"]["AvailableZone"].as_array().unwrap().clone();
        zones
            .into_iter()
            .map(|zone| {
                let resources =
                    &zone["AvailableResources"]["AvailableResource"][0]["SupportedResources"]["SupportedResource"];
                (zone["ZoneId"].as_str().unwrap().to_owned(), ids(resources, "Value"))
            })
            .collect::<Vec<_>>()
    };
    let prepaid = ("InstanceChargeType", "PrePaid");
    let optimized = zones(&[("DestinationResource", "IoOptimized"), prepaid]);
    assert_eq!((optimized.len(), optimized[0].1.as_slice()), (8, &["optimized".to_owned()][..]));
    let gpu = zones(&[
        ("DestinationResource", "InstanceType"),
        ("IoOptimized", "optimized"),
        ("InstanceType", "ecs.gn4.8xlarge"),
    ]);
    assert_eq!(
        gpu.iter().map(|(zone, _)| zone.as_str()).collect::<Vec<_>>(),
        ["cn-hangzhou-b", "cn-hangzhou-e", "cn-hangzhou-f"]
    );
    let spot = zones(&[
        ("DestinationResource", "InstanceType"),
        ("SpotStrategy", "SpotAsPriceGo"),
        ("ZoneId", "cn-hangzhou-e"),
    ]);
    assert!(
        spot[0].1.contains(&"ecs.g5.large".to_owned()) && !spot[0].1.contains(&"ecs.mn4.large".to_owned()),
        "{spot:?}"
    );
    let vpc =
        zones(&[("DestinationResource", "InstanceType"), ("NetworkCategory", "Vpc"), ("Cores", "2"), ("Memory", "8")]);
    assert!(vpc.iter().all(|(_, types)| !types.is_empty() && types.iter().all(|ty| ty.ends_with(".large"))), "{vpc:?}");
    let disks =
        zones(&[("DestinationResource", "SystemDisk"), ("InstanceType", "ecs.g6.large"), ("ZoneId", "cn-hangzhou-e")]);
    assert_eq!(disks[0].1, ["cloud_essd", "cloud_auto", "cloud_ssd", "cloud_efficiency"]);
    assert_eq!(zones(&[("DestinationResource", "InstanceType"), ("IoOptimized", "none")]), []);
    fails(
        test.call_here("DescribeAvailableResource", &[("DestinationResource", "Moon")]),
        404,
        "Invalid.DestinationResource",
    );
    fails(test.call_here("DescribeAvailableResource", &[("DestinationResource", "SystemDisk")]), 400, "Invalid.Param");
}

/// The details of a zone in DescribeZones.
fn zone<'z>(zones: &'z Value, id: &str) -> &'z Value {
    let zones = zones["Zones"]["Zone"].as_array().unwrap();
    zones.iter().find(|zone| zone["ZoneId"] == id).unwrap_or_else(|| panic!("{id}: {zones:?}"))
}

#[test]
fn zones_show_what_can_be_bought() {
    let test = Test::new();
    let zones = test.call_here("DescribeZones", &[("AcceptLanguage", "en-US")]).unwrap();
    assert_eq!(zones["Zones"]["Zone"].as_array().unwrap().len(), 8);
    let h = zone(&zones, "cn-hangzhou-h");
    assert_eq!((h["LocalName"].as_str(), h["ZoneType"].as_str()), (Some("Hangzhou Zone H"), Some("AvailabilityZone")));
    let resources = &h["AvailableResources"]["ResourcesInfo"][0];
    let types = texts(&h["AvailableInstanceTypes"]["InstanceTypes"]);
    assert!(types.contains(&"ecs.g7.large".to_owned()) && !types.contains(&"ecs.mn4.large".to_owned()));
    assert_eq!(texts(&resources["InstanceTypes"]["supportedInstanceType"]), types);
    assert!(texts(&resources["InstanceTypeFamilies"]["supportedInstanceTypeFamily"]).contains(&"ecs.g8i".to_owned()));
    assert!(texts(&resources["InstanceGenerations"]["supportedInstanceGeneration"]).contains(&"ecs-5".to_owned()));
    let system = texts(&resources["SystemDiskCategories"]["supportedSystemDiskCategory"]);
    assert!(system.contains(&"cloud_essd".to_owned()), "{system:?}");
    let creation = texts(&h["AvailableResourceCreation"]["ResourceTypes"]);
    assert_eq!(creation, ["VSwitch", "IoOptimized", "Instance", "Disk", "DedicatedHost"]);
    assert!(texts(&h["AvailableDedicatedHostTypes"]["DedicatedHostType"]).contains(&"ddh.g6".to_owned()));
    // Sold out types cannot be bought.
    let e = texts(&zone(&zones, "cn-hangzhou-e")["AvailableInstanceTypes"]["InstanceTypes"]);
    assert!(e.contains(&"ecs.gn6v-c8g1.2xlarge".to_owned()) && !e.contains(&"ecs.gn6i-c4g1.xlarge".to_owned()));
}

#[test]
fn zones_are_filtered_and_named() {
    let test = Test::new();
    let short = test.call_here("DescribeZones", &[("Verbose", "false")]).unwrap();
    let h = zone(&short, "cn-hangzhou-h");
    assert_eq!(h["LocalName"], "杭州 可用区H");
    assert_eq!(texts(&h["AvailableInstanceTypes"]["InstanceTypes"]), [""; 0]);
    assert_eq!(h["AvailableResources"]["ResourcesInfo"].as_array().unwrap().len(), 0);
    let spot = test.call_here("DescribeZones", &[("SpotStrategy", "SpotAsPriceGo")]).unwrap();
    let types = texts(&zone(&spot, "cn-hangzhou-h")["AvailableInstanceTypes"]["InstanceTypes"]);
    assert!(types.contains(&"ecs.g7.large".to_owned()) && !types.contains(&"ecs.ebmg7.32xlarge".to_owned()));
    let zones = |parameters: &[(&str, &str)]| test.call("DescribeZones", parameters);
    fails(zones(&[("RegionId", "moon-1")]), 404, "InvalidRegionId.NotFound");
    fails(test.call_here("DescribeZones", &[("AcceptLanguage", "xx")]), 404, "InvalidAcceptLanguage.NotFound");
    fails(
        test.call_here("DescribeZones", &[("InstanceChargeType", "Free")]),
        404,
        "InvalidInstanceChargeType.NotFound",
    );
    fails(test.call_here("DescribeZones", &[("SpotStrategy", "Cheap")]), 400, "InvalidSpotStrategy");
    let both = [("SpotStrategy", "SpotAsPriceGo"), ("InstanceChargeType", "PrePaid")];
    fails(test.call_here("DescribeZones", &both), 400, "InvalidSpotStrategy");
}

#[test]
fn families_and_host_types_are_listed_by_region() {
    let test = Test::new();
    let families = |parameters: &[(&str, &str)]| {
        let response = test.call("DescribeInstanceTypeFamilies", parameters).unwrap();
        ids(&response["InstanceTypeFamilies"]["InstanceTypeFamily"], "InstanceTypeFamilyId")
    };
    let hangzhou = families(&[("RegionId", "cn-hangzhou")]);
    for family in [
        "ecs.g5", "ecs.g6", "ecs.g7", "ecs.g7ne", "ecs.g7se", "ecs.g8i", "ecs.g8a", "ecs.g8y", "ecs.c8i", "ecs.r8a",
        "ecs.e", "ecs.u1", "ecs.t5", "ecs.t6", "ecs.hfc7",
    ] {
        assert!(hangzhou.iter().any(|id| id == family), "{family}");
    }
    let dubai = families(&[("RegionId", "me-east-1")]);
    assert!(dubai.contains(&"ecs.g7".to_owned()) && !dubai.contains(&"ecs.g8y".to_owned()), "{dubai:?}");
    let old = families(&[("RegionId", "cn-hangzhou"), ("Generation", "ecs-4")]);
    assert!(old.contains(&"ecs.g5".to_owned()) && !old.contains(&"ecs.g6".to_owned()), "{old:?}");
    fails(test.call("DescribeInstanceTypeFamilies", &[("RegionId", "moon-1")]), 404, "InvalidRegionId.NotFound");
    let hosts = test.call_here("DescribeDedicatedHostTypes", &[("SupportedInstanceTypeFamily", "ecs.g7")]).unwrap();
    assert_eq!(ids(&hosts["DedicatedHostTypes"]["DedicatedHostType"], "DedicatedHostType"), ["ddh.g7"]);
}

#[test]
fn instance_types_have_their_limits() {
    let test = Test::new();
    let types = test.call("DescribeInstanceTypes", &[("InstanceTypes.1", "ecs.g8i.2xlarge")]).unwrap();
    let ty = &types["InstanceTypes"]["InstanceType"][0];
    let facts = [
        "CpuCoreCount",
        "EniQuantity",
        "EniPrivateIpAddressQuantity",
        "EniIpv6AddressQuantity",
        "PrimaryEniQueueNumber",
    ];
    assert_eq!(facts.map(|name| ty[name].as_u64().unwrap()), [8, 4, 15, 15, 8]);
    assert_eq!((ty["NvmeSupport"].as_str(), ty["InstancePpsRx"].as_u64()), (Some("required"), Some(1_600_000)));
    assert_eq!((ty["InstanceBandwidthTx"].as_u64(), ty["MemorySize"].as_f64()), (Some(6_144_000), Some(32.0)));
    let types = test.call("DescribeInstanceTypes", &[("InstanceTypes.1", "ecs.i3.xlarge")]).unwrap();
    let ty = &types["InstanceTypes"]["InstanceType"][0];
    assert_eq!((ty["LocalStorageAmount"].as_u64(), ty["LocalStorageCapacity"].as_u64()), (Some(1), Some(894)));
    let types = test.call("DescribeInstanceTypes", &[("InstanceTypes.1", "ecs.t5-c1m1.xlarge")]).unwrap();
    let ty = &types["InstanceTypes"]["InstanceType"][0];
    assert_eq!((ty["InitialCredit"].as_u64(), ty["BaselineCredit"].as_u64()), (Some(120), Some(100)));
}

#[test]
fn available_resources_have_stock_and_sizes() {
    let test = Test::new();
    let find = |parameters: &[(&str, &str)]| {
        test.call_here("DescribeAvailableResource", parameters).unwrap()["AvailableZones"]["AvailableZone"].clone()
    };
    let resources = |zone: &Value| {
        zone["AvailableResources"]["AvailableResource"][0]["SupportedResources"]["SupportedResource"].clone()
    };
    let sold_out = find(&[
        ("DestinationResource", "InstanceType"),
        ("InstanceType", "ecs.gn6i-c4g1.xlarge"),
        ("ZoneId", "cn-hangzhou-e"),
    ]);
    assert_eq!(
        (sold_out[0]["Status"].as_str(), sold_out[0]["StatusCategory"].as_str()),
        (Some("SoldOut"), Some("WithoutStock"))
    );
    assert_eq!(resources(&sold_out[0])[0]["Status"], "SoldOut");
    let disks = find(&[
        ("DestinationResource", "SystemDisk"),
        ("InstanceType", "ecs.g7.large"),
        ("ZoneId", "cn-hangzhou-h"),
        ("SystemDiskCategory", "cloud_auto"),
    ]);
    let disk = &resources(&disks[0])[0];
    assert_eq!(
        (disk["Value"].as_str(), disk["Min"].as_u64(), disk["Max"].as_u64()),
        (Some("cloud_auto"), Some(1), Some(2048))
    );
    assert_eq!((disk["Unit"].as_str(), disk["StatusCategory"].as_str()), (Some("GiB"), Some("WithStock")));
    let data = find(&[
        ("DestinationResource", "DataDisk"),
        ("ResourceType", "disk"),
        ("ZoneId", "cn-hangzhou-h"),
        ("DataDiskCategory", "all"),
    ]);
    assert!(ids(&resources(&data[0]), "Value").len() > 4);
    let hosts = find(&[("DestinationResource", "ddh"), ("ResourceType", "ddh"), ("ZoneId", "cn-hangzhou-h")]);
    assert!(ids(&resources(&hosts[0]), "Value").contains(&"ddh.g7".to_owned()));
    let spot = [
        ("DestinationResource", "InstanceType"),
        ("InstanceType", "ecs.ebmg7.32xlarge"),
        ("SpotStrategy", "SpotAsPriceGo"),
    ];
    assert_eq!(find(&spot).as_array().unwrap().len(), 0);
    assert_eq!(find(&[("DestinationResource", "Network"), ("ZoneId", "cn-hangzhou-h")])[0]["Status"], "Available");
    let call = |parameters: &[(&str, &str)]| {
        let mut all = vec![("DestinationResource", "InstanceType")];
        all.extend_from_slice(parameters);
        test.call_here("DescribeAvailableResource", &all)
    };
    fails(call(&[("Cores", "0")]), 403, "InvalidParam.Cores");
    fails(call(&[("Memory", "-1")]), 403, "InvalidParam.Memory");
    fails(call(&[("InstanceType", "ecs.g7.large"), ("Cores", "4")]), 403, "InvalidParam.TypeAndCpuMem.Conflict");
    fails(call(&[("DedicatedHostId", "dh-none")]), 403, "InvalidDedicatedHostId.NotFound");
    fails(call(&[("Scope", "World")]), 403, "InvalidParameter.Scope");
    fails(call(&[("ResourceType", "cow")]), 404, "Invalid.ResourceType");
    fails(call(&[("SpotStrategy", "cow")]), 404, "Invalid.SpotStrategy");
    fails(call(&[("ZoneId", "cn-hangzhou-z")]), 404, "InvalidZoneId.NotFound");
}

#[test]
fn types_are_recommended() {
    let test = Test::new();
    let find = |parameters: &[(&str, &str)]| {
        let mut all = vec![("NetworkType", "vpc")];
        all.extend_from_slice(parameters);
        test.call_here("DescribeRecommendInstanceType", &all)
    };
    let types = |parameters: &[(&str, &str)]| {
        let response = find(parameters).unwrap();
        let list = response["Data"]["RecommendInstanceType"].as_array().unwrap().clone();
        list.iter().map(|entry| entry["InstanceType"]["InstanceType"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let instead =
        types(&[("InstanceType", "ecs.g6.large"), ("ZoneId", "cn-hangzhou-h"), ("PriorityStrategy", "PriceFirst")]);
    assert!(
        instead.contains(&"ecs.g7.large".to_owned()) && !instead.contains(&"ecs.g6.large".to_owned()),
        "{instead:?}"
    );
    assert!(!instead.contains(&"ecs.g8y.large".to_owned()), "other architecture");
    let sized =
        [("Cores", "2"), ("Memory", "8"), ("InstanceTypeFamily.1", "ecs.g7"), ("InstanceTypeFamily.2", "ecs.g5")];
    let newest = [&sized[..], &[("PriorityStrategy", "NewProductFirst")]].concat();
    assert_eq!(types(&newest), ["ecs.g7.large", "ecs.g5.large"]);
    fails(find(&[]), 400, "InvalidCoreAndMemory.ValueNotSupported");
    fails(find(&[("InstanceType", "ecs.g6.large"), ("Cores", "2")]), 400, "InvalidParam.TypeAndCpuMem.Conflict");
    fails(find(&[("InstanceType", "ecs.none.large")]), 400, "InvalidInstanceType.NotSupported");
    fails(
        find(&[("Cores", "2"), ("Memory", "8"), ("ZoneId", "cn-hangzhou-z")]),
        400,
        "InvalidZoneId.ValueNotSupported",
    );
    fails(find(&[("Cores", "2"), ("Memory", "8"), ("MaxPrice", "0.001")]), 400, "RecommendEmpty.PriceNotSatisfied");
    fails(find(&[("Cores", "2"), ("Memory", "7.5")]), 400, "RecommendEmpty.InstanceTypeNotMatched");
    let sold_out =
        [("Cores", "4"), ("Memory", "15"), ("InstanceTypeFamily.1", "ecs.gn6i"), ("ZoneId", "cn-hangzhou-e")];
    fails(find(&sold_out), 400, "RecommendEmpty.InstanceTypeSoldOut");
    fails(
        find(&[("Cores", "2"), ("Memory", "8"), ("InstanceTypeFamily.1", "ecs.no")]),
        400,
        "InvalidInstanceTypeFamily.NotFound",
    );
}

#[test]
fn spot_prices_and_advice_depend_on_type_and_zone() {
    let test = Test::new();
    let advice = |parameters: &[(&str, &str)]| test.call_here("DescribeSpotAdvice", parameters);
    let response = advice(&[("InstanceTypes.1", "ecs.g7.large")]).unwrap();
    let zones = response["AvailableSpotZones"]["AvailableSpotZone"].as_array().unwrap().clone();
    assert_eq!((zones.len(), response["RegionId"].as_str()), (8, Some("cn-hangzhou")));
    let resource = &zones[0]["AvailableSpotResources"]["AvailableSpotResource"][0];
    assert!((15..=35).contains(&resource["AverageSpotDiscount"].as_i64().unwrap()), "{resource}");
    let none = advice(&[("InstanceTypes.1", "ecs.ebmg7.32xlarge")]).unwrap();
    assert_eq!(none["AvailableSpotZones"]["AvailableSpotZone"].as_array().unwrap().len(), 0);
    fails(advice(&[("Cores", "0")]), 403, "InvalidParam.Cores");
    fails(advice(&[("MinMemory", "0")]), 403, "InvalidParam.Memory");
    fails(advice(&[("InstanceTypes.1", "ecs.g7.large"), ("Cores", "2")]), 403, "InvalidParam.TypeAndCpuMem.Conflict");
    let history = [("InstanceType", "ecs.g7.large"), ("NetworkType", "vpc"), ("ZoneId", "cn-hangzhou-h")];
    let history = test.call_here("DescribeSpotPriceHistory", &history).unwrap();
    let points = history["SpotPrices"]["SpotPriceType"].as_array().unwrap();
    assert!(
        !points.is_empty() && points.iter().all(|point| point["SpotPrice"].as_f64() < point["OriginPrice"].as_f64())
    );
    let unknown = [("InstanceType", "ecs.none.large"), ("NetworkType", "vpc")];
    fails(test.call_here("DescribeSpotPriceHistory", &unknown), 400, "InvalidInstanceType.ValueNotSupported");
}

#[test]
fn instances_of_all_generations_run() {
    let test = Test::new();
    for ty in [
        "ecs.g5.large",
        "ecs.g7.xlarge",
        "ecs.g8i.2xlarge",
        "ecs.c8a.large",
        "ecs.r8i.large",
        "ecs.u1-c1m2.large",
        "ecs.i3.xlarge",
        "ecs.hfc7.large",
        "ecs.gn7i-c8g1.2xlarge",
    ] {
        let id = test.run(&[("InstanceType", ty)]).remove(0);
        assert_eq!(test.instance(&id).unwrap()["InstanceType"], ty);
    }
    let arm = [("InstanceType", "ecs.c8y.large"), ("ImageId", "ubuntu_24_04_arm64_20G_alibase_20251102.vhd")];
    test.run(&arm);
}

#[test]
fn a_catalog_file_decides_what_is_sold() {
    let file = r#"{
        "families": [{"id": "ecs.lab", "category": "General-purpose", "processor": "Lab 1", "ghz": [3, 0]}],
        "instance_types": [{"id": "ecs.lab.large", "cpu": 2, "memory": 6, "hourly": 0.5}],
        "images": [{"id": "lab.vhd", "family": "lab", "platform": "Others Linux", "name": "Lab", "created": "2026-01-01T00:00:00Z"}],
        "regions": [{"id": "cn-lab", "name": "Lab", "zones": ["cn-lab-a"]}],
        "stock": [{"zone": "cn-lab-*", "instance_type": "ecs.g7.*", "stock": "sold_out"}]
    }"#;
    let clock = Clock::manual(SystemTime::UNIX_EPOCH + Duration::from_secs(START));
    let emulator = Emulator::builder().clock(clock.clone()).catalog(file).unwrap().start_blocking().unwrap();
    let test = Test { emulator, clock, key: ("testid".to_owned(), "testsecret".to_owned(), None) };
    let region = ("RegionId", "cn-lab");
    let regions = test.call("DescribeRegions", &[]).unwrap();
    assert!(ids(&regions["Regions"]["Region"], "RegionId").contains(&"cn-lab".to_owned()));
    let zones = test.call("DescribeZones", &[region]).unwrap();
    let types = texts(&zones["Zones"]["Zone"][0]["AvailableInstanceTypes"]["InstanceTypes"]);
    assert!(types.contains(&"ecs.lab.large".to_owned()) && !types.contains(&"ecs.g7.large".to_owned()));
    let run = |ty| test.call("RunInstances", &[region, ("InstanceType", ty), ("ImageId", "lab.vhd")]);
    run("ecs.lab.large").unwrap();
    fails(run("ecs.g7.large"), 403, "OperationDenied.NoStock");
    let price = test.call("DescribePrice", &[region, ("InstanceType", "ecs.lab.large")]).unwrap();
    assert_eq!(price["PriceInfo"]["Price"]["TradePrice"], 0.5);
    let error = Emulator::builder().catalog(r#"{"image": []}"#).unwrap_err().to_string();
    assert!(error.contains("unknown field `image`") && error.contains("line 1"), "{error}");
}
