//! Writers of fields into a buffer that is there already: nothing is formatted, nothing allocated.
//!
//! A field begins with the SOH that ends the one before it, so that tag and SOH are one word; [`Body::end`] puts the
//! last. Every writer stores whole words of a length that is known beforehand, and then moves on by as much as is meant: the
//! next one writes over the rest. So there is neither loop nor call in it, and one comparison with the buffer's end.

mod digits;

use std::ops::Range;

use self::digits::{Digits, EIGHT_MAX, Eight, SIXTEEN_MAX, Sixteen, ZEROS, fours};
pub(crate) use self::digits::{decimal_digits, eight_characters};
use super::{
    SOH,
    frame::{TRAILER, TRAILERS},
    value::Clock,
    version::Version,
};
use crate::{
    decimal::{Decimal, SCALE_MAX},
    instrument::Step,
    limits::FIX_MESSAGE_BYTES_MAX,
    types::{ClOrdId, Nanos},
};

/// Room before MsgType (35) for `8=FIXT.1.1|9=nnnn|`.
const FRONT: usize = 18;
const _: () = assert!(b"0.000000000000000000".len() == 2 + SCALE_MAX as usize);
/// Bytes that one step of writing may touch.
const STEP: usize = 96;
/// Bytes that are summed at a time.
const BLOCK: usize = 32;

/// Where the last step of writing may begin: what it touches is followed by room for the trailer, and for [`BLOCK`] zeros.
const LAST: usize = FIX_MESSAGE_BYTES_MAX - STEP - BLOCK;

type Buffer = [u8; FIX_MESSAGE_BYTES_MAX];

const _: () = assert!(FIX_MESSAGE_BYTES_MAX <= 9_999, "BodyLength has four digits at most");

/// Fields that many messages repeat, at most `N` bytes of them, ready to be copied: each with SOH before it.
#[derive(Clone, Copy, Debug)]
pub struct Ready<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Ready<N> {
    /// The field of this tag (with its equals sign) and value; what does not fit is cut.
    #[must_use]
    pub fn field(tag: &str, value: &str) -> Self {
        Ready { bytes: [0; N], len: 0 }.and(tag, value)
    }

    /// These fields, and another behind them.
    #[must_use]
    pub fn and(mut self, tag: &str, value: &str) -> Self {
        for text in ["\x01", tag, value] {
            let room = &mut self.bytes[self.len..];
            let len = text.len().min(room.len());
            room[..len].copy_from_slice(&text.as_bytes()[..len]);
            self.len += len;
        }
        self
    }
}

/// A message being written, from MsgType (35) on; BeginString, BodyLength and CheckSum come with
/// [`Scratch::seal`].
#[derive(Debug)]
pub struct Body<'a> {
    buf: &'a mut Buffer,
    /// Where the last field ends, without its SOH.
    len: usize,
    rest: &'a mut Rest,
}

/// What of a message is rarely asked for, and so is kept out of registers.
#[derive(Debug)]
struct Rest {
    clock: Clock,
    version: Version,
    full: bool,
}

/// Where a message is put together before it goes out: a buffer of its own, because the length of a message
/// stands before its body.
#[derive(Debug)]
pub struct Scratch {
    buf: Box<Buffer>,
    rest: Rest,
}

impl Scratch {
    /// For messages of this version.
    #[must_use]
    pub fn new(version: Version) -> Scratch {
        let buf = vec![0; FIX_MESSAGE_BYTES_MAX].into_boxed_slice();
        let buf = buf.try_into().expect("a vector of that length");
        Scratch { buf, rest: Rest { clock: Clock::default(), version, full: false } }
    }

