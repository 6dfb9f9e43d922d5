//! Mass quotes: an account's bids and offers in many instruments, replaced at once or not at all.
//!
//! A quote is an order like any other one, but for its name: it is found by its OrderID alone. What this keeps is
//! where each account's quotes in each instrument are.

use wire::{
    command::{Head, Kind as Asks, MassQuote, MassQuoteBody, NewOrder, QuoteEntry},
    event::{Cause, Event, Kind},
    reject::Reject,
    types::{AccountId, InstrumentId, Lots, Nanos, OrderType, Side, Ticks, TimeInForce},
};

use super::{
    Engine, Market, Sink,
    book::NONE,
    index::{Index, touch_room},
    ledger::{Cover, Party},
    report,
};

/// What a quote's price and quantity are on each side: bid before offer.
const SIDES: [Side; 2] = [Side::Buy, Side::Sell];

/// The slots of an account's bid and offer in an instrument.
#[derive(Clone, Copy)]
struct Quoted {
    account: AccountId,
    instrument: InstrumentId,
    slots: [u32; 2],
}

/// All quotes, by account and instrument.
pub(super) struct Quotes {
    pairs: Vec<Quoted>,
    free: Vec<u32>,
    index: Index,
    max: u32,
}

/// A hash of two numbers that nobody outside chooses.
#[expect(clippy::cast_possible_truncation, reason = "32 bits are enough to spread and to tell apart")]
pub(super) const fn pair_hash(a: u32, b: u32) -> u32 {
    let product = ((a as u64) << 32 | b as u64 | 1 << 63) as u128 * 0x9E37_79B9_7F4A_7C15;
    let folded = product as u64 ^ (product >> 64) as u64;
    (folded ^ folded >> 32) as u32
}

const fn index(side: Side) -> usize {
    match side {
        Side::Buy => 0,
        Side::Sell => 1,
    }
}

impl Quotes {
    /// Bytes reserved for each pair of account and instrument, and for the table that finds them.
    pub(super) fn bytes(max: u32) -> u64 {
        u64::from(max) * (size_of::<Quoted>() + size_of::<u32>()) as u64 + Index::bytes(max.into())
    }

    pub(super) fn new(max: u32) -> Quotes {
        let room = max as usize;
        Quotes {
            pairs: Vec::with_capacity(room),
            free: Vec::with_capacity(room),
            index: Index::new(max.into()),
            max,
        }
    }

    /// Touches all of its memory.
    pub(super) fn prefault(&mut self) {
        touch_room(&mut self.pairs);
        touch_room(&mut self.free);
        self.index.prefault();
    }

    fn find(&self, account: AccountId, instrument: InstrumentId) -> Option<u32> {
        let is_it = |number: u32| {
            let pair = &self.pairs[number as usize];
            pair.account == account && pair.instrument == instrument
        };
        self.index.find(pair_hash(account.0, instrument.0), is_it).map(|(_, number)| number)
    }

    /// The slots of the account's quotes in the instrument, its bid's first.
    pub(super) fn of(
        &self,
        account: AccountId,
        instrument: InstrumentId,
    ) -> impl Iterator<Item = u32> + use<> {
        let slots = self.find(account, instrument).map_or([NONE; 2], |pair| self.pairs[pair as usize].slots);
        slots.into_iter().filter(|&slot| slot != NONE)
    }

    /// Enters a quote of an image; `false` if there is no room for it.
    pub(super) fn restore(
        &mut self,
        account: AccountId,
        instrument: InstrumentId,
        side: Side,
        slot: u32,
    ) -> bool {
        // All of it follows from the quotes.
        let &mut Quotes { pairs: _, free: _, index: _, max } = self;
        let has_room = self.used() < max as usize || self.find(account, instrument).is_some();
        if has_room {
            self.enter(account, instrument, side, slot);
        }
        has_room
    }

    /// Pairs of account and instrument that may have quotes.
    pub(super) const fn room(&self) -> u32 {
        self.max
    }

    /// Pairs of account and instrument with quotes.
    pub(super) fn used(&self) -> usize {
        self.pairs.len() - self.free.len()
    }

