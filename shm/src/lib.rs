//! Shared memory: the directory a venue's processes meet in, SPSC rings, the sequenced log, bells that wake who
//! sleeps, and the loop that drives what runs on a thread. Knows no message.
//!
//! A [`Directory`] holds files; a [`Ring`] is one, with a [`Producer`] on one side and a [`Consumer`] on the other, in
//! one process or two; a [`Log`] is another, with a [`LogWriter`] and any number of [`LogReader`]s; a [`Bell`] belongs to a thread that consumes, and is rung by producers that find it asleep. A
//! [`Region`] is one process's own, and outlives it. A [`Duty`] runs [`Agent`]s on a thread. The files are drawn in docs/shared-memory.md.
//!
//! ```
//! use std::time::Duration;
//! use shm::{Bed, Bell, Directory, Ring};
//!
//! # let place = tempfile::tempdir()?;
//! # let path = place.path().join("venue");
//! let directory = Directory::open(&path)?;
//! let ring = Ring::create(&directory, "orders", 1 << 16)?;
//!
//! let mut producer = ring.producer()?;
//! let sender = std::thread::spawn(move || {
//!     for number in 0..1000u64 {
//!         let mut message = loop {
//!             match producer.claim(8) {
//!                 Some(claim) => break claim,
//!                 None => std::thread::yield_now(), // full
//!             }
//!         };
//!         message.copy_from_slice(&number.to_le_bytes());
//!         message.commit();
//!         producer.flush();
//!     }
//! });
//!
//! let bell = Bell::create(&directory, "receiver")?;
//! let mut consumer = ring.consumer(&bell)?;
//! let mut sum = 0;
//! while consumer.consumed() < 1000 {
//!     if let Some(message) = consumer.front() {
//!         sum += u64::from_le_bytes(message.try_into()?);
//!         consumer.advance();
//!         continue;
//!     }
//!     bell.arm(Bed::Futex);
//!     if consumer.front().is_none() {
//!         bell.sleep(Duration::from_millis(100));
//!     }
//!     bell.disarm();
//! }
//! assert_eq!(sum, 499_500);
//! # sender.join().unwrap();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// Memory that is shared with other processes is reached through pointers; nothing outside this crate needs to.
#![allow(unsafe_code)]
// The models use what they are about, and no more.
#![cfg_attr(loom, allow(dead_code, unreachable_pub))]

mod ahead;
mod index;
#[cfg(test)]
mod models;
mod sync;
mod track;
mod word;

// The rest is made of system calls, which the model checker cannot run.
#[cfg(not(loom))]
mod advice;
#[cfg(not(loom))]
mod agent;
#[cfg(not(loom))]
mod bell;
#[cfg(not(loom))]
mod consumer;
#[cfg(not(loom))]
mod dir;
#[cfg(not(loom))]
mod duty;
#[cfg(not(loom))]
mod error;
#[cfg(not(loom))]
mod file;
#[cfg(not(loom))]
mod gauge;
#[cfg(not(loom))]
mod inspect;
#[cfg(not(loom))]
#[cfg_attr(miri, path = "kernel_miri.rs")]
mod kernel;
#[cfg(not(loom))]
mod layout;
#[cfg(not(loom))]
mod log;
#[cfg(not(loom))]
mod memory;
#[cfg(not(loom))]
mod owner;
#[cfg(not(loom))]
mod producer;
#[cfg(not(loom))]
mod region;
#[cfg(not(loom))]
mod ring;
#[cfg(not(loom))]
mod side;
#[cfg(not(loom))]
mod sweep;

#[cfg(not(loom))]
pub use self::{
    advice::{huge_pages, prefetch},
    agent::{Agent, Idle, Sleeper, Stop, UnknownIdle},
    bell::{Bell, Ringer},
    consumer::Consumer,
    dir::{Directory, Lock, NAME_BYTES_MAX},
    duty::{Duty, HOUSEKEEPING_NS, Meter, ROUND_BUDGET_NS, SLEEP_MAX},
    error::ShmError,
    gauge::{Count, Distribution, Histogram},
    inspect::{LogReaderReport, LogReport, Report, RingReport, SideReport},
    layout::{RING_BYTES_MAX, RING_BYTES_MIN},
    log::{
        Entry, LOG_BYTES_MAX, LOG_BYTES_MIN, LOG_READERS_MAX, Log, LogReader, LogWriter, ReadError, Record,
        Start,
    },
    memory::Memory,
    owner::{Owner, Peer},
    producer::{Claim, Producer},
    region::{Form, REGION_WORDS, Region},
    ring::Ring,
    word::Bed,
};
