//! A link beside what a matcher and its journal do: nothing leaves too early, nothing twice, and nothing is left behind.

use proptest::prelude::*;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fd::AsFd,
};
use shm::{Bed, LogWriter};
use wire::{
    command::InstrumentTerms,
    durable::{Durable, State},
    event::{Cause, Liquidity},
    reject::Reject,
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderStatus, OrderType, SessionId, Side,
        Ticks, TimeInForce, TradeId, TradingState,
    },
};
use zerocopy::FromZeros;

use super::{
    made::{durable_log, say},
    *,
};

fn event(seq: u64, event_id: u64) -> Event {
    Event {
        kind: Kind::Accepted,
        side: Side::Buy,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Day,
        status: OrderStatus::New,
        cause: Cause::None,
        liquidity: Liquidity::None,
        flags: 0,
        session: SessionId(0),
        account: AccountId(0),
        instrument: InstrumentId(0),
        reject: Reject::None,
        state: TradingState::Continuous,
        by: 0,
        seq: SeqNo(seq),
        event_id,
        appl_seq: 0,
        msg_seq: 0,
        time: Nanos(0),
        rx: Nanos(0),
        out: Nanos(seq),
        order_id: OrderId(0),
        trade_id: TradeId(0),
        price: Ticks(0),
        quantity: Lots(0),
        leaves: Lots(0),
        cum: Lots(0),
        cum_notional: [0; 2],
        last_price: Ticks(0),
        last_quantity: Lots(0),
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(0),
        fee: 0,
        cl_ord_id: ClOrdId::NONE,
        orig_cl_ord_id: ClOrdId::NONE,
    }
}

/// Of what there is as of the command `as_of`, whichever brought it about.
fn definition(as_of: u64) -> Definition {
    Definition {
        kind: Kind::Account,
        state: TradingState::Continuous,
        credit: 0,
        entitled: 0,
        instrument: InstrumentId(0),
        account: AccountId(0),
        session: SessionId(u32::MAX),
        seq: SeqNo(0),
        as_of: SeqNo(as_of),
        name: [0; 32],
        terms: InstrumentTerms::new_zeroed(),
        last: 0,
        reserved: [0; 6],
    }
}

/// A matcher's ends.
struct Venue {
    events: Producer,
    _commands: Consumer,
    durable: LogWriter,
    bell: Bell,
    directory: Directory,
    _place: tempfile::TempDir,
}

impl Venue {
    fn new() -> Venue {
        let place = tempfile::tempdir_in("/dev/shm").unwrap();
        let directory = Directory::open(&place.path().join("rings")).unwrap();
        let matcher = Bell::create(&directory, "matcher").unwrap();
        let (commands, events) = ring_names(0, 0);
        Venue {
            events: Ring::create(&directory, &events, 1 << 18).unwrap().producer().unwrap(),
            _commands: Ring::create(&directory, &commands, 1 << 16).unwrap().consumer(&matcher).unwrap(),
            durable: durable_log(&directory),
            bell: Bell::create(&directory, "gateway").unwrap(),
            directory,
            _place: place,
        }
    }

    fn join(&self) -> Link {
        Link::join(&self.directory, 0, 0, &self.bell).unwrap().expect("a matcher")
    }

    fn durable(&mut self, history: u64, seq: u64) {
        say(&mut self.durable, history, SeqNo(seq), State::Going);
    }

    fn put(&mut self, message: &(impl IntoBytes + Immutable)) {
        let mut claim = self.events.claim(EVENT_BYTES).expect("room");
        claim.copy_from_slice(message.as_bytes());
        claim.commit();
        self.events.flush();
    }

    fn begin(&mut self, history: u64, former: u64) {
        self.put(&Event { kind: Kind::Begun, ..event(0, 0) }.with_histories(history, former));
    }
}

