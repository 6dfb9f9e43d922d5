//! Names of code as words for people.

use std::fmt::Debug;

/// The name of an enum's variant as words: `InsufficientFunds` as `insufficient funds`.
pub(crate) fn words(variant: impl Debug) -> String {
    let mut words = String::new();
    for letter in format!("{variant:?}").chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use wire::event::Cause;

    use super::*;

    #[test]
    fn variants_are_words() {
        assert_eq!(words(Cause::InsufficientFunds), "insufficient funds");
        assert_eq!(words(Cause::Requested), "requested");
    }
}
