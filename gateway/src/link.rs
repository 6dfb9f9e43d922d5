//! The way to a matcher: a ring of commands there, a ring of events back, and what is known of the other end.

mod shares;

use shm::{Bell, Consumer, Directory, Peer, Producer, Ring, ShmError};
use wire::{
    command::Head,
    event::{Definition, Record},
    limits::EVENT_BYTES,
};
use zerocopy::{Immutable, IntoBytes, TryFromBytes};

use crate::session_store::RingMark;

use shares::Shares;

/// Room that a ring of events may need for one more: the event, padding before it, and their headers.
const FULL_BYTES: usize = 2 * (EVENT_BYTES + 8);

/// What a message takes in a ring besides its bytes: the header before it.
const PLACE_BYTES: usize = 8;

/// Both rings of one worker and one matcher.
pub struct Link {
    commands: Producer,
    commands_made: u64,
    shares: Shares,
    events: Consumer,
    events_made: u64,
    /// The matcher's generation that we have last seen.
    matcher: u32,
}

/// What is found at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matcher {
    /// The matcher that was there before.
    Same,
    /// Another one, which does not know what the former one knew. What stood in the rings it takes up.
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
        let (commands, events) = match rings {
            Ok((commands, events)) => (commands.producer()?, events.consumer(bell)?),
            Err(ShmError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let matcher = commands.peer_generation();
        let (commands_made, events_made) = (commands.ring().made(), events.ring().made());
        let shares = Shares::new(commands.capacity());
        let link = Link { commands, commands_made, shares, events, events_made, matcher };
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

    /// Which event [`Link::event`] gives, for as long as its ring is there: whoever is given it again knows it by this.
    #[must_use]
    pub(crate) fn event_mark(&self) -> RingMark {
        RingMark { made: self.events_made, count: self.events.consumed() + 1 }
    }

    /// Each definition in the ring once, ahead of its turn, and as far as there are any now; what else there is stays
    /// for its turn.
    pub(crate) fn coming_definitions(&mut self, mut learn: impl FnMut(&Definition)) {
        // Twice in a row nothing: the ring begins again in between, or there is no more.
        let mut nothing = 0;
        while nothing < 2 {
            match self.events.coming().map(Record::read) {
                Some(Ok(Record::Definition(definition))) => learn(definition),
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

    /// The next event, if there is one; `Err` with its length for bytes that are none of this version.
    pub fn event(&mut self) -> Option<Result<Record<'_>, usize>> {
        let bytes = self.events.front()?;
        Some(Record::read(bytes).map_err(|_| bytes.len()))
    }

    /// Gives the event's place in the ring back.
    pub fn advance(&mut self) {
        self.events.advance();
    }

    /// What has become of the matcher since this was asked last. Costs system calls: for housekeeping.
    pub fn look(&mut self) -> Matcher {
        if self.commands.peer() != Peer::Alive {
            return Matcher::Away;
        }
        let generation = self.commands.peer_generation();
        let former = std::mem::replace(&mut self.matcher, generation);
        if former == generation { Matcher::Same } else { Matcher::Another }
    }
}
