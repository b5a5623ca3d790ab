//! What the emulated regions sell: instance types, zones, stock and prices.

mod common;

use common::{REGION, Test, fails, ids};

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
    fails(test.call("DescribeInstanceTypes", &[("InstanceTypes.1", "")]), 400, "InvalidParameter");
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
