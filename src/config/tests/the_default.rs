use super::*;

#[test]
fn it_is_what_an_empty_file_means_and_what_its_own_copy_means() {
    let embedded = format!("{:?}", Config::embedded(&[]).unwrap());
    assert_eq!(format!("{:?}", taken("", &[])), embedded);
    assert_eq!(format!("{:?}", taken(DEFAULT, &[])), embedded);
    assert_eq!(format!("{:?}", taken(&DEFAULT.replace('\n', "\r\n"), &[])), embedded);
}

#[test]
fn it_says_what_clients_of_the_demo_rely_on() {
    let config = Config::embedded(&[]).unwrap();
    assert_eq!(config.venue.comp_id, "PENSTOCK");
    assert_eq!(config.venue.durability, Durability::Memory);
    assert_eq!(config.fix.acceptor.listen, "127.0.0.1:9878".parse().unwrap());
    assert_eq!(config.threads, Threads::default());
    let sessions: Vec<_> = config
        .sessions
        .iter()
        .map(|s| {
            let password = s.password.as_ref().unwrap().expose();
            (s.comp_id.as_str(), password, s.accounts.first().copied(), s.cancel_on_disconnect)
        })
        .collect();
    assert_eq!(
        sessions,
        [
            ("MM1", "mm1-demo", Some(AccountId(0)), None),
            ("MM2", "mm2-demo", Some(AccountId(1)), None),
            ("MM3", "mm3-demo", Some(AccountId(2)), None),
            ("MM4", "mm4-demo", Some(AccountId(3)), Some(Duration::from_secs(2))),
            ("DROP1", "drop1-demo", None, None),
            ("BM1", "bm1-demo", Some(AccountId(4)), None),
            ("BM2", "bm2-demo", Some(AccountId(5)), Some(Duration::from_secs(2))),
            ("TRUNK1", "trunk-demo", Some(AccountId(6)), None),
        ]
    );
    assert_eq!(config.binary.acceptor.listen, "127.0.0.1:9880".parse().unwrap());
    let throttled = config.sessions.iter().filter(|session| session.limits != Limits::NONE);
    let throttled: Vec<_> =
        throttled.map(|s| (s.comp_id.as_str(), s.limits.messages, s.limits.seconds)).collect();
    assert_eq!(throttled, [("MM4", 100, 1), ("BM2", 100, 1)]);
    let binary: Vec<_> = config.sessions.iter().filter(|session| session.is_binary()).collect();
    assert_eq!(
        binary.iter().map(|session| session.comp_id.as_str()).collect::<Vec<_>>(),
        ["BM1", "BM2", "TRUNK1"]
    );
    assert_eq!(binary[2].kind, Kind::Trunk);
    assert_eq!(binary[2].accounts, [AccountId(6), AccountId(7)]);
    assert_eq!([6, 7].map(|place: usize| config.accounts[place].name.as_str()), ["alice", "bob"]);
    let instruments: Vec<_> = config
        .instruments
        .iter()
        .map(|i| {
            let steps = [i.tick, i.lot].map(|step| step.value(1).unwrap().to_string());
            let reference = i.tick.value(i.reference.0).unwrap().to_string();
            (i.symbol.clone(), steps.join(" "), reference, i.notional_min, i.band_basis_points)
        })
        .collect();
    let expected = [
        ("BTCUSDT", "0.01 0.00001", "50000.00", 50_000_000, 5_000), // 5 / (0.01 × 0.00001)
        ("ETHUSDT", "0.01 0.0001", "3000.00", 5_000_000, 5_000),
        ("SOLUSDT", "0.001 0.001", "150.000", 5_000_000, 5_000),
        ("AAPL", "0.01 1", "585.00", 500, 5_000),
    ];
    assert_eq!(instruments, expected.map(|(s, t, r, n, b)| (s.into(), t.into(), r.into(), n, b)));
}

