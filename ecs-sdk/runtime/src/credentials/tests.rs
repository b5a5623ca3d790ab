//! Tests of all credentials providers.

mod calls;
mod cases;
mod fakes;
mod process;
mod provider;
mod refresh;
mod robustness;
