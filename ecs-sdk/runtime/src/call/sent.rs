//! The secrets of an attempt, which errors must not show when a server sends them back.

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Uri, header};

use crate::{
    form::{Form, Origin},
    identity::Credentials,
    redact::Secrets,
    text::split_last,
};

/// An attempt: its parameters, headers, and signature. Collecting them costs next to nothing, and they are searched for
/// secrets only if there is an error.
#[derive(Default)]
pub(super) struct Sent {
    /// The headers of the call.
    headers: HeaderMap,
    /// Parameters and headers, if interceptors may have changed them.
    changed: Option<(Form, HeaderMap)>,
    /// `None` if nothing was sent.
    pub(super) signed: Option<Signed>,
}

/// The signature of an attempt.
pub(super) struct Signed {
    pub(super) credentials: Credentials,
    pub(super) time: SystemTime,
    /// Query, body and header: one of them contains the signature.
    url: Uri,
    body: Bytes,
    authorization: Option<HeaderValue>,
}

impl Signed {
    pub(super) fn new(credentials: Credentials, time: SystemTime, request: &http::Request<Bytes>) -> Self {
        let authorization = request.headers().get(header::AUTHORIZATION).cloned();
        Self { credentials, time, url: request.uri().clone(), body: request.body().clone(), authorization }
    }
}

impl Sent {
    /// Creates an attempt with the headers of its call.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self { headers: headers.clone(), ..Self::default() }
    }

    /// Returns parameters and headers for interceptors to change. `form` has the parameters of the call.
    pub(super) fn change(&mut self, form: &Form) -> (&mut Form, &mut HeaderMap) {
        let (form, headers) = self.changed.get_or_insert_with(|| (form.clone(), self.headers.clone()));
        (form, headers)
    }

    /// Returns parameters and headers. `form` has the parameters of the call.
    pub(super) fn parts<'a>(&'a self, form: &'a Form) -> (&'a Form, &'a HeaderMap) {
        self.changed.as_ref().map_or((form, &self.headers), |(form, headers)| (form, headers))
    }

    /// Returns the secrets of the attempt. `form` has the parameters of the call.
    pub(super) fn secrets(&self, form: &Form) -> Secrets {
        let (form, headers) = self.parts(form);
        let mut secrets = Secrets::default();
        if let Some(Signed { credentials, url, body, authorization, .. }) = &self.signed {
            secrets.add_credential(credentials.access_key_secret());
            let tokens = [credentials.security_token(), credentials.bearer_token()];
            tokens.into_iter().flatten().for_each(|token| secrets.add_credential(token));
            let (query, authorization) =
                (url.query().map(str::as_bytes), authorization.as_ref().map(HeaderValue::as_bytes));
            for signed in [query, Some(&body[..]), authorization].into_iter().flatten() {
                if let Some((_, signature)) = split_last(&String::from_utf8_lossy(signed), "Signature=") {
                    secrets.add_encoded(signature);
                }
            }
        }
        for (_, value, origin) in form.origins() {
            match origin {
                Origin::Member => {}
                Origin::SecretMember => secrets.add(value),
                Origin::Unknown => secrets.add_unknown(value),
            }
        }
        for value in headers.values() {
            secrets.add_unknown(&String::from_utf8_lossy(value.as_bytes()));
        }
        secrets
    }

    /// Returns the ID of a request without secrets; `None` if it has none.
    pub(super) fn masked_id(&self, form: &Form, id: &str) -> Option<String> {
        // Those of the service are UUIDs, which need no search, unless a secret is one too.
        let is_uuid =
            |text: &str| text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        let (parameters, headers) = self.parts(form);
        let has_uuid = || {
            let mut values = parameters.origins().filter(|(_, _, origin)| !matches!(origin, Origin::Member));
            values.any(|(_, value, _)| is_uuid(value))
                || headers.values().any(|value| value.to_str().is_ok_and(is_uuid))
        };
        if is_uuid(id) && !has_uuid() { None } else { self.secrets(form).finder().masked(id) }
    }
}
