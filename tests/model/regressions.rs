//! Cases that broke a law once, found at random or written down from what was seen, each with the law. They run
//! every time, whatever else does.

use crate::laws::Law;
use crate::steps::Kind::{Create, Delete, Patch, Store};
use crate::steps::Process::{Fresh, Same};
use crate::steps::{
    Act, Case, Id, Into, Keeps, Kind, Name, Old, Other, Overlap, Place, Process, Second, Sent,
    Setting, Step, To, Way,
};

pub struct Regression {
    pub name: &'static str,
    pub law: Law,
    pub case: Case,
}

const ONE_FILE: Setting = Setting {
    shared_state: true,
    second: Second::SamePlace,
    keeps: Keeps::File,
    old: Old::Plain,
    other: Other::Missing,
    hours: 0,
};
const TWO_FOLDERS: Setting = Setting {
    shared_state: false,
    ..ONE_FILE
};
const VAULT: Setting = Setting {
    keeps: Keeps::Vault,
    ..ONE_FILE
};
const TWO_OWNERS: Setting = Setting {
    second: Second::OtherOwner,
    ..ONE_FILE
};

const fn with_old(old: Old) -> Setting {
    Setting { old, ..ONE_FILE }
}

const fn with_other(other: Other) -> Setting {
    Setting { other, ..ONE_FILE }
}

fn rotate(host: u8) -> Step {
    rotate_with(host, Into::Back, Overlap::None)
}

fn rotate_into(host: u8, into: Into) -> Step {
    rotate_with(host, into, Overlap::None)
}

fn overlap(host: u8) -> Step {
    rotate_with(host, Into::Back, Overlap::Hour)
}

fn rotate_with(host: u8, into: Into, overlap: Overlap) -> Step {
    Step::Rotate {
        host,
        process: Same,
        id: Id::InUse,
        into,
        overlap,
    }
}

fn create(host: u8) -> Step {
    Step::Create {
        host,
        process: Same,
        name: Name::Further,
    }
}

fn finish(host: u8) -> Step {
    Step::Finish { host }
}

fn go(host: u8, requests: u8) -> Step {
    Step::Go { host, requests }
}

fn kill_at(kind: Kind, sent: Sent) -> Step {
    Step::KillAt {
        host: 0,
        kind,
        sent,
    }
}

fn answer(kind: Kind, way: Way) -> Step {
    Step::AnswerNext { host: 0, kind, way }
}

fn resume(host: u8, process: Process, nth: u8) -> Step {
    Step::Resume {
        host,
        process,
        nth,
        now: true,
    }
}

fn undo(host: u8, process: Process, nth: u8) -> Step {
    Step::Undo { host, process, nth }
}

fn first_place(act: Act) -> Step {
    Step::Place {
        place: Place::First,
        act,
    }
}

fn remove(token: u8) -> Step {
    Step::Remove { token }
}

fn regression(name: &'static str, law: Law, setting: Setting, steps: Vec<Step>) -> Regression {
    Regression {
        name,
        law,
        case: Case { setting, steps },
    }
}

pub fn all() -> Vec<Regression> {
    let all = [
        marks(),
        proofs(),
        slow_stores(),
        undoing(),
        overwriting(),
        successors(),
        replies(),
        others(),
    ];
    all.into_iter().flatten().collect()
}

