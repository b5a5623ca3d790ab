//! The results of waits: the resources, or what is known about them.

use std::{any::Any, error::Error as StdError, fmt, ops::Deref, sync::Arc, time::Duration};

use super::progress::{Progress, ResourceStatus};
use crate::{error::Error, model::Model};

/// A resource of any type.
pub(super) trait Resource: Model + Any {}

impl<T: Model + Any> Resource for T {}

/// The resources that a waiter waited for, as last seen.
///
/// It dereferences to a slice and can be iterated over. The resources are in the order of the IDs. Those that were never
/// seen, which is usual for waiters for deletion, are missing.
///
/// ```no_run
/// use std::time::Duration;
///
/// # async fn example(client: ecs_sdk::Client, ids: Vec<String>) -> ecs_sdk::Result<()> {
/// let instances = client
///     .wait_until_instance_running()
///     .instance_ids(ids)
///     .wait(Duration::from_secs(300))
///     .await?;
/// for instance in &instances {
///     println!("{}: {:?}", instance.instance_id, instance.public_ip_address);
/// }
/// println!("ready after {:?} and {} polls", instances.elapsed(), instances.polls());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Waited<T> {
    items: Vec<T>,
    progress: Progress,
}

impl<T> Waited<T> {
    pub(super) fn new(items: Vec<T>, progress: Progress) -> Self {
        Self { items, progress }
    }

    /// Returns the resources.
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// Returns the resources by value.
    pub fn into_items(self) -> Vec<T> {
        self.items
    }

    /// Returns the IDs that no poll found. A waiter for deletion counts them as deleted: they may have been deleted before
    /// the first poll, or never existed.
    pub fn never_seen(&self) -> impl Iterator<Item = &str> {
        self.resources().iter().filter(|resource| !resource.was_seen()).map(ResourceStatus::id)
    }

    /// Returns the last status of each resource, in the order of the IDs.
    pub fn resources(&self) -> &[ResourceStatus] {
        self.progress.resources()
    }

    /// Returns the number of polls. A poll of many resources takes several requests.
    pub fn polls(&self) -> u32 {
        self.progress.polls()
    }

    /// Returns the duration of the wait.
    pub fn elapsed(&self) -> Duration {
        self.progress.elapsed()
    }
}

impl<T> Deref for Waited<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> IntoIterator for Waited<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Waited<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

/// The cause of an error of a waiter: what it has seen until it failed, its timeout elapsed, or a poll failed.
///
/// With it, a program can go on with the resources that are ready:
///
/// ```no_run
/// use std::time::Duration;
/// use ecs_sdk::{operation::describe_instances::Instance, waiter::WaitFailure};
///
/// # async fn example(client: ecs_sdk::Client, ids: Vec<String>) -> ecs_sdk::Result<()> {
/// match client
///     .wait_until_instance_running()
///     .instance_ids(ids)
///     .wait(Duration::from_secs(300))
///     .await
/// {
///     Ok(instances) => println!("{} instances are running", instances.len()),
///     Err(error) => {
///         let Some(failure) = WaitFailure::of(&error) else { return Err(error) };
///         for (status, instance) in failure.items::<Instance>() {
///             if status.is_done() {
///                 println!("{} runs in {}", instance.instance_id, instance.zone_id);
///             }
///         }
///         for status in failure.resources().iter().filter(|status| !status.is_done()) {
///             eprintln!("not running: {status}");
///         }
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct WaitFailure {
    message: String,
    progress: Progress,
    items: Arc<Vec<Vec<Box<dyn Resource>>>>,
    /// Whether it was added as a cause to the error of the last poll, instead of to a new error.
    is_of_poll: bool,
}

impl WaitFailure {
    /// `items` contains the last seen items of each resource.
    pub(super) fn new(message: String, progress: Progress, items: Vec<Vec<Box<dyn Resource>>>) -> Self {
        Self { message, progress, items: Arc::new(items), is_of_poll: false }
    }

    /// Makes this the cause of the error of the last poll.
    pub(super) fn of_poll(self) -> Self {
        Self { is_of_poll: true, ..self }
    }

    /// Returns what a waiter has seen if the error ended its wait: a timeout, a failure, or the error of a poll.
    pub fn of(error: &Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    /// Returns the last status of each resource, in the order of the IDs.
    pub fn resources(&self) -> &[ResourceStatus] {
        self.progress.resources()
    }

    /// Returns the last seen resources with their status, in the order of the IDs. `T` is the type that the waiter
    /// returns; there are none of another type.
    pub fn items<T: 'static>(&self) -> impl Iterator<Item = (&ResourceStatus, &T)> {
        self.resources().iter().zip(&*self.items).flat_map(|(status, items)| {
            let items = items.iter().map(|item| -> &dyn Any { &**item });
            items.filter_map(move |item| item.downcast_ref().map(|item| (status, item)))
        })
    }

    /// Returns the number of polls. A poll of many resources takes several requests.
    pub fn polls(&self) -> u32 {
        self.progress.polls()
    }

    /// Returns the duration of the wait.
    pub fn elapsed(&self) -> Duration {
        self.progress.elapsed()
    }
}

impl fmt::Display for WaitFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for WaitFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitFailure").field("message", &self.message).field("progress", &self.progress).finish()
    }
}

impl StdError for WaitFailure {
    /// Returns the error of the last poll if it failed. If that error ended the wait, it is already in the chain of causes, so
    /// this returns the cause that it had before.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let error = self.progress.error()?;
        if self.is_of_poll { error.source() } else { Some(error) }
    }
}
