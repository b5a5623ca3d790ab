//! Missing permissions.

use std::fmt;

/// The permission that a caller lacks, as the access control of the service (RAM) reports it, returned by
/// [`Error::access_denied`](super::Error::access_denied).
///
/// ```no_run
/// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
/// if let Err(error) = client.stop_instance().instance_id("i-bp67acfmxazb4p****").send().await {
///     if let Some(denied) = error.access_denied() {
///         println!(
///             "{:?} needs the permission {:?}",
///             denied.principal_display_name(),
///             denied.action()
///         );
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AccessDenied(pub(super) [Option<String>; 7]);

impl AccessDenied {
    pub(super) const NAMES: [&str; 7] = [
        "AuthAction",
        "AuthPrincipalType",
        "AuthPrincipalDisplayName",
        "AuthPrincipalOwnerId",
        "PolicyType",
        "NoPermissionType",
        "EncodedDiagnosticMessage",
    ];

    /// Returns `None` if all values are absent.
    pub(super) fn new(values: [Option<String>; 7]) -> Option<Self> {
        values.iter().any(Option::is_some).then_some(Self(values))
    }

    fn get(&self, position: usize) -> Option<&str> {
        self.0[position].as_deref()
    }

    /// Returns the action that is not allowed, such as `ecs:StopInstance`.
    pub fn action(&self) -> Option<&str> {
        self.get(0)
    }

    /// Returns the type of the caller's identity: `SubUser` for a RAM user, `AssumedRoleUser` for a role.
    pub fn principal_type(&self) -> Option<&str> {
        self.get(1)
    }

    /// Returns the name of the caller: the ID of a RAM user, or the name of a role and its session, separated by a
    /// colon.
    pub fn principal_display_name(&self) -> Option<&str> {
        self.get(2)
    }

    /// Returns the ID of the account to which the caller belongs.
    pub fn principal_owner_id(&self) -> Option<&str> {
        self.get(3)
    }

    /// Returns the type of the policy that does not allow the action, such as `AccountLevelIdentityBasedPolicy` or
    /// `ControlPolicy`.
    pub fn policy_type(&self) -> Option<&str> {
        self.get(4)
    }

    /// Returns the kind of denial: `ExplicitDeny` if a policy denies the action, `ImplicitDeny` if none allows it.
    pub fn denial_type(&self) -> Option<&str> {
        self.get(5)
    }

    /// Returns the encoded message from which an administrator can find out which policy denies the action, with the
    /// RAM operation `DecodeDiagnosticMessage`.
    pub fn encoded_diagnostic_message(&self) -> Option<&str> {
        self.get(6)
    }
}

impl fmt::Debug for AccessDenied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let present = Self::NAMES.iter().zip(&self.0).filter_map(|(name, value)| Some((name, value.as_ref()?)));
        f.debug_map().entries(present).finish()
    }
}
