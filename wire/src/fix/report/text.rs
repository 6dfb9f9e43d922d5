//! Text (58) of rejects: what was wrong, with the instrument's own number, and what to do about it.

use crate::{
    event::Event,
    fix::encode::decimal_digits,
    instrument::{Instrument, Step},
    limits::TEXT_BYTES_MAX,
    reject::Reject,
};

/// A text of at most [`TEXT_BYTES_MAX`] bytes; what does not fit is cut.
pub(in crate::fix) struct Text {
    buf: [u8; TEXT_BYTES_MAX],
    len: usize,
}

impl Default for Text {
    fn default() -> Text {
        Text { buf: [0; TEXT_BYTES_MAX], len: 0 }
    }
}

impl Text {
    pub(in crate::fix) fn bytes(&self) -> &[u8] {
        &self.buf[..self.len]
    }

    pub(in crate::fix) fn put(&mut self, text: &str) {
        let room = &mut self.buf[self.len..];
        let n = text.len().min(room.len());
        room[..n].copy_from_slice(&text.as_bytes()[..n]);
        self.len += n;
    }

    fn put_number(&mut self, digits: u128, scale: u8) {
        let unit = 10_u128.pow(scale.into());
        let (whole, mut part) = (digits / unit, digits % unit);
        self.put_int(whole);
        if part > 0 {
            self.put(".");
            let mut place = unit / 10;
            while part > 0 {
                self.put_int(part / place);
                part %= place;
                place /= 10;
            }
        }
    }

    /// Puts a whole number.
    pub(in crate::fix) fn put_int(&mut self, number: impl Into<u128>) {
        let number = number.into();
        let mut digits = [0; 20];
        // Only a notional near the venue's bounds does not fit; a text may be vague there.
        let at = decimal_digits(&mut digits, u64::try_from(number).unwrap_or(u64::MAX));
        self.put(std::str::from_utf8(&digits[at..]).unwrap_or_default());
    }

    /// Puts that the shards with these bits have not answered.
    #[cold]
    pub(in crate::fix) fn put_missing(&mut self, shards: u8) {
        self.put(Reject::PartMissing.sentence());
        let mut before = ": shard ";
        for shard in (0..8_u32).filter(|shard| shards >> shard & 1 == 1) {
            self.put(before);
            self.put_int(shard);
            before = ", ";
        }
        self.put("; ");
        self.put(Reject::PartMissing.remedy());
    }

    fn put_steps(&mut self, count: u64, step: Step) {
        self.put_number(u128::from(count) * u128::from(step.mantissa()), step.scale());
    }
}

/// The text of `reject`.
#[cold]
pub(in crate::fix) fn of_reject(reject: Reject, instrument: Option<&Instrument>) -> Text {
    let mut text = Text::default();
    text.put(reject.sentence());
    if let Some(instrument) = instrument {
        detail(reject, instrument, &mut text);
    }
    text.put("; ");
    text.put(reject.remedy());
    text
}

/// Why a request that is not about one order was refused, or which shards are missing from its answer; `None` where that is whole.
pub(in crate::fix) fn of_answer(event: &Event) -> Option<Text> {
    match (event.missing(), event.reject) {
        (0, Reject::None) => None,
        (0, reject) => Some(of_reject(reject, None)),
        (missing, _) => {
            let mut text = Text::default();
            text.put_missing(missing);
            Some(text)
        }
    }
}

/// The text of a refused request: that of its reason, and of a limit that it would exceed what is used of it and the limit.
#[cold]
pub(in crate::fix) fn of_refusal(event: &Event, instrument: &Instrument) -> Text {
    match event.limit() {
        Some(limit) => of_entry(0, event.reject, Some(limit)),
        None => of_reject(event.reject, Some(instrument)),
    }
}

/// The text of `reject` for a mass quote's entry of this number, 0 is none in particular, and what is used of the `limit` that
/// is the reason, and the limit.
#[cold]
pub(in crate::fix) fn of_entry(number: u64, reject: Reject, limit: Option<(u64, u64)>) -> Text {
    let mut text = Text::default();
    if number > 0 {
        text.put("entry ");
        text.put_int(number);
        text.put(": ");
    }
    text.put(reject.sentence());
    if let Some((used, max)) = limit {
        let scale = if reject == Reject::NotionalTooLarge { 8 } else { 0 };
        text.put(": ");
        text.put_number(used.into(), scale);
        text.put(" of ");
        text.put_number(max.into(), scale);
    }
    text.put("; ");
    text.put(reject.remedy());
    text
}

/// A number and what it counts.
pub(in crate::fix) fn counted(number: u64, what: &str) -> Text {
    let mut text = Text::default();
    text.put_int(number);
    text.put(what);
    text
}

fn detail(reject: Reject, instrument: &Instrument, text: &mut Text) {
    match reject {
        Reject::PriceOffTick => {
            text.put(" (tick ");
            text.put_steps(1, instrument.tick);
        }
        Reject::QuantityOffLot => {
            text.put(" (lot ");
            text.put_steps(1, instrument.lot);
        }
        Reject::QuantityTooSmall => {
            text.put(" (");
            text.put_steps(instrument.quantity_min.0, instrument.lot);
        }
        Reject::QuantityTooLarge => {
            text.put(" (");
            text.put_steps(instrument.quantity_max.0, instrument.lot);
        }
        Reject::NotionalTooSmall => {
            let (tick, lot) = (instrument.tick, instrument.lot);
            let unit = u128::from(tick.mantissa()) * u128::from(lot.mantissa());
            text.put(" (");
            match instrument.notional_min.checked_mul(unit) {
                Some(digits) => text.put_number(digits, tick.scale() + lot.scale()),
                None => text.put("very large"),
            }
        }
        Reject::PriceOutsideBand => {
            text.put(" (within ");
            text.put_number(instrument.band_basis_points.into(), 2);
            text.put(" % of it");
        }
        _ => return,
    }
    text.put(")");
}
