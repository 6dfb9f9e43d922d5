//! A client of Penstock's binary order entry (SoupBinTCP carrying SBE): symbols and decimals outside, numbers and mantissas
//! on the wire, and every report exactly once, whatever happens to connections and gateways.
//!
//! Two faces over one machine:
//!
//! * [`Client`] waits: `place`, `cancel`, `replace` and the others send a request and return its answer; everything else
//!   that comes is handed out, in order, by [`Client::next`];
//! * [`Connection`] never waits and owns no thread: it is polled, from a loop of its own or by
//!   [mio](https://docs.rs/mio), and hands each event to a closure, reports as views of the bytes they came in.
//!
//! ```no_run
//! use penstock_client::{Client, NewOrder, Settings, Side};
//!
//! # fn main() -> Result<(), penstock_client::Error> {
//! let settings = Settings::new("127.0.0.1:9880".parse().unwrap(), "BM1", "bm1-demo");
//! let mut client = Client::connect(settings)?;
//! let report = client.place(&NewOrder::limit("BTCUSDT", Side::Buy, "0.01".parse().unwrap(), "49000".parse().unwrap()))?;
//! println!("{} is open as order {:?}", report.cl_ord_id, report.order_id);
//! client.cancel(&penstock_client::Cancel::of("BTCUSDT", &report.cl_ord_id))?;
//! client.close()
//! # }
//! ```
//!
//! **What happens when a connection breaks.** It is made again, by [`Settings::back_off`], and the session's reports go on
//! with the first that has not been handed out: none is missed and none comes twice. A request whose answer has not come by
//! then may have reached the venue or not: an answer that is there is replayed, and for the others the library asks the
//! venue a question that can only be answered behind them. What is unanswered then never arrived, and is told as
//! [`Event::Lost`]: it can be sent again without a second order being made of it.
//!
//! **What outlives the process** is the place among the session's reports, [`Connection::position`]: whoever keeps it with
//! the effects of the reports and hands it to [`Settings::from`] has exactly-once across its own restarts too.

mod blocking;
mod connection;
mod decimal;
mod definitions;
mod error;
mod names;
mod pending;
mod report;
mod request;
mod settings;

pub use blocking::Client;
pub use connection::{Connection, Event};
pub use definitions::{Definitions, InstrumentTerms};
pub use error::Error;
pub use names::Name;
pub use report::{
    Balance, Fill, Limit, ListOrder, OrderEvent, OrderReport, Quoted, Refusal, Report, Stamps, Update,
    Withdrawn,
};
pub use request::{
    Balances, Cancel, CancelList, Limits, ListLeg, ListStatus, MassCancel, MassQuote, MassStatus, NewOrder,
    OneCancelsOther, Quote, Replace, Request, Status,
};
pub use rust_decimal::Decimal;
pub use settings::{BackOff, Position, Settings};
/// The messages themselves, for who wants no more than views and blocks of the schema.
pub use wire::sbe::messages;
pub use wire::{
    event::{Cause, Liquidity},
    reject::Reject,
    sbe::codes::{LimitType, ListOrderStatus, SelfTrade, VenueState},
    types::{OrderStatus, OrderType, Side, TimeInForce},
};
