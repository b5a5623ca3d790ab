//! What an import writes complies with the rules of specs, and each fact that it leaves out is reported.

use std::path::Path;

use ecs_codegen::import::{Decision, Error, parse_api};
use ecs_codegen::{Source, rules::Level};

use super::*;

/// The errors of the linter in a draft of a service with these operations and shared types.
fn lint(tree: &ExistingTree) -> Vec<String> {
    let source = |path: &str, text: String| Source { path: path.to_owned(), text };
    let service = json!({
        "service": "ecs", "product": "Ecs", "version": "2014-05-26", "title": "Elastic Compute Service",
        "docs_url": "https://example.com/{operation}", "docs": "draft", "gate": "none",
        "families": { "main": "Operations." }, "endpoints": { "default": "ecs.example.com", "public": "ecs.{region}.example.com",
            "vpc": "ecs-vpc.{region}.example.com" },
    });
    let rpc = json!({ "parameters": tree.rpc.parameters, "read_verbs": tree.rpc.read_verbs });
    let mut sources = vec![
        source("rpc.json", rpc.to_string()),
        source("ecs/service.json", service.to_string()),
        source("ecs/types.json", ecs_codegen::fmt::types(&tree.types)),
    ];
    for operation in tree.operations.values() {
        let operation = Operation { family: "main".to_owned(), docs: None, ..operation.clone() };
        let path = format!("ecs/main/{}.json", operation.operation);
        sources.push(source(&path, ecs_codegen::fmt::operation(&operation)));
    }
    let (_, found) = ecs_codegen::lint(sources);
    let found = found.filter(|one| one.level >= Level::Error);
    found.list().iter().map(|one| format!("{}: {}", one.path, one.message)).collect()
}

fn decisions(report: &Report, decision: Decision) -> Vec<String> {
    report.decisions(decision).map(|entry| format!("{} {}: {}", entry.owner, entry.path, entry.detail)).collect()
}

fn parsed(apis: Value) -> Result<ApiDocs, Error> {
    let file = json!({ "info": { "style": "RPC", "product": "Ecs", "version": "2014-05-26" }, "apis": apis });
    parse_api(Path::new("x.json"), &file.to_string())
}

#[test]
fn a_pattern_that_is_not_a_regular_expression_is_left_out() {
    let name = |pattern: &str| parameter("Name", json!({ "type": "string", "pattern": pattern, "default": "a" }));
    for pattern in [r"[\w-.]+", "(", "a{2,1}", r"\p{InGreek}+"] {
        let (after, report) = imported(&api("CreateThing", json!([name(pattern)]), object(json!({}))), &tree([]));
        assert_eq!(lint(&after), [""; 0]);
        assert_eq!(
            written(&after.operations["CreateThing"].request),
            [r#"{"name":"Name","type":"string","default":"a"}"#]
        );
        let facts = decisions(&report, Decision::Fact);
        let expected = format!("CreateThing request Name: `pattern` {pattern} is not a regular expression: ");
        assert!(facts.len() == 1 && facts[0].starts_with(&expected), "{facts:?}");
    }
}

#[test]
fn a_common_parameter_that_is_left_out_needs_no_mark_of_a_secret() {
    let text = json!({ "type": "string" });
    let docs = apis(json!({
        "CreateThing": { "parameters": [parameter("SecurityToken", text.clone())] },
        "DescribeThings": { "responses": { "200": { "schema": object(json!({ "SecurityToken": text })) } } },
    }));
    let mut existing = tree([]);
    existing.rpc.parameters.insert("SecurityToken".to_owned(), "Token of temporary credentials.".to_owned());
    let (after, _) = imported(&docs, &existing);
    assert!(after.operations["CreateThing"].request[0].skip.is_some());
    assert!(after.operations["DescribeThings"].response[0].sensitive);
    assert_eq!(lint(&after), [""; 0]);
}

#[test]
fn operations_whose_names_cannot_be_sent_are_left_out() {
    let invalid = ["创建", "Create Thing", "../../Evil", "__", "Get\u{202e}Thing"];
    let names = invalid.iter().chain(&["CreateThing", "get.thing", "3Things"]);
    let file = names.map(|name| ((*name).to_owned(), json!({}))).collect::<serde_json::Map<_, _>>();
    let (after, report) = imported(&parsed(file.into()).expect("an API"), &tree([]));
    assert_eq!(after.operations.keys().collect::<Vec<_>>(), ["Call3Things", "CreateThing", "GetThing"]);
    assert_eq!(lint(&after), [""; 0]);
    let left_out = decisions(&report, Decision::LeftOut);
    assert_eq!(left_out.len(), invalid.len());
    assert_eq!(left_out[1], "Create Thing : its name has characters that the name of an operation cannot have");
    assert!(left_out[4].starts_with(r"Get\u{202e}Thing : "), "{left_out:?}");
}
