//! Whether the outermost object of a document without escapes is closed. Blocks of 64 bytes are examined at once.

/// Bytes that are examined at once, one for each bit of a `u64`.
const BLOCK: usize = 64;
/// The bits in which `{` and `}` differ.
const DIFFERENCE: u8 = b'{' ^ b'}';

/// Whether the outermost object is closed. Without escapes, a brace is part of a string if the number of quotes before it is
/// odd.
pub(super) fn is_closed_without_escapes(json: &[u8]) -> bool {
    let (blocks, rest) = json.as_chunks::<BLOCK>();
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    // One bit for each byte: the number of quotes up to it is odd. All are set if the block begins in a string.
    let (mut depth, mut before) = (0_usize, 0);
    for block in blocks.iter().chain([&last]) {
        let in_string = before ^ parity(positions(block, 0, b'"'));
        before = 0_u64.wrapping_sub(in_string >> 63);
        // Characters that differ from braces in these bits only, such as `y`, are among them.
        let mut braces = positions(block, DIFFERENCE, b'{' | DIFFERENCE) & !in_string;
        while braces != 0 {
            if closes(block[braces.trailing_zeros() as usize], &mut depth) {
                return true;
            }
            braces &= braces - 1;
        }
    }
    false
}

/// Counts the objects around a byte outside of strings. Returns whether the byte closes the outermost one.
#[inline]
pub(super) fn closes(byte: u8, depth: &mut usize) -> bool {
    match byte {
        b'{' => *depth += 1,
        b'}' => {
            *depth = depth.saturating_sub(1);
            return *depth == 0;
        }
        _ => {}
    }
    false
}

/// Sets each bit for which the number of bits up to it, including itself, is odd.
fn parity(bits: u64) -> u64 {
    [1, 2, 4, 8, 16, 32].into_iter().fold(bits, |bits, shift| bits ^ (bits << shift))
}

/// Sets the bit of each byte that equals `byte` once the bits of `mask` are set in it.
fn positions(block: &[u8; BLOCK], mask: u8, byte: u8) -> u64 {
    // Moves the lowest bits of all bytes to the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    // The compiler compares many bytes at once.
    let equal = block.map(|found| u8::from(found | mask == byte));
    let (parts, _) = equal.as_chunks();
    parts.iter().rev().fold(0, |bits, part| bits << 8 | u64::from_le_bytes(*part).wrapping_mul(GATHER) >> 56)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn positions_are_those_of_the_byte(start: [u8; 32], end in "[{}\"y\u{7f}a]{32}", mask in 0..8_u8, byte: u8) {
            let bytes = [&start[..], end.as_bytes()].concat();
            let block = bytes.first_chunk().unwrap();
            for (mask, byte) in [(mask, byte), (0, b'"'), (DIFFERENCE, b'}' | DIFFERENCE)] {
                let expected = (0..BLOCK).filter(|at| block[*at] | mask == byte).fold(0, |bits, at| bits | 1 << at);
                proptest::prop_assert_eq!(positions(block, mask, byte), expected);
            }
        }

        #[test]
        fn parity_counts_bits(bits: u64) {
            for at in 0..64 {
                proptest::prop_assert_eq!(parity(bits) >> at & 1, u64::from((bits << (63 - at)).count_ones() & 1));
            }
        }
    }
}
