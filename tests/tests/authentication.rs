//! Who is let in: passwords by their hash, signatures, certificates, addresses, and what becomes of those who guess.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use penstock_tests::{
    Client, Message, PATIENCE, Penstock, Venue, clock,
    fix::frame,
    process::program,
    venue::{arguments, data_dir, listener},
};
use ring::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair},
};
use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring as provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

const UNKNOWN: &str = "unknown CompID or wrong password";

/// One session besides the default's: those of a configuration are replaced as a whole.
fn session(comp_id: &str, lines: &str) -> String {
    format!("[[session]]\ncomp_id = \"{comp_id}\"\naccounts = [\"MM1\"]\n{lines}\n")
}

/// A venue with `sessions` on a data directory of its own.
fn venue(sessions: &[String]) -> (Venue, tempfile::TempDir) {
    venue_with(sessions, &[])
}

fn venue_with(sessions: &[String], settings: &[&str]) -> (Venue, tempfile::TempDir) {
    let data = data_dir();
    let file = data.path().join("venue.toml");
    fs::write(&file, sessions.concat()).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let venue = Venue::start_with(&data.path().join("data"), &file, settings);
    (venue, data)
}

/// What `penstock password` prints for `password` on its stdin.
fn hashed(password: &str) -> String {
    let mut child = Command::new(program())
        .arg("password")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("penstock starts");
    child.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let hash = String::from_utf8(output.stdout).unwrap();
    assert!(hash.starts_with("$argon2id$v=19$") && !hash.contains(password), "{hash}");
    hash.trim().to_owned()
}

fn answer_to(address: SocketAddr, comp_id: &str, password: &str) -> Message {
    let mut client = Client::connect(address, comp_id);
    client.send_logon(password, &[(141, "Y")]);
    client.receive()
}

#[test]
fn a_password_known_by_its_hash_lets_in_and_no_other_does() {
    let hash = hashed("right one");
    let (venue, _data) = venue(&[
        session("HASHED", &format!("password_hash = \"{hash}\"")),
        session("PLAIN", "password = \"plain\""),
    ]);
    answer_to(venue.fix, "HASHED", "right one").assert(&[(35, "A")]);
    answer_to(venue.fix, "PLAIN", "plain").assert(&[(35, "A")]);
    // One answer, whoever there is.
    for (comp_id, password) in [("HASHED", "right"), ("PLAIN", "right one"), ("NOBODY", "right one")] {
        answer_to(venue.fix, comp_id, password).assert(&[(35, "5"), (58, UNKNOWN)]);
    }
    let log = venue.stop().stderr;
    assert!(!log.contains("right one") && !log.contains("argon2"), "{log}");
}

#[test]
fn a_password_that_no_client_could_send_is_not_hashed() {
    for text in ["", "\u{e9}t\u{e9}", &"x".repeat(129)] {
        let mut child = Command::new(program())
            .arg("password")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{text:?} {output:?}");
    }
}

/// A Logon of `comp_id` under number 1, with ResetSeqNumFlag, signed by `sign` over what is given to it: SendingTime.
fn signed(comp_id: &str, more: &[(u32, &str)], sign: impl Fn(&str) -> String) -> Vec<u8> {
    let time = clock::now();
    let signature = sign(&time);
    let length = signature.len().to_string();
    let mut fields = vec![
        (35, "A"),
        (49, comp_id),
        (56, "PENSTOCK"),
        (34, "1"),
        (52, &time),
        (98, "0"),
        (108, "30"),
        (95, &length),
        (96, &signature),
        (141, "Y"),
    ];
    fields.extend(more);
    frame(&fields)
}

fn answer_to_bytes(address: SocketAddr, comp_id: &str, logon: &[u8]) -> Message {
    let mut client = Client::connect(address, comp_id);
    client.send_bytes(logon).unwrap();
    client.receive()
}

mod signatures {
    use super::*;

