//! Rules for the values of parameters that the service documents in prose: lengths, allowed characters, formats.
//!
//! A function returns the reason for which a value is invalid, as the end of a sentence about the value: "it must …".

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    result,
};

/// Nothing, or the reason for which a value is invalid.
pub(crate) type Checked<T = ()> = result::Result<T, &'static str>;

/// Largest size of user data in bytes, before it is encoded.
pub(crate) const MAX_USER_DATA_BYTES: usize = 32 * 1024;

/// Highest number of tags of a resource, and of tags that a request can filter by.
pub(crate) const MAX_TAGS: usize = 20;

/// Special characters of passwords.
const PASSWORD_SPECIALS: &str = "()`~!@#$%^&*-_+=|{}[]:;\"<>,.?/'\\";

/// Checks the name of a resource of ECS.
pub(crate) fn name(text: &str) -> Checked {
    name_with(text, "")
}

/// Checks the name of an instance. The brackets and commas number the names of several instances: `web-[1,3]`.
pub(crate) fn instance_name(text: &str) -> Checked {
    name_with(text, "[],")
}

/// Checks the name of a snapshot. The service's own snapshots have names that start with `auto`. A single letter passes, although two
/// characters are documented: programs in use send one.
pub(crate) fn snapshot_name(text: &str) -> Checked {
    if text.len() == 1 && text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Ok(());
    }
    if text.starts_with("auto") {
        return Err("it must not start with auto, as the names of automatic snapshots do");
    }
    name(text)
}

/// Checks the name of an image.
pub(crate) fn image_name(text: &str) -> Checked {
    if ["aliyun", "acs:"].iter().any(|prefix| text.starts_with(prefix)) {
        return Err("it must not start with aliyun or acs:");
    }
    name(text)
}

fn name_with(text: &str, others: &str) -> Checked {
    check_length(text, 2, 128)?;
    no_link(text)?;
    if !text.starts_with(char::is_alphabetic) {
        return Err("it must start with a letter or a Chinese character");
    }
    let allowed = |c: char| c.is_alphanumeric() || ":_.-".contains(c) || others.contains(c);
    if !text.chars().all(allowed) {
        return Err("it can contain only letters, digits, colons, underscores, periods and hyphens");
    }
    Ok(())
}

/// Checks the name of a resource of VPC, which can contain any printable characters.
pub(crate) fn vpc_name(text: &str) -> Checked {
    check_length(text, 1, 128)?;
    no_link(text)?;
    check_printable(text)
}

/// Checks the description of a resource of ECS. A single character passes, although two are documented: programs in use send one.
pub(crate) fn description(text: &str) -> Checked {
    check_length(text, 1, 256)?;
    no_link(text)
}

/// Checks the description of a rule of a security group.
pub(crate) fn rule_description(text: &str) -> Checked {
    check_length(text, 1, 512)
}

/// Checks a host name. Those of Windows are shorter and have no segments.
pub(crate) fn host_name(text: &str, windows: bool) -> Checked {
    let longest = if windows { 15 } else { 64 };
    if !(2..=longest).contains(&text.chars().count()) {
        return Err(if windows { "it must have 2 to 15 characters" } else { "it must have 2 to 64 characters" });
    }
    let ends = |c: char| c == '.' || c == '-';
    if text.starts_with(ends) || text.ends_with(ends) || ["..", "--", ".-", "-."].iter().any(|two| text.contains(two)) {
        return Err("periods and hyphens must stand alone, between other characters");
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || (c == '.' && !windows);
    if !text.chars().all(allowed) {
        return Err(if windows {
            "it can contain only letters, digits and hyphens"
        } else {
            "it can contain only letters, digits, hyphens, and periods between segments"
        });
    }
    if windows && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("it must not consist only of digits");
    }
    Ok(())
}

/// Checks the password of an operating system.
pub(crate) fn password(text: &str, windows: bool) -> Checked {
    check_password_length(text)?;
    let special = |c: char| PASSWORD_SPECIALS.contains(c);
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || special(c)) {
        return Err("it can contain only ASCII letters, digits and special characters");
    }
    let kinds = [
        text.contains(|c: char| c.is_ascii_uppercase()),
        text.contains(|c: char| c.is_ascii_lowercase()),
        text.contains(|c: char| c.is_ascii_digit()),
        text.contains(special),
    ];
    if kinds.iter().filter(|kind| **kind).count() < 3 {
        return Err("it must contain three of upper-case letters, lower-case letters, digits and special characters");
    }
    if windows && text.starts_with('/') {
        return Err("the password of a Windows instance must not start with a slash");
    }
    Ok(())
}

