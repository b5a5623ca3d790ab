//! The stages of the generator.

use std::time::{Duration, Instant};

use ecs_codegen::load;

use super::Result;
use crate::specs_dir;

/// Number of runs, of which the median counts.
const RUNS: usize = 5;

/// The duration of each stage. In a debug build of this program, stages take about ten times as long.
pub(super) fn stages() -> Result<Vec<(&'static str, Duration)>> {
    let (mut read, mut check, mut generate) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
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
