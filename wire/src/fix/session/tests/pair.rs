//! Two machines against each other, over connections that break anywhere.

use proptest::prelude::*;

use super::*;

/// One side: its machine, what it has yet to read, and what its application got.
struct End {
    session: Session,
    inbox: Inbox,
    /// Bytes on their way to this side.
    wire: Vec<u8>,
    got: Vec<u64>,
    sent: u64,
}

impl End {
    fn new(config: Config) -> End {
        End {
            session: Session::new(config),
            inbox: Inbox::default(),
            wire: Vec::new(),
            got: Vec::new(),
            sent: 0,
        }
    }

    fn send(&mut self, now: Nanos, to: &mut Vec<u8>) {
        self.sent += 1;
        let number = self.sent;
        self.session.send(now, b"B", to, |body| body.int(b"148=", number));
    }

    /// Reads up to `bytes` of what is on its way, and what it answers goes `to` the other. Gives whether the
    /// connection is still good.
    fn read(&mut self, now: Nanos, bytes: usize, to: &mut Vec<u8>) -> bool {
        let mut at = 0;
        let end = bytes.min(self.wire.len());
        let good = loop {
            let (used, input) = self.session.receive(now, &self.wire[at..end], &mut self.inbox, to);
            at += used;
            match input {
                Input::NeedMore => break true,
                Input::Handled | Input::LoggedOn => {}
                Input::App(message) => {
                    let text = std::str::from_utf8(message.find(148).unwrap()).unwrap();
                    self.got.push(text.parse().unwrap());
                }
                Input::Rejected(message) => panic!("rejected: {}", message.bytes().escape_ascii()),
                Input::Close(reason) => panic!("closed: {reason}"),
            }
        };
        self.wire.drain(..at);
        self.session.poll_resend(now, to);
        good
    }
}

#[derive(Clone, Debug)]
enum Step {
    Send { by_client: bool },
    Read { by_client: bool, bytes: usize },
    Wait { milliseconds: u64 },
    Cut,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => any::<bool>().prop_map(|by_client| Step::Send { by_client }),
        6 => (any::<bool>(), 1_usize..600).prop_map(|(by_client, bytes)| Step::Read { by_client, bytes }),
        1 => (1_u64..20_000).prop_map(|milliseconds| Step::Wait { milliseconds }),
        1 => Just(Step::Cut),
    ]
}

fn config(role: Role, us: &str, them: &str) -> Config {
    // Small buffers, so that what waits for a gap is dropped and asked for again in many of the runs.
    Config { held_bytes_max: 400, ..Config::new(role, us, them) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_message_arrives_once_and_in_order_wherever_connections_break(
        steps in prop::collection::vec(step(), 0..150)
    ) {
        let mut client = End::new(config(Role::Initiator, "TW", "ISLD"));
        let mut venue = End::new(config(Role::Acceptor, "ISLD", "TW"));
        let mut now = NOON;
        let mut connected = false;
        for step in steps {
            if !connected {
                connect(&mut client, &mut venue, now);
                connected = true;
            }
            match step {
                Step::Send { by_client: true } => client.send(now, &mut venue.wire),
                Step::Send { by_client: false } => venue.send(now, &mut client.wire),
                Step::Read { by_client: true, bytes } => connected = client.read(now, bytes, &mut venue.wire),
                Step::Read { by_client: false, bytes } => connected = venue.read(now, bytes, &mut client.wire),
                Step::Wait { milliseconds } => {
                    now = now.after(milliseconds * 1_000_000);
                    connected = !time(&mut client, &mut venue, now);
                }
                Step::Cut => connected = false,
            }
        }
        // A last connection that holds: heartbeats show the gaps that nothing else would.
        connect(&mut client, &mut venue, now);
        for _ in 0..40 {
            for _ in 0..20 {
                client.read(now, usize::MAX, &mut venue.wire);
                venue.read(now, usize::MAX, &mut client.wire);
            }
            now = now.after(30 * SECOND);
            prop_assert!(!time(&mut client, &mut venue, now));
        }
        prop_assert_eq!(&venue.got, &(1..=client.sent).collect::<Vec<_>>());
        prop_assert_eq!(&client.got, &(1..=venue.sent).collect::<Vec<_>>());
    }
}

fn connect(client: &mut End, venue: &mut End, now: Nanos) {
    client.wire.clear();
    venue.wire.clear();
    client.session.disconnected();
    venue.session.disconnected();
    client.session.connected(now, &mut venue.wire);
    venue.session.connected(now, &mut client.wire);
}

/// Lets timers run; gives whether one of the two gave up.
fn time(client: &mut End, venue: &mut End, now: Nanos) -> bool {
    let client_left = client.session.handle_timeout(now, &mut venue.wire).is_some();
    let venue_left = venue.session.handle_timeout(now, &mut client.wire).is_some();
    client_left || venue_left
}
