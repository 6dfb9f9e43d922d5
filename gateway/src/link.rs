//! The way to a matcher: a ring of commands there, a ring of events back, and what is known of the other end.

use shm::{Bell, Consumer, Directory, Peer, Producer, Ring, ShmError};
use wire::event::Record;
use zerocopy::{Immutable, IntoBytes};

/// Both rings of one worker and one matcher.
pub struct Link {
    commands: Producer,
    events: Consumer,
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

/// Names of the rings between gateway worker `worker` and the matcher: commands, events.
#[must_use]
pub fn ring_names(worker: u32) -> (String, String) {
    (format!("commands-{worker}"), format!("events-{worker}"))
}

impl Link {
    /// Joins the rings that the matcher has made in `directory`.
    ///
    /// # Errors
    /// Whatever is wrong with them. `Ok(None)` while there is no matcher.
    pub fn join(directory: &Directory, worker: u32, bell: &Bell) -> Result<Option<Link>, ShmError> {
        let (commands, events) = ring_names(worker);
        let rings = Ring::join(directory, &commands).and_then(|c| Ok((c, Ring::join(directory, &events)?)));
        let (commands, events) = match rings {
            Ok((commands, events)) => (commands.producer()?, events.consumer(bell)?),
            Err(ShmError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let matcher = commands.peer_generation();
        Ok((commands.peer() == Peer::Alive).then_some(Link { commands, events, matcher }))
    }

    /// Puts `command` into the ring; `false` if it is full.
    #[must_use]
    pub fn send<C: IntoBytes + Immutable + ?Sized>(&mut self, command: &C) -> bool {
        let Some(mut claim) = self.commands.claim(size_of_val(command)) else { return false };
        claim.copy_from_slice(command.as_bytes());
        claim.commit();
        true
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
