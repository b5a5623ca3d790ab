//! Tables of the classes of error codes, as the runtime reads them.

use std::str::FromStr as _;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::tokens::{self, ident};
use crate::{
    classes::letters,
    spec::{ClassRule, ErrorClasses},
};

/// Length of the lines of a list.
const WIDTH: usize = 100;

/// The module of the runtime.
pub(super) fn module(classes: &ErrorClasses) -> TokenStream {
    let head = tokens::module_doc("Classes of error codes, for all services.");
    let rules = rules(classes);
    quote! {
        #head

        use crate::error::class::{ClassRule, ErrorClass};

        /// The codes of each class.
        pub(crate) static ERROR_CLASSES: &[ClassRule] = &[#(#rules),*];
    }
}

/// The rules of a table. They use `ClassRule` and `ErrorClass`.
pub(super) fn rules(classes: &ErrorClasses) -> Vec<TokenStream> {
    let rule = |(class, rule): (&crate::spec::Class, &ClassRule)| {
        let class = match class.variant().map(|name| ident(&name)) {
            Some(name) => quote! { Some(ErrorClass::#name) },
            None => quote! { None },
        };
        let patterns = |patterns: &[String]| list(patterns.iter().map(|pattern| letters(pattern)));
        let (patterns, except) = (patterns(&rule.patterns), patterns(&rule.except));
        let codes = list(rule.codes.iter().cloned());
        quote! { ClassRule { class: #class, patterns: #patterns, except: #except, codes: #codes } }
    };
    classes.iter().map(rule).collect()
}

/// A list as one string literal over several lines. A slice of strings would take four times the space in a program.
fn list(entries: impl Iterator<Item = String>) -> Literal {
    let mut text = String::new();
    let mut length = 0;
    for entry in entries {
        if length > 0 {
            text.push(' ');
        }
        if length + entry.len() > WIDTH {
            text.push_str("\\\n            ");
            length = 0;
        }
        length += entry.len() + 1;
        text.push_str(&entry);
    }
    Literal::from_str(&format!("\"{text}\"")).expect("codes consist of letters, digits and punctuation without quotes")
}
