//! What can happen, and in which world. The `Debug` form of a case is Rust again: what a run prints goes into
//! `found.rs` as it stands.

use proptest::prelude::*;

/// A world and what happens in it.
#[derive(Clone, Debug)]
pub struct Case {
    pub setting: Setting,
    pub steps: Vec<Step>,
}

/// How two hosts stand to each other, and what is there at the beginning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// Both hosts have one state folder, and with it one lock; else each has its own.
    pub shared_state: bool,
    /// Whose token the second host uses, and where it is kept.
    pub second: Second,
    pub keeps: Keeps,
    pub old: Old,
    /// What `other.json` holds at the beginning.
    pub other: Other,
    /// The service's clock is ahead of the hosts' by so many hours.
    pub hours: i8,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Second {
    /// The same token, in the same place as the first host.
    SamePlace,
    /// Another token of the same owner, in a file of its own.
    SameOwner,
    /// Another owner's token, in a file of its own.
    OtherOwner,
}

/// Where the first token's pair is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Keeps {
    File,
    /// An external command.
    Vault,
}

/// How the first token looks in a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Old {
    Plain,
    /// Two scopes, 900 seconds, 30 days.
    Narrow,
    /// The same, its seconds written as text.
    SecondsAsText,
    SecondsUnreadable,
    EmptyScope,
    ScopeUnreadable,
    EndUnreadable,
    ManagedAsText,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Other {
    Missing,
    /// The pair of another living token of the first owner.
    Held,
    /// The address of another tenant.
    Foreign,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// A host begins an operation, where it has none under way. It stops before its first request.
    Rotate {
        host: u8,
        process: Process,
        id: Id,
        into: Into,
        overlap: Overlap,
    },
    Create {
        host: u8,
        process: Process,
        name: Name,
    },
    Resume {
        host: u8,
        process: Process,
        nth: u8,
        now: bool,
    },
    Undo {
        host: u8,
        process: Process,
        nth: u8,
    },
    /// Makes a token whose secret is in the reply alone.
    Make {
        host: u8,
        process: Process,
    },
    /// The caller who was handed a pair confirms it.
    Confirm {
        host: u8,
        now: bool,
    },
    /// A host's next requests, and what its store does, go as they should.
    Go {
        host: u8,
        requests: u8,
    },
    /// It goes to its end.
    Finish {
        host: u8,
    },
    /// The host's waiting request gets a reply that is no good.
    Answer {
        host: u8,
        way: Way,
    },
    /// The first of these that comes does.
    AnswerNext {
        host: u8,
        kind: Kind,
        way: Way,
    },
    /// A host's process ends, its request or store being on the way.
    Kill {
        host: u8,
        sent: Sent,
    },
    /// It is killed when its next request of this kind, or its store, is on the way.
    KillAt {
        host: u8,
        kind: Kind,
        sent: Sent,
    },
    /// A request or a store that outlived its process is carried out.
    Deliver,
    /// What an administrator does. The tokens are counted as they were made.
    Remove {
        token: u8,
    },
    Rename {
        token: u8,
        to: To,
    },
    Scope {
        token: u8,
    },
    /// Somebody does something to a place where a pair is kept.
    Place {
        place: Place,
        act: Act,
    },
    /// Somebody writes a journal into a state folder that others may write: it says that its rotation is about to
    /// remove this token.
    Plant {
        host: u8,
        token: u8,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Process {
    /// With the bearers that it had.
    Same,
    Fresh,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Id {
    InUse,
    Token(u8),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Into {
    /// Where the old pair came from.
    Back,
    Other,
    Caller,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Overlap {
    None,
    LessThanASecond,
    Hour,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Name {
    Further,
    /// The plain name of the first token.
    First,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Token,
    List,
    Create,
    Patch,
    Delete,
    /// An external command that stores.
    Store,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Token => "token",
            Kind::List => "list",
            Kind::Create => "create",
            Kind::Patch => "patch",
            Kind::Delete => "delete",
            Kind::Store => "store",
        }
    }
}

/// A reply that is no good; of a store, one that is not true.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    /// The connection ends before the request is carried out.
    NeverArrives,
    /// It ends afterwards.
    ReplyLost,
    /// Not carried out, and a status that says something else.
    Status(u16),
    /// The same, and the client should come back when it has given up.
    StatusForLong(u16),
    /// Carried out, and a status that says something else.
    StatusAfter(u16),
    WithoutSecret,
    /// The list lacks this token.
    LeavesOut(u8),
    EmptyList,
    /// Somebody on the way sends it twice.
    Twice,
    Page,
    /// A store is not done before its command's limit is over, and maybe later.
    TooLate,
}

/// What becomes of what a killed process sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sent {
    Never,
    Done,
    /// It is carried out when somebody says `Deliver`, or at the end. A removal is carried out at once.
    Later,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum To {
    /// The name that the first token has at the beginning.
    Plain,
    /// The name of another token, and more behind it.
    Within(u8),
    /// More, and behind it the name of another token.
    Behind(u8),
    Else,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    First,
    Second,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Act {
    Gone,
    Garbage,
    /// The secret is another one.
    Damaged,
    /// A pair of a new token that an administrator made for the first owner.
    ThirdPair,
    /// An external command answers reads with what it held at the beginning.
    ReadsOld,
    /// It answers truly again.
    ReadsTrue,
}

fn host() -> impl Strategy<Value = u8> {
    prop_oneof![3 => Just(0_u8), 2 => Just(1)]
}

fn token() -> impl Strategy<Value = u8> {
    0_u8..6
}

fn process() -> impl Strategy<Value = Process> {
    prop_oneof![Just(Process::Same), Just(Process::Fresh)]
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Token),
        Just(Kind::List),
        Just(Kind::Create),
        Just(Kind::Patch),
        Just(Kind::Delete),
        Just(Kind::Store),
    ]
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![
        Just(Way::NeverArrives),
        Just(Way::ReplyLost),
        prop_oneof![
            Just(200),
            Just(204),
            Just(400),
            Just(401),
            Just(403),
            Just(404),
            Just(500)
        ]
        .prop_map(Way::Status),
        prop_oneof![Just(401), Just(429), Just(503)].prop_map(Way::StatusForLong),
        prop_oneof![Just(401), Just(404), Just(500), Just(502)].prop_map(Way::StatusAfter),
        Just(Way::WithoutSecret),
        token().prop_map(Way::LeavesOut),
        Just(Way::EmptyList),
        Just(Way::Twice),
        Just(Way::Page),
    ]
}

fn sent() -> impl Strategy<Value = Sent> {
    prop_oneof![Just(Sent::Never), Just(Sent::Done), Just(Sent::Later)]
}

fn begin() -> impl Strategy<Value = Step> {
    let id = prop_oneof![5 => Just(Id::InUse), 1 => token().prop_map(Id::Token)];
    let into = prop_oneof![6 => Just(Into::Back), 2 => Just(Into::Other), 1 => Just(Into::Caller)];
    let overlap = prop_oneof![
        5 => Just(Overlap::None), 1 => Just(Overlap::LessThanASecond), 4 => Just(Overlap::Hour)
    ];
    let name = prop_oneof![Just(Name::Further), Just(Name::First)];
    prop_oneof![
        6 => (host(), process(), id, into, overlap).prop_map(|(host, process, id, into, overlap)| {
            Step::Rotate { host, process, id, into, overlap }
        }),
        1 => (host(), process(), name)
            .prop_map(|(host, process, name)| Step::Create { host, process, name }),
        4 => (host(), process(), 0_u8..3, any::<bool>())
            .prop_map(|(host, process, nth, now)| Step::Resume { host, process, nth, now }),
        3 => (host(), process(), 0_u8..3)
            .prop_map(|(host, process, nth)| Step::Undo { host, process, nth }),
        1 => (host(), process()).prop_map(|(host, process)| Step::Make { host, process }),
        1 => (host(), any::<bool>()).prop_map(|(host, now)| Step::Confirm { host, now }),
    ]
}

fn going() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => host().prop_map(|host| Step::Finish { host }),
        3 => (host(), 1_u8..8).prop_map(|(host, requests)| Step::Go { host, requests }),
        2 => (host(), way()).prop_map(|(host, way)| Step::Answer { host, way }),
        4 => (host(), kind(), way())
            .prop_map(|(host, kind, way)| Step::AnswerNext { host, kind, way }),
        1 => (host(), sent()).prop_map(|(host, sent)| Step::Kill { host, sent }),
        3 => (host(), kind(), sent())
            .prop_map(|(host, kind, sent)| Step::KillAt { host, kind, sent }),
        1 => Just(Step::Deliver),
    ]
}

