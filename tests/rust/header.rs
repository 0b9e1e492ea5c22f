//! The committed header is the one that the sources give.

#[test]
fn the_committed_header_is_current() {
    let generated = include_str!(concat!(env!("OUT_DIR"), "/sailpat.h"));
    let committed = include_str!("../../include/sailpat.h");
    assert!(
        generated == committed,
        "include/sailpat.h has drifted: run cargo xtask header"
    );
}