    /// Begins a message.
    pub fn body(&mut self) -> Body<'_> {
        let Scratch { buf, rest } = self;
        rest.full = false;
        Body { buf, len: FRONT - 1, rest }
    }

    /// Ends the message whose fields end at `end` (see [`Body::end`]) and gives all of it.
    pub fn seal(&mut self, end: usize) -> &[u8] {
        let len = fours((end - FRONT) as u64);
        let text = len | ZEROS;
        let [a, b, c, d, ..] = text.to_le_bytes();
        put(&mut *self.buf, FRONT - 5, [a, b, c, d, SOH]);
        // What comes before writes over leading zeros.
        let zeros = (len | 1 << 24).trailing_zeros() as usize / 8;
        let at = FRONT - 5 + zeros;
        let (at, begin) = match self.rest.version {
            Version::Fix42 => put_begin(&mut *self.buf, at, b"8=FIX.4.2\x019="),
            Version::Fix44 => put_begin(&mut *self.buf, at, b"8=FIX.4.4\x019="),
            Version::Fix50Sp2 => put_begin(&mut *self.buf, at, b"8=FIXT.1.1\x019="),
        };
        // The sum of what was put before the body is no matter of reading it again, which would have to wait for that: the
        // multiplication adds the four digits up in its highest byte.
        let digits =
            (u32::from_le_bytes([a, b, c, d]) >> (8 * zeros)).wrapping_mul(0x0101_0101).to_le_bytes()[3];
        let sum = self.sum(end).wrapping_add(begin).wrapping_add(digits).wrapping_add(SOH);
        // With the SOH that is there.
        put(&mut self.buf[end - 1..], 0, TRAILERS[usize::from(sum)].to_le_bytes());
        &self.buf[at..end + TRAILER]
    }

    /// The sum of the body's bytes up to `end`, which is followed by room: zeros there make whole blocks of it.
    fn sum(&mut self, end: usize) -> u8 {
        put(&mut self.buf[end..], 0, [0; BLOCK]);
        let (blocks, _) = self.buf[FRONT..end + BLOCK].as_chunks::<BLOCK>();
        let mut sums = [0_u8; BLOCK];
        for block in blocks {
            for (sum, byte) in sums.iter_mut().zip(block) {
                *sum = sum.wrapping_add(*byte);
            }
        }
        sums.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
    }

    /// The fields that stand at `range` of the message begun last; see [`Body::end`].
    #[must_use]
    pub fn written(&self, range: &Range<usize>) -> &[u8] {
        &self.buf[range.clone()]
    }
}

