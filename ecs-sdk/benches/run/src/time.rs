//! Processor time of measures, in interleaved rounds.

use std::time::Duration;

use anyhow::Result;
use rustix::time::{ClockId, clock_gettime};

use crate::measures::{Measure, Setup};

/// The times of a rival.
#[derive(Debug, serde::Serialize)]
pub struct Times {
    /// The name of the rival.
    pub rival: &'static str,
    /// Processor time of this process, in nanoseconds for each time; the median of all rounds.
    pub cpu_ns: f64,
    /// Processor time of the SDK divided by that of the rival; the median of all rounds.
    pub ratio: f64,
    /// The uncertainty of the ratio: the standard error of the median, from the differences of the rounds.
    pub noise: f64,
    /// The median latency in nanoseconds, if there are calls.
    pub p50_ns: Option<u64>,
    /// The 99th percentile of the latency.
    pub p99_ns: Option<u64>,
}

/// Measures all rivals in turn for at least `limit` and `MIN_ROUNDS`.
pub fn compare(measure: &Measure, setup: &Setup, limit: Duration) -> Result<Vec<Times>> {
    const MIN_ROUNDS: usize = 7;

    let mut rivals = measure.rivals.iter().map(|rival| (rival.prepare)(setup)).collect::<Result<Vec<_>>>()?;
    let mut rounds = vec![Vec::new(); rivals.len()];
    let mut latencies = vec![Vec::new(); rivals.len()];
    // The first round opens connections and fills caches.
    for work in &mut rivals {
        work.once(measure.times)?;
    }
    let start = processor_time();
    while rounds[0].len() < MIN_ROUNDS || processor_time() - start < limit {
        // The order alternates, so that no rival always follows the same other.
        let mut order: Vec<usize> = (0..rivals.len()).collect();
        if rounds[0].len() % 2 == 1 {
            order.reverse();
        }
        for at in order {
            (rivals[at].before)(measure.times);
            let before = processor_time();
            (rivals[at].run)(measure.times, &mut latencies[at])?;
            let used = processor_time() - before;
            rounds[at].push(used.as_nanos() as f64 / measure.times as f64);
        }
    }
    let sdk = rounds[0].clone();
    let times = measure.rivals.iter().zip(rounds).zip(&mut latencies).map(|((rival, rounds), latencies)| {
        let ratios: Vec<f64> = sdk.iter().zip(&rounds).map(|(sdk, other)| sdk / other).collect();
        let ratio = median(&ratios);
        let deviations: Vec<f64> = ratios.iter().map(|one| (one - ratio).abs()).collect();
        // For a normal distribution, the standard deviation is 1.48 times the median deviation, and the standard error
        // of the median 1.25 standard deviations divided by the root of the number of rounds. Twice that covers 95 %.
        let noise = 2.0 * 1.25 * 1.48 * median(&deviations) / (ratios.len() as f64).sqrt();
        latencies.sort_unstable();
        let percentile = |of_100: usize| {
            latencies.get(latencies.len() * of_100 / 100).and_then(|time| u64::try_from(time.as_nanos()).ok())
        };
        Times {
            rival: rival.name,
            cpu_ns: median(&rounds),
            ratio,
            noise,
            p50_ns: percentile(50),
            p99_ns: percentile(99),
        }
    });
    Ok(times.collect())
}

/// The processor time that this process has used.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
