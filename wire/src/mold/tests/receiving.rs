//! The receiver: arbitration, gaps, requests, giving up, sessions.

use super::{
    packet::Request,
    receiver::{Action, Config, Line, State},
    *,
};

/// A receiver, the messages that there are, and what has been handed on.
struct Ear {
    receiver: Receiver,
    kept: Kept,
    now: Nanos,
    got: Vec<u64>,
    sessions: Vec<(SessionName, u64)>,
    ended: bool,
}

impl Ear {
    /// It waits for message 1 of a session that has 1,000 of them.
    fn new() -> Ear {
        let mut ear = Ear {
            receiver: Receiver::new(Config::default()),
            kept: Kept::counting(1_000),
            now: NOON,
            got: Vec::new(),
            sessions: Vec::new(),
            ended: false,
        };
        ear.resume(1);
        ear
    }

    fn resume(&mut self, next: u64) -> bool {
        let Ear { receiver, kept, got, ended, .. } = self;
        receiver.resume(self.now, kept.session, next, |delivery| match delivery {
            Delivery::Message { number, .. } => got.push(number),
            Delivery::EndOfSession => *ended = true,
            Delivery::Session { .. } => panic!("{delivery:?}"),
        })
    }

    fn hears(&mut self, packet: &[u8]) {
        let Ear { receiver, kept, got, sessions, ended, .. } = self;
        let deliver = |delivery: Delivery<'_>| match delivery {
            Delivery::Message { number, message } => {
                assert_eq!(kept.get(number), Some(message));
                got.push(number);
            }
            Delivery::Session { session, missed } => {
                got.clear();
                sessions.push((session, missed));
            }
            Delivery::EndOfSession => *ended = true,
        };
        receiver.receive(self.now, Line::A, packet, deliver).unwrap();
    }

    fn hears_messages(&mut self, numbers: std::ops::Range<u64>) {
        let packet = of(&self.kept, numbers);
        self.hears(&packet);
    }

    /// Lets time go on to the next deadline; gives how many milliseconds that took, and what is to be done.
    fn waits(&mut self) -> (u64, Action, Option<(u64, u16)>) {
        let deadline = self.receiver.deadline();
        let milliseconds = deadline.since(self.now) / 1_000_000;
        let mut packet = Vec::new();
        assert_eq!(self.receiver.handle_timeout(Nanos(deadline.0 - 1), &mut packet), Action::None);
        self.now = deadline;
        let action = self.receiver.handle_timeout(deadline, &mut packet);
        let request = packet::request(&packet).ok().map(|Request { number, count, .. }| (number, count));
        (milliseconds, action, request)
    }

    fn is_quiet(&self) -> bool {
        self.receiver.deadline() == Nanos(u64::MAX)
    }
}

mod lines {
    use super::*;

    #[test]
    fn the_first_copy_wins() {
        let mut ear = Ear::new();
        for _ in 0..2 {
            ear.hears_messages(1..4);
            ear.hears_messages(4..5);
        }
        assert_eq!(ear.got, [1, 2, 3, 4]);
        assert_eq!(ear.receiver.duplicates(), 2);
        assert!(ear.is_quiet());
    }

    #[test]
    fn packets_need_not_be_cut_alike() {
        let mut ear = Ear::new();
        for numbers in [1..4, 2..6, 3..5, 8..12, 7..9, 5..8] {
            ear.hears_messages(numbers);
        }
        assert_eq!(ear.got, (1..12).collect::<Vec<_>>());
    }

    #[test]
    fn what_comes_early_waits_for_its_turn() {
        let mut ear = Ear::new();
        for numbers in [5..7, 3..5, 7..8, 3..5] {
            ear.hears_messages(numbers);
        }
        assert_eq!(ear.got, []);
        ear.hears_messages(1..3);
        assert_eq!(ear.got, [1, 2, 3, 4, 5, 6, 7]);
        assert!(ear.is_quiet());
    }

    #[test]
    fn each_line_is_seen_to_be_alive_or_not() {
        let mut receiver = Receiver::new(Config::default());
        let mut packet = Vec::new();
        packet::write_heartbeat(name("S1"), 1, &mut packet);
        receiver.receive(NOON, Line::B, &packet, |_| {}).unwrap();
        assert_eq!((receiver.last_heard(Line::A), receiver.last_heard(Line::B)), (None, Some(NOON)));
    }
}

