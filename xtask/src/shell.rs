//! Commands in messages, as people paste them into a shell.

use std::path::Path;

/// A path as one word of a shell: in quotes if a shell would split or expand it.
pub(crate) fn word(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/\\.:_-+@%,=".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) && (cfg!(windows) || !text.contains('\\')) {
        return text;
    }
    if cfg!(windows) { format!("\"{text}\"") } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(not(windows))]
    fn paths_are_one_word() {
        for (path, expected) in [
            ("/tmp/rds-client@1/Cargo.toml", "/tmp/rds-client@1/Cargo.toml"),
            ("/tmp/my clients/rds", "'/tmp/my clients/rds'"),
            ("a$b", "'a$b'"),
            ("it's", r"'it'\''s'"),
            (r"a\b", r"'a\b'"),
            ("", "''"),
        ] {
            assert_eq!(word(Path::new(path)), expected);
        }
    }
}
