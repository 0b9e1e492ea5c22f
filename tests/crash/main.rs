//! The crash matrix: a process that rotates a token is killed at every boundary of what it writes and
//! sends, and at random moments. Afterwards one stored credential signs in; a later process carries the
//! rotation on or takes it back, and then exactly one token lives.
//!
//! `cargo test --test crash` runs every boundary and 40 random kills, `-- --random 200` as many as that;
//! `-- --keyring` also keeps the pair in a keyring, which takes minutes, since GNOME Keyring has to be started anew
//! again and again.
//! The process is this program itself, called with `child`.

mod house;
mod scenarios;
mod session;

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use house::House;
use scenarios::{SCENARIOS, Scenario};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|word| word == "child") {
        return scenarios::child();
    }
    if !cfg!(target_os = "linux") {
        println!("test result: ok. 0 passed; 0 failed; 1 ignored; kills need Linux");
        return ExitCode::SUCCESS;
    }
    let keyring = arguments.iter().any(|word| word == "--keyring");
    if keyring && let Some(code) = session::run_in_one(&arguments) {
        return code;
    }
    let random = arguments
        .iter()
        .position(|word| word == "--random")
        .and_then(|place| arguments.get(place + 1)?.parse().ok())
        .unwrap_or(40);
    run(random)
}

fn run(random: u32) -> ExitCode {
    let tools = tempfile::tempdir().expect("a folder");
    let shim = match compile(tools.path()) {
        Ok(shim) => shim,
        Err(problem) => {
            println!("test result: FAILED. 0 passed; 1 failed; {problem}");
            return ExitCode::FAILURE;
        }
    };
    let scenarios: Vec<&Scenario> = SCENARIOS
        .iter()
        .filter(|scenario| scenario.kept.needs_session() == session::is_here())
        .collect();
    let mut count = side_by_side(&scenarios, |scenario| {
        let started = Instant::now();
        let mut count = Count::default();
        let boundaries = count.boundaries(scenario, &shim);
        println!(
            "{:28} {boundaries:4} boundaries, {:5.1} s",
            scenario.name,
            started.elapsed().as_secs_f64()
        );
        count
    });
    let started = Instant::now();
    let killed = count.random(random, &scenarios);
    println!(
        "{random} random kills, {killed} of them in the middle, {:.1} s",
        started.elapsed().as_secs_f64()
    );
    for failure in &count.failures {
        println!("FAILED {failure}");
    }
    let verdict = if count.failures.is_empty() {
        "ok"
    } else {
        "FAILED"
    };
    println!(
        "test result: {verdict}. {} passed; {} failed; 0 ignored",
        count.passed,
        count.failures.len()
    );
    if count.failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// As many scenarios at a time as there are cores: each has a house, a tenant and processes of its own. In a keyring's
/// session there is one at a time, for they would share the keyring.
fn side_by_side(scenarios: &[&Scenario], run: impl Fn(&Scenario) -> Count + Sync) -> Count {
    let cores = match session::is_here() {
        true => 1,
        false => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let waiting = Mutex::new(scenarios.iter());
    let counted = Mutex::new(Count::default());
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().expect("no thread panicked").next();
                    let Some(scenario) = next else { break };
                    let count = run(scenario);
                    counted.lock().expect("no thread panicked").add(count);
                }
            });
        }
    });
    counted.into_inner().expect("no thread panicked")
}

/// The shim before what this process itself has preloaded, such as another clock.
fn preloaded(shim: &Path) -> OsString {
    let mut words = shim.as_os_str().to_owned();
    if let Some(others) = std::env::var_os("LD_PRELOAD").filter(|others| !others.is_empty()) {
        words.push(":");
        words.push(others);
    }
    words
}

fn compile(folder: &Path) -> Result<std::path::PathBuf, String> {
    let shim = folder.join("boundary.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash/boundary.c");
    let status = Command::new("cc")
        .args([
            "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o",
        ])
        .arg(&shim)
        .arg(source)
        .arg("-ldl")
        .status()
        .map_err(|error| format!("no C compiler: {error}"))?;
    if status.success() {
        Ok(shim)
    } else {
        Err("boundary.c does not compile".to_owned())
    }
}

#[derive(Default)]
struct Count {
    passed: u32,
    failures: Vec<String>,
}

impl Count {
    fn add(&mut self, other: Count) {
        self.passed += other.passed;
        self.failures.extend(other.failures);
    }

    /// Kills at every boundary, and lets every call fail once; returns how many boundaries there are.
    fn boundaries(&mut self, scenario: &Scenario, shim: &Path) -> usize {
        let house = House::new(scenario);
        let log = house.folder().with_extension("log");
        let output = house
            .child(scenario)
            .env("LD_PRELOAD", preloaded(shim))
            .env("BOUNDARY_FOLDER", house.folder())
            .env("BOUNDARY_LOG", &log)
            .output()
            .expect("the child runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let names: Vec<String> = std::fs::read_to_string(&log)
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect();
        let _ = std::fs::remove_file(&log);
        if !output.status.success() || names.is_empty() {
            self.failures
                .push(format!("{}: without a kill: {text}", scenario.name));
            return 0;
        }
        self.check(&house, scenario, "no kill");
        for (index, name) in names.iter().enumerate() {
            self.one(scenario, shim, "BOUNDARY_AT", index + 1, name);
            if name.contains("before") && !name.contains("send") && !name.contains("writev") {
                self.one(scenario, shim, "BOUNDARY_FAIL", index + 1, name);
            }
        }
        names.len()
    }

    fn one(&mut self, scenario: &Scenario, shim: &Path, how: &str, number: usize, name: &str) {
        let house = House::new(scenario);
        let number = number.to_string();
        let output = house
            .child(scenario)
            .env("LD_PRELOAD", preloaded(shim))
            .env("BOUNDARY_FOLDER", house.folder())
            .env(how, number)
            .output()
            .expect("the child runs");
        let killed = output.status.code().is_none();
        // A conversation with a keyring is not the same each time.
        if how == "BOUNDARY_AT" && !killed && !scenario.kept.needs_session() {
            self.failures
                .push(format!("{}: {name}: was not killed", scenario.name));
            return;
        }
        self.check(&house, scenario, &format!("{how} {name}"));
    }

    /// Kills at random moments; returns how many kills came before the end.
    fn random(&mut self, times: u32, scenarios: &[&Scenario]) -> u32 {
        let mut killed = 0;
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        for number in 0..times {
            // xorshift: the moments are spread, and the same in every run.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let scenario = scenarios[number as usize % scenarios.len()];
            let house = House::new(scenario);
            let mut child = house
                .child(scenario)
                .stdout(Stdio::null())
                .spawn()
                .expect("the child runs");
            std::thread::sleep(Duration::from_micros(state % 60_000));
            let ended = child.try_wait().expect("the child is there").is_some();
            let _ = child.kill();
            let _ = child.wait();
            killed += u32::from(!ended);
            self.check(&house, scenario, &format!("random kill {number}"));
        }
        killed
    }

    fn check(&mut self, house: &House, scenario: &Scenario, when: &str) {
        match house.check() {
            Ok(()) => self.passed += 1,
            Err(problem) => self
                .failures
                .push(format!("{}: {when}: {problem}", scenario.name)),
        }
    }
}
