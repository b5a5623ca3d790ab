//! The metadata service.

mod common;

use common::Test;
use ecs_emulator::MetadataMode;
use serde_json::Value;

const TTL: &str = "x-aliyun-ecs-metadata-token-ttl-seconds";
const TOKEN: &str = "x-aliyun-ecs-metadata-token";

fn get(test: &Test, path: &str) -> (u16, String) {
    let raw = test.raw("GET", &format!("/latest/{path}"), &[], "");
    (raw.status, raw.body)
}

#[test]
fn instances_read_their_metadata() {
    let test = Test::new();
    assert_eq!(get(&test, "meta-data/instance-id").0, 404);
    let ids = test.run(&[("Amount", "2"), ("UserData", "ZWNobyBoaQ=="), ("ZoneId", "cn-hangzhou-e")]);
    assert_eq!(get(&test, "meta-data/instance-id"), (200, ids[0].clone()));
    assert_eq!(get(&test, "meta-data/region-id"), (200, "cn-hangzhou".to_owned()));
    assert_eq!(get(&test, "meta-data/zone-id"), (200, "cn-hangzhou-e".to_owned()));
    assert_eq!(get(&test, "meta-data/instance/instance-type"), (200, "ecs.g6.large".to_owned()));
    assert_eq!(get(&test, "user-data"), (200, "echo hi".to_owned()));
    assert_eq!(get(&test, "meta-data/instance/spot/termination-time").0, 404);
    assert_eq!(get(&test, "meta-data/nothing").0, 404);
    assert!(get(&test, "meta-data/").1.lines().any(|line| line == "instance-id"));
    test.emulator.set_metadata_instance(&*ids[1]);
    assert_eq!(get(&test, "meta-data/instance-id"), (200, ids[1].clone()));
}

#[test]
fn tokens_can_be_required() {
    let test = Test::new();
    let ids = test.run(&[]);
    test.emulator.set_metadata_mode(ecs_emulator::MetadataMode::TokensRequired);
    assert_eq!(get(&test, "meta-data/instance-id").0, 401);
    assert_eq!(test.raw("PUT", "/latest/api/token", &[], "").status, 400);
    assert_eq!(test.raw("PUT", "/latest/api/token", &[(TTL, "21601")], "").status, 400);
    let token = test.raw("PUT", "/latest/api/token", &[(TTL, "60")], "").body;
    let with = |token: &str| {
        let raw = test.raw("GET", "/latest/meta-data/instance-id", &[(TOKEN, token)], "");
        (raw.status, raw.body)
    };
    assert_eq!(with(&token), (200, ids[0].clone()));
    assert_eq!(with("other").0, 401);
    test.advance(60);
    assert_eq!(with(&token).0, 401);
}

#[test]
fn an_instance_can_require_tokens_or_disable_metadata() {
    let test = Test::new();
    let required = test.run(&[("HttpTokens", "required")]).remove(0);
    assert_eq!(get(&test, "meta-data/instance-id").0, 401);
    let disabled = test.run(&[("HttpEndpoint", "disabled")]).remove(0);
    test.emulator.set_metadata_instance(disabled);
    assert_eq!(get(&test, "meta-data/instance-id").0, 403);
    assert_eq!(test.find(&[("HttpTokens", "required")]), [required]);
}

#[test]
fn role_credentials_are_accepted_by_the_api() {
    let mut test = Test::new();
    test.run(&[("RamRoleName", "EcsRamRole")]);
    assert_eq!(get(&test, "meta-data/ram/security-credentials/"), (200, "EcsRamRole".to_owned()));
    assert_eq!(get(&test, "meta-data/ram/security-credentials/other").0, 404);
    let credentials = |test: &Test| -> Value {
        serde_json::from_str(&get(test, "meta-data/ram/security-credentials/EcsRamRole").1).unwrap()
    };
    let first = credentials(&test);
    assert_eq!((&first["Code"], &first["Expiration"]), (&"Success".into(), &test.time(6 * 3600).into()));
    assert_eq!(credentials(&test), first);
    let text = |name: &str| first[name].as_str().unwrap().to_owned();
    test.key = (text("AccessKeyId"), text("AccessKeySecret"), Some(text("SecurityToken")));
    test.call("DescribeRegions", &[]).unwrap();
    // New credentials are issued half an hour before the old ones expire.
    test.advance(5 * 3600 + 1800);
    assert_ne!(credentials(&test)["AccessKeyId"], first["AccessKeyId"]);
    test.call("DescribeRegions", &[]).unwrap();
}

