//! The default encryption of the new disks of a region.

use serde_json::{Value, json};

use crate::{
    call::Call,
    error::{EcsError, Result},
    handlers::Entry,
    resources::DiskEncryption,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DescribeDiskDefaultKMSKeyId", describe_disk_default_kms_key_id),
    ("ecs", "DescribeDiskEncryptionByDefaultStatus", describe_disk_encryption_by_default_status),
    ("ecs", "DisableDiskEncryptionByDefault", disable_disk_encryption_by_default),
    ("ecs", "EnableDiskEncryptionByDefault", enable_disk_encryption_by_default),
    ("ecs", "ModifyDiskDefaultKMSKeyId", modify_disk_default_kms_key_id),
    ("ecs", "ResetDiskDefaultKMSKeyId", reset_disk_default_kms_key_id),
];

/// Changes the default encryption of the region of a call.
fn change(call: &mut Call<'_>, change: impl FnOnce(&mut DiskEncryption)) -> Result<Value> {
    let region = call.region()?.id.clone();
    let known = call.state.disk_encryption.get(&region).cloned();
    let mut encryption = known.unwrap_or_else(|| DiskEncryption {
        sequence: call.state.next_sequence(),
        id: region.clone(),
        region,
        created: call.now.into(),
        ..DiskEncryption::default()
    });
    change(&mut encryption);
    call.state.disk_encryption.insert(encryption);
    Ok(json!({}))
}

fn enable_disk_encryption_by_default(call: &mut Call<'_>) -> Result<Value> {
    change(call, |encryption| encryption.enabled = true)
}

fn disable_disk_encryption_by_default(call: &mut Call<'_>) -> Result<Value> {
    change(call, |encryption| encryption.enabled = false)
}

fn describe_disk_encryption_by_default_status(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    Ok(json!({ "Encrypted": call.state.encrypts_disks(&region.id) }))
}

fn modify_disk_default_kms_key_id(call: &mut Call<'_>) -> Result<Value> {
    let key = call.args.string_or("KMSKeyId", "").to_owned();
    // KMS is not simulated; its keys have IDs of these characters.
    if !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(EcsError::invalid("KMSKeyId", "it is not the ID of a key"));
    }
    change(call, |encryption| encryption.key = key)
}

fn reset_disk_default_kms_key_id(call: &mut Call<'_>) -> Result<Value> {
    change(call, |encryption| encryption.key.clear())
}

fn describe_disk_default_kms_key_id(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    Ok(json!({ "KMSKeyId": call.state.default_disk_key(&region.id) }))
}
