//! Counts the allocations of each measure, one JSON object a line. A program of its own, because counting takes time.
//!
//! Usage: `allocations URL MEASURE…`

use std::alloc::System;

use anyhow::{Context as _, Result};
use running_bench::measures::{Setup, find};
use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Times that the work is done, to count what happens each time.
const TIMES: usize = 16;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let setup = Setup::new(&arguments.next().context("expected the URL of the server")?)?;
    for name in arguments {
        let measure = find(&name)?;
        for rival in measure.rivals {
            let mut work = (rival.prepare)(&setup)?;
            // Opens connections and fills caches.
            let mut durations = Vec::with_capacity(4 * TIMES);
            work.once(TIMES)?;
            (work.before)(TIMES);
            let region = Region::new(ALLOCATOR);
            (work.run)(TIMES, &mut durations)?;
            let counted = region.change();
            let each = |count: usize| count as f64 / TIMES as f64;
            let shown = json!({
                "measure": name,
                "rival": rival.name,
                "allocations": each(counted.allocations),
                "reallocations": each(counted.reallocations),
                "bytes": each(counted.bytes_allocated),
            });
            println!("{shown}");
        }
    }
    Ok(())
}
