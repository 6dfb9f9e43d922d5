//! What a client asks for, in symbols and decimals, and how it becomes a message.

mod list;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rust_decimal::Decimal;
use wire::{
    sbe::{
        Grouped, NoRoom,
        codes::{Boolean, MassCancelFlags, OrderFlags, Price, Quantity, SelfTrade},
        encode, encode_group,
        field::{Optional, Text},
        messages,
    },
    types::{OrderType, Side, TimeInForce},
};

use crate::{Definitions, Error, Name, decimal};
pub use list::{CancelList, ListLeg, ListStatus, OneCancelsOther};

/// Something to be sent. The library's own requests are, and so are the schema's blocks of orders and cancels, for who
/// wants to spend nothing on looking names up.
pub trait Request {
    /// What it is called, if the caller has a name for it; else the library finds one.
    fn name(&self) -> Option<Name>;

    /// The number of the instrument that it is about; `None` if it is about several or none.
    fn instrument(&self, definitions: &Definitions) -> Option<u32>;

    /// Writes the message, called `name`, to the beginning of `buffer`, which has room for any. Gives its length.
    ///
    /// # Errors
    /// What cannot be said, or names nothing.
    fn encode(&self, definitions: &Definitions, name: Name, buffer: &mut [u8]) -> Result<usize, Error>;
}

/// What `encode` gave; the buffer has room for any message.
fn written(result: Result<usize, NoRoom>) -> usize {
    result.expect("the buffer has room for the longest message, and entries were counted")
}

fn number(account: Option<&String>, definitions: &Definitions) -> Result<Option<u32>, Error> {
    account.map(|name| definitions.account_id(name)).transpose()
}

fn price(value: Option<Decimal>, what: &'static str) -> Result<Optional<Price>, Error> {
    Ok(value.map(|value| decimal::price(value, what)).transpose()?.into())
}

fn quantity(value: Option<Decimal>, what: &'static str) -> Result<Optional<Quantity>, Error> {
    Ok(value.map(|value| decimal::quantity(value, what)).transpose()?.into())
}

fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX - 1)
}

/// How much of something: of the base asset, or for how much of the quote asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Base(Decimal),
    Cash(Decimal),
}

/// A new order.
///
/// ```
/// use penstock_client::{NewOrder, Side, TimeInForce};
///
/// let order = NewOrder::limit("BTCUSDT", Side::Buy, "0.01".parse().unwrap(), "49000".parse().unwrap())
///     .time_in_force(TimeInForce::Gtc)
///     .post_only()
///     .named("first".parse().unwrap());
/// ```
#[derive(Clone, Debug)]
pub struct NewOrder {
    symbol: String,
    side: Side,
    order_type: OrderType,
    size: Size,
    price: Option<Decimal>,
    stop: Option<Decimal>,
    display: Option<Decimal>,
    minimum: Option<Decimal>,
    time_in_force: TimeInForce,
    expires: Option<SystemTime>,
    deadline: Option<SystemTime>,
    post_only: bool,
    self_trade: Option<SelfTrade>,
    account: Option<String>,
    name: Option<Name>,
}

impl NewOrder {
    fn new(symbol: &str, side: Side, order_type: OrderType, size: Size) -> NewOrder {
        NewOrder {
            symbol: symbol.to_owned(),
            side,
            order_type,
            size,
            price: None,
            stop: None,
            display: None,
            minimum: None,
            time_in_force: TimeInForce::Day,
            expires: None,
            deadline: None,
            post_only: false,
            self_trade: None,
            account: None,
            name: None,
        }
    }

    /// Trades at `price` or better; the rest stands in the book until the session's close.
    #[must_use]
    pub fn limit(symbol: &str, side: Side, quantity: Decimal, price: Decimal) -> NewOrder {
        let order = NewOrder::new(symbol, side, OrderType::Limit, Size::Base(quantity));
        NewOrder { price: Some(price), ..order }
    }

    /// Trades at once with what stands within the band; the rest is cancelled.
    #[must_use]
    pub fn market(symbol: &str, side: Side, quantity: Decimal) -> NewOrder {
        NewOrder::new(symbol, side, OrderType::Market, Size::Base(quantity))
    }

    /// Buys at once for `amount` of the quote asset, fees included.
    #[must_use]
    pub fn market_for(symbol: &str, amount: Decimal) -> NewOrder {
        NewOrder::new(symbol, Side::Buy, OrderType::Market, Size::Cash(amount))
    }

