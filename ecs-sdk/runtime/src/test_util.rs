//! Helpers for tests.

use crate::{
    decode, encode,
    form::{Form, percent_encode},
    model::Model,
    operation::Operation,
};

/// Paths of the members of a JSON text that a type does not read.
///
/// # Errors
///
/// Fails when the text can't be decoded.
pub fn unread<T: Model + Default>(json: &str) -> Result<Vec<String>, serde_json::Error> {
    decode::unread(json.as_bytes(), &mut T::default())
}

/// The parameters that a request encodes to, in order, without the common ones.
pub fn parameters<R: Operation>(request: &R) -> Vec<(String, String)> {
    let mut form = Form::default();
    encode::form(request, &mut form, &mut encode::FormErrors::default());
    form.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The form that a request encodes to, without the common parameters.
pub fn form<R: Operation>(request: &R) -> String {
    let mut text = String::new();
    for (name, value) in parameters(request) {
        if !text.is_empty() {
            text.push('&');
        }
        percent_encode(&name, &mut text);
        text.push('=');
        percent_encode(&value, &mut text);
    }
    text
}

/// Checks an example of a spec: the request encodes to the form, the response decodes with nothing lost.
#[doc(hidden)]
pub fn check_example<R>(name: &str, request: &str, expected: &str, response: Option<&str>)
where
    R: Operation + serde::de::DeserializeOwned + serde::Serialize,
    R::Response: serde::de::DeserializeOwned + serde::Serialize + PartialEq + std::fmt::Debug,
{
    assert_eq!(decode::unread(request.as_bytes(), &mut R::default()).unwrap(), Vec::<String>::new(), "{name}");
    let typed: R = serde_json::from_str(request).unwrap();
    assert_eq!(form(&typed), expected, "{name}");
    let again: R = serde_json::from_value(serde_json::to_value(&typed).unwrap()).unwrap();
    assert_eq!(form(&again), expected, "{name}: through serde");
    if let Some(response) = response {
        assert_eq!(unread::<R::Response>(response).unwrap(), Vec::<String>::new(), "{name}");
        let typed: R::Response = serde_json::from_str(response).unwrap();
        let again: R::Response = serde_json::from_value(serde_json::to_value(&typed).unwrap()).unwrap();
        assert_eq!(typed, again, "{name}: through serde");
    }
}
