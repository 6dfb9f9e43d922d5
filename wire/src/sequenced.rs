//! A named sequence of numbered messages: what SoupBinTCP replays on a connection and MoldUDP64 publishes and gives
//! again. Whoever owns the messages implements [`Messages`].

use std::fmt;

/// The name of a session: ten printable ASCII characters, shorter names with spaces before them, as SoupBinTCP 3.00
/// has it ("left padded with spaces"). Names are the same when they are without the spaces around them.
#[derive(Clone, Copy)]
pub struct SessionName([u8; SessionName::BYTES]);

impl SessionName {
    /// Bytes of a name.
    pub const BYTES: usize = 10;

    /// The name `text`; `None` if it is empty, longer than [`SessionName::BYTES`], begins or ends with a space, or
    /// holds what is no printable ASCII.
    #[must_use]
    pub fn new(text: &str) -> Option<SessionName> {
        let mut bytes = [b' '; Self::BYTES];
        bytes.get_mut(Self::BYTES.checked_sub(text.len())?..)?.copy_from_slice(text.as_bytes());
        SessionName::from_bytes(bytes).filter(|name| name.trimmed() == text.as_bytes())
    }

    /// The name that stands in a packet, spaces and all; `None` if there is nothing but spaces, or anything that is no
    /// printable ASCII.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Option<SessionName> {
        let printable = bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
        (printable && bytes != [b' '; Self::BYTES]).then_some(SessionName(bytes))
    }

    /// The ten bytes that stand in packets.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    fn trimmed(&self) -> &[u8] {
        self.0.trim_ascii()
    }
}

impl PartialEq for SessionName {
    fn eq(&self, other: &SessionName) -> bool {
        self.0 == other.0 || self.trimmed() == other.trimmed()
    }
}

impl Eq for SessionName {}

impl fmt::Display for SessionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.trimmed().escape_ascii(), f)
    }
}

impl fmt::Debug for SessionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionName({self})")
    }
}

/// A session's messages, numbered from 1 without gaps. The oldest may have been forgotten.
///
/// Always: `1 <= first() <= next()`, and neither goes down within a session.
pub trait Messages {
    /// The session that messages are added to at present.
    fn session(&self) -> SessionName;

    /// The number of the oldest message that can still be had; [`Messages::next`] if there is none.
    fn first(&self) -> u64;

    /// The number that the next message will get.
    fn next(&self) -> u64;

    /// Message `number`; `None` if it is not there, or not there any more.
    fn get(&self, number: u64) -> Option<&[u8]>;

    /// Whether the session has ended: no message will be added any more.
    fn ended(&self) -> bool;
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::types::Nanos;

    pub(crate) const SECOND: u64 = 1_000_000_000;
    pub(crate) const NOON: Nanos = Nanos(1_795_176_000 * SECOND);

    pub(crate) fn name(text: &str) -> SessionName {
        SessionName::new(text).unwrap()
    }

    /// Every message of a session, in memory.
    #[derive(Debug)]
    pub(crate) struct Kept {
        pub(crate) session: SessionName,
        pub(crate) first: u64,
        pub(crate) messages: Vec<Vec<u8>>,
        pub(crate) ended: bool,
    }

    impl Kept {
        pub(crate) fn new(session: &str) -> Kept {
            Kept { session: name(session), first: 1, messages: Vec::new(), ended: false }
        }

        /// A session of `count` messages, each of which says its number.
        pub(crate) fn counting(count: u64) -> Kept {
            let mut kept = Kept::new("S1");
            (0..count).for_each(|_| kept.add());
            kept
        }

        /// Adds a message that says its number, and is the longer the higher that is.
        pub(crate) fn add(&mut self) {
            let mut message = self.next().to_be_bytes().to_vec();
            message.resize(8 + self.messages.len() % 50, b'.');
            self.messages.push(message);
        }
    }

    impl Messages for Kept {
        fn session(&self) -> SessionName {
            self.session
        }

        fn first(&self) -> u64 {
            self.first
        }

        fn next(&self) -> u64 {
            self.messages.len() as u64 + 1
        }

        fn get(&self, number: u64) -> Option<&[u8]> {
            let at = usize::try_from(number.checked_sub(1)?).ok()?;
            self.messages.get(at).filter(|_| number >= self.first).map(Vec::as_slice)
        }

        fn ended(&self) -> bool {
            self.ended
        }
    }

    /// The number a message of [`Kept`] says.
    pub(crate) fn said(message: &[u8]) -> u64 {
        u64::from_be_bytes(*message.first_chunk().unwrap())
    }

    #[test]
    fn names_are_compared_without_the_spaces_around_them() {
        let name = name("S1");
        assert_eq!(name.bytes(), b"        S1");
        assert_eq!(SessionName::from_bytes(*b"S1        "), Some(name));
        assert_ne!(SessionName::from_bytes(*b"S 1       "), Some(name));
        assert_eq!(name.to_string(), "S1");
        assert_eq!(SessionName::new("ten bytes.").unwrap().bytes(), b"ten bytes.");
    }

    #[test]
    fn what_is_no_name_is_none() {
        for text in ["", " ", "eleven chars", " S1", "S1 ", "S\n", "Ü"] {
            assert_eq!(SessionName::new(text), None, "{text:?}");
        }
        assert_eq!(SessionName::from_bytes([b' '; 10]), None);
        assert_eq!(SessionName::from_bytes([0; 10]), None);
        assert_eq!(SessionName::from_bytes(*b"SESSION\xff01"), None);
    }
}
