//! The venue's one order of commands, and where each session is.

use serde::{Deserialize, Serialize};
use wire::{
    command::Command,
    types::{Nanos, SeqNo, SessionId},
};

use crate::{engine::Engine, routes::Routes};

/// Gives each command its number and time.
#[derive(Debug, Default)]
pub(crate) struct Sequencer {
    seq: u64,
    time: Nanos,
}

impl Sequencer {
    /// Goes on behind what `engine` has applied.
    pub(crate) const fn after(engine: &Engine) -> Sequencer {
        let (SeqNo(seq), time) = engine.now();
        Sequencer { seq, time }
    }

    /// Number and time of the next command: the venue's time never goes back, whatever the clock does.
    pub(crate) fn next(&mut self, now: u64) -> (SeqNo, Nanos) {
        self.seq += 1;
        self.time = self.time.max(Nanos(now));
        (SeqNo(self.seq), self.time)
    }
}

/// One session's whereabouts.
#[derive(Clone, Copy, Debug, Default)]
struct Whereabouts {
    /// The link its events go to: by which it spoke last, that of its gateway until then.
    route: u32,
    /// The link and that link's generation by which its client last came, until the client has gone.
    up: Option<(u32, u32)>,
}

/// What an image has of a session's whereabouts.
#[derive(Serialize, Deserialize)]
pub(crate) struct SessionImage {
    route: u32,
    up: Option<(u32, u32)>,
}

/// The generation of no claim of a ring's side.
const NOBODY: u32 = 0;

/// Through which link each session speaks.
#[derive(Debug)]
pub(crate) struct Presence {
    sessions: Box<[Whereabouts]>,
}

impl Presence {
    /// Of so many sessions, each at home where `routes` says.
    pub(crate) fn new(sessions: usize, routes: &Routes) -> Presence {
        let at_home = |id| Whereabouts { route: routes.home(SessionId(id)), up: None };
        Presence { sessions: (0..).map(at_home).take(sessions).collect() }
    }

    /// There are so many sessions now, the new ones before the last one and at home where `routes` says.
    pub(crate) fn grow(&mut self, sessions: usize, routes: &Routes) {
        let mut grown = Presence::new(sessions, routes);
        if let (Some((last, others)), Some(to)) =
            (self.sessions.split_last(), grown.sessions.len().checked_sub(1))
        {
            grown.sessions[..others.len()].copy_from_slice(others);
            grown.sessions[to] = *last;
        }
        *self = grown;
    }

    /// What an image has of it.
    pub(crate) fn image(&self) -> Vec<SessionImage> {
        self.sessions.iter().map(|&Whereabouts { route, up }| SessionImage { route, up }).collect()
    }

    /// That of which this is the image.
    pub(crate) fn of_image(image: &[SessionImage]) -> Presence {
        Presence {
            sessions: image.iter().map(|&SessionImage { route, up }| Whereabouts { route, up }).collect(),
        }
    }

    /// Takes note of where a command came from, by `link` in its producer's `generation`; whether it is to be
    /// applied.
    #[inline]
    pub(crate) fn note(&mut self, command: &Command<'_>, link: u32, generation: u32) -> bool {
        let session = command.head().session();
        match command {
            Command::SessionUp(_) => self.up(session, link, generation),
            Command::SessionDown(_) => return self.down(session, link),
            _ => self.came_by(session, link),
        }
        true
    }

    /// A command of `session` came by `link`: so its events go there.
    fn came_by(&mut self, session: SessionId, link: u32) {
        if let Some(session) = self.sessions.get_mut(session.0 as usize) {
            session.route = link;
        }
    }

    /// The link of the session's events; `None` for sessions that the venue does not have.
    pub(crate) fn route(&self, session: SessionId) -> Option<u32> {
        Some(self.sessions.get(session.0 as usize)?.route)
    }

    /// The session's client has come by `link`, whose producer is the `generation`th.
    fn up(&mut self, session: SessionId, link: u32, generation: u32) {
        self.came_by(session, link);
        if let Some(session) = self.sessions.get_mut(session.0 as usize) {
            session.up = Some((link, generation));
        }
    }

    /// The session's client has gone from `link`. Not so if it has come back by another link meanwhile: rings
    /// are not read in the order in which they were written.
    pub(crate) fn down(&mut self, session: SessionId, link: u32) -> bool {
        let Some(session) = self.sessions.get_mut(session.0 as usize) else { return true };
        if session.up.is_some_and(|(at, _)| at != link) {
            return false;
        }
        session.up = None;
        true
    }

    /// The session's client has gone, wherever it was.
    pub(crate) fn take_down(&mut self, session: SessionId) {
        if let Some(session) = self.sessions.get_mut(session.0 as usize) {
            session.up = None;
        }
    }

    /// Whoever sessions are up by `link` through is gone, although another one may have the same generation: of a ring that was
    /// made anew.
    pub(crate) fn strand(&mut self, link: u32) {
        for session in &mut self.sessions {
            if let Some((at, generation)) = &mut session.up
                && *at == link
            {
                *generation = NOBODY;
            }
        }
    }

