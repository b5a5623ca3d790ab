//! The futures that calls return.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use super::reply::Reply;
use crate::{
    content::Encoding,
    decode,
    error::{Result, is_identifier},
    model::Model,
    path::get,
    system::BoxFuture,
};

/// A call in progress: a future that sends the request and resolves to the response.
///
/// Nothing is sent before it is first polled. Dropping it cancels the call; a request that was already sent may still
/// be executed by the service.
///
/// Calls need a tokio runtime and fail with [`ErrorKind::Config`](crate::ErrorKind::Config) outside of one, unless the
/// client has its own [`Transport`](crate::transport::Transport). Programs without a runtime:
/// [`guide::blocking`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/blocking/index.html).
///
/// # Panics
///
/// Polling it panics in a tokio runtime that was built without I/O or its timer; enable both with
/// `tokio::runtime::Builder::enable_all`.
///
/// # Examples
///
/// Calls run concurrently if their futures are awaited together:
///
/// ```no_run
/// use futures_util::future::try_join;
///
/// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
/// let (regions, zones) =
///     try_join(client.describe_regions().send(), client.describe_zones().send()).await?;
/// println!("{} regions, {} zones", regions.regions.len(), zones.zones.len());
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until the future is awaited"]
pub struct Sending<T> {
    reply: BoxFuture<'static, Result<Reply>>,
    response: PhantomData<fn() -> T>,
}

impl<T> Sending<T> {
    pub(super) fn new(reply: BoxFuture<'static, Result<Reply>>) -> Self {
        Self { reply, response: PhantomData }
    }
}

impl<T> fmt::Debug for Sending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").finish_non_exhaustive()
    }
}

impl<T: Model + Default> Future for Sending<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let reply = ready!(self.reply.as_mut().poll(context))?;
        let mut response = T::default();
        Poll::Ready(decode_reply(reply, &mut response).map(|()| response))
    }
}

/// Parameter that determines the encoding of content in the response.
const CONTENT_ENCODING: &str = "ContentEncoding";

/// Decodes a response and attaches the call's metadata.
pub(crate) fn decode_reply(reply: Reply, response: &mut dyn Model) -> Result<()> {
    let (sent, _) = reply.sent.parts(&reply.form);
    let encoding = Encoding::requested(sent.get(CONTENT_ENCODING));
    if !decode::from_reply(&reply.body, encoding, response).map_err(|error| reply.failed(&error))? {
        return Err(reply.foreign());
    }
    let Reply { meta, form, sent, .. } = reply;
    // Masking takes a multiple of the length in memory, and no ID of the service is long.
    let id = get(response, "RequestId").filter(|id| is_identifier(id));
    let id = id.map(|id| sent.masked_id(&form, &id).unwrap_or(id));
    meta.or_request_id(id).attach_to(response);
    Ok(())
}

/// A dry run in progress: a future that resolves to `Ok(())` if the request would succeed.
///
/// A dry run that passes is an [error](crate::Error::is_dry_run_passed) for `send`; this future turns it into `Ok(())`.
/// Nothing is sent before it is first polled. Dropping it cancels the dry run.
///
/// ```no_run
/// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
/// match client.stop_instance().instance_id("i-bp67acfmxazb4p****").check().await {
///     Ok(()) => println!("the instance can be stopped"),
///     Err(error) => println!("it cannot be stopped: {error}"),
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is checked until the future is awaited"]
pub struct Checking(pub(super) BoxFuture<'static, Result<Reply>>);

impl fmt::Debug for Checking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checking").finish_non_exhaustive()
    }
}

impl Future for Checking {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match ready!(self.0.as_mut().poll(context)) {
            Err(error) if error.is_dry_run_passed() => Ok(()),
            Err(error) => Err(error),
            // Nothing is sent without `DryRun`, whose response is an error.
            Ok(reply) => Err(reply.foreign()),
        })
    }
}
