//! What a place holds of a pair, and whether another pair may be written over it.

use zeroize::Zeroizing;

use crate::api::{id, value};
use crate::store::Pair;

/// What a store may hold for a pair to be written over it.
#[derive(Clone, Copy, Debug)]
pub enum Over<'a> {
    Anything,
    /// Nothing at all, or a pair with one of these client ids. A third pair is somebody else's and stays.
    Only(&'a [&'a str]),
}

/// What to do about a third pair.
pub const FOREIGN_REMEDY: &str =
    "name another place in storeIn, or take out by hand what is there, if nobody needs it";

/// The halves of a pair as a place has them, without white space around them; an empty text is none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Holding {
    client_id: Option<Zeroizing<String>>,
    client_secret: Option<Zeroizing<String>>,
}

impl Holding {
    pub fn new(
        client_id: Option<Zeroizing<String>>,
        client_secret: Option<Zeroizing<String>>,
    ) -> Self {
        let filled = |text: Option<Zeroizing<String>>| {
            text.map(|text| value::owned(&text))
                .filter(|text| !text.is_empty())
        };
        Holding {
            client_id: filled(client_id),
            client_secret: filled(client_secret),
        }
    }

    pub fn of(pair: Option<Pair>) -> Self {
        match pair {
            None => Self::default(),
            Some(pair) => Holding {
                client_id: Some(Zeroizing::new(pair.client_id.clone())),
                client_secret: Some(Zeroizing::new(pair.client_secret.expose().to_owned())),
            },
        }
    }

    /// The pair; none where a half is missing.
    pub fn pair(&self) -> Option<Pair> {
        let (id, secret) = self.client_id.as_ref().zip(self.client_secret.as_ref())?;
        Some(Pair::new(id.as_str(), secret.clone()))
    }

    /// Client id and secret.
    pub fn halves(&self) -> [Option<&str>; 2] {
        [&self.client_id, &self.client_secret].map(|half| half.as_ref().map(|half| half.as_str()))
    }

    /// Whether another pair may take the place of what is here; else in words why not.
    ///
    /// A half counts: a client id whose secret is given elsewhere is in use, and a secret whose client id is
    /// given elsewhere may be the only copy there is.
    pub fn gives_way_to(&self, over: Over<'_>) -> Result<(), String> {
        let Over::Only(ids) = over else {
            return Ok(());
        };
        match (&self.client_id, &self.client_secret) {
            (None, None) => Ok(()),
            (Some(id), _) if ids.contains(&id.as_str()) => Ok(()),
            (Some(id), secret) => {
                let what = match secret {
                    Some(_) => "the pair of client id",
                    None => "the client id",
                };
                let shown = match id::has_form_of_secret(id) {
                    true => "that has the form of a secret",
                    false => id.as_str(),
                };
                Err(format!(
                    "holds {what} {shown}, which belongs to somebody else and stays"
                ))
            }
            (None, Some(_)) => Err(
                "holds a client secret without its client id: it may be somebody else's only copy and stays"
                    .to_owned(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(id: &str, secret: &str) -> Holding {
        let text = |text: &str| Some(Zeroizing::new(text.to_owned()));
        Holding::new(text(id), text(secret))
    }

    #[test]
    fn nothing_and_the_named_pairs_give_way_and_every_other_stays() {
        let ours: &[&str] = &["old", "new"];
        for (held, expected) in [
            (holding("", ""), None),
            (holding("old", "s"), None),
            (holding("new", ""), None),
            (holding("third", "s"), Some("the pair of client id third")),
            (holding("third", ""), Some("the client id third")),
            (holding("", "s"), Some("a client secret without")),
        ] {
            assert_eq!(held.gives_way_to(Over::Anything), Ok(()));
            let said = held.gives_way_to(Over::Only(ours)).err();
            match expected {
                None => assert_eq!(said, None),
                Some(words) => assert!(said.unwrap().contains(words)),
            }
        }
    }

    #[test]
    fn white_space_around_a_half_makes_no_other_pair_of_it() {
        let ours: &[&str] = &["old"];
        let held = holding(" old\r\n", "\ts \n");
        assert!(held == holding("old", "s"));
        assert_eq!(held.halves(), [Some("old"), Some("s")]);
        assert_eq!(held.gives_way_to(Over::Only(ours)), Ok(()));
        assert!(holding(" ", "\r\n") == Holding::default());
    }

    #[test]
    fn a_secret_in_the_place_of_the_id_is_not_told() {
        let secret = "0123456789abcdef".repeat(4);
        let said = holding(&secret, "x").gives_way_to(Over::Only(&[]));
        assert!(!said.unwrap_err().contains(&secret));
    }
}
