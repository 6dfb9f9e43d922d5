//! `penstock admin transfer`: funds from one shard to another, by a withdrawal here and a deposit there.
//!
//! What is under way stands in a file of the data directory from before the first step until the last one is known to be done, so
//! that whatever dies in between, nothing is forgotten: the next transfer goes on with it first. Where a shard has died with
//! a step and has not said whether it was done, that is for people to look at, by the balances.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};
use shm::{Lock, ShmError};

use super::{
    request::{Answer, Refusal, Request, Transfer},
    shards,
};

/// The file's name, and that of the lock which whoever makes a transfer holds.
const RECORD: &str = "transfer.json";
const LOCK: &str = "transfer.lock";

/// How far a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Stage {
    /// The withdrawal may have been done.
    Withdrawing,
    /// It was done, and nothing was paid in.
    Withdrawn,
    /// Paying in where it belongs may have been done.
    Depositing,
    /// Paying in where it came from may have been.
    GivingBack,
}

/// A transfer that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    stage: Stage,
    transfer: Transfer,
}

/// What has come of a step.
#[derive(Debug)]
enum Outcome {
    Done,
    /// It was not done, and why.
    Not(Refusal),
    /// Whether it was done is not known.
    Unknown,
}

/// Makes the transfer, after one that was cut short.
///
/// # Errors
/// If the data directory cannot be written in, or there is no venue.
pub(super) fn transfer(data: &Path, transfer: &Transfer) -> anyhow::Result<Answer> {
    let refusing = |text: String, remedy: &str| Answer {
        refused: vec![Refusal::bad(text, remedy)],
        ..Answer::default()
    };
    let _lock = match Lock::take(&data.join(LOCK)) {
        Err(ShmError::Held { pid, .. }) => {
            return Ok(refusing(
                format!("process {pid} makes another transfer"),
                "ask again when it is done",
            ));
        }
        other => other?,
    };
    let path = data.join(RECORD);
    let mut keep = |record: Option<&Record>| match record {
        Some(record) => write(data, record),
        None => fs::remove_file(data.join(RECORD)),
    };
    let mut ask = |shard: u8, request: &Request| step(data, shard, request);
    let mut answer = Answer::default();
    match fs::read(&path) {
        Ok(bytes) => {
            let record = serde_json::from_slice(&bytes)?;
            if !go_on(record, &mut ask, &mut keep, &mut answer)? {
                return Ok(answer);
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    if transfer.from == transfer.to {
        answer.refused.push(Refusal::bad("both shards are the same", "name two: --from 0 --to 1"));
        return Ok(answer);
    }
    let there = shards::count(data)?;
    if let Some(&none) = [transfer.from, transfer.to].iter().find(|&&shard| usize::from(shard) >= there) {
        answer.refused.push(shards::is_none(none));
        return Ok(answer);
    }
    // Who cannot pay in is found out before anything is taken.
    let there = shards::ask_all(data, &Request::Balances { account: transfer.account.clone() })?;
    if !there.refused.is_empty() {
        answer.refused.extend(there.refused);
        return Ok(answer);
    }
    begin(transfer, &mut ask, &mut keep, &mut answer)?;
    Ok(answer)
}

/// Asks one shard for a step.
fn step(data: &Path, shard: u8, request: &Request) -> Outcome {
    match shards::ask::<Answer>(data, shard, request) {
        Ok(Err(_)) => Outcome::Not(shards::is_silent(shard)),
        Ok(Ok(answer)) => match answer.refused.into_iter().next() {
            Some(refusal) => Outcome::Not(refusal),
            None if answer.done.is_empty() => Outcome::Not(shards::is_silent(shard)),
            None => Outcome::Done,
        },
        Err(_) => Outcome::Unknown,
    }
}

fn write(data: &Path, record: &Record) -> io::Result<()> {
    let new = data.join(format!("{RECORD}.new"));
    let mut file = File::create(&new)?;
    file.write_all(&serde_json::to_vec(record)?)?;
    file.sync_all()?;
    fs::rename(new, data.join(RECORD))?;
    File::open(data)?.sync_all()
}

/// Begins with the withdrawal.
fn begin(
    transfer: &Transfer,
    ask: &mut impl FnMut(u8, &Request) -> Outcome,
    keep: &mut impl FnMut(Option<&Record>) -> io::Result<()>,
    answer: &mut Answer,
) -> io::Result<()> {
    let mut record = Record { stage: Stage::Withdrawing, transfer: transfer.clone() };
    keep(Some(&record))?;
    match ask(transfer.from, &Request::Withdraw(transfer.funds_at(transfer.from))) {
        Outcome::Done => {
            record.stage = Stage::Withdrawn;
            keep(Some(&record))?;
            go_on(record, ask, keep, answer)?;
        }
        Outcome::Not(refusal) => {
            keep(None)?;
            answer.refused.push(refusal);
        }
        Outcome::Unknown => answer.refused.push(is_unknown(&record)),
    }
    Ok(())
}

/// Ends a transfer that was begun; whether it has ended, and nothing stands in the way of another.
fn go_on(
    mut record: Record,
    ask: &mut impl FnMut(u8, &Request) -> Outcome,
    keep: &mut impl FnMut(Option<&Record>) -> io::Result<()>,
    answer: &mut Answer,
) -> io::Result<bool> {
    if record.stage != Stage::Withdrawn {
        answer.refused.push(is_unknown(&record));
        return Ok(false);
    }
    let Transfer { account, asset, amount, from, to } = record.transfer.clone();
    for (stage, shard) in [(Stage::Depositing, to), (Stage::GivingBack, from)] {
        record.stage = stage;
        keep(Some(&record))?;
        match ask(shard, &Request::Deposit(record.transfer.funds_at(shard))) {
            Outcome::Done => {
                keep(None)?;
                answer.done.push(if shard == to {
                    format!("{amount} {asset} of account {account} moved from shard {from} to shard {to}")
                } else {
                    format!("{amount} {asset} of account {account} given back at shard {from}")
                });
                return Ok(true);
            }
            Outcome::Not(refusal) => answer.refused.push(refusal),
            Outcome::Unknown => {
                answer.refused.push(is_unknown(&record));
                return Ok(false);
            }
        }
    }
    record.stage = Stage::Withdrawn;
    keep(Some(&record))?;
    answer.refused.push(Refusal::bad(
        format!("{amount} {asset} of account {account} are withdrawn from shard {from} and not paid in yet"),
        "start the matchers; the next `penstock admin transfer` goes on with this one first",
    ));
    Ok(false)
}

fn is_unknown(record: &Record) -> Refusal {
    let Transfer { account, asset, amount, from, to } = &record.transfer;
    let (what, shard) = match record.stage {
        Stage::Withdrawing | Stage::Withdrawn => ("withdrawn from", from),
        Stage::Depositing => ("paid in at", to),
        Stage::GivingBack => ("given back at", from),
    };
    Refusal::bad(
        format!(
            "it is not known whether {amount} {asset} of account {account} were {what} shard {shard}, in a transfer from shard {from} to {to}"
        ),
        format!(
            "look at `penstock admin balances {account}`, deposit or withdraw what is amiss, and then remove {RECORD} from the data directory"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Transfer {
        Transfer { account: "A".into(), asset: "USD".into(), amount: "5".into(), from: 0, to: 1 }
    }

    /// Makes the transfer, or goes on with `record`, with these outcomes in order; what was asked, what is on record, the answer.
    fn made(record: Option<Record>, outcomes: Vec<Outcome>) -> (Vec<String>, Option<Stage>, Answer) {
        let (mut asked, mut answer) = (Vec::new(), Answer::default());
        let mut kept = record.clone();
        let mut outcomes = outcomes.into_iter();
        let mut ask = |shard, request: &Request| {
            let word = match request {
                Request::Withdraw(_) => "withdraw",
                Request::Deposit(_) => "deposit",
                other => panic!("{other:?}"),
            };
            asked.push(format!("{word} {shard}"));
            outcomes.next().expect("one more step than there are outcomes")
        };
        let mut keep = |record: Option<&Record>| {
            kept = record.cloned();
            Ok(())
        };
        match record {
            Some(record) => {
                go_on(record, &mut ask, &mut keep, &mut answer).unwrap();
            }
            None => begin(&wanted(), &mut ask, &mut keep, &mut answer).unwrap(),
        }
        assert!(outcomes.next().is_none(), "fewer steps than outcomes");
        (asked, kept.map(|record| record.stage), answer)
    }

    fn no() -> Outcome {
        Outcome::Not(Refusal::bad("no", "so be it"))
    }

    #[test]
    fn it_withdraws_and_deposits_and_leaves_no_record() {
        let (asked, stage, answer) = made(None, vec![Outcome::Done, Outcome::Done]);
        assert_eq!((asked, stage), (vec!["withdraw 0".to_owned(), "deposit 1".to_owned()], None));
        assert_eq!(answer.done, ["5 USD of account A moved from shard 0 to shard 1"]);
        let (asked, stage, answer) = made(None, vec![no()]);
        assert_eq!((asked.len(), stage, answer.refused.len()), (1, None, 1), "nothing was withdrawn");
    }

    #[test]
    fn what_cannot_be_paid_in_is_given_back() {
        let (asked, stage, answer) = made(None, vec![Outcome::Done, no(), Outcome::Done]);
        assert_eq!(asked, ["withdraw 0", "deposit 1", "deposit 0"]);
        assert_eq!((stage, answer.done), (None, vec!["5 USD of account A given back at shard 0".to_owned()]));
        assert_eq!(answer.refused.len(), 1);
    }

    #[test]
    fn what_can_be_paid_in_nowhere_is_on_record_until_it_can() {
        let (_, stage, answer) = made(None, vec![Outcome::Done, no(), no()]);
        assert_eq!(stage, Some(Stage::Withdrawn));
        assert!(answer.refused.last().unwrap().text.contains("not paid in yet"), "{answer:?}");
        let record = Record { stage: Stage::Withdrawn, transfer: wanted() };
        let (asked, stage, _) = made(Some(record), vec![Outcome::Done]);
        assert_eq!((asked, stage), (vec!["deposit 1".to_owned()], None));
    }

    #[test]
    fn a_step_of_unknown_outcome_is_not_done_again() {
        for (outcomes, expected) in [
            (vec![Outcome::Unknown], Stage::Withdrawing),
            (vec![Outcome::Done, Outcome::Unknown], Stage::Depositing),
            (vec![Outcome::Done, no(), Outcome::Unknown], Stage::GivingBack),
        ] {
            let (_, stage, answer) = made(None, outcomes);
            assert_eq!(stage, Some(expected));
            assert!(answer.refused.last().unwrap().text.starts_with("it is not known"), "{answer:?}");
            let record = Record { stage: expected, transfer: wanted() };
            let (asked, stage, _) = made(Some(record), Vec::new());
            assert_eq!((asked.len(), stage), (0, Some(expected)), "it waits for somebody to look");
        }
    }
}
