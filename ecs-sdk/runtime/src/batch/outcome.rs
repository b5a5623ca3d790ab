//! The results of batches.

use crate::error::{Error, Result};

/// One batch of a request that was split: its IDs and its result.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Batch<T> {
    /// The IDs of the batch, in the order in which they were given.
    pub ids: Vec<String>,
    /// The result of the call with these IDs: the response, or the items of all pages if the operation has pages.
    pub result: Result<T>,
}

/// The results of all batches of a request, in order, returned by [`Batches::send`](super::Batches::send).
///
/// ```no_run
/// # async fn example(client: ecs_sdk::Client, ids: Vec<String>) -> ecs_sdk::Result<()> {
/// let outcome = client.describe_disks().disk_ids(ids).in_batches().send().await;
/// println!("{} disks", outcome.results().map(Vec::len).sum::<usize>());
/// for (ids, error) in outcome.errors() {
///     eprintln!("{ids:?}: {error}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "some batches may have failed"]
pub struct BatchOutcome<T> {
    batches: Vec<Batch<T>>,
    /// Whether the calls changed nothing.
    read: bool,
}

impl<T> BatchOutcome<T> {
    pub(super) fn new(batches: Vec<Batch<T>>, read: bool) -> Self {
        Self { batches, read }
    }

    /// Returns all batches, in order.
    pub fn batches(&self) -> &[Batch<T>] {
        &self.batches
    }

    /// Returns the results of the batches that succeeded, in order.
    pub fn results(&self) -> impl Iterator<Item = &T> {
        self.batches.iter().filter_map(|batch| batch.result.as_ref().ok())
    }

    /// Returns the errors of the batches that failed, each with the IDs of its batch, in order.
    pub fn errors(&self) -> impl Iterator<Item = (&[String], &Error)> {
        self.batches.iter().filter_map(|batch| Some((&batch.ids[..], batch.result.as_ref().err()?)))
    }

    /// Returns the IDs of the batches that failed, in order, for another attempt.
    pub fn failed_ids(&self) -> impl Iterator<Item = &str> {
        self.errors().flat_map(|(ids, _)| ids).map(String::as_str)
    }

    /// Returns whether all batches succeeded.
    pub fn is_ok(&self) -> bool {
        self.batches.iter().all(|batch| batch.result.is_ok())
    }

    /// Returns the results of all batches, in order.
    ///
    /// # Errors
    ///
    /// Returns the first error if a batch failed; its message also states how many failed. It
    /// [may have been executed](Error::is_maybe_executed) if any batch may have been. If all of them were dry runs that
    /// passed, returns the error that [reports that](Error::is_dry_run_passed).
    pub fn into_result(self) -> Result<Vec<T>> {
        let Some((_, any)) = self.errors().next() else {
            return Ok(self.batches.into_iter().filter_map(|batch| batch.result.ok()).collect());
        };
        // A dry run that passes is an error too, but not a failure.
        let failures = || self.errors().filter(|(_, error)| !error.is_dry_run_passed());
        let (count, failed) = (self.batches.len(), failures().count());
        let Some((ids, error)) = failures().next() else { return Err(any.clone()) };
        if count == 1 {
            return Err(error.clone());
        }
        let executed = !self.read
            && self.batches.iter().any(|batch| match &batch.result {
                Ok(_) => true,
                Err(error) => error.is_maybe_executed(),
            });
        let first = ids.first().map(String::as_str).unwrap_or_default();
        let note =
            format!("{failed} of {count} batches failed, first the one with {} IDs from `{first}` on", ids.len());
        Err(error.clone().with_note(&note).with_maybe_executed(executed || error.is_maybe_executed()))
    }
}

impl<T> BatchOutcome<Vec<T>> {
    /// Returns the items of all batches, in order, for operations with pages.
    ///
    /// # Errors
    ///
    /// Returns an error as [`into_result`](Self::into_result) does.
    pub fn into_items(self) -> Result<Vec<T>> {
        self.into_result().map(|batches| batches.into_iter().flatten().collect())
    }
}

impl<T> IntoIterator for BatchOutcome<T> {
    type Item = Batch<T>;
    type IntoIter = std::vec::IntoIter<Batch<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.batches.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a BatchOutcome<T> {
    type Item = &'a Batch<T>;
    type IntoIter = std::slice::Iter<'a, Batch<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.batches.iter()
    }
}
