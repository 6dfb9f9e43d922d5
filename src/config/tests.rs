use std::collections::BTreeSet;

use tuning::plan::{CoreChoice, IdleChoice, Mode};
use wire::{
    limits::{LOTS_MAX, PASSWORD_BYTES_MAX},
    types::{Lots, Ticks},
};

use super::*;

fn load(text: &str, set: &[&str]) -> Result<Config, ConfigErrors> {
    let set: Vec<String> = set.iter().map(|&set| set.to_owned()).collect();
    Config::load("venue.toml", text, &set)
}

fn taken(text: &str, set: &[&str]) -> Config {
    load(text, set).unwrap_or_else(|errors| panic!("{}", errors.render(false, 100)))
}

fn refused(text: &str, set: &[&str]) -> String {
    match load(text, set) {
        Ok(config) => panic!("was taken: {config:?}"),
        Err(errors) => errors.render(false, 100),
    }
}

/// `text` must be refused for one reason, at `place` (`source:line:column`), with this message and remedy.
#[track_caller]
fn assert_fault(text: &str, set: &[&str], place: &str, message: &str, help: &str) {
    let shown = refused(text, set);
    // Sentences wrap; the frame that goes on with them is not part of them.
    let flat = shown.replace("\n  │ ", " ").replace("\n        ", " ");
    for wanted in [&format!("[{place}]"), message, help, "1 error in the configuration"] {
        assert!(flat.contains(wanted), "{wanted:?} is missing in\n{shown}");
    }
}

const INSTRUMENT: &str = r#"
[[instrument]]
symbol = "X"
base = "B"
quote = "Q"
tick = "0.25"
lot = "10"
reference = "100"
band_percent = "12.5"
"#;

/// [`INSTRUMENT`] with `lines` replaced by key.
fn instrument(lines: &[&str]) -> String {
    let key = |line: &str| line.split(" =").next().unwrap_or_default().to_owned();
    let given: BTreeSet<String> = lines.iter().map(|line| key(line)).collect();
    let kept = INSTRUMENT.lines().filter(|line| !given.contains(&key(line)));
    kept.chain(lines.iter().copied()).map(|line| format!("{line}\n")).collect()
}

mod the_default {
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
        assert_eq!(config.fix.listen, "127.0.0.1:9878".parse().unwrap());
        assert_eq!(config.threads, Threads::default());
        let sessions: Vec<_> = config
            .sessions
            .iter()
            .map(|s| (s.comp_id.as_str(), s.password.expose(), s.accounts[0], s.cancel_on_disconnect))
            .collect();
        assert_eq!(
            sessions,
            [
                ("MM1", "mm1-demo", AccountId(0), None),
                ("MM2", "mm2-demo", AccountId(1), None),
                ("MM3", "mm3-demo", AccountId(2), None),
                ("MM4", "mm4-demo", AccountId(3), Some(Duration::from_secs(2))),
            ]
        );
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
    fn every_demo_password_is_on_the_list_of_those_refused_in_public() {
        let config = Config::embedded(&[]).unwrap();
        let passwords: Vec<_> = config.sessions.iter().map(|session| session.password.expose()).collect();
        assert_eq!(passwords, DEMO_PASSWORDS);
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
        for table in ["venue", "threads", "rings", "fix", "matcher", "log"] {
            let shown = refused(&format!("[{table}]\nqqqq = 1"), &[]);
            assert_all_known(table, &shown, &documented);
        }
        for list in ["account", "session", "instrument"] {
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
            ("fix", "connections_max", vec![CONNECTIONS_MAX.into()]),
            ("fix", "connections_unauthenticated_max", vec![CONNECTIONS_MAX.into()]),
            ("fix", "output_bytes_max", vec![OUTPUT_BYTES_MIN.into(), OUTPUT_BYTES_MAX.into()]),
            ("fix", "resend_window", vec![RESEND_WINDOW_MIN.into(), RESEND_WINDOW_MAX.into()]),
            ("fix", "heartbeat_s_min", vec![HEARTBEAT_S_MIN.into(), HEARTBEAT_S_MAX.into()]),
            ("fix", "heartbeat_s_max", vec![HEARTBEAT_S_MAX.into()]),
            ("matcher", "open_orders_max", vec![OPEN_ORDERS_MAX.into()]),
            ("matcher", "finished_orders_max", vec![FINISHED_ORDERS_MAX.into()]),
            ("session", "password", vec![PASSWORD_BYTES_MAX as u64]),
            ("session", "cancel_grace_ms", vec![CANCEL_GRACE_MS_MAX.into()]),
            ("instrument", "band_percent", vec![u64::from(BAND_BASIS_POINTS_MAX) / 100]),
        ] {
            let (_, _, comment) =
                documented.iter().find(|(t, k, _)| t == table && k == key).expect("is in the default file");
            for bound in bounds {
                assert!(
                    comment.contains(&bound.to_string()),
                    "{table}.{key} does not say {bound}: {comment}"
                );
            }
        }
        for (list, bound) in
            [("Accounts", ACCOUNTS_MAX), ("Sessions", SESSIONS_MAX), ("Instruments", INSTRUMENTS_MAX)]
        {
            let line = DEFAULT.lines().find(|line| line.starts_with(&format!("# {list}:"))).unwrap();
            assert!(line.contains(&bound.to_string()), "{line}");
        }
    }
}

