//! The built-in catalog, from the files in `data/builtin`.

use super::{CatalogError, file::CatalogFile, read};

/// The files, each a catalog file with some of the sections.
const FILES: [&str; 4] = [
    include_str!("../../data/builtin/regions.json"),
    include_str!("../../data/builtin/disks-and-prices.json"),
    include_str!("../../data/builtin/instance-types.json"),
    include_str!("../../data/builtin/images.json"),
];

/// Returns the built-in catalog as one file.
pub(super) fn file() -> Result<CatalogFile, CatalogError> {
    let mut all = CatalogFile::default();
    for json in FILES {
        all.extend(read::parse(json)?);
    }
    Ok(all)
}
