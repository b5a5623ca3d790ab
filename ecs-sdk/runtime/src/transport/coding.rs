//! Content codings of responses, such as gzip.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};

use super::contract::TransportError;

/// Maximum number of codings of a body. A proxy may compress a body that the server has compressed already.
const MAX_CODINGS: usize = 2;

/// Maximum number of gzip members of a body. Programs that compress in blocks write one for about 64 KiB. An empty member
/// has 20 bytes and costs as much as a large one, so a response of millions of them would block the thread for seconds.
#[cfg(feature = "gzip")]
const MAX_MEMBERS: usize = 4096;

/// Number of characters that errors show of the name of a coding. Registered names are shorter.
const MAX_SHOWN_CHARS: usize = 40;

/// Decodes the body of a response. Returns `None` if it is larger than `max_size` bytes.
///
/// If the coding is not supported, a response with an error status keeps its status, which decides whether the call is
/// retried, and its body is replaced by a message.
pub(super) fn decode(
    mut response: http::Response<Bytes>,
    max_size: usize,
) -> Result<Option<http::Response<Bytes>>, TransportError> {
    let codings = codings(response.headers());
    if codings.is_empty() || response.body().is_empty() {
        return Ok(Some(response));
    }
    if let Some(why) = unsupported(&codings) {
        if response.status().is_success() {
            return Err(TransportError::unusable(why));
        }
        *response.body_mut() = Bytes::from(why);
    } else {
        // The last coding was applied last.
        for _ in codings {
            match decompress(response.body(), max_size)? {
                Some(plain) => *response.body_mut() = Bytes::from(plain),
                None => return Ok(None),
            }
        }
    }
    response.headers_mut().remove(CONTENT_ENCODING);
    response.headers_mut().remove(CONTENT_LENGTH);
    Ok(Some(response))
}

/// The names of the codings in lower case, in the order in which they were applied.
fn codings(headers: &http::HeaderMap) -> Vec<String> {
    let mut names = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let list = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        let codings = list.split(',').map(str::trim);
        names.extend(codings.filter(|name| !matches!(*name, "" | "identity")).map(str::to_owned));
    }
    names
}

/// Why a body cannot be decoded.
fn unsupported(codings: &[String]) -> Option<String> {
    if let Some(other) = codings.iter().find(|name| !matches!(name.as_str(), "gzip" | "x-gzip")) {
        let name: String = other.chars().take(MAX_SHOWN_CHARS).collect();
        return Some(format!(
            "the response has the content coding `{name}`, which is not supported: a proxy or gateway must send it \
             uncompressed or as gzip"
        ));
    }
    if !cfg!(feature = "gzip") {
        return Some("the response is compressed with gzip, which needs the `gzip` feature of ecs-sdk".to_owned());
    }
    let too_many = codings.len() > MAX_CODINGS;
    too_many.then(|| format!("the response has {} content codings: expected at most {MAX_CODINGS}", codings.len()))
}

/// Decompresses a body in gzip format. Returns `None` if it is larger than `max_size` bytes.
#[cfg(feature = "gzip")]
fn decompress(body: &[u8], max_size: usize) -> Result<Option<Vec<u8>>, TransportError> {
    use std::io::Read;

    let (mut rest, mut plain) = (body, Vec::new());
    for _ in 0..MAX_MEMBERS {
        let mut member = flate2::bufread::GzDecoder::new(rest);
        // Reading one byte more than allowed shows whether there is more.
        let max_read = (max_size - plain.len()).saturating_add(1);
        let mut limited = (&mut member).take(u64::try_from(max_read).unwrap_or(u64::MAX));
        limited.read_to_end(&mut plain).map_err(TransportError::interrupted)?;
        if plain.len() > max_size {
            return Ok(None);
        }
        rest = member.into_inner();
        // Some servers pad a compressed body with zeros.
        if rest.iter().all(|&byte| byte == 0) {
            return Ok(Some(plain));
        }
    }
    Err(TransportError::unusable(format!("the response is compressed in more than {MAX_MEMBERS} parts")))
}

#[cfg(not(feature = "gzip"))]
fn decompress(_: &[u8], _: usize) -> Result<Option<Vec<u8>>, TransportError> {
    unreachable!("without the feature, gzip is unsupported")
}
