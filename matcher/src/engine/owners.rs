//! Whose an order is: its session's, or its account's if it came by a trunk. Of each owner the open orders, linked in order
//! of OrderID.

use wire::{
    limits::{ACCOUNTS_MAX, SESSIONS_MAX},
    types::{AccountId, SessionId},
};
use zerocopy::FromZeros;

use super::{
    book::NONE,
    index::{touch, touch_room},
};

/// Among whose orders and names one is looked for: a session's, or an account's of all trunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner(u32);

/// The bit of an owner that is an account.
const ACCOUNT: u32 = 1 << 31;
const _: () = assert!(SESSIONS_MAX < ACCOUNT && ACCOUNTS_MAX < ACCOUNT);

impl Owner {
    /// A number that no other owner has.
    #[inline]
    pub(super) const fn number(self) -> u32 {
        self.0
    }

    /// The owner of which this is the [`Owner::number`].
    pub(super) const fn of_number(number: u32) -> Owner {
        Owner(number)
    }

    /// That is no trunk.
    #[inline]
    pub(super) const fn of_session(session: SessionId) -> Owner {
        Owner(session.0)
    }

    const fn is_account(self) -> bool {
        self.0 & ACCOUNT != 0
    }
}

/// A slot or account, or none, which is zero: so that tables are zeroed memory that the system gives when it is written.
#[derive(Clone, Copy, PartialEq, Eq, FromZeros)]
#[repr(transparent)]
struct Place(u32);

impl Place {
    const NOWHERE: Place = Place(0);

    const fn new(number: u32) -> Place {
        Place(!number)
    }

    /// The number, or [`NONE`].
    const fn get(self) -> u32 {
        !self.0
    }

    fn some(self) -> Option<u32> {
        Some(self.get()).filter(|&number| number != NONE)
    }
}

/// Neighbours among the owner's open orders. Apart from the orders, because those entered in a row mostly stand in a row
/// here, in one cache line, and go without the others' being touched.
#[derive(Clone, Copy)]
struct Link {
    earlier: Place,
    later: Place,
}

/// An owner's open orders, by their slots.
#[derive(Clone, Copy, FromZeros)]
#[repr(C)]
struct Chain {
    first: Place,
    last: Place,
    count: u32,
}

struct Session {
    chain: Chain,
    is_trunk: bool,
}

/// An account's orders that came by trunks, and its neighbours among the accounts that have such.
#[derive(Clone, Copy, FromZeros)]
#[repr(C)]
struct Account {
    chain: Chain,
    before: Place,
    after: Place,
}

/// See the module.
pub(super) struct Owners {
    sessions: Box<[Session]>,
    accounts: Vec<Account>,
    /// The first of the accounts that have orders by trunks.
    first: Place,
    /// By the slot of the book node.
    links: Vec<Link>,
}

impl Owners {
    /// Bytes for each order that may be open.
    pub(super) const ORDER_BYTES: usize = size_of::<Link>();
    /// Bytes for each account that there may be.
    pub(super) const ACCOUNT_BYTES: usize = size_of::<Account>();

    /// Of sessions that are trunks, or not.
    pub(super) fn new(trunks: impl Iterator<Item = bool>, open_max: u32) -> Owners {
        let links = {
            let mut links = Vec::with_capacity(open_max as usize);
            shm::huge_pages(links.spare_capacity_mut());
            links
        };
        Owners {
            sessions: trunks.map(|is_trunk| Session { chain: Chain::new_zeroed(), is_trunk }).collect(),
            accounts: Account::new_vec_zeroed(ACCOUNTS_MAX as usize).expect("memory for the accounts"),
            first: Place::NOWHERE,
            links,
        }
    }

    /// Touches all of its memory.
    pub(super) fn prefault(&mut self) {
        touch(&mut self.accounts);
        touch_room(&mut self.links);
    }

    /// Whose an order of this session and account is.
    #[inline]
    pub(super) fn of(&self, session: SessionId, account: AccountId) -> Owner {
        if self.is_trunk(session) {
            Owner(ACCOUNT | account.0.min(ACCOUNT - 1))
        } else {
            Owner::of_session(session)
        }
    }

    #[inline]
    pub(super) fn is_trunk(&self, session: SessionId) -> bool {
        self.sessions.get(session.0 as usize).is_some_and(|session| session.is_trunk)
    }

    /// Whether there is such an owner: its orders, in order of OrderID, are all that an image has of this.
    pub(super) fn knows(&self, owner: Owner) -> bool {
        let Owners { sessions: _, accounts: _, first: _, links: _ } = self;
        self.chain(owner).is_some()
    }

