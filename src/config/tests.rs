use std::collections::BTreeSet;

use tuning::plan::{CoreChoice, IdleChoice, Mode};
use wire::{
    limits::{LOTS_MAX, PASSWORD_BYTES_MAX},
    types::{Lots, Ticks},
};

use super::*;

mod assets;
mod binary;
mod copies;
mod gateways;
mod instruments;
mod limits;
mod secrets;
mod sessions;
mod set;
mod the_default;

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

mod a_file {
    use super::*;

    #[test]
    fn keys_left_out_keep_their_defaults_and_lists_are_replaced_whole() {
        let config = taken(&format!("[fix]\nresend_window = 100\n{INSTRUMENT}"), &[]);
        assert_eq!(config.fix.acceptor.resend_window, 100);
        assert_eq!(config.fix.acceptor.listen, "127.0.0.1:9878".parse().unwrap());
        assert_eq!(config.sessions.len(), 8);
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
            ("[rings]\nfeed_bytes = 1024", "rings.feed_bytes: is from 65536 to 1073741824"),
            ("[rings]\nsequenced_bytes = 65536", "rings.sequenced_bytes: is from 1048576 to 1073741824"),
            ("[journal]\nsegment_bytes = 4096", "journal.segment_bytes: is from 2097152 to 1073741824"),
            ("[journal]\ndirectory = \"\"", "journal.directory: is a directory"),
            ("[journal]\narchive = \"cp\"", "journal.archive: is a program and its arguments"),
            (
                "[journal]\narchive = [\"cp\", \"x\"]",
                "journal.archive: names a program, and {path} in one of its arguments",
            ),
            ("[journal]\nreserve_bytes = -1", "journal.reserve_bytes: is from 0 to 4294967295"),
            ("[journal]\nsnapshots_kept = 0", "journal.snapshots_kept: is from 1 to 100"),
            ("[journal]\nsnapshot_bytes = -1", "journal.snapshot_bytes: is from 0 to 4294967295"),
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
             [rings]\ncommand_bytes = 65536\nevent_bytes = 1073741824\nfeed_bytes = 65536",
            &[],
        );
        assert_eq!(config.fix.acceptor.logon_timeout, Duration::from_millis(100));
        assert_eq!(config.fix.acceptor.connections_unauthenticated_max, 1, "never more than connections_max");
        assert_eq!((config.rings.command_bytes, config.rings.event_bytes), (65_536, 1_073_741_824));
        assert_eq!(config.rings.feed_bytes, 65_536);
        assert_eq!(
            config.rings.memory,
            shm::Memory::default(),
            "the default file and the default of the rings"
        );
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
        for kind in ["standby", "journal+standby"] {
            assert_fault(
                &format!("[venue]\ndurability = \"{kind}\""),
                &[],
                "venue.toml:2:14",
                &format!("cannot promise \"{kind}\""),
                "write \"journal\"",
            );
        }
        let journal = taken("[venue]\ndurability = \"journal\"", &[]);
        assert_eq!(journal.venue.durability, Durability::Journal);
        let typo = refused("[venue]\ndurability = \"memroy\"", &[]);
        assert!(typo.contains("did you mean `memory`?"), "{typo}");
    }

    #[test]
    fn a_transport_is_one_of_those_there_are() {
        use gateway::transport::Kind;
        for (word, kind) in [
            ("auto", None),
            ("epoll", Some(Kind::Epoll)),
            ("spin", Some(Kind::Spin)),
            ("io_uring", Some(Kind::IoUring)),
        ] {
            assert_eq!(taken(&format!("[fix]\ntransport = \"{word}\""), &[]).fix.acceptor.transport, kind);
        }
        assert_fault(
            "[fix]\ntransport = \"io-uring\"",
            &[],
            "venue.toml:2:13",
            "fix.transport: is one of \"auto\", \"epoll\", \"spin\", \"io_uring\"",
            "did you mean `io_uring`?",
        );
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
            ("[\"MM1\", \"XX\"]", 20, "there is no account `XX`", "choose one of: BM1, BM2, MM1, MM2"),
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
    fn reports_are_stamped_unless_a_session_does_not_want_it() {
        let stamps = |set: &[&str]| taken("", set).sessions[0].stamps;
        assert!(stamps(&[]));
        assert!(!stamps(&["session.MM1.stamps=false"]));
        assert!(refused("", &["session.MM1.stamps=1"]).contains("true"));
    }

    #[test]
    fn market_data_are_for_everybody_to_whom_they_are_not_refused() {
        let may = |set: &[&str]| taken("", set).sessions[0].market_data;
        assert!(may(&[]));
        assert!(!may(&["session.MM1.market_data=false"]));
        assert!(refused("", &["session.MM1.market_data=1"]).contains("true"));
    }

    #[test]
    fn a_session_has_limits_and_as_many_cancels_as_other_messages_unless_it_says_otherwise() {
        let limits = |set: &[&str], session: usize| {
            let limits = taken("", set).sessions[session].limits;
            (limits.messages, limits.cancels, limits.seconds)
        };
        assert_eq!(limits(&[], 0), (0, 0, 1));
        assert_eq!(limits(&[], 3), (100, 100, 1));
        let set = ["session.MM4.throttle_messages=50", "session.MM4.throttle_s=10"];
        assert_eq!(limits(&set, 3), (50, 50, 10));
        assert_eq!(limits(&["session.MM4.throttle_cancels=7"], 3), (100, 7, 1));
        assert!(refused("", &["session.MM4.throttle_s=0"]).contains("3600"));
        assert!(refused("", &["session.MM4.throttle_messages=100001"]).contains("100000"));
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
