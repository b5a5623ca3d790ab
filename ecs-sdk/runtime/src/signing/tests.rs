//! Compares signatures with the test vectors recorded from the official SDKs.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha1::Sha1;

use super::{Unsigned, v1, v3};
use crate::{form::Form, identity::Credentials, method::Method};

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
        let signature = v1::sign(text("access_key_secret"), text("method"), &canonical);
        assert_eq!(BASE64_STANDARD.encode(signature), text("signature"), "{name}");
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

#[test]
fn pairs_are_sorted_in_any_order_and_number() {
    for count in [0, 1, 2, 20, 256, 257, 1000] {
        let numbers: Vec<String> = (0..count).map(|number: usize| (number * 7919 % 1000).to_string()).collect();
        let pairs: Vec<(&str, &str)> = numbers.iter().map(|number| (&number[..1], number.as_str())).collect();
        let mut expected = pairs.clone();
        expected.sort_unstable();
        assert_eq!(v1::sorted(pairs), expected);
    }
}

#[test]
fn the_string_to_sign_is_signed_in_pieces() {
    // The same string, encoded at once.
    let sign = |secret: &str, text: &str| {
        let mut mac = Hmac::<Sha1>::new_from_slice(format!("{secret}&").as_bytes()).unwrap();
        mac.update(text.as_bytes());
        BASE64_STANDARD.encode(mac.finalize().into_bytes())
    };
    for length in [0, 1, 63, 126, 127, 128, 129, 255, 1000] {
        let secret = &"s".repeat(length % 99);
        for value in ["x", "%", " ", "\u{661f}", "=&"] {
            let canonical = v1::canonicalize(vec![("A", &value.repeat(length)), ("B", "")]);
            let expected = sign(secret, &v1::string_to_sign("POST", &canonical));
            assert_eq!(BASE64_STANDARD.encode(v1::sign(secret, "POST", &canonical)), expected, "{length} {value}");
        }
    }
}

/// A request of an operation with a method, signed with a version.
fn signed(method: Method, version: super::SignatureVersion) -> http::Request<bytes::Bytes> {
    let mut form = Form::default();
    form.set("Name", "é*~");
    let unsigned = Unsigned {
        url: "https://shop.aliyuncs.com/".parse().unwrap(),
        version: "2020-01-01",
        operation: "DescribeThing",
        method,
        form: &form,
        headers: &http::HeaderMap::new(),
        nonce: "n",
        timestamp: "2026-01-05T18:00:00Z",
    };
    unsigned.sign(version, &Credentials::new("id", "s3cret")).unwrap()
}

#[test]
fn parameters_are_in_the_query_of_methods_without_a_body() {
    let body = |request: &http::Request<bytes::Bytes>| String::from_utf8(request.body().to_vec()).unwrap();
    for (method, name, has_body) in [
        (Method::Post, "POST", true),
        (Method::Get, "GET", false),
        (Method::Put, "PUT", true),
        (Method::Delete, "DELETE", false),
    ] {
        let request = signed(method, super::SignatureVersion::V1);
        assert_eq!(request.method(), name);
        assert_eq!(request.uri().query().is_none(), has_body, "{name}");
        assert_eq!(request.headers().contains_key(http::header::CONTENT_TYPE), has_body, "{name}");
        let parameters = if has_body { body(&request) } else { request.uri().query().unwrap().to_owned() };
        assert_eq!(request.body().is_empty(), !has_body, "{name}");
        let (canonical, signature) = parameters.rsplit_once("&Signature=").unwrap();
        assert!(canonical.contains("&Name=%C3%A9%2A~&"), "{canonical}");
        let expected = BASE64_STANDARD.encode(v1::sign("s3cret", name, canonical));
        let decoded = percent_encoding::percent_decode_str(signature).decode_utf8().unwrap();
        assert_eq!(decoded, expected, "{name}");

        let request = signed(method, super::SignatureVersion::V3);
        assert_eq!((request.method().as_str(), request.uri().query()), (name, Some("Name=%C3%A9%2A~")));
        let headers: Vec<(&str, &str)> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .filter(|(name, _)| v3::is_signed(name))
            .chain([("host", "shop.aliyuncs.com")])
            .collect();
        let canonical = v3::Request { method: name, path: "/", query: "Name=%C3%A9%2A~", headers, body: b"" };
        let (canonical, names) = v3::canonicalize(&canonical, v3::is_signed);
        let signature = v3::sign("s3cret", &v3::string_to_sign(&canonical));
        let expected = v3::authorization("id", &names, &signature);
        assert_eq!(request.headers()[http::header::AUTHORIZATION], expected, "{name}");
    }
}
