//! Changing the variables of the host process, for a rotation whose caller asks for it by name.

use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};
use crate::store::Pair;

const URL: &str = "SAIL_BASE_URL";
const ID: &str = "SAIL_CLIENT_ID";
const SECRET: &str = "SAIL_CLIENT_SECRET";

/// Sets the variables of a pair and of its tenant, which are one place, and reads them back.
pub fn set(pair: &Pair, base_url: &str) -> Result<()> {
    let secret = pair.client_secret.expose();
    if [base_url, &pair.client_id, secret]
        .iter()
        .any(|text| text.contains('\0'))
    {
        return Err(failed("cannot hold a NUL"));
    }
    // SAFETY: the header asks whoever names the environment as a store that no other thread of the process
    // reads or changes variables meanwhile; nothing here does so on its own.
    unsafe {
        std::env::set_var(URL, base_url);
        std::env::set_var(ID, &pair.client_id);
        std::env::set_var(SECRET, secret);
    }
    let back = |name| std::env::var(name).map(Zeroizing::new).ok();
    let same = back(URL).is_some_and(|url| *url == base_url)
        && back(ID).is_some_and(|id| *id == pair.client_id)
        && back(SECRET).is_some_and(|text| text.as_str() == secret);
    if same {
        Ok(())
    } else {
        Err(failed("give back something else than was set"))
    }
}

fn failed(problem: &str) -> Error {
    let message = format!("the variables {URL}, {ID} and {SECRET} {problem}");
    Error::new(Code::StoreFailed, message).with_field("storeIn")
}
