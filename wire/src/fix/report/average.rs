//! AvgPx (6) in integers.

use crate::{event::Event, fix::encode::Body, instrument::Step};

/// Decimal places that AvgPx may have beyond the tick's.
const PLACES: u8 = 8;
const UNIT: u128 = 10_u128.pow(PLACES as u32);

/// Writes the average price of the fills so far: exact where it has at most [`PLACES`] places more than the
/// tick, else rounded half up there; zeros at its end are dropped.
pub(in crate::fix) fn encode(event: &Event, tick: Step, body: &mut Body<'_>) {
    let (notional, cum) = (event.cum_notional(), u128::from(event.cum.0));
    if cum == 0 {
        return body.char(b"6=", b'0');
    }
    // notional / cum ticks of m × 10^-scale, as digits × 10^-(scale + PLACES): below 2^57 × 2^63 whole and a
    // remainder below cum, each multiplied by what it may be without leaving 128 bits.
    let m = u128::from(tick.mantissa());
    let (ticks, part) = div(notional, cum);
    let (more, rest) = div(part * m, cum);
    let mut digits = ticks.saturating_mul(m).saturating_add(more);
    let mut scale = tick.scale();
    if rest != 0 {
        let fraction = (rest * UNIT * 2 + cum) / (cum * 2);
        if let Some(fine) = digits.checked_mul(UNIT).and_then(|d| d.checked_add(fraction)) {
            digits = fine;
            scale += PLACES;
        }
    }
    while scale > 0 && digits.is_multiple_of(10) {
        digits /= 10;
        scale -= 1;
    }
    body.scaled(b"6=", digits, scale);
}

/// Quotient and remainder; almost always both fit 64 bits, where division is several times faster.
fn div(a: u128, b: u128) -> (u128, u128) {
    match (u64::try_from(a), u64::try_from(b)) {
        (Ok(a), Ok(b)) => ((a / b).into(), (a % b).into()),
        _ => (a / b, a % b),
    }
}
