//! Rings, bells and duties as their users have them: over real files, threads and processes.
#![cfg(not(loom))]

mod bell;
mod duty;
mod inspect;
mod kill;
mod log;
mod options;
mod refusals;
mod ring;

use shm::{Consumer, Directory, Producer};

/// A directory for one test, and what removes it.
fn place() -> (tempfile::TempDir, Directory) {
    let place = tempfile::tempdir().unwrap();
    let directory = Directory::open(&place.path().join("venue")).unwrap();
    (place, directory)
}

/// How often to do what is done often, fewer times under Miri, which takes a thousand times as long.
const fn times(ordinary: u64, miri: u64) -> u64 {
    if cfg!(miri) { miri } else { ordinary }
}

/// For tests of properties: the cases, and how many steps each has at most.
const CASES: u32 = if cfg!(miri) { 4 } else { 64 };
const STEPS: usize = if cfg!(miri) { 60 } else { 400 };

/// Sends if there is room.
fn send(producer: &mut Producer, message: &[u8]) -> bool {
    match producer.claim(message.len()) {
        Some(mut claim) => {
            claim.copy_from_slice(message);
            claim.commit();
            producer.flush();
            true
        }
        None => false,
    }
}

fn receive(consumer: &mut Consumer) -> Option<Vec<u8>> {
    let message = consumer.front()?.to_vec();
    consumer.advance();
    Some(message)
}

/// Numbers that repeat with their seed (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) % bound
    }
}

/// Message `number` of a stream that can be checked: its number, filler by it of a length by it, a checksum.
fn numbered(number: u64) -> Vec<u8> {
    let filler = usize::try_from(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 57).unwrap(); // 0..=127
    let mut message = number.to_le_bytes().to_vec();
    message.extend((0..filler).map(|place| number.to_le_bytes()[place % 8] ^ 0x5A));
    let sum = message
        .iter()
        .fold(0xCBF2_9CE4_8422_2325u64, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
    message.extend(sum.to_le_bytes());
    message
}
