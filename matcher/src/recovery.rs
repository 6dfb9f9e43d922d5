//! A matcher's state as what its commands have made of it: what a start makes anew from those that were kept, and what a snapshot
//! keeps of them.
//!
//! journal, then the sequenced log in shared memory -> [`State::apply`] -> [`crate::Matcher::resume`]
//!
//! A matcher that died may have left things unsaid: events that waited for room in its memory or stood in rings that are gone, and
//! the market data of its last command. They are collected as commands are applied, as much as can have been unread. Readers pass over
//! what they have: an event by its identifier.

mod image;

use std::collections::VecDeque;

use shm::{Log, ReadError, Start};
use wire::{
    command::{Command, NotACommand},
    event::{Definition, Event},
    feed,
    limits::{COMMAND_MESSAGE_BYTES_MAX, EVENT_BYTES},
    reject::Reject,
    types::{Nanos, SeqNo},
};
use zerocopy::IntoBytes;

use crate::{
    configuration::{Configuration, Joined, Misplaced, TextError},
    engine::{Engine, ImageError, Sink},
    journal::{
        record::{Kind, Record},
        sequenced::Origin,
    },
    outlet::Message,
    router::readers,
    routes::{Links, Routes, Watchers},
    sequencer::{Presence, Sequencer},
};

/// A matcher's state behind a command.
pub struct State {
    configuration: Configuration,
    /// The parts of a configuration that was read so far.
    parts: Joined,
    /// Whether the configuration stands in the journal.
    configuration_is_kept: bool,
    /// The last command of the snapshot that it was loaded from.
    loaded: SeqNo,
    pub(crate) engine: Engine,
    pub(crate) presence: Presence,
    /// How far each link's commands are in the state.
    pub(crate) taken: [Taken; Links::BITS as usize],
    has_begun: bool,
    /// That it is of a history, and the one before that, of which it knows nothing.
    pub(crate) begins: Option<[u64; 2]>,
    pub(crate) unsaid: Unsaid,
    pub(crate) routes: Routes,
    /// The most events that one command can cause.
    pub(crate) burst: usize,
    /// Instruments there may be.
    pub(crate) instruments: usize,
}

/// Messages of a ring of commands that need not be taken any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// When the ring was made; 0: none of any ring was taken.
    pub(crate) made: u64,
    /// The place of the last one among all messages of that ring.
    pub(crate) count: u64,
}

