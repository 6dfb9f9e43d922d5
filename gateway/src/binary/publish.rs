//! Market data to members: see `books.rs`.

use wire::{traffic::Class, types::Nanos};

use super::{
    Worker,
    books::{Outlet, Outlets},
    members::Member,
};
use crate::transport::Transport;

/// The members that are logged in, and their connections.
pub(super) struct LoggedIn<'a, T> {
    pub(super) members: &'a mut [Member],
    pub(super) transport: &'a mut T,
}

impl<T: Transport> Outlets for LoggedIn<'_, T> {
    fn of(&mut self, member: usize) -> Option<Outlet<'_>> {
        let member = self.members.get_mut(member)?;
        let (_, output) = self.transport.split(member.conn?)?;
        let sent = &mut member.traffic.sent[Class::MarketData as usize];
        Some((member.soup.as_mut()?, output, sent))
    }
}

impl Worker {
    /// Tells members of market data what there is to tell in this turn. How much that was.
    pub(super) fn publish(&mut self, now: u64) -> usize {
        let mut outlets = LoggedIn { members: &mut self.members, transport: &mut self.transport };
        self.books.turn(Nanos(now), &self.entry.catalogue.instruments, &mut self.links, &mut outlets)
    }
}
