//! Generated models as the runtime sees them: lists of members that one decoder and one encoder walk.
//!
//! A model exposes all its members at once, to read ([`Value`]) or to write ([`Slot`]), and a constant [`Table`] that
//! describes how they are encoded. Thus each model needs only a few small functions, and no generic code is
//! instantiated per model, which keeps compile times and programs small.

mod contract;
mod element;
mod enums;
mod members;
mod number;
mod size;

pub use self::{contract::any_present, size::is_base64};
pub use self::{
    contract::{
        CopyFrom, Empty, Holder, List, Literal, Member, Model, OptionList, Reader, Scalar, Size, Slot, StringMap,
        Style, Table, TypedSlot, TypedString, Value, Writer, read, slot, table, value, write,
    },
    element::{Element, Enum, Kind},
    enums::{Open, OpenEnum, deserialize, enums, known, name, parse, serialize},
    members::*,
    size::TooLarge,
};