    /// Waits for a trade at `stop`, then is what it was before this: a market order, or a limit order.
    #[must_use]
    pub fn stop_at(mut self, stop: Decimal) -> NewOrder {
        self.order_type =
            if self.order_type == OrderType::Limit { OrderType::StopLimit } else { OrderType::Stop };
        self.stop = Some(stop);
        self
    }

    /// Waits for the market to turn by `distance`, then is a market order.
    #[must_use]
    pub fn trailing(symbol: &str, side: Side, quantity: Decimal, distance: Decimal) -> NewOrder {
        let order = NewOrder::new(symbol, side, OrderType::TrailingStop, Size::Base(quantity));
        NewOrder { stop: Some(distance), ..order }
    }

    /// How long it stands.
    #[must_use]
    pub fn time_in_force(mut self, time_in_force: TimeInForce) -> NewOrder {
        self.time_in_force = time_in_force;
        self
    }

    /// It stands until `time` (GTD).
    #[must_use]
    pub fn good_till(mut self, time: SystemTime) -> NewOrder {
        (self.time_in_force, self.expires) = (TimeInForce::Gtd, Some(time));
        self
    }

    /// It is refused rather than trade on entry.
    #[must_use]
    pub fn post_only(mut self) -> NewOrder {
        self.post_only = true;
        self
    }

    /// Only so much of it shows at a time.
    #[must_use]
    pub fn display(mut self, quantity: Decimal) -> NewOrder {
        self.display = Some(quantity);
        self
    }

    /// So much must fill at once.
    #[must_use]
    pub fn at_least(mut self, quantity: Decimal) -> NewOrder {
        self.minimum = Some(quantity);
        self
    }

    /// What happens when it meets an order of its own account, rather than what the session's configuration says.
    #[must_use]
    pub fn self_trade(mut self, mode: SelfTrade) -> NewOrder {
        self.self_trade = Some(mode);
        self
    }

    /// For this account, rather than the session's own.
    #[must_use]
    pub fn account(mut self, account: &str) -> NewOrder {
        self.account = Some(account.to_owned());
        self
    }

    /// The venue does nothing about it from `time` on.
    #[must_use]
    pub fn deadline(mut self, time: SystemTime) -> NewOrder {
        self.deadline = Some(time);
        self
    }

    /// The venue does nothing about it `span` from now on.
    #[must_use]
    pub fn within(self, span: Duration) -> NewOrder {
        self.deadline(SystemTime::now() + span)
    }

    /// The order's name (ClOrdID).
    #[must_use]
    pub fn named(mut self, name: Name) -> NewOrder {
        self.name = Some(name);
        self
    }
}

impl Request for NewOrder {
    fn name(&self) -> Option<Name> {
        self.name
    }

    fn instrument(&self, definitions: &Definitions) -> Option<u32> {
        definitions.instrument_id(&self.symbol).ok()
    }

    fn encode(&self, definitions: &Definitions, name: Name, buffer: &mut [u8]) -> Result<usize, Error> {
        let (base, cash) = match self.size {
            Size::Base(size) => (Some(size), None),
            Size::Cash(amount) => (None, Some(amount)),
        };
        let block = messages::NewOrder {
            cl_ord_id: name.text(),
            instrument_id: definitions.instrument_id(&self.symbol)?.into(),
            account_id: number(self.account.as_ref(), definitions)?.into(),
            side: self.side,
            ord_type: self.order_type,
            time_in_force: self.time_in_force,
            order_flags: OrderFlags(if self.post_only { OrderFlags::POST_ONLY } else { 0 }),
            order_qty: quantity(base, "quantity")?,
            price: price(self.price, "price")?,
            stop_px: price(self.stop, "stop price")?,
            display_qty: quantity(self.display, "display quantity")?,
            min_qty: quantity(self.minimum, "minimum quantity")?,
            cash_order_qty: cash.map(|amount| decimal::amount(amount, "amount")).transpose()?.into(),
            expire_time: self.expires.map(nanos).into(),
            deadline: self.deadline.map(nanos).into(),
            self_match_prevention_instruction: self.self_trade.into(),
            padding1: [0; 7],
        };
        Ok(written(encode(&block, buffer)))
    }
}

/// Which order a request is about: by its name or the venue's number of it.
#[derive(Clone, Debug)]
struct Which {
    symbol: String,
    name: Option<String>,
    order_id: Option<u64>,
    account: Option<String>,
}

impl Which {
    fn named(symbol: &str, name: &str) -> Which {
        Which { symbol: symbol.to_owned(), name: Some(name.to_owned()), order_id: None, account: None }
    }

    fn numbered(symbol: &str, order_id: u64) -> Which {
        Which { symbol: symbol.to_owned(), name: None, order_id: Some(order_id), account: None }
    }

