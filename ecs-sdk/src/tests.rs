//! What the generator writes, used.

mod golden;
mod operations;
