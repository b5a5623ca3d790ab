//! TLS of the default transport: backend and trusted certificate authorities.

use super::{
    failure::ConnectError,
    options::{HttpOptions, TlsBackend},
    stream::BoxIo,
};

/// The configuration of TLS, which all connections share.
pub(super) enum Tls {
    #[cfg(feature = "rustls")]
    Rustls { server: tokio_rustls::TlsConnector, proxy: tokio_rustls::TlsConnector },
    #[cfg(feature = "native-tls")]
    Native { server: tokio_native_tls::TlsConnector, proxy: tokio_native_tls::TlsConnector },
    #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
    Unavailable,
}

impl Tls {
    /// Loads certificates and checks the options. The message of an error names the option.
    pub(super) fn new(options: &HttpOptions) -> Result<Self, String> {
        match options.tls_backend {
            Some(TlsBackend::Rustls) if !cfg!(feature = "rustls") => Err(missing_feature("Rustls", "rustls")),
            Some(TlsBackend::Native) if !cfg!(feature = "native-tls") => Err(missing_feature("Native", "native-tls")),
            given => with_backend(options, given),
        }
    }

    /// Performs a handshake with a server. Returns whether it selected HTTP/2.
    pub(super) async fn connect(&self, host: &str, io: BoxIo) -> Result<(BoxIo, bool), ConnectError> {
        match self {
            #[cfg(feature = "rustls")]
            Self::Rustls { server, .. } => rustls_handshake(server, "server", host, io).await,
            #[cfg(feature = "native-tls")]
            Self::Native { server, .. } => native_handshake(server, "server", host, io).await,
            #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
            Self::Unavailable => unavailable(host, io).await,
        }
    }

    /// Performs a handshake with a proxy, which uses HTTP/1.1.
    pub(super) async fn connect_to_proxy(&self, host: &str, io: BoxIo) -> Result<BoxIo, ConnectError> {
        let (io, _) = match self {
            #[cfg(feature = "rustls")]
            Self::Rustls { proxy, .. } => rustls_handshake(proxy, "proxy", host, io).await?,
            #[cfg(feature = "native-tls")]
            Self::Native { proxy, .. } => native_handshake(proxy, "proxy", host, io).await?,
            #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
            Self::Unavailable => unavailable(host, io).await?,
        };
        Ok(io)
    }
}