    /// Enters a quote where the account has none; there is room.
    fn enter(&mut self, account: AccountId, instrument: InstrumentId, side: Side, slot: u32) {
        if let Some(number) = self.find(account, instrument) {
            self.pairs[number as usize].slots[index(side)] = slot;
            return;
        }
        let mut pair = Quoted { account, instrument, slots: [NONE; 2] };
        pair.slots[index(side)] = slot;
        let number = match self.free.pop() {
            Some(number) => {
                self.pairs[number as usize] = pair;
                number
            }
            None => {
                // At most `max`, so this neither reallocates nor exceeds u32.
                self.pairs.push(pair);
                u32::try_from(self.pairs.len() - 1).unwrap_or(NONE)
            }
        };
        self.index.insert(pair_hash(account.0, instrument.0), number);
    }

    /// The account's quote on that side has ended.
    fn leave(&mut self, account: AccountId, instrument: InstrumentId, side: Side) {
        let hash = pair_hash(account.0, instrument.0);
        let is_it = |number: u32| {
            let pair = &self.pairs[number as usize];
            pair.account == account && pair.instrument == instrument
        };
        let Some((place, number)) = self.index.find(hash, is_it) else { return };
        let pair = &mut self.pairs[number as usize];
        pair.slots[index(side)] = NONE;
        if pair.slots == [NONE; 2] {
            self.index.remove(place);
            self.free.push(number);
        }
    }
}

/// Why a mass quote is refused, and the number of the entry that is wrong, from 1; 0 is the message.
pub(super) type Refused = (Reject, u64);

/// The sides of an entry, bid before offer, with price and quantity.
fn sides(entry: &QuoteEntry) -> impl Iterator<Item = (Side, Ticks, Lots)> + use<> {
    SIDES
        .into_iter()
        .zip([(entry.bid, entry.bid_quantity), (entry.offer, entry.offer_quantity)])
        .map(|(side, (price, quantity))| (side, price, quantity))
}

/// The sides that are there.
fn quotes(entry: &QuoteEntry) -> impl Iterator<Item = (Side, Ticks, Lots)> + Clone + use<> {
    let there = sides(entry).map(|side| Some(side).filter(|(_, _, quantity)| quantity.0 > 0));
    let mut both = [None; 2];
    for (place, side) in both.iter_mut().zip(there) {
        *place = side;
    }
    both.into_iter().flatten()
}

impl Engine {
    #[inline(never)]
    pub(super) fn mass_quote<S: Sink>(&mut self, quote: MassQuote<'_>, sink: &mut S) {
        let MassQuote { head, body } = quote;
        if let Err(refused) = self.check_quotes(quote) {
            return self.refuse_quotes(quote, refused, sink);
        }
        if body.flags & MassQuoteBody::RESET != 0 {
            self.reset_protections(head.account, &body.entries);
        }
        let placed = body.entries.iter().flat_map(quotes).count() as u64;
        let answer = Event { cl_ord_id: body.quote_id, ..report::of_unknown(Kind::Quoted, head) };
        self.reporter.send(Event { quantity: Lots(placed), ..answer }, sink);
        for entry in &body.entries {
            for slot in self.quotes.of(head.account, entry.instrument) {
                self.cancel_linked(slot, Cause::QuoteReplaced, sink);
            }
        }
        for entry in &body.entries {
            for (side, price, quantity) in quotes(entry) {
                self.place_quote(&order(head, body, entry.instrument, side, price, quantity), sink);
            }
        }
        for entry in &body.entries {
            self.run_stops(entry.instrument.0 as usize, sink);
        }
    }

    #[cold]
    pub(super) fn refuse_quotes<S: Sink>(
        &mut self,
        MassQuote { head, body }: MassQuote<'_>,
        (reject, entry): Refused,
        sink: &mut S,
    ) {
        let none = report::of_unknown(Kind::QuoteRefused, head);
        let event = Event { reject, last_quantity: Lots(entry), cl_ord_id: body.quote_id, ..none };
        let blamed = usize::try_from(entry).ok().and_then(|entry| body.entries.get(entry.checked_sub(1)?));
        let of = blamed.map_or(head.instrument(), |entry| entry.instrument);
        let worth = |market: &Market| {
            let worth = |(_, price, quantity)| (price, quantity);
            let mut quotes = blamed.into_iter().flat_map(quotes).map(worth);
            let is_too_much = |order: &_| self.limits.check_notional(head, market, *order).is_err();
            quotes.find(is_too_much).unwrap_or_default()
        };
        let event = self.with_limit(event, &head.with_instrument(of), worth);
        self.reporter.send(event, sink);
    }

