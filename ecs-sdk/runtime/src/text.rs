//! Searches in text. std's own are generic, so the compiler would add one to each part of the library that searches.

/// Returns the position of the first `part`.
pub(crate) fn find(text: &str, part: &str) -> Option<usize> {
    text.find(part)
}

pub(crate) fn contains(text: &str, part: &str) -> bool {
    find(text, part).is_some()
}

/// Returns the text before the first `part`, and the text after it.
pub(crate) fn split<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let start = find(text, part)?;
    Some((&text[..start], &text[start + part.len()..]))
}

/// Returns the text before the last `part`, and the text after it.
pub(crate) fn split_last<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    text.rsplit_once(part)
}

/// Replaces every `part`.
pub(crate) fn replace(mut text: &str, part: &str, with: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    while let Some((before, after)) = split(text, part) {
        replaced.push_str(before);
        replaced.push_str(with);
        text = after;
    }
    replaced + text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_searched_like_with_std() {
        for text in ["", "a", "ab", "abab", "xabyabz", "aab", "äabö"] {
            assert_eq!(contains(text, "ab"), text.contains("ab"));
            assert_eq!(split(text, "ab"), text.split_once("ab"));
            assert_eq!(split_last(text, "ab"), text.rsplit_once("ab"));
            assert_eq!(replace(text, "ab", "abab"), text.replace("ab", "abab"));
        }
    }
}
