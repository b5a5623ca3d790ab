//! Formats tokens as a person would write them, with full names of types.

use std::collections::HashMap;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    FnArg, Generics, Pat, Path, ReceiverKind, ReturnType, Safety, Signature, WhereClause,
    visit_mut::{self, VisitMut},
};

use super::source::{ItemId, ModuleId, Source, Target};
use crate::items::item_name;

/// Formats the types of a module.
pub(super) struct Writer<'a> {
    pub(super) source: &'a Source,
    /// The public names of items.
    pub(super) public: &'a HashMap<ItemId, String>,
    pub(super) module: ModuleId,
}

impl Writer<'_> {
    /// Returns the items that a path refers to.
    pub(super) fn target(&self, path: &Path) -> Vec<Target> {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.source.resolve(self.module, &segments)
    }

    /// Returns the full name of an item: the public one, or the one in its crate.
    pub(super) fn name(&self, item: ItemId) -> String {
        self.public.get(&item).cloned().unwrap_or_else(|| {
            let mut parts = vec![item_name(&self.source.modules[item.0].items[item.1].item).unwrap_or_default().0];
            let mut module = Some(item.0);
            while let Some(at) = module {
                parts.push(self.source.modules[at].name.clone());
                module = self.source.modules[at].parent;
            }
            parts.reverse();
            parts.join("::")
        })
    }

    pub(super) fn ty(&mut self, ty: &syn::Type) -> String {
        let mut ty = ty.clone();
        self.visit_type_mut(&mut ty);
        text(ty.to_token_stream())
    }

    pub(super) fn path(&mut self, path: &Path) -> String {
        let mut path = path.clone();
        self.visit_path_mut(&mut path);
        text(path.to_token_stream())
    }

    /// Returns `<T: Bound>`, or an empty string.
    pub(super) fn generics(&mut self, generics: &Generics) -> String {
        let mut generics = generics.clone();
        self.visit_generics_mut(&mut generics);
        text(generics.to_token_stream())
    }

    pub(super) fn where_clause(&mut self, clause: Option<&WhereClause>) -> String {
        let Some(clause) = clause else { return String::new() };
        let mut clause = clause.clone();
        self.visit_where_clause_mut(&mut clause);
        format!(" {}", text(clause.to_token_stream()).trim_end_matches(','))
    }

    /// Returns `: Bound + Bound`, or an empty string.
    pub(super) fn bounds<'b>(&mut self, bounds: impl IntoIterator<Item = &'b syn::TypeParamBound>) -> String {
        let mut texts = Vec::new();
        for bound in bounds {
            let mut bound = bound.clone();
            self.visit_type_param_bound_mut(&mut bound);
            texts.push(text(bound.to_token_stream()));
        }
        if texts.is_empty() { String::new() } else { format!(": {}", texts.join(" + ")) }
    }

    /// Returns a function with its full name. Its bounds include those of its `impl` block.
    pub(super) fn function(&mut self, name: &str, signature: &Signature, outer: Option<&Generics>) -> String {
        let mut modifiers = String::new();
        for (there, word) in [
            (signature.constness.is_some(), "const "),
            (signature.asyncness.is_some(), "async "),
            (matches!(signature.safety, Safety::Unsafe(_)), "unsafe "),
        ] {
            modifiers.push_str(if there { word } else { "" });
        }
        let mut arguments = Vec::new();
        for argument in &signature.inputs {
            arguments.push(match argument {
                // Callers are not concerned with `mut self`.
                FnArg::Receiver(receiver) if matches!(receiver.kind, ReceiverKind::Value) => "self".to_owned(),
                FnArg::Receiver(receiver) => {
                    let mut receiver = receiver.clone();
                    self.visit_receiver_mut(&mut receiver);
                    text(receiver.to_token_stream())
                }
                FnArg::Typed(typed) => {
                    let name = match &*typed.pat {
                        Pat::Ident(pattern) => pattern.ident.to_string(),
                        _ => "_".to_owned(),
                    };
                    format!("{name}: {}", self.ty(&typed.ty))
                }
            });
        }
        let output = match &signature.output {
            ReturnType::Default => String::new(),
            ReturnType::Type(_, ty) => format!(" -> {}", self.ty(ty)),
        };
        let mut clause = self.where_clause(signature.generics.where_clause.as_ref());
        if let Some(outer) = outer {
            let mut bounds: Vec<String> = Vec::new();
            for parameter in outer.type_params().filter(|parameter| !parameter.bounds.is_empty()) {
                bounds.push(format!("{}{}", parameter.ident, self.bounds(&parameter.bounds)));
            }
            let own = self.where_clause(outer.where_clause.as_ref());
            bounds.extend(own.strip_prefix(" where ").map(str::to_owned));
            if !bounds.is_empty() {
                let rest = clause.strip_prefix(" where ").map_or_else(String::new, |rest| format!(", {rest}"));
                clause = format!(" where {}{rest}", bounds.join(", "));
            }
        }
        let generics = self.generics(&signature.generics);
        format!("{modifiers}fn {name}{generics}({}){output}{clause}", arguments.join(", "))
    }
}