mod a_file {
    use super::*;

    #[test]
    fn keys_left_out_keep_their_defaults_and_lists_are_replaced_whole() {
        let config = taken(&format!("[fix]\nresend_window = 100\n{INSTRUMENT}"), &[]);
        assert_eq!(config.fix.resend_window, 100);
        assert_eq!(config.fix.listen, "127.0.0.1:9878".parse().unwrap());
        assert_eq!(config.sessions.len(), 4);
        assert_eq!(config.instruments.len(), 1);
        let terms = &config.instruments[0];
        assert_eq!((terms.quantity_min, terms.quantity_max), (Lots(1), Lots(LOTS_MAX)));
        assert_eq!((terms.reference, terms.notional_min, terms.band_basis_points), (Ticks(400), 0, 1_250));
    }

    #[test]
    fn syntax_errors_show_line_column_and_caret() {
        assert_eq!(
            refused("[fix]\nlisten = \"127.0.0.1:9878\nresend_window = 100\n", &[]),
            r#"
  × not TOML: invalid basic string, expected `"`
   ╭─[venue.toml:2:25]
 1 │ [fix]
 2 │ listen = "127.0.0.1:9878
   ·                         ▲
   ·                         ╰── here
 3 │ resend_window = 100
   ╰────
  help: TOML has [table], [[list entry]] and key = value; strings stand in double quotes

1 error in the configuration (venue.toml)
"#[1..]
        );
    }

    #[test]
    fn unknown_keys_and_tables_are_errors_with_the_nearest_known_one() {
        assert_eq!(
            refused("[fix]\nlisten_ = 5\n", &[]),
            r#"
  × [fix] has no key `listen_`
   ╭─[venue.toml:2:1]
 1 │ [fix]
 2 │ listen_ = 5
   · ───┬───
   ·    ╰── unknown key
   ╰────
  help: did you mean `listen`?

1 error in the configuration (venue.toml)
"#[1..]
        );
        assert_fault(
            "[fixx]\na = 1",
            &[],
            "venue.toml:1:2",
            "no table or list `fixx`",
            "did you mean `fix`?",
        );
        assert_fault(
            "[log]\nzzz = 1",
            &[],
            "venue.toml:2:1",
            "[log] has no key `zzz`",
            "[log] has: level, format",
        );
    }

    #[test]
    fn a_key_given_twice_is_an_error() {
        assert_fault(
            "[log]\nlevel = \"info\"\nlevel = \"warn\"",
            &[],
            "venue.toml:3:1",
            "this key was given before",
            "keep one of the two",
        );
    }

    #[test]
    fn all_faults_are_shown_at_once_in_order_of_the_text() {
        let shown = refused("[log]\nlevel = 5\nformat = \"xml\"\n[fix]\nlisten = \"here\"\n", &[]);
        let places: Vec<_> = ["[venue.toml:2:9]", "[venue.toml:3:10]", "[venue.toml:5:10]"]
            .map(|place| shown.find(place).unwrap_or_else(|| panic!("{place} is missing in\n{shown}")))
            .into();
        assert!(places.is_sorted(), "{shown}");
        assert!(shown.ends_with("3 errors in the configuration (venue.toml)\n"), "{shown}");
    }

