//! Requests through HTTP and SOCKS proxies.

use ecs_sdk::{Client, ErrorKind, transport::HttpOptions};

use crate::transport::{
    builder, client, read,
    server::{Connection, Server, closed},
    write,
};

#[tokio::test]
async fn an_http_proxy_receives_the_absolute_url_and_the_credentials() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let proxy = Server::start(Connection::serve);
    let options = HttpOptions::new().proxy(format!("http://user:p%40ss@{}", proxy.address));
    let client = client("http://0.0.0.0:9", options);
    read(&client).await.unwrap();
    let seen = &proxy.requests()[0];
    assert_eq!(seen.line, "POST http://0.0.0.0:9/");
    // user:p@ss
    assert_eq!(seen.header("proxy-authorization"), Some("Basic dXNlcjpwQHNz"));
    assert_eq!(seen.header("host"), Some("0.0.0.0:9"));
    assert!(seen.body.contains("Action=DescribeInstances"));
}

#[tokio::test]
async fn excluded_hosts_and_loopback_bypass_the_proxy() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let server = Server::start(Connection::serve);
    let options = || HttpOptions::new().proxy(format!("http://{}", closed()));
    read(&client(&server.proxied_url(), options())).await.unwrap_err();
    read(&client(&server.proxied_url(), options().no_proxy(["0.0.0.0"]))).await.unwrap();
    read(&client(&server.url(), options())).await.unwrap();
    assert_eq!(server.requests().len(), 2);
    assert!(server.requests().iter().all(|seen| seen.line == "POST /"), "{:?}", server.requests());
}

#[tokio::test]
async fn errors_of_a_proxy_contain_its_address_without_the_password() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let address = closed();
    let options = HttpOptions::new().http_proxy(format!("http://user:hunter2@{address}"));
    let client = client("http://0.0.0.0:9", options);
    let error = write(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Transport, false));
    let start = format!("ecs StartInstance failed: cannot connect (0.0.0.0:9 through proxy http://{address}): ");
    assert!(error.to_string().starts_with(&start), "{error}");
    assert!(!format!("{error} {error:?} {client:?}").contains("hunter2"));
}

#[tokio::test]
async fn an_http_proxy_that_sends_its_password_back_does_not_make_errors_show_it() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    for status in [200, 403, 502] {
        let proxy = Server::start(move |connection| {
            while let Some(request) = connection.request() {
                let login = request.header("proxy-authorization").unwrap_or_default();
                let body = format!("<html>hunter2, {login}, user:hunter2</html>");
                connection.send(format!(
                    "HTTP/1.1 {status} X\r\nx-acs-request-id: hunter2\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                ));
            }
        });
        let options = HttpOptions::new().proxy(format!("http://user:hunter2@{}", proxy.address));
        let error = write(&client("http://0.0.0.0:9", options)).await.unwrap_err();
        let body = String::from_utf8_lossy(error.body().unwrap_or_default()).into_owned();
        let shown = format!("{error} {error:?} {:?} {body}", error.request_id());
        // user:hunter2
        assert!(!shown.contains("hunter2") && !shown.contains("dXNlcjpodW50ZXIy"), "{shown}");
        assert!(error.message().contains("<html>***, Basic ***, "), "{error}");
    }
}

#[tokio::test]
async fn an_http_proxy_that_requires_authentication_is_reported_once() {
    let proxy = Server::start(|connection| {
        while connection.request().is_some() {
            connection.send("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 5\r\n\r\nLogin");
        }
    });
    for (login, problem) in
        [("user:hunter2@", "rejects the user and password in its URL"), ("", "requires a user and password")]
    {
        let before = proxy.requests().len();
        let options = HttpOptions::new().proxy(format!("http://{login}{}", proxy.address));
        let error = read(&client("http://0.0.0.0:9", options)).await.unwrap_err();
        let start = format!("the proxy {problem} (0.0.0.0:9 through proxy http://{}): ", proxy.address);
        assert!(error.message().starts_with(&start), "{error}");
        assert!(error.message().ends_with("; put them in its URL: http://user:password@host:port"), "{error}");
        assert_eq!((error.kind(), error.is_maybe_executed(), error.attempts()), (ErrorKind::Config, false, 1));
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        assert_eq!(proxy.requests().len(), before + 1);
    }
    // Without a proxy, it is a response of the server.
    let error = read(&client(&proxy.url(), HttpOptions::new())).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Service, Some(407)), "{error}");
}

