//! Publisher, two lines that lose, double and reorder, a re-request server behind a line as bad, and a receiver:
//! everything arrives once and in order, or the receiver says that it cannot.

use proptest::prelude::*;

use super::{
    publisher,
    receiver::{self, Action, Line, State},
    *,
};

/// A line: what happens to each of its packets is drawn from `luck`, over and over.
struct Wire {
    luck: Vec<Luck>,
    sent: usize,
    /// Packets on their way, and when they arrive.
    flying: Vec<(Nanos, Vec<u8>)>,
}

#[derive(Clone, Copy, Debug)]
enum Luck {
    Lost,
    Arrives { microseconds: u64 },
    Doubled { microseconds: u64, again: u64 },
}

fn luck() -> impl Strategy<Value = Vec<Luck>> {
    let delay = || prop_oneof![4 => 10_u64..100, 1 => 10_u64..20_000];
    let one = prop_oneof![
        2 => Just(Luck::Lost),
        6 => delay().prop_map(|microseconds| Luck::Arrives { microseconds }),
        1 => (delay(), delay()).prop_map(|(microseconds, again)| Luck::Doubled { microseconds, again }),
    ];
    prop::collection::vec(one, 1..40)
}

impl Wire {
    fn new(luck: Vec<Luck>) -> Wire {
        Wire { luck, sent: 0, flying: Vec::new() }
    }

    fn send(&mut self, now: Nanos, packet: &[u8]) {
        let luck = self.luck[self.sent % self.luck.len()];
        self.sent += 1;
        let mut fly =
            |microseconds: u64| self.flying.push((now.after(microseconds * 1_000), packet.to_vec()));
        match luck {
            Luck::Lost => {}
            Luck::Arrives { microseconds } => fly(microseconds),
            Luck::Doubled { microseconds, again } => {
                fly(microseconds);
                fly(again);
            }
        }
    }

    fn arrivals(&mut self, now: Nanos) -> Vec<Vec<u8>> {
        let mut due: Vec<_> = self.flying.extract_if(.., |(at, _)| *at <= now).collect();
        due.sort_by_key(|&(at, _)| at);
        due.into_iter().map(|(_, packet)| packet).collect()
    }
}

struct World {
    now: Nanos,
    kept: Kept,
    publisher: Publisher,
    receiver: Receiver,
    lines: [Wire; 2],
    requests: Wire,
    answers: Wire,
    /// Numbers handed on since the beginning or the last snapshot, and where they were to begin.
    got: Vec<u64>,
    from: u64,
    snapshots: u32,
    ended: bool,
}

impl World {
    fn new(config: receiver::Config, [a, b, requests, answers]: [Vec<Luck>; 4]) -> World {
        let kept = Kept::new("S1");
        let mut receiver = Receiver::new(config);
        assert!(receiver.resume(NOON, kept.session, 1, |delivery| panic!("{delivery:?}")));
        World {
            now: NOON,
            publisher: Publisher::new(publisher::Config::default(), kept.session, 1, NOON),
            kept,
            receiver,
            lines: [Wire::new(a), Wire::new(b)],
            requests: Wire::new(requests),
            answers: Wire::new(answers),
            got: Vec::new(),
            from: 1,
            snapshots: 0,
            ended: false,
        }
    }

    fn step(&mut self) {
        let mut packet = Vec::new();
        while self.publisher.poll(self.now, &self.kept, &mut packet).unwrap() {
            for line in &mut self.lines {
                line.send(self.now, &packet);
            }
        }
        for (i, line) in [Line::A, Line::B].into_iter().enumerate() {
            for packet in self.lines[i].arrivals(self.now) {
                self.hear(line, &packet);
            }
        }
        for request in self.requests.arrivals(self.now) {
            let Ok(mut answer) = Answer::to(&request, &self.kept) else { continue };
            while answer.poll(&self.kept, 500, &mut packet) {
                self.answers.send(self.now, &packet);
            }
        }
        for packet in self.answers.arrivals(self.now) {
            self.hear(Line::Answer, &packet);
        }
        match self.receiver.handle_timeout(self.now, &mut packet) {
            Action::None => {}
            Action::Request => self.requests.send(self.now, &packet),
            Action::SnapshotNeeded { first, last } => {
                assert_eq!(first, self.from + self.got.len() as u64, "all before it has been handed on");
                assert!(first <= last && last < self.kept.next());
                assert_eq!(self.receiver.state(), State::AwaitingSnapshot);
                self.snapshot(last);
            }
        }
    }

