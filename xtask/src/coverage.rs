//! `cargo xtask emulator --coverage`: the operations that the emulator simulates, and how many of the calls of public programs
//! it serves.

use std::{collections::BTreeMap, fs};

use ecs_emulator::{Emulator, Outcome as Answer, http};
use serde_json::Value;

use crate::{Outcome, root};

/// Counted call sites of public programs, beside the repository: operation and number of call sites, then other columns.
const CALL_SITES: &str = "../shared/consumers/operations.csv";

/// Width of a line of names.
const WIDTH: usize = 120;

pub(crate) fn run() -> Outcome {
    let emulator = Emulator::builder().without_sockets()?;
    let request = http::Request::get("http://127.0.0.1/emulator/coverage").body("".into())?;
    let Answer::Response(response) = emulator.handle(request) else {
        return Err("the emulator does not respond".into());
    };
    let coverage: Value = serde_json::from_slice(response.http.body())?;
    let mut products: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for operation in coverage["operations"].as_array().into_iter().flatten() {
        let text = |name: &str| operation[name].as_str().unwrap_or_default();
        products.entry(text("product")).or_default().entry(text("fidelity")).or_default().push(text("operation"));
    }
    for (product, by_fidelity) in &products {
        let count = |fidelity: &str| by_fidelity.get(fidelity).map_or(0, Vec::len);
        let total = by_fidelity.values().map(Vec::len).sum::<usize>();
        println!(
            "{product}: {total} operations, {} with state, {} by shape, {} none",
            count("state"),
            count("shape"),
            count("none")
        );
        for (fidelity, names) in by_fidelity {
            println!("  {fidelity}");
            print_names(names);
        }
    }
    println!("state: writes are seen by reads; shape: the response has the right form only;");
    println!("none: status 501, or the shape with --unsimulated=shape");
    let Ok(sites) = fs::read_to_string(root().join(CALL_SITES)) else {
        println!("call sites: skipped, because {CALL_SITES} is missing");
        return Ok(());
    };
    let served =
        |name: &str| products.values().any(|kinds| kinds.get("state").is_some_and(|names| names.contains(&name)));
    let mut counts = (0, 0);
    let mut missing = Vec::new();
    for line in sites.lines().skip(1) {
        let mut columns = line.split(',');
        let (Some(name), Some(Ok(number))) = (columns.next(), columns.next().map(str::parse::<u32>)) else { continue };
        counts.1 += number;
        if served(name) {
            counts.0 += number;
        } else {
            missing.push(name);
        }
    }
    println!("call sites of public programs: {} of {} ({} %)", counts.0, counts.1, counts.0 * 100 / counts.1.max(1));
    println!("  not simulated, by use");
    print_names(&missing);
    Ok(())
}

fn print_names(names: &[&str]) {
    let mut line = String::new();
    for name in names {
        if line.len() + name.len() + 5 > WIDTH {
            println!("    {line}");
            line.clear();
        }
        line.push_str(name);
        line.push(' ');
    }
    if !line.is_empty() {
        println!("    {}", line.trim_end());
    }
}
