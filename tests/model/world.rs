//! One tenant, two hosts, the places where pairs are kept, and the order in which things happen.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use sailpat::client::pool::Pool;
use sailpat_emulator::{Emulator, Gate, Options, Seed};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::beginning::{damaged, files, open_to_all, private_file, seed, vault_source, write_pair};
use crate::clock;
use crate::host::{Doing, Host, Running, call};
use crate::laws::{Break, Cause, Laws};
use crate::oracle::Oracle;
use crate::snapshot::{Holds, Snapshot};
use crate::steps::{
    Act, Id, Into, Keeps, Name, Other, Overlap, Place, Process, Second, Setting, Step, To,
};
use crate::turns::Late;
use crate::vault::{Pair, Vault};

pub type Checked = Result<(), Break>;

/// The plain name of the first token.
pub const FIRST: &str = "first";
pub struct World {
    pub setting: Setting,
    pub tenant: Emulator,
    pub gate: Gate,
    pub vault: Vault,
    folder: TempDir,
    pub hosts: [Host; 2],
    pub pool: Arc<Pool>,
    /// What outlived its process.
    pub late: VecDeque<Late>,
    pub oracle: Oracle,
    /// What happened, in words.
    pub story: Vec<String>,
}

impl World {
    pub async fn new(setting: Setting, laws: Laws) -> World {
        let tenant = Emulator::start(Options {
            rate_limit: None,
            seed: Seed::Json(seed(setting)),
            random_seed: Some(7),
            ..Options::default()
        })
        .expect("the emulator starts");
        // Bearers that nobody uses any more are forgotten in a long run.
        let skew = i64::from(setting.hours) * 3600;
        tenant
            .control(
                "POST",
                "settings",
                json!({"bearerSeconds": 200, "clockSkewSeconds": skew}),
            )
            .expect("the settings are right");
        let gate = tenant.gate();
        let vault = Vault::open().await;
        let folder = clock::folder();
        let path = |name: &str| folder.path().join(name);
        let first = match setting.keeps {
            Keeps::File => json!({"file": path("config.json")}),
            Keeps::Vault => vault_source(&vault),
        };
        let second = match setting.second {
            Second::SamePlace => first.clone(),
            _ => json!({"file": path("second.json")}),
        };
        let state = |number: usize| {
            path(if setting.shared_state {
                "state"
            } else {
                ["state", "state2"][number]
            })
        };
        let hosts = [Host::new(state(0), first), Host::new(state(1), second)];
        let mut world = World {
            setting,
            gate,
            vault,
            hosts,
            pool: Arc::default(),
            late: VecDeque::new(),
            oracle: Oracle::new(laws),
            story: Vec::new(),
            tenant,
            folder,
        };
        world.fill();
        let snapshot = world.snapshot().await;
        world.oracle.begin(snapshot);
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The pairs where they are kept at the beginning.
    fn fill(&self) {
        let pair_of = |name: &str| {
            let tokens = self.tenant.tokens();
            let token = tokens.iter().find(|token| token["name"] == name)?;
            let text = |field: &str| token[field].as_str().unwrap_or_default().to_owned();
            Some((text("id"), text("secret")))
        };
        let first = pair_of(FIRST).expect("the first token is there");
        match self.setting.keeps {
            Keeps::File => write_pair(&self.path("config.json"), &first),
            Keeps::Vault => self.vault.kept.set(Some(first)),
        }
        if let Some(second) = pair_of("second") {
            write_pair(&self.path("second.json"), &second);
        }
        match self.setting.other {
            Other::Missing => {}
            Other::Held => {
                let other = pair_of("other").expect("the other token is there");
                write_pair(&self.path("other.json"), &other);
            }
            Other::Foreign => {
                private_file(
                    &self.path("other.json"),
                    &json!({"BaseURL": "http://127.0.0.1:9"}).to_string(),
                );
            }
        }
    }

    pub async fn step(&mut self, step: Step) -> Checked {
        self.story.push(format!("{step:?}"));
        match step {
            Step::Rotate {
                host,
                process,
                id,
                into,
                overlap,
            } => self.rotate(host.into(), process, id, into, overlap).await,
            Step::Create {
                host,
                process,
                name,
            } => self.create(host.into(), process, name).await,
            Step::Resume {
                host,
                process,
                nth,
                now,
            } => {
                self.carry_on(host.into(), process, nth, "rotation_resume", now)
                    .await
            }
            Step::Undo { host, process, nth } => {
                self.carry_on(host.into(), process, nth, "rotation_undo", false)
                    .await
            }
            Step::Make { host, process } => {
                let doing = self.doing("create");
                let request = json!({"name": "bare"});
                self.begin(host.into(), process, doing, &request).await
            }
            Step::Confirm { host, now } => self.confirm(host.into(), now).await,
            Step::Go { host, requests } => {
                for _ in 0..requests {
                    self.pass(host.into(), None).await?;
                }
                Ok(())
            }
            Step::Finish { host } => self.finish(host.into()).await,
            Step::Answer { host, way } => self.pass(host.into(), Some(way)).await,
            Step::AnswerNext { host, kind, way } => {
                if self.go_until(host.into(), kind).await? {
                    self.pass(host.into(), Some(way)).await?;
                }
                Ok(())
            }
            Step::Kill { host, sent } => self.kill(host.into(), sent).await,
            Step::KillAt { host, kind, sent } => {
                if self.go_until(host.into(), kind).await? {
                    self.kill(host.into(), sent).await?;
                }
                Ok(())
            }
            Step::Deliver => self.deliver().await,
            Step::Remove { token } => {
                let id = self.oracle.id(token);
                self.tenant.remove_token(&id);
                self.observe(Cause::Administrator).await
            }
            Step::Rename { token, to } => self.rename(token, to).await,
            Step::Scope { token } => {
                let id = self.oracle.id(token);
                let narrow = ["sp:my-personal-access-tokens:read"];
                self.tenant.scope_token(&id, Some(&narrow));
                self.oracle.scope_changed();
                self.observe(Cause::Administrator).await
            }
            Step::Place { place, act } => self.meddle(place, act).await,
            Step::Plant { host, token } => self.plant(host.into(), token).await,
        }
    }

    async fn rotate(
        &mut self,
        host: usize,
        process: Process,
        id: Id,
        into: Into,
        overlap: Overlap,
    ) -> Checked {
        let mut request = json!({"verifySeconds": 0.05});
        if let Id::Token(token) = id {
            request["id"] = json!(self.oracle.id(token));
        }
        match into {
            Into::Back => {}
            Into::Other => request["storeIn"] = json!({"file": self.path("other.json")}),
            Into::Caller => request["storeIn"] = json!({"caller": true}),
        }
        match overlap {
            Overlap::None => {}
            Overlap::LessThanASecond => request["overlapSeconds"] = json!(0.9),
            Overlap::Hour => request["overlapSeconds"] = json!(3600),
        }
        let mut doing = self.doing("rotate");
        doing.overlap = overlap;
        self.begin(host, process, doing, &request).await
    }

    async fn create(&mut self, host: usize, process: Process, name: Name) -> Checked {
        let name = if name == Name::First {
            FIRST
        } else {
            "further"
        };
        let request = json!({"body": {"name": name}, "storeIn": {"file": self.path("other.json")}});
        let doing = self.doing("create");
        self.begin(host, process, doing, &request).await
    }

    async fn carry_on(
        &mut self,
        host: usize,
        process: Process,
        nth: u8,
        operation: &'static str,
        now: bool,
    ) -> Checked {
        let rotations = self.oracle.rotations(host);
        if rotations.is_empty() {
            return Ok(());
        }
        let rotation = rotations[usize::from(nth) % rotations.len()].clone();
        let mut request = json!({"rotation": rotation});
        if operation == "rotation_resume" {
            request["now"] = json!(now);
        }
        let mut doing = self.doing(operation);
        doing.now = now;
        doing.rotation = Some(rotation);
        self.begin(host, process, doing, &request).await
    }

    async fn confirm(&mut self, host: usize, now: bool) -> Checked {
        let Some((rotation, (id, secret))) = self.hosts[host].handed.clone() else {
            return Ok(());
        };
        let pair = json!({"clientId": id, "clientSecret": secret});
        let request = json!({"rotation": rotation, "confirm": pair, "now": now});
        let mut doing = self.doing("rotation_resume");
        doing.now = now;
        doing.rotation = Some(rotation);
        self.begin(host, Process::Same, doing, &request).await
    }

    pub fn doing(&self, operation: &'static str) -> Doing {
        Doing {
            operation,
            overlap: Overlap::None,
            now: false,
            rotation: None,
            began: self.oracle.moment,
            earlier: self.oracle.all_rotations(),
            last_list: None,
            list_lied: false,
            creates: Vec::new(),
            requests: 0,
        }
    }

    async fn begin(
        &mut self,
        host: usize,
        process: Process,
        doing: Doing,
        request: &Value,
    ) -> Checked {
        if self.hosts[host].running.is_some() {
            return Ok(());
        }
        let settings = self.hosts[host].settings(self.tenant.url(), process);
        self.begin_with(host, &settings, doing, request).await
    }

    pub async fn begin_with(
        &mut self,
        host: usize,
        settings: &Value,
        doing: Doing,
        request: &Value,
    ) -> Checked {
        let running = Running::begin(doing, settings, request, &self.pool);
        self.hosts[host].running = Some(running);
        self.go_on(host).await
    }

    async fn rename(&mut self, token: u8, to: To) -> Checked {
        let id = self.oracle.id(token);
        let name = match to {
            To::Plain => FIRST.to_owned(),
            To::Within(of) => format!("a {} of old", self.oracle.name(of)),
            To::Behind(of) => format!("copy of {}", self.oracle.name(of)),
            To::Else => "renamed".to_owned(),
        };
        if self.tenant.rename_token(&id, &name) {
            self.oracle.renamed(&id);
        }
        self.observe(Cause::Administrator).await
    }

    async fn meddle(&mut self, place: Place, act: Act) -> Checked {
        let third = (act == Act::ThirdPair).then(|| self.third_pair());
        if place == Place::First && self.setting.keeps == Keeps::Vault {
            let kept = &self.vault.kept;
            match act {
                Act::ReadsOld => self.oracle.first_place_lies = true,
                Act::ReadsTrue => self.oracle.first_place_lies = false,
                _ => {}
            }
            match act {
                Act::Gone => kept.set(None),
                Act::Garbage => kept.lock(),
                Act::Damaged => kept.set(kept.pair().map(damaged)),
                Act::ThirdPair => kept.set(third),
                Act::ReadsOld => kept.lie(Some(self.oracle.first_pair())),
                Act::ReadsTrue => kept.mend(),
            }
            return self.observe(Cause::Administrator).await;
        }
        let path = self.path(match place {
            Place::First => "config.json",
            Place::Second => "second.json",
            Place::Other => "other.json",
        });
        match act {
            Act::Gone => drop(std::fs::remove_file(&path)),
            Act::Garbage => private_file(&path, "{\"ClientId\": \"f1f1"),
            Act::Damaged => {
                if let Some(pair) = Holds::of_file(&path).pair().cloned() {
                    write_pair(&path, &damaged(pair));
                }
            }
            Act::ThirdPair => {
                let third = third.expect("one was made");
                write_pair(&path, &third);
            }
            Act::ReadsOld | Act::ReadsTrue => return Ok(()),
        }
        self.observe(Cause::Administrator).await
    }

    /// A new token of the first owner, made by an administrator.
    fn third_pair(&self) -> Pair {
        let name = format!("third {}", self.tenant.tokens().len());
        let made = self.tenant.control(
            "POST",
            "tokens",
            json!([{"name": name, "owner": "owner-a"}]),
        );
        let made = made.expect("a token can be added");
        let text = |field: &str| made[0][field].as_str().unwrap_or_default().to_owned();
        (text("id"), text("secret"))
    }

    async fn plant(&mut self, host: usize, token: u8) -> Checked {
        let rotation = format!("20260101-000000-{:08x}", self.story.len());
        let old = self.oracle.id(token);
        let new = self.oracle.first_pair().0;
        let store = match self.setting.keeps {
            Keeps::File => json!({"file": self.path("config.json"), "format": "json"}),
            Keeps::Vault => vault_source(&self.vault),
        };
        let plan = json!({
            "time": "2026-01-01T00:00:00.000Z", "step": "begin", "rotation": rotation, "kind": "rotation",
            "baseUrl": self.tenant.url(), "apiVersion": "v2024", "name": "planted", "oldId": old,
            "ownerId": "owner-a", "storeIn": store, "backup": null, "overlapSeconds": 0,
        });
        let step = |step: Value| {
            let mut line = json!({"time": "2026-01-01T00:00:01.000Z"});
            line.as_object_mut()
                .expect("an object")
                .extend(step.as_object().expect("an object").clone());
            line
        };
        let lines = [
            plan,
            step(json!({"step": "creating", "attempt": 1})),
            step(json!({"step": "created", "newId": new})),
            step(json!({"step": "verified"})),
            step(json!({"step": "stored"})),
        ];
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let folder = self.hosts[host].state.join("rotations");
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join(format!("{rotation}.jsonl"));
        std::fs::write(&path, text).expect("a journal");
        open_to_all(&path);
        self.oracle.planted(rotation);
        self.observe(Cause::Administrator).await
    }

    pub async fn snapshot(&self) -> Snapshot {
        let first = match self.setting.keeps {
            Keeps::File => Holds::of_file(&self.path("config.json")),
            Keeps::Vault => self.vault.kept.pair().map_or(Holds::Nothing, Holds::Pair),
        };
        let mut places = vec![
            ("the first place".to_owned(), first),
            (
                "second.json".to_owned(),
                Holds::of_file(&self.path("second.json")),
            ),
            (
                "other.json".to_owned(),
                Holds::of_file(&self.path("other.json")),
            ),
        ];
        for (number, host) in self.hosts.iter().enumerate() {
            if let Some((_, pair)) = &host.handed {
                places.push((format!("caller {number}"), Holds::Pair(pair.clone())));
            }
            for pair in &host.given {
                places.push((
                    format!("caller {number} of a create"),
                    Holds::Pair(pair.clone()),
                ));
            }
        }
        let mut journals = Vec::new();
        for host in &self.hosts {
            let settings = json!({"stateFolder": host.state, "environment": {}});
            let reply = call(
                &settings,
                "rotation_list",
                &json!({}),
                Arc::default(),
                self.pool.clone(),
            )
            .await;
            journals.push(reply["data"].as_array().cloned().unwrap_or_default());
        }
        Snapshot {
            tokens: self.tenant.tokens(),
            places,
            backups: self
                .hosts
                .iter()
                .flat_map(|host| files(&host.state))
                .collect(),
            journals,
        }
    }

    /// Looks at everything, and judges what is different.
    pub async fn observe(&mut self, cause: Cause) -> Checked {
        let snapshot = self.snapshot().await;
        self.oracle.observe(&cause, snapshot)
    }
}
