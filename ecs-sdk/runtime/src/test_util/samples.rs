//! Samples of requests and responses, with which generated crates test their models.

use serde::Serialize;
use serde_json::Value;

use crate::{
    decode, encode,
    form::Form,
    model::{self, Model},
    operation::Operation,
};

/// The samples that the generator writes: service → operation → `request` and `response`, in which every member has a value.
#[doc(hidden)]
pub struct Samples(Value);

impl Samples {
    /// Reads the samples.
    ///
    /// # Panics
    ///
    /// Panics if they are not JSON.
    pub fn new(text: &str) -> Self {
        Self(serde_json::from_str(text).expect("samples are JSON"))
    }

    /// Asserts that the samples of an operation are encoded and decoded without loss.
    ///
    /// # Panics
    ///
    /// Panics if they are not.
    pub fn check<R: Operation>(&self) {
        let (service, name) = (R::META.service.name, R::META.name);
        let sample = |part: &str| {
            let value = &self.0[service][name][part];
            assert!(value.is_object(), "there is no sample of {name}");
            value
        };
        check_request(name, sample("request"), &mut R::default(), &R::default());
        check_response(name, sample("response"), &mut R::Response::default());
    }
}

/// The wire form of a model as JSON.
struct Wire<'m>(&'m dyn Model);

impl Serialize for Wire<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        encode::serialize(self.0, serializer)
    }
}

fn check_request(name: &str, sample: &Value, request: &mut dyn Model, empty: &dyn Model) {
    check_response(name, sample, request);
    let (mut form, mut errors) = (Form::default(), encode::FormErrors::default());
    encode::form(request, &mut form, &mut errors);
    assert_eq!(errors.missing, [""; 0], "{name}: members that were set are missing");
    for member in sample.as_object().into_iter().flatten().map(|(member, _)| member) {
        let is_sent =
            |key: &str| key.strip_prefix(member.as_str()).is_some_and(|rest| matches!(rest.get(..1), None | Some(".")));
        assert!(form.iter().any(|(key, _)| is_sent(key)), "{name}: `{member}` is not sent");
    }
    let (mut form, mut errors) = (Form::default(), encode::FormErrors::default());
    encode::form(empty, &mut form, &mut errors);
    assert_eq!(errors.missing, model::table(empty).required, "{name}: required members that are reported as missing");
}

fn check_response(name: &str, sample: &Value, response: &mut dyn Model) {
    let unread = decode::unread(sample.to_string().as_bytes(), response);
    assert_eq!(unread.unwrap_or_else(|error| panic!("{name}: {error}")), [""; 0], "{name}: members that are not read");
    let written = serde_json::to_value(Wire(response)).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(&written, sample, "{name}: what was decoded and encoded again");
}
