//! The traits and types through which the encoder and the decoder access models.

use std::{any::Any, collections::BTreeMap};

use crate::timestamp::Timestamp;

/// A request, a response, or a struct inside one.
///
/// The trait is sealed: only the types of this SDK implement it.
pub trait Model: Send + Sync {
    /// Passes the table and the members, for reading, to `reader` exactly once.
    #[doc(hidden)]
    fn read(&self, reader: &mut dyn Reader);

    /// Passes the members, for writing and in the order of the table, to `writer` exactly once.
    #[doc(hidden)]
    fn write(&mut self, writer: &mut dyn Writer);

    /// Creates a default value and passes it to `fill`, which sets fields.
    ///
    /// Use it to build responses in tests. Structs in responses have no setters, and struct expressions do not compile
    /// outside the SDK because later versions may add fields.
    ///
    /// ```
    /// use ecs_sdk::{
    ///     Model as _,
    ///     operation::describe_instances::{DescribeInstancesResponse, Instance},
    /// };
    ///
    /// let response = DescribeInstancesResponse::build(|response| {
    ///     response.instances =
    ///         vec![Instance::build(|instance| instance.instance_id = "i-1".into())];
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

/// Reads the members of a model.
#[doc(hidden)]
pub trait Reader {
    /// Receives the table and the members.
    fn members(&mut self, table: &'static Table, members: &[&dyn Member]);
}

/// Writes the members of a model.
#[doc(hidden)]
pub trait Writer {
    /// Receives the members.
    fn members(&mut self, members: &mut [&mut dyn Member]);
}

/// Describes how the members of a struct are encoded.
#[doc(hidden)]
#[derive(Debug)]
pub struct Table {
    /// The name of the struct.
    pub name: &'static str,
    /// The wire names of the members, in order. The metadata of a response has no wire name and follows the other
    /// members.
    pub names: &'static [&'static str],
    /// The names of the fields, in the same order, separated by white space. One string takes less memory in rustc than
    /// many.
    pub fields: &'static str,
    /// Members with a style other than [`Style::Plain`].
    pub styles: &'static [(&'static str, Style)],
    /// Required members of a request.
    pub required: &'static [&'static str],
    /// Members that are never printed.
    pub secret: &'static [&'static str],
    /// Limits on the size of members of a request.
    pub sizes: &'static [Size],
}

/// How a member is encoded.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum Style {
    /// In requests, structs and lists are encoded as `Name.Member` and `Name.1`. In responses, members are plain JSON.
    Plain,
    /// JSON in a single parameter.
    Json,
    /// A list in a single string, separated by commas.
    Comma,
    /// A list wrapped in an object with one member of this name.
    Wrapped(&'static str),
    /// A time, or a list of times, in a format such as `yyyy-MM-ddTHH:mmZ`. It applies to timestamps that were created
    /// from a point in time; strings are sent verbatim.
    Time(&'static str),
}

/// The largest size of a member, in bytes: its wire name, and the limit.
#[doc(hidden)]
#[derive(Debug)]
pub enum Size {
    /// Of a string.
    Text(&'static str, usize),
    /// Of content in Base64, before encoding.
    Base64(&'static str, usize),
    /// Of content, before encoding, that is Base64 or plain text, as a member of the same struct states; and whether it is
    /// Base64 if that member is absent.
    Stated(&'static str, usize, &'static str, bool),
}

impl Style {
    /// Returns the style of a list's elements.
    pub const fn of_elements(self) -> Self {
        match self {
            Self::Time(_) => self,
            _ => Self::Plain,
        }
    }
}

impl Table {
    /// The table of a struct without members. Tables of others state only what they have, because rustc needs memory for
    /// each constant, even if it is empty.
    pub const EMPTY: Self =
        Self { name: "", names: &[], fields: "", styles: &[], required: &[], secret: &[], sizes: &[] };

    /// Returns the style of a member.
    pub fn style(&self, name: &str) -> Style {
        self.styles.iter().find(|(styled, _)| *styled == name).map_or(Style::Plain, |(_, style)| *style)
    }

    /// Returns the style of a member that follows those of earlier calls. `rest` contains the styles of the members after it.
    #[inline]
    pub fn next_style(rest: &mut &'static [(&'static str, Style)], name: &str) -> Style {
        // The names come from the same literal, so usually they are one string, and comparing addresses is faster.
        match rest.iter().position(|(styled, _)| std::ptr::eq(*styled, name) || *styled == name) {
            Some(position) => {
                let style = rest[position].1;
                *rest = &rest[position + 1..];
                style
            }
            None => Style::Plain,
        }
    }

    /// Returns the position of a member.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| *known == name)
    }
}

