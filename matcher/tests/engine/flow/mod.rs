//! Random flows of commands in which everything collides: few prices, few names, few orders.

mod steps;

use std::collections::{BTreeMap, BTreeSet};

use matcher::engine::{
    AccountKind, AccountTerms, Accounts, Config, LedgerTerms, OrderLimits, Pair, ProtectionTerms,
    SessionTerms,
};
use wire::{
    command::{
        Cancel, Display, Funds, Head, InstrumentTerms, Kind, ListRequest, Name, NewOrder, NewOrderList,
        OrderRef, QuoteEntry, Replace, SessionNotice, SetAccount, SetInstrument, Status, Target,
    },
    event::{self, Event},
    limits::TICKS_MAX,
    types::{
        AccountId, AssetId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderType, SelfTrade, SessionId,
        Side, Ticks, TradingState,
    },
};

use crate::common::{Owned, instrument};
use steps::{Aim, Change, Entry, Price, sensible};

pub(crate) use steps::{Step, step};

/// Venue time goes by so much in two commands: enough that times of grace, calls, windows and indicative prices end
/// within a flow.
pub(crate) const TICK_NS: u64 = 10_000_000;

/// The first session that is a trunk; the next one is the other.
const TRUNK: u32 = 3;

/// The names of accounts, those that are added while a flow runs among them.
const ACCOUNTS: [&str; 7] = ["prefunded", "some", "much", "fourth", "fifth", "sixth", "seventh"];

fn padded(text: &str) -> Name {
    let mut name = [0; 32];
    name[..text.len()].copy_from_slice(text.as_bytes());
    name
}

/// The time of the command that comes after `seq` others.
pub(crate) fn time(seq: u64) -> Nanos {
    Nanos(1_000_000_000 + seq / 2 * TICK_NS)
}

/// Three instruments, the last one at the end of all prices, and five sessions, the last two trunks; with or without a ledger.
pub(crate) fn config(ledger: bool) -> Config {
    let mut instruments =
        vec![instrument(0, 100, 1_000), instrument(1, 60, 5_000), instrument(2, TICKS_MAX - 3, 1)];
    instruments[0].quantity_min = Lots(2);
    instruments[0].quantity_max = Lots(20);
    instruments[0].notional_min = 270;
    instruments[1].dynamic_band_basis_points = 800;
    instruments[1].volatility_call_ns = 300_000_000;
    instruments[2].group = 1;
    let session = |accounts, cancel_on_disconnect, self_trade| SessionTerms {
        cancel_on_disconnect,
        self_trade,
        ..SessionTerms::new(accounts)
    };
    let trunk =
        |accounts| SessionTerms { is_trunk: true, ..session(accounts, None, SelfTrade::CancelOldest) };
    Config {
        instruments,
        sessions: vec![
            session(Accounts::Only(vec![AccountId(0)]), Some(50_000_000), SelfTrade::None),
            session(Accounts::Only((0..3).map(AccountId).collect()), None, SelfTrade::CancelNewest),
            SessionTerms {
                limits: OrderLimits { open_orders_max: 5, notional_max: 2_000_000_000 },
                ..session(Accounts::Any, Some(0), SelfTrade::None)
            },
            trunk(Accounts::Any),
            trunk(Accounts::Only((0..2).map(AccountId).collect())),
        ],
        open_orders_max: 30,
        finished_orders_max: 20,
        // Room for every order at a price of its own that shares no step with another: the twin knows no such bound.
        price_groups_max: 512,
        ledger: if ledger { ledger_terms() } else { LedgerTerms::default() },
        hash_seed: 0x5EED,
        shard: 0,
        instruments_max: 4,
        accounts_max: 5,
        quotes_max: 4,
        protections: vec![ProtectionTerms {
            account: AccountId(0),
            group: 0,
            fills: 3,
            quantity: Lots(0),
            window_ns: 200_000_000,
        }],
        protections_max: 3,
    }
}