    #[test]
    fn wrong_types_name_what_is_wanted() {
        for (text, place, message) in [
            ("[fix]\nlisten = 9878", "venue.toml:2:10", "fix.listen: wants a string, not an integer"),
            (
                "[fix]\nresend_window = \"100\"",
                "venue.toml:2:17",
                "fix.resend_window: wants a whole number, not a string",
            ),
            ("[fix]\nresend_window = 1.5", "venue.toml:2:17", "wants a whole number, not a float"),
            ("fix = 5", "venue.toml:1:7", "`fix` is a table, not an integer"),
            ("session = 5", "venue.toml:1:11", "`session` is a list of tables, not an integer"),
            ("[session]\na = 5", "venue.toml:1:1", "`session` is a list of tables, not a table"),
            ("account = [1]", "venue.toml:1:11", "an entry of `account` is a table, not an integer"),
            ("[threads]\ncores = 2", "venue.toml:2:9", "is \"auto\", \"none\", or a list of core numbers"),
            ("[threads]\ncores = [\"2\"]", "venue.toml:2:9", "is a list of core numbers"),
        ] {
            assert_fault(text, &[], place, message, "help: write");
        }
    }

    #[test]
    fn values_out_of_range_name_the_range() {
        for (text, message) in [
            ("[fix]\nlogon_timeout_ms = 99", "fix.logon_timeout_ms: is from 100 to 60000"),
            ("[fix]\nlogon_timeout_ms = 60001", "fix.logon_timeout_ms: is from 100 to 60000"),
            ("[fix]\nconnections_max = -1", "fix.connections_max: is from 1 to 65536"),
            ("[fix]\nresend_window = 99999999999", "fix.resend_window: is from 16 to 1048576"),
            ("[matcher]\nopen_orders_max = 0", "matcher.open_orders_max: is from 1 to 67108864"),
            ("[rings]\nevent_bytes = 2147483648", "rings.event_bytes: is from 65536 to 1073741824"),
        ] {
            assert!(refused(text, &[]).contains(message), "{}", refused(text, &[]));
        }
        assert_fault(
            "[rings]\nevent_bytes = 100_000",
            &[],
            "venue.toml:2:15",
            "rings.event_bytes: is a power of two",
            "the nearest are 65536 and 131072",
        );
        assert_fault(
            "[rings]\ndirectory = \"shm\"",
            &[],
            "venue.toml:2:13",
            "rings.directory: is an absolute path",
            "\"/dev/shm\"",
        );
        assert_fault(
            "[fix]\nlisten = \"localhost:9878\"",
            &[],
            "venue.toml:2:10",
            "fix.listen: is an IP address and a port",
            "names are not looked up",
        );
    }

    #[test]
    fn the_bounds_themselves_are_taken() {
        let config = taken(
            "[fix]\nlogon_timeout_ms = 100\nresend_window = 1048576\nconnections_max = 1\n\
             [rings]\ncommand_bytes = 65536\nevent_bytes = 1073741824",
            &[],
        );
        assert_eq!(config.fix.logon_timeout, Duration::from_millis(100));
        assert_eq!(config.fix.connections_unauthenticated_max, 1, "never more than connections_max");
        assert_eq!((config.rings.command_bytes, config.rings.event_bytes), (65_536, 1_073_741_824));
    }

    #[test]
    fn an_empty_heartbeat_range_is_shown_where_it_was_made() {
        assert_fault(
            "[fix]\nheartbeat_s_min = 301",
            &[],
            "venue.toml:2:19",
            "fix.heartbeat_s_min is 301, fix.heartbeat_s_max 300",
            "set both",
        );
    }

    #[test]
    fn durability_that_this_version_does_not_have_is_refused_with_the_reason() {
        for kind in ["journal", "standby", "journal+standby"] {
            assert_fault(
                &format!("[venue]\ndurability = \"{kind}\""),
                &[],
                "venue.toml:2:14",
                &format!("cannot promise \"{kind}\""),
                "write \"memory\"",
            );
        }
        let typo = refused("[venue]\ndurability = \"memroy\"", &[]);
        assert!(typo.contains("did you mean `memory`?"), "{typo}");
    }

