//! `cargo xtask bench …`: the costs of the SDK, compared with a hand-written program in the same run, and of the emulator.

mod emulator;
mod load;
mod running;

use std::{
    fs,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use clap::Subcommand;

use crate::{Outcome, root};

/// Variable for the rustc wrapper: the file to which it writes the peak memory of the SDK's crates.
const PEAK_FILE_VARIABLE: &str = "ECS_XTASK_PEAK";

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Measure build times, peak memory and program size
    Build {
        /// Number of runs per measurement, of which the median is reported
        #[arg(long, default_value_t = 3)]
        runs: usize,
        /// Also check aws-sdk-ec2 once, which downloads it and takes minutes and gigabytes of memory
        #[arg(long)]
        peer: bool,
    },
    /// Compare calls of the SDK with a hand-written client and the official SDKs
    Run(running::Options),
    /// Compare parts of calls with hand-written code: encode, sign, decode, encode back, clone, paging
    Parts(running::Options),
    /// Measure the emulator as a server: start, rate, processor time of calls, memory of instances
    Emulator {
        /// Instead, create, describe and delete instances for this time, and compare the rates of its parts
        #[arg(long, value_name = "SECONDS")]
        soak: Option<u64>,
    },
}

/// The size in MB that the SDK may add to a program.
const SIZE_BUDGET: f64 = 0.7;

/// Checks the size of a program.
pub(crate) fn size() -> Outcome {
    let bench = Bench { home: root().join("target/bench"), runs: 1 };
    bench.programs()?;
    bench.size()
}

pub(crate) fn run(task: &Task) -> Outcome {
    match task {
        Task::Build { runs, peer } => Bench { home: root().join("target/bench"), runs: (*runs).max(1) }.build(*peer),
        Task::Run(options) => running::run("calls", options),
        Task::Parts(options) => running::run("parts", options),
        Task::Emulator { soak } => emulator::run(*soak),
    }
}

struct Bench {
    home: PathBuf,
    runs: usize,
}

impl Bench {
    fn build(&self, peer: bool) -> Outcome {
        self.programs()?;
        println!(
            "median of {} runs with dependencies already built; all crates of ecs-sdk, default features unless noted",
            self.runs
        );
        println!("{:<44} {:>9} {:>9}", "", "measured", "budget");
        let sdk = ["", "companions/", "model/", "runtime/", "types/"]
            .map(|part| root().join(format!("ecs-sdk/{part}src/lib.rs")));
        let all: [&str; 2] = ["--package", "ecs-sdk"];
        for (what, arguments, budget) in [
            ("ecs-sdk, check", vec!["check"], 8.0),
            ("ecs-sdk, debug build", vec!["build"], 11.0),
            ("ecs-sdk, release build", vec!["build", "--release"], 14.0),
        ] {
            self.seconds(what, &[&arguments[..], &all[..]].concat(), &sdk, budget)?;
        }
        if peer {
            // Again, because the machine may have become slower since.
            let own = self.median(&[&["check"], &all[..]].concat(), &sdk)?;
            let peer = self.peer()?;
            println!("{:<44} {:>7.1} s", "  aws-sdk-ec2 alone, check", peer.as_secs_f64());
            let ratio = peer.as_secs_f64() / own.as_secs_f64();
            println!("{:<44} {:>9} {:>9}", "  ecs-sdk in proportion to it", format!("1/{ratio:.1}"), "1/21");
        }
        let family = ["check", "--package", "ecs-sdk", "--manifest-path", "family/Cargo.toml"];
        self.seconds("ecs-sdk, one family (instances), check", &family, &sdk, 2.5)?;
        let peak: u64 = fs::read_to_string(self.home.join("peak"))
            .unwrap_or_default()
            .lines()
            .filter_map(|line| line.parse::<u64>().ok())
            .max()
            .unwrap_or(0);
        println!("{:<44} {:>6} MB {:>6} MB", "peak memory of rustc", peak / 1024, 650);
        let size = self.size();
        let touch = |program: &str| {
            self.median(&["build", "--package", program], &[self.home.join(program).join("src/main.rs")])
        };
        let (hand, with) = (touch("hand")?, touch("sdk")?);
        println!(
            "{:<44} {:>7.2} s {:>7.2} s",
            "user's crate, one line touched, debug",
            with.as_secs_f64(),
            hand.as_secs_f64() + 0.3
        );
        println!("{:<44} {:>7.2} s", "  the same, written by hand", hand.as_secs_f64());
        size
    }

    /// Builds the program with one call, and checks its size against that of the hand-written one.
    fn size(&self) -> Outcome {
        for program in ["hand", "sdk"] {
            self.cargo(&["build", "--release", "--package", program])?;
        }
        let size = |program: &str| fs::metadata(self.home.join("target/release").join(program)).map(|file| file.len());
        let (hand, with) = (mega(size("hand")?), mega(size("sdk")?));
        let budget = hand + SIZE_BUDGET;
        println!("{:<44} {with:>6.2} MB {budget:>6.2} MB", "one-call program, release, stripped");
        println!("{:<44} {hand:>6.2} MB", "  the same, written by hand");
        if with > budget {
            return Err(format!("the program is larger than its budget of {budget:.2} MB").into());
        }
        Ok(())
    }

