use wire::fix::version::Version;

use super::*;

/// A file with `lines` in its one account.
fn account(lines: &str) -> String {
    format!(
        "[[account]]\nname = \"A\"\n{lines}\n[[session]]\ncomp_id = \"A\"\npassword = \"p\"\naccounts = [\"A\"]\n"
    )
}

#[test]
fn an_asset_that_only_instruments_name_gets_the_scale_that_serves_them() {
    let config = taken(&instrument(&["tick = \"0.25\"", "lot = \"0.2\""]), &[]);
    let by_name = |name: &str| config.assets.iter().find(|asset| asset.name == name).unwrap().scale;
    // One tick × lot is 0.05.
    assert_eq!((by_name("B"), by_name("Q"), by_name("BTC")), (1, 2, 8));
    let pair = config.listings[0].pair;
    assert_eq!((pair.base_per_lot, pair.quote_per_tick_lot), (2, 5));
}

#[test]
fn a_scale_too_coarse_or_too_fine_for_an_instrument_is_shown() {
    for (scale, help) in [(1, "X wants a scale of at least 2"), (18, "a lot not far above its units")] {
        let text = format!(
            "[[asset]]\nname = \"Q\"\nscale = {scale}\n{}",
            instrument(&["tick = \"0.25\"", "lot = \"0.2\"", "quote = \"Q\""])
        );
        let message = "a tick × lot of X is not 1 to 2^40 smallest units of Q";
        let funds = account("");
        assert_fault(&format!("{text}{funds}"), &[], "venue.toml:3:9", message, help);
    }
}

#[test]
fn funds_are_amounts_of_known_assets() {
    let config = taken(&account("funds = { USDT = \"1.5\", BTC = 2 }"), &[]);
    let funds: std::collections::BTreeMap<_, _> = config.accounts[0]
        .funds
        .iter()
        .map(|of| (config.assets[of.asset.0 as usize].name.as_str(), of.amount))
        .collect();
    assert_eq!(funds.into_iter().collect::<Vec<_>>(), [("BTC", 200_000_000), ("USDT", 150_000_000)]);
    let by_shard = account("funds = [{ USDT = \"1.5\" }, { BTC = 2, USDT = 3 }]");
    let config = taken(&format!("[venue]\nshards = 2\n{by_shard}"), &[]);
    let funds = config.accounts[0].funds.iter();
    let mut funds: Vec<_> =
        funds.map(|of| (of.shard, config.assets[of.asset.0 as usize].name.as_str(), of.amount)).collect();
    funds.sort_unstable();
    assert_eq!(funds, [(0, "USDT", 150_000_000), (1, "BTC", 200_000_000), (1, "USDT", 300_000_000)]);
    for (line, place, message) in [
        ("funds = { XYZ = \"1\" }", "venue.toml:3:11", "account.funds: there is no asset `XYZ`"),
        ("funds = { USDT = \"0\" }", "venue.toml:3:18", "account.funds.USDT: 0 of USDT is not above 0"),
        (
            "funds = { AAPL = \"0.5\" }",
            "venue.toml:3:18",
            "0.5 of AAPL is not above 0 with at most 0 decimal",
        ),
        ("funds = { USDT = \"-1\" }", "venue.toml:3:18", "-1 of USDT is not above 0"),
        ("funds = { USDT = 0.5 }", "venue.toml:3:18", "wants an exact decimal"),
        ("funds = [{}, { USDT = 1 }]", "venue.toml:3:14", "more tables than the 1 of venue.shards"),
        ("funds = \"much\"", "venue.toml:3:9", "is a table of amounts by asset"),
    ] {
        assert_fault(&account(line), &[], place, message, "");
    }
}

#[test]
fn credit_is_of_credit_accounts() {
    let kind = |lines: &str| taken(&account(lines), &[]).accounts[0].kind.clone();
    assert_eq!(kind(""), AccountKind::Prefunded);
    assert_eq!(kind("kind = \"credit\""), AccountKind::Credit(Vec::new()));
    let limited = kind("kind = \"credit\"\ncredit = { USDT = \"100\" }");
    assert_eq!(limited, AccountKind::Credit(vec![(wire::types::AssetId(3), 10_000_000_000)]));
    assert_fault(
        &account("credit = { USDT = \"100\" }"),
        &[],
        "venue.toml:3:10",
        "the account is prefunded and has no credit",
        "add kind = \"credit\"",
    );
}

