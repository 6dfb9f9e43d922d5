//! Market buys that name what to spend instead of a quantity. Each lives for one command.
//!
//! As long as one does, its node and its name have the amount as its quantity, and that less the lots bought as what it
//! can still trade: so that what has traded is as in any order. What it can spend still is its [`Budget`].

use wire::{
    command::NewOrder,
    event::{Cause, Event, Kind, Liquidity},
    limits::LOTS_MAX,
    reject::Reject,
    types::{Lots, OrderStatus, SelfTrade, Side, Ticks, TradeId},
};

use super::{
    Engine, Sink,
    ledger::{Budget, Cover, Party},
};

/// What an amount may be.
pub(super) const fn check_amount(amount: Lots) -> Result<(), Reject> {
    match amount {
        Lots::OFF_LOT => Err(Reject::QuantityOffLot),
        Lots(0) => Err(Reject::QuantityNotPositive),
        Lots(amount) if amount > LOTS_MAX => Err(Reject::QuantityOutOfRange),
        _ => Ok(()),
    }
}

impl Engine {
    /// Whether the account of a new order that names an amount has it.
    pub(super) fn check_budget(&self, new: &NewOrder) -> Result<(), Reject> {
        let instrument = new.head.instrument().0 as usize;
        let (account, side, cover) = (new.head.account, new.side, Cover::at(Ticks(0)));
        let party = Party { slot: 0, account, instrument, side, cover, has_limit: false };
        let budget = self.ledger.budget(instrument, new.quantity);
        self.ledger.covers_budget(&party, &budget).map_err(|_| Reject::InsufficientFunds)
    }

    /// The accepted order in `slot`, which names an amount, buys for it what there is within the band.
    pub(super) fn spend<S: Sink>(&mut self, slot: u32, sink: &mut S) {
        let party = self.party(slot, Ticks(0));
        let mut budget = self.ledger.budget(party.instrument, self.arena.leaves(slot));
        self.ledger.hold_budget(&party, &budget);
        let before = self.last_trade;
        let cause = self.buy(slot, &party, &mut budget, sink);
        if self.last_trade != before {
            self.markets[party.instrument].set_bands();
        }
        self.ledger.release_budget(&party, budget);
        if cause == Cause::None {
            let spent = self.terms(slot).spent();
            self.arena.set_tag(slot, spent.0);
        } else {
            let event = self.canceled_event(slot, Ticks(0), cause);
            self.reporter.send(event, sink);
        }
        self.forget(slot, Ticks(0));
        if self.protections.are_reached() {
            self.protect(sink);
        }
        if cause == Cause::Interrupted {
            self.interrupt(party.instrument, sink);
        }
    }

    /// Why it ends; without a cause if it is filled.
    fn buy<S: Sink>(&mut self, slot: u32, party: &Party, budget: &mut Budget, sink: &mut S) -> Cause {
        let market = &self.markets[party.instrument];
        let (_, limit) = market.band;
        let reach = market.reach(Side::Buy, limit);
        let mode = self.register.order(slot).self_trade();
        loop {
            let Some(maker) = self.markets[party.instrument].book.first(&self.arena, Side::Sell) else {
                return Cause::Unfilled;
            };
            let at = self.arena.price(maker);
            let lots = Lots(budget.lots(at));
            if at > limit || lots.0 == 0 {
                return Cause::Unfilled;
            }
            if at > reach {
                return Cause::Interrupted;
            }
            if mode != SelfTrade::None && self.register.order(maker).account == party.account {
                if !self.prevent_spending(mode, (slot, party, &mut *budget), (maker, lots), sink) {
                    return Cause::SelfTrade;
                }
                continue;
            }
            self.cancel_other(maker, sink);
            let quantity = lots.min(self.arena.leaves(maker));
            let maker_ends = self.begin_trade(maker, at, quantity, sink);
            self.fill((maker, at, Liquidity::Maker), at, quantity, sink);
            if maker_ends {
                self.end(maker, at);
            }

            let unbought = Lots(self.arena.leaves(slot).0 - quantity.0);
            self.arena.set_leaves(slot, unbought);
            self.register.trade(slot, quantity, super::matching::notional(at, quantity));
            let fee = self.ledger.spend(party, budget, (at, quantity));
            let is_filled = budget.lots(at) == 0;
            let event = Event {
                fee,
                status: if is_filled { OrderStatus::Filled } else { OrderStatus::PartiallyFilled },
                leaves: if is_filled { Lots(0) } else { budget.left() },
                trade_id: TradeId(self.last_trade),
                liquidity: Liquidity::Taker,
                last_price: at,
                last_quantity: quantity,
                ..self.event(Kind::Fill, slot, Ticks(0))
            };
            self.reporter.send(event, sink);
            if is_filled {
                return Cause::None;
            }
        }
    }

    /// As [`Engine::prevent`], for an order that could buy `lots` at the price of its own account's `maker`.
    #[cold]
    fn prevent_spending<S: Sink>(
        &mut self,
        mode: SelfTrade,
        (slot, party, budget): (u32, &Party, &mut Budget),
        (maker, lots): (u32, Lots),
        sink: &mut S,
    ) -> bool {
        if mode != SelfTrade::Decrement {
            return self.prevent(mode, slot, maker, Ticks(0), sink);
        }
        let at = self.arena.price(maker);
        let less = self.decrement_maker(maker, lots, sink);
        if less == lots {
            return false;
        }
        self.ledger.cut_budget(party, budget, (at, less));
        let amount = Lots(at.0.unsigned_abs() * less.0);
        self.register.change(slot);
        let unbought = Lots(self.arena.leaves(slot).0 - amount.0);
        self.arena.set_leaves(slot, unbought);
        let event = self.event(Kind::Reduced, slot, Ticks(0));
        self.reporter.send(Event { cause: Cause::SelfTrade, leaves: budget.left(), ..event }, sink);
        true
    }
}
