//! Binance's own FIX connector for Python (PyPI `binance-fix-connector`), unmodified but for endpoint, key and certificate,
//! trades on the venue: it logs on with its Ed25519 key over TLS, places, cancels and receives reports.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use penstock_tests::{
    Venue,
    venue::{data_dir, listener},
};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::Value;

/// The connector's `create_order_entry_session` puts "BOE" before the name, and leaves 8 characters of it.
const COMP_ID: &str = "BOETRADE";
const API_KEY: &str = "sBRXrJx2DsOraMXOaUovEhgVRcjOvCtQwnWj8VxkOh1xqboS02SPGfKi2h8spZJb";

/// A key of its own for this run, as `openssl genpkey -algorithm ed25519` writes it, and its public half in base64.
fn key(folder: &Path) -> (PathBuf, String) {
    // RFC 8410, section 7: the frame of a private key of 32 bytes.
    const FRAME: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let seed: [u8; 32] = ring::rand::generate(&ring::rand::SystemRandom::new()).unwrap().expose();
    let pem = STANDARD.encode([&FRAME[..], &seed].concat());
    let path = folder.join("key.pem");
    fs::write(&path, format!("-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----\n")).unwrap();
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    (path, STANDARD.encode(pair.public_key()))
}

/// Runs the trader; what it was told, a line for each message.
fn transcript(venue: &Venue, key: &Path) -> Vec<Value> {
    let port = listener(&venue.process, "fix-tls").port();
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../python/bin/python");
    let output = Command::new(&python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/binance_connector/trade.py"))
        .args([&format!("tcp+tls://localhost:{port}"), API_KEY])
        .arg(key)
        .env("SSL_CERT_FILE", venue.data.join("fix-tls.crt"))
        .output()
        .unwrap_or_else(|e| {
            panic!(
                "{} ({e}): `python3 -m venv TARGET/python && TARGET/python/bin/pip install -r tests/python.txt` \
                 makes it; tests/run.sh does",
                python.display()
            )
        });
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The messages of `step`.
#[track_caller]
fn of<'t>(transcript: &'t [Value], step: &str) -> Vec<&'t Value> {
    let messages: Vec<_> =
        transcript.iter().filter(|line| line["step"] == step).map(|line| &line["fields"]).collect();
    assert!(!messages.is_empty(), "nothing of {step:?} in {transcript:#?}");
    messages
}

/// Insists on the fields of a message.
#[track_caller]
fn assert_fields(message: &Value, fields: &[(&str, &str)]) {
    for (tag, wanted) in fields {
        assert_eq!(message[*tag].as_str(), Some(*wanted), "field {tag} of {message}");
    }
}

#[test]
fn binances_own_connector_logs_on_places_cancels_trades_and_logs_out() {
    let folder = data_dir();
    let (private, public) = key(folder.path());
    let file = folder.path().join("venue.toml");
    fs::write(
        &file,
        format!(
            "[[session]]\ncomp_id = \"{COMP_ID}\"\nvenue_comp_id = \"SPOT\"\ndialect = \"binance\"\n\
             ed25519_key = \"{public}\"\nusername = \"{API_KEY}\"\naccounts = [\"MM1\"]\n\
             [[session]]\ncomp_id = \"MM2\"\npassword = \"mm2-demo\"\naccounts = [\"MM2\"]\n"
        ),
    )
    .unwrap();
    let venue = Venue::start_with(&folder.path().join("data"), &file, &[]);
    // Somebody to trade with.
    let mut maker = venue.client("MM2");
    let ask = [
        (11, "ask"),
        (55, "BTCUSDT"),
        (54, "2"),
        (60, "20261120-12:00:00"),
        (38, "1"),
        (40, "2"),
        (44, "50000"),
    ];
    maker.send("D", &ask);
    maker.receive().assert(&[(35, "8"), (150, "0")]);

    let told = transcript(&venue, &private);
    assert_fields(of(&told, "logon")[0], &[("35", "A"), ("108", "30")]);
    let placed = of(&told, "placed");
    assert_fields(
        placed[0],
        &[
            ("35", "8"),
            ("11", "py-1"),
            ("150", "0"),
            ("39", "0"),
            ("54", "1"),
            ("40", "2"),
            ("55", "BTCUSDT"),
            ("59", "1"),
        ],
    );
    assert_fields(of(&told, "canceled")[0], &[("11", "py-2"), ("41", "py-1"), ("150", "4"), ("39", "4")]);
    let traded = of(&told, "traded");
    assert_fields(traded[0], &[("11", "py-3"), ("150", "0"), ("39", "0"), ("59", "3")]);
    assert_fields(traded.last().unwrap(), &[("11", "py-3"), ("150", "F"), ("39", "2")]);
    assert_eq!(traded.last().unwrap()["32"].as_str().unwrap().parse::<f64>().unwrap().to_string(), "0.25");
    let unknown = of(&told, "unknown symbol")[0];
    assert_fields(unknown, &[("11", "py-4"), ("150", "8"), ("39", "8")]);
    assert!(unknown["58"].as_str().is_some_and(|text| !text.is_empty()), "{unknown}");
    assert_fields(of(&told, "cancel of nothing")[0], &[("35", "9"), ("11", "py-5"), ("41", "py-99")]);
    assert_fields(of(&told, "stop placed")[0], &[("11", "py-6"), ("150", "0"), ("40", "4")]);
    assert_fields(of(&told, "take profit")[0], &[("35", "3"), ("371", "1109"), ("373", "5")]);
    assert_fields(of(&told, "heartbeat")[0], &[("35", "0"), ("112", "are-you-there")]);
    assert_fields(of(&told, "logout")[0], &[("35", "5")]);

    maker.receive().assert(&[(35, "8"), (150, "F"), (32, "0.25"), (31, "50000")]);
    // What was printed is for the note that closes a piece of work, with `--nocapture`.
    for line in &told {
        println!("{line}");
    }
}
