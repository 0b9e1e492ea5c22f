//! A clock that is days ahead, for `cargo xtask test --ahead`: libfaketime, preloaded into what the steps start, shows
//! which test has a date that time will make wrong.

use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};

use crate::process;

const LIMIT: Duration = Duration::from_secs(10);
const DAY: u64 = 24 * 60 * 60;

pub struct Clock {
    days: u32,
    /// The shim as the linker finds it, in the words of LD_PRELOAD.
    shim: String,
}

impl Clock {
    /// Asks `faketime` where its shim is, and looks whether that does what it is for: one that did nothing would let
    /// every test pass.
    pub fn ahead(days: u32) -> Result<Self> {
        let lacking = "no clock can be put ahead: faketime is not installed";
        let faketime = process::find("faketime").context(lacking)?;
        let mut ask = Command::new(faketime);
        ask.args(["-m", "-f", "+0", "printenv", "LD_PRELOAD"]);
        let shim = process::check(&mut ask, LIMIT)?.trim().to_owned();
        let clock = Self { days, shim };
        clock.is_ahead()?;
        Ok(clock)
    }

    /// What gives a program, and whatever it starts, this clock. Spans stay true, and so do the times of files.
    pub fn variables(&self) -> [(&'static str, String); 4] {
        [
            ("LD_PRELOAD", self.shim.clone()),
            ("FAKETIME", format!("+{}d", self.days)),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("NO_FAKE_STAT", "1".to_owned()),
        ]
    }

    /// The same as a setting of cargo, for the tests that it starts. cargo itself and its compilers have the true clock:
    /// they tell by it what is to be built, and rustdoc's allocator and the shim wait for each other for ever.
    pub fn runner(&self) -> String {
        let words = self
            .variables()
            .map(|(name, value)| format!("{name}={value}"));
        let quoted = std::iter::once("env".to_owned())
            .chain(words)
            .map(|word| format!("'{word}'"));
        format!(
            "target.'cfg(all())'.runner=[{}]",
            quoted.collect::<Vec<_>>().join(",")
        )
    }

    fn is_ahead(&self) -> Result<()> {
        let mut date = Command::new("date");
        date.envs(self.variables()).arg("+%s");
        let said = process::check(&mut date, LIMIT)?;
        let shown: u64 = said.trim().parse().context("date shows no seconds")?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let wanted = now + u64::from(self.days) * DAY;
        ensure!(
            shown.abs_diff(wanted) < 60,
            "{} does not put the clock ahead",
            self.shim
        );
        Ok(())
    }
}
