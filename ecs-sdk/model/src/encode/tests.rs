use std::{
    cmp::Ordering,
    collections::HashSet,
    time::{Duration, SystemTime},
};

use super::*;
use crate::model::{OpenEnum, StringMap, enums, members};

/// A struct with a required member, in itself, in a list and as JSON.
struct Node {
    name: Option<String>,
    secret: Option<String>,
    inner: Vec<Node>,
    json: Option<Leaf>,
}

struct Leaf {
    ratio: Option<f32>,
}

members! {
    Node;
    [required: "Name"],
    [secret: "Secret"],
    name = "Name",
    secret = "Secret",
    inner = "Inner",
    json = "Json" as Json,
}

members! {
    Leaf;
    ratio = "Ratio",
}

fn node(name: &str) -> Node {
    Node { name: Some(name.to_owned()), ..Node::default() }
}

#[test]
fn missing_required_members_are_reported_with_their_paths() {
    let inner = Node { inner: vec![node("c"), Node::default()], ..Node::default() };
    let root = Node { inner: vec![node("a"), inner], ..Node::default() };
    let (mut form, mut errors) = (Form::default(), FormErrors::default());
    super::form(&root, &mut form, &mut errors);
    let mut missing = errors.missing;
    missing.sort();
    assert_eq!(missing, ["Inner.2.Inner.2.Name", "Inner.2.Name", "Name"]);
    assert_eq!(form.iter().collect::<Vec<_>>(), [("Inner.1.Name", "a"), ("Inner.2.Inner.1.Name", "c")]);
}

#[test]
fn an_empty_required_member_is_missing() {
    struct Required {
        text: Option<String>,
        time: Option<Timestamp>,
        kind: Option<Kind>,
        list: Vec<String>,
        json: Option<Vec<String>>,
        map: StringMap,
        inner: Option<Node>,
        optional: Option<String>,
    }

    members! {
        Required;
        [required: "Text", "Time", "Kind", "List", "Json", "Map", "Inner"],
        text = "Text",
        time = "Time",
        kind = "Kind",
        list = "List",
        json = "Json" as Json,
        map = "Map",
        inner = "Inner",
        optional = "Optional",
    }

    let encode = |request: &Required| {
        let (mut form, mut errors) = (Form::default(), FormErrors::default());
        super::form(request, &mut form, &mut errors);
        let form: Vec<_> = form.iter().map(|(key, value)| format!("{key}={value}")).collect();
        (errors.missing.join(" "), form.join(" "))
    };
    let all = "Text Time Kind List Json Map Inner".to_owned();
    assert_eq!(encode(&Required::default()), (all.clone(), String::new()));
    let empty = |optional: &str| Required {
        text: Some(String::new()),
        time: Some("".into()),
        kind: Some("".into()),
        list: vec![String::new(); 2],
        json: Some(vec![String::new()]),
        map: StringMap::new(),
        inner: Some(Node { name: Some(String::new()), ..Node::default() }),
        optional: Some(optional.to_owned()),
    };
    assert_eq!(encode(&empty("")), (all, "Optional=".to_owned()));
    let given = Required {
        text: Some(" ".to_owned()),
        time: Some("never".into()),
        kind: Some("New".into()),
        list: vec![String::new(), "x".to_owned()],
        json: Some(Vec::new()),
        map: [("k".to_owned(), String::new())].into(),
        inner: Some(node("n")),
        optional: None,
    };
    let form = "Text=  Time=never Kind=New List.1= List.2=x Json=[] Map.k= Inner.Name=n";
    assert_eq!(encode(&given), (String::new(), form.to_owned()));
}

#[test]
fn numbers_are_encoded_exactly() {
    let root = Node { json: Some(Leaf { ratio: Some(0.1) }), ..node("a") };
    let mut form = Form::default();
    super::form(&root, &mut form, &mut FormErrors::default());
    assert_eq!(form.get("Json"), Some(r#"{"Ratio":0.1}"#));
}

#[test]
fn nested_secrets_are_not_printed() {
    let secret = Node { secret: Some("s3cret".to_owned()), ..node("a") };
    let shown = format!("{:?}", Node { inner: vec![secret], ..node("b") });
    assert_eq!(shown, "Node { name: \"b\", inner: [Node { name: \"a\", secret: *** }] }");
}

/// An open enum with one known value.
#[derive(Clone)]
enum Kind {
    Known,
    Unrecognized(String),
}

impl OpenEnum for Kind {
    const KNOWN: &'static [(&'static str, Self)] = &[("Known", Self::Known)];
}

enums!(Kind);