fn marks() -> Vec<Regression> {
    vec![
        regression(
            "marks_two_hosts_rotate_one_file_and_one_of_them_again",
            Law::Removal,
            TWO_FOLDERS,
            vec![
                rotate(0),
                go(0, 4),
                rotate(1),
                go(1, 4),
                finish(0),
                finish(1),
                rotate(1),
                finish(1),
                rotate(1),
                finish(1),
            ],
        ),
        regression(
            "marks_a_removal_that_was_answered_404_and_two_more_rotations",
            Law::Removal,
            ONE_FILE,
            vec![
                rotate(0),
                answer(Delete, Way::Status(404)),
                finish(0),
                rotate(0),
                finish(0),
                rotate(0),
                finish(0),
            ],
        ),
        regression(
            "marks_the_other_host_rotates_in_an_overlap_that_is_undone",
            Law::Removal,
            TWO_FOLDERS,
            vec![
                overlap(0),
                finish(0),
                rotate(1),
                finish(1),
                undo(0, Fresh, 0),
                finish(0),
            ],
        ),
        regression(
            "marks_two_overlaps_of_one_token_and_once_more",
            Law::Removal,
            TWO_FOLDERS,
            vec![
                rotate_with(0, Into::Other, Overlap::Hour),
                finish(0),
                overlap(1),
                finish(1),
                // The end of the case resumes both and rotates once more on each host.
            ],
        ),
        regression(
            "marks_a_token_is_renamed_to_a_name_with_another_mark_in_it",
            Law::Removal,
            ONE_FILE,
            vec![
                create(0),
                finish(0),
                rotate(0),
                kill_at(Create, Sent::Done),
                Step::Rename {
                    token: 1,
                    to: To::Within(2),
                },
                resume(0, Fresh, 1),
                finish(0),
            ],
        ),
        regression(
            "marks_a_token_is_renamed_to_a_name_that_ends_in_another_mark",
            Law::Removal,
            ONE_FILE,
            vec![
                create(0),
                finish(0),
                rotate(0),
                kill_at(Create, Sent::Done),
                Step::Rename {
                    token: 1,
                    to: To::Behind(2),
                },
                resume(0, Fresh, 1),
                finish(0),
            ],
        ),
    ]
}

fn proofs() -> Vec<Regression> {
    vec![
        regression(
            "proof_the_new_token_is_removed_in_the_overlap_and_the_same_process_resumes",
            Law::Proof,
            ONE_FILE,
            vec![
                overlap(0),
                finish(0),
                remove(1),
                resume(0, Same, 0),
                finish(0),
            ],
        ),
        regression(
            "proof_the_old_token_is_removed_by_hand_and_then_undone_with_a_stale_bearer",
            Law::LastCopy,
            ONE_FILE,
            vec![
                overlap(0),
                finish(0),
                remove(0),
                undo(0, Same, 0),
                finish(0),
            ],
        ),
        regression(
            "proof_the_new_token_is_gone_and_the_file_holds_a_third_pair",
            Law::Proof,
            ONE_FILE,
            vec![
                overlap(0),
                finish(0),
                first_place(Act::ThirdPair),
                remove(1),
                resume(0, Fresh, 0),
                finish(0),
            ],
        ),
        regression(
            "proof_a_further_token_is_removed_before_it_is_said_to_be_done",
            Law::Claim,
            ONE_FILE,
            vec![create(0), go(0, 6), remove(1), finish(0)],
        ),
        regression(
            "proof_the_stored_pair_is_damaged_in_the_overlap_and_said_to_work",
            Law::Claim,
            ONE_FILE,
            vec![
                overlap(0),
                finish(0),
                first_place(Act::Damaged),
                resume(0, Fresh, 0),
                answer(Kind::Token, Way::StatusForLong(401)),
                finish(0),
            ],
        ),
    ]
}

fn slow_stores() -> Vec<Regression> {
    vec![
        regression(
            "slow_store_outlives_its_process_and_a_resume_takes_the_token_back",
            Law::SlowStore,
            VAULT,
            vec![
                rotate(0),
                kill_at(Store, Sent::Later),
                resume(0, Fresh, 0),
                finish(0),
                Step::Deliver,
            ],
        ),
        regression(
            "slow_store_outlives_its_limit_and_a_resume_takes_the_token_back",
            Law::SlowStore,
            VAULT,
            vec![
                rotate(0),
                answer(Store, Way::TooLate),
                finish(0),
                resume(0, Fresh, 0),
                finish(0),
                Step::Deliver,
            ],
        ),
        regression(
            "slow_store_outlives_its_process_and_the_next_rotation_takes_the_token_back",
            Law::SlowStore,
            VAULT,
            vec![
                rotate(0),
                kill_at(Store, Sent::Later),
                Step::Rotate {
                    host: 0,
                    process: Fresh,
                    id: Id::InUse,
                    into: Into::Back,
                    overlap: Overlap::None,
                },
                finish(0),
                Step::Deliver,
            ],
        ),
    ]
}

