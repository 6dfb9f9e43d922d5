//! What of a store changes at once, and how far the session is with each shard.

use shm::REGION_WORDS;
use wire::{fix::store::Numbers, limits::SHARDS_MAX};

/// Where the two copies of the record begin. The lowest bit of the number of commits says which one counts.
const RECORDS: [usize; 2] = [8, 24];
/// Where the table of shards begins.
const TABLE: usize = 64;
/// Words of what is kept of a shard.
const HEARD_WORDS: usize = 6;
const RECORD_WORDS: usize = 6 + HEARD_WORDS;
/// Shards that a table has room for.
pub(super) const SHARDS: usize = SHARDS_MAX as usize;

const _: () = assert!(RECORDS[0] + RECORD_WORDS <= RECORDS[1]);
const _: () = assert!(TABLE + SHARDS * HEARD_WORDS <= REGION_WORDS);

/// An event of a shard: those of one history have identifiers that go up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventMark {
    /// Among the venue's.
    pub(crate) shard: usize,
    /// [`wire::durable::Durable::history`].
    pub(crate) history: u64,
    /// [`wire::event::Event::event_id`]; 0: the event has none, and is not kept in mind.
    pub(crate) event_id: u64,
}

/// A ring between gateway and matcher: those made anew count from 0 again, and are told apart by when they were made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RingMark {
    /// [`shm::Ring::made`].
    pub(crate) made: u64,
    /// Messages.
    pub(crate) count: u64,
}

/// How far a session is with a shard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// The last event that the session was told of, or that there was nothing to tell of, as [`EventMark`] has it.
    pub(super) history: u64,
    pub(super) event_id: u64,
    /// ApplSeqNum of the last report.
    pub(super) appl_seq: u64,
    /// The last message of the client that had a command for the shard.
    pub(super) sent: u64,
    /// The last one that the shard has answered.
    pub(super) answered: u64,
    /// Of which ring of commands that was.
    pub(super) made: u64,
}

impl Heard {
    const fn words(self) -> [u64; HEARD_WORDS] {
        let Heard { history, event_id, appl_seq, answered, sent, made } = self;
        [history, event_id, appl_seq, sent, answered, made]
    }

    const fn of([history, event_id, appl_seq, sent, answered, made]: [u64; HEARD_WORDS]) -> Heard {
        Heard { history, event_id, appl_seq, answered, sent, made }
    }

    /// The words of the table that say this of `shard`.
    pub(super) fn places(self, shard: usize) -> impl Iterator<Item = (usize, u64)> {
        (TABLE + shard * HEARD_WORDS..).zip(self.words())
    }

    /// What the table says of `shard`.
    pub(super) fn in_table(shard: usize, word: impl Fn(usize) -> u64) -> Heard {
        Heard::of(std::array::from_fn(|at| word(TABLE + shard * HEARD_WORDS + at)))
    }
}

/// What counts at one moment. All of it changes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) numbers: Numbers,
    /// Position behind the newest message. Positions are byte counts that never wrap.
    pub(super) head: u64,
    /// Messages before it were dropped by a reset.
    pub(super) base: u64,
    /// The shard that `heard` is of, and the condition. What is kept of the others stands in the table.
    pub(super) shard: usize,
    /// The last message that is counted is so on condition that the ring of commands [`Heard::made`] then is so far; 0: on none.
    pub(super) count: u64,
    pub(super) heard: Heard,
}

impl Record {
    pub(super) const BLANK: Record = Record {
        numbers: Numbers { next_in: 1, next_out: 1 },
        head: 0,
        base: 0,
        shard: 0,
        count: 0,
        heard: Heard { history: 0, event_id: 0, appl_seq: 0, answered: 0, sent: 0, made: 0 },
    };

    /// The words that say this after so many commits.
    pub(super) fn places(self, commits: u64) -> impl Iterator<Item = (usize, u64)> {
        let Record { numbers, head, base, shard, count, heard } = self;
        let Numbers { next_in, next_out } = numbers;
        let [history, event_id, appl_seq, sent, answered, made] = heard.words();
        let words: [u64; RECORD_WORDS] = [
            next_in,
            next_out,
            head,
            base,
            shard as u64,
            count,
            history,
            event_id,
            appl_seq,
            sent,
            answered,
            made,
        ];
        (copy(commits)..).zip(words)
    }

    /// The record after so many commits; `None` if it is damaged.
    pub(super) fn after(commits: u64, word: impl Fn(usize) -> u64) -> Option<Record> {
        let words: [u64; RECORD_WORDS] = std::array::from_fn(|at| word(copy(commits) + at));
        let [next_in, next_out, head, base, shard, count, heard @ ..] = words;
        let shard = usize::try_from(shard).ok().filter(|&shard| shard < SHARDS)?;
        let numbers = Numbers { next_in, next_out };
        let record = Record { numbers, head, base, shard, count, heard: Heard::of(heard) };
        (next_in > 0 && next_out > 0 && base <= head).then_some(record)
    }
}

/// The copy that counts after so many commits.
const fn copy(commits: u64) -> usize {
    RECORDS[(commits % 2 == 1) as usize]
}
