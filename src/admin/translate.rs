//! Requests to commands.

use wire::{
    command::{
        Balances, Entitle, Funds, Head, InstrumentTerms, KillSwitch, Kind, MassCancel, OrderRef,
        ResetProtection, Scope, SetAccount, SetCredit, SetInstrument, SetLimits, SetProtection, SetState,
        Status, Target, padded,
    },
    decimal::Decimal,
    event::Event,
    instrument::Step as Size,
    limits::{LOTS_MAX, TICKS_MAX},
    reject::Reject,
    types::{AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, Side, Ticks, TradingState},
};
use zerocopy::{Immutable, IntoBytes};

use super::{
    orders::in_full,
    registry::{Known, Registry},
    request::{
        self, Account, Cancel, Holding, Instrument, Kill, Limits, Protection, Refusal, Request, Terms, Which,
        state_word,
    },
};
use crate::config::{hundred_millionths, hundredths};

/// A command to send, and what to say of it.
pub(super) struct Step {
    /// The command as it stands in the ring; empty if there is nothing to send.
    pub(super) command: Vec<u8>,
    /// What it is about, for a refusal.
    pub(super) about: String,
    /// What has been done when it was carried out. Of a mass cancel or kill switch the number of orders follows.
    pub(super) done: String,
    /// It is about limits, which the answer tells.
    pub(super) limits: bool,
    /// A change of state, whose success is no event for the operator alone: what follows it in the ring, a fence,
    /// tells that it is done.
    pub(super) state: Option<(InstrumentId, TradingState)>,
}

/// What `request` comes to: the commands that carry it out, in order.
pub(super) fn steps(registry: &Registry, request: &Request, now: u64) -> Result<Vec<Step>, Refusal> {
    let desk = Desk { registry, now };
    match request {
        Request::Instrument(request) => desk.instrument(request).map(|step| vec![step]),
        Request::Halt(which) => desk.states(which, TradingState::Halted),
        Request::Resume(which) => desk.states(which, TradingState::Continuous),
        Request::Account(request) => desk.account(request).map(|step| vec![step]),
        Request::Deposit(funds) => desk.funds(Kind::Deposit, funds).map(|step| vec![step]),
        Request::Withdraw(funds) => desk.funds(Kind::Withdraw, funds).map(|step| vec![step]),
        Request::Kill(kill) => desk.kill(kill).map(|step| vec![step]),
        Request::Limits(limits) => desk.limits(limits).map(|step| vec![step]),
        Request::Protection(request) => desk.protection(request).map(|step| vec![step]),
        Request::Cancel(cancel) => desk.cancel(cancel).map(|step| vec![step]),
        // A search is no command of the sequence: see `orders.rs`.
        Request::Transfer(_) => Err(Refusal::bad(
            "a transfer is between two shards, and this is one",
            "withdraw at the one and deposit at the other, or use `penstock admin transfer`",
        )),
        Request::Balances { account } => desk.balances(account).map(|step| vec![step]),
        Request::Status | Request::Orders(_) => Ok(Vec::new()),
    }
}

/// Whether `request` is for another shard alone. What is not known is for whoever is asked, to be refused there.
pub(super) fn is_elsewhere(registry: &Registry, request: &Request) -> bool {
    let home = |symbol: &Option<String>| {
        let known = symbol.as_deref().and_then(|symbol| registry.instrument(symbol).ok());
        known.is_some_and(|(_, known)| known.terms.shard != registry.shard)
    };
    match request {
        Request::Instrument(Instrument::State { symbol, .. }) => {
            registry.instrument(symbol).is_ok_and(|(_, known)| known.terms.shard != registry.shard)
        }
        Request::Halt(Which { symbol, .. })
        | Request::Resume(Which { symbol, .. })
        | Request::Cancel(Cancel { symbol, .. }) => home(symbol),
        Request::Deposit(funds) | Request::Withdraw(funds) => funds.shard != registry.shard,
        _ => false,
    }
}

/// What `event` tells of a balance.
pub(super) fn holding(registry: &Registry, event: &Event) -> Option<Holding> {
    let (asset, available, held) = event.balance();
    let of = registry.assets.get(asset.0 as usize)?;
    let decimal = |units: i128| {
        let sign = if units < 0 { "-" } else { "" };
        format!("{sign}{}", in_full(units.unsigned_abs(), 1, of.scale))
    };
    Some(Holding { asset: of.name.clone(), available: decimal(available), held: decimal(held) })
}

