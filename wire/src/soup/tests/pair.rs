//! A client and a venue against each other, over connections that break anywhere.

use proptest::prelude::*;

use super::*;

/// Both sides, what is on its way between them, and what arrived.
struct Pair {
    now: Nanos,
    kept: Kept,
    server: Option<Server>,
    client: Client,
    to_server: Vec<u8>,
    to_client: Vec<u8>,
    /// Numbers of the session's messages, as the client got them.
    got: Vec<u64>,
    /// The client's own messages that were sent and that arrived, on this connection.
    sent: Vec<u64>,
    heard: Vec<u64>,
    ended: bool,
}

impl Pair {
    fn new(times: Times) -> Pair {
        let mut config = Config::new("BM1", "bm1-demo").unwrap();
        config.times = times;
        Pair {
            now: NOON,
            kept: Kept::new("S1"),
            server: None,
            client: Client::new(config, None, 1),
            to_server: Vec::new(),
            to_client: Vec::new(),
            got: Vec::new(),
            sent: Vec::new(),
            heard: Vec::new(),
            ended: false,
        }
    }

    fn connect(&mut self, times: Times) {
        self.cut();
        self.server = Some(Server::new(times, self.now));
        self.client.connected(self.now, &mut self.to_server);
    }

    fn cut(&mut self) {
        self.client.disconnected();
        self.server = None;
        self.to_server.clear();
        self.to_client.clear();
        // What the client sent may be lost with the connection, but it never comes twice or out of its order.
        assert!(self.sent.starts_with(&self.heard), "{:?} of {:?}", self.heard, self.sent);
        self.sent.clear();
        self.heard.clear();
    }

    fn server_reads(&mut self, bytes: usize) {
        let Some(server) = &mut self.server else { return };
        let (mut at, end) = (0, bytes.min(self.to_server.len()));
        loop {
            let (used, input) = server.receive(self.now, &self.to_server[at..end]);
            at += used;
            match input {
                server::Input::NeedMore => break,
                server::Input::Login(login) => {
                    assert_eq!((login.username, login.password), (&b"BM1"[..], &b"bm1-demo"[..]));
                    server.accept(self.now, &self.kept, &mut self.to_client).unwrap();
                }
                server::Input::Message(message) => self.heard.push(said(message)),
                server::Input::Handled => {}
                // The server's last word is still on its way; what the client says meanwhile is of no interest.
                server::Input::Close(CloseReason::EndOfSession) => break,
                server::Input::Debug(_) | server::Input::Close(_) => panic!("{input:?}"),
            }
        }
        self.to_server.drain(..at);
        server.serve(self.now, &self.kept, &mut self.to_client);
    }

    fn client_reads(&mut self, bytes: usize) {
        let (mut at, end) = (0, bytes.min(self.to_client.len()));
        while self.server.is_some() {
            let (used, input) = self.client.receive(self.now, &self.to_client[at..end]);
            at += used;
            match input {
                client::Input::NeedMore => break,
                client::Input::Message { number, message } => {
                    assert_eq!(number, said(message));
                    assert_eq!(Some(message), self.kept.get(number));
                    self.got.push(number);
                }
                client::Input::LoggedIn | client::Input::Handled => {}
                client::Input::Close(CloseReason::EndOfSession) => {
                    self.ended = true;
                    break;
                }
                client::Input::Unsequenced(_) | client::Input::Debug(_) | client::Input::Close(_) => {
                    panic!("{input:?}")
                }
            }
        }
        self.to_client.drain(..at);
    }

    /// Lets timers run. Whoever gives up cuts the connection.
    fn time(&mut self) {
        let client_left = self.client.handle_timeout(self.now, &mut self.to_server).is_some();
        let server = self.server.as_mut();
        let server_left = server.is_some_and(|s| s.handle_timeout(self.now, &mut self.to_client).is_some());
        if client_left || server_left {
            self.cut();
        }
    }

    fn client_sends(&mut self) {
        let number = self.sent.len() as u64;
        if self.client.send(self.now, &number.to_be_bytes(), &mut self.to_server) {
            self.sent.push(number);
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Add(u64),
    ClientSends,
    ServerReads(usize),
    ClientReads(usize),
    Wait { milliseconds: u64 },
    Cut,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1_u64..20).prop_map(Step::Add),
        2 => Just(Step::ClientSends),
        6 => (1_usize..120).prop_map(Step::ServerReads),
        6 => (1_usize..500).prop_map(Step::ClientReads),
        2 => (1_u64..6_000).prop_map(|milliseconds| Step::Wait { milliseconds }),
        1 => Just(Step::Cut),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn every_message_arrives_once_and_in_order_wherever_connections_break(
        steps in prop::collection::vec(step(), 0..150), silence in 2_u64..16
    ) {
        let times = Times { silence_ns: silence * SECOND, ..Times::default() };
        let mut pair = Pair::new(times);
        for step in steps {
            if pair.server.is_none() {
                pair.connect(times);
            }
            match step {
                Step::Add(count) => (0..count).for_each(|_| pair.kept.add()),
                Step::ClientSends => pair.client_sends(),
                Step::ServerReads(bytes) => pair.server_reads(bytes),
                Step::ClientReads(bytes) => pair.client_reads(bytes),
                Step::Wait { milliseconds } => {
                    pair.now = pair.now.after(milliseconds * 1_000_000);
                    pair.time();
                }
                Step::Cut => pair.cut(),
            }
        }
        // A last connection that holds, to the end of the session.
        pair.kept.ended = true;
        pair.connect(times);
        for _ in 0..10_000 {
            if pair.ended {
                break;
            }
            pair.server_reads(usize::MAX);
            pair.client_reads(usize::MAX);
        }
        prop_assert!(pair.ended);
        prop_assert_eq!(&pair.got, &(1..=pair.kept.messages.len() as u64).collect::<Vec<_>>());
    }

    /// Two that say nothing to each other stay together: heartbeats are enough, as long as timers run in time.
    #[test]
    fn heartbeats_keep_a_quiet_connection(waits in prop::collection::vec(1_u64..900, 1..200)) {
        let mut pair = Pair::new(Times { silence_ns: 2 * SECOND, ..Times::default() });
        pair.connect(Times { silence_ns: 2 * SECOND, ..Times::default() });
        for milliseconds in waits {
            pair.server_reads(usize::MAX);
            pair.client_reads(usize::MAX);
            pair.now = pair.now.after(milliseconds * 1_000_000);
            pair.time();
            prop_assert!(pair.server.is_some());
        }
    }
}
