//! The store beside a plain list of all that happened, and stopped at every one of its stores.

use proptest::prelude::*;
use shm::REGION_WORDS;

use super::{record::SHARDS, *};

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
    SessionStore::recover(memory, messages_max, 2, &names, "test").unwrap_or_else(|error| panic!("{error}"))
}

/// Messages, each with its number: whether it was sent again, and its fields; and reports with their shard and number.
type Messages = (Vec<(u64, bool, Vec<u8>)>, Vec<(usize, u64, Vec<u8>)>);

/// Everything that a store says.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    numbers: Numbers,
    /// What the last message is counted on condition of.
    condition: Option<(usize, u64, u64)>,
    /// Of each shard the last event and the last report.
    events: [(u64, u64, u64); SHARDS],
    /// The last message sent, the last one answered, and the ring of that.
    commands: [(u64, u64, u64); SHARDS],
    messages: Messages,
}

fn said(store: &SessionStore<Logged>) -> Said {
    let mut messages = Vec::new();
    let mut next = 0;
    while let Some(stored) = store.from(next) {
        assert_eq!((stored.msg_type, stored.time), (&b"8"[..], Nanos(stored.seq + 5)));
        messages.push((stored.seq, stored.again, stored.fields.to_vec()));
        next = stored.seq + 1;
    }
    let mut reports = Vec::new();
    for shard in 0..SHARDS {
        next = 0;
        while let Some((appl_seq, stored)) = store.report(shard, next) {
            assert_eq!((stored.msg_type, stored.again), (&b"8"[..], false));
            reports.push((shard, appl_seq, stored.fields.to_vec()));
            next = appl_seq + 1;
        }
    }
    let Record { numbers, shard, count, heard, .. } = store.record;
    Said {
        numbers,
        condition: (count > 0).then_some((shard, heard.made, count)),
        events: store.heard.map(|heard| (heard.history, heard.event_id, heard.appl_seq)),
        commands: store.heard.map(|heard| (heard.sent, heard.answered, heard.made)),
        messages: (messages, reports),
    }
}

