//! Market-maker protection: an account whose quotes in a group of instruments are filled too often or for too much
//! within a time has them pulled, before whoever knows more than it does takes the next one.
//!
//! The window is exact: the last fills are kept one by one, in a ring as long as the limit of fills.

use serde::{Deserialize, Serialize};
use wire::{
    command::{QuoteEntry, ResetProtection, SetProtection},
    event::{Event, Kind},
    limits::PROTECTION_FILLS_MAX,
    reject::Reject,
    types::{AccountId, InstrumentId, Lots, Nanos, SessionId},
};

use super::{
    Digest, Engine, ProtectionTerms, Sink,
    index::{Index, touch, touch_room, zeros},
    quotes::pair_hash,
};

/// Places in each ring of fills.
const RING: usize = PROTECTION_FILLS_MAX as usize;

/// One account in one group.
struct Protection {
    terms: ProtectionTerms,
    /// Whether its quotes are pulled and refused.
    stopped: bool,
    /// Whether its limits were reached in the matching under way.
    reached: bool,
    /// Of the last fill.
    session: SessionId,
    instrument: InstrumentId,
    /// The fills that counted when the last one came: where the oldest stands in the ring, and how many they are.
    first: usize,
    count: usize,
    /// Their lots.
    lots: u128,
}

impl Protection {
    const fn new(terms: ProtectionTerms) -> Protection {
        Protection {
            terms,
            stopped: false,
            reached: false,
            session: SessionId(0),
            instrument: InstrumentId(0),
            first: 0,
            count: 0,
            lots: 0,
        }
    }

    const fn forget(&mut self) {
        (self.first, self.count, self.lots) = (0, 0, 0);
    }
}

/// What an image has of a protection.
#[derive(Serialize, Deserialize)]
pub(super) struct Image {
    account: u32,
    group: u32,
    fills: u32,
    quantity: u64,
    window_ns: u64,
    stopped: bool,
    session: u32,
    instrument: u32,
    /// Times and lots of the fills that count, oldest first.
    counted: Vec<[u64; 2]>,
}

pub(super) struct Protections {
    all: Vec<Option<Protection>>,
    free: Vec<u32>,
    /// By account and group.
    index: Index,
    /// A ring for each: times, in nanoseconds, and lots of fills.
    rings: Box<[[u64; 2]]>,
    /// Those whose limits were reached in the matching under way.
    reached: Vec<u32>,
    max: usize,
}

impl Protections {
    /// Bytes reserved for each.
    pub(super) const BYTES: usize = size_of::<Option<Protection>>() + RING * size_of::<[u64; 2]>();

    pub(super) fn new(terms: &[ProtectionTerms], max: u32) -> Protections {
        let room = max as usize;
        let mut protections = Protections {
            all: Vec::with_capacity(room),
            free: Vec::with_capacity(room),
            index: Index::new(max.into()),
            rings: zeros(room * RING),
            reached: Vec::with_capacity(room),
            max: room,
        };
        terms.iter().for_each(|&terms| protections.enter(terms));
        protections
    }

    /// Touches all of its memory.
    pub(super) fn prefault(&mut self) {
        touch_room(&mut self.all);
        touch_room(&mut self.free);
        touch_room(&mut self.reached);
        touch(&mut self.rings);
        self.index.prefault();
    }

    fn find(&self, account: AccountId, group: u32) -> Option<u32> {
        let is_it = |number: u32| {
            let protection = self.all[number as usize].as_ref();
            protection.is_some_and(|found| found.terms.account == account && found.terms.group == group)
        };
        self.index.find(pair_hash(account.0, group), is_it).map(|(_, number)| number)
    }

    fn get_mut(&mut self, account: AccountId, group: u32) -> Option<&mut Protection> {
        let number = self.find(account, group)?;
        self.all[number as usize].as_mut()
    }

    /// Whether the account's quotes in the group are stopped.
    pub(super) fn stops(&self, account: AccountId, group: u32) -> bool {
        let found = self.find(account, group).and_then(|number| self.all[number as usize].as_ref());
        found.is_some_and(|protection| protection.stopped)
    }

    /// Whether limits were reached in the matching under way.
    #[inline]
    pub(super) const fn are_reached(&self) -> bool {
        !self.reached.is_empty()
    }

    fn enter(&mut self, terms: ProtectionTerms) {
        let protection = Some(Protection::new(terms));
        let number = match self.free.pop() {
            Some(number) => {
                self.all[number as usize] = protection;
                number
            }
            None => {
                // At most `max`, so this neither reallocates nor exceeds u32.
                self.all.push(protection);
                u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
            }
        };
        self.index.insert(pair_hash(terms.account.0, terms.group), number);
    }

