//! The items of an instance's metadata, as the service documents them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use time::{OffsetDateTime, macros::format_description};

use crate::{
    catalog::Catalog,
    clock,
    resources::{Instance, Interface, KeyPair},
    state::{Row as _, State},
};

/// Name of the folder whose items are also there as one JSON document.
pub(crate) const METADATA: &str = "meta-data";

/// The items of an instance, in no particular order.
pub(super) struct Items {
    /// Paths below the version, with their values.
    all: Vec<(String, String)>,
}

impl Items {
    /// Collects the items of an instance.
    pub(super) fn of(instance: &Instance, state: &State, catalog: &Catalog, now: OffsetDateTime) -> Self {
        let mut items = Items { all: Vec::new() };
        items.add_instance(instance, state, catalog);
        items.add_network(instance, state);
        for disk in state.disks.linked(&instance.id) {
            items.add(&format!("disks/{}/id", disk.serial), &disk.id);
            items.add(&format!("disks/{}/name", disk.serial), &disk.name);
        }
        for (key, value) in &instance.tags {
            items.add(&format!("tags/instance/{key}"), value);
        }
        if let Some(key) = public_key(state, instance) {
            for name in ["0", &key.name] {
                items.add(&format!("public-keys/{name}/openssh-key"), key.public_key.trim_end());
            }
        }
        items.all.push(("dynamic/instance-identity/document".to_owned(), document(instance, state, now)));
        items.all.push(("maintenance/active-system-events".to_owned(), system_events(instance, state)));
        items
    }

    /// The items if there is no instance.
    pub(super) fn none() -> Self {
        Items { all: Vec::new() }
    }

    /// Adds an item of the folder `meta-data`.
    pub(super) fn add(&mut self, path: &str, value: &str) {
        self.all.push((format!("{METADATA}/{path}"), value.to_owned()));
    }

    /// Lists an item outside of the folder `meta-data` whose value is elsewhere.
    pub(super) fn list(&mut self, path: &str) {
        self.all.push((path.to_owned(), String::new()));
    }

    /// Returns the value of an item, or the names in a folder, one a line; those of folders end with a slash.
    pub(super) fn get(&self, path: &str) -> Option<String> {
        if let Some((_, value)) = self.all.iter().find(|(item, _)| item == path) {
            return Some(value.clone());
        }
        let folder = if path.is_empty() { String::new() } else { format!("{path}/") };
        let below = self.all.iter().filter_map(|(item, _)| item.strip_prefix(&folder));
        let mut names: Vec<String> = below
            .map(|rest| rest.split_once('/').map_or_else(|| rest.to_owned(), |(name, _)| format!("{name}/")))
            .collect();
        names.sort_unstable();
        names.dedup();
        (!names.is_empty()).then(|| names.join("\n"))
    }

    /// Returns all items of the folder `meta-data` as one JSON document, without credentials.
    pub(super) fn document(&self) -> Option<String> {
        let mut root = Map::new();
        for (path, value) in &self.all {
            let Some(path) = path.strip_prefix(METADATA).and_then(|path| path.strip_prefix('/')) else { continue };
            if !path.starts_with("ram/") {
                insert(&mut root, path, value);
            }
        }
        (!root.is_empty()).then(|| Value::Object(root).to_string())
    }

