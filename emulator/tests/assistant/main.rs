//! Cloud Assistant: commands, their runs on instances with the time, results that a test sets, and files.

#[path = "../common/mod.rs"]
mod common;
mod instances;
mod schedules;

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use common::{Test, fails, ids, send};
use ecs_emulator::CommandResult;
use serde_json::{Value, json};

/// A time after which all that has been started has ended.
const LATER: u64 = 10;

/// Runs a shell script on instances. Returns the ID of the run.
fn run(test: &Test, script: &str, instances: &[String], more: &[(&str, &str)]) -> String {
    start(test, script, instances, more).unwrap()["InvokeId"].as_str().unwrap().to_owned()
}

fn start(test: &Test, script: &str, instances: &[String], more: &[(&str, &str)]) -> common::CallResult {
    let names: Vec<String> = (1..=instances.len()).map(|number| format!("InstanceId.{number}")).collect();
    let mut all = vec![("Type", "RunShellScript"), ("CommandContent", script)];
    all.extend(names.iter().map(String::as_str).zip(instances.iter().map(String::as_str)));
    all.extend_from_slice(more);
    test.call_here("RunCommand", &all)
}

/// The results of a run, with plain text as output.
fn results(test: &Test, run: &str, more: &[(&str, &str)]) -> Vec<Value> {
    let mut all = vec![("InvokeId", run), ("ContentEncoding", "PlainText")];
    all.extend_from_slice(more);
    let response = test.call_here("DescribeInvocationResults", &all).unwrap();
    response["Invocation"]["InvocationResults"]["InvocationResult"].as_array().unwrap().clone()
}

/// The only result of a run.
fn result(test: &Test, run: &str) -> Value {
    let results = results(test, run, &[]);
    assert_eq!(results.len(), 1, "{results:?}");
    results[0].clone()
}

fn invocation(test: &Test, run: &str) -> Value {
    let response = test.call_here("DescribeInvocations", &[("InvokeId", run), ("IncludeOutput", "true")]).unwrap();
    response["Invocations"]["Invocation"][0].clone()
}

/// State and older state of a run.
fn states(test: &Test, run: &str) -> (String, String) {
    let run = invocation(test, run);
    let text = |name: &str| run[name].as_str().unwrap().to_owned();
    (text("InvocationStatus"), text("InvokeStatus"))
}

fn both(state: &str, older: &str) -> (String, String) {
    (state.to_owned(), older.to_owned())
}

/// An emulator with running instances.
fn fleet(count: usize) -> (Test, Vec<String>) {
    let test = Test::new();
    let instances = test.run(&[("Amount", &count.to_string())]);
    test.advance(LATER);
    (test, instances)
}

#[test]
fn a_run_passes_through_its_states_and_returns_output_and_exit_code() {
    let (test, instances) = fleet(1);
    test.emulator.service().set_transition(Duration::from_secs(2));
    let run = run(&test, "echo hello", &instances, &[]);
    assert_eq!(states(&test, &run), both("Pending", "Running"));
    let pending = result(&test, &run);
    assert_eq!((&pending["InvocationStatus"], &pending["Output"]), (&json!("Pending"), &json!("")));
    assert_eq!((&pending["ExitCode"], &pending["StartTime"]), (&Value::Null, &json!("")));
    test.advance(2);
    assert_eq!(states(&test, &run), both("Running", "Running"));
    assert_eq!(result(&test, &run)["StartTime"], test.time(0));
    test.advance(2);
    assert_eq!(states(&test, &run), both("Success", "Finished"));
    let done = result(&test, &run);
    assert_eq!((&done["Output"], &done["ExitCode"], &done["Repeats"]), (&json!("hello\n"), &json!(0), &json!(1)));
    assert_eq!((&done["InvokeRecordStatus"], &done["FinishedTime"]), (&json!("Finished"), &json!(test.time(0))));
    assert_eq!((&done["ErrorCode"], &done["Dropped"], &done["StopTime"]), (&json!(""), &json!(0), &json!("")));
    let on_instance = &invocation(&test, &run)["InvokeInstances"]["InvokeInstance"][0];
    assert_eq!(on_instance["Output"], STANDARD.encode("hello\n"));
    assert_eq!((&on_instance["InstanceInvokeStatus"], &on_instance["Timed"]), (&json!("Finished"), &json!(false)));
}

