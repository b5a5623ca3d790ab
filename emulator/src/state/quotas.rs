//! Quotas: how many resources an account can have.

/// A quota that the control API can change.
pub(crate) struct Quota {
    /// Name in the control API.
    pub(crate) name: &'static str,
    /// Value of accounts that have no other; `None` without a limit, or if something else than the account decides.
    pub(crate) usual: Option<u64>,
}

/// Defines the quotas, and the list of all of them.
macro_rules! quotas {
    ($($(#[$doc:meta])* $quota:ident: $name:literal = $usual:expr,)*) => {
        $($(#[$doc])* pub(crate) const $quota: Quota = Quota { name: $name, usual: $usual };)*

        /// All quotas.
        pub(crate) const ALL: &[Quota] = &[$($quota,)*];
    };
}

// The values are the published ones of a new account.
quotas! {
    /// Accounts that an image can be shared with.
    ACCOUNTS_PER_IMAGE: "accounts-per-image" = Some(50),
    /// Stored commands of Cloud Assistant in a region.
    COMMANDS: "commands" = Some(500),
    /// Data disks of an instance; its type decides.
    DATA_DISKS_PER_INSTANCE: "data-disks-per-instance" = None,
    /// Disks in a region.
    DISKS: "disks" = None,
    /// Elastic IP addresses.
    EIPS: "eips" = Some(20),
    /// Custom images in a region.
    IMAGES: "images" = Some(100),
    /// Instances in a region.
    INSTANCES: "instances" = None,
    /// Key pairs in a region.
    KEY_PAIRS: "key-pairs" = Some(500),
    /// Launch templates in a region.
    LAUNCH_TEMPLATES: "launch-templates" = Some(30),
    /// Network interfaces in a region.
    NETWORK_INTERFACES: "network-interfaces" = Some(50_000),
    /// Rules of a security group.
    RULES_PER_SECURITY_GROUP: "rules-per-security-group" = Some(200),
    /// Security groups in a region.
    SECURITY_GROUPS: "security-groups" = Some(100),
    /// Security groups of a network interface.
    SECURITY_GROUPS_PER_INTERFACE: "security-groups-per-interface" = Some(5),
    /// Automatic snapshot policies in a region.
    SNAPSHOT_POLICIES: "snapshot-policies" = Some(100),
    /// Snapshots of a disk, apart from automatic ones.
    SNAPSHOTS_PER_DISK: "snapshots-per-disk" = Some(256),
    /// Versions of a launch template.
    VERSIONS_PER_LAUNCH_TEMPLATE: "versions-per-launch-template" = Some(30),
    /// VPCs in a region, apart from the default one.
    VPCS: "vpcs" = Some(10),
    /// vSwitches of a VPC.
    VSWITCHES: "vswitches" = Some(150),
}

/// Checks that quotas have names that exist.
///
/// # Errors
///
/// Returns a message that lists the names.
pub(crate) fn check(names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<(), String> {
    match names.into_iter().find(|name| ALL.iter().all(|quota| quota.name != name.as_ref())) {
        None => Ok(()),
        Some(name) => {
            let names: Vec<&str> = ALL.iter().map(|quota| quota.name).collect();
            Err(format!("there is no quota {:?}; the quotas are {}", name.as_ref(), names.join(", ")))
        }
    }
}
