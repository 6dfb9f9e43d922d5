//! The way to a matcher: a ring of commands there, a ring of events back, and what is known of the other end.

mod shares;
#[cfg(test)]
mod tests;

use shm::{Bell, Consumer, Directory, Peer, Producer, Ring, ShmError};
use tracing::{error, info};
use wire::{
    command::Head,
    event::{Definition, Event, Kind, Outline, Record},
    limits::EVENT_BYTES,
    types::SeqNo,
};
use zerocopy::{Immutable, IntoBytes, TryFromBytes};

use crate::{
    gate::{Gate, Held},
    session_store::RingMark,
};

use shares::Shares;

/// Room that an event takes in a ring, with its header.
const EVENT_ROOM: usize = EVENT_BYTES + PLACE_BYTES;
/// Room that a ring of events may need for one more: the event, padding before it, and their headers.
const FULL_BYTES: usize = 2 * EVENT_ROOM;

/// What a message takes in a ring besides its bytes: the header before it.
const PLACE_BYTES: usize = 8;

/// Both rings of one worker and one matcher.
pub struct Link {
    commands: Producer,
    commands_made: u64,
    shares: Shares,
    events: Consumer,
    gate: Gate,
    /// The history of the events that come.
    history: u64,
    /// [`Event::event_id`] of the last one of it that was given, and of the one that is given now.
    last: u64,
    given: u64,
    /// Events that were passed over since they had come before, and those that can leave no more.
    repeated: u64,
    lost: u64,
    /// The matcher's generation that we have last seen.
    matcher: u32,
}

/// What is found at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matcher {
    /// The matcher that was there before.
    Same,
    /// Another one. Whether it knows what the former one knew is said by [`wire::event::Kind::Begun`], which it does not send if it does.
    /// What stood in the ring of commands it takes up.
    Another,
    /// None. What is in the rings stays there.
    Away,
}

/// Name of the log in which the matcher publishes market data, before [`of_shard`].
pub const FEED: &str = "feed";
/// Name, likewise, of the log of [`wire::durable::Durable`] in which it is said how far the matcher's commands are durable. It is there
/// before the rings are, and has a record then.
pub const DURABLE: &str = "durable";

/// What `name` becomes for one of several shards, be it a ring, a log, a lock or a directory: itself for the first, so that a
/// venue of one shard has plain names.
#[must_use]
pub fn of_shard(name: &str, shard: u8) -> String {
    if shard == 0 { name.to_owned() } else { format!("{name}-shard-{shard}") }
}

/// Names of the rings between gateway worker `worker` and the matcher of `shard`: commands, events.
#[must_use]
pub fn ring_names(shard: u8, worker: u32) -> (String, String) {
    (of_shard(&format!("commands-{worker}"), shard), of_shard(&format!("events-{worker}"), shard))
}

