//! One request to the matchers of all shards that it concerns, each by the socket of its own, and one answer of theirs.
//!
//! A matcher says nothing of what another one has to do. What is added has the same number at each, so that nothing is added
//! while one of them is away or has not been told of what was added before.

use std::{io, path::Path};

use super::{
    client,
    orders::Found,
    request::{Added, Answer, Find, Holding, Refusal, Request, Shard, Whom},
    socket_of,
};
use wire::{
    limits::SHARDS_MAX,
    types::{before_ids_of, shard_of},
};

/// What the shards of a venue have answered.
struct Told {
    /// By those that did, with their numbers.
    answers: Vec<(u8, Answer)>,
    /// Those that did not.
    silent: Vec<u8>,
}

/// Asks the matchers on the data directory `data`.
///
/// # Errors
/// [`crate::refused::Refused`] if there is none; anything else if one breaks off.
pub(super) fn ask_all(data: &Path, request: &Request) -> anyhow::Result<Answer> {
    let missing = match request.adds() {
        None => None,
        Some(added) => match who_lacks(&gather(data, &Request::Status, None)?, added) {
            Ok(missing) => missing,
            Err(refusal) => return Ok(Answer { refused: vec![refusal], ..Answer::default() }),
        },
    };
    let told = gather(data, request, missing.as_deref())?;
    Ok(one(request.whom(), told))
}

/// How many shards the venue has.
///
/// # Errors
/// As [`ask_all`].
pub(super) fn count(data: &Path) -> anyhow::Result<usize> {
    let there = gather(data, &Request::Status, None)?;
    Ok(there.answers.len() + there.silent.len())
}

/// Asks for orders shard by shard, from where the search before has ended: the shard stands in the top bits of that.
///
/// # Errors
/// As [`ask_all`].
pub(super) fn orders(data: &Path, find: &Find) -> anyhow::Result<Found> {
    let of = count(data)?;
    let first = shard_of(find.from);
    let mut all = Found::default();
    for shard in (first..SHARDS_MAX).take_while(|&shard| usize::from(shard) < of) {
        let left = find.limit.saturating_sub(u32::try_from(all.orders.len()).unwrap_or(u32::MAX));
        let from = if shard == first { find.from - before_ids_of(shard) } else { 0 };
        if left == 0 {
            all.next = Some(before_ids_of(shard));
            break;
        }
        let piece = Request::Orders(Find { limit: left, from, ..find.clone() });
        let Ok(found) = ask::<Found>(data, shard, &piece)? else {
            all.answer.refused.push(is_silent(shard));
            continue;
        };
        all.orders.extend(found.orders);
        all.next = found.next.map(|next| before_ids_of(shard) + next);
        // What one refuses the others would, with the same words.
        let refused = !found.answer.refused.is_empty();
        all.answer.refused.extend(found.answer.refused);
        if refused || all.next.is_some() {
            break;
        }
    }
    Ok(all)
}

