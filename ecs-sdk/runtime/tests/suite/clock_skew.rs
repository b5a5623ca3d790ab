//! Clocks that differ: the service's time is taken from its answer, when that may be true, and remembered.

use ecs_sdk::fake::{Answer, Sent, Service};
use ecs_sdk::{CallOptions, Client, Result, retry::Never};

/// A refusal of the time, with the service's own in the header. The test's clock shows 2026-01-05T18:00:00Z.
fn expired(date: &str) -> Answer {
    Answer::error(400, "InvalidTimeStamp.Expired").header("date", date)
}

fn read(service: &Service, client: &Client) -> Result<()> {
    service.run(client.describe_instances().send()).map(|_| ())
}

fn timestamps(sent: &[Sent]) -> Vec<String> {
    sent.iter().map(|sent| sent.param("Timestamp")).collect()
}

#[test]
fn the_services_time_is_taken_and_remembered() {
    for (code, date, theirs) in [
        ("InvalidTimeStamp.Expired", "Mon, 05 Jan 2026 20:30:00 GMT", "2026-01-05T20:30:00Z"),
        ("IllegalTimestamp", "Mon, 05 Jan 2026 17:40:00 GMT", "2026-01-05T17:40:00Z"),
        // A machine whose clock stands decades behind, as seen from the service.
        ("InvalidTimeStamp.Expired", "Sat, 05 Jan 2058 00:00:00 GMT", "2058-01-05T00:00:00Z"),
    ] {
        let refused = Answer::error(400, code).header("date", date);
        let service = Service::script([refused, Answer::done(), Answer::done()]);
        let client = service.client();
        read(&service, &client).unwrap();
        // A call that is not repeatable, of a clone, for another region.
        let clone = client.with_region("cn-beijing");
        service.run(clone.start_instance().instance_id("i-1").send()).unwrap();
        assert_eq!(timestamps(&service.sent()), ["2026-01-05T18:00:00Z", theirs, theirs]);
        assert_eq!(service.times(), [0, 0, 0], "there is nothing to wait for");
        service.sent().iter().for_each(|sent| sent.verify(ecs_sdk::fake::KEY.1));
    }
}

#[test]
fn writes_are_repeated_too_since_nothing_was_executed() {
    let service = Service::script([expired("Mon, 05 Jan 2026 20:30:00 GMT"), Answer::done()]);
    let client = service.client();
    let options = CallOptions::new().retry(Never);
    service.run(client.start_instance().instance_id("i-1").options(options).send()).unwrap();
}

#[test]
fn a_call_corrects_the_clock_once() {
    // A service whose own clock jumps would otherwise keep the call busy for ever.
    for second in ["Mon, 05 Jan 2026 20:30:00 GMT", "Mon, 05 Jan 2026 23:00:00 GMT"] {
        let service = Service::script([expired("Mon, 05 Jan 2026 20:30:00 GMT"), expired(second)]);
        let error = read(&service, &service.client()).unwrap_err();
        assert_eq!((error.code(), error.attempts()), (Some("InvalidTimeStamp.Expired"), 2));
    }
}

#[test]
fn what_cannot_be_true_is_not_believed() {
    for answer in [
        // Long ago, in a far future, no date at all, and no header.
        expired("Mon, 05 Jan 2015 18:00:00 GMT"),
        expired("Tue, 05 Jan 2106 18:00:00 GMT"),
        expired("yesterday"),
        Answer::error(400, "InvalidTimeStamp.Expired"),
        // So near that it is not the reason.
        expired("Mon, 05 Jan 2026 18:00:20 GMT"),
        // Another error.
        Answer::error(403, "Forbidden").header("date", "Mon, 05 Jan 2026 20:30:00 GMT"),
    ] {
        let service = Service::always(answer);
        let client = service.client();
        assert_eq!(read(&service, &client).unwrap_err().attempts(), 1);
        read(&service, &client).unwrap_err();
        assert_eq!(timestamps(&service.sent()), ["2026-01-05T18:00:00Z"; 2]);
    }
}

#[test]
fn a_refusal_of_the_services_own_time_is_not_retried() {
    let expired = || expired("Mon, 05 Jan 2026 20:30:00 GMT");
    let service = Service::script([expired(), Answer::done(), expired()]);
    let client = service.client();
    read(&service, &client).unwrap();
    // Signed with the time that the service shows: another correction would change nothing.
    assert_eq!(read(&service, &client).unwrap_err().attempts(), 1);
}

#[test]
fn calls_under_way_when_another_corrects_the_clock_are_repeated() {
    let service = Service::script([
        expired("Mon, 05 Jan 2026 20:30:00 GMT").after(ecs_sdk::fake::seconds(2)),
        expired("Mon, 05 Jan 2026 20:30:00 GMT").after(ecs_sdk::fake::seconds(1)),
        Answer::done(),
        Answer::done(),
    ]);
    let client = service.client();
    let both = futures_util::future::join(client.describe_instances().send(), client.describe_instances().send());
    let (one, other) = service.run(both);
    one.unwrap();
    other.unwrap();
    assert_eq!(service.sent().len(), 4);
}
