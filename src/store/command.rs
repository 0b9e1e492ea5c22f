//! A pair kept by an external command. It is run once for each action, takes one JSON object on its
//! standard input (never on its arguments, which others can read) and answers on its standard output.
//!
//! `{"action":"store","clientId":…,"clientSecret":…,"baseUrl":…}` stores, `{"action":"read"}` gives
//! `{"clientId":…,"clientSecret":…}`, or `{}` where nothing is stored, `{"action":"check"}` says whether
//! storing would work. An exit status other than 0 is a failure; its words go to standard error, or into
//! `{"error":…}`.

use std::io::{Read, Write};
use std::process::{Child, Command as Process, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::error::Result;
use crate::store::{Pair, Store, failed};

const DEFAULT_LIMIT: Duration = Duration::from_secs(30);
const LONGEST_LIMIT_MS: f64 = 600_000.0;
/// An answer is two short texts.
const LARGEST_ANSWER: u64 = 64 * 1024;
const LONGEST_WORDS: usize = 500;

/// A program with its arguments, and how long it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    pub words: Vec<String>,
    pub limit: Duration,
}

/// What a command answers.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Answer {
    client_id: Option<String>,
    client_secret: Option<Zeroizing<String>>,
    error: Option<String>,
    #[serde(skip)]
    said_something: bool,
}

impl Command {
    pub fn new(
        words: Vec<String>,
        limit_ms: Option<f64>,
    ) -> std::result::Result<Self, &'static str> {
        if words
            .first()
            .is_none_or(|program| program.trim().is_empty())
        {
            return Err("must be a program and its arguments");
        }
        if words.iter().any(|word| word.contains('\0')) {
            return Err("must not hold a NUL");
        }
        let limit = match limit_ms {
            None => DEFAULT_LIMIT,
            Some(ms) if (1.0..=LONGEST_LIMIT_MS).contains(&ms) => Duration::from_secs_f64(ms / 1e3),
            Some(_) => return Err("must end within 1 to 600000 milliseconds (commandTimeoutMs)"),
        };
        Ok(Command { words, limit })
    }

    pub fn program(&self) -> &str {
        &self.words[0]
    }

    fn store(&self) -> Store {
        Store::Command(self.clone())
    }

    pub fn read(&self) -> Result<Option<Pair>> {
        let answer = self.ask(json!({"action": "read"}), None)?;
        if !answer.said_something {
            return Err(failed(&self.store(), "answers a read with nothing at all")
                .with_remedy("let it answer {} where nothing is stored"));
        }
        let (id, secret) = match (answer.client_id, answer.client_secret) {
            (Some(id), Some(secret)) => (id, secret),
            (None, None) => return Ok(None),
            _ => return Err(failed(&self.store(), "gives half a pair")),
        };
        let usable = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
        if !usable(&id) || !usable(&secret) {
            return Err(failed(
                &self.store(),
                "gives a pair with an empty half or control characters",
            ));
        }
        Ok(Some(Pair::new(id, secret)))
    }

    pub fn write(&self, pair: &Pair, base_url: &str) -> Result<()> {
        let request = json!({"action": "store", "clientId": pair.client_id, "baseUrl": base_url});
        self.ask(request, Some(pair)).map(drop)
    }

    pub fn check(&self) -> Result<()> {
        self.ask(json!({"action": "check"}), None).map(drop)
    }

    fn ask(&self, request: Value, pair: Option<&Pair>) -> Result<Answer> {
        let text = with_secret(&request, pair);
        let answer = self
            .run(text)
            .and_then(|ended| self.judge(ended))
            .map_err(|problem| {
                let words = match pair {
                    Some(pair) => without(&problem.words, pair.client_secret.expose()),
                    None => problem.words,
                };
                let error = failed(&self.store(), words);
                let error = if problem.may_go_on { error.retryable() } else { error };
                error.with_remedy("try the command by hand: it takes JSON on its standard input, as docs/rotation.md says")
            })?;
        Ok(answer)
    }

    fn judge(&self, ended: Ended) -> std::result::Result<Answer, Problem> {
        let words = shortened(&String::from_utf8_lossy(&ended.errors));
        if !ended.status.success() {
            let answer: Answer = serde_json::from_slice(&ended.output).unwrap_or_default();
            let words = answer.error.map_or(words, |error| shortened(&error));
            return Err(Problem::of(format!("failed ({}): {words}", ended.status)));
        }
        if ended.output.trim_ascii().is_empty() {
            return Ok(Answer::default());
        }
        let answer: Answer = serde_json::from_slice(&ended.output)
            .map_err(|_| Problem::of("answers with what is no JSON object"))?;
        match answer.error {
            Some(error) => Err(Problem::of(format!("failed: {}", shortened(&error)))),
            None => Ok(Answer {
                said_something: true,
                ..answer
            }),
        }
    }

    fn run(&self, input: Zeroizing<String>) -> std::result::Result<Ended, Problem> {
        let deadline = Instant::now() + self.limit;
        let mut program = Process::new(self.program());
        program
            .args(&self.words[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // What it starts in turn is stopped with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut program, 0);
        let mut child = program
            .spawn()
            .map_err(|error| Problem::of(format!("cannot be started: {error}")))?;
        if let Some(mut stdin) = child.stdin.take() {
            // On a thread of its own: a command may never read. One that does not need to is fine.
            thread::spawn(move || stdin.write_all(input.as_bytes()));
        }
        let output = child.stdout.take().map(collect);
        let errors = child.stderr.take().map(collect);
        let limit = self.limit.as_secs_f64();
        let late = |what: &str| Problem {
            words: format!("{what} within {limit:.1} s and was stopped"),
            may_go_on: true,
        };
        let status = wait(&mut child, deadline).ok_or_else(|| late("did not end"))?;
        let output = received(output, deadline);
        Ok(Ended {
            status,
            output: output.ok_or_else(|| {
                stop(&child);
                late("ended, and what it started did not end its output")
            })?,
            errors: received(errors, deadline).unwrap_or_default(),
        })
    }
}

/// Why a command did not do what it was asked for.
struct Problem {
    words: String,
    /// It was stopped, and what it began may still come about.
    may_go_on: bool,
}

impl Problem {
    fn of(words: impl Into<String>) -> Self {
        Problem {
            words: words.into(),
            may_go_on: false,
        }
    }
}

/// How a command ended.
struct Ended {
    status: ExitStatus,
    output: Zeroizing<Vec<u8>>,
    errors: Zeroizing<Vec<u8>>,
}

/// The request as text; the secret goes in by hand, so that no copy of it stays behind.
fn with_secret(request: &Value, pair: Option<&Pair>) -> Zeroizing<String> {
    let mut text = Zeroizing::new(request.to_string());
    if let Some(pair) = pair {
        let secret =
            Zeroizing::new(serde_json::to_string(pair.client_secret.expose()).unwrap_or_default());
        text.pop();
        text.push_str(",\"clientSecret\":");
        text.push_str(&secret);
        text.push('}');
    }
    text.push('\n');
    text
}

/// Reads a pipe on a thread of its own: what a command leaves running may hold it open for ever.
fn collect(pipe: impl Read + Send + 'static) -> mpsc::Receiver<Zeroizing<Vec<u8>>> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Zeroizing::new(Vec::new());
        let _ = pipe.take(LARGEST_ANSWER).read_to_end(&mut bytes);
        let _ = send.send(bytes);
    });
    receive
}

