//! The operations that the emulator simulates, one function per operation.

mod account;
mod assistant;
mod catalog;
mod disks;
mod images;
mod instances;
mod network;
mod references;
mod stand_ins;

use std::{collections::HashMap, sync::LazyLock};

use crate::call::Handler;

/// Service, operation and handler.
type Entry = (&'static str, &'static str, Handler);

/// The handlers, by family.
const HANDLERS: &[&[&[Entry]]] = &[
    account::HANDLERS,
    assistant::HANDLERS,
    catalog::HANDLERS,
    disks::HANDLERS,
    images::HANDLERS,
    instances::HANDLERS,
    network::HANDLERS,
];

/// Operations that check their parameters as the others do, but whose response never depends on the state, or whose change
/// no response shows.
const CONSTANT: &[(&str, &str)] = &[
    // All instances have the agent.
    ("ecs", "InstallCloudAssistant"),
    // The emulator has no screens.
    ("ecs", "GetInstanceScreenshot"),
    // Nothing asks for the password: the emulator has no VNC server.
    ("ecs", "ModifyInstanceVncPasswd"),
];

/// Whether the response of an operation is a constant.
pub(crate) fn is_constant(service: &str, operation: &str) -> bool {
    CONSTANT.contains(&(service, operation))
}

/// Returns the handler of an operation; `None` if it is not simulated.
pub(crate) fn find(service: &str, operation: &str) -> Option<Handler> {
    static BY_NAME: LazyLock<HashMap<(&str, &str), Handler>> = LazyLock::new(|| {
        let entries = HANDLERS.iter().copied().flatten().copied().flatten();
        entries.map(|(service, operation, handler)| ((*service, *operation), *handler)).collect()
    });
    BY_NAME.get(&(service, operation)).copied()
}