mod gaps {
    use super::*;

    #[test]
    fn the_other_line_has_a_moment_to_fill_a_gap() {
        let mut ear = Ear::new();
        ear.hears_messages(3..4);
        assert_eq!(ear.receiver.deadline(), NOON.after(1_000_000));
        ear.hears_messages(1..3);
        assert!(ear.is_quiet());
    }

    #[test]
    fn then_everything_missing_is_asked_for_at_once() {
        let mut ear = Ear::new();
        ear.hears_messages(3..4);
        ear.hears_messages(7..9);
        ear.hears_messages(10..12);
        assert_eq!(ear.waits(), (1, Action::Request, Some((1, 9))), "up to the last one missing");
        assert!(ear.receiver.has_gap());
        ear.hears_messages(1..10);
        assert_eq!(ear.got, (1..12).collect::<Vec<_>>());
        assert!(ear.is_quiet());
    }

    #[test]
    fn a_heartbeat_shows_what_was_lost_before_it() {
        let mut ear = Ear::new();
        ear.hears_messages(1..2);
        let mut packet = Vec::new();
        packet::write_heartbeat(name("S1"), 5, &mut packet);
        ear.hears(&packet);
        assert_eq!(ear.waits(), (1, Action::Request, Some((2, 3))));
    }

    #[test]
    fn requests_that_bring_nothing_are_repeated_with_growing_pauses_then_given_up() {
        let mut ear = Ear::new();
        ear.hears_messages(4..5);
        let mut pauses = Vec::new();
        let end = loop {
            match ear.waits() {
                (pause, Action::Request, request) => {
                    assert_eq!(request, Some((1, 3)));
                    pauses.push(pause);
                }
                (pause, action, None) => {
                    pauses.push(pause);
                    break action;
                }
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(pauses, [1, 10, 20, 40, 80, 160, 320, 500, 500]);
        assert_eq!(end, Action::SnapshotNeeded { first: 1, last: 3 });
        assert_eq!(ear.receiver.state(), State::AwaitingSnapshot);
        assert!(ear.is_quiet());
        assert_eq!(ear.got, []);
    }

    #[test]
    fn part_of_an_answer_is_a_sign_of_hope() {
        let mut ear = Ear::new();
        ear.hears_messages(9..10);
        for _ in 0..5 {
            ear.waits();
        }
        ear.hears_messages(1..3);
        assert_eq!(ear.waits(), (10, Action::Request, Some((3, 6))), "the rest was on its way");
        assert_eq!(ear.waits().0, 20);
    }

    #[test]
    fn a_gap_longer_than_an_answer_takes_several() {
        let mut ear = Ear::new();
        ear.hears_messages(900..901);
        let mut asked = Vec::new();
        while !ear.is_quiet() {
            let (pause, action, request) = ear.waits();
            let (first, count) = request.unwrap();
            assert_eq!(action, Action::Request);
            assert_eq!(pause, u64::from(first == 1), "only the other line is waited for");
            asked.push((first, count));
            for number in (first..first + u64::from(count)).step_by(8) {
                ear.hears_messages(number..(number + 8).min(first + u64::from(count)));
            }
        }
        assert_eq!(asked, [(1, 256), (257, 256), (513, 256), (769, 131)]);
        assert_eq!(ear.got, (1..901).collect::<Vec<_>>());
    }

    #[test]
    fn a_gap_that_is_much_too_long_is_not_asked_for() {
        let mut ear = Ear::new();
        let mut packet = Vec::new();
        packet::write_heartbeat(name("S1"), 2 + (1 << 16), &mut packet);
        ear.hears(&packet);
        assert_eq!(ear.waits().1, Action::SnapshotNeeded { first: 1, last: 1 + (1 << 16) });
    }

    #[test]
    fn what_does_not_fit_is_dropped_and_asked_for_again() {
        let mut ear = Ear::new();
        for number in (2..=600).rev() {
            ear.hears_messages(number..number + 1);
        }
        assert_eq!(ear.receiver.dropped(), 599 - 256);
        ear.hears_messages(1..2);
        assert_eq!(ear.got, (1..=257).collect::<Vec<_>>(), "the nearest ones were kept");
        assert_eq!(ear.waits(), (1, Action::Request, Some((258, 256))));
    }
}

mod snapshots {
    use super::*;

    #[test]
    fn nothing_is_handed_on_before_the_start_is_known() {
        let mut ear = Ear { receiver: Receiver::new(Config::default()), ..Ear::new() };
        ear.hears_messages(500..503);
        ear.hears_messages(503..504);
        assert!(ear.is_quiet());
        assert_eq!((ear.receiver.session(), &ear.got), (Some(name("S1")), &vec![]));
        assert!(ear.resume(502));
        assert_eq!(ear.got, [502, 503]);
        ear.hears_messages(504..505);
        assert_eq!(ear.got, [502, 503, 504]);
    }

    #[test]
    fn the_newest_packets_are_kept_for_what_follows_the_snapshot() {
        let mut ear = Ear { receiver: Receiver::new(Config::default()), ..Ear::new() };
        for number in 1..=600 {
            ear.hears_messages(number..number + 1);
        }
        assert!(ear.resume(400));
        assert_eq!(ear.got, (400..=600).collect::<Vec<_>>());
    }

    #[test]
    fn a_snapshot_older_than_what_is_here_leaves_a_gap() {
        let mut ear = Ear { receiver: Receiver::new(Config::default()), ..Ear::new() };
        ear.hears_messages(20..21);
        assert!(ear.resume(18));
        assert_eq!(ear.waits(), (1, Action::Request, Some((18, 2))));
    }

    #[test]
    fn a_snapshot_of_a_session_that_was_left_is_of_no_use() {
        let mut ear = Ear::new();
        let mut packet = Vec::new();
        packet::write_heartbeat(name("S2"), 1, &mut packet);
        ear.hears(&packet);
        assert!(!ear.resume(5));
        assert_eq!(ear.receiver.session(), Some(name("S2")));
    }
}

mod sessions {
    use super::*;

    fn end(next: u64) -> Vec<u8> {
        let mut packet = Vec::new();
        packet::write_end_of_session(name("S1"), next, &mut packet);
        packet
    }

    #[test]
    fn the_end_is_handed_on_once_and_after_the_last_message() {
        let mut ear = Ear::new();
        ear.hears(&end(4));
        ear.hears_messages(3..4);
        assert!(!ear.ended);
        assert_eq!(
            ear.waits(),
            (1, Action::Request, Some((1, 2))),
            "while the end is told, the rest can be had"
        );
        ear.hears_messages(1..3);
        assert_eq!((&ear.got, ear.ended), (&vec![1, 2, 3], true));
        ear.ended = false;
        ear.hears(&end(4));
        ear.hears_messages(3..4);
        assert_eq!((&ear.got, ear.ended), (&vec![1, 2, 3], false));
        assert_eq!(ear.receiver.state(), State::Ended);
        assert!(ear.is_quiet());
    }

    #[test]
    fn a_new_session_begins_with_its_first_message() {
        let mut ear = Ear::new();
        ear.hears_messages(1..3);
        ear.hears_messages(5..6);
        ear.kept.session = name("S2");
        ear.hears_messages(2..3);
        assert_eq!(ear.sessions, [(name("S2"), 3)], "messages 3 to 5 of the old one were not handed on");
        assert_eq!(ear.waits(), (1, Action::Request, Some((1, 1))));
        ear.hears_messages(1..2);
        assert_eq!(ear.got, [1, 2]);
    }

    /// Line B may be slower than line A: what it still says of the old session is no third one.
    #[test]
    fn late_packets_of_the_old_session_are_ignored() {
        let mut ear = Ear::new();
        let late = of(&ear.kept, 1..3);
        ear.hears(&late);
        ear.kept.session = name("S2");
        ear.hears_messages(1..2);
        ear.hears(&late);
        ear.hears_messages(2..3);
        assert_eq!((ear.sessions, ear.got), (vec![(name("S2"), 0)], vec![1, 2]));
    }

    #[test]
    fn an_end_before_what_was_handed_on_is_an_end() {
        let mut ear = Ear::new();
        ear.hears_messages(1..4);
        ear.hears(&end(2));
        assert!(ear.ended);
    }
}

#[test]
fn a_malformed_packet_changes_nothing() {
    let mut receiver = Receiver::new(Config::default());
    let fault = receiver.receive(NOON, Line::A, b"nonsense", |delivery| panic!("{delivery:?}"));
    assert_eq!(fault, Err(Malformed::Short(8)));
    assert_eq!((receiver.session(), receiver.last_heard(Line::A)), (None, None));
}
