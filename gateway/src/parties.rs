//! Whose the connections of a worker are, and how long strangers, those without a logon, may stay.

use std::{collections::VecDeque, mem, net::IpAddr};

use ipnet::IpNet;

use crate::transport::ConnId;

/// Whose a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    /// Nobody's any more.
    Nobody,
    /// Somebody's who has not logged on.
    Stranger,
    /// The member's of this place.
    Member(usize),
}

/// The parties of all connections.
#[derive(Debug)]
pub(crate) struct Parties {
    by_slot: Vec<Party>,
    /// Strangers and until when they may stay, oldest first; some of them may have gone since.
    strangers: VecDeque<(ConnId, u64)>,
    count: usize,
    max: usize,
    timeout_ns: u64,
}

impl Parties {
    /// With at most `max` strangers, each for at most so long.
    pub(crate) const fn new(max: usize, timeout_ns: u64) -> Parties {
        Parties { by_slot: Vec::new(), strangers: VecDeque::new(), count: 0, max, timeout_ns }
    }

    #[inline]
    pub(crate) fn of(&self, conn: ConnId) -> Party {
        self.by_slot.get(conn.slot()).copied().unwrap_or(Party::Nobody)
    }

    pub(crate) fn set(&mut self, conn: ConnId, party: Party) {
        if self.by_slot.len() <= conn.slot() {
            self.by_slot.resize(conn.slot() + 1, Party::Nobody);
        }
        let former = mem::replace(&mut self.by_slot[conn.slot()], party);
        self.count += usize::from(party == Party::Stranger);
        self.count -= usize::from(former == Party::Stranger);
    }

    /// Somebody has come.
    pub(crate) fn meet(&mut self, now: u64, conn: ConnId) {
        self.set(conn, Party::Stranger);
        self.strangers.push_back((conn, now.saturating_add(self.timeout_ns)));
    }

    /// How many strangers there are.
    pub(crate) const fn strangers(&self) -> usize {
        self.count
    }

    /// Connections that have come as strangers, `at` the `at`th of them; `None` beyond the last. They may have gone since.
    pub(crate) fn nth(&self, at: usize) -> Option<ConnId> {
        self.strangers.get(at).map(|&(conn, _)| conn)
    }

    /// Who has waited longest while there are more strangers than there may be; may have gone since. Not to be asked before
    /// all notices are looked at: those who have just left count until theirs is, and whoever has just come would go in
    /// their stead.
    pub(crate) fn beyond_bound(&mut self) -> Option<ConnId> {
        if self.count <= self.max {
            return None;
        }
        self.strangers.pop_front().map(|(conn, _)| conn)
    }

    /// Whose time is over at `now`; may have gone since.
    pub(crate) fn late(&mut self, now: u64) -> Option<ConnId> {
        self.strangers.front().filter(|&&(_, until)| now >= until)?;
        self.strangers.pop_front().map(|(conn, _)| conn)
    }
}

/// Whether `address` is one of `networks`, or there are none to be one of.
pub(crate) fn is_among(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.is_empty() || networks.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_counted_until_they_are_members_or_gone() {
        let mut parties = Parties::new(1, 10);
        let [a, b, c] = [0, 1, 2].map(ConnId::nth);
        for (now, conn) in [(0, a), (1, b), (2, c)] {
            parties.meet(now, conn);
        }
        assert_eq!(parties.strangers(), 3);
        assert_eq!(parties.beyond_bound(), Some(a));
        parties.set(a, Party::Nobody);
        parties.set(c, Party::Member(4));
        assert_eq!((parties.strangers(), parties.beyond_bound()), (1, None));
        assert_eq!((parties.of(b), parties.of(c)), (Party::Stranger, Party::Member(4)));
        assert_eq!((parties.late(10), parties.late(11), parties.late(11)), (None, Some(b), None));
        assert_eq!(parties.nth(0), Some(c), "who was one is still named, and known by the party");
    }
}