    #[test]
    fn threads_are_read() {
        let config = taken("[threads]\nmode = \"dedicated\"\nidle = \"spin\"\ncores = [3, 1]", &[]);
        let cores = CoreChoice::List(vec![3, 1]);
        assert_eq!(config.threads, Threads { mode: Mode::Dedicated, idle: IdleChoice::Spin, cores });
        let twice = refused("[threads]\ncores = [3, 3]", &[]);
        assert!(twice.contains("threads.cores: names core 3 twice"), "{twice}");
        let below = refused("[threads]\ncores = [-3]", &[]);
        assert!(below.contains("there is no core -3"), "{below}");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_one_sentence_with_a_remedy() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("none.toml");
        let shown = Config::read(&path, &[]).unwrap_err().render(false, 200);
        assert!(shown.contains(&format!("cannot read {}: No such file", path.display())), "{shown}");
        assert!(shown.contains("penstock config > FILE"), "{shown}");
        std::fs::write(&path, "[log]\nlevel = \"warn\"").unwrap();
        assert_eq!(Config::read(&path, &[]).unwrap().log.level, LogLevel::Warn);
        std::fs::write(&path, b"\xff\xfe").unwrap();
        assert!(Config::read(&path, &[]).is_err());
    }

    /// Whatever stands in a file, loading it gives a configuration or errors that can be shown.
    #[test]
    fn damaged_files_never_panic() {
        for end in (0..DEFAULT.len()).step_by(61).filter(|&end| DEFAULT.is_char_boundary(end)) {
            if let Err(errors) = load(&DEFAULT[..end], &[]) {
                assert!(errors.count() > 0 && !errors.render(true, 80).is_empty());
            }
        }
        for (place, _) in DEFAULT.char_indices().step_by(149) {
            for with in ["\"", "[", "=", "é", "\n", "{"] {
                let text = format!("{}{with}{}", &DEFAULT[..place], &DEFAULT[place..]);
                if let Err(errors) = load(&text, &[]) {
                    assert!(!errors.render(false, 80).is_empty());
                }
            }
        }
    }
}

mod lists {
    use super::*;

    #[test]
    fn names_come_once() {
        for (text, place, message) in [
            (
                "[[account]]\nname = \"MM1\"\n[[account]]\nname = \"MM1\"\n\
                 [[session]]\ncomp_id = \"A\"\npassword = \"p\"\naccounts = [\"MM1\"]\n",
                "venue.toml:4:8",
                "there are two accounts named `MM1`",
            ),
            (
                "[[session]]\ncomp_id = \"A\"\npassword = \"p\"\naccounts = [\"MM1\"]\n\
                 [[session]]\ncomp_id = \"A\"\npassword = \"p\"\naccounts = [\"MM1\"]\n",
                "venue.toml:6:11",
                "there are two sessions named `A`",
            ),
            (&INSTRUMENT.repeat(2), "venue.toml:12:10", "there are two instruments named `X`"),
        ] {
            assert_fault(text, &[], place, message, "give each a name of its own");
        }
    }

    #[test]
    fn names_are_printable_ascii_without_space() {
        for name in ["", "a b", "é", "0123456789012345678901234567890123"] {
            let shown = refused(&format!("[venue]\ncomp_id = \"{name}\""), &[]);
            assert!(shown.contains("venue.comp_id: is a name: 1 to 32 printable ASCII"), "{shown}");
        }
    }

    #[test]
    fn a_missing_key_is_shown_at_its_entry() {
        assert_fault(
            "[[session]]\ncomp_id = \"A\"\naccounts = [\"MM1\"]",
            &[],
            "venue.toml:1:1",
            "[session] has no `password`",
            "add a line such as: password = ",
        );
        assert_fault(
            &instrument(&["tick_ = 1"]).replace("tick = \"0.25\"\n", "").replace("tick_ = 1\n", ""),
            &[],
            "venue.toml:2:1",
            "[instrument] has no `tick`",
            "add a line such as: tick = \"0.01\"",
        );
    }

    #[test]
    fn a_list_is_never_empty() {
        for list in ["account", "session", "instrument"] {
            let shown = refused(&format!("{list} = []"), &[]);
            assert!(shown.contains(&format!("there is no {list}")), "{shown}");
        }
    }