fn undoing() -> Vec<Regression> {
    vec![
        regression(
            "undo_in_the_overlap_when_the_file_is_gone",
            Law::LastCopy,
            ONE_FILE,
            vec![
                overlap(0),
                finish(0),
                // Then the old pair's copy is the only one: the end of the case undoes with it.
                first_place(Act::Gone),
            ],
        ),
        regression(
            "undo_in_the_overlap_when_the_file_holds_a_third_pair",
            Law::LastCopy,
            ONE_FILE,
            vec![
                overlap(0),
                finish(0),
                first_place(Act::ThirdPair),
                undo(0, Fresh, 0),
                finish(0),
            ],
        ),
        regression(
            "undo_stopped_half_way_and_the_old_token_is_gone",
            Law::Ends,
            ONE_FILE,
            vec![
                rotate_with(0, Into::Caller, Overlap::Hour),
                finish(0),
                Step::Confirm {
                    host: 0,
                    now: false,
                },
                finish(0),
                undo(0, Same, 0),
                kill_at(Delete, Sent::Never),
                remove(0),
            ],
        ),
        regression(
            "undo_of_a_further_token_that_got_its_name_as_its_process_ended",
            Law::Orphan,
            ONE_FILE,
            vec![create(0), kill_at(Patch, Sent::Done)],
        ),
        regression(
            "undo_of_a_further_token_leaves_its_dead_pair",
            Law::Claim,
            ONE_FILE,
            vec![
                create(0),
                go(0, 6),
                Step::Kill {
                    host: 0,
                    sent: Sent::Never,
                },
                undo(0, Fresh, 0),
                finish(0),
            ],
        ),
    ]
}

fn overwriting() -> Vec<Regression> {
    vec![
        regression(
            "overwriting_the_pair_of_another_living_token",
            Law::Overwrite,
            with_other(Other::Held),
            vec![rotate_into(0, Into::Other), finish(0)],
        ),
        regression(
            "overwriting_a_third_pair_that_came_meanwhile",
            Law::Overwrite,
            ONE_FILE,
            vec![rotate(0), first_place(Act::ThirdPair), finish(0)],
        ),
        regression(
            "overwriting_one_file_from_two_state_folders",
            Law::Overwrite,
            TWO_FOLDERS,
            vec![
                rotate(0),
                go(0, 4),
                rotate(1),
                go(1, 4),
                finish(0),
                finish(1),
            ],
        ),
        regression(
            "overwriting_a_file_that_names_another_tenant",
            Law::Overwrite,
            with_other(Other::Foreign),
            vec![rotate_into(0, Into::Other), finish(0)],
        ),
        regression(
            "overwriting_of_a_third_pair_by_a_further_token",
            Law::Overwrite,
            ONE_FILE,
            vec![
                create(0),
                go(0, 2),
                Step::Place {
                    place: Place::Other,
                    act: Act::ThirdPair,
                },
                finish(0),
            ],
        ),
    ]
}

fn successors() -> Vec<Regression> {
    let successor = |name, old| {
        regression(
            name,
            Law::Successor,
            with_old(old),
            vec![rotate(0), finish(0)],
        )
    };
    vec![
        successor("successor_of_a_narrow_token", Old::Narrow),
        successor("successor_whose_seconds_are_text", Old::SecondsAsText),
        successor(
            "successor_whose_seconds_cannot_be_read",
            Old::SecondsUnreadable,
        ),
        regression(
            "successor_of_an_empty_scope",
            Law::Successor,
            Setting {
                second: Second::SameOwner,
                ..with_old(Old::EmptyScope)
            },
            vec![
                Step::Rotate {
                    host: 1,
                    process: Same,
                    id: Id::Token(0),
                    into: Into::Other,
                    overlap: Overlap::None,
                },
                finish(1),
            ],
        ),
        successor("successor_whose_scope_cannot_be_read", Old::ScopeUnreadable),
        successor("successor_whose_end_cannot_be_read", Old::EndUnreadable),
        successor(
            "successor_of_a_workflows_token_that_says_so_in_text",
            Old::ManagedAsText,
        ),
    ]
}

