//! The names that a rotation's tokens have until they are done. A mark is random and the rotation's own, and counts
//! only where the whole name is one that the rotation gave.

use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};

use crate::api::create::LONGEST_NAME;
use crate::error::{Code, Error, Result};

/// What stands before a rotation's id in a mark.
const BEGIN: &str = " (sailpat ";

/// A new rotation's id: when, and enough chance that no two are the same.
pub fn new_rotation() -> Result<String> {
    let mut bytes = [0_u8; 4];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::new(Code::Internal, "the system gives no random numbers"))?;
    let now = Timestamp::now();
    let random = u32::from_be_bytes(bytes);
    Ok(format!("{}-{random:08x}", now.strftime("%Y%m%d-%H%M%S")))
}

/// The name under which a rotation makes its token at the given attempt.
pub fn marked(name: &str, rotation: &str, attempt: u32) -> String {
    let mark = format!("{BEGIN}{rotation}.{attempt})");
    let room = LONGEST_NAME.saturating_sub(mark.chars().count());
    name.chars().take(room).chain(mark.chars()).collect()
}

/// Whether a rotation that wants this name gave that one to a token: only the whole of it counts, since anybody may
/// give a token a name with a mark in it.
pub fn is_given(name: &str, wanted: &str, rotation: &str, attempts: u32) -> bool {
    (1..=attempts).any(|attempt| name == marked(wanted, rotation, attempt))
}

/// A name without the mark at its very end: what an earlier rotation left, because the plain name was taken, is no
/// part of it.
pub fn plain(name: &str) -> &str {
    let without = name.rfind(BEGIN).filter(|start| is_mark(&name[*start..]));
    match without {
        Some(start) if start > 0 => &name[..start],
        _ => name,
    }
}

/// Whether a text is a mark, and nothing but one: ` (sailpat 20261124-113355-1f3a9c2b.1)`.
fn is_mark(text: &str) -> bool {
    let Some(inner) = text
        .strip_prefix(BEGIN)
        .and_then(|rest| rest.strip_suffix(')'))
    else {
        return false;
    };
    let Some((rotation, attempt)) = inner.split_once('.') else {
        return false;
    };
    let parts: Vec<&str> = rotation.split('-').collect();
    let is = |text: &str, length: usize, radix| {
        text.len() == length && text.chars().all(|c| c.is_digit(radix))
    };
    matches!(parts[..], [date, time, random] if is(date, 8, 10) && is(time, 6, 10) && is(random, 8, 16))
        && attempt.len() == 1
        && is(attempt, 1, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_name_fits_and_is_known_again() {
        let rotation = new_rotation().unwrap();
        let other = new_rotation().unwrap();
        assert_ne!(rotation, other);
        for name in ["n", &"ä".repeat(300)] {
            let marked = marked(name, &rotation, 3);
            assert!(marked.chars().count() <= LONGEST_NAME);
            assert!(is_given(&marked, name, &rotation, 3));
            assert!(!is_given(&marked, name, &rotation, 2), "never sent");
            assert!(!is_given(&marked, name, &other, 3));
            assert!(!is_given(&format!("{marked} mine"), name, &rotation, 3));
            assert!(!is_given(&format!("mine {marked}"), name, &rotation, 3));
        }
    }

    #[test]
    fn only_a_mark_at_the_very_end_is_no_part_of_a_name() {
        let mark = " (sailpat 20261124-113355-1f3a9c2b.1)";
        for (name, expected) in [
            (format!("deploy{mark}"), "deploy"),
            (
                format!("deploy{mark} again"),
                &format!("deploy{mark} again"),
            ),
            (format!("deploy{mark}{mark}"), &format!("deploy{mark}")),
            ("deploy (sailpat mine)".to_owned(), "deploy (sailpat mine)"),
            (mark.to_owned(), mark),
            ("deploy".to_owned(), "deploy"),
            (
                "ä (sailpat 20261124-113355-1f3a9c2b.10)".to_owned(),
                "ä (sailpat 20261124-113355-1f3a9c2b.10)",
            ),
        ] {
            assert_eq!(plain(&name), expected, "{name}");
        }
    }
}
