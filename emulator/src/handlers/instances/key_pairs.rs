//! SSH key pairs.

use serde_json::{Value, json};

use crate::{
    call::{Call, tag_list},
    clock,
    error::{EcsError, Result},
    handlers::{Entry, images, references},
    ids, paging,
    resources::{Instance, KeyPair, Status},
    ssh,
    state::quotas,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "AttachKeyPair", attach_key_pair),
    ("ecs", "CreateKeyPair", create_key_pair),
    ("ecs", "DeleteKeyPairs", delete_key_pairs),
    ("ecs", "DescribeKeyPairs", describe_key_pairs),
    ("ecs", "DetachKeyPair", detach_key_pair),
    ("ecs", "ImportKeyPair", import_key_pair),
];

fn create_key_pair(call: &mut Call<'_>) -> Result<Value> {
    // Successive numbers give different keys.
    let number = ids::hash(&call.state.account).wrapping_add(call.state.next_sequence());
    let key = ssh::new_key(number);
    let (name, fingerprint, id) = add(call, key.public)?;
    Ok(json!({
        "KeyPairId": id,
        "KeyPairName": name,
        "KeyPairFingerPrint": fingerprint,
        "PrivateKeyBody": key.private,
    }))
}

fn import_key_pair(call: &mut Call<'_>) -> Result<Value> {
    let key = call.args.string_or("PublicKeyBody", "").trim().to_owned();
    let (name, fingerprint, _) = add(call, key)?;
    Ok(json!({ "KeyPairName": name, "KeyPairFingerPrint": fingerprint }))
}

/// Adds a key pair. Returns its name, its fingerprint and its ID.
fn add(call: &mut Call<'_>, public_key: String) -> Result<(String, String, String)> {
    let region = call.region()?;
    let name = call.args.string_or("KeyPairName", "");
    let checked = ssh::fingerprint(&public_key);
    let fingerprint = call.check("PublicKeyBody", "InvalidPublicKeyBody.Malformed", checked)?;
    if find(call, &region.id, name).is_some() {
        let message = format!("A key pair named {name:?} exists in {}; choose another name.", region.id);
        return Err(call.error("KeyPair.AlreadyExist", 400, message));
    }
    let quota = call.state.quota(&quotas::KEY_PAIRS);
    if call.state.key_pairs.count(&region.id) as u64 >= quota {
        let message = format!("The account has {quota} key pairs in {}, as many as its quota allows.", region.id);
        return Err(call.error("QuotaExceed.KeyPair", 403, message));
    }
    let pair = KeyPair {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("ssh", &region.code),
        region: region.id.clone(),
        name: name.to_owned(),
        fingerprint: fingerprint.clone(),
        public_key,
        resource_group: references::own_group(call, "ResourceGroupId")?,
        tags: call.new_tags()?,
        created: call.now.into(),
    };
    let id = pair.id.clone();
    call.state.key_pairs.insert(pair);
    Ok((name.to_owned(), fingerprint, id))
}

/// Returns the key pair with a name.
pub(super) fn find<'c>(call: &'c Call<'_>, region: &str, name: &str) -> Option<&'c KeyPair> {
    call.state.key_pairs.linked(&KeyPair::link(region, name)).next()
}

fn delete_key_pairs(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let names = call.args.strings("KeyPairNames").unwrap_or_default();
    if names.is_empty() {
        return Err(EcsError::missing("KeyPairNames"));
    }
    for name in names {
        let link = KeyPair::link(&region.id, name);
        if call.state.instances.count(&link) > 0 {
            let message = format!("The key pair {name:?} is attached to an instance; detach it with DetachKeyPair.");
            return Err(call.error("InvalidParameter.KeypairAlreadyAttachedInstance", 400, message));
        }
        // Names without a key pair are ignored: there is nothing to delete.
        for id in call.state.key_pairs.linked_ids(&link) {
            call.state.key_pairs.remove(&id);
        }
    }
    Ok(json!({}))
}

