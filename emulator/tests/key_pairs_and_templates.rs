//! SSH key pairs and launch templates.

mod common;

use common::{REGION, RESOURCE_GROUP, Test, fails, ids};
use serde_json::{Value, json};

const PUBLIC_KEY: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC1tXWmkCQgpeUVePaomT0aib9RPpJCIy8LxfmUD0I9I3d72nyVlNuBGmlZFojR\
    OY7DbYTwUi+iGbS+nHZfQzkklZ4r+rCdBt8QoCkegkYzsHIFtXdEQG9iWBugcfvSRJhsCaYIgvBUjpZe6+230nYOh70UyyfI1O8y\
    gVDSKr3ttiJBR7neB4ACbsLPN2Bnkffe926Lh9CwzGv4VX66UU8lCbEoErYws6U+au1uyKVh8JHptfo8yrjE3fRaWQM9fx27eHEi\
    l9FPJdrp3QjSJjvevfQjL2xpsku61XdjGIkaR99Rsf+wVgYloO91oPiwwZSINNv8yBHPghoyT6y4hEZL";

fn pairs(test: &Test, parameters: &[(&str, &str)]) -> Vec<Value> {
    let response = test.call_here("DescribeKeyPairs", parameters).unwrap();
    response["KeyPairs"]["KeyPair"].as_array().unwrap().clone()
}

