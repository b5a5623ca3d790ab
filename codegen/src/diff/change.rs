//! Changes between two spec trees.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::Serialize;

/// The effect of a change on programs that use the SDK, from the least to the most severe class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Impact {
    /// Only the documentation changes, or facts that only the generator uses.
    Docs,
    /// There is something new, and everything that worked still works.
    Additive,
    /// Programs still compile, but calls have another effect, or the service accepts less.
    #[serde(rename = "behaviour")]
    Behavior,
    /// Programs can fail to compile, or the SDK makes calls fail that succeeded before.
    Breaking,
}

impl Impact {
    /// All classes, the most severe first.
    pub const ALL: [Self; 4] = [Self::Breaking, Self::Behavior, Self::Additive, Self::Docs];

    /// The name, as written on command lines and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Docs => "docs",
            Self::Additive => "additive",
            Self::Behavior => "behaviour",
            Self::Breaking => "breaking",
        }
    }
}

impl fmt::Display for Impact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Impact {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        // Both spellings are in use.
        let name = if name == "behavior" { Self::Behavior.name() } else { name };
        let found = Self::ALL.into_iter().find(|impact| impact.name() == name);
        found.ok_or_else(|| format!("invalid class `{name}`: expected `breaking`, `behaviour`, `additive` or `docs`"))
    }
}

/// One of the two spec trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The tree before the change.
    Old,
    /// The tree after the change.
    New,
}

/// A place in a spec file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Place {
    /// The tree that has the file: the new one, unless the change removed what it is about.
    pub side: Side,
    /// Path of the file.
    pub file: String,
    /// Line, starting from 1.
    pub line: usize,
    /// Dotted path of the value in the file. A path that ends in `#` means the key.
    #[serde(skip)]
    pub(super) key: String,
}

/// A key of a spec file that this version does not know. Its value is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnknownKey {
    /// The tree that has the file: the new one, unless only the old one has the key.
    pub side: Side,
    /// Path of the file.
    pub file: String,
    /// Line, starting from 1.
    pub line: usize,
    /// The key, with those of the values around it: `request.0.limit`.
    pub key: String,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// Stable name of the kind of change, such as `field-removed`.
    pub rule: &'static str,
    /// The effect on programs that use the SDK.
    pub class: Impact,
    /// Folder of the service; empty for `rpc.json`.
    pub service: String,
    /// The operation or file that changed: `DescribeInstances`, `types.json`.
    pub subject: String,
    /// Operations that the change affects. For a change to a shared type, these are the operations that use it; for a
    /// change to the service, the list is empty.
    pub operations: Vec<String>,
    /// The changed member, such as `request DataDisk`; empty for the operation itself.
    pub path: String,
    /// The change, in a few words.
    pub message: String,
    /// The consequence for programs that use the SDK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// The value before the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// The value after the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// Where to find it.
    #[serde(flatten)]
    pub place: Option<Place>,
}

impl Change {
    /// Service and subject, the title under which changes are listed: `ecs DescribeInstances`.
    pub fn owner(&self) -> String {
        [self.service.as_str(), self.subject.as_str()].join(" ").trim().to_owned()
    }

    /// The member and the change.
    pub fn summary(&self) -> String {
        if self.path.is_empty() { self.message.clone() } else { format!("{}: {}", self.path, self.message) }
    }

    pub(super) fn effect(&mut self, effect: impl Into<String>) -> &mut Self {
        self.effect = Some(effect.into());
        self
    }

    pub(super) fn values(&mut self, old: Option<String>, new: Option<String>) -> &mut Self {
        (self.old, self.new) = (old, new);
        self
    }

    pub(super) fn at(&mut self, place: Place) -> &mut Self {
        self.place = Some(place);
        self
    }
}

/// The changes of one subject, while they are collected.
pub(super) struct Log<'a> {
    pub(super) changes: &'a mut Vec<Change>,
    pub(super) service: String,
    pub(super) subject: String,
    pub(super) operations: Vec<String>,
}

impl Log<'_> {
    pub(super) fn add(
        &mut self,
        rule: &'static str,
        class: Impact,
        path: impl Into<String>,
        message: impl Into<String>,
    ) -> &mut Change {
        self.changes.push(Change {
            rule,
            class,
            service: self.service.clone(),
            subject: self.subject.clone(),
            operations: self.operations.clone(),
            path: path.into(),
            message: message.into(),
            effect: None,
            old: None,
            new: None,
            place: None,
        });
        let last = self.changes.len() - 1;
        &mut self.changes[last]
    }
}

/// Where to find the two versions of something.
#[derive(Clone)]
pub(super) struct Spots<'a> {
    pub(super) files: [&'a str; 2],
    pub(super) keys: [String; 2],
}

impl<'a> Spots<'a> {
    /// Two files.
    pub(super) fn of(old: &'a str, new: &'a str) -> Self {
        Self { files: [old, new], keys: [String::new(), String::new()] }
    }

    /// A part of each.
    pub(super) fn within(&self, old: &str, new: &str) -> Self {
        Self { files: self.files, keys: [join(&self.keys[0], old), join(&self.keys[1], new)] }
    }

    /// The part with the same key in each.
    pub(super) fn part(&self, key: &str) -> Self {
        self.within(key, key)
    }

    /// The place of a part before the change.
    pub(super) fn before(&self, key: &str) -> Place {
        Place { side: Side::Old, file: self.files[0].to_owned(), line: 1, key: join(&self.keys[0], key) }
    }

    /// The place of a part after the change.
    pub(super) fn after(&self, key: &str) -> Place {
        Place { side: Side::New, file: self.files[1].to_owned(), line: 1, key: join(&self.keys[1], key) }
    }

    /// The place of a key: after the change, or before it if the change removed it.
    pub(super) fn key(&self, key: &str, is_new: bool) -> Place {
        let key = format!("{key}#");
        if is_new { self.after(&key) } else { self.before(&key) }
    }
}

fn join(path: &str, key: &str) -> String {
    match (path, key) {
        ("", "#") => String::new(),
        ("", key) => key.to_owned(),
        (path, "") => path.to_owned(),
        (path, "#") => format!("{path}#"),
        (path, key) => format!("{path}.{key}"),
    }
}
