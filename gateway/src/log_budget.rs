//! A bound on log lines that clients can cause.

use tracing::warn;

const SECOND_NS: u64 = 1_000_000_000;

/// Lines that strangers, and those that members, may cause in a second: enough to see what happens, too few to fill a disk.
pub(crate) const LINES_PER_SECOND: u32 = 100;

/// Counts lines, and says how many were left out once there is room again.
#[derive(Debug, Default)]
pub(crate) struct LogBudget {
    second: u64,
    used: u32,
    left_out: u64,
    /// Lines left out so far.
    pub(crate) lost: u64,
}

impl LogBudget {
    /// Whether one more line may be written now.
    pub(crate) fn takes(&mut self, now: u64) -> bool {
        self.tell(now);
        self.used += 1;
        if self.used > LINES_PER_SECOND {
            self.used = LINES_PER_SECOND;
            self.left_out += 1;
            self.lost += 1;
            return false;
        }
        true
    }

    /// Tells of lines left out in a second that is over.
    pub(crate) fn tell(&mut self, now: u64) {
        if now / SECOND_NS == self.second {
            return;
        }
        (self.second, self.used) = (now / SECOND_NS, 0);
        let left_out = std::mem::take(&mut self.left_out);
        if left_out > 0 {
            warn!(left_out, "more of the like happened than is logged in a second");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_its_lines_and_what_is_left_out_is_counted_until_told() {
        let mut budget = LogBudget::default();
        let taken = (0..1_000).filter(|_| budget.takes(5 * SECOND_NS)).count();
        assert_eq!(taken, LINES_PER_SECOND as usize);
        assert_eq!(budget.left_out, 900);
        assert!(budget.takes(6 * SECOND_NS));
        assert_eq!((budget.left_out, budget.lost), (0, 900));
    }
}
