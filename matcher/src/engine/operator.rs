//! Operators' commands: instruments, accounts, credit and entitlements that change while the venue runs.
//!
//! Whatever is added has had its memory since the start.

use serde::{Deserialize, Serialize};
use wire::{
    command::{Entitle, Head, InstrumentTerms, Name, SetAccount, SetCredit, SetInstrument, padded, text},
    decimal::Decimal,
    event::{Definition, Event, Kind},
    instrument::{Instrument, Step},
    limits::{
        BAND_BASIS_POINTS_MAX, LOTS_MAX, NAME_BYTES_MAX, SHARDS_MAX, TICKS_MAX, VOLATILITY_CALL_NS_MAX,
    },
    reject::Reject,
    types::{AccountId, InstrumentId, Lots, SessionId, Side, Ticks, TradingState},
};
use zerocopy::IntoBytes;

use super::{
    AccountTerms, Digest, Engine, Market, Pair, Sink,
    index::{Index, touch, touch_room},
    report,
};

/// No session, in a [`Definition`].
const NO_SESSION: SessionId = SessionId(u32::MAX);

/// Accounts' names, and who may trade for whom.
pub(super) struct Roster {
    names: Vec<Name>,
    by_name: Index,
    /// Accounts there were at the start: no session is entitled to the others but by a command.
    at_start: u32,
    room: u32,
    /// By session, a bit for each account: whether the entitlement is not as it was at the start.
    changed: Box<[u64]>,
    /// How many bits are set, by session.
    changes: Box<[u32]>,
    /// What has been changed of terms.
    terms: Option<Digest>,
}

/// What an image has of it.
#[derive(Serialize, Deserialize)]
pub(super) struct Image {
    /// By account.
    pub(super) names: Vec<Name>,
    /// Session and account of each entitlement that is not as it was at the start.
    pub(super) entitlements: Vec<(u32, u32)>,
    pub(super) terms: Option<(u64, u64, bool)>,
}

#[expect(clippy::cast_possible_truncation, reason = "32 bits are enough to spread and to tell apart")]
fn hash(name: &Name) -> u32 {
    let mut digest = Digest::default();
    digest.bytes(name);
    digest.value() as u32
}

impl Roster {
    pub(super) fn new(accounts: &[AccountTerms], room: u32, sessions: usize) -> Roster {
        let mut roster = Roster {
            names: Vec::with_capacity(room as usize),
            by_name: Index::new(room.into()),
            at_start: 0,
            room,
            changed: vec![0; sessions * room.div_ceil(64) as usize].into(),
            changes: vec![0; sessions].into(),
            terms: None,
        };
        accounts.iter().for_each(|account| roster.add(padded(&account.name).unwrap_or_default()));
        roster.at_start = roster.len();
        roster
    }

    /// Touches all of its memory.
    pub(super) fn prefault(&mut self) {
        touch_room(&mut self.names);
        touch(&mut self.changed);
        self.by_name.prefault();
    }

    fn len(&self) -> u32 {
        u32::try_from(self.names.len()).unwrap_or(u32::MAX)
    }

    /// How many accounts there are.
    pub(super) fn count(&self) -> usize {
        self.names.len()
    }

    pub(super) fn knows(&self, account: AccountId) -> bool {
        (account.0 as usize) < self.names.len()
    }

    fn was_added(&self, account: AccountId) -> bool {
        self.at_start <= account.0 && self.knows(account)
    }

    fn is_taken(&self, name: &Name) -> bool {
        self.by_name.find(hash(name), |number| self.names[number as usize] == *name).is_some()
    }

    /// Adds an account; there is room.
    fn add(&mut self, name: Name) {
        self.by_name.insert(hash(&name), self.len());
        self.names.push(name);
    }

    fn bit(&self, session: SessionId, account: AccountId) -> (usize, u64) {
        let words = self.room.div_ceil(64) as usize;
        (session.0 as usize * words + account.0 as usize / 64, 1 << (account.0 % 64))
    }

