//! Decompression of gzip responses.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

/// Decompresses a body. Returns `None` if it is larger than `max_size` bytes.
pub(super) fn decompress(body: &[u8], max_size: usize) -> io::Result<Option<Vec<u8>>> {
    let mut plain = Vec::new();
    // Reading one byte more than allowed shows whether there is more.
    let max_read = u64::try_from(max_size).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(body).take(max_read).read_to_end(&mut plain)?;
    Ok((plain.len() <= max_size).then_some(plain))
}
