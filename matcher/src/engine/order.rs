//! New orders and replaces.

use wire::{
    command::{NewOrder, Replace},
    event::{Cause, Event, Kind},
    reject::Reject,
    types::{Lots, OrderId, OrderType, Ticks, TimeInForce, TradingState},
};

use super::{
    Engine, Market, Refusal, Sink,
    attributes::{Extra, spare},
    register::{Found, Terms, Traded},
};

impl Engine {
    pub(super) fn new_order<S: Sink>(&mut self, new: &NewOrder, sink: &mut S) {
        let names_amount = new.flags & NewOrder::QUOTE_AMOUNT != 0;
        let check = || {
            self.check_new(new)?;
            self.check_post_only(new)?;
            if names_amount { self.check_budget(new) } else { self.check_funds(new) }
        };
        if let Err(reject) = check() {
            return self.refuse_new(new, reject, sink);
        }
        let slot = self.enter(new);
        if new.order_type.is_stop() {
            self.wait(slot, new);
        }
        self.reporter.send(self.event(Kind::Accepted, slot, new.price), sink);

        if new.order_type.is_stop() {
            return; // it is looked at once this command's own matching is done, which it has none of
        }
        if names_amount {
            return self.spend(slot, sink);
        }
        let market = &self.markets[new.head.instrument().0 as usize];
        let limit = market.limit(new.order_type, new.side, new.price);
        let (least, cause) = match new.time_in_force {
            TimeInForce::Fok => (new.quantity, Cause::NotFillable),
            _ if new.flags & NewOrder::MINIMUM != 0 => (new.display, Cause::BelowMinimum),
            _ => (Lots(0), Cause::None),
        };
        if least.0 > 0 && !self.can_fill(slot, market.reach(new.side, limit), least) {
            return self.cancel_unlinked(slot, new.price, cause, sink);
        }
        let rests = for_an_auction(new.time_in_force)
            || (new.order_type == OrderType::Limit && new.time_in_force.rests());
        self.trade(slot, new.price, limit, rests, sink);
    }

    #[cold]
    pub(super) fn refuse_new<S: Sink>(&mut self, new: &NewOrder, reject: Reject, sink: &mut S) {
        if !self.tell_again(new, sink) && !self.is_repeated(&new.head, &new.cl_ord_id) {
            self.reporter.send(self.rejected(new, reject), sink);
        }
    }

    pub(super) fn rejected(&self, new: &NewOrder, reject: Reject) -> Event {
        let order = |market: &Market| (Self::price_of_worth(market, new), new.quantity);
        self.with_limit(rejected(new, reject), &new.head, order)
    }

    /// Enters a new order, which then stands in no queue yet.
    pub(super) fn enter(&mut self, new: &NewOrder) -> u32 {
        self.last_order += 1;
        self.limits.enter(new.head.session(), new.head.account);
        let slot = self.arena.insert(new.quantity, Terms::of(new).0);
        self.register.enter(slot, OrderId(self.last_order), new);
        if new.flags & NewOrder::QUOTE_AMOUNT == 0 {
            self.fund(slot, new);
        }
        self.enter_attributes(slot, new);
        slot
    }

    /// Matches the order in `slot`, which stands in no queue, and rests or ends what is left; then market makers are
    /// protected from what comes next, and trading is interrupted if the next trade would have left the dynamic band.
    pub(super) fn trade<S: Sink>(
        &mut self,
        slot: u32,
        price: Ticks,
        limit: Ticks,
        rests: bool,
        sink: &mut S,
    ) {
        let number = self.terms(slot).instrument().0 as usize;
        let interrupts = self.match_and_rest(slot, price, limit, rests, sink);
        if self.protections.are_reached() {
            self.protect(sink);
        }
        if interrupts {
            self.interrupt(number, sink);
        }
    }

    /// Whether trading is to be interrupted, because the order's next trade would have left the dynamic band.
    fn match_and_rest<S: Sink>(
        &mut self,
        slot: u32,
        price: Ticks,
        limit: Ticks,
        rests: bool,
        sink: &mut S,
    ) -> bool {
        let terms = self.terms(slot);
        let number = terms.instrument().0 as usize;
        let market = &self.markets[number];
        let matches = market.state == TradingState::Continuous && !for_an_auction(terms.time_in_force());
        let reach = market.reach(terms.side(), limit);
        let lives = !matches || self.match_order(slot, price, reach, sink);
        if self.arena.leaves(slot) == Lots(0) {
            self.end(slot, price);
            return false;
        }
        if !lives {
            self.cancel_unlinked(slot, price, Cause::SelfTrade, sink);
            return false;
        }
        let interrupts = matches && reach != limit && self.markets[number].book.crosses(terms.side(), limit);
        if rests {
            self.rest(slot, limit, sink);
        } else {
            let cause = if interrupts { Cause::Interrupted } else { Cause::Unfilled };
            self.cancel_unlinked(slot, price, cause, sink);
        }
        interrupts
    }

