//! The binary protocol: the PyPI package `sbe` reads what our encoder has written with the published schema alone, finds
//! every field as it was meant, and writes the same bytes.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value as Json, json};
use wire::{
    reject::Reject,
    sbe::{
        self, GroupSize, HEADER_BYTES,
        field::Value,
        messages::{Message, SCHEMA_ID, Shape, VERSION},
    },
};

/// How the bytes of a message are chosen: by the place and a number.
pub(super) const FILLS: [fn(usize, u64) -> u8; 4] = [
    // Anything.
    |at, seed| {
        let mixed = (at as u64 + seed * 4096).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed ^ mixed >> 29).to_be_bytes()[2]
    },
    // No value, where numbers have no sign.
    |_, _| 0xFF,
    // No value, where numbers have one.
    |at, _| if at % 8 == 7 { 0x80 } else { 0 },
    // Small numbers of 16 bits: each is a code of the catalogue of rejects.
    |at, seed| if at % 2 == 0 { seed.to_le_bytes()[0] % 40 } else { 0 },
];

/// Where in a message of a shape stands what its bytes may not be chosen for.
pub(super) struct Plan<'s> {
    shape: &'s Shape,
    entries: usize,
    texts: Vec<(usize, usize)>,
    padding: Vec<usize>,
}

impl Plan<'_> {
    pub(super) fn new(shape: &Shape, entries: usize) -> Plan<'_> {
        let mut bytes = frame(shape, entries, |_| b'x');
        choose_codes(shape, &mut bytes, 0);
        let fields = shown(&decoded(&bytes));
        // No field's value depends on a byte of padding.
        let is_padding = |at: &usize| {
            let mut changed = bytes.clone();
            changed[*at] ^= 1;
            sbe::decode(&changed).is_ok_and(|changed| shown(&changed) == fields)
        };
        let padding = (HEADER_BYTES..bytes.len()).filter(is_padding).collect();
        Plan { shape, entries, texts: texts(&bytes), padding }
    }

    /// A message whose bytes are those of `fill` but in texts, codes and padding.
    pub(super) fn message(&self, fill: fn(usize, u64) -> u8, seed: u64) -> Vec<u8> {
        let mut bytes = frame(self.shape, self.entries, |at| fill(at, seed));
        choose_codes(self.shape, &mut bytes, seed);
        for &(begin, len) in &self.texts {
            let name = format!("{seed}-ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcdefgh");
            let used = usize::try_from(seed).expect("seeds are small") * 7 % name.len().min(len) + 1;
            bytes[begin..begin + len].fill(0);
            bytes[begin..begin + used].copy_from_slice(&name.as_bytes()[..used]);
        }
        for &at in &self.padding {
            bytes[at] = 0;
        }
        bytes
    }
}

/// Header and group size of a message, with `fill` for all else.
fn frame(shape: &Shape, entries: usize, fill: impl Fn(usize) -> u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let number = |number: usize| u16::try_from(number).expect("16 bits").to_le_bytes();
    for part in [shape.block, shape.template.into(), SCHEMA_ID.into(), VERSION.into()] {
        bytes.extend(number(part));
    }
    bytes.extend((0..shape.block).map(&fill));
    if let Some(entry) = shape.entry {
        bytes.extend([number(entry.bytes), number(entries)].concat());
        bytes.extend((0..entry.bytes * entries).map(|at| fill(shape.block + size_of::<GroupSize>() + at)));
    }
    bytes
}

/// Puts a code wherever one is to be: which one, `seed` says.
fn choose_codes(shape: &Shape, bytes: &mut [u8], seed: u64) {
    let of_block = shape.coded.iter().map(|coded| (HEADER_BYTES, coded));
    let begin = HEADER_BYTES + shape.block + size_of::<GroupSize>();
    let (stride, of_entry) = shape.entry.map_or((1, &[][..]), |entry| (entry.bytes, entry.coded));
    let entries = (begin..bytes.len()).step_by(stride);
    let of_entries = entries.flat_map(|begin| of_entry.iter().map(move |coded| (begin, coded)));
    for (place, (begin, coded)) in (0..).zip(of_block.chain(of_entries)) {
        let codes: Vec<u8> = (0..=u8::MAX).filter(|&code| (coded.is_known)(code)).collect();
        let which = usize::try_from(seed + place).expect("seeds are small") % codes.len();
        bytes[begin + coded.offset] = codes[which];
    }
}