#[test]
fn without_instances_there_is_a_role_unless_it_is_turned_off() {
    let test = Test::new();
    assert_eq!(get(&test, "meta-data/ram/security-credentials/"), (200, "EcsEmulatorRole".to_owned()));
    let emulator = ecs_emulator::Emulator::builder().metadata_role(None).start_blocking().unwrap();
    let test = Test { emulator, ..test };
    assert_eq!(get(&test, "meta-data/ram/security-credentials/").0, 404);
}

#[test]
fn everything_is_listed_and_can_be_read() {
    let test = Test::new();
    let id = test
        .run(&[("UserData", "ZWNobyBoaQ=="), ("RamRoleName", "EcsRamRole"), ("InternetMaxBandwidthOut", "5")])
        .remove(0);
    let mut folders = vec![String::new()];
    let mut values = 0;
    while let Some(folder) = folders.pop() {
        let (status, list) = get(&test, &folder);
        assert_eq!(status, 200, "{folder}");
        for name in list.lines() {
            let path = format!("{folder}{name}");
            if name.ends_with('/') {
                folders.push(path);
            } else {
                let (status, value) = get(&test, &path);
                // Disks can be without a name.
                assert!(status == 200 && (!value.is_empty() || path.starts_with("meta-data/disks/")), "{path}");
                values += 1;
            }
        }
    }
    assert!(values > 40, "{values}");
    let instance = test.instance(&id).unwrap();
    let mac = get(&test, "meta-data/mac").1;
    for (path, value) in [
        ("meta-data/private-ipv4".to_owned(), &instance["VpcAttributes"]["PrivateIpAddress"]["IpAddress"][0]),
        ("meta-data/vpc-id".to_owned(), &instance["VpcAttributes"]["VpcId"]),
        ("meta-data/eipv4".to_owned(), &instance["PublicIpAddress"]["IpAddress"][0]),
        (format!("meta-data/network/interfaces/macs/{mac}/vswitch-id"), &instance["VpcAttributes"]["VSwitchId"]),
    ] {
        assert_eq!(get(&test, &path), (200, value.as_str().unwrap().to_owned()), "{path}");
    }
    let document: Value = serde_json::from_str(&get(&test, "dynamic/instance-identity/document").1).unwrap();
    assert_eq!(document["instance-id"], id.as_str());
    assert_eq!(get(&test, "meta-data/network/nothing").0, 404);
}

#[test]
fn tokens_can_be_unsupported() {
    let test = Test::new();
    // Without tokens, requests succeed even for an instance that requires them.
    let id = test.run(&[("HttpTokens", "required")]).remove(0);
    for status in [404, 403] {
        test.emulator.set_metadata_mode(MetadataMode::NoTokens(status));
        assert_eq!(test.raw("PUT", "/latest/api/token", &[(TTL, "60")], "").status, status);
        assert_eq!(get(&test, "meta-data/instance-id"), (200, id.clone()));
    }
    test.emulator.set_metadata_mode(MetadataMode::TokensOptional);
    assert_eq!(get(&test, "meta-data/instance-id").0, 401);
}

