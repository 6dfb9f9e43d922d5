//! The matching engine and its agent.