    fn text(&self) -> Result<Text<36>, Error> {
        self.name.as_ref().map_or(Ok(Text::NONE), |name| Ok(Name::new(name)?.text()))
    }
}

/// Takes an order off the book.
#[derive(Clone, Debug)]
pub struct Cancel {
    which: Which,
    name: Option<Name>,
}

impl Cancel {
    /// The order called `order` now.
    #[must_use]
    pub fn of(symbol: &str, order: &str) -> Cancel {
        Cancel { which: Which::named(symbol, order), name: None }
    }

    /// The order that the venue has numbered so.
    #[must_use]
    pub fn of_order_id(symbol: &str, order_id: u64) -> Cancel {
        Cancel { which: Which::numbered(symbol, order_id), name: None }
    }

    /// The order is of this account, rather than the session's own.
    #[must_use]
    pub fn account(mut self, account: &str) -> Cancel {
        self.which.account = Some(account.to_owned());
        self
    }

    /// The request's own name.
    #[must_use]
    pub fn named(mut self, name: Name) -> Cancel {
        self.name = Some(name);
        self
    }
}

impl Request for Cancel {
    fn name(&self) -> Option<Name> {
        self.name
    }

    fn instrument(&self, definitions: &Definitions) -> Option<u32> {
        definitions.instrument_id(&self.which.symbol).ok()
    }

    fn encode(&self, definitions: &Definitions, name: Name, buffer: &mut [u8]) -> Result<usize, Error> {
        let block = messages::CancelOrder {
            cl_ord_id: name.text(),
            instrument_id: definitions.instrument_id(&self.which.symbol)?.into(),
            orig_cl_ord_id: self.which.text()?,
            account_id: number(self.which.account.as_ref(), definitions)?.into(),
            order_id: self.which.order_id.into(),
            deadline: None.into(),
        };
        Ok(written(encode(&block, buffer)))
    }
}

/// Changes an order's quantity, price and display quantity: all three are taken anew.
#[derive(Clone, Debug)]
pub struct Replace {
    which: Which,
    side: Side,
    quantity: Decimal,
    price: Option<Decimal>,
    display: Option<Decimal>,
    name: Option<Name>,
}

impl Replace {
    /// The order called `order` now: `quantity` in all, what is filled included, at `price` if it has one.
    #[must_use]
    pub fn of(symbol: &str, order: &str, side: Side, quantity: Decimal, price: Option<Decimal>) -> Replace {
        Replace { which: Which::named(symbol, order), side, quantity, price, display: None, name: None }
    }

    /// Only so much of it shows at a time; without this all of it does.
    #[must_use]
    pub fn display(mut self, quantity: Decimal) -> Replace {
        self.display = Some(quantity);
        self
    }

    /// The order is of this account, rather than the session's own.
    #[must_use]
    pub fn account(mut self, account: &str) -> Replace {
        self.which.account = Some(account.to_owned());
        self
    }

    /// The request's own name, which the order has from then on.
    #[must_use]
    pub fn named(mut self, name: Name) -> Replace {
        self.name = Some(name);
        self
    }
}

impl Request for Replace {
    fn name(&self) -> Option<Name> {
        self.name
    }

    fn instrument(&self, definitions: &Definitions) -> Option<u32> {
        definitions.instrument_id(&self.which.symbol).ok()
    }

    fn encode(&self, definitions: &Definitions, name: Name, buffer: &mut [u8]) -> Result<usize, Error> {
        let block = messages::ReplaceOrder {
            cl_ord_id: name.text(),
            instrument_id: definitions.instrument_id(&self.which.symbol)?.into(),
            orig_cl_ord_id: self.which.text()?,
            account_id: number(self.which.account.as_ref(), definitions)?.into(),
            order_id: self.which.order_id.into(),
            order_qty: decimal::quantity(self.quantity, "quantity")?,
            price: price(self.price, "price")?,
            display_qty: quantity(self.display, "display quantity")?,
            deadline: None.into(),
            side: self.side,
            padding1: [0; 7],
        };
        Ok(written(encode(&block, buffer)))
    }
}

/// Asks how an order stands.
#[derive(Clone, Debug)]
pub struct Status {
    which: Which,
    name: Option<Name>,
}

impl Status {
    /// Of the order called `order` now.
    #[must_use]
    pub fn of(symbol: &str, order: &str) -> Status {
        Status { which: Which::named(symbol, order), name: None }
    }

    /// Of the order that the venue has numbered so.
    #[must_use]
    pub fn of_order_id(symbol: &str, order_id: u64) -> Status {
        Status { which: Which::numbered(symbol, order_id), name: None }
    }

