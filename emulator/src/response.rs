//! Response bodies as JSON or XML.

use serde_json::{Map, Value, json};

use crate::{error::EcsError, message::HttpResponse};

/// Format of a response body. As in the service, the default is XML for signature 1.0 and JSON for ACS3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// JSON.
    Json,
    /// XML.
    Xml,
}

/// Creates the response to a request that succeeded.
pub(crate) fn success(format: Format, operation: &str, members: Value, request_id: &str) -> HttpResponse {
    let mut members = members;
    members["RequestId"] = request_id.into();
    write(format, 200, &format!("{operation}Response"), &members, request_id)
}

/// Creates the response to a request that failed.
pub(crate) fn failure(format: Format, error: &EcsError, host: &str, request_id: &str) -> HttpResponse {
    let members = json!({
        "RequestId": request_id,
        "HostId": host,
        "Code": error.code,
        "Message": error.message,
        "Recommend": format!("https://api.aliyun.com/troubleshoot?q={}&product=Ecs&requestId={request_id}", error.code),
    });
    HttpResponse { code: Some(error.code.clone()), ..write(format, error.status, "Error", &members, request_id) }
}

fn write(format: Format, status: u16, root: &str, members: &Value, request_id: &str) -> HttpResponse {
    let (content_type, body) = match format {
        Format::Json => ("application/json;charset=utf-8", members.to_string()),
        Format::Xml => {
            let mut body = String::from("<?xml version='1.0' encoding='UTF-8'?>");
            element(&mut body, root, members);
            ("text/xml;charset=utf-8", body)
        }
    };
    let headers = vec![("x-acs-request-id", request_id.to_owned())];
    HttpResponse { status, content_type, headers, code: None, body }
}

/// Writes a list as one element per item, all with the same name.
fn element(out: &mut String, name: &str, value: &Value) {
    if let Value::Array(items) = value {
        for item in items {
            element(out, name, item);
        }
        return;
    }
    out.push_str(&format!("<{name}>"));
    match value {
        Value::Object(members) => inside(out, members),
        Value::String(text) => out.push_str(&escape(text)),
        Value::Null => {}
        other => out.push_str(&other.to_string()),
    }
    out.push_str(&format!("</{name}>"));
}

fn inside(out: &mut String, members: &Map<String, Value>) {
    for (name, value) in members {
        element(out, name, value);
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_repeated_elements_in_xml() {
        let response = success(Format::Xml, "Op", json!({ "Items": { "Item": [{ "A": "<&>" }, { "A": 2 }] } }), "R");
        assert_eq!(
            response.body,
            "<?xml version='1.0' encoding='UTF-8'?><OpResponse><Items><Item><A>&lt;&amp;&gt;</A></Item>\
             <Item><A>2</A></Item></Items><RequestId>R</RequestId></OpResponse>"
        );
    }
}