    fn enter_attributes(&mut self, slot: u32, new: &NewOrder) {
        let session = &self.sessions[new.head.session().0 as usize];
        let mode = new.self_trade(session.terms.self_trade).unwrap_or(session.terms.self_trade);
        self.register.set_self_trade(slot, mode);
        let display = if new.flags & NewOrder::MINIMUM != 0 { Lots(0) } else { new.display };
        if !new.order_type.is_stop() && (display.0 != 0 || new.expire.0 != 0) {
            let spare = spare(display, new.quantity);
            let extra = Extra { display, expire: new.expire, spare, ..Extra::NOTHING };
            self.attributes.set(slot, OrderId(self.last_order), extra);
            self.register.set_has_extra(slot);
        }
    }

    pub(super) fn replace<S: Sink>(&mut self, replace: &Replace, sink: &mut S) {
        let slot = match self.check_replaceable(replace) {
            Ok(slot) => slot,
            Err(refusal) => return self.refuse_replace(replace, refusal, sink),
        };
        let (price, quantity) = (replace.price, replace.quantity);
        let (old_price, old_leaves) = (self.price(slot), self.leaves(slot));
        let old_name = self.register.order(slot).name;
        let Traded { cum: Lots(cum), .. } = self.register.traded(slot);
        let old_quantity = Lots(old_leaves.0 + cum);
        if quantity.0 <= cum {
            let event = self.canceled_event(slot, old_price, Cause::ReplacedBelowFilled);
            let event = Event { cl_ord_id: replace.cl_ord_id, orig_cl_ord_id: old_name, by: 0, ..event };
            self.register.rename(&self.arena, slot, replace.cl_ord_id);
            self.send_to_both(event, &replace.head, sink);
            return self.take_out(slot, sink);
        }

        self.register.rename(&self.arena, slot, replace.cl_ord_id);
        let leaves = Lots(quantity.0 - cum);
        self.refund(slot, (old_price, old_leaves), (price, leaves));
        let display = replace.display.lots();
        let old_display =
            self.attributes.of(self.register.order(slot), slot).map_or(Lots(0), |extra| extra.display);
        if let Some(extra) = self.attributes.of_mut(self.register.order(slot), slot)
            && extra.waits
        {
            extra.price = price;
            self.show(slot, display, quantity);
            self.resize_waiting(slot, leaves);
            let event = Event { orig_cl_ord_id: old_name, by: 0, ..self.open_event(Kind::Replaced, slot) };
            return self.send_to_both(event, &replace.head, sink);
        }
        // A market order for an auction stays at the band's edge of its entry.
        let limit = if self.terms(slot).order_type().has_price() { price } else { self.arena.price(slot) };
        let keeps_its_place = price == old_price && quantity <= old_quantity && display == old_display;
        if keeps_its_place {
            self.shrink(slot, leaves, sink);
        } else {
            // What trades first has left the book, and what is left of it comes anew.
            let terms = self.terms(slot);
            let market = &self.markets[terms.instrument().0 as usize];
            let moves = market.state != TradingState::Continuous || !market.book.crosses(terms.side(), limit);
            self.unlink(slot, moves, sink);
            self.arena.set_leaves(slot, leaves);
        }
        self.show(slot, display, quantity);
        let event = Event { orig_cl_ord_id: old_name, by: 0, ..self.event(Kind::Replaced, slot, price) };
        self.send_to_both(event, &replace.head, sink);
        if keeps_its_place {
            return;
        }
        self.trade(slot, price, limit, true, sink);
    }

    #[cold]
    pub(super) fn refuse_replace<S: Sink>(&mut self, replace: &Replace, refusal: Refusal, sink: &mut S) {
        let Replace { head, cl_ord_id, order, .. } = replace;
        if !self.tell_replaced_again(replace, sink) && !self.is_repeated(head, cl_ord_id) {
            let found = refusal.order;
            let mut event = self.refusal(Kind::ReplaceRejected, (head, cl_ord_id, order), refusal);
            if let (Reject::NotionalTooLarge, Some(Found::Open(slot))) = (event.reject, found) {
                let (head, worth) = self.replaced_worth(slot, replace);
                event = self.with_limit(event, &head, |_| worth);
            }
            self.reporter.send(event, sink);
        }
    }

