//! A pair kept by an external command. It is run once for each action, takes one JSON object on its
//! standard input (never on its arguments, which others can read) and answers on its standard output.
//!
//! `{"action":"store","clientId":…,"clientSecret":…,"baseUrl":…}` stores, `{"action":"read"}` gives
//! `{"clientId":…,"clientSecret":…}`, or `{}` where nothing is stored, `{"action":"check"}` says whether
//! storing would work. An exit status other than 0 is a failure; its words go into `{"error":…}`, or, but for a
//! read, to standard error.

mod running;
mod talk;

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::api::value;
use crate::error::Result;
use crate::store::{Pair, Store, failed, words};
pub use running::prepare_with;
use running::{CommandFailure, Exit, is_cut};

const DEFAULT_LIMIT: Duration = Duration::from_secs(30);
const LONGEST_LIMIT_MS: f64 = 600_000.0;
const SIGCHLD: &str = "this process has its children's ends ignored or taken by somebody (SIGCHLD)";

/// A program with its arguments, and how long it may take.
///
/// All of it blocks. When a call is cancelled, the thread that waits here goes on: the command runs to its end or
/// its limit, and what it stores is stored. Only the end of the process leaves a command alone, without a limit;
/// then the lock that it was started with says whether it is still at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    pub words: Vec<String>,
    pub limit: Duration,
}

/// What a command is asked for.
#[derive(Clone, Copy)]
enum Action<'p> {
    Read,
    Store(&'p Pair),
    Check,
}

/// What a command answers.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Printed {
    client_id: Option<String>,
    client_secret: Option<Zeroizing<String>>,
    error: Option<Zeroizing<String>>,
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
        let answer = self.ask(Action::Read, &json!({"action": "read"}), None)?;
        if !answer.said_something {
            return Err(failed(&self.store(), "answers a read with nothing at all")
                .with_remedy("let it answer {} where nothing is stored"));
        }
        let (id, secret) = match (answer.client_id, answer.client_secret) {
            (Some(id), Some(secret)) => (value::owned(&id), value::owned(&secret)),
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
        Ok(Some(Pair::new(id.as_str(), secret)))
    }

    /// Stores a pair. `guard` is a file that is locked while the command, or anything it started, is at work, even
    /// after this process has ended: `lock::is_held` tells. Where a child cannot have a lock (Windows) it is held
    /// as long as this call lasts.
    pub fn write(&self, pair: &Pair, base_url: &str, guard: Option<&Path>) -> Result<()> {
        let request = json!({"action": "store", "clientId": pair.client_id, "baseUrl": base_url});
        self.ask(Action::Store(pair), &request, guard).map(drop)
    }

    pub fn check(&self) -> Result<()> {
        let request = json!({"action": "check"});
        self.ask(Action::Check, &request, None).map(drop)
    }

    fn ask(&self, action: Action<'_>, request: &Value, guard: Option<&Path>) -> Result<Printed> {
        let text = with_secret(request, action.pair());
        let ended = self.run(text, guard);
        let answer = ended.and_then(|ended| ended.judged(action));
        answer.map_err(|problem| {
            let error = failed(&self.store(), problem.words);
            let error = if problem.may_go_on { error.retryable() } else { error };
            error.with_remedy(
                "try the command by hand: it takes JSON on its standard input, as docs/rotation.md says",
            )
        })
    }
}

impl Action<'_> {
    fn pair(&self) -> Option<&Pair> {
        match self {
            Action::Store(pair) => Some(pair),
            Action::Read | Action::Check => None,
        }
    }
}

impl Exit {
    fn judged(&self, action: Action<'_>) -> std::result::Result<Printed, CommandFailure> {
        let whole = !is_cut(&self.output);
        let answer = serde_json::from_slice::<Printed>(&self.output).ok();
        let answer = answer.filter(|_| whole);
        let said_nothing = self.output.trim_ascii().is_empty();
        if let Some(status) = self.status.filter(|status| !status.success()) {
            let words = self.words(action, answer.as_ref());
            return Err(CommandFailure::of(format!("failed ({status}): {words}")));
        }
        match answer {
            Some(answer) if answer.error.is_some() => {
                let words = self.words(action, Some(&answer));
                Err(CommandFailure::of(format!("failed: {words}")))
            }
            Some(answer) if self.is_believable(action, &answer) => Ok(Printed {
                said_something: true,
                ..answer
            }),
            None if said_nothing && self.status.is_some() => Ok(Printed::default()),
            None if !said_nothing => Err(CommandFailure::of(if whole {
                "answers with what is no JSON object"
            } else {
                "answers with more than 64 KiB"
            })),
            _ => Err(CommandFailure::of(format!(
                "ended, and whether it failed cannot be seen: {SIGCHLD}"
            ))),
        }
    }

    /// An answer counts without a status, too; but "nothing is stored" must be said without a complaint.
    fn is_believable(&self, action: Action<'_>, answer: &Printed) -> bool {
        let quiet = self.errors.trim_ascii().is_empty();
        let is_nothing = matches!(action, Action::Read) && answer.client_id.is_none();
        self.status.is_some() || quiet || !is_nothing
    }

