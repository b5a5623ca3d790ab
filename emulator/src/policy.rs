//! The grammar of RAM policies. Permissions are not evaluated.

use serde_json::{Map, Value};

use crate::rules::Checked;

/// Checks a policy: a JSON object with a version and statements.
pub(crate) fn check(text: &str) -> Checked {
    let Ok(Value::Object(policy)) = serde_json::from_str(text) else { return Err("it must be a JSON object") };
    if policy.keys().any(|name| !["Version", "Statement"].contains(&name.as_str())) {
        return Err("its elements can only be Version and Statement");
    }
    if policy.get("Version").and_then(Value::as_str) != Some("1") {
        return Err("its Version must be \"1\"");
    }
    match policy.get("Statement") {
        Some(Value::Object(statement)) => check_statement(statement),
        Some(Value::Array(statements)) if !statements.is_empty() => statements.iter().try_for_each(|statement| {
            statement.as_object().map_or(Err("each statement must be an object"), check_statement)
        }),
        _ => Err("its Statement must be a list of statements"),
    }
}

fn check_statement(statement: &Map<String, Value>) -> Checked {
    const ELEMENTS: &[&str] =
        &["Effect", "Action", "NotAction", "Resource", "NotResource", "Condition", "Principal", "Sid"];
    if statement.keys().any(|name| !ELEMENTS.contains(&name.as_str())) {
        return Err("a statement has an element that is not part of the policy language");
    }
    if !matches!(statement.get("Effect").and_then(Value::as_str), Some("Allow" | "Deny")) {
        return Err("the Effect of each statement must be Allow or Deny");
    }
    let action = one_of(statement, "Action", "NotAction");
    if !action.is_some_and(|action| strings(action).is_some_and(|all| all.iter().all(|text| is_action(text)))) {
        return Err("each statement needs an Action or a NotAction, such as \"ecs:Describe*\"");
    }
    let resource = one_of(statement, "Resource", "NotResource");
    if !resource.is_some_and(|resource| strings(resource).is_some_and(|all| all.iter().all(|text| is_resource(text)))) {
        return Err("each statement needs a Resource or a NotResource, such as \"*\" or \"acs:ecs:*:*:instance/*\"");
    }
    // Operators, with keys and their values.
    let tests = statement
        .get("Condition")
        .map(|condition| condition.as_object().map(|tests| tests.values().all(Value::is_object)));
    if matches!(tests, Some(None | Some(false))) {
        return Err("a Condition must be an object of operators, each with keys and values");
    }
    Ok(())
}

/// Returns one of two elements that exclude each other.
fn one_of<'a>(statement: &'a Map<String, Value>, one: &str, other: &str) -> Option<&'a Value> {
    match (statement.get(one), statement.get(other)) {
        (Some(value), None) | (None, Some(value)) => Some(value),
        _ => None,
    }
}

/// Returns a string, or the strings of a list that is not empty.
fn strings(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) if !items.is_empty() => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

fn is_action(text: &str) -> bool {
    text == "*" || text.split_once(':').is_some_and(|(service, action)| !service.is_empty() && !action.is_empty())
}

fn is_resource(text: &str) -> bool {
    text == "*" || (text.starts_with("acs:") && text.split(':').count() >= 5)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn malformed_policies_are_rejected() {
        let policy = |statement: Value| json!({ "Version": "1", "Statement": statement }).to_string();
        let with = |name: &str, value: Value| {
            let mut statement = json!({ "Effect": "Allow", "Action": "ecs:*", "Resource": "*" });
            statement[name] = value;
            policy(json!([statement]))
        };
        let allow =
            json!({ "Effect": "Allow", "Action": ["ecs:Describe*", "*"], "Resource": ["acs:ecs:*:*:instance/*"] });
        for valid in [
            policy(json!([allow])),
            policy(allow.clone()),
            policy(json!([{ "Effect": "Deny", "NotAction": "ecs:*", "NotResource": "*" }])),
            with("Condition", json!({ "IpAddress": { "acs:SourceIp": ["192.0.2.0/24"] } })),
        ] {
            assert_eq!(check(&valid), Ok(()), "{valid}");
        }
        for invalid in [
            "{bad".to_owned(),
            "[]".to_owned(),
            "{}".to_owned(),
            json!({ "Statement": [allow] }).to_string(),
            json!({ "Version": "2", "Statement": [allow] }).to_string(),
            json!({ "Version": "1", "Statement": [allow], "Id": "a" }).to_string(),
            policy(json!([])),
            policy(json!(["Allow"])),
            with("Effect", json!("allow")),
            with("Action", json!([])),
            with("Action", json!("describe")),
            with("NotAction", json!("ecs:*")),
            with("Resource", json!("instance/*")),
            with("Resource", json!(1)),
            with("Condition", json!([])),
            with("Condition", json!({ "IpAddress": "192.0.2.0/24" })),
            with("Effects", json!("Allow")),
        ] {
            assert!(check(&invalid).is_err(), "{invalid}");
        }
    }
}