    /// A snapshot as of message `number`, which the receiver goes on behind.
    fn snapshot(&mut self, number: u64) {
        self.check();
        (self.from, self.snapshots) = (number + 1, self.snapshots + 1);
        self.got.clear();
        let World { receiver, got, ended, .. } = self;
        receiver.resume(self.now, self.kept.session, number + 1, |delivery| note(delivery, got, ended));
    }

    fn hear(&mut self, line: Line, packet: &[u8]) {
        let World { receiver, got, ended, .. } = self;
        receiver.receive(self.now, line, packet, |delivery| note(delivery, got, ended)).unwrap();
    }

    /// Nothing was left out, doubled or turned around.
    fn check(&self) {
        let end = self.from + self.got.len() as u64;
        assert_eq!(self.got, (self.from..end).collect::<Vec<_>>());
    }

    /// Time goes on in small steps, until the session's end has been handed on or so much time has passed.
    fn until_ended(&mut self, seconds: u64) {
        let end = self.now.after(seconds * SECOND);
        while self.now < end && !self.ended {
            self.now = self.now.after(100_000);
            self.step();
        }
    }
}

fn note(delivery: Delivery<'_>, got: &mut Vec<u64>, ended: &mut bool) {
    match delivery {
        Delivery::Message { number, message } => {
            assert_eq!(number, said(message));
            assert!(!*ended);
            got.push(number);
        }
        Delivery::EndOfSession => *ended = true,
        Delivery::Session { .. } => panic!("{delivery:?}"),
    }
}

fn config() -> impl Strategy<Value = receiver::Config> {
    (0_usize..12, 2_u32..9).prop_map(|(early_packets_max, attempts_max)| receiver::Config {
        early_packets_max,
        attempts_max,
        retry_ns_max: 40_000_000,
        gap_messages_max: 300,
        ..receiver::Config::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever the network does, what is handed on is in order and what is not has been said; once it does nothing
    /// bad any more, the session is received to its end.
    #[test]
    fn everything_arrives_once_and_in_order_or_the_receiver_says_it_cannot(
        bursts in prop::collection::vec((0_u64..80, 0_u64..4_000), 1..30),
        lucks in [luck(), luck(), luck(), luck()],
        config in config(),
    ) {
        let mut world = World::new(config, lucks);
        for (count, microseconds) in bursts {
            (0..count).for_each(|_| world.kept.add());
            world.step();
            world.now = world.now.after(microseconds * 1_000);
        }
        world.kept.ended = true;
        for line in world.lines.iter_mut().chain([&mut world.requests, &mut world.answers]) {
            line.luck = vec![Luck::Arrives { microseconds: 20 }];
        }
        world.until_ended(20);
        prop_assert!(world.ended, "{:?}", world.receiver);
        world.check();
        prop_assert_eq!(world.from + world.got.len() as u64, world.kept.next());
    }

    /// A network that loses a packet here and there costs nothing but time: no snapshot.
    #[test]
    fn a_packet_lost_here_and_there_is_had_again(
        count in 100_u64..2_000, delays in [1_u64..1_000, 1_u64..1_000], losses in [2_usize..20, 2_usize..20],
    ) {
        let lucks = [0, 1].map(|i| {
            let mut luck = vec![Luck::Arrives { microseconds: delays[i] }; losses[i]];
            luck[0] = Luck::Lost;
            luck
        });
        let [a, b] = lucks;
        let fine = vec![Luck::Arrives { microseconds: 50 }];
        let mut world = World::new(receiver::Config::default(), [a, b, fine.clone(), fine]);
        for _ in 0..count / 10 {
            (0..10).for_each(|_| world.kept.add());
            world.step();
            world.now = world.now.after(100_000);
        }
        world.kept.ended = true;
        world.until_ended(40);
        prop_assert!(world.ended);
        prop_assert_eq!(world.snapshots, 0);
        prop_assert_eq!(&world.got, &(1..world.kept.next()).collect::<Vec<_>>());
    }
}
