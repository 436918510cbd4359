//! Days in words, and what `format` has for other texts. Pure.

pub use crate::format::{counted, duration as time, grouped, paper, size};

/// "2026-11-28", where the user is; `seconds` since 1970 (UTC).
pub fn day(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(
        |_| String::new(),
        |when| {
            when.to_zoned(jiff::tz::TimeZone::system())
                .date()
                .to_string()
        },
    )
}
