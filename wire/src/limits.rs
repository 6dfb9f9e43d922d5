//! Every bound of the venue, in one place, proved against each other at compile time.

use crate::{
    sbe::{Grouped, messages::MassQuote},
    types::ClOrdId,
};

/// Bytes a command about one order may have: two cache lines.
pub const COMMAND_BYTES_MAX: usize = 128;
/// Bytes that any command may have: those of a mass quote with all its entries.
pub const COMMAND_MESSAGE_BYTES_MAX: usize = 1352;
/// Instruments that one mass quote may name.
pub const MASS_QUOTE_ENTRIES_MAX: usize = 32;
/// Fills within its window that market-maker protection may be set to.
pub const PROTECTION_FILLS_MAX: u32 = 1024;
/// Pairs of account and group that market-maker protection may be configured for.
pub const PROTECTIONS_MAX: u32 = 1 << 16;
/// Slices that an iceberg order may have: its quantity divided by its display quantity, rounded up.
pub const ICEBERG_SLICES_MAX: u64 = 1024;
/// How long the call of a volatility auction may be configured to last, in nanoseconds: an hour.
pub const VOLATILITY_CALL_NS_MAX: u64 = 3_600_000_000_000;
/// The least time between two indicative prices of an instrument's auction, in nanoseconds.
pub const INDICATIVE_NS: u64 = 100_000_000;
/// Orders that one piece of the answer to a mass status request looks at.
pub const MASS_STATUS_PIECE: u32 = 64;
/// The time between two pieces, in nanoseconds: 64,000 reports a second, which a client can read.
pub const MASS_STATUS_PAUSE_NS: u64 = 1_000_000;
/// Bytes of an event.
pub const EVENT_BYTES: usize = 264;
/// Instruments that one request for market data may name.
pub const MARKET_DATA_SYMBOLS_MAX: usize = 32;
/// Characters that a client's name of a request for market data or reference data may have.
pub const MARKET_DATA_REQUEST_ID_BYTES_MAX: usize = 64;
/// Prices of a side that one message of market data tells, and that a subscription may be limited to at most.
pub const MARKET_DATA_LEVELS_MAX: usize = 48;
/// Changes that one message of market data tells.
pub const MARKET_DATA_CHANGES_MAX: usize = 40;
/// Subscriptions to market data that a session may have: one for each instrument of a request.
pub const MARKET_DATA_SUBSCRIPTIONS_MAX: u32 = 256;
/// Bytes that wait for a client beyond which it gets no market data.
pub const MARKET_DATA_OUTPUT_BYTES_MAX: usize = 64 * 1024;
/// Prices that a gateway keeps of all the books together that its clients have asked for.
pub const FEED_LEVELS_MAX: usize = 1 << 22;
/// Bytes of a record of public market data.
pub const FEED_RECORD_BYTES: usize = 96;
/// Bytes of the smallest sequenced log.
pub const SEQUENCED_BYTES_MIN: u32 = 1 << 20;
/// Bytes of the journal's smallest file.
pub const JOURNAL_SEGMENT_BYTES_MIN: u32 = 1 << 21;
/// Bytes of the journal's largest file.
pub const JOURNAL_SEGMENT_BYTES_MAX: u32 = 1 << 30;
/// Bytes of the log in which gateways read how far commands are durable.
pub const DURABLE_LOG_BYTES: usize = 64 * 1024;

/// The highest price, in ticks. With [`LOTS_MAX`], what one order can trade stays below 2^113, exact in 128 bits.
pub const TICKS_MAX: i64 = 1 << 56;
/// The greatest quantity, in lots.
pub const LOTS_MAX: u64 = 1 << 56;

