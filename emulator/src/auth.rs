//! Authentication: access keys and tokens, and the two signature versions.

mod bearer;
mod caller;
mod claims;
mod keyring;
mod v1;
pub(crate) mod v3;

#[cfg(test)]
mod tests;

pub(crate) use caller::{Caller, RoleSession};
pub(crate) use keyring::{Keyring, TemporaryKey};