    fn add_instance(&mut self, instance: &Instance, state: &State, catalog: &Catalog) {
        self.add("dns-conf/nameservers", "100.100.2.136\n100.100.2.138");
        self.add("hibernation/configured", "false");
        self.add("hostname", &instance.host_name);
        self.add("image-id", &instance.image);
        self.add("instance-id", &instance.id);
        self.add("instance/instance-name", &instance.name);
        self.add("instance/instance-type", &instance.instance_type);
        let landed = instance.created.format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second]"));
        self.add("instance/last-host-landing-time", &landed.unwrap_or_default());
        if let Some(ty) = catalog.instance_type(&instance.instance_type) {
            // In Kbit/s.
            let bandwidth = (u64::from(ty.bandwidth) * 1000).to_string();
            self.add("instance/max-netbw-egress", &bandwidth);
            self.add("instance/max-netbw-ingress", &bandwidth);
        }
        self.add("instance/virtualization-solution", "ECS Virt");
        self.add("instance/virtualization-solution-version", "2.0");
        if let Some(time) = instance.spot.interrupted {
            self.add("instance/spot/termination-time", &clock::seconds(time));
        }
        self.add("ntp-conf/ntp-servers", "ntp1.cloud.aliyuncs.com\nntp2.cloud.aliyuncs.com");
        self.add("owner-account-id", &state.account);
        self.add("region-id", &instance.region);
        self.add("serial-number", &instance.serial);
        self.add("zone-id", &instance.zone);
        let windows = catalog.image(&instance.image).is_some_and(|image| image.os_type() == "windows")
            || state.images.get(&instance.image).is_some_and(|image| image.os_type == "windows");
        if windows {
            self.add("kms-server", "kms.cloud.aliyuncs.com");
            self.add("wsus-server/wu-server", "http://update.cloud.aliyuncs.com");
            self.add("wsus-server/wu-status-server", "http://update.cloud.aliyuncs.com");
        } else {
            self.add("source-address", "http://mirrors.cloud.aliyuncs.com");
        }
    }

    fn add_network(&mut self, instance: &Instance, state: &State) {
        self.add("mac", &instance.mac);
        self.add("network-type", "vpc");
        self.add("private-ipv4", &instance.private_ip);
        self.add("vpc-id", &instance.vpc);
        self.add("vswitch-id", &instance.vswitch);
        if let Some(vpc) = state.vpcs.get(&instance.vpc) {
            self.add("vpc-cidr-block", &vpc.cidr);
        }
        if let Some(vswitch) = state.vswitches.get(&instance.vswitch) {
            self.add("vswitch-cidr-block", &vswitch.cidr);
        }
        let eip = state.eips.linked(&instance.id).next().map(|eip| &eip.address);
        if let Some(address) = eip.or(instance.internet.ip.as_ref()) {
            self.add("eipv4", address);
        }
        if let Some(address) = &instance.internet.ip {
            self.add("public-ipv4", address);
        }
        for interface in state.interfaces.linked(&instance.id) {
            self.add_interface(interface, state);
        }
    }

    fn add_interface(&mut self, interface: &Interface, state: &State) {
        let folder = format!("network/interfaces/macs/{}", interface.mac);
        let mut add = |name: &str, value: &str| self.add(&format!("{folder}/{name}"), value);
        add("network-interface-id", &interface.id);
        add("primary-ip-address", &interface.private_ip);
        let addresses: Vec<&String> = [&interface.private_ip].into_iter().chain(&interface.secondary_ips).collect();
        add("private-ipv4s", &json!(addresses).to_string());
        add("vpc-id", &interface.vpc);
        add("vswitch-id", &interface.vswitch);
        if let Some(vpc) = state.vpcs.get(&interface.vpc) {
            add("vpc-cidr-block", &vpc.cidr);
        }
        if let Some(vswitch) = state.vswitches.get(&interface.vswitch) {
            add("vswitch-cidr-block", &vswitch.cidr);
            add("gateway", &vswitch.gateway());
            add("netmask", &vswitch.netmask());
            if !interface.ipv6.is_empty() && !vswitch.ipv6_cidr.is_empty() {
                add("vswitch-ipv6-cidr-block", &vswitch.ipv6_cidr);
            }
        }
        if !interface.ipv6.is_empty() {
            add("ipv6s", &json!(interface.ipv6).to_string());
        }
        if interface.primary && !interface.secondary_ips.is_empty() {
            self.add("sub-private-ipv4-list", &interface.secondary_ips.join("\n"));
        }
    }
}

/// Returns the key pair whose public key an instance has.
pub(super) fn public_key<'s>(state: &'s State, instance: &Instance) -> Option<&'s KeyPair> {
    let link = KeyPair::link(&instance.region, &instance.key_pair);
    state.key_pairs.linked(&link).next().filter(|key| !key.public_key.is_empty())
}

/// Returns the user data as it was before it was encoded in Base64; `None` if there is none.
pub(super) fn user_data(instance: &Instance) -> Option<Vec<u8>> {
    STANDARD.decode(&instance.user_data).ok().filter(|data| !data.is_empty())
}

/// Returns the identity document. Its signature, `pkcs7`, is left out: only the service can sign it.
fn document(instance: &Instance, state: &State, now: OffsetDateTime) -> String {
    json!({
        "account-id": state.account,
        "create-time": clock::seconds(*instance.created),
        "current-time": now.unix_timestamp().to_string(),
        "image-id": instance.image,
        "instance-id": instance.id,
        "instance-type": instance.instance_type,
        "mac": instance.mac,
        "owner-account-id": state.account,
        "private-ipv4": instance.private_ip,
        "region-id": instance.region,
        "serial-number": instance.serial,
        "zone-id": instance.zone,
    })
    .to_string()
}

/// Returns the system events of an instance as a JSON list.
fn system_events(instance: &Instance, state: &State) -> String {
    let suffix = format!(":instance/{}", instance.id);
    let own = state.events.linked(instance.region()).filter(|event| event.resource.ends_with(&suffix));
    let events: Vec<Value> = own
        .map(|event| json!({ "EventId": event.id, "EventType": event.name, "EventPublishTime": clock::seconds(*event.time) }))
        .collect();
    Value::Array(events).to_string()
}

/// Inserts a value into nested objects, along the parts of a path.
fn insert(folder: &mut Map<String, Value>, path: &str, value: &str) {
    match path.split_once('/') {
        None => _ = folder.insert(path.to_owned(), value.into()),
        Some((name, rest)) => {
            if let Value::Object(inner) = folder.entry(name).or_insert_with(|| Map::new().into()) {
                insert(inner, rest, value);
            }
        }
    }
}
