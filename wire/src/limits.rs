//! Every bound of the venue, in one place, proved against each other at compile time.

use crate::types::ClOrdId;

/// Bytes a command may have: two cache lines.
pub const COMMAND_BYTES_MAX: usize = 128;
/// Bytes of an event.
pub const EVENT_BYTES: usize = 224;

/// The highest price, in ticks. With [`LOTS_MAX`], what one order can trade stays below 2^113, exact in 128 bits.
pub const TICKS_MAX: i64 = 1 << 56;
/// The greatest quantity, in lots.
pub const LOTS_MAX: u64 = 1 << 56;

/// Bytes a FIX message may have, from `8=` to the end of `10=`. Longer ones end the connection.
pub const FIX_MESSAGE_BYTES_MAX: usize = 8 * 1024;
/// Fields a FIX message may have.
pub const FIX_FIELDS_MAX: usize = 256;
/// Bytes a CompID, symbol or account name may have.
pub const NAME_BYTES_MAX: usize = 32;
/// Characters a reject's Text may have.
pub const TEXT_BYTES_MAX: usize = 256;

/// Sessions a venue may have.
pub const SESSIONS_MAX: u32 = 4096;
/// Accounts a venue may have.
pub const ACCOUNTS_MAX: u32 = 1 << 20;
/// Instruments a venue may have.
pub const INSTRUMENTS_MAX: u32 = 4096;
/// Orders a matcher may be configured to hold open.
pub const OPEN_ORDERS_MAX: u32 = 1 << 26;

const _: () = {
    assert!(COMMAND_BYTES_MAX >= 32 + 2 * ClOrdId::MAX + 16);
    // One order's notional, summed over every lot it can fill, fits 128 bits with room for its fees.
    assert!((TICKS_MAX as u128).checked_mul(LOTS_MAX as u128).is_some());
    assert!((TICKS_MAX as u128 * LOTS_MAX as u128) < 1 << 120);
    // A report repeats names and a text: it must fit the frame we would ourselves accept.
    assert!(FIX_MESSAGE_BYTES_MAX >= 1024 + TEXT_BYTES_MAX + 4 * NAME_BYTES_MAX + 4 * ClOrdId::MAX);
};
