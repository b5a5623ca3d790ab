//! Changes of images of the account: deletion, attributes and sharing.

use serde_json::{Value, json};

use super::{
    image_rules::{self, busy},
    queries,
    transfers::is_exporting,
};
use crate::{
    call::Call,
    clock,
    error::Result,
    handlers::Entry,
    paging,
    resources::{Image, ImageStatus, Share},
    state::{Timeline, quotas},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DeleteImage", delete_image),
    ("ecs", "DescribeImageSharePermission", describe_image_share_permission),
    ("ecs", "ModifyImageAttribute", modify_image_attribute),
    ("ecs", "ModifyImageShareGroupPermission", modify_image_share_group_permission),
    ("ecs", "ModifyImageSharePermission", modify_image_share_permission),
];

/// The group of all accounts.
const EVERYONE: &str = "all";

/// Number of accounts that a call can add or remove; others are ignored.
const MAX_ACCOUNTS: usize = 10;

fn delete_image(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let id = call.args.string_or("ImageId", "");
    if call.catalog.image(id).is_some() {
        let message = format!("{id} is a public image, which belongs to the service.");
        return Err(call.error("ImageIsPublic", 403, message));
    }
    // As in the service, an ID that does not exist is ignored.
    let Some(image) = call.state.images.get(id).filter(|image| image.region == region.id) else {
        return Ok(json!({}));
    };
    check_deletion(call, image)?;
    call.state.images.remove(id);
    Ok(json!({}))
}

fn check_deletion(call: &Call<'_>, image: &Image) -> Result<()> {
    let unfinished = |image: &Image| matches!(image.status.at(call.now), ImageStatus::Creating | ImageStatus::Waiting);
    let mut copies = call.state.images.linked(&image.id);
    let reason = if unfinished(image) && image.imported {
        ("ImageIsImporting", "is being imported; cancel its task with CancelTask")
    } else if unfinished(image) && image.source.is_some() {
        ("OperationDenied.ImageCopying", "is being copied; cancel that with CancelCopyImage")
    } else if unfinished(image) {
        ("ImageIsCreating", "is being created; wait until it is Available")
    } else if copies.any(unfinished) {
        ("OperationDenied.ImageCopying", "is being copied; wait until the copy is Available")
    } else if is_exporting(call, &image.id) {
        ("ImageIsExporting", "is being exported; wait until its task is Finished")
    } else if image.community {
        ("ImageIsPublic", "is a community image; withdraw it with ModifyImageSharePermission")
    } else if !image.shares.is_empty() {
        ("ImageUseShared", "is shared; remove the accounts with ModifyImageSharePermission")
    } else if queries::is_used(call, image) && !call.args.flag("Force") {
        ("ImageUsingByInstance", "is used by instances; set Force to delete it all the same")
    } else {
        return Ok(());
    };
    Err(busy(call, reason.0, image, reason.1))
}

fn modify_image_attribute(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let image = image_rules::own(call)?;
    if let Some(name) = args.string("ImageName").filter(|name| *name != image.name) {
        image_rules::check_unique(call, &image.region, name)?;
    }
    image_rules::check_family(call)?;
    image_rules::check_value(call, "BootMode", "InvalidBootMode.NotSupport")?;
    call.one_of("LicenseType", &["BYOL"], 400, "InvalidLicenseType.NotSupported")?;
    if image.architecture == "arm64" && args.string("BootMode") == Some("BIOS") {
        return Err(call.error("InvalidBootMode.NotSupport", 400, "An image for arm64 boots with UEFI only."));
    }
    if image.imds == "v2" && args.string("Features.ImdsSupport") == Some("v1") {
        let message = "An image with ImdsSupport v2 cannot go back to v1; create another image of its snapshot.";
        return Err(call.error("InvalidParameter", 400, message));
    }
    let status = new_status(call, image)?;
    let id = image.id.clone();
    let Some(mut image) = call.state.images.get_mut(&id) else { return Ok(json!({})) };
    let change = |name: &str, member: &mut String| {
        if let Some(value) = args.string(name) {
            value.clone_into(member);
        }
    };
    let image = &mut *image;
    change("ImageName", &mut image.name);
    change("Description", &mut image.description);
    change("ImageFamily", &mut image.family);
    change("BootMode", &mut image.boot_mode);
    change("LicenseType", &mut image.license);
    change("Features.NvmeSupport", &mut image.nvme);
    change("Features.ImdsSupport", &mut image.imds);
    if let Some(status) = status {
        image.status = Timeline::of(status);
    }
    Ok(json!({}))
}

/// Returns the state that the call gives an image.
fn new_status(call: &Call<'_>, image: &Image) -> Result<Option<ImageStatus>> {
    let present = image.status.at(call.now);
    match call.args.string("Status") {
        None => Ok(None),
        Some("Deprecated") => match present {
            ImageStatus::Available if image.shares.is_empty() => Ok(Some(ImageStatus::Deprecated)),
            ImageStatus::Available => Err(busy(
                call,
                "ImageUseShared",
                image,
                "is shared; remove the accounts with ModifyImageSharePermission",
            )),
            _ => Err(busy(call, "ImageStatus.NotAvailable", image, "is not Available")),
        },
        Some("Available") => match present {
            ImageStatus::Deprecated => Ok(Some(ImageStatus::Available)),
            _ => Err(busy(call, "ImageStatus.NotDeprecated", image, "is not Deprecated")),
        },
        Some(other) => {
            let message = format!("Status cannot be {other:?}; it can be Deprecated or Available.");
            Err(call.error("InvalidParameter", 400, message))
        }
    }
}