    #[test]
    fn a_session_trades_for_accounts_that_exist_each_named_once() {
        let session = |accounts: &str| {
            format!("[[session]]\ncomp_id = \"A\"\npassword = \"p\"\naccounts = {accounts}\n")
        };
        let config = taken(&session("[\"MM3\", \"MM1\"]"), &[]);
        assert_eq!(config.sessions[0].accounts, [AccountId(2), AccountId(0)]);
        for (accounts, column, message, help) in [
            ("[\"MM1\", \"XX\"]", 20, "there is no account `XX`", "choose one of: MM1, MM2, MM3, MM4"),
            ("[\"MM1\", \"MM1\"]", 20, "names account `MM1` twice", "name it once"),
            ("[]", 12, "is a list of at least one account's name", "[\"MM1\"]"),
            ("\"MM1\"", 12, "is a list of at least one account's name", "[\"MM1\"]"),
            ("[1]", 13, "wants a string, not an integer", "\"text\""),
        ] {
            assert_fault(&session(accounts), &[], &format!("venue.toml:4:{column}"), message, help);
        }
    }

    #[test]
    fn accounts_of_its_own_need_sessions_of_its_own() {
        let shown = refused("[[account]]\nname = \"ALPHA\"", &[]);
        assert!(shown.contains("[embedded default:"), "{shown}");
        assert!(shown.contains("[[account]] is given anew but [[session]] is not"), "{shown}");
    }

    #[test]
    fn cancel_on_disconnect_has_a_grace_time() {
        let session = "[[session]]\ncomp_id = \"A\"\npassword = \"p\"\naccounts = [\"MM1\"]\n";
        let grace = |lines: &str| taken(&format!("{session}{lines}"), &[]).sessions[0].cancel_on_disconnect;
        assert_eq!(grace(""), None);
        assert_eq!(grace("cancel_grace_ms = 5"), None);
        assert_eq!(grace("cancel_on_disconnect = true"), Some(Duration::from_secs(2)));
        assert_eq!(grace("cancel_on_disconnect = true\ncancel_grace_ms = 0"), Some(Duration::ZERO));
    }
}

mod instruments {
    use super::*;

    #[test]
    fn floats_are_refused_and_whole_numbers_taken() {
        assert_fault(
            &instrument(&["tick = 0.25"]),
            &[],
            "venue.toml:9:8",
            "instrument.tick: wants an exact decimal, and a TOML float is binary",
            "write it as a string: \"0.01\"",
        );
        let config = taken(&instrument(&["lot = 10", "reference = 100"]), &[]);
        assert_eq!(config.instruments[0].reference, Ticks(400));
    }

    #[test]
    fn numbers_agree_with_tick_and_lot() {
        for (line, message, help) in [
            ("tick = \"0\"", "instrument.tick: is above zero, and 0 is not", "write the smallest step"),
            ("lot = \"-1\"", "instrument.lot: is above zero, and -1 is not", "write the smallest step"),
            ("tick = \"1,5\"", "instrument.tick: wants a decimal number", "\"0.01\""),
            ("tick = \"0.0000000000000000001\"", "has more digits than 64 bits", "round it"),
            ("reference = \"100.1\"", "100.1 is not a multiple of the tick", "the tick, 0.25"),
            ("reference = \"0\"", "0 is not from one tick to 2^56 ticks", "the tick is 0.25"),
            ("reference = \"9000000000000000000\"", "is not from one tick to 2^56 ticks", "the tick is 0.25"),
            ("quantity_min = \"15\"", "instrument.quantity_min: 15 is not a multiple of the lot", "10"),
            ("quantity_min = \"0\"", "instrument.quantity_min: 0 is not from one lot", "the lot is 10"),
            ("quantity_max = \"-10\"", "instrument.quantity_max: -10 is not from one lot", "the lot is 10"),
            ("band_percent = \"0\"", "is above 0 and up to 1000", "\"50\""),
            ("band_percent = \"12.345\"", "with at most 2 decimal places", "\"50\""),
            ("band_percent = \"1000.01\"", "is above 0 and up to 1000", "\"50\""),
            ("notional_min = \"-5\"", "no order of X could reach -5", "choose one from \"0\""),
            ("quote = \"B\"", "base and quote are both `B`", "name what is paid with"),
        ] {
            // The line is the last one.
            let text = instrument(&[line]);
            let place = format!("venue.toml:{}:{}", text.lines().count(), line.find('=').unwrap() + 3);
            assert_fault(&text, &[], &place, message, help);
        }
    }