    pub(super) fn leave(&mut self, account: AccountId, group: u32) {
        let all = &self.all;
        let is_it = |number: u32| {
            let protection = all[number as usize].as_ref();
            protection.is_some_and(|found| found.terms.account == account && found.terms.group == group)
        };
        if let Some((place, number)) = self.index.find(pair_hash(account.0, group), is_it) {
            self.index.remove(place);
            self.all[number as usize] = None;
            self.free.push(number);
        }
    }

    /// Counts a fill of a quote.
    fn filled(
        &mut self,
        (account, group): (AccountId, u32),
        (session, instrument): (SessionId, InstrumentId),
        (at, lots): (Nanos, Lots),
    ) {
        let Some(number) = self.find(account, group) else { return };
        let ring = &mut self.rings[number as usize * RING..][..RING];
        let Some(protection) = &mut self.all[number as usize] else { return };
        (protection.session, protection.instrument) = (session, instrument);
        if protection.reached {
            return;
        }
        while protection.count > 0 && at.since(Nanos(ring[protection.first][0])) >= protection.terms.window_ns
        {
            protection.lots -= u128::from(ring[protection.first][1]);
            protection.first = (protection.first + 1) % RING;
            protection.count -= 1;
        }
        // There is room: with as many as the ring has places its limit is reached, and they are forgotten.
        ring[(protection.first + protection.count) % RING] = [at.0, lots.0];
        protection.count += 1;
        protection.lots += u128::from(lots.0);
        let ProtectionTerms { fills, quantity, .. } = protection.terms;
        if protection.count >= fills as usize || (quantity.0 > 0 && protection.lots >= u128::from(quantity.0))
        {
            protection.reached = true;
            self.reached.push(number);
        }
    }

    /// Takes in every protection, with the fills that it remembers.
    pub(super) fn digest(&self, digest: &mut Digest) {
        let mut all: Vec<_> = self.all.iter().zip(self.rings.chunks(RING)).collect();
        all.sort_unstable_by_key(|(protection, _)| {
            protection.as_ref().map(|found| (found.terms.account, found.terms.group))
        });
        for (protection, ring) in all {
            let Some(Protection { terms, stopped, first, count, .. }) = protection else { continue };
            let ProtectionTerms { account, group, fills, quantity, window_ns } = *terms;
            for word in [account.0.into(), group.into(), fills.into(), quantity.0, window_ns] {
                digest.word(word);
            }
            digest.word((*stopped).into());
            digest.word(*count as u64);
            (0..*count).flat_map(|i| ring[(first + i) % RING]).for_each(|word| digest.word(word));
        }
    }

    /// What an image has of it, by account and group.
    pub(super) fn images(&self) -> Vec<Image> {
        // Numbers are given anew, and between two commands no limits are reached.
        let Protections { all, free: _, index: _, rings, reached: _, max: _ } = self;
        let mut images: Vec<Image> = all
            .iter()
            .zip(rings.chunks(RING))
            .filter_map(|(protection, ring)| {
                let Protection { terms, stopped, reached: _, session, instrument, first, count, lots: _ } =
                    protection.as_ref()?;
                let ProtectionTerms { account, group, fills, quantity, window_ns } = *terms;
                Some(Image {
                    account: account.0,
                    group,
                    fills,
                    quantity: quantity.0,
                    window_ns,
                    stopped: *stopped,
                    session: session.0,
                    instrument: instrument.0,
                    counted: (0..*count).map(|i| ring[(first + i) % RING]).collect(),
                })
            })
            .collect();
        images.sort_unstable_by_key(|image| (image.account, image.group));
        images
    }

    /// Puts a protection of an image back; `false` if it cannot be, or there is no room for it.
    pub(super) fn restore(&mut self, image: &Image) -> bool {
        let Image { account, group, fills, quantity, window_ns, stopped, session, instrument, ref counted } =
            *image;
        let account = AccountId(account);
        let terms = ProtectionTerms { account, group, fills, quantity: Lots(quantity), window_ns };
        if !terms.is_sound() || counted.len() >= fills as usize || !self.set(terms) {
            return false;
        }
        let Some(number) = self.find(account, group) else { return false };
        self.rings[number as usize * RING..][..counted.len()].copy_from_slice(counted);
        let Some(protection) = &mut self.all[number as usize] else { return false };
        protection.stopped = stopped;
        (protection.session, protection.instrument) = (SessionId(session), InstrumentId(instrument));
        protection.count = counted.len();
        protection.lots = counted.iter().map(|&[_, lots]| u128::from(lots)).sum();
        true
    }

    /// Sets the limits of an account in a group, and forgets its fills; `false` if there is no room for another one.
    pub(super) fn set(&mut self, terms: ProtectionTerms) -> bool {
        if let Some(protection) = self.get_mut(terms.account, terms.group) {
            protection.terms = terms;
            protection.forget();
        } else if self.all.len() - self.free.len() < self.max {
            self.enter(terms);
        } else {
            return false;
        }
        true
    }

