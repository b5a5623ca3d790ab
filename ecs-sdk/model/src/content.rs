//! Content of user data, commands and files, which the API transfers in Base64.

use std::{any::Any, borrow::Cow, fmt};

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_STANDARD,
};

use crate::model::{CopyFrom, Empty, Member, Slot, Value, is_base64};

/// Accepts Base64 without padding, and padding bits that are not zero.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Decoded content of a response: user data, the output of a command, a screenshot.
///
/// Content is bytes. If it is text, `to_string()` and [`text`](Self::text) return it, and it compares with strings. `Debug`
/// shows only its size, because content may be secret.
///
/// ```no_run
/// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<(), Box<dyn std::error::Error>> {
/// let id = "i-bp67acfmxazb4p****";
/// let console = client.get_instance_console_output().instance_id(id).send().await?;
/// println!("{}", console.console_output_decoded()?);
///
/// let screen = client.get_instance_screenshot().instance_id(id).send().await?;
/// std::fs::write("screen.jpg", screen.screenshot_decoded()?)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Content(Vec<u8>);

impl Content {
    /// Returns the bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the bytes without copying them.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Returns the content as text. Bytes that are not UTF-8 are replaced with U+FFFD.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl fmt::Display for Content {
    /// Writes the content as [`text`](Content::text).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text())
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes)", self.0.len())
    }
}

impl AsRef<[u8]> for Content {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Content> for Vec<u8> {
    fn from(content: Content) -> Self {
        content.0
    }
}

impl PartialEq<str> for Content {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Content {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<[u8]> for Content {
    fn eq(&self, other: &[u8]) -> bool {
        self.0 == other
    }
}

/// Encodes content in Base64, as setters do. Use it in tests, to build responses and to compare requests.
///
/// ```
/// use ecs_sdk::{
///     Model as _, content,
///     operation::describe_user_data::DescribeUserDataResponse,
/// };
///
/// let response = DescribeUserDataResponse::build(|response| {
///     response.user_data = content::encode("#!/bin/sh\n")
/// });
/// assert_eq!(response.user_data_decoded()?, "#!/bin/sh\n");
/// # Ok::<(), ecs_sdk::Error>(())
/// ```
#[inline]
pub fn encode(content: impl AsRef<[u8]>) -> String {
    BASE64_STANDARD.encode(content.as_ref())
}

/// The encoding of content in a response.
///
/// As a member of a struct, it is the encoding that the request asked for. It follows the members that the table names, like
/// the metadata of a response.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Base64, which the service uses if the request does not ask for an encoding.
    #[default]
    Base64,
    /// Plain text.
    PlainText,
}

impl Encoding {
    /// Returns the encoding that a response states. Content whose encoding is absent is plain text.
    pub fn of(stated: Option<&impl AsRef<str>>) -> Self {
        if stated.is_some_and(|stated| is_base64(stated.as_ref(), false)) { Self::Base64 } else { Self::PlainText }
    }

    /// Returns the encoding that a request asked for.
    pub fn requested(parameter: Option<&str>) -> Self {
        if parameter.is_none_or(|name| is_base64(name, true)) { Self::Base64 } else { Self::PlainText }
    }

    /// Decodes the value of a field.
    ///
    /// # Errors
    ///
    /// Returns an error if the value is not valid Base64.
    pub fn decode(self, field: &'static str, value: &str) -> Result<Content, InvalidContent> {
        if self == Self::PlainText {
            return Ok(Content(value.as_bytes().to_vec()));
        }
        // Encoders that write mails break lines.
        let text: Vec<u8> = value.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        // The error of the decoder contains a character of the value, which may be secret.
        LENIENT.decode(text).map(Content).map_err(|_| InvalidContent { field })
    }
}

/// The error of a field whose content is not valid Base64. The field itself contains what was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidContent {
    field: &'static str,
}

impl fmt::Display for InvalidContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be decoded: it is not valid Base64; the field contains what was received", self.field)
    }
}

impl std::error::Error for InvalidContent {}

impl Member for Encoding {
    fn stored(&self) -> Value<'_> {
        Value::Meta(self)
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Meta(self)
    }
}

impl Empty for Encoding {
    const EMPTY: Self = Self::Base64;
}

impl CopyFrom for Encoding {
    fn copy_from(&mut self, from: &dyn Any) {
        if let Some(from) = from.downcast_ref() {
            *self = *from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_other_encoders_is_decoded() {
        for text in ["aGk=", "aGk", "aG\r\nk=\n", " aGk= "] {
            assert_eq!(Encoding::Base64.decode("Output", text).unwrap(), "hi", "{text:?}");
        }
        assert_eq!(Encoding::Base64.decode("Output", "").unwrap().as_bytes(), b"");
        let error = Encoding::Base64.decode("Output", "s3cret, in plain text").unwrap_err();
        assert!(
            error.to_string().contains("`Output`") && !format!("{error:?} {error}").contains("s3cret"),
            "{error:?}"
        );
        assert_eq!(Encoding::Base64.decode("Output", &encode([0xff, 0xd8])).unwrap(), [0xff, 0xd8][..]);
    }

    #[test]
    fn plain_text_is_not_decoded() {
        assert_eq!(Encoding::PlainText.decode("Output", "done").unwrap(), "done");
        assert_eq!(Encoding::requested(Some("plaintext")), Encoding::PlainText);
        for name in [None, Some("Base64"), Some("base64"), Some("gzip"), Some("")] {
            assert_eq!(Encoding::requested(name), Encoding::Base64);
        }
        for (name, encoding) in
            [(None, Encoding::PlainText), (Some("BASE64"), Encoding::Base64), (Some("PlainText"), Encoding::PlainText)]
        {
            assert_eq!(Encoding::of(name.as_ref()), encoding);
        }
    }

    #[test]
    fn content_is_printed_as_text_but_not_by_debug() {
        let content = Encoding::Base64.decode("Output", &encode("a\u{e9}")).unwrap();
        assert_eq!(
            (content.to_string(), format!("{content:?}")),
            ("a\u{e9}".to_owned(), "Content(3 bytes)".to_owned())
        );
        assert_eq!(Content(vec![b'a', 0xc3]).text(), "a\u{fffd}");
        assert_eq!(Vec::from(content), "a\u{e9}".as_bytes());
    }
}
