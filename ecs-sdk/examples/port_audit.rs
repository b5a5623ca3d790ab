//! Finds out who can reach a port from the internet: the security groups that open it, the rules that do so, and the
//! network interfaces and instances behind them.
//!
//! ```text
//! cargo run -p ecs-sdk --example port_audit
//! cargo run -p ecs-sdk --example port_audit -- 3389
//! ```
//!
//! This example only reads. Without credentials, it runs on an emulator with an instance in an open group.

use std::collections::BTreeMap;

use anyhow::Context as _;
use ecs_sdk::{
    Client,
    operation::{describe_network_interfaces::NetworkInterface, describe_security_group_attribute::Permission},
    types::{IpProtocol, SecurityGroupRuleDirection, SecurityGroupRulePolicy},
};

mod support;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;
    let port = setup.arguments.first().map_or(Ok(22), |port| port.parse::<u16>()).context("expected a port number")?;
    if setup.is_local() {
        prepare(&setup, port).await?;
    }

    let mut behind: BTreeMap<String, Vec<NetworkInterface>> = BTreeMap::new();
    let mut interfaces = client.describe_network_interfaces().items();
    while let Some(interface) = interfaces.try_next().await? {
        for group in &interface.security_group_ids {
            behind.entry(group.clone()).or_default().push(interface.clone());
        }
    }

    let mut open = 0;
    let mut groups = client.describe_security_groups().items();
    while let Some(group) = groups.try_next().await? {
        let rules = rules(client, &group.security_group_id).await?;
        let rules: Vec<&Permission> = openings(&rules, port);
        if rules.is_empty() {
            continue;
        }
        open += 1;
        println!("{} \"{}\" opens port {port}:", group.security_group_id, group.security_group_name);
        for rule in rules {
            let protocol = support::shown(rule.ip_protocol.as_ref());
            println!("  priority {}: {protocol} {} from {}", rule.priority, rule.port_range, source(rule));
        }
        for interface in behind.get(&group.security_group_id).into_iter().flatten() {
            let public = &interface.associated_public_ip.public_ip_address;
            let reach = if public.is_empty() { "no public address" } else { public };
            println!("  → {} of {} ({reach})", interface.network_interface_id, interface.instance_id);
        }
    }
    println!("{open} security groups open port {port} to the internet.");
    Ok(())
}

/// The inbound rules of a security group.
async fn rules(client: &Client, group: &str) -> ecs_sdk::Result<Vec<Permission>> {
    let describe = client.describe_security_group_attribute().security_group_id(group);
    describe.direction(SecurityGroupRuleDirection::Ingress).items().try_collect().await
}

/// The rules that let anybody reach `port`, unless a rule of the same or a higher priority forbids it. The lowest number
/// is the highest priority, and "drop" wins between rules of one priority.
fn openings(rules: &[Permission], port: u16) -> Vec<&Permission> {
    let priority = |rule: &Permission| rule.priority.parse::<u32>().unwrap_or(1);
    let concerned: Vec<&Permission> = rules.iter().filter(|rule| is_public(rule) && has_port(rule, port)).collect();
    let drops = |rule: &Permission| rule.policy.as_ref().is_some_and(|policy| *policy == SecurityGroupRulePolicy::Drop);
    let is_dropped = |opening: &&Permission| {
        concerned.iter().any(|rule| {
            let is_of_same_family = rule.ipv6_source_cidr_ip.is_empty() == opening.ipv6_source_cidr_ip.is_empty();
            drops(rule) && is_of_same_family && priority(rule) <= priority(opening)
        })
    };
    concerned.iter().copied().filter(|rule| !drops(rule)).filter(|rule| !is_dropped(rule)).collect()
}

/// Whether a rule is about all addresses.
fn is_public(rule: &Permission) -> bool {
    rule.source_cidr_ip == "0.0.0.0/0" || rule.ipv6_source_cidr_ip == "::/0"
}

/// Whether a rule is about a TCP port. Ranges look like `22/80`; `-1/-1` means all ports.
fn has_port(rule: &Permission, port: u16) -> bool {
    let is_tcp = matches!(rule.ip_protocol, Some(IpProtocol::Tcp | IpProtocol::All));
    let bounds = rule
        .port_range
        .split_once('/')
        .and_then(|(first, last)| Some((first.trim().parse::<i32>().ok()?, last.trim().parse::<i32>().ok()?)));
    is_tcp && bounds.is_some_and(|(first, last)| first == -1 || (first..=last).contains(&i32::from(port)))
}

fn source(rule: &Permission) -> &str {
    if rule.ipv6_source_cidr_ip.is_empty() { &rule.source_cidr_ip } else { &rule.ipv6_source_cidr_ip }
}

/// Creates an instance on the emulator, and opens a port of its group.
async fn prepare(setup: &support::Setup, port: u16) -> anyhow::Result<()> {
    use ecs_sdk::operation::authorize_security_group::Permission;

    let ids = setup.launch(|request| request.internet_max_bandwidth_out(5)).await?;
    let interfaces = setup.ecs.describe_network_interfaces().instance_id(&ids[0]).items().try_next().await?;
    let group = interfaces.and_then(|interface| interface.security_group_ids.first().cloned()).context("no group")?;
    let rule = Permission::new().ip_protocol(IpProtocol::Tcp).port_range(format!("{port}/{port}"));
    let rule = rule.source_cidr_ip("0.0.0.0/0");
    setup.ecs.authorize_security_group().security_group_id(group).permissions([rule]).send().await?;
    Ok(())
}
