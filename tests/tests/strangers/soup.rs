//! SoupBinTCP: a login, messages both ways, heartbeats, the end of the session; and a login that is refused.

use wire::soup::{Client, RejectReason, Server, Times, client, server};

use super::*;

const PORT: u16 = 9880;

/// Two machines, and the capture of what they say to each other.
struct Talk {
    capture: Capture,
    connection: penstock_tests::pcap::Connection,
    client: Client,
    server: Server,
    kept: Kept,
    now: Nanos,
}

impl Talk {
    fn new(mut capture: Capture, kept: Kept) -> Talk {
        let connection = capture.connect(PORT);
        let config = client::Config::new("BM1", "bm1-demo").expect("they fit");
        let server = Server::new(Times::default(), NOON);
        Talk { capture, connection, client: Client::new(config, None, 1), server, kept, now: NOON }
    }

    /// The client says what is in `out`; the server reads it, answers, and sends what it has.
    fn client_says(&mut self, out: &[u8], accept: bool) {
        self.capture.tcp(&mut self.connection, From::Client, out);
        let (mut at, mut answer) = (0, Vec::new());
        loop {
            let (used, input) = self.server.receive(self.now, &out[at..]);
            at += used;
            match input {
                server::Input::NeedMore | server::Input::Close(_) => break,
                server::Input::Login(_) if accept => {
                    self.server.accept(self.now, &self.kept, &mut answer).expect("it is there");
                }
                server::Input::Login(_) => {
                    self.server.reject(self.now, RejectReason::NotAuthorized, &mut answer);
                }
                server::Input::Message(message) => {
                    self.server.send_unsequenced(self.now, message, &mut answer);
                }
                server::Input::Handled | server::Input::Debug(_) => {}
            }
        }
        self.server.serve(self.now, &self.kept, &mut answer);
        self.server_says(&answer);
    }

    fn server_says(&mut self, out: &[u8]) {
        self.capture.tcp(&mut self.connection, From::Server, out);
        let mut at = 0;
        loop {
            let (used, input) = self.client.receive(self.now, &out[at..]);
            at += used;
            if matches!(input, client::Input::NeedMore | client::Input::Close(_)) {
                break;
            }
        }
    }
}

/// A packet as tshark sees it: type, and what else there is to say.
fn seen(packets: &[Packet]) -> Vec<(char, Vec<String>)> {
    let mut seen: Vec<(char, Vec<String>)> = Vec::new();
    for field in packets.iter().flat_map(|packet| &packet.0) {
        let said = match field.name.as_str() {
            "soupbintcp.packet_type" => {
                seen.push((char::from(field.bytes[0]), Vec::new()));
                continue;
            }
            "soupbintcp.message" => field.bytes.escape_ascii().to_string(),
            "soupbintcp.packet_length" | "soupbintcp" => continue,
            // Those of numbers show an X; the label has the number.
            name if name.ends_with("seq_num") => field.label.clone(),
            name if name.starts_with("soupbintcp.") => {
                format!("{} {}", &name["soupbintcp.".len()..], field.show)
            }
            _ => continue,
        };
        seen.last_mut().expect("the type comes first").1.push(said);
    }
    seen
}

#[test]
fn tshark_reads_a_soupbintcp_conversation() {
    let mut kept = Kept::new();
    (0..3).for_each(|_| kept.add());
    let mut talk = Talk::new(Capture::new(), kept);

    let mut out = Vec::new();
    talk.client.connected(talk.now, &mut out);
    talk.client_says(&out, true);
    out.clear();
    assert!(talk.client.send(talk.now, b"\x00an order\xff", &mut out));
    talk.client_says(&out, true);
    talk.now = talk.now.after(SECOND);
    for _ in 0..2 {
        out.clear();
        talk.client.handle_timeout(talk.now, &mut out);
        talk.client_says(&out, true);
        out.clear();
        talk.server.handle_timeout(talk.now, &mut out);
        talk.server_says(&out);
        talk.now = talk.now.after(SECOND);
    }
    // More than a segment, so that packets begin and end anywhere.
    (0..40).for_each(|_| talk.kept.add());
    talk.kept.ended = true;
    out.clear();
    talk.server.send_debug(talk.now, b"for people", &mut out);
    talk.server.serve(talk.now, &talk.kept, &mut out);
    talk.server_says(&out);
    let Talk { mut capture, connection, kept, .. } = talk;
    capture.close(connection);

    let mut refused = Talk::new(capture, Kept::new());
    out.clear();
    refused.client.connected(NOON, &mut out);
    refused.client_says(&out, false);
    refused.capture.close(refused.connection);

    let login = || {
        let username = "username BM1   ".to_owned();
        let password = "password bm1-demo  ".to_owned();
        (
            'L',
            vec![
                username,
                password,
                "session           ".to_owned(),
                "Requested sequence number: 1".to_owned(),
            ],
        )
    };
    let sequenced = |n: usize| {
        (
            'S',
            vec![
                format!("Sequence number: {} (Calculated)", n + 1),
                kept.messages[n].escape_ascii().to_string(),
            ],
        )
    };
    let unsequenced = || ('U', vec![r"\x00an order\xff".to_owned()]);
    let mut expected = vec![
        login(),
        ('A', vec![format!("session {:>10}", "20261120A"), "Next sequence number: 1".to_owned()]),
    ];
    expected.extend((0..3).map(sequenced));
    expected.extend([unsequenced(), unsequenced()]);
    for _ in 0..2 {
        expected.extend([('R', vec![]), ('H', vec![])]);
    }
    expected.push(('+', vec!["text for people".to_owned()]));
    expected.extend((3..43).map(sequenced));
    expected.push(('Z', vec![]));
    expected.extend([login(), ('J', vec!["reject_code 'A'".to_owned()])]);

    let packets = tshark::packets(&refused.capture, &["-d", "tcp.port==9880,soupbintcp"]);
    assert_sound(&packets);
    let seen = seen(&packets);
    for (i, (seen, expected)) in seen.iter().zip(&expected).enumerate() {
        assert_eq!(seen, expected, "packet {i}");
    }
    assert_eq!(seen.len(), expected.len());
}
