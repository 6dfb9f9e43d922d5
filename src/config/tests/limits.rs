//! Limits of orders: `session.open_orders_max`, `session.order_notional_max` and those of accounts.

use matcher::engine::OrderLimits;

use super::*;

#[test]
fn sessions_and_accounts_have_none_unless_they_are_given_some() {
    let config = taken("", &[]);
    assert!(config.sessions.iter().all(|session| session.order_limits == OrderLimits::NONE));
    assert!(config.accounts.iter().all(|account| account.limits == OrderLimits::NONE));
    let set = ["session.MM1.open_orders_max=7", "session.MM1.order_notional_max=\"0.00000001\""];
    let limits = taken("", &set).sessions[0].order_limits;
    assert_eq!(limits, OrderLimits { open_orders_max: 7, notional_max: 1 });
    let set = ["account.MM2.open_orders_max=9", "account.MM2.order_notional_max=\"92000000000\""];
    let limits = taken("", &set).accounts[1].limits;
    assert_eq!(limits, OrderLimits { open_orders_max: 9, notional_max: 9_200_000_000_000_000_000 });
}

#[test]
fn a_worth_that_is_out_of_range_is_refused_with_the_remedy() {
    for amount in ["\"-1\"", "\"0.000000001\"", "\"93000000000\""] {
        let set = format!("session.MM1.order_notional_max={amount}");
        let told = refused("", &[set.as_str()]);
        assert!(told.contains("wants an amount of 0 to 92000000000 with at most 8 decimal places"), "{told}");
        assert!(told.contains("\"0\" is no limit"), "{told}");
    }
}
