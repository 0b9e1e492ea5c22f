//! The names that a rotation's tokens have until they are done. Whatever carries a rotation's marker was
//! made by that rotation and by nobody else, so it may be removed.

use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};

use crate::api::create::LONGEST_NAME;
use crate::error::{Code, Error, Result};

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

fn marker(rotation: &str) -> String {
    format!("(sailpat {rotation}.")
}

/// The name under which a rotation makes its token at the given attempt.
pub fn marked(name: &str, rotation: &str, attempt: u32) -> String {
    let marker = format!(" {}{attempt})", marker(rotation));
    let room = LONGEST_NAME.saturating_sub(marker.chars().count());
    name.chars().take(room).chain(marker.chars()).collect()
}

/// Whether a token of this name was made by that rotation.
pub fn is_of(name: &str, rotation: &str) -> bool {
    name.contains(&marker(rotation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_name_fits_and_is_known_again() {
        let rotation = new_rotation().unwrap();
        let other = new_rotation().unwrap();
        assert_ne!(rotation, other);
        for name in ["n", &"ä".repeat(300)] {
            let marked = marked(name, &rotation, 3);
            assert!(marked.chars().count() <= LONGEST_NAME);
            assert!(is_of(&marked, &rotation) && !is_of(&marked, &other));
        }
    }
}