fn meddling() -> impl Strategy<Value = Step> {
    let to = prop_oneof![
        Just(To::Plain),
        token().prop_map(To::Within),
        token().prop_map(To::Behind),
        Just(To::Else),
    ];
    let place =
        prop_oneof![3 => Just(Place::First), 1 => Just(Place::Second), 1 => Just(Place::Other)];
    let act = prop_oneof![
        Just(Act::Gone),
        Just(Act::Garbage),
        Just(Act::Damaged),
        Just(Act::ThirdPair),
        Just(Act::ReadsOld),
        Just(Act::ReadsTrue),
    ];
    prop_oneof![
        4 => token().prop_map(|token| Step::Remove { token }),
        3 => (token(), to).prop_map(|(token, to)| Step::Rename { token, to }),
        1 => token().prop_map(|token| Step::Scope { token }),
        4 => (place, act).prop_map(|(place, act)| Step::Place { place, act }),
        1 => (host(), token()).prop_map(|(host, token)| Step::Plant { host, token }),
    ]
}

fn setting() -> impl Strategy<Value = Setting> {
    let second = prop_oneof![
        3 => Just(Second::SamePlace), 1 => Just(Second::SameOwner), 1 => Just(Second::OtherOwner)
    ];
    let keeps = prop_oneof![5 => Just(Keeps::File), 1 => Just(Keeps::Vault)];
    let old = prop_oneof![
        8 => Just(Old::Plain),
        2 => Just(Old::Narrow),
        1 => Just(Old::SecondsAsText),
        1 => Just(Old::SecondsUnreadable),
        1 => Just(Old::EmptyScope),
        1 => Just(Old::ScopeUnreadable),
        1 => Just(Old::EndUnreadable),
        1 => Just(Old::ManagedAsText),
    ];
    let other =
        prop_oneof![3 => Just(Other::Missing), 1 => Just(Other::Held), 1 => Just(Other::Foreign)];
    let hours = prop_oneof![6 => Just(0_i8), 1 => Just(-25), 1 => Just(25)];
    (any::<bool>(), second, keeps, old, other, hours).prop_map(
        |(shared_state, second, keeps, old, other, hours)| Setting {
            shared_state,
            second,
            keeps,
            old,
            other,
            hours,
        },
    )
}

