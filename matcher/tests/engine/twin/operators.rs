//! What operators change while the venue runs: instruments, accounts, credit, entitlements.

use matcher::engine::{AccountKind, Accounts, Config, Pair};
use wire::{
    command::{Entitle, InstrumentTerms, Name, SetAccount, SetCredit, SetInstrument},
    decimal::Decimal,
    event::{Definition, Kind},
    instrument::{Instrument, Step},
    limits::{BAND_BASIS_POINTS_MAX, LOTS_MAX, TICKS_MAX, VOLATILITY_CALL_NS_MAX},
    reject::Reject,
    types::{AccountId, AssetId, InstrumentId, SeqNo, SessionId, TradingState},
};
use zerocopy::{FromZeros, IntoBytes};

use super::{
    Twin,
    ledger::{AMOUNT_MAX, Purse, signed},
    market::Market,
};

pub(super) struct Account {
    name: Name,
    pub(super) credit: bool,
    /// How far below zero its available funds may go, by asset.
    pub(super) limits: Vec<i128>,
}

impl Account {
    pub(super) fn all(config: &Config) -> Vec<Account> {
        let accounts = config.ledger.accounts.iter().map(|terms| {
            let limit = |asset| match &terms.kind {
                AccountKind::Prefunded => 0,
                AccountKind::Credit(limits) => limits
                    .iter()
                    .find(|(of, _)| *of == AssetId(asset))
                    .map_or(AMOUNT_MAX, |&(_, limit)| signed(limit).min(AMOUNT_MAX)),
            };
            let mut name = [0; 32];
            name[..terms.name.len()].copy_from_slice(terms.name.as_bytes());
            Account {
                name,
                credit: terms.kind != AccountKind::Prefunded,
                limits: (0..config.ledger.assets).map(limit).collect(),
            }
        });
        accounts.collect()
    }
}

/// The text of a name of 1 to 32 printable characters, padded with zeros.
fn text(name: &Name) -> Option<String> {
    let text = name.split(|&byte| byte == 0).next().filter(|text| !text.is_empty())?;
    let sound = text.iter().all(u8::is_ascii_graphic) && name[text.len()..].iter().all(|&byte| byte == 0);
    sound.then(|| String::from_utf8(text.to_vec()).expect("ASCII"))
}

fn step(mantissa: u64, scale: u8) -> Option<Step> {
    let mantissa = i64::try_from(mantissa).ok().filter(|&mantissa| mantissa > 0 && scale <= 18)?;
    Step::new(Decimal { mantissa, scale })
}

fn pair(terms: &InstrumentTerms) -> Pair {
    Pair {
        base: terms.base,
        quote: terms.quote,
        base_per_lot: terms.base_per_lot,
        quote_per_tick_lot: terms.quote_per_tick_lot,
        maker_fee: terms.maker_fee,
        taker_fee: terms.taker_fee,
    }
}

/// The instrument of terms that are in range; its assets' names are of no interest here.
fn instrument(id: InstrumentId, terms: &InstrumentTerms) -> Option<Instrument> {
    let dynamic = terms.dynamic_band_basis_points;
    let sound = 1 <= terms.reference.0
        && terms.reference.0 <= TICKS_MAX
        && 1 <= terms.quantity_min.0
        && terms.quantity_min <= terms.quantity_max
        && terms.quantity_max.0 <= LOTS_MAX
        && terms.shard < 8
        && 1 <= terms.band_basis_points
        && terms.band_basis_points <= BAND_BASIS_POINTS_MAX
        && dynamic <= BAND_BASIS_POINTS_MAX
        && terms.volatility_call_ns <= VOLATILITY_CALL_NS_MAX
        && (dynamic == 0 || terms.volatility_call_ns > 0);
    let instrument = Instrument {
        id,
        symbol: text(&terms.symbol)?,
        base: String::new(),
        quote: String::new(),
        tick: step(terms.tick_mantissa, terms.tick_scale)?,
        lot: step(terms.lot_mantissa, terms.lot_scale)?,
        quantity_min: terms.quantity_min,
        quantity_max: terms.quantity_max,
        notional_min: u128::from(terms.notional_min[1]) << 64 | u128::from(terms.notional_min[0]),
        reference: terms.reference,
        band_basis_points: terms.band_basis_points,
        dynamic_band_basis_points: dynamic,
        volatility_call_ns: terms.volatility_call_ns,
        group: terms.group,
        shard: terms.shard,
    };
    sound.then_some(instrument)
}

