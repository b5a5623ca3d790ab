//! Memory use is bounded for lists of any length. This test has its own binary because it measures the memory of the
//! process.
#![cfg(target_os = "linux")]

extern crate ecs_sdk_testing as ecs_sdk;

use ecs_sdk::operation::{describe_instances::DescribeInstancesResponse, run_instances::RunInstancesRequest};

/// Peak memory of this process, in MiB.
fn peak_mib() -> usize {
    let status = std::fs::read("/proc/self/status").unwrap();
    let status = String::from_utf8(status).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<usize>().unwrap() >> 10
}

/// A list of a million elements.
fn million(element: &str) -> String {
    let mut text = String::from("[");
    text.push_str(&format!("{element},").repeat(999_999));
    text + element + "]"
}

#[test]
fn lists_of_a_million_elements_use_bounded_memory() {
    let read = |text: &str| serde_json::from_str::<DescribeInstancesResponse>(text);
    let before = peak_mib();
    for element in ["null", "{\"Tags\":{\"Tag\":[{},{}]}}"] {
        let list = million(element);
        for text in [format!("{{\"Instances\":{{\"Instance\":{list}}}}}"), format!("{{\"Instances\":{list}}}")] {
            let error = read(&text).unwrap_err().to_string();
            assert!(error.contains("]: the lists take more than 256 MiB of memory"), "{error}");
        }
        let unknown = read(&format!("{{\"New\":{list},\"TotalCount\":1}}")).unwrap();
        assert_eq!(unknown.total_count, Some(1));
    }
    // While a vector grows, its old and its new buffer exist at the same time.
    assert!(peak_mib() - before < 1000, "{before} MiB before, {} MiB now", peak_mib());

    // Strings are small, so a million of them is accepted.
    let ids = serde_json::from_str::<RunInstancesRequest>(&format!("{{\"SecurityGroupIds\":{}}}", million("\"sg\"")));
    assert_eq!(ids.unwrap().security_group_ids.len(), 1_000_000);
    let before = peak_mib();
    let nested = format!(
        "{{\"Instances\":{{\"Instance\":[{{\"SecurityGroupIds\":{{\"SecurityGroupId\":{}}}}}]}}}}",
        million("\"\"")
    );
    assert_eq!(read(&nested).unwrap().instances[0].security_group_ids.len(), 1_000_000);
    assert!(peak_mib() - before < 200);
}
