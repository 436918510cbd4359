//! Where a pinned build of PDFium comes from: the wheels of `pypdfium2` on
//! PyPI, which hold the library for every platform. One table, plain data; not
//! for fetching or unpacking.

/// Name of the package.
pub const PACKAGE: &str = "pypdfium2";
/// Its version.
pub const PACKAGE_VERSION: &str = "5.15.2";
/// PDFium's own version in it: Chromium's milestone and build.
pub const PDFIUM_VERSION: &str = "159.0.8149.0";

/// The wheel for one platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wheel {
    /// The platform's tag, as `pip download --platform` takes it.
    pub platform: &'static str,
    /// SHA-256 of the wheel, in hexadecimal.
    pub sha256: &'static str,
    /// The library within the wheel, which is a ZIP archive.
    pub library: &'static str,
}

const SO: &str = "pypdfium2_raw/libpdfium.so";
const DYLIB: &str = "pypdfium2_raw/libpdfium.dylib";
const DLL: &str = "pypdfium2_raw/pdfium.dll";

/// All wheels by operating system, processor and C library, the first three as
/// Rust's `target_os`, `target_arch` and `target_env` name them; an empty
/// `target_env` fits any. Computed from the files of that version.
const WHEELS: [(&str, &str, &str, Wheel); 11] = [
    (
        "linux",
        "x86_64",
        "gnu",
        Wheel {
            platform: "manylinux_2_17_x86_64",
            sha256: "dc31aea5b0fb9fefc9b537a65f4113980b2c40798445736a7e6565bc85161e37",
            library: SO,
        },
    ),
    (
        "linux",
        "aarch64",
        "gnu",
        Wheel {
            platform: "manylinux_2_17_aarch64",
            sha256: "dd46e93c0c3a73f6cea8489baff6d77a5d0759dd53fbbce0aeb49c91830176fc",
            library: SO,
        },
    ),
    (
        "linux",
        "arm",
        "gnu",
        Wheel {
            platform: "manylinux_2_17_armv7l",
            sha256: "f4d422d2662bf0be37118abb14dbac6acc3bfbc04a82da92cb200b570ee24da2",
            library: SO,
        },
    ),
    (
        "linux",
        "x86",
        "gnu",
        Wheel {
            platform: "manylinux_2_17_i686",
            sha256: "397271721330866d1da291042b128595f44cb0314c4675bb439ebaf5c7349b8b",
            library: SO,
        },
    ),
    (
        "linux",
        "x86_64",
        "musl",
        Wheel {
            platform: "musllinux_1_2_x86_64",
            sha256: "ef452a7178744196d4ff97029f46b56a13817346fc7ee0473c75643512276b3a",
            library: SO,
        },
    ),
    (
        "linux",
        "aarch64",
        "musl",
        Wheel {
            platform: "musllinux_1_2_aarch64",
            sha256: "71ba93a356708cb2a7b1a82dbc2c07ddb62c501e35bb6a67c7323e1da6ae9cb7",
            library: SO,
        },
    ),
    (
        "macos",
        "x86_64",
        "",
        Wheel {
            platform: "macosx_13_0_x86_64",
            sha256: "7f296a298074d76fb7c3d1ecb80d7097a96778bf0ad9c5c48a0170e56e2c6821",
            library: DYLIB,
        },
    ),
    (
        "macos",
        "aarch64",
        "",
        Wheel {
            platform: "macosx_13_0_arm64",
            sha256: "e71fe832e94421ac3c28d6a6ed4a9e61f22417089652d339f391c4ffc2a44c35",
            library: DYLIB,
        },
    ),
    (
        "windows",
        "x86_64",
        "",
        Wheel {
            platform: "win_amd64",
            sha256: "74d1bace34fb01c660d0b64344d5a4b7d276942b7c6623c88ab59ea21c5acfbd",
            library: DLL,
        },
    ),
    (
        "windows",
        "aarch64",
        "",
        Wheel {
            platform: "win_arm64",
            sha256: "a20398367f188eb817be156bfd00077dcb5f8ad06c093849f3fa70b8087b4a87",
            library: DLL,
        },
    ),
    (
        "windows",
        "x86",
        "",
        Wheel {
            platform: "win32",
            sha256: "4cfc5ae26b600f92c5be0a0dccb949c10bd8bd3c93e440b75a362f9c1453fd93",
            library: DLL,
        },
    ),
];

impl Wheel {
    /// The wheel for the platform that this program was built for, if there is
    /// one.
    pub fn for_this_platform() -> Option<Self> {
        let environment = if cfg!(target_env = "musl") {
            "musl"
        } else if cfg!(target_os = "linux") {
            "gnu"
        } else {
            ""
        };
        let here = (std::env::consts::OS, std::env::consts::ARCH, environment);
        WHEELS
            .iter()
            .find(|(os, processor, environment, _)| (*os, *processor, *environment) == here)
            .map(|(.., wheel)| *wheel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_platform_has_one_wheel_with_a_whole_hash() {
        for (index, (os, processor, environment, wheel)) in WHEELS.iter().enumerate() {
            assert_eq!(wheel.sha256.len(), 64);
            assert!(wheel.sha256.bytes().all(|b| b.is_ascii_hexdigit()));
            let twin = WHEELS[..index].iter().any(|(a, b, c, other)| {
                (a, b, c) == (os, processor, environment) || other.sha256 == wheel.sha256
            });
            assert!(!twin, "{}", wheel.platform);
        }
    }

    #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
    #[test]
    fn this_platform_has_one() {
        let wheel = Wheel::for_this_platform().unwrap();
        assert_eq!(wheel.platform, "manylinux_2_17_x86_64");
    }
}