    /// The slot of the order to replace.
    fn check_replaceable(&self, replace: &Replace) -> Result<u32, Refusal> {
        let head = &replace.head;
        let slot = self.find_open(head, &replace.order)?;
        let terms = self.terms(slot);
        let market = &self.markets[terms.instrument().0 as usize];
        let Traded { cum: Lots(cum), .. } = self.register.traded(slot);
        let check = || {
            if terms.is_quote() {
                return Err(Reject::IsQuote);
            }
            if terms.instrument() != head.instrument() || terms.side() != replace.side {
                return Err(Reject::OrderMismatch);
            }
            market.check_open()?;
            self.check_replace(market, slot, replace)?;
            let rests = replace.quantity.0 > cum;
            if rests {
                self.check_room(slot, replace.display.lots(), replace.quantity)?;
            }
            if terms.post_only()
                && rests
                && market.state == TradingState::Continuous
                && market.book.crosses(terms.side(), replace.price)
            {
                return Err(Reject::PostOnlyWouldTake);
            }
            if rests {
                self.check_refund(slot, replace.price, Lots(replace.quantity.0 - cum))?;
            }
            Ok(slot)
        };
        check().map_err(|reject| Refusal { reject, order: Some(Found::Open(slot)) })
    }

    /// After the static checks: these have found the instrument.
    pub(super) fn check_post_only(&self, new: &NewOrder) -> Result<(), Reject> {
        let market = &self.markets[new.head.instrument().0 as usize];
        let takes = new.flags & NewOrder::POST_ONLY != 0
            && market.state == TradingState::Continuous
            && market.book.crosses(new.side, new.price);
        if takes { Err(Reject::PostOnlyWouldTake) } else { Ok(()) }
    }

    /// The order in `slot` shows `display` of its `quantity` from now on.
    fn show(&mut self, slot: u32, display: Lots, quantity: Lots) {
        let order = self.register.order(slot);
        if order.has_extra() {
            self.attributes.show(slot, display, quantity);
        } else if display.0 > 0 {
            let extra = Extra { display, spare: spare(display, quantity), ..Extra::NOTHING };
            self.attributes.set(slot, order.id, extra);
            self.register.set_has_extra(slot);
        }
    }

    pub(super) fn rest<S: Sink>(&mut self, slot: u32, limit: Ticks, sink: &mut S) {
        let terms = self.terms(slot);
        let market = &mut self.markets[terms.instrument().0 as usize];
        if let Some(extra) = self.attributes.of_mut(self.register.order(slot), slot)
            && extra.display.0 > 0
        {
            market.icebergs += 1;
            extra.hidden = self.arena.leaves(slot);
            let slice = extra.next_slice();
            self.arena.set_leaves(slot, slice);
        }
        let total = market.queues(terms).link(&mut self.arena, slot, terms.side(), limit);
        self.take_place(slot);
        self.show_joined(slot, limit, total, sink);
        self.book_changed(terms.instrument());
    }

    /// Cancels the order in `slot`, which stands in no queue.
    pub(super) fn cancel_unlinked<S: Sink>(&mut self, slot: u32, price: Ticks, cause: Cause, sink: &mut S) {
        let event = self.canceled_event(slot, price, cause);
        self.reporter.send(event, sink);
        self.cancel_other(slot, sink);
        self.end(slot, price);
    }
}

/// Whether orders with it trade in one auction and nowhere else.
const fn for_an_auction(time_in_force: TimeInForce) -> bool {
    matches!(time_in_force, TimeInForce::AtTheOpening | TimeInForce::AtTheClose)
}

fn rejected(new: &NewOrder, reject: Reject) -> Event {
    Event {
        side: new.side,
        order_type: new.order_type,
        time_in_force: new.time_in_force,
        flags: new.flags,
        account: new.head.account,
        instrument: new.head.instrument(),
        reject,
        price: new.price,
        quantity: new.quantity,
        stop: new.stop,
        display: new.display,
        expire: new.expire,
        cl_ord_id: new.cl_ord_id,
        ..Event::blank(Kind::Rejected, new.head.session())
    }
}
