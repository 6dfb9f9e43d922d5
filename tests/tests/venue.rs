//! The command: how a venue starts, what it refuses, how it ends, and what it leaves behind.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt, path::Path, process::Command};

use penstock_tests::{
    Client, Penstock, Venue, not_tested,
    process::{command, program},
    trade::{BUY, Pair, SELL},
    venue::{arguments, data_dir, listener},
};
use rustix::process::Signal;

/// Files below `folder`, at any depth.
fn files_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("it can be read").flatten() {
        if entry.path().is_dir() {
            found.extend(files_in(&entry.path()));
        } else {
            found.push(entry.path().display().to_string());
        }
    }
    found
}

/// Lets two sessions trade, to show that the venue works.
fn trade(address: std::net::SocketAddr) {
    let mut pair = Pair::new(Client::logged_on(address, "MM1"), Client::logged_on(address, "MM2"));
    pair.trade();
    pair.finish();
}

mod start {
    use super::*;

    #[test]
    fn every_listener_has_a_line_and_the_last_line_begins_with_ready() {
        let venue = Venue::start(&[]);
        assert_ne!(venue.fix.port(), 0, "port 0 stands for a free one, which the line shows");
        trade(venue.fix);
        let ended = venue.stop();
        let lines: Vec<_> = ended.stdout.lines().collect();
        let ready = lines.iter().position(|l| l.starts_with("ready")).expect("it was waited for");
        assert!(lines[..ready].iter().any(|l| l.starts_with("listening fix ")), "{lines:#?}");
        assert!(!lines[ready..].iter().any(|l| l.starts_with("listening")), "ready comes last: {lines:#?}");
    }

    #[test]
    fn run_is_what_penstock_does_without_a_word() {
        let data = data_dir();
        let mut venue = Penstock::start(&arguments("run", data.path(), &[])[1..]);
        let _ = venue.line("ready");
        trade(listener(&venue, "fix"));
        assert!(venue.runs());
        venue.stop();
    }

    #[test]
    fn a_data_directory_that_is_missing_is_made() {
        let parent = data_dir();
        let data = parent.path().join("venue");
        Venue::start_in(&data, &[]).stop();
        assert!(data.is_dir());
    }

    #[test]
    fn a_configuration_file_is_taken_and_set_goes_over_it() {
        let data = data_dir();
        let file = data.path().join("penstock.toml");
        fs::write(&file, "[venue]\ncomp_id = \"ELSEWHERE\"\n[fix]\nheartbeat_s_min = 5\n").unwrap();
        let mut args = arguments("run", data.path(), &["venue.comp_id=PENSTOCK"]);
        args.extend(["--config".to_owned(), file.display().to_string()]);
        let venue = Penstock::start(args);
        let _ = venue.line("ready");
        let mut client = Client::connect(listener(&venue, "fix"), "MM1");
        let answer = client.log_on(&[(141, "Y"), (108, "4")]);
        answer.assert(&[(35, "5"), (49, "PENSTOCK")]); // the heartbeat is below the file's minimum
        let mut client = Client::connect(listener(&venue, "fix"), "MM1");
        client.log_on(&[(141, "Y"), (108, "5")]).assert(&[(35, "A"), (49, "PENSTOCK")]);
        venue.stop();
    }
}

mod end {
    use super::*;

    #[test]
    fn sigterm_logs_clients_out_and_ends_with_exit_code_0() {
        let venue = Venue::start(&[]);
        let mut client = venue.client("MM1");
        client.limit("a", BUY, "1", "500");
        client.execution(&[(150, "0")]);
        venue.process.signal(Signal::TERM);
        client.report().assert(&[(35, "5")]);
        // A client that keeps to the rules answers; the venue closes the connection then, or has closed it.
        let answer = client.message("5", client.next_out, &[]);
        let _ = client.send_bytes(&answer);
        assert_eq!(client.closed(), []);
        let mut process = venue.process;
        let ended = process.end();
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        ended.assert_no_panic();
    }

