//! The official SDKs of other languages, where they are installed.

use std::{path::Path, process::Stdio};

use super::{Bench, Measure, Options, figures::Figure};
use crate::root;

/// Measures the official Python and Node SDKs in turn with the SDK. Prints why one is skipped.
pub(super) fn figures(bench: &Bench, url: &str, measures: &[Measure], options: &Options) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (rival, program, script) in
        [("official Python", &options.python, "official.py"), ("official Node", &options.node, "official.js")]
    {
        for measure in measures.iter().filter(|measure| ["small", "large"].contains(&measure.name.as_str())) {
            if !options.json {
                eprintln!("measuring: {}, {rival}", measure.title);
            }
            match compare(bench, url, measure, options.seconds, program, script) {
                Ok(figure) => figures.push(Figure { rival: rival.to_owned(), ..figure }),
                Err(reason) => {
                    eprintln!("{rival}: skipped: {reason}");
                    break;
                }
            }
        }
    }
    figures
}

fn compare(
    bench: &Bench,
    url: &str,
    measure: &Measure,
    seconds: f64,
    program: &Path,
    script: &str,
) -> Result<Figure, String> {
    let mut command = bench.program();
    command.args(["compare-with", url, &seconds.to_string(), &measure.name]).arg(program);
    command.arg(root().join("xtask/bench").join(script)).arg(url).arg(&measure.name).stderr(Stdio::piped());
    let output = command.output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let times = text.lines().find_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        line["times"].as_array()?.last().cloned()
    });
    let errors = String::from_utf8_lossy(&output.stderr);
    times.map(|times| Figure::time(&measure.name, &times)).ok_or_else(|| reason(&errors).to_owned())
}

/// The line of an error output that names the missing package or program.
fn reason(errors: &str) -> &str {
    let line = errors.lines().find(|line| line.contains("Error")).unwrap_or("it printed no number").trim();
    line.strip_prefix("Error: ").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn the_reason_is_the_first_error_of_the_script_or_of_the_program() {
        for (errors, expected) in [
            (
                "Error: cannot run `python4`: No such file or directory\n",
                "cannot run `python4`: No such file or directory",
            ),
            (
                "Traceback:\n  a\nModuleNotFoundError: No module named 'a'\nError: `python3` ended\n",
                "ModuleNotFoundError: No module named 'a'",
            ),
            ("a\nError: `node` ended without a processor time\n", "`node` ended without a processor time"),
            ("", "it printed no number"),
        ] {
            assert_eq!(reason(errors), expected);
        }
    }
}
