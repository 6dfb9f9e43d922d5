//! Refusals to start, which have an exit code of their own.

use std::fmt;

/// The venue did not start: configuration or environment is at fault, and the message says what to do.
#[derive(Debug)]
pub struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// `why` as a refusal: one sentence with cause and remedy.
pub fn refused(why: impl fmt::Display) -> anyhow::Error {
    Refused(why.to_string()).into()
}
