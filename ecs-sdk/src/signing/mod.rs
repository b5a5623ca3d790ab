//! Signatures of requests.

pub(crate) mod v1;
#[cfg_attr(not(test), allow(dead_code, reason = "selected by the client's signature version, which is yet to come"))]
pub(crate) mod v3;

#[cfg(test)]
mod tests;
