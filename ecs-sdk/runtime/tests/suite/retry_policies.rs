//! Retry policies: combinators, policies chosen at run time, custom policies, and the retry budget.

use std::{sync::Arc, time::Duration};

use ecs_sdk::fake::{Response, Service, millis, seconds};
use ecs_sdk::{
    CallOptions, Client, ErrorClass,
    retry::{self, FailedAttempt, FullJitter, Never, RetryBudget, RetryPolicy},
};

#[test]
fn policies_can_be_combined() {
    let times = |policy: &dyn Fn() -> CallOptions, response: Response| {
        let service = Service::always(response);
        service.run(service.client().describe_instances().options(policy()).send()).unwrap_err();
        service.request_times()
    };
    let unavailable = || Response::error(503, "ServiceUnavailable");
    let throttled = || Response::error(400, "Throttling");

    let elapsed = || CallOptions::new().retry(FullJitter::default().max_elapsed(millis(350)));
    assert_eq!(times(&elapsed, unavailable()), [0, 100, 300]);

    let only = || {
        let policy = FullJitter::default().only_if(|failed| failed.error().is_throttling()).max_attempts(2);
        CallOptions::new().retry(policy)
    };
    assert_eq!(times(&only, unavailable()), [0]);
    assert_eq!(times(&only, throttled()), [0, 100]);

    // Throttled attempts are retried three times with long delays, others once.
    let either = || {
        let patient = FullJitter::default().base_delay(seconds(1)).max_attempts(4);
        let policy = patient.only_if(|failed| failed.error().is_throttling());
        CallOptions::new().retry(policy.or(FullJitter::default().max_attempts(2)))
    };
    assert_eq!(times(&either, throttled()), [0, 500, 1500, 3500]);
    assert_eq!(times(&either, unavailable()), [0, 100]);
}

#[test]
fn a_policy_can_be_chosen_at_run_time() {
    for (attempts, times) in [(1, vec![0]), (2, vec![0, 100])] {
        let shared: Arc<dyn RetryPolicy> =
            if attempts == 1 { Arc::new(Never) } else { Arc::new(FullJitter::default().max_attempts(attempts)) };
        let boxed: Box<dyn RetryPolicy> = Box::new(shared.clone());
        for options in [CallOptions::new().retry(shared), CallOptions::new().retry(boxed.max_attempts(9))] {
            let service = Service::always(Response::error(503, "ServiceUnavailable"));
            service.run(service.client().describe_instances().options(options).send()).unwrap_err();
            assert_eq!(service.request_times(), times);
        }
    }
}

#[test]
fn the_retry_budget_can_be_set() {
    let attempts = |budget: RetryBudget| {
        let service = Service::always(Response::error(503, "ServiceUnavailable"));
        let builder = service.config::<Client>().region("r").retry_budget(budget);
        let client = builder.retry(FullJitter::default().max_attempts(4)).build().unwrap();
        [(); 2].map(|()| service.run(client.describe_instances().send()).unwrap_err().attempts())
    };
    assert_eq!(attempts(RetryBudget::new()), [4, 4]);
    assert_eq!(attempts(RetryBudget::new().max_tokens(24)), [4, 2]);
    assert_eq!(attempts(RetryBudget::new().max_tokens(24).retry_cost(4)), [4, 4]);
    assert_eq!(attempts(RetryBudget::new().max_tokens(0)), [1, 1]);
    assert_eq!(attempts(RetryBudget::unlimited().max_tokens(0)), [4, 4]);
}

