//! Packets that came before their turn: so many, each in a place of its own that was set aside at the start.

use super::packet::{BLOCK_BYTES, Blocks, HEADER_BYTES, messages_of};
use crate::limits::MOLD_PACKET_BYTES_MAX;

const BLOCKS_BYTES_MAX: usize = MOLD_PACKET_BYTES_MAX - HEADER_BYTES;
const _: () = assert!(BLOCKS_BYTES_MAX > BLOCK_BYTES);

/// A packet's messages `first` to before `end`; none if the two are the same.
#[derive(Debug)]
struct Place {
    first: u64,
    end: u64,
    len: usize,
    bytes: Box<[u8]>,
}

/// Which packets to keep when not all fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// Those that will be needed first: what is behind them can be asked for again.
    Nearest,
    /// The newest: a snapshot is awaited, which will cover the others.
    Newest,
}

#[derive(Debug)]
pub(super) struct Early {
    places: Box<[Place]>,
    taken: usize,
    dropped: u64,
}

impl Early {
    pub(super) fn new(packets_max: usize) -> Early {
        let place = || Place { first: 0, end: 0, len: 0, bytes: vec![0; BLOCKS_BYTES_MAX].into() };
        Early { places: (0..packets_max).map(|_| place()).collect(), taken: 0, dropped: 0 }
    }

    /// Keeps the messages of a packet, unless one that is here has all of them.
    pub(super) fn keep(&mut self, first: u64, blocks: Blocks<'_>, keep: Keep) {
        let end = first + u64::from(blocks.number_of_messages());
        if self.taken > 0 && self.taken().any(|place| place.first <= first && end <= place.end) {
            return;
        }
        let free = self.places.iter_mut().find(|place| place.first == place.end);
        let place = match (free, keep) {
            (Some(place), _) => {
                self.taken += 1;
                Some(place)
            }
            (None, Keep::Nearest) => {
                self.dropped += 1;
                self.places.iter_mut().max_by_key(|place| place.first).filter(|place| place.first > first)
            }
            (None, Keep::Newest) => {
                self.dropped += 1;
                self.places.iter_mut().min_by_key(|place| place.first).filter(|place| place.first < first)
            }
        };
        if let Some(place) = place {
            let bytes = blocks.bytes();
            (place.first, place.end, place.len) = (first, end, bytes.len());
            place.bytes[..bytes.len()].copy_from_slice(bytes);
        }
    }

    /// Hands on message `next` and those behind it, as far as they are here, and forgets everything up to there. Gives
    /// the next number that is not here.
    pub(super) fn take(&mut self, mut next: u64, mut deliver: impl FnMut(u64, &[u8])) -> u64 {
        while self.taken > 0 {
            let mut place = None;
            for candidate in &mut self.places {
                if candidate.first < candidate.end && candidate.end <= next {
                    candidate.first = candidate.end;
                    self.taken -= 1;
                } else if (candidate.first..candidate.end).contains(&next) {
                    place = Some(candidate);
                }
            }
            let Some(place) = place else { break };
            for (number, message) in place.messages() {
                if number == next {
                    deliver(number, message);
                    next += 1;
                }
            }
        }
        next
    }

    /// The end of the run of messages that begins with `number`; `number` itself if that is not here.
    pub(super) fn run_end(&self, number: u64) -> u64 {
        let mut end = number;
        while let Some(place) = self.taken().find(|place| (place.first..place.end).contains(&end)) {
            end = place.end;
        }
        end
    }

    /// The lowest number here that is above `number`.
    pub(super) fn first_above(&self, number: u64) -> Option<u64> {
        self.taken().map(|place| place.first).filter(|&first| first > number).min()
    }

    /// One more than the highest number here.
    pub(super) fn end(&self) -> Option<u64> {
        self.taken().map(|place| place.end).max()
    }

    pub(super) fn clear(&mut self) {
        for place in &mut self.places {
            place.first = place.end;
        }
        self.taken = 0;
    }

    /// Packets that were dropped for want of room.
    pub(super) const fn dropped(&self) -> u64 {
        self.dropped
    }

    fn taken(&self) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(|place| place.first < place.end)
    }
}

impl Place {
    fn messages(&self) -> impl Iterator<Item = (u64, &[u8])> {
        (self.first..self.end).zip(messages_of(&self.bytes[..self.len]))
    }
}