impl Link {
    /// Joins the rings that the matcher of `shard` has made for `worker` in `directory`.
    ///
    /// # Errors
    /// Whatever is wrong with them. `Ok(None)` while there is no matcher.
    pub fn join(
        directory: &Directory,
        shard: u8,
        worker: u32,
        bell: &Bell,
    ) -> Result<Option<Link>, ShmError> {
        let (commands, events) = ring_names(shard, worker);
        let rings = Ring::join(directory, &commands).and_then(|c| Ok((c, Ring::join(directory, &events)?)));
        let (commands, mut events) = match rings {
            Ok((commands, events)) => (commands.producer()?, events.consumer(bell)?),
            Err(ShmError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        // The first, so that no history can begin unseen between a look at the ring and a look here.
        let Some(mut gate) = Gate::join(directory, shard, bell)? else { return Ok(None) };
        let matcher = commands.peer_generation();
        let commands_made = commands.ring().made();
        let shares = Shares::new(commands.capacity());
        let history = first_history(&mut events, &mut gate).unwrap_or(gate.history());
        let link = Link {
            commands,
            commands_made,
            shares,
            events,
            gate,
            history,
            last: 0,
            given: 0,
            repeated: 0,
            lost: 0,
            matcher,
        };
        Ok((link.commands.peer() == Peer::Alive).then_some(link))
    }

    /// Puts `command` into the ring; `false` if it is full, or if its session has more waiting there than its share.
    ///
    /// # Panics
    /// If the command does not begin with a [`Head`].
    #[must_use]
    pub fn send<C: IntoBytes + Immutable + ?Sized>(&mut self, command: &C) -> bool {
        let bytes = command.as_bytes();
        let (head, _) = Head::try_ref_from_prefix(bytes).expect("a command begins with its head");
        let capacity = self.commands.capacity();
        if !shares::suffices(self.commands.depth_bound(), capacity)
            && !self.shares.has_room(head, self.commands.depth(), capacity)
        {
            return false;
        }
        let Some(mut claim) = self.commands.claim(bytes.len()) else { return false };
        claim.copy_from_slice(bytes);
        claim.commit();
        self.shares.put(head, bytes.len() + PLACE_BYTES);
        true
    }

    /// Where the ring of commands will be once `more` have been put in.
    #[must_use]
    pub(crate) fn commands(&self, more: u64) -> RingMark {
        RingMark { made: self.commands_made, count: self.commands.committed() + more }
    }

    /// When the ring of commands was made.
    #[must_use]
    pub(crate) const fn commands_made(&self) -> u64 {
        self.commands_made
    }

    /// The history of the event that [`Link::event`] gives next, if it gives one.
    #[inline]
    #[must_use]
    pub(crate) const fn history(&self) -> u64 {
        self.history
    }

    /// Each definition in the ring that may leave the venue, at least once, ahead of its turn, and as far as there are any now; what
    /// else there is stays for its turn.
    pub(crate) fn coming_definitions(&mut self, mut learn: impl FnMut(&Definition)) {
        let mut history = self.history;
        // Twice in a row nothing: the ring begins again in between, or there is no more.
        let mut nothing = 0;
        while nothing < 2 {
            match self.events.coming().map(Record::read) {
                Some(Ok(Record::Definition(definition))) if self.gate.lets(history, definition.as_of) => {
                    learn(definition);
                }
                // What may leave later is looked at again then, and nothing behind it before.
                Some(Ok(Record::Definition(definition))) if !self.gate.is_lost(history, definition.as_of) => {
                    self.events.look_again();
                    return;
                }
                Some(Ok(Record::Event(event))) if event.kind == Kind::Begun => history = event.histories()[0],
                Some(_) => nothing = 0,
                None => nothing += 1,
            }
        }
    }

    /// Whether the ring of events is so full that the matcher may not be able to put in even one more.
    pub(crate) fn is_full(&self) -> bool {
        self.events.capacity() - self.events.depth() < FULL_BYTES
    }

    /// Whether three quarters of the ring of commands may be taken: not so if this says no.
    #[inline]
    pub(crate) fn may_be_filling(&self) -> bool {
        4 * self.commands.depth_bound() >= 3 * self.commands.capacity()
    }

    /// Bytes that wait in the ring of commands, and of how many.
    pub(crate) fn commands_waiting(&mut self) -> (usize, usize) {
        (self.commands.depth(), self.commands.capacity())
    }

    /// Wakes the matcher if it sleeps and has something to do.
    pub fn flush(&mut self) {
        self.commands.flush();
    }

    /// The next event that has not come before, if there is one and all that it tells of is durable; `Err` with its length for
    /// bytes that are none of this version.
    #[inline]
    pub fn event(&mut self) -> Option<Result<Record<'_>, usize>> {
        if !self.has_event() {
            return None;
        }
        let bytes = self.events.front()?;
        Some(Record::read(bytes).map_err(|_| bytes.len()))
    }

    /// Passes over what was given before and what may leave no more.
    #[inline]
    fn has_event(&mut self) -> bool {
        loop {
            let Some(bytes) = self.events.front() else { return false };
            let Outline { seq, event_id, begins } = Outline::of(bytes);
            if begins {
                self.begin_history();
            }
            if self.gate.lets(self.history, seq) {
                if event_id == 0 || event_id > self.last {
                    self.given = event_id;
                    return true;
                }
                self.is_repeated(event_id);
            } else if !self.is_lost(event_id, seq) {
                return false;
            }
            self.events.advance();
        }
    }

    /// What is in front says that another history begins.
    #[cold]
    fn begin_history(&mut self) {
        let Some(bytes) = self.events.front() else { return };
        if let Ok(event) = Event::read(bytes) {
            let [history, former] = event.histories();
            if history != former {
                (self.history, self.last) = (history, 0);
            }
        }
    }

    /// The event in front has come before.
    #[cold]
    fn is_repeated(&mut self, event: u64) {
        if self.repeated == 0 {
            info!(event, "events come again, from a matcher that was started again: they are passed over");
        }
        self.repeated += 1;
    }

    /// Whether what is in front, and tells of the command `seq`, can leave no more, since its history has ended without that.
    #[cold]
    fn is_lost(&mut self, event: u64, seq: SeqNo) -> bool {
        if !self.gate.is_lost(self.history, seq) {
            return false;
        }
        if self.lost == 0 {
            error!(
                event,
                seq = seq.0,
                "events were not durable when their history ended, and the matcher that is there now knows nothing of them: \
                 they are dropped"
            );
        }
        self.lost += 1;
        true
    }

    /// Gives the event's place in the ring back.
    #[inline]
    pub fn advance(&mut self) {
        self.last = self.last.max(self.given);
        self.events.advance();
    }

    /// What may leave of what the matcher says elsewhere.
    pub const fn gate(&mut self) -> &mut Gate {
        &mut self.gate
    }

    /// Whether the matcher's journal has failed: nothing more becomes durable until it is started again.
    #[inline]
    pub(crate) fn has_failed(&self) -> bool {
        self.gate.has_failed()
    }

    /// What waits for its commands to become durable at `now`, the time of the thread's clock.
    pub(crate) fn held(&mut self, now: u64) -> Held {
        self.gate.look();
        let passed = Held {
            repeated: self.repeated,
            lost: self.lost,
            failed: self.gate.has_failed(),
            ..Held::default()
        };
        if self.has_event() {
            return passed;
        }
        let since_ns = match self.events.front().map(Record::read) {
            None => return passed,
            Some(Ok(Record::Event(event))) => now.saturating_sub(event.out.0),
            Some(_) => 0,
        };
        Held { events: (self.events.depth() / EVENT_ROOM) as u64, since_ns, ..passed }
    }

    /// What has become of the matcher since this was asked last. Costs system calls: for housekeeping.
    pub fn look(&mut self) -> Matcher {
        self.gate.look();
        if self.commands.peer() != Peer::Alive {
            return Matcher::Away;
        }
        let generation = self.commands.peer_generation();
        let former = std::mem::replace(&mut self.matcher, generation);
        if former == generation { Matcher::Same } else { Matcher::Another }
    }
}

/// The history of the first events in a ring that says of others that they are of another one; `None` where it does not. `gate`
/// hears of all that ended there.
fn first_history(events: &mut Consumer, gate: &mut Gate) -> Option<u64> {
    // Twice in a row nothing: see `coming_definitions`.
    let (mut nothing, mut first) = (0, None);
    while nothing < 2 {
        match events.coming() {
            Some(bytes) if Outline::of(bytes).begins => {
                if let Ok(event) = Event::read(bytes) {
                    let [_, former] = event.histories();
                    gate.has_ended(former);
                    first = first.or(Some(former));
                }
                nothing = 0;
            }
            Some(_) => nothing = 0,
            None => nothing += 1,
        }
    }
    events.look_again();
    first
}

/// What a matcher makes, for tests.
#[cfg(test)]
pub(crate) mod made {
    use shm::{Directory, Log, LogWriter};
    use wire::{
        durable::{Durable, State},
        limits::DURABLE_LOG_BYTES,
        types::SeqNo,
    };
    use zerocopy::IntoBytes;

    use super::DURABLE;

    /// The log that says how far commands are durable, empty.
    pub(crate) fn durable_log(directory: &Directory) -> LogWriter {
        Log::create(directory, DURABLE, DURABLE_LOG_BYTES, size_of::<Durable>()).unwrap().writer().unwrap()
    }

    pub(crate) fn say(log: &mut LogWriter, history: u64, seq: SeqNo, state: State) {
        log.append(Durable { history, seq, state }.as_bytes());
        log.flush();
    }

    /// Nothing is waited for.
    pub(crate) fn all_is_durable(directory: &Directory) {
        say(&mut durable_log(directory), 1, Durable::EVERYTHING, State::Going);
    }
}
