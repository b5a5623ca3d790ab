//! Short strings that need no allocation: nonces and timestamps of requests.

use std::{fmt, ops::Deref};

/// A string of at most `N` bytes.
pub(crate) struct ShortText<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Default for ShortText<N> {
    fn default() -> Self {
        Self { bytes: [0; N], length: 0 }
    }
}

impl<const N: usize> fmt::Debug for ShortText<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<const N: usize> fmt::Write for ShortText<N> {
    /// Returns an error if there is too little space.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

impl<const N: usize> Deref for ShortText<N> {
    type Target = str;

    fn deref(&self) -> &str {
        // Only whole strings are written to it.
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn text_that_does_not_fit_is_an_error_and_is_not_added() {
        let mut text = ShortText::<4>::default();
        text.write_str("aü").unwrap();
        text.write_str("ü").unwrap_err();
        text.write_char('b').unwrap();
        assert_eq!(&*text, "aüb");
    }
}
