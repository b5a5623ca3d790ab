//! The retry budget, which all calls of a client share.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::Error;

/// A limit on the retries of all calls of a client together: a bucket of tokens. Each retry spends tokens, each success
/// returns some. If too few tokens are left for a retry, the call fails immediately with an error that names the budget.
///
/// When a service is down, retries only add to its load. The budget allows retries of occasional failures, and stops
/// them soon after all calls begin to fail. Clients created from the same configuration share one bucket.
///
/// ```
/// use ecs_sdk::{Client, retry::RetryBudget};
///
/// let client = Client::builder().retry_budget(RetryBudget::new().max_tokens(100)).build()?;
/// # let _ = client;
/// # Ok::<(), ecs_sdk::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a budget does nothing until a builder takes it"]
pub struct RetryBudget {
    max_tokens: u32,
    retry_cost: u32,
    timeout_cost: u32,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new()
    }
}

impl RetryBudget {
    /// In tokens. At [`RETRY_COST`](Self::RETRY_COST) each, a hundred retries can fail in a row. The AWS SDKs use the
    /// same numbers, which are proven at the largest scale.
    const MAX_TOKENS: u32 = 500;
    /// In tokens. More than the single token that a success without retries returns, so most calls must succeed before
    /// retries are affordable again.
    const RETRY_COST: u32 = 5;
    /// In tokens. Twice the usual cost, because an attempt that times out has occupied a connection and a task until
    /// then.
    const TIMEOUT_COST: u32 = 10;

    /// Creates the default budget: 500 tokens, of which a retry costs 5, or 10 after a timeout.
    pub const fn new() -> Self {
        Self { max_tokens: Self::MAX_TOKENS, retry_cost: Self::RETRY_COST, timeout_cost: Self::TIMEOUT_COST }
    }

    /// Creates a budget in which retries cost nothing. Only the [policies](super::RetryPolicy) limit retries then.
    pub const fn unlimited() -> Self {
        Self::new().retry_cost(0).timeout_cost(0)
    }

    /// Sets the size of the bucket, which starts full; the default is 500 tokens. With 0, only
    /// retries that cost nothing are possible.
    pub const fn max_tokens(mut self, tokens: u32) -> Self {
        self.max_tokens = tokens;
        self
    }

    /// Sets the cost of a retry, in tokens; the default is 5. If the call then succeeds, the cost is returned. A call
    /// that succeeds at its first attempt returns 1 token.
    pub const fn retry_cost(mut self, tokens: u32) -> Self {
        self.retry_cost = tokens;
        self
    }

    /// Sets the cost, in tokens, of a retry after a timeout; the default is 10.
    pub const fn timeout_cost(mut self, tokens: u32) -> Self {
        self.timeout_cost = tokens;
        self
    }
}

/// The tokens left of a [`RetryBudget`].
#[derive(Debug)]
pub(crate) struct TokenBucket {
    budget: RetryBudget,
    tokens: AtomicU32,
}

impl TokenBucket {
    /// Tokens that a call returns if it succeeds without retries.
    const SUCCESS_REFUND: u32 = 1;

    pub(crate) fn new(budget: RetryBudget) -> Self {
        Self { budget, tokens: AtomicU32::new(budget.max_tokens) }
    }

    /// Spends the cost of a retry after `error` and returns it, or `None` if too few tokens are left.
    pub(crate) fn spend(&self, error: &Error) -> Option<u32> {
        let cost = if error.is_timeout() { self.budget.timeout_cost } else { self.budget.retry_cost };
        let spend = |tokens: u32| tokens.checked_sub(cost);
        self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).ok().map(|_| cost)
    }

    /// Returns the cost of a successful call's retries to the bucket, or 1 token if there were none.
    pub(crate) fn refund(&self, cost: u32) {
        let max = self.budget.max_tokens;
        // A full bucket is only read, so that the calls of all threads do not write to the same place.
        let refund =
            |tokens: u32| (tokens < max).then(|| tokens.saturating_add(cost.max(Self::SUCCESS_REFUND)).min(max));
        let _ = self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, refund);
    }
}

impl Default for TokenBucket {
    fn default() -> Self {
        Self::new(RetryBudget::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn each_retry_spends_its_cost_and_successes_return_it() {
        let bucket = TokenBucket::new(RetryBudget::new().max_tokens(12).retry_cost(3).timeout_cost(7));
        let (broken, slow) = (Error::new(ErrorKind::Transport, "x"), Error::new(ErrorKind::Timeout, "x"));
        assert_eq!([bucket.spend(&slow), bucket.spend(&slow)], [Some(7), None]);
        assert_eq!([bucket.spend(&broken), bucket.spend(&broken)], [Some(3), None]);
        bucket.refund(0);
        assert_eq!([bucket.spend(&broken), bucket.spend(&broken)], [Some(3), None]);
        bucket.refund(u32::MAX);
        assert_eq!((0..5).filter_map(|_| bucket.spend(&broken)).sum::<u32>(), 12);
    }

    #[test]
    fn an_unlimited_budget_never_runs_out() {
        let bucket = TokenBucket::new(RetryBudget::unlimited().max_tokens(0));
        assert_eq!(bucket.spend(&Error::new(ErrorKind::Timeout, "x")), Some(0));
    }
}
