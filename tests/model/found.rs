use crate::steps::*;
pub fn all() -> Vec<(&'static str, Case)> {
    vec![(
        "nothing",
        Case {
            setting: Setting {
                shared_state: true,
                second: Second::SamePlace,
                keeps: Keeps::File,
                old: Old::Plain,
                other: Other::Missing,
            },
            steps: vec![
                Step::Rotate {
                    host: 0,
                    process: Process::Fresh,
                    id: Id::InUse,
                    into: Into::Back,
                    overlap: Overlap::None,
                },
                Step::Finish { host: 0 },
            ],
        },
    )]
}
