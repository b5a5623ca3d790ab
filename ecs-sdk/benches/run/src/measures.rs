//! The measures: groups of rivals that do the same work.

mod calls;
mod parts;

use anyhow::{Context as _, Result};
use tokio::runtime::Runtime;

/// Everything that the rivals need.
pub struct Setup {
    /// A runtime with one thread, the current one.
    pub runtime: Runtime,
    /// URL of the [server](crate::server).
    pub url: String,
}

impl Setup {
    /// Creates a runtime.
    pub fn new(url: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime, url: url.to_owned() })
    }
}

/// The work of a rival.
pub struct Work<'s> {
    /// Prepares the work for `n` times, which is not measured.
    pub before: Box<dyn FnMut(usize) + 's>,
    /// Does the work `n` times. The second argument receives the duration of each call, where it is of interest.
    pub run: Run<'s>,
}

/// Does the measured work.
pub type Run<'s> = Box<dyn FnMut(usize, &mut Vec<std::time::Duration>) -> Result<()> + 's>;

impl<'s> Work<'s> {
    /// Creates work that needs no preparation.
    fn new(run: Run<'s>) -> Self {
        Self { before: Box::new(|_| ()), run }
    }

    /// Prepares the work and does it, without measuring.
    pub fn once(&mut self, times: usize) -> Result<()> {
        (self.before)(times);
        (self.run)(times, &mut Vec::new())
    }
}

/// One way to do the work of a measure.
#[derive(Debug)]
pub struct Rival {
    /// The name: `sdk`, or that of a peer.
    pub name: &'static str,
    /// Prepares the work.
    pub prepare: for<'s> fn(&'s Setup) -> Result<Work<'s>>,
}

/// A measure.
#[derive(Debug)]
pub struct Measure {
    /// The name, as in `small` or `decode`.
    pub name: &'static str,
    /// The description in the table.
    pub title: &'static str,
    /// How often the work is done in a round of about 20 ms, and under the instruction counter.
    pub times: usize,
    /// The rivals. The first is the SDK; the second is the one to which it is compared.
    pub rivals: &'static [Rival],
}

/// Measures of whole calls.
pub const CALLS: &[Measure] = calls::MEASURES;
/// Measures of parts of calls.
pub const PARTS: &[Measure] = parts::MEASURES;

/// Finds a measure.
pub fn find(name: &str) -> Result<&'static Measure> {
    let found = CALLS.iter().chain(PARTS).find(|measure| measure.name == name);
    found.with_context(|| format!("there is no measure `{name}`"))
}
