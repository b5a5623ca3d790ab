//! A limit of the interim responses (status 1xx) to a request.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll, Waker},
};

use tokio::{sync::Notify, task::coop};

use super::contract::TransportError;

/// Maximum number of interim responses to a request. Servers send one or two.
const MAX_INTERIM_RESPONSES: u32 = 100;

/// Counts the interim responses to a request over HTTP/1.1. hyper discards any number of them.
pub(super) struct Interim(Arc<Count>);

#[derive(Default)]
struct Count {
    received: AtomicU32,
    exceeded: Notify,
}

impl Interim {
    /// Counts the interim responses to a request from now on.
    pub(super) fn of<B>(request: &mut http::Request<B>) -> Self {
        let count = Arc::<Count>::default();
        let counting = count.clone();
        hyper::ext::on_informational(request, move |_| {
            if counting.received.fetch_add(1, Ordering::Relaxed) >= MAX_INTERIM_RESPONSES {
                counting.exceeded.notify_one();
            }
            // hyper skips interim responses in a loop, which would run for as long as the server sends them. When the
            // budget of the task is used up, reading from the connection lets other tasks run first.
            if let Poll::Ready(proceed) = coop::poll_proceed(&mut Context::from_waker(Waker::noop())) {
                proceed.made_progress();
            }
        });
        Self(count)
    }

    /// Waits for a response. Returns an error, and so closes the connection, if there are too many interim responses.
    pub(super) async fn limit<T>(&self, response: impl Future<Output = T>) -> Result<T, TransportError> {
        let (mut response, mut exceeded) = (pin!(response), pin!(self.0.exceeded.notified()));
        poll_fn(|context| {
            if let Poll::Ready(response) = response.as_mut().poll(context) {
                return Poll::Ready(Ok(response));
            }
            exceeded.as_mut().poll(context).map(|()| {
                Err(TransportError::unusable(format!(
                    "the server sent more than {MAX_INTERIM_RESPONSES} interim responses (status 1xx)"
                )))
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };

    use bytes::Bytes;
    use http_body_util::Full;
    use hyper_util::{client::legacy::Client, rt::TokioExecutor};

    use super::*;

    #[tokio::test]
    async fn interim_responses_are_counted_and_read_in_small_portions() {
        let head = b"HTTP/1.1 100 Continue\r\n\r\n";
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", server.local_addr().unwrap());
        thread::spawn(move || {
            let mut stream = server.accept().unwrap().0;
            let _ = stream.read(&mut [0; 1024]).unwrap();
            while stream.write_all(&head.repeat(10_000)).is_ok() {}
        });
        let mut request = http::Request::post(url).body(Full::<Bytes>::default()).unwrap();
        let interim = Interim::of(&mut request);
        let response = Client::builder(TokioExecutor::new()).build_http().request(request);
        let limited = tokio::time::timeout(std::time::Duration::from_secs(30), interim.limit(response));
        limited.await.expect("the limit is reached within 30 s").unwrap_err();
        let received = usize::try_from(interim.0.received.load(Ordering::Relaxed)).unwrap();
        // hyper first reads 8 KiB, which use up the budget.
        assert!(received > 100 && received <= 8192 / head.len() + 1, "{received}");
    }
}