/// Account 0 is prefunded, 1 has some credit, 2 has credit without limit of two assets.
fn ledger_terms() -> LedgerTerms {
    let limits = OrderLimits { open_orders_max: 3, notional_max: 1_500_000_000 };
    let account = |name: &str, kind| AccountTerms {
        name: name.into(),
        kind,
        limits: if name == "some" { limits } else { OrderLimits::NONE },
    };
    let pair = |base, quote, base_per_lot, quote_per_tick_lot, maker_fee, taker_fee| Pair {
        base: AssetId(base),
        quote: AssetId(quote),
        base_per_lot,
        quote_per_tick_lot,
        maker_fee,
        taker_fee,
    };
    LedgerTerms {
        assets: 4,
        accounts: vec![
            account("prefunded", AccountKind::Prefunded),
            account(
                "some",
                AccountKind::Credit(vec![(AssetId(0), 200), (AssetId(1), 3_000), (AssetId(3), 0)]),
            ),
            account("much", AccountKind::Credit(vec![(AssetId(0), 0), (AssetId(1), 2_500)])),
        ],
        pairs: vec![
            pair(0, 1, 10, 2, 1_000, 2_500),
            pair(2, 1, 1, 1, 33_333, 0),
            pair(0, 3, 1, 1, 0, 1_000_000),
        ],
    }
}

/// What of the flow so far a step may refer to: by OrderID, session, instrument and side.
#[derive(Default)]
pub(crate) struct Known {
    last: u64,
    orders: BTreeMap<u64, event::Event>,
    open: BTreeSet<u64>,
    states: BTreeMap<InstrumentId, TradingState>,
    traded: BTreeMap<InstrumentId, Ticks>,
}

impl Known {
    pub(crate) fn see(&mut self, event: &event::Event) {
        if event.kind == event::Kind::Accepted {
            self.last = event.order_id.0;
        }
        if event.order_id.0 > 0 {
            self.orders.insert(event.order_id.0, *event);
            if event.leaves.0 > 0 {
                self.open.insert(event.order_id.0);
            } else {
                self.open.remove(&event.order_id.0);
            }
        }
        if event.kind == event::Kind::State {
            self.states.insert(event.instrument, event.state);
        }
        if event.kind == event::Kind::Fill {
            self.traded.insert(event.instrument, event.last_price);
        }
    }

    fn price(&self, instrument: InstrumentId, price: Price) -> Ticks {
        let first = config(false).instruments.get(instrument.0 as usize).map_or(Ticks(40), |i| i.reference);
        match price {
            Price::Near(ticks) => Ticks(self.traded.get(&instrument).unwrap_or(&first).0 + ticks),
            Price::Is(price) => price,
        }
    }

    fn entry(&self, (instrument, [(bid, bid_quantity), (offer, offer_quantity)]): Entry) -> QuoteEntry {
        let instrument = InstrumentId(instrument);
        let (bid, offer) = (self.price(instrument, bid), self.price(instrument, offer));
        QuoteEntry { instrument, reserved: 0, bid, bid_quantity, offer, offer_quantity }
    }

    /// The terms of an instrument, those at the start but for `change`.
    fn terms(&self, id: InstrumentId, change: Change) -> InstrumentTerms {
        let (config, place) = (config(true), id.0 as usize);
        let new = instrument(id.0, 40, 5_000);
        let of = config.instruments.get(place).unwrap_or(&new);
        let pair = config.ledger.pairs.get(place).unwrap_or(&config.ledger.pairs[0]);
        let mut terms = InstrumentTerms {
            symbol: padded(&of.symbol),
            tick_mantissa: of.tick.mantissa(),
            lot_mantissa: of.lot.mantissa(),
            tick_scale: of.tick.scale(),
            lot_scale: of.lot.scale(),
            shard: of.shard,
            reserved: 7,
            group: of.group,
            base: pair.base,
            quote: pair.quote,
            base_per_lot: pair.base_per_lot,
            quote_per_tick_lot: pair.quote_per_tick_lot,
            maker_fee: pair.maker_fee,
            taker_fee: pair.taker_fee,
            quantity_min: of.quantity_min,
            quantity_max: of.quantity_max,
            notional_min: Event::halves(of.notional_min),
            reference: of.reference,
            band_basis_points: of.band_basis_points,
            dynamic_band_basis_points: of.dynamic_band_basis_points,
            volatility_call_ns: of.volatility_call_ns,
        };
        match change {
            Change::Nothing => {}
            Change::Reference(price) => terms.reference = self.price(id, price),
            Change::Band(band) => terms.band_basis_points = band,
            Change::Dynamic(band, call) => {
                (terms.dynamic_band_basis_points, terms.volatility_call_ns) = (band, call);
            }
            Change::Fees(maker, taker) => (terms.maker_fee, terms.taker_fee) = (maker, taker),
            Change::Group(group) => terms.group = group,
            Change::Symbol(byte) => terms.symbol[1] = byte,
            Change::Quote(asset) => terms.quote = AssetId(asset),
            Change::Tick(mantissa) => terms.tick_mantissa = mantissa,
            Change::Quantities(min, max) => (terms.quantity_min, terms.quantity_max) = (Lots(min), Lots(max)),
        }
        terms
    }

