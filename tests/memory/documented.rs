//! The table of SECURITY.md that says what stays, which is held against what was found.

use std::path::Path;

/// One row: what is looked for, and how many copies there are at most, over http and over TLS.
pub struct Figures {
    pub what: String,
    pub most: [usize; 2],
}

/// The rows of the table whose last columns are "http" and "TLS".
pub fn figures() -> Vec<Figures> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("SECURITY.md");
    let text = std::fs::read_to_string(page).expect("SECURITY.md can be read");
    let rows = text
        .lines()
        .skip_while(|line| !line.ends_with("| http | TLS |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.map(row).collect()
}

fn row(line: &str) -> Figures {
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    let [what, http, tls] = cells[..] else {
        panic!("SECURITY.md: a row has three cells: {line}");
    };
    let most = [http, tls].map(|cell| cell.parse().expect("a number of copies"));
    let what = what.to_owned();
    Figures { what, most }
}