    #[test]
    fn the_greatest_quantity_is_not_below_the_smallest_and_reaches_the_notional() {
        assert_fault(
            &instrument(&["quantity_min = \"20\"", "quantity_max = \"10\""]),
            &[],
            "venue.toml:11:16",
            "instrument.quantity_max: 1 lots",
            "at least quantity_min",
        );
        // At most 20 at 112.5: 2250.
        let reaching = |notional: &str| {
            instrument(&["quantity_max = \"20\"", &format!("notional_min = \"{notional}\"")])
        };
        // 2250 / (0.25 × 10)
        assert_eq!(taken(&reaching("2250"), &[]).instruments[0].notional_min, 900);
        assert_fault(
            &reaching("2250.01"),
            &[],
            "venue.toml:11:16",
            "no order of X could reach 2250.01",
            "quantity_max at the band's upper price",
        );
    }

    #[test]
    fn a_notional_between_two_is_rounded_up_which_lets_the_same_orders_through() {
        let notional = |text: &str| {
            taken(&instrument(&[&format!("notional_min = \"{text}\"")]), &[]).instruments[0].notional_min
        };
        assert_eq!(notional("0"), 0);
        assert_eq!(notional("2.5"), 1); // one tick × one lot = 0.25 × 10
        assert_eq!(notional("2.500000000000000001"), 2);
        assert_eq!(notional("0.000000000000000001"), 1);
    }

    #[test]
    fn every_quantity_that_is_taken_can_be_written_back() {
        let config = taken(&instrument(&["lot = \"1000000000000\""]), &[]);
        let terms = &config.instruments[0];
        let most = i64::try_from(terms.quantity_max.0).unwrap();
        assert!(terms.lot.value(most).is_some() && terms.lot.value(most + 1).is_none());
    }
}

mod set {
    use super::*;

    #[test]
    fn any_key_can_be_set_and_text_needs_no_quotes() {
        let config = taken(
            "[fix]\nlisten = \"127.0.0.1:1\"",
            &[
                "fix.listen=127.0.0.1:7001",
                "venue.comp_id=X=1",
                "log.format=json",
                "threads.cores=[1, 2]",
                "fix.resend_window = 0x20",
                "session.MM1.password=12345",
                "session.MM4.cancel_on_disconnect=false",
                "session.1.password=\"with space\"",
                "instrument.BTCUSDT.tick=0.5",
                "instrument.\"ETHUSDT\".lot=\"0.01\"",
                "account.0.name=DESK",
                "session.MM1.accounts=[\"DESK\", \"MM2\"]",
            ],
        );
        assert_eq!(config.fix.listen, "127.0.0.1:7001".parse().unwrap());
        assert_eq!(config.venue.comp_id, "X=1");
        assert_eq!(config.log.format, LogFormat::Json);
        assert_eq!(config.threads.cores, CoreChoice::List(vec![1, 2]));
        assert_eq!(config.fix.resend_window, 32);
        assert_eq!(config.sessions[0].password.expose(), "12345");
        assert_eq!(config.sessions[1].password.expose(), "with space");
        assert_eq!(config.sessions[3].cancel_on_disconnect, None);
        assert_eq!(config.instruments[0].tick.value(1).unwrap().to_string(), "0.5");
        assert_eq!(config.instruments[1].lot.value(1).unwrap().to_string(), "0.01");
        assert_eq!(config.accounts[0].name, "DESK");
        assert_eq!(config.sessions[0].accounts, [AccountId(0), AccountId(1)]);
    }

    #[test]
    fn the_later_one_holds_and_a_list_can_be_set_whole() {
        let config = taken(
            "",
            &[
                "log.level=warn",
                "log.level=debug",
                "account=[{name=\"MM1\"}]",
                "session=[{comp_id=\"A\",password=\"p\",accounts=[\"MM1\"]}]",
            ],
        );
        assert_eq!(config.log.level, LogLevel::Debug);
        assert_eq!((config.accounts.len(), config.sessions.len()), (1, 1));
    }

