//! Reads declarations out of the C header: one line each, however cbindgen wraps them.

use std::collections::BTreeMap;

/// The declarations `… pat_name(…)`, by name.
pub fn functions(header: &str) -> BTreeMap<String, String> {
    statements(header)
        .into_iter()
        .filter_map(|text| Some((name_before_parenthesis(&text)?, text)))
        .collect()
}

/// The typedefs, by name.
pub fn types(header: &str) -> BTreeMap<String, String> {
    statements(header)
        .into_iter()
        .filter(|text| text.starts_with("typedef "))
        .filter_map(|text| Some((text.rsplit(' ').next()?.to_owned(), text)))
        .collect()
}

/// The macros `#define PAT_… number`.
pub fn numbers(header: &str) -> BTreeMap<String, i64> {
    header
        .lines()
        .filter_map(|line| {
            let mut words = line.strip_prefix("#define ")?.split_whitespace();
            let name = words.next().filter(|name| name.starts_with("PAT_"))?;
            Some((name.to_owned(), words.next()?.parse().ok()?))
        })
        .collect()
}

/// What ends with a semicolon, without comments and preprocessor lines, in single spaces.
fn statements(header: &str) -> Vec<String> {
    let code: String = crate::header::without_comments(header)
        .lines()
        .filter(|line| !line.trim_start().starts_with('#') && !line.contains("extern \"C\""))
        .flat_map(|line| [line, "\n"])
        .collect();
    code.split(';')
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|text| !text.is_empty())
        .collect()
}

fn name_before_parenthesis(text: &str) -> Option<String> {
    let before = text[..text.find('(')?].trim_end();
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let start = before
        .rfind(|letter| !is_part(letter))
        .map_or(0, |end| end + 1);
    before[start..]
        .starts_with("pat_")
        .then(|| before[start..].to_owned())
}

#[cfg(test)]
mod tests {
    use super::{functions, numbers, types};

    const HEADER: &str = "/* char *pat_no(void); */\n#include <stdint.h>\n#define PAT_OK 0\n#define SAILPAT_H\n\
                          typedef uint64_t pat_job;\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\
                          pat_job pat_job_start(pat_job client,\n                      const char *json);\n";

    #[test]
    fn declarations_are_read_whole() {
        let found: Vec<_> = functions(HEADER).into_iter().collect();
        let declaration = "pat_job pat_job_start(pat_job client, const char *json)";
        assert_eq!(
            found,
            [("pat_job_start".to_owned(), declaration.to_owned())]
        );
        assert_eq!(types(HEADER)["pat_job"], "typedef uint64_t pat_job");
        assert_eq!(
            numbers(HEADER).into_iter().collect::<Vec<_>>(),
            [("PAT_OK".to_owned(), 0)]
        );
    }
}