fn replies() -> Vec<Regression> {
    vec![
        regression(
            "replies_a_removal_is_answered_404_although_the_token_lives",
            Law::Claim,
            ONE_FILE,
            vec![rotate(0), answer(Delete, Way::Status(404)), finish(0)],
        ),
        regression(
            "replies_a_removal_is_answered_204_although_the_token_lives",
            Law::Claim,
            ONE_FILE,
            vec![rotate(0), answer(Delete, Way::Status(204)), finish(0)],
        ),
        regression(
            "replies_say_stored_what_another_host_has_replaced",
            Law::Claim,
            TWO_FOLDERS,
            vec![
                overlap(0),
                finish(0),
                rotate(1),
                finish(1),
                resume(0, Fresh, 0),
                finish(0),
            ],
        ),
        regression(
            "replies_say_done_of_a_token_that_the_last_list_lacks",
            Law::Claim,
            ONE_FILE,
            vec![rotate(0), answer(Patch, Way::Twice), remove(1), finish(0)],
        ),
        regression(
            "replies_a_create_is_answered_401_after_it_was_carried_out",
            Law::Once,
            ONE_FILE,
            vec![rotate(0), answer(Create, Way::StatusAfter(401)), finish(0)],
        ),
        regression(
            "replies_a_create_is_answered_without_a_secret",
            Law::Claim,
            ONE_FILE,
            vec![
                Step::Make {
                    host: 0,
                    process: Same,
                },
                answer(Create, Way::WithoutSecret),
                finish(0),
            ],
        ),
        regression(
            "replies_a_create_reaches_the_service_twice",
            Law::Orphan,
            ONE_FILE,
            vec![rotate(0), answer(Create, Way::Twice), finish(0)],
        ),
        regression(
            "replies_a_name_that_another_took_cannot_be_given",
            Law::Ends,
            ONE_FILE,
            vec![
                rotate(0),
                kill_at(Patch, Sent::Never),
                Step::Rename {
                    token: 1,
                    to: To::Else,
                },
                Step::Create {
                    host: 0,
                    process: Same,
                    name: Name::First,
                },
                finish(0),
            ],
        ),
    ]
}

fn others() -> Vec<Regression> {
    vec![
        regression(
            "trust_a_journal_that_others_may_write",
            Law::Trust,
            with_other(Other::Held),
            vec![
                Step::Plant { host: 0, token: 1 },
                resume(0, Fresh, 0),
                finish(0),
            ],
        ),
        regression(
            "owners_a_stopped_create_does_not_block_another_owners",
            Law::Ends,
            TWO_OWNERS,
            vec![create(0), kill_at(Create, Sent::Done), create(1), finish(1)],
        ),
        regression(
            "overlap_of_less_than_a_second",
            Law::Overlap,
            ONE_FILE,
            vec![
                rotate_with(0, Into::Back, Overlap::LessThanASecond),
                finish(0),
            ],
        ),
        regression(
            "lying_store_reads_what_it_held_before_while_it_is_told_to_store",
            Law::Removal,
            VAULT,
            vec![rotate(0), first_place(Act::ReadsOld), finish(0)],
        ),
        regression(
            "lying_store_reads_what_it_held_before_when_a_rotation_is_undone",
            Law::Claim,
            VAULT,
            vec![
                rotate(0),
                kill_at(Delete, Sent::Never),
                first_place(Act::Damaged),
                finish(0),
                first_place(Act::ReadsOld),
                undo(0, Same, 0),
                finish(0),
            ],
        ),
        overlap_by("overlap_on_hosts_a_day_ahead", -25),
        overlap_by("overlap_on_hosts_a_day_behind", 25),
    ]
}

/// Resumed at once, it is not over.
fn overlap_by(name: &'static str, hours: i8) -> Regression {
    let resume = Step::Resume {
        host: 1,
        process: Fresh,
        nth: 0,
        now: false,
    };
    let setting = Setting { hours, ..ONE_FILE };
    regression(
        name,
        Law::Overlap,
        setting,
        vec![overlap(0), finish(0), resume, finish(1)],
    )
}
