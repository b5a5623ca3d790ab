//! The certificate for TLS: your own, or one that is made and kept in a folder.

use std::{
    env,
    fs::{self, DirBuilder},
    io,
    path::{Path, PathBuf},
    process,
};

use ecs_emulator::{SelfMade, Tls};

use super::{
    arguments::Server,
    files::{read, write_private},
};

/// Names that every certificate has.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Folder below that of `--data`.
const FOLDER_IN_DATA: &str = "tls";

/// Files in the folder.
const AUTHORITY: &str = "ca.pem";
const CERTIFICATE: &str = "cert.pem";
const KEY: &str = "key.pem";

/// The certificate of the server.
pub(crate) struct Certificate {
    pub(crate) tls: Tls,
    /// The file that clients must trust, if the certificate is self-made.
    authority: Option<PathBuf>,
    /// A folder to remove in the end.
    temporary: Option<PathBuf>,
}

impl Certificate {
    /// Returns the certificate that the arguments ask for; `None` if they ask for none.
    pub(crate) fn of(arguments: &Server) -> Result<Option<Self>, String> {
        let asked = arguments.tls || !arguments.tls_names.is_empty() || arguments.tls_dir.is_some();
        if let (Some(certificate), Some(key)) = (&arguments.cert, &arguments.key) {
            return Certificate::read(certificate, key).map(Some);
        }
        if !asked {
            return Ok(None);
        }
        let mut names: Vec<String> = NAMES.map(str::to_owned).into();
        names.extend(arguments.tls_names.iter().cloned());
        let in_data = arguments.data.as_ref().map(|data| data.join(FOLDER_IN_DATA));
        match arguments.tls_dir.as_ref().or(in_data.as_ref()) {
            Some(folder) => Certificate::kept(folder, &names).map(Some),
            None => Certificate::temporary(&names).map(Some),
        }
    }

    /// Returns the file that clients must trust, if the certificate is self-made.
    pub(crate) fn authority(&self) -> Option<&Path> {
        self.authority.as_deref()
    }

    fn read(certificate: &Path, key: &Path) -> Result<Self, String> {
        let tls = Tls::from_pem(&read("--cert", certificate)?, &read("--key", key)?)
            .map_err(|error| format!("--cert {} with --key {}: {error}", certificate.display(), key.display()))?;
        Ok(Certificate { tls, authority: None, temporary: None })
    }

    /// Returns the certificate in a folder, or a new one if it is not valid for the names.
    fn kept(folder: &Path, names: &[String]) -> Result<Self, String> {
        let failed = |error: io::Error| format!("cannot keep the certificate in {}: {error}", folder.display());
        let read = |file: &str| fs::read_to_string(folder.join(file));
        let kept = || {
            io::Result::Ok(SelfMade { authority: read(AUTHORITY)?, certificate: read(CERTIFICATE)?, key: read(KEY)? })
        };
        let kept =
            kept().ok().filter(|kept| kept.is_valid_for(&names.iter().map(|name| checked(name)).collect::<Vec<_>>()));
        if let Some(tls) = kept.and_then(|kept| kept.tls().ok()) {
            return Ok(Certificate { tls, authority: Some(folder.join(AUTHORITY)), temporary: None });
        }
        let made = make(names)?;
        fs::create_dir_all(folder).map_err(failed)?;
        write_private(&folder.join(KEY), &made.key).map_err(failed)?;
        fs::write(folder.join(CERTIFICATE), &made.certificate).map_err(failed)?;
        fs::write(folder.join(AUTHORITY), &made.authority).map_err(failed)?;
        let tls = made.tls().map_err(failed)?;
        Ok(Certificate { tls, authority: Some(folder.join(AUTHORITY)), temporary: None })
    }

    /// Makes a certificate for this run. Its private key stays in memory.
    fn temporary(names: &[String]) -> Result<Self, String> {
        let made = make(names)?;
        let folder = env::temp_dir().join(format!("ecs-emulator-{}", process::id()));
        let failed = |error: io::Error| {
            format!("cannot write the certificate to {}: {error}; choose a folder with --tls-dir", folder.display())
        };
        // Nobody else can have prepared the folder, or change the file that clients trust.
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o755);
        builder.create(&folder).map_err(failed)?;
        let authority = folder.join(AUTHORITY);
        fs::write(&authority, &made.authority).map_err(failed)?;
        let tls = made.tls().map_err(failed)?;
        Ok(Certificate { tls, authority: Some(authority), temporary: Some(folder) })
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        if let Some(folder) = &self.temporary {
            // It is a temporary file if it stays.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

fn make(names: &[String]) -> Result<SelfMade, String> {
    SelfMade::generate(names).map_err(|error| format!("cannot make a certificate: {error}; see --tls-name"))
}

/// Returns a name to check a certificate with: one that a wildcard stands for.
fn checked(name: &str) -> String {
    name.strip_prefix('*').map_or_else(|| name.to_owned(), |domain| format!("any{domain}"))
}
