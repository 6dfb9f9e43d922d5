//! What the host gives us: topology, pinning, clock.
