//! The facts of all RPC-style services that the reader needs, for trees without `rpc.json`.

use crate::spec::Rpc;

/// Parameters of every request, which no operation defines.
pub(super) const COMMON_PARAMETERS: [&str; 12] = [
    "AccessKeyId",
    "Action",
    "BearerToken",
    "Format",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureType",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

/// Verbs of read-only operations.
const READ_VERBS: [&str; 5] = ["Check", "Describe", "Get", "List", "Query"];

/// The facts, without docs.
pub(super) fn facts() -> Rpc {
    Rpc {
        parameters: COMMON_PARAMETERS.map(|name| (name.to_owned(), String::new())).into_iter().collect(),
        read_verbs: READ_VERBS.map(str::to_owned).to_vec(),
        ..Rpc::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_are_those_of_the_curated_file() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/rpc.json");
        let curated: Rpc = crate::fmt::parse(&std::fs::read_to_string(path).expect("the file")).expect("JSON");
        let facts = facts();
        assert!(curated.parameters.keys().eq(facts.parameters.keys()));
        assert_eq!(curated.read_verbs, facts.read_verbs);
    }
}