    /// What `aim` points at, and the order as last heard of if the request is to fit it.
    fn order(&self, aim: Aim, head: &mut Head, fit: bool) -> (OrderRef, Option<&event::Event>) {
        match aim {
            Aim::Name(name) if name.is_none() => (OrderRef::new(Target::Venue(OrderId(0))), None),
            Aim::Name(name) => (OrderRef::new(Target::Client(name)), None),
            Aim::Back(_) | Aim::Open(_) => {
                let id = match aim {
                    Aim::Back(back) => self.last.saturating_sub(back),
                    Aim::Open(back) => self.open.iter().rev().cycle().nth(back).copied().unwrap_or(0),
                    Aim::Name(_) => 0,
                };
                let known = self.orders.get(&id).filter(|_| fit);
                if let Some(order) = known {
                    *head = head.with_session(order.session).with_instrument(order.instrument);
                    if order.session.0 >= TRUNK {
                        // By whichever trunk.
                        let other = SessionId(TRUNK + u32::from((head.rx.0 / 16).is_multiple_of(2)));
                        *head = head.with_session(other).with_account(order.account);
                    }
                }
                (OrderRef::new(Target::Venue(OrderId(id))), known)
            }
        }
    }

    fn new_order(&self, now: Nanos, (new, price, stop): (NewOrder, Price, Price)) -> NewOrder {
        NewOrder {
            price: self.price(new.head.instrument(), price),
            stop: self.price(new.head.instrument(), stop),
            expire: Nanos(if new.expire.0 == 0 { 0 } else { now.0 + new.expire.0 * TICK_NS - 2 * TICK_NS }),
            ..new
        }
    }

