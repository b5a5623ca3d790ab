//! Names that derived and hand-chosen names must avoid.

/// Reserved words that can be raw identifiers (`r#type`).
pub(super) const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Reserved words that cannot be raw identifiers.
pub(super) const NEVER_RAW: &[&str] = &["self", "super", "crate", "_"];

/// Methods of fluent requests and of request structs, which the setter of a parameter must not shadow.
pub(super) const REQUEST_METHODS: &[&str] = &[
    "call",
    "check",
    "clone",
    "default",
    "from_call",
    "in_batches",
    "into_request",
    "items",
    "maybe",
    "new",
    "options",
    "pages",
    "replace_call",
    "send",
];

/// The field and the method of responses that hold the metadata of the call.
pub(super) const META: &str = "meta";

/// The private field of a struct in a response whose content is encoded as the request asked.
pub(crate) const ENCODING: &str = "encoding";

/// Methods of clients, which an operation must not shadow. `mod` is listed because the module of an operation cannot be in a
/// file `mod.rs`.
pub(super) const CLIENT_METHODS: &[&str] = &[
    "builder",
    "call",
    "clone",
    "config",
    "from",
    "from_env",
    "into",
    "items",
    "mod",
    "pages",
    "request",
    "send",
    "start",
    "wait_until",
    "with_region",
];

/// Names that a struct or enum cannot have, because generated modules use them without a path or because readers would
/// take the type for a part of the SDK.
pub(super) const RESERVED_TYPES: &[&str] = &[
    "AsRef",
    "Box",
    "Call",
    "CallOptions",
    "Checking",
    "Client",
    "Clone",
    "Debug",
    "Default",
    "Duration",
    "Err",
    "Error",
    "From",
    "Into",
    "IntoIterator",
    "Item",
    "Items",
    "Iterator",
    "Model",
    "None",
    "Ok",
    "OpenEnum",
    "Operation",
    "OperationMeta",
    "Option",
    "PageStyle",
    "Paged",
    "Pages",
    "Request",
    "Response",
    "Result",
    "Self",
    "Send",
    "Sending",
    "Slot",
    "Some",
    "String",
    "Sync",
    "Timestamp",
    "Type",
    "Value",
    "Vec",
    "Visitor",
    "WaiterCall",
    "WaiterMeta",
    "Waiting",
];

/// Names that the module of a service cannot have, because other items at the root of its crate have them.
pub(super) const RESERVED_MODULES: &[&str] = &[
    "alloc",
    "batch",
    "builders",
    "bytes",
    "call",
    "client",
    "codes",
    "config",
    "content",
    "core",
    "credentials",
    "ecs_sdk_runtime",
    "endpoint",
    "environment",
    "fluent",
    "futures_core",
    "guide",
    "http",
    "interceptor",
    "metadata",
    "model",
    "operation",
    "pagination",
    "retry",
    "serde_json",
    "std",
    "sts",
    "system",
    "test_util",
    "tests",
    "transport",
    "types",
    "waiter",
];

/// The catch-all variant of open enums.
pub const CATCH_ALL: &str = "Unrecognized";