/// A member of a model.
#[doc(hidden)]
pub trait Member: Send + Sync {
    /// Returns the member's value; of a struct [`Value::Group`], for which no member has to be examined.
    fn stored(&self) -> Value<'_>;
    /// Returns the slot to which the member's value is written.
    fn slot(&mut self) -> Slot<'_>;
}

impl dyn Member + '_ {
    /// Returns the member's value, which is not a [`Value::Group`].
    #[inline]
    pub fn value(&self) -> Value<'_> {
        match self.stored() {
            Value::Group(model) => group(model),
            value => value,
        }
    }
}

/// Returns the value of a struct that is absent if none of its members is present.
fn group(model: &dyn Model) -> Value<'_> {
    if read(model, |_, members| any_present(members)) { Value::Model(model) } else { Value::None }
}

/// Whether any member is present.
pub fn any_present(members: &[&dyn Member]) -> bool {
    members.iter().any(|member| !matches!(member.value(), Value::None | Value::Meta(_)))
}

/// A type of members with a constant for "not set". rustc needs less memory for constants than for calls of `default`.
#[doc(hidden)]
pub trait Empty {
    const EMPTY: Self;
}

impl<T> Empty for Option<T> {
    const EMPTY: Self = None;
}

impl<T> Empty for Vec<T> {
    const EMPTY: Self = Vec::new();
}

impl Empty for String {
    const EMPTY: Self = String::new();
}

impl Empty for StringMap {
    const EMPTY: Self = StringMap::new();
}

/// A map from names to strings.
pub type StringMap = BTreeMap<String, String>;