fn modify_image_share_permission(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let image = image_rules::available(call, (403, "OperationDenied.InvalidImageStatus"))?;
    let accounts = |name: &str| args.strings(name).unwrap_or_default().into_iter().take(MAX_ACCOUNTS);
    let added: Vec<&str> = accounts("AddAccount").filter(|account| !image.is_shared_with(account)).collect();
    let removed: Vec<&str> = accounts("RemoveAccount").collect();
    let public = args.boolean("IsPublic");
    if added.is_empty() && removed.is_empty() && args.list("AddAccount").is_none() && public.is_none() {
        let message = "Name accounts with AddAccount or RemoveAccount, or set IsPublic.";
        return Err(call.error("MissingParameter", 400, message));
    }
    check_sharing(call, image, &added, public)?;
    let (id, now) = (image.id.clone(), call.now);
    let shares = image.shares.iter().filter(|share| !removed.contains(&share.account.as_str())).cloned();
    let mut shares: Vec<Share> = shares.collect();
    for account in added {
        if !shares.iter().any(|share| share.account == account) {
            shares.push(Share { account: account.to_owned(), since: now.into() });
        }
    }
    let quota = call.state.quota(&quotas::ACCOUNTS_PER_IMAGE);
    if shares.len() as u64 > quota {
        let message = format!("An image can be shared with {quota} accounts; remove some with RemoveAccount.");
        return Err(call.error("QuotaExceed.ShareImageUser", 403, message));
    }
    if let Some(mut image) = call.state.images.get_mut(&id) {
        image.shares = shares;
        image.community = public.unwrap_or(image.community);
    }
    Ok(json!({}))
}

/// Shares an image with all accounts, or stops that: there is no other group.
fn modify_image_share_group_permission(call: &mut Call<'_>) -> Result<Value> {
    let groups = |name: &str| call.args.strings(name).unwrap_or_default();
    let (added, removed) = (groups("AddGroup"), groups("RemoveGroup"));
    let image = image_rules::own(call)?;
    if let Some(group) = added.iter().chain(&removed).find(|group| **group != EVERYONE) {
        let message = format!("{group:?} is not a group; the only one is {EVERYONE}.");
        return Err(call.error("InvalidGroup.Malformed", 404, message));
    }
    let public = if added.is_empty() { Some(false).filter(|_| !removed.is_empty()) } else { Some(true) };
    let Some(public) = public else {
        return Err(call.error("MissingParameter", 400, "Name a group with AddGroup or RemoveGroup."));
    };
    check_sharing(call, image, &[], Some(public).filter(|public| *public))?;
    let id = image.id.clone();
    if let Some(mut image) = call.state.images.get_mut(&id) {
        image.community = public;
    }
    Ok(json!({}))
}

fn check_sharing(call: &Call<'_>, image: &Image, added: &[&str], public: Option<bool>) -> Result<()> {
    if let Some(account) = added.iter().find(|account| **account == call.state.account) {
        let message = format!("{account} is the account that owns the image.");
        return Err(call.error("InvalidAccount.Forbbiden", 404, message));
    }
    // Account IDs have 16 digits; older ones are shorter.
    let is_account = |text: &str| (5..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(account) = added.iter().find(|account| !is_account(account)) {
        let message = format!("{account:?} is not the ID of an account; an ID consists of digits.");
        return Err(call.error("InvalidAccount.NotFound", 404, message));
    }
    let service_key = image.is_encrypted() && image.key.is_empty();
    if (service_key && !added.is_empty()) || (image.is_encrypted() && public == Some(true)) {
        return Err(busy(
            call,
            "OperationDeined.EncryptedSnapshot",
            image,
            "is encrypted and cannot be shared like this",
        ));
    }
    if public == Some(true) && image.disks.len() > 1 {
        return Err(busy(
            call,
            "OperationDeined.FullImage",
            image,
            "has data disks and cannot become a community image",
        ));
    }
    if image.community && public != Some(false) && !added.is_empty() {
        return Err(busy(call, "Image.Public", image, "is a community image, which needs no sharing"));
    }
    // Programs that share an image send the default value of IsPublic as well.
    if public == Some(false) && !image.community && added.is_empty() && call.args.list("RemoveAccount").is_none() {
        return Err(busy(call, "Image.NotPublic", image, "is no community image"));
    }
    Ok(())
}

fn describe_image_share_permission(call: &mut Call<'_>) -> Result<Value> {
    let image = image_rules::own(call)?;
    let page = paging::page(call, paging::in_order(&image.shares))?;
    let mut response = page.response(
        call,
        "Accounts",
        "Account",
        |(_, share)| json!({ "AliyunId": share.account, "SharedTime": clock::seconds(*share.since) }),
    );
    response["ImageId"] = image.id.as_str().into();
    response["RegionId"] = image.region.as_str().into();
    let groups = if image.community { vec![json!({ "Group": EVERYONE })] } else { Vec::new() };
    response["ShareGroups"] = json!({ "ShareGroup": groups });
    Ok(response)
}
