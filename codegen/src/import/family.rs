//! Families of new operations, and their names.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::api::ApiDocs;
use super::decision::Decision;
use super::names;
use super::report::{Entry, Kind};
use super::tree::ExistingTree;
use crate::features;
use crate::naming::{self, Names};

/// The family of operations that are in no folder.
pub(crate) const MAIN: &str = "main";

/// Words after which the name of an operation no longer names what it acts on: `AttachPolicyToUser`.
const PREPOSITIONS: &[&str] = &["at", "by", "for", "from", "in", "of", "on", "to", "with"];

/// Words without another plural.
const PLURALS: &[&str] = &["data", "info", "information", "metadata", "usage"];

/// Words of operations' names that are one word in the names of families, although the case of their letters suggests
/// several.
const WORDS: &[&str] = &[
    "IPv4",
    "IPv6",
    "IPsec",
    "VSwitch",
    "VSwitches",
    "HaVip",
    "HaVips",
    "HAVip",
    "HAVips",
    "ACLs",
    "ECIs",
    "EIPs",
    "ENIs",
    "IDs",
    "IPs",
    "NATs",
    "NICs",
    "VPCs",
    "VPNs",
];

/// The most words of a family's name.
const MAX_WORDS: usize = 3;

/// Families of new operations.
#[derive(Default)]
pub(super) struct NewFamilies {
    /// Folders without a usable title that got a family: title → family.
    pub(super) used: IndexMap<String, String>,
}

impl NewFamilies {
    /// The family of a new operation, determined by its folder in the documentation: the family that `directories` assigns
    /// to the folder, the family with the folder's name, the family of most other operations in the folder, a family whose
    /// name the folder's name starts with, or a new one as in [`folder_family`]. Without a folder or a usable title, it is the
    /// service's only family; without a folder, it is otherwise a family with the name of the service.
    pub(super) fn family(&mut self, api: &ApiDocs, operation: &str, existing: &ExistingTree) -> String {
        let mut families: BTreeSet<&str> =
            existing.operations.values().map(|operation| operation.family.as_str()).collect();
        if let Some(service) = &existing.service {
            families.extend(service.families.keys().map(String::as_str));
        }
        let only = families.first().filter(|_| families.len() == 1);
        let Some((title, neighbors)) = api.folder(operation) else {
            return only.map_or_else(|| names::slug(&existing.name), |family| (*family).to_owned());
        };
        if let Some(family) = existing.service.as_ref().and_then(|service| service.directories.get(title)) {
            return family.clone();
        }
        let slug = names::slug(title);
        if families.contains(slug.as_str()) {
            return slug;
        }
        let known = || neighbors.iter().filter_map(|name| existing.operations.get(*name));
        let share = |family: &str| known().filter(|operation| operation.family == family).count();
        if let Some(family) = families.iter().find(|family| share(family) * 2 > known().count()) {
            return (*family).to_owned();
        }
        let begins = |family: &&&str| slug.strip_prefix(**family).is_some_and(|rest| rest.starts_with('-'));
        if let Some(longest) = families.iter().filter(begins).max_by_key(|family| family.len()) {
            return (*longest).to_owned();
        }
        if let (Some(only), None) = (only, english(title)) {
            return (*only).to_owned();
        }
        let neighbors: Vec<&str> = neighbors.into_iter().filter(|name| api.apis.contains_key(*name)).collect();
        let family = folder_family(title, &neighbors);
        if family != slug {
            self.used.insert(title.to_owned(), family.clone());
        }
        family
    }
}

/// The report entry of a folder without a usable title.
pub(super) fn entry(title: &str, family: &str) -> Entry {
    let detail = format!("family `{family}`, after its operations; edit `directories` to change it");
    let entry = Entry::new(Kind::Decided, "service.json".to_owned(), format!("directories {title}"), detail);
    Entry { decision: Some(Decision::Family), place: "directories".to_owned(), ..entry }
}