/// Everything up to the pipe's end; none when that did not come.
fn received(
    pipe: Option<mpsc::Receiver<Zeroizing<Vec<u8>>>>,
    deadline: Instant,
) -> Option<Zeroizing<Vec<u8>>> {
    let left = deadline.saturating_duration_since(Instant::now());
    pipe?.recv_timeout(left).ok()
}

/// Stops a command and what it started.
fn stop(child: &Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = child;
}

/// Waits for the end; past the deadline the command is stopped.
fn wait(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        if Instant::now() >= deadline {
            stop(child);
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// The words without a secret that the command repeats, plain or as it stood in the request.
fn without(words: &str, secret: &str) -> String {
    let quoted = Zeroizing::new(serde_json::to_string(secret).unwrap_or_default());
    words
        .replace(quoted.as_str(), "[secret]")
        .replace(secret, "[secret]")
}

fn shortened(words: &str) -> String {
    let words = words.trim();
    if words.is_empty() {
        return "it said nothing".to_owned();
    }
    words
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST_WORDS)
        .collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, limit_ms: f64) -> Command {
        let words = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        Command::new(words, Some(limit_ms)).unwrap()
    }

    fn pair() -> Pair {
        Pair::new("id", Zeroizing::new("pl\"anted".to_owned()))
    }

    #[test]
    fn a_pair_goes_in_on_stdin_and_comes_back_on_stdout() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("kept");
        let script = format!(
            "read -r line; case $line in *store*) printf %s \"$line\" >{0};; *) cat {0};; esac",
            kept.display()
        );
        let command = shell(&script, 5_000.0);
        assert!(command.write(&pair(), "https://t").is_ok());
        assert_eq!(command.read().unwrap(), Some(pair()));
    }

    #[test]
    fn every_way_to_fail_has_its_words_and_no_secret() {
        for (script, limit, expected) in [
            ("cat >&2; exit 3", 5_000.0, "failed (exit status: 3)"),
            (
                "echo '{\"error\":\"vault sealed\"}'",
                5_000.0,
                "failed: vault sealed",
            ),
            ("echo no json", 5_000.0, "no JSON object"),
            ("sleep 20", 200.0, "did not end within 0.2 s"),
            ("exit 1", 5_000.0, "it said nothing"),
        ] {
            let error = shell(script, limit)
                .write(&pair(), "u")
                .unwrap_err()
                .to_string();
            assert!(error.contains(expected), "{script}: {error}");
            assert!(!error.contains("anted"), "{error}");
        }
        let missing = Command::new(vec!["/nonexistent/x".to_owned()], None).unwrap();
        assert!(
            missing
                .read()
                .unwrap_err()
                .to_string()
                .contains("cannot be started")
        );
    }

    #[test]
    fn what_a_command_leaves_running_holds_nobody_up() {
        let command = shell("sleep 30 & echo '{}'", 1_000.0);
        let started = Instant::now();
        let error = command.read().unwrap_err();
        assert!(
            error.to_string().contains("did not end its output"),
            "{error}"
        );
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn nothing_is_stored_only_where_the_command_says_so() {
        assert_eq!(shell("echo {}", 5_000.0).read().unwrap(), None);
        for (script, words) in [
            ("true", "nothing at all"),
            (
                "echo '{\"clientId\":\"x\",\"clientSecret\":null}'",
                "half a pair",
            ),
        ] {
            let error = shell(script, 5_000.0).read().unwrap_err();
            assert!(error.to_string().contains(words), "{script}: {error}");
        }
    }
}
