//! What the steps found, as lines while they run and as a table at the end. Below the table stand the ten slowest of what
//! tells its time: a Pester test, a program of C, all of a program of cargo's, whose single tests tell none.

use std::process::ExitCode;
use std::time::Duration;

/// What one step found. Output is shown only when something failed.
#[derive(Default)]
pub struct Outcome {
    pub passed: u32,
    pub failed: u32,
    pub skipped: u32,
    /// Why something was skipped.
    pub reason: String,
    pub output: String,
    /// How long each part took that tells its time.
    pub parts: Vec<Part>,
}

/// A test, or a program of tests.
pub struct Part {
    pub name: String,
    pub took: Duration,
}

impl Outcome {
    pub fn passed() -> Self {
        Self {
            passed: 1,
            ..Self::default()
        }
    }

    pub fn failed(output: String) -> Self {
        Self {
            failed: 1,
            output,
            ..Self::default()
        }
    }

    pub fn skipped(reason: String) -> Self {
        Self {
            skipped: 1,
            reason,
            ..Self::default()
        }
    }

    /// Whether steps that need this one can run.
    pub fn is_good(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }

    /// Adds what a further program of the same step found.
    pub fn add(&mut self, other: Outcome) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        if other.failed > 0 {
            self.output.push_str(&other.output);
        }
        self.parts.extend(other.parts);
        if self.reason.is_empty() {
            self.reason = other.reason;
        }
    }

    fn verdict(&self) -> &'static str {
        match (self.failed, self.passed) {
            (1.., _) => "FAILED",
            (0, 1..) => "ok",
            (0, 0) => "skipped",
        }
    }
}

pub struct Row {
    pub name: &'static str,
    pub outcome: Outcome,
    pub took: Duration,
}

/// The line of a step that has ended, and everything it printed when it failed.
pub fn line(row: &Row) {
    let Row {
        name,
        outcome,
        took,
    } = row;
    println!(
        "{name:<14} {:<8}{:>7.1} s  {}",
        outcome.verdict(),
        took.as_secs_f64(),
        outcome.reason
    );
    if outcome.failed > 0 {
        println!("{}", outcome.output.trim_end());
    }
}

