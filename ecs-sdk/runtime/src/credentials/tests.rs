//! Tests of all credentials providers.

mod calls;
mod cases;
mod fakes;
mod lifetimes;
mod process;
mod provider;
mod refresh;
mod robustness;
mod server;
mod sharing;
