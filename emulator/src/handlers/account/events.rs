//! DescribeSystemEventAttribute of CloudMonitor.

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::{
    call::{Call, Found},
    clock,
    error::Result,
    handlers::Entry,
    paging,
    resources::SystemEvent,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[("cms", "DescribeSystemEventAttribute", describe_system_event_attribute)];

fn describe_system_event_attribute(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    call.one_of("Level", &["CRITICAL", "WARN", "INFO"], 400, "ParameterInvalid")?;
    let (start, end) = (time(call, "StartTime")?, time(call, "EndTime")?);
    let same = |name: &str, value: &str| args.string(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(value));
    let wanted = |event: &&SystemEvent| {
        same("Product", "ECS")
            && same("EventType", "Maintenance")
            && same("Name", &event.name)
            && same("Level", &event.level)
            && same("Status", &event.status)
            && same("GroupId", "0")
            && call.matches("RegionId", &event.region)
            && start.is_none_or(|start| *event.time >= start)
            && end.is_none_or(|end| *event.time <= end)
            && args
                .string("SearchKeywords")
                .is_none_or(|words| words.split_whitespace().all(|word| event.content.contains(word)))
    };
    let found = call.state.events.values().filter(wanted).collect();
    let page = paging::page(call, Found::Some(found))?;
    let mut response = page.response(call, "SystemEvents", "SystemEvent", |event| {
        json!({
            "Id": event.id,
            "Name": event.name,
            "Status": event.status,
            "Level": event.level,
            "Product": "ECS",
            "RegionId": event.region,
            "ResourceId": event.resource,
            "InstanceName": event.instance_name,
            "GroupId": "0",
            "Content": event.content,
            "Time": milliseconds(*event.time),
        })
    });
    response["Code"] = "200".into();
    response["Message"] = "success".into();
    response["Success"] = "true".into();
    Ok(response)
}

fn milliseconds(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or_default()
}

/// Reads a time in milliseconds since 1970, or in the form `yyyy-MM-ddTHH:mm:ssZ`.
fn time(call: &Call<'_>, name: &str) -> Result<Option<OffsetDateTime>> {
    let Some(text) = call.args.string(name) else { return Ok(None) };
    let number = text.parse::<i128>().ok().and_then(|number| number.checked_mul(1_000_000));
    let time = number.and_then(|number| OffsetDateTime::from_unix_timestamp_nanos(number).ok());
    time.or_else(|| clock::parse_seconds(text)).map(Some).ok_or_else(|| {
        let message = format!("{name} {text:?} is not a time in milliseconds, nor in the format yyyy-MM-ddTHH:mm:ssZ.");
        call.error("ParameterInvalid", 400, message)
    })
}