    #[test]
    fn a_client_that_does_not_answer_the_logout_does_not_keep_the_venue_from_ending() {
        let venue = Venue::start(&[]);
        let mut client = venue.client("MM1");
        venue.process.signal(Signal::TERM);
        client.report().assert(&[(35, "5")]);
        assert_eq!(client.closed(), []);
        let mut process = venue.process;
        assert_eq!(process.end().code, Some(0));
    }

    #[test]
    fn ctrl_c_ends_it_as_sigterm_does() {
        let venue = Venue::start(&[]);
        let mut client = venue.client("MM1");
        venue.process.signal(Signal::INT);
        client.report().assert(&[(35, "5")]);
        let mut process = venue.process;
        assert_eq!(process.end().code, Some(0));
    }

    #[test]
    fn nothing_is_left_in_shared_memory_after_the_end() {
        let rings = data_dir();
        let setting = format!("rings.directory={}", rings.path().display());
        let venue = Venue::start(&[&setting]);
        let running = files_in(rings.path());
        assert!(!running.is_empty(), "the rings are files in the configured directory");
        for file in &running {
            let mode = fs::metadata(file).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{file} can be read by others");
        }
        trade(venue.fix);
        venue.stop();
        assert_eq!(files_in(rings.path()), Vec::<String>::new());
    }

    #[test]
    fn a_venue_that_was_killed_starts_again_on_the_same_data_directory() {
        let (data, rings) = (data_dir(), data_dir());
        let setting = format!("rings.directory={}", rings.path().display());
        for round in 0..3 {
            let venue = Venue::start_in(data.path(), &[&setting]);
            trade(venue.fix);
            assert!(!files_in(rings.path()).is_empty(), "round {round}");
            venue.kill9();
        }
        let venue = Venue::start_in(data.path(), &[&setting]);
        trade(venue.fix);
        venue.stop();
        assert_eq!(files_in(rings.path()), Vec::<String>::new(), "the killed ones' rings are gone too");
    }
}

/// Each is a start that cannot be: exit code 2 and a sentence that names what is in the way.
mod refusals {
    use super::*;

    #[test]
    fn a_port_in_use() {
        let data = data_dir();
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = other.local_addr().unwrap().to_string();
        let args = arguments("run", data.path(), &[&format!("fix.listen={address}")]);
        Penstock::start(args).end().assert_refusal(&[&address, "in use"]);
    }

    #[test]
    fn a_data_directory_whose_parent_is_missing() {
        let data = data_dir();
        let missing = data.path().join("no-such-folder").join("data");
        Penstock::start(arguments("run", &missing, &[])).end().assert_refusal(&["no-such-folder"]);
        assert!(!missing.exists());
    }

    #[test]
    fn a_data_directory_that_is_a_file() {
        let data = data_dir();
        let file = data.path().join("plain-file");
        fs::write(&file, "not ours").unwrap();
        Penstock::start(arguments("run", &file, &[])).end().assert_refusal(&["plain-file"]);
        assert_eq!(fs::read_to_string(&file).unwrap(), "not ours");
    }

    #[test]
    fn a_configuration_file_that_is_missing() {
        let data = data_dir();
        let mut args = arguments("run", data.path(), &[]);
        args.extend(["--config".to_owned(), data.path().join("no-such.toml").display().to_string()]);
        Penstock::start(args).end().assert_refusal(&["no-such.toml"]);
    }

    #[test]
    fn a_second_venue_on_one_data_directory_and_the_first_feels_nothing() {
        let data = data_dir();
        let first = Venue::start_in(data.path(), &[]);
        let mut pair = Pair::new(first.client("MM1"), first.client("MM2"));
        pair.trade();
        let second = Penstock::start(arguments("run", data.path(), &[])).end();
        second.assert_refusal(&[data.path().to_str().unwrap()]);
        pair.trade();
        pair.finish();
        first.stop();
    }

