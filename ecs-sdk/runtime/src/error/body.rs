//! Bodies of error responses.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::access_denied::AccessDenied;
use crate::{
    json,
    text::{replace, split},
};

/// Maximum number of bytes that are searched for the members of an error. Errors of the service have at most a few KiB.
const MAX_PARSED_BYTES: usize = 1 << 20;
/// Maximum length of an error code or request ID. The longest known code has about 90 characters.
const MAX_ID_LENGTH: usize = 128;

const NAMES: [&str; 5] = ["Code", "Message", "RequestId", "Recommend", "HostId"];
/// The member with the missing permission.
const DETAIL: &str = "AccessDeniedDetail";

/// The members of an error's body. A body in another format has none.
#[derive(Debug, Default)]
pub(crate) struct ErrorBody {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) recommend: Option<String>,
    pub(crate) host_id: Option<String>,
    pub(crate) access_denied: Option<AccessDenied>,
    /// Whether the body is in the service's own format: it has a `Code` and a `RequestId`, in this spelling.
    pub(crate) is_from_service: bool,
}

impl ErrorBody {
    /// Reads a body in JSON or XML. Everything but the members of an error is skipped, so that any body takes little
    /// memory. A body that is invalid or too long has the members up to that place.
    pub(crate) fn parse(body: &[u8]) -> Self {
        let body = &body[..body.len().min(MAX_PARSED_BYTES)];
        let body = String::from_utf8_lossy(body.trim_ascii_start());
        let (members, detail, is_exact) = if body.starts_with('{') { in_json(&body) } else { in_xml(&body) };
        let [code, message, request_id, recommend, host_id] = members;
        let is_id = |text: &String| is_identifier(text);
        let (code, request_id) = (code.filter(is_id), request_id.filter(is_id));
        let is_from_service = is_exact && code.is_some() && request_id.is_some();
        let access_denied = AccessDenied::new(detail);
        Self { code, message, request_id, recommend, host_id, access_denied, is_from_service }
    }
}

/// Whether a string may be an error code or a request ID. Any other string comes from another server, and may contain
/// anything.
pub(crate) fn is_identifier(text: &str) -> bool {
    (1..=MAX_ID_LENGTH).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte))
}

type Members = ([Option<String>; 5], [Option<String>; 7], bool);

fn in_json(body: &str) -> Members {
    let mut found = Members::default();
    // After an error, the members before it are kept.
    let _ = json::read(body.as_bytes(), &mut |text| {
        found = Members::default();
        let (values, detail) = (&mut found.0, Some(&mut found.1[..]));
        let mut object = Object { names: &NAMES, values, exact: 0, detail };
        let result = object.deserialize(&mut json::Parser::new(text));
        found.2 = object.exact & 0b101 == 0b101;
        result
    });
    found
}

/// Parses `<Error><Code>…</Code>…</Error>`. No element of the service's XML errors occurs twice, so searching for the
/// tags is enough.
fn in_xml(body: &str) -> Members {
    let root = body.strip_prefix("<?xml").and_then(|rest| split(rest, "?>")).map_or(body, |(_, rest)| rest);
    let tag = |name: &&str| {
        let (_, rest) = split(root, &format!("<{name}>"))?;
        let (inner, _) = split(rest, &format!("</{name}>"))?;
        let inner = inner.strip_prefix("<![CDATA[").and_then(|inner| inner.strip_suffix("]]>")).unwrap_or(inner);
        // The ampersand last, because replacing it could create the others.
        let escapes = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
        Some(escapes.into_iter().fold(inner.to_owned(), |text, (escape, plain)| replace(&text, escape, plain)))
    };
    if !root.trim_start().starts_with("<Error>") {
        return Members::default();
    }
    (NAMES.each_ref().map(tag), AccessDenied::NAMES.each_ref().map(tag), true)
}

/// Reads strings from a JSON object, and from the missing permission in it. Skips everything else.
struct Object<'a> {
    names: &'static [&'static str],
    values: &'a mut [Option<String>],
    /// The members that are strings and whose name has exactly this spelling, as a set of bits.
    exact: u32,
    detail: Option<&'a mut [Option<String>]>,
}

impl<'de> DeserializeSeed<'de> for &mut Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(Found { object: Some(self), string: &mut None, is_string: &mut false })
    }
}

/// A value of which only a string or an object is used.
struct Found<'a, 'o> {
    object: Option<&'a mut Object<'o>>,
    string: &'a mut Option<String>,
    is_string: &'a mut bool,
}

impl<'de> DeserializeSeed<'de> for Found<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Found<'_, '_> {
    fn set<E>(self, value: &dyn fmt::Display) -> Result<(), E> {
        *self.string = Some(value.to_string());
        Ok(())
    }
}

impl<'de> Visitor<'de> for Found<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.set(&value)
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.set(&value)
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.set(&value)
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.set(&value)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        match self.object {
            // The object may be encoded as a string.
            Some(object) if value.starts_with('{') => {
                object.deserialize(&mut json::Parser::new(value)).map_err(E::custom)
            }
            _ => {
                *self.is_string = true;
                *self.string = Some(value.to_owned()).filter(|value| !value.is_empty());
                Ok(())
            }
        }
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some(object) = self.object else {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        while let Some(name) = map.next_key::<String>()? {
            if name.eq_ignore_ascii_case(DETAIL)
                && let Some(values) = object.detail.as_deref_mut()
            {
                map.next_value_seed(&mut Object { names: &AccessDenied::NAMES, values, exact: 0, detail: None })?;
                continue;
            }
            let Some(position) = object.names.iter().position(|known| known.eq_ignore_ascii_case(&name)) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let (mut string, mut is_string) = (None, false);
            map.next_value_seed(Found { object: None, string: &mut string, is_string: &mut is_string })?;
            let is_exact = object.names[position] == name;
            if string.is_some() && (is_exact || object.values[position].is_none()) {
                object.values[position] = string;
                object.exact |= u32::from(is_exact && is_string) << position;
            }
        }
        Ok(())
    }
}
