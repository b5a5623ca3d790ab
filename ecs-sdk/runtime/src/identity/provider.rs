//! The trait of credentials providers.

use std::{fmt, sync::Arc};

use super::{context::Context, credentials::Credentials};
use crate::{error::Result, system::BoxFuture, text::split_last};

/// Provides credentials to a client.
///
/// A client calls its provider for every attempt of every call, so implementations should cache credentials while they
/// are valid. A client never checks when credentials expire: it uses what the provider returns, and if the service
/// rejects them, it calls [`invalidate`](Self::invalidate) and then [`provide`](Self::provide) again. The [`Context`] gives access to the client's transport, clock, environment and region. The following
/// provider gets an access key from a vault over HTTP:
///
/// ```
/// use ecs_sdk::{
///     BoxFuture, Credentials, Error, ErrorKind, Result,
///     bytes::Bytes,
///     credentials::{Context, ProvideCredentials},
///     http,
/// };
///
/// #[derive(Debug)]
/// struct Vault;
///
/// impl ProvideCredentials for Vault {
///     fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
///         Box::pin(async {
///             let mut request = http::Request::new(Bytes::new());
///             *request.uri_mut() = http::Uri::from_static("http://127.0.0.1:8200/v1/ecs");
///             let failed = |message| Error::new(ErrorKind::Credentials, message);
///             let response = context
///                 .transport()
///                 .send(request)
///                 .await
///                 .map_err(|error| failed("the vault cannot be reached").with_source(error))?;
///             let body = String::from_utf8_lossy(response.body());
///             let (id, secret) =
///                 body.split_once(':').ok_or_else(|| failed("the vault has no access key"))?;
///             Ok(Credentials::new(id, secret))
///         })
///     }
/// }
///
/// # #[derive(Debug)]
/// # struct TestVault;
/// # impl ecs_sdk::transport::Transport for TestVault {
/// #     fn send(
/// #         &self,
/// #         _: http::Request<Bytes>,
/// #     ) -> BoxFuture<'_, Result<http::Response<Bytes>, ecs_sdk::transport::TransportError>> {
/// #         Box::pin(async { Ok(http::Response::new(Bytes::from("id:secret"))) })
/// #     }
/// # }
/// # fn main() -> Result<()> {
/// let client = ecs_sdk::Client::builder().region("cn-hangzhou").credentials(Vault).build()?;
/// # let _ = client;
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// // In a test, create a context with your own transport.
/// let context = Context::new(TestVault).with_region("cn-hangzhou");
/// let credentials = runtime.block_on(Vault.provide(&context))?;
/// assert_eq!(credentials.access_key_id(), "id");
/// # Ok(())
/// # }
/// ```
pub trait ProvideCredentials: fmt::Debug + Send + Sync + 'static {
    /// Returns credentials that are currently valid.
    ///
    /// A call waits for them for at most 60 s, and within its [operation timeout](crate::Timeouts::operation). If that
    /// elapses, it fails with an error that contains the [name](Self::name) of the provider.
    ///
    /// # Errors
    ///
    /// Returns an error if no credentials are available.
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>>;

    /// Returns the name of the provider for errors, such as `EcsRamRole`; the name of the type by default.
    fn name(&self) -> &str {
        let path = std::any::type_name::<Self>();
        // Without the modules and the type parameters.
        let path = path.split('<').next().unwrap_or(path);
        split_last(path, "::").map_or(path, |(_, name)| name)
    }

    /// Discards any cached copy of credentials that a service rejected.
    ///
    /// A client calls this method after a service has rejected credentials that this provider returned, and then calls
    /// [`provide`](Self::provide) again. The default implementation does nothing, which is correct for providers
    /// without a cache.
    fn invalidate(&self, rejected: &Credentials) {
        let _ = rejected;
    }
}

impl ProvideCredentials for Credentials {
    fn provide<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        let credentials = self.clone().checked();
        Box::pin(async { credentials })
    }
}

impl<T: ProvideCredentials + ?Sized> ProvideCredentials for Arc<T> {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        (**self).provide(context)
    }

    fn name(&self) -> &str {
        (**self).name()
    }

    fn invalidate(&self, rejected: &Credentials) {
        (**self).invalidate(rejected);
    }
}

impl<T: ProvideCredentials + ?Sized> ProvideCredentials for Box<T> {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        (**self).provide(context)
    }

    fn name(&self) -> &str {
        (**self).name()
    }

    fn invalidate(&self, rejected: &Credentials) {
        (**self).invalidate(rejected);
    }
}