    /// Whether what `session`, one of the venue, may do for `account` is not as it was at the start.
    #[inline]
    fn is_changed(&self, session: SessionId, account: AccountId) -> bool {
        if self.changes[session.0 as usize] == 0 || !self.knows(account) {
            return false;
        }
        let (word, bit) = self.bit(session, account);
        self.changed[word] & bit != 0
    }

    fn set_changed(&mut self, session: SessionId, account: AccountId, changed: bool) {
        if self.is_changed(session, account) != changed {
            let (word, bit) = self.bit(session, account);
            self.changed[word] ^= bit;
            let changes = &mut self.changes[session.0 as usize];
            *changes = if changed { *changes + 1 } else { *changes - 1 };
        }
    }

    /// The first changed entitlement from that of `session` for `account` on, by session, then account.
    fn next_changed(&self, (session, account): (u32, u32)) -> Option<(SessionId, AccountId)> {
        let words = self.room.div_ceil(64);
        for of in session..u32::try_from(self.changes.len()).unwrap_or(u32::MAX) {
            if self.changes[of as usize] == 0 {
                continue;
            }
            let from = if of == session { account } else { 0 };
            for word in from / 64..words {
                let passed = if word == from / 64 { from % 64 } else { 0 };
                let bits = self.changed[of as usize * words as usize + word as usize] >> passed << passed;
                if bits != 0 {
                    return Some((SessionId(of), AccountId(64 * word + bits.trailing_zeros())));
                }
            }
        }
        None
    }

    pub(super) fn digest_entitlements(&self, digest: &mut Digest) {
        let mut from = (0, 0);
        while let Some((session, account)) = self.next_changed(from) {
            digest.word(u64::from(session.0) << 32 | u64::from(account.0));
            from = (session.0, account.0 + 1);
        }
    }

    /// What an image has of it.
    pub(super) fn image(&self) -> Image {
        // The index follows from the names, and the rest is the configuration's.
        let Roster { names, by_name: _, at_start: _, room: _, changed: _, changes: _, terms } = self;
        let mut entitlements = Vec::new();
        let mut from = (0, 0);
        while let Some((session, account)) = self.next_changed(from) {
            entitlements.push((session.0, account.0));
            from = (session.0, account.0 + 1);
        }
        Image { names: names.clone(), entitlements, terms: terms.map(Digest::parts) }
    }

    /// Adds an account of an image, which was added after the start; `false` if there is no room.
    pub(super) fn restore_account(&mut self, name: Name) -> bool {
        let fits = self.len() < self.room && text(&name).is_some() && !self.is_taken(&name);
        if fits {
            self.add(name);
        }
        fits
    }

    /// Changes an entitlement as an image says; `false` if there is no such session or account.
    pub(super) fn restore_entitlement(&mut self, session: usize, account: AccountId) -> bool {
        let of = u32::try_from(session).ok().filter(|_| session < self.changes.len() && self.knows(account));
        if let Some(session) = of {
            self.set_changed(SessionId(session), account, true);
        }
        of.is_some()
    }

    /// Sets what was noted of terms as an image says.
    pub(super) fn restore_terms(&mut self, terms: Option<(u64, u64, bool)>) {
        self.terms = terms.map(Digest::of_parts);
    }

    /// Takes note of terms that have changed: those of the instrument or account of that number.
    pub(super) fn note(&mut self, number: u32, terms: &[u8]) {
        let digest = self.terms.get_or_insert_default();
        digest.word(number.into());
        digest.bytes(terms);
    }

    /// Takes in what has been changed of terms.
    pub(super) fn digest_terms(&self, digest: &mut Digest) {
        if let Some(terms) = self.terms {
            digest.word(terms.value());
        }
    }
}

/// How far somebody has been told of what there is: see [`Engine::next_definition`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Told {
    instruments: u32,
    accounts: u32,
    /// The next entitlement to look at.
    entitlement: (u32, u32),
}

