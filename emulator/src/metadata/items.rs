//! The items of an instance's metadata.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use time::OffsetDateTime;

use crate::{clock, resources::Instance, state::State};

/// Returns the paths below `/latest/` with their values.
pub(crate) fn of(instance: &Instance, state: &State, now: OffsetDateTime) -> Vec<(String, String)> {
    let mut items: Vec<(String, String)> = Vec::new();
    let mut add = |path: &str, value: &str| items.push((format!("meta-data/{path}"), value.to_owned()));
    add("dns-conf/nameservers", "100.100.2.136\n100.100.2.138");
    add("hostname", &instance.host_name);
    add("image-id", &instance.image);
    add("instance-id", &instance.id);
    add("instance/instance-name", &instance.name);
    add("instance/instance-type", &instance.instance_type);
    add("mac", &instance.mac);
    add("network-type", "vpc");
    add("ntp-conf/ntp-servers", "ntp1.cloud.aliyuncs.com\nntp2.cloud.aliyuncs.com");
    add("owner-account-id", &state.account);
    add("private-ipv4", &instance.private_ip);
    add("region-id", &instance.region);
    add("serial-number", &instance.serial);
    add("vpc-id", &instance.vpc);
    add("vswitch-id", &instance.vswitch);
    add("zone-id", &instance.zone);
    if let Some(ip) = &instance.internet.ip {
        add("eipv4", ip);
        add("public-ipv4", ip);
    }
    if let Some(time) = instance.spot.interrupted {
        add("instance/spot/termination-time", &clock::seconds(time));
    }
    let vswitch = state.vswitches.get(&instance.vswitch);
    let vpc = state.vpcs.get(&instance.vpc);
    let interface = format!("network/interfaces/macs/{}", instance.mac);
    add(&format!("{interface}/network-interface-id"), &instance.interface);
    add(&format!("{interface}/primary-ip-address"), &instance.private_ip);
    add(&format!("{interface}/private-ipv4s"), &json!([instance.private_ip]).to_string());
    add(&format!("{interface}/vpc-id"), &instance.vpc);
    add(&format!("{interface}/vswitch-id"), &instance.vswitch);
    if let Some(vswitch) = vswitch {
        for path in ["vpc-cidr-block", &format!("{interface}/vpc-cidr-block")] {
            add(path, vpc.map_or("", |vpc| &vpc.cidr));
        }
        for path in ["vswitch-cidr-block", &format!("{interface}/vswitch-cidr-block")] {
            add(path, &vswitch.cidr);
        }
        add(&format!("{interface}/gateway"), &vswitch.gateway());
        add(&format!("{interface}/netmask"), &vswitch.netmask());
    }
    let document = json!({
        "account-id": state.account,
        "image-id": instance.image,
        "instance-id": instance.id,
        "instance-type": instance.instance_type,
        "mac": instance.mac,
        "owner-account-id": state.account,
        "private-ipv4": instance.private_ip,
        "region-id": instance.region,
        "serial-number": instance.serial,
        "zone-id": instance.zone,
        "current-time": now.unix_timestamp().to_string(),
    });
    items.push(("dynamic/instance-identity/document".to_owned(), document.to_string()));
    if let Some(data) = STANDARD.decode(&instance.user_data).ok().filter(|data| !data.is_empty()) {
        items.push(("user-data".to_owned(), String::from_utf8_lossy(&data).into_owned()));
    }
    items
}