    /// Writes a workspace with both programs and its own target folder.
    fn programs(&self) -> Outcome {
        let workspace = fs::read_to_string(root().join("Cargo.toml"))?;
        let dependencies: String = workspace
            .split_once("[workspace.dependencies]")
            .and_then(|(_, rest)| rest.split("\n[").next())
            .ok_or("Cargo.toml has no [workspace.dependencies]")?
            .lines()
            .filter(|line| !line.contains("path ="))
            .fold(String::new(), |text, line| text + line + "\n");
        let manifest = format!(
            "[workspace]\nresolver = \"3\"\nmembers = [\"hand\", \"sdk\"]\nexclude = [\"family\"]\n\n[workspace.dependencies]\n{dependencies}\n[profile.release]\nstrip = true\n"
        );
        let head = |name: &str| {
            format!(
                "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\ntokio = {{ workspace = true, features = [\"macros\", \"net\", \"rt\", \"time\"] }}\n"
            )
        };
        let hand: String = ["base64", "getrandom", "hmac", "rustls", "serde_json", "sha1", "webpki-roots"]
            .iter()
            .map(|name| format!("{name}.workspace = true\n"))
            .collect();
        let hand = head("hand")
            + &hand
            + "reqwest = { version = \"0.13\", default-features = false, features = [\"rustls-no-provider\"] }\n"
            + "time = { workspace = true, features = [\"formatting\", \"macros\"] }\n";
        let sdk = head("sdk") + &format!("ecs-sdk = {{ path = {:?} }}\n", root().join("ecs-sdk"));
        self.put("Cargo.toml", &manifest)?;
        fs::copy(root().join("Cargo.lock"), self.home.join("Cargo.lock"))?;
        self.put("hand/Cargo.toml", &hand)?;
        self.put("hand/src/main.rs", include_str!("../bench/hand.rs"))?;
        self.put("sdk/Cargo.toml", &sdk)?;
        self.put("sdk/src/main.rs", include_str!("../bench/sdk.rs"))?;
        // A separate workspace, because cargo unifies the features of a workspace.
        let family = format!(
            "[workspace]\n\n[package]\nname = \"family\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\necs-sdk = {{ path = {:?}, default-features = false, features = [\"rustls\", \"instances\"] }}\n",
            root().join("ecs-sdk")
        );
        self.put("family/Cargo.toml", &family)?;
        self.put("family/src/lib.rs", "//! A single family.\n")?;
        fs::copy(root().join("Cargo.lock"), self.home.join("family/Cargo.lock"))?;
        self.put("peak", "")
    }

    /// Returns the time that aws-sdk-ec2 takes after its dependencies were checked.
    fn peer(&self) -> Result<Duration, Box<dyn std::error::Error>> {
        let manifest = "[workspace]\n\n[package]\nname = \"peer\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\naws-sdk-ec2 = { version = \"1\", default-features = false, features = [\"rt-tokio\"] }\n";
        self.put("peer/Cargo.toml", manifest)?;
        self.put("peer/src/lib.rs", "//! The SDK of another cloud.\n")?;
        let path = ["--manifest-path", "peer/Cargo.toml"];
        self.cargo(&[&["check"], &path[..]].concat())?;
        self.cargo(&[&["clean", "--package", "aws-sdk-ec2"], &path[..]].concat())?;
        let started = Instant::now();
        self.cargo(&[&["check"], &path[..]].concat())?;
        Ok(started.elapsed())
    }

    fn put(&self, path: &str, text: &str) -> Outcome {
        let path = self.home.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&self.home))?;
        Ok(fs::write(path, text)?)
    }

    fn seconds(&self, what: &str, arguments: &[&str], touched: &[PathBuf], budget: f64) -> Outcome {
        let median = self.median(arguments, touched)?;
        println!("{what:<44} {:>7.1} s {budget:>7.1} s", median.as_secs_f64());
        Ok(())
    }

    /// Returns the median time of a cargo command after files were touched. An unmeasured first run builds all other
    /// artifacts.
    fn median(&self, arguments: &[&str], touched: &[PathBuf]) -> Result<Duration, Box<dyn std::error::Error>> {
        self.cargo(arguments)?;
        let mut times = Vec::new();
        for _ in 0..self.runs {
            for file in touched {
                fs::File::options().append(true).open(file)?.set_modified(std::time::SystemTime::now())?;
            }
            let started = Instant::now();
            self.cargo(arguments)?;
            times.push(started.elapsed());
        }
        times.sort_unstable();
        Ok(times[times.len() / 2])
    }

    fn cargo(&self, arguments: &[&str]) -> Outcome {
        let output = crate::cargo()
            .args(arguments)
            .arg("--quiet")
            .current_dir(&self.home)
            .env("CARGO_TARGET_DIR", self.home.join("target"))
            .env("CARGO_INCREMENTAL", "0")
            .env("RUSTC_WRAPPER", std::env::current_exe()?)
            .env(PEAK_FILE_VARIABLE, self.home.join("peak"))
            .output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!("{}cargo {} failed", String::from_utf8_lossy(&output.stderr), arguments.join(" ")).into())
    }
}

fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Runs rustc and records the peak memory of the SDK's crates, if cargo has started this program as its rustc wrapper;
/// otherwise returns `None`.
pub(crate) fn rustc() -> Option<std::process::ExitCode> {
    let file = std::env::var_os(PEAK_FILE_VARIABLE)?;
    let mut arguments = std::env::args_os().skip(1);
    let mut child = Command::new(arguments.next()?).args(arguments).spawn().ok()?;
    let mut peak = 0;
    let status = loop {
        // Linux reports the peak of a running process; on other systems it stays unknown.
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = peak.max(line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0));
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => std::thread::sleep(Duration::from_millis(10)),
            Err(_) => return Some(std::process::ExitCode::FAILURE),
        }
    };
    if std::env::var("CARGO_CRATE_NAME").is_ok_and(|name| name.starts_with("ecs_sdk")) {
        use std::io::Write as _;
        let file = fs::File::options().append(true).create(true).open(file);
        // A missing figure must not fail the build.
        let _ = file.and_then(|mut file| writeln!(file, "{peak}"));
    }
    Some(if status.success() { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE })
}
