//! The official SDKs of other languages, where they are installed.

use std::{path::Path, process::Command};

use super::{
    Options,
    figures::{Figure, Metric},
};
use crate::root;

/// Measures the official Python and Node SDKs, and compares them with the figures of the SDK. Prints why one is skipped.
pub(super) fn figures(url: &str, own: &[Figure], options: &Options) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (rival, program, script) in
        [("official Python", &options.python, "official.py"), ("official Node", &options.node, "official.js")]
    {
        for (size, calls) in [("small", "200"), ("large", "30")] {
            let is_own =
                |figure: &&Figure| figure.measure == size && figure.rival == "sdk" && figure.metric == Metric::Cpu;
            let Some(sdk) = own.iter().find(is_own) else { continue };
            match measure(program, script, &[url, size, calls]) {
                Ok(value) => figures.push(Figure {
                    measure: size.to_owned(),
                    rival: rival.to_owned(),
                    metric: Metric::Cpu,
                    value,
                    ratio: sdk.value / value,
                    // Measured one after the other: a tenth of the ratio.
                    noise: sdk.value / value / 10.0,
                    latency: None,
                }),
                Err(reason) => {
                    eprintln!("{rival}: skipped: {reason}");
                    break;
                }
            }
        }
    }
    figures
}

fn measure(program: &Path, script: &str, arguments: &[&str]) -> Result<f64, String> {
    let output = Command::new(program).arg(root().join("xtask/bench").join(script)).args(arguments).output();
    let output = output.map_err(|error| format!("{} cannot be run: {error}", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map_err(|_| {
        let errors = String::from_utf8_lossy(&output.stderr);
        // The line that names the missing package.
        let line = errors.lines().find(|line| line.contains("Error")).unwrap_or("it printed no number");
        line.to_owned()
    })
}