#[test]
fn short_lived_role_credentials_are_replaced_before_they_expire() {
    let test = Test::new();
    let builder = ecs_emulator::Emulator::builder().clock(test.clock.clone());
    let emulator = builder.max_session_lifetime(std::time::Duration::from_secs(20)).start_blocking().unwrap();
    let test = Test { emulator, ..test };
    let expiration = || -> Value {
        let role = get(&test, "meta-data/ram/security-credentials/").1;
        let text = get(&test, &format!("meta-data/ram/security-credentials/{role}")).1;
        serde_json::from_str::<Value>(&text).unwrap()["Expiration"].take()
    };
    assert_eq!(expiration(), test.time(20).as_str());
    test.advance(17);
    assert_eq!(expiration(), test.time(3).as_str());
    test.advance(1);
    assert_eq!(expiration(), test.time(20).as_str());
}

#[test]
fn both_versions_have_the_documented_items() {
    let test = Test::new();
    let id = test
        .run(&[
            ("DataDisk.1.Size", "40"),
            ("DataDisk.1.DiskName", "data"),
            ("Tag.1.Key", "team"),
            ("Tag.1.Value", "web"),
        ])
        .remove(0);
    let instance = test.instance(&id).unwrap();
    let disks = test.call_here("DescribeDisks", &[("InstanceId", &id), ("DiskName", "data")]).unwrap();
    let disk = &disks["Disks"]["Disk"][0];
    let serial = disk["SerialNumber"].as_str().unwrap();
    for version in ["latest", "2016-01-01"] {
        let read = |path: &str| {
            let raw = test.raw("GET", &format!("/{version}/{path}"), &[], "");
            (raw.status, raw.body)
        };
        for (path, value) in [
            ("meta-data/instance-id".to_owned(), id.as_str()),
            ("meta-data/instance-id/".to_owned(), id.as_str()),
            ("meta-data/instance/instance-name".to_owned(), instance["InstanceName"].as_str().unwrap()),
            ("meta-data/instance/max-netbw-egress".to_owned(), "1000000"),
            ("meta-data/instance/max-netbw-ingress".to_owned(), "1000000"),
            ("meta-data/instance/virtualization-solution".to_owned(), "ECS Virt"),
            ("meta-data/instance/virtualization-solution-version".to_owned(), "2.0"),
            ("meta-data/hibernation/configured".to_owned(), "false"),
            ("meta-data/source-address".to_owned(), "http://mirrors.cloud.aliyuncs.com"),
            (format!("meta-data/disks/{serial}/id"), disk["DiskId"].as_str().unwrap()),
            (format!("meta-data/disks/{serial}/name"), "data"),
            ("meta-data/tags/instance".to_owned(), "team"),
            ("meta-data/tags/instance/team".to_owned(), "web"),
            ("maintenance/active-system-events".to_owned(), "[]"),
        ] {
            assert_eq!(read(&path), (200, value.to_owned()), "{version} {path}");
        }
        assert_eq!(read(""), (200, "dynamic/\nmaintenance/\nmeta-data/".to_owned()));
        let list = read("meta-data").1;
        assert_eq!(list, read("meta-data/").1);
        for name in
            ["disks/", "dns-conf/", "hostname", "image-id", "instance/", "mac", "network/", "ntp-conf/", "zone-id"]
        {
            assert!(list.lines().any(|line| line == name), "{list}");
        }
        // Only the service can sign an identity document.
        for path in ["user-data", "vendor-data", "dynamic/instance-identity/pkcs7", "meta-data/kms-server"] {
            assert_eq!(read(path).0, 404, "{path}");
        }
    }
    for path in ["/latestx", "/2016-01-011/meta-data", "/2015-01-01/meta-data"] {
        assert_eq!(test.raw("GET", path, &[], "").status, 404, "{path}");
    }
}

