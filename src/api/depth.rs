//! How deep a JSON text nests, found in one pass without recursion: bytes are passed on unparsed, so
//! the limit that a parser's stack would give has to be given here.

/// Fails with `limit` when `json` nests deeper than that. Text inside strings does not count.
pub fn check(json: &[u8], limit: usize) -> Result<(), usize> {
    let mut depth = 0usize;
    let mut position = 0usize;
    while position < json.len() {
        match json[position] {
            b'"' => position = end_of_string(json, position + 1),
            b'[' | b'{' => {
                depth += 1;
                if depth > limit {
                    return Err(limit);
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        position += 1;
    }
    Ok(())
}

/// The place of the quote that ends the string whose first byte is at `position`.
fn end_of_string(json: &[u8], mut position: usize) -> usize {
    while position < json.len() {
        match json[position] {
            b'"' => return position,
            b'\\' => position += 2,
            _ => position += 1,
        }
    }
    position
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_arrays_and_objects_but_not_text() {
        assert_eq!(check(br#"[{"a":[1]}]"#, 3), Ok(()));
        assert_eq!(check(br#"[{"a":[1]}]"#, 2), Err(2));
        assert_eq!(check(br#"["[[[[\"[[","\\"]"#, 1), Ok(()));
        assert_eq!(check(b"\"unfinished \\", 1), Ok(()));
    }
}
