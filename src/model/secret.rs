//! A text that appears in no log and no message. Not for protecting it in memory.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A password. What is derived from it for debugging does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text, for whoever opens something with it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_but_not_shown() {
        let secret = Secret::from("finch2025");
        assert_eq!(secret.as_str(), "finch2025");
        assert!(!format!("{secret:?}").contains("finch"));
        let json = serde_json::to_string(&secret).unwrap();
        assert_eq!(json, "\"finch2025\"");
        assert_eq!(serde_json::from_str::<Secret>(&json).unwrap(), secret);
    }
}
