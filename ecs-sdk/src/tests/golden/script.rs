//! A client with scripted responses.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use bytes::Bytes;

use crate::{
    Credentials,
    golden::ecs::Client,
    system::BoxFuture,
    transport::{Transport, TransportError},
};

/// A service that returns scripted responses and records the bodies of requests.
struct Script {
    responses: Mutex<Vec<&'static str>>,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Script")
    }
}

impl Transport for Script {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let body = String::from_utf8(request.into_body().to_vec()).unwrap();
        self.bodies.lock().unwrap().push(body);
        let response = self.responses.lock().unwrap().remove(0);
        Box::pin(async move { Ok(http::Response::new(Bytes::from_static(response.as_bytes()))) })
    }
}

/// Creates a client with scripted responses. Also returns the bodies of the requests that it sends.
pub(super) fn client(responses: &[&'static str]) -> (Client, Arc<Mutex<Vec<String>>>) {
    let bodies = Arc::default();
    let script = Script { responses: Mutex::new(responses.to_vec()), bodies: Arc::clone(&bodies) };
    let builder = Client::builder().without_environment().region("cn-a").credentials(Credentials::new("id", "secret"));
    (builder.endpoint("http://127.0.0.1:9").transport(script).build().unwrap(), bodies)
}

/// Returns the value of a parameter in each request, or `-` if it is absent.
pub(super) fn sent(bodies: &Mutex<Vec<String>>, name: &str) -> Vec<String> {
    let value = |body: &String| {
        let pair = body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        pair.unwrap_or("-").to_owned()
    };
    bodies.lock().unwrap().iter().map(value).collect()
}