    #[test]
    fn faults_name_the_set_as_their_source_with_a_caret_in_it() {
        assert_eq!(
            refused("", &["log.level=info", "fix.lissten=127.0.0.1:7001"]),
            r#"
  × [fix] has no key `lissten`
   ╭─[--set:1:5]
 1 │ fix.lissten=127.0.0.1:7001
   ·     ───┬───
   ·        ╰── unknown key
   ╰────
  help: did you mean `listen`?

1 error in the configuration (venue.toml)
"#[1..]
        );
        for (set, place, message, help) in [
            ("fix.listen", "--set:1:1", "not of the form KEY=VALUE", "--set TABLE.KEY=VALUE"),
            ("fix..listen=1", "--set:1:5", "the key has an empty part", "--set TABLE.KEY=VALUE"),
            ("=1", "--set:1:1", "the key has an empty part", "--set TABLE.KEY=VALUE"),
            ("fix=1", "--set:1:5", "`fix` is a table, not an integer", "[fix]"),
            ("foo=1", "--set:1:1", "there is no table or list `foo`", "there are: venue"),
            ("venue.comp_id=", "--set:1:14", "is a name", "shorten it"),
            ("fix.listen.a=1", "--set:1:5", "`listen` is a value and has no keys", "penstock config"),
            ("session.MM9.password=x", "--set:1:9", "no session is named `MM9`", "MM1, MM2, MM3, MM4"),
            ("session.4.password=x", "--set:1:9", "no session is named `4`", "MM1, MM2, MM3, MM4"),
            ("session.password=x", "--set:1:9", "its entries go by name or place", "session.NAME.password"),
            ("fix.resend_window=many", "--set:1:19", "wants a whole number, not a string", "16"),
            ("log.level=inof", "--set:1:11", "is one of \"error\", \"warn\"", "did you mean `info`?"),
        ] {
            assert_fault("", &[set], place, message, help);
        }
    }
}

mod secrets {
    use super::*;

    #[test]
    fn demo_passwords_are_refused_off_loopback() {
        assert_fault(
            "[fix]\nlisten = \"0.0.0.0:9878\"",
            &["session.MM1.password=other"],
            "venue.toml:2:10",
            "0.0.0.0:9878 can be reached from other hosts, while everybody knows the demo password of: MM2, MM3, MM4",
            "or listen on 127.0.0.1",
        );
        let others = ["1", "2", "3", "4"].map(|n| format!("session.MM{n}.password=own-{n}"));
        let mut set: Vec<_> = others.iter().map(String::as_str).collect();
        set.push("fix.listen=0.0.0.0:9878");
        assert!(load("", &set).is_ok());
        for loopback in ["127.1.2.3:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            assert!(load("", &[&format!("fix.listen={loopback}")]).is_ok(), "{loopback}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let session = "[[session]]\ncomp_id = \"A\"\naccounts = [\"XX\"]\n";
        let long = "hunter2".repeat(PASSWORD_BYTES_MAX);
        for (text, set) in [
            (format!("{session}password = \"hunter2\""), None),
            (format!("{session}password = 'hunter2'\nx = 1"), None),
            (format!("{session}password = \"\"\"\nhunter2\nhunter2\"\"\""), None),
            (format!("{session}password = \"{long}\""), None),
            (format!("{session}password = \"hunter2\né = 1"), None),
            (format!("{session}password = \"hunter2"), None),
            (format!("{session}passwd = \"hunter2\""), None),
            (format!("{session}\"pasword\" = [\"hunter2\"]"), None),
            (format!("{session}password = hunter2"), None),
            ("session = [{comp_id = 1, password = \"hunter2\"}]".into(), None),
            ("session = [{comp_id = 1, password = \"hunter2\"}".into(), None),
            (String::new(), Some("session.MM1.passwort=hunter2")),
            (String::new(), Some("session.MM9.password=hunter2")),
            (String::new(), Some("session..password=hunter2")),
            (String::new(), Some("session.MM1.password.x=hunter2")),
            (String::new(), Some("session=[{comp_id=1, password=\"hunter2\"}]")),
        ] {
            let shown = refused(&text, &set.into_iter().collect::<Vec<_>>());
            assert!(!shown.contains("hunter2"), "{text} {set:?} shows\n{shown}");
        }
        let config = taken("", &["session.MM1.password=hunter2"]);
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn only_the_value_of_a_password_is_masked() {
        let text = "[[session]]\ncomp_id = \"A\"\npassword = \"hunter2\" # mine\naccounts = []\n";
        let shown = refused(text, &[]);
        assert!(shown.contains("password = \"*******\" # mine"), "{shown}");
        assert!(shown.contains("accounts = []"), "{shown}");
    }
}
