//! The settings with which a call is sent.

use super::{options::CallOptions, progress::CLIENT_TOKEN};
use crate::{config::Config, endpoint::Service};

/// The part of a fluent request that sends it: the client's configuration and the call options.
///
/// `DescribeInstances` is short for `DescribeInstances<Call>`, a fluent request. The same request as data is
/// `DescribeInstances<()>`, or `DescribeInstancesRequest` for short.
#[derive(Debug, Clone)]
pub struct Call {
    pub(super) service: &'static Service,
    pub(super) config: Config,
    pub(super) options: CallOptions,
}

impl Call {
    #[doc(hidden)]
    pub fn new(service: &'static Service, config: Config) -> Self {
        Self { service, config, options: CallOptions::default() }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Whether the call options set a parameter, or an element of it.
    pub(crate) fn overrides(&self, name: &str) -> bool {
        self.options.parameters.iter().any(|(given, _)| belongs_to(given, name))
    }

    /// Appends a number to the `ClientToken` of the call options, if they have one.
    pub(crate) fn number_token(&mut self, number: usize) {
        for (name, value) in &mut self.options.parameters {
            if name == CLIENT_TOKEN && !value.trim().is_empty() {
                value.push_str(&format!("-{number}"));
            }
        }
    }
}

/// Whether a parameter is the one of this name or, as in `Tag.1.Key` and `Tag`, one of its elements or members.
pub(super) fn belongs_to(parameter: &str, name: &str) -> bool {
    parameter.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
