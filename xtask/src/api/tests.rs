use std::{collections::HashMap, path::PathBuf};

use ecs_codegen::load;

use super::*;

/// Small versions of the crates.
const FILES: &[(&str, &str)] = &[
    ("ecs-sdk/Cargo.toml", "[features]\ndefault = [\"vpc\"]\nsocks = [\"dep:socks\"]\nvpc = []"),
    ("ecs-sdk/companions/src/lib.rs", ""),
    ("ecs-sdk/model/src/lib.rs", ""),
    (
        "ecs-sdk/runtime/src/lib.rs",
        "pub mod retry;
         mod error;
         #[doc(hidden)]
         pub mod model;
         #[cfg(test)]
         mod tests;
         pub use self::{error::{Error, Result}, model::Marker};",
    ),
    (
        "ecs-sdk/runtime/src/error.rs",
        "use std::{fmt, time::Duration};
         pub type Result<T> = std::result::Result<T, Error>;
         #[derive(Debug)]
         pub struct Error { code: String, pub(crate) status: u16 }
         impl Error {
             pub const LIMIT: usize = 3;
             pub fn code(&self) -> Option<&str> { None }
             pub(crate) fn internal(&self) {}
             #[doc(hidden)]
             pub fn hidden(&self) {}
             #[cfg(feature = \"time\")]
             pub fn wait(&mut self, mut least: Duration) -> Result<()> { Ok(()) }
         }
         impl fmt::Display for Error {}
         impl From<Error> for String {}
         impl crate::model::Model for Error {}",
    ),
    (
        "ecs-sdk/runtime/src/retry.rs",
        "use crate::error::Error;
         pub trait Policy: Send + 'static {
             type Delay;
             fn next(&self, error: &Error) -> Option<Self::Delay>;
             fn and<P>(self, other: P) -> Both<Self, P> where Self: Sized { todo!() }
         }
         #[derive(Clone)]
         pub struct Both<A, B>(A, B);
         impl<A: Policy, B> Policy for Both<A, B> { type Delay = u8; }",
    ),
    (
        "ecs-sdk/runtime/src/model.rs",
        "pub trait Model {}
         pub trait Marker {}
         #[doc(hidden)]
         #[macro_export]
         macro_rules! members {
             ($owner:ident; $($field:ident: $ty:ident),*) => {
                 impl $owner { $($crate::setter!($field $ty);)* }
                 impl $crate::model::Model for $owner {}
                 impl $crate::Marker for $owner {}
             };
         }
         #[doc(hidden)]
         #[macro_export]
         macro_rules! setter {
             ($field:ident $ty:ident) => { pub fn $field(mut self, value: impl Into<$ty>) -> $crate::Result<Self> { Ok(self) } };
         }
         pub use crate::{members, setter};",
    ),
    (
        "ecs-sdk/types/src/lib.rs",
        "pub mod types {
             #[derive(Clone)]
             #[non_exhaustive]
             pub enum State { Running, #[deprecated] Stopped(String), Other { code: u8 } }
         }",
    ),
    (
        "ecs-sdk/src/lib.rs",
        "mod generated;
         pub use ecs_sdk_runtime::{Error, Marker, Result, retry};
         pub use ecs_sdk_types::types;
         #[cfg(feature = \"vpc\")]
         pub use generated::vpc;
         pub use bytes;",
    ),
    (
        "ecs-sdk/src/generated.rs",
        "pub mod vpc {
             use ecs_sdk_types::types::State;
             pub use ecs_sdk_types::nothing::*;
             pub use ecs_sdk_types::here::*;
             pub use ecs_sdk_types::types::State as VpcState;
             #[derive(Default)]
             pub struct Request { pub state: Option<State>, pub name: String }
             ecs_sdk_runtime::model::members! { Request; state: State, name: String }
         }",
    ),
];