#[test]
fn open_enums_are_compared_by_wire_value() {
    let (known, parsed) = (Kind::Known, Kind::Unrecognized("Known".to_owned()));
    assert_eq!(known, parsed);
    assert_eq!(HashSet::from([known.clone(), parsed.clone()]).len(), 1);
    assert_eq!(known.cmp(&parsed), Ordering::Equal);
    let mut kinds = ["Z", "Known", "A"].map(Kind::from);
    kinds.sort();
    assert_eq!(kinds, ["A", "Known", "Z"]);
    let string = "Known".to_owned();
    assert!(known == *"Known" && known == "Known" && known == string);
    assert!(*"Known" == known && "Known" == known && string == known);
    assert!(known != "known" && known.is("known"));
    assert!(matches!("Known".parse().unwrap(), Kind::Known));
    assert!(matches!("New".parse().unwrap(), Kind::Unrecognized(new) if new == "New"));
    assert_eq!((known.as_ref(), known.to_string(), String::from(known.clone())), ("Known", string.clone(), string));
}

#[test]
fn copies_are_exact() {
    struct Exact {
        kind: Option<Kind>,
        kinds: Vec<Kind>,
        float: Option<f32>,
        double: Option<f64>,
        doubles: Option<Vec<f64>>,
        time: Option<Timestamp>,
        text: Option<String>,
        plain: String,
        map: StringMap,
        inner: Option<Leaf>,
    }

    members! {
        Exact;
        kind = "Kind",
        kinds = "Kinds",
        float = "Float",
        double = "Double",
        doubles = "Doubles" as Json,
        time = "Time" as Time("yyyy"),
        text = "Text",
        plain = "Plain",
        map = "Map",
        inner = "Inner",
    }

    let copy = Exact {
        kind: Some(Kind::Unrecognized(String::new())),
        kinds: vec![Kind::Unrecognized("Known".to_owned()), Kind::Known],
        float: Some(f32::INFINITY),
        double: Some(f64::NEG_INFINITY),
        doubles: Some(vec![f64::INFINITY, f64::MIN_POSITIVE]),
        time: Some(SystemTime::UNIX_EPOCH.into()),
        text: Some(String::new()),
        plain: "p".to_owned(),
        map: [(String::new(), String::new())].into(),
        inner: Some(Leaf::default()),
    }
    .clone();
    assert!(matches!(copy.kind, Some(Kind::Unrecognized(text)) if text.is_empty()));
    assert!(matches!(&copy.kinds[..], [Kind::Unrecognized(text), Kind::Known] if text == "Known"));
    assert_eq!((copy.float, copy.double), (Some(f32::INFINITY), Some(f64::NEG_INFINITY)));
    assert_eq!(copy.doubles, Some(vec![f64::INFINITY, f64::MIN_POSITIVE]));
    assert_eq!(copy.time.unwrap().in_form("yyyy"), "1970");
    assert_eq!((copy.text.as_deref(), &*copy.plain, copy.map.len()), (Some(""), "p", 1));
    assert!(copy.inner.is_some_and(|leaf| leaf.ratio.is_none()));
    let copy = Exact { float: Some(f32::NAN), double: Some(f64::NAN), ..Exact::default() }.clone();
    assert!(copy.float.is_some_and(f32::is_nan) && copy.double.is_some_and(f64::is_nan));
    let absent = Exact::default().clone();
    assert!(absent.kind.is_none() && absent.doubles.is_none() && absent.inner.is_none());
}

