//! Tests of the code that is generated from the specs in `codegen/tests/golden`, which cover every feature of the
//! generator.

mod content;
mod script;
mod times;
mod waiters;

use std::time::Duration;

use ecs_sdk_runtime::{decode, encode, form::Form};

use self::script::{client, sent};
use crate::{
    Operation,
    golden::ecs::{
        codes,
        operation::{
            answer::*, describe_prices::*, describe_things::*, describe_vswitches::*, option::*, ping::*, result::*,
        },
        types::{Architecture, Branch},
    },
    model::Model,
    pagination::Paged,
    test_util::{form, parameters, unread},
};

fn read<T: Model + Default>(json: &str) -> T {
    let mut model = T::default();
    decode::from_slice(json.as_bytes(), &mut model).unwrap();
    model
}

fn missing(request: &dyn Model) -> Vec<String> {
    let mut errors = encode::FormErrors::default();
    encode::form(request, &mut Form::default(), &mut errors);
    errors.missing
}

#[test]
fn encodes_every_kind_of_parameter() {
    let inner = || InnerSent::new().text("t").numbers([1_i64, 2]).deeps([DeepSent::new().flag(true).old(7)]);
    let request = OptionRequest::build(|request| {
        request.region_id = Some("cn-a".to_owned());
        request.text = Some("a b".to_owned());
        request.bool = Some(true);
        request.int = Some(-1);
        request.long = Some(i64::MAX);
        request.float = Some(0.5);
        request.double = Some(0.1);
        request.r#enum = Some(Architecture::X86_64);
        request.r#struct = Some(inner());
        request.json_struct = Some(inner());
        request.map = [("k".to_owned(), "v".to_owned())].into();
        request.json_map = [("k".to_owned(), "\"".to_owned())].into();
        request.repeats = vec!["x".to_owned(), "y".to_owned()];
        request.repeat_ints = vec![1, 2];
        request.repeat_bools = vec![true, false];
        request.repeat_enums = vec![Architecture::V1, "new".into()];
        request.repeat_structs = vec![inner(), InnerSent::new()];
        request.json = Some(vec!["x".to_owned()]);
        request.json_int = Some(vec![1, 2]);
        request.json_enum = Some(vec![Architecture::SelfValue]);
        request.json_structs = Some(vec![inner()]);
        request.json_list = Some(JsonList::new().words(["x"]));
        request.comma = vec!["x".to_owned(), "y".to_owned()];
        request.comma_int = vec![1, 2];
        request.comma_enum = vec![Architecture::ZhCn, Architecture::UnrecognizedValue];
        request.branch = Some(Branch::new().name("a").branches([Branch::new().name("b").architecture("GPU")]));
        request.password = Some("p".to_owned());
        request.secrets = vec!["s".to_owned()];
        request.login = Some(Login::new().user("u").secret("s"));
        request.old_lists = vec!["o".to_owned()];
    });
    let json = r#"{"Text":"t","Numbers":[1,2],"Deep":[{"Flag":true,"Old":7}]}"#;
    let expected = [
        ("RegionId", "cn-a"),
        ("Text", "a b"),
        ("Bool", "true"),
        ("Int", "-1"),
        ("Long", "9223372036854775807"),
        ("Float", "0.5"),
        ("Double", "0.1"),
        ("Enum", "x86_64"),
        ("Struct.Text", "t"),
        ("Struct.Numbers.1", "1"),
        ("Struct.Numbers.2", "2"),
        ("Struct.Deep.1.Flag", "true"),
        ("Struct.Deep.1.Old", "7"),
        ("JsonStruct", json),
        ("Map.k", "v"),
        ("JsonMap", r#"{"k":"\""}"#),
        ("Repeat.1", "x"),
        ("Repeat.2", "y"),
        ("RepeatInt.1", "1"),
        ("RepeatInt.2", "2"),
        ("RepeatBool.1", "true"),
        ("RepeatBool.2", "false"),
        ("RepeatEnum.1", "1"),
        ("RepeatEnum.2", "new"),
        ("RepeatStruct.1.Text", "t"),
        ("RepeatStruct.1.Numbers.1", "1"),
        ("RepeatStruct.1.Numbers.2", "2"),
        ("RepeatStruct.1.Deep.1.Flag", "true"),
        ("RepeatStruct.1.Deep.1.Old", "7"),
        ("Json", r#"["x"]"#),
        ("JsonInt", "[1,2]"),
        ("JsonEnum", r#"["Self"]"#),
        ("JsonStructs", &format!("[{json}]")),
        ("JsonList", r#"{"Words":["x"]}"#),
        ("Comma", "x,y"),
        ("CommaInt", "1,2"),
        ("CommaEnum", "zh-CN,Unrecognized"),
        ("Branch.Name", "a"),
        ("Branch.Branch.1.Name", "b"),
        ("Branch.Branch.1.Architecture", "GPU"),
        ("Password", "p"),
        ("Secrets.1", "s"),
        ("Login.User", "u"),
        ("Login.Secret", "s"),
        ("OldList.1", "o"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(parameters(&request), expected);
}

#[test]
fn an_empty_list_in_json_is_sent() {
    let sent = |list: JsonList| parameters(&OptionRequest::build(|request| request.json_list = Some(list)));
    let json = |text: &str| vec![("JsonList".to_owned(), text.to_owned())];
    assert_eq!(sent(JsonList::new().words([""; 0])), json(r#"{"Words":[]}"#));
    assert_eq!(sent(JsonList::new()), json("{}"));
    // In separate parameters, an empty list cannot be expressed.
    let inner = InnerSent::new().text("t").numbers([0_i64; 0]);
    let request = OptionRequest::build(|request| request.r#struct = Some(inner));
    assert_eq!(parameters(&request), [("Struct.Text".to_owned(), "t".to_owned())]);
}

#[test]
fn parameters_that_are_not_set_are_not_sent() {
    assert_eq!(form(&OptionRequest::default()), "");
    assert_eq!(form(&PingRequest::default()), "");
    // An empty JSON list is sent; other empty lists are not.
    let request = OptionRequest::build(|request| {
        request.json = Some(Vec::new());
        request.repeats = Vec::new();
    });
    assert_eq!(form(&request), "Json=%5B%5D");
}

#[test]
fn missing_required_parameters_are_reported_with_their_paths() {
    assert_eq!(missing(&OptionRequest::default()), ["RegionId", "Text"]);
    let request = OptionRequest::build(|request| {
        request.text = Some("t".to_owned());
        request.repeat_structs = vec![InnerSent::new().deeps([DeepSent::new(), DeepSent::new().flag(false)])];
        request.branch = Some(Branch::new().branches([Branch::new()]));
    });
    let expected = ["RegionId", "RepeatStruct.1.Deep.1.Flag", "Branch.Name", "Branch.Branch.1.Name"];
    assert_eq!(missing(&request), expected);
}

#[test]
fn decodes_every_kind_of_field() {
    let response: AnswerResponse = read(
        r#"{"RequestId":"r","Text":"t","Bool":true,"Int":1,"Long":9007199254740993,"Float":0.5,"Double":0.1,
        "Enum":"zh-CN","Struct":{"Numbers":[1,2],"Deep":{"Deep":[{"Flag":false,"Old":3}]}},"Map":{"k":"v"},
        "List":["a","b"],"ListInt":[1,2],"ListBool":[true,false],"ListEnum":["1","new"],"ListStruct":[{"Text":"t"}],
        "Wrapped":{"Item":["a"]},"WrappedInt":{"Int":[1]},"WrappedEnum":{"Enum":["Self"]},
        "WrappedStruct":{"Inner":[{"Text":"t"}]},"Locks":{"LockReason":[{"LockReason":"financial","LockMsg":"m"}]},
        "Same":{"Same":["x"]},"Twig":{"Name":"a","Twigs":{"Twig":[{"Name":"b"}]},"Options":{"None":true}},"Old":4}"#,
    );
    assert_eq!((&*response.request_id, &*response.text), ("r", "t"));
    assert_eq!((response.bool, response.int, response.long), (Some(true), Some(1), Some(9_007_199_254_740_993)));
    assert_eq!((response.float, response.double, response.old), (Some(0.5), Some(0.1), Some(4)));
    assert_eq!(response.r#enum, Some(Architecture::ZhCn));
    assert_eq!(response.r#struct.numbers, [1, 2]);
    assert_eq!((response.r#struct.deep[0].flag, response.r#struct.deep[0].old), (Some(false), Some(3)));
    assert_eq!(response.map["k"], "v");
    assert_eq!(
        (&*response.list, &*response.list_int, &*response.list_bool),
        (&["a".to_owned(), "b".to_owned()][..], &[1, 2][..], &[true, false][..])
    );
    assert_eq!(response.list_enum, [Architecture::V1, Architecture::Unrecognized("new".to_owned())]);
    assert_eq!((&*response.list_struct[0].text, &*response.wrapped_struct[0].text), ("t", "t"));
    assert_eq!(
        (&*response.wrapped[0], response.wrapped_int[0], &response.wrapped_enum[0]),
        ("a", 1, &Architecture::SelfValue)
    );
    assert_eq!((&*response.locks[0].lock_reason, &*response.locks[0].lock_msg), ("financial", "m"));
    assert_eq!(response.same, ["x"]);
    assert_eq!((&*response.twig.twigs[0].name, response.twig.options.none), ("b", Some(true)));
}

#[test]
fn responses_are_decoded_leniently() {
    // Numbers and booleans as strings, and strings as numbers.
    let response: AnswerResponse =
        read(r#"{"Int":"7","Long":"9007199254740993","Double":"0.5","Text":12,"Bool":"true"}"#);
    assert_eq!((response.int, response.long, response.double), (Some(7), Some(9_007_199_254_740_993), Some(0.5)));
    assert_eq!((&*response.text, response.bool), ("12", Some(true)));
    // Empty strings and null are absent for every kind of member.
    for absent in ["\"\"", "null"] {
        let members = [
            "Text",
            "Bool",
            "Int",
            "Float",
            "Enum",
            "Struct",
            "Map",
            "List",
            "ListInt",
            "ListStruct",
            "Wrapped",
            "WrappedStruct",
            "Locks",
            "Twig",
        ];
        let json = format!("{{{}}}", members.map(|name| format!("\"{name}\":{absent}")).join(","));
        assert_eq!(read::<AnswerResponse>(&json), AnswerResponse::default(), "{json}");
    }
    // A single object where a list is expected, and a list without its wrapper.
    let response: AnswerResponse = read(
        r#"{"ListStruct":{"Text":"one"},"WrappedStruct":{"Inner":{"Text":"one"}},"Wrapped":["a","b"],"List":"one",
        "ListInt":["1",2]}"#,
    );
    assert_eq!((response.list_struct.len(), &*response.list_struct[0].text), (1, "one"));
    assert_eq!((response.wrapped_struct.len(), &*response.wrapped_struct[0].text), (1, "one"));
    assert_eq!(
        (response.wrapped, response.list, response.list_int),
        (vec!["a".to_owned(), "b".to_owned()], vec!["one".to_owned()], vec![1, 2])
    );
    // A string where a struct with a member of the wrapper's name is expected.
    let response: AnswerResponse = read(r#"{"Locks":{"LockReason":["financial","security"]}}"#);
    assert_eq!(response.locks.iter().map(|lock| &*lock.lock_reason).collect::<Vec<_>>(), ["financial", "security"]);
    // Unknown members.
    assert_eq!(unread::<AnswerResponse>(r#"{"New":1,"Twig":{"Leaf":[]}}"#).unwrap(), ["New", "Twig.Leaf"]);
}

#[test]
fn decoding_errors_contain_the_path() {
    let mut response = AnswerResponse::default();
    for (json, path) in [
        (r#"{"Int":{}}"#, "Int: expected a number or boolean, found an object"),
        (r#"{"ListBool":[true,"maybe"]}"#, "ListBool[1]: expected true or false"),
        (r#"{"Struct":{"Deep":{"Deep":[{"Flag":{}}]}}}"#, "Struct.Deep.Deep[0].Flag: expected a number or boolean"),
        (r#"{"Text":[]}"#, "Text: expected a string, found a list"),
    ] {
        let error = decode::from_slice(json.as_bytes(), &mut response).unwrap_err().to_string();
        assert!(error.starts_with(path), "{error}");
    }
}

#[test]
fn secrets_are_sent_but_not_printed() {
    let request = OptionRequest::build(|request| {
        request.text = Some("open".to_owned());
        request.password = Some("hidden-1".to_owned());
        request.secrets = vec!["hidden-2".to_owned()];
        request.login = Some(Login::new().user("open").secret("hidden-3"));
    });
    let shown = format!("{request:?}");
    assert_eq!(
        shown,
        r#"OptionRequest { text: "open", password: ***, secrets: ***, login: Login { user: "open", secret: *** } }"#
    );
    let (client, _) = client(&[]);
    let call =
        client.option().text("open").password("hidden-1").secrets(["hidden-2"]).login(Login::new().secret("hidden-3"));
    let response: AnswerResponse =
        read(r#"{"Password":"hidden-1","Struct":{"Deep":{"Deep":[{"Secret":"hidden-2"}]}}}"#);
    for shown in [format!("{call:?}"), format!("{call:#?}"), format!("{response:?}"), format!("{response:#?}")] {
        assert!(!shown.contains("hidden"), "{shown}");
        assert!(shown.contains("***"), "{shown}");
    }
    assert!(form(&request).contains("Password=hidden-1&Secrets.1=hidden-2&Login.User=open&Login.Secret=hidden-3"));
}

#[test]
fn names_that_conflict_with_rust_are_adapted() {
    let (client, _) = client(&[]);
    let _ = client
        .result()
        .key("K")
        .lower_key("k")
        .r#type("t")
        .self_("s")
        .r#async("a")
        .send_("n")
        .items_("i")
        .options_("o");
    let _ = (
        client.r#match(),
        client.vec(),
        client.self_(),
        client.send_(),
        client.clone_(),
        client.mod_(),
        client.value(),
    );
    let _ = (client.describe_vswitches(), client.enable_instance_id_dns_aaaa_record());
    let request = ResultRequest::build(|request| {
        request.key = Some("K".to_owned());
        request.lower_key = Some("k".to_owned());
        request.r#type = Some("t".to_owned());
        request.clone_ = Some("c".to_owned());
        request._2nd_disk = Some("d".to_owned());
        request.os_name_en = Some("e".to_owned());
        request.kms_key_id = Some("m".to_owned());
        request.vcpu = Some("4".to_owned());
        request.policies = vec!["p".to_owned()];
        request.statuses = vec!["s".to_owned()];
        request.r#box = Some(BoxType::new().r#type("t").new_("n").self_("s"));
    });
    let expected = "Key=K&key=k&Type=t&Clone=c&2ndDisk=d&OSNameEn=e&KMSKeyId=m&vCPU=4&Policy.1=p&Status.1=s&Box.Type=t&Box.New=n&Box.self=s";
    assert_eq!(form(&request), expected);
    assert_eq!(form(&request.clone()), expected);
    let response: ResultResponse = read(
        r#"{"Key":"K","key":"k","Send":"n","Meta":"d","From":{"From":["Some"]},"Value2":{"Duration":{"Operation":"Async"}}}"#,
    );
    assert_eq!((&*response.key, &*response.lower_key, &*response.send, &*response.meta_), ("K", "k", "n", "d"));
    assert_eq!(response.from, [FromType::Some]);
    assert_eq!(response.value2.duration.operation, Some(OperationType::Async));
}

#[test]
fn enums_preserve_unknown_values() {
    let wires = ["1", "x86_64", "zh-CN", "Self", "Unrecognized", "GPU", "lower", "half ready", "C:\\\"quoted\""];
    assert_eq!(Architecture::known().map(|value| value.to_string()).collect::<Vec<_>>(), wires);
    for wire in wires {
        let value = Architecture::from(wire);
        assert!(!matches!(value, Architecture::Unrecognized(_)), "{wire}");
        assert_eq!(serde_json::to_value(&value).unwrap(), wire);
    }
    assert_eq!(Architecture::from("half ready"), Architecture::Halfway);
    let new = Architecture::from("RISC-V");
    assert_eq!((new.as_str(), format!("{new:?}")), ("RISC-V", "RISC-V".to_owned()));
    assert!(new.is("risc-v") && Architecture::Gpu.is("gpu"));
}

#[test]
fn requests_and_responses_survive_serialization() {
    let request = OptionRequest::build(|request| {
        request.text = Some("t".to_owned());
        request.json = Some(Vec::new());
        request.branch = Some(Branch::new().name("a").branches([Branch::new().name("b")]));
    });
    let saved = serde_json::to_value(&request).unwrap();
    assert_eq!(saved, serde_json::json!({"Text": "t", "Json": [], "Branch": {"Name": "a", "Branch": [{"Name": "b"}]}}));
    assert_eq!(serde_json::from_value::<OptionRequest>(saved).unwrap(), request);
    let response: AnswerResponse =
        read(r#"{"Locks":{"LockReason":["financial"]},"Twig":{"Twigs":{"Twig":[{"Name":"b"}]}}}"#);
    let saved = serde_json::to_value(&response).unwrap();
    let expected = serde_json::json!({"Locks": {"LockReason": [{"LockReason": "financial"}]}, "Twig": {"Twigs": {"Twig": [{"Name": "b"}]}}});
    assert_eq!(saved, expected);
    assert_eq!(serde_json::from_value::<AnswerResponse>(saved).unwrap(), response);
}

#[test]
fn operation_metadata_matches_the_specs() {
    let meta = OptionRequest::META;
    assert_eq!((meta.name, meta.service.version), ("Option", "2014-05-26"));
    assert!(meta.slow && meta.client_token && meta.dry_run && meta.region && !meta.read);
    assert!(
        !crate::golden::ecs::operation::r#match::MatchRequest::META.dry_run,
        "a dry run that the service ignores is not offered"
    );
    let meta = AnswerRequest::META;
    assert!(meta.read && !meta.slow && !meta.client_token && !meta.dry_run && !meta.region);
    assert_eq!(
        (codes::INVALID_TEXT_MALFORMED, codes::_1_ERROR, codes::THROTTLING_USER),
        ("InvalidText.Malformed", "1.Error", "Throttling.User")
    );
    let response: DescribeVSwitchesResponse = read(r#"{"Data":{"VSwitches":{"VSwitch":[{},{}]}}}"#);
    assert_eq!(DescribeVSwitchesRequest::items(response).len(), 2);
}

#[tokio::test]
async fn every_style_of_pagination_works() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    let (client, bodies) = self::client(&[
        r#"{"NextToken":"two","Data":{"VSwitches":{"VSwitch":[{"VSwitchId":"a"},{"VSwitchId":"b"}]}}}"#,
        r#"{"NextToken":"","Data":{"VSwitches":{"VSwitch":[{"VSwitchId":"c"}]}}}"#,
    ]);
    let items: Vec<VSwitch> = client.describe_vswitches().vswitch_ids(["v"]).items().try_collect().await.unwrap();
    assert_eq!(items.iter().map(|item| &*item.vswitch_id).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(sent(&bodies, "NextToken"), ["-", "two"]);
    assert_eq!(
        (sent(&bodies, "MaxResults"), sent(&bodies, "VSwitchIds.1")),
        (vec!["100".to_owned(); 2], vec!["v".to_owned(); 2])
    );
    assert_eq!(sent(&bodies, "RegionId"), ["cn-a", "cn-a"]);

    let (client, bodies) = self::client(&[
        r#"{"TotalCount":3,"Things":[{"Id":"a"},{"Id":"b"}]}"#,
        r#"{"TotalCount":3,"Things":[{"Id":"c","State":"Ready"}]}"#,
    ]);
    let pages: Vec<DescribeThingsResponse> = client.describe_things().page_size(2).pages().try_collect().await.unwrap();
    assert_eq!(pages.iter().map(|page| page.things.len()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(sent(&bodies, "PageNumber").last().unwrap(), "2");

    let (client, bodies) = self::client(&[
        r#"{"NextOffset":2,"Prices":{"Price":["1","2"]}}"#,
        r#"{"NextOffset":0,"Prices":{"Price":["3"]}}"#,
    ]);
    let prices: Vec<String> = client.describe_prices().items().try_collect().await.unwrap();
    assert_eq!(
        (prices, sent(&bodies, "Offset")),
        (vec!["1".to_owned(), "2".to_owned(), "3".to_owned()], vec!["-".to_owned(), "2".to_owned()])
    );
    let _: fn(DescribePricesResponse) -> Vec<String> = DescribePricesRequest::items;
}

#[tokio::test]
#[expect(deprecated, reason = "deprecated operations still work")]
async fn deprecated_operations_work() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    let (client, bodies) = client(&[
        r#"{"NextToken":"","Things":{"Thing":[{"Id":"t-1","State":"Ready"}]}}"#,
        r#"{"Things":{"Thing":[{"Id":"t-1","State":"Ready"}]}}"#,
    ]);
    let things: Vec<_> = client.list_old_things().thing_ids(["t-1"]).items().try_collect().await.unwrap();
    assert_eq!((things.len(), &*things[0].id), (1, "t-1"));
    client.wait_until_old_thing_ready().thing_ids(["t-1"]).wait(Duration::from_secs(1)).await.unwrap();
    assert_eq!(sent(&bodies, "ThingIds"), ["%5B%22t-1%22%5D"; 2]);
}
