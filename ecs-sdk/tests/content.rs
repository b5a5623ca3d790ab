//! User data, commands and files: setters encode content, methods of responses decode it, and its size is checked.
#![cfg(all(
    feature = "auto-provisioning",
    feature = "cloud-assistant",
    feature = "image-pipelines-and-components",
    feature = "instances",
    feature = "launch-templates"
))]

use std::time::Duration;

use ecs_emulator::Emulator;
use ecs_sdk::{
    CallOptions, Client, Credentials, Error, ErrorKind, Result,
    interceptor::{BoxError, Interceptor, Outgoing},
    operation::{
        create_auto_provisioning_group::LaunchConfiguration,
        describe_invocation_results::{DescribeInvocationResultsResponse, InvocationResult},
        describe_send_file_results::{DescribeSendFileResultsResponse, Invocation},
        modify_instance_attribute::ModifyInstanceAttributeRequest,
        run_command::{RunCommand, RunCommandRequest},
        run_instances::RunInstances,
    },
    serde_json::{self, Value, json},
    types::ContentEncoding,
};
use ecs_sdk_testing::fake::{Response, Service, TimeLimit};

const SCRIPT: &str = "#!/bin/sh\necho ready\n";
const SCRIPT_BASE64: &str = "IyEvYmluL3NoCmVjaG8gcmVhZHkK";
const KB: usize = 1024;

/// A service that accepts everything, and its client.
fn accepting() -> (Service, Client) {
    let service = Service::always(Response::success());
    let client = service.config::<Client>().region("cn-hangzhou").build().unwrap();
    (service, client)
}

fn is_rejected<T: std::fmt::Debug>(result: Result<T>, parts: &[&str]) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Request, false), "{error}");
    assert!(parts.iter().all(|part| error.to_string().contains(part)), "{error}");
}

#[test]
fn setters_encode_bytes_and_strings_and_never_guess() {
    let (service, client) = accepting();
    let encoded = |request: RunInstances| request.user_data.unwrap();
    assert_eq!(encoded(client.run_instances().user_data(SCRIPT)), SCRIPT_BASE64);
    assert_eq!(encoded(client.run_instances().user_data(String::from(SCRIPT))), SCRIPT_BASE64);
    assert_eq!(encoded(client.run_instances().user_data(Vec::from(SCRIPT))), SCRIPT_BASE64);
    assert_eq!(encoded(client.run_instances().user_data([0x1f, 0x8b, 0xff])), "H4v/");
    assert_eq!(encoded(client.run_instances().user_data("")), "");
    // Content that looks like Base64 is content.
    assert_eq!(encoded(client.run_instances().user_data("aGk=")), "YUdrPQ==");
    assert_eq!(encoded(client.run_instances().user_data_base64("aGk=")), "aGk=");
    assert_eq!(encoded(client.run_instances().maybe(Some(SCRIPT), RunInstances::user_data)), SCRIPT_BASE64);

    let launch = LaunchConfiguration::new().image_id("m-1").user_data(SCRIPT);
    let group = client.create_auto_provisioning_group().total_target_capacity("1").launch_configuration(launch);
    service.run(group.send()).unwrap();
    assert_eq!(service.only_request().param("LaunchConfiguration.UserData"), SCRIPT_BASE64);
}

