//! A program that measures one or more sides when told to, line by line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::median;

pub struct Side {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    name: &'static str,
}

/// In microseconds.
struct Measured {
    median_call: f64,
    wall: f64,
}

impl Side {
    pub fn start(command: &mut Command, name: &'static str) -> Result<Self> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start the side {name}"))?;
        let orders = process.stdin.take().context("a side has no stdin")?;
        let answers = BufReader::new(process.stdout.take().context("a side has no stdout")?);
        Ok(Self {
            process,
            orders,
            answers,
            name,
        })
    }

    fn measure(&mut self, threads: u32, calls: u32) -> Result<Measured> {
        writeln!(self.orders, "{} {threads} {calls}", self.name)?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let (median_call, wall) =
            two_times(&line).with_context(|| format!("the side {} gave up", self.name))?;
        Ok(Measured { median_call, wall })
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What alternating rounds found: each side's median in microseconds a call, and ours over the others' by round.
pub struct Alternated {
    pub times: Vec<f64>,
    /// `ratios[0]` belongs to `times[1]`: the first side is ours.
    pub ratios: Vec<f64>,
}

/// One caller: how long a call takes. Many: how long they take together, by call.
pub fn alternate(
    sides: &mut [Side],
    threads: u32,
    calls: u32,
    rounds: usize,
) -> Result<Alternated> {
    let mut found = vec![Vec::new(); sides.len()];
    for round in 0..rounds {
        // Whoever goes first in a round is another one each time.
        for turn in 0..sides.len() {
            let number = (round + turn) % sides.len();
            let measured = sides[number].measure(threads, calls)?;
            let together = measured.wall / f64::from(threads * calls);
            found[number].push(if threads == 1 {
                measured.median_call
            } else {
                together
            });
        }
    }
    let ratio = |other: &Vec<f64>| {
        median(
            found[0]
                .iter()
                .zip(other)
                .map(|(ours, other)| ours / other)
                .collect(),
        )
    };
    Ok(Alternated {
        ratios: found[1..].iter().map(ratio).collect(),
        times: found.iter().cloned().map(median).collect(),
    })
}

/// Runs a program that prints two times and ends; in microseconds.
pub fn run_once(command: &mut Command) -> Result<(f64, f64)> {
    let reply = command
        .stdin(Stdio::null())
        .output()
        .context("cannot start a side")?;
    if !reply.status.success() {
        bail!("a side failed: {}", String::from_utf8_lossy(&reply.stderr));
    }
    two_times(&String::from_utf8_lossy(&reply.stdout)).context("a side printed no times")
}

/// Two numbers of nanoseconds, as microseconds.
fn two_times(line: &str) -> Option<(f64, f64)> {
    let mut numbers = line.split_whitespace().map(|word| word.parse::<f64>());
    let mut next = || Some(numbers.next()?.ok()? / 1000.0);
    Some((next()?, next()?))
}
