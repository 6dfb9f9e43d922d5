//! The store beside a plain list of all that happened, and stopped at every one of its stores.

use proptest::prelude::*;

use super::*;

/// Memory that keeps a record of all that was stored in it.
#[derive(Clone)]
struct Logged {
    words: [u64; REGION_WORDS],
    bytes: Vec<u8>,
    log: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    Set(usize, u64),
    Settle,
    Write(usize, Vec<u8>),
}

impl Logged {
    fn new(bytes: usize) -> Logged {
        Logged { words: [0; REGION_WORDS], bytes: vec![0; bytes], log: Vec::new() }
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::Set(at, value) => self.words[*at] = *value,
            Step::Settle => {}
            Step::Write(at, bytes) => self.bytes[*at..at + bytes.len()].copy_from_slice(bytes),
        }
    }

    fn step(&mut self, step: Step) {
        self.apply(&step);
        self.log.push(step);
    }
}

impl Memory for Logged {
    fn word(&self, at: usize) -> u64 {
        self.words[at]
    }

    fn set(&mut self, at: usize, value: u64) {
        self.step(Step::Set(at, value));
    }

    fn settle(&mut self) {
        self.step(Step::Settle);
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn write(&mut self, at: usize, bytes: &[u8]) {
        self.step(Step::Write(at, bytes.to_vec()));
    }
}

fn recovered(memory: Logged, messages_max: usize) -> SessionStore<Logged> {
    let names = Names::new("PENSTOCK", "MM1");
    SessionStore::recover(memory, messages_max, &names, "test").unwrap_or_else(|error| panic!("{error}"))
}

/// Messages, each with its number: whether it was sent again, and its fields; and reports with theirs.
type Messages = (Vec<(u64, bool, Vec<u8>)>, Vec<(u64, Vec<u8>)>);
/// Everything that a store says: numbers, the condition, the last event, the last report, the messages.
type Said = (Numbers, RingMark, RingMark, u64, Messages);

fn said(store: &SessionStore<Logged>) -> Said {
    let mut messages = Vec::new();
    let mut next = 0;
    while let Some(stored) = store.from(next) {
        assert_eq!((stored.msg_type, stored.time), (&b"8"[..], Nanos(stored.seq + 5)));
        messages.push((stored.seq, stored.again, stored.fields.to_vec()));
        next = stored.seq + 1;
    }
    let mut reports = Vec::new();
    next = 0;
    while let Some((appl_seq, stored)) = store.report(next) {
        assert_eq!((stored.msg_type, stored.again), (&b"8"[..], false));
        reports.push((appl_seq, stored.fields.to_vec()));
        next = appl_seq + 1;
    }
    let Record { numbers, command, event, appl_seq, .. } = store.record;
    (numbers, command, event, appl_seq, (messages, reports))
}

#[derive(Clone, Debug)]
enum Op {
    /// A report of the next event, of so many bytes.
    Report(usize),
    /// A report of the first event of a matcher without a past.
    Restart(usize),
    /// A report sent again: the first from this number on.
    Again(u64),
    /// An answer of the gateway's own.
    Answer(usize),
    /// An administrative message.
    Admin,
    /// A message received: its command is about to be in the ring.
    Promise,
    /// A message received and dealt with.
    Received,
    Reset,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        6 => (0_usize..150).prop_map(Op::Report),
        1 => (0_usize..150).prop_map(Op::Restart),
        3 => (0_u64..8).prop_map(Op::Again),
        1 => (0_usize..700).prop_map(Op::Answer),
        1 => Just(Op::Admin),
        2 => Just(Op::Promise),
        2 => Just(Op::Received),
        1 => Just(Op::Reset),
    ];
    prop::collection::vec(op, 1..40)
}

fn fields(seq: u64, len: usize) -> Vec<u8> {
    (seq..).map(|n| n.to_le_bytes()[0]).take(len).collect()
}

