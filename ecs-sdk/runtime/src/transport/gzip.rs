//! Answers compressed with gzip.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

/// Unpacks a body; `None` when it is larger than the limit.
pub(super) fn unpack(body: &[u8], limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut plain = Vec::new();
    // One byte more than is allowed shows that there is more.
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(body).take(most).read_to_end(&mut plain)?;
    Ok((plain.len() <= limit).then_some(plain))
}