#[test]
fn demo_accounts_have_ample_funds_of_every_asset_in_units_that_lots_and_ticks_are_whole_in() {
    let config = Config::embedded(&[]).unwrap();
    let assets: Vec<_> = config.assets.iter().map(|asset| (asset.name.as_str(), asset.scale)).collect();
    assert_eq!(assets, [("BTC", 8), ("ETH", 8), ("SOL", 8), ("USDT", 8), ("AAPL", 0), ("USD", 4)]);
    for account in &config.accounts {
        let mut funded: Vec<_> = account.funds.iter().map(|funds| funds.asset.0).collect();
        funded.sort_unstable();
        assert_eq!(funded, [0, 1, 2, 3, 4, 5], "{}", account.name);
        assert_eq!(account.kind, AccountKind::Prefunded);
    }
    let pairs: Vec<_> = config.listings.iter().map(|listing| listing.pair).collect();
    let units: Vec<_> = pairs.iter().map(|pair| (pair.base_per_lot, pair.quote_per_tick_lot)).collect();
    assert_eq!(units, [(1_000, 10), (10_000, 100), (100_000, 100), (1, 100)]);
    assert!(pairs.iter().all(|pair| pair.maker_fee == 0 && pair.taker_fee == 0));
}

#[test]
fn its_passwords_are_those_that_the_pages_tell() {
    let config = Config::embedded(&[]).unwrap();
    let passwords: Vec<_> =
        config.sessions.iter().map(|session| session.password.as_ref().unwrap().expose()).collect();
    let fix = ["mm1-demo", "mm2-demo", "mm3-demo", "mm4-demo", "drop1-demo"];
    assert_eq!(passwords, [&fix[..], &["bm1-demo", "bm2-demo", "trunk-demo"]].concat());
}

/// The keys of the default file by table, each with the comment above it.
fn documented() -> Vec<(String, String, String)> {
    let (mut table, mut comment, mut keys) = (String::new(), String::new(), Vec::new());
    for line in DEFAULT.lines() {
        if let Some(text) = line.strip_prefix('#') {
            comment += text;
        } else if let Some((key, _)) = line.split_once(" = ") {
            keys.push((table.clone(), key.to_owned(), std::mem::take(&mut comment)));
        } else {
            comment.clear();
            if line.starts_with('[') {
                table = line.trim_matches(['[', ']']).to_owned();
            }
        }
    }
    keys
}

#[test]
fn every_key_has_a_comment_where_it_stands_first() {
    let mut seen = BTreeSet::new();
    for (table, key, comment) in documented() {
        if seen.insert((table.clone(), key.clone())) {
            assert!(comment.len() > 40, "{table}.{key} has no comment that explains it: {comment:?}");
        }
    }
}

#[test]
fn every_key_that_is_read_stands_in_it() {
    let documented = documented();
    for table in ["venue", "threads", "rings", "fix", "binary", "matcher", "log"] {
        let shown = refused(&format!("[{table}]\nqqqq = 1"), &[]);
        assert_all_known(table, &shown, &documented);
    }
    for list in ["asset", "account", "session", "instrument"] {
        let shown = refused("", &[&format!("{list}.0.qqqq=1")]);
        assert_all_known(list, &shown, &documented);
    }
}

fn assert_all_known(table: &str, shown: &str, documented: &[(String, String, String)]) {
    let flat = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    let keys = flat.split_once(&format!("help: [{table}] has: ")).expect("lists its keys").1;
    let keys = keys.split(" 1 error").next().unwrap();
    for key in keys.split(", ") {
        assert!(documented.iter().any(|(t, k, _)| t == table && k == key), "{table}.{key} is not in it");
    }
}