impl Told {
    /// Whether the definition of this instrument was among what has been told.
    #[must_use]
    pub const fn knows(&self, instrument: InstrumentId) -> bool {
        instrument.0 < self.instruments
    }

    /// Whether a change of what this defines is news: otherwise it is told in its turn.
    #[must_use]
    pub fn has_passed(&self, definition: &Definition) -> bool {
        match definition.kind {
            Kind::Instrument => self.knows(definition.instrument),
            _ if definition.session == NO_SESSION => definition.account.0 < self.accounts,
            _ => (definition.session.0, definition.account.0) < self.entitlement,
        }
    }
}

impl Market {
    /// A market whose instrument is still to come.
    pub(super) fn unused(id: u32, arena: &mut super::Arena) -> Market {
        let one = Decimal { mantissa: 1, scale: 0 };
        let one = Step::new(one).expect("a step of one");
        let terms = Instrument {
            id: InstrumentId(id),
            // Room for the symbol of the instrument that comes: names of assets are not the engine's.
            symbol: String::with_capacity(NAME_BYTES_MAX),
            base: String::new(),
            quote: String::new(),
            tick: one,
            lot: one,
            quantity_min: Lots(1),
            quantity_max: Lots(1),
            notional_min: 0,
            reference: Ticks(1),
            band_basis_points: 1,
            dynamic_band_basis_points: 0,
            volatility_call_ns: 0,
            group: 0,
            shard: 0,
        };
        Market { state: TradingState::PreOpen, ..Market::new(terms, arena) }
    }

    fn set_terms(&mut self, terms: &InstrumentTerms) {
        let own = &mut self.terms;
        if own.symbol.is_empty() {
            own.symbol.push_str(text(&terms.symbol).unwrap_or_default());
        }
        if let (Some(tick), Some(lot)) = terms.steps() {
            (own.tick, own.lot) = (tick, lot);
        }
        own.shard = terms.shard;
        own.group = terms.group;
        (own.quantity_min, own.quantity_max) = (terms.quantity_min, terms.quantity_max);
        own.notional_min = u128::from(terms.notional_min[1]) << 64 | u128::from(terms.notional_min[0]);
        own.band_basis_points = terms.band_basis_points;
        own.dynamic_band_basis_points = terms.dynamic_band_basis_points;
        own.volatility_call_ns = terms.volatility_call_ns;
        if std::mem::replace(&mut own.reference, terms.reference) != terms.reference {
            self.reference = terms.reference;
        }
        self.set_bands();
    }

    pub(super) fn has_orders(&self, arena: &super::Arena) -> bool {
        let queues = [&self.book, &self.opening, &self.closing];
        let mut sides = [Side::Buy, Side::Sell].into_iter();
        self.stops.waiting() > 0
            || sides.any(|side| queues.iter().any(|queue| queue.first(arena, side).is_some()))
    }
}

/// What is exchanged.
const fn pair(terms: &InstrumentTerms) -> Pair {
    Pair {
        base: terms.base,
        quote: terms.quote,
        base_per_lot: terms.base_per_lot,
        quote_per_tick_lot: terms.quote_per_tick_lot,
        maker_fee: terms.maker_fee,
        taker_fee: terms.taker_fee,
    }
}

/// Whether terms can be, but for what a ledger says.
fn is_sound(terms: &InstrumentTerms) -> bool {
    let quantities = 1..=LOTS_MAX;
    text(&terms.symbol).is_some()
        && terms.shard < SHARDS_MAX
        && matches!(terms.steps(), (Some(_), Some(_)))
        && (1..=TICKS_MAX).contains(&terms.reference.0)
        && quantities.contains(&terms.quantity_min.0)
        && quantities.contains(&terms.quantity_max.0)
        && terms.quantity_min <= terms.quantity_max
        && (1..=BAND_BASIS_POINTS_MAX).contains(&terms.band_basis_points)
        && terms.dynamic_band_basis_points <= BAND_BASIS_POINTS_MAX
        && terms.volatility_call_ns <= VOLATILITY_CALL_NS_MAX
        && (terms.dynamic_band_basis_points == 0 || terms.volatility_call_ns > 0)
}