/// Bytes a FIX message may have, from `8=` to the end of `10=`. Longer ones end the connection.
pub const FIX_MESSAGE_BYTES_MAX: usize = 8 * 1024;
/// Bytes a message on a SoupBinTCP connection may have. Longer packets end the connection.
pub const SOUP_MESSAGE_BYTES_MAX: usize = 4096;
/// Bytes a MoldUDP64 packet may have: what an Ethernet frame has room for behind the headers of IPv6 and UDP.
pub const MOLD_PACKET_BYTES_MAX: usize = 1452;
/// Bytes a message in a MoldUDP64 packet may have.
pub const MOLD_MESSAGE_BYTES_MAX: usize = 1430;
/// Messages that one request to a MoldUDP64 re-request server brings at most.
pub const MOLD_REQUEST_MESSAGES_MAX: u16 = 256;
/// Bytes a CompID, symbol or account name may have.
pub const NAME_BYTES_MAX: usize = 32;
/// Bytes a password may have.
pub const PASSWORD_BYTES_MAX: usize = 128;
/// Bytes of a Username (553) that is no CompID: an API key.
pub const USERNAME_BYTES_MAX: usize = 128;
/// Failed logons under one name from one source that a configuration may bear with before it locks out.
pub const LOGON_FAILURES_MAX: u32 = 1_000;
/// The longest lock that a configuration may have, seconds: a day.
pub const LOCKOUT_S_MAX: u32 = 86_400;
/// Characters a reject's Text may have.
pub const TEXT_BYTES_MAX: usize = 256;

/// Messages of a session that a gateway serves before the others have their turn.
pub const MESSAGES_PER_TURN: usize = 32;
/// Sessions a venue may have.
pub const SESSIONS_MAX: u32 = 4096;
/// Gateways a venue may have, each with rings of its own.
pub const GATEWAYS_MAX: u32 = 16;
/// Shards a venue may have, each with a matcher of its own.
pub const SHARDS_MAX: u8 = 8;
/// Requests to all shards that a gateway worker may have whose answers are not complete.
pub const GATHERED_MAX: usize = 256;
/// Those among them for balances.
pub const GATHERED_BALANCES_MAX: usize = 8;
/// Accounts a venue may have.
pub const ACCOUNTS_MAX: u32 = 1 << 20;
/// Assets a venue may have.
pub const ASSETS_MAX: u32 = 1024;
/// Instruments a venue may have.
pub const INSTRUMENTS_MAX: u32 = 4096;
/// Orders a matcher may be configured to hold open.
pub const OPEN_ORDERS_MAX: u32 = 1 << 26;
/// Finished orders a matcher may be configured to remember.
pub const FINISHED_ORDERS_MAX: u32 = 1 << 26;
/// How far a price band may reach, in hundredths of a percent of the reference price.
pub const BAND_BASIS_POINTS_MAX: u32 = 100_000;

/// Bytes a ring may be configured to have, at least: a power of two.
pub const RING_BYTES_MIN: u32 = 1 << 16;
/// Bytes a ring may be configured to have, at most: a power of two.
pub const RING_BYTES_MAX: u32 = 1 << 30;

