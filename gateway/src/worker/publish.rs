//! Market data to members: see `market.rs`.

use wire::types::Nanos;

use super::{Worker, members::Member};
use crate::{entry::Session, market::Outlets, transport::Transport};

/// The members that are logged on, and their connections.
struct LoggedOn<'a, T> {
    members: &'a mut [Member],
    transport: &'a mut T,
}

impl<T: Transport> Outlets for LoggedOn<'_, T> {
    fn of(&mut self, member: usize) -> Option<(&mut Session, &mut Vec<u8>)> {
        let member = self.members.get_mut(member)?;
        let (_, output) = self.transport.split(member.conn?)?;
        member.session.is_logged_on().then_some((&mut member.session, output))
    }
}

impl Worker {
    /// Tells members of market data what there is to tell in this turn. How much that was.
    pub(super) fn publish(&mut self, now: u64) -> usize {
        let mut outlets = LoggedOn { members: &mut self.members, transport: &mut self.transport };
        self.market.turn(Nanos(now), &self.entry, &mut self.links, &mut outlets)
    }
}
