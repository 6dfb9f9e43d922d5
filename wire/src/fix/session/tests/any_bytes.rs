//! Hostile peers: whatever the bytes, the machine goes on or closes, and its output is FIX.

use proptest::prelude::*;

use super::*;

/// A valid message of any kind, or nearly so.
fn fields() -> impl Strategy<Value = String> {
    let number = || {
        prop_oneof![0_u64..6, 0_u64..6, Just(999_999), Just(u64::MAX / 2), Just(9_999_999_999_999_999_999)]
    };
    let header = (number(), any::<bool>()).prop_map(|(seq, dup)| {
        if dup { format!("34={seq}|43=Y|122=20261120-11:59:00") } else { format!("34={seq}") }
    });
    let body = prop_oneof![
        Just("98=0|108=30".to_owned()),
        Just("98=0|108=30|141=Y".to_owned()),
        "(112=[A-Z]{0,3})?",
        (number(), number()).prop_map(|(begin, end)| format!("7={begin}|16={end}")),
        (number(), any::<bool>())
            .prop_map(|(new, fill)| format!("36={new}|123={}", if fill { "Y" } else { "N" })),
        "((58|95|96|354|0|-1|57|999|10)=[A-Z0-9]{0,3}[|]?){0,4}",
    ];
    ("[0-5AADDj8*]", header, body).prop_map(|(kind, header, body)| format!("35={kind}|{header}|{body}"))
}

#[derive(Clone, Debug)]
enum Step {
    Message(String),
    Mutated(String, usize, u8),
    Bytes(Vec<u8>),
    Wait(u64),
    Send,
    Reconnect,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => fields().prop_map(Step::Message),
        2 => (fields(), any::<usize>(), any::<u8>()).prop_map(|(fields, at, byte)| Step::Mutated(fields, at, byte)),
        1 => prop::collection::vec(any::<u8>(), 0..60).prop_map(Step::Bytes),
        1 => (0_u64..100).prop_map(Step::Wait),
        2 => Just(Step::Send),
        1 => Just(Step::Reconnect),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn no_peer_makes_the_machine_panic_or_say_what_is_not_fix(
        steps in prop::collection::vec(step(), 1..60), initiator in any::<bool>()
    ) {
        let role = if initiator { Role::Initiator } else { Role::Acceptor };
        let config = Config { resend_messages_max: 3, held_bytes_max: 300, ..Config::new(role, "ISLD", "TW") };
        let mut peer = Peer::new(config);
        peer.session.connected(NOON, &mut peer.out);
        peer.gives("35=A|34=1|98=0|108=30");
        for step in steps {
            match step {
                Step::Message(fields) => {
                    peer.gives(&fields);
                }
                Step::Mutated(fields, at, byte) => {
                    let mut bytes = message(&fields, peer.now);
                    let at = at % bytes.len();
                    bytes[at] = byte;
                    peer.gives_bytes(&bytes);
                    let _ = logon_of(&bytes);
                }
                Step::Bytes(bytes) => {
                    peer.gives_bytes(&bytes);
                    let _ = logon_of(&bytes);
                }
                Step::Wait(more) => {
                    let now = peer.now.after(more * SECOND);
                    peer.wait_until(now);
                }
                Step::Send => {
                    peer.sends("text");
                }
                Step::Reconnect => {
                    peer.session.connected(peer.now, &mut peer.out);
                    peer.gives(&format!("35=A|34={}|98=0|108=30", peer.session.next_in()));
                }
            }
            let now = peer.now;
            peer.session.poll_resend(now, &mut peer.out);
            let said = peer.said();
            prop_assert!(said.len() <= 4 * RESEND_CHUNK + HELD_MESSAGES_MAX, "{} messages at once", said.len());
        }
    }
}
