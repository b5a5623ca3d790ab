//! Expands `macro_rules!` macros, because a few of them define most of the API. It supports what this project uses:
//! declarative macros in item position and in `impl` blocks.

use std::collections::{BTreeMap, HashMap};

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser};

/// The macros of several crates, by crate and name.
#[derive(Default)]
pub(super) struct Macros(HashMap<(String, String), Vec<Rule>>);

struct Rule {
    matcher: Vec<Pattern>,
    transcriber: Vec<TokenTree>,
}

enum Pattern {
    Token(TokenTree),
    Group(Delimiter, Vec<Pattern>),
    /// `$name:fragment`
    Variable(String, String),
    /// `$(…)separator operator`
    Repeat {
        inner: Vec<Pattern>,
        separator: Option<TokenTree>,
        at_most_once: bool,
    },
}

#[derive(Clone)]
enum Bound {
    One(TokenStream),
    Many(Vec<Bound>),
}

type Bindings = BTreeMap<String, Bound>;

impl Macros {
    /// Defines a macro of a crate.
    pub(super) fn define(&mut self, krate: &str, name: &str, body: TokenStream) -> Result<(), String> {
        let mut rules = Vec::new();
        let mut tokens = body.into_iter().filter(|token| !is_punct(token, ';'));
        while let Some(matcher) = tokens.next() {
            // `=>` is two tokens.
            let (_, _, transcriber) = (tokens.next(), tokens.next(), tokens.next());
            let (TokenTree::Group(matcher), Some(TokenTree::Group(transcriber))) = (matcher, transcriber) else {
                return Err(format!("the macro `{name}` of {krate} is not a list of rules"));
            };
            let matcher = patterns(&matcher.stream().into_iter().collect::<Vec<_>>());
            rules.push(Rule { matcher, transcriber: transcriber.stream().into_iter().collect() });
        }
        self.0.insert((krate.to_owned(), name.to_owned()), rules);
        Ok(())
    }

    /// Expands an invocation in a crate once. `$crate` becomes the name of the macro's crate.
    pub(super) fn expand(&self, krate: &str, name: &str, input: TokenStream) -> Result<TokenStream, String> {
        let own = self.0.get_key_value(&(krate.to_owned(), name.to_owned()));
        let found = own.or_else(|| self.0.iter().find(|((_, other), _)| other == name));
        let ((krate, _), rules) = found.ok_or_else(|| format!("the source of the macro `{name}!` is unknown"))?;
        let input: Vec<TokenTree> = input.into_iter().collect();
        for rule in rules {
            let mut bindings = Bindings::new();
            if matches(&rule.matcher, &input, &mut bindings) == Some(input.len()) {
                return transcribe(&rule.transcriber, &bindings, krate);
            }
        }
        let input: TokenStream = input.into_iter().collect();
        Err(format!("no rule of the macro `{name}!` matches `{input}`"))
    }
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

/// Returns the separator after `$(…)`, whether the operator is `?`, and the number of tokens of both.
fn repetition(rest: &[TokenTree]) -> (Option<TokenTree>, bool, usize) {
    let operator = |token: &TokenTree| ['*', '+', '?'].iter().any(|operator| is_punct(token, *operator));
    match rest {
        [first, ..] if operator(first) => (None, is_punct(first, '?'), 1),
        // In the expansion, the separator is not followed by the operator.
        [TokenTree::Punct(separator), second, ..] => {
            let separator = Punct::new(separator.as_char(), Spacing::Alone);
            (Some(TokenTree::Punct(separator)), is_punct(second, '?'), 2)
        }
        [separator, second, ..] => (Some(separator.clone()), is_punct(second, '?'), 2),
        _ => (None, false, 0),
    }
}

fn patterns(tokens: &[TokenTree]) -> Vec<Pattern> {
    let mut patterns = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at..] {
            [dollar, TokenTree::Group(group), rest @ ..] if is_punct(dollar, '$') => {
                let inner = self::patterns(&group.stream().into_iter().collect::<Vec<_>>());
                let (separator, at_most_once, length) = repetition(rest);
                patterns.push(Pattern::Repeat { inner, separator, at_most_once });
                at += 2 + length;
            }
            [dollar, TokenTree::Ident(name), colon, TokenTree::Ident(fragment), ..]
                if is_punct(dollar, '$') && is_punct(colon, ':') =>
            {
                patterns.push(Pattern::Variable(name.to_string(), fragment.to_string()));
                at += 4;
            }
            [TokenTree::Group(group), ..] => {
                let inner = self::patterns(&group.stream().into_iter().collect::<Vec<_>>());
                patterns.push(Pattern::Group(group.delimiter(), inner));
                at += 1;
            }
            [token, ..] => {
                patterns.push(Pattern::Token(token.clone()));
                at += 1;
            }
            [] => break,
        }
    }
    patterns
}