/// Asks one shard; inside, why nobody is there.
pub(super) fn ask<A: serde::de::DeserializeOwned>(
    data: &Path,
    shard: u8,
    request: &Request,
) -> anyhow::Result<Result<A, io::Error>> {
    match client::connect(data, &socket_of(shard)) {
        Ok(stream) => client::exchange(stream, request, client::PATIENCE).map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

/// Asks all shards, or these.
fn gather(data: &Path, request: &Request, only: Option<&[u8]>) -> anyhow::Result<Told> {
    let mut told = Told { answers: Vec::new(), silent: Vec::new() };
    let mut nobody = None;
    let (mut shard, mut of) = (0, SHARDS_MAX);
    while shard < of {
        if only.is_none_or(|only| only.contains(&shard)) {
            match ask::<Answer>(data, shard, request)? {
                Ok(answer) => {
                    of = answer.shard.as_ref().map_or(1, |shard| shard.of);
                    told.answers.push((shard, answer));
                }
                Err(error) => {
                    told.silent.push(shard);
                    nobody.get_or_insert(error);
                }
            }
        }
        shard += 1;
    }
    match nobody {
        Some(error) if told.answers.is_empty() => Err(client::nobody(data, "penstock matcher", &error)),
        _ => {
            told.silent.retain(|&shard| shard < of);
            Ok(told)
        }
    }
}

pub(super) fn is_none(shard: u8) -> Refusal {
    Refusal::bad(
        format!("there is no shard {shard}"),
        "name one of the configuration's (venue.shards), counted from 0",
    )
}

pub(super) fn is_silent(shard: u8) -> Refusal {
    Refusal::bad(
        format!("shard {shard} does not answer, and nothing was done there"),
        format!("start `penstock matcher {shard}`, and ask again"),
    )
}

/// The shards that have not got what is to be added, if they are not all; why it is not to be added now.
fn who_lacks(told: &Told, added: Added<'_>) -> Result<Option<Vec<u8>>, Refusal> {
    if let Some(&shard) = told.silent.first() {
        return Err(is_silent(shard));
    }
    let (what, name) = match added {
        Added::Instrument(symbol) => ("instrument", symbol),
        Added::Account(name) => ("account", name),
    };
    let last = |shard: &Shard| match added {
        Added::Instrument(_) => shard.instruments.clone(),
        Added::Account(_) => shard.accounts.clone(),
    };
    let shards = told.answers.iter().filter_map(|(_, answer)| answer.shard.as_ref());
    let lists: Vec<_> = shards.map(|shard| (shard.number, last(shard))).collect();
    let Some((longest, most, newest)) = lists
        .iter()
        .map(|(number, (count, last))| (*number, *count, last.as_str()))
        .max_by_key(|list| list.1)
    else {
        return Ok(None);
    };
    let lacking: Vec<u8> =
        lists.iter().filter(|(_, (count, _))| *count < most).map(|(number, _)| *number).collect();
    match lacking.first() {
        None => Ok(None),
        Some(_) if newest == name => Ok(Some(lacking)),
        Some(shard) => Err(Refusal::bad(
            format!("shard {shard} has not got {what} {newest}, which shard {longest} has"),
            format!("add {newest} again first, as it was added: {what}s have the same numbers at each shard"),
        )),
    }
}

/// One answer of all.
fn one(whom: Whom, told: Told) -> Answer {
    let Told { answers, silent } = told;
    let several =
        silent.len() + answers.len() > 1 || answers.iter().any(|(_, answer)| answer.shard.is_some());
    let mut all = Answer::default();
    let mut holdings = Vec::new();
    let mut elsewhere = 0;
    let count = answers.len();
    for (shard, answer) in answers {
        let label = |text: String| {
            if several && whom == Whom::All { format!("shard {shard}: {text}") } else { text }
        };
        elsewhere += usize::from(answer.shard.is_some_and(|shard| shard.elsewhere));
        all.done.extend(answer.done.into_iter().map(label));
        let told = answer.balances.iter().map(|of| label(line(of)));
        all.done.extend(told);
        holdings.extend(answer.balances);
        for refusal in answer.refused {
            // What is of one shard alone and unknown to all is told once.
            if whom == Whom::All || !all.refused.contains(&refusal) {
                all.refused.push(Refusal { text: label(refusal.text.clone()), ..refusal });
            }
        }
    }
    if several {
        all.done.extend(sums(&holdings).iter().map(|of| format!("in all: {}", line(of))));
    }
    match whom {
        Whom::All => all.refused.extend(silent.into_iter().map(is_silent)),
        Whom::One(shard) if silent.contains(&shard) => all.refused.push(is_silent(shard)),
        Whom::One(shard) if elsewhere == count => {
            all.refused.push(is_none(shard));
        }
        Whom::Home if elsewhere == count => {
            let silent = silent.first().copied().unwrap_or_default();
            all.refused.push(is_silent(silent));
        }
        Whom::Home | Whom::One(_) => {}
    }
    all
}

fn line(of: &Holding) -> String {
    format!("{} {} available, {} held by open orders", of.asset, of.available, of.held)
}

/// What an account has of each asset at all shards together.
fn sums(holdings: &[Holding]) -> Vec<Holding> {
    let mut sums: Vec<Holding> = Vec::new();
    for of in holdings {
        match sums.iter_mut().find(|sum| sum.asset == of.asset) {
            None => sums.push(of.clone()),
            Some(sum) => {
                sum.available = add(&sum.available, &of.available);
                sum.held = add(&sum.held, &of.held);
            }
        }
    }
    sums
}

/// The sum of two decimals.
fn add(one: &str, other: &str) -> String {
    let places = |text: &str| text.split_once('.').map_or(0, |(_, behind)| behind.len());
    let most = places(one).max(places(other));
    let units = |text: &str| {
        let digits: String = text.chars().filter(|&c| c != '.').collect();
        let zeros = "0".repeat(most - places(text));
        // Balances are below 2^100, whatever their places.
        (digits + &zeros).parse::<i128>().unwrap_or(i128::MAX)
    };
    let sum = units(one).saturating_add(units(other));
    let sign = if sum < 0 { "-" } else { "" };
    let scale = u8::try_from(most).unwrap_or(u8::MAX);
    format!("{sign}{}", super::orders::in_full(sum.unsigned_abs(), 1, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(number: u8, accounts: (usize, &str)) -> Shard {
        let accounts = (accounts.0, accounts.1.to_owned());
        Shard { number, of: 2, elsewhere: false, instruments: (4, "AAPL".into()), accounts }
    }

    fn answer(number: u8, done: &str) -> (u8, Answer) {
        let done = if done.is_empty() { Vec::new() } else { vec![done.to_owned()] };
        let shard = Shard { elsewhere: done.is_empty(), ..shard(number, (1, "A")) };
        (number, Answer { done, shard: Some(shard), ..Answer::default() })
    }

    #[test]
    fn what_each_shard_has_done_is_labelled_and_who_is_silent_is_told() {
        let told = Told { answers: vec![answer(0, "done")], silent: vec![1] };
        let all = one(Whom::All, told);
        assert_eq!(all.done, ["shard 0: done"]);
        assert!(all.refused[0].text.starts_with("shard 1 does not answer"), "{all:?}");
        assert!(all.refused[0].remedy.contains("penstock matcher 1"));
        // Of an instrument there is one that does it.
        let all =
            one(Whom::Home, Told { answers: vec![answer(0, ""), answer(1, "done")], silent: Vec::new() });
        assert_eq!((all.done, all.refused), (vec!["done".to_owned()], Vec::new()));
        let all = one(Whom::Home, Told { answers: vec![answer(0, "")], silent: vec![1] });
        assert!(all.done.is_empty() && all.refused[0].text.starts_with("shard 1 "), "{all:?}");
        let all = one(Whom::One(2), Told { answers: vec![answer(0, ""), answer(1, "")], silent: Vec::new() });
        assert_eq!(all.refused[0].text, "there is no shard 2");
    }

    #[test]
    fn nothing_is_added_where_its_numbers_would_differ() {
        let told = |lists: &[(usize, &str)], silent: &[u8]| Told {
            answers: (0..)
                .zip(lists)
                .map(|(number, &list)| {
                    (number, Answer { shard: Some(shard(number, list)), ..Answer::default() })
                })
                .collect(),
            silent: silent.to_vec(),
        };
        let new = Added::Account("NEW");
        assert_eq!(who_lacks(&told(&[(3, "C"), (3, "C")], &[]), new), Ok(None));
        assert!(who_lacks(&told(&[(3, "C")], &[1]), new).is_err());
        // One that was cut short is finished, and before that nothing else is begun.
        assert_eq!(who_lacks(&told(&[(4, "NEW"), (3, "C")], &[]), new), Ok(Some(vec![1])));
        let refusal = who_lacks(&told(&[(4, "D"), (3, "C")], &[]), new).unwrap_err();
        assert!(
            refusal.text.contains("shard 1 has not got account D") && refusal.remedy.contains("add D"),
            "{refusal:?}"
        );
    }

    #[test]
    fn balances_are_told_by_shard_and_added_up() {
        let holding = |available: &str, held: &str| Holding {
            asset: "USD".into(),
            available: available.into(),
            held: held.into(),
        };
        let with = |number, of| {
            let (number, answer) = answer(number, "");
            (number, Answer { balances: vec![of], ..answer })
        };
        let answers = vec![with(0, holding("1.5", "0")), with(1, holding("-0.25", "7"))];
        let all = one(Whom::All, Told { answers, silent: Vec::new() });
        assert_eq!(
            all.done,
            [
                "shard 0: USD 1.5 available, 0 held by open orders",
                "shard 1: USD -0.25 available, 7 held by open orders",
                "in all: USD 1.25 available, 7 held by open orders",
            ]
        );
    }
}
