//! What large things cost: an error body, a request of many fields, an environment of many variables.

use std::fmt::Write;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::house::{House, Kept, Process, Tools};

/// What a check found: in words, and whether that is good.
type Check = fn(&Tools) -> (String, bool);

pub const CHECKS: &[(&str, Check)] = &[
    ("an error body of 40 MB", error_body),
    ("500 variables, 8 clients", many_clients),
    ("100,000 fields", many_fields),
    ("10,000 variables", many_variables),
];

/// So many times quicker than this when each field is looked at once, so many times slower when with each other.
const LONG: Duration = Duration::from_secs(4);

/// No more of it is read than somebody looks at.
fn error_body(tools: &Tools) -> (String, bool) {
    const MEGABYTES: u64 = 40;
    let ones = "1,".repeat((MEGABYTES as usize) << 19);
    let body = format!(r#"{{"numbers":[{ones}1],"message":"No."}}"#);
    let house = House::new(Kept::Settings, false);
    let mut process = house.process(tools);
    let mut list = || process.run("client", &house.settings(), "list", r#"{"ownerId":"me"}"#);
    assert_eq!(list()["ok"], true);
    house.fault("list", json!({"status": 400, "body": body}));
    let before = process.kilobytes("VmHWM:");
    let reply = process.run("client", &house.settings(), "list", r#"{"ownerId":"me"}"#);
    let message = reply["error"]["message"].as_str().expect("an error");
    assert!(message.contains("(400)"), "{message}");
    let times = (process.kilobytes("VmHWM:") - before) as f64 / (MEGABYTES << 10) as f64;
    (format!("{times:.2} times itself at its peak"), times < 1.5)
}

fn environment(variables: usize) -> Map<String, Value> {
    let variable = |number| {
        (
            format!("VARIABLE_{number}"),
            json!(format!("value {number} {:040}", number)),
        )
    };
    (0..variables).map(variable).collect()
}

/// Each variable is kept apart for its clients alone, not in a page alone.
fn many_clients(tools: &Tools) -> (String, bool) {
    let house = House::new(Kept::Settings, false);
    let mut process = house.process(tools);
    let mut settings = house.settings();
    settings["environment"] = environment(500).into();
    let keep = |process: &mut Process| {
        let reply = process.run("keep", &settings, "", "");
        assert_eq!(reply["ok"], true, "{reply}");
        (process.mappings(), process.kilobytes("VmRSS:"))
    };
    // The first one grows what all of them share.
    let before = keep(&mut process);
    let after = (0..8).map(|_| keep(&mut process)).last().unwrap_or(before);
    let (mappings, kilobytes) = (
        after.0.saturating_sub(before.0),
        after.1.saturating_sub(before.1),
    );
    let found = format!("{mappings} mappings and {kilobytes} kB more");
    (found, mappings <= 16 && kilobytes <= 2048)
}

fn many_fields(tools: &Tools) -> (String, bool) {
    let mut request = String::from("{");
    for number in 0..100_000 {
        let _ = write!(request, r#""field{number:06}":1,"#);
    }
    request.push_str(r#""ownerId":"me"}"#);
    let house = House::new(Kept::Settings, false);
    let mut process = house.process(tools);
    let begun = Instant::now();
    let reply = process.run("client", &house.settings(), "list", &request);
    let took = begun.elapsed();
    let message = reply["error"]["message"].as_str().expect("an error");
    assert!(
        message.contains("field000000: is not a known field"),
        "{message}"
    );
    (
        format!("refused within {:.2} s", took.as_secs_f64()),
        took < LONG,
    )
}

fn many_variables(tools: &Tools) -> (String, bool) {
    let house = House::new(Kept::Settings, false);
    let mut process = house.process(tools);
    let mut settings = house.settings();
    settings["environment"] = environment(10_000).into();
    let begun = Instant::now();
    let reply = process.run("client", &settings, "settings", "{}");
    let took = begun.elapsed();
    assert_eq!(reply["ok"], true, "{reply}");
    (
        format!("read within {:.2} s", took.as_secs_f64()),
        took < LONG,
    )
}