/// The family of a folder: its title, or what most of its operations act on if the title has letters of another script.
pub(crate) fn folder_family(title: &str, operations: &[&str]) -> String {
    let name = english(title).unwrap_or_else(|| subject(operations));
    let is_letter_first = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !is_letter_first || features::is_reserved(&name) {
        return format!("operations-{name}").trim_end_matches('-').to_owned();
    }
    name
}

/// An English title in lower case with dashes, or `None` if the title has letters of another script.
pub(crate) fn english(title: &str) -> Option<String> {
    let is_english = title.chars().all(|c| c.is_ascii() || !c.is_alphabetic());
    let slug = names::slug(title);
    (is_english && !slug.is_empty()).then_some(slug)
}

/// The object that at least half of the operations act on, or else the most frequent first word, in the plural.
fn subject(operations: &[&str]) -> String {
    let names = Names::new(&WORDS.iter().map(|word| ((*word).to_owned(), word.to_ascii_lowercase())).collect());
    let objects: Vec<Vec<String>> = operations.iter().map(|operation| object(&names, operation)).collect();
    for length in (1..=MAX_WORDS).rev() {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for object in objects.iter().filter(|object| object.len() >= length) {
            *counts.entry(object[..length].join("-")).or_default() += 1;
        }
        let most = counts.into_iter().min_by_key(|(name, count)| (usize::MAX - count, name.len(), name.clone()));
        if let Some((name, _)) = most.filter(|(_, count)| length == 1 || count * 2 >= operations.len()) {
            let is_plural = PLURALS.iter().any(|plural| name.rsplit('-').next() == Some(plural));
            return if is_plural { name } else { naming::pluralize(&name) };
        }
    }
    MAIN.to_owned()
}

/// The words of an operation's name that say what it acts on, with the last one in the singular.
fn object(names: &Names, operation: &str) -> Vec<String> {
    let words = names.words(operation).into_iter().skip(1).map(|word| word.snake);
    let mut object: Vec<String> = words.take_while(|word| !PREPOSITIONS.contains(&word.as_str())).collect();
    if let Some(last) = object.last_mut() {
        *last = names::singular(last);
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_named_by_their_titles_or_by_what_their_operations_act_on() {
        for (title, operations, expected) in [
            ("Security groups", &["CreateSecurityGroup"][..], "security-groups"),
            ("用户", &["CreateUser", "GetUser", "ListUsers", "UpdateUser"], "users"),
            ("登录信息", &["CreateLoginProfile", "GetLoginProfile", "ChangePassword"], "login-profiles"),
            ("授权", &["AttachPolicyToUser", "DetachPolicyFromUser", "ListPoliciesForUser"], "policies"),
            ("实例", &["CreateDBInstance", "DescribeDBInstances", "DescribeDBInstanceAttribute"], "db-instances"),
            ("TCP监听", &["StopIt"], "its"),
            ("监控", &["GetMetricData"], "metric-data"),
            ("IPv6转换服务", &["CreateIPv6Translator", "DeleteIPv6Translator"], "ipv6-translators"),
            ("IPv6 translators", &["CreateIPv6Translator"], "ipv6-translators"),
            ("IPv4网关", &["CreateIpv4Gateway", "ListIpv4Gateways"], "ipv4-gateways"),
            ("交换机", &["CreateVSwitch", "DescribeVSwitches", "DeleteVSwitch"], "vswitches"),
            ("高可用虚拟IP", &["CreateHaVip", "DescribeHaVips"], "havips"),
            ("专有网络", &["DescribeVPCs", "DeleteVPC"], "vpcs"),
            ("NAT网关", &["CreateNatGateway", "DescribeNatGateways"], "nat-gateways"),
            ("NAT gateways", &["CreateNatGateway"], "nat-gateways"),
            ("其他", &["Ping"], "main"),
            ("2nd floor", &["GetModel"], "operations-2nd-floor"),
            ("default", &["X"], "operations-default"),
            ("Con", &["X"], "operations-con"),
            ("控制", &["GetLPT1"], "lpt1s"),
        ] {
            assert_eq!(folder_family(title, operations), expected, "{title}");
        }
    }
}