fn describe_key_pairs(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let fingerprint = call.args.string("KeyPairFingerPrint").map(plain);
    let found = call.find(&call.state.key_pairs, &region.id, (&[], &[]), |pair| {
        call.matches_pattern("KeyPairName", &pair.name)
            && fingerprint.as_ref().is_none_or(|wanted| *wanted == plain(&pair.fingerprint))
            && call.matches("ResourceGroupId", &pair.resource_group)
            && call.tags_match(&pair.tags)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "KeyPairs", "KeyPair", |pair| {
        let mut members = json!({
            "KeyPairName": pair.name,
            "KeyPairFingerPrint": pair.fingerprint,
            "CreationTime": clock::seconds(*pair.created),
            "ResourceGroupId": pair.resource_group,
            "Tags": tag_list(&pair.tags),
        });
        if call.args.flag("IncludePublicKey") {
            members["PublicKey"] = pair.public_key.as_str().into();
        }
        members
    }))
}

/// Returns a fingerprint without the colons that some programs write.
fn plain(fingerprint: &str) -> String {
    fingerprint.chars().filter(|c| *c != ':').flat_map(char::to_lowercase).collect()
}

fn attach_key_pair(call: &mut Call<'_>) -> Result<Value> {
    change_instances(call, |instance, name| {
        name.clone_into(&mut instance.key_pair);
        Ok(())
    })
}

fn detach_key_pair(call: &mut Call<'_>) -> Result<Value> {
    change_instances(call, |instance, name| {
        if instance.key_pair != name {
            return Err(format!("The key pair {name:?} is not attached to the instance {}.", instance.id));
        }
        instance.key_pair.clear();
        Ok(())
    })
}

/// Changes the key pair of each instance that the call names, and reports a result for each. `change` gives a reason for which an
/// instance is not changed.
fn change_instances(
    call: &mut Call<'_>,
    change: impl Fn(&mut Instance, &str) -> std::result::Result<(), String>,
) -> Result<Value> {
    let region = call.region()?;
    let name = call.args.string_or("KeyPairName", "");
    references::key_pair(call, &region.id, name)?;
    let ids = call.args.strings("InstanceIds").unwrap_or_default();
    if ids.is_empty() {
        return Err(call.error("InvalidInstanceIds.ValueNotSupported", 400, "InstanceIds names no instance."));
    }
    if let Some(id) = ids.iter().find(|id| is_windows(call, &region.id, id)) {
        let message = format!("The instance {id} runs Windows, which has no SSH keys; use a password.");
        return Err(call.error("DependencyViolation.WindowsInstance", 403, message));
    }
    let mut failed = 0;
    let mut results = Vec::new();
    for id in ids {
        let result = check(call, &region.id, id).and_then(|()| {
            let Some(mut instance) = call.state.instances.get_mut(id) else { return Ok(()) };
            change(&mut instance, name).map_err(|reason| ("InvalidKeyPairName.NotFound", reason))
        });
        let (code, message) = match &result {
            Ok(()) => ("200", "successful"),
            Err((code, reason)) => (*code, reason.as_str()),
        };
        failed += usize::from(result.is_err());
        results.push(json!({
            "InstanceId": id,
            "Success": result.is_ok(),
            "Code": code,
            "Message": message,
        }));
    }
    Ok(json!({
        "KeyPairName": name,
        // Numbers are strings in these responses.
        "TotalCount": results.len().to_string(),
        "FailCount": failed.to_string(),
        "Results": { "Result": results },
    }))
}

fn is_windows(call: &Call<'_>, region: &str, id: &str) -> bool {
    let instance = call.state.instances.get(id);
    let image = instance.and_then(|instance| images::find(call, region, &instance.image));
    image.is_some_and(|image| image.is_windows())
}

/// Checks that an instance can have a key pair. An error is a code and a message.
fn check(call: &Call<'_>, region: &str, id: &str) -> std::result::Result<(), (&'static str, String)> {
    let Some(instance) = call.state.instances.get(id).filter(|instance| instance.region == region) else {
        return Err(("InvalidInstanceId.NotFound", format!("The instance {id:?} does not exist.")));
    };
    match instance.status(call.now) {
        Status::Running | Status::Stopped => Ok(()),
        status => {
            let message = format!("The instance {id} is {}; wait until it is Running or Stopped.", status.as_str());
            Err(("IncorrectInstanceStatus", message))
        }
    }
}
