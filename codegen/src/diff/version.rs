//! The version that changes require, by the rules of Cargo.

use schemars::JsonSchema;
use semver::Version;
use serde::Serialize;

use super::change::Impact;

/// The part of a version that changes require to increase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// None: nothing changed.
    None,
    /// The third number.
    Patch,
    /// The second number.
    Minor,
    /// The first number.
    Major,
}

impl Bump {
    /// The name of the part.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "no",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

/// The version of the next release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Verdict {
    /// Version of the crate before the changes.
    pub base: String,
    /// Version of the crate after them.
    pub head: String,
    /// The part of the version that the changes require to increase.
    pub bump: Bump,
    /// Smallest version that may have the changes.
    pub required: String,
    /// Whether `head` is at least that version.
    pub is_enough: bool,
}

impl Verdict {
    /// The verdict on changes of which the most severe has this class.
    ///
    /// # Errors
    ///
    /// Returns an error if one of the versions is not a semantic version.
    pub fn new(worst: Option<Impact>, base: &str, head: &str) -> Result<Self, String> {
        let parse = |version: &str| {
            Version::parse(version.trim())
                .map_err(|error| format!("invalid version `{version}` in Cargo.toml: {error}"))
        };
        let (old, new) = (parse(base)?, parse(head)?);
        let bump = bump(worst, &old);
        let required = next(&old, bump);
        // A pre-release prepares `required`, and each one may change everything.
        let is_enough = new >= required || !old.pre.is_empty() && new > old && bump_reached(&old, bump);
        Ok(Self { base: old.to_string(), head: new.to_string(), bump, is_enough, required: required.to_string() })
    }

    /// The verdict in a sentence.
    pub fn sentence(&self) -> String {
        let Self { base, head, required, .. } = self;
        let bump = self.bump.name();
        match (self.bump, self.is_enough) {
            (Bump::None, _) => format!("Nothing requires another version than {base}."),
            (_, true) => format!(
                "Since {base}, the changes require a {bump} release, {required} or later; Cargo.toml has {head}."
            ),
            (_, false) => {
                format!("The changes require a {bump} release: {base} → {required}; Cargo.toml still has {head}.")
            }
        }
    }
}

/// The part to increase. Before 1.0.0, breaking changes increase the first number that is not zero, and others the next one.
fn bump(worst: Option<Impact>, version: &Version) -> Bump {
    match (worst, version.major, version.minor) {
        (None, ..) => Bump::None,
        (Some(Impact::Breaking), 0, 0) => Bump::Patch,
        (Some(Impact::Breaking), 0, _) => Bump::Minor,
        (Some(Impact::Breaking), ..) => Bump::Major,
        (Some(Impact::Docs), ..) | (_, 0, _) => Bump::Patch,
        (Some(Impact::Behavior | Impact::Additive), ..) => Bump::Minor,
    }
}

fn next(version: &Version, bump: Bump) -> Version {
    let Version { major, minor, patch, .. } = *version;
    if !version.pre.is_empty() && bump_reached(version, bump) {
        return Version::new(major, minor, patch);
    }
    match bump {
        Bump::None => version.clone(),
        Bump::Patch => Version::new(major, minor, patch + 1),
        Bump::Minor => Version::new(major, minor + 1, 0),
        Bump::Major => Version::new(major + 1, 0, 0),
    }
}

/// Whether the release that a pre-release prepares increases this part.
fn bump_reached(version: &Version, bump: Bump) -> bool {
    match bump {
        Bump::None | Bump::Patch => true,
        Bump::Minor => version.patch == 0,
        Bump::Major => version.minor == 0 && version.patch == 0,
    }
}
