//! Shows figures.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    Measure,
    figures::{Figure, Metric},
};

/// Prints a table with a line for each figure.
pub(super) fn print(measures: &[Measure], figures: &[Figure], stages: &[(&str, Duration)], load: &str) {
    for measure in measures {
        println!("\n{}", measure.title);
        println!("  {:<18} {:>14} {:>16} {:>18} {:>8}", "", "", "sdk / other", "p50 / p99", "goal");
        for figure in figures.iter().filter(|figure| figure.measure == measure.name) {
            let value = match figure.metric {
                Metric::Cpu => format!("{:.1} µs", figure.value / 1e3),
                Metric::Instructions => format!("{:.1} k instr.", figure.value / 1e3),
                Metric::Allocations => format!("{:.0} alloc.", figure.value),
            };
            let ratio = match (figure.rival == "sdk", figure.noise > 0.0) {
                (true, _) => String::new(),
                (false, true) => format!("{:.3} ±{:.3}", figure.ratio, figure.noise),
                (false, false) => format!("{:.3}", figure.ratio),
            };
            let latency = figure.latency.map(|(p50, p99)| format!("{} / {} µs", p50 / 1000, p99 / 1000));
            let goal = figure.goal().map(|goal| {
                let shown = if goal < 0.15 { format!("1/{:.0}", 1.0 / goal) } else { format!("{goal}") };
                format!("≤ {shown}{}", if figure.is_missed() { "  MISSED" } else { "" })
            });
            println!(
                "  {:<18} {value:>14} {ratio:>16} {:>18} {:>8}",
                figure.rival,
                latency.unwrap_or_default(),
                goal.unwrap_or_default()
            );
        }
    }
    if !stages.is_empty() {
        println!(
            "\ngenerate the source of all operations{}",
            if cfg!(debug_assertions) { ", debug build" } else { "" }
        );
        stages.iter().for_each(|(stage, time)| println!("  {stage:<24} {:>6.0} ms", time.as_secs_f64() * 1e3));
    }
    println!("\n{load}");
}

/// The figures as one JSON value.
pub(super) fn json(figures: &[Figure], stages: &[(&str, Duration)], load: &str) -> Value {
    let figure = |figure: &Figure| {
        json!({
            "measure": figure.measure,
            "rival": figure.rival,
            "metric": figure.metric.name(),
            "value": figure.value,
            "ratio": figure.ratio,
            "noise": figure.noise,
            "p50_ns": figure.latency.map(|(p50, _)| p50),
            "p99_ns": figure.latency.map(|(_, p99)| p99),
            "goal": figure.goal(),
            "missed": figure.is_missed(),
        })
    };
    let stages: serde_json::Map<String, Value> =
        stages.iter().map(|(stage, time)| ((*stage).to_owned(), time.as_secs_f64().into())).collect();
    let figures: Vec<Value> = figures.iter().map(figure).collect();
    // The stages run in this program; all else is measured in release builds.
    json!({"load": load, "figures": figures, "codegen_seconds": stages, "codegen_is_debug": cfg!(debug_assertions)})
}