    /// The command of `step`; `can_withdraw` is what an account could take out of an asset.
    pub(crate) fn command(
        &self,
        step: Step,
        now: Nanos,
        can_withdraw: impl Fn(AccountId, AssetId) -> i128,
    ) -> Owned {
        match step {
            Step::New(new, price, stop) => Owned::New(self.new_order(now, (new, price, stop))),
            Step::List(list_id, orders) => {
                let head = orders[0].0.head.with_kind(Kind::NewOrderList);
                let orders = orders.map(|order| self.new_order(now, order));
                Owned::message(&NewOrderList { head, list_id, reserved: 0, orders })
            }
            Step::OfList(kind, head, list_id) => {
                Owned::message(&ListRequest { head: head.with_kind(kind), list_id, reserved: 0 })
            }
            Step::MassQuote(head, quote_id, flags, entries) => {
                let entries: Vec<QuoteEntry> =
                    entries.into_iter().flatten().map(|entry| self.entry(entry)).collect();
                Owned::mass_quote(head, quote_id, flags, &entries)
            }
            Step::SetProtection(set) => Owned::message(&set),
            Step::ResetProtection(reset) => Owned::message(&reset),
            Step::Instrument(head, change) => {
                Owned::message(&SetInstrument { head, terms: self.terms(head.instrument(), change) })
            }
            Step::Account(head, number, credit) => {
                let name = match number {
                    7 => [0; 32],
                    _ => padded(ACCOUNTS[number as usize]),
                };
                Owned::message(&SetAccount { head, name, credit: credit.into(), reserved: [0; 7] })
            }
            Step::Credit(set) => Owned::message(&set),
            Step::Entitle(entitle) => Owned::message(&entitle),
            Step::Limits(set) => Owned::message(&set),
            Step::MassCancel(mass) => Owned::MassCancel(mass),
            Step::MassStatus(of) => Owned::message(&of),
            Step::Balances(of) => Owned::message(&of),
            Step::KillSwitch(kill) => Owned::KillSwitch(kill),
            Step::State(mut set) => {
                // From there no other state follows, and it would stay so for long.
                let closed = self.states.get(&set.head.instrument()) == Some(&TradingState::Closed);
                if closed && set.state == TradingState::Continuous {
                    set.state = TradingState::OpeningAuction;
                }
                Owned::SetState(set)
            }
            Step::Funds(funds, _) if funds.head.kind == Kind::Deposit => Owned::Deposit(funds),
            Step::Funds(mut funds, all) => {
                if all {
                    // Whoever waits to buy without a limit may not be able to pay for it then.
                    let waits = |o: &&event::Event| {
                        self.open.contains(&o.order_id.0)
                            && o.side == Side::Buy
                            && matches!(o.order_type, OrderType::Stop | OrderType::TrailingStop)
                    };
                    if let Some(order) = self.orders.values().rev().find(waits) {
                        funds.head.account = order.account;
                        funds.asset = if order.instrument.0 == 2 { AssetId(3) } else { AssetId(1) };
                    }
                    let most = can_withdraw(funds.head.account, funds.asset).max(1);
                    funds.amount = Event::halves(most.unsigned_abs());
                }
                Owned::Withdraw(funds)
            }
            Step::Cancel(mut head, cl_ord_id, aim) => {
                head.kind = Kind::Cancel;
                // One in sixteen messages names whatever it likes.
                let fit = head.rx.0 % 16 != 0;
                let (order, _) = self.order(aim, &mut head, fit);
                Owned::Cancel(Cancel { head, cl_ord_id, order })
            }
            Step::Replace(mut head, cl_ord_id, aim, price, quantity, side, display, fit) => {
                head.kind = Kind::Replace;
                let (order, known) = self.order(aim, &mut head, fit);
                let side = known.map_or(side, |order| order.side);
                let mut price = self.price(head.instrument(), price);
                let mut display = display;
                let mut cl_ord_id = cl_ord_id;
                if let Some(order) = known {
                    // Of trunks this has come before.
                    if head.rx.0 % 13 == 0 {
                        cl_ord_id = order.cl_ord_id;
                    }
                    if !order.order_type.has_price() {
                        price = Ticks(0);
                    } else if head.rx.0 % 3 == 0 {
                        (price, display) = (order.price, order.display);
                    }
                }
                let display = Display::new(sensible(display, quantity));
                Owned::Replace(Replace { head, cl_ord_id, order, price, quantity, side, display })
            }
            Step::Status(mut head, aim) => {
                head.kind = Kind::Status;
                let fit = head.rx.0 % 16 != 0;
                let (order, _) = self.order(aim, &mut head, fit);
                let side = if head.rx.0 % 2 == 0 { Side::Buy } else { Side::Sell };
                let request_id = ClOrdId::new(&head.rx.0.to_le_bytes()[..1]).unwrap_or_default();
                Owned::Status(Status { head, request_id, order, side, reserved: [0; 7] })
            }
            Step::Notice(kind, mut head) => {
                head.kind = kind;
                let notice = SessionNotice { head };
                match kind {
                    Kind::SessionUp => Owned::Up(notice),
                    Kind::SessionDown => Owned::Down(notice),
                    Kind::Due => Owned::Due(notice),
                    _ => Owned::CancelSession(notice),
                }
            }
        }
    }
}

/// What funds a flow with a ledger begins with.
pub(crate) fn endowment() -> Vec<Owned> {
    let deposits =
        [(0, 0, 2_000), (0, 1, 30_000), (0, 2, 200), (0, 3, 1 << 63), (1, 0, 1_000), (1, 1, 20_000)];
    deposits
        .into_iter()
        .map(|(account, asset, amount)| {
            let head =
                Head::new(Kind::Deposit, SessionId(2), AccountId(account), InstrumentId(0), 0, Nanos(0));
            Owned::Deposit(Funds { head, asset: AssetId(asset), reserved: 0, amount: Event::halves(amount) })
        })
        .collect()
}