    /// Whether all of it can be carried out.
    fn check_quotes(&self, MassQuote { head, body }: MassQuote<'_>) -> Result<(), Refused> {
        let of_message = |reject| (reject, 0);
        if self.register.owners.is_trunk(head.session()) {
            return Err(of_message(Reject::NotByTrunk));
        }
        self.check_account(head.session(), head.account).map_err(of_message)?;
        if body.quote_id.is_none() {
            return Err(of_message(Reject::BadClOrdId));
        }
        if self.killed.stops(head.session(), head.account) {
            return Err(of_message(Reject::Killed));
        }
        let resets = body.flags & MassQuoteBody::RESET != 0;
        if body.entries.is_empty() && !resets {
            return Err(of_message(Reject::BadQuote));
        }
        for (i, entry) in body.entries.iter().enumerate() {
            let checked = self.check_entry(head, entry, &body.entries[..i], resets);
            checked.map_err(|reject| (reject, i as u64 + 1))?;
        }
        self.check_quotes_room(head, &body.entries).map_err(of_message)?;
        self.check_quotes_funds(head.account, &body.entries).map_err(of_message)
    }

    fn check_entry(
        &self,
        head: &Head,
        entry: &QuoteEntry,
        before: &[QuoteEntry],
        resets: bool,
    ) -> Result<(), Reject> {
        let market = self.served(entry.instrument).ok_or(Reject::UnknownInstrument)?;
        market.check_open()?;
        let both = entry.bid_quantity.0 > 0 && entry.offer_quantity.0 > 0;
        if before.iter().any(|other| other.instrument == entry.instrument)
            || (both && entry.bid >= entry.offer)
            || sides(entry).any(|(_, price, quantity)| quantity.0 == 0 && price.0 != 0)
        {
            return Err(Reject::BadQuote);
        }
        if !resets && self.protections.stops(head.account, market.terms.group) {
            return Err(Reject::Protected);
        }
        quotes(entry).try_for_each(|(_, price, quantity)| {
            market.check_limit(price, quantity)?;
            self.limits.check_notional(head, market, (price, quantity))
        })
    }

    /// Whether the quotes find room, with those gone that they replace.
    fn check_quotes_room(&self, head: &Head, entries: &[QuoteEntry]) -> Result<(), Reject> {
        let account = head.account;
        let (mut orders, mut replaced, mut replaced_own) = (0, 0, 0);
        let (mut pairs, mut replaced_pairs) = (0, 0);
        for entry in entries {
            let new = u32::try_from(quotes(entry).count()).unwrap_or(0);
            let old = u32::try_from(self.quotes.of(account, entry.instrument).count()).unwrap_or(0);
            let is_own = |&slot: &u32| self.terms(slot).session() == head.session();
            let own = self.quotes.of(account, entry.instrument).filter(is_own).count();
            (orders, replaced) = (orders + new, replaced + old);
            replaced_own += u32::try_from(own).unwrap_or(0);
            (pairs, replaced_pairs) = (pairs + new.min(1), replaced_pairs + old.min(1));
        }
        let Some(others) = orders.checked_sub(1) else { return Ok(()) };
        let (of_session, of_account) = (orders.saturating_sub(replaced_own), orders.saturating_sub(replaced));
        self.limits.check_open(head, of_session, of_account)?;
        if !self.arena.spares(self.attributes.spare() + orders.saturating_sub(replaced))
            || !self.arena.has_steps(self.waiting + others)
        {
            return Err(Reject::TooManyOpenOrders);
        }
        let used = self.quotes.used() + pairs as usize - replaced_pairs as usize;
        if used > self.quotes.max as usize { Err(Reject::TooManyQuotes) } else { Ok(()) }
    }

