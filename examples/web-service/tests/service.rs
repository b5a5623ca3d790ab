//! Tests of the service: on an emulator what takes several calls, on a mock what an emulator seldom does.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use ecs_emulator::Emulator;
use ecs_sdk::{
    operation::run_instances::RunInstancesRequest,
    test_util::{self, Mock},
};
use serde_json::{Value, json};
use tower::ServiceExt;

/// An emulator whose instances are running as soon as they are created.
async fn emulator() -> Emulator {
    Emulator::builder().transition(Duration::ZERO).start().await.expect("the emulator starts")
}

/// Calls the service without a socket. Returns the status and the JSON of the response, if any.
async fn call(app: &Router, request: Request<Body>) -> (StatusCode, Value) {
    let response = app.clone().oneshot(request).await.expect("the service always responds");
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.expect("the response is short");
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).expect("the path is valid")
}

fn delete(path: &str) -> Request<Body> {
    Request::delete(path).body(Body::empty()).expect("the path is valid")
}

fn order(path: &str, key: &str) -> Request<Body> {
    let order = json!({
        "image_id": "aliyun_3_x64_20G_alibase_20250117.vhd",
        "instance_type": "ecs.g6.large",
        "amount": 2,
    });
    let request = Request::post(path).header("idempotency-key", key).header("content-type", "application/json");
    request.body(Body::from(order.to_string())).expect("the request is valid")
}

#[tokio::test]
async fn a_repeated_order_creates_nothing_twice() {
    let emulator = emulator().await;
    let app = web_service_example::app(test_util::client(emulator.endpoint()));
    let (status, first) = call(&app, order("/teams/web/instances", "order-1")).await;
    assert_eq!((status, first.as_array().map(Vec::len)), (StatusCode::CREATED, Some(2)));
    let (_, second) = call(&app, order("/teams/web/instances", "order-1")).await;
    assert_eq!(first, second);
    let (status, all) = call(&app, get("/teams/web/instances")).await;
    assert_eq!((status, all.as_array().map(Vec::len)), (StatusCode::OK, Some(2)));
}

#[tokio::test]
async fn a_team_releases_only_its_own_instances() {
    let emulator = emulator().await;
    let app = web_service_example::app(test_util::client(emulator.endpoint()));
    let (_, ids) = call(&app, order("/teams/web/instances", "order-1")).await;
    let id = ids[0].as_str().expect("an ID");
    assert_eq!(call(&app, delete(&format!("/teams/data/instances/{id}"))).await.0, StatusCode::NOT_FOUND);
    assert_eq!(call(&app, delete(&format!("/teams/web/instances/{id}"))).await.0, StatusCode::NO_CONTENT);
    let (_, left) = call(&app, get("/teams/web/instances")).await;
    assert_eq!(left.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn errors_become_statuses_of_the_service() {
    for (code, status, expected) in [
        ("InvalidInstanceType.NotFound", 404, StatusCode::BAD_REQUEST),
        ("OperationDenied.NoStock", 403, StatusCode::SERVICE_UNAVAILABLE),
        ("InvalidParameter", 400, StatusCode::BAD_REQUEST),
        ("Forbidden.RAM", 403, StatusCode::BAD_GATEWAY),
    ] {
        let mock = Mock::new();
        mock.on::<RunInstancesRequest>().error(code, status);
        let (got, body) =
            call(&web_service_example::app(mock.client()), order("/teams/web/instances", "order-1")).await;
        assert_eq!((got, body["code"].as_str()), (expected, Some(code)));
        mock.verify();
    }
}