impl Engine {
    /// Tells who sent an operator's command what has become of it.
    pub(super) fn answer<S: Sink>(&mut self, head: &Head, reject: Reject, sink: &mut S) {
        let kind = if reject == Reject::None { Kind::Done } else { Kind::NotDone };
        self.reporter.send(Event { reject, ..report::of_unknown(kind, head) }, sink);
    }

    /// Whether a session may trade for an account.
    #[inline]
    pub(super) fn is_entitled(&self, session: SessionId, account: AccountId) -> bool {
        let Some(known) = self.sessions.get(session.0 as usize) else { return false };
        let at_start = known.terms.accounts.contains(account) && !self.roster.was_added(account);
        at_start != self.roster.is_changed(session, account)
    }

    #[cold]
    pub(super) fn set_instrument<S: Sink>(&mut self, set: &SetInstrument, sink: &mut S) {
        let SetInstrument { head, terms } = set;
        let number = head.instrument().0 as usize;
        let reject = self.check_terms(number, terms);
        if reject == Reject::None {
            if number == self.markets.len()
                && let Some(market) = self.unused.pop()
            {
                self.markets.push(market);
            }
            self.markets[number].set_terms(terms);
            if self.ledger.is_active() {
                self.ledger.set_pair(number, pair(terms));
            }
            self.roster.note(head.instrument().0, terms.as_bytes());
            let definition = Definition { seq: self.reporter.seq, ..self.instrument_definition(number) };
            sink.definition(&definition);
        }
        self.answer(head, reject, sink);
        if reject == Reject::None {
            self.run_stops(number, sink);
        }
    }

    fn check_terms(&self, number: usize, terms: &InstrumentTerms) -> Reject {
        let is_new = number == self.markets.len();
        if number > self.markets.len() || (is_new && self.unused.is_empty()) {
            return Reject::UnknownInstrument;
        }
        let pair = pair(terms);
        if !is_sound(terms) || (self.ledger.is_active() && !self.ledger.is_sound(&pair)) {
            return Reject::BadTerms;
        }
        let symbol = text(&terms.symbol).unwrap_or_default();
        let Some(market) = self.markets.get(number) else {
            let taken = self.markets.iter().any(|market| market.terms.symbol == symbol);
            return if taken { Reject::BadTerms } else { Reject::None };
        };
        let known = self.ledger.pair(number);
        let free = |known: &Pair| Pair { maker_fee: 0, taker_fee: 0, ..*known };
        if market.terms.symbol != symbol
            || market.terms.shard != terms.shard
            || terms.steps() != (Some(market.terms.tick), Some(market.terms.lot))
            || known.is_some_and(|known| free(known) != free(&pair))
        {
            return Reject::BadTerms;
        }
        let other = market.terms.group != terms.group || known.is_some_and(|known| *known != pair);
        if other && market.has_orders(&self.arena) { Reject::OrdersOpen } else { Reject::None }
    }

    #[cold]
    pub(super) fn set_account<S: Sink>(&mut self, set: &SetAccount, sink: &mut S) {
        let account = set.head.account;
        let reject = self.change_account(account, &set.name, set.credit != 0);
        if reject == Reject::None {
            self.roster.note(account.0, &set.as_bytes()[size_of::<Head>()..]);
            let definition = Definition { seq: self.reporter.seq, ..self.account_definition(account) };
            sink.definition(&definition);
        }
        self.answer(&set.head, reject, sink);
    }

    fn change_account(&mut self, account: AccountId, name: &Name, credit: bool) -> Reject {
        let is_new = account.0 == self.roster.len();
        if account.0 > self.roster.len() || (is_new && account.0 == self.roster.room) {
            return Reject::UnknownAccount;
        }
        let fits = match self.roster.names.get(account.0 as usize) {
            Some(known) => known == name,
            None => text(name).is_some() && !self.roster.is_taken(name),
        };
        if !fits {
            return Reject::BadTerms;
        }
        if is_new {
            self.roster.add(*name);
            self.ledger.add_account();
        }
        if self.ledger.set_credit(account, credit).is_ok() { Reject::None } else { Reject::BadTerms }
    }