#[test]
fn protection_is_a_list_of_limits_each_group_once() {
    let limits = "protection = [{ group = 1, fills = 20, quantity_lots = 5, window_ms = 1000 }, { group = 2, fills = 1, window_ms = 1 }]";
    let protections = &taken(&account(limits), &[]).accounts[0].protections;
    let second = Duration::from_secs(1);
    assert_eq!(protections[0], Protection { group: 1, fills: 20, quantity: Lots(5), window: second });
    assert_eq!(protections[1].quantity, Lots(0));
    for (line, place, message) in [
        ("protection = [{ group = 1, fills = 0, window_ms = 1 }]", "venue.toml:3:36", "is from 1 to 1024"),
        (
            "protection = [{ group = 1, fills = 1 }]",
            "venue.toml:3:15",
            "[account.protection] has no `window_ms`",
        ),
        (
            "protection = [{ group = 1, fills = 1, window_ms = 1, more = 1 }]",
            "venue.toml:3:54",
            "has no key `more`",
        ),
        (
            "protection = [{ group = 1, fills = 1, window_ms = 1 }, { group = 1, fills = 1, window_ms = 1 }]",
            "venue.toml:3:66",
            "group 1 is there twice",
        ),
    ] {
        assert_fault(&account(line), &[], place, message, "");
    }
}

#[test]
fn listings_have_fees_bands_groups_and_a_state() {
    let config = taken(
        &instrument(&[
            "maker_fee = \"1\"",
            "taker_fee = \"2.25\"",
            "dynamic_band_percent = \"2.5\"",
            "volatility_call_ms = 5",
            "group = 7",
            "state = \"pre-open\"",
        ]),
        &[],
    );
    let (terms, listing) = (&config.instruments[0], config.listings[0]);
    assert_eq!((listing.pair.maker_fee, listing.pair.taker_fee), (100, 225));
    assert_eq!((terms.dynamic_band_basis_points, terms.volatility_call_ns, terms.group), (250, 5_000_000, 7));
    assert_eq!(listing.state, wire::types::TradingState::PreOpen);
    for (line, message) in [
        ("maker_fee = \"10000.01\"", "instrument.maker_fee: is from 0 to 10000"),
        ("taker_fee = \"0.001\"", "instrument.taker_fee: is from 0 to 10000, with at most 2 decimal places"),
        ("dynamic_band_percent = \"1001\"", "is from 0 and up to 1000"),
        ("volatility_call_ms = 0", "is from 1 to 3600000"),
        ("state = \"open\"", "is one of \"continuous\""),
    ] {
        let shown = refused(&instrument(&[line]), &[]);
        assert!(shown.contains(message), "{message:?} is missing in\n{shown}");
    }
}

#[test]
fn sessions_have_a_mode_of_self_trade_prevention() {
    let mode = |set: &[&str]| taken("", set).sessions[0].self_trade;
    assert_eq!(mode(&[]), SelfTrade::CancelNewest);
    assert_eq!(mode(&["session.MM1.self_trade=decrement"]), SelfTrade::Decrement);
    assert_eq!(mode(&["session.MM1.self_trade=none"]), SelfTrade::None);
}

#[test]
fn sessions_have_a_version_of_fix() {
    let version = |set: &[&str]| taken("", set).sessions[0].fix().unwrap().version;
    assert_eq!(version(&[]), Version::Fix44);
    assert_eq!(version(&["session.MM1.version=FIX.4.2"]), Version::Fix42);
    assert_eq!(version(&["session.MM1.version=FIX.5.0SP2"]), Version::Fix50Sp2);
    let session = "[[session]]\ncomp_id = \"MM1\"\npassword = \"p\"\naccounts = [\"MM1\"]\n";
    assert_eq!(taken(session, &[]).sessions[0].fix().unwrap().version, Version::Fix44, "left out");
    assert_fault(
        &format!("{session}version = \"FIX.4.3\"\n"),
        &[],
        "venue.toml:5:11",
        "session.version: is one of \"FIX.4.2\", \"FIX.4.4\", \"FIX.5.0SP2\"",
        "did you mean `FIX.4.4`?",
    );
}

#[test]
fn the_tables_have_room_for_the_lists() {
    assert_fault(
        "[matcher]\naccounts_max = 3",
        &[],
        "venue.toml:2:16",
        "matcher.accounts_max: 3 is less than the 8 accounts",
        "raise it to at least 8",
    );
}
