//! Turns: one host at a time goes on, until its next request or its store waits for the model. Whatever else
//! happens, happens between two turns.

use std::time::Duration;

use sailpat::client::monitor::Monitor;
use sailpat_emulator::Held;
use serde_json::{Value, json};

use crate::clock;
use crate::host::{Doing, Running};
use crate::laws::{Break, Cause, Law};
use crate::steps::{Kind, Sent, Way};
use crate::vault::Ask;
use crate::world::{Checked, World};

/// An operation that goes on for longer is ended by its user.
const MOST_REQUESTS: u32 = 80;
const MOST_PAUSES: u32 = 30;
/// So many ticks without anything: it sleeps without saying so.
const QUIET: u32 = 4;
const SLEEP: Duration = Duration::from_millis(200);
/// So many ticks without anything: it hangs.
const HANGS: u32 = 15_000;

/// What outlived its process.
pub enum Late {
    Request(Held, usize, Doing),
    Store(Ask, usize),
}

enum Came {
    Waits,
    Ended(Value),
    Hangs,
}

/// The body of a request that makes a token names it.
fn created_name(held: &Held) -> Option<String> {
    if held.kind() != "create" {
        return None;
    }
    let body: Value = serde_json::from_slice(held.body()).ok()?;
    body["name"].as_str().map(str::to_owned)
}

fn words(held: &Held) -> String {
    let about = created_name(held).or(held.id().map(str::to_owned));
    format!("{} {}", held.kind(), about.unwrap_or_default())
}

impl World {
    /// Lets a host's waiting request through, or its store, and the host go on until the next.
    pub async fn pass(&mut self, host: usize, way: Option<Way>) -> Checked {
        let Some(running) = &mut self.hosts[host].running else {
            return Ok(());
        };
        if let Some(held) = running.held.take() {
            let fault = way.and_then(|way| fault(way, &held, |token| self.oracle.id(token)));
            self.story.push(match &fault {
                Some(fault) => format!("  host {host}: {} but {fault}", words(&held)),
                None => format!("  host {host}: {}", words(&held)),
            });
            self.let_through(host, held, fault).await?;
        } else if let Some(ask) = running.ask.take() {
            self.story.push(format!("  host {host}: store {way:?}"));
            self.store(host, ask, way).await?;
        }
        self.go_on(host).await
    }

    async fn let_through(&mut self, host: usize, held: Held, fault: Option<Value>) -> Checked {
        let Some(running) = &mut self.hosts[host].running else {
            return Ok(());
        };
        let doing = &mut running.doing;
        doing.requests += 1;
        doing.list_lied |= fault.is_some() && held.kind() == "list";
        if let Some(name) = created_name(&held) {
            if doing.creates.contains(&name) {
                let words = format!("the create of {name} was sent twice");
                self.oracle.judge(Law::Once, words)?;
            }
            doing.creates.push(name);
        }
        if held.kind() == "list" && fault.is_none() {
            doing.last_list = Some(self.oracle.moment);
        }
        let cause = Cause::Request {
            host,
            doing: doing.clone(),
        };
        held.pass(fault.as_ref()).await;
        self.observe(cause).await
    }

    /// A store as the external command does it, or does not.
    async fn store(&mut self, host: usize, ask: Ask, way: Option<Way>) -> Checked {
        let does = !matches!(
            way,
            Some(Way::NeverArrives | Way::Status(_) | Way::StatusForLong(_) | Way::TooLate)
        );
        if does {
            self.vault.kept.set(Some(ask.pair.clone()));
        }
        match way {
            Some(
                Way::NeverArrives
                | Way::Status(_)
                | Way::StatusForLong(_)
                | Way::ReplyLost
                | Way::StatusAfter(_),
            ) => drop(ask),
            Some(Way::TooLate) => self.late.push_back(Late::Store(ask, host)),
            _ => ask.answer().await,
        }
        self.observe(Cause::Store {
            host,
            is_late: false,
        })
        .await
    }

    pub async fn finish(&mut self, host: usize) -> Checked {
        while self.hosts[host].running.is_some() {
            self.pass(host, None).await?;
        }
        Ok(())
    }

    /// Lets a host go on until such a request, or its store, waits; false where none comes.
    pub async fn go_until(&mut self, host: usize, kind: Kind) -> Result<bool, Break> {
        while let Some(running) = &self.hosts[host].running {
            if running.held_kind() == Some(kind.name()) {
                return Ok(true);
            }
            self.pass(host, None).await?;
        }
        Ok(false)
    }

    /// Ends a process. Its locks go with it; what it had sent may still be carried out.
    pub async fn kill(&mut self, host: usize, sent: Sent) -> Checked {
        let Some(running) = self.hosts[host].running.take() else {
            return Ok(());
        };
        let Running {
            held,
            ask,
            doing,
            work,
            ..
        } = running;
        drop(work);
        let late = held.map(|held| Late::Request(held, host, doing));
        let Some(late) = late.or(ask.map(|ask| Late::Store(ask, host))) else {
            return Ok(());
        };
        // Nobody can know of a removal that comes about when all is over.
        let is_removal = matches!(&late, Late::Request(held, ..) if held.kind() == "delete");
        match sent {
            Sent::Never => Ok(()),
            Sent::Later if !is_removal => {
                self.late.push_back(late);
                Ok(())
            }
            Sent::Done | Sent::Later => self.carry_out(late, false).await,
        }
    }

    pub async fn deliver(&mut self) -> Checked {
        match self.late.pop_front() {
            Some(late) => self.carry_out(late, true).await,
            None => Ok(()),
        }
    }

