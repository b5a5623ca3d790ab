//! Single values of parameters: their types, ranges, lengths and rules.

use std::collections::HashSet;

use ecs_codegen::spec::{ErrorCode, Field, time_form};
use serde_json::{Number, Value};

use crate::{
    error::{EcsError, Result},
    rules::{self, Checked},
    specs::OperationSpec,
};

/// Parameters whose values the specs cannot list: there are new operating systems every year, and the catalog has the categories
/// and performance levels of disks.
const INCOMPLETE: &[&str] = &["Platform", "DiskCategory", "Category", "PerformanceLevel"];

/// Operations that document that a page size outside of its range is treated as the nearest limit.
const SOFT_PAGE_SIZES: &[&str] = &[
    "DescribeAutoSnapshotPolicyAssociations",
    "DescribeDiagnosticMetricSets",
    "DescribeDiagnosticMetrics",
    "DescribeDiagnosticReports",
    "DescribeDisks",
    "DescribeInstanceHistoryEvents",
    "DescribeInstances",
    "DescribeLockedSnapshots",
    "DescribeNetworkInterfaces",
    "DescribePlanMaintenanceWindows",
    "DescribeSnapshotLinks",
    "DescribeVscs",
];

/// Reads JSON in the value of a parameter.
pub(crate) fn json(path: &str, text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| EcsError::invalid(path, format_args!("it is not JSON: {error}")))
}

/// Reads a scalar. The operations check values of enums.
pub(crate) fn scalar(operation: OperationSpec<'_>, field: &Field, path: &str, text: &str) -> Result<Value> {
    let wrong = |what: &str| malformed(operation, path, &format!("{text:?} is not {what}"));
    match field.ty.name() {
        "bool" => match text.to_ascii_lowercase().as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(wrong("true or false")),
        },
        name @ ("i32" | "i64") => {
            let number = text.parse::<i64>().ok().filter(|number| name == "i64" || i32::try_from(*number).is_ok());
            let number = number.ok_or_else(|| wrong("a whole number"))?;
            let number = if has_soft_limits(operation, path) { limited(field, number) } else { number };
            check_range(operation, field, path, text, number as f64)?;
            Ok(number.into())
        }
        "f32" | "f64" => {
            let number =
                text.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or_else(|| wrong("a number"))?;
            check_range(operation, field, path, text, number)?;
            Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
        }
        _ => {
            check_listed(operation, field, path, text)?;
            check_length(operation, field, path, text)?;
            check_rule(operation, field, path, text)?;
            Ok(text.into())
        }
    }
}

/// Highest inbound bandwidth in Mbit/s. Some operations document 100 instead, but programs in use send 200, which was the limit of
/// older instances, to all of them.
const MAX_INBOUND_BANDWIDTH: f64 = 200.0;

fn has_soft_limits(operation: OperationSpec<'_>, path: &str) -> bool {
    path == "MaxResults" && SOFT_PAGE_SIZES.contains(&operation.operation.operation.as_str())
}

/// Returns the number, or the nearest limit of the parameter.
fn limited(field: &Field, number: i64) -> i64 {
    let limit = |limit: &Option<Number>| limit.as_ref().and_then(Number::as_i64);
    number.min(limit(&field.max).unwrap_or(i64::MAX)).max(limit(&field.min).unwrap_or(1)).max(1)
}

fn check_range(operation: OperationSpec<'_>, field: &Field, path: &str, text: &str, number: f64) -> Result<()> {
    let bound = |limit: &Option<Number>| limit.as_ref().and_then(Number::as_f64);
    if field.name == "InternetMaxBandwidthIn" && (1.0..=MAX_INBOUND_BANDWIDTH).contains(&number) {
        return Ok(());
    }
    if bound(&field.min).is_some_and(|min| number < min) || bound(&field.max).is_some_and(|max| number > max) {
        let range = match (&field.min, &field.max) {
            (Some(min), Some(max)) => format!("from {min} to {max}"),
            (Some(min), None) => format!("{min} or more"),
            (_, max) => format!("{} or less", max.as_ref().map(Number::to_string).unwrap_or_default()),
        };
        return Err(malformed(operation, path, &format!("{text} is out of range; it must be {range}")));
    }
    Ok(())
}

