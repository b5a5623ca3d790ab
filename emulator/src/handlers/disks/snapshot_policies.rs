//! Automatic snapshot policies, and the disks that they are applied to.

use serde_json::{Value, json};

use super::disk_rules::{find, is_ephemeral};
use crate::{
    args::Args,
    call::{Call, tag_list},
    clock,
    error::Result,
    handlers::{Entry, references},
    paging,
    resources::{CopyEncryption, SnapshotPolicy},
    rules,
    state::{Tags, quotas},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "ApplyAutoSnapshotPolicy", apply_auto_snapshot_policy),
    ("ecs", "CancelAutoSnapshotPolicy", cancel_auto_snapshot_policy),
    ("ecs", "CreateAutoSnapshotPolicy", create_auto_snapshot_policy),
    ("ecs", "DeleteAutoSnapshotPolicy", delete_auto_snapshot_policy),
    ("ecs", "DescribeAutoSnapshotPolicyAssociations", describe_auto_snapshot_policy_associations),
    ("ecs", "DescribeAutoSnapshotPolicyEx", describe_auto_snapshot_policy_ex),
    ("ecs", "ModifyAutoSnapshotPolicyEx", modify_auto_snapshot_policy_ex),
];

/// Longest retention in days.
const MAX_RETENTION_DAYS: i64 = 65_536;

fn create_auto_snapshot_policy(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let most = call.state.quota(&quotas::SNAPSHOT_POLICIES);
    if call.state.snapshot_policies.count(&region.id) as u64 >= most {
        let message = format!("The account has {most} policies in {}, which is its quota; delete some.", region.id);
        return Err(call.error("AutoSnapshotPolicy.QuotaExceed", 403, message));
    }
    let associations = ["AssociatedWithDisk", "AssociatedWithInstanceTag"];
    call.one_of("AssociationType", &associations, 403, "ParameterInvalid")?;
    let mut policy = SnapshotPolicy {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("sp", &region.code),
        region: region.id.clone(),
        retention_days: -1,
        copied_retention_days: -1,
        association: call.args.string_or("AssociationType", "AssociatedWithDisk").to_owned(),
        resource_group: references::own_group(call, "ResourceGroupId")?,
        tags: call.new_tags()?,
        created: call.now.into(),
        done: call.now.into(),
        ..SnapshotPolicy::default()
    };
    change(call, &mut policy)?;
    if policy.association == "AssociatedWithInstanceTag" && policy.target_tags.is_empty() {
        let message = "A policy that is associated with the tags of instances needs TargetTags.";
        return Err(call.error("ParameterInvalid", 403, message));
    }
    let response = json!({ "AutoSnapshotPolicyId": policy.id });
    call.state.snapshot_policies.insert(policy);
    Ok(response)
}

/// Sets the values of a policy to those of the call.
fn change(call: &Call<'_>, policy: &mut SnapshotPolicy) -> Result<()> {
    let args = call.args;
    call.check_string("autoSnapshotPolicyName", "InvalidSnapshotPolicyName.Malformed", rules::name)?;
    if let Some(name) = args.string("autoSnapshotPolicyName") {
        name.clone_into(&mut policy.name);
    }
    if let Some(hours) = numbers(call, "timePoints", 0, 23)? {
        policy.hours = hours;
    }
    if let Some(weekdays) = numbers(call, "repeatWeekdays", 1, 7)? {
        policy.weekdays = weekdays;
    }
    if let Some(days) = retention(call, "retentionDays", "ParameterInvalid")? {
        policy.retention_days = days;
    }
    let code = "InvalidParameter.CopiedSnapshotsRetentionDays";
    if let Some(days) = retention(call, "CopiedSnapshotsRetentionDays", code)? {
        policy.copied_retention_days = days;
    }
    if let Some(encryption) = args.get("CopyEncryptionConfiguration") {
        let member = |name: &str| encryption.get(name);
        policy.copy_encryption = CopyEncryption {
            encrypted: member("Encrypted").and_then(Value::as_bool).unwrap_or(false),
            key: member("KMSKeyId").and_then(Value::as_str).unwrap_or_default().to_owned(),
        };
    }
    copy_regions(call, policy)?;
    let pair = |tag: &Args| (tag.string_or("Key", "").to_owned(), tag.string_or("Value", "").to_owned());
    if args.list("TargetTags").is_some() {
        policy.target_tags = args.structs("TargetTags").iter().map(pair).collect::<Tags>();
    }
    Ok(())
}

