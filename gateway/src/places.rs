//! Which of the venue's sessions are a gateway's own.

use wire::types::SessionId;

/// Places in a gateway's list of sessions by the numbers that these have in the venue.
#[derive(Debug)]
pub(crate) struct Places(Vec<usize>);

impl Places {
    /// Of a gateway with these sessions.
    pub(crate) fn new(sessions: impl Iterator<Item = SessionId>) -> Places {
        let mut places = Vec::new();
        for (place, session) in sessions.enumerate() {
            let id = session.0 as usize;
            places.resize(places.len().max(id + 1), usize::MAX);
            places[id] = place;
        }
        Places(places)
    }

    /// Where `session` stands; beyond the list's end if it is another gateway's.
    #[inline]
    pub(crate) fn of(&self, session: SessionId) -> usize {
        self.0.get(session.0 as usize).copied().unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateways_sessions_have_places_and_others_have_none() {
        let places = Places::new([4, 1, 7].map(SessionId).into_iter());
        let found: Vec<_> = [4, 1, 7].map(|id| places.of(SessionId(id))).into();
        assert_eq!(found, [0, 1, 2]);
        for other in [0, 2, 5, 8, u32::MAX] {
            assert_eq!(places.of(SessionId(other)), usize::MAX);
        }
    }
}
