//! Cases made at random, and how each gets smaller.

use proptest::prelude::*;

use crate::steps::{
    Act, Case, Id, Into, Keeps, Kind, Name, Old, Other, Overlap, Place, Process, Second, Sent,
    Setting, Step, To, Way,
};

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
        3 => stopped(),
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

/// An operation that stops in the middle, something that happens then, and how it is carried on.
fn stopped() -> impl Strategy<Value = Vec<Step>> {
    let overlap = Just(Step::KillAt {
        host: 0,
        kind: Kind::Delete,
        sent: Sent::Never,
    });
    let kill = (kind(), sent()).prop_map(|(kind, sent)| Step::KillAt {
        host: 0,
        kind,
        sent,
    });
    let stops = prop_oneof![overlap, kill];
    let meanwhile = prop::option::of(meddling());
    let later = prop_oneof![
        (process(), any::<bool>()).prop_map(|(process, now)| Step::Resume {
            host: 0,
            process,
            nth: 0,
            now
        }),
        process().prop_map(|process| Step::Undo {
            host: 0,
            process,
            nth: 0
        }),
    ];
    let overlap = prop_oneof![Just(Overlap::None), Just(Overlap::Hour)];
    (overlap, stops, meanwhile, later).prop_map(|(overlap, stops, meanwhile, later)| {
        let rotate = Step::Rotate {
            host: 0,
            process: Process::Same,
            id: Id::InUse,
            into: Into::Back,
            overlap,
        };
        let finish = Step::Finish { host: 0 };
        let steps = [
            Some(rotate),
            Some(stops),
            meanwhile,
            Some(later),
            Some(finish),
        ];
        steps.into_iter().flatten().collect()
    })
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