/// Connections a gateway may be configured to hold.
pub const CONNECTIONS_MAX: u32 = 1 << 16;
/// Bytes a session may be configured to have waiting to be sent, at least.
pub const OUTPUT_BYTES_MIN: u32 = 1 << 16;
/// Bytes a session may be configured to have waiting to be sent, at most.
pub const OUTPUT_BYTES_MAX: u32 = 1 << 28;
/// Messages a session may be configured to keep for resending, at least.
pub const RESEND_WINDOW_MIN: u32 = 16;
/// Messages a session may be configured to keep for resending, at most.
pub const RESEND_WINDOW_MAX: u32 = 1 << 20;
/// Bytes of sent messages kept for resending may be configured to be so few.
pub const RESEND_BYTES_MIN: u32 = 64 * 1024;
/// And so many.
pub const RESEND_BYTES_MAX: u32 = 1 << 30;
/// The longest message is kept, with what a store needs to find it again.
const _: () = assert!(RESEND_BYTES_MIN as usize > FIX_MESSAGE_BYTES_MAX + 64);
/// Seconds the shortest heartbeat interval may be configured to be.
pub const HEARTBEAT_S_MIN: u32 = 1;
/// Seconds the longest heartbeat interval may be configured to be.
pub const HEARTBEAT_S_MAX: u32 = 3600;
/// Milliseconds a connection may be configured to have for its logon, at least.
pub const LOGON_TIMEOUT_MS_MIN: u32 = 100;
/// Milliseconds a connection may be configured to have for its logon, at most.
pub const LOGON_TIMEOUT_MS_MAX: u32 = 60_000;
/// Seconds that a message's SendingTime may be allowed to be from the venue's clock.
pub const LATENCY_S_MAX: u32 = 86_400;
/// Bytes that an operator's request may have.
pub const ADMIN_REQUEST_BYTES_MAX: usize = 64 * 1024;
/// Operators' connections at one time.
pub const ADMIN_CONNECTIONS_MAX: usize = 16;
/// Places that the matcher looks at for one piece of an operator's search for orders.
pub const FIND_ORDERS_PIECE: usize = 1_024;
/// Orders told of in one piece.
pub const FIND_ORDERS_TOLD: u8 = 64;
/// Bytes that the head of a request for metrics may have.
pub const METRICS_REQUEST_BYTES_MAX: usize = 8 * 1024;
/// Connections at one time of those who ask for metrics.
pub const METRICS_CONNECTIONS_MAX: usize = 16;
/// Milliseconds that clients may be configured to have to cancel their orders when the venue drains.
pub const DRAIN_MS_MAX: u32 = 600_000;
/// Messages in its time that a session may be configured to send at most.
pub const THROTTLE_MESSAGES_MAX: u32 = 100_000;
/// Seconds that a message may be configured to count against a session's limit.
pub const THROTTLE_S_MAX: u32 = 3_600;
/// What a trunk may be limited to for each of its accounts.
pub const ACCOUNT_THROTTLE_MESSAGES_MAX: u32 = 1_000;
/// Bytes that those limits may take for all accounts that there may be, of each trunk.
pub const ACCOUNT_THROTTLE_BYTES_MAX: u64 = 1 << 30;
/// Milliseconds of grace that cancel-on-disconnect may be configured to leave.
pub const CANCEL_GRACE_MS_MAX: u32 = 3_600_000;

const _: () = {
    assert!(COMMAND_BYTES_MAX >= 32 + 2 * ClOrdId::MAX + 16);
    // One order's notional, summed over every lot it can fill, fits 128 bits with room for its fees.
    assert!((TICKS_MAX as u128).checked_mul(LOTS_MAX as u128).is_some());
    assert!((TICKS_MAX as u128 * LOTS_MAX as u128) < 1 << 120);
    // The smallest ring still holds a burst: 240 events, each behind 8 bytes of the ring's own.
    assert!(RING_BYTES_MIN as usize >= 240 * (EVENT_BYTES + 8));
    assert!(RING_BYTES_MIN as usize >= 32 * COMMAND_MESSAGE_BYTES_MAX);
    assert!(EVENT_BYTES >= COMMAND_BYTES_MAX);
    // An entry of market data has at most 80 bytes in a snapshot, and a change 190: with what stands around them they fit a
    // message.
    assert!(2 * MARKET_DATA_LEVELS_MAX * 80 + 500 <= FIX_MESSAGE_BYTES_MAX);
    assert!(MARKET_DATA_CHANGES_MAX * 190 + 500 <= FIX_MESSAGE_BYTES_MAX);
    assert!(RING_BYTES_MIN.is_power_of_two() && RING_BYTES_MAX.is_power_of_two());
    // What the model of the protocols lets a mass quote have is what the venue has room for.
    assert!(<MassQuote as Grouped>::ENTRIES_MAX == MASS_QUOTE_ENTRIES_MAX);
    // The length of a SoupBinTCP packet is 16 bits, type included; every command fits one, whatever its encoding adds.
    assert!(SOUP_MESSAGE_BYTES_MAX < u16::MAX as usize);
    assert!(SOUP_MESSAGE_BYTES_MAX >= 2 * COMMAND_MESSAGE_BYTES_MAX);
    // The longest message fits a packet, alone.
    assert!(MOLD_MESSAGE_BYTES_MAX == MOLD_PACKET_BYTES_MAX - 22);
    // Whatever one message can cause must fit the smallest allowance of a session that does not read.
    assert!(OUTPUT_BYTES_MIN as usize >= 8 * FIX_MESSAGE_BYTES_MAX);
    // A report repeats names and a text: it must fit the frame we would ourselves accept.
    assert!(FIX_MESSAGE_BYTES_MAX >= 1024 + TEXT_BYTES_MAX + 4 * NAME_BYTES_MAX + 4 * ClOrdId::MAX);
};
