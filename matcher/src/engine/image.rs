//! The engine's image: its whole state as bytes, from which one is made that goes on exactly as the one that was saved.
//!
//! It is logical, not a copy of memory: orders in order of OrderID, each with the number of its place in its queue, what is
//! remembered from the oldest on, balances. So it is the same on every host after the same commands, does not depend on how
//! large tables are or how they are laid out, and what is loaded is laid out better than what was saved. Whatever follows
//! from the rest (queues, indexes, counts, sums) is not in it: it is made anew, by the code that makes it every day.
//!
//! That nothing is forgotten: every struct of the state is taken apart field by field on its way out, and so does not
//! compile with one more until somebody has said where it goes. The bytes are those of postcard 1 (a published format)
//! for the structs called `Image`; [`VERSION`] is counted up when any of them changes.

mod change;
mod markets;
mod orders;

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use wire::types::{AccountId, Nanos, OrderId, SessionId};

use super::{Config, Engine, Session, SessionTerms, asked, ledger, lists, operator, protection};
pub use change::Change;
use orders::Order;

/// The version that is written, and the only one that is read.
pub const VERSION: u16 = 1;

/// Why bytes are no image of an engine of this configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// It was written by another version of the program.
    #[error(
        "it is an image of version {found}, of which this version of penstock knows {VERSION} only; start the version that wrote it and make a snapshot with it, or move the snapshot away to have the journal replayed"
    )]
    Version {
        /// The version it says.
        found: u16,
    },
    /// What it says cannot be. It names the part.
    #[error("its {0} cannot be")]
    Broken(&'static str),
    /// The configuration cannot follow the one it was saved under.
    #[error(transparent)]
    Change(#[from] Change),
}

/// What counts the venue's doings.
#[derive(Serialize, Deserialize)]
struct Counters {
    event_id: u64,
    seq: u64,
    time: u64,
    last_order: u64,
    last_trade: u64,
    joined: u64,
}

impl Engine {
    /// Writes the image of its state, as it is between two commands. It takes a few bytes of memory for each open order.
    ///
    /// # Errors
    /// Those of `to`.
    pub fn save(&self, to: &mut dyn Write) -> io::Result<()> {
        // Quotes say where quotes are, which follows from the orders.
        let Engine {
            shard: _, // the configuration's
            markets,
            sessions,
            arena,
            register,
            attributes: _, // in the orders' images
            ledger,
            limits,
            killed,
            calls: _, // in the markets' images
            quotes: _,
            lists: _, // by `list_images`, which needs the orders
            asked: _, // likewise
            protections,
            roster,
            unused: _, // as they are in a new engine
            selected: _,
            interests: _,
            reporter,
            moved: _, // of a moment within a command
            waiting: _,
            last_order,
            last_trade,
            next_cancel: _,
        } = self;
        let mut out = Out { buffer: Vec::with_capacity(2 * Out::PIECE), to };
        let (voices, [event_id, seq, time]) = reporter.image();
        out.put(&VERSION)?;
        let (last_order, last_trade, joined) = (*last_order, *last_trade, arena.counted());
        out.put(&Counters { event_id, seq, time, last_order, last_trade, joined })?;
        // What a session may do is the configuration's.
        let cancels = sessions.iter().map(|Session { terms: _, cancel_at }| cancel_at.map(|at| at.0));
        out.put(&cancels.collect::<Vec<_>>())?;
        out.put(&voices)?;
        out.put(&killed.image())?;
        out.put(&roster.image())?;
        out.put(&limits.image(roster.count()))?;
        out.put(&ledger.image())?;
        out.put(&protections.images())?;
        out.all(markets.iter().map(|market| self.market_image(market)))?;
        let (ended, remembered) = register.ended_images();
        out.put(&ended)?;
        out.all(remembered)?;
        let mut open: Vec<_> = register.owners.open().map(|slot| (register.order(slot).id, slot)).collect();
        open.sort_unstable();
        out.all(open.iter().map(|&(_, slot)| self.order_image(slot)))?;
        out.all(self.list_images().iter())?;
        out.all(self.asked_images())?;
        out.finish()
    }

    /// The engine of which `image` was saved under `config`, but for the sizes of its tables and its seed, which may be others.
    /// It reserves all its memory here, as [`Engine::new`] does.
    ///
    /// # Errors
    /// [`ImageError`]. What passes goes on without a panic, but only [`Engine::state_hash`] says whether it is what was
    /// saved.
    ///
    /// # Panics
    /// If `config` does not pass [`Config::check`].
    pub fn load(config: &Config, image: &[u8]) -> Result<Engine, ImageError> {
        Engine::load_as(config, config, image)
    }

    /// Goes on under `config`, after it was built for `was`, with memory that is reserved anew.
    ///
    /// What `config` changes counts as it says; what it leaves as it was stays as operators have made it since.
    ///
    /// # Errors
    /// [`ImageError::Change`]; nothing was changed then.
    ///
    /// # Panics
    /// If `config` does not pass [`Config::check`].
    pub fn reconfigure(&mut self, was: &Config, config: &Config) -> Result<(), ImageError> {
        config.check_after(was)?;
        let mut image = Vec::new();
        self.save(&mut image).map_err(|_| ImageError::Broken("memory"))?;
        *self = Engine::load_as(was, config, &image)?;
        Ok(())
    }

    fn load_as(was: &Config, config: &Config, image: &[u8]) -> Result<Engine, ImageError> {
        let mut of = In { rest: image };
        let found: u16 = of.take("version")?;
        if found != VERSION {
            return Err(ImageError::Version { found });
        }
        let mut engine = Engine::new(config.clone());
        let Counters { event_id, seq, time, last_order, last_trade, joined } = of.take("counters")?;
        (engine.last_order, engine.last_trade) = (last_order, last_trade);
        let cancels: Vec<Option<u64>> = of.take("sessions")?;
        let voices: Vec<(u64, u64)> = of.take("sessions")?;
        let known = cancels.len() == was.sessions.len() && voices.len() == was.sessions.len();
        known_or(known, "sessions")?;
        engine.reporter.restore(&moved(was, config, voices), [event_id, seq, time]);
        for (session, cancel_at) in engine.sessions.iter_mut().zip(moved(was, config, cancels)) {
            session.cancel_at = cancel_at.map(Nanos);
        }
        engine.next_cancel = engine.first_cancel();
        let (venue, sessions, accounts): (bool, Vec<bool>, Vec<u32>) = of.take("kill switches")?;
        known_or(sessions.len() == was.sessions.len(), "kill switches")?;
        let sessions = moved(was, config, sessions);
        known_or(engine.killed.restore(venue, &sessions, &accounts), "kill switches")?;
        engine.load_accounts(was, config, &mut of)?;
        engine.load_protections(was, config, &mut of)?;
        engine.load_markets(was, config, &mut of)?;
        engine.load_ended(&mut of)?;
        engine.arena.count_from(joined);
        engine.load_orders(&mut of)?;
        // A session that has got another number has no orders: their owner would be another one.
        let last = was.sessions.len().checked_sub(1).filter(|&last| config.moved(was, last) != last);
        known_or(last.is_none_or(|last| engine.has_no_orders(last)), "session of operators")?;
        for _ in 0..of.count("lists")? {
            let list: lists::Image<'_> = of.take("lists")?;
            known_or(engine.restore_list(&list), "lists")?;
        }
        for _ in 0..of.count("mass status requests")? {
            let asked: asked::Image<'_> = of.take("mass status requests")?;
            known_or(engine.restore_asked(&asked), "mass status requests")?;
        }
        known_or(of.rest.is_empty(), "length")?;
        engine.check_changed(was, config)?;
        engine.refresh(usize::MAX);
        Ok(engine)
    }

    /// The accounts there are, who may trade for them, and what they have.
    fn load_accounts(&mut self, was: &Config, config: &Config, of: &mut In<'_>) -> Result<(), ImageError> {
        const NAME: &str = "accounts";
        let operator::Image { names, entitlements, terms } = of.take(NAME)?;
        known_or(names.len() >= was.ledger.accounts.len(), NAME)?; // some were added
        change::check_accounts(config, &names)?;
        for &name in names.get(config.ledger.accounts.len()..).unwrap_or_default() {
            known_or(self.roster.restore_account(name), NAME)?;
            self.ledger.add_account();
        }
        let configured = |config: &Config, session: usize, account: AccountId| {
            let terms: Option<&SessionTerms> = config.sessions.get(session);
            (account.0 as usize) < config.ledger.accounts.len()
                && terms.is_some_and(|terms| terms.accounts.contains(account))
        };
        for (session, account) in entitlements {
            let (before, account) = (session as usize, AccountId(account));
            let session = config.moved(was, before);
            if configured(was, before, account) == configured(config, session, account) {
                known_or(self.roster.restore_entitlement(session, account), NAME)?;
            }
        }
        self.roster.restore_terms(terms);
        let limits: super::limits::Image = of.take("limits")?;
        known_or(self.limits.restore(&limits, was, config), "limits")?;
        let ledger: ledger::Image = of.take("balances")?;
        known_or(self.ledger.restore(&ledger), "balances")?;
        for (account, terms) in (0u32..).zip(&config.ledger.accounts) {
            let stays = was.ledger.accounts.get(account as usize).is_some_and(|was| was.kind == terms.kind);
            if !stays && !self.ledger.reset_credit(AccountId(account), &terms.kind) {
                return Err(Change::Credit { account: terms.name.clone() }.into());
            }
        }
        Ok(())
    }

    fn load_protections(&mut self, was: &Config, config: &Config, of: &mut In<'_>) -> Result<(), ImageError> {
        let images: Vec<protection::Image> = of.take("protection")?;
        let room = config.room_for_protections();
        if images.len() > room as usize {
            return Err(Change::room("protections_max", room, images.len() as u64).into());
        }
        self.protections = protection::Protections::new(&[], room);
        for image in &images {
            known_or(self.protections.restore(image), "protection")?;
        }
        let of_pair = |list: &[super::ProtectionTerms], terms: &super::ProtectionTerms| {
            list.iter().find(|other| (other.account, other.group) == (terms.account, terms.group)).copied()
        };
        for terms in &was.protections {
            if of_pair(&config.protections, terms).is_none() {
                self.protections.leave(terms.account, terms.group);
            }
        }
        for &terms in &config.protections {
            if of_pair(&was.protections, &terms) != Some(terms) && !self.protections.set(terms) {
                return Err(Change::room("protections_max", room, u64::from(room) + 1).into());
            }
        }
        Ok(())
    }

    fn load_ended(&mut self, of: &mut In<'_>) -> Result<(), ImageError> {
        const NAME: &str = "remembered orders";
        let ended: u64 = of.take(NAME)?;
        let count = of.count(NAME)?;
        let remembered = count.min(self.register.ended_max().into());
        known_or(count <= ended, NAME)?;
        self.register.begin_again(OrderId(self.last_order), ended, remembered);
        for number in 0..count {
            let image: super::register::EndedImage<'_> = of.take(NAME)?;
            // With less room than there was the oldest are forgotten.
            if number >= count - remembered {
                known_or(self.register.restore_ended(&image), NAME)?;
            }
        }
        Ok(())
    }

    /// Whether no order was ever the session's, as far as is remembered.
    fn has_no_orders(&self, session: usize) -> bool {
        let is_its = |of: SessionId| of.0 as usize == session;
        !self.register.owners.open().any(|slot| is_its(self.terms(slot).session()))
            && !self.register.remembered().any(|(_, ended)| is_its(ended.terms.session()))
    }

    fn load_orders(&mut self, of: &mut In<'_>) -> Result<(), ImageError> {
        const NAME: &str = "open orders";
        let count = of.count(NAME)?;
        if count > u64::from(self.arena.room()) {
            return Err(Change::room("open_orders_max", self.arena.room(), count).into());
        }
        let mut queued = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
        for _ in 0..count {
            let order: Order<'_> = of.take(NAME)?;
            queued.push(self.restore_order(&order)?);
        }
        // In the order in which they joined their queues: mostly that in which they came.
        queued.sort_unstable();
        queued.into_iter().try_for_each(|(_, slot, price)| self.restore_place(slot, price))
    }
}

/// The bytes of an image on their way out.
struct Out<'a> {
    buffer: Vec<u8>,
    to: &'a mut dyn Write,
}