/// What is given next: an event's identifier, or 0.
fn next(link: &mut Link) -> Option<u64> {
    let given = match link.event()?.expect("of this version") {
        Record::Event(event) => event.event_id,
        Record::Definition(_) => 0,
    };
    link.advance();
    Some(given)
}

fn all(link: &mut Link) -> Vec<u64> {
    std::iter::from_fn(|| next(link)).collect()
}

#[test]
fn an_event_and_all_behind_it_wait_until_its_command_is_durable() {
    let mut venue = Venue::new();
    venue.durable(7, 1);
    let mut link = venue.join();
    for (seq, id) in [(1, 1), (3, 2), (3, 3), (4, 4)] {
        venue.put(&event(seq, id));
    }
    // What tells of no command waits in its turn.
    venue.put(&Event { kind: Kind::CutOff, ..event(0, 0) });
    assert_eq!(all(&mut link), [1]);
    venue.durable(7, 2);
    assert_eq!(all(&mut link), []);
    let held = link.held(103);
    assert_eq!((held.events, held.since_ns, held.failed), (4, 100, false));
    venue.durable(7, 3);
    assert_eq!(all(&mut link), [2, 3]);
    venue.durable(7, 9);
    assert_eq!(all(&mut link), [4, 0]);
    assert_eq!(link.held(9), Held::default());
}

#[test]
fn a_definition_waits_for_all_that_it_tells_of_and_is_not_learnt_ahead_of_that() {
    let mut venue = Venue::new();
    venue.durable(7, 4);
    let mut link = venue.join();
    for as_of in [3, 5, 4] {
        venue.put(&definition(as_of));
    }
    let learnt = |link: &mut Link| {
        let mut learnt = Vec::new();
        link.coming_definitions(|definition| learnt.push(definition.as_of.0));
        learnt
    };
    assert_eq!(learnt(&mut link), [3]);
    assert_eq!(all(&mut link).len(), 1);
    venue.durable(7, 5);
    assert_eq!(learnt(&mut link), [5, 4], "those that were passed by come, too");
    assert_eq!(all(&mut link).len(), 2);
}

#[test]
fn nothing_waits_where_nothing_is_to_be_durable() {
    let mut venue = Venue::new();
    assert!(Link::join(&venue.directory, 0, 0, &venue.bell).unwrap().is_none(), "it is not known yet");
    venue.durable(7, Durable::EVERYTHING.0);
    let mut link = venue.join();
    venue.put(&event(u64::MAX - 1, 1));
    venue.put(&definition(12));
    assert_eq!(all(&mut link), [1, 0]);
}

#[test]
fn a_journal_that_failed_lets_nothing_more_out() {
    let mut venue = Venue::new();
    venue.durable(7, 1);
    let mut link = venue.join();
    venue.put(&event(1, 1));
    venue.put(&event(2, 2));
    say(&mut venue.durable, 7, SeqNo(1), State::Failed);
    assert_eq!(all(&mut link), [1]);
    assert!(link.has_failed() && link.held(0).failed);
    // The matcher was started again, on another disk.
    venue.durable(7, 2);
    assert_eq!(all(&mut link), [2]);
    assert!(!link.has_failed());
}

#[test]
fn events_that_come_again_are_passed_over() {
    let mut venue = Venue::new();
    venue.durable(7, 1);
    let mut link = venue.join();
    for (seq, id) in [(1, 1), (1, 2), (2, 3)] {
        venue.put(&event(seq, id));
    }
    assert_eq!(all(&mut link), [1, 2]);
    // The matcher was killed, and its heir says what may have been left unsaid.
    for (seq, id) in [(1, 2), (2, 3), (3, 4)] {
        venue.put(&event(seq, id));
    }
    venue.durable(7, 3);
    assert_eq!(all(&mut link), [3, 4]);
    assert_eq!(link.held(0).repeated, 2);
}