fn perform(store: &mut SessionStore<Logged>, op: &Op, place: u64) {
    let Numbers { next_in, next_out } = store.numbers();
    let message = |len| (fields(next_out, len), Numbers { next_in, next_out: next_out + 1 });
    match *op {
        Op::Report(len) | Op::Restart(len) | Op::Answer(len) => {
            // Stores are so large that every report is kept.
            let is_kept = (HEADER + 1 + len).next_multiple_of(8) <= store.capacity();
            if matches!(op, Op::Restart(_)) && !is_kept {
                return;
            }
            if !matches!(op, Op::Answer(_)) {
                let event = RingMark { made: 9, count: place };
                assert!(!store.has_taken(event));
                store.take(event);
                store.number_next(if matches!(op, Op::Restart(_)) { 1 } else { store.last_report() + 1 });
            }
            let (fields, numbers) = message(len);
            let time = Nanos(next_out + 5);
            let stored = Stored { seq: next_out, msg_type: b"8", time, fields: &fields, again: false };
            store.push(stored, numbers);
        }
        Op::Again(from) => {
            let Some(found) = store.report(from).map(|(found, _)| found) else { return };
            let numbers = Numbers { next_in, next_out: next_out + 1 };
            store.push_again(next_out, Nanos(next_out + 5), found, numbers);
        }
        Op::Admin => store.set_numbers(Numbers { next_in, next_out: next_out + 1 }),
        Op::Promise => store.promise(next_in + 1, RingMark { made: 8, count: place }),
        Op::Received => store.set_numbers(Numbers { next_in: next_in + 1, next_out }),
        Op::Reset => store.reset(Numbers::default()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 200 } else { 1000 }))]

    /// Against a list of everything: what is kept is the newest of it, unharmed, and found again.
    #[test]
    fn the_newest_messages_are_kept_whole_and_found_again(
        ops in ops(), messages_max in 0_usize..12, room in 0_usize..80,
    ) {
        let bytes = room * 8;
        let mut store = recovered(Logged::new(bytes), messages_max);
        let (mut all, mut reports) = (Vec::new(), Vec::new());
        for (op, place) in ops.iter().zip(1..) {
            let seq = store.numbers().next_out;
            let before = said(&store);
            perform(&mut store, op, place);
            match *op {
                Op::Report(len) | Op::Restart(len) | Op::Answer(len)
                    if (HEADER + 1 + len).next_multiple_of(8) <= bytes =>
                {
                    all.push((seq, false, fields(seq, len)));
                    match op {
                        Op::Report(_) => reports.push((before.3 + 1, fields(seq, len))),
                        Op::Restart(_) => reports = vec![(1, fields(seq, len))],
                        _ => {}
                    }
                }
                Op::Again(from) => {
                    let report = before.4.1.iter().find(|(number, _)| *number >= from);
                    all.extend(report.map(|(_, fields)| (seq, true, fields.clone())));
                }
                Op::Reset => all.clear(),
                _ => {}
            }
            let after = said(&store);
            let (messages, kept) = &after.4;
            prop_assert!(messages.len() <= messages_max && kept.len() <= messages_max);
            prop_assert!(reports.ends_with(kept), "{kept:?} of {reports:?}");
            // Those sent again are told as long as the report is kept, or at least what was sent lately.
            let told: Vec<_> = messages.iter().filter(|(_, again, _)| !again).collect();
            let sent: Vec<_> = all.iter().filter(|(_, again, _)| !again).collect();
            prop_assert!(sent.ends_with(&told), "{told:?} of {sent:?}");
            prop_assert!(messages.iter().filter(|(_, again, _)| *again).all(|message| all.contains(message)));
            let again = recovered(store.memory.clone(), messages_max);
            prop_assert!(said(&again) == after);
            store = again;
        }
    }

    /// Killed at any store, in the middle of a write, and with later writes made early as far as nothing keeps them
    /// from it: each operation has happened or has not, and no message is other than it was sent.
    #[test]
    fn a_store_that_is_stopped_anywhere_says_what_it_said_before_or_after_an_operation(
        ops in ops(), messages_max in 1_usize..12, room in 6_usize..80, early in any::<u64>(),
    ) {
        let mut store = recovered(Logged::new(room * 8), messages_max);
        let mut states = vec![(store.memory.log.len(), said(&store))];
        for (op, place) in ops.iter().zip(1..) {
            perform(&mut store, op, place);
            states.push((store.memory.log.len(), said(&store)));
        }
        let log = &store.memory.log;
        let mut memory = Logged::new(room * 8);
        for (cut, step) in log.iter().enumerate() {
            let mut torn = memory.clone();
            if let Step::Write(at, bytes) = step {
                torn.apply(&Step::Write(*at, bytes[..bytes.len() / 2].to_vec()));
            }
            for (later, step) in log[cut..].iter().enumerate() {
                match step {
                    Step::Settle => break,
                    Step::Write(..) if early >> (later % 64) & 1 == 1 => torn.apply(step),
                    _ => {}
                }
            }
            let found = said(&recovered(torn, messages_max));
            // The operation in the middle of which we are.
            let at = states.partition_point(|(len, _)| *len <= cut);
            let (before, after) = (&states[at.saturating_sub(1)].1, &states[at.min(states.len() - 1)].1);
            let is = |state: &Said| {
                (found.0, found.1, found.2, found.3) == (state.0, state.1, state.2, state.3)
            };
            // Of what was given up for a message that is not there yet, nothing is told but what was sent.
            let (messages, reports) = &found.4;
            let less = messages.iter().all(|message| before.4.0.contains(message))
                && before.4.1.ends_with(reports);
            prop_assert!(
                is(after) && found.4 == after.4 || is(before) && less,
                "cut at {} of {}: {:?}, between {:?} and {:?}", cut, log.len(), found, before, after
            );
            memory.apply(step);
        }
    }
}

fn mark(made: u64, count: u64) -> RingMark {
    RingMark { made, count }
}

