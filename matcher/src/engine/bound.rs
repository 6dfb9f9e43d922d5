//! How many events one command can cause.

use wire::limits::MASS_QUOTE_ENTRIES_MAX;

use super::Config;

impl Config {
    /// The most events that one command can cause, for whoever must have room for them.
    ///
    /// Each open order takes a place, an iceberg one for each of its slices, and there are `open_orders_max` places, so the
    /// sum of the places k of all orders that are open in a command is bounded; for a mass quote, of all but the quotes
    /// it replaces. What happens in a command is counted at the order that it happens to last:
    ///
    /// - Each trade uses up what one of the two shows, or ends the one that has come. It is counted at a slice that it
    ///   uses up, or else at the order that has come. An auction's trades always use up a slice.
    /// - Self-trade prevention gives two events each time, and ends an order at which they are counted; any other
    ///   cancellation is one event.
    /// - So an order that rests has two events for each slice used up, and if one is left, at most two for its end: 2 k
    ///   at most. One that ends as it comes has used up no slice, and has at most two for its end.
    /// - `Triggered` comes once more for a stop, which is not a quote; `Protected` once for each account and group, and is
    ///   counted at the quote whose fill has done it: 2 k + 1, at most 3 for each place.
    /// - Besides: an `Accepted` or `Replaced` for each order of the command, of a mass quote two for each entry, and a `Canceled`
    ///   for as many quotes that it replaces; one answer, or summary; and for each instrument the end of a
    ///   call, another interruption by a stop, and an indicative price with each: `State` and `Indicative` twice.
    /// - A request for balances, which touches no order, has one for each asset and one before them.
    #[must_use]
    pub fn events_max(&self) -> usize {
        let places = self.open_orders_max as usize;
        let of_orders = 3 * places + 4 * self.room_for_instruments() as usize + 4 * MASS_QUOTE_ENTRIES_MAX;
        of_orders.max(self.ledger.assets as usize) + 1
    }
}
