//! The rules by which an import treats what the specs have.
//!
//! An import adds what the specs lack. The rest is people's work, which only [`Policy::Accept`] changes:
//!
//! | the API has | the spec has | [`Policy::Add`] | [`Policy::Accept`] |
//! |---|---|---|---|
//! | an operation, a parameter, a field, an error code | nothing | adds it | adds it |
//! | a value of an enum | an enum without it | adds it to the enum, which is open | adds it |
//! | a member | one whose name differs in letter case only | lists the difference | lists the difference |
//! | a string, with or without listed values | a list, struct or map in one string (`json`, `comma`) | keeps it | keeps it |
//! | a string | an enum, a time or a Boolean | keeps it | keeps it |
//! | the same number in another notation | a limit or a default | keeps it | keeps it |
//! | another type, encoding, limit, default or mark | any | lists the difference | follows the API |
//! | a limit, a default or a mark | none | lists the difference | follows the API |
//! | nothing | an operation, a member, a fact, a value, a code | keeps it | keeps it |
//! | a different fact | a decision about the fact | keeps it | keeps it |
//! | the same fact | a decision about the fact | reports the decision, which no longer applies | the same |
//!
//! Names, docs, secrets, `skip`, pagination, waiters, examples, and the order of members and values are never changed.

/// Treatment of members that the specs have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Policy {
    /// Leaves their facts as they are, and lists the differences.
    #[default]
    Add,
    /// Takes over the facts of the API.
    Accept,
}
