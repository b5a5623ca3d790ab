//! Certificates of the server.

use std::{fmt, io, net::IpAddr, sync::Arc, time::SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PublicKeyData as _,
};
use rustls::{
    RootCertStore, ServerConfig,
    client::{verify_server_cert_signed_by_trust_anchor, verify_server_name},
    crypto::ring,
    server::ParsedCertificate,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject as _};
use time::{Duration, OffsetDateTime};
use tokio_rustls::TlsAcceptor;

/// Validity of a certificate that is generated: the longest that Apple's platforms accept for a server is 825 days, and it
/// begins a day earlier for clients whose clock is behind.
const VALIDITY: Duration = Duration::days(824);
const EARLIER: Duration = Duration::days(1);

/// A certificate and its private key, for [`Builder::tls`](crate::Builder::tls).
#[derive(Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
}

impl Tls {
    /// Uses a certificate, or a chain that begins with it, and its private key, both in PEM form.
    ///
    /// # Errors
    ///
    /// Returns an error if one of them cannot be read, or if the key is not that of the certificate.
    pub fn from_pem(certificate: &str, key: &str) -> io::Result<Self> {
        let chain = certificates(certificate)?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
            .map_err(|error| invalid(format!("invalid private key: {error}; expected PEM with a PRIVATE KEY")))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(invalid)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| match error {
                rustls::Error::InconsistentKeys(_) => {
                    invalid("the private key belongs to another certificate; pass the key of this one")
                }
                error => invalid(format!("the certificate cannot be used: {error}")),
            })?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Tls { config: Arc::new(config) })
    }

    pub(super) fn acceptor(self) -> TlsAcceptor {
        TlsAcceptor::from(self.config)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// A certificate that is made for an emulator, in PEM form.
#[derive(Clone)]
pub struct SelfMade {
    /// The certificate of the authority that signed it, which clients must trust. The authority's key is not kept, so
    /// that nobody can sign other certificates with it.
    pub authority: String,
    /// The certificate of the server.
    pub certificate: String,
    /// The private key of the server.
    pub key: String,
}

impl SelfMade {
    /// Makes a certificate for host names and IP addresses.
    ///
    /// # Errors
    ///
    /// Returns an error if a name cannot be part of a certificate.
    pub fn generate(names: &[impl AsRef<str>]) -> io::Result<Self> {
        let now = OffsetDateTime::from(SystemTime::now());
        let params = |names: Vec<String>, name: &str| {
            let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
            params.not_before = now - EARLIER;
            params.not_after = now + VALIDITY;
            params.distinguished_name.push(DnType::CommonName, name);
            io::Result::Ok(params)
        };
        let authority_key = KeyPair::generate().map_err(io::Error::other)?;
        // Clients look up authorities by name, so each has its own.
        let number: String = authority_key.der_bytes().iter().rev().take(4).map(|byte| format!("{byte:02x}")).collect();
        let mut authority = params(Vec::new(), &format!("ecs-emulator authority {number}"))?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority_certificate = authority.self_signed(&authority_key).map_err(io::Error::other)?;

        let names = names.iter().map(|name| checked(name.as_ref())).collect::<io::Result<_>>()?;
        let mut server = params(names, "ecs-emulator")?;
        server.use_authority_key_identifier_extension = true;
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let issuer = Issuer::new(authority, authority_key);
        let certificate = server.signed_by(&key, &issuer).map_err(io::Error::other)?;
        Ok(SelfMade {
            authority: authority_certificate.pem(),
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        })
    }

    /// Whether clients that trust the authority accept the certificate now, for each of the names.
    #[must_use]
    pub fn is_valid_for(&self, names: &[impl AsRef<str>]) -> bool {
        self.verify(names).is_ok()
    }

    fn verify(&self, names: &[impl AsRef<str>]) -> io::Result<()> {
        let chain = certificates(&self.certificate)?;
        let mut roots = RootCertStore::empty();
        for authority in certificates(&self.authority)? {
            roots.add(authority).map_err(invalid)?;
        }
        let certificate = chain.first().ok_or_else(|| invalid("there is no certificate"))?;
        let certificate = ParsedCertificate::try_from(certificate).map_err(invalid)?;
        let algorithms = ring::default_provider().signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&certificate, &roots, &[], UnixTime::now(), algorithms)
            .map_err(invalid)?;
        for name in names {
            let name = ServerName::try_from(name.as_ref()).map_err(invalid)?;
            verify_server_name(&certificate, &name).map_err(invalid)?;
        }
        Ok(())
    }

    /// Returns the certificate and its key for a server.
    ///
    /// # Errors
    ///
    /// Returns an error if the members are not those that [`generate`](SelfMade::generate) has made.
    pub fn tls(&self) -> io::Result<Tls> {
        Tls::from_pem(&self.certificate, &self.key)
    }
}

/// Omits the private key.
impl fmt::Debug for SelfMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SelfMade").field("authority", &self.authority).finish_non_exhaustive()
    }
}

/// Checks that a name can be one of a certificate, as clients compare it.
fn checked(name: &str) -> io::Result<String> {
    let host = name.strip_prefix("*.").unwrap_or(name);
    if name.parse::<IpAddr>().is_err() && ServerName::try_from(host).is_err() {
        let message = format!("invalid name {name:?} for a certificate: expected a host name or an IP address");
        return Err(invalid(message));
    }
    Ok(name.to_owned())
}

fn certificates(pem: &str) -> io::Result<Vec<CertificateDer<'static>>> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let chain = chain.map_err(|error| invalid(format!("invalid certificate: {error}")))?;
    match chain.is_empty() {
        true => Err(invalid("there is no certificate; expected PEM with a CERTIFICATE")),
        false => Ok(chain),
    }
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_valid_for_its_names_only() {
        let names = ["localhost", "127.0.0.1", "::1", "*.aliyuncs.com"];
        let made = SelfMade::generate(&names).unwrap();
        assert!(made.is_valid_for(&["localhost", "127.0.0.1", "::1", "ecs.aliyuncs.com"]));
        assert!(!made.is_valid_for(&["example.com"]));
        assert!(!made.is_valid_for(&["127.0.0.2"]));
        let other = SelfMade::generate(&names).unwrap();
        assert!(!SelfMade { authority: other.authority, ..made.clone() }.is_valid_for(&["localhost"]));
        assert!(!format!("{made:?}").contains("PRIVATE"));
    }

    #[test]
    fn errors_name_what_is_wrong() {
        let made = SelfMade::generate(&["localhost"]).unwrap();
        let other = SelfMade::generate(&["localhost"]).unwrap();
        let error = |certificate: &str, key: &str| Tls::from_pem(certificate, key).unwrap_err().to_string();
        assert!(error("", &made.key).contains("no certificate"));
        assert!(error(&made.key, &made.key).contains("no certificate"));
        assert!(error(&made.certificate, "").contains("invalid private key"));
        assert!(error(&made.certificate, &other.key).contains("another certificate"));
        assert!(made.tls().is_ok());
        let error = SelfMade::generate(&["no name"]).unwrap_err().to_string();
        assert!(error.contains("\"no name\""), "{error}");
    }
}
