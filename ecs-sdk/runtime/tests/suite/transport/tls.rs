//! TLS, with certificates that the tests generate.

use ecs_sdk::{
    Client, ErrorKind,
    transport::{HttpOptions, TlsBackend},
};

use crate::transport::builder;

fn error(options: HttpOptions) -> String {
    let error = builder::<Client>("https://127.0.0.1:9").http(options).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    error.to_string()
}

#[test]
fn a_tls_backend_needs_its_feature() {
    for (backend, name, feature, compiled_in) in [
        (TlsBackend::Rustls, "Rustls", "rustls", cfg!(feature = "rustls")),
        (TlsBackend::Native, "Native", "native-tls", cfg!(feature = "native-tls")),
    ] {
        let options = HttpOptions::new().tls_backend(backend);
        if compiled_in {
            builder::<Client>("https://127.0.0.1:9").http(options).build().unwrap();
        } else {
            let line = format!("HttpOptions::tls_backend(TlsBackend::{name}) needs the `{feature}` feature of ecs-sdk");
            assert_eq!(error(options), line);
        }
    }
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
#[tokio::test]
async fn https_needs_a_feature() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let client: Client = builder("https://127.0.0.1:9").build().unwrap();
    let failed = crate::transport::read(&client).await.unwrap_err();
    assert_eq!(
        failed.to_string(),
        "ecs DescribeInstances failed: HTTPS endpoints need TLS: enable the `rustls` or `native-tls` feature of ecs-sdk"
    );
    assert_eq!((failed.kind(), failed.attempts()), (ErrorKind::Config, 1));
    let line = error(HttpOptions::new().root_certificates("any"));
    assert_eq!(line, "HttpOptions::root_certificates needs the `rustls` or `native-tls` feature of ecs-sdk");
    let line = error(HttpOptions::new().proxy("https://127.0.0.1:9"));
    assert_eq!(line, "HttpOptions::proxy is an HTTPS proxy, which needs the `rustls` or `native-tls` feature");
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod on {
    use std::{
        net::TcpStream,
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering},
        },
    };

    use ecs_sdk::transport::{Roots, TlsBackend};
    use rcgen::{CertificateParams, DnType, KeyPair};
    use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer};

    use super::*;
    use crate::transport::{
        client, read,
        server::{Connection, Server},
        write,
    };

    /// Generates a certificate. Returns it as PEM, and the configuration of a server that uses it.
    fn identity(name: &str, protocols: &[&str]) -> (String, Arc<ServerConfig>) {
        identity_valid(name, protocols, None)
    }

    /// Generates a certificate that is valid from the start of a year until the start of another.
    fn identity_valid(name: &str, protocols: &[&str], years: Option<(i32, i32)>) -> (String, Arc<ServerConfig>) {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        if let Some((from, until)) = years {
            params.not_before = rcgen::date_time_ymd(from, 1, 1);
            params.not_after = rcgen::date_time_ymd(until, 1, 1);
        }
        identity_of(params, protocols)
    }

    fn identity_of(mut params: CertificateParams, protocols: &[&str]) -> (String, Arc<ServerConfig>) {
        let key = KeyPair::generate().unwrap();
        // OpenSSL looks up authorities by name, so each needs a unique name.
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        params.distinguished_name.push(DnType::CommonName, format!("test {number}"));
        let cert = params.self_signed(&key).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        (cert.pem(), Arc::new(config))
    }

    /// Starts a server with TLS, and returns its certificate too.
    fn server(name: &str) -> (Server, String) {
        let (pem, config) = identity(name, &[]);
        (tls_server(config), pem)
    }

    fn tls_server(config: Arc<ServerConfig>) -> Server {
        let wrap = move |stream: TcpStream| {
            Box::new(StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream)) as _
        };
        Server::wrapped(wrap, Connection::serve)
    }

    fn backends() -> Vec<TlsBackend> {
        vec![
            #[cfg(feature = "rustls")]
            TlsBackend::Rustls,
            #[cfg(feature = "native-tls")]
            TlsBackend::Native,
        ]
    }

    /// Asserts that a read was not retried, because its connection fails each time.
    fn assert_rejected(error: &ecs_sdk::Error, start: &str) {
        assert!(error.message().starts_with(start), "{error}");
        assert_eq!(
            (error.kind(), error.is_maybe_executed(), error.attempts()),
            (ErrorKind::Config, false, 1),
            "{error}"
        );
        assert!(!error.is_retryable(), "{error}");
    }

    #[tokio::test]
    async fn only_the_given_authorities_are_trusted() {
        let _limit = ecs_sdk::fake::TimeLimit::start();
        let (server, pem) = server("127.0.0.1");
        let (_, other) = self::server("127.0.0.1");
        let url = format!("https://{}", server.address);
        for backend in backends() {
            let options = || HttpOptions::new().tls_backend(backend);
            for roots in [Roots::Bundled, Roots::System, Roots::OnlyGiven] {
                let bundle = format!("Ours:\n{other}\nTheirs:\n{pem}");
                read(&client(&url, options().roots(roots).root_certificates(bundle))).await.unwrap();
            }
            for options in [options(), options().roots(Roots::OnlyGiven).root_certificates(&*other)] {
                let error = read(&client(&url, options)).await.unwrap_err();
                assert_rejected(&error, "the server's certificate is not trusted (127.0.0.1:");
                let remedy = "; add its authority with HttpOptions::root_certificates, or trust those of the system with \
                              Roots::System";
                assert!(error.to_string().ends_with(remedy), "{error}");
            }
        }
        assert_eq!(server.requests().len(), 3 * backends().len());
        // By default, rustls takes precedence over native TLS. This is the message of rustls.
        let error = write(&client(&url, HttpOptions::new())).await.unwrap_err();
        assert_eq!(error.to_string().contains("UnknownIssuer"), cfg!(feature = "rustls"), "{error}");
    }

    #[tokio::test]
    async fn a_certificate_for_another_name_is_rejected() {
        let _limit = ecs_sdk::fake::TimeLimit::start();
        let (server, pem) = server("ecs.invalid");
        for backend in backends() {
            let options = HttpOptions::new().tls_backend(backend).root_certificates(&*pem);
            let error = read(&client(&format!("https://{}", server.address), options)).await.unwrap_err();
            assert_rejected(&error, "the server's certificate is for another name (127.0.0.1:");
            assert!(error.to_string().ends_with("; check the host in the URL"), "{error}");
        }
        assert_eq!((server.requests().len(), server.connections()), (0, backends().len()));
    }

    #[tokio::test]
    async fn certificates_that_are_not_valid_now_are_rejected() {
        for (from, until, problem, remedy) in [
            (2000, 2001, "has expired", "renew it, or correct this machine's clock"),
            (4000, 4001, "is not valid yet", "correct this machine's clock"),
        ] {
            let (pem, config) = identity_valid("127.0.0.1", &[], Some((from, until)));
            let server = tls_server(config);
            for backend in backends() {
                let options = HttpOptions::new().tls_backend(backend).root_certificates(&*pem);
                let error = read(&client(&format!("https://{}", server.address), options)).await.unwrap_err();
                assert_rejected(&error, &format!("the server's certificate {problem} (127.0.0.1:"));
                assert!(error.to_string().ends_with(remedy), "{error}");
            }
            assert_eq!(server.connections(), backends().len());
        }
    }

    #[tokio::test]
    async fn the_names_in_a_certificate_do_not_flood_the_error() {
        let names: Vec<String> = (0..500).map(|number| format!("host-{number}.invalid")).collect();
        let (pem, config) = identity_of(CertificateParams::new(names).unwrap(), &[]);
        let server = tls_server(config);
        for backend in backends() {
            let options = HttpOptions::new().tls_backend(backend).root_certificates(&*pem);
            let error = read(&client(&format!("https://{}", server.address), options)).await.unwrap_err();
            assert_rejected(&error, "the server's certificate is for another name (127.0.0.1:");
            assert!(error.message().len() < 800 && error.message().ends_with("; check the host in the URL"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_server_without_tls_or_with_other_settings_is_reported_once() {
        let plain = Server::start(|connection| {
            connection.bytes(5);
            connection.send("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
            connection.hold();
        });
        // Handshake failure, as sent by a server that supports no common version or cipher suite.
        let alert = Server::start(|connection| {
            connection.bytes(5);
            connection.send([21, 3, 3, 0, 2, 2, 40]);
            connection.hold();
        });
        for backend in backends() {
            let url = |server: &Server| format!("https://{}", server.address);
            let options = || HttpOptions::new().tls_backend(backend);
            let error = read(&client(&url(&plain), options())).await.unwrap_err();
            assert_rejected(&error, "the server's response is not TLS (127.0.0.1:");
            assert!(error.to_string().ends_with("; check the scheme and port of the URL"), "{error}");
            let error = read(&client(&url(&alert), options())).await.unwrap_err();
            assert_rejected(&error, "the server's TLS settings do not match (127.0.0.1:");
        }
    }

    #[tokio::test]
    async fn a_server_that_requires_a_client_certificate_is_reported_once() {
        let (pem, config) = identity("127.0.0.1", &[]);
        let provider = config.crypto_provider().clone();
        let mut roots = rustls::RootCertStore::empty();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
        roots.add(certificate.der().clone()).unwrap();
        let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let config =
                ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(&[version]).unwrap();
            let config = config.with_client_cert_verifier(verifier.clone().build().unwrap());
            let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
            let config = Arc::new(config.with_single_cert(vec![certificate.der().clone()], key).unwrap());
            let wrap = move |stream: TcpStream| {
                Box::new(StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream)) as _
            };
            // The server waits until the client has received the alert and closes the connection.
            let server = Server::wrapped(wrap, |connection| {
                connection.request();
                connection.hold_socket();
            });
            for backend in backends() {
                let before = server.connections();
                let options = HttpOptions::new().tls_backend(backend).root_certificates(&*pem);
                let options = options.root_certificates(certificate.pem());
                let error = read(&client(&format!("https://{}", server.address), options)).await.unwrap_err();
                assert_rejected(&error, "the server's TLS settings do not match (127.0.0.1:");
                assert!(error.to_string().ends_with("needs no client certificate"), "{error}");
                assert_eq!(server.connections(), before + 1);
            }
        }
    }

    #[tokio::test]
    async fn an_interrupted_tls_handshake_is_retried() {
        let closes = Server::start(|connection| {
            connection.bytes(5);
        });
        // Internal error.
        let alert = Server::start(|connection| {
            connection.bytes(5);
            connection.send([21, 3, 3, 0, 2, 2, 80]);
            connection.hold();
        });
        for backend in backends() {
            for server in [&closes, &alert] {
                let options = HttpOptions::new().tls_backend(backend);
                let error = write(&client(&format!("https://{}", server.address), options)).await.unwrap_err();
                assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Transport, false), "{error}");
                assert_eq!(error.attempts(), 3, "{error}");
            }
        }
    }

    #[tokio::test]
    async fn errors_distinguish_the_certificate_of_a_proxy_from_that_of_the_server() {
        let (proxy, _) = server("127.0.0.1");
        for backend in backends() {
            let options = HttpOptions::new().tls_backend(backend).proxy(format!("https://{}", proxy.address));
            for url in ["https://ecs.invalid", "http://ecs.invalid"] {
                let error = read(&client(url, options.clone())).await.unwrap_err();
                let start = "the proxy's certificate is not trusted (ecs.invalid through proxy https://127.0.0.1:";
                assert_rejected(&error, start);
            }
        }
    }

    #[tokio::test]
    async fn https_uses_a_tunnel_through_the_proxy() {
        let _limit = ecs_sdk::fake::TimeLimit::start();
        let (server, pem) = server("ecs.invalid");
        let address = server.address;
        let proxy = Server::start(move |connection| {
            let request = connection.request().unwrap();
            if request.header("proxy-authorization") == Some("Basic dXNlcjpwQHNz") {
                connection.send("HTTP/1.1 200 Connected\r\n\r\n");
                connection.tunnel(&TcpStream::connect(address).unwrap());
            } else {
                connection.send("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
            }
        });
        for backend in backends() {
            let options = |login| {
                let options = HttpOptions::new().tls_backend(backend).root_certificates(&*pem);
                options.https_proxy(format!("http://{login}{}", proxy.address))
            };
            let before = server.requests().len();
            read(&client("https://ecs.invalid", options("user:p%40ss@"))).await.unwrap();
            assert_eq!(proxy.requests().last().unwrap().line, "CONNECT ecs.invalid:443");
            assert_eq!(server.requests().len(), before + 1);
            let seen = server.requests().pop().unwrap();
            assert_eq!((&*seen.line, seen.header("proxy-authorization")), ("POST /", None));

            for (login, problem) in
                [("user:hunter2@", "rejects the user and password in its URL"), ("", "requires a user and password")]
            {
                let before = proxy.connections();
                let error = read(&client("https://ecs.invalid", options(login))).await.unwrap_err();
                assert_rejected(
                    &error,
                    &format!("the proxy {problem} (ecs.invalid through proxy http://{}): ", proxy.address),
                );
                assert!(
                    error.to_string().ends_with("; put them in its URL: http://user:password@host:port"),
                    "{error}"
                );
                assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
                assert_eq!(proxy.connections(), before + 1);
            }
        }
    }

    #[tokio::test]
    async fn only_transient_responses_to_connect_are_retried() {
        for (response, attempts) in [
            ("HTTP/1.1 403 Forbidden\r\n\r\n", 1),
            ("HTTP/1.0 405 Method Not Allowed\r\ncontent-length: 3\r\n\r\nno.", 1),
            ("HTTP/1.1 429 Too Many Requests\r\n\r\n", 3),
            ("HTTP/1.1 502 Bad Gateway\r\n\r\n", 3),
            ("HTTP/1.1 503 Service Unavailable\r\n\r\n", 3),
            ("HTTP/1.1 100 Continue\r\n\r\n", 3),
            ("SSH-2.0-OpenSSH\r\n\r\n", 3),
            ("HTTP/1.1 099 Odd\r\n\r\n", 3),
            ("HTTP/1.1 2", 3),
            ("", 3),
        ] {
            let proxy = Server::start(move |connection| {
                connection.request();
                connection.send(response);
            });
            let options = HttpOptions::new().https_proxy(format!("http://{}", proxy.address));
            let error = write(&client("https://ecs.invalid", options)).await.unwrap_err();
            assert_eq!((error.attempts(), proxy.connections()), (attempts, attempts as usize), "{error}");
            assert!(!error.is_maybe_executed() && error.is_retryable() == (attempts > 1), "{error}");
            let status = response.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.split_once("\r\n"));
            if let Some(status) = status.filter(|status| !status.0.starts_with('0')) {
                assert!(
                    error.to_string().contains(&format!("the proxy responded to CONNECT with {}", status.0)),
                    "{error}"
                );
            }
            if attempts == 1 {
                let line = error.to_string();
                assert!(line.contains("the proxy does not allow this connection (ecs.invalid through proxy"), "{line}");
                assert!(line.ends_with("or exclude it with HttpOptions::no_proxy"), "{line}");
            }
        }
    }

    /// The proxy's response is bounded.
    #[tokio::test]
    async fn an_endless_response_to_connect_is_an_error() {
        let (bytes, mut sent) = tokio::sync::mpsc::unbounded_channel();
        let proxy = Server::start(move |connection| {
            connection.request();
            let mut count = 0;
            while count < 64 << 20 && connection.send(b"HTTP/1.1 200 OK\r\nx: y".repeat(100)) {
                count += 2200;
            }
            bytes.send(count).unwrap_or_default();
        });
        let options = HttpOptions::new().https_proxy(format!("http://{}", proxy.address));
        let error = write(&client("https://ecs.invalid", options)).await.unwrap_err();
        assert!(error.to_string().contains("the proxy's response to CONNECT is too large"), "{error}");
        // More than the client reads fits into the buffers of the sockets.
        assert!(crate::transport::within(sent.recv()).await.unwrap() < 64 << 20);
    }

    #[test]
    fn invalid_certificates_are_rejected_with_their_position() {
        let good = identity("a", &[]).0;
        for backend in backends() {
            let options = || HttpOptions::new().tls_backend(backend);
            let line = error(options().root_certificates(&*good).root_certificates("nothing"));
            assert_eq!(
                line,
                "PEM string 2 of HttpOptions::root_certificates contains no certificate: expected \
                 `-----BEGIN CERTIFICATE-----`"
            );
            let broken = "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n";
            let line = error(options().root_certificates(format!("{good}{broken}")));
            assert!(line.starts_with("certificate 2 in PEM string 1 of HttpOptions::root_certificates "), "{line}");
            let other = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
            let line = error(options().root_certificates(other));
            let start = "certificate 1 in PEM string 1 of HttpOptions::root_certificates is not a valid certificate authority: ";
            assert!(line.starts_with(start), "{line}");
            let line = error(options().roots(Roots::OnlyGiven));
            assert_eq!(line, "Roots::OnlyGiven needs certificates: add them with HttpOptions::root_certificates");
        }
    }

    /// Starts a server that supports HTTP/2. Returns its URL, its certificate and the negotiated protocol of each
    /// connection.
    #[cfg(feature = "http2")]
    async fn http2_server() -> (String, String, Arc<std::sync::Mutex<Vec<String>>>) {
        let (pem, config) = identity("127.0.0.1", &["h2", "http/1.1"]);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let negotiated = Arc::<std::sync::Mutex<Vec<String>>>::default();
        let log = negotiated.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(stream) = tokio_rustls::TlsAcceptor::from(config.clone()).accept(stream).await else { continue };
                let protocol = stream.get_ref().1.alpn_protocol().unwrap_or(b"none").to_vec();
                log.lock().unwrap().push(String::from_utf8(protocol.clone()).unwrap());
                if protocol != b"h2" {
                    continue;
                }
                tokio::spawn(async move {
                    let mut connection = h2::server::handshake(stream).await.unwrap();
                    while let Some(Ok((_, mut respond))) = connection.accept().await {
                        let mut body = respond.send_response(http::Response::new(()), false).unwrap();
                        body.send_data(bytes::Bytes::from_static(br#"{"RequestId":"R","Version":2}"#), true).unwrap();
                    }
                });
            }
        });
        (url, pem, negotiated)
    }

    #[cfg(feature = "http2")]
    #[tokio::test]
    async fn http2_is_used_if_the_server_supports_it() {
        let _limit = ecs_sdk::fake::TimeLimit::start();
        for backend in backends() {
            let (url, pem, negotiated) = http2_server().await;
            let options = || HttpOptions::new().tls_backend(backend).root_certificates(&*pem);
            let http2 = client(&url, options());
            assert_eq!(read(&http2).await.unwrap()["Version"], 2);
            assert_eq!(read(&http2).await.unwrap()["Version"], 2);
            assert_eq!(*negotiated.lock().unwrap(), ["h2"], "one connection");
            // For HTTP/1.1, this server only completes the handshake and closes the connection.
            read(&client(&url, options().http1_only(true))).await.unwrap_err();
            let negotiated = negotiated.lock().unwrap();
            assert!(negotiated.len() > 1 && negotiated[1..].iter().all(|protocol| protocol != "h2"), "{negotiated:?}");
        }
    }

    /// Starts a server that sends a frame in response to the first request, and succeeds for all others.
    #[cfg(feature = "http2")]
    async fn http2_server_that_sends(frame: Vec<u8>) -> (String, String) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};

        const PREFACE_LENGTH: usize = 24;
        const EMPTY_SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
        const SETTINGS_RECEIVED: [u8; 9] = [0, 0, 0, 4, 1, 0, 0, 0, 0];
        const HEADERS: u8 = 1;
        // In the static table of HPACK.
        const STATUS_200: u8 = 0x88;

        let (pem, config) = identity("127.0.0.1", &["h2"]);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let mut answer = Some(frame);
            let acceptor = tokio_rustls::TlsAcceptor::from(config);
            // A connection is served until the client closes it or sends no more requests.
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = acceptor.accept(stream).await.unwrap();
                stream.read_exact(&mut [0; PREFACE_LENGTH]).await.unwrap();
                stream.write_all(&[EMPTY_SETTINGS, SETTINGS_RECEIVED].concat()).await.unwrap();
                stream.flush().await.unwrap();
                let mut head = [0; 9];
                while stream.read_exact(&mut head).await.is_ok() {
                    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
                    stream.read_exact(&mut vec![0; usize::try_from(length).unwrap()]).await.unwrap();
                    if head[3] == HEADERS {
                        let id = &head[5..];
                        let success =
                            [&[0, 0, 1, 1, 4], id, &[STATUS_200, 0, 0, 17, 0, 1], id, br#"{"RequestId":"R"}"#];
                        stream.write_all(&answer.take().unwrap_or_else(|| success.concat())).await.unwrap();
                        stream.flush().await.unwrap();
                    }
                }
            }
        });
        (url, pem)
    }

    /// A call that must not be executed twice is retried if the server states that it did not process the request.
    #[cfg(feature = "http2")]
    #[tokio::test]
    async fn http2_requests_that_were_not_processed_are_retried() {
        let _limit = ecs_sdk::fake::TimeLimit::start();
        let go_away = |reason| vec![0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, reason];
        let reset = |reason| vec![0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, reason];
        const NO_ERROR: u8 = 0;
        const INTERNAL_ERROR: u8 = 2;
        const REFUSED_STREAM: u8 = 7;
        for (frame, is_processed) in [
            (go_away(NO_ERROR), false),
            (reset(REFUSED_STREAM), false),
            (go_away(INTERNAL_ERROR), true),
            (reset(INTERNAL_ERROR), true),
            (reset(NO_ERROR), true),
        ] {
            let (url, pem) = http2_server_that_sends(frame.clone()).await;
            match write(&client(&url, HttpOptions::new().root_certificates(pem))).await {
                Ok(_) => assert!(!is_processed, "{frame:?}"),
                Err(error) => assert!(is_processed && error.is_maybe_executed(), "{frame:?}: {error}"),
            }
        }
    }
}
