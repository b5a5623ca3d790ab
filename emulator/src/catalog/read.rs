//! Reads catalog files.

use std::fmt;

use super::file::CatalogFile;

/// A mistake in a catalog file: where it is, and how to repair it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogError(pub(super) String);

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid catalog: {}", self.0)
    }
}

impl std::error::Error for CatalogError {}

/// Parses a catalog file.
///
/// # Errors
///
/// Returns an error with line, column and path if the text is not JSON or has members that the format does not have.
pub(super) fn parse(json: &str) -> Result<CatalogFile, CatalogError> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let file: CatalogFile = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." { String::new() } else { format!("{path}: ") };
        CatalogError(format!("{place}{}; `catalog.schema.json` describes the format", error.into_inner()))
    })?;
    deserializer.end().map_err(|error| CatalogError(format!("{error}; a catalog is one JSON object")))?;
    Ok(file)
}
