//! What the fuzz targets share. Their inputs are text as far as that goes, so that a corpus can be written by hand and a
//! crash can be read: `|` stands for SOH in FIX, and the inputs of session machines are scripts, a step to a line.

use std::{borrow::Cow, sync::LazyLock};

use wire::{
    decimal::Decimal,
    fix::{frame, version::Version},
    instrument::{Instrument, Step},
    sequenced::{Messages, SessionName},
    types::{InstrumentId, Lots, Nanos, Ticks},
};

/// 2026-11-20T12:00:00Z.
pub const NOON: Nanos = Nanos(1_795_176_000_000_000_000);

/// The steps of a script.
pub fn lines(script: &[u8]) -> impl Iterator<Item = &[u8]> {
    script.split(|&byte| byte == b'\n')
}

/// The number that `text` begins with, of nine digits at most, and what is behind it. No digits are 0.
#[must_use]
pub fn number(text: &[u8]) -> (u64, &[u8]) {
    let digits = text.iter().take(9).take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    (number.iter().fold(0, |number, byte| number * 10 + u64::from(byte - b'0')), rest)
}

/// `now`, so many milliseconds later as `text` says.
#[must_use]
pub fn later(now: Nanos, text: &[u8]) -> Nanos {
    now.after(number(text).0 * 1_000_000)
}

/// `text` with SOH for `|`.
#[must_use]
pub fn fields(text: &[u8]) -> Vec<u8> {
    text.iter().map(|&byte| if byte == b'|' { wire::fix::SOH } else { byte }).collect()
}

/// The version that `text` mentions; FIX 4.4 if it mentions none.
#[must_use]
pub fn version(text: &[u8]) -> Version {
    let mentions = |digits: &[u8]| text.windows(3).any(|three| three == digits);
    match (mentions(b"4.2"), mentions(b"5.0")) {
        (true, _) => Version::Fix42,
        (false, true) => Version::Fix50Sp2,
        (false, false) => Version::Fix44,
    }
}

/// A message of these fields, with SOH, in a frame with the right length and sum.
#[must_use]
pub fn framed(version: Version, body: &[u8]) -> Vec<u8> {
    let end: &[u8] = if body.last() == Some(&wire::fix::SOH) { b"" } else { &[wire::fix::SOH] };
    let len = body.len() + end.len();
    let mut message = format!("8={}\u{1}9={len}\u{1}", version.begin_string()).into_bytes();
    message.extend_from_slice(body);
    message.extend_from_slice(end);
    let sum = frame::checksum(&message);
    message.extend_from_slice(format!("10={sum:03}\u{1}").as_bytes());
    message
}

/// Insists that `out` is nothing but FIX messages; gives how many.
pub fn whole_messages(mut out: &[u8]) -> usize {
    let mut count = 0;
    while !out.is_empty() {
        match frame::next(out) {
            frame::Frame::Complete { len } => out = &out[len..],
            other => panic!("{other:?} at {}", out.escape_ascii()),
        }
        count += 1;
    }
    count
}

/// An instrument to read and write orders and reports of.
#[must_use]
pub fn instrument() -> Instrument {
    let step = |mantissa, scale| Step::new(Decimal { mantissa, scale }).expect("above zero");
    Instrument {
        id: InstrumentId(0),
        symbol: "BTCUSDT".into(),
        base: "BTC".into(),
        quote: "USDT".into(),
        tick: step(1, 2),
        lot: step(1, 5),
        quantity_min: Lots(1),
        quantity_max: Lots(1 << 40),
        notional_min: 0,
        reference: Ticks(5_000_000),
        band_basis_points: 5_000,
        dynamic_band_basis_points: 0,
        volatility_call_ns: 0,
        group: 0,
        shard: 0,
    }
}

/// A session's messages, in memory.
pub struct Kept {
    /// Its name.
    pub session: SessionName,
    /// The oldest that is not forgotten.
    pub first: u64,
    /// All of them.
    pub messages: Cow<'static, [Vec<u8>]>,
    /// There will be no more.
    pub ended: bool,
}

/// Made once, so that a run does not spend its time on them.
static MESSAGES: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| (0..2_000).map(|n: usize| vec![n.to_le_bytes()[0]; n * 7 % 60]).collect());

impl Kept {
    /// A session of `count` messages, 2,000 at most, each of another length than the one before.
    #[must_use]
    pub fn new(session: &str, count: usize) -> Kept {
        let session = SessionName::new(session).expect("a name");
        Kept { session, first: 1, messages: Cow::Borrowed(&MESSAGES[..count]), ended: false }
    }

    /// Adds a message of `len` bytes.
    pub fn add(&mut self, len: usize) {
        let fill = self.messages.len().to_le_bytes()[0];
        self.messages.to_mut().push(vec![fill; len]);
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