/// Why a command that was kept cannot be applied.
#[derive(Debug, thiserror::Error)]
pub enum Unsound {
    /// It is not the next one.
    #[error("command {found} stands where command {expected} belongs")]
    Gap {
        /// The number of the next one.
        expected: u64,
        /// Its number.
        found: u64,
    },
    /// It is none of this version.
    #[error("command {0} is none of this version of penstock; start the version that wrote it")]
    NotACommand(u64),
    /// The state is not what it was.
    #[error(
        "behind command {seq} the matcher's state hashed to {said:016x}, and now hashes to {found:016x}: this version of penstock is not the one that wrote it, or the two have come apart; start that version, and report this"
    )]
    Differs {
        /// The command.
        seq: u64,
        /// What the matcher said.
        said: u64,
        /// What is there now.
        found: u64,
    },
    /// A configuration stands there that is none.
    #[error("the configuration there: {0}")]
    Text(#[from] TextError),
    /// A configuration stands there that cannot follow the one before it.
    #[error("the configuration there does not follow the one before it: {0}")]
    Image(#[from] ImageError),
    /// A part of a configuration is missing.
    #[error(transparent)]
    Misplaced(#[from] Misplaced),
}

impl State {
    /// With empty books, nothing taken. It reserves all its memory here.
    ///
    /// # Panics
    /// If its engine's configuration does not pass [`crate::engine::Config::check`].
    #[must_use]
    pub fn new(configuration: impl Into<Configuration>, routes: &Routes) -> State {
        let configuration = configuration.into();
        let config = &configuration.engine;
        let presence = Presence::new(config.sessions.len(), routes);
        let (burst, instruments) = (config.events_max(), config.room_for_instruments() as usize);
        State {
            engine: Engine::new(config.clone()),
            configuration,
            parts: Joined::default(),
            configuration_is_kept: false,
            loaded: SeqNo(0),
            presence,
            taken: [Taken::default(); Links::BITS as usize],
            has_begun: false,
            begins: None,
            unsaid: Unsaid { watchers: routes.watchers(), ..Unsaid::default() },
            routes: routes.clone(),
            burst,
            instruments,
        }
    }

    /// Touches all the memory that the engine has reserved: [`Engine::prefault`].
    pub fn prefault(&mut self) {
        self.engine.prefault();
    }

    /// From now on collects for each link what its reader may not have read, if its ring of events has room for so many bytes; none
    /// for those beyond the list's end.
    pub fn keep_events(&mut self, rings: impl IntoIterator<Item = usize>) {
        // What waits for room is as much again as the ring holds, before the command that came last.
        let mut known = std::mem::take(&mut self.unsaid.links).into_iter();
        // A snapshot has those of before.
        let kept = |bytes| Kept { most: 2 * bytes / EVENT_BYTES, ..known.next().unwrap_or_default() };
        self.unsaid.links = rings.into_iter().map(kept).collect();
    }

    /// Has the matcher that goes on with this tell all who listen that commands and events are of `history` from here on, which follows
    /// `former`, and that what they know of books holds no more. It has to be told before how far that history is durable.
    pub const fn begin_history(&mut self, history: u64, former: u64) {
        self.begins = Some([history, former]);
    }

    /// From now on collects the market data behind what stands in `feed`, which is of the same history.
    ///
    /// # Errors
    /// If the log is damaged.
    pub fn keep_feed(&mut self, feed: &Log) -> Result<(), ReadError> {
        self.unsaid.published = published(feed)?;
        Ok(())
    }

    /// What it is applied under.
    #[must_use]
    pub const fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// Whether that was read from the journal, and is not to be written there again.
    #[must_use]
    pub const fn is_configuration_kept(&self) -> bool {
        self.configuration_is_kept
    }

    /// Goes on under another configuration, or the same one.
    ///
    /// # Errors
    /// What may not change, and what to do; nothing was changed then.
    pub fn reconfigure(&mut self, configuration: Configuration) -> Result<(), ImageError> {
        if configuration.text() == self.configuration.text() {
            return Ok(());
        }
        let config = &configuration.engine;
        if self.engine.last_seq() == SeqNo(0) {
            self.engine = Engine::new(config.clone());
            self.presence = Presence::new(config.sessions.len(), &self.routes);
        } else {
            configuration.check_after(&self.configuration)?;
            self.engine.reconfigure(&self.configuration.engine, config)?;
            self.presence.grow(config.sessions.len(), &self.routes);
        }
        (self.burst, self.instruments) = (config.events_max(), config.room_for_instruments() as usize);
        (self.configuration, self.configuration_is_kept) = (configuration, false);
        Ok(())
    }

    /// The engine as it stands.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// [`Engine::state_hash`].
    pub fn state_hash(&mut self) -> u64 {
        self.engine.state_hash()
    }

    /// Whether the venue's own first commands are all there: one came that is none of those.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Sequences a command of the venue's own before it serves. The caller alone hears of it. Gives the command's number and time.
    ///
    /// # Errors
    /// Why the engine refused it.
    pub fn begin(&mut self, now: u64, command: Command<'_>) -> Result<(SeqNo, Nanos), Reject> {
        let (seq, time) = Sequencer::after(&self.engine).next(now);
        let mut answer = Answer(Reject::None);
        self.has_begun |= !is_first(&command);
        self.engine.apply(seq, time, command, &mut answer);
        if answer.0 == Reject::None { Ok((seq, time)) } else { Err(answer.0) }
    }

    /// Applies a record of the journal; one that is in the snapshot already, or says nothing that is to be applied, is passed over.
    /// Whether it was a command's.
    ///
    /// # Errors
    /// As [`State::apply`].
    pub fn apply_record(&mut self, record: &Record<'_>) -> Result<bool, Unsound> {
        match record.kind {
            Kind::Command if record.seq > self.loaded => {}
            // One behind the snapshot's last command may be of a later start; taking the same one twice changes nothing.
            Kind::Configuration if record.seq >= self.loaded => {
                return self.apply_configuration(record.payload).map(|()| false);
            }
            Kind::Checkpoint if record.seq > self.loaded => {
                return self.check(record.seq, record.payload).map(|()| false);
            }
            _ => return Ok(false),
        }
        let (origin, command) = Origin::read(record.payload).ok_or(Unsound::NotACommand(record.seq.0))?;
        self.apply(record.seq, record.time, &origin, command).map(|()| true)
    }

    /// Whether the state is what the matcher said it was behind command `seq`.
    fn check(&mut self, seq: SeqNo, payload: &[u8]) -> Result<(), Unsound> {
        let said = payload.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
        let found = self.engine.state_hash();
        if said == Some(found) {
            Ok(())
        } else {
            Err(Unsound::Differs { seq: seq.0, said: said.unwrap_or(0), found })
        }
    }

    fn apply_configuration(&mut self, payload: &[u8]) -> Result<(), Unsound> {
        let Some(text) = self.parts.take(payload)? else { return Ok(()) };
        let configuration = Configuration::of_text(&text, self.configuration.engine.hash_seed)?;
        self.reconfigure(configuration)?;
        self.configuration_is_kept = true;
        Ok(())
    }

    /// Applies the `command` that was given `seq` and `time`, and came from `origin`.
    ///
    /// # Errors
    /// [`Unsound`]; nothing was changed then.
    pub fn apply(&mut self, seq: SeqNo, time: Nanos, origin: &Origin, command: &[u8]) -> Result<(), Unsound> {
        let expected = self.engine.last_seq().0 + 1;
        if seq.0 != expected {
            return Err(Unsound::Gap { expected, found: seq.0 });
        }
        if let Ok(command) = Command::read(command) {
            self.carry_out(seq, time, origin, command);
            return Ok(());
        }
        // Where it lies it may not be aligned.
        let mut words = [0_u64; COMMAND_MESSAGE_BYTES_MAX.div_ceil(8)];
        let copy = words.as_mut_bytes().get_mut(..command.len()).ok_or(Unsound::NotACommand(seq.0))?;
        copy.copy_from_slice(command);
        let command = Command::read(copy).map_err(|NotACommand| Unsound::NotACommand(seq.0))?;
        self.carry_out(seq, time, origin, command);
        Ok(())
    }

    fn carry_out(&mut self, seq: SeqNo, time: Nanos, origin: &Origin, command: Command<'_>) {
        if *origin == Origin::OWN {
            self.has_begun |= !is_first(&command);
            if let Command::SessionDown(notice) = command {
                self.presence.take_down(notice.head.session());
            }
        } else {
            self.has_begun = true;
            if let Some(taken) = self.taken.get_mut(origin.link as usize) {
                if taken.made != origin.made {
                    self.presence.strand(origin.link);
                }
                *taken = Taken { made: origin.made, count: origin.count };
            }
            // It was to be applied: else it would not be here.
            let _to_be_applied = self.presence.note(&command, origin.link, origin.generation);
        }
        let mut sink = Collector { presence: &self.presence, unsaid: &mut self.unsaid, link: origin.link };
        self.engine.apply(seq, time, command, &mut sink);
    }
}

/// Whether it is one of those with which a venue without a past begins, if it is the venue's own.
const fn is_first(command: &Command<'_>) -> bool {
    matches!(command, Command::Deposit(_) | Command::SetState(_))
}

/// What the engine said to a command that nobody else hears of.
struct Answer(Reject);

impl Sink for Answer {
    fn event(&mut self, event: Event) {
        if event.reject != Reject::None {
            self.0 = event.reject;
        }
    }

    /// Whoever comes later is told how things stand then.
    fn definition(&mut self, _definition: &Definition) {}
}

/// What may have been left unsaid.
#[derive(Default)]
pub(crate) struct Unsaid {
    pub(crate) links: Vec<Kept>,
    watchers: Watchers,
    published: Option<Published>,
    /// Market data behind that.
    pub(crate) records: Vec<feed::Record>,
}

/// Events of a link that its reader may not have read.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) events: VecDeque<Message>,
    /// How many can have been unread before a command was taken.
    most: usize,
    /// The command that caused the last one.
    seq: SeqNo,
}

impl Kept {
    fn push(&mut self, event: &Event) {
        if self.most == 0 {
            return;
        }
        if event.seq != self.seq {
            self.seq = event.seq;
            let more = self.events.len().saturating_sub(self.most);
            self.events.drain(..more);
        }
        let mut words = [0; EVENT_BYTES / 8];
        words.as_mut_bytes().copy_from_slice(event.as_bytes());
        self.events.push_back(words);
    }
}

/// How far the log of market data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Published {
    /// The command that caused the last record.
    seq: SeqNo,
    /// How many of its records are there.
    there: u64,
}