    /// There are so many links now, and sessions are at home where `routes` says, which may have been otherwise before.
    pub(crate) fn settle(&mut self, links: usize, routes: &Routes) {
        for (id, session) in (0u32..).zip(&mut self.sessions) {
            let home = routes.home(SessionId(id));
            if session.up.is_some_and(|(at, _)| at as usize >= links) {
                session.up = Some((home, NOBODY));
            }
            if session.up.is_none_or(|(at, _)| at != session.route) {
                session.route = home;
            }
        }
    }

    /// A session that is up by `link`, but by another generation than `alive`.
    pub(crate) fn stranded(&self, link: u32, alive: Option<u32>) -> Option<SessionId> {
        let is_stranded = |session: &Whereabouts| {
            session.up.is_some_and(|(at, generation)| at == link && Some(generation) != alive)
        };
        (0u32..).zip(&self.sessions).find(|(_, session)| is_stranded(session)).map(|(id, _)| SessionId(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_gap_and_time_never_goes_back() {
        let mut sequencer = Sequencer::default();
        let given: Vec<_> = [5, 3, 9].map(|now| sequencer.next(now)).into();
        assert_eq!(given, [(SeqNo(1), Nanos(5)), (SeqNo(2), Nanos(5)), (SeqNo(3), Nanos(9))]);
    }

    #[test]
    fn a_session_is_at_home_until_it_speaks_elsewhere() {
        let routes = Routes { homes: vec![1, 0], watched: Vec::new() };
        let mut presence = Presence::new(3, &routes);
        let at = |presence: &Presence| [0, 1, 2, 3].map(|id| presence.route(SessionId(id)));
        assert_eq!(at(&presence), [Some(1), Some(0), Some(0), None]);
        presence.up(SessionId(0), 2, 1);
        presence.came_by(SessionId(1), 3);
        assert_eq!(at(&presence), [Some(2), Some(3), Some(0), None]);
        assert!(presence.down(SessionId(0), 2));
        assert_eq!(presence.route(SessionId(0)), Some(2), "its reports wait where it spoke last");
    }

    #[test]
    fn a_session_that_has_moved_on_is_not_taken_down_by_the_link_it_left() {
        let mut presence = Presence::new(1, &Routes::default());
        presence.up(SessionId(0), 0, 1);
        presence.up(SessionId(0), 1, 1);
        assert!(!presence.down(SessionId(0), 0));
        assert_eq!(presence.route(SessionId(0)), Some(1));
        assert!(presence.down(SessionId(0), 1));
    }

    /// Sessions come and go by any links in any order: each is taken down by the link it is up by, once, and by no other.
    #[test]
    fn whatever_comes_and_goes_each_session_is_up_by_one_link_at_most() {
        let mut state = 0x5eed_u64;
        let mut below = |bound: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u32::try_from((state >> 33) % bound).unwrap()
        };
        let routes = Routes { homes: vec![0, 1, 2, 3], watched: Vec::new() };
        let mut presence = Presence::new(4, &routes);
        let mut up: [Option<(u32, u32)>; 4] = [None; 4];
        let mut generations = [1; 4];
        let mut stranded = 0;
        for _ in 0..100_000 {
            let (id, link) = (below(4), below(4));
            let (session, at) = (SessionId(id), link as usize);
            match below(5) {
                0 => {
                    presence.up(session, link, generations[at]);
                    up[id as usize] = Some((link, generations[at]));
                }
                1 => {
                    let is_its = up[id as usize].is_none_or(|(other, _)| other == link);
                    assert_eq!(presence.down(session, link), is_its);
                    if is_its {
                        up[id as usize] = None;
                    }
                }
                2 => {
                    presence.came_by(session, link);
                    assert_eq!(presence.route(session), Some(link));
                }
                3 => generations[at] += 1,
                _ => {
                    // Another generation reads, or none does.
                    let alive = (below(2) == 0).then_some(generations[at]);
                    while let Some(session) = presence.stranded(link, alive) {
                        let (other, generation) = up[session.0 as usize].take().expect("it was up");
                        assert!(other == link && Some(generation) != alive);
                        assert!(presence.down(session, link));
                        stranded += 1;
                    }
                    assert!(up.iter().flatten().all(|&(other, of)| other != link || Some(of) == alive));
                }
            }
        }
        assert!(stranded > 1_000, "{stranded}");
    }

    #[test]
    fn sessions_of_a_link_whose_producer_died_or_was_replaced_are_stranded() {
        let mut presence = Presence::new(3, &Routes::default());
        presence.up(SessionId(1), 0, 1);
        presence.up(SessionId(2), 1, 1);
        assert_eq!(presence.stranded(0, Some(1)), None);
        assert_eq!(presence.stranded(0, None), Some(SessionId(1)));
        assert_eq!(presence.stranded(1, Some(2)), Some(SessionId(2)));
    }
}
