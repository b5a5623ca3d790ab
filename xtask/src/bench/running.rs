//! `cargo xtask bench run` and `cargo xtask bench parts`: calls of the SDK, and parts of calls, against hand-written code.
//!
//! The program in `ecs-sdk/benches/run` measures; this file runs it, and compares the figures with the goals.

mod codegen;
mod figures;
mod official;
mod table;

use std::{
    error::Error,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use clap::Args;
use serde_json::Value;

use self::figures::{Figure, Metric};
use crate::{Outcome, root};

/// The measures to run, and the form of the result.
#[derive(Args)]
#[command(
    after_help = "Exit status: 0 if no goal is missed by more than the measured noise; 1 if one is, or if a measurement fails; \
                        2 if an argument is invalid."
)]
pub(crate) struct Options {
    /// Measures to run instead of all, separated by commas; `--list` prints their names
    #[arg(long, value_name = "MEASURES", value_delimiter = ',')]
    only: Vec<String>,
    /// Print the names of the measures
    #[arg(long)]
    list: bool,
    /// Minimum processor time for each measure, in seconds
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Skip the counts of instructions, which take most of the time
    #[arg(long)]
    no_instructions: bool,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    /// Python interpreter with the package `alibabacloud_ecs20140526`
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// Node with the package `@alicloud/ecs20140526`
    #[arg(long, default_value = "node")]
    node: PathBuf,
}

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Measures that the program does not know: their group, name and title.
const OTHERS: &[(&str, &str, &str)] = &[
    ("parts", "codegen", "generate the source of all operations, by stage"),
    ("parts", "emulator", "the emulator as a server, which is not part of the JSON"),
];

/// A measure of the program.
struct Measure {
    name: String,
    title: String,
    times: u64,
    rivals: Vec<String>,
}

/// Measures a group, `calls` or `parts`. Returns an error if a goal is missed by more than the measured noise.
pub(super) fn run(group: &str, options: &Options) -> Outcome {
    let bench = Bench::build()?;
    let measures = bench.measures(group, options)?;
    if options.list {
        measures.iter().for_each(|measure| println!("{:<14} {}", measure.name, measure.title));
        OTHERS.iter().filter(|(own, ..)| *own == group).for_each(|(_, name, title)| println!("{name:<14} {title}"));
        return Ok(());
    }
    let load_before = load();
    let server = Server::start(&bench)?;
    let mut figures = Vec::new();
    for measure in &measures {
        if !options.json {
            eprintln!("measuring: {}", measure.title);
        }
        figures.extend(bench.times(&server.url, measure, options.seconds)?);
        // A single task has the same allocations, and a thousand make no difference.
        if !measure.name.contains('-') || group == "parts" {
            figures.extend(bench.allocations(&server.url, measure)?);
            if !options.no_instructions {
                figures.extend(bench.instructions(&server.url, measure)?);
            }
        }
    }
    if group == "calls" {
        figures.extend(official::figures(&bench, &server.url, &measures, options));
    }
    let is_wanted =
        |name: &str| group == "parts" && (options.only.is_empty() || options.only.iter().any(|only| only == name));
    let stages = if is_wanted("codegen") { codegen::stages()? } else { Vec::new() };
    let missed = figures.iter().filter(|figure| figure.is_missed()).count();
    let load = format!("load {load_before} before, {} after", self::load());
    if options.json {
        println!("{:#}", table::json(&figures, &stages, &load));
    } else {
        table::print(&measures, &figures, &stages, &load);
        if is_wanted("emulator") {
            println!();
            super::emulator::run(None)?;
        }
    }
    match missed {
        0 => Ok(()),
        1 => Err("a goal was missed by more than the noise".into()),
        _ => Err(format!("{missed} goals were missed by more than the noise").into()),
    }
}

/// The average number of runnable processes of the last minute, and the number of processors.
fn load() -> String {
    let average = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "{} on {processors} processors",
        average.split(' ').next().filter(|text| !text.is_empty()).unwrap_or("unknown")
    )
}

/// The programs that measure.
struct Bench {
    folder: PathBuf,
}

impl Bench {
    fn build() -> Result<Self> {
        let target = root().join("target/running");
        let manifest = root().join("ecs-sdk/benches/run/Cargo.toml");
        let mut command = crate::cargo();
        command.args(["build", "--release", "--quiet", "--manifest-path"]).arg(manifest);
        command.arg("--target-dir").arg(&target);
        if !command.status()?.success() {
            return Err("the program that measures cannot be built".into());
        }
        Ok(Self { folder: target.join("release") })
    }

