//! The one table that a benchmark prints.

/// A row: ours against the other side, and the target for it.
pub struct Row {
    pub what: String,
    pub against: &'static str,
    pub found: Measurement,
}

pub enum Measurement {
    /// Two times or sizes, and their ratio with the most that it should be.
    Ratio {
        ours: String,
        other: String,
        ratio: f64,
        most: Option<f64>,
    },
    /// Two figures in one unit, and how much more ours should be at most.
    More {
        ours: f64,
        other: f64,
        unit: &'static str,
        most: f64,
    },
    /// One figure in a unit, and the most that it should be.
    Figure {
        ours: f64,
        unit: &'static str,
        most: f64,
    },
    Skipped(String),
}

impl Row {
    pub fn new(what: impl Into<String>, against: &'static str, found: Measurement) -> Self {
        Self {
            what: what.into(),
            against,
            found,
        }
    }

    /// A ratio of two times in microseconds.
    pub fn times(
        what: impl Into<String>,
        against: &'static str,
        ours: f64,
        other: f64,
        ratio: f64,
        most: f64,
    ) -> Self {
        let found = Measurement::Ratio {
            ours: micros(ours),
            other: micros(other),
            ratio,
            most: Some(most),
        };
        Self::new(what, against, found)
    }
}

pub fn print(rows: &[Row]) {
    let mut lines =
        vec![["work", "against", "ours", "other", "found", "target", ""].map(str::to_owned)];
    lines.extend(rows.iter().map(cells));
    let mut widths = [0; 7];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for line in &lines {
        let padded = line
            .iter()
            .zip(widths)
            .enumerate()
            .map(|(column, (cell, width))| {
                if column < 2 || column == 6 {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            });
        println!("{}", padded.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// A target with as many decimals as it has, and one at least.
fn target(most: f64) -> String {
    let text = format!("{most:.2}");
    format!("{}x", text.strip_suffix('0').unwrap_or(&text))
}

fn cells(row: &Row) -> [String; 7] {
    let judged = |found: f64, most: f64| if found <= most { "met" } else { "missed" }.to_owned();
    let [ours, other, found, target, verdict] = match &row.found {
        Measurement::Ratio {
            ours,
            other,
            ratio,
            most: Some(most),
        } => [
            ours.clone(),
            other.clone(),
            format!("{ratio:.2}x"),
            target(*most),
            judged(*ratio, *most),
        ],
        Measurement::Ratio {
            ours,
            other,
            ratio,
            most: None,
        } => [
            ours.clone(),
            other.clone(),
            format!("{ratio:.2}x"),
            String::new(),
            String::new(),
        ],
        Measurement::More {
            ours,
            other,
            unit,
            most,
        } => {
            let more = ours - other;
            let shown = |figure: f64| format!("{figure:.1} {unit}");
            [
                shown(*ours),
                shown(*other),
                format!("{more:+.1} {unit}"),
                format!("+{most} {unit}"),
                judged(more, *most),
            ]
        }
        Measurement::Figure { ours, unit, most } => {
            let shown = format!("{ours:.1} {unit}");
            [
                shown.clone(),
                String::new(),
                shown,
                format!("{most} {unit}"),
                judged(*ours, *most),
            ]
        }
        Measurement::Skipped(reason) => [
            String::new(),
            String::new(),
            "skipped".to_owned(),
            String::new(),
            reason.clone(),
        ],
    };
    [
        row.what.clone(),
        row.against.to_owned(),
        ours,
        other,
        found,
        target,
        verdict,
    ]
}

fn micros(figure: f64) -> String {
    if figure < 10_000.0 {
        format!("{figure:.0} us")
    } else {
        format!("{:.0} ms", figure / 1000.0)
    }
}
