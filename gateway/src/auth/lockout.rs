//! Who has failed to log on too often, and how long that counts.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    net::IpAddr,
};

const SECOND_NS: u64 = 1_000_000_000;
/// Failures remembered at a time. With one more, the one whose lock ends first is forgotten: a stranger who wants to be
/// forgotten has to fail that often, each time at the price of a password's check.
const FAILURES_MAX: usize = 4_096;
/// After so long without another one, failures are forgotten.
const MEMORY_NS: u64 = 3_600 * SECOND_NS;

/// How many failures are borne with.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Failed Logons under one name from one source before it is locked out for a second, and with each further one for
    /// twice as long.
    pub failures_max: u32,
    /// Seconds of the longest lock.
    pub lockout_s_max: u32,
}

/// A bound on failed Logons, by name *and* source: whoever fails with a client's name from elsewhere locks out nobody
/// but himself.
#[derive(Debug)]
pub(super) struct Lockout {
    /// Failures before the first lock.
    free: u32,
    longest_ns: u64,
    /// By a keyed hash of name and source: names that there are and others cost and show the same.
    failures: HashMap<u64, Failures, foldhash::fast::FixedState>,
    key: RandomState,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: u64,
    /// Until when nothing is taken.
    until: u64,
}

/// Where someone comes from, as far as it counts: an IPv6 host has its whole /64.
pub(super) fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & (u128::MAX << 64)).into()),
        v4 => v4,
    }
}

impl Lockout {
    pub(super) fn new(patience: Patience) -> Lockout {
        let Patience { failures_max: free, lockout_s_max } = patience;
        let failures = HashMap::with_capacity_and_hasher(FAILURES_MAX, foldhash::fast::FixedState::default());
        Lockout { free, longest_ns: u64::from(lockout_s_max) * SECOND_NS, failures, key: RandomState::new() }
    }

    fn key(&self, name: &[u8], source: IpAddr) -> u64 {
        self.key.hash_one((name, source))
    }

    /// Counts an attempt as failed until [`Lockout::passed`] says otherwise, so that many at once are no way around the
    /// bound.
    ///
    /// # Errors
    /// The nanoseconds for which nothing is taken from there under that name.
    pub(super) fn begin(&mut self, now: u64, name: &[u8], source: IpAddr) -> Result<(), u64> {
        let key = self.key(name, source);
        if self.failures.len() >= FAILURES_MAX
            && !self.failures.contains_key(&key)
            && let Some(&first) =
                self.failures.iter().min_by_key(|(_, f)| (f.until, f.last)).map(|(key, _)| key)
        {
            self.failures.remove(&first);
        }
        let none = Failures { count: 0, last: now, until: 0 };
        let failures = self.failures.entry(key).or_insert(none);
        if now >= failures.last.saturating_add(MEMORY_NS) {
            *failures = none;
        }
        if now < failures.until {
            return Err(failures.until - now);
        }
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
        if let Some(beyond) = failures.count.checked_sub(self.free) {
            // 1 s, 2 s, 4 s, and so on.
            let lock = SECOND_NS.checked_shl(beyond).filter(|&ns| ns >= SECOND_NS).unwrap_or(u64::MAX);
            failures.until = now.saturating_add(lock.min(self.longest_ns));
        }
        Ok(())
    }

    /// The attempt was none that failed: what has failed before is forgotten too.
    pub(super) fn passed(&mut self, name: &[u8], source: IpAddr) {
        self.failures.remove(&self.key(name, source));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

    fn lockout(failures_max: u32, lockout_s_max: u32) -> Lockout {
        Lockout::new(Patience { failures_max, lockout_s_max })
    }

    #[test]
    fn failures_beyond_the_free_ones_lock_for_twice_as_long_each_time_up_to_the_longest() {
        let mut lockout = lockout(3, 5);
        for _ in 0..3 {
            assert_eq!(lockout.begin(0, b"MM1", HERE), Ok(()));
        }
        let mut now = 0;
        for seconds in [1, 2, 4, 5, 5] {
            assert_eq!(lockout.begin(now, b"MM1", HERE), Err(seconds * SECOND_NS));
            assert_eq!(lockout.begin(now + seconds * SECOND_NS - 1, b"MM1", HERE), Err(1));
            now += seconds * SECOND_NS;
            assert_eq!(lockout.begin(now, b"MM1", HERE), Ok(()));
        }
    }

    #[test]
    fn a_name_is_locked_for_the_source_that_failed_and_for_no_other() {
        let mut lockout = lockout(1, 300);
        assert_eq!(lockout.begin(0, b"MM1", THERE), Ok(()));
        assert!(lockout.begin(0, b"MM1", THERE).is_err());
        assert_eq!(lockout.begin(0, b"MM1", HERE), Ok(()), "the client itself");
        assert_eq!(lockout.begin(0, b"MM2", THERE), Ok(()), "another name");
    }

    #[test]
    fn whoever_passes_begins_anew() {
        let mut lockout = lockout(1, 300);
        for _ in 0..10 {
            assert_eq!(lockout.begin(0, b"MM1", HERE), Ok(()));
            lockout.passed(b"MM1", HERE);
        }
    }

    #[test]
    fn an_hour_without_a_failure_forgets_them() {
        let mut lockout = lockout(1, 7_200);
        for now in [0, 1, 3] {
            assert_eq!(lockout.begin(now * SECOND_NS, b"MM1", HERE), Ok(()), "{now}");
        }
        assert!(lockout.begin(4 * SECOND_NS, b"MM1", HERE).is_err());
        assert_eq!(lockout.begin(3 * SECOND_NS + MEMORY_NS, b"MM1", HERE), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_those_whose_lock_ends_last_stay() {
        let mut lockout = lockout(1, 300);
        assert_eq!(lockout.begin(0, b"MM1", HERE), Ok(()));
        assert_eq!(lockout.begin(SECOND_NS, b"MM1", HERE), Ok(()));
        for n in 0..10_000_u32 {
            assert_eq!(lockout.begin(SECOND_NS, &n.to_le_bytes(), THERE), Ok(()));
        }
        assert_eq!(lockout.failures.len(), FAILURES_MAX);
        assert!(lockout.begin(SECOND_NS, b"MM1", HERE).is_err());
    }

    #[test]
    fn all_addresses_of_an_ipv6_network_of_64_bits_are_one_source() {
        let address = |text: &str| source(text.parse().unwrap());
        assert_eq!(address("2001:db8:1:2::3"), address("2001:db8:1:2:ffff::4"));
        assert_ne!(address("2001:db8:1:2::3"), address("2001:db8:1:3::3"));
        assert_eq!(address("::ffff:10.0.0.1"), HERE);
        assert_ne!(address("10.0.0.1"), address("10.0.0.2"));
    }
}
