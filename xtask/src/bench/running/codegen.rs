//! The stages of the generator.

use std::time::{Duration, Instant};

use ecs_codegen::load;

use super::Result;
use crate::specs_dir;

/// Largest number of runs, of which the median counts.
const MAX_RUNS: usize = 5;

/// Time after which no further run starts. In a debug build of this program a run takes about ten times as long, and one is enough.
const RUNS_TIME: Duration = Duration::from_secs(10);

/// Measures the duration of each stage.
pub(super) fn stages() -> Result<Vec<(&'static str, Duration)>> {
    let (mut read, mut check, mut generate) = (Vec::new(), Vec::new(), Vec::new());
    let started = Instant::now();
    while generate.len() < MAX_RUNS && (generate.is_empty() || started.elapsed() < RUNS_TIME) {
        let start = Instant::now();
        let sources = load::read_dir(&specs_dir())?;
        read.push(start.elapsed());
        let start = Instant::now();
        ecs_codegen::check(sources.clone())?;
        check.push(start.elapsed());
        let start = Instant::now();
        ecs_codegen::generate(sources)?;
        generate.push(start.elapsed());
    }
    let (check, generate) = (median(check), median(generate));
    Ok(vec![
        ("read files", median(read)),
        ("parse, validate, lower", check),
        ("emit, render", generate.saturating_sub(check)),
    ])
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
