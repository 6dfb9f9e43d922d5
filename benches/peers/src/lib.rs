//! What the matching engine is held against: the bare floor, and public engines, all on the same orders; and the
//! same for the FIX codec ([`fix`]).

mod bare;
pub mod fix;
mod lobster_book;
mod orderbook_rs_book;
pub mod rounds;

pub use bare::Bare;
pub use lobster_book::Lobster;
pub use orderbook_rs_book::OrderbookRs;
pub use wire::types::Side;

/// A command on one book. Orders are numbered from 0 in order of arrival; only orders that stand are named.
#[derive(Clone, Copy, Debug)]
pub enum Order {
    /// A limit order.
    Add {
        /// Its number.
        id: u32,
        /// Its side.
        side: Side,
        /// Its limit in ticks.
        price: u64,
        /// Its quantity.
        quantity: u64,
    },
    /// A limit order that does not rest.
    Take {
        /// A number that no other order has.
        id: u32,
        /// Its side.
        side: Side,
        /// Its limit in ticks.
        price: u64,
        /// Its quantity.
        quantity: u64,
    },
    /// Takes an order off.
    Cancel {
        /// Its number.
        id: u32,
    },
    /// Leaves less of an order, which keeps its place.
    Reduce {
        /// Its number.
        id: u32,
        /// What is taken from it.
        by: u64,
        /// What is left.
        left: u64,
        /// Its side.
        side: Side,
        /// Its price.
        price: u64,
    },
    /// Moves an order.
    Reprice {
        /// Its number.
        id: u32,
        /// What stands of it.
        left: u64,
        /// Its side.
        side: Side,
        /// Its new price.
        price: u64,
    },
}

/// An order book.
pub trait Peer {
    /// Applies one command; how many trades it made.
    fn apply(&mut self, order: Order) -> u64;
}
