//! Facts about an operation as a whole: whether it reads, and what its calls need.

use super::api::Api;
use super::decision::{Decision, Note};
use crate::spec::{Method, Rpc};

/// The method of an operation that does not accept POST: GET, or else the one that the file lists.
pub(super) fn method(api: &Api) -> Option<Method> {
    if lists(api, "post") {
        return None;
    }
    [Method::Get, Method::Put, Method::Delete].into_iter().find(|method| lists(api, method.name()))
}

fn lists(api: &Api, method: &str) -> bool {
    api.methods.iter().any(|listed| listed.trim().eq_ignore_ascii_case(method))
}

/// Whether requests without a signature are the only ones that the file lists.
pub(super) fn is_anonymous(api: &Api) -> bool {
    !api.security.is_empty() && api.security.iter().all(|way| way.len() == 1 && way.contains_key("Anonymous"))
}

/// Notes about facts that the SDK decides by itself, or cannot follow.
pub(super) fn notes(name: &str, api: &Api, rpc: &Rpc) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |decision, at: &str, detail: String| {
        notes.push(Note { decision, path: String::new(), at: at.to_owned(), detail });
    };
    if let Some(wire) = &api.wire {
        note(Decision::OperationName, "", format!("the service spells it `{wire}`"));
    }
    // A read that is not retried costs less than a write that is repeated, so the verb decides.
    let published = api.operation_type.as_str();
    match (rpc.is_read(name), published) {
        (true, "write" | "readAndWrite") => {
            let detail = format!("the file says `{published}`, but the verb is one for reading; marked as `read`");
            note(Decision::Read, "operationType", detail);
        }
        (false, "read") => {
            let detail = "the file says `read`, but the verb does not; not marked as `read`, so it is not retried";
            note(Decision::Read, "operationType", detail.to_owned());
        }
        _ => {}
    }
    let listed = || api.methods.join(", ").to_ascii_uppercase();
    match method(api) {
        Some(method) => {
            let sent = method.name().to_ascii_uppercase();
            note(Decision::Method, "methods", format!("the file lists only {}; sent as {sent}", listed()));
        }
        None if !api.methods.is_empty() && !lists(api, "post") => {
            note(Decision::Method, "methods", format!("the file lists only {}; sent as POST nevertheless", listed()));
        }
        None => {}
    }
    if is_anonymous(api) {
        note(Decision::Anonymous, "security", "not signed".to_owned());
    } else if api.security.iter().any(|way| way.contains_key("Anonymous")) {
        note(
            Decision::Anonymous,
            "security",
            "signed, although the file also lists requests without a signature".to_owned(),
        );
    } else if !api.security.is_empty() && !api.security.iter().any(|way| way.contains_key("AK")) {
        let ways: Vec<&str> = api.security.iter().flat_map(|way| way.keys().map(String::as_str)).collect();
        let detail = format!("the file lists only {}; the SDK signs with an access key", ways.join(", "));
        note(Decision::Anonymous, "security", detail);
    }
    let success: Vec<&String> = api.responses.keys().filter(|status| status.starts_with('2')).collect();
    match success.first() {
        Some(status) if success.len() > 1 => {
            let others: Vec<&str> = success[1..].iter().map(|status| status.as_str()).collect();
            let detail = format!("the response is that of status {status}; {} is ignored", others.join(", "));
            note(Decision::Status, "responses", detail);
        }
        None if !api.responses.is_empty() => {
            note(
                Decision::Status,
                "responses",
                "no status is a success; the response has only a request ID".to_owned(),
            );
        }
        _ => {}
    }
    notes
}
