//! Endpoints of a service, from the list in the published file.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::{
    import::{ApiDocs, Decision, Note},
    spec::Endpoints,
    validate::addresses::{is_host, is_label},
};

/// The part of a pattern that is the region.
const REGION: &str = "{region}";

/// Derives patterns and exceptions from the hosts of all regions.
pub(super) fn of(api: &ApiDocs, service: &str, decisions: &mut Vec<String>) -> Endpoints {
    let mut public: BTreeMap<&str, String> = BTreeMap::new();
    let mut vpc: BTreeMap<&str, String> = BTreeMap::new();
    let mut central = None;
    for endpoint in &api.endpoints {
        let address = host(&endpoint.endpoint);
        let region = endpoint.region_id.trim();
        // Some services have one endpoint, which they list as that of a region `public` or `central`.
        if !region.contains('-') || !is_label(region) {
            central = central.or(address);
            continue;
        }
        vpc.extend(host(&endpoint.vpc).map(|host| (region, host)));
        public.extend(address.map(|host| (region, host)));
    }
    if public.is_empty() && central.is_none() {
        let listed = if api.endpoints.is_empty() { "none" } else { "no valid one" };
        decisions
            .push(format!("endpoint `{service}.aliyuncs.com`: the file lists {listed}, so check it in service.json"));
    }
    let fallback = central.clone().unwrap_or_else(|| format!("{}.aliyuncs.com", service.replace('_', "-")));
    let (pattern, public_exceptions) = patterns(&public).unwrap_or_else(|| (fallback.clone(), IndexMap::new()));
    let (vpc_pattern, vpc_exceptions) = patterns(&vpc).unwrap_or_else(|| (in_vpc(&pattern), IndexMap::new()));
    if vpc.is_empty() && vpc_pattern != pattern {
        decisions.push(format!("VPC endpoints `{vpc_pattern}`: the file lists none, so this is the usual pattern"));
    }
    let of_all_regions = || most(public.iter().filter(|(region, host)| !host.contains(*region)).map(|(_, host)| host));
    let default = central.or_else(of_all_regions).or_else(|| public.get("cn-hangzhou").cloned());
    Endpoints {
        default: default.or_else(|| public.values().next().cloned()).unwrap_or(fallback),
        public: pattern,
        vpc: vpc_pattern,
        public_exceptions,
        vpc_exceptions,
        regions: public.keys().map(|region| (*region).to_owned()).collect(),
        ..Endpoints::default()
    }
}

/// A published address as the name of a host, or `None` if it is not one.
fn host(text: &str) -> Option<String> {
    Some(text.trim().to_ascii_lowercase()).filter(|host| is_host(host))
}

/// Published addresses that are not names of hosts, with their places in the file.
pub(super) fn unusable(api: &ApiDocs) -> Vec<Note> {
    let mut notes = Vec::new();
    for (index, endpoint) in api.endpoints.iter().enumerate() {
        for (key, text) in [("endpoint", &endpoint.endpoint), ("vpc", &endpoint.vpc)] {
            if text.trim().is_empty() || host(text).is_some() {
                continue;
            }
            let path = format!("endpoints {}", endpoint.region_id.trim()).trim_end().to_owned();
            let detail = format!("`{key}` `{text}` is left out: expected a host such as `ecs.aliyuncs.com`");
            let at = format!("endpoints.{index}.{key}");
            notes.push(Note { decision: Decision::Endpoint, path, at, detail });
        }
    }
    notes
}

/// The pattern of the hosts, and the hosts that do not follow it. A pattern with the region is preferred, because it also
/// fits regions that do not exist yet.
fn patterns(hosts: &BTreeMap<&str, String>) -> Option<(String, IndexMap<String, String>)> {
    let pattern_of = |(region, host): (&&str, &String)| host.replace(*region, REGION);
    let all: Vec<String> = hosts.iter().map(pattern_of).collect();
    let pattern = most(all.iter().filter(|pattern| pattern.contains(REGION))).or_else(|| most(all.iter()))?;
    let is_exception = |(region, host): &(&&str, &String)| pattern.replace(REGION, region) != **host;
    let exceptions = hosts.iter().filter(is_exception).map(|(region, host)| ((*region).to_owned(), host.clone()));
    let exceptions = exceptions.collect();
    Some((pattern, exceptions))
}

/// The most frequent string; of several, the first in order.
fn most<'t>(strings: impl Iterator<Item = &'t String>) -> Option<String> {
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    strings.for_each(|string| *counts.entry(string).or_default() += 1);
    counts.into_iter().min_by_key(|(_, count)| usize::MAX - count).map(|(string, _)| string.clone())
}

/// The usual host in VPCs: `rds.{region}.aliyuncs.com` → `rds-vpc.{region}.aliyuncs.com`.
fn in_vpc(pattern: &str) -> String {
    let (name, rest) = pattern.split_once('.').unwrap_or((pattern, ""));
    if rest.starts_with(REGION) { format!("{name}-vpc.{rest}") } else { pattern.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Endpoint;

    fn endpoints(list: &[(&str, &str, &str)]) -> Endpoints {
        let entry = |(region, host, vpc): &(&str, &str, &str)| Endpoint {
            region_id: (*region).to_owned(),
            endpoint: (*host).to_owned(),
            vpc: (*vpc).to_owned(),
        };
        let api = ApiDocs { endpoints: list.iter().map(entry).collect(), ..ApiDocs::default() };
        of(&api, "my_rds", &mut Vec::new())
    }

    #[test]
    fn patterns_have_the_region_and_other_hosts_are_exceptions() {
        let found = endpoints(&[
            ("cn-hangzhou", "rds.aliyuncs.com", ""),
            ("cn-beijing", "rds.aliyuncs.com\t", ""),
            ("cn-x", "RDS.cn-x.aliyuncs.com", ""),
            ("cn-y", "https://no/host", ""),
        ]);
        assert_eq!((found.default.as_str(), found.public.as_str()), ("rds.aliyuncs.com", "rds.{region}.aliyuncs.com"));
        assert_eq!(found.vpc, "rds-vpc.{region}.aliyuncs.com");
        let exceptions: Vec<_> = found.public_exceptions.keys().map(String::as_str).collect();
        assert_eq!((exceptions, found.regions.len()), (vec!["cn-beijing", "cn-hangzhou"], 3));
    }

    #[test]
    fn vpc_hosts_of_the_file_are_used() {
        let found = endpoints(&[("cn-a", "x.cn-a.com", "x.vpc-proxy.com"), ("cn-b", "x.cn-b.com", "x-vpc.cn-b.com")]);
        assert_eq!(found.vpc, "x-vpc.{region}.com");
        assert_eq!(found.vpc_exceptions.get("cn-a").map(String::as_str), Some("x.vpc-proxy.com"));
    }

    #[test]
    fn services_without_regions_have_one_host() {
        let found = endpoints(&[("public", "dns.aliyuncs.com", "")]);
        assert_eq!([found.default, found.public, found.vpc], ["dns.aliyuncs.com"; 3].map(str::to_owned));
        let found = endpoints(&[]);
        assert_eq!([found.default, found.public, found.vpc], ["my-rds.aliyuncs.com"; 3].map(str::to_owned));
    }
    #[test]
    fn a_vpc_host_is_used_although_the_public_address_is_invalid() {
        let found = endpoints(&[("cn-a", "x.cn-a.com", "x-vpc.cn-a.com"), ("cn-b", "http://x", "y.com")]);
        assert_eq!(found.vpc_exceptions.get("cn-b").map(String::as_str), Some("y.com"));
        assert_eq!(found.regions, ["cn-a"]);
    }
}
