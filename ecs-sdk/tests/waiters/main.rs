//! All waiters: over a service whose responses have the documented form, and over the emulator.
#![cfg(all(
    feature = "auto-provisioning",
    feature = "cloud-assistant",
    feature = "dedicated-hosts",
    feature = "diagnostics",
    feature = "disks",
    feature = "elasticity-assurances-and-capacity-reservations",
    feature = "image-pipelines-and-components",
    feature = "images",
    feature = "instances",
    feature = "network-interfaces",
    feature = "reserved-instances-and-savings-plans",
    feature = "security-groups",
    feature = "snapshots",
    feature = "storage-capacity-units",
    feature = "system-events",
    feature = "tasks",
    feature = "vpc"
))]

mod calls;
mod conformance;
mod documented;
mod emulated;
mod specs;
