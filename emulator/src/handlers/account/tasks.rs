//! Asynchronous tasks.

use serde_json::{Value, json};

use crate::{
    call::Call,
    clock,
    error::{EcsError, Result},
    handlers::Entry,
    paging,
    resources::{Task, TaskStatus},
    state::Timeline,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "CancelTask", cancel_task),
    ("ecs", "DescribeTaskAttribute", describe_task_attribute),
    ("ecs", "DescribeTasks", describe_tasks),
];

fn describe_tasks(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let args = call.args;
    let time = |name: &str| args.string(name).and_then(clock::parse_minutes);
    let (start, end) = (time("StartTime"), time("EndTime"));
    // Other states are ignored.
    let status = args.string("TaskStatus").filter(|status| ["Finished", "Processing", "Failed"].contains(status));
    let found = call.find(&call.state.tasks, &region.id, (&["TaskIds"], &[]), |task| {
        call.listed("ResourceIds", &task.resource)
            && call.matches("TaskAction", &task.action)
            && status.is_none_or(|status| status == task.status.at(call.now).as_str())
            && start.is_none_or(|start| *task.created >= start)
            && end.is_none_or(|end| *task.created <= end)
            // No task belongs to a group.
            && args.string("TaskGroupId").is_none()
    });
    let page = paging::page(call, found)?;
    let mut response = page.response(call, "TaskSet", "Task", |task| {
        json!({
            "TaskId": task.id,
            "TaskAction": task.action,
            "TaskStatus": task.status.at(call.now).as_str(),
            "ResourceId": task.resource,
            "SupportCancel": task.is_cancelable(),
            "FailedReason": task.reason,
            "CreationTime": clock::minutes(*task.created),
            "FinishedTime": task.ended(call.now).map(clock::minutes).unwrap_or_default(),
        })
    });
    response["RegionId"] = region.id.as_str().into();
    Ok(response)
}

/// Returns the task that the call names.
fn named<'c>(call: &'c Call<'_>) -> Result<&'c Task> {
    let region = call.region()?;
    let id = call.args.string_or("TaskId", "");
    call.state.tasks.get(id).filter(|task| task.region == region.id).ok_or_else(|| {
        let message = format!("The task {id:?} does not exist; DescribeTasks lists the tasks.");
        call.error("InvalidTaskId.NotFound", 400, message)
    })
}

fn describe_task_attribute(call: &mut Call<'_>) -> Result<Value> {
    let task = named(call)?;
    let status = task.status.at(call.now);
    let related: Vec<Value> =
        task.related.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    let progress = match status {
        TaskStatus::Processing => Vec::new(),
        TaskStatus::Finished => vec![json!({
            "OperationStatus": "Success",
            "ErrorCode": "",
            "ErrorMsg": "",
            "RelatedItemSet": { "RelatedItem": related },
        })],
        TaskStatus::Failed => vec![json!({
            "OperationStatus": "Failed",
            "ErrorCode": "OperationCanceled",
            "ErrorMsg": task.reason,
            "RelatedItemSet": { "RelatedItem": related },
        })],
    };
    Ok(json!({
        "TaskId": task.id,
        "RegionId": task.region,
        "TaskAction": task.action,
        "TaskStatus": status.as_str(),
        "TaskProcess": format!("{}%", task.status.percent(call.now)),
        "SupportCancel": task.is_cancelable(),
        "TotalCount": 1,
        "SuccessCount": i32::from(status == TaskStatus::Finished),
        "FailedCount": i32::from(status == TaskStatus::Failed),
        "CreationTime": clock::minutes(*task.created),
        "FinishedTime": task.ended(call.now).map(clock::minutes).unwrap_or_default(),
        "OperationProgressSet": { "OperationProgress": progress },
    }))
}

fn cancel_task(call: &mut Call<'_>) -> Result<Value> {
    let task = named(call)?;
    if !task.is_cancelable() {
        let message = format!("{} cannot be canceled; only image imports and exports can.", task.action);
        return Err(call.error("InvalidTaskId.TaskActionNotSupport", 403, message));
    }
    if task.status.at(call.now) != TaskStatus::Processing {
        let message = format!("The task {} is complete.", task.id);
        return Err(call.error("InvalidTaskId.IncorrectTaskStatus", 403, message));
    }
    let (id, now, step) = (task.id.clone(), call.now, call.step);
    let image = Some(task.resource.clone()).filter(|_| task.action == "ImportImage");
    let task = call.state.tasks.get_mut(&id);
    let mut task = task.ok_or_else(|| EcsError::missing("TaskId"))?;
    task.status = Timeline::starting(now, step, &[TaskStatus::Failed]);
    "The task was canceled.".clone_into(&mut task.reason);
    drop(task);
    // An image that is imported in part is of no use.
    if let Some(image) = image {
        call.state.images.remove(&image);
    }
    Ok(json!({}))
}