/// Rejects a value that the spec does not list if the operation documents a code for that: otherwise the list may be incomplete.
/// Letter case does not count, because the service ignores it in some operations; handlers check it in the others.
fn check_listed(operation: OperationSpec<'_>, field: &Field, path: &str, text: &str) -> Result<()> {
    const FORMS: &[(&str, &str)] = &[
        ("Invalid", ".ValueNotSupported"),
        ("Invalid.", ""),
        ("Invalid", ".NotFound"),
        ("Invalid", ".Malformed"),
        ("Invalid", ".NotSupported"),
        ("Invalid", ""),
        ("InvalidParameter.", ""),
    ];
    let all = operation.ty(field.ty.name()).and_then(|ty| ty.values.as_ref());
    let Some(all) = all.filter(|_| !INCOMPLETE.contains(&field.name.as_str())) else { return Ok(()) };
    let mut known: Vec<&str> = field.values.iter().filter_map(Value::as_str).collect();
    if known.is_empty() {
        known.extend(all.keys().map(String::as_str));
    }
    if known.iter().any(|value| value.eq_ignore_ascii_case(text)) {
        return Ok(());
    }
    match documented(operation, &[field.name.as_str()], FORMS) {
        Some(own) => {
            let reason = format!("{text:?} is none of {}", known.join(", "));
            Err(EcsError::new(own.http, &own.code, EcsError::invalid(path, reason).message))
        }
        None => Ok(()),
    }
}

/// Checks the length that the spec states. A list can be filtered by a string that is too short to be a name. A description or
/// the name of a snapshot may have one character, although two are documented: programs in use send one.
fn check_length(operation: OperationSpec<'_>, field: &Field, path: &str, text: &str) -> Result<()> {
    let length = text.chars().count();
    let mut min = field.min_length.filter(|_| !operation.operation.read).unwrap_or_default() as usize;
    if field.name.ends_with("Description") || field.name.ends_with("SnapshotName") {
        min = min.min(1);
    }
    let max = field.max_length.map_or(usize::MAX, |max| max as usize);
    if (min..=max).contains(&length) {
        return Ok(());
    }
    let reason = match (min, field.max_length) {
        (0, Some(max)) => format!("it is longer than {max} characters"),
        (min, Some(max)) => format!("it must have {min} to {max} characters"),
        (min, None) => format!("it must have at least {min} characters"),
    };
    Err(too_long(operation, field).filter(|_| length > max).map_or_else(
        || malformed(operation, path, &reason),
        |own| EcsError::new(own.http, &own.code, EcsError::invalid(path, &reason).message),
    ))
}

/// Returns the code that the operation documents for a value that is too long, such as `CmdName.ExceedLimit`.
fn too_long<'a>(operation: OperationSpec<'a>, field: &Field) -> Option<&'a ErrorCode> {
    const FORMS: &[(&str, &str)] = &[("", ".ExceedLimit"), ("Cmd", ".ExceedLimit"), ("File", ".ExceedLimit")];
    let name = if field.name == "Description" { "Desc" } else { &field.name };
    documented(operation, &[name], FORMS)
}

/// Checks the rule for parameters of this name.
fn check_rule(operation: OperationSpec<'_>, field: &Field, path: &str, text: &str) -> Result<()> {
    let name = field.name.as_str();
    let read = operation.operation.read;
    let checked: Checked = match name {
        "ClientToken" => rules::client_token(text),
        _ if read || path.starts_with("RemoteConnectionOptions.") => Ok(()),
        "InstanceName" => rules::instance_name(text),
        "DiskName"
        | "SecurityGroupName"
        | "NetworkInterfaceName"
        | "DeploymentSetName"
        | "PrefixListName"
        | "DedicatedHostName" => rules::name(text),
        // Other operations name an existing resource.
        "KeyPairName" | "LaunchTemplateName" if documented_malformed(operation, path).is_some() => rules::name(text),
        "SnapshotName" => rules::snapshot_name(text),
        "ImageName" | "DestinationImageName" => rules::image_name(text),
        "VpcName" | "VSwitchName" => rules::vpc_name(text),
        "Description" | "DestinationDescription" | "VersionDescription"
            if !operation.key().1.contains("SecurityGroup") =>
        {
            rules::no_link(text)
        }
        // Placeholders and numbers of several instances.
        "HostName" if !text.contains(['[', '$']) => rules::host_name(text, false),
        "Password" => rules::password(text, false),
        "VncPassword" => rules::vnc_password(text),
        "Key" if is_in_tag(path) => rules::tag_key(text),
        "Value" if is_in_tag(path) => rules::tag_value(text),
        _ if field.ty.name() == "time" => time(text),
        _ => Ok(()),
    };
    checked.map_err(|reason| malformed(operation, path, reason))
}

fn time(text: &str) -> Checked {
    // Some clients send fractions of a second.
    let whole = text.split_once('.').map_or(text.to_owned(), |(whole, fraction)| {
        let digits = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        format!("{whole}{digits}")
    });
    if time_form(&whole).is_some() { Ok(()) } else { Err("it must be a time in UTC, such as 2026-01-02T03:04:05Z") }
}