    fn program(&self) -> Command {
        self.command("running-bench")
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.folder.join(name));
        // Neither an account nor a proxy of the environment changes what is measured.
        crate::step::without_account(&mut command);
        for variable in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env_remove(variable);
        }
        command
    }

    fn measures(&self, group: &str, options: &Options) -> Result<Vec<Measure>> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let all = lines(self.program().arg("list"))?.into_iter().filter(|line| line["group"] == group);
        let mut all: Vec<Measure> = all
            .map(|line| Measure {
                name: text(&line["measure"]),
                title: text(&line["title"]),
                times: line["times"].as_u64().unwrap_or(1),
                rivals: line["rivals"].as_array().into_iter().flatten().map(text).collect(),
            })
            .collect();
        let others = OTHERS.iter().filter(|(own, ..)| *own == group).map(|(_, name, _)| *name);
        let names: Vec<&str> = all.iter().map(|measure| measure.name.as_str()).chain(others).collect();
        if let Some(unknown) = options.only.iter().find(|name| !names.contains(&name.as_str())) {
            return Err(format!("there is no measure `{unknown}`; there are {}", names.join(", ")).into());
        }
        all.retain(|measure| options.only.is_empty() || options.only.contains(&measure.name));
        Ok(all)
    }

    /// Processor time and latencies.
    fn times(&self, url: &str, measure: &Measure, seconds: f64) -> Result<Vec<Figure>> {
        let lines = lines(self.program().args(["compare", url, &seconds.to_string(), &measure.name]))?;
        let times = lines.iter().flat_map(|line| line["times"].as_array().into_iter().flatten());
        Ok(times.map(|times| Figure::time(&measure.name, times)).collect())
    }

    /// Allocations, with those that grow an earlier one.
    fn allocations(&self, url: &str, measure: &Measure) -> Result<Vec<Figure>> {
        let lines = lines(self.command("allocations").args([url, &measure.name]))?;
        Ok(figures::compared(&measure.name, Metric::Allocations, &lines, |line| line["allocations"].as_f64()))
    }

    /// Instructions, by the difference of two runs. Empty if there is no valgrind.
    fn instructions(&self, url: &str, measure: &Measure) -> Result<Vec<Figure>> {
        let few = (measure.times / 20).max(2);
        let many = few * 5;
        let mut counts = Vec::new();
        for rival in &measure.rivals {
            let count = |times: u64| self.count(&["once", url, &measure.name, rival, &times.to_string()]);
            let (Some(less), Some(more)) = (count(few)?, count(many)?) else { return Ok(Vec::new()) };
            counts.push(serde_json::json!({
                "rival": rival,
                "instructions": more.saturating_sub(less) as f64 / (many - few) as f64,
            }));
        }
        Ok(figures::compared(&measure.name, Metric::Instructions, &counts, |line| line["instructions"].as_f64()))
    }

    fn count(&self, arguments: &[&str]) -> Result<Option<u64>> {
        let mut command = Command::new("valgrind");
        command.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
        command.arg(self.folder.join("running-bench")).args(arguments);
        crate::step::without_account(&mut command);
        let output = match command.output() {
            Ok(output) => output,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let report = String::from_utf8_lossy(&output.stderr);
        // As in `==1234== I refs:        130,958,017`.
        let line = report.lines().find(|line| line.contains("refs:"));
        let number = line.and_then(|line| line.rsplit(' ').next()).map(|number| number.replace(',', ""));
        let count = number.and_then(|number| number.parse().ok());
        Ok(Some(count.ok_or_else(|| format!("valgrind counted no instructions:\n{report}"))?))
    }
}

/// Runs a program that prints one JSON value a line.
fn lines(command: &mut Command) -> Result<Vec<Value>> {
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{} failed ({})", command.get_program().to_string_lossy(), output.status).into());
    }
    output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| Ok(serde_json::from_slice(line)?))
        .collect()
}

/// A server that responds to every request. It ends with this value.
struct Server {
    url: String,
    process: Child,
}

impl Server {
    fn start(bench: &Bench) -> Result<Self> {
        let mut process = bench.program().arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        BufReader::new(process.stdout.take().ok_or("the server has no output")?).read_line(&mut url)?;
        Ok(Self { url: url.trim().to_owned(), process })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
