//! Classes of error codes as programs that use the service treat them. The codes come from their lists of what to retry,
//! what to take for gone, and what to report.

use std::time::Duration;

use ecs_sdk::fake::{Response, Service};
use ecs_sdk::{Error, ErrorClass, ErrorKind, retry::Never};

fn assert_class(class: Option<ErrorClass>, codes: &[&str]) {
    for code in codes {
        assert_eq!(Error::service(*code, "m", 400).class(), class, "{code}");
    }
}

#[test]
fn a_request_with_the_same_token_is_in_progress() {
    assert_class(
        Some(ErrorClass::InProgress),
        &[
            "Idempotence.Processing",
            "IdempotentProcessing",
            "LastOrderProcessing",
            "LastRequestProcessing",
            "LastTokenProcessing",
            "OperationFailed.IdempotentTokenProcessing",
            "OperationFailed.LastTokenProcessing",
            "TOKEN_PROCESSING",
        ],
    );
    // A new token is needed.
    assert_class(None, &["IdempotentFailed", "IdempotentParameterMismatch", "IdempotenceParamNotMatch"]);
}

#[test]
fn back_off_if_the_service_is_busy() {
    assert_class(
        Some(ErrorClass::Throttling),
        &[
            "EipOperation.TooFrequently",
            "FlowControl",
            "FrequentPurchase.EIP",
            "Rejected.Throttling",
            "Throttling",
            "Throttling.Api",
            "Throttling.ConcurrentLimitExceeded",
            "Throttling.User",
            "TooManyRequests",
        ],
    );
    assert_class(
        Some(ErrorClass::Unavailable),
        &[
            "InternalError",
            "InternalError.Dispatch",
            "InternalServerError",
            "OTSServerUnavailable",
            "RequestTimeout",
            "SYSTEM.UNKNOWN.ERROR",
            "ServiceUnavailable",
            "System.ServiceBusy",
            "SystemBusy",
            "UnknownError",
        ],
    );
    // The account is in arrears.
    assert_class(None, &["InvalidAccountStatus.SnapshotServiceUnavailable"]);
}

#[test]
fn wait_for_another_operation_or_a_state() {
    assert_class(
        Some(ErrorClass::Conflict),
        &[
            "BandwidthPackageOperation.conflict",
            "Conflict.Lock",
            "InvalidOperation.Conflict",
            "Operation.Conflict",
            "OperationConflict",
            "OperationFailed.ConcurrentOperation",
            "OperationFailed.DistibuteLock",
            "OperationFailed.EcsMigrating",
            "TaskConflict",
            "VPC_TASK_CONFLICT",
        ],
    );
    assert_class(
        Some(ErrorClass::IncorrectState),
        &[
            "DISK_HAS_CREATING_SNAPSHOT",
            "DiskCreatingSnapshot",
            "DiskError",
            "INSTANCE.STATUS.NOT.ALLOW",
            "ImageIsCreating",
            "IncorrectDiskStatus",
            "IncorrectEipStatus",
            "IncorrectInstanceState",
            "IncorrectInstanceStatus",
            "IncorrectInstanceStatus.Initializing",
            "IncorrectStatus.Vpc",
            "IncorretForwardEntryStatus",
            "InstanceStatus.NotSupport",
            "InvalidOperation.InvalidEcsState",
            "InvalidOperation.InvalidEniState",
            "InvalidStatus.DiskNotReady",
            "InvalidVBRStatus",
            "OperationDenied.NetworkAclAttachmentInMiddleStatus",
            "VswitchStatusError",
        ],
    );
    // Waiting does not help, or a value is wrong.
    assert_class(
        None,
        &[
            "DiskInArrears",
            "EncryptedOption.Conflict",
            "InstanceExpired",
            "InstanceLockedForSecurity",
            "InvalidInstanceStatus.ValueNotSupported",
            "InvalidOperation.DeletionProtection",
            "InvalidParameter.Conflict",
            "InvalidParameter.Status",
        ],
    );
}

#[test]
fn detach_or_delete_the_user_of_a_resource() {
    assert_class(
        Some(ErrorClass::InUse),
        &[
            "ActivationId.InUse",
            "DeleteConflict.Role.Policy",
            "DependencyViolation",
            "DependencyViolation.RouteEntry",
            "DiskStillAttached",
            "Forbidden.Already.Bounded",
            "ImageUsingByInstance",
            "InvalidIPAddress.AlreadyUsed",
            "InvalidIpStatus.HasBeenUsedByForwardEntry",
            "InvalidOperation.HasMemberEniAttached",
            "InvalidParameter.KeypairAlreadyAttachedInstance",
            "InvalidStatus.CmdIdInUse",
            "IpInUse",
            "OperationFailed.CidrInUse",
            "ResourceInUse.ServerGroup",
            "SnapshotCreatedDisk",
        ],
    );
    assert_class(None, &["DependencyViolation.IoOptimized", "DependencyViolation.WindowsInstance"]);
}

