//! The identity of a request's sender.

use crate::state::ACCOUNT;

/// The identity of a request's sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A RAM user.
    User {
        /// Its access key ID.
        key: String,
        /// Account that it belongs to.
        account: String,
    },
    /// An assumed role.
    Role(RoleSession),
    /// The holder of a bearer token.
    Bearer,
    /// Nobody: the request is not signed, and its operation requires no signature.
    Nobody,
}

impl Caller {
    /// Returns the account that the caller acts in.
    pub(crate) fn account(&self) -> &str {
        match self {
            Caller::Role(session) => &session.account,
            Caller::User { account, .. } => account,
            Caller::Bearer | Caller::Nobody => ACCOUNT,
        }
    }
}

/// An assumed role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoleSession {
    /// Account that the role belongs to.
    pub(crate) account: String,
    /// Name of the role.
    pub(crate) role: String,
    /// Name of the session.
    pub(crate) session: String,
    /// ID of the role.
    pub(crate) role_id: String,
}