const SMALL: &str = "\
feature default = vpc
feature socks
feature vpc
pub struct ecs_sdk::Error { .. }
impl From<ecs_sdk::Error> for String
impl ecs_sdk::Error: Debug, Display
pub const ecs_sdk::Error::LIMIT: usize = 3
pub fn ecs_sdk::Error::code(&self) -> Option<&str>
pub fn ecs_sdk::Error::wait(&mut self, least: std::time::Duration) -> ecs_sdk::Result<()> [if time]
pub trait ecs_sdk::Marker
pub type ecs_sdk::Result<T> = std::result::Result<T, ecs_sdk::Error>
pub use ecs_sdk::bytes = bytes
pub mod ecs_sdk::retry
pub struct ecs_sdk::retry::Both<A, B>(..)
impl ecs_sdk::retry::Both<A, B>: Clone
impl<A: ecs_sdk::retry::Policy, B> ecs_sdk::retry::Policy { Delay = u8 } for ecs_sdk::retry::Both<A, B>
pub trait ecs_sdk::retry::Policy: Send + 'static
pub fn ecs_sdk::retry::Policy::and<P>(self, other: P) -> ecs_sdk::retry::Both<Self, P> where Self: Sized { .. }
pub fn ecs_sdk::retry::Policy::next(&self, error: &ecs_sdk::Error) -> Option<Self::Delay>
pub type ecs_sdk::retry::Policy::Delay
pub mod ecs_sdk::types
#[non_exhaustive] pub enum ecs_sdk::types::State
impl ecs_sdk::types::State: Clone
#[deprecated] pub ecs_sdk::types::State::Stopped(String)
pub ecs_sdk::types::State::Other { code: u8 }
pub ecs_sdk::types::State::Running
pub mod ecs_sdk::vpc [if vpc]
pub struct ecs_sdk::vpc::Request {}
impl ecs_sdk::vpc::Request: Default, ecs_sdk::Marker
pub ecs_sdk::vpc::Request::name: String
pub ecs_sdk::vpc::Request::state: Option<ecs_sdk::types::State>
pub fn ecs_sdk::vpc::Request::name(self, value: impl Into<String>) -> ecs_sdk::Result<Self>
pub fn ecs_sdk::vpc::Request::state(self, value: impl Into<ecs_sdk::types::State>) -> ecs_sdk::Result<Self>
pub use ecs_sdk::vpc::VpcState = ecs_sdk::types::State";

/// Returns the snapshot of the small crates, with `from` replaced by `to`.
fn small(from: &str, to: &str) -> String {
    let changed = std::cell::Cell::new(from.is_empty());
    let read = |path: &Path| {
        let (_, text) = FILES.iter().find(|(name, _)| root().join(name) == path)?;
        changed.set(changed.get() || text.contains(from));
        Some(text.replace(from, to))
    };
    let text = snapshot(&read).unwrap();
    assert!(changed.get(), "{from}");
    text.strip_prefix(HEADER).unwrap().trim().to_owned()
}

#[test]
fn a_snapshot_has_exactly_the_reachable_items() {
    let text = small("", "");
    assert_eq!(text, SMALL, "{}", changes(SMALL, &text).join("\n"));
}

#[test]
fn every_kind_of_change_is_visible() {
    for (from, to, gone, new) in [
        ("pub(crate) fn internal", "pub fn internal", "", "pub fn ecs_sdk::Error::internal(&self)"),
        (
            "-> Option<&str>",
            "-> &str",
            "pub fn ecs_sdk::Error::code(&self) -> Option<&str>",
            "pub fn ecs_sdk::Error::code(&self) -> &str",
        ),
        ("{ Running,", "{", "pub ecs_sdk::types::State::Running", ""),
        (
            "Stopped(String)",
            "Stopped",
            "#[deprecated] pub ecs_sdk::types::State::Stopped(String)",
            "#[deprecated] pub ecs_sdk::types::State::Stopped",
        ),
        (
            "#[derive(Default)]",
            "",
            "impl ecs_sdk::vpc::Request: Default, ecs_sdk::Marker",
            "impl ecs_sdk::vpc::Request: ecs_sdk::Marker",
        ),
        (
            "pub name: String",
            "name: String",
            "pub ecs_sdk::vpc::Request::name: String",
            "pub struct ecs_sdk::vpc::Request { .. }",
        ),
        ("where Self: Sized { todo!() }", "where Self: Sized;", "where Self: Sized { .. }", "where Self: Sized"),
        ("usize = 3", "usize = 4", "usize = 3", "usize = 4"),
        ("#[cfg(feature = \"time\")]", "", "[if time]", "-> ecs_sdk::Result<()>"),
        ("Both<A, B>(A, B)", "Both<A, B>(pub A, B)", "", "pub ecs_sdk::retry::Both::0: A"),
        ("mut self, value: impl Into<$ty>", "mut self, value: $ty", "value: impl Into<String>", "value: String"),
        ("impl From<Error> for String {}", "", "impl From<ecs_sdk::Error> for String", ""),
        ("socks =", "socks5 =", "feature socks", "feature socks5"),
        ("default = [\"vpc\"]", "default = []", "feature default = vpc", "feature default"),
        ("pub use bytes;", "", "pub use ecs_sdk::bytes = bytes", ""),
        ("pub trait Policy: Send", "pub trait Policy: Sync", "Policy: Send", "Policy: Sync"),
    ] {
        let changes = changes(SMALL, &small(from, to));
        let has = |sign: &str, part: &str| {
            part.is_empty() || changes.iter().any(|line| line.starts_with(sign) && line.contains(part))
        };
        assert!(!changes.is_empty() && has("- ", gone) && has("+ ", new), "{from}: {changes:#?}");
    }
}