fn room(most: u32, listed: usize) -> usize {
    (most as usize).max(listed)
}

impl Twin {
    pub(super) fn set_instrument(&mut self, set: &SetInstrument) {
        let (id, terms) = (set.head.instrument(), &set.terms);
        let new = match self.check_terms(id, terms) {
            Ok(new) => new,
            Err(reject) => return self.done(&set.head, reject),
        };
        let place = id.0 as usize;
        if place == self.markets.len() {
            self.markets.push(Market { state: TradingState::PreOpen, ..Market::new(new) });
            if self.has_ledger() {
                self.pairs.push(pair(terms));
            }
        } else {
            let market = &mut self.markets[place];
            if market.terms.reference != new.reference {
                market.reference = new.reference.0;
            }
            market.terms = new;
            if let Some(known) = self.pairs.get_mut(place) {
                *known = pair(terms);
            }
        }
        self.note(id.0, terms.as_bytes());
        let mut terms = InstrumentTerms { reserved: 0, ..*terms };
        if !self.has_ledger() {
            (terms.base, terms.quote, terms.base_per_lot) = (AssetId(0), AssetId(0), 0);
            (terms.quote_per_tick_lot, terms.maker_fee, terms.taker_fee) = (0, 0, 0);
        }
        let state = self.market(id).state;
        self.define(Definition { state, instrument: id, terms, ..undefined(Kind::Instrument) });
        self.done(&set.head, Reject::None);
        self.trigger_stops(id);
    }

    fn check_terms(&self, id: InstrumentId, terms: &InstrumentTerms) -> Result<Instrument, Reject> {
        let place = id.0 as usize;
        if place > self.markets.len()
            || place >= room(self.config.instruments_max, self.config.instruments.len())
        {
            return Err(Reject::UnknownInstrument);
        }
        let new = instrument(id, terms).ok_or(Reject::BadTerms)?;
        let pair = pair(terms);
        let (units, assets) = (1..=1 << 40, self.config.ledger.assets);
        let sound = pair.base != pair.quote
            && pair.base.0 < assets
            && pair.quote.0 < assets
            && units.contains(&pair.base_per_lot)
            && units.contains(&pair.quote_per_tick_lot)
            && pair.maker_fee <= 1_000_000
            && pair.taker_fee <= 1_000_000;
        if self.has_ledger() && !sound {
            return Err(Reject::BadTerms);
        }
        let Some(market) = self.markets.get(place) else {
            let taken = self.markets.iter().any(|market| market.terms.symbol == new.symbol);
            return if taken { Err(Reject::BadTerms) } else { Ok(new) };
        };
        let known = self.pairs.get(place).copied();
        let fixed = |pair: Pair| (pair.base, pair.quote, pair.base_per_lot, pair.quote_per_tick_lot);
        let old = &market.terms;
        if (&old.symbol, old.tick, old.lot, old.shard) != (&new.symbol, new.tick, new.lot, new.shard)
            || known.is_some_and(|known| fixed(known) != fixed(pair))
        {
            return Err(Reject::BadTerms);
        }
        let moves = old.group != new.group || known.is_some_and(|known| known != pair);
        if moves && self.open.values().any(|order| order.instrument == id) {
            return Err(Reject::OrdersOpen);
        }
        Ok(new)
    }

    pub(super) fn set_account(&mut self, set: &SetAccount) {
        let (account, credit) = (set.head.account, set.credit != 0);
        let reject = self.change_account(account, &set.name, credit);
        if reject == Reject::None {
            self.note(account.0, &set.as_bytes()[size_of_val(&set.head)..]);
            self.define(self.account(account));
        }
        self.done(&set.head, reject);
    }

