//! Debian's tshark as a reader of our protocols: it gets a capture and says what it sees in it.

use std::process::Command;

use roxmltree::{Document, Node, ParsingOptions};

use crate::pcap::Capture;

/// A field of a packet, or a whole protocol's part of it, as tshark calls it and shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in display filters, such as `tcp.srcport`.
    pub name: String,
    /// Its value as text, for display filters.
    pub show: String,
    /// Its name and value as people read them.
    pub label: String,
    /// Its bytes in the packet; empty where it was derived from others.
    pub bytes: Vec<u8>,
}

/// What tshark sees in one frame: protocols and fields, outer ones before what is in them.
#[derive(Clone, Debug)]
pub struct Packet(pub Vec<Field>);

impl Packet {
    /// Every field called `name`, in its order.
    pub fn all<'p>(&'p self, name: &str) -> impl Iterator<Item = &'p Field> + use<'p> {
        let name = name.to_owned();
        self.0.iter().filter(move |field| field.name == name)
    }

    /// What every field called `name` shows.
    #[must_use]
    pub fn shows(&self, name: &str) -> Vec<&str> {
        self.all(name).map(|field| field.show.as_str()).collect()
    }

    /// What tshark finds wrong with the frame: malformed protocols, wrong checksums, and what its experts warn of.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        const WARNING: u64 = 0x60_0000; // PI_WARN; notes and chats are less
        let mut complaints = Vec::new();
        let mut message = "";
        for field in &self.0 {
            match field.name.as_str() {
                "_ws.malformed" => complaints.push("malformed packet".to_owned()),
                "_ws.expert.message" => message = &field.show,
                "_ws.expert.severity"
                    if field.show.parse().map_or(true, |severity: u64| severity >= WARNING) =>
                {
                    complaints.push(message.to_owned());
                }
                name if name.ends_with(".checksum.status") && field.show != "1" => {
                    complaints.push(format!("{name} is {}", field.show));
                }
                _ => {}
            }
        }
        complaints
    }
}

/// Every frame of `capture` as tshark sees it. `arguments` are tshark's own, such as `-d tcp.port==9880,soupbintcp`.
///
/// Checksums of IP, TCP and UDP are checked. What the user's own settings of tshark say has no influence.
///
/// # Panics
/// If tshark is not there, or does not like what it was given.
#[must_use]
pub fn packets(capture: &Capture, arguments: &[&str]) -> Vec<Packet> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("capture.pcap");
    capture.write(&file).expect("a temporary file can be written");
    let output = Command::new("tshark")
        .env("HOME", folder.path())
        .env("WIRESHARK_CONFIG_DIR", folder.path())
        .arg("-r")
        .arg(&file)
        .args(["-n", "-T", "pdml"])
        .args([
            "-o",
            "ip.check_checksum:TRUE",
            "-o",
            "tcp.check_checksum:TRUE",
            "-o",
            "udp.check_checksum:TRUE",
        ])
        .args(arguments)
        .output()
        .unwrap_or_else(|e| panic!("tshark ({e}): install it with `apt-get install tshark`"));
    assert!(output.status.success(), "tshark: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("PDML is UTF-8");
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&text, options).expect("PDML is XML");
    document.descendants().filter(|node| node.has_tag_name("packet")).map(packet).collect()
}

fn packet(packet: Node<'_, '_>) -> Packet {
    let text = |node: &Node<'_, '_>, name: &str| node.attribute(name).unwrap_or_default().to_owned();
    let fields = packet
        .descendants()
        .filter(|node| node.has_tag_name("field") || node.has_tag_name("proto"))
        // What tshark makes up about the frame as such.
        .filter(|node| node.parent().and_then(|parent| parent.attribute("name")) != Some("geninfo"))
        .map(|node| Field {
            name: text(&node, "name"),
            show: text(&node, "show"),
            label: text(&node, "showname"),
            // A field of single bits has them as its value, and where it was found besides.
            bytes: unhex(node.attribute("unmaskedvalue").or(node.attribute("value")).unwrap_or_default()),
        });
    Packet(fields.collect())
}

/// # Panics
/// If `digits` are not pairs of hexadecimal ones.
fn unhex(digits: &str) -> Vec<u8> {
    let byte =
        |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    digits.as_bytes().chunks(2).map(|pair| byte(pair).expect("bytes come in hexadecimal")).collect()
}
