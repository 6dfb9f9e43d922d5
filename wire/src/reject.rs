//! The one catalogue of reasons for saying no. A trader sees the same code on every protocol.

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

macro_rules! catalogue {
    ($($(#[$doc:meta])* $name:ident = $code:literal, ord $ord:literal, cxl $cxl:literal, $sentence:literal, $remedy:literal;)+) => {
        /// Why a request was refused. Codes are stable: a number is never given to another reason.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord,
            TryFromBytes, IntoBytes, Immutable, KnownLayout,
        )]
        #[repr(u16)]
        pub enum Reject { $($(#[$doc])* $name = $code),+ }

        impl Reject {
            /// Every reason, in order of its code.
            pub const ALL: &'static [Reject] = &[$(Reject::$name),+];

            /// What was wrong, as a sentence.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence),+ }
            }

            /// What to do about it.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy),+ }
            }

            /// FIX OrdRejReason (103) of an ExecutionReport with this reason.
            #[must_use]
            pub const fn ord_rej_reason(self) -> u32 {
                match self { $(Self::$name => $ord),+ }
            }

            /// FIX CxlRejReason (102) of an OrderCancelReject with this reason.
            #[must_use]
            pub const fn cxl_rej_reason(self) -> u32 {
                match self { $(Self::$name => $cxl),+ }
            }

            /// The reason's name, as in this source.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }
        }
    };
}

// OrdRejReason (FIX 4.4): 0 broker/exchange option, 1 unknown symbol, 2 exchange closed, 3 order exceeds
// limit, 4 too late, 5 unknown order, 6 duplicate order, 11 unsupported order characteristic,
// 13 incorrect quantity, 99 other.
// CxlRejReason (FIX 4.4): 0 too late, 1 unknown order, 2 broker/exchange option, 6 duplicate ClOrdID, 99 other.
catalogue! {
    /// Not refused.
    None = 0, ord 0, cxl 0, "accepted", "nothing to do";
    /// No instrument of this name.
    UnknownInstrument = 1, ord 1, cxl 99, "the symbol is not traded here", "use a symbol of the venue's configuration";
    /// A legal value of the protocol that this venue does not offer, or a combination that makes no sense.
    UnsupportedOrder = 2, ord 11, cxl 99, "this combination of order type, time in force and attributes is not offered", "see the table of combinations in the rules of matching";
    /// Price zero or negative.
    PriceNotPositive = 3, ord 99, cxl 99, "the price is not above zero", "send a price above zero";
    /// Price between two ticks.
    PriceOffTick = 4, ord 99, cxl 99, "the price is not a multiple of the tick", "round the price to the instrument's tick";
    /// Price too large for the venue.
    PriceOutOfRange = 5, ord 99, cxl 99, "the price is beyond the venue's range", "send a price nearer to the market";
    /// Quantity zero.
    QuantityNotPositive = 6, ord 13, cxl 99, "the quantity is not above zero", "send a quantity above zero";
    /// Quantity between two lots.
    QuantityOffLot = 7, ord 13, cxl 99, "the quantity is not a multiple of the lot", "round the quantity to the instrument's lot";
    /// Quantity negative or too large for the venue.
    QuantityOutOfRange = 8, ord 13, cxl 99, "the quantity is beyond the venue's range", "send a smaller quantity, or several orders";
    /// Below the instrument's minimum quantity.
    QuantityTooSmall = 9, ord 13, cxl 99, "the quantity is below the instrument's minimum", "send a larger quantity";
    /// Above the instrument's maximum quantity.
    QuantityTooLarge = 10, ord 3, cxl 99, "the quantity is above the instrument's maximum", "send several smaller orders";
    /// Below the instrument's minimum notional.
    NotionalTooSmall = 11, ord 99, cxl 99, "price times quantity is below the instrument's minimum notional", "send a larger order";
    /// Outside the instrument's price band.
    PriceOutsideBand = 12, ord 99, cxl 99, "the price is outside the band around the reference price", "send a price inside the band";
    /// The session has used this ClOrdID.
    DuplicateClOrdId = 13, ord 6, cxl 6, "this session has used the ClOrdID before", "give every request a ClOrdID of its own";
    /// The session does not trade for the account.
    NotEntitled = 14, ord 99, cxl 99, "the session may not trade for this account", "leave Account out, or ask the operator for the entitlement";
    /// The matcher's table of open orders is full.
    TooManyOpenOrders = 15, ord 3, cxl 99, "the venue holds as many open orders as it may", "cancel orders you no longer want and try again";
    /// A post-only order that would trade on entry.
    PostOnlyWouldTake = 16, ord 99, cxl 99, "a post-only order would have traded at once", "send a price that does not cross, or leave post-only out";
    /// No open order of this name.
    UnknownOrder = 17, ord 5, cxl 1, "no open order of this name in this session", "check the OrigClOrdID or OrderID; the order may have ended";
    /// The request names another side or instrument than the order's.
    OrderMismatch = 18, ord 99, cxl 99, "the request's side or symbol is not the order's", "repeat side and symbol of the order";
    /// The ring to the matcher is full.
    Busy = 19, ord 99, cxl 99, "the venue is busy and did not take the request", "send it again in a moment under a new ClOrdID";
    /// No matcher is attached.
    MatcherAway = 20, ord 99, cxl 99, "the matching engine is not running", "send it again under a new ClOrdID once the venue is up";
    /// The venue is being shut down.
    Draining = 21, ord 2, cxl 99, "the venue is shutting down and takes no new orders", "connect again when the venue is back";
    /// ClOrdID missing, too long, or with a character that is not printable ASCII.
    BadClOrdId = 22, ord 99, cxl 99, "a ClOrdID has 1 to 36 printable characters", "shorten the ClOrdID";
    /// The account cannot pay for the order.
    InsufficientFunds = 23, ord 3, cxl 99, "the account's available funds do not cover the order and its fee", "deposit funds, cancel orders that hold them, or send a smaller order";
    /// No account of this number.
    UnknownAccount = 24, ord 99, cxl 99, "the venue has no such account", "use an account of the venue's configuration";
    /// No asset of this number, or an amount of nothing.
    BadFunds = 25, ord 99, cxl 99, "the asset is unknown, or the amount is zero or out of range", "name an asset of the venue and an amount above zero";
    /// The instrument takes no such order in its trading state.
    WrongState = 26, ord 2, cxl 99, "the instrument does not take this order in its present trading state", "wait for the state that takes it, or send another type of order";
    /// The instrument is halted.
    Halted = 27, ord 2, cxl 99, "the instrument is halted; only cancels are taken", "wait until trading resumes";
    /// The instrument is closed.
    Closed = 28, ord 2, cxl 99, "the market is closed; only cancels are taken", "send the order when the market opens";
    /// A kill switch stops the session, the account or the venue.
    Killed = 29, ord 0, cxl 2, "a kill switch stops new orders of this session, account or venue", "ask the operator to lift it";
    /// The stop price or trailing distance is off tick, not above zero, or out of range.
    BadStop = 30, ord 99, cxl 99, "the stop price or trailing distance is not a positive multiple of the tick within the venue's range", "send a stop above zero on the instrument's tick";
    /// The display quantity is off lot or more than the order.
    BadDisplay = 31, ord 13, cxl 99, "the display quantity is not on the lot or above the order's quantity", "send a display quantity on the lot, at most the order's quantity";
    /// The minimum quantity is off lot or more than the order.
    BadMinimum = 32, ord 13, cxl 99, "the minimum quantity is not on the lot or above the order's quantity", "send a minimum quantity on the lot, at most the order's quantity";
    /// The expire time has passed.
    BadExpireTime = 33, ord 99, cxl 99, "the expire time is not in the future", "send an expire time that is still to come";
    /// The state cannot follow the present one.
    BadTransition = 34, ord 99, cxl 99, "the trading state cannot change in this way", "see the table of trading states in the rules of matching";
    /// Market-maker protection has pulled the account's quotes.
    Protected = 35, ord 0, cxl 2, "market-maker protection has stopped this account's quotes in the group", "reset the protection, then quote again";
    /// A quote whose bid reaches its offer, an instrument named twice, a side with a price and no quantity.
    BadQuote = 36, ord 99, cxl 99, "the quote's bid is not below its offer, or the message names an instrument twice", "send each instrument once, with its bid below its offer";
    /// More pairs of account and instrument quoted than the venue has room for.
    TooManyQuotes = 37, ord 3, cxl 99, "the venue holds quotes for as many accounts and instruments as it may", "pull quotes you no longer want and try again";
    /// A quote cannot be replaced as an order.
    IsQuote = 38, ord 99, cxl 2, "the order is a quote, which only a mass quote changes", "send a mass quote, or cancel the order";
    /// Terms of an instrument or account that cannot be, or that cannot be changed.
    BadTerms = 39, ord 99, cxl 99, "the terms are out of range, or cannot be changed once they are set", "see the table of operators' commands in the rules of matching";
    /// Fees cannot change under open orders.
    OrdersOpen = 40, ord 99, cxl 99, "the instrument has open orders, whose funds are held at the present fees", "halt the instrument and cancel its orders, then change the fees";
    /// No such group, or limits of market-maker protection out of range.
    BadProtection = 41, ord 99, cxl 99, "there is no such group, the limits of market-maker protection are out of range, or there is no room for more of them", "name a group of the venue, up to 1024 fills and a window above zero";
    /// The venue has no such session.
    UnknownSession = 42, ord 99, cxl 99, "the venue has no such session", "use a session of the venue's configuration";
}