impl Out<'_> {
    /// Bytes that are written at once.
    const PIECE: usize = 64 * 1024;

    fn put(&mut self, value: &impl Serialize) -> io::Result<()> {
        let buffer = std::mem::take(&mut self.buffer);
        self.buffer = postcard::to_extend(value, buffer).map_err(io::Error::other)?;
        if self.buffer.len() >= Out::PIECE {
            self.to.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// How many there are, then each.
    fn all<T: Serialize>(&mut self, mut values: impl ExactSizeIterator<Item = T>) -> io::Result<()> {
        self.put(&(values.len() as u64))?;
        values.try_for_each(|value| self.put(&value))
    }

    fn finish(self) -> io::Result<()> {
        self.to.write_all(&self.buffer)
    }
}

/// What is left of an image that is read.
struct In<'a> {
    rest: &'a [u8],
}

impl<'a> In<'a> {
    fn take<T: Deserialize<'a>>(&mut self, name: &'static str) -> Result<T, ImageError> {
        let taken = postcard::take_from_bytes(self.rest);
        let (value, rest) = taken.map_err(|_| ImageError::Broken(name))?;
        self.rest = rest;
        Ok(value)
    }

    /// How many follow, of which each takes a byte at least: so no more are believed than there can be.
    fn count(&mut self, name: &'static str) -> Result<u64, ImageError> {
        let count: u64 = self.take(name)?;
        known_or(count <= self.rest.len() as u64, name)?;
        Ok(count)
    }
}

/// What sessions had, by their numbers as they are now.
fn moved<T: Clone + Default>(was: &Config, config: &Config, of: Vec<T>) -> Vec<T> {
    let mut moved = vec![T::default(); config.sessions.len()];
    for (session, had) in of.into_iter().enumerate() {
        moved[config.moved(was, session)] = had;
    }
    moved
}

/// What an image says is right, or its part of that `name` cannot be.
fn known_or(right: bool, name: &'static str) -> Result<(), ImageError> {
    if right { Ok(()) } else { Err(ImageError::Broken(name)) }
}