    /// The order is of this account, rather than the session's own.
    #[must_use]
    pub fn account(mut self, account: &str) -> Status {
        self.which.account = Some(account.to_owned());
        self
    }
}

impl Request for Status {
    fn name(&self) -> Option<Name> {
        self.name
    }

    fn instrument(&self, definitions: &Definitions) -> Option<u32> {
        definitions.instrument_id(&self.which.symbol).ok()
    }

    fn encode(&self, definitions: &Definitions, name: Name, buffer: &mut [u8]) -> Result<usize, Error> {
        let block = messages::StatusRequest {
            cl_ord_id: self.which.text()?,
            instrument_id: definitions.instrument_id(&self.which.symbol)?.into(),
            ord_status_req_id: name.text(),
            account_id: number(self.which.account.as_ref(), definitions)?.into(),
            order_id: self.which.order_id.into(),
            // Repeated by the answer about an unknown order, and else not looked at.
            side: Side::Buy,
            padding1: [0; 7],
        };
        Ok(written(encode(&block, buffer)))
    }
}

/// A question about instrument number `instrument` whose answer is known, and comes behind those of everything that was
/// asked before: how an order stands that there is none of.
pub(crate) fn fence(name: Name, instrument: u32, account: Option<u32>, buffer: &mut [u8]) -> usize {
    let block = messages::StatusRequest {
        cl_ord_id: name.text(),
        instrument_id: instrument.into(),
        ord_status_req_id: name.text(),
        account_id: account.into(),
        order_id: None.into(),
        side: Side::Buy,
        padding1: [0; 7],
    };
    written(encode(&block, buffer))
}

/// Of which orders something is wanted: all of the session's, or those that every field selects.
#[derive(Clone, Debug, Default)]
struct Selection {
    symbol: Option<String>,
    account: Option<String>,
    side: Option<Side>,
}

impl Selection {
    fn instrument(&self, definitions: &Definitions) -> Result<Option<u32>, Error> {
        self.symbol.as_ref().map(|symbol| definitions.instrument_id(symbol)).transpose()
    }
}

macro_rules! selecting {
    ($($request:ident)+) => { $(
        impl $request {
            /// Of this instrument only.
            #[must_use]
            pub fn symbol(mut self, symbol: &str) -> Self {
                self.orders.symbol = Some(symbol.to_owned());
                self
            }

            /// For this account only.
            #[must_use]
            pub fn account(mut self, account: &str) -> Self {
                self.orders.account = Some(account.to_owned());
                self
            }

            /// Of this side only.
            #[must_use]
            pub fn side(mut self, side: Side) -> Self {
                self.orders.side = Some(side);
                self
            }
        }
    )+ };
}
selecting!(MassCancel MassStatus);

/// Cancels all open orders of the session, or those selected.
#[derive(Clone, Debug, Default)]
pub struct MassCancel {
    orders: Selection,
    quotes_only: bool,
    name: Option<Name>,
}

impl MassCancel {
    /// Quotes only.
    #[must_use]
    pub fn quotes_only(mut self) -> MassCancel {
        self.quotes_only = true;
        self
    }
}

impl Request for MassCancel {
    fn name(&self) -> Option<Name> {
        self.name
    }

    fn instrument(&self, definitions: &Definitions) -> Option<u32> {
        self.orders.instrument(definitions).ok().flatten()
    }

    fn encode(&self, definitions: &Definitions, name: Name, buffer: &mut [u8]) -> Result<usize, Error> {
        let block = messages::MassCancel {
            cl_ord_id: name.text(),
            instrument_id: self.orders.instrument(definitions)?.into(),
            account_id: number(self.orders.account.as_ref(), definitions)?.into(),
            side: self.orders.side.into(),
            mass_cancel_flags: MassCancelFlags(if self.quotes_only {
                MassCancelFlags::QUOTES_ONLY
            } else {
                0
            }),
            padding1: [0; 2],
        };
        Ok(written(encode(&block, buffer)))
    }
}

/// Asks how all open orders of the session stand, or those selected.
#[derive(Clone, Debug, Default)]
pub struct MassStatus {
    orders: Selection,
}

impl Request for MassStatus {
    fn name(&self) -> Option<Name> {
        None
    }

    fn instrument(&self, definitions: &Definitions) -> Option<u32> {
        self.orders.instrument(definitions).ok().flatten()
    }

    fn encode(&self, definitions: &Definitions, name: Name, buffer: &mut [u8]) -> Result<usize, Error> {
        let block = messages::OrderMassStatusRequest {
            mass_status_req_id: name.text(),
            instrument_id: self.orders.instrument(definitions)?.into(),
            account_id: number(self.orders.account.as_ref(), definitions)?.into(),
            side: self.orders.side.into(),
            padding1: [0; 3],
        };
        Ok(written(encode(&block, buffer)))
    }
}