    /// Puts the order in `slot`, the newest, at the end of its owner's.
    #[inline]
    pub(super) fn enter(&mut self, slot: u32, owner: Owner) {
        if owner.is_account() {
            self.note_account(owner.0 & !ACCOUNT);
        }
        let Some(chain) = self.chain_mut(owner) else { unreachable!("who may trade was checked") };
        chain.count += 1;
        let earlier = std::mem::replace(&mut chain.last, Place::new(slot));
        match earlier.some() {
            None => chain.first = Place::new(slot),
            Some(earlier) => self.links[earlier as usize].later = Place::new(slot),
        }
        let link = Link { earlier, later: Place::NOWHERE };
        // Slots are dense and this is as long as the book's own slab: the push never reallocates.
        if slot as usize == self.links.len() {
            self.links.push(link);
        } else {
            self.links[slot as usize] = link;
        }
    }

    /// Takes the order in `slot` from its owner's.
    #[inline]
    pub(super) fn leave(&mut self, slot: u32, owner: Owner) {
        let Link { earlier, later } = self.links[slot as usize];
        let Some(chain) = self.chain_mut(owner) else { return };
        chain.count -= 1;
        if earlier == Place::NOWHERE {
            chain.first = later;
        }
        if later == Place::NOWHERE {
            chain.last = earlier;
        }
        let is_empty = chain.count == 0;
        if let Some(earlier) = earlier.some() {
            self.links[earlier as usize].later = later;
        }
        if let Some(later) = later.some() {
            self.links[later as usize].earlier = earlier;
        }
        if is_empty && owner.is_account() {
            self.forget_account(owner.0 & !ACCOUNT);
        }
    }

    /// The owner's open order with the lowest OrderID.
    pub(super) fn first_of(&self, owner: Owner) -> Option<u32> {
        self.chain(owner)?.first.some()
    }

    /// How many open orders the owner has.
    pub(super) fn count_of(&self, owner: Owner) -> u32 {
        self.chain(owner).map_or(0, |chain| chain.count)
    }

    /// The next one of the same owner by OrderID.
    pub(super) fn next(&self, slot: u32) -> Option<u32> {
        self.links[slot as usize].later.some()
    }

    /// The owners that may have open orders: sessions, and accounts that have some by trunks.
    pub(super) fn all(&self) -> impl Iterator<Item = Owner> + '_ {
        let sessions = (0u32..).take(self.sessions.len()).map(Owner);
        let accounts =
            std::iter::successors(self.first.some(), |&account| self.accounts[account as usize].after.some());
        sessions.chain(accounts.map(|account| Owner(ACCOUNT | account)))
    }

    /// The slots of all open orders.
    pub(super) fn open(&self) -> impl Iterator<Item = u32> + '_ {
        self.all().flat_map(|owner| std::iter::successors(self.first_of(owner), |&slot| self.next(slot)))
    }

    #[inline]
    pub(super) fn prefetch(&self, slot: u32) {
        shm::prefetch(&self.links[slot as usize]);
    }

    #[inline]
    fn chain(&self, owner: Owner) -> Option<&Chain> {
        if owner.is_account() {
            self.accounts.get((owner.0 & !ACCOUNT) as usize).map(|account| &account.chain)
        } else {
            self.sessions.get(owner.0 as usize).map(|session| &session.chain)
        }
    }

    #[inline]
    fn chain_mut(&mut self, owner: Owner) -> Option<&mut Chain> {
        if owner.is_account() {
            self.accounts.get_mut((owner.0 & !ACCOUNT) as usize).map(|account| &mut account.chain)
        } else {
            self.sessions.get_mut(owner.0 as usize).map(|session| &mut session.chain)
        }
    }

    /// The account, one that may be, is about to have an order by a trunk.
    fn note_account(&mut self, number: u32) {
        if self.accounts[number as usize].chain.count > 0 {
            return;
        }
        let after = std::mem::replace(&mut self.first, Place::new(number));
        let account = &mut self.accounts[number as usize];
        (account.before, account.after) = (Place::NOWHERE, after);
        if let Some(after) = after.some() {
            self.accounts[after as usize].before = Place::new(number);
        }
    }

    /// The account has no order by a trunk any more.
    fn forget_account(&mut self, number: u32) {
        let Account { before, after, .. } = self.accounts[number as usize];
        match before.some() {
            None => self.first = after,
            Some(before) => self.accounts[before as usize].after = after,
        }
        if let Some(after) = after.some() {
            self.accounts[after as usize].before = before;
        }
    }
}