/// Collects the names that a pattern binds.
fn variables(patterns: &[Pattern], names: &mut Vec<String>) {
    for pattern in patterns {
        match pattern {
            Pattern::Variable(name, _) => names.push(name.clone()),
            Pattern::Group(_, inner) | Pattern::Repeat { inner, .. } => variables(inner, names),
            Pattern::Token(_) => {}
        }
    }
}

/// Matches the start of the input, and returns the number of matched tokens.
fn matches(patterns: &[Pattern], input: &[TokenTree], bindings: &mut Bindings) -> Option<usize> {
    let mut at = 0;
    for pattern in patterns {
        match pattern {
            Pattern::Token(expected) => {
                (input.get(at)?.to_string() == expected.to_string()).then_some(())?;
                at += 1;
            }
            Pattern::Group(delimiter, inner) => {
                let Some(TokenTree::Group(group)) = input.get(at) else { return None };
                let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
                let whole = group.delimiter() == *delimiter && matches(inner, &tokens, bindings) == Some(tokens.len());
                whole.then_some(())?;
                at += 1;
            }
            Pattern::Variable(name, kind) => {
                let (bound, length) = fragment(kind, &input[at..])?;
                bindings.insert(name.clone(), Bound::One(bound));
                at += length;
            }
            Pattern::Repeat { inner, separator, at_most_once } => {
                let mut rounds: Vec<Bindings> = Vec::new();
                while rounds.is_empty() || !at_most_once {
                    let mut start = at;
                    if let (Some(separator), false) = (separator, rounds.is_empty()) {
                        match input.get(at) {
                            Some(token) if token.to_string() == separator.to_string() => start += 1,
                            _ => break,
                        }
                    }
                    let mut round = Bindings::new();
                    match matches(inner, &input[start..], &mut round) {
                        Some(length) if start + length > at => at = start + length,
                        _ => break,
                    }
                    rounds.push(round);
                }
                let mut names = Vec::new();
                variables(inner, &mut names);
                for name in names {
                    let values = rounds.iter().filter_map(|round| round.get(&name).cloned()).collect();
                    bindings.insert(name, Bound::Many(values));
                }
            }
        }
    }
    Some(at)
}

/// Returns the fragment of a kind at the start of the input, and its number of tokens.
fn fragment(kind: &str, input: &[TokenTree]) -> Option<(TokenStream, usize)> {
    let first = |accepted: bool| accepted.then(|| (TokenStream::from(input[0].clone()), 1));
    match (kind, input.first()) {
        ("vis", None) => Some((TokenStream::new(), 0)),
        (_, None) => None,
        ("ident", Some(token)) => first(matches!(token, TokenTree::Ident(name) if name != "_")),
        ("tt", Some(_)) => first(true),
        ("ty", _) => parsed::<syn::Type>(input),
        ("path", _) => parsed::<syn::Path>(input),
        ("literal", _) => parsed::<syn::Lit>(input),
        ("lifetime", _) => parsed::<syn::Lifetime>(input),
        ("vis", _) => parsed::<syn::Visibility>(input),
        ("meta", _) => parsed::<syn::Meta>(input),
        ("block", _) => parsed::<syn::Block>(input),
        ("item", _) => parsed::<syn::Item>(input),
        _ => parsed::<syn::Expr>(input),
    }
}

/// Parses the start of the input.
fn parsed<T: Parse + ToTokens>(input: &[TokenTree]) -> Option<(TokenStream, usize)> {
    let start = |stream: ParseStream<'_>| {
        let value: T = stream.parse()?;
        let rest: TokenStream = stream.parse()?;
        Ok((value.to_token_stream(), rest.into_iter().count()))
    };
    let (value, rest) = start.parse2(input.iter().cloned().collect()).ok()?;
    Some((value, input.len() - rest))
}