    #[test]
    fn a_key_that_does_not_exist() {
        let data = data_dir();
        Penstock::start(arguments("run", data.path(), &["fix.lissten=1"]))
            .end()
            .assert_refusal(&["fix.lissten"]);
    }

    #[test]
    fn demo_passwords_on_an_address_that_others_reach() {
        let data = data_dir();
        let args = arguments("run", data.path(), &["fix.listen=0.0.0.0:0"]);
        Penstock::start(args).end().assert_refusal(&["0.0.0.0", "password"]);
    }

    #[test]
    fn a_command_line_that_makes_no_sense() {
        let ended = Penstock::start(["fly"]).end();
        assert_eq!(ended.code, Some(2), "{ended:#?}");
        ended.assert_no_panic();
        assert!(ended.stderr.contains("fly"));
    }
}

mod configuration {
    use super::*;

    #[test]
    fn check_places_every_fault_by_file_line_and_column() {
        let folder = data_dir();
        let file = folder.path().join("bad.toml");
        fs::write(&file, "[fix]\nlisten = \"127.0.0.1:0\"\nlogon_timeout = 5\n\n[venue]\ncomp_id = 7\n")
            .unwrap();
        let ended = Penstock::start(["check", file.to_str().unwrap()]).end();
        ended.assert_no_panic();
        assert_eq!(ended.code, Some(2), "{ended:#?}");
        let said = format!("{}\n{}", ended.stdout, ended.stderr);
        for place in ["bad.toml:3:1", "bad.toml:6:11"] {
            assert!(said.contains(place), "{place} is not named in:\n{said}");
        }
        assert!(
            said.contains("logon_timeout_ms"),
            "an unknown key that looks like another is told so:\n{said}"
        );
        assert!(said.contains('^') || said.contains('─'), "the place is pointed at:\n{said}");
    }

    #[test]
    fn check_places_what_is_no_toml_at_all() {
        let folder = data_dir();
        let file = folder.path().join("bad.toml");
        fs::write(&file, "[fix]\nlisten = \n").unwrap();
        let ended = Penstock::start(["check", file.to_str().unwrap()]).end();
        assert_eq!(ended.code, Some(2), "{ended:#?}");
        let said = format!("{}\n{}", ended.stdout, ended.stderr);
        assert!(said.contains("bad.toml:2:"), "{said}");
    }

    #[test]
    fn what_config_prints_passes_check_and_starts_a_venue() {
        let printed = Penstock::start(["config"]).end();
        assert_eq!(printed.code, Some(0), "{printed:#?}");
        let data = data_dir();
        let file = data.path().join("printed.toml");
        fs::write(&file, &printed.stdout).unwrap();
        let checked = Penstock::start(["check", file.to_str().unwrap()]).end();
        assert_eq!(checked.code, Some(0), "{checked:#?}");
        let mut args = arguments("run", data.path(), &[]);
        args.extend(["--config".to_owned(), file.display().to_string()]);
        let venue = Penstock::start(args);
        let _ = venue.line("ready");
        trade(listener(&venue, "fix"));
        venue.stop();
    }

    #[test]
    fn help_names_every_command() {
        let help = Penstock::start(["--help"]).end();
        assert_eq!(help.code, Some(0), "{help:#?}");
        for word in ["run", "gateway", "matcher", "check", "config", "demo", "--set", "--data", "--config"] {
            assert!(help.stdout.contains(word), "{word} is not in:\n{}", help.stdout);
        }
    }
}

mod two_processes {
    use super::*;

    #[test]
    fn gateway_first_waits_for_the_matcher_and_says_so() {
        let data = data_dir();
        let gateway = Penstock::start(arguments("gateway", data.path(), &[]));
        gateway.said(&["waiting for the matcher", "waiting for a matcher"]);
        let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
        let _ = matcher.line("ready");
        let _ = gateway.line("ready");
        trade(listener(&gateway, "fix"));
        gateway.stop();
        matcher.stop();
    }