/// Sets the region to which snapshots are copied.
fn copy_regions(call: &Call<'_>, policy: &mut SnapshotPolicy) -> Result<()> {
    let regions = call.args.strings("TargetCopyRegions");
    if let Some(regions) = &regions {
        let wrong = |id: &&&str| **id == policy.region || call.catalog.region(id).is_none();
        if let Some(id) = regions.iter().find(wrong) {
            let message = format!("Snapshots cannot be copied to {id:?}; it must be another region.");
            return Err(call.error("InvalidParameter.TargetCopyRegions", 403, message));
        }
        policy.copy_regions = regions.iter().map(|id| (*id).to_owned()).collect();
    }
    match call.args.boolean("EnableCrossRegionCopy") {
        Some(false) => policy.copy_regions.clear(),
        Some(true) if policy.copy_regions.is_empty() => {
            let message = "EnableCrossRegionCopy needs a region in TargetCopyRegions.";
            return Err(call.error("InvalidParameter.TargetCopyRegions", 403, message));
        }
        _ => {}
    }
    Ok(())
}

/// Returns a list of numbers within a range, in order.
fn numbers(call: &Call<'_>, name: &str, min: u8, max: u8) -> Result<Option<Vec<u8>>> {
    let Some(texts) = call.args.strings(name) else { return Ok(None) };
    let number = |text: &&str| text.parse::<u8>().ok().filter(|number| (min..=max).contains(number));
    let numbers: Option<Vec<u8>> = texts.iter().map(number).collect();
    let Some(mut numbers) = numbers.filter(|numbers| !numbers.is_empty()) else {
        let message = format!("{name} is a list of numbers from {min} to {max}, such as [\"{max}\"].");
        return Err(call.error("ParameterInvalid", 403, message));
    };
    numbers.sort_unstable();
    numbers.dedup();
    Ok(Some(numbers))
}

/// Returns a number of days, or -1.
fn retention(call: &Call<'_>, name: &str, code: &str) -> Result<Option<i64>> {
    let days = call.args.int(name);
    if days.is_some_and(|days| days != -1 && !(1..=MAX_RETENTION_DAYS).contains(&days)) {
        let message = format!("{name} can be 1 to {MAX_RETENTION_DAYS}, or -1 for no limit.");
        return Err(call.error(code, 403, message));
    }
    Ok(days)
}

/// Returns a copy of the policy that the call names.
fn named(call: &Call<'_>) -> Result<SnapshotPolicy> {
    let region = call.region()?;
    let id = call.args.string_or("autoSnapshotPolicyId", "");
    let policy = call.state.snapshot_policies.get(id).filter(|policy| policy.region == region.id);
    policy.cloned().ok_or_else(|| {
        let message = format!("The automatic snapshot policy {id:?} does not exist in {}.", region.id);
        call.documented(|code| code == "ParameterInvalid", (404, "ParameterInvalid"), message)
    })
}

fn modify_auto_snapshot_policy_ex(call: &mut Call<'_>) -> Result<Value> {
    let mut policy = named(call)?;
    change(call, &mut policy)?;
    // A new schedule holds from now on.
    policy.done = call.now.into();
    call.state.snapshot_policies.insert(policy);
    Ok(json!({}))
}

fn delete_auto_snapshot_policy(call: &mut Call<'_>) -> Result<Value> {
    let policy = named(call)?;
    for disk in call.state.disks.linked_ids(&policy.id) {
        leave(call, &disk, &policy.id);
    }
    call.state.snapshot_policies.remove(&policy.id);
    Ok(json!({}))
}

/// Removes a policy from a disk.
fn leave(call: &mut Call<'_>, disk: &str, policy: &str) {
    if let Some(mut disk) = call.state.disks.get_mut(disk) {
        disk.policies.retain(|known| known != policy);
    }
}

