//! The program behind `cargo xtask bench run` and `cargo xtask bench parts`.
//!
//! * `serve`: runs the server, and prints its URL.
//! * `compare URL SECONDS MEASURE…`: prints the times of measures, one JSON object a line.
//! * `compare-with URL SECONDS MEASURE PROGRAM ARGUMENT…`: the same for the SDK and another program, which reads numbers and
//!   prints the processor time of each of that many calls, in nanoseconds.
//! * `once URL MEASURE RIVAL TIMES`: does the work of a rival TIMES times, for a program that counts instructions.
//! * `list`: prints the measures and their rivals, one JSON object a line.

use std::{process::Command, time::Duration};

use anyhow::{Context as _, Result, bail};
use running_bench::{
    measures::{CALLS, PARTS, Setup, find},
    server, time,
};
use serde_json::json;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve"] => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(server::serve())
        }
        ["compare", url, seconds, ref names @ ..] => {
            let limit = Duration::from_secs_f64(seconds.parse()?);
            for name in names {
                let times = time::compare(find(name)?, &Setup::new(url)?, limit)?;
                println!("{}", json!({"measure": name, "times": times}));
            }
            Ok(())
        }
        ["compare-with", url, seconds, name, program, ref arguments @ ..] => {
            let limit = Duration::from_secs_f64(seconds.parse()?);
            let mut program = Command::new(program);
            let times = time::compare_with(find(name)?, &Setup::new(url)?, limit, program.args(arguments))?;
            println!("{}", json!({"measure": name, "times": times}));
            Ok(())
        }
        ["once", url, name, rival, times] => {
            let setup = Setup::new(url)?;
            let rival =
                find(name)?.rivals.iter().find(|other| other.name == rival).context("there is no such rival")?;
            (rival.prepare)(&setup)?.once(times.parse()?)
        }
        ["list"] => {
            for (group, measures) in [("calls", CALLS), ("parts", PARTS)] {
                for measure in measures {
                    let rivals: Vec<&str> = measure.rivals.iter().map(|rival| rival.name).collect();
                    let shown = json!({
                        "group": group, "measure": measure.name, "title": measure.title, "times": measure.times,
                        "rivals": rivals,
                    });
                    println!("{shown}");
                }
            }
            Ok(())
        }
        _ => bail!("expected `serve`, `compare`, `compare-with`, `once` or `list`"),
    }
}
