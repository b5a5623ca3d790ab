//! Figures and goals.

use serde_json::Value;

/// The unit of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Metric {
    /// Processor time in nanoseconds.
    Cpu,
    /// Instructions.
    Instructions,
    /// Allocations.
    Allocations,
}

impl Metric {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu_ns",
            Self::Instructions => "instructions",
            Self::Allocations => "allocations",
        }
    }
}

/// A figure of a rival.
pub(super) struct Figure {
    pub(super) measure: String,
    pub(super) rival: String,
    pub(super) metric: Metric,
    pub(super) value: f64,
    /// The figure of the SDK divided by this one, and its uncertainty.
    pub(super) ratio: f64,
    pub(super) noise: f64,
    /// Median and 99th percentile of the latency, in nanoseconds.
    pub(super) latency: Option<(u64, u64)>,
}

/// A goal: the largest ratio of the SDK's figure to that of a rival, or, for the rival `sdk`, the largest figure.
struct Goal(&'static str, &'static str, Metric, f64);

/// The goals. BENCHMARKS.md explains those that are not met.
const GOALS: &[Goal] = &[
    Goal("small", "hand", Metric::Instructions, 1.0),
    Goal("small", "sdk", Metric::Allocations, 59.0),
    Goal("large", "hand", Metric::Cpu, 0.7),
    Goal("decode", "derive", Metric::Cpu, 0.7),
    Goal("decode", "derive", Metric::Instructions, 1.0),
    Goal("encode-back", "derive", Metric::Instructions, 1.0),
    Goal("clone", "derive", Metric::Instructions, 1.0),
    Goal("sign", "plain", Metric::Cpu, 0.5),
    Goal("sign", "sdk", Metric::Allocations, 12.0),
    Goal("small", "official Python", Metric::Cpu, 1.0 / 28.0),
    Goal("large", "official Python", Metric::Cpu, 1.0 / 9.0),
];

impl Figure {
    /// The processor time of a rival, as the program prints it.
    pub(super) fn time(measure: &str, times: &Value) -> Self {
        let number = |name: &str| times[name].as_f64().unwrap_or_default();
        Self {
            measure: measure.to_owned(),
            rival: times["rival"].as_str().unwrap_or_default().to_owned(),
            metric: Metric::Cpu,
            value: number("cpu_ns"),
            ratio: number("ratio"),
            noise: number("noise"),
            latency: times["p50_ns"].as_u64().zip(times["p99_ns"].as_u64()),
        }
    }

    /// The goal, if there is one.
    pub(super) fn goal(&self) -> Option<f64> {
        let is_own = |goal: &&Goal| goal.0 == self.measure && goal.1 == self.rival && goal.2 == self.metric;
        GOALS.iter().find(is_own).map(|goal| goal.3)
    }

    /// Whether the goal is missed by more than the noise.
    pub(super) fn is_missed(&self) -> bool {
        let compared = if self.rival == "sdk" { self.value } else { self.ratio };
        self.goal().is_some_and(|goal| compared > goal + self.noise)
    }
}

/// Figures that are counted and have no noise. The first line is that of the SDK.
pub(super) fn compared(
    measure: &str,
    metric: Metric,
    lines: &[Value],
    value: impl Fn(&Value) -> Option<f64>,
) -> Vec<Figure> {
    let sdk = lines.first().and_then(&value).unwrap_or_default();
    let figure = |line: &Value| {
        let value = value(line)?;
        Some(Figure {
            measure: measure.to_owned(),
            rival: line["rival"].as_str()?.to_owned(),
            metric,
            value,
            ratio: sdk / value,
            // Threads of the runtime and hash seeds.
            noise: if metric == Metric::Instructions { 0.005 } else { 0.0 },
            latency: None,
        })
    };
    lines.iter().filter_map(figure).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_missed_only_beyond_the_noise() {
        let figure = |rival: &str, metric, value, ratio, noise| Figure {
            measure: "small".to_owned(),
            rival: rival.to_owned(),
            metric,
            value,
            ratio,
            noise,
            latency: None,
        };
        assert!(!figure("hand", Metric::Instructions, 1e5, 1.004, 0.005).is_missed());
        assert!(figure("hand", Metric::Instructions, 1e5, 1.006, 0.005).is_missed());
        assert!(!figure("sdk", Metric::Allocations, 59.0, 1.0, 0.0).is_missed());
        assert!(figure("sdk", Metric::Allocations, 60.0, 1.0, 0.0).is_missed());
        // There is no goal for it.
        assert!(!figure("hand", Metric::Allocations, 1.0, 60.0, 0.0).is_missed());
    }
}
