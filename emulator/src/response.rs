//! Response bodies as JSON or XML.

use std::{borrow::Cow, fmt::Write as _};

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::{
    error::EcsError,
    message::{HttpRequest, HttpResponse},
    order::Order,
    specs::Specs,
};

/// Product in responses to requests of an unknown API version.
const DEFAULT_PRODUCT: &str = "Ecs";

/// Form of a response: its syntax, and the service that it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format {
    syntax: Syntax,
    /// Short name of the service.
    service: &'static str,
    /// Name of the product.
    product: &'static str,
}

/// Syntax of a response body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Syntax {
    Json,
    Xml,
}

impl Format {
    /// The form of responses that do not come from a service.
    pub(crate) const JSON: Format = Format { syntax: Syntax::Json, service: "", product: DEFAULT_PRODUCT };

    /// Returns the form that a request asks for. As in the service, the default is XML for signature 1.0 and JSON for ACS3.
    pub(crate) fn of(request: &HttpRequest, acs3: bool, specs: &'static Specs, version: Option<&str>) -> Self {
        let service = specs.services().iter().map(|known| &known.service).find(|known| version == Some(&known.version));
        Format {
            syntax: syntax(request, acs3),
            service: service.map_or("", |service| &service.service),
            product: match (service, version) {
                (Some(service), _) => &service.product,
                (None, Some(crate::location::VERSION)) => "Location",
                (None, _) => DEFAULT_PRODUCT,
            },
        }
    }
}

fn syntax(request: &HttpRequest, acs3: bool) -> Syntax {
    match request.parameter("Format").filter(|format| !format.is_empty()) {
        Some(format) if format.eq_ignore_ascii_case("json") => Syntax::Json,
        Some(_) => Syntax::Xml,
        None if acs3 && !accepts_xml(request) => Syntax::Json,
        None => Syntax::Xml,
    }
}

/// Whether the first media type that the request accepts, of the two that there are, is XML.
fn accepts_xml(request: &HttpRequest) -> bool {
    let accept = request.header("accept").unwrap_or_default().to_ascii_lowercase();
    accept.split([',', ';']).map(str::trim).find_map(|media| match media.rsplit(['/', '+']).next() {
        Some("xml") => Some(true),
        Some("json") => Some(false),
        _ => None,
    }) == Some(true)
}

/// Creates the response to a request that succeeded.
pub(crate) fn success(format: Format, operation: &str, members: Value, request_id: &str) -> HttpResponse {
    let mut members = members;
    members["RequestId"] = request_id.into();
    let order = Order::of(format.service, operation);
    write(format, 200, &format!("{operation}Response"), (&members, order), request_id)
}

/// Creates the response to a request that failed.
pub(crate) fn failure(format: Format, error: &EcsError, host: &str, request_id: &str) -> HttpResponse {
    let members = json!({
        "RequestId": request_id,
        "HostId": host,
        "Code": error.code,
        "Message": error.message,
        "Recommend": format!(
            "https://api.aliyun.com/troubleshoot?q={}&product={}&requestId={request_id}",
            error.code, format.product,
        ),
    });
    let response = write(format, error.status, "Error", (&members, Order::unknown()), request_id);
    HttpResponse { code: Some(error.code.clone()), ..response }
}

fn write(format: Format, status: u16, root: &str, members: (&Value, &Order), request_id: &str) -> HttpResponse {
    let (content_type, body) = match format.syntax {
        Syntax::Json => {
            // Values can always be written as JSON.
            let body = serde_json::to_string(&Ordered(members.0, members.1)).unwrap_or_default();
            ("application/json;charset=utf-8", body)
        }
        Syntax::Xml => {
            let mut body = "<?xml version='1.0' encoding='UTF-8'?>".to_owned();
            write_xml(&mut body, root, members.0, members.1);
            ("text/xml;charset=utf-8", body)
        }
    };
    let headers = vec![("x-acs-request-id", request_id.to_owned())];
    HttpResponse { status, content_type, headers, code: None, body, bytes: None }
}

