//! Tests of all sources.

mod calls;
mod cases;
mod process;
mod renewal;
mod robustness;
mod source;
mod world;