/// A command that is always answered, and does nothing: it tells that what stood before it has been done.
pub(super) fn fence(registry: &Registry, now: u64) -> Vec<u8> {
    let head = Head::new(Kind::Status, registry.operator, AccountId(0), InstrumentId(0), 0, Nanos(now));
    let order = OrderRef::new(Target::Venue(OrderId(0)));
    let status = Status { head, request_id: ClOrdId::NONE, order, side: Side::Buy, reserved: [0; 7] };
    status.as_bytes().to_vec()
}

struct Desk<'a> {
    registry: &'a Registry,
    now: u64,
}

impl Desk<'_> {
    fn head(&self, kind: Kind, account: AccountId, instrument: InstrumentId) -> Head {
        Head::new(kind, self.registry.operator, account, instrument, 0, Nanos(self.now))
    }

    fn instrument(&self, request: &Instrument) -> Result<Step, Refusal> {
        match request {
            Instrument::Add { symbol, base, quote, tick, lot, shard, terms } => {
                let id = InstrumentId(u32::try_from(self.registry.instruments.len()).unwrap_or(u32::MAX));
                if self.registry.instrument(symbol).is_ok() {
                    return Err(Refusal::of(symbol, Reject::BadTerms));
                }
                if *shard >= self.registry.shards {
                    let there = self.registry.shards;
                    let text = format!("{symbol}: there is no shard {shard}, of {there} counted from 0");
                    return Err(Refusal::bad(text, "name one of the configuration's (venue.shards)"));
                }
                let new = self.new_terms(symbol, [base, quote], [tick, lot], terms)?;
                let new = InstrumentTerms { shard: *shard, ..new };
                let head = self.head(Kind::SetInstrument, AccountId(0), id);
                let done = format!("instrument {symbol} is there, in the state pre-open");
                Ok(step(&SetInstrument { head, terms: new }, symbol, done))
            }
            Instrument::Change { symbol, terms } => {
                let (id, known) = self.registry.instrument(symbol)?;
                if *terms == Terms::default() {
                    return Err(Refusal::bad(
                        format!("{symbol}: nothing is to be changed"),
                        "name terms, such as --taker-fee 2.5",
                    ));
                }
                let changed = change(&known.terms, terms)?;
                let head = self.head(Kind::SetInstrument, AccountId(0), id);
                let done = format!("instrument {symbol} has its new terms");
                Ok(step(&SetInstrument { head, terms: changed }, symbol, done))
            }
            Instrument::State { symbol, state } => {
                let (id, known) = self.registry.instrument(symbol)?;
                Ok(self.state(id, known, (*state).into()))
            }
        }
    }

    fn new_terms(
        &self,
        symbol: &str,
        [base, quote]: [&str; 2],
        [tick, lot]: [&str; 2],
        terms: &Terms,
    ) -> Result<InstrumentTerms, Refusal> {
        let name = padded(symbol).ok_or_else(|| {
            Refusal::bad(
                format!("`{symbol}` is no symbol"),
                "a symbol is 1 to 32 printable ASCII characters, no space",
            )
        })?;
        for (there, what) in [
            (terms.reference.is_some(), "--reference 100"),
            (terms.band_percent.is_some(), "--band-percent 50"),
        ] {
            if !there {
                let text = format!("{symbol}: a new instrument has a reference price and a band");
                return Err(Refusal::bad(text, format!("add them, such as {what}")));
            }
        }
        let ((base_id, base), (quote_id, quote)) = (self.registry.asset(base)?, self.registry.asset(quote)?);
        let (tick, lot) = (size("tick", tick)?, size("lot", lot)?);
        let unit = u128::from(tick.mantissa()) * u128::from(lot.mantissa());
        let units = |asset: &crate::config::Asset, digits, places, what: &str| {
            asset.units_of(digits, places).ok_or_else(|| {
                let text = format!("{symbol}: a {what} is not 1 to 2^40 smallest units of {}", asset.name);
                Refusal::bad(text, format!("{} is counted with {} decimal places", asset.name, asset.scale))
            })
        };
        let most = LOTS_MAX.min(i64::MAX.unsigned_abs() / lot.mantissa());
        let plain = InstrumentTerms {
            symbol: name,
            tick_mantissa: tick.mantissa(),
            lot_mantissa: lot.mantissa(),
            tick_scale: tick.scale(),
            lot_scale: lot.scale(),
            shard: 0,
            reserved: 0,
            group: 0,
            base: base_id,
            quote: quote_id,
            base_per_lot: units(base, lot.mantissa().into(), lot.scale(), "lot")?,
            quote_per_tick_lot: units(quote, unit, tick.scale() + lot.scale(), "tick × lot")?,
            maker_fee: 0,
            taker_fee: 0,
            quantity_min: Lots(1),
            quantity_max: Lots(most),
            notional_min: [0; 2],
            reference: Ticks(0),
            band_basis_points: 0,
            dynamic_band_basis_points: 0,
            volatility_call_ns: 120_000_000_000,
        };
        change(&plain, terms)
    }

    fn states(&self, which: &Which, state: TradingState) -> Result<Vec<Step>, Refusal> {
        match (&which.symbol, which.all) {
            (Some(symbol), false) => {
                let (id, known) = self.registry.instrument(symbol)?;
                Ok(vec![self.state(id, known, state)])
            }
            (None, true) => {
                let halted = |known: &Known| known.state == TradingState::Halted;
                let concerned = |known: &Known| halted(known) != (state == TradingState::Halted);
                let all = (0..).map(InstrumentId).zip(&self.registry.instruments);
                let served = all.filter(|(_, known)| known.terms.shard == self.registry.shard);
                Ok(served.filter(|(_, k)| concerned(k)).map(|(id, k)| self.state(id, k, state)).collect())
            }
            _ => Err(Refusal::bad("which instrument?", "name one symbol, or say that all are meant (--all)")),
        }
    }

    fn state(&self, id: InstrumentId, known: &Known, state: TradingState) -> Step {
        let head = self.head(Kind::SetState, AccountId(0), id);
        let done = format!("{} is in the state {}", known.symbol, state_word(state));
        let command = SetState { head, state, reserved: [0; 7] };
        Step { state: Some((id, state)), ..step(&command, &known.symbol, done) }
    }

    fn account(&self, request: &Account) -> Result<Step, Refusal> {
        let set = |id, name: &str, credit: bool, done: String| {
            let head = self.head(Kind::SetAccount, id, InstrumentId(0));
            let padded = padded(name).ok_or_else(|| {
                Refusal::bad(
                    format!("`{name}` is no account's name"),
                    "a name is 1 to 32 printable ASCII characters, no space",
                )
            })?;
            Ok(step(&SetAccount { head, name: padded, credit: credit.into(), reserved: [0; 7] }, name, done))
        };
        match request {
            Account::Add { name, credit } => {
                if self.registry.account(name).is_ok() {
                    return Err(Refusal::of(name, Reject::BadTerms));
                }
                let id = AccountId(u32::try_from(self.registry.accounts.len()).unwrap_or(u32::MAX));
                set(id, name, *credit, format!("account {name} is there, without funds"))
            }
            Account::Change { name, credit } => {
                let id = self.registry.account(name)?;
                let kind = if *credit { "has credit" } else { "spends what it has" };
                set(id, name, *credit, format!("account {name} {kind}"))
            }
            Account::Credit { name, asset, limit } => {
                let head = self.head(Kind::SetCredit, self.registry.account(name)?, InstrumentId(0));
                let (id, of) = self.registry.asset(asset)?;
                let units = of.units(decimal("limit", limit)?).ok_or_else(|| off_unit(of, limit))?;
                let command = SetCredit { head, asset: id, reserved: 0, limit: Event::halves(units) };
                let done = format!("account {name} may spend {limit} {asset} more than it has");
                Ok(step(&command, name, done))
            }
            Account::Entitle { name, session, revoke } => {
                let head = self.head(Kind::Entitle, self.registry.account(name)?, InstrumentId(0));
                let id = self.registry.session(session)?;
                let command = Entitle { head, session: id, on: u8::from(!revoke), reserved: [0; 3] };
                let now = if *revoke { "no longer trades" } else { "trades" };
                Ok(step(&command, name, format!("session {session} {now} for account {name}")))
            }
        }
    }

    fn funds(&self, kind: Kind, funds: &request::Funds) -> Result<Step, Refusal> {
        let request::Funds { account, asset, amount, .. } = funds;
        let head = self.head(kind, self.registry.account(account)?, InstrumentId(0));
        let (id, of) = self.registry.asset(asset)?;
        let units = of.units(decimal("amount", amount)?).ok_or_else(|| off_unit(of, amount))?;
        let command = Funds { head, asset: id, reserved: 0, amount: Event::halves(units) };
        let done = match kind {
            Kind::Deposit => format!("{amount} {asset} paid into account {account}"),
            _ => format!("{amount} {asset} paid out of account {account}"),
        };
        Ok(step(&command, account, done))
    }

    fn balances(&self, account: &str) -> Result<Step, Refusal> {
        let head = self.head(Kind::Balances, self.registry.account(account)?, InstrumentId(0));
        let command = Balances { head, request_id: ClOrdId::NONE, asset: Balances::ALL };
        Ok(step(&command, account, String::new()))
    }

    fn kill(&self, kill: &Kill) -> Result<Step, Refusal> {
        let (scope, target, about, lift) = match kill {
            Kill::Session { name, lift } => {
                (Scope::Session, self.registry.session(name)?.0, format!("session {name}"), *lift)
            }
            Kill::Account { name, lift } => {
                (Scope::Account, self.registry.account(name)?.0, format!("account {name}"), *lift)
            }
            Kill::Venue { lift } => (Scope::Venue, 0, "the venue".into(), *lift),
        };
        let head = self.head(Kind::KillSwitch, AccountId(0), InstrumentId(0));
        let command = KillSwitch { head, target, scope, on: u8::from(!lift), reserved: [0; 2] };
        let done = if lift { format!("{about} may trade again") } else { format!("{about} is stopped") };
        Ok(step(&command, &about, done))
    }

    fn limits(&self, limits: &Limits) -> Result<Step, Refusal> {
        let (scope, target, about, to) = match limits {
            Limits::Session { name, to } => {
                (Scope::Session, self.registry.session(name)?.0, format!("session {name}"), to)
            }
            Limits::Account { name, to } => {
                (Scope::Account, self.registry.account(name)?.0, format!("account {name}"), to)
            }
        };
        let mut command = SetLimits {
            head: self.head(Kind::SetLimits, AccountId(0), InstrumentId(0)),
            target,
            scope,
            set: 0,
            reserved: [0; 2],
            open_orders_max: 0,
            padding: 0,
            notional_max: 0,
        };
        if let Some(most) = to.open_orders {
            (command.set, command.open_orders_max) = (command.set | SetLimits::OPEN_ORDERS, most);
        }
        if let Some(text) = &to.notional {
            let units = hundred_millionths(decimal("notional", text)?).ok_or_else(|| {
                let remedy = "write an amount of 0 to 92000000000 with at most 8 decimal places";
                Refusal::bad(format!("notional: {text} is out of range"), remedy)
            })?;
            (command.set, command.notional_max) = (command.set | SetLimits::NOTIONAL, units);
        }
        let done = about.clone();
        Ok(Step { limits: true, ..step(&command, &about, done) })
    }

    fn protection(&self, request: &Protection) -> Result<Step, Refusal> {
        match request {
            Protection::Set { account, group, fills, quantity_lots, window_ms } => {
                let head = self.head(Kind::SetProtection, self.registry.account(account)?, InstrumentId(0));
                let (quantity, window_ns) = (Lots(*quantity_lots), u64::from(*window_ms) * 1_000_000);
                let command = SetProtection { head, group: *group, fills: *fills, quantity, window_ns };
                let done = match fills {
                    0 => format!("account {account} has no protection in group {group}"),
                    _ => format!("account {account} is protected in group {group}"),
                };
                Ok(step(&command, account, done))
            }
            Protection::Reset { account, group } => {
                let head = self.head(Kind::ResetProtection, self.registry.account(account)?, InstrumentId(0));
                let done = format!("account {account} may quote again in group {group}");
                Ok(step(&ResetProtection { head, group: *group, reserved: 0 }, account, done))
            }
        }
    }

    fn cancel(&self, cancel: &Cancel) -> Result<Step, Refusal> {
        let Cancel { account, symbol, side, quotes, all } = cancel;
        let selects = account.is_some() || symbol.is_some() || side.is_some() || *quotes;
        if selects == *all {
            return Err(Refusal::bad(
                "which orders?",
                "name account, symbol, side or quotes, or else say --all",
            ));
        }
        let mut by = 0;
        let mut head = self.head(Kind::MassCancel, AccountId(0), InstrumentId(0));
        if let Some(account) = account {
            by |= MassCancel::ACCOUNT;
            head.account = self.registry.account(account)?;
        }
        if let Some(symbol) = symbol {
            by |= MassCancel::INSTRUMENT;
            head = head.with_instrument(self.registry.instrument(symbol)?.0);
        }
        if side.is_some() {
            by |= MassCancel::SIDE;
        }
        if *quotes {
            by |= MassCancel::QUOTES;
        }
        let side = if *side == Some(request::Side::Sell) { Side::Sell } else { Side::Buy };
        let command = MassCancel { head, cl_ord_id: ClOrdId::NONE, by, side, reserved: [0; 2] };
        Ok(step(&command, "cancel", "cancelled".into()))
    }
}

