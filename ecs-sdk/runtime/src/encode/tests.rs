use super::*;
use crate::model::members;

/// A struct with a required member, in itself, in a list and as JSON.
#[derive(Default)]
struct Node {
    name: Option<String>,
    secret: Option<String>,
    inner: Vec<Node>,
    json: Option<Leaf>,
}

#[derive(Default)]
struct Leaf {
    ratio: Option<f32>,
}

members! {
    Node;
    [required: "Name"],
    [secret: "Secret"],
    name: One(String) = "Name",
    secret: One(String) = "Secret",
    inner: List(Node) = "Inner",
    json: One(Leaf) = "Json" as Json,
}

members! {
    Leaf;
    ratio: One(f32) = "Ratio",
}

fn node(name: &str) -> Node {
    Node { name: Some(name.to_owned()), ..Node::default() }
}

#[test]
fn required_members_are_missed_where_they_belong() {
    let inner = Node { inner: vec![node("c"), Node::default()], ..Node::default() };
    let root = Node { inner: vec![node("a"), inner], ..Node::default() };
    let (mut form, mut flaws) = (Form::default(), Flaws::default());
    super::form(&root, &mut form, &mut flaws);
    let mut missing = flaws.missing;
    missing.sort();
    assert_eq!(missing, ["Inner.2.Inner.2.Name", "Inner.2.Name", "Name"]);
    assert_eq!(form.iter().collect::<Vec<_>>(), [("Inner.1.Name", "a"), ("Inner.2.Inner.1.Name", "c")]);
}

#[test]
fn numbers_are_written_as_they_are() {
    let root = Node { json: Some(Leaf { ratio: Some(0.1) }), ..node("a") };
    let mut form = Form::default();
    super::form(&root, &mut form, &mut Flaws::default());
    assert_eq!(form.get("Json"), Some(r#"{"Ratio":0.1}"#));
}

#[test]
fn secrets_are_not_printed_however_deep() {
    let secret = Node { secret: Some("s3cret".to_owned()), ..node("a") };
    let shown = format!("{:?}", Node { inner: vec![secret], ..node("b") });
    assert_eq!(shown, "Node { Name: \"b\", Inner: [ { Name: \"a\", Secret: *** }] }");
}

mod times {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[derive(Default)]
    struct Event {
        minute: Option<Timestamp>,
        second: Option<Timestamp>,
        unknown: Option<Timestamp>,
        dates: Vec<Timestamp>,
        inner: Vec<Event>,
        json: Option<Schedule>,
    }

    #[derive(Default)]
    struct Schedule {
        hour: Option<Timestamp>,
        days: Option<Vec<Timestamp>>,
    }

    members! {
        Event, set by Event;
        minute: One(Timestamp) = "Minute" as Time("yyyy-MM-ddTHH:mmZ"),
        second: One(Timestamp) = "Second" as Time("yyyy-MM-ddTHH:mm:ssZ"),
        unknown: One(Timestamp) = "Unknown",
        dates: List(Timestamp) = "Date" as Time("yyyy-MM-dd"),
        inner: List(Event) = "Inner",
        json: One(Schedule) = "Json" as Json,
    }

    members! {
        Schedule, set by Schedule;
        hour: One(Timestamp) = "Hour" as Time("yyyy-MM-ddTHHZ"),
        days: OptionList(Timestamp) = "Days" as Time("yyyy-MM-dd"),
    }

    fn at() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::new(1_795_840_259, 987_000_000)
    }

    fn parameters(event: &Event) -> Vec<(String, String)> {
        let mut parameters = Form::default();
        form(event, &mut parameters, &mut Flaws::default());
        parameters.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    fn event() -> Event {
        let schedule = Schedule::new().hour(at()).days([at()]);
        let mut event = Event::new().second(at()).unknown(at()).dates([at()]).json(schedule);
        event.minute = Some(at().into());
        event
    }

    #[test]
    fn points_in_time_travel_in_the_form_of_their_member() {
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
        assert_eq!(parameters(&Event::new().inner([event()])), inner);
    }

    #[test]
    fn serde_shows_the_form_of_the_member() {
        let json = serde_json::to_string(&event()).unwrap();
        let expected = r#"{"Minute":"2026-11-28T04:30Z","Second":"2026-11-28T04:30:59Z","Unknown":"2026-11-28T04:30:59.987Z","Date":["2026-11-28"],"Json":{"Hour":"2026-11-28T04Z","Days":["2026-11-28"]}}"#;
        assert_eq!(json, expected);
        let back: Event = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), expected);
    }

    #[test]
    fn strings_travel_verbatim() {
        for text in ["2026-11-28T04:30:15.5+08:00", "tomorrow", ""] {
            let expected = [("Minute".to_owned(), text.to_owned()), ("Date.1".to_owned(), text.to_owned())];
            assert_eq!(parameters(&Event::new().minute(text).dates([text.to_owned()])), expected);
        }
    }

    #[test]
    fn numbers_are_read_as_their_digits_and_nothing_as_absent() {
        let event: Event =
            serde_json::from_str(r#"{"Minute": 1795840200, "Second": "", "Unknown": null, "Date": "2026-11-28"}"#)
                .unwrap();
        assert_eq!(event.minute.unwrap(), "1795840200");
        assert_eq!((event.second, event.unknown), (None, None));
        assert_eq!(event.dates, ["2026-11-28"]);
    }
}

mod commas {
    use super::*;

    #[derive(Default)]
    struct Outer {
        names: Vec<String>,
        inner: Vec<Outer>,
        option: Option<Names>,
        json: Option<Names>,
    }

    #[derive(Default)]
    struct Names {
        names: Vec<String>,
    }

    members! {
        Outer;
        names: List(String) = "Names" as Comma,
        inner: List(Outer) = "Inner",
        option: One(Names) = "Option",
        json: One(Names) = "Json" as Json,
    }

    members! {
        Names;
        names: List(String) = "Names" as Comma,
    }

    #[test]
    fn the_element_is_named_wherever_it_stands() {
        let names = || vec!["a".to_owned(), "b,c".to_owned()];
        let some = || Some(Names { names: names() });
        let direct = || Outer { names: names(), ..Outer::default() };
        for (outer, path) in [
            // In JSON such a list is an array like any other.
            (Outer { names: vec!["a".to_owned(); 3], json: some(), ..Outer::default() }, None),
            (direct(), Some("Names.2")),
            (Outer { option: some(), ..Outer::default() }, Some("Option.Names.2")),
            (Outer { inner: vec![Outer::default(), direct()], ..Outer::default() }, Some("Inner.2.Names.2")),
        ] {
            let mut flaws = Flaws::default();
            form(&outer, &mut Form::default(), &mut flaws);
            assert_eq!(flaws.comma.as_deref(), path);
        }
    }
}