    /// Checks what must hold between two commands.
    pub(super) fn audit(&self) {
        assert!(self.reached.is_empty(), "limits that are reached have stopped quotes");
        for (protection, ring) in self.all.iter().zip(self.rings.chunks(RING)) {
            let Some(found) = protection else { continue };
            assert!(!found.reached && found.count < found.terms.fills as usize);
            assert!(!found.stopped || found.count == 0, "what is stopped remembers no fills");
            let fills = (0..found.count).map(|i| ring[(found.first + i) % RING]);
            assert_eq!(found.lots, fills.clone().map(|[_, lots]| u128::from(lots)).sum());
            assert!(fills.is_sorted_by_key(|[at, _]| at), "oldest first");
        }
    }
}

impl Engine {
    /// The quote in `slot` was filled in continuous trading.
    #[inline(never)]
    pub(super) fn quote_filled(&mut self, slot: u32, lots: Lots) {
        let (terms, account) = (self.terms(slot), self.register.order(slot).account);
        let group = self.markets[terms.instrument().0 as usize].terms.group;
        let from = (terms.session(), terms.instrument());
        self.protections.filled((account, group), from, (self.reporter.time, lots));
    }

    /// Pulls the quotes of whoever has reached its limits in the matching that is done now.
    #[cold]
    pub(super) fn protect<S: Sink>(&mut self, sink: &mut S) {
        let mut reached = std::mem::take(&mut self.protections.reached);
        // All of one market, so of one group.
        reached.sort_unstable_by_key(|&number| {
            self.protections.all[number as usize].as_ref().map(|found| found.terms.account)
        });
        for number in reached.drain(..) {
            let Some(protection) = &mut self.protections.all[number as usize] else { continue };
            protection.forget();
            (protection.stopped, protection.reached) = (true, false);
            let ProtectionTerms { account, group, .. } = protection.terms;
            let (session, instrument) = (protection.session, protection.instrument);
            let quantity = self.pull_quotes(account, group, sink);
            let event = Event { account, instrument, quantity, ..Event::blank(Kind::Protected, session) };
            self.reporter.send(event, sink);
        }
        self.protections.reached = reached;
    }

    #[cold]
    pub(super) fn set_protection<S: Sink>(&mut self, set: &SetProtection, sink: &mut S) {
        let SetProtection { head, group, fills, quantity, window_ns } = *set;
        let terms = ProtectionTerms { account: head.account, group, fills, quantity, window_ns };
        let reject = self.check_protection(&terms);
        if reject == Reject::None {
            if fills == 0 {
                self.protections.leave(head.account, group);
            } else {
                let has_room = self.protections.set(terms);
                debug_assert!(has_room, "checked");
            }
        }
        self.answer(&head, reject, sink);
    }

    fn check_protection(&self, terms: &ProtectionTerms) -> Reject {
        let Protections { all, free, max, .. } = &self.protections;
        let has_room = all.len() - free.len() < *max;
        if !self.may_be_account(terms.account) {
            Reject::UnknownAccount
        } else if self.has_group(terms.group)
            && (terms.fills == 0
                || terms.is_sound()
                    && (has_room || self.protections.find(terms.account, terms.group).is_some()))
        {
            Reject::None
        } else {
            Reject::BadProtection
        }
    }

    #[cold]
    pub(super) fn reset_protection<S: Sink>(&mut self, reset: &ResetProtection, sink: &mut S) {
        let account = reset.head.account;
        let reject = if !self.may_be_account(account) {
            Reject::UnknownAccount
        } else if !self.has_group(reset.group) {
            Reject::BadProtection
        } else {
            self.reset(account, reset.group);
            Reject::None
        };
        self.answer(&reset.head, reject, sink);
    }

    /// Resets the account's protection in every group of which an entry names an instrument; without entries, in
    /// every group.
    pub(super) fn reset_protections(&mut self, account: AccountId, entries: &[QuoteEntry]) {
        for entry in entries {
            self.reset(account, self.markets[entry.instrument.0 as usize].terms.group);
        }
        if entries.is_empty() {
            for protection in self.protections.all.iter_mut().flatten() {
                if protection.terms.account == account {
                    protection.forget();
                    protection.stopped = false;
                }
            }
        }
    }

    fn reset(&mut self, account: AccountId, group: u32) {
        if let Some(protection) = self.protections.get_mut(account, group) {
            protection.forget();
            protection.stopped = false;
        }
    }

    fn has_group(&self, group: u32) -> bool {
        self.markets.iter().any(|market| market.terms.group == group)
    }
}
