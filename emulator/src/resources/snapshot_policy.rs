//! Automatic snapshot policies.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime, UtcOffset};

use super::row;
use crate::{clock::Time, state::Tags};

/// Encryption of the copies of snapshots in another region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the members are those of the service")]
pub(crate) struct CopyEncryption {
    pub(crate) encrypted: bool,
    pub(crate) key: String,
}

/// A policy that creates snapshots of disks at certain hours of certain days.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the members are those of the service")]
pub(crate) struct SnapshotPolicy {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) name: String,
    /// Hours of the day in UTC+8.
    pub(crate) hours: Vec<u8>,
    /// Days of the week; 1 is Monday.
    pub(crate) weekdays: Vec<u8>,
    /// Number of days for which snapshots are kept; -1 keeps them until they are deleted.
    pub(crate) retention_days: i64,
    /// Regions to which snapshots are copied.
    pub(crate) copy_regions: Vec<String>,
    pub(crate) copied_retention_days: i64,
    pub(crate) copy_encryption: CopyEncryption,
    /// `AssociatedWithDisk` or `AssociatedWithInstanceTag`.
    pub(crate) association: String,
    /// Tags of the instances whose disks the policy covers.
    pub(crate) target_tags: Tags,
    pub(crate) resource_group: String,
    pub(crate) tags: Tags,
    pub(crate) created: Time,
    /// Time up to which its snapshots were taken.
    pub(crate) done: Time,
}

impl SnapshotPolicy {
    /// Returns the next time at which it creates snapshots.
    pub(crate) fn next(&self) -> Option<OffsetDateTime> {
        let offset = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
        let start = self.done.max(self.created).checked_to_offset(offset)?.replace_minute(0).ok()?;
        let start = start.replace_second(0).ok()?.replace_nanosecond(0).ok()?;
        // All hours of a week come within eight days.
        let hours = (1..=8 * 24).filter_map(|hours| start.checked_add(Duration::hours(hours)));
        let mut wanted = hours.filter(|time| {
            self.hours.contains(&time.hour()) && self.weekdays.contains(&time.weekday().number_from_monday())
        });
        wanted.next().map(|time| time.to_offset(UtcOffset::UTC))
    }
}

row!(SnapshotPolicy, |policy, link| {
    link(&policy.region);
}, due: SnapshotPolicy::next);

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_policy_follows_its_schedule_in_beijing_time() {
        let mut policy = SnapshotPolicy { hours: vec![0, 12], weekdays: vec![1], ..SnapshotPolicy::default() };
        policy.done = datetime!(2026-01-02 03:04:05 UTC).into();
        let mut times = Vec::new();
        for _ in 0..3 {
            let next = policy.next().unwrap();
            times.push(next);
            policy.done = next.into();
        }
        let monday = datetime!(2026-01-04 16:00 UTC);
        assert_eq!(times, [monday, monday + Duration::hours(12), monday + Duration::days(7)]);
        policy.weekdays.clear();
        assert_eq!(policy.next(), None);
    }
}