#[test]
fn its_comments_state_the_ranges_that_hold() {
    use wire::limits::*;
    let documented = documented();
    for (table, key, bounds) in [
        ("venue", "comp_id", vec![NAME_BYTES_MAX as u64]),
        ("rings", "command_bytes", vec![RING_BYTES_MIN.into(), RING_BYTES_MAX.into()]),
        ("fix", "logon_timeout_ms", vec![LOGON_TIMEOUT_MS_MIN.into(), LOGON_TIMEOUT_MS_MAX.into()]),
        ("fix", "drain_ms", vec![DRAIN_MS_MAX.into()]),
        ("fix", "connections_max", vec![CONNECTIONS_MAX.into()]),
        ("fix", "connections_unauthenticated_max", vec![CONNECTIONS_MAX.into()]),
        ("fix", "output_bytes_max", vec![OUTPUT_BYTES_MIN.into(), OUTPUT_BYTES_MAX.into()]),
        ("fix", "resend_window", vec![RESEND_WINDOW_MIN.into(), RESEND_WINDOW_MAX.into()]),
        ("fix", "resend_bytes_max", vec![RESEND_BYTES_MIN.into(), RESEND_BYTES_MAX.into()]),
        ("fix", "heartbeat_s_min", vec![HEARTBEAT_S_MIN.into(), HEARTBEAT_S_MAX.into()]),
        ("fix", "heartbeat_s_max", vec![HEARTBEAT_S_MAX.into()]),
        ("binary", "logon_timeout_ms", vec![LOGON_TIMEOUT_MS_MIN.into(), LOGON_TIMEOUT_MS_MAX.into()]),
        ("binary", "drain_ms", vec![DRAIN_MS_MAX.into()]),
        ("binary", "connections_max", vec![CONNECTIONS_MAX.into()]),
        ("binary", "connections_unauthenticated_max", vec![CONNECTIONS_MAX.into()]),
        ("binary", "output_bytes_max", vec![OUTPUT_BYTES_MIN.into(), OUTPUT_BYTES_MAX.into()]),
        ("binary", "resend_window", vec![RESEND_WINDOW_MIN.into(), RESEND_WINDOW_MAX.into()]),
        ("binary", "resend_bytes_max", vec![RESEND_BYTES_MIN.into(), RESEND_BYTES_MAX.into()]),
        ("binary", "logon_failures_max", vec![LOGON_FAILURES_MAX.into()]),
        ("binary", "lockout_s_max", vec![LOCKOUT_S_MAX.into()]),
        ("binary", "heartbeat_s", vec![HEARTBEAT_S_MIN.into(), HEARTBEAT_S_MAX.into()]),
        ("binary", "silence_s", vec![HEARTBEAT_S_MIN.into(), HEARTBEAT_S_MAX.into()]),
        ("matcher", "open_orders_max", vec![OPEN_ORDERS_MAX.into()]),
        ("matcher", "finished_orders_max", vec![FINISHED_ORDERS_MAX.into()]),
        ("matcher", "instruments_max", vec![INSTRUMENTS_MAX.into()]),
        ("matcher", "accounts_max", vec![ACCOUNTS_MAX.into()]),
        ("matcher", "quotes_max", vec![OPEN_ORDERS_MAX.into()]),
        ("matcher", "protections_max", vec![PROTECTIONS_MAX.into()]),
        ("asset", "scale", vec![wire::decimal::SCALE_MAX.into()]),
        ("account", "protection", vec![PROTECTION_FILLS_MAX.into()]),
        ("instrument", "volatility_call_ms", vec![VOLATILITY_CALL_NS_MAX / 1_000_000]),
        ("session", "password", vec![PASSWORD_BYTES_MAX as u64]),
        ("session", "username", vec![USERNAME_BYTES_MAX as u64]),
        ("fix", "logon_failures_max", vec![LOGON_FAILURES_MAX.into()]),
        ("fix", "lockout_s_max", vec![LOCKOUT_S_MAX.into()]),
        ("session", "cancel_grace_ms", vec![CANCEL_GRACE_MS_MAX.into()]),
        ("session", "open_orders_max", vec![OPEN_ORDERS_MAX.into()]),
        ("session", "throttle_messages", vec![THROTTLE_MESSAGES_MAX.into()]),
        ("session", "throttle_cancels", vec![THROTTLE_MESSAGES_MAX.into()]),
        ("session", "throttle_s", vec![THROTTLE_S_MAX.into()]),
        ("session", "account_throttle_messages", vec![ACCOUNT_THROTTLE_MESSAGES_MAX.into()]),
        ("instrument", "band_percent", vec![u64::from(BAND_BASIS_POINTS_MAX) / 100]),
    ] {
        let (_, _, comment) =
            documented.iter().find(|(t, k, _)| t == table && k == key).expect("is in the default file");
        for bound in bounds {
            assert!(comment.contains(&bound.to_string()), "{table}.{key} does not say {bound}: {comment}");
        }
    }
    for (list, bound) in [
        ("Assets", ASSETS_MAX),
        ("Accounts", ACCOUNTS_MAX),
        ("Sessions", SESSIONS_MAX - 1),
        ("Instruments", INSTRUMENTS_MAX),
    ] {
        let line = DEFAULT.lines().find(|line| line.starts_with(&format!("# {list}:"))).unwrap();
        assert!(line.contains(&bound.to_string()), "{line}");
    }
}
