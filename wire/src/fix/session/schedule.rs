//! When a session may be up: a window of each day or of each week, after which its numbers begin anew.

use crate::types::Nanos;

const DAY_S: u32 = 86_400;
const WEEK_S: u32 = 7 * DAY_S;

/// A window of each day, or of each week, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Seconds from one window's begin to the next one's.
    cycle_s: u32,
    /// Where in the cycle, which begins with 1970-01-01, a window begins.
    start_s: u32,
    /// How long it is: the whole cycle at most.
    open_s: u32,
}

/// One window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its first moment.
    pub start: Nanos,
    /// The first moment behind it.
    pub end: Nanos,
}

impl Schedule {
    /// From `start` to `end` of each day, seconds from midnight. An end that is not after the start is the next day's: a window
    /// that ends where it begins is always open, and its numbers begin anew at that time.
    #[must_use]
    pub const fn daily(start_s: u32, end_s: u32) -> Schedule {
        Schedule::of(DAY_S, start_s, end_s)
    }

    /// From `start` to `end` of each week: a day, of which Monday is 0, and seconds from midnight. An end that is not after
    /// the start is the next week's.
    #[must_use]
    pub const fn weekly(start: (u32, u32), end: (u32, u32)) -> Schedule {
        // 1970-01-01 was a Thursday.
        const fn seconds((day, second): (u32, u32)) -> u32 {
            (day + 4) % 7 * DAY_S + second
        }
        Schedule::of(WEEK_S, seconds(start), seconds(end))
    }

    const fn of(cycle_s: u32, start_s: u32, end_s: u32) -> Schedule {
        let (start_s, end_s) = (start_s % cycle_s, end_s % cycle_s);
        let open_s = (end_s + cycle_s - start_s) % cycle_s;
        Schedule { cycle_s, start_s, open_s: if open_s == 0 { cycle_s } else { open_s } }
    }

    /// The window that `now` is in.
    #[must_use]
    pub const fn period(&self, now: Nanos) -> Option<Period> {
        let now_s = now.0 / super::SECOND;
        let cycle_s = self.cycle_s as u64;
        // Before the first window's begin, counted from the one before 1970.
        let into_s = (now_s + cycle_s - self.start_s as u64) % cycle_s;
        if into_s >= self.open_s as u64 || into_s > now_s {
            return None;
        }
        let start = Nanos((now_s - into_s) * super::SECOND);
        Some(Period { start, end: start.after(self.open_s as u64 * super::SECOND) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fix::value;

    fn at(time: &str) -> Nanos {
        value::timestamp(time.as_bytes()).unwrap()
    }

    fn period(schedule: Schedule, now: &str) -> Option<(Nanos, Nanos)> {
        schedule.period(at(now)).map(|period| (period.start, period.end))
    }

    #[test]
    fn a_day_s_window_is_open_from_its_first_moment_to_the_one_before_its_end() {
        let day = Schedule::daily(8 * 3600, 17 * 3600);
        let window = Some((at("20261120-08:00:00"), at("20261120-17:00:00")));
        assert_eq!(period(day, "20261120-07:59:59.999999999"), None);
        assert_eq!(period(day, "20261120-08:00:00"), window);
        assert_eq!(period(day, "20261120-16:59:59.999999999"), window);
        assert_eq!(period(day, "20261120-17:00:00"), None);
    }

    #[test]
    fn a_window_may_go_over_midnight() {
        let night = Schedule::daily(22 * 3600, 6 * 3600);
        let window = Some((at("20261119-22:00:00"), at("20261120-06:00:00")));
        assert_eq!(period(night, "20261119-23:00:00"), window);
        assert_eq!(period(night, "20261120-05:59:59"), window);
        assert_eq!(period(night, "20261120-06:00:00"), None);
    }

    #[test]
    fn a_window_that_ends_where_it_begins_is_always_open() {
        let day = Schedule::daily(17 * 3600, 17 * 3600);
        assert_eq!(period(day, "20261120-16:59:59").unwrap().1, at("20261120-17:00:00"));
        assert_eq!(period(day, "20261120-17:00:00").unwrap().0, at("20261120-17:00:00"));
    }

    /// 2026-11-20 is a Friday.
    #[test]
    fn a_week_s_window_has_days() {
        let week = Schedule::weekly((0, 7 * 3600), (4, 21 * 3600));
        let window = Some((at("20261116-07:00:00"), at("20261120-21:00:00")));
        assert_eq!(period(week, "20261116-06:59:59"), None);
        assert_eq!(period(week, "20261116-07:00:00"), window);
        assert_eq!(period(week, "20261120-20:59:59"), window);
        assert_eq!(period(week, "20261120-21:00:00"), None);
        assert_eq!(period(week, "20261122-12:00:00"), None);
        let over_the_weekend = Schedule::weekly((6, 22 * 3600), (4, 21 * 3600));
        assert_eq!(period(over_the_weekend, "20261120-12:00:00").unwrap().0, at("20261115-22:00:00"));
    }

    proptest! {
        /// Windows do not overlap, and their ends are where they say.
        #[test]
        fn a_moment_is_within_the_window_that_it_is_said_to_be_in(
            start in 0..WEEK_S, end in 0..WEEK_S, weekly: bool, now in 0..10_000_000_000_u64
        ) {
            let schedule = if weekly {
                Schedule::weekly((start / DAY_S, start % DAY_S), (end / DAY_S, end % DAY_S))
            } else {
                Schedule::daily(start % DAY_S, end % DAY_S)
            };
            let now = Nanos(now * super::super::SECOND);
            if let Some(period) = schedule.period(now) {
                prop_assert!(period.start <= now && now < period.end);
                prop_assert_eq!(schedule.period(period.start), Some(period));
                prop_assert_eq!(schedule.period(Nanos(period.end.0 - 1)), Some(period));
                let next = schedule.period(period.end);
                prop_assert!(next.is_none_or(|next| next.start == period.end));
            }
        }
    }
}