    #[test]
    fn an_ed25519_key_signs_a_logon_and_the_same_logon_does_not_work_again() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let public = STANDARD.encode(pair.public_key());
        let lines = format!("ed25519_key = \"{public}\"\nusername = \"api-key-1\"");
        let (venue, _data) = venue(&[session("SIGNER", &lines)]);
        let sign = |time: &str| {
            STANDARD.encode(pair.sign(format!("A\u{1}SIGNER\u{1}PENSTOCK\u{1}1\u{1}{time}").as_bytes()))
        };
        let logon = signed("SIGNER", &[(553, "api-key-1")], sign);
        let mut client = Client::connect(venue.fix, "SIGNER");
        client.send_bytes(&logon).unwrap();
        client.receive().assert(&[(35, "A"), (141, "Y")]);
        client.next_out = 2;
        client.log_out();
        // Overheard and sent again: its number begins anew with it, and its time is good for two minutes.
        answer_to_bytes(venue.fix, "SIGNER", &logon).assert(&[(35, "5"), (58, UNKNOWN)]);
        // Another key, no key, another API key.
        let other = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap();
        let forged = |time: &str| {
            STANDARD.encode(other.sign(format!("A\u{1}SIGNER\u{1}PENSTOCK\u{1}1\u{1}{time}").as_bytes()))
        };
        answer_to_bytes(venue.fix, "SIGNER", &signed("SIGNER", &[(553, "api-key-1")], forged))
            .assert(&[(58, UNKNOWN)]);
        answer_to(venue.fix, "SIGNER", "guess").assert(&[(58, UNKNOWN)]);
        answer_to_bytes(venue.fix, "SIGNER", &signed("SIGNER", &[(553, "api-key-2")], sign))
            .assert(&[(58, UNKNOWN)]);
        // The client itself comes back by a new one.
        answer_to_bytes(venue.fix, "SIGNER", &signed("SIGNER", &[(553, "api-key-1")], sign))
            .assert(&[(35, "A")]);
    }

    #[test]
    fn a_shared_secret_signs_a_logon_from_a_file_or_the_environment() {
        let secret = [9_u8; 32];
        let folder = data_dir();
        let file = folder.path().join("secret");
        fs::write(&file, STANDARD.encode(secret)).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let lines = format!("hmac_secret_file = \"{}\"", file.display());
        let (venue, _data) = venue(&[session("SIGNER", &lines)]);
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let sign = |time: &str| {
            let payload = format!("{time}\u{1}A\u{1}1\u{1}SIGNER\u{1}PENSTOCK\u{1}passphrase");
            STANDARD.encode(hmac::sign(&key, payload.as_bytes()))
        };
        let logon = signed("SIGNER", &[(554, "passphrase")], sign);
        let mut client = Client::connect(venue.fix, "SIGNER");
        client.send_bytes(&logon).unwrap();
        client.receive().assert(&[(35, "A")]);
        client.next_out = 2;
        client.log_out();
        answer_to_bytes(venue.fix, "SIGNER", &logon).assert(&[(35, "5"), (58, UNKNOWN)]);
        answer_to_bytes(venue.fix, "SIGNER", &signed("SIGNER", &[(554, "other")], sign))
            .assert(&[(58, UNKNOWN)]);
        let log = venue.stop().stderr;
        assert!(!log.contains(&STANDARD.encode(secret)), "{log}");
    }
}

mod addresses {
    use super::*;

    /// A connection from `source`, one of this host's loopback addresses.
    fn connect_from(source: Ipv4Addr, address: SocketAddr) -> TcpStream {
        let descriptor = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        bind(&descriptor, &SocketAddr::V4(SocketAddrV4::new(source, 0))).unwrap();
        connect(&descriptor, &address).unwrap();
        TcpStream::from(descriptor)
    }

    fn answer_from(source: [u8; 4], address: SocketAddr, comp_id: &str, password: &str) -> Message {
        let mut client = Client::over(connect_from(source.into(), address), comp_id);
        client.send_logon(password, &[(141, "Y")]);
        client.receive()
    }

    #[test]
    fn a_session_is_let_in_from_its_own_networks_only() {
        let (venue, _data) = venue(&[
            session("NEAR", "password = \"p\"\naddresses = [\"127.0.0.8/30\", \"192.0.2.1\"]"),
            session("FAR", "password = \"p\"\naddresses = [\"192.0.2.1\"]"),
        ]);
        answer_from([127, 0, 0, 9], venue.fix, "NEAR", "p").assert(&[(35, "A")]);
        for (source, comp_id) in
            [([127, 0, 0, 1], "NEAR"), ([127, 0, 0, 12], "NEAR"), ([127, 0, 0, 9], "FAR")]
        {
            answer_from(source, venue.fix, comp_id, "p").assert(&[(35, "5"), (58, UNKNOWN)]);
        }
    }

