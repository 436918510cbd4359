//! Days in words, and what `format` has for other texts. Pure.

pub use crate::format::{counted, duration as time, grouped, paper, size};

/// A reason as a sentence of its own.
pub fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first = letters.next().map(char::to_uppercase);
    let mut sentence: String = first.into_iter().flatten().chain(letters).collect();
    if !sentence.is_empty() && !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}

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
