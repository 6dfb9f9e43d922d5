//! Names of requests: a client's own (ClOrdID), never used twice by a session.

use std::{
    fmt,
    io::Write,
    str::FromStr,
    time::{SystemTime, UNIX_EPOCH},
};

use wire::{sbe::field::Text, types::ClOrdId};

use crate::Error;

/// What a request is called: 1 to 36 printable ASCII characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name([u8; ClOrdId::MAX]);

impl Name {
    /// The name `text`.
    ///
    /// # Errors
    /// [`Error::Name`].
    pub fn new(text: &str) -> Result<Name, Error> {
        let mut padded = [0; ClOrdId::MAX];
        let place = padded.get_mut(..text.len()).ok_or_else(|| Error::Name(text.to_owned()))?;
        place.copy_from_slice(text.as_bytes());
        // A zero at the end would be taken for padding.
        let name = ClOrdId::from_padded(padded).filter(|_| !text.contains('\0'));
        let name = name.ok_or_else(|| Error::Name(text.to_owned()))?;
        Ok(Name(*name.padded()))
    }

    /// The name in a message; `None` if there is none.
    pub(crate) fn of(text: Text<{ ClOrdId::MAX }>) -> Option<Name> {
        (text.padded()[0] != 0).then_some(Name(*text.padded()))
    }

    pub(crate) fn text(self) -> Text<{ ClOrdId::MAX }> {
        self.0.into()
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|&byte| byte == 0).unwrap_or(self.0.len());
        // What the venue sends is checked by nobody before.
        str::from_utf8(&self.0[..length]).unwrap_or("?")
    }
}

impl FromStr for Name {
    type Err = Error;

    fn from_str(text: &str) -> Result<Name, Error> {
        Name::new(text)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({})", self.as_str())
    }
}

/// Finds names: the time of its making in nanoseconds and a counter, in hexadecimal digits. Two of one session never find
/// the same unless they are made in one nanosecond.
#[derive(Debug)]
pub(crate) struct Names {
    prefix: u64,
    next: u64,
}

impl Names {
    pub(crate) fn new() -> Names {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // It lasts until the year 2554.
        Names { prefix: u64::try_from(since.as_nanos()).unwrap_or(u64::MAX), next: 0 }
    }

    pub(crate) fn next(&mut self) -> Name {
        self.find('-')
    }

    /// A name for one of the library's own questions.
    pub(crate) fn fence(&mut self) -> Name {
        self.find('?')
    }

    /// Whether `name` is such a question's.
    pub(crate) fn is_fence(&self, name: Name) -> bool {
        let rest = name.as_str().split_once('?');
        rest.is_some_and(|(prefix, _)| u64::from_str_radix(prefix, 16) == Ok(self.prefix))
    }

    fn find(&mut self, mark: char) -> Name {
        let mut name = [0; ClOrdId::MAX];
        let mut place = &mut name[..];
        // At most 16 digits, a mark and 16 more.
        let written = write!(place, "{:x}{mark}{:x}", self.prefix, self.next);
        debug_assert!(written.is_ok());
        self.next += 1;
        Name(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_1_to_36_printable_characters() {
        let longest = "x".repeat(36);
        for text in ["a", "my order", longest.as_str()] {
            assert_eq!(Name::new(text).unwrap().as_str(), text);
        }
        for text in ["", "tab\t", "ü", "nul\0", &"x".repeat(37)] {
            assert!(matches!(Name::new(text), Err(Error::Name(_))), "{text:?}");
        }
    }

    #[test]
    fn found_names_are_names_and_differ() {
        let mut names = Names::new();
        let found: Vec<_> = (0..3).map(|_| names.next()).collect();
        assert!(found.iter().all(|name| Name::new(name.as_str()).unwrap() == *name));
        assert!(found[0] != found[1] && found[1] != found[2]);
        let fence = names.fence();
        assert!(names.is_fence(fence) && !names.is_fence(found[0]));
        assert!(!Names { prefix: 1, next: 0 }.is_fence(fence), "another one's");
    }
}
