//! The canonical layout of spec files.

use std::fs;
use std::path::Path;

use ecs_codegen::fmt::{Kind, format, format_text, format_text_as, glossary, types};
use ecs_codegen::spec::{Glossary, Operation, SharedTypes};

const OPERATION: &str = r#"{
  "$schema": "../../schema.json",
  "operation": "DescribeThings",
  "family": "things",
  "read": true,
  "doc": "Lists \"things\" – größte zuerst.",
  "request": [
    { "name": "RegionId", "type": "string", "required": true },
    { "name": "Tag", "type": ["Tag"], "wire": "repeat", "values": [1, 2], "max_items": 20 }
  ],
  "response": [],
  "types": {
    "Tag": {
      "doc": "A tag.",
      "fields": [
        { "name": "Key", "type": "string" }
      ]
    },
    "Status": {
      "doc": "A state.",
      "enum": {
        "On": "At work.",
        "0.5": { "rust": "Half", "doc": "Half at work." }
      }
    },
    "Empty": {
      "doc": "",
      "fields": []
    }
  },
  "pagination": { "style": "token", "token": "NextToken", "size": "MaxResults", "items": "Things" },
  "waiters": [
    { "name": "on", "doc": "", "ids": "Ids", "items": "Things", "id": "Id", "success": ["On"], "set": { "PageSize": 50 } }
  ],
  "errors": [
    { "code": "InvalidTag", "http": 400 }
  ],
  "examples": [
    {
      "name": "Everything",
      "request": {
        "RegionId": "cn-hangzhou",
        "Tag": [
          {
            "Key": "a"
          }
        ],
        "Ids": ["i-1", "i-2"],
        "None": {}
      },
      "form": "RegionId=cn-hangzhou",
      "response": {
        "request": [
          {
            "x": 1.50
          }
        ],
        "Ids": [
          "i-aaaaaaaaaaaaaaaaaaaa",
          "i-bbbbbbbbbbbbbbbbbbbb",
          "i-cccccccccccccccccccc",
          "i-dddddddddddddddddddd"
        ]
      }
    }
  ]
}
"#;

const SERVICE: &str = r#"{
  "service": "ecs",
  "product": "Ecs",
  "version": "2014-05-26",
  "title": "Elastic Compute Service",
  "docs_url": "https://example.com/{operation}",
  "gate": "families",
  "families": {
    "things": "Things.",
    "a-first": "Order is kept."
  },
  "words": {
    "VSwitch": "vswitch"
  },
  "endpoints": {
    "default": "ecs.example.com",
    "public": "ecs.{region}.example.com",
    "vpc": "ecs-vpc.{region}.example.com",
    "public_exceptions": {
      "cn-hangzhou": "ecs.example.com"
    },
    "regions": ["cn-hangzhou", "eu-central-1"]
  }
}
"#;

fn canonical(text: &str) -> String {
    text.replace("1.50", "1.5")
}

/// The same JSON, formatted by serde_json.
fn pretty(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
    serde_json::to_string_pretty(&value).expect("JSON")
}

#[test]
fn operations_are_formatted() {
    assert_eq!(format_text(OPERATION).as_deref(), Ok(canonical(OPERATION).as_str()));
    assert_eq!(format_text(&pretty(OPERATION)).as_deref(), Ok(canonical(OPERATION).as_str()));
    let operation: Operation = serde_json::from_str(OPERATION).expect("a spec");
    assert_eq!(format(&operation), canonical(OPERATION));
}

#[test]
fn services_are_formatted() {
    assert_eq!(format_text(&pretty(SERVICE)).as_deref(), Ok(SERVICE));
}

#[test]
fn keys_are_in_the_order_of_the_spec_types() {
    let text = r#"{ "errors": [], "request": [{ "max": 3, "type": "i32", "name": "A", "read": 0 }], "family": "f", "operation": "O" }"#;
    let expected = "{\n  \"operation\": \"O\",\n  \"family\": \"f\",\n  \"doc\": \"\",\n  \"request\": [\n    { \"name\": \"A\", \"type\": \"i32\", \"max\": 3 }\n  ],\n  \"response\": []\n}\n";
    assert_eq!(format_text(&text.replace(", \"read\": 0", "")).as_deref(), Ok(expected));
    let error = format_text(text).expect_err("unknown keys are errors");
    assert_eq!(error.to_string(), "unknown key request.0.read");
}

#[test]
fn shared_types_and_glossaries_are_sorted() {
    let shared: SharedTypes = serde_json::from_str(
        r#"{ "B": { "doc": "b", "enum": { "y": "", "x": "" } }, "A": { "doc": "a", "fields": [] } }"#,
    )
    .expect("types");
    let expected = "{\n  \"A\": {\n    \"doc\": \"a\",\n    \"fields\": []\n  },\n  \"B\": {\n    \"doc\": \"b\",\n    \"enum\": {\n      \"y\": \"\",\n      \"x\": \"\"\n    }\n  }\n}\n";
    assert_eq!(types(&shared), expected);
    assert_eq!(format_text(expected).as_deref(), Ok(expected));
    let text = r#"{ "B": { "doc": "b", "allow": {} }, "A": "a" }"#;
    let words: Glossary = serde_json::from_str(text).expect("a glossary");
    assert_eq!(glossary(&words), "{\n  \"A\": \"a\",\n  \"B\": \"b\"\n}\n");
    assert_eq!(format_text(r#"{ "B": "b", "A": "a" }"#).as_deref(), Ok(glossary(&words).as_str()));
}

#[test]
fn file_names_determine_kinds() {
    let kinds = ["service.json", "types.json", "glossary.json", "RunInstances.json"].map(Kind::of_file);
    assert_eq!(kinds, [Kind::Service, Kind::Types, Kind::Glossary, Kind::Operation]);
    assert_eq!(format_text_as(Kind::Glossary, "{}").as_deref(), Ok("{}\n"));
    assert_eq!(format_text_as(Kind::Types, "{}").as_deref(), Ok("{}\n"));
}

#[test]
fn invalid_json_is_an_error() {
    assert!(format_text("{").expect_err("cut off").to_string().starts_with("EOF while parsing"));
    assert!(
        format_text(&format!("{SERVICE}x"))
            .expect_err("something follows")
            .to_string()
            .starts_with("trailing characters")
    );
}

/// From any layout, the first pass produces the canonical layout and the second changes nothing.
#[test]
fn formatting_is_idempotent() {
    for text in [OPERATION, SERVICE] {
        let expected = canonical(text);
        let compact = serde_json::from_str::<serde_json::Value>(text).expect("JSON").to_string();
        for start in [text.replace('\n', "\r\n"), text.replace("  ", "\t"), pretty(text), compact, expected.clone()] {
            let once = format_text(&start).expect("a spec");
            assert_eq!(once, expected);
            assert_eq!(format_text(&once).as_deref(), Ok(once.as_str()));
        }
    }
}

/// The specs of this repository, even if they are not formatted.
#[test]
fn formatting_the_specs_of_the_repository_is_idempotent() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".json") && name != "schema.json" {
                let text = fs::read_to_string(&path).expect("the file is readable");
                let Ok(once) = format_text_as(Kind::of_file(&name), &text) else {
                    continue;
                };
                assert_eq!(
                    format_text_as(Kind::of_file(&name), &once).as_deref(),
                    Ok(once.as_str()),
                    "{}",
                    path.display()
                );
            }
        }
    }
}
