//! Which lines of the PowerShell module ran in any of the processes that tested it.

use std::collections::BTreeMap;
use std::path::Path;

/// By file and line, whether anything on the line ran.
#[derive(Default)]
pub struct Coverage(BTreeMap<String, BTreeMap<u32, bool>>);

impl Coverage {
    /// Adds what one process wrote: lines of path, line and 1 or 0, between tabs.
    pub fn add(&mut self, text: &str) {
        for row in text.lines() {
            let mut parts = row.split('\t');
            let (Some(file), Some(line), Some(ran)) = (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            let Ok(line) = line.parse() else { continue };
            let lines = self.0.entry(file.to_owned()).or_default();
            *lines.entry(line).or_default() |= ran == "1";
        }
    }

    pub fn percentage(&self) -> f64 {
        let lines = || self.0.values().flat_map(BTreeMap::values);
        let ran = lines().filter(|ran| **ran).count();
        100.0 * ran as f64 / lines().count().max(1) as f64
    }

    /// A row for each file: how many of its lines ran, and the numbers of the others.
    pub fn missed(&self, folder: &Path) -> String {
        let mut text = String::new();
        for (file, lines) in &self.0 {
            let missed: Vec<_> = lines
                .iter()
                .filter(|(_, ran)| !**ran)
                .map(|(line, _)| line.to_string())
                .collect();
            let name = Path::new(file)
                .strip_prefix(folder)
                .unwrap_or(file.as_ref());
            text.push_str(&format!(
                "{} {} of {} {}\n",
                name.display(),
                lines.len() - missed.len(),
                lines.len(),
                missed.join(",")
            ));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Coverage;

    #[test]
    fn a_line_that_ran_in_one_process_has_run() {
        let mut coverage = Coverage::default();
        coverage.add("/m/A.ps1\t1\t0\n/m/A.ps1\t2\t1\n/m/B.ps1\t9\t0\n");
        coverage.add("/m/A.ps1\t1\t1\n/m/A.ps1\t2\t0\n/m/B.ps1\t10\t0\n");
        assert_eq!(coverage.percentage(), 50.0);
        assert_eq!(
            coverage.missed(Path::new("/m")),
            "A.ps1 2 of 2 \nB.ps1 0 of 2 9,10\n"
        );
    }
}