#[test]
fn an_event_is_taken_once_by_whoever_comes() {
    let mut store = recovered(Logged::new(800), 10);
    assert!(!store.has_taken(mark(1, 5)));
    store.take(mark(1, 5));
    let numbers = Numbers { next_in: 1, next_out: 2 };
    store.push(Stored { seq: 1, msg_type: b"8", time: Nanos(6), fields: b"", again: false }, numbers);
    assert!(!store.has_taken(mark(1, 6)));
    store.take(mark(1, 6)); // and killed before its report
    let heir = recovered(store.memory, 10);
    assert!(heir.has_taken(mark(1, 5)));
    assert!(!heir.has_taken(mark(1, 6)));
    assert!(!heir.has_taken(mark(2, 1)), "a ring made anew counts from 1");
}

#[test]
fn a_message_counts_if_its_command_is_in_the_ring() {
    let next_in = |commands: RingMark| {
        let mut store = recovered(Logged::new(800), 10);
        store.promise(2, mark(1, 5));
        let mut heir = recovered(store.memory, 10);
        heir.resolve([commands].into_iter());
        assert_eq!(heir.record.command, RingMark::default());
        heir.numbers().next_in
    };
    assert_eq!(next_in(mark(1, 4)), 1, "killed before it was");
    assert_eq!(next_in(mark(1, 5)), 2);
    assert_eq!(next_in(mark(2, 900)), 1, "gone with the ring, and with the matcher that had it");
}

#[test]
fn a_message_that_was_dealt_with_counts_whatever_becomes_of_the_ring() {
    let mut store = recovered(Logged::new(800), 10);
    store.promise(2, mark(1, 5));
    store.set_numbers(Numbers { next_in: 2, next_out: 1 });
    let mut heir = recovered(store.memory, 10);
    heir.resolve([mark(2, 0)].into_iter());
    assert_eq!(heir.numbers().next_in, 2);
}

mod files {
    use super::*;

    fn stores(place: &tempfile::TempDir, bytes: usize) -> Stores {
        Stores::open(&place.path().join("sessions"), shm::Memory::default(), 100, bytes).unwrap()
    }

    #[test]
    fn a_session_is_found_again_by_the_name_of_its_client() {
        let place = tempfile::tempdir().unwrap();
        let stores = stores(&place, 4000);
        let numbers = Numbers { next_in: 7, next_out: 2 };
        for client in ["MM1", "A/B", "A:B", "an-@-of-two-and-thirty-letters-x"] {
            let mut store = stores.session("fix", "PENSTOCK", client).unwrap();
            let message =
                Stored { seq: 1, msg_type: b"8", time: Nanos(1), fields: client.as_bytes(), again: false };
            store.push(message, numbers);
        }
        for client in ["MM1", "A/B", "A:B", "an-@-of-two-and-thirty-letters-x"] {
            let store = stores.session("fix", "PENSTOCK", client).unwrap();
            assert_eq!(store.numbers(), numbers);
            assert_eq!(store.from(0).unwrap().fields, client.as_bytes());
        }
        assert!(place.path().join("sessions/fix-MM1").is_file());
    }

    #[test]
    fn a_store_that_is_not_ours_to_use_is_refused_with_what_to_do() {
        let place = tempfile::tempdir().unwrap();
        let mut held = stores(&place, 4000).session("fix", "PENSTOCK", "MM1").unwrap();
        held.set_numbers(Numbers { next_in: 2, next_out: 2 });
        let refused = |bytes, venue, client| {
            stores(&place, bytes).session("fix", venue, client).err().unwrap().to_string()
        };
        let text = refused(4000, "PENSTOCK", "MM1");
        assert!(text.contains("alive") && text.contains(&std::process::id().to_string()), "{text}");
        drop(held);
        let text = refused(8000, "PENSTOCK", "MM1");
        assert!(text.contains("8096 bytes") && text.contains("12096 are"), "{text}");
        assert!(text.contains("configure the old size") && text.contains("begin at 1"), "{text}");
        let text = refused(4000, "OTHER", "MM1");
        assert!(text.contains("MM1 with PENSTOCK, not of MM1 with OTHER"), "{text}");
    }

    #[test]
    fn a_damaged_store_is_refused_and_not_believed() {
        let damage = |at, value| {
            let mut store = recovered(Logged::new(800), 10);
            for seq in 1..4 {
                let message =
                    Stored { seq, msg_type: b"8", time: Nanos(seq + 5), fields: &[7; 20], again: false };
                store.push(message, Numbers { next_in: 1, next_out: seq + 1 });
            }
            let mut memory = store.memory;
            memory.bytes[at] = value;
            SessionStore::recover(memory, 10, &Names::new("PENSTOCK", "MM1"), "test").is_err()
        };
        assert!(!damage(HEADER + 1, 9), "what stands in a message is the session's");
        assert!(damage(0, 9), "a number above the next one");
        assert!(damage(16, 200), "a type longer than its message");
        assert!(damage(20, 255), "a message longer than all");
        assert!(damage(56, 1), "a number that goes back");
    }
}