    #[test]
    fn matcher_first_waits_for_the_gateway_and_says_so() {
        let data = data_dir();
        let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
        matcher.said(&["waiting for the gateway", "waiting for a gateway"]);
        let gateway = Penstock::start(arguments("gateway", data.path(), &[]));
        let _ = gateway.line("ready");
        trade(listener(&gateway, "fix"));
        matcher.stop();
        gateway.stop();
    }

    /// Also where both are started by one script, and so clean up after a predecessor at the same moment.
    #[test]
    fn both_at_once_find_each_other_every_time() {
        let data = data_dir();
        for round in 0..10 {
            let [gateway, matcher] =
                ["gateway", "matcher"].map(|role| Penstock::start(arguments(role, data.path(), &[])));
            let _ = gateway.line("ready");
            let _ = matcher.line("ready");
            trade(listener(&gateway, "fix"));
            // By kill -9 every other time, so that there is something to clean up.
            for process in [gateway, matcher] {
                if round % 2 == 0 {
                    process.kill9();
                } else {
                    process.stop();
                }
            }
        }
    }

    #[test]
    fn a_gateway_that_was_killed_is_replaced_and_orders_in_the_book_stay() {
        let data = data_dir();
        let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
        let gateway = Penstock::start(arguments("gateway", data.path(), &[]));
        let _ = gateway.line("ready");
        let mut maker = Client::logged_on(listener(&gateway, "fix"), "MM1");
        maker.limit("rests", SELL, "7", "590");
        maker.execution(&[(150, "0")]);
        gateway.kill9();

        let gateway = Penstock::start(arguments("gateway", data.path(), &[]));
        let _ = gateway.line("ready");
        let mut taker = Client::logged_on(listener(&gateway, "fix"), "MM2");
        taker.limit("takes", BUY, "7", "590");
        taker.execution(&[(150, "0")]);
        taker.execution(&[(150, "F"), (39, "2"), (31, "590"), (32, "7")]);
        gateway.stop();
        matcher.stop();
    }

    #[test]
    fn orders_are_refused_while_the_matcher_is_away_and_taken_when_there_is_another() {
        let data = data_dir();
        let gateway = Penstock::start(arguments("gateway", data.path(), &[]));
        let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
        let _ = gateway.line("ready");
        let mut client = Client::logged_on(listener(&gateway, "fix"), "MM1");
        client.limit("before", BUY, "1", "500");
        client.execution(&[(150, "0")]);
        matcher.kill9();
        gateway.logged(&["the matcher is gone"]);
        client.limit("during", BUY, "1", "500");
        client.execution(&[(11, "during"), (150, "8"), (39, "8"), (103, "99")]);

        // Books are kept in memory: the new matcher has none of the old orders, and clients are told by a logout.
        let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
        let _ = matcher.line("ready");
        let logout = client.report();
        logout.assert(&[(35, "5")]);
        assert!(logout.field(58).contains("restarted"), "{logout}");
        let answer = client.message("5", client.next_out, &[]);
        let _ = client.send_bytes(&answer);
        assert_eq!(client.closed(), []);

        let address = listener(&gateway, "fix");
        let mut client = Client::logged_on(address, "MM1");
        client.send("H", &[(11, "before"), (55, "AAPL"), (54, BUY)]);
        client.report().assert(&[(35, "8"), (11, "before"), (150, "I"), (39, "8")]);
        client.limit("after", BUY, "1", "500");
        client.execution(&[(11, "after"), (150, "0")]);
        client.log_out();
        trade(address);
        gateway.stop();
        matcher.stop();
    }
}

mod permissions {
    use super::*;