#[test]
fn a_policy_can_be_extended_by_classes_of_errors() {
    type Policy = Arc<dyn RetryPolicy>;
    let conflict = || Response::error(409, "OperationConflict");
    let state = || Response::error(403, "IncorrectInstanceStatus");
    let attempts = |policy: Policy, response: Response| {
        let service = Service::always(response);
        // A call without a `ClientToken`: these errors prove that nothing was executed.
        let call = service.client().start_instance().instance_id("i-1").options(CallOptions::new().retry(policy));
        service.run(call.send()).unwrap_err().attempts()
    };
    let jitter = || FullJitter::default().also(ErrorClass::Conflict);
    for (policy, conflicts, states) in [
        (Arc::new(retry::standard()) as Policy, 1, 1),
        (Arc::new(jitter().max_attempts(4)), 4, 1),
        (Arc::new(jitter().also(ErrorClass::IncorrectState).max_attempts(4)), 4, 4),
        (Arc::new(retry::standard().also(ErrorClass::Conflict)), 3, 1),
        (Arc::new(retry::standard().also(ErrorClass::Conflict).also(ErrorClass::IncorrectState)), 3, 3),
        (Arc::new(retry::standard().also(ErrorClass::IncorrectState)), 1, 3),
        // It extends all of a combined policy, or one part.
        (Arc::new(FullJitter::default().max_attempts(2).or(retry::standard()).also(ErrorClass::Conflict)), 3, 1),
        (Arc::new(jitter().max_attempts(2).or(retry::standard())), 2, 1),
        (Arc::new(FullJitter::default().only_if(|failed| !failed.is_retryable()).also(ErrorClass::Conflict)), 1, 1),
        (
            Arc::new(
                FullJitter::default()
                    .max_attempts(4)
                    .only_if(|failed| failed.is_retryable() && failed.number() < 9)
                    .also(ErrorClass::Conflict),
            ),
            4,
            1,
        ),
        (Arc::new(Never.also(ErrorClass::Conflict)), 1, 1),
        (Arc::new((Arc::new(FullJitter::default().max_attempts(4)) as Policy).also(ErrorClass::Conflict)), 4, 1),
    ] {
        let name = format!("{policy:?}");
        assert_eq!((attempts(policy.clone(), conflict()), attempts(policy, state())), (conflicts, states), "{name}");
    }

    // The delays are those of the policy.
    let service = Service::always(conflict());
    let patient = FullJitter::default().base_delay(seconds(2)).also(ErrorClass::Conflict).max_elapsed(seconds(5));
    let call = service.client().start_instance().options(CallOptions::new().retry(patient)).instance_id("i-1");
    service.run(call.send()).unwrap_err();
    assert_eq!(service.request_times(), [0, 1000, 3000]);
}

#[test]
fn errors_of_other_classes_are_retried_only_if_that_is_safe() {
    let missing = || Response::error(404, "InvalidInstanceId.NotFound");
    for response in [
        missing(),
        // HTTP status 500 and above prove nothing.
        Response::error(500, "OperationConflict"),
    ] {
        let policy = || retry::standard().also(ErrorClass::NotFound).also(ErrorClass::Conflict);
        let options = || CallOptions::new().retry(policy());
        let service = Service::always(response);
        let client = service.client();
        assert_eq!(service.run(client.start_instance().options(options()).send()).unwrap_err().attempts(), 0);
        let write = client.start_instance().instance_id("i-1").options(options());
        assert_eq!(service.run(write.send()).unwrap_err().attempts(), 1);
        let read = client.describe_instances().options(options());
        assert_eq!(service.run(read.send()).unwrap_err().attempts(), 3);
        let create = client.run_instances().image_id("m-1").options(options());
        assert_eq!(service.run(create.send()).unwrap_err().attempts(), 3);
    }
}

#[test]
fn a_custom_policy_overrides_the_default_safety_check() {
    #[derive(Debug)]
    struct Thrice;

    impl RetryPolicy for Thrice {
        fn next(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
            assert!(!failed.is_safe_to_retry() && failed.error().http_status() == Some(500));
            assert_eq!(failed.elapsed(), seconds(u64::from(failed.number()) - 1));
            (failed.number() < 3).then(|| seconds(1))
        }
    }

    let service = Service::always(Response::error(500, "InternalError"));
    let options = CallOptions::new().retry(Thrice);
    let call = service.client().start_instance().instance_id("i-1").options(options);
    assert_eq!(service.run(call.send()).unwrap_err().attempts(), 3);
    assert_eq!(service.request_times(), [0, 1000, 2000]);
}