#[test]
fn exit_codes_decide_about_success() {
    let (test, instances) = fleet(2);
    let failed = run(&test, "echo broken; exit 3", &instances, &[]);
    let fine = run(&test, "exit 0", &instances, &[]);
    test.advance(LATER);
    assert_eq!(states(&test, &failed), both("Failed", "Finished"));
    assert_eq!(states(&test, &fine), both("Success", "Finished"));
    for done in results(&test, &failed, &[]) {
        let error = (&done["InvocationStatus"], &done["ExitCode"], &done["ErrorCode"], &done["Output"]);
        assert_eq!(error, (&json!("Failed"), &json!(3), &json!("ExitCodeNonzero"), &json!("broken\n")));
    }
    // Filters match both kinds of states.
    for (state, count) in [("Failed", 1), ("Finished", 2), ("Success", 1), ("Running", 0)] {
        let response = test.call_here("DescribeInvocations", &[("InvokeStatus", state)]).unwrap();
        assert_eq!(response["TotalCount"], count, "{state}");
    }
}

#[test]
fn a_script_that_takes_longer_than_its_timeout_times_out() {
    let (test, instances) = fleet(1);
    let slow = run(&test, "sleep 30; echo done", &instances, &[]);
    let late = run(&test, "sleep 90; echo done", &instances, &[("Timeout", "60")]);
    test.advance(20);
    assert_eq!((states(&test, &slow).0, states(&test, &late).0), ("Running".to_owned(), "Running".to_owned()));
    test.advance(50);
    assert_eq!(result(&test, &slow)["Output"], "done\n");
    let late = result(&test, &late);
    assert_eq!((&late["InvocationStatus"], &late["ErrorCode"]), (&json!("Timeout"), &json!("ExecutionTimeout")));
    assert_eq!((&late["ExitCode"], &late["Output"]), (&Value::Null, &json!("")));
}

#[test]
fn an_instance_that_does_not_run_aborts_the_run_on_it_alone() {
    let (test, instances) = fleet(2);
    test.call("StopInstance", &[("InstanceId", &instances[1])]).unwrap();
    test.advance(LATER);
    let part = run(&test, "echo x", &instances, &[]);
    let none = run(&test, "echo x", &instances[1..], &[]);
    test.advance(LATER);
    assert_eq!(states(&test, &part), both("PartialFailed", "PartialFailed"));
    assert_eq!(states(&test, &none), both("Failed", "Failed"));
    let aborted = result(&test, &none);
    assert_eq!(
        (&aborted["InvocationStatus"], &aborted["ErrorCode"]),
        (&json!("Aborted"), &json!("InstanceNotRunning"))
    );
    let agents = test.call_here("DescribeCloudAssistantStatus", &[("InstanceId.1", &instances[1])]).unwrap();
    let agent = &agents["InstanceCloudAssistantStatusSet"]["InstanceCloudAssistantStatus"][0];
    assert_eq!((&agent["CloudAssistantStatus"], &agent["CloudAssistantVersion"]), (&json!("false"), &json!("")));
}

#[test]
fn an_instance_that_stops_restarts_or_is_released_interrupts_the_run() {
    let (test, instances) = fleet(4);
    let run = run(&test, "sleep 40", &instances, &[]);
    test.advance(5);
    test.call("StopInstance", &[("InstanceId", &instances[0])]).unwrap();
    test.call("RebootInstance", &[("InstanceId", &instances[1])]).unwrap();
    test.call("DeleteInstance", &[("InstanceId", &instances[2]), ("Force", "true")]).unwrap();
    test.advance(60);
    let results = results(&test, &run, &[]);
    let errors: Vec<&str> = results.iter().map(|result| result["ErrorCode"].as_str().unwrap()).collect();
    assert_eq!(errors, ["ExecutionInterrupted", "ExecutionInterrupted", "InstanceReleased", ""]);
    assert_eq!(states(&test, &run).0, "PartialFailed");
}

