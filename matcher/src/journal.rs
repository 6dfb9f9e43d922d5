//! The journal: every sequenced command on disk, in order, so that nothing acknowledged is lost.
//!
//! ```text
//! Commit (records put together) -> Device (O_DIRECT, io_uring | pwrite + fdatasync) -> segment files -> Reader
//! ```
//!
//! Read in this order: [`record`] (what stands on disk), [`commit`] (how records become one write), [`segment`] (the files),
//! [`reader`] (what is there, what is torn, what is corrupt), [`writer`] (the journal at work), [`device`] (how bytes get
//! to the disk). [`keeper`] sees to what is full. [`recorder`] is the agent that makes durable what the matcher writes into the sequenced log ([`sequenced`]). docs/journal.md has the format byte by byte.

pub mod commit;
pub mod device;
mod error;
pub mod keeper;
pub mod reader;
pub mod record;
pub mod recorder;
pub mod segment;
pub mod sequenced;
pub mod writer;

pub use error::JournalError;
