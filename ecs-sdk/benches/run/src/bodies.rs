//! The responses that the server sends.

use serde_json::{Value, json};

/// Instances in a large response, about 350 KB.
pub const INSTANCES: usize = 100;

/// A small response: two regions, 0.6 KB.
pub fn small() -> String {
    let region = |id: &str, name: &str| {
        json!({
            "RegionId": id,
            "LocalName": name,
            "RegionEndpoint": format!("ecs.{id}.aliyuncs.com"),
            "Status": "available",
        })
    };
    let regions = [
        region("cn-hangzhou", "China (Hangzhou)"),
        region("cn-beijing", "China (Beijing)"),
        region("cn-shanghai", "China (Shanghai)"),
        region("eu-central-1", "Germany (Frankfurt)"),
    ];
    json!({"RequestId": REQUEST_ID, "Regions": {"Region": regions}}).to_string()
}

/// A large response.
pub fn large() -> String {
    page(0, "", INSTANCES)
}

/// A page of instances, whose IDs are those of the page.
pub fn page(number: usize, next_token: &str, total: usize) -> String {
    let mut instance: Value = serde_json::from_str(include_str!("instance.json")).unwrap_or_default();
    instance["InstanceId"] = format!("i-bp67acfmxazb4p{number:04}").into();
    let instances = vec![instance; INSTANCES];
    json!({
        "RequestId": REQUEST_ID,
        "NextToken": next_token,
        "PageSize": INSTANCES,
        "TotalCount": total,
        "Instances": {"Instance": instances},
    })
    .to_string()
}

const REQUEST_ID: &str = "473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E";
