//! The harness for latency engineers.
