//! Deletes old snapshots. It keeps the newest of each disk, those younger than a number of days, those that images or
//! disks are made from, and those with the tag `keep`.
//!
//! ```text
//! cargo run -p ecs-sdk --example snapshot_janitor                     # shows what it would delete
//! cargo run -p ecs-sdk --example snapshot_janitor -- delete --yes     # deletes it
//! ```
//!
//! Without credentials, it runs on an emulator with a disk that has four snapshots.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, bail};
use ecs_sdk::{
    Client,
    operation::describe_snapshots::Snapshot,
    types::{SnapshotStatus, SnapshotUsage},
};
use time::OffsetDateTime;

mod support;

/// Snapshots of each disk that are always kept, the newest ones.
const NEWEST: usize = 2;

/// Age in days up to which snapshots are kept.
const DAYS: i64 = 30;

/// Snapshots with this tag are kept, regardless of its value.
const KEEP: &str = "keep";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;
    let delete = match setup.arguments.as_slice() {
        [] => false,
        [word] if word == "delete" => true,
        _ => bail!("expected no argument to show what is old, or `delete`"),
    };
    let days = if setup.is_local() {
        prepare(client).await?;
        0 // The snapshots are new, but there are too many.
    } else {
        DAYS
    };

    let snapshots: Vec<Snapshot> = client.describe_snapshots().items().try_collect().await?;
    let old = old(&snapshots, NEWEST, time(days));
    println!("{} of {} snapshots are old and not used:", old.len(), snapshots.len());
    for snapshot in &old {
        println!(
            "  {} of {}, {} GiB, {}",
            snapshot.snapshot_id,
            snapshot.source_disk_id,
            snapshot.source_disk_size,
            support::shown(snapshot.creation_time.as_ref())
        );
    }
    if !delete {
        println!("Nothing was deleted. To delete them, pass `delete`.");
        return Ok(());
    }
    if !setup.may("delete snapshots") {
        return Ok(());
    }
    let mut failed = 0;
    for snapshot in old {
        match client.delete_snapshot().snapshot_id(&snapshot.snapshot_id).send().await {
            Ok(_) => println!("deleted {}", snapshot.snapshot_id),
            Err(error) if error.is_not_found() => println!("{} is already gone", snapshot.snapshot_id),
            // One that cannot be deleted does not keep the others.
            Err(error) => {
                println!("{error}");
                failed += 1;
            }
        }
    }
    if failed > 0 {
        bail!("{failed} snapshots could not be deleted");
    }
    Ok(())
}

/// The snapshots to delete: finished, not used, without the tag, created before `limit`, and not among the newest of
/// their disk.
fn old(snapshots: &[Snapshot], newest: usize, limit: SystemTime) -> Vec<&Snapshot> {
    let created =
        |snapshot: &Snapshot| snapshot.creation_time.as_ref().and_then(|time| SystemTime::try_from(time).ok());
    let mut disks: BTreeMap<&str, Vec<&Snapshot>> = BTreeMap::new();
    for snapshot in snapshots.iter().filter(|snapshot| snapshot.status == Some(SnapshotStatus::Accomplished)) {
        disks.entry(&snapshot.source_disk_id).or_default().push(snapshot);
    }
    let mut old = Vec::new();
    for mut snapshots in disks.into_values() {
        snapshots.sort_by_key(|snapshot| std::cmp::Reverse(created(snapshot)));
        old.extend(snapshots.into_iter().skip(newest).filter(|snapshot| {
            let is_used = snapshot.usage.as_ref().is_some_and(|usage| *usage != SnapshotUsage::None);
            // A snapshot whose time is unknown is kept.
            let is_old = created(snapshot).is_some_and(|created| created <= limit);
            is_old && !is_used && snapshot.tags.iter().all(|tag| tag.tag_key != KEEP)
        }));
    }
    old
}

/// The time `days` ago.
fn time(days: i64) -> SystemTime {
    // Snapshots have times in whole seconds, so one of this second counts.
    let now = OffsetDateTime::now_utc() + time::Duration::seconds(1);
    (now - time::Duration::days(days)).into()
}

/// Creates a disk on the emulator, and four snapshots of it, the oldest with the tag.
async fn prepare(client: &Client) -> anyhow::Result<()> {
    let ids = support::launch(client, |request| request.amount(1)).await?;
    let disk = client.describe_disks().instance_id(&ids[0]).items().try_next().await?.context("no disk")?;
    for tags in [vec![(KEEP, "audit")], Vec::new(), Vec::new(), Vec::new()] {
        let created = client.create_snapshot().disk_id(&disk.disk_id).tags(tags).send().await?;
        let ids = [created.snapshot_id];
        client.wait_until_snapshot_accomplished().snapshot_ids(ids).wait(Duration::from_secs(300)).await?;
    }
    Ok(())
}