fn transcribe(body: &[TokenTree], bindings: &Bindings, krate: &str) -> Result<TokenStream, String> {
    let mut out = TokenStream::new();
    let mut at = 0;
    while at < body.len() {
        match &body[at..] {
            [dollar, TokenTree::Ident(name), ..] if is_punct(dollar, '$') => {
                match bindings.get(&name.to_string()) {
                    Some(Bound::One(tokens)) => out.extend(tokens.clone()),
                    Some(Bound::Many(_)) => {
                        return Err(format!("`${name}` is repeated, and used outside a repetition"));
                    }
                    None if name == "crate" => out.extend(crate_root(krate)),
                    None => return Err(format!("`${name}` is not bound")),
                }
                at += 2;
            }
            [dollar, TokenTree::Group(group), rest @ ..] if is_punct(dollar, '$') => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let (separator, _, length) = repetition(rest);
                for (round, bindings) in rounds(&inner, bindings)?.iter().enumerate() {
                    if round > 0 {
                        out.extend(separator.clone());
                    }
                    out.extend(transcribe(&inner, bindings, krate)?);
                }
                at += 2 + length;
            }
            [TokenTree::Group(group), ..] => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let tokens = transcribe(&inner, bindings, krate)?;
                out.extend([TokenTree::Group(Group::new(group.delimiter(), tokens))]);
                at += 1;
            }
            [token, ..] => {
                out.extend([token.clone()]);
                at += 1;
            }
            [] => break,
        }
    }
    Ok(out)
}

/// Returns `::krate`, which imports at the invocation cannot shadow.
fn crate_root(krate: &str) -> [TokenTree; 3] {
    let colon = |spacing| TokenTree::Punct(Punct::new(':', spacing));
    [colon(Spacing::Joint), colon(Spacing::Alone), TokenTree::Ident(Ident::new(krate, Span::call_site()))]
}

/// Returns the bindings for each round of a repetition, from the repeated variables that it uses.
fn rounds(inner: &[TokenTree], bindings: &Bindings) -> Result<Vec<Bindings>, String> {
    let mut used = Vec::new();
    uses(inner, &mut used);
    let repeated: Vec<_> = used
        .iter()
        .filter_map(|name| match bindings.get(name) {
            Some(Bound::Many(values)) => Some((name, values)),
            _ => None,
        })
        .collect();
    let count = repeated.iter().map(|(_, values)| values.len()).max();
    let count = count.ok_or("a repetition uses no repeated variable")?;
    Ok((0..count)
        .map(|round| {
            let mut bindings = bindings.clone();
            for (name, values) in &repeated {
                if let Some(value) = values.get(round) {
                    bindings.insert((*name).clone(), value.clone());
                }
            }
            bindings
        })
        .collect())
}

/// Collects the variables that tokens use.
fn uses(tokens: &[TokenTree], names: &mut Vec<String>) {
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => uses(&group.stream().into_iter().collect::<Vec<_>>(), names),
            TokenTree::Ident(name) if index > 0 && is_punct(&tokens[index - 1], '$') => names.push(name.to_string()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(rules: &str, input: &str) -> Result<String, String> {
        let mut macros = Macros::default();
        macros.define("krate", "m", rules.parse().unwrap()).unwrap();
        macros.expand("other", "m", input.parse().unwrap()).map(|tokens| tokens.to_string())
    }

    fn check(rules: &str, input: &str, expected: &str) {
        let expected: TokenStream = expected.parse().unwrap();
        assert_eq!(expand(rules, input).unwrap(), expected.to_string());
    }

    #[test]
    fn macros_expand_as_in_the_compiler() {
        check("($($name:ident),* $(,)?) => {$(impl $name {})*};", "A, B,", "impl A {} impl B {}");
        check("($a:ident) => { one }; ($a:ident, with $b:ident) => { $crate::x!($b) };", "A, with c", "::krate::x!(c)");
        check(
            "($([need: $($n:literal),+],)? $($f:ident: $k:ident($t:ty) = $w:literal $(as $s:ident $(($i:literal))?)?,)*) \
             => { [$($($n),+)?] $(fn $f() -> $t { $($s $(($i))?)? })* };",
            "[need: \"A\", \"B\"], a: One(Vec<u8>) = \"A\", b: Two(u8) = \"B\" as Json(\"x\"),",
            "[\"A\", \"B\"] fn a() -> Vec<u8> {} fn b() -> u8 { Json (\"x\") }",
        );
        check(
            "($v:vis $n:ident; $($rest:tt)*) => { $v struct $n; $($rest)* };",
            "pub(crate) A; x => y",
            "pub(crate) struct A; x => y",
        );
        check("(@$n:ident) => { yes };", "@go", "yes");
    }

    #[test]
    fn an_invocation_without_a_matching_rule_is_an_error() {
        assert!(expand("($a:ident) => { $a };", "a b").unwrap_err().starts_with("no rule of the macro `m!` matches"));
        let macros = Macros::default();
        let error = macros.expand("other", "gone", TokenStream::new()).unwrap_err();
        assert_eq!(error, "the source of the macro `gone!` is unknown");
    }
}
