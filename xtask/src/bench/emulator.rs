//! `cargo xtask bench emulator`: the costs of the emulator as a server, in a release build.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::load::{Client, Parameters};
use crate::{Outcome, cargo, root};

/// Instances of a small account, and of a large one.
const POPULATIONS: [usize; 2] = [10, 100_000];

/// Instances that a call creates.
const BATCH: usize = 100;

/// Calls per measurement.
const CALLS: usize = 2_000;

/// Connections of the load.
const CONNECTIONS: usize = 16;

/// Duration of a measurement of the rate.
const RATE_TIME: Duration = Duration::from_secs(5);

/// Requests that fill the emulator's log, so that its memory is not attributed to instances.
const LOG_ENTRIES: usize = 11_000;

/// Parts of a soak whose rates are compared.
const SOAK_PARTS: u32 = 10;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A running emulator, which ends when this is dropped.
struct Server {
    child: Child,
    address: String,
    /// Time from the start to the first response.
    start: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start() -> Result<Self> {
        let program = root().join("target/release").join(format!("ecs-emulator{}", std::env::consts::EXE_SUFFIX));
        let started = Instant::now();
        let mut command = Command::new(program);
        command.args(["--host", "127.0.0.1", "--transition", "0"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or("the emulator has no output")?;
        let mut lines = BufReader::new(output).lines();
        let line = lines.next().ok_or("the emulator ended at once")??;
        let address = line.rsplit("http://").next().unwrap_or_default().to_owned();
        // Its later output is not needed, but must be read.
        thread::spawn(move || lines.for_each(drop));
        Client::connect(&address)?.call("GetCallerIdentity", "2015-04-01", &[])?;
        Ok(Server { child, address, start: started.elapsed() })
    }

    /// Returns the processor time that it has used.
    fn processor_time(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name of the program, in parentheses, can contain spaces.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |place: usize| fields.get(place).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
        // Linux counts these in hundredths of a second on all common platforms.
        Ok(Duration::from_millis((ticks(11) + ticks(12)) * 10))
    }

    /// Returns its memory in bytes.
    fn memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        Ok(line.trim().trim_end_matches("kB").trim().parse::<u64>()? * 1024)
    }
}

pub(super) fn run(soak: Option<u64>) -> Outcome {
    if !cfg!(target_os = "linux") {
        println!("skipped: processor time and memory are read from /proc, which only Linux has");
        return Ok(());
    }
    build()?;
    if let Some(seconds) = soak {
        return run_soak(Duration::from_secs(seconds));
    }
    let server = Server::start()?;
    println!("{:<50} {:>9} {:>9}", "", "measured", "budget");
    println!("{:<50} {:>6.0} ms {:>6} ms", "start, to the first response", milliseconds(server.start), 50);
    let mut client = Client::connect(&server.address)?;
    let rate = rate(&server.address, RATE_TIME)?;
    println!("{:<50} {rate:>7.0}/s {:>7}/s", format!("small calls, {CONNECTIONS} connections"), 10_000);
    let identity = |client: &mut Client| client.call("GetCallerIdentity", "2015-04-01", &[]);
    for _ in 0..LOG_ENTRIES {
        identity(&mut client)?;
    }
    let before = server.memory()?;
    let mut ids: Vec<String> = Vec::new();
    for population in POPULATIONS {
        let populating = Instant::now();
        while ids.len() < population {
            ids.extend(create(&mut client, BATCH.min(population - ids.len()))?);
        }
        if population > BATCH {
            let seconds = populating.elapsed().as_secs_f64();
            println!("{population} instances: created in {seconds:.1} s, {BATCH} a call");
        } else {
            println!("{population} instances");
        }
        costs(&server, &mut client, &ids)?;
    }
    let each = server.memory()?.saturating_sub(before) / ids.len().max(1) as u64;
    println!("{:<50} {each:>7} B {:>7} B", "memory of an instance with disk and interface", 5 * 1024);
    Ok(())
}

fn build() -> Outcome {
    let mut command = cargo();
    command.args(["build", "--quiet", "--release", "--package", "ecs-emulator", "--manifest-path"]);
    match command.arg(root().join("Cargo.toml")).status()?.success() {
        true => Ok(()),
        false => Err("the emulator cannot be built".into()),
    }
}

fn create(client: &mut Client, amount: usize) -> Result<Vec<String>> {
    let amount = amount.to_string();
    let parameters = [
        ("RegionId", "cn-hangzhou"),
        ("ImageId", "aliyun_3_x64_20G_alibase_20250117.vhd"),
        ("InstanceType", "ecs.g6.large"),
        ("Amount", amount.as_str()),
    ];
    let response = client.call("RunInstances", "2014-05-26", &parameters)?;
    let ids = response["InstanceIdSets"]["InstanceIdSet"].as_array().ok_or_else(|| response.to_string())?;
    Ok(ids.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect())
}

/// Prints the processor time of calls.
fn costs(server: &Server, client: &mut Client, ids: &[String]) -> Outcome {
    let one = format!("[\"{}\"]", ids[ids.len() / 2]);
    let region = ("RegionId", "cn-hangzhou");
    let create = [("ImageId", "aliyun_3_x64_20G_alibase_20250117.vhd"), ("InstanceType", "ecs.g6.large")];
    let dry_run = [&[region, ("DryRun", "true")], &create[..]].concat();
    let calls: &[(&str, &str, &str, Parameters<'_>)] = &[
        ("GetCallerIdentity", "GetCallerIdentity", "2015-04-01", &[]),
        ("StopInstance of an instance that is not there", "StopInstance", "2014-05-26", &[("InstanceId", "i-none")]),
        ("DescribeInstances, one ID", "DescribeInstances", "2014-05-26", &[region, ("InstanceIds", &one)]),
        ("DescribeInstances, 10 of all", "DescribeInstances", "2014-05-26", &[region, ("PageSize", "10")]),
        ("DescribeDisks, 10 of all", "DescribeDisks", "2014-05-26", &[region, ("PageSize", "10")]),
        ("RunInstances, dry run", "RunInstances", "2014-05-26", &dry_run),
    ];
    for (what, operation, version, parameters) in calls {
        let before = server.processor_time()?;
        for _ in 0..CALLS {
            client.call(operation, version, parameters)?;
        }
        let each = (server.processor_time()? - before) / CALLS as u32;
        println!("  {what:<48} {:>6.3} ms {:>6} ms", milliseconds(each), 0.1);
    }
    Ok(())
}

/// Returns the number of small calls a second that some connections make together.
fn rate(address: &str, time: Duration) -> Result<f64> {
    let started = Instant::now();
    let work = |_| {
        let address = address.to_owned();
        thread::spawn(move || -> std::result::Result<usize, String> {
            let mut client = Client::connect(&address).map_err(|error| error.to_string())?;
            let mut calls = 0;
            while started.elapsed() < time {
                client.call("GetCallerIdentity", "2015-04-01", &[]).map_err(|error| error.to_string())?;
                calls += 1;
            }
            Ok(calls)
        })
    };
    let threads: Vec<_> = (0..CONNECTIONS).map(work).collect();
    let mut calls = 0;
    for thread in threads {
        calls += thread.join().map_err(|_| "a thread of the load failed")??;
    }
    Ok(calls as f64 / started.elapsed().as_secs_f64())
}

/// Creates, describes and deletes instances for a while, and prints the rate of each part of the time.
fn run_soak(time: Duration) -> Outcome {
    let server = Server::start()?;
    let mut client = Client::connect(&server.address)?;
    let mut ids: Vec<String> = Vec::new();
    println!("creating, describing and deleting instances for {} s", time.as_secs());
    let mut first = None;
    for part in 1..=SOAK_PARTS {
        let started = Instant::now();
        let mut calls = 0_u32;
        while started.elapsed() < time / SOAK_PARTS {
            ids.extend(create(&mut client, 1)?);
            let last = format!("[\"{}\"]", ids[ids.len() - 1]);
            let one: Parameters<'_> = &[("RegionId", "cn-hangzhou"), ("InstanceIds", &last)];
            client.call("DescribeInstances", "2014-05-26", one)?;
            let oldest = if ids.len() > BATCH { ids.remove(0) } else { ids[0].clone() };
            let delete: Parameters<'_> = &[("InstanceId", &oldest), ("Force", "true")];
            client.call("DeleteInstance", "2014-05-26", delete)?;
            calls += 3;
        }
        let rate = f64::from(calls) / started.elapsed().as_secs_f64();
        let first = *first.get_or_insert(rate);
        println!(
            "part {part:>2}: {rate:>6.0} calls/s, {:>3.0} % of the first part, {:>4} MB",
            rate / first * 100.0,
            server.memory()? >> 20
        );
    }
    Ok(())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
