//! How much a session may send: so many messages in any stretch of a given length, however they are spread over it.
//!
//! Orders and cancels are counted apart, so that a client that has sent too much can still get out, and what belongs to the
//! session layer counts as neither. Integers and time as it is given: the same messages at the same times have the
//! same answers.

mod accounts;

use wire::fix::throttle::{LimitEntry, LimitType, Throttled};

pub use accounts::AccountThrottle;

const SECOND_NS: u64 = 1_000_000_000;

/// What a session may send in any stretch of time of a given length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Application messages but cancels; 0: no limit.
    pub messages: u32,
    /// Cancels (F, K, q, Z); 0: no limit.
    pub cancels: u32,
    /// The stretch, in seconds.
    pub seconds: u32,
}

impl Limits {
    /// No limits.
    pub const NONE: Limits = Limits { messages: 0, cancels: 0, seconds: 1 };
}

/// What an operator changes of [`Limits`]: what is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewLimits {
    /// [`Limits::messages`].
    pub messages: Option<u32>,
    /// [`Limits::cancels`].
    pub cancels: Option<u32>,
    /// [`Limits::seconds`], above zero.
    pub seconds: Option<u32>,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is served.
    Pass,
    /// It is refused, and the session goes on.
    Refuse(Throttled),
    /// The session has sent more than one and a half times its limit and is logged out.
    LogOut,
}

/// What one session has sent lately.
pub(crate) struct Throttle {
    seconds: u32,
    messages: Option<Bucket>,
    cancels: Option<Bucket>,
    /// All that is no application message: as many as would end the session as orders.
    session_layer: Option<Window>,
    /// Messages refused so far.
    pub(crate) refused: u64,
}

impl Throttle {
    pub(crate) fn new(limits: Limits) -> Throttle {
        let Limits { messages, cancels, seconds } = limits;
        let length_ns = u64::from(seconds) * SECOND_NS;
        let bucket = |max: u32| (max > 0).then(|| Bucket::new(max, length_ns));
        Throttle {
            seconds,
            messages: bucket(messages),
            cancels: bucket(cancels),
            session_layer: (messages > 0).then(|| Window::new(hard(messages), length_ns)),
            refused: 0,
        }
    }

    /// Other limits from now on, where they are named; what came before no longer counts.
    pub(crate) fn set(&mut self, to: NewLimits) -> Limits {
        let max = |bucket: &Option<Bucket>| bucket.as_ref().map_or(0, |bucket| bucket.taken.max());
        let limits = Limits {
            messages: to.messages.unwrap_or_else(|| max(&self.messages)),
            cancels: to.cancels.unwrap_or_else(|| max(&self.cancels)),
            seconds: to.seconds.unwrap_or(self.seconds),
        };
        *self = Throttle { refused: self.refused, ..Throttle::new(limits) };
        limits
    }

    /// Counts an application message of FIX of this type.
    #[inline]
    pub(crate) fn application(&mut self, msg_type: &[u8], now: u64) -> Verdict {
        self.count(is_cancel(msg_type), now)
    }

    /// Counts an application message, which is a cancel or not.
    #[inline]
    pub(crate) fn count(&mut self, is_cancel: bool, now: u64) -> Verdict {
        let bucket = if is_cancel { &mut self.cancels } else { &mut self.messages };
        let Some(bucket) = bucket else { return Verdict::Pass };
        let verdict = bucket.count(now, self.seconds);
        self.refused += u64::from(verdict != Verdict::Pass);
        verdict
    }

    /// Counts a message of the session layer; `false`: there were so many that the session is logged out.
    #[inline]
    pub(crate) fn session_layer(&mut self, now: u64) -> bool {
        self.session_layer.as_mut().is_none_or(|window| window.count(now).is_ok())
    }

    /// How much is used of each limit that there is.
    pub(crate) fn used(&self, now: u64) -> impl Iterator<Item = LimitEntry> + Clone + use<> {
        let entry = |limit, bucket: &Option<Bucket>| {
            bucket.as_ref().map(|bucket| LimitEntry {
                limit,
                used: bucket.taken.used(now),
                max: bucket.taken.max(),
                seconds: self.seconds,
            })
        };
        let limits = [entry(LimitType::Messages, &self.messages), entry(LimitType::Cancels, &self.cancels)];
        limits.into_iter().flatten()
    }
}

