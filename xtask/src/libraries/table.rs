//! The one table of platforms. A new one is one row here.

/// What a library is built with.
#[derive(Clone, Copy, PartialEq)]
pub enum Tool {
    /// cargo alone, with the target's usual linker.
    Cargo,
    /// cargo-zigbuild, whose linker can aim at an older glibc: the text is put after the target's name.
    Zig(&'static str),
}

/// How programs of a platform run on a Linux machine.
#[derive(Clone, Copy, PartialEq)]
pub enum Runner {
    Native,
    Musl,
    Qemu,
    Wine,
    /// Nothing here runs them: the library is built and looked at.
    Nothing,
}

pub struct Platform {
    /// The name in .NET's list of runtimes, which is also the folder's in the module.
    pub rid: &'static str,
    pub target: &'static str,
    pub tool: Tool,
    pub rust_flags: &'static [&'static str],
    /// The shared library's file name.
    pub library: &'static str,
    pub runner: Runner,
}

impl Platform {
    pub fn is_windows(&self) -> bool {
        self.target.contains("windows")
    }

    pub fn is_glibc(&self) -> bool {
        self.target.ends_with("linux-gnu")
    }
}

/// No newer glibc than this may be needed: RHEL 8 and Debian 10 have it.
pub const OLDEST_GLIBC: (u32, u32) = (2, 28);

/// In the order of building. The one whose programs run longest comes first: the others are built meanwhile.
pub const PLATFORMS: &[Platform] = &[
    Platform {
        rid: "win-x64",
        target: "x86_64-pc-windows-gnu",
        tool: Tool::Cargo,
        rust_flags: &[],
        library: "sailpat.dll",
        runner: Runner::Wine,
    },
    Platform {
        rid: "linux-x64",
        target: "x86_64-unknown-linux-gnu",
        tool: Tool::Zig(".2.28"),
        rust_flags: &[],
        library: "libsailpat.so",
        runner: Runner::Native,
    },
    Platform {
        rid: "linux-musl-x64",
        target: "x86_64-unknown-linux-musl",
        tool: Tool::Zig(""),
        // musl is linked statically by default, and then there is no shared library.
        rust_flags: &["-Ctarget-feature=-crt-static"],
        library: "libsailpat.so",
        runner: Runner::Musl,
    },
    Platform {
        rid: "linux-arm64",
        target: "aarch64-unknown-linux-gnu",
        tool: Tool::Zig(".2.28"),
        rust_flags: &[],
        library: "libsailpat.so",
        runner: Runner::Qemu,
    },
    Platform {
        rid: "win-arm64",
        // mingw has no gcc for it; zig brings clang, LLVM's linker and the system's import libraries.
        target: "aarch64-pc-windows-gnullvm",
        tool: Tool::Zig(""),
        rust_flags: &[],
        library: "sailpat.dll",
        runner: Runner::Nothing,
    },
];
