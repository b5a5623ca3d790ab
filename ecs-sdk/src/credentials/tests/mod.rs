//! Tests of all sources.

mod calls;
mod cases;
mod process;
mod renewal;
mod source;
mod world;
