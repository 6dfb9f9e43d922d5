//! What the end-to-end tests share: starting a venue, finding its ports, talking FIX and the binary protocol to it.
//!
//! Everything here knows the venue from outside only: its command line, what it prints, its sockets.

pub mod binary;
pub mod clock;
pub mod conformance;
pub mod crowd;
pub mod dictionary;
pub mod fix;
pub mod http;
pub mod metrics;
pub mod pcap;
pub mod process;
pub mod proxy;
pub mod trade;
pub mod tshark;
pub mod venue;
pub mod workspace;

pub use fix::{Client, Message};
pub use process::Penstock;
pub use proxy::Proxy;
pub use venue::Venue;

use std::{
    io::{self, Write},
    time::Duration,
};

/// How long a test waits for something that must happen. Long enough for a loaded machine of one core: it ends
/// tests that would hang, and measures nothing.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Says, where nobody can miss it, that a test did not test: cargo keeps back what a passing test prints by the usual
/// macros.
pub fn not_tested(why: &str) {
    let _ = writeln!(io::stderr(), "\n*** NOT TESTED: {why} ***\n");
}