impl VisitMut for Writer<'_> {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        if path.is_ident("Self") || path.segments.first().is_some_and(|first| first.ident == "Self") {
            return;
        }
        let target = self.target(path).into_iter().find(|target| !matches!(target, Target::Module(_)));
        let full = match target {
            Some(Target::Item(item)) => self.name(item),
            Some(Target::External(path)) => path.join("::"),
            _ => return,
        };
        let arguments = path.segments.last().map(|last| last.arguments.clone()).unwrap_or_default();
        let Ok(mut named) = syn::parse_str::<Path>(&full) else { return };
        if let Some(last) = named.segments.last_mut() {
            last.arguments = arguments;
        }
        *path = named;
    }

    /// Names the trait of `<T as Trait>::Name` in full, apart from the name of the associated item.
    fn visit_type_path_mut(&mut self, path: &mut syn::TypePath) {
        let Some(qself) = &mut path.qself else { return self.visit_path_mut(&mut path.path) };
        self.visit_type_mut(&mut qself.ty);
        if qself.position == 0 {
            return;
        }
        let segments: Vec<_> = path.path.segments.iter().cloned().collect();
        let (of_trait, of_item) = segments.split_at(qself.position);
        let mut full = Path { leading_colon: None, segments: of_trait.iter().cloned().collect() };
        self.visit_path_mut(&mut full);
        qself.position = full.segments.len();
        full.segments.extend(of_item.iter().cloned());
        path.path = full;
    }
}

/// Formats tokens with the usual spaces.
pub(super) fn text(tokens: TokenStream) -> String {
    let mut out = String::new();
    write(tokens, &mut out);
    out.trim().to_owned()
}

fn write(tokens: TokenStream, out: &mut String) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    // Whether the previous token is a word, which needs a space before another word.
    let mut word = false;
    // Whether the previous token is a lifetime, which needs a space before any token.
    let mut lifetime = false;
    let mut index = 0;
    while index < tokens.len() {
        match &tokens[index] {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                let apart = lifetime || (word && group.delimiter() == Delimiter::Brace);
                out.push_str(if apart && !out.ends_with(' ') { " " } else { "" });
                out.push_str(open);
                write(group.stream(), out);
                out.push_str(close);
                (word, lifetime) = (true, false);
            }
            TokenTree::Punct(punct) => {
                let mut symbol = String::from(punct.as_char());
                let mut spacing = punct.spacing();
                while let (Spacing::Joint, Some(TokenTree::Punct(next))) = (spacing, tokens.get(index + 1)) {
                    if !matches!((symbol.as_str(), next.as_char()), (":", ':') | ("-" | "=", '>') | (".", '.')) {
                        break;
                    }
                    symbol.push(next.as_char());
                    spacing = next.spacing();
                    index += 1;
                }
                match symbol.as_str() {
                    "," | ";" | ":" => out.push_str(&format!("{symbol} ")),
                    "=" | "+" | "->" | "=>" | "|" => {
                        let space = if out.ends_with(' ') { "" } else { " " };
                        out.push_str(&format!("{space}{symbol} "));
                    }
                    "'" if word => out.push_str(" '"),
                    "&" | "*" | "?" | "!" if word && !out.ends_with(' ') => out.push_str(&format!(" {symbol}")),
                    _ => out.push_str(&symbol),
                }
                word = symbol == ">";
                lifetime = symbol == "'";
            }
            token => {
                if word && !out.ends_with(' ') {
                    out.push(' ');
                }
                out.push_str(&token.to_string());
                lifetime = lifetime && !word;
                word = true;
            }
        }
        index += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_the_usual_spaces() {
        for source in [
            "impl IntoIterator<Item = impl Into<Tag>>",
            "&'a mut dyn Fn(&str, u8) -> Result<(), E> + Send + 'static",
            "Box<dyn for<'a> Fn(&'a [u8; 4]) -> T>",
            "Option<Vec<std::string::String>>",
            "fn(A) -> B",
            "*const T",
            "<T as Trait>::Name",
            "where T: ?Sized + Send, U: Into<T>",
        ] {
            assert_eq!(text(source.parse().unwrap()), source);
        }
    }
}
