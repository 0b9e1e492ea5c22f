//! DELETE: one token, the caller's own or, with the right for all, anyone's.

use crate::replies::Refusal;
use crate::tenant::{Bearer, Tenant};

pub(crate) fn delete(tenant: &mut Tenant, caller: &Bearer, id: &str) -> Result<(), Refusal> {
    if !caller.rights.delete_own() {
        return Err(Refusal::Forbidden);
    }
    let token = tenant.tokens.get(id).ok_or(Refusal::NotFound)?;
    if token.owner != caller.identity && !caller.rights.delete_all() {
        return Err(Refusal::Forbidden);
    }
    tenant.remove(id);
    Ok(())
}
