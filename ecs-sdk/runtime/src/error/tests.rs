//! Constructed errors behave like received ones, and print each cause once.

use std::{fmt, io};

use super::*;
use crate::transport::TransportError;

const KINDS: [ErrorKind; 9] = [
    ErrorKind::Config,
    ErrorKind::Credentials,
    ErrorKind::Request,
    ErrorKind::Transport,
    ErrorKind::Timeout,
    ErrorKind::Service,
    ErrorKind::Decode,
    ErrorKind::Waiter,
    ErrorKind::Interceptor,
];

/// A cause with a cause.
#[derive(Debug)]
struct Outer(io::Error);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("outer")
    }
}

impl StdError for Outer {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.0)
    }
}

/// The error and all its sources, as `{:#}` of anyhow prints them.
fn chain(error: &dyn StdError) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

#[test]
fn each_cause_is_printed_once() {
    let inner = || io::Error::other("inner");
    for kind in KINDS {
        for (message, expected) in [
            ("failed", "failed: outer: inner"),
            ("failed: outer", "failed: outer: inner"),
            ("failed: inner", "failed: inner"),
            ("failed: outer: inner", "failed: outer: inner"),
        ] {
            let error = Error::new(kind, message).with_source(Outer(inner()));
            assert_eq!(chain(&error), expected, "{kind:?}");
            assert!(error.get_ref().unwrap().is::<Outer>(), "{kind:?}: {message}");
        }
    }
    assert!(Error::new(ErrorKind::Config, "x").source().is_none());
    // A cause that is long or spans several lines is recognized too, although the line shows it shortened.
    let long = "x\n".repeat(5000);
    let error = Error::new(ErrorKind::Config, format!("failed: {long}")).with_source(io::Error::other(long));
    assert!(error.source().is_none() && error.to_string().chars().count() < 2100);
}

#[test]
fn transport_errors_print_each_cause_once() {
    let cause = || Outer(io::Error::other("inner"));
    for (error, line, from) in [
        (TransportError::not_sent(cause()), "the request was not sent", "cannot connect: inner"),
        (TransportError::not_sent(cause()).timed_out(), "connecting took too long", "connecting took too long: inner"),
        (
            TransportError::interrupted(cause()),
            "the connection broke before the response was complete",
            "the connection broke before the response was complete: inner",
        ),
        (TransportError::interrupted(cause()).timed_out(), "no response in time", "no response in time: inner"),
        (TransportError::settings(cause()), "the request cannot be sent with these settings", "outer: inner"),
        (TransportError::unusable(cause()), "the response cannot be used", "outer: inner"),
    ] {
        assert_eq!(chain(&error), format!("{line}: outer: inner"));
        let (sent, timeout) = (error.is_sent(), error.is_timeout());
        let error = Error::from(error);
        assert_eq!(chain(&error), from);
        assert_eq!((error.is_maybe_executed(), error.is_timeout()), (sent, timeout), "{error}");
        assert!(error.get_ref().unwrap().is::<Outer>());
    }
}

#[test]
fn a_service_error_can_be_built_with_all_its_parts() {
    let error = Error::service("Throttling.User", "Denied.", 503)
        .with_operation("ecs", "RunInstances")
        .with_request_id("R-1")
        .with_recommend("https://example.com/")
        .with_retry_after(Duration::from_secs(3))
        .with_attempts(2);
    assert_eq!(
        error.to_string(),
        "ecs RunInstances failed: Throttling.User: Denied. (HTTP 503, request id R-1, 2 attempts)"
    );
    assert_eq!((error.kind(), error.code(), error.message()), (ErrorKind::Service, Some("Throttling.User"), "Denied."));
    assert_eq!((error.http_status(), error.request_id()), (Some(503), Some("R-1")));
    assert_eq!((error.service_name(), error.operation(), error.attempts()), ("ecs", "RunInstances", 2));
    assert_eq!((error.recommend(), error.retry_after()), (Some("https://example.com/"), Some(Duration::from_secs(3))));
    let plain = Error::service("", "Gone.", 404).with_request_id("").with_recommend("");
    assert_eq!((plain.code(), plain.request_id(), plain.recommend()), (None, None, None));
    assert_eq!(plain.to_string(), "Gone. (HTTP 404)");
}