    /// `penstock run` as a user who owns nothing but the data directory, where that can be had: `None` for a user
    /// who cannot become another.
    fn as_nobody(settings: &[&str]) -> Option<(tempfile::TempDir, Penstock)> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        // Program and data go where everybody may pass: a build may lie below a folder closed to others.
        let data = tempfile::Builder::new().prefix("penstock-test-").tempdir_in("/tmp").unwrap();
        fs::set_permissions(data.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let copy = data.path().join("penstock");
        fs::copy(program(), &copy).unwrap();
        let own = data.path().join("data");
        fs::create_dir(&own).unwrap();
        std::os::unix::fs::chown(&own, Some(65_534), Some(65_534)).unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&copy);
        command.args(arguments("run", &own, settings)).current_dir("/");
        Some((data, Penstock::spawn(command)))
    }

    #[test]
    fn a_plain_user_runs_a_venue() {
        let Some((_data, venue)) = as_nobody(&[]) else {
            not_tested("only root can become another user");
            return;
        };
        let _ = venue.line("ready");
        trade(listener(&venue, "fix"));
        venue.stop();
    }

    #[test]
    fn a_ring_directory_that_may_not_be_written_is_a_refusal() {
        let rings = data_dir(); // root's, mode 0700
        let setting = format!("rings.directory={}", rings.path().display());
        let Some((_data, mut venue)) = as_nobody(&[&setting]) else {
            not_tested("only root can become another user");
            return;
        };
        venue.end().assert_refusal(&[rings.path().to_str().unwrap(), "permission"]);
    }

    #[test]
    fn without_the_ring_directory_the_data_directory_serves_and_the_log_says_so() {
        let data = data_dir();
        let missing = data.path().join("no-shm");
        let setting = format!("rings.directory={}", missing.display());
        let venue = Venue::start_in(data.path(), &[&setting]);
        venue.process.logged(&["no-shm"]);
        trade(venue.fix);
        venue.stop();
        assert!(!missing.exists());
    }

    #[test]
    fn a_data_directory_that_may_not_be_written_is_a_refusal() {
        if !rustix::process::geteuid().is_root() {
            not_tested("only root can become another user");
            return;
        }
        let closed = tempfile::Builder::new().prefix("penstock-test-").tempdir_in("/tmp").unwrap();
        fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let copy = closed.path().join("penstock");
        fs::copy(program(), &copy).unwrap();
        let mut run = Command::new("setpriv");
        run.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&copy);
        run.args(arguments("run", closed.path(), &[])).current_dir("/");
        Penstock::spawn(run).end().assert_refusal(&[closed.path().to_str().unwrap(), "permission"]);
    }
}

/// A venue at rest leaves the machine alone: with `park` its threads sleep until somebody speaks.
#[test]
fn a_parked_venue_uses_next_to_no_processor_time_at_rest() {
    let venue = Venue::start(&["threads.idle=park"]);
    trade(venue.fix);
    let ticks = || -> u64 {
        let stat =
            fs::read_to_string(format!("/proc/{}/stat", venue.process.pid().as_raw_nonzero())).unwrap();
        let after = stat.rsplit(") ").next().unwrap().to_owned();
        // Fields 14 and 15 of proc(5), utime and stime, counted from field 3 behind the name.
        after.split_whitespace().skip(11).take(2).map(|n| n.parse::<u64>().unwrap()).sum()
    };
    let before = ticks();
    std::thread::sleep(std::time::Duration::from_secs(2)); // the thing measured is time passing
    let used = ticks() - before;
    // A tick is 10 ms: a spinning thread would use 200. What is left is housekeeping.
    assert!(used <= 20, "{used} ticks of processor time in two seconds of rest");
    venue.stop();
}

#[test]
fn version_and_help_do_not_touch_the_disk() {
    let folder = data_dir();
    for word in ["--help", "--version"] {
        let mut command = command([word]);
        command.current_dir(folder.path());
        assert_eq!(Penstock::spawn(command).end().code, Some(0));
    }
    assert_eq!(files_in(folder.path()), Vec::<String>::new());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