fn missing_feature(backend: &str, feature: &str) -> String {
    format!("HttpOptions::tls_backend(TlsBackend::{backend}) needs the `{feature}` feature of ecs-sdk")
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn with_backend(options: &HttpOptions, _: Option<TlsBackend>) -> Result<Tls, String> {
    if options.root_certificates.is_empty() {
        return Ok(Tls::Unavailable);
    }
    Err("HttpOptions::root_certificates needs the `rustls` or `native-tls` feature of ecs-sdk".to_owned())
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
#[expect(clippy::unused_async, reason = "the same signature as the handshakes")]
async fn unavailable(_: &str, _: BoxIo) -> Result<(BoxIo, bool), ConnectError> {
    Err(ConnectError::failed("HTTPS needs the `rustls` or `native-tls` feature of ecs-sdk"))
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn with_backend(options: &HttpOptions, backend: Option<TlsBackend>) -> Result<Tls, String> {
    use super::options::Roots;

    let given = certificates(&options.root_certificates)?;
    if options.roots == Roots::OnlyGiven && given.is_empty() {
        return Err("Roots::OnlyGiven needs certificates: add them with HttpOptions::root_certificates".to_owned());
    }
    match backend {
        #[cfg(feature = "native-tls")]
        Some(TlsBackend::Native) => native(options, given),
        #[cfg(feature = "rustls")]
        _ => rustls(options, given),
        #[cfg(not(feature = "rustls"))]
        _ => native(options, given),
    }
}

/// Whether servers may select HTTP/2.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn http2(options: &HttpOptions) -> bool {
    cfg!(feature = "http2") && !options.http1_only
}

/// A certificate and where it was given.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
struct Given {
    place: String,
    der: rustls_pki_types::CertificateDer<'static>,
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
impl Given {
    fn invalid(&self, why: &dyn std::fmt::Display) -> String {
        format!("{} is not a valid certificate authority: {why}", self.place)
    }
}

/// Parses certificates in PEM format.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn certificates(pems: &[Vec<u8>]) -> Result<Vec<Given>, String> {
    use rustls_pki_types::{CertificateDer, pem::PemObject};

    let mut all = Vec::new();
    for (index, pem) in pems.iter().enumerate() {
        let from = format!("PEM string {} of HttpOptions::root_certificates", index + 1);
        let before = all.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let place = format!("certificate {} in {from}", all.len() - before + 1);
            let der = certificate.map_err(|error| format!("{place} cannot be parsed: {error}"))?;
            all.push(Given { place, der });
        }
        if all.len() == before {
            return Err(format!("{from} contains no certificate: expected `-----BEGIN CERTIFICATE-----`"));
        }
    }
    Ok(all)
}

#[cfg(feature = "rustls")]
fn rustls(options: &HttpOptions, given: Vec<Given>) -> Result<Tls, String> {
    use std::sync::Arc;

    use rustls::RootCertStore;

    use super::options::Roots;

    let mut store = RootCertStore::empty();
    for certificate in &given {
        store.add(certificate.der.clone()).map_err(|error| certificate.invalid(&error))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let config = match options.roots {
        Roots::System => {
            let given = given.into_iter().map(|certificate| certificate.der);
            let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(given, provider)
                .map_err(|error| format!("cannot load the root certificates of the system (Roots::System): {error}"))?;
            config.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        }
        Roots::OnlyGiven => config.with_root_certificates(store),
        Roots::Bundled => {
            store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            config.with_root_certificates(store)
        }
    };
    let proxy = config.with_no_client_auth();
    let mut server = proxy.clone();
    if http2(options) {
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    }
    Ok(Tls::Rustls { server: Arc::new(server).into(), proxy: Arc::new(proxy).into() })
}

#[cfg(feature = "rustls")]
async fn rustls_handshake(
    connector: &tokio_rustls::TlsConnector,
    peer: &str,
    host: &str,
    io: BoxIo,
) -> Result<(BoxIo, bool), ConnectError> {
    use rustls_pki_types::ServerName;

    use super::failure::TlsFailure;

    let name = ServerName::try_from(without_brackets(host).to_owned()).map_err(ConnectError::failed)?;
    let stream = connector.connect(name, io).await.map_err(|error| {
        let cause = TlsFailure::of_rustls(&error);
        ConnectError::tls(peer, error.into(), cause)
    })?;
    let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    Ok((Box::new(stream), http2))
}

/// The host of a URL without the brackets of an IPv6 address.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

#[cfg(feature = "native-tls")]
fn native(options: &HttpOptions, given: Vec<Given>) -> Result<Tls, String> {
    use native_tls::{Certificate, Protocol, TlsConnector};

    use super::options::Roots;

    let mut builder = TlsConnector::builder();
    builder.min_protocol_version(Some(Protocol::Tlsv12));
    builder.disable_built_in_roots(options.roots == Roots::OnlyGiven);
    for given in given {
        builder.add_root_certificate(Certificate::from_der(&given.der).map_err(|error| given.invalid(&error))?);
    }
    let build = |builder: &native_tls::TlsConnectorBuilder| {
        let connector = builder.build().map_err(|error| format!("TLS cannot be configured: {error}"));
        connector.map(tokio_native_tls::TlsConnector::from)
    };
    let proxy = build(&builder)?;
    // Loading the system's certificates takes time.
    let server = if http2(options) { build(builder.request_alpns(&["h2", "http/1.1"]))? } else { proxy.clone() };
    Ok(Tls::Native { server, proxy })
}

#[cfg(feature = "native-tls")]
async fn native_handshake(
    connector: &tokio_native_tls::TlsConnector,
    peer: &str,
    host: &str,
    io: BoxIo,
) -> Result<(BoxIo, bool), ConnectError> {
    use super::failure::TlsFailure;

    let stream = connector.connect(without_brackets(host), io).await.map_err(|error| {
        let cause = TlsFailure::of_native(&error);
        ConnectError::tls(peer, error.into(), cause)
    })?;
    let protocol = stream.get_ref().negotiated_alpn().unwrap_or_default();
    Ok((Box::new(stream), protocol.as_deref() == Some(b"h2")))
}
