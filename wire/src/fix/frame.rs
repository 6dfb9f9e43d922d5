//! Where a message begins and ends: `8=`, `9=`, `35=` first, `10=` last, and both sums right.
//!
//! Anything else is garbled: it is skipped without an answer and without counting (FIX session layer, "garbled
//! message"), and the next message of the stream shows the gap. How much is skipped follows QuickFIX, whose
//! parser takes a message of wrong BodyLength to end at the next trailer.
//!
//! A call looks at a message's first bytes, and at all of it only when all of it is there; what is skipped is
//! looked at once. The work is therefore linear in the bytes received, however they are cut.

use super::{SOH, scan, version::Version};
use crate::limits::FIX_MESSAGE_BYTES_MAX;

/// What stands at the beginning of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The beginning of a message, or nothing.
    Incomplete,
    /// A message of `len` bytes with right sums.
    Complete {
        /// Its bytes, from `8=` to the end of `10=`.
        len: usize,
    },
    /// Bytes that are no message.
    Garbled {
        /// How many to skip, at least one.
        skip: usize,
        /// What is wrong with them.
        why: Garbled,
    },
    /// A message that announces more than [`FIX_MESSAGE_BYTES_MAX`]: the connection is not worth keeping.
    TooLong,
}

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Garbled {
    /// BeginString (8) is not the first field.
    #[error("no BeginString (8) where a message should begin")]
    BeginString,
    /// BodyLength (9) is not the second field, or not a number above zero.
    #[error("no proper BodyLength (9) after BeginString (8)")]
    BodyLength,
    /// MsgType (35) is not the third field.
    #[error("no MsgType (35) after BodyLength (9)")]
    MsgType,
    /// CheckSum (10) does not stand where BodyLength says.
    #[error("BodyLength (9) does not lead to CheckSum (10)")]
    Trailer,
    /// CheckSum (10) is not the sum of the bytes.
    #[error("CheckSum (10) is wrong")]
    CheckSum,
}

/// Bytes of `10=nnn|`.
pub(crate) const TRAILER: usize = 7;
const BEGIN: &[u8] = b"8=FIX";
/// `8=FIXT.1.1|` is the longest we know; a BeginString longer than this is none.
const BEGIN_STRING_END_MAX: usize = 16;
/// Digits of BodyLength, leading zeros included.
const LENGTH_DIGITS_MAX: usize = 9;

/// What stands at the beginning of `buf`.
#[must_use]
pub fn next(buf: &[u8]) -> Frame {
    let head = match head(buf) {
        Head::Found(head) => head,
        Head::Cut => return Frame::Incomplete,
        Head::Not(Garbled::BeginString) => {
            return Frame::Garbled { skip: to_next_begin(buf, 1), why: Garbled::BeginString };
        }
        Head::Not(why) => return Frame::Garbled { skip: past_message(buf, BEGIN.len()), why },
    };
    let len = head.body + head.body_len + TRAILER;
    if len > FIX_MESSAGE_BYTES_MAX {
        return Frame::TooLong;
    }
    let Some(message) = buf.get(..len) else {
        return Frame::Incomplete;
    };
    let Some((summed, &trailer)) = message.split_last_chunk::<TRAILER>() else {
        return Frame::Incomplete;
    };
    if ends(message, scan::sum(summed)) {
        return Frame::Complete { len };
    }
    match trailer {
        [b'1', b'0', b'=', _, _, _, SOH] if summed.last() == Some(&SOH) => {
            Frame::Garbled { skip: len, why: Garbled::CheckSum }
        }
        _ => Frame::Garbled { skip: past_message(buf, summed.len() - 1), why: Garbled::Trailer },
    }
}

/// Whether `message` ends with CheckSum (10) of this value.
#[inline(always)]
pub(super) fn ends(message: &[u8], sum: u8) -> bool {
    message.last_chunk().is_some_and(|last| u64::from_le_bytes(*last) == TRAILERS[usize::from(sum)])
}

/// The sum of `bytes` modulo 256.
#[must_use]
pub fn checksum(bytes: &[u8]) -> u8 {
    scan::sum(bytes)
}

