//! Runs on a schedule, and at the start of an instance.

use serde_json::{Value, json};

use super::{LATER, both, fleet, result, results, run, states};

#[test]
fn scheduled_runs_repeat_until_they_are_stopped() {
    let (test, instances) = fleet(1);
    let every = run(&test, "echo tick", &instances, &[("Frequency", "rate(5m)")]);
    let at = run(&test, "echo once", &instances, &[("Frequency", "at(2026-01-02 03:14:05 UTC)")]);
    let cron = run(&test, "echo cron", &instances, &[("Frequency", "0 0 3 * * ?")]);
    let reboot = run(&test, "echo boot", &instances, &[("RepeatMode", "EveryReboot")]);
    for run in [&every, &at, &cron, &reboot] {
        assert_eq!(states(&test, run), both("Scheduled", "Running"));
    }
    let timed = test.call_here("DescribeInvocations", &[("Timed", "true")]).unwrap();
    assert_eq!(timed["TotalCount"], 4);
    test.advance(11 * 60);
    assert_eq!(states(&test, &every), both("Scheduled", "Running"));
    assert_eq!(states(&test, &at), both("Success", "Finished"));
    assert_eq!(states(&test, &cron), both("Scheduled", "Running"));
    assert_eq!(result(&test, &every)["Repeats"], 2);
    let history = results(&test, &every, &[("IncludeHistory", "true")]);
    let runs: Vec<(&Value, &Value, &Value)> =
        history.iter().map(|run| (&run["Repeats"], &run["Output"], &run["InvocationStatus"])).collect();
    let (tick, success) = (&json!("tick\n"), &json!("Success"));
    let expected =
        [(&json!(1), tick, success), (&json!(2), tick, success), (&json!(2), &json!(""), &json!("Scheduled"))];
    assert_eq!(runs, expected);
    test.call_here("StopInvocation", &[("InvokeId", &every)]).unwrap();
    test.advance(60 * 60);
    assert_eq!(
        (states(&test, &every), result(&test, &every)["Repeats"].clone()),
        (both("Stopped", "Stopped"), json!(2))
    );
}

#[test]
fn runs_at_the_start_of_an_instance_wait_for_it() {
    let (test, instances) = fleet(1);
    let every = run(&test, "echo boot", &instances, &[("RepeatMode", "EveryReboot")]);
    let next = run(&test, "echo boot", &instances, &[("RepeatMode", "NextRebootOnly")]);
    for _ in 0..2 {
        test.call("RebootInstance", &[("InstanceId", &instances[0])]).unwrap();
        test.advance(LATER);
    }
    test.call("StopInstance", &[("InstanceId", &instances[0])]).unwrap();
    test.advance(LATER);
    test.call("StartInstance", &[("InstanceId", &instances[0])]).unwrap();
    test.advance(LATER);
    let boots = result(&test, &every);
    assert_eq!((&boots["InvocationStatus"], &boots["Repeats"]), (&json!("Scheduled"), &json!(3)));
    assert_eq!(results(&test, &every, &[("IncludeHistory", "true")])[0]["Output"], "boot\n");
    let boot = result(&test, &next);
    assert_eq!((&boot["InvocationStatus"], &boot["Repeats"]), (&json!("Success"), &json!(1)));
}

#[test]
fn scheduled_runs_go_on_when_the_instance_runs_again() {
    let (test, instances) = fleet(1);
    let every = run(&test, "echo tick", &instances, &[("Frequency", "rate(5m)")]);
    test.call("StopInstance", &[("InstanceId", &instances[0])]).unwrap();
    test.advance(6 * 60);
    test.call("StartInstance", &[("InstanceId", &instances[0])]).unwrap();
    test.advance(5 * 60);
    let history = results(&test, &every, &[("IncludeHistory", "true")]);
    let states: Vec<&str> = history.iter().map(|run| run["InvocationStatus"].as_str().unwrap()).collect();
    assert_eq!(states, ["Aborted", "Success", "Scheduled"]);
}

#[test]
fn a_clock_that_jumps_over_years_is_caught_up_with() {
    let (test, instances) = fleet(1);
    let every = run(&test, "echo tick", &instances, &[("Frequency", "rate(61s)")]);
    test.advance(20 * 365 * 24 * 60 * 60);
    assert_eq!(states(&test, &every).1, "Running");
    assert!(result(&test, &every)["Repeats"].as_i64().unwrap() < 100);
}