    fn change_account(&mut self, id: AccountId, name: &Name, credit: bool) -> Reject {
        let assets = self.config.ledger.assets;
        let place = id.0 as usize;
        if place > self.accounts.len()
            || place >= room(self.config.accounts_max, self.config.ledger.accounts.len())
        {
            return Reject::UnknownAccount;
        }
        if place == self.accounts.len() {
            if text(name).is_none() || self.accounts.iter().any(|account| account.name == *name) {
                return Reject::BadTerms;
            }
            self.accounts.push(Account { name: *name, credit: false, limits: vec![0; assets as usize] });
            self.purses.extend((0..assets).map(|asset| ((id.0, asset), Purse::default())));
        }
        let account = &mut self.accounts[place];
        let owes = (0..assets).any(|asset| self.purses[&(id.0, asset)].available < 0);
        if account.name != *name || account.credit && !credit && owes {
            return Reject::BadTerms;
        }
        if account.credit != credit {
            account.credit = credit;
            account.limits.fill(if credit { AMOUNT_MAX } else { 0 });
        }
        Reject::None
    }

    pub(super) fn set_credit(&mut self, set: &SetCredit) {
        let (id, asset) = (set.head.account, set.asset);
        let limit = u128::from(set.limit[1]) << 64 | u128::from(set.limit[0]);
        let limit = i128::try_from(limit).unwrap_or(i128::MAX).min(AMOUNT_MAX);
        let reject = if id.0 as usize >= self.accounts.len() {
            Reject::UnknownAccount
        } else if asset.0 >= self.config.ledger.assets {
            Reject::BadFunds
        } else if !self.accounts[id.0 as usize].credit || self.purses[&(id.0, asset.0)].available < -limit {
            Reject::BadTerms
        } else {
            self.accounts[id.0 as usize].limits[asset.0 as usize] = limit;
            self.note(id.0, &set.as_bytes()[size_of_val(&set.head)..]);
            Reject::None
        };
        self.done(&set.head, reject);
    }

    pub(super) fn entitle(&mut self, entitle: &Entitle) {
        let (id, session, on) = (entitle.head.account, entitle.session, entitle.on != 0);
        let reject = if id.0 as usize >= self.accounts.len() {
            Reject::UnknownAccount
        } else if session.0 as usize >= self.config.sessions.len() {
            Reject::UnknownSession
        } else {
            if self.is_entitled_at_start(session, id) == on {
                self.entitlements.remove(&(session, id));
            } else {
                self.entitlements.insert((session, id), on);
            }
            self.define(Definition { session, entitled: on.into(), ..self.account(id) });
            Reject::None
        };
        self.done(&entitle.head, reject);
    }

    fn is_entitled_at_start(&self, session: SessionId, account: AccountId) -> bool {
        let listed = self.config.ledger.accounts.len();
        let was_added = (listed..self.accounts.len()).contains(&(account.0 as usize));
        match &self.config.sessions[session.0 as usize].accounts {
            Accounts::Any => !was_added,
            Accounts::Only(accounts) => !was_added && accounts.contains(&account),
        }
    }

    /// Whether the session trades for the account.
    pub(super) fn is_entitled(&self, session: SessionId, account: AccountId) -> bool {
        (session.0 as usize) < self.config.sessions.len()
            && match self.entitlements.get(&(session, account)) {
                Some(&on) => on,
                None => self.is_entitled_at_start(session, account),
            }
    }

    fn account(&self, id: AccountId) -> Definition {
        let account = &self.accounts[id.0 as usize];
        let credit = account.credit.into();
        Definition { account: id, name: account.name, credit, ..undefined(Kind::Account) }
    }

    fn define(&mut self, definition: Definition) {
        self.definitions.push(Definition { seq: self.seq, as_of: self.seq, ..definition });
    }

    /// Terms that have changed: the state hash knows their history.
    pub(super) fn note(&mut self, number: u32, terms: &[u8]) {
        let changes = self.changes.get_or_insert_default();
        changes.word(number.into());
        changes.bytes(terms);
    }
}

fn undefined(kind: Kind) -> Definition {
    Definition {
        kind,
        state: TradingState::Continuous,
        credit: 0,
        entitled: 0,
        instrument: InstrumentId(0),
        account: AccountId(0),
        session: SessionId(u32::MAX),
        seq: SeqNo(0),
        as_of: SeqNo(0),
        name: [0; 32],
        terms: InstrumentTerms::new_zeroed(),
        last: 0,
        reserved: [0; 6],
    }
}
