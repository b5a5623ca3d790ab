//! Classes of error codes: what a caller can do about an error.

/// The class of an error: what happened, and thus what a caller can do about it.
///
/// The service has more than two thousand error codes, and spells codes with the same meaning in many ways.
/// [`Error::class`] maps each code to at most one class, and each class has a predicate. Typical codes, and what to do:
///
/// - [`InProgress`] ([`is_in_progress`]): `IdempotentProcessing`, `LastTokenProcessing`, `TOKEN_PROCESSING`. Wait,
///   and send the same client token again.
/// - [`Throttling`] ([`is_throttling`]): `Throttling.User`, `TooManyRequests`, `FlowControl`. Back off.
/// - [`Unavailable`] ([`is_unavailable`]): `ServiceUnavailable`, `InternalError`, `SystemBusy`. Back off.
/// - [`Conflict`] ([`is_conflict`]): `OperationConflict`, `TaskConflict`, `InvalidOperation.Conflict`. Wait, and call
///   again.
/// - [`IncorrectState`] ([`is_incorrect_state`]): `IncorrectInstanceStatus`, `DiskCreatingSnapshot`,
///   `InvalidOperation.InvalidEniState`. Wait for the state, and call again.
/// - [`InUse`] ([`is_in_use`]): `DependencyViolation.VSwitch`, `InvalidIPAddress.AlreadyUsed`, `IpInUse`. Detach or
///   delete the other resource first.
/// - [`NotFound`] ([`is_not_found`]): `InvalidInstanceId.NotFound`, `INSTANCE_NOT_EXISTS`, `EntityNotExist.Role`. If
///   the call was to delete the resource, nothing remains to be done.
/// - [`OutOfStock`] ([`is_out_of_stock`]): `OperationDenied.NoStock`, `Zone.NotOnSale`,
///   `InvalidVSwitchId.IpNotEnough`. Try another zone or instance type.
/// - [`QuotaExceeded`] ([`is_quota_exceeded`]): `QuotaExceed.ElasticQuota`, `InstanceDiskLimitExceeded`. Request a
///   higher quota.
/// - [`AccessDenied`] ([`is_access_denied`]): `Forbidden.RAM`, `NoPermission`, `InvalidOperation.Unauthorized`. Grant
///   the permission.
/// - [`ExpiredCredentials`] ([`is_expired_credentials`]): `InvalidSecurityToken.Expired`. Get new credentials.
///
/// Codes about other mistakes of a request are in no class. These include codes such as `InvalidAccessKeyId.NotFound`,
/// `InvalidRegionId.NotFound` and `InvalidDiskCategory.NotFound`: no resource is missing, but a key, a place or a value
/// is wrong.
///
/// ```
/// use ecs_sdk::{Error, ErrorClass};
///
/// let class = |code: &str| Error::service(code, "", 403).class();
/// assert_eq!(class("INSTANCE_NOT_EXISTS"), Some(ErrorClass::NotFound));
/// assert_eq!(class("IncorrectDiskStatus.Initializing"), Some(ErrorClass::IncorrectState));
/// assert_eq!(class("InvalidRegionId.NotFound"), None);
/// ```
///
/// [`Error::class`]: crate::Error::class
/// [`is_in_progress`]: crate::Error::is_in_progress
/// [`is_throttling`]: crate::Error::is_throttling
/// [`is_unavailable`]: crate::Error::is_unavailable
/// [`is_conflict`]: crate::Error::is_conflict
/// [`is_incorrect_state`]: crate::Error::is_incorrect_state
/// [`is_in_use`]: crate::Error::is_in_use
/// [`is_not_found`]: crate::Error::is_not_found
/// [`is_out_of_stock`]: crate::Error::is_out_of_stock
/// [`is_quota_exceeded`]: crate::Error::is_quota_exceeded
/// [`is_access_denied`]: crate::Error::is_access_denied
/// [`is_expired_credentials`]: crate::Error::is_expired_credentials
/// [`InProgress`]: Self::InProgress
/// [`Throttling`]: Self::Throttling
/// [`Unavailable`]: Self::Unavailable
/// [`Conflict`]: Self::Conflict
/// [`IncorrectState`]: Self::IncorrectState
/// [`InUse`]: Self::InUse
/// [`NotFound`]: Self::NotFound
/// [`OutOfStock`]: Self::OutOfStock
/// [`QuotaExceeded`]: Self::QuotaExceeded
/// [`AccessDenied`]: Self::AccessDenied
/// [`ExpiredCredentials`]: Self::ExpiredCredentials
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// An earlier request with the same `ClientToken` is still being executed, and will probably succeed.
    ///
    /// The same request with the same token returns its result once it has finished. A call with a new token would do
    /// the work twice.
    InProgress,
    /// There were too many requests. The service executed nothing.
    Throttling,
    /// The service is busy, failed internally or did not finish in time. It may have executed the request.
    Unavailable,
    /// Another operation is changing the resource. This proves that nothing was executed, so the same call is safe to
    /// retry once the other operation has finished.
    Conflict,
    /// The state of a resource does not allow the operation, for example because an instance is still starting. This
    /// proves that nothing was executed, so the same call is safe to retry once the resource has the right state.
    ///
    /// Locks for security, arrears and deletion protection are not in this class, because waiting does not remove them.
    IncorrectState,
    /// The resource cannot be deleted, changed or attached because another resource uses it. Nothing was executed.
    InUse,
    /// A resource that the request names does not exist: an instance, a disk, an image, a key pair, a command, a role.
    ///
    /// If the call was to delete the resource, its purpose is achieved. Access keys, regions, zones, operations, filters
    /// and values such as disk categories are not resources: their codes are in no class.
    NotFound,
    /// The requested resources are sold out or not offered at this place, or a vSwitch has no free addresses. Another
    /// zone, instance type or vSwitch may have them.
    OutOfStock,
    /// A quota of the account, or the limit of a resource such as the number of disks of an instance, is exhausted.
    ///
    /// Limits of a request, such as the number of IDs or the length of a name, are not in this class.
    QuotaExceeded,
    /// The caller or the account lacks a permission, or is not on the list of those who may use a feature.
    AccessDenied,
    /// The temporary credentials have expired. Credentials providers refresh them; the service rejects static ones until
    /// they are replaced.
    ExpiredCredentials,
}

