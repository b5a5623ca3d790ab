//! Tests of generated code.

mod golden;
mod operations;
