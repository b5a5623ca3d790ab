//! Output that may lose its reader, as in `cargo xtask … | head`: the task goes on to its end without it.

use std::{
    fmt::Arguments,
    io::{self, ErrorKind, Write},
};

/// Prints a line on standard output. Hides the macro of the standard library, which panics without a reader.
macro_rules! println {
    () => { $crate::output::print(format_args!("\n")) };
    ($($argument:tt)*) => { $crate::output::print(format_args!("{}\n", format_args!($($argument)*))) };
}

/// Prints a line on standard error. Hides the macro of the standard library, which panics without a reader.
macro_rules! eprintln {
    () => { $crate::output::report(format_args!("\n")) };
    ($($argument:tt)*) => { $crate::output::report(format_args!("{}\n", format_args!($($argument)*))) };
}

pub(crate) fn print(text: Arguments<'_>) {
    if let Err(error) = write(io::stdout().lock(), text) {
        // A result that is incomplete for another reason, such as a full disk, must not pass for a whole one.
        report(format_args!("cannot write to standard output: {error}\n"));
        std::process::exit(1);
    }
}

pub(crate) fn report(text: Arguments<'_>) {
    // There is no other place to report the error.
    let _ = write(io::stderr().lock(), text);
}

/// Writes a string, unless nobody reads it any more.
fn write(mut output: impl Write, text: Arguments<'_>) -> io::Result<()> {
    match output.write_fmt(text) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An output that fails.
    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_may_leave() {
        write(Failing(ErrorKind::BrokenPipe), format_args!("text")).unwrap();
        let error = write(Failing(ErrorKind::StorageFull), format_args!("text")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }
}