    #[test]
    fn who_guesses_locks_out_himself_and_not_the_client() {
        let (venue, _data) = venue_with(
            &[session("A", "password = \"p\""), session("B", "password = \"p\"")],
            &["fix.logon_failures_max=3", "fix.lockout_s_max=3600"],
        );
        let (guesser, client) = ([127, 0, 0, 66], [127, 0, 0, 1]);
        for _ in 0..3 {
            answer_from(guesser, venue.fix, "A", "guess").assert(&[(35, "5"), (58, UNKNOWN)]);
        }
        // Not even with the right password, and whether there is such a name or not.
        let refused = answer_from(guesser, venue.fix, "A", "p");
        assert!(refused.field(58).starts_with("too many failed Logons: try again in "), "{refused}");
        for _ in 0..3 {
            answer_from(guesser, venue.fix, "NOBODY", "guess").assert(&[(35, "5"), (58, UNKNOWN)]);
        }
        let refused = answer_from(guesser, venue.fix, "NOBODY", "guess");
        assert!(refused.field(58).starts_with("too many failed Logons: "), "{refused}");
        answer_from(guesser, venue.fix, "B", "p").assert(&[(35, "A")]);
        answer_from(client, venue.fix, "A", "p").assert(&[(35, "A")]);
    }
}

mod tls {
    use super::*;

    type Stream = StreamOwned<ClientConnection, TcpStream>;

    /// A connection over TLS, whose server shows a certificate that `authority` (PEM) stands for.
    fn connect_tls(address: SocketAddr, authority: &str, paper: Option<(&str, &str)>) -> Stream {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = match paper {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => builder
                .with_client_auth_cert(
                    vec![CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()],
                    PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
                )
                .unwrap(),
        };
        let tls = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        StreamOwned::new(tls, stream)
    }

    fn own_certificate(data: &Path) -> String {
        fs::read_to_string(data.join("fix-tls.crt")).expect("the venue has made a certificate")
    }

    /// Sends a message of `comp_id` under number `seq`.
    fn send(stream: &mut impl Write, comp_id: &str, seq: u64, kind: &str, fields: &[(u32, &str)]) {
        let (seq, time) = (seq.to_string(), clock::now());
        let mut all = vec![(35, kind), (49, comp_id), (56, "PENSTOCK"), (34, &seq), (52, &time)];
        all.extend(fields);
        stream.write_all(&frame(&all)).unwrap();
    }

    /// The next message; whatever is behind it in the same record is not expected.
    fn receive(stream: &mut impl Read) -> Message {
        let mut bytes = Vec::new();
        loop {
            let mut piece = [0; 4096];
            let count = stream.read(&mut piece).expect("an answer");
            assert!(count > 0, "the end instead of an answer");
            bytes.extend_from_slice(&piece[..count]);
            if let Ok(message) = Message::parse(&bytes) {
                return message;
            }
        }
    }

    const ORDER: [(u32, &str); 8] = [
        (11, "over-tls"),
        (55, "BTCUSDT"),
        (54, "1"),
        (60, "20261120-12:00:00"),
        (38, "1"),
        (40, "2"),
        (44, "50000"),
        (59, "1"),
    ];

    #[test]
    fn a_client_trades_over_tls_by_the_venue_s_own_certificate() {
        let venue = Venue::start(&[]);
        let address = listener(&venue.process, "fix-tls");
        let mut stream = connect_tls(address, &own_certificate(&venue.data), None);
        send(
            &mut stream,
            "MM1",
            1,
            "A",
            &[(98, "0"), (108, "30"), (141, "Y"), (553, "MM1"), (554, "mm1-demo")],
        );
        receive(&mut stream).assert(&[(35, "A"), (34, "1"), (108, "30")]);
        send(&mut stream, "MM1", 2, "D", &ORDER);
        receive(&mut stream).assert(&[(35, "8"), (150, "0"), (11, "over-tls"), (44, "50000")]);
        send(&mut stream, "MM1", 3, "5", &[]);
        receive(&mut stream).assert(&[(35, "5")]);
        for (name, mode) in [("fix-tls.key", 0o600), ("fix-tls.crt", 0o600)] {
            let found = fs::metadata(venue.data.join(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode, "{name}");
        }
        venue.process.logged(&["sha256"]);
    }

    #[test]
    fn its_certificate_stays_the_same_from_start_to_start() {
        let data = data_dir();
        let mut seen = Vec::new();
        for _ in 0..2 {
            let venue = Venue::start_in(data.path(), &[]);
            seen.push(own_certificate(data.path()));
            venue.stop();
        }
        assert_eq!(seen[0], seen[1]);
    }

    #[test]
    fn who_speaks_something_else_is_closed_and_nobody_else_feels_it() {
        let venue = Venue::start(&[]);
        let address = listener(&venue.process, "fix-tls");
        let mut client = venue.client("MM1");
        // FIX as it is, at the door for TLS.
        let mut plain = Client::connect(address, "MM2");
        plain.send_logon("mm2-demo", &[]);
        let from = plain.address().to_string();
        plain.ends();
        venue.process.logged(&[&from]);
        // Garbage, and TLS at the door for FIX as it is.
        for (door, bytes) in
            [(address, &[0xff; 3_000][..]), (venue.fix, &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])]
        {
            let mut stranger = Client::connect(door, "MM2");
            let _cut = stranger.send_bytes(bytes);
            let from = stranger.address().to_string();
            stranger.ends();
            venue.process.logged(&[&from]);
        }
        client.quiet();
        client.log_out();
    }