impl Body<'_> {
    /// The version of FIX that the message is written in.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.rest.version
    }

    /// A field: `tag` with its equals sign, `b"58="`.
    ///
    /// A field which no longer fits leaves the message as it was, and [`Body::is_full`] says so: bounds in
    /// [`crate::limits`] see to it that reports always fit.
    #[inline]
    pub fn field<const N: usize>(&mut self, tag: &[u8; N], value: &[u8]) {
        let len = 1 + N + value.len();
        let Some(room) = self.buf[..LAST].get_mut(self.len..self.len + len) else {
            self.rest.full = true;
            return;
        };
        room[0] = SOH;
        put(room, 1, *tag);
        room[1 + N..].copy_from_slice(value);
        self.len += len;
    }

    /// Fields of one character each, as they stand in `fields` but with these values: SOH is before each, and `at` says
    /// where its value is.
    #[inline(always)]
    pub fn chars<const N: usize, const M: usize>(&mut self, fields: &[u8; N], values: [(usize, u8); M]) {
        let Some(room) = self.room() else { return };
        put(room, 0, *fields);
        for (at, value) in values {
            room[at] = value;
        }
        self.len += N;
    }

    /// Fields that were made ready.
    #[inline(always)]
    pub fn ready<const N: usize>(&mut self, fields: &Ready<N>) {
        let Some(room) = self.room() else { return };
        put(room, 0, fields.bytes);
        self.len += fields.len;
    }

    /// A field of one character.
    #[inline(always)]
    pub fn char<const N: usize>(&mut self, tag: &[u8; N], value: u8) {
        let Some(room) = self.room() else { return };
        tagged(room, tag);
        room[1 + N] = value;
        self.len += N + 2;
    }

    /// A field with a client's name of an order.
    #[inline(always)]
    pub fn name<const N: usize>(&mut self, tag: &[u8; N], name: &ClOrdId) {
        let Some(room) = self.room() else { return };
        tagged(room, tag);
        put(room, 1 + N, *name.padded());
        self.len += 1 + N + name.length();
    }

    /// A field with a whole number.
    #[inline(always)]
    pub fn int<const N: usize>(&mut self, tag: &[u8; N], value: u64) {
        self.narrow(tag, false, value, 0);
    }

    /// A field with a decimal, in all its places.
    #[inline]
    pub fn decimal<const N: usize>(&mut self, tag: &[u8; N], value: Decimal) {
        self.narrow(tag, value.mantissa < 0, value.mantissa.unsigned_abs(), value.scale);
    }

    /// A field with no steps at all of a tick or lot, in all the step's places.
    #[inline(always)]
    pub fn no_steps<const N: usize>(&mut self, tag: &[u8; N], step: Step) {
        let places = usize::from(step.scale());
        let Some(room) = self.room() else { return };
        tagged(room, tag);
        put(room, 1 + N, *b"0.000000000000000000");
        self.len += 2 + N + if places == 0 { 0 } else { 1 + places };
    }

    /// A field with `count` steps of a tick or lot, in all the step's places; below zero if `negative`.
    #[inline(always)]
    pub fn steps<const N: usize>(&mut self, tag: &[u8; N], negative: bool, count: u64, step: Step) {
        match count.checked_mul(step.mantissa()) {
            Some(digits) => self.narrow(tag, negative, digits, step.scale()),
            None => self.aside(|body| {
                let digits = u128::from(count) * u128::from(step.mantissa());
                body.wide(tag, negative, digits, step.scale());
            }),
        }
    }

    /// A field with `digits` × 10^-`scale`.
    pub fn scaled<const N: usize>(&mut self, tag: &[u8; N], digits: u128, scale: u8) {
        match u64::try_from(digits) {
            Ok(digits) => self.narrow(tag, false, digits, scale),
            Err(_) => self.wide(tag, false, digits, scale),
        }
    }

    /// [`Body::wide`] in 64 bits: nearly always, few digits.
    #[inline(always)]
    fn narrow<const N: usize>(&mut self, tag: &[u8; N], negative: bool, digits: u64, scale: u8) {
        if digits < EIGHT_MAX && scale < 8 {
            self.number::<_, Eight>(tag, negative, digits, scale);
        } else {
            self.aside(|body| body.larger(tag, negative, digits, scale));
        }
    }

    #[inline(never)]
    fn larger<const N: usize>(&mut self, tag: &[u8; N], negative: bool, digits: u64, scale: u8) {
        if digits < SIXTEEN_MAX && scale < 16 {
            self.number::<_, Sixteen>(tag, negative, digits, scale);
        } else {
            self.wide(tag, negative, digits.into(), scale);
        }
    }

    #[inline(always)]
    fn number<const N: usize, D: Digits>(&mut self, tag: &[u8; N], negative: bool, digits: u64, scale: u8) {
        let Some(room) = self.room() else { return };
        tagged(room, tag);
        put(room, 1 + N, *b"-");
        self.len += D::of(digits).write(scale.into(), room, 1 + N + usize::from(negative));
    }

    /// A field with any number: ± `digits` × 10^-`scale`.
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

    /// A field with any amount: `units` × 10^-`scale`, to the last digit.
    pub fn units<const N: usize>(&mut self, tag: &[u8; N], units: i128, scale: u8) {
        self.wide(tag, units < 0, units.unsigned_abs(), scale);
    }

    /// A UTCTimestamp to the nanosecond.
    #[inline(always)]
    pub fn time<const N: usize>(&mut self, tag: &[u8; N], time: Nanos) {
        self.time_to(tag, time, 9);
    }

    /// A UTCTimestamp with `places` digits of a second: 0, 3, 6 or 9.
    #[inline(always)]
    pub fn time_to<const N: usize>(&mut self, tag: &[u8; N], time: Nanos, places: u8) {
        self.time_cut(tag, time, if places == 0 { 17 } else { 18 + usize::from(places.min(9)) });
    }

    /// The day of a time, in UTC: a UTCDateOnly, or what FIX has for it.
    pub fn date<const N: usize>(&mut self, tag: &[u8; N], time: Nanos) {
        self.time_cut(tag, time, 8);
    }

    /// The first `bytes` of a UTCTimestamp.
    #[inline(always)]
    fn time_cut<const N: usize>(&mut self, tag: &[u8; N], time: Nanos, bytes: usize) {
        let Body { buf, len, rest: Rest { clock, full, .. } } = self;
        let Some(room) = room(buf, *len, full) else { return };
        tagged(room, tag);
        if let Some(room) = room[1 + N..].first_chunk_mut() {
            clock.put(time, room);
        }
        self.len += 1 + N + bytes;
    }

    /// Several fields as they are, each ended by SOH.
    pub fn raw(&mut self, fields: &[u8]) {
        let end = self.end();
        match self.buf[..LAST].get_mut(end..end + fields.len()) {
            Some(room) => {
                room.copy_from_slice(fields);
                self.len += fields.len();
            }
            None => self.rest.full = true,
        }
    }

    /// Lets `write` write in a body of its own that goes on here. Where that is not inlined, the cursor of this one stays
    /// in a register all the same.
    #[inline(always)]
    pub fn aside<R>(&mut self, write: impl FnOnce(&mut Body<'_>) -> R) -> R {
        let mut body = Body { buf: self.buf, len: self.len, rest: self.rest };
        let result = write(&mut body);
        self.len = body.len;
        result
    }

    /// Ends the fields written so far; gives where they do.
    pub fn end(&mut self) -> usize {
        self.buf[self.len] = SOH;
        self.len + 1
    }

    /// Whether a field did not fit.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.rest.full
    }

    /// Room for one step of writing; none, and the message is full, where there is no more.
    #[inline(always)]
    fn room(&mut self) -> Option<&mut [u8; STEP]> {
        room(self.buf, self.len, &mut self.rest.full)
    }
}

