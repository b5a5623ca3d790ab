//! The class of an error, and one predicate per class.

use super::{
    Error, ErrorKind,
    class::{self, ErrorClass},
};
use crate::{
    generated::{error_classes::ERROR_CLASSES, rpc::DRY_RUN_CODES},
    text::contains,
};

impl Error {
    /// Returns the class of the error's [code](Self::code); `None` if there is no code or the code is in no class.
    ///
    /// [`ErrorClass`] lists the classes with typical codes. The page of each constant in `ecs_sdk::codes` names its class.
    pub fn class(&self) -> Option<ErrorClass> {
        self.code().and_then(|code| class::of(code, [self.0.service_classes, ERROR_CLASSES]))
    }

    fn is(&self, class: ErrorClass) -> bool {
        self.class() == Some(class)
    }

    /// Returns whether the call was a dry run that passed: the request would succeed, and nothing was executed. The guide is
    /// [`guide::dry_runs`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/dry_runs/index.html).
    ///
    /// Services report this as an error, and so does the SDK if a service reports success: a call that was not executed
    /// never returns a response. `check()` turns this error into `Ok(())`.
    ///
    /// If the SDK does not know whether the operation has a dry run at all, and the service reports success,
    /// [`is_maybe_executed`](Self::is_maybe_executed) is `true` as well. This is possible only if the parameter was set by
    /// name, in call options or in a call by name.
    ///
    /// ```no_run
    /// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
    /// # let dry_run = true;
    /// let request = client.stop_instance().instance_id("i-bp67acfmxazb4p****").dry_run(dry_run);
    /// match request.send().await {
    ///     Ok(_) => println!("stopping"),
    ///     Err(error) if error.is_dry_run_passed() => println!("the instance can be stopped"),
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_dry_run_passed(&self) -> bool {
        self.kind() == ErrorKind::Service
            && self.code().is_some_and(|code| DRY_RUN_CODES.iter().any(|passed| passed.eq_ignore_ascii_case(code)))
    }

    /// Returns whether an earlier request with the same `ClientToken` is still being executed
    /// ([`InProgress`](ErrorClass::InProgress)).
    pub fn is_in_progress(&self) -> bool {
        self.is(ErrorClass::InProgress)
    }

    /// Returns whether there were too many requests: the code is in the class [`Throttling`](ErrorClass::Throttling), or
    /// the HTTP status is 429.
    pub fn is_throttling(&self) -> bool {
        self.http_status() == Some(429) || self.is(ErrorClass::Throttling)
    }

    /// Returns whether the service is busy or failed internally: the code is in the class
    /// [`Unavailable`](ErrorClass::Unavailable), or there is no code and the HTTP status is 500 or above, as in the
    /// responses of gateways.
    pub fn is_unavailable(&self) -> bool {
        match self.code() {
            Some(_) => self.is(ErrorClass::Unavailable),
            None => self.http_status().is_some_and(|status| status >= 500),
        }
    }

    /// Returns whether another operation is changing the resource ([`Conflict`](ErrorClass::Conflict)). This proves that
    /// nothing was executed.
    pub fn is_conflict(&self) -> bool {
        self.is(ErrorClass::Conflict)
    }

    /// Returns whether the state of a resource does not allow the operation
    /// ([`IncorrectState`](ErrorClass::IncorrectState)). This proves that nothing was executed.
    pub fn is_incorrect_state(&self) -> bool {
        self.is(ErrorClass::IncorrectState)
    }

    /// Returns whether another resource uses the resource ([`InUse`](ErrorClass::InUse)).
    pub fn is_in_use(&self) -> bool {
        self.is(ErrorClass::InUse)
    }

    /// Returns whether a resource that the request names does not exist ([`NotFound`](ErrorClass::NotFound)). If the
    /// call was to delete it, nothing remains to be done.
    ///
    /// This is `false` for access keys, regions, zones, operations, filters, and values such as disk categories: they
    /// are no resources, so the request is wrong.
    ///
    /// ```
    /// use ecs_sdk::Error;
    ///
    /// let missing = |code: &str| Error::service(code, "", 404).is_not_found();
    /// assert!(missing("InvalidInstanceId.NotFound") && missing("Forbidden.InstanceNotFound"));
    /// assert!(!missing("InvalidAccessKeyId.NotFound") && !missing("InvalidRegionId.NotFound"));
    /// ```
    pub fn is_not_found(&self) -> bool {
        self.is(ErrorClass::NotFound)
    }

    /// Returns whether the requested resources are sold out or not offered at this place
    /// ([`OutOfStock`](ErrorClass::OutOfStock)).
    pub fn is_out_of_stock(&self) -> bool {
        self.is(ErrorClass::OutOfStock)
    }

    /// Returns whether a quota of the account or the limit of a resource is exhausted
    /// ([`QuotaExceeded`](ErrorClass::QuotaExceeded)).
    pub fn is_quota_exceeded(&self) -> bool {
        self.is(ErrorClass::QuotaExceeded)
    }

    /// Returns whether the caller or the account lacks a permission ([`AccessDenied`](ErrorClass::AccessDenied)).
    pub fn is_access_denied(&self) -> bool {
        self.is(ErrorClass::AccessDenied)
    }

    /// Returns whether the temporary credentials that signed the request have expired: the code is in the class
    /// [`ExpiredCredentials`](ErrorClass::ExpiredCredentials), or it is `InvalidParameter` and the message names
    /// `SecurityToken.Expired`.
    pub fn is_expired_credentials(&self) -> bool {
        self.is(ErrorClass::ExpiredCredentials)
            || (self.code() == Some("InvalidParameter") && contains(self.message(), "SecurityToken.Expired"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ClassRule;

    #[test]
    fn the_classes_of_a_service_take_precedence() {
        static OWN: &[ClassRule] = &[
            ClassRule { class: Some(ErrorClass::Conflict), patterns: "busy*", except: "", codes: "" },
            ClassRule { class: None, patterns: "", except: "", codes: "InvalidDiskId.NotFound" },
        ];
        for (code, common, own) in [
            ("Busy.Here", None, Some(ErrorClass::Conflict)),
            ("InvalidDiskId.NotFound", Some(ErrorClass::NotFound), None),
            ("InvalidVpcId.NotFound", Some(ErrorClass::NotFound), Some(ErrorClass::NotFound)),
        ] {
            let error = Error::service(code, "m", 400);
            assert_eq!(error.class(), common, "{code}");
            assert_eq!(error.with_service_classes(OWN).class(), own, "{code}");
        }
    }
}