#[test]
fn another_history_begins_where_the_ring_says_so() {
    let mut venue = Venue::new();
    venue.durable(7, 2);
    let mut link = venue.join();
    for (seq, id) in [(1, 1), (2, 2), (3, 3)] {
        venue.put(&event(seq, id));
    }
    assert_eq!((next(&mut link), link.history()), (Some(1), 7));
    // A matcher comes that knows nothing of all this. What was durable was so.
    venue.begin(8, 7);
    venue.put(&event(1, 1));
    venue.put(&event(2, 2));
    venue.durable(8, 0);
    assert_eq!((next(&mut link), link.history()), (Some(2), 7));
    assert_eq!((next(&mut link), link.history()), (Some(0), 8), "that it begins");
    assert_eq!(link.held(0).lost, 1, "what was not durable is no more");
    assert_eq!(all(&mut link), []);
    venue.durable(8, 2);
    assert_eq!((all(&mut link), link.history()), (vec![1, 2], 8));
}

#[test]
fn another_history_is_not_begun_before_it_is_known_how_far_it_is_durable() {
    let mut venue = Venue::new();
    venue.durable(7, 9);
    let mut link = venue.join();
    venue.begin(8, 7);
    venue.put(&event(1, 1));
    assert_eq!(all(&mut link), [], "of the former history this would be durable");
    venue.durable(8, 1);
    assert_eq!(all(&mut link), [0, 1]);
}

#[test]
fn a_gateway_that_comes_later_knows_of_which_history_each_event_is() {
    let mut venue = Venue::new();
    venue.durable(7, 2);
    drop(venue.join());
    venue.put(&event(2, 40));
    venue.put(&event(3, 41));
    venue.begin(8, 7);
    venue.put(&event(1, 1));
    venue.durable(8, 1);
    let mut link = venue.join();
    assert_eq!((next(&mut link), link.history()), (Some(40), 7));
    assert_eq!((next(&mut link), link.history()), (Some(0), 8));
    assert_eq!((next(&mut link), link.history()), (Some(1), 8));
    drop(link);
    assert_eq!(venue.join().history(), 8, "as the log says");
}

/// The thread arms its bell, looks once more, and sleeps: a commit between the look and the sleep wakes it.
#[test]
fn a_thread_that_sleeps_while_events_are_held_is_woken_when_they_may_leave() {
    let mut venue = Venue::new();
    venue.durable(7, 1);
    let mut link = venue.join();
    let is_woken = |bell: &Bell| {
        let fd = bell.fd();
        let mut fds = [PollFd::from_borrowed_fd(fd.as_fd(), PollFlags::IN)];
        let woken = poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap() == 1;
        bell.drain_fd();
        bell.disarm();
        woken
    };
    for seq in (2..200).step_by(2) {
        venue.put(&event(seq, seq));
        venue.bell.arm(Bed::Fd);
        assert_eq!(next(&mut link), None, "nothing to do, however often it looks");
        assert_eq!(next(&mut link), None);
        venue.durable(7, seq);
        assert!(is_woken(&venue.bell), "by commit {seq}");
        assert_eq!(next(&mut link), Some(seq));
        // What came before it was armed rings no bell, and is found by the look.
        venue.put(&event(seq, seq + 1));
        venue.durable(7, seq);
        venue.bell.arm(Bed::Fd);
        assert_eq!(next(&mut link), Some(seq + 1));
        assert!(!is_woken(&venue.bell));
    }
}

#[test]
fn a_reader_that_was_away_while_the_log_was_overwritten_has_all_it_needs_in_its_last_record() {
    let mut venue = Venue::new();
    venue.durable(7, 0);
    let mut link = venue.join();
    for seq in 1..10_000 {
        venue.durable(7, seq);
    }
    venue.put(&event(9_999, 1));
    venue.put(&event(10_000, 2));
    assert_eq!(all(&mut link), [1]);
}