/// What often goes together: an operation and how it goes on.
fn episode() -> impl Strategy<Value = Vec<Step>> {
    let single = prop_oneof![5 => begin(), 8 => going(), 6 => meddling()];
    prop_oneof![
        6 => single.prop_map(|step| vec![step]),
        3 => begin().prop_map(|step| vec![step, Step::Finish { host: host_of(step) }]),
        1 => (begin(), kind(), way()).prop_map(|(step, kind, way)| {
            let host = host_of(step);
            vec![step, Step::AnswerNext { host, kind, way }, Step::Finish { host }]
        }),
        1 => (begin(), kind(), sent()).prop_map(|(step, kind, sent)| {
            vec![step, Step::KillAt { host: host_of(step), kind, sent }]
        }),
    ]
}

fn host_of(step: Step) -> u8 {
    match step {
        Step::Rotate { host, .. }
        | Step::Create { host, .. }
        | Step::Resume { host, .. }
        | Step::Undo { host, .. }
        | Step::Make { host, .. }
        | Step::Confirm { host, .. } => host,
        _ => 0,
    }
}

pub fn cases() -> impl Strategy<Value = Case> {
    (setting(), prop::collection::vec(episode(), 1..12)).prop_map(|(setting, episodes)| Case {
        setting,
        steps: episodes.concat(),
    })
}