#[test]
fn only_resources_can_be_gone() {
    assert_class(
        Some(ErrorClass::NotFound),
        &[
            "EntityNotExist.Policy.Version",
            "EntityNotExist.Role",
            "Forbidden.InstanceNotFound",
            "INSTANCE_NOT_EXISTS",
            "Instance.Notfound",
            "InvalidAllocationId.NotFound",
            "InvalidDiskId.NotFound",
            "InvalidEcsId.NotFound",
            "InvalidInstanceId.NOT_FOUND",
            "InvalidInstanceId.NotFound",
            "InvalidInstanceId.Released",
            "InvalidLaunchTemplateVersion.NotFound",
            "InvalidParameter.KMSKeyId.NotFound",
            "InvalidSecurityGroupRule.RuleNotExist",
            "InvalidVSwitchId.NotExist",
            "NoSuchResource",
            "NotExists.HpcCluster",
            "ResourceNotFound.InstanceId",
        ],
    );
    assert_class(
        None,
        &[
            "BillingMethodNotFound",
            "COMMODITY_NO_EXIST",
            "Forbidden.RegionNotFound",
            "InvalidAccessKeyId.NotFound",
            "InvalidAccount.NotFound",
            "InvalidAction.NotFound",
            "InvalidApi.NotFound",
            "InvalidCmdType.NotFound",
            "InvalidDiskCategory.NotFound",
            "InvalidDiskChargeType.NotFound",
            "InvalidFilterKey.NotFound",
            "InvalidInstanceTypeFamily.NotFound",
            "InvalidPeriod.NotFound",
            "InvalidProduct.NotFound",
            "InvalidRegionId.NotExists",
            "InvalidRegionId.NotFound",
            "InvalidResourceType.NotFound",
            "InvalidStatus.NotFound",
            "InvalidVersion.NotFound",
            "InvalidZoneId.NotFound",
            "PaymentMethodNotFound",
            "PriceNotFound",
        ],
    );
    assert_class(Some(ErrorClass::AccessDenied), &["NoPermission.RoleNotExist"]);
}

#[test]
fn try_another_place_or_ask_for_more() {
    assert_class(
        Some(ErrorClass::OutOfStock),
        &[
            "CategoryNotSupported",
            "InstanceTypeNotSupported",
            "InvalidInstanceType.ZoneNotSupported",
            "InvalidResourceType.NotSupported",
            "InvalidVSwitchId.IpNotEnough",
            "LackResource",
            "NoStock",
            "OperationDenied.NoStock",
            "ResourceNotAvailable",
            "Zone.NotOnSale",
            "Zone.NotOpen",
            "ZONE_NO_AVAILABLE_IP",
        ],
    );
    assert_class(
        Some(ErrorClass::QuotaExceeded),
        &[
            "DEPLOYMENTSET.QUOTA_FULL",
            "EniPerInstanceLimitExceeded",
            "ExceedingQuota",
            "InstanceDiskLimitExceeded",
            "InvalidOperation.Ipv4CountExceeded",
            "LimitExceeded.User.AccessKey",
            "QuotaExceed.ElasticQuota",
            "QuotaExceeded.PrivateIpAddress",
            "SecurityGroupInstanceLimitExceed",
        ],
    );
    // Limits of a request, and money.
    assert_class(
        None,
        &["CmdName.ExceedLimit", "DiskIdLimitExceeded", "InsufficientBalance", "InvalidInstanceIds.CountLimitExceeded"],
    );
}

#[test]
fn permissions_and_keys() {
    assert_class(
        Some(ErrorClass::AccessDenied),
        &[
            "AccessDenied",
            "Forbidden",
            "Forbidden.RAM",
            "Forbidden.SubUser",
            "InvalidUser.PassRoleForbidden",
            "InvalidUserData.Forbidden",
            "NoPermission",
            "NoPermisson",
            "OperationDenied.NotAuthorized",
            "RegionUnauthorized",
            "UserNotInTheWhiteList",
        ],
    );
    assert_class(
        Some(ErrorClass::ExpiredCredentials),
        &["InvalidSecurityToken.Expired", "SecurityToken.Expired", "SecurityTokenExpired"],
    );
    assert_class(
        None,
        &[
            "Forbidden.RiskControl",
            "InvalidAccessKeyId.Inactive",
            "InvalidSecurityToken.Malformed",
            "InvalidSecurityToken.MismatchWithAccessKey",
            "InvalidTimeStamp.Expired",
            "SignatureDoesNotMatch",
            "SignatureNonceUsed",
        ],
    );
    let hidden =
        Error::service("InvalidParameter", r#"The specified parameter "SecurityToken.Expired" is not valid."#, 400);
    assert!(hidden.is_expired_credentials());
    assert!(!Error::service("InvalidParameter", "The parameter is not valid.", 400).is_expired_credentials());
}

#[test]
fn errors_without_a_code_are_classified_by_their_status() {
    let of = |status| {
        let error = Error::new(ErrorKind::Service, "unexpected response").with_http_status(status);
        (error.is_throttling(), error.is_unavailable(), error.is_retryable(), error.class())
    };
    assert_eq!(of(429), (true, false, true, None));
    assert_eq!(of(503), (false, true, true, None));
    assert_eq!(of(404), (false, false, false, None));
    assert!(!Error::service("InvalidInstanceId.NotFound", "m", 500).is_unavailable());
    assert!(!Error::new(ErrorKind::Timeout, "no response within 60s").is_unavailable());
}

#[test]
fn hostile_codes_are_classified_in_bounded_time() {
    let long = "a*".repeat(1 << 14);
    for code in [long.as_str(), "*", " ", "\u{0}", "日本.NotFound", "İ_NOT_FOUND"] {
        let error = Error::service(code, "m", 400).with_retry_after(Duration::from_secs(1));
        assert_eq!(error.class().is_some(), code.ends_with("FOUND") || code.ends_with("Found"), "{}", code.len());
    }
}

#[test]
fn errors_of_calls_have_a_class() {
    let service = Service::script([
        Response::error(404, "InvalidAccessKeyId.NotFound"),
        Response::error(403, "OperationConflict"),
    ]);
    let client: ecs_sdk::Client = service.config().region("r").retry(Never).build().unwrap();
    let failed = || service.run(client.delete_instance().instance_id("i-1").send()).unwrap_err();
    let wrong_key = failed();
    assert!(!wrong_key.is_not_found(), "deleting with a wrong key is no success: {wrong_key}");
    assert!(failed().is_conflict());
}
