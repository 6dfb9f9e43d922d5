//! The Penstock command.
