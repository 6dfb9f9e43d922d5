//! The binary protocol's messages where they travel, in SoupBinTCP and MoldUDP64: tshark reads them by the dissector that
//! is generated with the schema, and shows every field as it was meant.

use std::path::Path;

use wire::sbe::{field::Value, messages::Shape};

use super::{
    sbe::{FILLS, Plan, decoded},
    *,
};

/// Every message, once for each way to fill one.
fn messages() -> Vec<Vec<u8>> {
    let plans =
        Shape::ALL.iter().map(|shape| Plan::new(shape, shape.entry.map_or(0, |entry| entry.max.min(3))));
    plans.flat_map(|plan| FILLS.map(|fill| plan.message(fill, 3))).collect()
}

fn read(capture: &Capture) -> Vec<Packet> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wire/schema/generated/penstock.lua");
    let script = format!("lua_script:{}", script.display());
    let decode_as = ["tcp.port==9880,soupbintcp", "udp.port==9890,moldudp64", "moldudp64.payload,penstock"];
    let mut arguments = vec!["-X", &script];
    arguments.extend(decode_as.iter().flat_map(|rule| ["-d", rule]));
    tshark::packets(capture, &arguments)
}

/// Insists that the fields of our protocol in `packets` are those of `messages`.
fn assert_shown(packets: &[Packet], messages: &[Vec<u8>]) {
    const HEADER: [&str; 6] = ["block_length", "template", "schema", "version", "entry_length", "entries"];
    let ours = packets.iter().flat_map(|packet| &packet.0);
    let ours = ours.filter_map(|field| Some((field.name.strip_prefix("penstock.")?, field)));
    let mut ours = ours.filter(|(name, _)| !HEADER.contains(name));
    for message in messages {
        let message = decoded(message);
        message.visit(&mut |name, value| {
            let (seen, field) = ours.next().unwrap_or_else(|| panic!("{name} is not seen"));
            assert_eq!(seen, name.to_lowercase());
            let label = &field.label;
            let says = |text: &str| assert!(label.contains(text), "{label} does not say {text}");
            match value {
                Value::Null => says("none"),
                // A code that the catalogue does not have has no name.
                Value::Number(_) if name == "RejectCode" => says("Unknown"),
                Value::Number(number) => assert_eq!(field.show, number.to_string(), "{name}"),
                Value::Wide(number) => assert_eq!(field.bytes, number.to_le_bytes(), "{name}"),
                Value::Signed(number) => assert_eq!(field.bytes, number.to_le_bytes(), "{name}"),
                Value::Text(text) => assert_eq!(field.show.as_bytes(), text, "{name}"),
                Value::Code(code) => says(&format!(" {code} (")),
                Value::Bits(bits, names) => {
                    let set = (0..).zip(names).filter(|(bit, _)| bits & 1 << bit != 0);
                    says(&format!("({})", set.map(|(_, name)| *name).collect::<Vec<_>>().join(", ")));
                }
            }
        });
    }
    assert_eq!(ours.next().map(|(name, _)| name), None, "nothing else is seen");
}

#[test]
fn tshark_reads_every_message_in_soupbintcp() {
    let (mut capture, messages) = (Capture::new(), messages());
    let mut connection = capture.connect(9880);
    for message in &messages {
        let len = u16::try_from(message.len() + 1).expect("messages are short").to_be_bytes();
        capture.tcp(&mut connection, From::Server, &[&len[..], b"S", message].concat());
    }
    capture.close(connection);
    let packets = read(&capture);
    assert_sound(&packets);
    assert_shown(&packets, &messages);
}

#[test]
fn tshark_reads_every_message_in_moldudp64() {
    let (mut capture, messages) = (Capture::new(), messages());
    for (number, pair) in (1_u64..).step_by(2).zip(messages.chunks(2)) {
        let mut packet = b"20261120A ".to_vec();
        packet.extend(number.to_be_bytes());
        packet.extend(u16::try_from(pair.len()).expect("they are two").to_be_bytes());
        for message in pair {
            packet.extend(u16::try_from(message.len()).expect("messages are short").to_be_bytes());
            packet.extend(message);
        }
        capture.udp(9890, From::Server, &packet);
    }
    let packets = read(&capture);
    assert_sound(&packets);
    assert_shown(&packets, &messages);
}

#[test]
fn tshark_says_what_is_wrong_with_a_message() {
    let sound = messages().swap_remove(0);
    let mut capture = Capture::new();
    let mut connection = capture.connect(9880);
    let mut shorter = sound.clone();
    shorter[0] -= 1;
    let cut = sound[..sound.len() - 1].to_vec();
    for message in [shorter, cut] {
        let len = u16::try_from(message.len() + 1).expect("messages are short").to_be_bytes();
        capture.tcp(&mut connection, From::Server, &[&len[..], b"S", &message].concat());
    }
    let complaints: Vec<_> = read(&capture).iter().flat_map(Packet::complaints).collect();
    let malformed = "malformed packet";
    let wanted =
        ["the block is shorter than its fields", malformed, "the message ends within its block", malformed];
    assert_eq!(complaints, wanted);
}
