//! Whether the way to the matcher fills up, so that clients can be told before anything is refused for it.

use crate::link::Link;

/// How often it is looked whether there is room again, in nanoseconds.
const LOOK_NS: u64 = 10_000_000;
/// How long it lasts at least, so that clients are told of a few changes a second at most.
const LASTS_NS: u64 = 100_000_000;

/// From three quarters of the ring of commands on the venue is busy, until no more than a quarter of it waits.
#[derive(Debug, Default)]
pub(crate) struct Pressure {
    busy: bool,
    /// When it is looked at next whether it still is.
    look: u64,
    /// How often it has come to that.
    pub(crate) times: u64,
}

impl Pressure {
    /// Whether the venue is busy.
    pub(crate) const fn is_busy(&self) -> bool {
        self.busy
    }

    /// Looks at the ring; whether that has changed. Without pressure a comparison with what the ring's last look has shown.
    #[inline]
    pub(crate) fn turn(&mut self, now: u64, link: &mut Link) -> bool {
        if self.busy {
            now >= self.look && self.ends(now, link)
        } else {
            link.may_be_filling() && self.begins(now, link)
        }
    }

    #[cold]
    fn begins(&mut self, now: u64, link: &mut Link) -> bool {
        let (waiting, capacity) = link.commands_waiting();
        if 4 * waiting < 3 * capacity {
            return false;
        }
        (self.busy, self.look) = (true, now.saturating_add(LASTS_NS));
        self.times += 1;
        tracing::warn!(
            waiting,
            capacity,
            "the ring of commands fills up: the matcher does not keep up, and clients are told"
        );
        true
    }

    #[cold]
    fn ends(&mut self, now: u64, link: &mut Link) -> bool {
        self.look = now.saturating_add(LOOK_NS);
        let (waiting, capacity) = link.commands_waiting();
        self.busy = 4 * waiting > capacity;
        if !self.busy {
            tracing::info!(waiting, capacity, "the ring of commands has room again");
        }
        !self.busy
    }
}

#[cfg(test)]
mod tests {
    use shm::{Bell, Consumer, Directory, Ring};
    use wire::{
        command::{Head, Kind, SessionNotice},
        types::{AccountId, InstrumentId, Nanos, SessionId},
    };

    use super::*;
    use crate::link::{made::all_is_durable, ring_names};

    const RING: usize = 1 << 16;

    /// Sessions in turns, as none may fill the ring alone.
    fn command(number: usize) -> SessionNotice {
        let session = SessionId(u32::try_from(number % 100).unwrap());
        SessionNotice {
            head: Head::new(Kind::SessionUp, session, AccountId(0), InstrumentId(0), 0, Nanos(0)),
        }
    }

    fn rings() -> (tempfile::TempDir, Directory, Consumer, Link) {
        let place = tempfile::tempdir_in("/dev/shm").unwrap();
        let directory = Directory::open(&place.path().join("rings")).unwrap();
        let bell = Bell::create(&directory, "matcher").unwrap();
        let (commands, events) = ring_names(0, 0);
        let commands = Ring::create(&directory, &commands, RING).unwrap().consumer(&bell).unwrap();
        let _events = Ring::create(&directory, &events, RING).unwrap().producer().unwrap();
        all_is_durable(&directory);
        let ours = Bell::create(&directory, "gateway").unwrap();
        let link = Link::join(&directory, 0, 0, &ours).unwrap().unwrap();
        (place, directory, commands, link)
    }

    #[test]
    fn it_begins_at_three_quarters_before_the_ring_is_full_and_ends_at_one() {
        let (_place, _directory, mut commands, mut link) = rings();
        let mut pressure = Pressure::default();
        let mut sent = 0;
        while !pressure.turn(1, &mut link) {
            assert!(link.send(&command(sent)), "it is told before anything is refused");
            sent += 1;
        }
        assert!(pressure.is_busy() && sent * size_of::<SessionNotice>() > RING / 2);
        while link.send(&command(sent)) {
            sent += 1;
        }
        assert!(!pressure.turn(LASTS_NS, &mut link), "it lasts for a while");
        let mut taken = 0;
        let mut now = LASTS_NS + 1;
        while !pressure.turn(now, &mut link) {
            assert!(commands.front().is_some());
            commands.advance();
            commands.release();
            taken += 1;
            now += LOOK_NS;
        }
        assert!(!pressure.is_busy() && taken * size_of::<SessionNotice>() > RING / 2);
        assert_eq!(pressure.times, 1);
    }

    #[test]
    fn a_matcher_that_keeps_up_is_never_under_pressure() {
        let (_place, _directory, mut commands, mut link) = rings();
        let mut pressure = Pressure::default();
        for now in 0..10_000 {
            assert!(link.send(&command(0)));
            assert!(commands.front().is_some());
            commands.advance();
            assert!(!pressure.turn(now, &mut link));
        }
    }
}