    #[cold]
    pub(super) fn set_credit<S: Sink>(&mut self, set: &SetCredit, sink: &mut S) {
        let account = set.head.account;
        let limit = u128::from(set.limit[1]) << 64 | u128::from(set.limit[0]);
        let reject = if self.roster.knows(account) {
            match self.ledger.set_limit(account, set.asset, limit) {
                None => Reject::BadFunds,
                Some(Err(_)) => Reject::BadTerms,
                Some(Ok(())) => Reject::None,
            }
        } else {
            Reject::UnknownAccount
        };
        if reject == Reject::None {
            self.roster.note(account.0, &set.as_bytes()[size_of::<Head>()..]);
        }
        self.answer(&set.head, reject, sink);
    }

    #[cold]
    pub(super) fn entitle<S: Sink>(&mut self, entitle: &Entitle, sink: &mut S) {
        let Entitle { head, session, on, .. } = *entitle;
        let account = head.account;
        let reject = if !self.roster.knows(account) {
            Reject::UnknownAccount
        } else if session.0 as usize >= self.sessions.len() {
            Reject::UnknownSession
        } else {
            Reject::None
        };
        if reject == Reject::None {
            if self.is_entitled(session, account) != (on != 0) {
                let changed = self.roster.is_changed(session, account);
                self.roster.set_changed(session, account, !changed);
            }
            let definition = self.entitlement_definition(session, account);
            sink.definition(&Definition { seq: self.reporter.seq, ..definition });
        }
        self.answer(&head, reject, sink);
    }

    /// The next definition for whoever has been told so much, or `None`: all instruments in order of their numbers,
    /// then all accounts, then the entitlements that are not as they were at the start.
    pub fn next_definition(&self, told: &mut Told) -> Option<Definition> {
        if (told.instruments as usize) < self.markets.len() {
            told.instruments += 1;
            return Some(self.instrument_definition(told.instruments as usize - 1));
        }
        if told.accounts < self.roster.len() {
            told.accounts += 1;
            return Some(self.account_definition(AccountId(told.accounts - 1)));
        }
        let (session, account) = self.roster.next_changed(told.entitlement)?;
        told.entitlement = (session.0, account.0 + 1);
        Some(self.entitlement_definition(session, account))
    }

    /// The terms of `instrument`, if there is such a one.
    #[must_use]
    pub fn listed(&self, instrument: InstrumentId) -> Option<InstrumentTerms> {
        let number = instrument.0 as usize;
        (number < self.markets.len()).then(|| self.instrument_definition(number).terms)
    }

    fn instrument_definition(&self, number: usize) -> Definition {
        let Market { terms: of, state, .. } = &self.markets[number];
        let pair = self.ledger.pair(number).copied().unwrap_or_default();
        let terms = InstrumentTerms {
            base: pair.base,
            quote: pair.quote,
            base_per_lot: pair.base_per_lot,
            quote_per_tick_lot: pair.quote_per_tick_lot,
            maker_fee: pair.maker_fee,
            taker_fee: pair.taker_fee,
            ..InstrumentTerms::of(of)
        };
        Definition {
            state: *state,
            instrument: of.id,
            terms,
            ..report::undefined(Kind::Instrument, self.last_seq())
        }
    }

    fn account_definition(&self, account: AccountId) -> Definition {
        let name = self.roster.names.get(account.0 as usize).copied().unwrap_or_default();
        let credit = u8::from(self.ledger.has_credit(account));
        Definition { account, name, credit, ..report::undefined(Kind::Account, self.last_seq()) }
    }

    fn entitlement_definition(&self, session: SessionId, account: AccountId) -> Definition {
        let entitled = u8::from(self.is_entitled(session, account));
        Definition { session, entitled, ..self.account_definition(account) }
    }
}