fn is_cancel(msg_type: &[u8]) -> bool {
    matches!(msg_type, b"F" | b"K" | b"q" | b"Z")
}

/// Messages beyond which a session is logged out whose limit is `max`.
const fn hard(max: u32) -> u32 {
    max.saturating_add(max / 2)
}

/// One limit: what was taken, and what came, refused messages included.
struct Bucket {
    taken: Window,
    came: Window,
}

impl Bucket {
    fn new(max: u32, length_ns: u64) -> Bucket {
        Bucket { taken: Window::new(max, length_ns), came: Window::new(hard(max), length_ns) }
    }

    #[inline]
    fn count(&mut self, now: u64, seconds: u32) -> Verdict {
        if self.came.count(now).is_err() {
            return Verdict::LogOut;
        }
        let max = self.taken.max();
        match self.taken.count(now) {
            Ok(()) => Verdict::Pass,
            Err(wait_ns) => {
                let retry_ms = wait_ns.div_ceil(1_000_000);
                Verdict::Refuse(Throttled { used: max, max, seconds, retry_ms })
            }
        }
    }
}

/// At most so many events in any stretch of a given length, exactly: it knows until when each of the last ones counts.
struct Window {
    length_ns: u64,
    /// The times at which the last ones stop to count, the oldest at `next`; 0 for none.
    until: Box<[u64]>,
    next: usize,
}

impl Window {
    fn new(max: u32, length_ns: u64) -> Window {
        Window { length_ns, until: vec![0; max as usize].into(), next: 0 }
    }

    /// Counts one more at `now`, which never goes back; or says in how many nanoseconds there is room for one.
    #[inline]
    fn count(&mut self, now: u64) -> Result<(), u64> {
        let oldest = &mut self.until[self.next];
        if *oldest > now {
            return Err(*oldest - now);
        }
        *oldest = now.saturating_add(self.length_ns);
        self.next += 1;
        if self.next == self.until.len() {
            self.next = 0;
        }
        Ok(())
    }

    #[expect(clippy::cast_possible_truncation, reason = "it was made from 32 bits")]
    const fn max(&self) -> u32 {
        self.until.len() as u32
    }

    /// How many count at `now`.
    fn used(&self, now: u64) -> u32 {
        // In order of their times: those from `next` on, then those before.
        let (newer, older) = self.until.split_at(self.next);
        let over = |times: &[u64]| times.partition_point(|&until| until <= now);
        let count = self.until.len() - over(newer) - over(older);
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits { messages: 4, cancels: 2, seconds: 1 };

    fn verdict(throttle: &mut Throttle, kind: &[u8], now: u64) -> &'static str {
        match throttle.application(kind, now) {
            Verdict::Pass => "pass",
            Verdict::Refuse(_) => "refuse",
            Verdict::LogOut => "log out",
        }
    }

    #[test]
    fn limits_that_are_set_count_from_then_on_and_the_others_stay() {
        let mut throttle = Throttle::new(LIMITS);
        let verdicts: Vec<_> = (0..6).map(|_| verdict(&mut throttle, b"D", 5)).collect();
        assert_eq!(verdicts[4..], ["refuse", "refuse"]);
        let more = throttle.set(NewLimits { messages: Some(9), ..NewLimits::default() });
        assert_eq!(more, Limits { messages: 9, ..LIMITS });
        assert_eq!((0..9).filter(|_| verdict(&mut throttle, b"D", 5) == "pass").count(), 9);
        assert_eq!((verdict(&mut throttle, b"D", 5), throttle.refused), ("refuse", 3));
        let none = throttle.set(NewLimits { messages: Some(0), cancels: Some(0), seconds: Some(7) });
        assert_eq!(none, Limits { messages: 0, cancels: 0, seconds: 7 });
        assert!((0..100).all(|_| verdict(&mut throttle, b"D", 5) == "pass"));
    }

