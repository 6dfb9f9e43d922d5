//! Messages as clients send them, and as they might get them wrong.

use proptest::prelude::*;
use wire::fix::version::Version;

/// Good messages, without their first three fields and their last.
pub(crate) const GOOD: &[(&str, &str)] = &[
    (
        "D",
        "49=A|56=B|34=2|52=20261120-12:00:00.123|11=ID|1=ACC|55=BTCUSDT|54=1|60=20261120-12:00:00|38=1.5|40=2|44=50000|59=1|21=1|",
    ),
    (
        "D",
        "49=A|56=B|34=2|52=20261120-12:00:00|43=Y|122=20261120-11:00:00|115=X|11=ID|21=1|18=6|55=AAPL|54=2|60=20261120-12:00:00.123456|\
           40=4|99=1|44=2|38=10|110=1|111=2|126=20261121-00:00:00|58=text|354=5|355=a|b=c|15=USD|63=0|167=FUT|200=202612|541=20261231|423=2|",
    ),
    (
        "D",
        "49=A|56=B|34=2|52=20261120-12:00:00|11=ID|21=1|78=2|79=A1|80=1|79=A2|80=2|453=2|448=P1|447=D|452=1|802=1|523=S|803=1|448=P2|447=D|452=3|\
           55=X|54=1|60=20261120-12:00:00|38=1|40=1|93=3|89=a|b|",
    ),
    (
        "D",
        "49=A|56=B|34=2|52=20261120-12:00:00|627=2|628=H1|629=20261120-11:00:00|628=H2|11=ID|21=1|55=X|54=1|60=20261120-12:00:00|38=1|40=1|5001=own|",
    ),
    ("F", "49=A|56=B|34=2|52=20261120-12:00:00|41=O|11=ID|1=ACC|55=X|54=1|60=20261120-12:00:00|38=1|"),
    (
        "G",
        "49=A|56=B|34=2|52=20261120-12:00:00|41=O|11=ID|21=1|1=ACC|55=X|54=1|60=20261120-12:00:00|38=1|40=2|44=5|111=1|",
    ),
    ("H", "49=A|56=B|34=2|52=20261120-12:00:00|11=ID|37=17|55=X|54=1|"),
    ("q", "49=A|56=B|34=2|52=20261120-12:00:00|11=ID|530=1|55=X|54=1|60=20261120-12:00:00|"),
    (
        "i",
        "49=A|56=B|34=2|52=20261120-12:00:00|117=Q|296=1|302=S|304=2|295=2|299=1|55=X|132=1|134=2|299=2|55=Y|133=3|135=4|",
    ),
    ("Z", "49=A|56=B|34=2|52=20261120-12:00:00|117=Q|298=1|295=2|55=X|55=Y|"),
    (
        "A",
        "49=A|56=B|34=1|52=20261120-12:00:00|98=0|108=30|95=3|96=a|b|141=Y|553=A|554=pw|1137=9|384=1|372=D|385=R|",
    ),
    ("5", "49=A|56=B|34=1|52=20261120-12:00:00|58=bye|354=3|355=a=b|"),
    ("3", "49=A|56=B|34=1|52=20261120-12:00:00|45=7|371=44|372=D|373=6|58=text|"),
    ("4", "49=A|56=B|34=1|52=20261120-12:00:00|123=Y|36=9|"),
    ("2", "49=A|56=B|34=1|52=20261120-12:00:00|7=1|16=0|"),
    ("1", "49=A|56=B|34=1|52=20261120-12:00:00|112=T|"),
];