/// Both sides of one instrument; a side that is `None` is not quoted.
#[derive(Clone, Debug)]
pub struct Quote {
    /// The instrument.
    pub symbol: String,
    /// Price and quantity.
    pub bid: Option<(Decimal, Decimal)>,
    /// Price and quantity.
    pub offer: Option<(Decimal, Decimal)>,
}

/// Puts quotes in the place of those there are in the instruments named: all of them or, if anything is wrong, none.
#[derive(Clone, Debug, Default)]
pub struct MassQuote {
    /// At most 32, each instrument once.
    pub quotes: Vec<Quote>,
    /// For this account, rather than the session's own.
    pub account: Option<String>,
    /// Market-maker protection is reset in the groups of the instruments named, or in all if none is.
    pub reset_protection: bool,
}

impl Request for MassQuote {
    fn name(&self) -> Option<Name> {
        None
    }

    fn instrument(&self, definitions: &Definitions) -> Option<u32> {
        definitions.instrument_id(&self.quotes.first()?.symbol).ok()
    }

    fn encode(&self, definitions: &Definitions, name: Name, buffer: &mut [u8]) -> Result<usize, Error> {
        let max = messages::MassQuote::ENTRIES_MAX;
        if self.quotes.len() > max {
            return Err(Error::Entries { what: "a mass quote", count: self.quotes.len(), max });
        }
        let entry = |quote: &Quote| {
            Ok(messages::MassQuoteEntry {
                instrument_id: definitions.instrument_id(&quote.symbol)?.into(),
                padding1: [0; 4],
                bid_px: price(quote.bid.map(|bid| bid.0), "bid price")?,
                bid_size: quantity(quote.bid.map(|bid| bid.1), "bid quantity")?,
                offer_px: price(quote.offer.map(|offer| offer.0), "offer price")?,
                offer_size: quantity(quote.offer.map(|offer| offer.1), "offer quantity")?,
            })
        };
        let entries = self.quotes.iter().map(entry).collect::<Result<Vec<_>, Error>>()?;
        let block = messages::MassQuote {
            quote_id: name.text(),
            account_id: number(self.account.as_ref(), definitions)?.into(),
            deadline: None.into(),
            mm_protection_reset: if self.reset_protection { Boolean::Yes } else { Boolean::No },
            padding1: [0; 3],
        };
        Ok(written(encode_group(&block, entries.iter(), buffer)))
    }
}

/// Asks what an account has.
#[derive(Clone, Debug, Default)]
pub struct Balances {
    /// The account; none is the session's own.
    pub account: Option<String>,
    /// The asset; none is every asset that the account has something of.
    pub asset: Option<String>,
}

impl Request for Balances {
    fn name(&self) -> Option<Name> {
        None
    }

    fn instrument(&self, _: &Definitions) -> Option<u32> {
        None
    }

    fn encode(&self, definitions: &Definitions, name: Name, buffer: &mut [u8]) -> Result<usize, Error> {
        let asset = self.asset.as_ref().map(|asset| definitions.asset_id(asset)).transpose()?;
        let block = messages::RequestForPositions {
            pos_req_id: name.text(),
            account_id: number(self.account.as_ref(), definitions)?.into(),
            asset_id: asset.into(),
            padding1: [0; 4],
        };
        Ok(written(encode(&block, buffer)))
    }
}

/// Asks how much of its rates the session has used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits;

impl Request for Limits {
    fn name(&self) -> Option<Name> {
        None
    }

    fn instrument(&self, _: &Definitions) -> Option<u32> {
        None
    }

    fn encode(&self, _: &Definitions, name: Name, buffer: &mut [u8]) -> Result<usize, Error> {
        Ok(written(encode(&messages::LimitQuery { req_id: name.text(), padding1: [0; 4] }, buffer)))
    }
}

macro_rules! blocks {
    ($($block:ident)+) => { $(
        /// As it is; the name given is its own.
        impl Request for messages::$block {
            fn name(&self) -> Option<Name> {
                Name::of(self.cl_ord_id)
            }

            fn instrument(&self, _: &Definitions) -> Option<u32> {
                Some(self.instrument_id.get())
            }

            fn encode(&self, _: &Definitions, _: Name, buffer: &mut [u8]) -> Result<usize, Error> {
                Ok(written(encode(self, buffer)))
            }
        }
    )+ };
}
blocks!(NewOrder CancelOrder ReplaceOrder);
