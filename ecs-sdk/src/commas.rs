//! Lists that travel as one text, joined by commas: an element with a comma in it would arrive as two.

use crate::{
    encode::plain,
    error::{Error, ErrorKind},
    model::{Model, Style, Value, read},
};

/// The error of the first such element of a request. Nothing of the element is shown: it may be secret.
pub(crate) fn misplaced(request: &dyn Model) -> Option<Error> {
    let path = find(request)?;
    let message = format!("`{path}` has a comma in it, and commas separate the elements of this list");
    Some(Error::new(ErrorKind::Request, message))
}

fn find(model: &dyn Model) -> Option<String> {
    read(model, |table, members| {
        let mut members = table.names.iter().zip(members);
        members
            .find_map(|(name, member)| find_in(member.value(), table.style(name)).map(|rest| format!("{name}{rest}")))
    })
}

fn find_in(value: Value<'_>, style: Style) -> Option<String> {
    match (value, style) {
        // In JSON such a list is an array like any other.
        (_, Style::Json) => None,
        (Value::Model(model), _) => find(model).map(|path| format!(".{path}")),
        (Value::List(list), Style::Comma) => {
            (0..list.len()).find(|index| plain(list.at(*index)).contains(',')).map(|index| format!(".{}", index + 1))
        }
        (Value::List(list), _) => (0..list.len())
            .find_map(|index| find_in(list.at(index), Style::Plain).map(|path| format!(".{}{path}", index + 1))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::members;

    #[derive(Default)]
    struct Outer {
        names: Vec<String>,
        inner: Vec<Outer>,
        option: Option<Leaf>,
        json: Option<Leaf>,
    }

    #[derive(Default)]
    struct Leaf {
        names: Vec<String>,
    }

    members! {
        Outer;
        names: List(String) = "Names" as Comma,
        inner: List(Outer) = "Inner",
        option: One(Leaf) = "Option",
        json: One(Leaf) = "Json" as Json,
    }

    members! {
        Leaf;
        names: List(String) = "Names" as Comma,
    }

    #[test]
    fn the_element_is_named_wherever_it_stands() {
        let names = || vec!["a".to_owned(), "b,c".to_owned()];
        let leaf = || Some(Leaf { names: names() });
        let direct = || Outer { names: names(), ..Outer::default() };
        for (outer, path) in [
            (Outer { names: vec!["a".to_owned(); 3], json: leaf(), ..Outer::default() }, None),
            (direct(), Some("Names.2")),
            (Outer { option: leaf(), ..Outer::default() }, Some("Option.Names.2")),
            (Outer { inner: vec![Outer::default(), direct()], ..Outer::default() }, Some("Inner.2.Names.2")),
        ] {
            let expected =
                path.map(|path| format!("`{path}` has a comma in it, and commas separate the elements of this list"));
            assert_eq!(misplaced(&outer).map(|error| error.to_string()), expected);
        }
    }
}
