//! Strings across the border: UTF-8 in, owned NUL-terminated strings out.

use std::ffi::{CStr, CString, c_char};

use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};
use crate::ops::envelope::Envelope;
use crate::secret::Secret;

/// Copies a caller's string.
///
/// # Safety
/// `text` is NULL or points to a NUL-terminated string that stays unchanged during the call.
pub unsafe fn read(argument: &'static str, text: *const c_char) -> Result<Zeroizing<String>> {
    if text.is_null() {
        return Err(null(argument));
    }
    // SAFETY: not NULL, and the caller promises a NUL-terminated string.
    let bytes = unsafe { CStr::from_ptr(text) }.to_bytes();
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(error) => Err(Error::new(
            Code::InvalidUtf8,
            format!("{argument}: not UTF-8 at byte {}", error.valid_up_to()),
        )
        .with_field(argument)),
    }
}

/// The error of an argument that must not be NULL.
pub fn null(argument: &'static str) -> Error {
    Error::new(Code::NullArgument, format!("{argument}: must not be NULL")).with_field(argument)
}

/// Hands an envelope to the caller, who frees it with `free`.
pub fn give(envelope: Envelope) -> *mut c_char {
    give_bytes(envelope.into_bytes())
}

/// Hands a secret to the caller, who frees it with `free`.
pub fn give_secret(secret: &Secret) -> *mut c_char {
    // Room for the NUL: nothing is copied again.
    let mut bytes = Vec::with_capacity(secret.expose().len() + 1);
    bytes.extend_from_slice(secret.expose().as_bytes());
    give_bytes(bytes)
}

fn give_bytes(bytes: Vec<u8>) -> *mut c_char {
    // JSON text has no raw NUL; should one ever be there, an empty string is safer than half a one.
    CString::new(bytes).unwrap_or_default().into_raw()
}

/// The length of a string in bytes.
///
/// # Safety
/// `text` is NULL or came from `give` and was not freed.
pub unsafe fn len(text: *const c_char) -> usize {
    if text.is_null() {
        return 0;
    }
    // SAFETY: a string from `give` is NUL-terminated.
    unsafe { CStr::from_ptr(text) }.to_bytes().len()
}

/// Wipes and frees a string.
///
/// # Safety
/// `text` is NULL or came from `give` and was not freed.
pub unsafe fn free(text: *mut c_char) {
    if text.is_null() {
        return;
    }
    // SAFETY: `give` made it with `CString::into_raw`, and it is freed here only. `wiping` wipes it.
    drop(unsafe { CString::from_raw(text) });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::envelope;

    #[test]
    fn null_and_bad_utf8_are_refused_by_name() {
        // SAFETY: NULL is allowed.
        let error = unsafe { read("json", std::ptr::null()) }.unwrap_err();
        assert_eq!(error.code(), Code::NullArgument);
        // SAFETY: a NUL-terminated literal.
        let error = unsafe { read("json", c"ab\xff".as_ptr()) }.unwrap_err();
        assert_eq!(error.to_string(), "json: not UTF-8 at byte 2");
    }

    #[test]
    fn a_string_goes_out_and_comes_back() {
        let text = give(envelope::local(&"x"));
        // SAFETY: `text` came from `give` and is freed once.
        unsafe {
            assert_eq!(len(text), CStr::from_ptr(text).to_bytes().len());
            free(text);
            free(std::ptr::null_mut());
            assert_eq!(len(std::ptr::null()), 0);
        }
    }
}
