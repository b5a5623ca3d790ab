//! Compares signatures with the test vectors recorded from the official SDKs.

use serde_json::{Map, Value};

use super::{v1, v3};

fn vectors(version: &str, count: usize) -> Vec<Value> {
    let text = include_str!("../../tests/data/signatures.json");
    let all: Value = serde_json::from_str(text).unwrap();
    let vectors = all[version].as_array().unwrap().clone();
    assert_eq!(vectors.len(), count);
    vectors
}

fn pairs(map: &Map<String, Value>) -> Vec<(&str, &str)> {
    map.iter().map(|(key, value)| (key.as_str(), value.as_str().unwrap())).collect()
}

#[test]
fn version_1_matches_all_vectors() {
    for vector in vectors("v1", 32) {
        let name = &vector["name"];
        let text = |key: &str| vector[key].as_str().unwrap();
        let mut parameters = pairs(vector["query_params"].as_object().unwrap());
        parameters.extend(pairs(vector["body_params"].as_object().unwrap()));
        let canonical = v1::canonicalize(parameters);
        assert_eq!(canonical, text("canonicalized_query"), "{name}");
        let to_sign = v1::string_to_sign(text("method"), &canonical);
        assert_eq!(to_sign, text("string_to_sign"), "{name}");
        assert_eq!(v1::sign(text("access_key_secret"), &to_sign), text("signature"), "{name}");
    }
}

#[test]
fn version_3_matches_all_vectors() {
    for vector in vectors("v3", 22) {
        let name = &vector["name"];
        let text = |key: &str| vector[key].as_str().unwrap();
        assert_eq!(v3::hash(text("body").as_bytes()), text("hashed_payload"), "{name}");
        let query = v1::canonicalize(pairs(vector["query"].as_object().unwrap()));
        let request = v3::Request {
            method: text("method"),
            path: text("canonical_uri"),
            query: &query,
            headers: pairs(vector["headers"].as_object().unwrap()),
            body: text("body").as_bytes(),
        };
        let all = text("signed_headers_policy") == "all-headers";
        let (canonical, names) = v3::canonicalize(&request, |header| all || v3::is_signed(header));
        assert_eq!(canonical, text("canonical_request"), "{name}");
        let to_sign = v3::string_to_sign(&canonical);
        assert_eq!(to_sign, text("string_to_sign"), "{name}");
        let signature = v3::sign(text("access_key_secret"), &to_sign);
        assert_eq!(signature, text("signature"), "{name}");
        assert_eq!(v3::authorization(text("access_key_id"), &names, &signature), text("authorization"), "{name}");
    }
}
