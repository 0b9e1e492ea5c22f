//! What can happen, and in which world. The `Debug` form of a case is Rust again: what a run prints goes into
//! `regressions.rs` as it stands.

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
