//! Running cases: at random, shrinking what breaks a law, or one by name.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::clock;
use crate::laws::{Break, Law, Laws};
use crate::made::cases;
use crate::regressions::{self, Regression};
use crate::steps::{Case, Step};
use crate::world::World;

const CASES: u64 = 300;
const FIRST_SEED: u64 = 1;
/// Shrinking is over after so long, or when nothing smaller breaks the same law.
const SHRINKING: Duration = Duration::from_secs(30);

/// A broken law, and what happened until then.
pub struct Broken {
    pub what: Break,
    pub story: Vec<String>,
}

pub fn case(case: &Case, laws: &Laws) -> Result<(), Box<Broken>> {
    let steps = case.steps.clone();
    clock::run(async {
        let mut world = World::new(case.setting, laws.clone()).await;
        for step in steps {
            if let Err(what) = world.step(step).await {
                return Err(Box::new(Broken {
                    what,
                    story: world.story,
                }));
            }
        }
        let rest = world.come_to_rest().await;
        rest.map_err(|what| {
            Box::new(Broken {
                what,
                story: world.story,
            })
        })
    })
}

struct Wanted {
    seconds: Option<u64>,
    cases: u64,
    seed: u64,
    laws: Laws,
    /// Steps that do not happen.
    without: Vec<String>,
    /// Goes on after a broken law, without breaks of the same sort.
    all: bool,
    filter: Option<String>,
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn laws(name: &str) -> Vec<Law> {
    let words = std::env::var(name).unwrap_or_default();
    words.split([',', ' ']).filter_map(Law::named).collect()
}

pub fn main(arguments: &[String]) -> ExitCode {
    let without = laws("SAILPAT_MODEL_WITHOUT");
    let only = laws("SAILPAT_MODEL_ONLY");
    let checked = |law: &Law| !without.contains(law) && (only.is_empty() || only.contains(law));
    let wanted = Wanted {
        seconds: number("SAILPAT_MODEL_SECONDS"),
        cases: number("SAILPAT_MODEL_CASES").unwrap_or(CASES),
        seed: number("SAILPAT_MODEL_SEED").unwrap_or(FIRST_SEED),
        laws: Laws {
            checked: Law::ALL.into_iter().filter(checked).collect(),
            known: Vec::new(),
        },
        without: std::env::var("SAILPAT_MODEL_WITHOUT_STEPS")
            .unwrap_or_default()
            .split([',', ' '])
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        all: std::env::var_os("SAILPAT_MODEL_ALL").is_some(),
        filter: arguments
            .iter()
            .find(|word| !word.starts_with('-'))
            .cloned(),
    };
    let (mut passed, mut failed) = found_cases(&wanted);
    if wanted.filter.is_none() {
        let (went, broke) = random(&wanted);
        passed += went;
        failed += broke;
    }
    let result = if failed == 0 { "ok" } else { "FAILED" };
    println!("test result: {result}. {passed} passed; {failed} failed; 0 ignored");
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn found_cases(wanted: &Wanted) -> (u64, u64) {
    let (mut passed, mut failed) = (0, 0);
    for Regression {
        name,
        law,
        case: of_name,
    } in regressions::all()
    {
        if wanted
            .filter
            .as_ref()
            .is_some_and(|filter| !name.contains(filter.as_str()))
        {
            continue;
        }
        let Err(broken) = case(&of_name, &wanted.laws) else {
            println!("test {name} ... ok");
            passed += 1;
            continue;
        };
        println!("test {name} ... FAILED\n  {}", broken.what);
        if broken.what.law != law {
            let alone = Laws {
                checked: vec![law],
                known: Vec::new(),
            };
            let and = case(&of_name, &alone).err();
            println!(
                "  and of {law:?} alone: {}",
                and.map_or("nothing".to_owned(), |and| and.what.words)
            );
        }
        if wanted.filter.is_some() {
            println!("{}", broken.story.join("\n"));
        }
        failed += 1;
    }
    (passed, failed)
}

fn random(wanted: &Wanted) -> (u64, u64) {
    let began = Instant::now();
    let limit = wanted.seconds.map(Duration::from_secs);
    let mut laws = wanted.laws.clone();
    let (mut passed, mut failed) = (0, 0);
    let mut seed = wanted.seed;
    loop {
        let is_over = match limit {
            Some(limit) => began.elapsed() >= limit,
            None => seed - wanted.seed >= wanted.cases,
        };
        if is_over {
            break;
        }
        match one(seed, &laws, &wanted.without) {
            None => passed += 1,
            Some(what) => {
                failed += 1;
                println!("  after {} cases", seed - wanted.seed + 1);
                if !wanted.all {
                    break;
                }
                laws.known.push(what.sort());
            }
        }
        seed += 1;
    }
    let tried = passed + failed;
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{tried} cases in {seconds:.1} s, from seed {} on",
        wanted.seed
    );
    (passed, failed)
}

/// The case of a seed; how it breaks a law.
fn one(seed: u64, laws: &Laws, without: &[String]) -> Option<Break> {
    let mut bytes = [0_u8; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut tree = cases().new_tree(&mut runner).expect("a case can be made");
    let current = |tree: &dyn ValueTree<Value = Case>| {
        let mut case = tree.current();
        let left_out = |step: &Step| {
            without
                .iter()
                .any(|name| format!("{step:?}").starts_with(name))
        };
        case.steps.retain(|step| !left_out(step));
        case
    };
    let mut smallest = Smallest::of(current(&tree), laws)?;
    if tree.simplify() {
        while smallest.has_time() {
            let goes_on = if smallest.becomes(current(&tree)) {
                tree.simplify()
            } else {
                tree.complicate()
            };
            if !goes_on {
                break;
            }
        }
    }
    smallest.thin();
    println!("seed {seed} breaks a law. {}", smallest.broken.what);
    println!("{}", smallest.broken.story.join("\n"));
    println!("for regressions.rs:\n{:#?}", smallest.case);
    Some(smallest.broken.what)
}

/// The smallest case so far that breaks a law.
struct Smallest<'l> {
    laws: &'l Laws,
    case: Case,
    broken: Box<Broken>,
    began: Instant,
}

impl<'l> Smallest<'l> {
    fn of(given: Case, laws: &'l Laws) -> Option<Self> {
        let broken = case(&given, laws).err()?;
        let is_known = laws.known.contains(&broken.what.sort());
        (!is_known).then(|| Smallest {
            laws,
            case: given,
            broken,
            began: Instant::now(),
        })
    }

    fn has_time(&self) -> bool {
        self.began.elapsed() < SHRINKING
    }

    /// Whether this case breaks the same law; then it takes the other's place.
    fn becomes(&mut self, smaller: Case) -> bool {
        let Err(broken) = case(&smaller, self.laws) else {
            return false;
        };
        let same = broken.what.law == self.broken.what.law;
        if !same || self.laws.known.contains(&broken.what.sort()) {
            return false;
        }
        self.case = smaller;
        self.broken = broken;
        true
    }

    /// Without each step that it can do without.
    fn thin(&mut self) {
        for place in (0..self.case.steps.len()).rev() {
            let mut smaller = self.case.clone();
            smaller.steps.remove(place);
            if self.has_time() {
                self.becomes(smaller);
            }
        }
    }
}
