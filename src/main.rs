//! The Penstock command.
fn main() {}