/// How far `feed` is; `None` if nothing of any command stands in it.
fn published(feed: &Log) -> Result<Option<Published>, ReadError> {
    use feed::Kind;
    let mut reader = feed.reader();
    reader.seek(Start::Oldest)?;
    let mut last: Option<Published> = None;
    while let Some(record) = reader.read()? {
        let Ok(record) = feed::Record::read(record.bytes) else { continue };
        let seq = record.seq;
        match record.kind {
            Kind::Begun => last = None,
            // A book is told of between two commands.
            Kind::BookBegin | Kind::Level | Kind::BookEnd => {
                last = last.filter(|last| last.seq == seq).or(Some(Published { seq, there: 0 }));
            }
            _ => {
                let there = last.filter(|last| last.seq == seq).map_or(0, |last| last.there);
                last = Some(Published { seq, there: there + 1 });
            }
        }
    }
    Ok(last)
}

/// Collects what a command causes.
struct Collector<'a> {
    presence: &'a Presence,
    unsaid: &'a mut Unsaid,
    link: u32,
}

impl Sink for Collector<'_> {
    #[inline]
    fn event(&mut self, mut event: Event) {
        // Who comes is told anew of what is for everybody.
        if self.unsaid.links.is_empty() || event.kind.is_public() {
            return;
        }
        event.out = event.time;
        let (link, mut others) = readers(&event, self.presence, &self.unsaid.watchers, self.link);
        if let Some(kept) = self.unsaid.links.get_mut(link as usize) {
            kept.push(&event);
        }
        while others != 0 {
            if let Some(kept) = self.unsaid.links.get_mut(others.trailing_zeros() as usize) {
                kept.push(&event);
            }
            others &= others - 1;
        }
    }

    fn definition(&mut self, _definition: &Definition) {}

    #[inline]
    fn market_data(&mut self, record: &feed::Record) {
        let Some(published) = &mut self.unsaid.published else { return };
        if record.seq < published.seq {
            return;
        }
        if record.seq == published.seq && published.there > 0 {
            published.there -= 1;
        } else {
            self.unsaid.records.push(*record);
        }
    }
}
