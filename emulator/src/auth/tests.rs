//! Both signature versions reproduce the vectors that were recorded from the official SDKs.

use serde_json::{Map, Value};

use super::{v1, v3};

fn vectors(version: &str) -> Vec<Value> {
    let mut file: Value = serde_json::from_str(include_str!("../../tests/data/signatures.json")).unwrap();
    serde_json::from_value(file[version].take()).unwrap()
}

fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().unwrap_or_else(|| panic!("{name} of {}", vector["name"]))
}

fn pairs(members: &Value) -> impl Iterator<Item = (&str, &str)> {
    let members: &Map<String, Value> = members.as_object().unwrap();
    members.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
}

#[test]
fn version_1_vectors() {
    let vectors = vectors("v1");
    assert_eq!(vectors.len(), 32);
    for vector in &vectors {
        let name = text(vector, "name");
        let query = v1::canonicalized_query(pairs(&vector["query_params"]).chain(pairs(&vector["body_params"])));
        assert_eq!(query, text(vector, "canonicalized_query"), "{name}");
        let string_to_sign = v1::string_to_sign(text(vector, "method"), &query);
        assert_eq!(string_to_sign, text(vector, "string_to_sign"), "{name}");
        let signature = v1::signature(text(vector, "access_key_secret"), &string_to_sign);
        assert_eq!(signature, text(vector, "signature"), "{name}");
    }
}

#[test]
fn version_3_vectors() {
    let vectors = vectors("v3");
    assert_eq!(vectors.len(), 22);
    for vector in &vectors {
        let name = text(vector, "name");
        let authorization = v3::parse_authorization(text(vector, "authorization")).unwrap();
        assert_eq!(authorization.credential, text(vector, "access_key_id"), "{name}");
        assert_eq!(authorization.signed_headers, text(vector, "signed_headers"), "{name}");
        assert_eq!(authorization.signature, text(vector, "signature"), "{name}");
        assert_eq!(v3::hash(text(vector, "body").as_bytes()), text(vector, "hashed_payload"), "{name}");
        let request = v3::canonical_request(
            text(vector, "method"),
            text(vector, "canonical_uri"),
            pairs(&vector["query"]),
            &authorization.signed_headers,
            |header| vector["headers"][header].as_str().unwrap().to_owned(),
            text(vector, "hashed_payload"),
        );
        assert_eq!(request, text(vector, "canonical_request"), "{name}");
        let string_to_sign = v3::string_to_sign(&request);
        assert_eq!(string_to_sign, text(vector, "string_to_sign"), "{name}");
        let signature = v3::signature(text(vector, "access_key_secret"), &string_to_sign);
        assert_eq!(signature, text(vector, "signature"), "{name}");
    }
}

#[test]
fn a_malformed_authorization_header_is_none() {
    for header in
        ["", "Basic abc", "ACS3-HMAC-SHA256", "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=b", "ACS3-HMAC-SHA256 x"]
    {
        assert_eq!(v3::parse_authorization(header), None, "{header}");
    }
}
