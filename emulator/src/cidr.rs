//! CIDR blocks.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

use crate::rules;

/// A block of IPv4 addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cidr {
    base: u32,
    length: u32,
}

impl Cidr {
    /// Creates a block from the address that it starts with and the length of its prefix.
    pub(crate) const fn new(base: Ipv4Addr, length: u32) -> Self {
        Cidr { base: base.to_bits(), length }
    }

    /// Reads a block such as `10.0.0.0/8`; `None` if the text is not one, or if the address is not the first of the block.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (base, length) = rules::ipv4_block(text).ok().filter(|_| text.contains('/'))?;
        let block = Cidr::new(base, length.into());
        (u64::from(block.base) % block.size() == 0).then_some(block)
    }

    /// Returns the length of its prefix.
    pub(crate) fn length(self) -> u32 {
        self.length
    }

    /// Returns the number of its addresses.
    pub(crate) fn size(self) -> u64 {
        1 << (32 - self.length)
    }

    /// Whether another block is a part of it.
    pub(crate) fn contains(self, other: Cidr) -> bool {
        self.length <= other.length && self.overlaps(other)
    }

    /// Returns the block with a prefix of a length, or of its own if that is shorter, of which it is a part.
    pub(crate) fn around(self, length: u32) -> Cidr {
        let length = length.min(self.length);
        Cidr { base: u32::MAX.checked_shl(32 - length).map_or(0, |mask| self.base & mask), length }
    }

    /// Whether it has addresses in common with another block.
    pub(crate) fn overlaps(self, other: Cidr) -> bool {
        let first = |block: Cidr| u64::from(block.base);
        first(self) < first(other) + other.size() && first(other) < first(self) + self.size()
    }

    /// Returns its parts with a prefix of a length, in order.
    pub(crate) fn parts(self, length: u32) -> impl Iterator<Item = Cidr> {
        let count = if (self.length..=32).contains(&length) { 1_u64 << (length - self.length) } else { 0 };
        let base = u64::from(self.base);
        (0..count).filter_map(move |place| {
            let base = u32::try_from(base + (place << (32 - length))).ok()?;
            Some(Cidr { base, length })
        })
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from(self.base), self.length)
    }
}

/// Returns the IPv6 block of a VPC, a `/56` of the range that is reserved for documentation.
pub(crate) fn ipv6_of_vpc(number: u64) -> String {
    let [.., a, b, c] = number.to_be_bytes();
    format!("{}/56", Ipv6Addr::new(0x2001, 0xdb8, u16::from_be_bytes([a, b]), u16::from_be_bytes([c, 0]), 0, 0, 0, 0))
}

/// Returns the `/64` with a number in the IPv6 block of a VPC; `None` if that is not a block of a VPC.
pub(crate) fn ipv6_of_vswitch(vpc: &str, number: u8) -> Option<String> {
    let base: Ipv6Addr = vpc.strip_suffix("/56")?.parse().ok()?;
    let [a, b, c, d, ..] = base.segments();
    Some(format!("{}/64", Ipv6Addr::new(a, b, c, d & 0xff00 | u16::from(number), 0, 0, 0, 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_start_with_their_first_address() {
        for text in ["10.0.0.0/8", "0.0.0.0/0", "192.168.1.4/30", "192.168.1.5/32"] {
            assert_eq!(Cidr::parse(text).unwrap().to_string(), text);
        }
        for text in ["10.0.0.1/8", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/+8", "10.0.0/8", "x/8", "10.0.0.0/", ""] {
            assert_eq!(Cidr::parse(text), None, "{text}");
        }
    }

    #[test]
    fn blocks_are_compared() {
        let block = |text| Cidr::parse(text).unwrap();
        assert!(block("10.0.0.0/8").contains(block("10.255.255.0/24")));
        assert!(!block("10.0.0.0/24").contains(block("10.0.0.0/16")));
        assert!(block("10.0.0.0/24").overlaps(block("10.0.0.0/16")));
        assert!(!block("10.0.0.0/24").overlaps(block("10.0.1.0/24")));
        assert!(block("0.0.0.0/0").contains(block("255.255.255.255/32")));
    }

    #[test]
    fn a_block_is_divided() {
        let parts: Vec<String> =
            Cidr::parse("255.255.255.0/24").unwrap().parts(26).map(|part| part.to_string()).collect();
        assert_eq!(parts, ["255.255.255.0/26", "255.255.255.64/26", "255.255.255.128/26", "255.255.255.192/26"]);
        assert_eq!(Cidr::parse("10.0.0.0/24").unwrap().parts(23).count(), 0);
        assert_eq!(Cidr::parse("10.0.0.0/24").unwrap().parts(33).count(), 0);
    }

    #[test]
    fn a_vswitch_has_a_part_of_the_ipv6_block_of_its_vpc() {
        let vpc = ipv6_of_vpc(0x1_0203);
        assert_eq!(vpc, "2001:db8:102:300::/56");
        assert_eq!(ipv6_of_vswitch(&vpc, 255).unwrap(), "2001:db8:102:3ff::/64");
        assert_eq!(ipv6_of_vswitch("", 0), None);
    }
}