#[derive(Clone, Debug)]
enum Op {
    /// A report of the next event of a shard, of so many bytes.
    Report(usize, usize),
    /// A report of the first event of a shard's next history.
    Restart(usize, usize),
    /// A shard's report sent again: the first from this number on.
    Again(usize, u64),
    /// An answer of the gateway's own.
    Answer(usize),
    /// An administrative message.
    Admin,
    /// A message received: its command is about to be in the ring of a shard.
    Promise(usize),
    /// A message received and dealt with.
    Received,
    Reset,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    // The last one is more than the store was opened for.
    let shard = || 0_usize..3;
    let op = prop_oneof![
        6 => (shard(), 0_usize..150).prop_map(|(shard, len)| Op::Report(shard, len)),
        1 => (shard(), 0_usize..150).prop_map(|(shard, len)| Op::Restart(shard, len)),
        3 => (shard(), 0_u64..8).prop_map(|(shard, from)| Op::Again(shard, from)),
        1 => (0_usize..700).prop_map(Op::Answer),
        1 => Just(Op::Admin),
        2 => shard().prop_map(Op::Promise),
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
    match *op {
        Op::Report(_, len) | Op::Restart(_, len) | Op::Answer(len) => {
            // Stores are so large that every report is kept.
            let is_kept = (HEADER + 1 + len).next_multiple_of(8) <= store.capacity();
            if matches!(op, Op::Restart(..)) && !is_kept {
                return;
            }
            if let Op::Report(shard, _) | Op::Restart(shard, _) = *op {
                let history = store.heard[shard].history.max(1);
                let restart = matches!(op, Op::Restart(..));
                let event = EventMark { shard, history: history + u64::from(restart), event_id: place };
                assert!(!store.has_taken(event));
                store.take(event);
                store.answered(shard, next_in - 1);
                store.number_next(if restart { 1 } else { store.last_report(shard) + 1 });
            }
            let fields = fields(next_out, len);
            let time = Nanos(next_out + 5);
            let stored = Stored { seq: next_out, msg_type: b"8", time, fields: &fields, again: false };
            store.push(stored, Numbers { next_in, next_out: next_out + 1 });
        }
        Op::Again(shard, from) => {
            let Some(found) = store.report(shard, from).map(|(found, _)| found) else { return };
            let numbers = Numbers { next_in, next_out: next_out + 1 };
            store.push_again(next_out, Nanos(next_out + 5), shard, found, numbers);
        }
        Op::Admin => store.set_numbers(Numbers { next_in, next_out: next_out + 1 }),
        Op::Promise(shard) => store.promise(shard, next_in + 1, RingMark { made: 8, count: place }),
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
        let mut all = Vec::new();
        let mut reports = [const { Vec::new() }; SHARDS];
        for (op, place) in ops.iter().zip(1..) {
            let seq = store.numbers().next_out;
            let before = said(&store);
            perform(&mut store, op, place);
            match *op {
                Op::Report(_, len) | Op::Restart(_, len) | Op::Answer(len)
                    if (HEADER + 1 + len).next_multiple_of(8) <= bytes =>
                {
                    all.push((seq, false, fields(seq, len)));
                    match *op {
                        Op::Report(shard, _) => {
                            reports[shard].push((shard, before.events[shard].2 + 1, fields(seq, len)));
                        }
                        Op::Restart(shard, _) => reports[shard] = vec![(shard, 1, fields(seq, len))],
                        _ => {}
                    }
                }
                Op::Again(shard, from) => {
                    let found = |&&(of, number, _): &&(usize, u64, Vec<u8>)| of == shard && number >= from;
                    let report = before.messages.1.iter().find(found);
                    all.extend(report.map(|(_, _, fields)| (seq, true, fields.clone())));
                }
                Op::Reset => all.clear(),
                _ => {}
            }
            let after = said(&store);
            let (messages, kept) = &after.messages;
            prop_assert!(messages.len() <= messages_max);
            for (shard, reports) in reports.iter().enumerate() {
                let kept: Vec<_> = kept.iter().filter(|(of, ..)| *of == shard).cloned().collect();
                prop_assert!(kept.len() <= messages_max);
                prop_assert!(reports.ends_with(&kept), "{kept:?} of {reports:?}");
            }
            // Those sent again are told as long as the report is kept, or at least what was sent lately.
            let told: Vec<_> = messages.iter().filter(|(_, again, _)| !again).collect();
            let sent: Vec<_> = all.iter().filter(|(_, again, _)| !again).collect();
            prop_assert!(sent.ends_with(&told), "{told:?} of {sent:?}");
            prop_assert!(messages.iter().filter(|(_, again, _)| *again).all(|message| all.contains(message)));
            let again = recovered(store.memory.clone(), messages_max);
            prop_assert_eq!(&said(&again), &after);
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
            // Numbers that are about to begin anew need not be those of answers.
            let resets = matches!(ops.get(at.saturating_sub(1)), Some(Op::Reset));
            let commands_are = |state: &Said| {
                found.commands.iter().zip(&state.commands).all(|(&found, &(sent, answered, made))| {
                    let reset = resets && [(0, answered, made), (0, 0, made)].contains(&found);
                    found == (sent, answered, made) || reset
                })
            };
            let is = |state: &Said| {
                (found.numbers, found.condition, found.events) == (state.numbers, state.condition, state.events)
                    && commands_are(state)
            };
            // Of what was given up for a message that is not there yet, nothing is told but what was sent.
            let (messages, reports) = &found.messages;
            let less = messages.iter().all(|message| before.messages.0.contains(message))
                && (0..SHARDS).all(|shard| {
                    let of = |reports: &[(usize, u64, Vec<u8>)]| {
                        reports.iter().filter(|(of, ..)| *of == shard).cloned().collect::<Vec<_>>()
                    };
                    of(&before.messages.1).ends_with(&of(reports))
                });
            prop_assert!(
                is(after) && found.messages == after.messages || is(before) && less,
                "cut at {} of {}: {:?}, between {:?} and {:?}", cut, log.len(), found, before, after
            );
            memory.apply(step);
        }
    }
}

fn event(shard: usize, history: u64, event_id: u64) -> EventMark {
    EventMark { shard, history, event_id }
}

fn ring(made: u64, count: u64) -> RingMark {
    RingMark { made, count }
}

fn message(seq: u64) -> Stored<'static> {
    Stored { seq, msg_type: b"8", time: Nanos(seq + 5), fields: b"", again: false }
}

