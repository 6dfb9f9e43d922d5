//! Writers of fields into a buffer that is there already: nothing is formatted, nothing allocated.

use std::ops::Range;

use super::{
    SOH,
    frame::{TRAILER, checksum, digits},
    value::{Clock, digit, pair},
};
use crate::{
    decimal::{Decimal, SCALE_MAX, pow10},
    instrument::Step,
    limits::FIX_MESSAGE_BYTES_MAX,
    types::Nanos,
};

/// Room before MsgType (35) for `8=FIXT.1.1|9=nnnnn|`.
const FRONT: usize = 32;

/// A message being written, from MsgType (35) on; BeginString, BodyLength and CheckSum come with
/// [`Scratch::seal`].
#[derive(Debug)]
pub struct Body<'a> {
    buf: &'a mut [u8],
    len: usize,
    clock: &'a mut Clock,
    full: bool,
}

/// Where a message is put together before it goes out: a buffer of its own, because the length of a message
/// stands before its body.
#[derive(Debug)]
pub struct Scratch {
    buf: Box<[u8]>,
    clock: Clock,
}

impl Default for Scratch {
    fn default() -> Self {
        Scratch { buf: vec![0; FIX_MESSAGE_BYTES_MAX].into(), clock: Clock::default() }
    }
}

impl Scratch {
    /// Begins a message.
    pub fn body(&mut self) -> Body<'_> {
        let end = self.buf.len() - TRAILER;
        Body { buf: &mut self.buf[..end], len: FRONT, clock: &mut self.clock, full: false }
    }

    /// Ends the message whose fields end at `end` (see [`Body::end`]) and gives all of it.
    pub fn seal(&mut self, begin_string: &[u8], end: usize) -> &[u8] {
        let mut at = FRONT;
        let mut put_back = |bytes: &[u8]| {
            at -= bytes.len();
            self.buf[at..at + bytes.len()].copy_from_slice(bytes);
        };
        let mut rest = (end - FRONT) as u64;
        put_back(&[SOH]);
        loop {
            put_back(&[digit(rest)]);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        put_back(b"\x019=");
        put_back(begin_string);
        put_back(b"8=");
        let [hundreds, tens, ones] = digits(checksum(&self.buf[at..end]));
        self.buf[end..end + TRAILER].copy_from_slice(&[b'1', b'0', b'=', hundreds, tens, ones, SOH]);
        &self.buf[at..end + TRAILER]
    }

    /// The fields that stand at `range` of the message begun last; see [`Body::end`].
    #[must_use]
    pub fn written(&self, range: &Range<usize>) -> &[u8] {
        &self.buf[range.clone()]
    }
}

impl Body<'_> {
    /// A field: `tag` with its equals sign, `b"58="`.
    ///
    /// A field which no longer fits leaves the message as it was, and [`Body::is_full`] says so: bounds in
    /// [`crate::limits`] see to it that reports always fit.
    #[inline]
    pub fn field<const N: usize>(&mut self, tag: &[u8; N], value: &[u8]) {
        if let Some(room) = self.room(tag, value.len()) {
            room.copy_from_slice(value);
        }
    }

    /// A field of one character.
    #[inline]
    pub fn char<const N: usize>(&mut self, tag: &[u8; N], value: u8) {
        if let Some([room]) = self.room(tag, 1) {
            *room = value;
        }
    }

    /// A field with a whole number.
    #[inline]
    pub fn int<const N: usize>(&mut self, tag: &[u8; N], value: u64) {
        let len = digit_count(value);
        if let Some(room) = self.room(tag, len) {
            put_back(room, value);
        }
    }

    /// A field with a decimal, in all its places.
    pub fn decimal<const N: usize>(&mut self, tag: &[u8; N], value: Decimal) {
        self.scaled(tag, value.mantissa < 0, value.mantissa.unsigned_abs().into(), value.scale);
    }

    /// A field with `count` steps of a tick or lot, in all the step's places.
    pub fn steps<const N: usize>(&mut self, tag: &[u8; N], count: i64, step: Step) {
        let digits = u128::from(count.unsigned_abs()) * u128::from(step.mantissa());
        self.scaled(tag, count < 0, digits, step.scale());
    }

    /// A field with `digits` × 10^-`scale`.
    pub fn scaled<const N: usize>(&mut self, tag: &[u8; N], negative: bool, digits: u128, scale: u8) {
        // 128-bit divisions are slow; all but absurd numbers do without them.
        let (Ok(digits), Some(unit)) = (u64::try_from(digits), pow10_within(scale)) else {
            return self.wide(tag, negative, digits, scale);
        };
        let (whole, part) = (digits / unit, digits % unit);
        let places = usize::from(scale);
        let point = usize::from(negative) + digit_count(whole);
        let Some(room) = self.room(tag, point + places + usize::from(places > 0)) else { return };
        if negative {
            room[0] = b'-';
        }
        put_back(&mut room[usize::from(negative)..point], whole);
        if let [to_point, to_places @ ..] = &mut room[point..] {
            *to_point = b'.';
            put_back(to_places, part);
        }
    }

    /// [`Body::scaled`] for any number.
    #[cold]
    fn wide<const N: usize>(&mut self, tag: &[u8; N], negative: bool, digits: u128, scale: u8) {
        let mut text = [b'0'; 64];
        let mut at = text.len();
        let (mut rest, mut places) = (digits, 0);
        while rest > 0 || places <= scale {
            if places == scale && scale > 0 {
                at -= 1;
                text[at] = b'.';
            }
            at -= 1;
            text[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
            places += 1;
        }
        text[at - 1] = b'-';
        self.field(tag, &text[at - usize::from(negative)..]);
    }

    /// A UTCTimestamp to the nanosecond.
    pub fn time<const N: usize>(&mut self, tag: &[u8; N], time: Nanos) {
        let text = self.clock.text(time);
        if let Some(room) = self.room(tag, text.len()).and_then(<[u8]>::first_chunk_mut) {
            *room = text;
        }
    }

    /// A UTCTimestamp with `places` digits of a second: 0, 3, 6 or 9.
    pub fn time_to<const N: usize>(&mut self, tag: &[u8; N], time: Nanos, places: u8) {
        if places == 9 {
            return self.time(tag, time);
        }
        let text = self.clock.text(time);
        let end = if places == 0 { 17 } else { 18 + usize::from(places.min(9)) };
        self.field(tag, &text[..end]);
    }

    /// Writes a tag and the field's end; gives the room for `len` bytes of value between.
    #[inline(always)]
    fn room<const N: usize>(&mut self, tag: &[u8; N], len: usize) -> Option<&mut [u8]> {
        let room = self.buf.get_mut(self.len..).and_then(|rest| rest.get_mut(..N + len + 1));
        let Some((to_tag, rest)) = room.and_then(<[u8]>::split_first_chunk_mut::<N>) else {
            self.full = true;
            return None;
        };
        *to_tag = *tag;
        let (to_soh, to_value) = rest.split_last_mut()?;
        *to_soh = SOH;
        self.len += N + len + 1;
        Some(to_value)
    }

    /// Several fields as they are, each ended by SOH.
    pub fn raw(&mut self, fields: &[u8]) {
        let end = self.len + fields.len();
        match self.buf.get_mut(self.len..end) {
            Some(room) => {
                room.copy_from_slice(fields);
                self.len = end;
            }
            None => self.full = true,
        }
    }

    /// Where the fields written so far end.
    #[must_use]
    pub const fn end(&self) -> usize {
        self.len
    }

    /// Whether a field did not fit.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.full
    }
}