/// The value of a member.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// Absent, or empty if the member does not distinguish empty from absent.
    None,
    /// String.
    Text(&'a str),
    /// Open enum.
    Enum(&'a dyn TypedString),
    /// Time.
    Time(&'a Timestamp),
    /// Number or boolean.
    Literal(Literal),
    /// Struct.
    Model(&'a dyn Model),
    /// Struct that is absent if none of its members is present.
    Group(&'a dyn Model),
    /// Map of strings.
    Map(&'a StringMap),
    /// List.
    List(&'a dyn List),
    /// Metadata of the call, which is not part of the response body.
    Meta(&'a dyn Any),
}

/// The place to which the value of a member is written.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub enum Slot<'a> {
    /// String of a response. Absent and empty are the same.
    Text(&'a mut String),
    /// String of a request.
    OptionText(&'a mut Option<String>),
    /// Number or boolean.
    Scalar(&'a mut dyn Scalar),
    /// Open enum or time.
    Typed(&'a mut dyn TypedSlot),
    /// Struct of a response.
    Model(&'a mut dyn Model),
    /// Struct of a request.
    OptionModel(&'a mut dyn Holder),
    /// Map of strings.
    Map(&'a mut StringMap),
    /// List. Absent and empty are the same.
    List(&'a mut dyn List),
    /// List for which absent and empty are different.
    OptionList(&'a mut dyn OptionList),
    /// Metadata of the call, which is not part of the response body.
    Meta(&'a mut dyn CopyFrom),
}

/// A value of a specific type that is encoded as a string.
#[doc(hidden)]
pub trait TypedString: Any + Send + Sync {
    /// Returns the encoded value.
    fn as_str(&self) -> &str;
}

/// A place for a value whose type is erased.
#[doc(hidden)]
pub trait CopyFrom: Send + Sync {
    /// Stores a copy of `from`, which must have the type of the place.
    fn copy_from(&mut self, from: &dyn Any);
}

/// The place of a [`TypedString`].
#[doc(hidden)]
pub trait TypedSlot: CopyFrom {
    /// Stores an encoded string.
    fn set(&mut self, text: &str);
    /// Makes the value absent if it is optional, and empty otherwise.
    fn clear(&mut self);
}

/// A struct that may be absent.
#[doc(hidden)]
pub trait Holder: Send + Sync {
    /// Returns the struct, creating it if it is absent.
    fn fill(&mut self) -> &mut dyn Model;
}

/// A list.
#[doc(hidden)]
pub trait List: Send + Sync {
    /// Appends an empty element and returns its slot.
    fn push(&mut self) -> Slot<'_>;
    /// Reserves space for elements.
    fn reserve(&mut self, count: usize);
    /// Returns the number of elements.
    fn count(&self) -> usize;
    /// Returns the value of an element.
    fn at(&self, index: usize) -> Value<'_>;
    /// Removes all elements.
    fn clear(&mut self);
}

/// A list that may be absent.
#[doc(hidden)]
pub trait OptionList: Send + Sync {
    /// Returns the list, creating it if it is absent.
    fn fill(&mut self) -> &mut dyn List;
}

/// A JSON number or boolean.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal {
    /// `true` or `false`.
    Bool(bool),
    /// Integer.
    Int(i64),
    /// Single-precision number.
    F32(f32),
    /// Double-precision number.
    F64(f64),
}

/// The place of a number or boolean.
#[doc(hidden)]
pub trait Scalar: Send + Sync {
    /// Stores a value.
    ///
    /// # Errors
    ///
    /// Returns a description of the expected value if this one does not fit.
    fn set(&mut self, literal: Literal) -> Result<(), &'static str>;
    /// Parses and stores a value.
    ///
    /// # Errors
    ///
    /// Returns a description of the expected value if the string cannot be parsed.
    fn set_text(&mut self, text: &str) -> Result<(), &'static str>;
    /// Makes the value absent if it is optional. Returns whether it is.
    fn clear(&mut self) -> bool;
}

/// Calls `work` with a model's table and members.
pub fn read<T>(model: &dyn Model, work: impl FnOnce(&'static Table, &[&dyn Member]) -> T) -> T {
    struct Once<F, T>(Option<F>, Option<T>);

    impl<F: FnOnce(&'static Table, &[&dyn Member]) -> T, T> Reader for Once<F, T> {
        fn members(&mut self, table: &'static Table, members: &[&dyn Member]) {
            self.1 = self.0.take().map(|work| work(table, members));
        }
    }

    let mut once = Once(Some(work), None);
    model.read(&mut once);
    once.1.expect("a model passes its members to the reader")
}

/// Calls `work` with a model's members, for writing.
pub fn write<T>(model: &mut dyn Model, work: impl FnOnce(&mut [&mut dyn Member]) -> T) -> T {
    struct Once<F, T>(Option<F>, Option<T>);

    impl<F: FnOnce(&mut [&mut dyn Member]) -> T, T> Writer for Once<F, T> {
        fn members(&mut self, members: &mut [&mut dyn Member]) {
            self.1 = self.0.take().map(|work| work(members));
        }
    }

    let mut once = Once(Some(work), None);
    model.write(&mut once);
    once.1.expect("a model passes its members to the writer")
}

/// Returns the table of a model.
pub fn table(model: &dyn Model) -> &'static Table {
    read(model, |table, _| table)
}

/// Calls `work` with the value of the member that has the wire name `name`. Returns `None` if there is no such member.
pub fn value<T>(model: &dyn Model, name: &str, work: impl FnOnce(Value<'_>) -> T) -> Option<T> {
    read(model, |table, members| table.position(name).map(|position| work(members[position].value())))
}

/// Calls `work` with the slot of the member that has the wire name `name`. Returns `None` if there is no such member.
pub fn slot<T>(model: &mut dyn Model, name: &str, work: impl FnOnce(Slot<'_>) -> T) -> Option<T> {
    let position = table(model).position(name)?;
    write(model, |members| Some(work(members[position].slot())))
}
