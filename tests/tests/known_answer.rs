//! The main job on real input: an hour of Nasdaq order flow, replayed through FIX sessions, has one right answer.

use std::{env, fs, path::PathBuf, time::Duration};

use penstock_tests::{Penstock, not_tested, venue::data_dir, workspace::root};

/// The folder with recorded order flow, which is not ours to ship: `PENSTOCK_FLOW_DIR`, else `shared/data` beside
/// the workspace.
fn flow_dir() -> PathBuf {
    env::var_os("PENSTOCK_FLOW_DIR").map_or_else(
        || root().parent().expect("the workspace lies in a folder").join("shared").join("data"),
        PathBuf::from,
    )
}

/// The LOBSTER message file of AAPL, 2012-06-21, 09:30 to 10:30, if there is one.
fn aapl() -> Option<PathBuf> {
    let entries = fs::read_dir(flow_dir()).ok()?;
    entries.flatten().map(|entry| entry.path()).find(|path| {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        name.starts_with("lobster_AAPL_2012-06-21") && (name.ends_with(".csv") || name.ends_with(".csv.zst"))
    })
}

/// The number that follows `name:` in a line of the summary, thousands separators left out.
fn number(summary: &str, name: &str) -> u64 {
    let value =
        summary.lines().find_map(|line| line.trim().strip_prefix(name)?.trim_start().strip_prefix(':'));
    let value = value.unwrap_or_else(|| panic!("no line {name:?} in the summary:\n{summary}"));
    let first = value.split_whitespace().next().unwrap_or_default();
    let digits: String = first.chars().filter(|c| !matches!(c, ',' | '_' | '\'')).collect();
    digits.parse().unwrap_or_else(|_| panic!("{first:?} after {name:?} is no number"))
}

/// Three engines that are not ours agree on these numbers for a strict price-time book.
#[test]
fn an_hour_of_apple_gives_4180_trades_of_351218_shares_and_leaves_394_orders() {
    let Some(file) = aapl() else {
        not_tested(&format!(
            "there is no LOBSTER file of AAPL in {}; set PENSTOCK_FLOW_DIR to the folder that has \
             lobster_AAPL_2012-06-21_*.csv.zst",
            flow_dir().display()
        ));
        return;
    };
    let data = data_dir();
    let mut demo = Penstock::start([
        "demo".as_ref(),
        "--flow".as_ref(),
        file.as_os_str(),
        "--data".as_ref(),
        data.path().as_os_str(),
        "--set".as_ref(),
        "fix.listen=127.0.0.1:0".as_ref(),
        "--set".as_ref(),
        "fix.tls_listen=127.0.0.1:0".as_ref(),
        "--set".as_ref(),
        "binary.listen=127.0.0.1:0".as_ref(),
        "--set".as_ref(),
        "metrics.listen=".as_ref(),
    ]);
    let ended = demo.end_within(Duration::from_secs(600));
    ended.assert_no_panic();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let counted = ["trades", "quantity", "open"].map(|name| number(&ended.stdout, name));
    assert_eq!(counted, [4_180, 351_218, 394], "trades, quantity, open orders in:\n{}", ended.stdout);
}

#[test]
fn numbers_are_found_in_a_summary_however_they_are_written() {
    let summary = "replayed\n  trades:   4,180\nquantity : 351218 shares\nopen: 394\n";
    assert_eq!(["trades", "quantity", "open"].map(|name| number(summary, name)), [4_180, 351_218, 394]);
}