fn step(command: &(impl IntoBytes + Immutable), about: &str, done: String) -> Step {
    Step { command: command.as_bytes().to_vec(), about: about.into(), done, limits: false, state: None }
}

/// `terms` with what `new` names in place.
fn change(terms: &InstrumentTerms, new: &Terms) -> Result<InstrumentTerms, Refusal> {
    let step = |mantissa: u64, scale| {
        let mantissa = i64::try_from(mantissa).ok();
        mantissa.and_then(|mantissa| Size::new(Decimal { mantissa, scale }))
    };
    let sizes = step(terms.tick_mantissa, terms.tick_scale).zip(step(terms.lot_mantissa, terms.lot_scale));
    let Some((tick, lot)) = sizes else {
        return Err(Refusal::bad(
            "the instrument's tick and lot are beyond 64 bits",
            "add another instrument",
        ));
    };
    let mut changed = *terms;
    for (key, text, lots) in [
        ("quantity_min", &new.quantity_min, &mut changed.quantity_min),
        ("quantity_max", &new.quantity_max, &mut changed.quantity_max),
    ] {
        if let Some(text) = text {
            let count = lot.count(decimal(key, text)?).ok().and_then(|count| u64::try_from(count).ok());
            *lots = Lots(count.ok_or_else(|| {
                Refusal::bad(format!("{key}: {text} is no number of lots"), "round it to the lot")
            })?);
        }
    }
    if let Some(text) = &new.reference {
        let count =
            tick.count(decimal("reference", text)?).ok().filter(|count| (1..=TICKS_MAX).contains(count));
        changed.reference = Ticks(count.ok_or_else(|| {
            Refusal::bad(format!("reference: {text} is no number of ticks"), "round it to the tick")
        })?);
    }
    if let Some(text) = &new.notional_min {
        changed.notional_min =
            Event::halves(notional(tick, lot, decimal("notional_min", text)?).ok_or_else(|| {
                Refusal::bad(format!("notional_min: {text} is out of range"), "choose one from 0")
            })?);
    }
    for (key, text, to) in [
        ("band_percent", &new.band_percent, &mut changed.band_basis_points),
        ("dynamic_band_percent", &new.dynamic_band_percent, &mut changed.dynamic_band_basis_points),
        ("maker_fee", &new.maker_fee, &mut changed.maker_fee),
        ("taker_fee", &new.taker_fee, &mut changed.taker_fee),
    ] {
        if let Some(text) = text {
            *to = hundredths(decimal(key, text)?).ok_or_else(|| {
                Refusal::bad(
                    format!("{key}: {text} has more than 2 decimal places, or is negative"),
                    "round it",
                )
            })?;
        }
    }
    if let Some(ms) = new.volatility_call_ms {
        changed.volatility_call_ns = u64::from(ms) * 1_000_000;
    }
    changed.group = new.group.unwrap_or(changed.group);
    Ok(changed)
}