#[test]
fn invalid_proxies_are_rejected_when_building() {
    let build = |options| builder::<Client>("http://127.0.0.1:9").http(options).build().unwrap_err();
    let error = build(HttpOptions::new().proxy("ftp://proxy"));
    assert_eq!(
        error.to_string(),
        "invalid proxy URL in HttpOptions::proxy (unknown scheme `ftp`): expected http://host:port, \
         https://host:port, socks5://host:port or socks5h://host:port"
    );
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[cfg(not(feature = "socks"))]
#[test]
fn socks_needs_its_feature() {
    let options = HttpOptions::new().proxy("socks5://127.0.0.1:9");
    let error = builder::<Client>("http://127.0.0.1:9").http(options).build().unwrap_err();
    assert_eq!(error.to_string(), "HttpOptions::proxy is a SOCKS proxy, which needs the `socks` feature");
}

#[cfg(feature = "socks")]
mod socks {
    use super::*;

    // Authentication methods of SOCKS 5.
    const NO_AUTHENTICATION: u8 = 0;
    const USERNAME_PASSWORD: u8 = 2;

    /// Performs a SOCKS 5 handshake. Returns the encoded address of the target.
    fn handshake(connection: &mut Connection, login: Option<(&str, &str)>) -> Option<Vec<u8>> {
        let [5, methods] = connection.bytes(2)?[..] else { return None };
        let methods = connection.bytes(methods.into())?;
        let method = if login.is_some() { USERNAME_PASSWORD } else { NO_AUTHENTICATION };
        if !methods.contains(&method) {
            connection.send([5, 0xff]);
            return None;
        }
        connection.send([5, method]);
        if let Some((user, password)) = login {
            let mut received = Vec::new();
            connection.bytes(1)?;
            for _ in 0..2 {
                let length = connection.bytes(1)?[0];
                received.push(connection.bytes(length.into())?);
            }
            let matches = received == [user.as_bytes(), password.as_bytes()];
            connection.send([1, u8::from(!matches)]);
            if !matches {
                return None;
            }
        }
        let [5, 1, 0, kind] = connection.bytes(4)?[..] else { return None };
        let length = match kind {
            1 => 4,
            3 => connection.bytes(1)?[0].into(),
            _ => return None,
        };
        let mut target = connection.bytes(length)?;
        target.extend(connection.bytes(2)?);
        connection.send([5, 0, 0, 1, 127, 0, 0, 1, 0, 9]);
        Some(target)
    }

    fn server(login: Option<(&'static str, &'static str)>, expected: &'static [u8]) -> Server {
        Server::start(move |connection| {
            if let Some(target) = handshake(connection, login) {
                assert_eq!(target, expected);
                connection.serve();
            }
        })
    }

    #[tokio::test]
    async fn socks5h_sends_host_names_to_the_proxy() {
        let _limit = ecs_sdk::fake::TimeLimit::start();
        let proxy = server(Some(("user", "p@ss")), b"ecs.invalid\0\x50");
        let options = |login| HttpOptions::new().proxy(format!("socks5h://{login}{}", proxy.address));
        read(&client("http://ecs.invalid", options("user:p%40ss@"))).await.unwrap();
        assert_eq!(proxy.requests()[0].line, "POST /");
        for (wrong, problem) in [("", "requires a user and password"), ("user:other@", "rejects the user and password")]
        {
            let error = write(&client("http://ecs.invalid", options(wrong))).await.unwrap_err();
            assert_eq!((error.kind(), error.is_maybe_executed(), error.attempts()), (ErrorKind::Config, false, 1));
            let through = format!("(ecs.invalid through proxy socks5h://{})", proxy.address);
            assert!(error.to_string().contains(problem) && error.to_string().contains(&through), "{error}");
        }
        assert_eq!(proxy.requests().len(), 1);
    }

    #[tokio::test]
    async fn an_interrupted_socks_handshake_is_retried() {
        let proxy = Server::start(|connection| {
            connection.bytes(2);
        });
        let options = HttpOptions::new().proxy(format!("socks5h://{}", proxy.address));
        let error = write(&client("http://ecs.invalid", options)).await.unwrap_err();
        assert_eq!((error.kind(), error.is_maybe_executed(), error.attempts()), (ErrorKind::Transport, false, 3));
    }

    #[tokio::test]
    async fn socks5_sends_ip_addresses_to_the_proxy() {
        let _limit = ecs_sdk::fake::TimeLimit::start();
        let proxy = server(None, &[0, 0, 0, 0, 0, 9]);
        let options = HttpOptions::new().proxy(format!("socks5://{}", proxy.address));
        read(&client("http://0.0.0.0:9", options)).await.unwrap();
        assert_eq!(proxy.requests()[0].line, "POST /");
    }
}
