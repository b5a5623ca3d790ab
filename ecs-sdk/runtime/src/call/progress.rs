//! Facts about the attempts of a call so far, which decide whether another one is safe.

use crate::{
    error::{Error, ErrorKind, Result},
    form::Form,
    identity::Credentials,
};

/// The parameter by which the service recognizes retries of a request.
pub(crate) const CLIENT_TOKEN: &str = "ClientToken";

/// The effect of executing an operation twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OperationKind {
    /// It only reads, so the effect is that of executing it once.
    Reads,
    /// It has a `ClientToken`, by which the service recognizes retries.
    TakesToken,
    /// It is executed twice.
    Other,
}

/// Facts about the attempts of a call so far.
pub(super) struct Progress {
    kind: OperationKind,
    /// Whether the operation is known to have a dry run.
    has_dry_run: bool,
    /// Whether all attempts requested a dry run.
    dry_run: bool,
    /// Number of requests passed to the transport.
    pub(super) sent: u32,
    /// The `ClientToken` of the latest attempt, if the service recognizes requests by it.
    token: Option<String>,
    /// Whether not all attempts had the same `ClientToken`.
    token_changed: bool,
    /// Whether the service may have executed any of the attempts. An earlier one may have been executed although the
    /// last one was not.
    maybe_executed: bool,
    /// The error of the previous attempt, and whether the policy counts that attempt.
    previous: Option<(Error, bool)>,
    pub(super) credentials_refreshed: bool,
    /// The credentials that replace rejected ones, until an attempt uses them.
    pub(super) refreshed: Option<Credentials>,
}

impl Progress {
    pub(super) fn new(kind: OperationKind, has_dry_run: bool) -> Self {
        Self {
            kind,
            has_dry_run,
            dry_run: true,
            sent: 0,
            token: None,
            token_changed: false,
            maybe_executed: false,
            previous: None,
            credentials_refreshed: false,
            refreshed: None,
        }
    }

    /// Takes note of the parameters of the next attempt, as they will be signed.
    ///
    /// # Errors
    ///
    /// Returns the error of the previous attempt if it may have been executed and the service would not recognize the
    /// next one as the same request.
    pub(super) fn start(&mut self, form: &Form) -> Result<()> {
        let token = if self.kind == OperationKind::TakesToken { client_token(form) } else { None };
        let previous = self.previous.as_ref().filter(|_| token != self.token.as_deref());
        if let Some((previous, _)) = previous {
            if self.maybe_executed {
                let note = "not retried: an interceptor changed `ClientToken`, so the retry could be executed too";
                return Err(self.complete(previous.clone().with_note(note)));
            }
            self.token_changed = true;
        }
        self.token = token.map(str::to_owned);
        self.dry_run &= is_dry_run(form);
        Ok(())
    }

    /// Whether a retry has no further effect.
    pub(super) fn is_idempotent(&self) -> bool {
        self.kind == OperationKind::Reads || self.has_token() || self.is_dry_run()
    }

    /// Whether all attempts so far were dry runs, so that nothing was executed.
    pub(super) fn is_dry_run(&self) -> bool {
        self.has_dry_run && self.dry_run
    }

    /// Whether all attempts so far had the same `ClientToken`.
    pub(super) fn has_token(&self) -> bool {
        self.token.is_some() && !self.token_changed
    }

    /// Adds the error of the current attempt. Returns whether the service may have executed that attempt.
    pub(super) fn add(&mut self, error: &Error) -> bool {
        // The service throttles before it executes, also with HTTP status 503. A gateway that uses the same code has no
        // ID of the request.
        let throttled = error.is_throttled_by_service()
            && error.request_id().is_some()
            && error.http_status().is_some_and(|status| status >= 400);
        // A service that reports a dry run knows them.
        self.has_dry_run |= error.is_dry_run_passed();
        let executed = error.is_maybe_executed() && !throttled && !self.is_dry_run();
        self.maybe_executed = (self.maybe_executed || executed) && !self.is_dry_run();
        executed
    }

    /// Adds the facts about all attempts to an error.
    pub(super) fn complete(&self, error: Error) -> Error {
        error.with_attempts(self.sent).with_maybe_executed(self.maybe_executed)
    }

    /// Ends the current attempt. If `counted`, the policy counts it.
    pub(super) fn failed(&mut self, error: Error, counted: bool) {
        self.previous = Some((error, counted));
    }

    /// The error of a call that has no time left for the next attempt, if it is not the first one.
    pub(super) fn out_of_time(&self) -> Option<Error> {
        let (previous, _) = self.previous.as_ref()?;
        let note = match previous.is_in_progress() {
            true => STILL_IN_PROGRESS,
            false => "the operation timeout elapsed before the retry succeeded",
        };
        Some(self.complete(previous.clone().with_note(note)))
    }

    /// The error of a call whose current attempt was stopped by the operation timeout. If that attempt was an
    /// uncounted retry, the error of the previous one is more useful.
    pub(super) fn stopped(&self, error: Error) -> Error {
        if !matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Credentials) {
            return error;
        }
        match &self.previous {
            Some((_, false)) => self.out_of_time().unwrap_or(error),
            Some((previous, true)) => {
                let code = previous.code().map(|code| format!("{code}: ")).unwrap_or_default();
                error.with_note(&format!("the attempt before failed: {code}{}", previous.message()))
            }
            None => error,
        }
    }
}

pub(super) const STILL_IN_PROGRESS: &str = "still in progress when the operation timeout elapsed";

/// The `ClientToken`, if it is not blank.
fn client_token(form: &Form) -> Option<&str> {
    unique(form, CLIENT_TOKEN).filter(|token| !token.trim().is_empty())
}

/// The parameter that requests a dry run.
pub(super) const DRY_RUN: &str = "DryRun";

/// Whether the parameters request a dry run.
pub(super) fn is_dry_run(form: &Form) -> bool {
    unique(form, DRY_RUN) == Some("true")
}

/// Whether the caller means a dry run, even if the service might not understand the parameter.
pub(super) fn means_dry_run(form: &Form) -> bool {
    form.iter().any(|(name, value)| name.eq_ignore_ascii_case(DRY_RUN) && value.trim().eq_ignore_ascii_case("true"))
}

/// The value of a parameter, if the form has exactly one with this name, regardless of case.
fn unique<'f>(form: &'f Form, name: &str) -> Option<&'f str> {
    let mut found = form.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
    let (other, value) = found.next()?;
    (other == name && found.next().is_none()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_counts_only_if_it_is_the_only_one_and_not_blank() {
        let token = |parameters: &[(&str, &str)]| {
            let mut form = Form::default();
            parameters.iter().for_each(|(name, value)| form.push(name, value));
            client_token(&form).map(str::to_owned)
        };
        assert_eq!(token(&[("A", "1"), ("ClientToken", "t")]), Some("t".to_owned()));
        for parameters in [
            &[("ClientToken", "")][..],
            &[("ClientToken", " \t\u{3000}")],
            &[("clienttoken", "t")],
            &[("ClientToken", "t"), ("ClientToken", "t")],
            &[("ClientToken", "t"), ("clientToken", "u")],
            &[("ClientToken.1", "t")],
            &[],
        ] {
            assert_eq!(token(parameters), None, "{parameters:?}");
        }
    }
}
