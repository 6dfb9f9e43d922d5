//! Shared memory: regions, SPSC rings, bells, idle strategies.