#[test]
fn debug_shows_field_names_of_wide_structs() {
    struct Wide {
        r#type: Option<bool>,
        a_name_that_is_as_long_as_those_of_the_service: Option<bool>,
        another_name_that_is_as_long_as_those_of_the_service: Option<bool>,
        one_more_name_that_is_as_long_as_those_of_the_service: Option<bool>,
        last: Option<bool>,
    }

    members! {
        Wide;
        r#type = "Type",
        a_name_that_is_as_long_as_those_of_the_service = "A",
        another_name_that_is_as_long_as_those_of_the_service = "B",
        one_more_name_that_is_as_long_as_those_of_the_service = "C",
        last = "Last",
    }

    let wide = Wide { r#type: Some(true), last: Some(false), ..Wide::default() };
    assert_eq!(format!("{wide:?}"), "Wide { type: true, last: false }");
}

#[test]
fn absent_and_empty_are_not_equal() {
    let kind = |kind: Option<&str>| Tagged { kind: kind.map(Into::into) };

    struct Tagged {
        kind: Option<Kind>,
    }

    members! {
        Tagged;
        kind = "Kind",
    }

    assert_eq!(kind(Some("")), kind(Some("")));
    assert_ne!(kind(Some("")), kind(None));
    assert_ne!(kind(Some("Known")), kind(Some("known")));
}

mod times {
    use super::*;

    struct Event {
        minute: Option<Timestamp>,
        second: Option<Timestamp>,
        unknown: Option<Timestamp>,
        dates: Vec<Timestamp>,
        inner: Vec<Event>,
        json: Option<Schedule>,
    }

    struct Schedule {
        hour: Option<Timestamp>,
        days: Option<Vec<Timestamp>>,
    }

    members! {
        Event, with setters;
        minute = "Minute" as Time("yyyy-MM-ddTHH:mmZ"),
        second = "Second" as Time("yyyy-MM-ddTHH:mm:ssZ"),
        unknown = "Unknown",
        dates = "Date" as Time("yyyy-MM-dd"),
        inner = "Inner",
        json = "Json" as Json,
    }

    members! {
        Schedule, with setters;
        hour = "Hour" as Time("yyyy-MM-ddTHHZ"),
        days = "Days" as Time("yyyy-MM-dd"),
    }

    fn at() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::new(1_795_840_259, 987_000_000)
    }

    fn parameters(event: &Event) -> Vec<(String, String)> {
        let mut parameters = Form::default();
        form(event, &mut parameters, &mut FormErrors::default());
        parameters.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    fn event() -> Event {
        let at = || Timestamp::from(at());
        Event {
            minute: Some(at()),
            second: Some(at()),
            unknown: Some(at()),
            dates: vec![at()],
            inner: Vec::new(),
            json: Some(Schedule { hour: Some(at()), days: Some(vec![at()]) }),
        }
    }

    #[test]
    fn points_in_time_are_encoded_in_the_format_of_their_member() {
        let expected = [
            ("Minute", "2026-11-28T04:30Z"),
            ("Second", "2026-11-28T04:30:59Z"),
            ("Unknown", "2026-11-28T04:30:59.987Z"),
            ("Date.1", "2026-11-28"),
            ("Json", r#"{"Hour":"2026-11-28T04Z","Days":["2026-11-28"]}"#),
        ];
        let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(parameters(&event()), expected);
        assert_eq!(parameters(&event().clone()), expected);
        let inner = expected.map(|(key, value)| (format!("Inner.1.{key}"), value));
        assert_eq!(parameters(&Event { inner: vec![event()], ..Event::default() }), inner);
    }

    #[test]
    fn serde_uses_the_format_of_the_member() {
        let json = serde_json::to_string(&event()).unwrap();
        let expected = r#"{"Minute":"2026-11-28T04:30Z","Second":"2026-11-28T04:30:59Z","Unknown":"2026-11-28T04:30:59.987Z","Date":["2026-11-28"],"Json":{"Hour":"2026-11-28T04Z","Days":["2026-11-28"]}}"#;
        assert_eq!(json, expected);
        let back: Event = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), expected);
    }

    #[test]
    fn strings_are_encoded_verbatim() {
        for text in ["2026-11-28T04:30:15.5+08:00", "tomorrow", ""] {
            let expected = [("Minute".to_owned(), text.to_owned()), ("Date.1".to_owned(), text.to_owned())];
            let event = Event { minute: Some(text.into()), dates: vec![text.into()], ..Event::default() };
            assert_eq!(parameters(&event), expected);
        }
    }

    #[test]
    fn times_are_decoded_from_numbers_and_empty_strings() {
        let event: Event =
            serde_json::from_str(r#"{"Minute": 1795840200, "Second": "", "Unknown": null, "Date": "2026-11-28"}"#)
                .unwrap();
        assert_eq!(event.minute.unwrap(), "1795840200");
        assert_eq!((event.second.unwrap().as_str(), event.unknown), ("", None));
        assert_eq!(event.dates, ["2026-11-28"]);
    }
}

mod commas {
    use super::*;

    struct Outer {
        names: Vec<String>,
        inner: Vec<Outer>,
        option: Option<Names>,
        json: Option<Names>,
    }

    struct Names {
        names: Vec<String>,
    }

    members! {
        Outer;
        names = "Names" as Comma,
        inner = "Inner",
        option = "Option",
        json = "Json" as Json,
    }

    members! {
        Names;
        names = "Names" as Comma,
    }

    #[test]
    fn the_path_of_an_element_with_a_comma_is_reported() {
        let names = || vec!["a".to_owned(), "b,c".to_owned()];
        let some = || Some(Names { names: names() });
        let direct = || Outer { names: names(), ..Outer::default() };
        for (outer, path) in [
            // In JSON, the list is encoded as an array.
            (Outer { names: vec!["a".to_owned(); 3], json: some(), ..Outer::default() }, None),
            (direct(), Some("Names.2")),
            (Outer { option: some(), ..Outer::default() }, Some("Option.Names.2")),
            (Outer { inner: vec![Outer::default(), direct()], ..Outer::default() }, Some("Inner.2.Names.2")),
        ] {
            let mut errors = FormErrors::default();
            form(&outer, &mut Form::default(), &mut errors);
            assert_eq!(errors.comma.as_deref(), path);
        }
    }
}