/// [`Body::room`] by its parts.
#[inline(always)]
fn room<'a>(buf: &'a mut Buffer, len: usize, full: &mut bool) -> Option<&'a mut [u8; STEP]> {
    if len > LAST {
        *full = true;
        return None;
    }
    buf[len..].first_chunk_mut()
}

/// Puts `bytes` at `at`.
#[inline(always)]
fn put<const N: usize>(room: &mut [u8], at: usize, bytes: [u8; N]) {
    room[at..at + N].copy_from_slice(&bytes);
}

/// Puts SOH and `tag` at the beginning, eight bytes at once: a value writes over what is no tag.
#[inline(always)]
fn tagged<const N: usize>(room: &mut [u8; STEP], tag: &[u8; N]) {
    const { assert!(N < 8) };
    let mut word = [SOH; 8];
    put(&mut word, 1, *tag);
    if N == 3 { put(room, 0, [word[0], word[1], word[2], word[3]]) } else { put(room, 0, word) }
}

/// Puts `bytes` before `at`; gives where they begin, and their sum.
#[inline(always)]
fn put_begin<const N: usize>(room: &mut [u8], at: usize, bytes: &'static [u8; N]) -> (usize, u8) {
    put(room, at - N, *bytes);
    (at - N, bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What `write` writes.
    fn written(write: impl FnOnce(&mut Body<'_>)) -> String {
        let mut scratch = Scratch::new(Version::Fix44);
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
        assert_eq!(written(|body| body.steps(b"44=", false, 5_000_010, step("0.01"))), "44=50000.10|");
        assert_eq!(written(|body| body.steps(b"44=", true, 402, step("0.25"))), "44=-100.50|");
        assert_eq!(written(|body| body.steps(b"38=", false, 7, step("1"))), "38=7|");
        assert_eq!(written(|body| body.steps(b"38=", false, 0, step("0.001"))), "38=0.000|");
        assert_eq!(
            written(|body| body.scaled(b"6=", u128::MAX, 26)),
            "6=3402823669209.38463463374607431768211455|"
        );
    }

    #[test]
    fn a_message_has_its_length_before_and_its_sum_behind() {
        let mut scratch = Scratch::new(Version::Fix44);
        let mut body = scratch.body();
        body.field(b"35=", b"0");
        body.int(b"34=", 7);
        let end = body.end();
        let message = scratch.seal(end);
        assert_eq!(message, b"8=FIX.4.4\x019=10\x0135=0\x0134=7\x0110=171\x01");
        assert_eq!(
            super::super::frame::next(message),
            super::super::frame::Frame::Complete { len: message.len() }
        );
    }

    #[test]
    fn a_field_that_does_not_fit_is_left_out() {
        let mut scratch = Scratch::new(Version::Fix44);
        let mut body = scratch.body();
        body.field(b"35=", b"0");
        body.field(b"58=", &[b'x'; FIX_MESSAGE_BYTES_MAX]);
        assert!(body.is_full());
        let end = body.end();
        assert_eq!(scratch.seal(end), b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01");
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
