//! The control interface of the emulator, and the Location service.

mod common;

use common::{ECS, REGION, Test, VPC, fails};

const LOCATION: &str = "2015-06-12";

#[test]
fn faults_can_be_set_over_http() {
    let test = Test::new();
    let put = |text: &str| test.raw("PUT", "/emulator/faults", &[], text);
    assert_eq!(put("500*2").status, 200);
    fails(test.call("DescribeRegions", &[]), 500, "InternalError");
    assert_eq!(put("").status, 200);
    test.call("DescribeRegions", &[]).unwrap();
    assert_eq!(put("process:500,clock:-7200,duplicate,gateway:408,echo-page,incomplete").status, 200);
    assert_eq!(put("").status, 200);
    let raw = put("lightning");
    assert!(raw.status == 400 && raw.body.starts_with("invalid fault `lightning`"), "{}", raw.body);
    assert!(test.raw("GET", "/emulator", &[], "").body.contains("/emulator/faults"));
    assert_eq!(test.emulator.requests().len(), 2);
}

#[test]
fn spot_instances_can_be_interrupted_over_http() {
    let test = Test::new();
    let spot = test.run(&[("SpotStrategy", "SpotAsPriceGo")]).remove(0);
    let other = test.run(&[]).remove(0);
    let post = |path: &str| test.raw("POST", &format!("/emulator/{path}"), &[], "").status;
    assert_eq!([post(&format!("recycle/{spot}")), post(&format!("recycle/{other}"))], [200, 404]);
    test.emulator.set_metadata_instance(&*spot);
    assert_eq!(test.raw("GET", "/latest/meta-data/instance/spot/termination-time", &[], "").body, test.time(300));
    for seconds in ["soon", "-1", "999999999999", "18446744073709551615", "18446744073709551616"] {
        assert_eq!(post(&format!("advance/{seconds}")), 400, "{seconds}");
    }
    assert_eq!(post("advance/300"), 200);
    assert_eq!(test.find(&[]), [other]);
}

#[test]
fn the_location_service_returns_the_emulator_for_every_service() {
    let test = Test::new();
    let call = |parameters: &[(&str, &str)]| test.call_version(LOCATION, "DescribeEndpoints", parameters);
    let response = call(&[("Id", "cn-beijing"), ("ServiceCode", "ecs"), ("Type", "openAPI"), REGION]).unwrap();
    let endpoint = &response["Endpoints"]["Endpoint"][0];
    assert_eq!((&endpoint["Endpoint"], &endpoint["SerivceCode"]), (&"127.0.0.1".into(), &"ecs".into()));
    assert_eq!((&endpoint["Id"], &response["Success"]), (&"cn-beijing".into(), &true.into()));
    let other = call(&[("Id", "cn-beijing"), ("ServiceCode", "vpc"), ("Type", "innerAPI")]).unwrap();
    assert_eq!(other["Endpoints"]["Endpoint"].as_array().map(Vec::len), Some(0));
    assert_eq!(
        call(&[("Id", "xx-new-1"), ("ServiceCode", "ecs")]).unwrap()["Endpoints"]["Endpoint"][0]["Id"],
        "xx-new-1"
    );
    fails(call(&[("Id", "x/y"), ("ServiceCode", "ecs")]), 400, "InvalidRegionId");
    fails(call(&[("Id", "cn-beijing"), ("ServiceCode", "oss")]), 400, "Illegal Parameter");
    assert!(fails(call(&[("Id", "cn-beijing")]), 400, "MissingParameter").contains("ServiceCode"));
    fails(test.call_version(LOCATION, "DescribeRegions", &[]), 404, "InvalidAction.NotFound");
}

#[test]
fn every_region_has_names() {
    let test = Test::new();
    let response = test.call("DescribeRegions", &[]).unwrap();
    for region in response["Regions"]["Region"].as_array().unwrap() {
        assert_ne!(region["LocalName"], region["RegionId"]);
    }
}

#[test]
fn the_error_for_an_unknown_operation_names_the_emulator() {
    let test = Test::new();
    for (version, operation) in [(VPC, "DeleteNatGateway"), (ECS, "DescribeNothing"), (LOCATION, "DescribeRegions")] {
        let message = fails(test.call_version(version, operation, &[REGION]), 404, "InvalidAction.NotFound");
        assert!(message.starts_with("This emulator does not know the operation"), "{message}");
        assert!(message.contains(operation) && message.contains(version), "{message}");
    }
}