    #[test]
    fn a_handshake_that_is_never_finished_ends_with_the_logon_timeout() {
        let venue = Venue::start(&["fix.logon_timeout_ms=300"]);
        let address = listener(&venue.process, "fix-tls");
        let mut client = venue.client("MM1");
        let mut loris = Client::connect(address, "MM2");
        // The first bytes of a record that says 512 bytes, and then nothing.
        loris.send_bytes(&[0x16, 3, 1, 2, 0, 1]).unwrap();
        loris.ends();
        client.quiet();
    }

    /// The address that the line for it tells is there; `tls_listen = ""` is none.
    #[test]
    fn a_venue_may_do_without() {
        let venue = Venue::start(&["fix.tls_listen=\"\""]);
        let mut client = venue.client("MM1");
        client.quiet();
        assert!(!venue.data.join("fix-tls.key").exists());
        let ended = venue.stop();
        assert!(!ended.stdout.contains("fix-tls"), "{ended:#?}");
    }

    #[test]
    fn a_key_that_others_may_read_refuses_the_start() {
        let data = data_dir();
        Venue::start_in(data.path(), &[]).stop();
        let key = data.path().join("fix-tls.key");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        let args = arguments("run", data.path(), &[]);
        Penstock::start(args).end().assert_refusal(&["fix-tls.key", "chmod 600"]);
    }

    mod certificates {
        use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

        use super::*;

        #[test]
        fn a_client_s_certificate_serves_alone_or_beside_a_password() {
            let folder = data_dir();
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
            let key = KeyPair::generate().unwrap();
            let paper = CertificateParams::new(vec!["client".to_owned()])
                .unwrap()
                .signed_by(&key, &authority)
                .unwrap();
            let digest = ring::digest::digest(&ring::digest::SHA256, paper.der());
            let fingerprint: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            let file = folder.path().join("ca.pem");
            fs::write(&file, authority.pem()).unwrap();
            let certificate = format!("certificate_sha256 = \"{fingerprint}\"");
            let (venue, _data) = venue_with(
                &[
                    session("ALONE", &certificate),
                    session("BOTH", &format!("{certificate}\npassword = \"p\"")),
                ],
                &[&format!("fix.tls_client_ca={}", file.display())],
            );
            let address = listener(&venue.process, "fix-tls");
            let own = own_certificate(&venue.data);
            let chain = paper.pem();
            let secret = key.serialize_pem();
            let answer = |paper: Option<(&str, &str)>, comp_id: &str, password: &str| {
                let mut stream = connect_tls(address, &own, paper);
                let fields = [(98, "0"), (108, "30"), (141, "Y"), (554, password)];
                send(&mut stream, comp_id, 1, "A", &fields);
                receive(&mut stream).field(35).to_owned()
            };
            let shown = Some((chain.as_str(), secret.as_str()));
            assert_eq!(answer(shown, "ALONE", "whatever"), "A");
            assert_eq!(answer(None, "ALONE", "whatever"), "5");
            assert_eq!(answer(shown, "BOTH", "q"), "5");
            assert_eq!(answer(shown, "BOTH", "p"), "A");
            assert_eq!(answer(None, "BOTH", "p"), "5");
            // Nor without TLS.
            answer_to(venue.fix, "BOTH", "p").assert(&[(35, "5"), (58, UNKNOWN)]);
        }
    }
}
