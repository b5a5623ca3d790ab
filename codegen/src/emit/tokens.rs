//! Helpers shared by all emitters.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::model::{Kind, TypeName};

/// An identifier. `r#type` becomes a raw identifier.
pub(super) fn ident(name: &str) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Span::call_site()),
        None => Ident::new(name, Span::call_site()),
    }
}

/// Module of a family.
pub(super) fn module_name(family: &str) -> String {
    family.replace('-', "_")
}

/// Doc comment of a module.
pub(super) fn module_doc(text: &str) -> TokenStream {
    let lines = doc_lines(text);
    quote! { #(#![doc = #lines])* }
}

/// A doc comment with wrapped lines.
pub(super) fn doc(text: &str) -> TokenStream {
    let lines = doc_lines(text);
    quote! { #(#[doc = #lines])* }
}

fn doc_lines(text: &str) -> impl Iterator<Item = String> {
    let mut in_code = false;
    let lines = text.split('\n').flat_map(move |line| {
        let is_fence = line.starts_with("```");
        in_code ^= is_fence;
        if in_code || is_fence { vec![line.to_owned()] } else { wrap(line, 96) }
    });
    lines.map(|line| if line.is_empty() { line } else { format!(" {line}") })
}

/// Wraps a line at spaces. Links and list items are not wrapped.
fn wrap(line: &str, width: usize) -> Vec<String> {
    if line.starts_with("[Documentation") || line.starts_with("- ") || line.len() <= width {
        return vec![line.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let last = lines.last_mut().expect("there is always a line");
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > width && !starts_block(word) {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

/// Whether a line that starts with this word would not continue the paragraph: `1.` starts a list, even inside code.
fn starts_block(word: &str) -> bool {
    let number = word.trim_end_matches(['.', ')']);
    let is_number = number.len() < word.len() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number || word.is_empty() || word.starts_with(['>', '|', '<']) || word.chars().all(|c| "-+*#=_~".contains(c))
}

/// A `cfg` attribute for Cargo features, all of which are required.
pub(super) fn gate(features: &[String]) -> TokenStream {
    match features {
        [] => TokenStream::new(),
        [feature] => quote! { #[cfg(feature = #feature)] },
        features => quote! { #[cfg(all(#(feature = #features),*))] },
    }
}

/// The `deprecated` attribute, if there is a notice.
pub(super) fn deprecated(note: Option<&String>) -> TokenStream {
    note.map_or_else(TokenStream::new, |note| quote! { #[deprecated(note = #note)] })
}

/// Type of a single value.
pub(super) fn value_type(kind: &Kind) -> TokenStream {
    match kind {
        Kind::Text => quote! { String },
        Kind::Time => quote! { Timestamp },
        Kind::Bool => quote! { bool },
        Kind::I32 => quote! { i32 },
        Kind::I64 => quote! { i64 },
        Kind::F32 => quote! { f32 },
        Kind::F64 => quote! { f64 },
        Kind::Map => quote! { std::collections::BTreeMap<String, String> },
        Kind::Enum(TypeName { name, .. }) | Kind::Struct(TypeName { name, .. }) => {
            let name = ident(name);
            quote! { #name }
        }
    }
}

/// The import of `Timestamp`, if it is used.
pub(super) fn use_time<'a>(mut kinds: impl Iterator<Item = &'a Kind>) -> Option<TokenStream> {
    kinds.any(|kind| *kind == Kind::Time).then(|| quote! { use crate::Timestamp; })
}

/// Names of the shared types among these kinds.
pub(super) fn shared_types<'a>(kinds: impl Iterator<Item = &'a Kind>) -> Vec<Ident> {
    let mut names: Vec<&str> = kinds
        .filter_map(|kind| match kind {
            Kind::Enum(TypeName { name, shared: true }) | Kind::Struct(TypeName { name, shared: true }) => {
                Some(name.as_str())
            }
            _ => None,
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(ident).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_not_wrapped() {
        let code = format!("    .content(\"{}\")", "two words\\n ".repeat(20));
        let text = format!("Sends it.\n```no_run\n{code}\n```\n{}", "word ".repeat(30));
        let lines: Vec<String> = doc_lines(&text).collect();
        assert_eq!(lines[2], format!(" {code}"));
        assert!(lines[4..].iter().all(|line| line.len() < 100) && lines.len() > 5, "{lines:?}");
    }

    #[test]
    fn wrapped_lines_continue_the_paragraph() {
        let start = "x".repeat(92);
        for word in ["1.", "100.", "-", "+", "*", "##", ">", "2)", "===", "---", "<details>"] {
            assert_eq!(wrap(&format!("{start} at {word} next"), 96), [format!("{start} at {word}"), "next".to_owned()]);
        }
        for word in ["1.5", "-1", "`-`", "#1", "**Note**"] {
            assert_eq!(wrap(&format!("{start} at {word} next"), 96), [format!("{start} at"), format!("{word} next")]);
        }
    }
}
