//! Generates the C header into OUT_DIR (a test compares it with include/sailpat.h, `cargo xtask header`
//! copies it) and sets the linker flags of the shared library.

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    header(&root).write_to_file(out.join("sailpat.h"));
    link(&out);
}

/// Only the two files that define the interface are read, as text.
fn header(root: &Path) -> cbindgen::Bindings {
    let sources = ["src/ffi/codes.rs", "src/ffi/exports.rs"];
    for source in sources.iter().chain(&["cbindgen.toml"]) {
        println!("cargo:rerun-if-changed={source}");
    }
    let config =
        cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml is valid");
    sources
        .iter()
        .fold(
            cbindgen::Builder::new().with_config(config),
            |builder, source| builder.with_src(root.join(source)),
        )
        .generate()
        .expect("the exports can be put into a header")
}

fn link(out: &Path) {
    let argument = |text: &str| println!("cargo:rustc-cdylib-link-arg={text}");
    match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux") => {
            // Threads of the library may run for as long as the process does: never unmap their code.
            argument("-Wl,-z,nodelete");
            let soname = soname();
            argument(&format!("-Wl,-soname,{soname}"));
            name_in_build_folder(out, &soname);
        }
        Ok("macos") => argument("-Wl,-install_name,@rpath/libsailpat.dylib"),
        _ => {}
    }
}

/// Moves with the major version only, as docs/abi.md promises.
fn soname() -> String {
    let major = env::var("CARGO_PKG_VERSION_MAJOR").expect("cargo sets it");
    format!("libsailpat.so.{major}")
}

/// A program linked in the build folder looks for the SONAME there, and cargo's file has no number. What
/// cannot be made is only that convenience: an installed library has its names from `cargo xtask install`.
fn name_in_build_folder(out: &Path, soname: &str) {
    #[cfg(unix)]
    if let Some(folder) = out.ancestors().nth(3) {
        let _ = std::os::unix::fs::symlink("libsailpat.so", folder.join(soname));
    }
    #[cfg(not(unix))]
    let _ = (out, soname);
}
