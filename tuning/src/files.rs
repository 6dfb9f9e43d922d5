//! Open files.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises this process's limit of open files towards `wanted`, as far as it may go, and gives what it is then.
///
/// Shells commonly start with a limit of 1,024 that may be raised to the hard one without any privilege; every
/// connection is an open file.
#[must_use]
pub fn raise_limit(wanted: u64) -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let target = maximum.map_or(wanted, |most| wanted.min(most));
    if current.is_none_or(|current| current >= target) {
        return current.unwrap_or(u64::MAX);
    }
    match setrlimit(Resource::Nofile, Rlimit { current: Some(target), maximum }) {
        Ok(()) => target,
        Err(_) => current.unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_raised_and_never_lowered() {
        let before = raise_limit(0);
        assert!(before > 0);
        assert!(raise_limit(before.saturating_add(1)) >= before);
        assert!(raise_limit(1) >= before);
    }
}