/// What a field is changed to, or what is put between two.
fn piece() -> impl Strategy<Value = String> {
    let tag = prop_oneof![
        4 => prop::sample::select(vec![
            "1", "11", "15", "18", "21", "34", "37", "38", "40", "41", "43", "44", "52", "54", "55", "58", "59", "60", "78", "79",
            "80", "89", "93", "95", "96", "99", "110", "111", "117", "126", "132", "167", "200", "211", "295", "296", "298",
            "299", "302", "304", "354", "355", "372", "384", "423", "432", "447", "448", "452", "453", "523", "530", "541", "627",
            "628", "802", "803", "1138", "1128", "2964", "5000", "9773", "40000", "10", "8", "9", "35", "0", "00", "011", "-1", "x",
            "", "4999", "999999999", "1234567890",
        ]).prop_map(str::to_owned),
        1 => (1_u32..3000).prop_map(|tag| tag.to_string()),
    ];
    let value = prop_oneof![
        3 => prop::sample::select(vec![
            "", "0", "1", "2", "3", "5", "7", "9", "-1", "x", "Y", "N", "6", "66", "6 1", "6  1", " 6", "a", "1.5", "1e5", ".", "1.2.3",
            "20261120-12:00:00", "20261120-12:00:00.1", "20261120-25:00:00", "20261120", "20261320", "202612", "202612w3", "FUT",
            "ZZZ", "99999999999999999999", "2147483648", "P", "D", "USD", "a=b", "\u{e9}",
        ]).prop_map(str::to_owned),
        1 => "[ -~]{0,12}",
    ];
    (tag, value).prop_map(|(tag, value)| format!("{tag}={value}"))
}

/// A change of a message.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Drop(prop::sample::Index),
    Double(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    Value(prop::sample::Index, String),
    Insert(prop::sample::Index, String),
    Byte(prop::sample::Index, u8),
    Cut(prop::sample::Index),
}

pub(crate) fn change() -> impl Strategy<Value = Change> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        index().prop_map(Change::Drop),
        index().prop_map(Change::Double),
        (index(), index()).prop_map(|(a, b)| Change::Swap(a, b)),
        (index(), piece()).prop_map(|(at, piece)| Change::Value(at, piece)),
        (index(), piece()).prop_map(|(at, piece)| Change::Insert(at, piece)),
        (index(), prop_oneof![Just(1), Just(b'='), any::<u8>()])
            .prop_map(|(at, byte)| Change::Byte(at, byte)),
        index().prop_map(Change::Cut),
    ]
}

/// A message of `version` with `changes` made behind its first three fields.
pub(crate) fn changed(version: Version, good: usize, changes: &[Change]) -> (String, Vec<u8>) {
    let (msg_type, fields) = GOOD[good % GOOD.len()];
    let mut fields: Vec<Vec<u8>> =
        fields.split_terminator('|').map(|field| field.as_bytes().to_vec()).collect();
    for change in changes {
        if fields.is_empty() {
            break;
        }
        let count = fields.len();
        match change {
            Change::Drop(at) => drop(fields.remove(at.index(count))),
            Change::Double(at) => {
                let field = fields[at.index(count)].clone();
                fields.insert(at.index(count + 1), field);
            }
            Change::Swap(a, b) => fields.swap(a.index(count), b.index(count)),
            Change::Value(at, piece) => {
                // The value alone, the tag as it is.
                let field = &mut fields[at.index(count)];
                let tag = field.iter().take_while(|&&b| b != b'=').copied().collect::<Vec<_>>();
                *field = [&tag[..], b"=", piece.split_once('=').unwrap().1.as_bytes()].concat();
            }
            Change::Insert(at, piece) => fields.insert(at.index(count + 1), piece.clone().into_bytes()),
            Change::Byte(at, byte) => {
                let at = at.index(count);
                let len = fields[at].len();
                if len > 0 {
                    fields[at][len / 2] = *byte;
                }
            }
            Change::Cut(at) => {
                let at = at.index(count);
                let len = fields[at].len();
                fields[at].truncate(len / 2);
            }
        }
    }
    let body: Vec<u8> = fields.iter().flat_map(|field| [&field[..], b"\x01"].concat()).collect();
    let head = format!("8={}\u{1}9=1\u{1}35={msg_type}\u{1}", version.begin_string());
    (msg_type.to_owned(), [head.as_bytes(), &body, b"10=000\x01"].concat())
}