/// The end of a message, from the last field's SOH on, by its sum.
pub(super) static TRAILERS: [u64; 256] = {
    let mut trailers = [0; 256];
    let mut sum: u8 = 0;
    loop {
        let [hundreds, tens, ones] = digits(sum);
        trailers[sum as usize] = u64::from_le_bytes([SOH, b'1', b'0', b'=', hundreds, tens, ones, SOH]);
        if sum == u8::MAX {
            break trailers;
        }
        sum += 1;
    }
};

/// A sum as CheckSum (10) has it: three digits.
pub(crate) const fn digits(sum: u8) -> [u8; 3] {
    [b'0' + sum / 100, b'0' + sum / 10 % 10, b'0' + sum % 10]
}

/// Where the body begins, which is at `35=`, and the length it claims.
struct Body {
    body: usize,
    body_len: usize,
}

enum Head {
    Found(Body),
    /// All that is there could be a message's beginning.
    Cut,
    Not(Garbled),
}

/// If a message begins as nearly all do, with a BeginString (8) that we serve and with BodyLength (9): the version, and
/// where the value of BodyLength begins.
#[inline(always)]
pub(super) fn usual_begin(buf: &[u8]) -> Option<(Version, usize)> {
    let &first = buf.first_chunk::<16>()?;
    let first = u128::from_le_bytes(first);
    let begins = |text: &[u8; 13], len: u32| {
        let mask = u128::MAX >> (128 - 8 * len);
        let mut wide = [0; 16];
        wide[..13].copy_from_slice(text);
        (first ^ u128::from_le_bytes(wide)) & mask == 0
    };
    if begins(b"8=FIX.4.4\x019=\0", 12) {
        Some((Version::Fix44, 12))
    } else if begins(b"8=FIX.4.2\x019=\0", 12) {
        Some((Version::Fix42, 12))
    } else if begins(b"8=FIXT.1.1\x019=", 13) {
        Some((Version::Fix50Sp2, 13))
    } else {
        None
    }
}

/// The head of a message as nearly all of them have it, and all of it there.
#[inline]
fn usual_head(buf: &[u8]) -> Option<Body> {
    let (_, length) = usual_begin(buf)?;
    let mut body_len = 0;
    for at in length..length + 5 {
        match *buf.get(at)? {
            digit @ b'0'..=b'9' => body_len = body_len * 10 + usize::from(digit - b'0'),
            SOH if body_len > 0 => {
                let body = at + 1;
                return (buf.get(body..body + 3)? == b"35=").then_some(Body { body, body_len });
            }
            _ => return None,
        }
    }
    None
}

fn head(buf: &[u8]) -> Head {
    match usual_head(buf) {
        Some(body) => Head::Found(body),
        None => any_head(buf),
    }
}

#[cold]
fn any_head(buf: &[u8]) -> Head {
    let first = &buf[..buf.len().min(BEGIN.len())];
    if first != &BEGIN[..first.len()] {
        return Head::Not(Garbled::BeginString);
    }
    let window = &buf[..buf.len().min(BEGIN_STRING_END_MAX)];
    let Some(length) = window.iter().position(|&b| b == SOH).map(|soh| soh + 1) else {
        return if window.len() < BEGIN_STRING_END_MAX { Head::Cut } else { Head::Not(Garbled::BeginString) };
    };
    let mut at = length;
    for expected in *b"9=" {
        match buf.get(at) {
            None => return Head::Cut,
            Some(&b) if b == expected => at += 1,
            Some(_) => return Head::Not(Garbled::BodyLength),
        }
    }
    let digits = at;
    let mut body_len = 0;
    loop {
        match buf.get(at) {
            None => return Head::Cut,
            Some(&b @ b'0'..=b'9') if at - digits < LENGTH_DIGITS_MAX => {
                body_len = body_len * 10 + usize::from(b - b'0');
            }
            Some(&SOH) if at > digits && body_len > 0 => break,
            Some(_) => return Head::Not(Garbled::BodyLength),
        }
        at += 1;
    }
    let body = at + 1;
    for (i, expected) in b"35=".iter().enumerate() {
        match buf.get(body + i) {
            None => return Head::Cut,
            Some(b) if b == expected => {}
            Some(_) => return Head::Not(Garbled::MsgType),
        }
    }
    Head::Found(Body { body, body_len })
}