fn check_password_length(text: &str) -> Checked {
    if (8..=30).contains(&text.chars().count()) { Ok(()) } else { Err("it must have 8 to 30 characters") }
}

/// Checks the password of a VNC connection.
pub(crate) fn vnc_password(text: &str) -> Checked {
    if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err("it must have 6 ASCII letters and digits")
}

/// Checks a client token.
pub(crate) fn client_token(text: &str) -> Checked {
    if text.len() > 64 {
        return Err("it must not have more than 64 characters");
    }
    if text.is_ascii() { Ok(()) } else { Err("it can contain only ASCII characters") }
}

/// Checks the key of a tag.
pub(crate) fn tag_key(text: &str) -> Checked {
    check_length(text, 1, 128)?;
    if ["aliyun", "acs:"].iter().any(|prefix| text.starts_with(prefix)) {
        return Err("it must not start with aliyun or acs:, which the service's own tags do");
    }
    check_no_link_within(text)?;
    check_printable(text)
}

/// Checks the value of a tag, which can be empty.
pub(crate) fn tag_value(text: &str) -> Checked {
    if text.chars().count() > 128 {
        return Err("it must not have more than 128 characters");
    }
    if text.starts_with("acs:") {
        return Err("it must not start with acs:, which the service's own tags do");
    }
    check_no_link_within(text)?;
    check_printable(text)
}

/// Reads a range of ports, such as `22/22`; `-1/-1` means all ports. Only TCP and UDP have ports.
pub(crate) fn port_range(protocol: &str, text: &str) -> Checked<(i32, i32)> {
    let has_ports = ["tcp", "udp"].iter().any(|known| protocol.eq_ignore_ascii_case(known));
    let range = text.split_once('/').and_then(|(start, end)| Some((start.parse().ok()?, end.parse().ok()?)));
    match range {
        Some((-1, -1)) if !has_ports => Ok((-1, -1)),
        Some((start, end)) if has_ports && 1 <= start && start <= end && end <= 65_535 => Ok((start, end)),
        _ if has_ports => Err("it must be two ports from 1 to 65535, such as 22/22 or 1/65535"),
        _ => Err("it must be -1/-1 unless the protocol is TCP or UDP"),
    }
}

/// Reads an IPv4 CIDR block: its first address and the length of its prefix. A lone address is a block of its own.
pub(crate) fn ipv4_block(text: &str) -> Checked<(Ipv4Addr, u8)> {
    let (address, length) = block(text, 32)?;
    match address.parse() {
        Ok(address) => Ok((address, length)),
        Err(_) => Err("it must be an IPv4 CIDR block such as 192.168.0.0/16"),
    }
}

/// Reads an IPv6 CIDR block: its first address and the length of its prefix. A lone address is a block of its own.
pub(crate) fn ipv6_block(text: &str) -> Checked<(Ipv6Addr, u8)> {
    let (address, length) = block(text, 128)?;
    match address.parse() {
        Ok(address) => Ok((address, length)),
        Err(_) => Err("it must be an IPv6 CIDR block such as 2001:db8::/64"),
    }
}

fn block(text: &str, longest: u8) -> Checked<(&str, u8)> {
    let Some((address, length)) = text.split_once('/') else { return Ok((text, longest)) };
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    match length.parse() {
        Ok(length) if digits && length <= longest => Ok((address, length)),
        _ if longest == 32 => Err("the length of its prefix must be a number from 0 to 32"),
        _ => Err("the length of its prefix must be a number from 0 to 128"),
    }
}

fn check_length(text: &str, min: usize, max: usize) -> Checked {
    if (min..=max).contains(&text.chars().count()) {
        return Ok(());
    }
    Err(match (min, max) {
        (1, 128) => "it must have 1 to 128 characters",
        (2, 128) => "it must have 2 to 128 characters",
        (2, 256) => "it must have 2 to 256 characters",
        (1, 512) => "it must have 1 to 512 characters",
        _ => "it is too short or too long",
    })
}

/// Checks that text does not start like an address of the web.
pub(crate) fn no_link(text: &str) -> Checked {
    let link = ["http://", "https://"].iter().any(|prefix| text.starts_with(prefix));
    if link { Err("it must not start with http:// or https://") } else { Ok(()) }
}