    #[test]
    fn a_limit_is_met_exactly_and_half_as_much_again_ends_the_session() {
        let mut throttle = Throttle::new(LIMITS);
        let verdicts: Vec<_> = (0..7).map(|_| verdict(&mut throttle, b"D", 5)).collect();
        assert_eq!(verdicts, ["pass", "pass", "pass", "pass", "refuse", "refuse", "log out"]);
        assert_eq!(throttle.refused, 3);
        // Cancels and the session layer are counted apart.
        assert_eq!(verdict(&mut throttle, b"F", 5), "pass");
        assert_eq!(verdict(&mut throttle, b"q", 5), "pass");
        assert_eq!(verdict(&mut throttle, b"Z", 5), "refuse");
        assert_eq!((0..7).filter(|_| throttle.session_layer(5)).count(), 6);
        // A second after the first ones.
        assert_eq!(verdict(&mut throttle, b"D", SECOND_NS + 4), "log out");
        assert_eq!(verdict(&mut throttle, b"D", SECOND_NS + 5), "pass");
    }

    #[test]
    fn a_refusal_says_what_is_used_and_when_there_is_room_again() {
        let mut throttle = Throttle::new(LIMITS);
        for now in [0, 100, 200, 300] {
            assert_eq!(throttle.application(b"D", now), Verdict::Pass);
        }
        let refused = Throttled { used: 4, max: 4, seconds: 1, retry_ms: 1 };
        let late = SECOND_NS - 1_000_000;
        assert_eq!(throttle.application(b"G", late), Verdict::Refuse(refused));
        let refused = Throttled { retry_ms: 1_000, ..refused };
        let mut throttle = Throttle::new(LIMITS);
        assert_eq!((0..4).filter(|_| throttle.application(b"D", 7) == Verdict::Pass).count(), 4);
        assert_eq!(throttle.application(b"D", 7), Verdict::Refuse(refused));
        let used: Vec<_> = throttle.used(8).map(|entry| (entry.limit, entry.used, entry.max)).collect();
        assert_eq!(used, [(LimitType::Messages, 4, 4), (LimitType::Cancels, 0, 2)]);
        assert_eq!(throttle.used(SECOND_NS + 7).map(|entry| entry.used).collect::<Vec<_>>(), [0, 0]);
    }

    #[test]
    fn without_limits_everything_passes_and_nothing_is_told() {
        let mut throttle = Throttle::new(Limits::NONE);
        assert!((0..10_000).all(|_| throttle.application(b"D", 1) == Verdict::Pass));
        assert!((0..10_000).all(|_| throttle.session_layer(1)));
        assert_eq!(throttle.used(1).count(), 0);
    }

    /// The same by keeping all there ever was.
    #[derive(Default)]
    struct Twin {
        taken: Vec<u64>,
        came: Vec<u64>,
    }

    impl Twin {
        fn lately(times: &[u64], now: u64) -> Vec<u64> {
            times.iter().copied().filter(|time| time + SECOND_NS > now).collect()
        }

        fn count(&mut self, max: u32, now: u64) -> Verdict {
            if Twin::lately(&self.came, now).len() >= (max + max / 2) as usize {
                return Verdict::LogOut;
            }
            self.came.push(now);
            let taken = Twin::lately(&self.taken, now);
            if taken.len() < max as usize {
                self.taken.push(now);
                return Verdict::Pass;
            }
            let wait_ns = taken[0] + SECOND_NS - now;
            Verdict::Refuse(Throttled { used: max, max, seconds: 1, retry_ms: wait_ns.div_ceil(1_000_000) })
        }
    }

    proptest! {
        #[test]
        fn it_is_as_its_slow_twin_says(
            max in 1_u32..20,
            pauses in proptest::collection::vec((0_u64..200_000_000, any::<bool>()), 1..300),
        ) {
            let mut throttle = Throttle::new(Limits { messages: max, cancels: max, seconds: 1 });
            let mut twins = [Twin::default(), Twin::default()];
            let mut now = 1;
            for (pause, cancel) in pauses {
                now += if pause % 3 == 0 { 0 } else { pause };
                let kind: &[u8] = if cancel { b"F" } else { b"D" };
                let expected = twins[usize::from(cancel)].count(max, now);
                prop_assert_eq!(throttle.application(kind, now), expected);
                let used: Vec<_> = throttle.used(now).map(|entry| entry.used as usize).collect();
                prop_assert_eq!(used, twins.each_ref().map(|twin| Twin::lately(&twin.taken, now).len()));
            }
        }
    }
}