/// The table and the last line. With `allowed` (CI), a skip that is not listed there is a failure.
pub fn close(rows: &[Row], took: Duration, allowed: Option<&Vec<String>>) -> ExitCode {
    println!(
        "\n{:<14} {:>7} {:>7} {:>8} {:>9}",
        "step", "passed", "failed", "skipped", "time"
    );
    let mut total = Outcome::default();
    for Row {
        name,
        outcome,
        took,
    } in rows
    {
        let Outcome {
            passed,
            failed,
            skipped,
            reason,
            ..
        } = outcome;
        let time = took.as_secs_f64();
        println!(
            "{}",
            format!("{name:<14} {passed:>7} {failed:>7} {skipped:>8} {time:>7.1} s  {reason}")
                .trim_end()
        );
        total.passed += passed;
        total.failed += failed;
        total.skipped += skipped;
    }
    println!("{:<14} {:>34.1} s\n", "all", took.as_secs_f64());
    for line in slowest(rows) {
        println!("{line}");
    }
    println!(
        "{} passed, {} failed, {} skipped",
        total.passed, total.failed, total.skipped
    );

    let unlisted = allowed.map_or_else(Vec::new, |allowed| unlisted_skips(rows, allowed));
    if !unlisted.is_empty() {
        eprintln!(
            "skipped without leave (--allow-skip STEP=REASON gives it): {}",
            unlisted.join(", ")
        );
    }
    if total.failed == 0 && unlisted.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// How many of the slowest parts are named.
const SLOWEST: usize = 10;

/// The parts that took longest, each with its step, and a line above and below them.
fn slowest(rows: &[Row]) -> Vec<String> {
    let parts = rows
        .iter()
        .flat_map(|row| row.outcome.parts.iter().map(move |part| (row.name, part)));
    let mut parts: Vec<_> = parts.collect();
    parts.sort_by_key(|(_, part)| std::cmp::Reverse(part.took));
    parts.truncate(SLOWEST);
    if parts.is_empty() {
        return Vec::new();
    }
    let line = |(step, part): &(&str, &Part)| {
        format!(
            "{step:<14} {:>7.1} s  {}",
            part.took.as_secs_f64(),
            part.name
        )
    };
    let mut lines = vec!["the slowest:".to_owned()];
    lines.extend(parts.iter().map(line));
    lines.push(String::new());
    lines
}

/// Reads the lines `took 1.25 s<tab>name` that a program of tests prints of what it ran.
pub fn parts(output: &str) -> Vec<Part> {
    let part = |line: &str| {
        let (seconds, name) = line.trim_end().strip_prefix("took ")?.split_once(" s\t")?;
        Some(Part {
            name: name.to_owned(),
            took: Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?,
        })
    };
    output.lines().filter_map(part).collect()
}

/// What was skipped and is not among what may be: `STEP` for a whole step, `STEP/part` for tests within one, so that
/// leave for a few tests is never leave for all of them.
fn unlisted_skips(rows: &[Row], allowed: &[String]) -> Vec<String> {
    let skipped = rows.iter().filter(|row| row.outcome.skipped > 0);
    let names = skipped.map(|row| match row.outcome.passed {
        0 => row.name.to_owned(),
        _ => format!("{}/part", row.name),
    });
    names.filter(|name| !allowed.contains(name)).collect()
}

/// Reads a line `N passed, N failed, N skipped`, the last one that `output` has.
pub fn counts(output: &str) -> Option<Outcome> {
    output.lines().rev().find_map(counts_of_line)
}

fn counts_of_line(line: &str) -> Option<Outcome> {
    let mut parts = line.trim().split(", ");
    let mut number = |word: &str| parts.next()?.strip_suffix(word)?.trim_end().parse().ok();
    let (passed, failed, skipped) = (number("passed")?, number("failed")?, number("skipped")?);
    Some(Outcome {
        passed,
        failed,
        skipped,
        ..Outcome::default()
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Outcome, Row, SLOWEST, counts, parts, slowest, unlisted_skips};

    #[test]
    fn the_last_line_of_counts_is_read() {
        let Outcome {
            passed,
            failed,
            skipped,
            ..
        } = counts("1 passed, 0 failed, 0 skipped\n7 passed, 2 failed, 1 skipped\nbye").unwrap();
        assert_eq!((passed, failed, skipped), (7, 2, 1));
    }

    #[test]
    fn output_without_counts_has_none() {
        assert!(counts("passed, failed, skipped").is_none());
        assert!(counts("3 passed, 0 failed").is_none());
    }

    #[test]
    fn a_failure_is_never_good_and_neither_is_nothing() {
        assert!(Outcome::passed().is_good());
        assert!(!Outcome::default().is_good());
        assert!(
            !Outcome {
                passed: 3,
                failed: 1,
                ..Outcome::default()
            }
            .is_good()
        );
    }

    #[test]
    fn the_slowest_ten_are_named_in_order_whatever_step_they_are_of() {
        let row = |name, times: &str| Row {
            name,
            outcome: Outcome {
                parts: parts(times),
                ..Outcome::passed()
            },
            took: Duration::ZERO,
        };
        let many: String = (0..12)
            .map(|n| format!("took 0.{n:02} s\tx {n}\n"))
            .collect();
        let rows = [
            row("a", &many),
            row("b", "took 7.5 s\tlong\ntook no s\tz\ntook 1\n"),
        ];
        let lines = slowest(&rows);
        assert_eq!(lines.len(), SLOWEST + 2);
        assert_eq!(lines[1], "b                  7.5 s  long");
        assert!(lines[2].ends_with("x 11"), "{}", lines[2]);
        assert!(slowest(&[row("a", "")]).is_empty());
    }

    #[test]
    fn a_skip_is_reported_unless_it_may_be() {
        let row = |name, outcome| Row {
            name,
            outcome,
            took: Duration::ZERO,
        };
        let rows = [
            row("rust", Outcome::passed()),
            row("valgrind", Outcome::skipped("not installed".to_owned())),
            row(
                "pester",
                Outcome {
                    passed: 9,
                    skipped: 1,
                    ..Outcome::default()
                },
            ),
        ];
        let without = |allowed: &[&str]| {
            let allowed: Vec<String> = allowed.iter().map(|&name| name.to_owned()).collect();
            unlisted_skips(&rows, &allowed)
        };
        assert_eq!(without(&[]), ["valgrind", "pester/part"]);
        assert_eq!(without(&["pester/part"]), ["valgrind"]);
        assert_eq!(
            without(&["pester", "valgrind/part"]),
            ["valgrind", "pester/part"]
        );
    }
}
