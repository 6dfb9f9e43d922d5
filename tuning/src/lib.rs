//! What the host gives us: its clock, its cores, and which of our threads runs where.
//!
//! * [`clock`]: the time, in nanoseconds;
//! * [`cpu`]: the cores this process may use, and pinning a thread to one;
//! * [`files`]: how many files may be open;
//! * [`plan`]: which agents share a thread, and how each thread idles, as a pure function of the two.

pub mod clock;
pub mod cpu;
pub mod files;
pub mod plan;