/// The codes of a class, as in the specs. Each string is a list, separated by spaces.
#[derive(Debug)]
pub struct ClassRule {
    /// The class; `None` for codes in no class.
    pub class: Option<ErrorClass>,
    /// Patterns of codes, with lower-case letters, digits and `*`.
    pub patterns: &'static str,
    /// Patterns of codes to which `patterns` do not apply.
    pub except: &'static str,
    /// Codes, which take precedence over the patterns of all rules.
    pub codes: &'static str,
}

/// The class of a code according to the first of the tables that decides.
pub(super) fn of(code: &str, tables: [&[ClassRule]; 2]) -> Option<ErrorClass> {
    let letters = code.bytes().filter(u8::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase());
    let letters: Vec<u8> = letters.collect();
    tables.into_iter().find_map(|table| decide(code, &letters, table)).flatten()
}

/// The decision of a table; `None` if it contains no rule for the code.
fn decide(code: &str, letters: &[u8], table: &[ClassRule]) -> Option<Option<ErrorClass>> {
    let is_listed =
        |rule: &&ClassRule| rule.codes.split_ascii_whitespace().any(|listed| listed.eq_ignore_ascii_case(code));
    let any = |patterns: &str| patterns.split_ascii_whitespace().any(|pattern| is_match(pattern.as_bytes(), letters));
    let is_matched = |rule: &&ClassRule| any(rule.patterns) && !any(rule.except);
    table.iter().find(is_listed).or_else(|| table.iter().find(is_matched)).map(|rule| rule.class)
}

/// Whether a pattern matches the letters of a code.
fn is_match(pattern: &[u8], letters: &[u8]) -> bool {
    let (mut at, mut letter) = (0, 0);
    // The position after the last `*`, and the first letter that it does not cover.
    let mut star = None;
    while letter < letters.len() {
        if pattern.get(at) == Some(&b'*') {
            at += 1;
            star = Some((at, letter));
        } else if pattern.get(at) == Some(&letters[letter]) {
            (at, letter) = (at + 1, letter + 1);
        } else if let Some((after, covered)) = star {
            (at, letter) = (after, covered + 1);
            star = Some((after, covered + 1));
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|rest| *rest == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn rule(
        class: Option<ErrorClass>,
        patterns: &'static str,
        except: &'static str,
        codes: &'static str,
    ) -> ClassRule {
        ClassRule { class, patterns, except, codes }
    }

    const COMMON: &[ClassRule] = &[
        rule(Some(ErrorClass::NotFound), "*notfound nosuch*", "*region* *zone*", "Gone"),
        rule(Some(ErrorClass::InUse), "*inuse", "", "Name.NotFound"),
        rule(None, "", "", "Memory.InUse"),
    ];

    #[test]
    fn patterns_ignore_case_and_punctuation() {
        for (pattern, code, expected) in [
            ("*notfound", "instancenotfound", true),
            ("*notfound", "notfound", true),
            ("*notfound", "instancenotfoundhere", false),
            ("*not*found*", "notxfoundy", true),
            ("quota*", "myquota", false),
            ("*aab", "aaab", true),
            ("*a*a", "a", false),
            ("same", "same", true),
            ("same", "samenot", false),
            ("*", "", true),
        ] {
            assert_eq!(is_match(pattern.as_bytes(), code.as_bytes()), expected, "{pattern} {code}");
        }
        for code in ["INSTANCE_NOT_FOUND", "Instance.NotFound", "instance-notFound", "NoSuchKey"] {
            assert_eq!(of(code, [&[], COMMON]), Some(ErrorClass::NotFound), "{code}");
        }
    }

    #[test]
    fn listed_codes_come_before_patterns_and_the_table_of_the_service_before_the_common_one() {
        let own = [rule(Some(ErrorClass::Conflict), "disk*", "", ""), rule(None, "", "", "Odd.NotFound")];
        for (code, in_common, in_own) in [
            ("Disk.NotFound", Some(ErrorClass::NotFound), Some(ErrorClass::Conflict)),
            ("Region.NotFound", None, None),
            ("gone", Some(ErrorClass::NotFound), Some(ErrorClass::NotFound)),
            ("GoneFar", None, None),
            ("Name.NotFound", Some(ErrorClass::InUse), Some(ErrorClass::InUse)),
            ("Memory.InUse", None, None),
            ("Odd.NotFound", Some(ErrorClass::NotFound), None),
            ("Other", None, None),
            ("", None, None),
            ("日本", None, None),
        ] {
            assert_eq!(of(code, [&[], COMMON]), in_common, "{code}");
            assert_eq!(of(code, [&own, COMMON]), in_own, "{code}");
        }
    }
}