#[test]
fn an_event_is_taken_once_by_whoever_comes() {
    let mut store = recovered(Logged::new(800), 10);
    assert!(!store.has_taken(event(0, 1, 5)));
    store.take(event(0, 1, 5));
    store.push(message(1), Numbers { next_in: 1, next_out: 2 });
    assert!(!store.has_taken(event(0, 1, 6)));
    store.take(event(0, 1, 6)); // and killed before its report
    let heir = recovered(store.memory, 10);
    assert!(heir.has_taken(event(0, 1, 5)) && heir.has_taken(event(0, 1, 4)));
    assert!(!heir.has_taken(event(0, 1, 6)));
    assert!(!heir.has_taken(event(0, 2, 1)), "another history counts from 1");
    assert!(heir.is_of_another_history(event(0, 2, 1)) && !heir.is_of_another_history(event(0, 1, 9)));
    assert!(!heir.has_taken(event(1, 1, 1)), "another shard counts for itself");
    assert!(!heir.is_of_another_history(event(1, 2, 1)), "it is the first of any");
}

#[test]
fn shards_are_told_apart_by_whoever_comes() {
    let mut store = recovered(Logged::new(800), 10);
    for (seq, shard, id) in [(1, 0, 5), (2, 1, 50), (3, 0, 6), (4, 7, 1)] {
        store.take(event(shard, 1, id));
        store.number_next(id + 100);
        store.push(message(seq), Numbers { next_in: 1, next_out: seq + 1 });
    }
    let heir = recovered(store.memory, 10);
    for (shard, id) in [(0, 6), (1, 50), (7, 1)] {
        assert!(heir.has_taken(event(shard, 1, id)) && !heir.has_taken(event(shard, 1, id + 1)), "{shard}");
        assert_eq!(heir.last_report(shard), id + 100);
        assert_eq!(heir.report_number(shard, 0), Some(if shard == 0 { 105 } else { id + 100 }));
    }
}

#[test]
fn reports_are_missing_where_their_numbers_jump_within_a_history() {
    let mut store = recovered(Logged::new(800), 10);
    assert!(!store.jumps(event(0, 1, 9), 5), "nothing is known of those before");
    store.take(event(0, 1, 9));
    store.number_next(5);
    store.push(message(1), Numbers { next_in: 1, next_out: 2 });
    let mut heir = recovered(store.memory, 10);
    assert_eq!([5, 6, 7].map(|next| heir.jumps(event(0, 1, 10), next)), [false, false, true]);
    assert!(!heir.jumps(event(0, 2, 10), 7) && !heir.jumps(event(1, 1, 10), 7));
    heir.set_last_report(0, 0);
    assert!(!heir.jumps(event(0, 1, 10), 7));
}

#[test]
fn a_message_counts_if_its_command_is_in_the_ring() {
    let next_in = |shard, commands: RingMark| {
        let mut store = recovered(Logged::new(800), 10);
        store.promise(shard, 2, ring(1, 5));
        let mut heir = recovered(store.memory, 10);
        heir.resolve([(1 - shard, ring(1, 0)), (shard, commands)].into_iter());
        assert_eq!(heir.record.count, 0);
        heir.numbers().next_in
    };
    for shard in [0, 1] {
        assert_eq!(next_in(shard, ring(1, 4)), 1, "killed before it was");
        assert_eq!(next_in(shard, ring(1, 5)), 2);
    }
}