/// Where text stands in a message that is full of it.
fn texts(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut texts = Vec::new();
    decoded(bytes).visit(&mut |_, value| {
        if let Value::Text(text) = value {
            texts.push((text.as_ptr().addr() - bytes.as_ptr().addr(), text.len()));
        }
    });
    texts
}

pub(super) fn decoded(bytes: &[u8]) -> Message<'_> {
    sbe::decode(bytes).expect("it is a message")
}

/// Names and values of all fields, as the script has them.
fn shown(message: &Message<'_>) -> Vec<Json> {
    let mut fields = Vec::new();
    message.visit(&mut |name, value| {
        let value = match value {
            Value::Null => Json::Null,
            Value::Number(number) => {
                let unsigned = u64::try_from(number).map(Json::from);
                unsigned.unwrap_or_else(|_| i64::try_from(number).expect("64 bits").into())
            }
            Value::Wide(number) => {
                let half = |half: u128| u64::try_from(half & u128::from(u64::MAX)).expect("64 bits");
                json!([half(number), half(number >> 64)])
            }
            Value::Signed(number) => {
                let high = i64::try_from(number >> 64).expect("64 bits");
                json!([u64::try_from(number & i128::from(u64::MAX)).expect("64 bits"), high])
            }
            Value::Text(text) => String::from_utf8_lossy(text).into(),
            Value::Code(code) => code.into(),
            Value::Bits(bits, names) => {
                let set = (0..).zip(names).filter(|(bit, _)| bits & 1 << bit != 0);
                set.map(|(_, name)| *name).collect()
            }
        };
        fields.push(json!([name, value]));
    });
    fields
}

#[test]
fn the_package_sbe_reads_and_writes_every_message_as_we_do() {
    let mut lines = String::new();
    let mut count = 0;
    for shape in Shape::ALL {
        let seeds = (1..=40).flat_map(|seed| {
            let entries = usize::try_from(seed).expect("seeds are small");
            let plan = Plan::new(shape, shape.entry.map_or(0, |entry| entries % (entry.max + 1)));
            FILLS.map(|fill| plan.message(fill, seed))
        });
        for bytes in seeds {
            let message = decoded(&bytes);
            let fields = shown(&message);
            // The schema has no code for what a later catalogue may have.
            let known = |code: &Json| Reject::ALL.iter().any(|reject| *code == reject.name());
            if fields.iter().any(|field| field[0] == "RejectCode" && !known(&field[1])) {
                continue;
            }
            let mut written = vec![0; bytes.len()];
            message.encode(&mut written).expect("there is room");
            let hex: String = written.iter().map(|byte| format!("{byte:02x}")).collect();
            lines += &json!({ "name": shape.name, "bytes": hex, "fields": fields }).to_string();
            lines.push('\n');
            count += 1;
        }
    }
    assert_eq!(python(&lines).trim(), count.to_string(), "every message was looked at");
}

/// What the script says of `input`.
fn python(input: &str) -> String {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // tests/run.sh makes it beside everything else that is built.
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../python/bin/python");
    let mut child = Command::new(&python)
        .arg(here.join("tests/strangers/read_sbe.py"))
        .arg(here.join("../wire/schema/generated/penstock-sbe.xml"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| {
            panic!(
                "{} ({e}): `python3 -m venv TARGET/python && TARGET/python/bin/pip install -r tests/python.txt` \
                 with the folder of what is built for TARGET",
                python.display()
            )
        });
    let mut stdin = child.stdin.take().expect("it was asked for");
    // A script that has seen enough says why itself.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "the script ended with {}: see above", output.status);
    String::from_utf8(output.stdout).expect("it prints text")
}
