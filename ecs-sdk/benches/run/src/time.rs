//! Processor time of measures, in interleaved rounds.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow};
use rustix::time::{ClockId, clock_gettime};

use crate::measures::{Measure, Rival, Setup, Work};

/// The times of a rival.
#[derive(Debug, serde::Serialize)]
pub struct Times {
    /// The name of the rival.
    pub rival: String,
    /// Processor time of the process, in nanoseconds for each time; the median of all rounds.
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
    let prepare = |rival: &Rival| Ok(Entrant::new(rival.name, measure.times, Runner::Work((rival.prepare)(setup)?)));
    let mut entrants = measure.rivals.iter().map(prepare).collect::<Result<Vec<_>>>()?;
    take_turns(&mut entrants, limit)
}

/// Measures the SDK and another program in turn, which reads numbers and prints the processor time of each of that many calls,
/// in nanoseconds.
pub fn compare_with(measure: &Measure, setup: &Setup, limit: Duration, program: &mut Command) -> Result<Vec<Times>> {
    /// Calls of a round. The official SDKs need ten times as long for each as the SDK.
    const FEWER: usize = 10;

    let sdk = &measure.rivals[0];
    let other = Runner::Program(Program::start(program)?);
    let mut entrants = [
        Entrant::new(sdk.name, measure.times, Runner::Work((sdk.prepare)(setup)?)),
        Entrant::new("program", (measure.times / FEWER).max(1), other),
    ];
    take_turns(&mut entrants, limit)
}

fn take_turns(entrants: &mut [Entrant<'_>], limit: Duration) -> Result<Vec<Times>> {
    const MIN_ROUNDS: usize = 7;

    // The first round opens connections and fills caches.
    for entrant in entrants.iter_mut() {
        entrant.round()?;
        entrant.rounds.clear();
        entrant.latencies.clear();
    }
    let mut used = 0.0;
    while entrants[0].rounds.len() < MIN_ROUNDS || used < limit.as_nanos() as f64 {
        // The order alternates, so that no rival always follows the same other.
        let is_reversed = entrants[0].rounds.len() % 2 == 1;
        for place in 0..entrants.len() {
            let at = if is_reversed { entrants.len() - 1 - place } else { place };
            used += entrants[at].round()?;
        }
    }
    let sdk = entrants[0].rounds.clone();
    Ok(entrants.iter_mut().map(|entrant| entrant.times(&sdk)).collect())
}

/// A rival and its rounds.
struct Entrant<'s> {
    name: &'static str,
    /// Number of times in a round.
    times: usize,
    runner: Runner<'s>,
    /// The processor time of each round, in nanoseconds for each time.
    rounds: Vec<f64>,
    latencies: Vec<Duration>,
}

enum Runner<'s> {
    Work(Work<'s>),
    Program(Program),
}

impl<'s> Entrant<'s> {
    fn new(name: &'static str, times: usize, runner: Runner<'s>) -> Self {
        Self { name, times, runner, rounds: Vec::new(), latencies: Vec::new() }
    }

    /// Does the work of a round, and returns its processor time in nanoseconds.
    fn round(&mut self) -> Result<f64> {
        let used = match &mut self.runner {
            Runner::Work(work) => {
                (work.before)(self.times);
                let before = processor_time();
                (work.run)(self.times, &mut self.latencies)?;
                (processor_time() - before).as_nanos() as f64
            }
            Runner::Program(program) => program.run(self.times)?,
        };
        self.rounds.push(used / self.times as f64);
        Ok(used)
    }

    fn times(&mut self, sdk: &[f64]) -> Times {
        let ratios: Vec<f64> = sdk.iter().zip(&self.rounds).map(|(sdk, other)| sdk / other).collect();
        let ratio = median(&ratios);
        let deviations: Vec<f64> = ratios.iter().map(|one| (one - ratio).abs()).collect();
        // For a normal distribution, the standard deviation is 1.48 times the median deviation, and the standard error
        // of the median 1.25 standard deviations divided by the root of the number of rounds. Twice that covers 95 %.
        let noise = 2.0 * 1.25 * 1.48 * median(&deviations) / (ratios.len() as f64).sqrt();
        self.latencies.sort_unstable();
        let percentile = |of_100: usize| {
            let latency = self.latencies.get(self.latencies.len() * of_100 / 100);
            latency.and_then(|time| u64::try_from(time.as_nanos()).ok())
        };
        Times {
            rival: self.name.to_owned(),
            cpu_ns: median(&self.rounds),
            ratio,
            noise,
            p50_ns: percentile(50),
            p99_ns: percentile(99),
        }
    }
}

/// Time for a round of another program, which takes less than a second.
const MAX_ROUND_TIME: Duration = Duration::from_secs(60);

/// Bytes of the longest output that is read, so that a program that prints without end cannot fill the memory.
const MAX_OUTPUT_BYTES: u64 = 1 << 20;

/// Another program. It ends with this value.
struct Program {
    name: String,
    process: Child,
    input: ChildStdin,
    output: Receiver<String>,
}

impl Program {
    fn start(program: &mut Command) -> Result<Self> {
        let name = program.get_program().to_string_lossy().into_owned();
        let spawned = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = spawned.map_err(|error| anyhow!("cannot run `{name}`: {error}"))?;
        let input = process.stdin.take().context("the program has no input")?;
        let stdout = process.stdout.take().context("the program has no output")?;
        let (sender, output) = sync_channel(1);
        // A thread, because a read has no time limit.
        thread::spawn(move || {
            let lines = BufReader::new(stdout.take(MAX_OUTPUT_BYTES)).lines();
            lines.map_while(std::io::Result::ok).try_for_each(|line| sender.send(line))
        });
        Ok(Self { name, process, input, output })
    }

    /// Has it make calls, and returns their processor time in nanoseconds.
    fn run(&mut self, calls: usize) -> Result<f64> {
        let Self { name, input, output, .. } = self;
        // If it has ended, it has no output either, and its errors state the reason.
        let _ = writeln!(input, "{calls}");
        let line = output.recv_timeout(MAX_ROUND_TIME).map_err(|error| match error {
            RecvTimeoutError::Timeout => anyhow!("`{name}` printed nothing for {} s", MAX_ROUND_TIME.as_secs()),
            RecvTimeoutError::Disconnected => anyhow!("`{name}` ended without a processor time"),
        })?;
        let time = line.trim().parse::<u64>().ok().filter(|time| *time > 0);
        let shown = line.chars().take(60).collect::<String>();
        Ok(time.with_context(|| format!("`{name}` printed {shown:?} instead of a processor time"))? as f64)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
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
