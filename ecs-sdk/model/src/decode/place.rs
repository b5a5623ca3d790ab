//! The places in models where values are stored.

use crate::model::{List, Member, Slot, Style, Table};

/// Where a value is stored, how it is encoded, and its name, because a struct may be encoded as the bare string of its
/// member of the same name.
pub(super) enum Target<'a> {
    Slot(Slot<'a>, Style, &'a str),
    /// A list whose wrapper, if any, has been read.
    Elements(&'a mut dyn List, &'a str),
}

/// The place of a target.
pub(super) enum Place<'a> {
    /// A member of a model. Its slot is requested when the value is read, which is faster than passing the slot along.
    Member(&'a mut dyn Member, &'static Table, &'a str),
    Known(Target<'a>),
}

impl<'a> Place<'a> {
    #[inline]
    pub(super) fn target(self) -> Target<'a> {
        match self {
            Self::Known(target) => target,
            Self::Member(member, table, name) => Target::member(member.slot(), table, name),
        }
    }

    /// The target of an object or a list. For these, the style of a string matters too.
    pub(super) fn target_of_nested(self) -> Target<'a> {
        match self {
            Self::Known(target) => target,
            Self::Member(member, table, name) => {
                let slot = member.slot();
                let has_style = matches!(slot, Slot::List(_) | Slot::Text(_));
                Target::Slot(slot, if has_style { table.style(name) } else { Style::Plain }, name)
            }
        }
    }
}

impl<'a> Target<'a> {
    #[inline]
    pub(super) fn member(slot: Slot<'a>, table: &'static Table, name: &'a str) -> Self {
        // The style matters only for lists, and looking it up takes time.
        let style = if matches!(slot, Slot::List(_)) { table.style(name) } else { Style::Plain };
        Self::Slot(slot, style, name)
    }
}
