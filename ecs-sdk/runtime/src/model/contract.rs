//! What models, their members and those who walk them agree on.

use std::{any::Any, collections::BTreeMap};

use crate::timestamp::Timestamp;

/// A request, a response, or a struct inside one.
///
/// The trait is sealed: only the types of this SDK implement it.
pub trait Model: Send + Sync {
    /// Shows the table and the members to read, once.
    #[doc(hidden)]
    fn read(&self, reader: &mut dyn Reader);

    /// Shows the members to write, in the order of the table, once.
    #[doc(hidden)]
    fn write(&mut self, writer: &mut dyn Writer);

    /// Creates a value and fills in fields, which is how tests build responses.
    ///
    /// Structs of responses have no setters, and literals of them do not compile outside of the SDK because later versions
    /// may add fields.
    ///
    /// ```
    /// use ecs_sdk::{Model as _, operation::describe_instances::{DescribeInstancesResponse, Instance}};
    ///
    /// let response = DescribeInstancesResponse::build(|response| {
    ///     response.instances = vec![Instance::build(|instance| instance.instance_id = "i-1".into())];
    /// });
    /// assert_eq!(response.instances[0].instance_id, "i-1");
    /// ```
    fn build(fill: impl FnOnce(&mut Self)) -> Self
    where
        Self: Default,
    {
        let mut model = Self::default();
        fill(&mut model);
        model
    }
}

/// Who reads a model.
#[doc(hidden)]
pub trait Reader {
    /// Takes the table and the members.
    fn members(&mut self, table: &'static Table, members: &[&dyn Member]);
}

/// Who writes a model.
#[doc(hidden)]
pub trait Writer {
    /// Takes the members.
    fn members(&mut self, members: &mut [&mut dyn Member]);
}

/// What a struct's members are on the wire.
#[doc(hidden)]
#[derive(Debug)]
pub struct Table {
    /// Name of the struct.
    pub name: &'static str,
    /// Wire names of the members, in their order. The meta of a response has none and follows them.
    pub names: &'static [&'static str],
    /// Names of the fields, in the same order, with white space between them: one string takes rustc less memory than many.
    pub fields: &'static str,
    /// Members that do not travel in the usual way.
    pub styles: &'static [(&'static str, Style)],
    /// Members that a request must carry.
    pub required: &'static [&'static str],
    /// Members that are never printed.
    pub secret: &'static [&'static str],
}

/// How a member travels.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum Style {
    /// Structs and lists of requests as `Name.Member` and `Name.1`, everything in responses unchanged.
    Plain,
    /// As JSON text in one parameter.
    Json,
    /// A list joined by commas.
    Comma,
    /// A list inside an object with one member of this name.
    Wrapped(&'static str),
    /// A time, or a list of times, in this form where it was made from a point in time: `yyyy-MM-ddTHH:mmZ`.
    Time(&'static str),
}

impl Style {
    /// How the elements of a list travel.
    pub const fn of_elements(self) -> Self {
        match self {
            Self::Time(_) => self,
            _ => Self::Plain,
        }
    }
}

impl Table {
    /// How a member travels.
    pub fn style(&self, name: &str) -> Style {
        self.styles.iter().find(|(styled, _)| *styled == name).map_or(Style::Plain, |(_, style)| *style)
    }

    /// The position of a member.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| *known == name)
    }
}

/// A member of a model.
#[doc(hidden)]
pub trait Member: Send + Sync {
    /// The member, to read.
    fn value(&self) -> Value<'_>;
    /// The member, to write.
    fn slot(&mut self) -> Slot<'_>;
}

/// Strings by name.
pub type StringMap = BTreeMap<String, String>;

