//! `penstock journal replay`: every command applied again.

use std::{collections::BTreeMap, io::Write, path::Path, process::ExitCode, time::Instant};

use anyhow::Context;
use matcher::{
    engine::{Engine, Sink},
    journal::record::Kind,
};
use serde_json::json;
use wire::{
    event::{Definition, Event, Kind as EventKind},
    types::{AccountId, AssetId},
};

use super::{
    args::Which,
    fields::utc,
    past::{Past, Twin, command},
};
use crate::{admin::orders::in_full, config::Config};

/// What is counted of the engine's answers.
#[derive(Default)]
struct Count {
    events: u64,
    fills: u64,
}

impl Sink for Count {
    fn event(&mut self, event: Event) {
        self.events += 1;
        self.fills += u64::from(event.kind == EventKind::Fill);
    }

    fn definition(&mut self, _: &Definition) {}
}

/// Replays the journal of `data`, of a venue of `config`, up to the command `until`.
pub(super) fn replay(
    which: &Which,
    until: Option<u64>,
    is_json: bool,
    config: &Config,
    data: &Path,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let mut past = Past::open(which, config, data)?;
    let mut twin = Twin::new(config, which.shard)?;
    let (mut count, mut room) = (Count::default(), Vec::new());
    let begin = Instant::now();
    'journal: while let Some(commit) = past.commit()? {
        for record in commit.iter() {
            if record.kind == Kind::Configuration {
                twin.configure(&record)
                    .with_context(|| format!("the configuration behind command {}", record.seq))?;
            }
            if record.kind != Kind::Command {
                continue;
            }
            if until.is_some_and(|until| record.seq.0 > until) {
                break 'journal;
            }
            let (_, command) =
                command(&record, &mut room).with_context(|| format!("command {}", record.seq))?;
            twin.apply(&record, command, &mut count)?;
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    let (seq, time) = twin.engine.now();
    let hash = format!("{:016x}", twin.engine.state_hash());
    // Each trade fills two orders.
    let trades = count.fills / 2;
    let open = twin.engine.open_orders();
    let funds = funds(&twin.engine, config);
    #[expect(clippy::cast_precision_loss, reason = "a rate, shown without decimals")]
    let rate = seq.0 as f64 / seconds;
    if is_json {
        let line = json!({
            "state_hash": hash,
            "seq": seq.0,
            "time": utc(time),
            "events": count.events,
            "trades": trades,
            "open_orders": open,
            "funds": funds.iter().cloned().collect::<BTreeMap<_, _>>(),
            "seconds": seconds,
            "commands_per_second": rate.round(),
        });
        writeln!(out, "{line}")?;
    } else {
        writeln!(out, "state hash   {hash}")?;
        writeln!(out, "commands     {seq}, the last one of {}", utc(time))?;
        writeln!(out, "events       {}", count.events)?;
        writeln!(out, "trades       {trades}")?;
        writeln!(out, "open orders  {open}")?;
        let funds: Vec<String> = funds.iter().map(|(asset, sum)| format!("{sum} {asset}")).collect();
        writeln!(out, "funds        {}", funds.join(", "))?;
        writeln!(out, "took         {seconds:.3} s, {rate:.0} commands a second")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What all accounts have of each asset, and the venue in fees, together: as much as was paid in and not out.
fn funds(engine: &Engine, config: &Config) -> Vec<(String, String)> {
    let sum = |asset| {
        let balances = (0..).map_while(|account| engine.balance(AccountId(account), asset));
        let accounts: i128 = balances.map(|balance| balance.available + balance.held).sum();
        accounts + engine.fees(asset).unwrap_or_default()
    };
    let told = (0..).zip(&config.assets).map(|(id, asset)| {
        let sum = sum(AssetId(id));
        let sign = if sum < 0 { "-" } else { "" };
        (asset.name.clone(), format!("{sign}{}", in_full(sum.unsigned_abs(), 1, asset.scale)))
    });
    told.collect()
}
