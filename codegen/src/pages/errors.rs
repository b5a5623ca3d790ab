//! Tables of error codes.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::document::Table;
use super::head::Column;
use super::lines::Lines;
use super::notes::Notes;
use crate::import::DocumentedError;

/// The error codes of the tables, by HTTP status.
pub(super) fn errors<'t>(
    tables: impl Iterator<Item = &'t Table>,
    lines: &mut Lines,
    notes: &mut Notes,
) -> IndexMap<String, Vec<DocumentedError>> {
    let mut known = BTreeSet::new();
    for table in tables {
        let mut repeated = 0;
        for row in &table.rows {
            let status = table.head.cell(&row.cells, Column::Status).trim();
            let stated = code(table.head.cell(&row.cells, Column::Code));
            // A blank behind a dot is a typo, as in names of members.
            let code = stated.split('.').map(str::trim).collect::<Vec<_>>().join(".");
            if code.is_empty() && status.is_empty() {
                continue;
            }
            if !is_code(&code) {
                notes.skipped(row.line, format!("`{}` is not an error code", shortened(&code)));
                continue;
            }
            let Some(mended) = http_status(status) else {
                notes.skipped(row.line, format!("error `{code}` has no HTTP status but `{}`", shortened(status)));
                continue;
            };
            if mended.to_string() != status {
                notes.decided(row.line, format!("error `{code}`: {mended} taken for the HTTP status `{status}`"));
            }
            if code != stated {
                notes.decided(row.line, format!("`{stated}` is read as the error code `{code}`"));
            }
            lines.add(format!("error {mended} {code}"), &notes.path, row.line);
            repeated += usize::from(!known.insert((mended, code)));
        }
        if repeated > 0 {
            notes.decided(table.line, format!("errors stated more than once in this table or before it: {repeated}"));
        }
    }
    let mut errors: IndexMap<String, Vec<DocumentedError>> = IndexMap::new();
    for (status, error_code) in known {
        errors.entry(status.to_string()).or_default().push(DocumentedError { error_code });
    }
    errors
}

fn code(cell: &str) -> String {
    cell.trim().trim_matches('`').trim_end_matches(['.', '。']).trim().to_owned()
}

/// Whether it is one word of letters, digits and separators.
fn is_code(code: &str) -> bool {
    code.starts_with(|c: char| c.is_ascii_alphabetic())
        && code.chars().all(|c| c.is_ascii_alphanumeric() || "._-:/%()".contains(c))
}

/// The HTTP status. Pages have typos such as 4003 for 400.
fn http_status(status: &str) -> Option<u16> {
    let digits: String = status.chars().skip_while(|c| !c.is_ascii_digit()).take(3).collect();
    digits.parse().ok().filter(|status| (200..600).contains(status))
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect::<String>().replace('\n', " ")
}
