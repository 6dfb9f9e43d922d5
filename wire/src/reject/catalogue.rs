//! Generated from wire/schema/model/7-rejects.toml; change that, then: cargo run -p penstock-schema.

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

use super::Entry;

/// Why a request was refused. Codes are stable: a number is never given to another reason.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, TryFromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(u16)]
pub enum Reject {
    /// Not refused.
    None = 0,
    /// No instrument of this name.
    UnknownInstrument = 1,
    /// A legal value of the protocol that this venue does not offer, or a combination that makes no sense.
    UnsupportedOrder = 2,
    /// Price zero or negative.
    PriceNotPositive = 3,
    /// Price between two ticks.
    PriceOffTick = 4,
    /// Price too large for the venue.
    PriceOutOfRange = 5,
    /// Quantity zero.
    QuantityNotPositive = 6,
    /// Quantity between two lots.
    QuantityOffLot = 7,
    /// Quantity negative or too large for the venue.
    QuantityOutOfRange = 8,
    /// Below the instrument's minimum quantity.
    QuantityTooSmall = 9,
    /// Above the instrument's maximum quantity.
    QuantityTooLarge = 10,
    /// Below the instrument's minimum notional.
    NotionalTooSmall = 11,
    /// Outside the instrument's price band.
    PriceOutsideBand = 12,
    /// The session has used this ClOrdID.
    DuplicateClOrdId = 13,
    /// The session does not trade for the account.
    NotEntitled = 14,
    /// The matcher's table of open orders is full.
    TooManyOpenOrders = 15,
    /// A post-only order that would trade on entry.
    PostOnlyWouldTake = 16,
    /// No open order of this name.
    UnknownOrder = 17,
    /// The request names another side or instrument than the order's.
    OrderMismatch = 18,
    /// The ring to the matcher is full.
    Busy = 19,
    /// No matcher is attached.
    MatcherAway = 20,
    /// The venue is being shut down.
    Draining = 21,
    /// ClOrdID missing, too long, or with a character that is not printable ASCII.
    BadClOrdId = 22,
    /// The account cannot pay for the order.
    InsufficientFunds = 23,
    /// No account of this number.
    UnknownAccount = 24,
    /// No asset of this number, or an amount of nothing.
    BadFunds = 25,
    /// The instrument takes no such order in its trading state.
    WrongState = 26,
    /// The instrument is halted.
    Halted = 27,
    /// The instrument is closed.
    Closed = 28,
    /// A kill switch stops the session, the account or the venue.
    Killed = 29,
    /// The stop price or trailing distance is off tick, not above zero, or out of range.
    BadStop = 30,
    /// The display quantity is off lot or more than the order.
    BadDisplay = 31,
    /// The minimum quantity is off lot or more than the order.
    BadMinimum = 32,
    /// The expire time has passed.
    BadExpireTime = 33,
    /// The state cannot follow the present one.
    BadTransition = 34,
    /// Market-maker protection has pulled the account's quotes.
    Protected = 35,
    /// A quote whose bid reaches its offer, an instrument named twice, a side with a price and no quantity.
    BadQuote = 36,
    /// More pairs of account and instrument quoted than the venue has room for.
    TooManyQuotes = 37,
    /// A quote cannot be replaced as an order.
    IsQuote = 38,
    /// Terms of an instrument or account that cannot be, or that cannot be changed.
    BadTerms = 39,
    /// Fees cannot change under open orders.
    OrdersOpen = 40,
    /// No such group, or limits of market-maker protection out of range.
    BadProtection = 41,
    /// The venue has no such session.
    UnknownSession = 42,
    /// More messages than the session's limit allows.
    Throttled = 43,
}