#[test]
fn encoding_a_command_sets_its_encoding() {
    let sent = |send: &dyn Fn(&Service, &Client)| {
        let (service, client) = accepting();
        send(&service, &client);
        service.only_request()
    };
    for content in ["command_content", "command_content_base64"] {
        let (is_base64, text) = (content.ends_with("base64"), SCRIPT);
        let set = |request: RunCommand| match is_base64 {
            false => request.command_content(text),
            true => request.command_content_base64(SCRIPT_BASE64),
        };
        let request = sent(&|service, client| {
            service.run(set(client.run_command().r#type("RunShellScript")).send()).unwrap();
        });
        assert_eq!(request.param("CommandContent"), SCRIPT_BASE64);
        assert_eq!(request.param("ContentEncoding"), "Base64");
    }
    let request = sent(&|service, client| {
        let create = client.create_command().name("n").r#type("RunShellScript").command_content(SCRIPT);
        service.run(create.send()).unwrap();
    });
    assert_eq!([request.param("CommandContent"), request.param("ContentEncoding")], [SCRIPT_BASE64, "Base64"]);
    let request = sent(&|service, client| {
        service.run(client.modify_invocation_attribute().invoke_id("t-1").command_content(SCRIPT).send()).unwrap();
    });
    assert_eq!([request.param("CommandContent"), request.param("ContentEncoding")], [SCRIPT_BASE64, "Base64"]);
    let request = sent(&|service, client| {
        let send = client.send_file().name("f").target_dir("/tmp").instance_ids(["i-1"]).content(SCRIPT);
        service.run(send.send()).unwrap();
    });
    assert_eq!([request.param("Content"), request.param("ContentType")], [SCRIPT_BASE64, "Base64"]);
}

#[test]
fn serde_and_parameters_are_the_wire_form() {
    let (service, client) = accepting();
    let json = json!({
        "RegionId": "r", "Type": "RunShellScript", "CommandContent": "df -h", "ContentEncoding": "PlainText",
    });
    let request: RunCommandRequest = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(&request).unwrap(), json);
    service.run(client.send(request)).unwrap();
    let options = CallOptions::new().parameter("CommandContent", "df -h");
    let call = client.run_command().r#type("RunShellScript").command_content("ls").options(options);
    service.run(call.send()).unwrap();
    service.run(client.call("RunCommand").parameter("CommandContent", "df -h").send()).unwrap();
    let sent = service.requests();
    assert!(sent.iter().all(|request| request.param("CommandContent") == "df -h"));
    assert_eq!(sent[0].param("ContentEncoding"), "PlainText");
}

#[test]
fn sizes_are_checked_before_sending() {
    let (service, client) = accepting();
    let file = |size: usize| client.send_file().name("f").target_dir("/t").instance_ids(["i-1"]).content(vec![0; size]);
    let command = || client.run_command().r#type("RunShellScript");
    let attribute = || client.modify_instance_attribute().instance_id("i-1");
    let group = |size: usize| {
        let launch = LaunchConfiguration::new().user_data(vec![b'x'; size]);
        client.create_auto_provisioning_group().total_target_capacity("1").launch_configuration(launch)
    };
    let template = || client.create_launch_template().launch_template_name("web");

    // The largest sizes are accepted.
    service.run(client.run_instances().user_data(vec![0; 32 * KB]).send()).unwrap();
    service.run(attribute().user_data(vec![0; 32 * KB]).send()).unwrap();
    service.run(template().user_data(vec![0; 32 * KB]).send()).unwrap();
    service.run(group(32 * KB).send()).unwrap();
    service.run(command().command_content(vec![b'#'; 18 * KB]).send()).unwrap();
    service.run(command().command_content_base64("A".repeat(24 * KB)).send()).unwrap();
    service.run(command().command_content("ls").launcher("x".repeat(KB)).send()).unwrap();
    service.run(file(24 * KB).send()).unwrap();
    let accepted = service.requests().len();
    assert_eq!(accepted, 8);

    // One byte more is not.
    let user_data = ["32769 bytes", "32768 bytes"];
    let too_large = vec![0; 32 * KB + 1];
    is_rejected(service.run(client.run_instances().user_data(&too_large).send()), &["`UserData`", "32769", "32768"]);
    is_rejected(service.run(client.run_instances().user_data(&too_large).check()), &user_data);
    is_rejected(
        service.run(client.create_instance().image_id("m").instance_type("t").user_data(&too_large).send()),
        &user_data,
    );
    is_rejected(service.run(attribute().user_data(&too_large).send()), &user_data);
    is_rejected(service.run(template().user_data(&too_large).send()), &user_data);
    let version = client.create_launch_template_version().user_data(&too_large);
    is_rejected(service.run(version.send()), &user_data);
    is_rejected(service.run(group(32 * KB + 1).send()), &["`LaunchConfiguration.UserData`", "32769 bytes"]);
    let parts = ["`CommandContent`", "18433 bytes", "18432 bytes", "24576 in Base64"];
    is_rejected(service.run(command().command_content(vec![b'#'; 18 * KB + 1]).send()), &parts);
    is_rejected(service.run(command().command_content_base64("A".repeat(24 * KB + 4)).send()), &parts[2..]);
    is_rejected(service.run(file(24 * KB + 1).send()), &["`Content`", "24577 bytes", "32768 in Base64"]);
    let launcher = command().command_content("ls").launcher("x".repeat(KB + 1));
    is_rejected(service.run(launcher.send()), &["`Launcher`", "1025 bytes", "1024 bytes"]);
    let component = client.create_image_component().content("x".repeat(16 * KB + 1));
    is_rejected(service.run(component.send()), &["`Content`", "16385 bytes", "16384 bytes"]);

    // Content in the wire form counts according to its encoding.
    let wire = |size: usize, encoding: Option<&str>| {
        let mut request = RunCommandRequest::new().r#type("RunShellScript");
        request.command_content = Some("x".repeat(size));
        request.content_encoding = encoding.map(Into::into);
        service.run(client.send(request))
    };
    for encoding in [None, Some("PlainText"), Some("plaintext"), Some("gzip")] {
        wire(18 * KB, encoding).unwrap();
        is_rejected(wire(18 * KB + 1, encoding), &parts);
    }
    for encoding in ["Base64", "BASE64"] {
        wire(24 * KB, Some(encoding)).unwrap();
        is_rejected(wire(24 * KB + 2, Some(encoding)), &parts);
    }
    // The service may allow an account more.
    let unlimited = client.run_instances().user_data(&too_large).options(CallOptions::new().check_limits(false));
    service.run(unlimited.send()).unwrap();
    // Breaks between lines do not count.
    let lines = "QUFB\r\n".repeat(32 * KB / 3);
    service.run(attribute().user_data_base64(lines).send()).unwrap();
    assert_eq!(service.requests().len(), accepted + 8);
}

#[test]
fn errors_do_not_contain_the_content() {
    let script = "#!/bin/sh\necho s3cret-t0ken-of-the-script\n";
    let request = ModifyInstanceAttributeRequest::new().instance_id("i-1").user_data(script);
    let debug = format!("{request:?}");
    assert!(debug.contains("user_data: ***"), "{debug}");
    let base64 = request.user_data.clone().unwrap();
    let echo = move |form: &ecs_sdk_testing::fake::SentRequest| {
        let decoded = "#!/bin/sh\necho s3cret-t0ken-of-the-script\n";
        let body = json!({
            "RequestId": "r", "Code": "InvalidUserData.Forbidden",
            "Message": format!("invalid user data {decoded} sent as {}", form.param("UserData")),
        });
        Response::new(403, body.to_string())
    };
    let service = Service::new(echo);
    let client = service.config::<Client>().region("cn-hangzhou").build().unwrap();
    let error = service.run(client.send(request)).unwrap_err();
    let text = format!("{error} {error:?}");
    assert_eq!(error.code(), Some("InvalidUserData.Forbidden"));
    assert!(!text.contains("s3cret") && !text.contains(&base64), "{text}");

    let (service, client) = accepting();
    let too_large = format!("{script}{}", "x".repeat(40 * KB));
    let error = service.run(client.run_instances().user_data(&too_large).send()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
}

fn results(output: &str) -> Response {
    let result = json!({ "InvokeId": "t-1", "InstanceId": "i-1", "Output": output });
    let results = json!({ "InvocationResults": { "InvocationResult": [result] } });
    Response::ok(json!({ "RequestId": "r", "Invocation": results }))
}

/// Requests plain text in all calls.
#[derive(Debug)]
struct PlainText;

impl Interceptor for PlainText {
    fn before_signing(&self, request: &mut Outgoing<'_>) -> std::result::Result<(), BoxError> {
        request.set_parameter("ContentEncoding", "PlainText")
    }
}

fn first_result(response: &DescribeInvocationResultsResponse) -> &InvocationResult {
    &response.invocation.invocation_results[0]
}

#[test]
fn output_is_decoded_as_the_request_asked() {
    // The output `done` is valid Base64 of something else.
    let service = Service::new(|request| match request.get("ContentEncoding").as_deref() {
        Some("PlainText" | "plaintext") => results("done"),
        _ => results("ZG9uZQ=="),
    });
    let client = service.config::<Client>().region("cn-hangzhou").build().unwrap();
    let describe = || client.describe_invocation_results().invoke_id("t-1");
    let received = service.run(describe().send()).unwrap();
    assert_eq!((first_result(&received).output.as_str(), received.meta().attempts()), ("ZG9uZQ==", 1));
    assert_eq!(first_result(&received).output_decoded().unwrap(), "done");
    let options = CallOptions::new().parameter("ContentEncoding", "plaintext");
    for plain in [describe().content_encoding(ContentEncoding::PlainText), describe().options(options)] {
        let received = service.run(plain.send()).unwrap();
        assert_eq!(first_result(&received).output, "done");
        assert_eq!(first_result(&received).output_decoded().unwrap(), "done");
        // Copies know it too, and it is neither compared nor written.
        let copy = received.clone();
        assert_eq!(first_result(&copy).output_decoded().unwrap(), "done");
        let json = serde_json::to_value(&received).unwrap();
        let members = json.pointer("/Invocation/InvocationResults/InvocationResult/0").and_then(Value::as_object);
        assert_eq!(members.unwrap().len(), 3, "{json}");
        let read: DescribeInvocationResultsResponse = serde_json::from_value(json).unwrap();
        assert_eq!(read, received);
    }
    // The parameters that were sent decide, and interceptors may change them.
    let forced = service.config::<Client>().region("cn-hangzhou").interceptor(PlainText).build();
    let received = service.run(forced.unwrap().describe_invocation_results().send()).unwrap();
    assert_eq!(first_result(&received).output_decoded().unwrap(), "done");
}

#[test]
fn nested_content_of_invocations_and_commands_is_decoded() {
    let service = Service::new(|request| {
        let text = |text: &str| match request.get("ContentEncoding") {
            Some(_) => text.to_owned(),
            None => ecs_sdk::content::encode(text),
        };
        let instances = json!({ "InvokeInstance": [{ "Output": text("up 3 days") }] });
        let invocation = json!({ "CommandContent": text("uptime"), "InvokeInstances": instances });
        let command = json!({ "CommandContent": text("df -h") });
        Response::ok(json!({
            "RequestId": "r",
            "Invocations": { "Invocation": [invocation] },
            "Commands": { "Command": [command] },
        }))
    });
    let client = service.config::<Client>().region("cn-hangzhou").build().unwrap();
    for plain in [None, Some(ContentEncoding::PlainText)] {
        let call = client.describe_invocations();
        let call =
            call.maybe(plain.clone(), ecs_sdk::operation::describe_invocations::DescribeInvocations::content_encoding);
        let invocations = service.run(call.send()).unwrap().invocations;
        assert_eq!(invocations[0].command_content_decoded().unwrap(), "uptime");
        assert_eq!(invocations[0].invoke_instances[0].output_decoded().unwrap(), "up 3 days");
        let call = client.describe_commands();
        let call = call.maybe(plain, ecs_sdk::operation::describe_commands::DescribeCommands::content_encoding);
        let commands = service.run(call.send()).unwrap().commands;
        assert_eq!(commands[0].command_content_decoded().unwrap(), "df -h");
    }
}

#[test]
fn files_are_decoded_as_the_response_states() {
    let decoded = |file: Value| -> Result<String> {
        let json = json!({ "Invocations": { "Invocation": [file] } });
        let response: DescribeSendFileResultsResponse = serde_json::from_value(json).unwrap();
        let file: &Invocation = &response.invocations[0];
        Ok(file.content_decoded()?.to_string())
    };
    assert_eq!(decoded(json!({ "Content": "aGk=", "ContentType": "Base64" })).unwrap(), "hi");
    assert_eq!(decoded(json!({ "Content": "aGk=", "ContentType": "PlainText" })).unwrap(), "aGk=");
    assert_eq!(decoded(json!({ "Content": "aGk=" })).unwrap(), "aGk=");
    let error: Error = decoded(json!({ "Content": "no base64!", "ContentType": "Base64" })).unwrap_err();
    assert!(error.kind() == ErrorKind::Decode && error.to_string().contains("`Content`"), "{error}");
    assert!(!error.to_string().contains("no base64"), "{error}");
}

#[tokio::test]
async fn user_data_and_the_console_are_read_back() {
    let _limit = TimeLimit::start();
    let emulator = Emulator::builder().transition(Duration::ZERO).start().await.unwrap();
    let client = Client::builder().region("cn-hangzhou").endpoint(emulator.endpoint());
    let client = client.credentials(Credentials::new("testid", "testsecret")).build().unwrap();
    let run = client.run_instances().image_id("aliyun_3_x64_20G_alibase_20250117.vhd").instance_type("ecs.g6.large");
    let id = run.user_data(SCRIPT).send().await.unwrap().instance_id_sets.remove(0);
    let user_data = || async { client.describe_user_data().instance_id(&id).send().await.unwrap() };
    assert_eq!(user_data().await.user_data, SCRIPT_BASE64);
    assert_eq!(user_data().await.user_data_decoded().unwrap(), SCRIPT);

    let console = client.get_instance_console_output().instance_id(&id).send().await.unwrap();
    let text = console.console_output_decoded().unwrap().to_string();
    assert!(text.contains(&id) && !console.console_output.contains(&id), "{text}");
    let screen = client.get_instance_screenshot().instance_id(&id).send().await.unwrap();
    assert!(screen.screenshot_decoded().unwrap().as_bytes().starts_with(&[0xff, 0xd8]));

    client.stop_instance().instance_id(&id).send().await.unwrap();
    client.modify_instance_attribute().instance_id(&id).user_data(b"v2").send().await.unwrap();
    assert_eq!(user_data().await.user_data_decoded().unwrap(), "v2");

    // Templates are copied with the content that was read.
    let template = client.create_launch_template().launch_template_name("web").user_data(SCRIPT).send().await.unwrap();
    let versions = client.describe_launch_template_versions().launch_template_id(template.launch_template_id);
    let versions = versions.detail_flag(true).send().await.unwrap().launch_template_version_sets;
    let content = versions[0].launch_template_data.user_data_decoded().unwrap();
    assert_eq!(content, SCRIPT);
    assert_eq!(client.run_instances().user_data(&content).user_data.as_deref(), Some(SCRIPT_BASE64));
}