#[test]
fn a_run_that_is_stopped_is_terminated_or_canceled() {
    let (test, instances) = fleet(2);
    let running = run(&test, "sleep 50", &instances, &[]);
    test.advance(5);
    test.call_here("StopInvocation", &[("InvokeId", &running), ("InstanceId.1", &instances[0])]).unwrap();
    assert_eq!(states(&test, &running).0, "Running");
    let waiting = run(&test, "echo x", &instances, &[]);
    test.call_here("StopInvocation", &[("InvokeId", &waiting)]).unwrap();
    assert_eq!(states(&test, &waiting), both("Stopped", "Stopped"));
    assert_eq!(results(&test, &waiting, &[])[0]["InvocationStatus"], "Cancelled");
    test.advance(60);
    let stopped = &results(&test, &running, &[])[0];
    assert_eq!((&stopped["InvocationStatus"], &stopped["ExitCode"]), (&json!("Terminated"), &Value::Null));
    assert_ne!(stopped["StopTime"], "");
    // Stopped runs do not count.
    assert_eq!(states(&test, &running), both("Success", "Finished"));
    test.call_here("StopInvocation", &[("InvokeId", &running)]).unwrap();
    assert_eq!(states(&test, &running), both("Success", "Finished"));
    fails(test.call_here("StopInvocation", &[("InvokeId", "t-none")]), 404, "InvalidInvokeId.NotFound");
}

