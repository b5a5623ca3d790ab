//! Who a request comes from.

/// An identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A RAM user, by its access key ID.
    User(String),
    /// A role that someone assumed.
    Role(RoleSession),
    /// Whoever holds a bearer token.
    Bearer,
    /// The request is not signed, and need not be.
    Nobody,
}

/// A role that someone assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoleSession {
    /// Account of the role.
    pub(crate) account: String,
    /// Name of the role.
    pub(crate) role: String,
    /// Name of the session.
    pub(crate) session: String,
    /// ID of the role.
    pub(crate) role_id: String,
}