/// Items that cloud-init reads at boot, in its order.
#[test]
fn cloud_init_finds_its_data_source() {
    let test = Test::new();
    let id = test.run(&[("UserData", "H4sAAAAAAAAD/w=="), ("InternetMaxBandwidthOut", "1")]).remove(0);
    let token = test.raw("PUT", "/latest/api/token", &[(TTL, "21600")], "");
    assert_eq!(token.status, 200);
    let read = |path: &str| test.raw("GET", &format!("/2016-01-01/{path}"), &[(TOKEN, &token.body)], "");
    assert_eq!(read("vendor-data").status, 404);
    let all = read("meta-data/all").json();
    assert_eq!(all["instance-id"], id.as_str());
    assert_eq!(all["dns-conf"]["nameservers"], "100.100.2.136\n100.100.2.138");
    let mac = all["mac"].as_str().unwrap();
    assert_eq!(all["network"]["interfaces"]["macs"][mac]["primary-ip-address"], all["private-ipv4"]);
    assert!(all["hostname"].is_string() && all["eipv4"].is_string() && all["region-id"] == "cn-hangzhou");
    assert!(all.get("ram").is_none());
    // Every item of the document is at its path, too.
    let mut folders = vec![("meta-data".to_owned(), &all)];
    while let Some((folder, value)) = folders.pop() {
        match value {
            Value::Object(members) => {
                folders.extend(members.iter().map(|(name, value)| (format!("{folder}/{name}"), value)));
            }
            value => assert_eq!(read(&folder).body, value.as_str().unwrap(), "{folder}"),
        }
    }
}

#[test]
fn user_data_is_returned_byte_for_byte() {
    use std::io::{Read as _, Write as _};

    let test = Test::new();
    // Compressed data, as some tools send it.
    let data = [0x1f, 0x8b, 0x08, 0x00, 0xff, 0x0a];
    test.run(&[("UserData", "H4sIAP8K")]);
    let mut stream = common::connect(&test.emulator);
    stream.write_all(b"GET /latest/user-data HTTP/1.1\r\nhost: 100.100.100.200\r\nconnection: close\r\n\r\n").unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).unwrap();
    assert!(response.ends_with(&[b"\r\n\r\n".as_slice(), &data].concat()), "{response:?}");
}

#[test]
fn the_address_of_the_service_lists_the_versions() {
    use std::io::{Read as _, Write as _};

    let test = Test::new();
    let read = |host: &str, target: &str| {
        let mut stream = common::connect(&test.emulator);
        write!(stream, "GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response.split_once("\r\n\r\n").unwrap().1.to_owned()
    };
    assert_eq!(read("100.100.100.200", "/"), "2016-01-01\nlatest");
    assert!(read("100.100.100.200", "/?Action=DescribeRegions").contains("MissingParameter"));
    assert!(read("127.0.0.1", "/").contains("MissingParameter"));
}

#[test]
fn proxies_get_no_tokens() {
    let test = Test::new();
    test.run(&[]);
    let raw = test.raw("PUT", "/latest/api/token", &[(TTL, "60"), ("X-Forwarded-For", "192.0.2.1")], "");
    assert_eq!(raw.status, 403);
}

#[test]
fn the_key_pair_of_an_instance_is_among_its_public_keys() {
    let test = Test::new();
    let key =
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAYQDCqPT6ZZ8dZ1oZzZJ7QnKc7vQv0mB7oN0m9kqUuHqBkX0r5w0Jq9mHk0b5p9Qv5a6m0Q==";
    let import = [("KeyPairName", "ops"), ("PublicKeyBody", key)];
    let imported = test.call_here("ImportKeyPair", &import).is_ok();
    if !imported {
        test.call_here("CreateKeyPair", &[("KeyPairName", "ops")]).unwrap();
    }
    test.run(&[("KeyPairName", "ops")]);
    assert_eq!(get(&test, "meta-data/public-keys/"), (200, "0/\nops/".to_owned()));
    let first = get(&test, "meta-data/public-keys/0/openssh-key");
    assert!(first.0 == 200 && first.1.starts_with("ssh-"), "{first:?}");
    assert_eq!(get(&test, "meta-data/public-keys/ops/openssh-key"), first);
}