fn apply_auto_snapshot_policy(call: &mut Call<'_>) -> Result<Value> {
    let policy = named(call)?;
    let ids = call.args.strings("diskIds").unwrap_or_default();
    for id in ids {
        let mut disk = find(call, id)?.clone();
        if is_ephemeral(&disk.category) {
            let message = format!("The disk {id} is of the category {}, which has no snapshots.", disk.category);
            return Err(call.error("DiskCategory.OperationNotSupported", 400, message));
        }
        if !disk.policies.contains(&policy.id) {
            // A disk has one policy; the new one replaces the other.
            disk.policies = vec![policy.id.clone()];
        }
        disk.enable_auto_snapshot = true;
        call.state.disks.insert(disk);
    }
    Ok(json!({}))
}

fn cancel_auto_snapshot_policy(call: &mut Call<'_>) -> Result<Value> {
    let policy = match call.args.string("autoSnapshotPolicyId") {
        Some(_) => Some(named(call)?.id),
        None => None,
    };
    let ids = call.args.strings("diskIds").unwrap_or_default();
    for id in ids {
        let mut disk = find(call, id)?.clone();
        disk.policies.retain(|known| policy.as_ref().is_some_and(|policy| policy != known));
        call.state.disks.insert(disk);
    }
    Ok(json!({}))
}

fn describe_auto_snapshot_policy_ex(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let ids: &[&str] = &["AutoSnapshotPolicyId"];
    let found = call.find(&call.state.snapshot_policies, &region.id, (ids, &[]), |policy| {
        call.matches("AutoSnapshotPolicyId", &policy.id)
            && call.matches_pattern("AutoSnapshotPolicyName", &policy.name)
            && call.matches("ResourceGroupId", &policy.resource_group)
            && call.tags_match(&policy.tags)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "AutoSnapshotPolicies", "AutoSnapshotPolicy", |policy| write(call, policy)))
}

fn write(call: &Call<'_>, policy: &SnapshotPolicy) -> Value {
    // Lists are strings of JSON, with strings in them.
    let list = |numbers: &[u8]| {
        let texts: Vec<String> = numbers.iter().map(u8::to_string).collect();
        json!(texts).to_string()
    };
    let target_tags = tag_list(&policy.target_tags)["Tag"].clone();
    json!({
        "AutoSnapshotPolicyId": policy.id,
        "AutoSnapshotPolicyName": policy.name,
        "RegionId": policy.region,
        "TimePoints": list(&policy.hours),
        "RepeatWeekdays": list(&policy.weekdays),
        "RetentionDays": policy.retention_days,
        "DiskNums": call.state.disks.count(&policy.id),
        "VolumeNums": 0,
        "Status": "Normal",
        "Type": "Custom",
        "AssociationType": policy.association,
        "EnableCrossRegionCopy": !policy.copy_regions.is_empty(),
        "TargetCopyRegions": json!(policy.copy_regions).to_string(),
        "CopiedSnapshotsRetentionDays": policy.copied_retention_days,
        "CopyEncryptionConfiguration": {
            "Encrypted": policy.copy_encryption.encrypted,
            "KMSKeyId": policy.copy_encryption.key,
        },
        "CreationTime": clock::seconds(*policy.created),
        "ResourceGroupId": policy.resource_group,
        "Tags": tag_list(&policy.tags),
        "TargetTags": { "TargetTag": target_tags },
    })
}

fn describe_auto_snapshot_policy_associations(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    let disks = call.state.disks.linked(args.string("AutoSnapshotPolicyId").unwrap_or(&region.id));
    let disks = disks.filter(|disk| disk.region == region.id && call.matches("DiskId", &disk.id));
    let pairs = disks.flat_map(|disk| disk.policies.iter().map(|policy| (&disk.id, policy)));
    let pairs = pairs.filter(|(_, policy)| args.string("AutoSnapshotPolicyId").is_none_or(|wanted| wanted == *policy));
    let page = paging::page(call, paging::in_order(pairs))?;
    Ok(page.response(
        call,
        "AutoSnapshotPolicyAssociations",
        "AutoSnapshotPolicyAssociation",
        |(_, (disk, policy))| json!({ "DiskId": disk, "AutoSnapshotPolicyId": policy }),
    ))
}