/// Returns the error for a malformed value, with the code that the operation documents for it.
fn malformed(operation: OperationSpec<'_>, path: &str, reason: &str) -> EcsError {
    let error = EcsError::invalid(path, reason);
    match documented_malformed(operation, path) {
        Some(own) => EcsError::new(own.http, &own.code, error.message),
        None => error,
    }
}

/// Returns the code that the operation documents for malformed values of a parameter.
fn documented_malformed<'a>(operation: OperationSpec<'a>, path: &str) -> Option<&'a ErrorCode> {
    const FORMS: &[(&str, &str)] = &[
        ("Invalid", ".Malformed"),
        ("Incorrect", ".Malformed"),
        ("InvalidParams.", ""),
        ("IllegalParam.", ""),
        ("Invalid", ".ValueNotSupported"),
        ("Invalid", ""),
        ("InvalidParameter.", ""),
    ];
    let leaf = path.rsplit('.').find(|part| part.parse::<u32>().is_err()).unwrap_or(path);
    let names: &[&str] = match leaf {
        "Key" if is_in_tag(path) => &["TagKey", "ResourceTagKey"],
        "Value" if is_in_tag(path) => &["TagValue", "ResourceTagValue"],
        "Description" if path.contains("Disk.") => &["DiskDescription", "Description"],
        // The service spells some of them like this.
        "Description" => &["SecurityGroupDiscription", "VpcDiscription", "VSwitchDiscription", "Description"],
        "DestinationDescription" | "VersionDescription" => &["Description"],
        "DestinationImageName" => &["ImageName"],
        "Password" => &["Password", "HostPassword"],
        name => &[name],
    };
    documented(operation, names, FORMS)
}

/// Returns the first code that the operation documents of those that consist of a name and what surrounds it.
fn documented<'a>(operation: OperationSpec<'a>, names: &[&str], forms: &[(&str, &str)]) -> Option<&'a ErrorCode> {
    let mut codes = names.iter().flat_map(|name| forms.iter().map(move |(start, end)| format!("{start}{name}{end}")));
    codes.find_map(|known| operation.documented(|code| code.eq_ignore_ascii_case(&known)))
}

/// Whether a parameter is a member of a tag, such as `Tag.1.Key`.
fn is_in_tag(path: &str) -> bool {
    path.split('.').rev().nth(2).is_some_and(|list| list.ends_with("Tag"))
}

/// Checks the tags for a resource, which need keys of their own.
pub(crate) fn check_tags(operation: OperationSpec<'_>, path: &str, tags: &[Value]) -> Result<()> {
    let mut keys = HashSet::new();
    for (tag, number) in tags.iter().zip(1..) {
        let Some(key) = tag.get("Key").and_then(Value::as_str) else {
            let error = malformed(operation, &format!("{path}.{number}.Key"), "it is missing");
            let own = operation.documented(|code| code == "MissingParameter.TagKey");
            return Err(own.map_or(error.clone(), |own| EcsError::new(own.http, &own.code, error.message)));
        };
        if !keys.insert(key) {
            let message = format!("The parameter {path}.{number}.Key repeats the key {key:?} of another tag.");
            const CODES: &[&str] = &["Duplicate.TagKey", "TagKey.Duplication", "Forbidden.TagKey.Duplicated"];
            let own = operation.documented(|code| CODES.contains(&code));
            let (http, code) = own.map_or((400, "Duplicate.TagKey"), |own| (own.http, &own.code));
            return Err(EcsError::new(http, code, message));
        }
    }
    Ok(())
}

/// Returns the error for a list with too many elements. Some operations document a code of their own, such as
/// `InvalidTagCount`, `InstanceIds.ExceedLimit` or `NumberExceed.Tags`.
pub(crate) fn too_many(operation: OperationSpec<'_>, path: &str, count: usize, max: u32) -> EcsError {
    const REASONS: &[&str] = &["TooMany", "Exceed", "Limit", "Count"];
    let error = EcsError::invalid(path, format_args!("{count} elements; at most {max} are allowed"));
    let name = match path {
        "DataDisk" => "InstanceDiskNumber",
        name => name.trim_end_matches('s'),
    };
    let says_so = |code: &str| REASONS.iter().any(|reason| code.contains(reason));
    let own = operation
        .documented(|code| says_so(code) && code.strip_prefix("Invalid").unwrap_or(code).starts_with(name))
        .or_else(|| {
            // A quota is about the tags of a resource, not those of a request.
            let counts = |code: &str| code.trim_end_matches("Num").trim_end_matches('s').ends_with(name);
            operation.documented(|code| says_so(code) && counts(code) && !code.starts_with("Quota"))
        })
        // Operations on key pairs have it for lists of instances as well as of key pairs.
        .or_else(|| operation.documented(|code| code == "InstanceKeyPairLimitExceeded"));
    own.map_or(error.clone(), |own| EcsError::new(own.http, &own.code, error.message))
}