    async fn carry_out(&mut self, late: Late, is_late: bool) -> Checked {
        match late {
            Late::Request(held, host, doing) => {
                let words = words(&held);
                self.story
                    .push(format!("  of a process of host {host} that ended: {words}"));
                let cause = Cause::Request { host, doing };
                held.pass(None).await;
                self.observe(cause).await
            }
            Late::Store(ask, host) => {
                self.story
                    .push(format!("  of a process of host {host} that ended: store"));
                self.vault.kept.set(Some(ask.pair.clone()));
                ask.answer().await;
                self.observe(Cause::Store { host, is_late }).await
            }
        }
    }

    /// Lets a host go on until its next request or store waits for the model, or its end.
    pub async fn go_on(&mut self, host: usize) -> Checked {
        let waits = |running: &Running| running.held.is_some() || running.ask.is_some();
        if self.hosts[host].running.as_ref().is_none_or(waits) {
            return Ok(());
        }
        match self.come(host).await {
            Came::Waits => self.arrived(host).await,
            Came::Ended(reply) => self.ended(host, reply).await,
            Came::Hangs => Err(Break {
                law: Law::Ends,
                words: format!("host {host} does nothing any more"),
            }),
        }
    }

    async fn arrived(&mut self, host: usize) -> Checked {
        let Some(running) = &self.hosts[host].running else {
            return Ok(());
        };
        let is_endless = running.doing.requests > MOST_REQUESTS || running.pauses > MOST_PAUSES;
        let doing = running.doing.clone();
        self.observe(Cause::Host { host, doing }).await?;
        if is_endless {
            self.story.push(format!("  host {host}: its user gives up"));
            return self.kill(host, Sent::Never).await;
        }
        Ok(())
    }

    async fn ended(&mut self, host: usize, mut reply: Value) -> Checked {
        let Some(running) = self.hosts[host].running.take() else {
            return Ok(());
        };
        let pair = reply["data"]["pair"].take();
        let secret = reply["data"]["secret"].take();
        if let (Some(id), Some(secret)) = (reply["data"]["id"].as_str(), secret.as_str()) {
            let pair = (id.to_owned(), secret.to_owned());
            self.hosts[host].given.push(pair);
            reply["data"]["secret"] = json!("given");
        }
        if let (Some(id), Some(secret)) = (pair["clientId"].as_str(), pair["clientSecret"].as_str())
        {
            let rotation = reply["data"]["rotation"].as_str().unwrap_or_default();
            self.hosts[host].handed =
                Some((rotation.to_owned(), (id.to_owned(), secret.to_owned())));
        }
        self.story
            .push(format!("  host {host}: {}", outcome(&reply)));
        self.observe(Cause::End {
            host,
            doing: running.doing,
            reply,
            lines: running.monitor.lines(),
        })
        .await
    }

    /// Polls it. Its sleeps take no time: the clock goes on at once.
    async fn come(&mut self, host: usize) -> Came {
        let World {
            hosts, gate, vault, ..
        } = self;
        let Some(running) = hosts[host].running.as_mut() else {
            return Came::Ended(json!({}));
        };
        let mut quiet = 0;
        loop {
            tokio::select! {
                biased;
                reply = &mut running.work => return Came::Ended(reply),
                held = gate.next() => {
                    running.held = Some(held);
                    return Came::Waits;
                }
                ask = vault.next() => {
                    running.ask = Some(ask);
                    return Came::Waits;
                }
                left = pause(&running.monitor) => {
                    running.pauses += 1;
                    tokio::time::advance(left + Duration::from_millis(1)).await;
                }
                () = clock::tick() => {
                    quiet += 1;
                    if quiet % QUIET == 0 {
                        tokio::time::advance(SLEEP).await;
                    }
                    if quiet > HANGS {
                        return Came::Hangs;
                    }
                }
            }
        }
    }
}

/// Ready where the operation says that it sleeps.
async fn pause(monitor: &Monitor) -> Duration {
    match monitor.wait() {
        Some((left, _)) => left,
        None => std::future::pending().await,
    }
}

/// A reply that is no good, where it fits the request.
fn fault(way: Way, held: &Held, id: impl Fn(u8) -> String) -> Option<Value> {
    Some(match way {
        Way::NeverArrives => json!({"drop": "beforeCommit"}),
        Way::ReplyLost => json!({"drop": "afterCommit"}),
        Way::Status(status) if status < 300 => json!({"status": status, "body": "{}"}),
        Way::Status(status) => json!({"status": status}),
        Way::StatusForLong(status) => json!({"status": status, "headers": {"retry-after": "100"}}),
        Way::StatusAfter(status) => json!({"statusAfterCommit": status}),
        Way::WithoutSecret if held.kind() == "create" => json!({"withoutField": "secret"}),
        Way::LeavesOut(token) if held.kind() == "list" => json!({"leaveOut": id(token)}),
        Way::EmptyList if held.kind() == "list" => json!({"rawBody": "[]"}),
        Way::Twice => json!({"twice": true}),
        Way::Page => json!({"html": true}),
        Way::WithoutSecret | Way::LeavesOut(_) | Way::EmptyList | Way::TooLate => return None,
    })
}

fn outcome(reply: &Value) -> String {
    if reply["ok"] == true {
        format!("ends, {}", reply["data"]["state"])
    } else {
        let error = &reply["error"];
        format!(
            "ends, {}: {} ({})",
            error["code"].as_str().unwrap_or_default(),
            error["message"].as_str().unwrap_or_default(),
            error["remedy"].as_str().unwrap_or_default(),
        )
    }
}