/// A minimum notional in ticks × lots, rounded up.
fn notional(tick: Size, lot: Size, value: Decimal) -> Option<u128> {
    let unit = u128::from(tick.mantissa()) * u128::from(lot.mantissa());
    let places = tick.scale() + lot.scale();
    let shift = 10_u128.checked_pow(places.abs_diff(value.scale).into())?;
    let digits = u128::try_from(value.mantissa).ok()?;
    if places >= value.scale {
        Some(digits.checked_mul(shift)?.div_ceil(unit))
    } else {
        Some(digits.div_ceil(unit.checked_mul(shift)?))
    }
}

fn size(key: &str, text: &str) -> Result<Size, Refusal> {
    Size::new(decimal(key, text)?).ok_or_else(|| {
        Refusal::bad(format!("{key}: {text} is not above zero"), "write the smallest step, such as 0.01")
    })
}

fn decimal(key: &str, text: &str) -> Result<Decimal, Refusal> {
    Decimal::parse(text.as_bytes())
        .map_err(|error| Refusal::bad(format!("{key}: `{text}` is {error}"), "write a number such as 0.01"))
}

fn off_unit(asset: &crate::config::Asset, amount: &str) -> Refusal {
    Refusal::bad(
        format!("{amount} is no amount of {} with at most {} decimal places", asset.name, asset.scale),
        "round it to the asset's smallest unit, and keep below 2^100 of them",
    )
}