    /// Whether the account can pay for the quotes, with what those hold released that they replace.
    fn check_quotes_funds(&self, account: AccountId, entries: &[QuoteEntry]) -> Result<(), Reject> {
        if !self.ledger.is_active() {
            return Ok(());
        }
        let slots = entries.iter().flat_map(|entry| self.quotes.of(account, entry.instrument));
        let old = slots.map(|slot| (self.party(slot, self.price(slot)), self.leaves(slot)));
        let new = entries.iter().flat_map(|entry| {
            let instrument = entry.instrument.0 as usize;
            quotes(entry).map(move |(side, price, quantity)| {
                let cover = Cover::at(price);
                (Party { slot: NONE, account, instrument, side, cover, has_limit: true }, quantity)
            })
        });
        let covered = self.ledger.covers_instead(account, old, new);
        covered.map_err(|_| Reject::InsufficientFunds)
    }

    /// Places a quote that was checked, unless protection has stopped it in this very message.
    #[inline(never)]
    fn place_quote<S: Sink>(&mut self, new: &NewOrder, sink: &mut S) {
        let slot = self.enter(new);
        let InstrumentId(instrument) = new.head.instrument();
        self.quotes.enter(new.head.account, new.head.instrument(), new.side, slot);
        self.reporter.send(self.event(Kind::Accepted, slot, new.price), sink);
        if self.protections.stops(new.head.account, self.markets[instrument as usize].terms.group) {
            return self.cancel_unlinked(slot, new.price, Cause::Protected, sink);
        }
        self.trade(slot, new.price, new.price, true, sink);
    }

    /// The quote in `slot` ends.
    #[cold]
    pub(super) fn quote_ends(&mut self, slot: u32) {
        let terms = self.terms(slot);
        self.quotes.leave(self.register.order(slot).account, terms.instrument(), terms.side());
    }

    /// Cancels the account's quotes in the instruments of `group`, in order of OrderID. How many they were.
    pub(super) fn pull_quotes<S: Sink>(&mut self, account: AccountId, group: u32, sink: &mut S) -> Lots {
        let mut selected = std::mem::take(&mut self.selected);
        selected.clear();
        for (market, instrument) in self.markets.iter().zip((0..).map(InstrumentId)) {
            if market.terms.group == group {
                let slots = self.quotes.of(account, instrument);
                selected.extend(slots.map(|slot| (self.register.order(slot).id, slot)));
            }
        }
        // In place, and OrderIDs differ.
        selected.sort_unstable();
        for &(_, slot) in &selected {
            self.cancel_linked(slot, Cause::Protected, sink);
        }
        let count = selected.len() as u64;
        self.selected = selected;
        Lots(count)
    }

    /// Every quote stands in the table, and nothing else does; `quotes` is how many there are.
    pub(super) fn audit_quotes(&self, quotes: usize) {
        let mut found = 0;
        for (pair, number) in self.quotes.pairs.iter().zip(0u32..) {
            if self.quotes.free.contains(&number) {
                continue;
            }
            assert!(self.quotes.find(pair.account, pair.instrument) == Some(number));
            assert!(pair.slots != [NONE; 2], "a pair without quotes is given back");
            for (&slot, side) in pair.slots.iter().zip(SIDES).filter(|(slot, _)| **slot != NONE) {
                let terms = self.terms(slot);
                assert!(terms.is_quote() && terms.side() == side && terms.instrument() == pair.instrument);
                assert!(self.register.order(slot).account == pair.account);
                found += 1;
            }
        }
        assert_eq!(found, quotes, "every quote is in the table");
        assert!(self.quotes.used() <= self.quotes.max as usize);
    }
}

/// The order that a quote is.
fn order(
    head: &Head,
    body: &MassQuoteBody,
    instrument: InstrumentId,
    side: Side,
    price: Ticks,
    quantity: Lots,
) -> NewOrder {
    NewOrder {
        head: head.with_kind(Asks::New).with_instrument(instrument),
        cl_ord_id: body.quote_id,
        side,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        flags: NewOrder::QUOTE,
        price,
        quantity,
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(0),
    }
}
