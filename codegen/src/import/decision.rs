//! Decisions of an import: published files state some facts in a form that specs cannot have, or leave them open.

use std::fmt;

/// The kind of a decision. The order is that of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// A value of another JSON type than the layout has, a key that is listed twice, or a title with invisible characters.
    Malformed,
    /// The operation cannot be sent as an RPC call or has no valid name, and is left out.
    LeftOut,
    /// The operation is named differently from the service.
    OperationName,
    /// The family of a folder whose title has no ASCII letters.
    Family,
    /// Whether the operation only reads.
    Read,
    /// The pagination of the operation.
    Paging,
    /// The HTTP method of an operation that does not accept POST.
    Method,
    /// Whether requests of the operation are signed.
    Anonymous,
    /// The response has another status than 200.
    Status,
    /// A dotted name became a member of a struct or list.
    Folded,
    /// A parameter that is left out, because the SDK sets it, it has no usable name, or another one sends the same key.
    Parameter,
    /// The file states in one place that a member is required, and in another one that it is not.
    Required,
    /// The file states no type, or one that specs do not have.
    FreeForm,
    /// A limit, default or value that does not fit the type.
    Fact,
    /// A string with a name that indicates a time.
    Time,
    /// A name that indicates a secret.
    Secret,
    /// A list of IDs that is sent in one call.
    Batch,
    /// The Rust name of a member.
    RustName,
    /// The name of an enum's value.
    Variant,
    /// The constant of an error code.
    Constant,
    /// The class of an error code.
    ErrorClass,
    /// The published sample of a response contradicts the published type.
    Sample,
    /// An endpoint that is not the name of a host, and is left out.
    Endpoint,
}

impl Decision {
    /// All kinds.
    pub const ALL: [Decision; 23] = [
        Decision::Malformed,
        Decision::LeftOut,
        Decision::OperationName,
        Decision::Family,
        Decision::Read,
        Decision::Paging,
        Decision::Method,
        Decision::Anonymous,
        Decision::Status,
        Decision::Folded,
        Decision::Parameter,
        Decision::Required,
        Decision::FreeForm,
        Decision::Fact,
        Decision::Time,
        Decision::Secret,
        Decision::Batch,
        Decision::RustName,
        Decision::Variant,
        Decision::Constant,
        Decision::ErrorClass,
        Decision::Sample,
        Decision::Endpoint,
    ];

    /// The key in JSON reports.
    pub fn key(self) -> &'static str {
        match self {
            Decision::Malformed => "malformed",
            Decision::LeftOut => "left-out",
            Decision::OperationName => "operation-name",
            Decision::Family => "family",
            Decision::Read => "read",
            Decision::Paging => "paging",
            Decision::Method => "method",
            Decision::Anonymous => "anonymous",
            Decision::Status => "status",
            Decision::Folded => "folded",
            Decision::Parameter => "parameter",
            Decision::Required => "required",
            Decision::FreeForm => "free-form",
            Decision::Fact => "fact",
            Decision::Time => "time",
            Decision::Secret => "secret",
            Decision::Batch => "batch",
            Decision::RustName => "rust-name",
            Decision::Variant => "variant",
            Decision::Constant => "constant",
            Decision::ErrorClass => "error-class",
            Decision::Sample => "sample",
            Decision::Endpoint => "endpoint",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Decision::Malformed => "malformed values of the file",
            Decision::LeftOut => "operations that are left out",
            Decision::OperationName => "names of operations",
            Decision::Family => "families of folders whose titles have no ASCII letters",
            Decision::Read => "operations whose published type contradicts their verb",
            Decision::Paging => "pagination",
            Decision::Method => "operations that do not accept POST",
            Decision::Anonymous => "signatures",
            Decision::Status => "statuses of responses",
            Decision::Folded => "dotted names that became members",
            Decision::Parameter => "members that are left out",
            Decision::Required => "members that the file calls both required and optional",
            Decision::FreeForm => "members without a type that specs have",
            Decision::Fact => "facts that do not fit their member, and are left out",
            Decision::Time => "strings whose names indicate times",
            Decision::Secret => "members whose names indicate secrets",
            Decision::Batch => "lists of IDs that are not split into several calls",
            Decision::RustName => "Rust names of members",
            Decision::Variant => "names of enum values",
            Decision::Constant => "constants of error codes",
            Decision::ErrorClass => "classes of error codes",
            Decision::Sample => "published samples that contradict the published types",
            Decision::Endpoint => "endpoints that are not names of hosts, and are left out",
        })
    }
}

/// A decision about a part of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) decision: Decision,
    /// The member, as in reports: `request DataDisk[].Category`. Empty for the operation itself.
    pub(crate) path: String,
    /// Its place in the published file, below the operation: `parameters.3.schema`.
    pub(crate) at: String,
    pub(crate) detail: String,
}

impl Note {
    /// A decision about the operation itself.
    pub(super) fn of(decision: Decision, detail: String) -> Self {
        Note { decision, path: String::new(), at: String::new(), detail }
    }
}