#[test]
fn a_message_that_was_dealt_with_counts_as_long_as_its_ring_is_there() {
    let mut store = recovered(Logged::new(800), 10);
    store.promise(0, 2, ring(1, 5));
    store.set_numbers(Numbers { next_in: 2, next_out: 1 });
    let mut heir = recovered(store.memory, 10);
    heir.resolve([(0, ring(1, 0))].into_iter());
    assert_eq!((heir.recall(0, 1), heir.numbers().next_in), (None, 2));
}

/// A host is switched off: rings are gone, and with them commands that no journal has.
#[test]
fn messages_whose_commands_went_with_their_ring_are_asked_for_again_from_the_first_that_was_not_answered() {
    let mut store = recovered(Logged::new(800), 10);
    for next_in in 2..=9 {
        store.promise(0, next_in, ring(1, next_in));
        store.set_numbers(Numbers { next_in, next_out: 1 });
    }
    store.take(event(0, 1, 5));
    store.answered(0, 4);
    store.push(message(1), Numbers { next_in: 10, next_out: 2 }); // and a heartbeat came
    // The journal had message 5 too, of which the session was not told.
    let answered_late = |store: SessionStore<Logged>| {
        let mut heir = recovered(store.memory, 10);
        heir.resolve([(0, ring(2, 0))].into_iter());
        assert_eq!(heir.numbers().next_in, 10, "what the matcher remembers is still to come");
        heir.take(event(0, 1, 6));
        heir.answered(0, 5);
        heir.push(message(2), Numbers { next_in: 10, next_out: 3 });
        heir
    };
    let mut heir = answered_late(store);
    assert_eq!((heir.recall(0, 2), heir.numbers().next_in), (Some(6), 6));
    let mut again = recovered(heir.memory, 10);
    again.resolve([(0, ring(2, 0))].into_iter());
    assert_eq!((again.recall(0, 2), again.numbers().next_in), (None, 6), "once");
    assert_eq!((again.recall(0, 3), again.numbers().next_in), (None, 6), "nothing was sent since");
}

#[test]
fn messages_to_several_shards_are_asked_for_again_from_the_first_that_one_of_them_has_not_answered() {
    let mut store = recovered(Logged::new(800), 10);
    for (next_in, shard) in [(2, 0), (3, 1), (4, 0), (5, 1)] {
        store.promise(shard, next_in, ring(1, next_in));
        store.set_numbers(Numbers { next_in, next_out: 1 });
    }
    store.take(event(1, 1, 5));
    store.answered(1, 4);
    store.push(message(1), Numbers { next_in: 5, next_out: 2 });
    store.take(event(0, 1, 5));
    store.answered(0, 1);
    store.push(message(2), Numbers { next_in: 5, next_out: 3 });
    let mut heir = recovered(store.memory, 10);
    assert_eq!((heir.recall(1, 2), heir.numbers().next_in), (None, 5), "it has answered all it was sent");
    assert_eq!((heir.recall(0, 2), heir.numbers().next_in), (Some(2), 2));
}

#[test]
fn numbers_that_begin_anew_have_nothing_to_do_with_what_was_sent_before() {
    let mut store = recovered(Logged::new(800), 10);
    for shard in [0, 1] {
        store.promise(shard, 9, ring(1, 5));
    }
    store.reset(Numbers { next_in: 5, next_out: 1 });
    let mut heir = recovered(store.memory, 10);
    assert_eq!([heir.recall(0, 2), heir.recall(1, 2)], [None; 2]);
    assert_eq!(heir.numbers().next_in, 5);
}

mod files {
    use super::*;

    fn stores(place: &tempfile::TempDir, bytes: usize) -> Stores {
        Stores::open(&place.path().join("sessions"), shm::Memory::default(), 100, bytes, 1).unwrap()
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
            SessionStore::recover(memory, 10, 1, &Names::new("PENSTOCK", "MM1"), "test").is_err()
        };
        assert!(!damage(HEADER + 1, 9), "what stands in a message is the session's");
        assert!(damage(0, 9), "a number above the next one");
        assert!(damage(16, 200), "a type longer than its message");
        assert!(damage(19, 8), "a shard that there is none of");
        assert!(damage(20, 255), "a message longer than all");
        assert!(damage(56, 1), "a number that goes back");
    }
}
