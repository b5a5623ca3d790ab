//! TLS of the default transport: backend and trusted certificate authorities.

use reqwest::ClientBuilder;

use super::options::{HttpOptions, TlsBackend};

/// Configures TLS. The message of an error names the option.
pub(super) fn configure(builder: ClientBuilder, options: &HttpOptions) -> Result<ClientBuilder, String> {
    match options.tls_backend {
        Some(TlsBackend::Rustls) if !cfg!(feature = "rustls") => Err(missing_feature("Rustls", "rustls")),
        Some(TlsBackend::Native) if !cfg!(feature = "native-tls") => Err(missing_feature("Native", "native-tls")),
        given => with_backend(builder, options, given),
    }
}

fn missing_feature(backend: &str, feature: &str) -> String {
    format!("HttpOptions::tls_backend(TlsBackend::{backend}) needs the `{feature}` feature of ecs-sdk")
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn with_backend(builder: ClientBuilder, options: &HttpOptions, _: Option<TlsBackend>) -> Result<ClientBuilder, String> {
    if options.root_certificates.is_empty() {
        return Ok(builder);
    }
    Err("HttpOptions::root_certificates needs the `rustls` or `native-tls` feature of ecs-sdk".to_owned())
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn with_backend(
    builder: ClientBuilder,
    options: &HttpOptions,
    backend: Option<TlsBackend>,
) -> Result<ClientBuilder, String> {
    use super::options::Roots;

    let given = certificates(&options.root_certificates)?;
    if options.roots == Roots::OnlyGiven && given.is_empty() {
        return Err("Roots::OnlyGiven needs certificates: add them with HttpOptions::root_certificates".to_owned());
    }
    match backend {
        #[cfg(feature = "native-tls")]
        Some(TlsBackend::Native) => native(builder, options, given),
        #[cfg(feature = "rustls")]
        _ => rustls(builder, options, given),
        #[cfg(not(feature = "rustls"))]
        _ => native(builder, options, given),
    }
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
fn rustls(builder: ClientBuilder, options: &HttpOptions, given: Vec<Given>) -> Result<ClientBuilder, String> {
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
    let mut config = config.with_no_client_auth();
    if cfg!(feature = "http2") && !options.http1_only {
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    }
    Ok(builder.tls_backend_preconfigured(config))
}

#[cfg(feature = "native-tls")]
fn native(builder: ClientBuilder, options: &HttpOptions, given: Vec<Given>) -> Result<ClientBuilder, String> {
    use super::options::Roots;

    let certificate = |given: Given| {
        reqwest::Certificate::from_der(&given.der).map_err(|error| given.invalid(&super::contract::innermost(&error)))
    };
    let given = given.into_iter().map(certificate).collect::<Result<Vec<_>, _>>()?;
    let builder = builder.tls_backend_native();
    Ok(match options.roots {
        Roots::OnlyGiven => builder.tls_certs_only(given),
        Roots::Bundled | Roots::System => builder.tls_certs_merge(given),
    })
}
