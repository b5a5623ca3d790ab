//! The program as people run it: output, exit status and files.

mod codegen;
mod package;
mod specs;
#[cfg(unix)]
mod watch;
