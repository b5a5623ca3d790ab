//! What generated models are to the runtime: members that one decoder and one encoder walk.
//!
//! A model shows all its members at once, to read ([`Value`]) or to write ([`Slot`]), and a constant table that says how
//! they travel. So the compiler has few small functions to look at, and no code is instantiated per model.

mod contract;
mod element;
mod enums;
mod members;
mod number;

pub use self::{
    contract::{
        CopyFrom, Holder, List, Literal, Member, Model, OptionList, Reader, Scalar, Slot, StringMap, Style, Table,
        TypedSlot, TypedString, Value, Writer, read, slot, table, value, write,
    },
    element::{Element, Enum, Kind},
    enums::{Open, OpenEnum, deserialize, enums, known, name, parse, serialize},
    members::*,
};
