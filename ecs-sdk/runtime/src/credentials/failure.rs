//! Whether the default chain may try its next provider after one has failed.

use std::io;

use crate::{
    error::{Error, Result},
    identity::{Context, Credentials, ProvideCredentials},
    system::BoxFuture,
};

/// Why a provider has no credentials.
#[derive(Debug)]
pub(super) enum Failure {
    /// The provider is not configured, so the chain tries the next one.
    Absent(Error),
    /// The provider is configured, but the configuration cannot be used. The chain stops, because the next provider may
    /// have another identity.
    Unusable(Error),
}

impl Failure {
    /// `Unusable` if someone asked for this provider, a profile or a file by its name.
    pub(super) fn of(named: bool, error: Error) -> Self {
        if named { Self::Unusable(error) } else { Self::Absent(error) }
    }

    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Absent(error) | Self::Unusable(error) => error,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Unusable(error)
    }
}

/// Whether there is no file, or one that belongs to another user while nobody named a profile.
pub(super) fn is_missing(error: &io::Error, named: bool) -> bool {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => true,
        io::ErrorKind::PermissionDenied => !named,
        _ => false,
    }
}

/// A provider of the default chain.
pub(super) trait FindCredentials: ProvideCredentials {
    fn find<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials, Failure>>;
}

/// Implements [`ProvideCredentials::provide`] for a provider of the default chain.
pub(super) fn provide<'a>(
    provider: &'a dyn FindCredentials,
    context: &'a Context,
) -> BoxFuture<'a, Result<Credentials>> {
    let finding = provider.find(context);
    Box::pin(async { finding.await.map_err(Failure::into_error) })
}
