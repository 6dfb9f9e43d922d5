//! How much each account of a trunk may send. An account that sends too much is refused, and it alone: the trunk goes on.

use wire::{fix::throttle::Throttled, types::AccountId};

use super::{Limits, SECOND_NS};

/// What the accounts of one trunk have sent lately: of each account the times at which its last messages stop to count, in memory
/// that is reserved for all of them and touched for those that send.
pub struct AccountThrottle {
    seconds: u32,
    messages: Windows,
    cancels: Windows,
    /// Messages refused so far.
    pub refused: u64,
}

impl AccountThrottle {
    /// Bytes that `accounts` accounts with these limits reserve.
    #[must_use]
    pub const fn bytes(limits: Limits, accounts: u32) -> u64 {
        let Limits { messages, cancels, .. } = limits;
        accounts as u64 * (window_bytes(messages) + window_bytes(cancels))
    }

    /// For so many accounts, each with these limits.
    #[must_use]
    pub fn new(limits: Limits, accounts: u32) -> AccountThrottle {
        let Limits { messages, cancels, seconds } = limits;
        AccountThrottle {
            seconds,
            messages: Windows::new(messages, accounts, seconds),
            cancels: Windows::new(cancels, accounts, seconds),
            refused: 0,
        }
    }

    /// Counts an account's message, which is a cancel or not, at `now`, which never goes back.
    ///
    /// # Errors
    /// What is used and when there is room again, if it is one too many.
    #[inline]
    pub fn count(&mut self, account: AccountId, is_cancel: bool, now: u64) -> Result<(), Throttled> {
        let windows = if is_cancel { &mut self.cancels } else { &mut self.messages };
        windows.count(account, now).map_err(|wait_ns| {
            self.refused += 1;
            let max = windows.max;
            Throttled { used: max, max, seconds: self.seconds, retry_ms: wait_ns.div_ceil(1_000_000) }
        })
    }
}

/// Bytes of an account's window.
const fn window_bytes(max: u32) -> u64 {
    if max == 0 { 0 } else { max as u64 * size_of::<u64>() as u64 + size_of::<u32>() as u64 }
}

/// At most so many messages of each account in any stretch of a given length, exactly.
struct Windows {
    /// 0: no limit.
    max: u32,
    length_ns: u64,
    /// Of each account, `max` times at which its last messages stop to count, in a ring.
    until: Vec<u64>,
    /// Of each account, where its oldest stands.
    oldest: Vec<u32>,
}

impl Windows {
    fn new(max: u32, accounts: u32, seconds: u32) -> Windows {
        let accounts = if max == 0 { 0 } else { accounts as usize };
        Windows {
            max,
            length_ns: u64::from(seconds) * SECOND_NS,
            // Zeroed memory, which the system gives when it is first written.
            until: vec![0; accounts * max as usize],
            oldest: vec![0; accounts],
        }
    }

    /// Counts one more, or says in how many nanoseconds there is room for one. An account that there is no room for, which no
    /// venue has, is not limited.
    #[inline]
    fn count(&mut self, account: AccountId, now: u64) -> Result<(), u64> {
        let account = account.0 as usize;
        let Some(oldest) = self.oldest.get_mut(account) else { return Ok(()) };
        let until = &mut self.until[account * self.max as usize + *oldest as usize];
        if *until > now {
            return Err(*until - now);
        }
        *until = now.saturating_add(self.length_ns);
        *oldest = if *oldest + 1 == self.max { 0 } else { *oldest + 1 };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ACCOUNTS: u32 = 3;

    #[test]
    fn one_account_s_flood_is_refused_and_nobody_else_s_message() {
        let mut throttle = AccountThrottle::new(Limits { messages: 2, cancels: 1, seconds: 1 }, ACCOUNTS);
        let (flood, other) = (AccountId(0), AccountId(2));
        assert_eq!((0..100).filter(|_| throttle.count(flood, false, 5).is_ok()).count(), 2);
        assert_eq!(throttle.refused, 98);
        assert_eq!(throttle.count(other, false, 5), Ok(()));
        // It can still get out.
        assert_eq!(throttle.count(flood, true, 5), Ok(()));
        let refused = Throttled { used: 1, max: 1, seconds: 1, retry_ms: 1_000 };
        assert_eq!(throttle.count(flood, true, 5), Err(refused));
        let refused = Throttled { used: 2, max: 2, seconds: 1, retry_ms: 1 };
        assert_eq!(throttle.count(flood, false, SECOND_NS + 4), Err(refused));
        assert_eq!(throttle.count(flood, false, SECOND_NS + 5), Ok(()));
    }

    #[test]
    fn without_limits_all_passes_and_nothing_is_reserved() {
        let mut throttle = AccountThrottle::new(Limits::NONE, 1 << 20);
        assert!((0..1_000).all(|_| throttle.count(AccountId(1), false, 1).is_ok()));
        assert_eq!(AccountThrottle::bytes(Limits::NONE, 1 << 20), 0);
        let limits = Limits { messages: 10, cancels: 5, seconds: 1 };
        assert_eq!(AccountThrottle::bytes(limits, 1_000), 1_000 * (15 * 8 + 2 * 4));
    }

    proptest! {
        /// The same by keeping all there ever was.
        #[test]
        fn it_is_as_its_slow_twin_says(
            max in 1_u32..6,
            pauses in proptest::collection::vec((0_u64..200_000_000, 0..ACCOUNTS, any::<bool>()), 1..300),
        ) {
            let mut throttle = AccountThrottle::new(Limits { messages: max, cancels: max, seconds: 1 }, ACCOUNTS);
            let mut taken: Vec<(u32, bool, u64)> = Vec::new();
            let mut now = 1;
            for (pause, account, is_cancel) in pauses {
                now += if pause % 3 == 0 { 0 } else { pause };
                let counts = |of: &&(u32, bool, u64)| {
                    (of.0, of.1) == (account, is_cancel) && of.2 + SECOND_NS > now
                };
                let lately: Vec<u64> = taken.iter().filter(counts).map(|of| of.2).collect();
                let expected = if lately.len() < max as usize {
                    taken.push((account, is_cancel, now));
                    Ok(())
                } else {
                    let retry_ms = (lately[0] + SECOND_NS - now).div_ceil(1_000_000);
                    Err(Throttled { used: max, max, seconds: 1, retry_ms })
                };
                prop_assert_eq!(throttle.count(AccountId(account), is_cancel, now), expected);
            }
        }
    }
}
