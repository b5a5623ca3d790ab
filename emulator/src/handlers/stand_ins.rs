//! Networks that a lenient emulator creates, because a request that creates something in them names them although they do not
//! exist.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::{
    args::Args,
    call::Call,
    catalog::Region,
    cidr::{self, Cidr},
    error::Result,
    resources::{SecurityGroup, VSwitch, Vpc},
};

/// Block of a VPC, unless the request wants another one: of the private blocks, that which default VPCs do not have.
const VPC_BLOCK: Cidr = Cidr::new(Ipv4Addr::new(10, 0, 0, 0), 8);

/// Prefix length of the block of a vSwitch: that which the console of the service suggests.
const VSWITCH_LENGTH: u32 = 24;

/// Creates the VPC, the vSwitches and the security groups that the request names and that do not exist in any region. They are in
/// the VPC of those that exist, or else in the default VPC.
pub(super) fn network(call: &mut Call<'_>) -> Result<()> {
    if !call.lenient {
        return Ok(());
    }
    let region = call.region()?;
    let entries = call.args.structs("NetworkInterface");
    let places: Vec<&Args> = std::iter::once(call.args).chain(&entries).collect();
    let groups = places.iter().flat_map(|place| {
        place.string("SecurityGroupId").into_iter().chain(place.strings("SecurityGroupIds").unwrap_or_default())
    });
    let groups: Vec<&str> = groups.collect();
    let Some(vpc) = vpc(call, region, &places, &groups) else { return Ok(()) };
    if !call.state.vpcs.contains(&vpc) {
        add_vpc(call, region, &vpc);
    }
    for place in places {
        if let Some(id) = place.string("VSwitchId").filter(|id| !call.state.vswitches.contains(id)) {
            add_vswitch(call, region, (&vpc, id), place)?;
        }
    }
    for id in groups {
        if !call.state.security_groups.contains(id) {
            let group = SecurityGroup {
                sequence: call.state.next_sequence(),
                id: id.to_owned(),
                region: region.id.clone(),
                kind: "normal".to_owned(),
                vpc: vpc.clone(),
                created: call.now.into(),
                ..SecurityGroup::default()
            };
            call.state.security_groups.insert(group);
        }
    }
    Ok(())
}

/// Returns the VPC of the network that the request names; `None` if it names none.
fn vpc(call: &Call<'_>, region: &Region, places: &[&Args], groups: &[&str]) -> Option<String> {
    if let Some(named) = call.args.string("VpcId") {
        return Some(named.to_owned());
    }
    let vswitches: Vec<&str> = places.iter().filter_map(|place| place.string("VSwitchId")).collect();
    if vswitches.is_empty() && groups.is_empty() {
        return None;
    }
    let of_vswitch = vswitches.iter().find_map(|id| call.state.vswitches.get(id)).map(|vswitch| &vswitch.vpc);
    let of_group = || groups.iter().find_map(|id| call.state.security_groups.get(id)).map(|group| &group.vpc);
    let default = || call.state.default_vpc(&region.id).map(|vpc| &vpc.id);
    of_vswitch.or_else(of_group).or_else(default).cloned()
}

fn add_vpc(call: &mut Call<'_>, region: &Region, id: &str) {
    let wanted = call.args.string("CidrBlock").and_then(Cidr::parse).filter(|block| !VPC_BLOCK.contains(*block));
    let block = wanted.map_or(VPC_BLOCK, |block| block.around(16));
    let suffix = id.trim_start_matches("vpc-");
    let vpc = Vpc {
        sequence: call.state.next_sequence(),
        id: id.to_owned(),
        region: region.id.clone(),
        cidr: block.to_string(),
        router: format!("vrt-{suffix}"),
        route_table: format!("vtb-{suffix}"),
        created: call.now.into(),
        ..Vpc::default()
    };
    call.state.vpcs.insert(vpc);
}

/// Creates a vSwitch that has the addresses of the request.
fn add_vswitch(call: &mut Call<'_>, region: &Region, (vpc, id): (&str, &str), place: &Args) -> Result<()> {
    let zone = call.zone(region)?.or((!region.zones.is_empty()).then_some(0)).and_then(|zone| region.zones.get(zone));
    let taken: Vec<Cidr> = call.state.vswitches.linked(vpc).filter_map(|row| Cidr::parse(&row.cidr)).collect();
    let is_free = |block: &Cidr| !taken.iter().any(|other| other.overlaps(*block));
    let own = call.state.vpcs.get(vpc).and_then(|row| Cidr::parse(&row.cidr));
    let wanted = place.string("PrimaryIpAddress").or(place.string("PrivateIpAddress"));
    let wanted = wanted.and_then(|text| text.parse().ok()).map(|address| Cidr::new(address, 32).around(VSWITCH_LENGTH));
    let block = wanted.filter(is_free).or_else(|| own?.parts(VSWITCH_LENGTH).find(is_free));
    let Some((block, zone)) = block.zip(zone) else { return Ok(()) };
    let sequence = call.state.next_sequence();
    if own.is_some_and(|own| !own.contains(block))
        && let Some(mut row) = call.state.vpcs.get_mut(vpc)
    {
        row.secondary_cidrs.push(block.to_string());
    }
    let vswitch = VSwitch {
        sequence,
        id: id.to_owned(),
        region: region.id.clone(),
        zone: zone.clone(),
        vpc: vpc.to_owned(),
        cidr: block.to_string(),
        ipv6_cidr: ipv6_block(place, sequence).unwrap_or_default(),
        created: call.now.into(),
        ..VSwitch::default()
    };
    call.state.vswitches.insert(vswitch);
    Ok(())
}

/// Returns an IPv6 block if the request wants IPv6 addresses.
fn ipv6_block(place: &Args, sequence: u64) -> Option<String> {
    if let Some(address) = place.strings("Ipv6Address").and_then(|all| all.first()?.parse::<Ipv6Addr>().ok()) {
        return Some(format!("{}/64", Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)));
    }
    place.count("Ipv6AddressCount").filter(|count| *count > 0)?;
    cidr::ipv6_of_vswitch(&cidr::ipv6_of_vpc(sequence), 0)
}
