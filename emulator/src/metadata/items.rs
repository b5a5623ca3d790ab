//! The items of an instance's metadata.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use time::OffsetDateTime;

use crate::{clock, instance::Instance, network::Network, state::ACCOUNT};

/// Paths below `/latest/` and their values.
pub(crate) fn of(instance: &Instance, network: Option<&Network>, now: OffsetDateTime) -> Vec<(String, String)> {
    let mut items: Vec<(String, String)> = Vec::new();
    let mut tell = |path: &str, value: &str| items.push((format!("meta-data/{path}"), value.to_owned()));
    tell("dns-conf/nameservers", "100.100.2.136\n100.100.2.138");
    tell("hostname", &instance.host_name);
    tell("image-id", &instance.image);
    tell("instance-id", &instance.id);
    tell("instance/instance-name", &instance.name);
    tell("instance/instance-type", &instance.instance_type);
    tell("mac", &instance.mac);
    tell("network-type", "vpc");
    tell("ntp-conf/ntp-servers", "ntp1.cloud.aliyuncs.com\nntp2.cloud.aliyuncs.com");
    tell("owner-account-id", ACCOUNT);
    tell("private-ipv4", &instance.private_ip);
    tell("region-id", &instance.region);
    tell("serial-number", &instance.serial);
    tell("vpc-id", &instance.vpc);
    tell("vswitch-id", &instance.vswitch);
    tell("zone-id", &instance.zone);
    if let Some(ip) = &instance.internet.ip {
        tell("eipv4", ip);
        tell("public-ipv4", ip);
    }
    if let Some(time) = instance.spot.interrupted {
        tell("instance/spot/termination-time", &clock::seconds(time));
    }
    let vswitch = network.and_then(|network| network.vswitches.get(&instance.vswitch));
    let interface = format!("network/interfaces/macs/{}", instance.mac);
    tell(&format!("{interface}/network-interface-id"), &instance.interface);
    tell(&format!("{interface}/primary-ip-address"), &instance.private_ip);
    tell(&format!("{interface}/private-ipv4s"), &json!([instance.private_ip]).to_string());
    tell(&format!("{interface}/vpc-id"), &instance.vpc);
    tell(&format!("{interface}/vswitch-id"), &instance.vswitch);
    if let Some(vswitch) = vswitch {
        for path in ["vpc-cidr-block", &format!("{interface}/vpc-cidr-block")] {
            tell(path, crate::network::VPC_CIDR);
        }
        for path in ["vswitch-cidr-block", &format!("{interface}/vswitch-cidr-block")] {
            tell(path, &vswitch.cidr());
        }
        tell(&format!("{interface}/gateway"), &vswitch.gateway());
        tell(&format!("{interface}/netmask"), "255.255.240.0");
    }
    let document = json!({
        "account-id": ACCOUNT,
        "image-id": instance.image,
        "instance-id": instance.id,
        "instance-type": instance.instance_type,
        "mac": instance.mac,
        "owner-account-id": ACCOUNT,
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