impl Reject {
    /// Every reason, in order of its code.
    pub const ALL: &'static [Reject] = &[
        Reject::None,
        Reject::UnknownInstrument,
        Reject::UnsupportedOrder,
        Reject::PriceNotPositive,
        Reject::PriceOffTick,
        Reject::PriceOutOfRange,
        Reject::QuantityNotPositive,
        Reject::QuantityOffLot,
        Reject::QuantityOutOfRange,
        Reject::QuantityTooSmall,
        Reject::QuantityTooLarge,
        Reject::NotionalTooSmall,
        Reject::PriceOutsideBand,
        Reject::DuplicateClOrdId,
        Reject::NotEntitled,
        Reject::TooManyOpenOrders,
        Reject::PostOnlyWouldTake,
        Reject::UnknownOrder,
        Reject::OrderMismatch,
        Reject::Busy,
        Reject::MatcherAway,
        Reject::Draining,
        Reject::BadClOrdId,
        Reject::InsufficientFunds,
        Reject::UnknownAccount,
        Reject::BadFunds,
        Reject::WrongState,
        Reject::Halted,
        Reject::Closed,
        Reject::Killed,
        Reject::BadStop,
        Reject::BadDisplay,
        Reject::BadMinimum,
        Reject::BadExpireTime,
        Reject::BadTransition,
        Reject::Protected,
        Reject::BadQuote,
        Reject::TooManyQuotes,
        Reject::IsQuote,
        Reject::BadTerms,
        Reject::OrdersOpen,
        Reject::BadProtection,
        Reject::UnknownSession,
        Reject::Throttled,
    ];

    pub(super) const fn entry(self) -> &'static Entry {
        match self {
            Self::None => &Entry {
                name: "None",
                sentence: "accepted",
                remedy: "nothing to do",
                ord_rej_reason: 0,
                cxl_rej_reason: 0,
                http_status: 200,
                http_code: 0,
            },
            Self::UnknownInstrument => &Entry {
                name: "UnknownInstrument",
                sentence: "the symbol is not traded here",
                remedy: "use a symbol of the venue's configuration",
                ord_rej_reason: 1,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1121,
            },
            Self::UnsupportedOrder => &Entry {
                name: "UnsupportedOrder",
                sentence: "this combination of order type, time in force and attributes is not offered",
                remedy: "see the table of combinations in the rules of matching",
                ord_rej_reason: 11,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1014,
            },
            Self::PriceNotPositive => &Entry {
                name: "PriceNotPositive",
                sentence: "the price is not above zero",
                remedy: "send a price above zero",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1013,
            },
            Self::PriceOffTick => &Entry {
                name: "PriceOffTick",
                sentence: "the price is not a multiple of the tick",
                remedy: "round the price to the instrument's tick",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1013,
            },
            Self::PriceOutOfRange => &Entry {
                name: "PriceOutOfRange",
                sentence: "the price is beyond the venue's range",
                remedy: "send a price nearer to the market",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1013,
            },
            Self::QuantityNotPositive => &Entry {
                name: "QuantityNotPositive",
                sentence: "the quantity is not above zero",
                remedy: "send a quantity above zero",
                ord_rej_reason: 13,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1013,
            },
            Self::QuantityOffLot => &Entry {
                name: "QuantityOffLot",
                sentence: "the quantity is not a multiple of the lot",
                remedy: "round the quantity to the instrument's lot",
                ord_rej_reason: 13,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1013,
            },
            Self::QuantityOutOfRange => &Entry {
                name: "QuantityOutOfRange",
                sentence: "the quantity is beyond the venue's range",
                remedy: "send a smaller quantity, or several orders",
                ord_rej_reason: 13,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1013,
            },
            Self::QuantityTooSmall => &Entry {
                name: "QuantityTooSmall",
                sentence: "the quantity is below the instrument's minimum",
                remedy: "send a larger quantity",
                ord_rej_reason: 13,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1013,
            },
            Self::QuantityTooLarge => &Entry {
                name: "QuantityTooLarge",
                sentence: "the quantity is above the instrument's maximum",
                remedy: "send several smaller orders",
                ord_rej_reason: 3,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1013,
            },
            Self::NotionalTooSmall => &Entry {
                name: "NotionalTooSmall",
                sentence: "price times quantity is below the instrument's minimum notional",
                remedy: "send a larger order",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1013,
            },
            Self::PriceOutsideBand => &Entry {
                name: "PriceOutsideBand",
                sentence: "the price is outside the band around the reference price",
                remedy: "send a price inside the band",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1013,
            },
            Self::DuplicateClOrdId => &Entry {
                name: "DuplicateClOrdId",
                sentence: "this session has used the ClOrdID before",
                remedy: "give every request a ClOrdID of its own",
                ord_rej_reason: 6,
                cxl_rej_reason: 6,
                http_status: 400,
                http_code: -2010,
            },
            Self::NotEntitled => &Entry {
                name: "NotEntitled",
                sentence: "the session may not trade for this account",
                remedy: "leave Account out, or ask the operator for the entitlement",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 401,
                http_code: -2015,
            },
            Self::TooManyOpenOrders => &Entry {
                name: "TooManyOpenOrders",
                sentence: "the venue holds as many open orders as it may",
                remedy: "cancel orders you no longer want and try again",
                ord_rej_reason: 3,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1013,
            },
            Self::PostOnlyWouldTake => &Entry {
                name: "PostOnlyWouldTake",
                sentence: "a post-only order would have traded at once",
                remedy: "send a price that does not cross, or leave post-only out",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -2010,
            },
            Self::UnknownOrder => &Entry {
                name: "UnknownOrder",
                sentence: "no open order of this name in this session",
                remedy: "check the OrigClOrdID or OrderID; the order may have ended",
                ord_rej_reason: 5,
                cxl_rej_reason: 1,
                http_status: 400,
                http_code: -2011,
            },
            Self::OrderMismatch => &Entry {
                name: "OrderMismatch",
                sentence: "the request's side or symbol is not the order's",
                remedy: "repeat side and symbol of the order",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -2011,
            },
            Self::Busy => &Entry {
                name: "Busy",
                sentence: "the venue is busy and did not take the request",
                remedy: "send it again in a moment under a new ClOrdID",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 503,
                http_code: -1008,
            },
            Self::MatcherAway => &Entry {
                name: "MatcherAway",
                sentence: "the matching engine is not running",
                remedy: "send it again under a new ClOrdID once the venue is up",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 503,
                http_code: -1016,
            },
            Self::Draining => &Entry {
                name: "Draining",
                sentence: "the venue is shutting down and takes no new orders",
                remedy: "connect again when the venue is back",
                ord_rej_reason: 2,
                cxl_rej_reason: 99,
                http_status: 503,
                http_code: -1016,
            },
            Self::BadClOrdId => &Entry {
                name: "BadClOrdId",
                sentence: "a ClOrdID has 1 to 36 printable characters",
                remedy: "shorten the ClOrdID",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1100,
            },
            Self::InsufficientFunds => &Entry {
                name: "InsufficientFunds",
                sentence: "the account's available funds do not cover the order and its fee",
                remedy: "deposit funds, cancel orders that hold them, or send a smaller order",
                ord_rej_reason: 3,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -2010,
            },
            Self::UnknownAccount => &Entry {
                name: "UnknownAccount",
                sentence: "the venue has no such account",
                remedy: "use an account of the venue's configuration",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1130,
            },
            Self::BadFunds => &Entry {
                name: "BadFunds",
                sentence: "the asset is unknown, or the amount is zero or out of range",
                remedy: "name an asset of the venue and an amount above zero",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1130,
            },
            Self::WrongState => &Entry {
                name: "WrongState",
                sentence: "the instrument does not take this order in its present trading state",
                remedy: "wait for the state that takes it, or send another type of order",
                ord_rej_reason: 2,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -2010,
            },
            Self::Halted => &Entry {
                name: "Halted",
                sentence: "the instrument is halted; only cancels are taken",
                remedy: "wait until trading resumes",
                ord_rej_reason: 2,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -2010,
            },
            Self::Closed => &Entry {
                name: "Closed",
                sentence: "the market is closed; only cancels are taken",
                remedy: "send the order when the market opens",
                ord_rej_reason: 2,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -2010,
            },
            Self::Killed => &Entry {
                name: "Killed",
                sentence: "a kill switch stops new orders of this session, account or venue",
                remedy: "ask the operator to lift it",
                ord_rej_reason: 0,
                cxl_rej_reason: 2,
                http_status: 400,
                http_code: -2010,
            },
            Self::BadStop => &Entry {
                name: "BadStop",
                sentence: "the stop price or trailing distance is not a positive multiple of the tick within the venue's range",
                remedy: "send a stop above zero on the instrument's tick",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1013,
            },
            Self::BadDisplay => &Entry {
                name: "BadDisplay",
                sentence: "the display quantity is not on the lot or above the order's quantity",
                remedy: "send a display quantity on the lot, at most the order's quantity",
                ord_rej_reason: 13,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -2010,
            },
            Self::BadMinimum => &Entry {
                name: "BadMinimum",
                sentence: "the minimum quantity is not on the lot or above the order's quantity",
                remedy: "send a minimum quantity on the lot, at most the order's quantity",
                ord_rej_reason: 13,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1130,
            },
            Self::BadExpireTime => &Entry {
                name: "BadExpireTime",
                sentence: "the expire time is not in the future",
                remedy: "send an expire time that is still to come",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1130,
            },
            Self::BadTransition => &Entry {
                name: "BadTransition",
                sentence: "the trading state cannot change in this way",
                remedy: "see the table of trading states in the rules of matching",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1020,
            },
            Self::Protected => &Entry {
                name: "Protected",
                sentence: "market-maker protection has stopped this account's quotes in the group",
                remedy: "reset the protection, then quote again",
                ord_rej_reason: 0,
                cxl_rej_reason: 2,
                http_status: 400,
                http_code: -2010,
            },
            Self::BadQuote => &Entry {
                name: "BadQuote",
                sentence: "the quote's bid is not below its offer, or the message names an instrument twice",
                remedy: "send each instrument once, with its bid below its offer",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -2010,
            },
            Self::TooManyQuotes => &Entry {
                name: "TooManyQuotes",
                sentence: "the venue holds quotes for as many accounts and instruments as it may",
                remedy: "pull quotes you no longer want and try again",
                ord_rej_reason: 3,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1013,
            },
            Self::IsQuote => &Entry {
                name: "IsQuote",
                sentence: "the order is a quote, which only a mass quote changes",
                remedy: "send a mass quote, or cancel the order",
                ord_rej_reason: 99,
                cxl_rej_reason: 2,
                http_status: 400,
                http_code: -2011,
            },
            Self::BadTerms => &Entry {
                name: "BadTerms",
                sentence: "the terms are out of range, or cannot be changed once they are set",
                remedy: "see the table of operators' commands in the rules of matching",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1130,
            },
            Self::OrdersOpen => &Entry {
                name: "OrdersOpen",
                sentence: "the instrument has open orders, whose funds are held at the present fees",
                remedy: "halt the instrument and cancel its orders, then change the fees",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1020,
            },
            Self::BadProtection => &Entry {
                name: "BadProtection",
                sentence: "there is no such group, the limits of market-maker protection are out of range, or there is no room for more of them",
                remedy: "name a group of the venue, up to 1024 fills and a window above zero",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1130,
            },
            Self::UnknownSession => &Entry {
                name: "UnknownSession",
                sentence: "the venue has no such session",
                remedy: "use a session of the venue's configuration",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 400,
                http_code: -1130,
            },
            Self::Throttled => &Entry {
                name: "Throttled",
                sentence: "the session sends more messages than it may",
                remedy: "send less, or ask for a higher limit; cancels have one of their own",
                ord_rej_reason: 99,
                cxl_rej_reason: 99,
                http_status: 429,
                http_code: -1015,
            },
        }
    }
}