/// What a member holds.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// Nothing to say: absent, or empty where empty stands for absent.
    None,
    /// Text.
    Text(&'a str),
    /// Open enum.
    Enum(&'a dyn TypedString),
    /// Time.
    Time(&'a Timestamp),
    /// Number or boolean.
    Literal(Literal),
    /// Struct.
    Model(&'a dyn Model),
    /// Map of texts.
    Map(&'a StringMap),
    /// List.
    List(&'a dyn List),
    /// How the call went, which is no member.
    Meta(&'a dyn Any),
}

/// The place of a member.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub enum Slot<'a> {
    /// Text of an answer; empty stands for none.
    Text(&'a mut String),
    /// Text of a request.
    OptionText(&'a mut Option<String>),
    /// Number or boolean.
    Scalar(&'a mut dyn Scalar),
    /// Open enum or time.
    Typed(&'a mut dyn TypedSlot),
    /// Struct of an answer.
    Model(&'a mut dyn Model),
    /// Struct of a request.
    OptionModel(&'a mut dyn Holder),
    /// Map of texts.
    Map(&'a mut StringMap),
    /// List; empty stands for none.
    List(&'a mut dyn List),
    /// List of which absent and empty differ.
    OptionList(&'a mut dyn OptionList),
    /// How the call went, which is no member.
    Meta(&'a mut dyn CopyFrom),
}

/// A value that travels as a string and has a type of its own.
#[doc(hidden)]
pub trait TypedString: Any + Send + Sync {
    /// The value as it travels.
    fn as_str(&self) -> &str;
}

/// The place of a value whose type only the place knows.
#[doc(hidden)]
pub trait CopyFrom: Send + Sync {
    /// Takes a copy of a value of its type.
    fn copy_from(&mut self, from: &dyn Any);
}

/// The place of a [`TypedString`].
#[doc(hidden)]
pub trait TypedSlot: CopyFrom {
    /// Takes a string from the wire.
    fn set(&mut self, text: &str);
    /// Takes what stands for nothing: where the value may be absent, it is.
    fn clear(&mut self);
}

/// A struct that may be absent.
#[doc(hidden)]
pub trait Holder: Send + Sync {
    /// The struct, created when absent.
    fn fill(&mut self) -> &mut dyn Model;
}

/// A list.
#[doc(hidden)]
pub trait List: Send + Sync {
    /// Appends an empty element, to write.
    fn push(&mut self) -> Slot<'_>;
    /// Number of elements.
    fn count(&self) -> usize;
    /// An element, to read.
    fn at(&self, index: usize) -> Value<'_>;
    /// Removes all elements.
    fn clear(&mut self);
}

/// A list that may be absent.
#[doc(hidden)]
pub trait OptionList: Send + Sync {
    /// The list, created when absent.
    fn fill(&mut self) -> &mut dyn List;
}

/// A number or boolean as it stands in JSON.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal {
    /// `true` or `false`.
    Bool(bool),
    /// Integer.
    Int(i64),
    /// Number of single precision.
    F32(f32),
    /// Number of double precision.
    F64(f64),
}

/// A number's or boolean's place.
#[doc(hidden)]
pub trait Scalar: Send + Sync {
    /// Takes a value.
    ///
    /// # Errors
    ///
    /// Returns what was expected when the value does not fit.
    fn set(&mut self, literal: Literal) -> Result<(), &'static str>;
    /// Takes a value written as text.
    ///
    /// # Errors
    ///
    /// Returns what was expected when the text is no such value.
    fn set_text(&mut self, text: &str) -> Result<(), &'static str>;
    /// Makes the value absent; returns whether it can be.
    fn clear(&mut self) -> bool;
}

/// Reads a model's members.
pub fn read<T>(model: &dyn Model, work: impl FnOnce(&'static Table, &[&dyn Member]) -> T) -> T {
    struct Once<F, T>(Option<F>, Option<T>);

    impl<F: FnOnce(&'static Table, &[&dyn Member]) -> T, T> Reader for Once<F, T> {
        fn members(&mut self, table: &'static Table, members: &[&dyn Member]) {
            self.1 = self.0.take().map(|work| work(table, members));
        }
    }

    let mut once = Once(Some(work), None);
    model.read(&mut once);
    once.1.expect("a model shows its members once")
}

/// Writes a model's members.
pub fn write<T>(model: &mut dyn Model, work: impl FnOnce(&mut [&mut dyn Member]) -> T) -> T {
    struct Once<F, T>(Option<F>, Option<T>);

    impl<F: FnOnce(&mut [&mut dyn Member]) -> T, T> Writer for Once<F, T> {
        fn members(&mut self, members: &mut [&mut dyn Member]) {
            self.1 = self.0.take().map(|work| work(members));
        }
    }

    let mut once = Once(Some(work), None);
    model.write(&mut once);
    once.1.expect("a model shows its members once")
}

/// The table of a model.
pub fn table(model: &dyn Model) -> &'static Table {
    read(model, |table, _| table)
}

/// Reads the member of a wire name.
pub fn value<T>(model: &dyn Model, name: &str, work: impl FnOnce(Value<'_>) -> T) -> Option<T> {
    read(model, |table, members| table.position(name).map(|position| work(members[position].value())))
}

/// Writes the member of a wire name.
pub fn slot<T>(model: &mut dyn Model, name: &str, work: impl FnOnce(Slot<'_>) -> T) -> Option<T> {
    let position = table(model).position(name)?;
    write(model, |members| Some(work(members[position].slot())))
}