fn names(test: &Test, parameters: &[(&str, &str)]) -> Vec<String> {
    pairs(test, parameters).iter().map(|pair| pair["KeyPairName"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_new_key_pair_is_listed() {
    let test = Test::new();
    let created = test
        .call_here(
            "CreateKeyPair",
            &[
                ("KeyPairName", "deploy-1"),
                ("ResourceGroupId", RESOURCE_GROUP),
                ("Tag.1.Key", "team"),
                ("Tag.1.Value", "web"),
            ],
        )
        .unwrap();
    assert!(created["KeyPairId"].as_str().unwrap().starts_with("ssh-bp"));
    let private = created["PrivateKeyBody"].as_str().unwrap();
    assert!(private.starts_with("-----BEGIN RSA PRIVATE KEY-----\nMIIE"), "{private}");
    let other = test.call_here("CreateKeyPair", &[("KeyPairName", "admin")]).unwrap();
    assert_ne!(other["PrivateKeyBody"], created["PrivateKeyBody"]);
    let fingerprint = created["KeyPairFingerPrint"].as_str().unwrap();
    assert!(fingerprint.len() == 32 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()), "{fingerprint}");
    let found = pairs(&test, &[("IncludePublicKey", "true"), ("KeyPairName", "deploy*")]);
    let public = found[0]["PublicKey"].as_str().unwrap();
    assert!(public.starts_with("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ"), "{public}");
    let expected = json!({
        "KeyPairName": "deploy-1",
        "KeyPairFingerPrint": fingerprint,
        "CreationTime": "2026-01-02T03:04:05Z",
        "ResourceGroupId": RESOURCE_GROUP,
        "Tags": { "Tag": [{ "TagKey": "team", "TagValue": "web" }] },
        "PublicKey": public,
    });
    assert_eq!(found, [expected]);
    let colons: Vec<String> = fingerprint.as_bytes().chunks(2).map(|two| String::from_utf8_lossy(two).into()).collect();
    for filter in [
        vec![("KeyPairName", "deploy-1")],
        vec![("KeyPairFingerPrint", fingerprint)],
        vec![("KeyPairFingerPrint", &colons.join(":"))],
        vec![("ResourceGroupId", RESOURCE_GROUP)],
        vec![("Tag.1.Key", "team")],
    ] {
        assert_eq!(names(&test, &filter), ["deploy-1"], "{filter:?}");
    }
    assert_eq!(pairs(&test, &[])[0].get("PublicKey"), None);
    assert_eq!(names(&test, &[]), ["deploy-1", "admin"]);
    assert_eq!(names(&test, &[("PageSize", "1"), ("PageNumber", "2")]), ["admin"]);
    assert_eq!(names(&test, &[("KeyPairName", "deploy")]), Vec::<String>::new());
}

#[test]
fn a_public_key_is_imported() {
    let test = Test::new();
    let import =
        |name: &str, key: &str| test.call_here("ImportKeyPair", &[("KeyPairName", name), ("PublicKeyBody", key)]);
    let imported = import("mine", &format!("{PUBLIC_KEY} me@home\n")).unwrap();
    assert_eq!(imported["KeyPairFingerPrint"], "5f4ad279f435086dd9577ee2d23253fa");
    let found = pairs(&test, &[("IncludePublicKey", "true")]);
    assert_eq!(found[0]["PublicKey"], format!("{PUBLIC_KEY} me@home"));
    for key in ["ABC1234567", "ssh-rsa AAAA", "-----BEGIN PUBLIC KEY-----"] {
        fails(import("other", key), 400, "InvalidPublicKeyBody.Malformed");
    }
    fails(import("mine", PUBLIC_KEY), 400, "KeyPair.AlreadyExist");
    fails(test.call_here("CreateKeyPair", &[("KeyPairName", "mine")]), 400, "KeyPair.AlreadyExist");
    let grouped = [("KeyPairName", "grouped"), ("ResourceGroupId", "rg-none")];
    fails(test.call_here("CreateKeyPair", &grouped), 404, "InvalidResourceGroup.NotFound");
    for name in ["a", "1a", "http://a", "a b"] {
        fails(import(name, PUBLIC_KEY), 400, "InvalidKeyPairName.Malformed");
    }
    // Names are those of a region.
    let elsewhere = [("RegionId", "cn-beijing"), ("KeyPairName", "mine"), ("PublicKeyBody", PUBLIC_KEY)];
    test.call("ImportKeyPair", &elsewhere).unwrap();
    assert_eq!(names(&test, &[]), ["mine"]);
}

#[test]
fn key_pairs_are_attached_and_deleted() {
    let test = Test::new();
    for name in ["first", "second"] {
        test.call_here("CreateKeyPair", &[("KeyPairName", name)]).unwrap();
    }
    let instances = test.run(&[("Amount", "2")]);
    let list = json!([instances[0], instances[1], "i-none"]).to_string();
    let change = |operation: &str, name: &str, list: &str| {
        test.call_here(operation, &[("KeyPairName", name), ("InstanceIds", list)])
    };
    let response = change("AttachKeyPair", "first", &list).unwrap();
    assert_eq!((&response["TotalCount"], &response["FailCount"]), (&json!("3"), &json!("1")));
    let results = &response["Results"]["Result"];
    assert_eq!(ids(results, "Code"), ["200", "200", "InvalidInstanceId.NotFound"]);
    assert_eq!(results[0]["Success"].to_string().trim_matches('"'), "true");
    assert_eq!(test.find(&[("KeyPairName", "first")]), instances);
    // Another key pair replaces it.
    change("AttachKeyPair", "second", &json!([instances[1]]).to_string()).unwrap();
    assert_eq!(test.instance(&instances[1]).unwrap()["KeyPairName"], "second");
    let delete = |names: &[&str]| test.call_here("DeleteKeyPairs", &[("KeyPairNames", &json!(names).to_string())]);
    fails(delete(&["none", "first"]), 400, "InvalidParameter.KeypairAlreadyAttachedInstance");
    let response = change("DetachKeyPair", "first", &json!(instances).to_string()).unwrap();
    assert_eq!(response["FailCount"], "1");
    delete(&["none", "first"]).unwrap();
    assert_eq!(names(&test, &[]), ["second"]);
    fails(change("AttachKeyPair", "first", &list), 400, "InvalidKeyPairName.NotFound");
    fails(change("DetachKeyPair", "first", &list), 400, "InvalidKeyPairName.NotFound");
    fails(change("AttachKeyPair", "second", "[]"), 400, "InvalidInstanceIds.ValueNotSupported");
    let many: Vec<String> = (0..51).map(|number| format!("i-{number}")).collect();
    fails(change("AttachKeyPair", "second", &json!(many).to_string()), 403, "InstanceKeyPairLimitExceeded");
    // A released instance does not hold its key pair.
    test.call("DeleteInstance", &[("InstanceId", &instances[1]), ("Force", "true")]).unwrap();
    test.advance(60);
    delete(&["second"]).unwrap();
}

#[test]
fn windows_has_no_key_pairs() {
    let test = Test::new();
    test.call_here("CreateKeyPair", &[("KeyPairName", "first")]).unwrap();
    let images = test.call_here("DescribeImages", &[("OSType", "windows")]).unwrap();
    let image = images["Images"]["Image"][0]["ImageId"].as_str().unwrap();
    let windows = test.run(&[("ImageId", image)]);
    let list = json!(windows).to_string();
    let attach = test.call("AttachKeyPair", &[REGION, ("KeyPairName", "first"), ("InstanceIds", &list)]);
    fails(attach, 403, "DependencyViolation.WindowsInstance");
}

/// Parameters of a template with one of each kind.
const TEMPLATE: &[(&str, &str)] = &[
    ("ImageId", "aliyun_3_x64_20G_alibase_20250117.vhd"),
    ("InstanceType", "ecs.g6.large"),
    ("InstanceName", "web-[1,3]"),
    ("SystemDisk.Size", "60"),
    ("SystemDisk.Category", "cloud_essd"),
    ("DataDisk.1.Size", "100"),
    ("DataDisk.1.Encrypted", "true"),
    ("DataDisk.1.DeleteWithInstance", "false"),
    ("NetworkInterface.1.VSwitchId", "vsw-1"),
    ("NetworkInterface.1.SecurityGroupIds.1", "sg-1"),
    ("SecurityGroupIds.1", "sg-1"),
    ("SecurityGroupIds.2", "sg-2"),
    ("Tag.1.Key", "team"),
    ("Tag.1.Value", "web"),
    ("SpotPriceLimit", "0.5"),
    ("UserData", "aGVsbG8="),
    ("InternetMaxBandwidthOut", "5"),
    ("DeletionProtection", "true"),
    ("ImageOptions.LoginAsNonRoot", "true"),
    ("SecurityOptions.TrustedSystemMode", "vTPM"),
    ("SecurityOptions.EnableSecureBoot", "true"),
    ("CreditSpecification", "Standard"),
];

fn create_template(test: &Test, name: &str, parameters: &[(&str, &str)]) -> String {
    let mut all = vec![("LaunchTemplateName", name)];
    all.extend_from_slice(parameters);
    let created = test.call_here("CreateLaunchTemplate", &all).unwrap();
    created["LaunchTemplateId"].as_str().unwrap().to_owned()
}

fn versions(test: &Test, parameters: &[(&str, &str)]) -> Vec<Value> {
    let response = test.call_here("DescribeLaunchTemplateVersions", parameters).unwrap();
    response["LaunchTemplateVersionSets"]["LaunchTemplateVersionSet"].as_array().unwrap().clone()
}

fn numbers(versions: &[Value]) -> Vec<i64> {
    versions.iter().map(|version| version["VersionNumber"].as_i64().unwrap()).collect()
}

#[test]
fn a_template_keeps_all_parameters() {
    let test = Test::new();
    let mut parameters = TEMPLATE.to_vec();
    parameters.extend([("VersionDescription", "first"), ("TemplateResourceGroupId", RESOURCE_GROUP)]);
    parameters.extend([("TemplateTag.1.Key", "owner"), ("TemplateTag.1.Value", "me")]);
    let id = create_template(&test, "web", &parameters);
    assert!(id.starts_with("lt-bp"), "{id}");
    let version = &versions(&test, &[("LaunchTemplateId", &id)])[0];
    let expected = json!({
        "LaunchTemplateId": id,
        "LaunchTemplateName": "web",
        "VersionNumber": 1,
        "VersionDescription": "first",
        "DefaultVersion": true,
        "CreatedBy": "1000000000000001",
        "CreateTime": "2026-01-02T03:04:05Z",
        "ModifiedTime": "2026-01-02T03:04:05Z",
        "LaunchTemplateData": {
            "ImageId": "aliyun_3_x64_20G_alibase_20250117.vhd",
            "InstanceType": "ecs.g6.large",
            "InstanceName": "web-[1,3]",
            "SystemDisk": { "Size": 60, "Category": "cloud_essd" },
            "DataDisks": { "DataDisk": [{ "Size": 100, "Encrypted": true, "DeleteWithInstance": false }] },
            "NetworkInterfaces": {
                "NetworkInterface": [{ "VSwitchId": "vsw-1", "SecurityGroupIds": { "SecurityGroupId": ["sg-1"] } }],
            },
            "SecurityGroupIds": { "SecurityGroupId": ["sg-1", "sg-2"] },
            "Tags": { "InstanceTag": [{ "Key": "team", "Value": "web" }] },
            "SpotPriceLimit": 0.5,
            "UserData": "aGVsbG8=",
            "InternetMaxBandwidthOut": 5,
            "DeletionProtection": true,
            "ImageOptions": { "LoginAsNonRoot": true },
            "SecurityOptions": { "TrustedSystemMode": "vTPM" },
            "CreditSpecification": "Standard",
        },
    });
    assert_eq!(*version, expected);
    let brief = &versions(&test, &[("LaunchTemplateName", "web"), ("DetailFlag", "false")])[0];
    assert_eq!(brief.get("LaunchTemplateData"), None);
    let listed = test.call_here("DescribeLaunchTemplates", &[]).unwrap();
    let expected = json!({
        "LaunchTemplateId": id,
        "LaunchTemplateName": "web",
        "DefaultVersionNumber": 1,
        "LatestVersionNumber": 1,
        "CreatedBy": "1000000000000001",
        "CreateTime": "2026-01-02T03:04:05Z",
        "ModifiedTime": "2026-01-02T03:04:05Z",
        "ResourceGroupId": RESOURCE_GROUP,
        "Tags": { "Tag": [{ "TagKey": "owner", "TagValue": "me" }] },
    });
    assert_eq!(listed["LaunchTemplateSets"]["LaunchTemplateSet"], json!([expected]));
}

#[test]
fn versions_are_added_chosen_and_deleted() {
    let test = Test::new();
    let id = create_template(&test, "web", &[]);
    let own = ("LaunchTemplateId", id.as_str());
    for number in 2..=4 {
        test.advance(60);
        let added = test.call_here("CreateLaunchTemplateVersion", &[own, ("InstanceType", "ecs.g6.large")]).unwrap();
        assert_eq!(added["LaunchTemplateVersionNumber"], number);
    }
    let with = |parameters: &[(&str, &str)]| {
        let mut all = vec![own];
        all.extend_from_slice(parameters);
        numbers(&versions(&test, &all))
    };
    assert_eq!(with(&[]), [1, 2, 3, 4]);
    assert_eq!(with(&[("MinVersion", "2"), ("MaxVersion", "3")]), [2, 3]);
    assert_eq!(with(&[("LaunchTemplateVersion.1", "4"), ("LaunchTemplateVersion.2", "9")]), [4]);
    assert_eq!(with(&[("PageSize", "3"), ("PageNumber", "2")]), [4]);
    let default =
        |number: &str| test.call_here("ModifyLaunchTemplateDefaultVersion", &[own, ("DefaultVersionNumber", number)]);
    default("2").unwrap();
    assert_eq!(with(&[("DefaultVersion", "true")]), [2]);
    fails(default("9"), 404, "InvalidLaunchTemplateVersion.NotFound");
    let delete = |number: &str| test.call_here("DeleteLaunchTemplateVersion", &[own, ("DeleteVersion.1", number)]);
    fails(delete("2"), 403, "InvalidOperation.DeleteDefaultVersion");
    fails(delete("9"), 400, "InvalidParameter");
    let deleted = delete("4").unwrap();
    let expected = json!([{ "LaunchTemplateId": id, "LaunchTemplateVersionNumber": 4 }]);
    assert_eq!(deleted["LaunchTemplateVersions"]["LaunchTemplateVersion"], expected);
    let listed = test.call_here("DescribeLaunchTemplates", &[("LaunchTemplateName.1", "web")]).unwrap();
    let template = &listed["LaunchTemplateSets"]["LaunchTemplateSet"][0];
    assert_eq!((&template["DefaultVersionNumber"], &template["LatestVersionNumber"]), (&json!(2), &json!(3)));
    assert_eq!(template["ModifiedTime"], "2026-01-02T03:07:05Z");
    // The number of a deleted version is not used again.
    let added = test.call_here("CreateLaunchTemplateVersion", &[("LaunchTemplateName", "web")]).unwrap();
    assert_eq!(added["LaunchTemplateVersionNumber"], 5);
    let deleted = test.call_here("DeleteLaunchTemplate", &[own]).unwrap();
    assert_eq!(deleted["LaunchTemplateVersionNumbers"]["versionNumbers"], json!([1, 2, 3, 5]));
    for operation in ["DescribeLaunchTemplateVersions", "CreateLaunchTemplateVersion", "DeleteLaunchTemplate"] {
        fails(test.call_here(operation, &[own]), 404, "InvalidLaunchTemplate.NotFound");
        fails(test.call_here(operation, &[]), 400, "MissingParameter");
    }
    let listed = test.call_here("DescribeLaunchTemplates", &[("LaunchTemplateId.1", &id)]).unwrap();
    assert_eq!(listed["TotalCount"], 0);
}

#[test]
fn templates_are_checked_and_limited() {
    let test = Test::new();
    let create = |name: &str, parameters: &[(&str, &str)]| {
        let mut all = vec![("LaunchTemplateName", name)];
        all.extend_from_slice(parameters);
        test.call_here("CreateLaunchTemplate", &all)
    };
    create("web", &[]).unwrap();
    fails(create("web", &[]), 403, "LaunchTemplateName.Duplicated");
    fails(create("1", &[]), 400, "InvalidLaunchTemplateName.Malformed");
    for (parameters, code) in [
        (&[("VersionDescription", "http://a")][..], "InvalidDescription.Malformed"),
        (&[("Description", "http://a")], "InvalidDescription.Malformed"),
        (&[("HostName", "-a")], "InvalidHostName.Malformed"),
        (&[("UserData", "%")], "InvalidUserData.Base64FormatInvalid"),
        (&[("SecurityGroupId", "sg-1"), ("SecurityGroupIds.1", "sg-1")], "InvalidParameter"),
        (&[("Tag.1.Key", "a"), ("Tag.2.Key", "a")], "Duplicate.TagKey"),
        (&[("TemplateTag.1.Key", "a"), ("TemplateTag.2.Key", "a")], "Duplicate.TagKey"),
        (&[("TemplateTag.1.Key", "acs:a")], "InvalidTagKey.Malformed"),
    ] {
        fails(create("other", parameters), 400, code);
    }
    fails(create("other", &[("TemplateResourceGroupId", "rg-none")]), 404, "InvalidResourceGroup.NotFound");
    fails(test.call("DescribeLaunchTemplates", &[("RegionId", "nowhere")]), 400, "InvalidRegion.NotExist");
    for number in 2..=30 {
        create(&format!("web-{number}"), &[]).unwrap();
        test.call_here("CreateLaunchTemplateVersion", &[("LaunchTemplateName", "web")]).unwrap();
    }
    fails(create("one-more", &[]), 403, "LaunchTemplateLimitExceed");
    let version = test.call_here("CreateLaunchTemplateVersion", &[("LaunchTemplateName", "web")]);
    fails(version, 403, "LaunchTemplateVersionLimitExceed");
    // Other regions have templates of their own.
    test.call("CreateLaunchTemplate", &[("RegionId", "cn-beijing"), ("LaunchTemplateName", "web")]).unwrap();
}