#[test]
fn commands_are_stored_changed_invoked_and_deleted() {
    let (test, instances) = fleet(1);
    let script = STANDARD.encode("echo {{greeting}} from {{ACS::InstanceId}}");
    let parameters = [
        ("Name", "greet"),
        ("Type", "RunShellScript"),
        ("CommandContent", script.as_str()),
        ("EnableParameter", "true"),
    ];
    let created = test.call_here("CreateCommand", &parameters).unwrap();
    let command = created["CommandId"].as_str().unwrap();
    test.call_here("ModifyCommand", &[("CommandId", command), ("Name", "hello"), ("Timeout", "90")]).unwrap();
    let describe = |more: &[(&str, &str)]| {
        let response = test.call_here("DescribeCommands", more).unwrap();
        response["Commands"]["Command"].as_array().unwrap().clone()
    };
    let found = &describe(&[("Name", "hel*")])[0];
    assert_eq!((&found["CommandContent"], &found["Timeout"]), (&json!(script), &json!(90)));
    assert_eq!(found["ParameterNames"]["ParameterName"], json!(["greeting"]));
    let plain = &describe(&[("CommandId", command), ("ContentEncoding", "PlainText")])[0];
    assert_eq!(plain["CommandContent"], "echo {{greeting}} from {{ACS::InstanceId}}");
    assert!(describe(&[("Name", "greet")]).is_empty());
    let tag = [("Tag.1.Key", "team"), ("Tag.1.Value", "web")];
    assert!(describe(&tag).is_empty());
    let tagged = [("ResourceType", "command"), ("ResourceId.1", command), tag[0], tag[1]];
    test.call_here("TagResources", &tagged).unwrap();
    assert_eq!(describe(&tag).len(), 1);
    assert!(describe(&[("Provider", "AlibabaCloud")]).is_empty());

    let invoke = |more: &[(&str, &str)]| {
        let mut all = vec![("CommandId", command), ("InstanceId.1", instances[0].as_str())];
        all.extend_from_slice(more);
        test.call_here("InvokeCommand", &all)
    };
    let run = invoke(&[("Parameters", r#"{"Greeting":"hi"}"#)]).unwrap()["InvokeId"].as_str().unwrap().to_owned();
    fails(test.call_here("DeleteCommand", &[("CommandId", command)]), 403, "InvalidStatus.CmdIdInUse");
    test.advance(LATER);
    assert_eq!(result(&test, &run)["Output"], format!("hi from {}\n", instances[0]));
    assert_eq!(describe(&[])[0]["InvokeTimes"], 1);
    fails(invoke(&[("Parameters", r#"{"other":"x"}"#)]), 403, "Parameter.NotMatched");
    fails(invoke(&[("Parameters", r#"{"greeting":1}"#)]), 403, "ParameterType.NotSupported");
    fails(invoke(&[("Parameters", r#"{"greeting":"a","GREETING":"b"}"#)]), 403, "ParameterKey.Duplicate");

    test.call_here("DeleteCommand", &[("CommandId", command)]).unwrap();
    assert!(describe(&[]).is_empty());
    for operation in ["DeleteCommand", "ModifyCommand", "InvokeCommand"] {
        let response = test.call_here(operation, &[("CommandId", command), ("InstanceId.1", &instances[0])]);
        fails(response, 404, "InvalidCmdId.NotFound");
    }
    // The run keeps what it ran.
    assert_eq!(invocation(&test, &run)["CommandName"], "hello");
}

#[test]
fn run_command_keeps_the_command_only_on_request() {
    let (test, instances) = fleet(1);
    let kept = |name: &str, keep: &str| {
        let response = start(&test, "echo x", &instances, &[("Name", name), ("KeepCommand", keep)]).unwrap();
        let response = test.call_here("DescribeCommands", &[("CommandId", response["CommandId"].as_str().unwrap())]);
        ids(&response.unwrap()["Commands"]["Command"], "Name")
    };
    assert!(kept("passing", "false").is_empty());
    assert_eq!(kept("staying", "true"), ["staying"]);
    test.emulator.service().set_quota("commands", Some(1)).unwrap();
    let one_more = start(&test, "echo x", &instances, &[("KeepCommand", "true")]);
    fails(one_more, 403, "CmdCount.ExceedQuota");
}

#[test]
fn a_client_token_runs_a_command_once() {
    let (test, instances) = fleet(1);
    let token = [("ClientToken", "once")];
    let first = run(&test, "echo x", &instances, &token);
    assert_eq!(run(&test, "echo x", &instances, &token), first);
    fails(start(&test, "echo y", &instances, &token), 400, "IdempotentParameterMismatch");
    assert_eq!(test.call_here("DescribeInvocations", &[]).unwrap()["TotalCount"], 1);
}

#[test]
fn tags_select_the_instances_of_a_run() {
    let test = Test::new();
    let web = test.run(&[("Amount", "2"), ("Tag.1.Key", "role"), ("Tag.1.Value", "web")]);
    test.run(&[("Tag.1.Key", "role"), ("Tag.1.Value", "db")]);
    test.advance(LATER);
    let by_tag =
        [("ResourceTag.1.Key", "role"), ("ResourceTag.1.Value", "web"), ("Tag.1.Key", "job"), ("Tag.1.Value", "1")];
    let job = run(&test, "echo x", &[], &by_tag);
    let found: Vec<String> = ids(&Value::Array(results(&test, &job, &[])), "InstanceId");
    assert_eq!(found, web);
    let tagged = test.call_here("DescribeInvocations", &[("Tag.1.Key", "job"), ("Tag.1.Value", "1")]).unwrap();
    assert_eq!(ids(&tagged["Invocations"]["Invocation"], "InvokeId"), [job]);
    fails(start(&test, "echo x", &web, &by_tag), 400, "InvalidResourceTag.ConflictWithInstanceIds");
    let none = [("ResourceTag.1.Key", "role"), ("ResourceTag.1.Value", "none")];
    fails(start(&test, "echo x", &[], &none), 400, "InvalidResourceTag.InstanceNotFound");
    fails(start(&test, "echo x", &[], &[]), 400, "MissingParam.InstanceId");
}

#[test]
fn what_the_service_rejects_is_rejected() {
    let (test, instances) = fleet(1);
    let rejected = |script: &str, more: &[(&str, &str)], status: u16, code: &str| {
        fails(start(&test, script, &instances, more), status, code);
    };
    rejected(&"x".repeat(24 * 1024), &[], 403, "CmdContent.ExceedLimit");
    rejected("not Base64!", &[("ContentEncoding", "Base64")], 400, "CmdContent.DecodeError");
    rejected("x", &[("Name", &"n".repeat(129))], 403, "CmdName.ExceedLimit");
    rejected("x", &[("Description", &"d".repeat(513))], 403, "CmdDesc.ExceedLimit");
    rejected("x", &[("RepeatMode", "Often")], 404, "InvalidRepeatMode.NotFound");
    rejected("x", &[("RepeatMode", "Period")], 400, "MissingParam.Frequency");
    rejected("x", &[("Frequency", "rate(1s)")], 400, "InvalidParam.Frequency");
    rejected("x", &[("Frequency", "rate(2m)"), ("Timeout", "120")], 400, "InvalidParam.Frequency");
    rejected("x", &[("Parameters", r#"{"a":"b"}"#)], 400, "Parameter.Disabled");
    rejected("x", &[("ContainerId", "docker://short")], 400, "InvalidContainerId.Malformed");
    rejected("x {{}}", &[("EnableParameter", "true")], 400, "CmdParam.EmptyKey");
    rejected("x {{a b}}", &[("EnableParameter", "true")], 400, "CmdParam.InvalidParamName");
    let parameters: String = (0..21).map(|number| format!("{{{{p{number}}}}}")).collect();
    rejected(&parameters, &[("EnableParameter", "true")], 403, "CmdParamCount.ExceedLimit");
    fails(start(&test, "x", &["i-none".to_owned()], &[]), 404, "InvalidInstance.NotFound");
    let many: Vec<String> = vec![instances[0].clone(); 101];
    fails(start(&test, "x", &many, &[]), 403, "InstanceIds.ExceedLimit");
    let other = [("Type", "RunPythonScript"), ("CommandContent", "x"), ("InstanceId.1", &instances[0])];
    fails(test.call_here("RunCommand", &other), 404, "InvalidCmdType.NotFound");
    let windows = [("Type", "RunBatScript"), ("CommandContent", "x"), ("InstanceId.1", &instances[0])];
    fails(test.call_here("RunCommand", &windows), 403, "InvalidInstance.NotMatch");
    assert_eq!(test.call_here("DescribeInvocations", &[]).unwrap()["TotalCount"], 0);
    // A check of the request alone starts nothing.
    start(&test, "x", &instances, &[("RepeatMode", "DryRun")]).unwrap();
    assert_eq!(test.call_here("DescribeInvocations", &[]).unwrap()["TotalCount"], 0);
}

#[test]
fn tests_set_the_results_of_commands() {
    let (test, instances) = fleet(2);
    let results_of = |run: &str| -> Vec<(Value, Value, Value)> {
        let results = results(&test, run, &[]);
        results.iter().map(|one| (one["ExitCode"].clone(), one["Output"].clone(), one["ErrorCode"].clone())).collect()
    };
    test.emulator
        .set_command_results([
            CommandResult::failed("ClientNotRunning").when_instance(&instances[1]).times(1),
            CommandResult::exited(1, "no space left\n").when_command("df *"),
        ])
        .unwrap();
    let full = run(&test, "df -h", &instances, &[]);
    let other = run(&test, "echo x", &instances, &[]);
    test.advance(LATER);
    let nonzero = (json!(1), json!("no space left\n"), json!("ExitCodeNonzero"));
    assert_eq!(results_of(&full), [nonzero, (Value::Null, json!(""), json!("ClientNotRunning"))]);
    assert_eq!(states(&test, &full), both("Failed", "PartialFailed"));
    assert_eq!(results_of(&other)[1], (json!(0), json!("x\n"), json!("")));

    // Over HTTP.
    let path = "/emulator/command-results";
    let body = json!({ "output": "x".repeat(25 * 1024), "seconds": 20, "times": 1 }).to_string();
    let service = test.emulator.service();
    let (status, shown) = send(service, "PUT", path, &[], &body);
    assert_eq!(status, 200, "{shown}");
    let long = run(&test, "cat log", &instances[..1], &[]);
    test.advance(LATER);
    assert_eq!(states(&test, &long).0, "Running");
    test.advance(20);
    let long = result(&test, &long);
    assert_eq!((long["Output"].as_str().unwrap().len(), &long["Dropped"]), (24 * 1024, &json!(1024)));
    assert_eq!(send(service, "GET", path, &[], ""), (200, "{\"command_results\":[]}\n".to_owned()));
    for wrong in [r#"{"times": 0}"#, r#"{"exit_code": 1, "error_code": "X"}"#, r#"{"code": 1}"#, "x"] {
        assert_eq!(send(service, "PUT", path, &[], wrong).0, 400, "{wrong}");
    }
    send(service, "PUT", path, &[], r#"[{"exit_code": 2}]"#);
    assert_eq!(send(service, "DELETE", path, &[], "").0, 200);
    let plain = run(&test, "true", &instances[..1], &[]);
    test.advance(LATER);
    assert_eq!(result(&test, &plain)["ExitCode"], 0);
}

#[test]
fn transitions_of_runs_are_held_and_finished() {
    let (test, instances) = fleet(1);
    let service = test.emulator.service();
    let held = run(&test, "echo x", &instances, &[]);
    assert!(service.hold_transition(&held));
    test.advance(1_000);
    assert_eq!(states(&test, &held).0, "Pending");
    assert!(service.finish_transition(&held));
    let done = result(&test, &held);
    assert_eq!((&done["InvocationStatus"], &done["Output"]), (&json!("Success"), &json!("x\n")));
    // The state survives being saved and loaded.
    let next = run(&test, "exit 1", &instances, &[]);
    service.load_state(&service.state_json()).unwrap();
    test.advance(LATER);
    assert_eq!(result(&test, &next)["ExitCode"], 1);
    assert_eq!(result(&test, &held)["Output"], "x\n");
}

#[test]
fn runs_and_results_come_in_pages() {
    let (test, instances) = fleet(3);
    let runs: Vec<String> = (0..2).map(|_| run(&test, "echo x", &instances, &[])).collect();
    let mut seen: Vec<(String, String)> = Vec::new();
    let mut token = String::new();
    for _ in 0..10 {
        let mut parameters = vec![("MaxResults", "4")];
        if !token.is_empty() {
            parameters.push(("NextToken", &token));
        }
        let response = test.call_here("DescribeInvocationResults", &parameters).unwrap();
        let page = &response["Invocation"];
        let list = &page["InvocationResults"]["InvocationResult"];
        seen.extend(ids(list, "InvokeId").into_iter().zip(ids(list, "InstanceId")));
        token = page["NextToken"].as_str().unwrap().to_owned();
        if token.is_empty() {
            break;
        }
    }
    let all = runs.iter().flat_map(|run| instances.iter().map(|instance| (run.clone(), instance.clone())));
    assert_eq!(seen, all.collect::<Vec<_>>());
    let second = test.call_here("DescribeInvocationResults", &[("PageNumber", "2"), ("PageSize", "5")]).unwrap();
    let second = &second["Invocation"];
    assert_eq!((&second["TotalCount"], &second["PageNumber"]), (&json!(6), &json!(2)));
    assert_eq!(second["InvocationResults"]["InvocationResult"].as_array().unwrap().len(), 1);
    let one = [("InstanceId", instances[0].as_str()), ("MaxResults", "1")];
    let response = test.call_here("DescribeInvocations", &one).unwrap();
    assert_eq!(response["Invocations"]["Invocation"].as_array().unwrap().len(), 1);
    assert_eq!(
        ids(&response["Invocations"]["Invocation"][0]["InvokeInstances"]["InvokeInstance"], "InstanceId").len(),
        1
    );
    let missing = test.call_here("DescribeInvocations", &[("InvokeId", "t-none")]).unwrap();
    assert_eq!(missing["Invocations"]["Invocation"], json!([]));
}
