//! Requests without an answer: so many at most, each known by its name.

use std::collections::{BTreeSet, HashMap};

use crate::Name;

/// What is known of a request without an answer.
#[derive(Clone, Copy, Debug)]
struct Sent {
    /// The login that it was sent on, and its place among that login's messages.
    login: u64,
    place: u64,
    instrument: Option<u32>,
}

/// Requests without an answer.
#[derive(Debug)]
pub(crate) struct Pending {
    sent: HashMap<Name, Sent>,
    /// Questions whose answers come behind those of everything before, and the logins they were asked on.
    fences: HashMap<Name, (u64, u32)>,
    max: usize,
}

impl Pending {
    /// Room for `max`; nothing is allocated later.
    pub(crate) fn new(max: usize) -> Pending {
        Pending { sent: HashMap::with_capacity(max), fences: HashMap::new(), max }
    }

    pub(crate) fn len(&self) -> usize {
        self.sent.len()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.sent.len() >= self.max
    }

    pub(crate) fn has(&self, name: Name) -> bool {
        self.sent.contains_key(&name)
    }

    pub(crate) fn add(&mut self, name: Name, login: u64, place: u64, instrument: Option<u32>) {
        self.sent.insert(name, Sent { login, place, instrument });
    }

    pub(crate) fn settle(&mut self, name: Name) {
        self.sent.remove(&name);
    }

    /// The request that was message `place` of login `login`, which is settled.
    pub(crate) fn settle_at(&mut self, login: u64, place: u64) -> Option<Name> {
        let found = self.sent.iter().find(|(_, sent)| sent.login == login && sent.place == place);
        let name = found.map(|(&name, _)| name)?;
        self.sent.remove(&name).map(|_| name)
    }

    /// The instruments that requests of former logins without an answer are about, each once; those that are about several or
    /// none count as of instrument 0.
    pub(crate) fn to_be_fenced(&self, login: u64) -> BTreeSet<u32> {
        let former = self.sent.values().filter(|sent| sent.login < login);
        former.map(|sent| sent.instrument.unwrap_or(0)).collect()
    }

    /// `name` asks about instrument `instrument`, to tell of what was sent on logins before `login`.
    pub(crate) fn fence(&mut self, name: Name, login: u64, instrument: u32) {
        self.fences.insert(name, (login, instrument));
    }

    /// No question of a former login is answered any more that tells anything.
    pub(crate) fn forget_fences(&mut self) {
        self.fences.clear();
    }

    /// The venue has refused the question `name`, which then tells nothing.
    pub(crate) fn refused(&mut self, name: Name) {
        self.fences.remove(&name);
    }

    /// The question `name` is answered: requests that were sent before it and have no answer never arrived.
    pub(crate) fn answered(&mut self, name: Name) -> Vec<Name> {
        let Some((login, instrument)) = self.fences.remove(&name) else { return Vec::new() };
        let lost: Vec<Name> = self
            .sent
            .iter()
            .filter(|(_, sent)| sent.login < login && sent.instrument.unwrap_or(0) == instrument)
            .map(|(&name, _)| name)
            .collect();
        for name in &lost {
            self.sent.remove(name);
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    #[test]
    fn what_is_unanswered_behind_a_fence_of_its_instrument_is_lost_and_nothing_else() {
        let mut pending = Pending::new(8);
        pending.add(name("a"), 1, 1, Some(3));
        pending.add(name("b"), 1, 2, Some(3));
        pending.add(name("c"), 1, 3, Some(4));
        pending.add(name("d"), 2, 1, Some(3));
        pending.settle(name("a"));
        assert_eq!(pending.to_be_fenced(2), BTreeSet::from([3, 4]));
        pending.fence(name("f3"), 2, 3);
        assert_eq!(pending.answered(name("f3")), [name("b")]);
        assert!(pending.answered(name("f3")).is_empty(), "once");
        assert!(pending.has(name("c")) && pending.has(name("d")));
        assert_eq!(pending.settle_at(2, 1), Some(name("d")));
        assert_eq!((pending.settle_at(2, 1), pending.len()), (None, 1));
    }
}