/// A value whose members are written in an order.
struct Ordered<'v>(&'v Value, &'v Order);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Ordered(value, order) = *self;
        match value {
            Value::Object(members) => {
                let arranged = order.arrange(members);
                serializer.collect_map(arranged.map(|(name, value, order)| (name, Ordered(value, order))))
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(|item| Ordered(item, order))),
            scalar => scalar.serialize(serializer),
        }
    }
}

/// Writes a list as one element per item, all with the same name.
fn write_xml(out: &mut String, name: &str, value: &Value, order: &Order) {
    if let Value::Array(items) = value {
        for item in items {
            write_xml(out, name, item, order);
        }
        return;
    }
    let name = &*element_name(name);
    out.extend(["<", name, ">"]);
    match value {
        Value::Object(members) => {
            for (name, value, order) in order.arrange(members) {
                write_xml(out, name, value, order);
            }
        }
        Value::String(text) => escape(out, text),
        Value::Null => {}
        // Writing to a `String` cannot fail.
        scalar => _ = write!(out, "{scalar}"),
    }
    out.extend(["</", name, ">"]);
}

/// Returns a name that XML allows for an element: the keys of maps can be any strings. XML parsers disagree on the letters
/// beyond ASCII.
fn element_name(name: &str) -> Cow<'_, str> {
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_';
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.';
    if name.starts_with(starts) && name.chars().all(allowed) {
        return name.into();
    }
    let mut valid: String = name.chars().map(|c| if allowed(c) { c } else { '_' }).collect();
    if !valid.starts_with(starts) {
        valid.insert(0, '_');
    }
    valid.into()
}

/// Writes text with the characters that XML reserves escaped. Those that XML cannot contain are replaced.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML parsers read a carriage return as a line feed.
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' | '\u{20}'..='\u{fffd}' | '\u{10000}'.. => out.push(c),
            _ => out.push(char::REPLACEMENT_CHARACTER),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: Format = Format { syntax: Syntax::Xml, service: "", product: "Ecs" };

    #[test]
    fn lists_are_repeated_elements_in_xml() {
        let response = success(XML, "Op", json!({ "Items": { "Item": [{ "A": "<&>" }, { "A": 2 }] } }), "R");
        assert_eq!(
            response.body,
            "<?xml version='1.0' encoding='UTF-8'?><OpResponse><Items><Item><A>&lt;&amp;&gt;</A></Item>\
             <Item><A>2</A></Item></Items><RequestId>R</RequestId></OpResponse>"
        );
    }

    #[test]
    fn xml_is_well_formed_for_any_value() {
        let members =
            json!({ "a b": "]]>\"'", "1": "\u{1}\u{fffe}\u{7f}é\r\n\t😀", "N": null, "B": false, "E": { "I": [] } });
        let response = success(XML, "Op", members, "R");
        assert_eq!(
            response.body,
            "<?xml version='1.0' encoding='UTF-8'?><OpResponse><a_b>]]&gt;&quot;'</a_b>\
             <_1>\u{fffd}\u{fffd}\u{7f}é&#13;\n\t😀</_1><N></N><B>false</B><E></E><RequestId>R</RequestId></OpResponse>"
        );
    }

    #[test]
    fn members_have_the_order_of_the_service() {
        let format = Format { syntax: Syntax::Json, service: "ecs", product: "Ecs" };
        let members = json!({ "InstanceIdSets": { "InstanceIdSet": ["i-1"] }, "OrderId": "1", "X\"": 1.5 });
        let response = success(format, "RunInstances", members, "R");
        let sets = r#""InstanceIdSets":{"InstanceIdSet":["i-1"]}"#;
        assert_eq!(response.body, format!(r#"{{"RequestId":"R",{sets},"OrderId":"1","X\"":1.5}}"#));
    }
}