    /// Why it failed, in its words. What a read writes to standard error is not among them: of a secret that is not
    /// known here nobody can tell which of the words it is.
    fn words(&self, action: Action<'_>, answer: Option<&Printed>) -> String {
        let mut secrets: Vec<&str> = Vec::new();
        secrets.extend(action.pair().map(|pair| pair.client_secret.expose()));
        if let Some(answer) = answer {
            secrets.extend(answer.client_secret.as_deref().map(String::as_str));
            if let Some(error) = &answer.error {
                return words::clean(error, &secrets);
            }
        }
        let text = Zeroizing::new(String::from_utf8_lossy(&self.errors).into_owned());
        match action {
            Action::Read if !text.trim().is_empty() => {
                "what a read writes to standard error is not shown; words for people go into {\"error\":…}"
                    .to_owned()
            }
            _ if is_cut(&self.errors) => {
                words::clean(words::without_torn_end(&text, &secrets), &secrets)
            }
            _ => words::clean(&text, &secrets),
        }
    }
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

#[cfg(all(test, unix))]
mod tests {
    use std::time::Instant;

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
        assert!(command.write(&pair(), "https://t", None).is_ok());
        assert_eq!(command.read().unwrap(), Some(pair()));
    }

    #[test]
    fn white_space_around_the_values_is_none_of_the_pair() {
        let answer = r#"{"clientId":" id\r\n","clientSecret":"\tpl\"anted \n"}"#;
        let script = format!("cat <<'E'\n{answer}\nE");
        assert_eq!(shell(&script, 5_000.0).read().unwrap(), Some(pair()));
        for half in [r"\r\n", r"a\nb"] {
            let script = format!(r#"echo '{{"clientId":"id","clientSecret":"{half}"}}'"#);
            let script = script.replace('\\', "\\\\");
            let error = shell(&script, 5_000.0).read().unwrap_err().to_string();
            assert!(error.contains("empty half or control"), "{error}");
        }
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
                .write(&pair(), "u", None)
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

    const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00123456789abcdef0f1e2d3c4b5a6978";

    fn secret_pair() -> Pair {
        Pair::new("id", Zeroizing::new(SECRET.to_owned()))
    }

    /// No piece of the secret that could be told from other words.
    fn shows(error: &str) -> bool {
        let error = error.to_ascii_lowercase();
        let pieces = SECRET.as_bytes().windows(6);
        pieces
            .filter_map(|piece| std::str::from_utf8(piece).ok())
            .any(|piece| error.contains(piece))
    }

    #[test]
    fn no_store_shows_the_secret_it_was_given() {
        let field = "sed 's/.*clientSecret\":\"//;s/\".*//'";
        for script in [
            "cat >&2; exit 1".to_owned(),
            format!("printf %-470s x >&2; {field} >&2; exit 1"),
            format!("{field} | fold -w 20 >&2; exit 1"),
            format!("{field} | cut -c 1-61 >&2; exit 1"),
            format!("{field} | base64 >&2; exit 1"),
            format!("(printf %-65500s ' '; {field}) >&2; exit 1"),
            format!("printf '{{\"error\":\"bad %s\"}}' $({field})"),
            format!("printf '{{\"error\":\"bad %s\"}}' $({field}); exit 3"),
            "cat; exit 1".to_owned(),
            "cat; cat".to_owned(),
            "printf '{\"error\":'; cat; exit 1".to_owned(),
        ] {
            let result = shell(&script, 5_000.0).write(&secret_pair(), "https://t", None);
            if let Err(error) = result {
                let error = format!("{error} {error:?}");
                assert!(!shows(&error), "{script}: {error}");
            } else {
                assert_eq!(script, "cat; cat", "{script}");
            }
        }
    }

    #[test]
    fn no_read_shows_a_secret() {
        for script in [
            format!("echo {SECRET} >&2; exit 1"),
            format!("echo '{{\"clientSecret\":\"{SECRET}\"' >&2; exit 1"),
            format!("echo '{{\"clientSecret\":\"{SECRET}\"'"),
            format!("echo '{{\"clientId\":\"\",\"clientSecret\":\"{SECRET}\"}}'"),
            format!("echo '{{\"clientSecret\":\"{SECRET}\"}}'; exit 1"),
            format!("echo '{{\"clientSecret\":\"{SECRET}\"}}'; echo {SECRET} >&2"),
            format!("echo '{{\"error\":\"bad {SECRET}\"}}'"),
            format!("echo '{{\"error\":\"bad {}\"}}'", &SECRET[..61]),
            format!(
                "echo '{{\"clientSecret\":\"{SECRET}\",\"error\":\"bad {}\"}}'",
                &SECRET[..20]
            ),
            format!("printf '{{\"error\":\"'; printf %-70000s x; echo '{SECRET}\"}}'"),
        ] {
            let command = shell(&script, 5_000.0);
            let error = command.read().unwrap_err();
            let error = format!("{error} {error:?}");
            assert!(!shows(&error), "{script}: {error}");
        }
        let sealed = shell("echo '{\"error\":\"vault sealed\"}'; exit 2", 5_000.0);
        let error = sealed.read().unwrap_err().to_string();
        assert!(
            error.ends_with("failed (exit status: 2): vault sealed"),
            "{error}"
        );
        let error = shell("echo planted >&2; exit 2", 5_000.0)
            .read()
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("is not shown") && !error.contains("planted"),
            "{error}"
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
