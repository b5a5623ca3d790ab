//! A web service for the instances of a team: it lists, creates and releases those with the tag of the team.
//!
//! - Clients of the SDK are cheap to clone, so handlers get one as their state.
//! - Errors of the ECS API become statuses of the web service by their class.
//! - The caller's `Idempotency-Key` is sent as `ClientToken`, so that a request that is sent again creates nothing twice.

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{delete, get},
};
use ecs_sdk::{
    Client, ErrorClass,
    operation::describe_instances::Instance,
    types::{InstanceStatus, Tag},
};
use serde::{Deserialize, Serialize};

/// Routes of the service.
pub fn app(client: Client) -> Router {
    Router::new()
        .route("/teams/{team}/instances", get(list).post(create))
        .route("/teams/{team}/instances/{id}", delete(release))
        .with_state(client)
}

/// An instance as the service shows it.
#[derive(Debug, Serialize)]
struct Shown {
    id: String,
    instance_type: String,
    status: String,
}

impl From<Instance> for Shown {
    fn from(instance: Instance) -> Self {
        let status = instance.status.as_ref().map_or_else(String::new, ToString::to_string);
        Self { id: instance.instance_id, instance_type: instance.instance_type, status }
    }
}

#[derive(Debug, Deserialize)]
struct Filter {
    status: Option<InstanceStatus>,
}

async fn list(
    State(client): State<Client>,
    Path(team): Path<String>,
    Query(filter): Query<Filter>,
) -> Result<Json<Vec<Shown>>, Failure> {
    let request =
        client.describe_instances().tags([tag(team)]).maybe(filter.status, |request, status| request.status(status));
    let instances: Vec<Instance> = request.items().try_collect().await?;
    Ok(Json(instances.into_iter().map(Shown::from).collect()))
}

/// Instances to create.
#[derive(Debug, Deserialize)]
struct Order {
    image_id: String,
    instance_type: String,
    amount: i32,
}

async fn create(
    State(client): State<Client>,
    Path(team): Path<String>,
    headers: HeaderMap,
    Json(order): Json<Order>,
) -> Result<(StatusCode, Json<Vec<String>>), Failure> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let created = client
        .run_instances()
        .image_id(order.image_id)
        .instance_type(order.instance_type)
        .amount(order.amount)
        .tags([tag(team)])
        // Without a key, the SDK generates a token, which covers its own retries only.
        .maybe(key, |request, key| request.client_token(key))
        .send()
        .await?;
    Ok((StatusCode::CREATED, Json(created.instance_id_sets)))
}

async fn release(
    State(client): State<Client>,
    Path((team, id)): Path<(String, String)>,
) -> Result<StatusCode, Failure> {
    // A team releases only what is its own.
    let mut own = client.describe_instances().tags([tag(team)]).instance_ids([&id]).items();
    if own.try_next().await?.is_none() {
        return Ok(StatusCode::NOT_FOUND);
    }
    client.delete_instance().instance_id(id).force(true).send().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn tag(team: String) -> Tag {
    Tag::new().key("team").value(team)
}

/// An error of the ECS API as a response of the service.
struct Failure(ecs_sdk::Error);

impl From<ecs_sdk::Error> for Failure {
    fn from(error: ecs_sdk::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let status = match error.class() {
            Some(ErrorClass::NotFound) => StatusCode::NOT_FOUND,
            Some(ErrorClass::Conflict | ErrorClass::IncorrectState | ErrorClass::InProgress) => StatusCode::CONFLICT,
            Some(ErrorClass::Throttling | ErrorClass::Unavailable | ErrorClass::OutOfStock) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            // The credentials of the service are not the caller's business.
            Some(ErrorClass::AccessDenied | ErrorClass::ExpiredCredentials) => StatusCode::BAD_GATEWAY,
            _ if error.is_timeout() => StatusCode::GATEWAY_TIMEOUT,
            // The ECS API rejects a value that the caller sent, such as an unknown instance type.
            _ if matches!(error.http_status(), Some(400..=499)) => StatusCode::BAD_REQUEST,
            _ => StatusCode::BAD_GATEWAY,
        };
        let mut response = (status, Json(Description::from(&error))).into_response();
        if let Some(delay) = error.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, delay.as_secs().max(1).into());
        }
        response
    }
}

/// The part of an error that the caller learns. The message stays in the service, because it may name resources of others.
#[derive(Debug, Serialize)]
struct Description {
    code: Option<String>,
    request_id: Option<String>,
}

impl From<&ecs_sdk::Error> for Description {
    fn from(error: &ecs_sdk::Error) -> Self {
        Self { code: error.code().map(str::to_owned), request_id: error.request_id().map(str::to_owned) }
    }
}