#[derive(Clone, Debug)]
enum Op {
    /// A command with so many events.
    Command(u8),
    /// A definition as of the last command.
    Define,
    /// So many of the commands that are not durable become so.
    Durable(u8),
    /// The matcher is killed, and its heir of the same history sends so many of the last events again.
    Restart(u8),
    /// It is killed, and what comes knows nothing of it.
    Forget,
    /// The gateway reads so many.
    Read(u8),
    /// Another gateway comes, and reads on.
    Rejoin,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        6 => (0_u8..4).prop_map(Op::Command),
        1 => Just(Op::Define),
        4 => (1_u8..6).prop_map(Op::Durable),
        1 => (0_u8..8).prop_map(Op::Restart),
        1 => Just(Op::Forget),
        4 => (1_u8..10).prop_map(Op::Read),
        1 => Just(Op::Rejoin),
    ];
    prop::collection::vec(op, 1..120)
}

/// Reads up to `most` records, of histories that are durable up to `ends`. What it finds again after another gateway's end, as a
/// session knows by its own mark, is not among those `given`.
fn read(link: &mut Link, most: usize, given: &mut Vec<(u64, u64)>, ends: &[u64]) {
    for _ in 0..most {
        let history = link.history();
        let end = ends[usize::try_from(history).unwrap() - 1];
        match link.event() {
            None => return,
            Some(Ok(Record::Event(event))) if event.event_id > 0 => {
                assert!(event.seq.0 <= end, "{event:?} of {history}");
                if given.last().is_none_or(|&last| last < (history, event.event_id)) {
                    given.push((history, event.event_id));
                }
            }
            Some(Ok(Record::Event(event))) => assert_eq!(event.kind, Kind::Begun),
            Some(Ok(Record::Definition(definition))) => assert!(definition.as_of.0 <= end, "of {history}"),
            Some(Err(_)) => unreachable!("all are of this version"),
        }
        link.advance();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 60 } else { 500 }))]

    /// Whatever happens, in any order: each event that becomes durable is given once, in its order, after that; no other is.
    #[test]
    fn each_event_is_given_once_and_only_when_it_is_durable(ops in ops()) {
        let mut venue = Venue::new();
        let (mut history, mut seq, mut id, mut durable) = (1_u64, 0_u64, 0_u64, 0_u64);
        venue.durable(history, 0);
        let mut link = venue.join();
        // Of each history its events with their commands, and how far it was durable when it ended.
        let mut said = vec![Vec::<(u64, u64)>::new()];
        let mut ends = Vec::new();
        let mut given = Vec::new();
        for op in ops {
            match op {
                Op::Command(events) => {
                    seq += 1;
                    for _ in 0..events {
                        id += 1;
                        venue.put(&event(seq, id));
                        said.last_mut().unwrap().push((seq, id));
                    }
                }
                Op::Define => venue.put(&definition(seq)),
                Op::Durable(more) => {
                    durable = seq.min(durable + u64::from(more));
                    venue.durable(history, durable);
                }
                Op::Restart(again) => {
                    let of_this = said.last().unwrap();
                    for &(seq, id) in &of_this[of_this.len().saturating_sub(again.into())..] {
                        venue.put(&event(seq, id));
                    }
                }
                Op::Forget => {
                    ends.push(durable);
                    said.push(Vec::new());
                    venue.begin(history + 1, history);
                    (history, seq, id, durable) = (history + 1, 0, 0, 0);
                    venue.durable(history, 0);
                }
                Op::Read(most) => read(&mut link, most.into(), &mut given, &[&ends[..], &[durable]].concat()),
                Op::Rejoin => {
                    drop(link);
                    link = venue.join();
                }
            }
        }
        venue.durable(history, seq);
        ends.push(seq);
        read(&mut link, usize::MAX, &mut given, &ends);
        let expected: Vec<(u64, u64)> = (1..)
            .zip(said.iter().zip(&ends))
            .flat_map(|(history, (said, end))| {
                said.iter().filter(move |(seq, _)| seq <= end).map(move |&(_, id)| (history, id))
            })
            .collect();
        prop_assert_eq!(given, expected);
    }
}
