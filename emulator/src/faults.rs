//! Faults that the emulator injects: first those of a script, then random ones.

mod error;
mod fault;
mod names;
mod plan;
mod rules;
mod text;

pub use error::FaultError;
pub use fault::{Echo, Fault};
pub use names::FaultsError;
pub(crate) use plan::Plan;
pub use rules::Faults;
pub(crate) use rules::METADATA;