/// `value` in decimal at the end of `text`; gives where it begins.
pub(crate) fn decimal_digits(text: &mut [u8; 20], value: u64) -> usize {
    let start = text.len() - digit_count(value);
    put_back(&mut text[start..], value);
    start
}

/// Digits of `value`; one of zero.
#[inline]
fn digit_count(value: u64) -> usize {
    value.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// Fills `room` with `value` in decimal, zeros in front; what does not fit is lost.
#[inline]
fn put_back(room: &mut [u8], value: u64) {
    let mut rest = value;
    let (one, pairs) = room.as_rchunks_mut::<2>();
    for to_pair in pairs.iter_mut().rev() {
        *to_pair = pair(rest);
        rest /= 100;
    }
    if let [to_digit] = one {
        *to_digit = digit(rest);
    }
}

/// Ten to the power `scale`, if that is a scale of a decimal.
#[inline]
fn pow10_within(scale: u8) -> Option<u64> {
    (scale <= SCALE_MAX).then(|| pow10(scale))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What `write` writes.
    fn written(write: impl FnOnce(&mut Body<'_>)) -> String {
        let mut scratch = Scratch::default();
        let mut body = scratch.body();
        write(&mut body);
        let end = body.end();
        String::from_utf8_lossy(scratch.written(&(FRONT..end))).replace('\x01', "|")
    }

    #[test]
    fn numbers_are_written_in_all_their_places() {
        let step = |text: &str| Step::new(Decimal::parse(text.as_bytes()).unwrap()).unwrap();
        assert_eq!(written(|body| body.int(b"34=", 0)), "34=0|");
        assert_eq!(written(|body| body.int(b"34=", u64::MAX)), "34=18446744073709551615|");
        assert_eq!(written(|body| body.steps(b"44=", 5_000_010, step("0.01"))), "44=50000.10|");
        assert_eq!(written(|body| body.steps(b"44=", -402, step("0.25"))), "44=-100.50|");
        assert_eq!(written(|body| body.steps(b"38=", 7, step("1"))), "38=7|");
        assert_eq!(written(|body| body.steps(b"38=", 0, step("0.001"))), "38=0.000|");
        assert_eq!(
            written(|body| body.scaled(b"6=", false, u128::MAX, 26)),
            "6=3402823669209.38463463374607431768211455|"
        );
    }

    #[test]
    fn a_message_has_its_length_before_and_its_sum_behind() {
        let mut scratch = Scratch::default();
        let mut body = scratch.body();
        body.field(b"35=", b"0");
        body.int(b"34=", 7);
        let end = body.end();
        let message = scratch.seal(b"FIX.4.4", end);
        assert_eq!(message, b"8=FIX.4.4\x019=10\x0135=0\x0134=7\x0110=171\x01");
        assert_eq!(
            super::super::frame::next(message),
            super::super::frame::Frame::Complete { len: message.len() }
        );
    }

    #[test]
    fn a_field_that_does_not_fit_is_left_out() {
        let mut scratch = Scratch::default();
        let mut body = scratch.body();
        body.field(b"35=", b"0");
        body.field(b"58=", &[b'x'; FIX_MESSAGE_BYTES_MAX]);
        assert!(body.is_full());
        let end = body.end();
        assert_eq!(scratch.seal(b"FIX.4.4", end), b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01");
    }

    proptest! {
        #[test]
        fn a_written_decimal_is_read_back(mantissa in any::<i64>(), scale in 0_u8..=18) {
            let decimal = Decimal { mantissa, scale };
            let text = written(|body| body.decimal(b"44=", decimal));
            prop_assert_eq!(&text, &format!("44={decimal}|"));
        }
    }
}
