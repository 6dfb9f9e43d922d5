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
        ("shard = 1", "names shard 1, and the venue has 1", "raise that"),
        ("shard = 8", "instrument.shard: is from 0 to 7", "choose one in that range"),
        ("quote = \"B\"", "base and quote are both `B`", "name what is paid with"),
    ] {
        // The line is the last one.
        let text = instrument(&[line]);
        let place = format!("venue.toml:{}:{}", text.lines().count(), line.find('=').unwrap() + 3);
        assert_fault(&text, &[], &place, message, help);
    }
}

#[test]
fn an_instrument_is_served_by_the_shard_that_it_names() {
    let config = taken(&format!("[venue]\nshards = 3\n{}", instrument(&["shard = 2"])), &[]);
    assert_eq!((config.venue.shards, config.instruments[0].shard), (3, 2));
    let config = taken(&instrument(&[]), &[]);
    assert_eq!((config.venue.shards, config.instruments[0].shard), (1, 0));
    assert_fault(
        "[venue]\nshards = 9\n",
        &[],
        "venue.toml:2:10",
        "venue.shards: is from 1 to 8",
        "in that range",
    );
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
    let reaching =
        |notional: &str| instrument(&["quantity_max = \"20\"", &format!("notional_min = \"{notional}\"")]);
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