#[test]
fn a_macro_without_source_is_an_error() {
    let error = snapshot(&|path| {
        let (_, text) = FILES.iter().find(|(name, _)| root().join(name) == path)?;
        Some(text.replace("macro_rules! setter", "macro_rules! other"))
    });
    assert_eq!(error.unwrap_err(), "the source of the macro `setter!` is unknown");
}

#[test]
fn macros_of_other_crates_can_implement_methods_of_a_trait() {
    let from = "impl From<Error> for String {}";
    assert!(FILES.iter().any(|(_, text)| text.contains(from)));
    let text = small(from, "impl From<Error> for String { foreign_methods! { from } }");
    assert_eq!(changes(SMALL, &text), Vec::<String>::new());
}

#[test]
fn an_item_that_names_a_hidden_item_is_an_error() {
    let with = |argument: &str| {
        snapshot(&|path| {
            let (_, text) = FILES.iter().find(|(name, _)| root().join(name) == path)?;
            Some(text.replace("pub fn code(&self)", &format!("pub fn code(&self, {argument})")))
        })
    };
    assert!(with("other: &Error").is_ok());
    let error = with("model: &dyn crate::model::Model").unwrap_err();
    assert!(
        error.ends_with("fn ecs_sdk::Error::code(&self, model: &dyn ecs_sdk_runtime::model::Model) -> Option<&str>"),
        "{error}"
    );
}

/// Returns the snapshot of the hand-written source and of the source generated from the golden specs, with a change to a
/// file and to the spec of an operation.
fn real(edit: impl Fn(String) -> String, spec: impl Fn(&str, String) -> String) -> String {
    let specs = load::read_dir(&root().join("codegen/tests/golden/specs")).unwrap();
    let specs = specs.into_iter().map(|source| ecs_codegen::Source { text: spec(&source.path, source.text), ..source });
    let (_, output) = ecs_codegen::generate(specs.collect::<Vec<_>>()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let generated: HashMap<PathBuf, String> = output
        .sdk
        .iter()
        .map(|(path, text)| (root().join("ecs-sdk/src/generated").join(path), text.to_owned()))
        .chain(
            ["types", "companions"]
                .map(|part| (root().join(format!("ecs-sdk/{part}/src/generated/mod.rs")), String::new())),
        )
        .collect();
    let made = ["", "companions/", "types/"].map(|part| root().join(format!("ecs-sdk/{part}src/generated")));
    let read = |path: &Path| match made.iter().any(|folder| path.starts_with(folder)) {
        true => generated.get(path).cloned(),
        false => fs::read_to_string(path).ok().map(&edit),
    };
    snapshot(&read).unwrap()
}

#[test]
fn methods_of_the_runtime_and_fields_of_specs_are_in_the_snapshot() {
    let same = |text: String| text;
    let before = real(same, |_, text| text);
    let added =
        |text: String| text.replace("impl Credentials {", "impl Credentials {\n    pub fn added(&self) -> u8 { 0 }");
    assert_eq!(changes(&before, &real(added, |_, text| text)), ["+ pub fn ecs_sdk::Credentials::added(&self) -> u8"]);
    let field = |path: &str, text: String| match path.ends_with("/Ping.json") {
        true => text.replace(
            "\"request\": []",
            "\"request\": [{ \"name\": \"PacketSize\", \"type\": \"i64\", \"doc\": \"Bytes of a packet.\" }]",
        ),
        false => text,
    };
    let changes = changes(&before, &real(same, field));
    let has = |part: &str| changes.iter().any(|line| line.starts_with("+ ") && line.contains(part));
    assert!(has("::ping::Ping::packet_size: Option<i64>"), "{changes:#?}");
    assert!(has("::ping::Ping<C>::packet_size(self, value: "), "{changes:#?}");
    assert!(changes.iter().all(|line| line.contains("packet_size")), "{changes:#?}");
}