/// How many bytes lie before the next `8=FIX` at or after `from`, or before what may become one.
fn to_next_begin(buf: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < buf.len() {
        let rest = &buf[at..];
        let look = rest.len().min(BEGIN.len());
        if rest[..look] == BEGIN[..look] {
            return at;
        }
        at += 1;
    }
    buf.len()
}

/// How many bytes a message of wrong shape has: to the end of the first `|10=...|` at or after `from`, or to
/// the first `|8=FIX` if that comes before, or else to the next beginning of a message.
fn past_message(buf: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < buf.len() {
        let rest = &buf[at..];
        if rest[0] == SOH {
            if rest.len() > 1 && rest[1..].starts_with(BEGIN) {
                return at + 1;
            }
            if rest.starts_with(b"\x0110=") {
                let end = rest.iter().skip(4).take(TRAILER).position(|&b| b == SOH);
                return end.map_or_else(|| to_next_begin(buf, at + 4), |i| at + 4 + i + 1);
            }
        }
        at += 1;
    }
    to_next_begin(buf, from.max(1).min(buf.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(body: &str) -> Vec<u8> {
        let mut bytes = format!("8=FIX.4.4|9={}|{body}", body.len()).replace('|', "\x01").into_bytes();
        let sum = checksum(&bytes);
        bytes.extend_from_slice(b"10=");
        bytes.extend_from_slice(&digits(sum));
        bytes.push(SOH);
        bytes
    }

    fn garbled(text: &str) -> (usize, Garbled) {
        match next(&text.replace('|', "\x01").into_bytes()) {
            Frame::Garbled { skip, why } => (skip, why),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_message_is_complete_with_its_last_byte_and_not_before() {
        let mut bytes = message("35=0|34=1|");
        let len = bytes.len();
        for end in 0..len {
            assert_eq!(next(&bytes[..end]), Frame::Incomplete, "{end} bytes");
        }
        bytes.extend_from_slice(b"8=F");
        assert_eq!(next(&bytes), Frame::Complete { len });
    }

    #[test]
    fn each_field_that_is_not_in_its_place_is_named() {
        assert_eq!(garbled("35=0|8=FIX.4.4|9=5|"), (5, Garbled::BeginString));
        assert_eq!(garbled("8=FIXED INCOME AND MORE|9=5|"), (24 + 4, Garbled::BeginString));
        assert_eq!(garbled("8=FIX.4.4|35=0|34=1|10=123|8="), (27, Garbled::BodyLength));
        assert_eq!(garbled("8=FIX.4.4|9=0|35=0|10=123|8="), (26, Garbled::BodyLength));
        assert_eq!(garbled("8=FIX.4.4|9=-1|35=0|10=123|8="), (27, Garbled::BodyLength));
        assert_eq!(garbled("8=FIX.4.4|9=12x|35=0|10=123|8="), (28, Garbled::BodyLength));
        assert_eq!(garbled("8=FIX.4.4|9=1234567890|35=0|10=123|8="), (35, Garbled::BodyLength));
        assert_eq!(garbled("8=FIX.4.4|9=10|34=1|35=0|10=123|8="), (32, Garbled::MsgType));
    }

    #[test]
    fn a_wrong_sum_costs_the_message_and_nothing_behind_it() {
        assert_eq!(garbled("8=FIX.4.4|9=5|35=0|10=000|8=FIX"), (26, Garbled::CheckSum));
        assert_eq!(garbled("8=FIX.4.4|9=5|35=0|10=1 3|8=FIX"), (26, Garbled::CheckSum));
    }

    #[test]
    fn a_message_longer_than_it_says_ends_at_its_trailer() {
        let (skip, why) = garbled("8=FIX.4.4|9=5|35=0|34=1|58=text|10=000|8=FIX.4.4|9=5|");
        assert_eq!((skip, why), (39, Garbled::Trailer));
    }

    /// As QuickFIX: a length that leads into the next message takes that with it; the gap shows.
    #[test]
    fn a_message_shorter_than_it_says_takes_the_next_one_with_it() {
        let (skip, why) = garbled("8=FIX.4.4|9=24|35=0|34=1|10=000|8=FIX.4.4|9=5|35=0|10=163|8=FIX.4.4|");
        assert_eq!((skip, why), (58, Garbled::Trailer));
    }

    #[test]
    fn a_message_without_a_trailer_ends_where_the_next_begins() {
        let (skip, why) = garbled("8=FIX.4.4|9=5|35=0|34=1|58=text|8=FIX.4.4|9=5|35=0|10=163|");
        assert_eq!((skip, why), (32, Garbled::Trailer));
    }

    #[test]
    fn more_than_the_bound_is_too_long() {
        let text = |len: usize| format!("8=FIX.4.4\x019={len}\x0135=0\x01").into_bytes();
        assert_eq!(next(&text(FIX_MESSAGE_BYTES_MAX - 16 - TRAILER)), Frame::TooLong);
        assert_eq!(next(&text(FIX_MESSAGE_BYTES_MAX - 17 - TRAILER)), Frame::Incomplete);
        assert_eq!(next(&text(999_999_999)), Frame::TooLong);
    }

    /// Runs over all of `bytes`, given in pieces of `piece`: the messages found, how many calls that
    /// took, and whether a message was too long to go on.
    fn run(bytes: &[u8], piece: usize) -> (Vec<Vec<u8>>, usize, bool) {
        let (mut buf, mut found, mut calls) = (Vec::new(), Vec::new(), 0);
        for chunk in bytes.chunks(piece) {
            buf.extend_from_slice(chunk);
            loop {
                calls += 1;
                match next(&buf) {
                    Frame::Incomplete => break,
                    Frame::Complete { len } => found.push(buf.drain(..len).collect()),
                    Frame::Garbled { skip, .. } => {
                        assert!(skip > 0 && skip <= buf.len());
                        buf.drain(..skip);
                    }
                    Frame::TooLong => return (found, calls, true),
                }
            }
        }
        (found, calls, false)
    }

    #[test]
    fn garbage_is_skipped_in_few_steps_however_it_is_cut() {
        let garbage = "8=FI".repeat(10_000);
        let (found, calls, _) = run(garbage.as_bytes(), garbage.len());
        assert!(found.is_empty() && calls <= 3, "{calls} calls");
        let (_, calls, _) = run(garbage.as_bytes(), 1);
        assert!(calls <= 2 * garbage.len(), "{calls} calls");
    }

    fn pieces() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            "[ -~]{0,40}".prop_map(|text| message(&format!("35=B|58={text}x|"))),
            prop::collection::vec(any::<u8>(), 0..30),
            "(8=FIX|9=|35=|10=|\x01|[0-9]|[.]){0,20}".prop_map(String::into_bytes),
        ]
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_stand_still(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            run(&bytes, bytes.len().max(1));
        }

        #[test]
        fn good_messages_among_good_ones_are_found_however_they_are_cut(
            texts in prop::collection::vec("[ -~]{1,40}", 1..20), piece in 1_usize..100
        ) {
            let all: Vec<_> = texts.iter().map(|text| message(&format!("35=B|58={text}|").replace('\x01', "|"))).collect();
            prop_assert_eq!(run(&all.concat(), piece).0, all);
        }

        #[test]
        fn a_message_behind_any_garbage_is_found_once_another_has_come(
            garbage in prop::collection::vec(pieces(), 0..6), piece in 1_usize..300
        ) {
            // What garbage may claim is at most one message's bound; two trailers end whatever it began.
            let last = message("35=B|58=last|");
            let filler = message("35=0|34=1|").repeat(FIX_MESSAGE_BYTES_MAX / 20);
            let bytes = [garbage.concat(), filler, last.clone()].concat();
            let (found, _, too_long) = run(&bytes, piece);
            prop_assert!(too_long || found.last() == Some(&last));
        }
    }
}