#[test]
fn predicates_depend_on_kind_code_and_status() {
    let of = |error: Error| {
        [
            error.is_throttling(),
            error.is_not_found(),
            error.is_timeout(),
            error.is_retryable(),
            error.is_maybe_executed(),
        ]
    };
    let [throttling, not_found, timeout, retryable, executed] = [0, 1, 2, 3, 4];
    for (error, expected) in [
        (Error::service("Throttling", "x", 400), vec![throttling, retryable]),
        // Without a code, another server may have sent the status after the service executed the request.
        (Error::service("", "x", 429), vec![throttling, retryable, executed]),
        (Error::service("", "x", 400), vec![executed]),
        (Error::service("Throttling.User", "x", 503), vec![throttling, retryable]),
        (Error::service("SignatureNonceUsed", "x", 400), vec![retryable, executed]),
        (Error::service("IdempotentProcessing", "x", 403), vec![retryable, executed]),
        (Error::service("ServiceUnavailable", "x", 400), vec![retryable, executed]),
        (Error::service("InvalidInstanceId.NotFound", "x", 404), vec![not_found]),
        (Error::service("InternalError", "x", 500), vec![retryable, executed]),
        (Error::service("InternalError", "x", 500).with_maybe_executed(false), vec![retryable]),
        (Error::service("Forbidden", "x", 403).with_maybe_executed(true), vec![executed]),
        (Error::new(ErrorKind::Timeout, "x"), vec![timeout, retryable, executed]),
        (Error::new(ErrorKind::Transport, "x"), vec![retryable, executed]),
        (TransportError::not_sent("x").into(), vec![retryable]),
        (Error::new(ErrorKind::Decode, "x"), vec![executed]),
        (Error::new(ErrorKind::Config, "x"), vec![]),
        (Error::new(ErrorKind::Credentials, "x"), vec![]),
        (Error::new(ErrorKind::Request, "x"), vec![]),
        (Error::new(ErrorKind::Waiter, "x"), vec![]),
        (Error::new(ErrorKind::Interceptor, "x"), vec![]),
    ] {
        let all: Vec<usize> =
            of(error.clone()).iter().enumerate().filter(|(_, holds)| **holds).map(|(at, _)| at).collect();
        assert_eq!(all, expected, "{error:?}");
    }
}

#[test]
fn clones_share_their_source_and_are_independent() {
    let error = Error::service("A", "b", 400).with_source(io::Error::other("inner"));
    let other = error.clone().with_request_id("R-1");
    assert_eq!((error.request_id(), other.request_id()), (None, Some("R-1")));
    assert_eq!((other.code(), other.http_status()), (Some("A"), Some(400)));
    assert!(std::ptr::addr_eq(error.get_ref().unwrap(), other.get_ref().unwrap()));
}

#[test]
fn errors_are_pointer_sized_and_thread_and_unwind_safe() {
    fn assert_auto_traits<T: Send + Sync + UnwindSafe + RefUnwindSafe + 'static>() {}
    assert_auto_traits::<Error>();
    assert_auto_traits::<crate::Config>();
    assert_auto_traits::<crate::sts::Client>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
}

#[test]
fn io_errors_of_credentials_providers_convert_with_their_cause() {
    let read = || -> Result<()> { Err(std::io::Error::new(std::io::ErrorKind::NotFound, "no key file"))? };
    let error = read().unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Credentials, "no key file"));
    assert!(!error.is_maybe_executed() && error.get_ref().unwrap().is::<std::io::Error>());
}

#[test]
fn invalid_times_and_content_are_decoding_errors() {
    let invalid = SystemTime::try_from(&crate::Timestamp::from("soon")).unwrap_err();
    assert_eq!(Error::from(invalid).kind(), ErrorKind::Decode);
    let invalid = crate::content::Encoding::Base64.decode("Output", "s3cret, in plain text").unwrap_err();
    let error = Error::from(invalid);
    assert!(error.kind() == ErrorKind::Decode && error.to_string().contains("`Output`"), "{error}");
    assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
}
