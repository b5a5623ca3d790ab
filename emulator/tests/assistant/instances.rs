//! Files that are sent to instances, the agent on instances, and instances with Windows.

use serde_json::{Value, json};

use super::{
    LATER,
    common::{Test, fails, ids},
    fleet, result, run, start,
};

const WINDOWS_IMAGE: &str = "win2022_21H2_x64_dtc_en-us_40G_alibase_20250817.vhd";

#[test]
fn files_are_sent_to_instances() {
    let (test, instances) = fleet(1);
    let file = |more: &[(&str, &str)]| {
        let mut all = vec![("InstanceId.1", instances[0].as_str()), ("TargetDir", "/etc/app"), ("Name", "app.conf")];
        all.retain(|(name, _)| !more.iter().any(|(other, _)| name == other));
        all.push(("Content", "max_connections = 200"));
        all.extend_from_slice(more);
        test.call_here("SendFile", &all).map(|response| response["InvokeId"].as_str().unwrap().to_owned())
    };
    let delivery = |id: &str| {
        let response = test.call_here("DescribeSendFileResults", &[("InvokeId", id)]).unwrap();
        response["Invocations"]["Invocation"][0].clone()
    };
    let first = file(&[("FileMode", "0640")]).unwrap();
    assert_eq!(delivery(&first)["InvocationStatus"], "Pending");
    test.advance(LATER);
    let sent = delivery(&first);
    assert_eq!((&sent["InvocationStatus"], &sent["FileMode"]), (&json!("Success"), &json!("0640")));
    assert_eq!((&sent["FileOwner"], &sent["VmCount"]), (&json!("root"), &json!(1)));
    assert_eq!(sent["InvokeInstances"]["InvokeInstance"][0]["InvocationStatus"], "Success");
    let (again, over) = (file(&[]).unwrap(), file(&[("Overwrite", "true")]).unwrap());
    test.advance(LATER);
    let again = delivery(&again);
    assert_eq!(again["InvocationStatus"], "Failed");
    assert_eq!(again["InvokeInstances"]["InvokeInstance"][0]["ErrorCode"], "FileAlreadyExists");
    assert_eq!(delivery(&over)["InvocationStatus"], "Success");
    let named = test.call_here("DescribeSendFileResults", &[("Name", "other")]).unwrap();
    assert_eq!(named["TotalCount"], 0);
    fails(file(&[("InstanceId.1", "i-none")]).map(Value::from), 404, "InvalidInstance.NotFound");
    fails(file(&[("FileMode", "rw")]).map(Value::from), 400, "FileMode.Invalid");
    fails(file(&[("TargetDir", "etc")]).map(Value::from), 400, "FileTargetDir.Invalid");
    fails(file(&[("Content", "!"), ("ContentType", "Base64")]).map(Value::from), 400, "FileContent.DecodeError");
    fails(file(&[("Content", &"x".repeat(32 * 1024))]).map(Value::from), 403, "FileSize.ExceedLimit");
    fails(file(&[("Name", &"n".repeat(256))]).map(Value::from), 403, "FileName.ExceedLimit");
}

#[test]
fn the_agent_runs_while_its_instance_does() {
    let (test, instances) = fleet(2);
    run(&test, "sleep 30", &instances[..1], &[]);
    test.advance(5);
    let agents = test.call_here("DescribeCloudAssistantStatus", &[("OSType", "Linux")]).unwrap();
    let agents = &agents["InstanceCloudAssistantStatusSet"]["InstanceCloudAssistantStatus"];
    assert_eq!(ids(agents, "InstanceId"), instances);
    let busy = &agents[0];
    assert_eq!((&busy["CloudAssistantStatus"], &busy["ActiveTaskCount"]), (&json!("true"), &json!(1)));
    assert_eq!((&busy["InvocationCount"], &agents[1]["InvocationCount"]), (&json!(1), &json!(0)));
    test.call_here("InstallCloudAssistant", &[("InstanceId.1", &instances[0])]).unwrap();
    for operation in ["InstallCloudAssistant", "DescribeCloudAssistantStatus"] {
        fails(test.call_here(operation, &[("InstanceId.1", "i-none")]), 404, "InvalidInstance.NotFound");
    }
}

#[test]
fn windows_runs_its_own_scripts() {
    let test = Test::new();
    let windows = test.run(&[("ImageId", WINDOWS_IMAGE), ("InstanceType", "ecs.g7.large")]);
    test.advance(LATER);
    fails(start(&test, "echo x", &windows, &[]), 403, "InvalidInstance.NotMatch");
    let script = [("Type", "RunPowerShellScript"), ("CommandContent", "echo x"), ("InstanceId.1", &windows[0])];
    let response = test.call_here("RunCommand", &script).unwrap();
    test.advance(LATER);
    assert_eq!(result(&test, response["InvokeId"].as_str().unwrap())["Output"], "x\r\n");
    let mut user = script.to_vec();
    user.push(("Username", "admin"));
    fails(test.call_here("RunCommand", &user), 400, "WindowsPasswordName.Missed");
}
