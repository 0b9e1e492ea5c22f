//! Runs the scenarios and the checks, and prints and judges what was found.

use std::process::ExitCode;

use serde_json::Value;

use crate::costs::CHECKS;
use crate::documented::figures;
use crate::house::{House, Kept, Tools};
use crate::scenarios::{SCENARIOS, Scenario};
use crate::search::{Found, Wanted, search};

/// What was found of the secrets of one scenario.
struct Row {
    name: String,
    tls: bool,
    /// What it is called in SECURITY.md, and what there is of it.
    found: Vec<(&'static str, Found)>,
}

#[derive(Default)]
struct Count {
    passed: usize,
    failures: Vec<String>,
}

impl Count {
    fn hold(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        match holds {
            true => self.passed += 1,
            false => self.failures.push(otherwise()),
        }
    }
}

pub fn main() -> ExitCode {
    let chosen = std::env::args().nth(1);
    let is_chosen = |name: &str| {
        chosen
            .as_ref()
            .is_none_or(|chosen| name.contains(chosen.as_str()))
    };
    let folder = tempfile::tempdir().expect("a folder");
    let mut count = Count::default();
    match Tools::make(folder.path()) {
        Err(problem) => count.failures.push(problem),
        Ok(tools) => {
            let rows = search_all(&tools, is_chosen, chosen.is_some());
            if chosen.is_none() {
                compare(&rows, &mut count);
            }
            for (name, check) in CHECKS.iter().filter(|(name, _)| is_chosen(name)) {
                let (found, good) = check(&tools);
                println!("{name:<44} {found}");
                count.hold(good, || format!("{name}: {found}"));
            }
        }
    }
    close(&count)
}

fn close(count: &Count) -> ExitCode {
    for failure in &count.failures {
        println!("FAILED {failure}");
    }
    let good = count.failures.is_empty();
    let verdict = if good { "ok" } else { "FAILED" };
    let (passed, failed) = (count.passed, count.failures.len());
    println!("test result: {verdict}. {passed} passed; {failed} failed; 0 ignored");
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn search_all(tools: &Tools, is_chosen: impl Fn(&str) -> bool, at_length: bool) -> Vec<Row> {
    println!("copies left, once the reply and the client are freed");
    let mut rows = Vec::new();
    for tls in [false, true] {
        for scenario in SCENARIOS {
            let name = format!("{}, {}", scenario.name, if tls { "TLS" } else { "http" });
            if is_chosen(&name) {
                let row = run(scenario, tls, name, tools);
                print(&row, at_length);
                rows.push(row);
            }
        }
    }
    rows
}

fn run(scenario: &Scenario, tls: bool, name: String, tools: &Tools) -> Row {
    let house = House::new(scenario.kept, tls);
    let request = (scenario.request)(&house, tools);
    house
        .tenant
        .control("DELETE", "requests", Value::Null)
        .expect("forgotten");
    let mut process = house.process(tools);
    let reply = process.run(
        scenario.how,
        &house.settings(),
        scenario.operation,
        &request.to_string(),
    );
    assert_eq!(reply["ok"], scenario.ok, "{name}: {reply}");
    if !scenario.ok {
        let text = reply.to_string();
        assert!(
            !text.contains(house.recognized()),
            "{name}: the error shows the secret"
        );
    }
    let look = |wanted: Wanted| search(process.number(), &wanted).expect("its memory can be read");
    let mut found = Vec::new();
    let secret = look(Wanted::beside(&[&house.client_id], &house.client_secret));
    found.push((client_secret(scenario), secret));
    if let Some(secret) = made(&house, &request, &reply) {
        found.push(("the secret of a new token", look(Wanted::new(&secret))));
    }
    let given = reply["data"]["accessToken"].as_str().map(str::to_owned);
    let bearers = house.bearers().into_iter().chain(given);
    let bearers = bearers.map(|bearer| look(Wanted::new(&bearer)));
    found.extend(
        bearers
            .max_by_key(Found::all)
            .map(|bearer| ("the bearer", bearer)),
    );
    Row { name, tls, found }
}

fn client_secret(scenario: &Scenario) -> &'static str {
    match (scenario.kept, scenario.ok) {
        (_, false) => "a client secret that a refusal echoed",
        (Kept::Variables, true) => "a client secret in the process's own variables",
        (_, true) => "a client secret from anywhere else",
    }
}

/// The secret of a token that the operation made, or was told of.
fn made(house: &House, request: &Value, reply: &Value) -> Option<String> {
    let in_json = [
        &reply["data"]["secret"],
        &reply["data"]["pair"]["clientSecret"],
        &request["confirm"]["clientSecret"],
    ];
    if let Some(secret) = in_json.into_iter().find_map(Value::as_str) {
        return Some(secret.to_owned());
    }
    let stored = std::fs::read_to_string(house.path("made.env")).unwrap_or_default();
    if let Some(secret) = stored
        .lines()
        .find_map(|line| line.strip_prefix("SAIL_CLIENT_SECRET="))
    {
        return Some(secret.to_owned());
    }
    let stored: Value = serde_json::from_slice(&std::fs::read(house.file()).ok()?).ok()?;
    let secret = stored["ClientSecret"].as_str()?;
    (secret != house.client_secret).then(|| secret.to_owned())
}

fn print(row: &Row, at_length: bool) {
    let figures: Vec<String> = row
        .found
        .iter()
        .map(|(what, found)| format!("{what}: {}", found.all()))
        .collect();
    println!("{:<44} {}", row.name, figures.join(", "));
    for (what, found) in row
        .found
        .iter()
        .filter(|(_, found)| at_length && found.all() > 0)
    {
        println!("    {what}: {:?} in {:?}", found.forms, found.regions);
    }
}

/// Holds the most that was found of each kind of secret against SECURITY.md.
fn compare(rows: &[Row], count: &mut Count) {
    let documented = figures();
    for tls in [false, true] {
        for row in rows.iter().filter(|row| row.tls == tls) {
            for (what, found) in &row.found {
                let Some(figures) = documented.iter().find(|figures| figures.what == *what) else {
                    count
                        .failures
                        .push(format!("SECURITY.md does not say what stays of {what}"));
                    continue;
                };
                let (found, most) = (found.all(), figures.most[usize::from(tls)]);
                count.hold(found <= most, || {
                    format!(
                        "{}: {found} copies of {what}, and SECURITY.md says {most}",
                        row.name
                    )
                });
            }
        }
        for figures in &documented {
            let here = rows
                .iter()
                .filter(|row| row.tls == tls)
                .flat_map(|row| &row.found);
            let here = here.filter(|(what, _)| *what == figures.what);
            let found = here.map(|(_, found)| found.all()).max();
            let most = figures.most[usize::from(tls)];
            count.hold(found >= Some(most), || {
                format!(
                    "SECURITY.md says {most} copies of {} (TLS: {tls}), and there are {found:?}",
                    figures.what
                )
            });
        }
    }
}