fn check_no_link_within(text: &str) -> Checked {
    let link = ["http://", "https://"].iter().any(|part| text.contains(part));
    if link { Err("it must not contain http:// or https://") } else { Ok(()) }
}

fn check_printable(text: &str) -> Checked {
    if text.contains(char::is_control) { Err("it must not contain control characters") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rule: impl Fn(&str) -> Checked, valid: &[&str], invalid: &[&str]) {
        for text in valid {
            assert_eq!(rule(text), Ok(()), "{text:?}");
        }
        for text in invalid {
            assert!(rule(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn names() {
        let (longest, long) = ("a".repeat(128), "a".repeat(129));
        check(
            name,
            &["ab", "服务", "Web:1_a.b-c", "été", &longest],
            &["", "a", "1a", "-a", "a b", "http://a", "a\u{1}"],
        );
        check(name, &[], &[&long, "https://a", "web-[1,3]", "a/b", "_a", "a\u{fffe}"]);
        check(instance_name, &["web-[1,3]-x"], &["a", "[1,3]", "a\tb"]);
        check(snapshot_name, &["daily", "s"], &["auto2.0", "auto", "1", ""]);
        check(image_name, &["base"], &["aliyun-base", "acs:base"]);
        check(vpc_name, &["1", "a b"], &["", "https://a", "a\u{1}"]);
    }

    #[test]
    fn descriptions() {
        let (longest, long) = ("é".repeat(256), "é".repeat(257));
        check(description, &["ab", "x", "Web servers, see http://a", &longest], &["", "http://a", &long]);
        check(rule_description, &["a", "http://a", &long], &["", &"a".repeat(513)]);
    }

    #[test]
    fn host_names() {
        let linux = |text: &str| host_name(text, false);
        let windows = |text: &str| host_name(text, true);
        check(
            linux,
            &["web-1", "a.b.c", "12"],
            &["a", "-a", "a-", "a..b", "a--b", ".a", "a_b", "a b", &"a".repeat(65)],
        );
        check(windows, &["web-1"], &["a.b", "123", "a234567890123456"]);
    }

    #[test]
    fn passwords() {
        let linux = |text: &str| password(text, false);
        check(
            linux,
            &["Abcdefg1", "abcdefg1!", "/Abcdefg1", "Aa1()`~!@#$%^&*-_+=|{}[]:;"],
            &["a", "Abcdef1", "abcdefgh1"],
        );
        check(linux, &["ABCDEFG1\\\"<>,.?/'"], &["Abcdefg1é", "Abcd efg1", &format!("Aa1{}", "a".repeat(28))]);
        assert!(password("/Abcdefg1", true).is_err());
        check(vnc_password, &["Abc123"], &["Abc12", "Abc1234", "Abc12!"]);
    }

    #[test]
    fn tags_and_tokens() {
        check(
            tag_key,
            &["team", "a:b/c", "a b", "业务"],
            &["", "aliyun.a", "acs:a", "see http://a", "a\n", &"k".repeat(129)],
        );
        check(tag_value, &["", "aliyun", "v"], &["acs:a", "https://a", &"v".repeat(129)]);
        check(client_token, &["", &"t".repeat(64)], &[&"t".repeat(65), "é"]);
    }

    #[test]
    fn ports_and_blocks() {
        assert_eq!(port_range("tcp", "22/23"), Ok((22, 23)));
        assert_eq!(port_range("ICMP", "-1/-1"), Ok((-1, -1)));
        for (protocol, text) in [("tcp", "-1/-1"), ("tcp", "0/1"), ("udp", "2/1"), ("tcp", "1/65536"), ("all", "1/2")] {
            assert!(port_range(protocol, text).is_err(), "{protocol} {text}");
        }
        assert_eq!(ipv4_block("10.0.0.0/8"), Ok((Ipv4Addr::new(10, 0, 0, 0), 8)));
        assert_eq!(ipv4_block("10.0.0.1"), Ok((Ipv4Addr::new(10, 0, 0, 1), 32)));
        assert_eq!(ipv6_block("2001:db8::/32").map(|block| block.1), Ok(32));
        for text in ["", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/+8", "10.0.0.0/", "::/0"] {
            assert!(ipv4_block(text).is_err(), "{text}");
        }
        for text in ["2001:db8::/129", "10.0.0.0/8", "::/-1"] {
            assert!(ipv6_block(text).is_err(), "{text}");
        }
    }
}
