//! A LOBSTER message file as commands of two parties.
//!
//! A row is `seconds after midnight, type, order id, size, price × 10,000, direction` (1: about a buy order, -1:
//! about a sell order), as <https://lobsterdata.com/info/DataStructure.php> has it. Types: 1 a new limit order, 2
//! a part of one cancelled, 3 one deleted, 4 one executed; 5, the execution of a hidden order, and the rest are
//! not about the visible book.
//!
//! The file begins in the middle of a day: orders that it only changes are put into the book first, with what
//! the file takes from them. An execution becomes an order of the other side that hits the book at that price;
//! whether it trades with the recorded order is for the matcher to say.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use wire::{
    decimal::{Decimal, Number},
    instrument::Instrument,
    types::{Lots, Side, Ticks, TimeInForce},
};

use super::desk::{Name, Request, Terms};
use crate::refused::refused;

/// Bytes a row may have: five times the longest that can be meant.
const ROW_BYTES_MAX: u64 = 512;
/// What a zstandard frame begins with (RFC 8878, 3.1.1).
const ZSTD_MAGIC: [u8; 4] = 0xFD2F_B528_u32.to_le_bytes();
const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Who sends a command: two sessions, so that nobody trades with himself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Party {
    /// Orders that stand in the book, and their changes.
    Maker,
    /// Orders that hit it.
    Taker,
}

/// A command; its name is its place among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// Nanoseconds since the first row.
    pub(super) at: u64,
    pub(super) party: Party,
    pub(super) request: Request,
}

/// What is to be replayed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Flow {
    /// The instrument's place in the configuration.
    pub(super) instrument: usize,
    /// The commands, those of [`Flow::preloaded`] orders first.
    pub(super) commands: Vec<Command>,
    pub(super) preloaded: usize,
    pub(super) rows: usize,
    /// Rows that are not about the visible book.
    pub(super) skipped: usize,
}

/// A fault in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("not a row of six fields: seconds, type, order id, size, price, direction")]
    NotARow,
    #[error("the {0} is not a number of the right kind")]
    Field(&'static str),
    #[error("the direction is neither 1 nor -1")]
    Direction,
    #[error("the price is not a multiple of the instrument's tick, or too large")]
    OffTick,
    #[error("the size is not a multiple of the instrument's lot, or too large")]
    OffLot,
    #[error("the order id was there before")]
    Twice,
    #[error("more is taken from the order than it has")]
    TooMuch,
}

/// A fault and its line.
type At<E> = (usize, E);

/// A row about the visible book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    line: usize,
    nanos: u64,
    kind: Kind,
    id: u64,
    size: i64,
    price: i64,
    side: Side,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    New,
    Reduce,
    Delete,
    Execute,
}

/// Reads the file at `path`, plain or zstandard, for the instrument whose symbol its name has, or else the first
/// one whose tick and lot suit.
///
/// # Errors
/// [`crate::refused::Refused`] with file and line.
pub(super) fn read(path: &Path, instruments: &[Instrument]) -> anyhow::Result<Flow> {
    let shown = path.display();
    let cannot = |error: io::Error| refused(format!("cannot read {shown}: {error}"));
    let at = |(line, fault): At<Fault>| refused(format!("{shown}, line {line}: {fault}"));

    let mut file = BufReader::new(File::open(path).map_err(cannot)?);
    let compressed = file.fill_buf().map_err(cannot)?.starts_with(&ZSTD_MAGIC);
    let rows = if compressed {
        let plain = zstd::stream::read::Decoder::with_buffer(file).map_err(cannot)?;
        rows(BufReader::new(plain))
    } else {
        rows(file)
    };
    let (rows, skipped) = rows.map_err(cannot)?.map_err(at)?;
    if rows.is_empty() {
        return Err(refused(format!(
            "{shown} has no row about the visible book; is it a LOBSTER message file?"
        )));
    }

    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let named = instruments.iter().filter(|i| name.contains(&i.symbol)).max_by_key(|i| i.symbol.len());
    let candidates = named.map_or(instruments, std::slice::from_ref);
    let mut first_fault = None;
    for instrument in candidates {
        match plan(&rows, instrument) {
            Ok((commands, preloaded)) => {
                let (instrument, rows) = (instrument.id.0 as usize, rows.len() + skipped);
                return Ok(Flow { instrument, commands, preloaded, rows, skipped });
            }
            Err(fault) => first_fault = first_fault.or(Some((fault, instrument))),
        }
    }
    Err(match first_fault {
        Some((fault @ (line, Fault::OffTick | Fault::OffLot), instrument)) => refused(format!(
            "{shown}, line {line}: {} ({}); name the file after the instrument it is for, or configure one for it",
            fault.1, instrument.symbol
        )),
        Some((fault, _)) => at(fault),
        None => refused("no instrument is configured to replay a flow on"),
    })
}

type Rows = Result<(Vec<Row>, usize), At<Fault>>;

/// The rows about the visible book, and how many others there are.
fn rows(mut text: impl BufRead) -> io::Result<Rows> {
    let (mut rows, mut skipped) = (Vec::new(), 0);
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        // Bounded, so that a file which is something else altogether is not read into one row.
        if text.by_ref().take(ROW_BYTES_MAX).read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        match row(bytes.trim_ascii(), line) {
            Ok(Some(row)) => rows.push(row),
            Ok(None) => skipped += 1,
            Err(fault) => return Ok(Err((line, fault))),
        }
    }
    Ok(Ok((rows, skipped)))
}

/// One row; `None` if it is not about the visible book.
fn row(text: &[u8], line: usize) -> Result<Option<Row>, Fault> {
    let mut fields = text.split(|&byte| byte == b',');
    let mut next = || fields.next().map(<[u8]>::trim_ascii).ok_or(Fault::NotARow);
    let (seconds, kind, id, size, price, direction) = (next()?, next()?, next()?, next()?, next()?, next()?);
    if fields.next().is_some() {
        return Err(Fault::NotARow);
    }
    let kind = match integer(kind, "type")? {
        1 => Kind::New,
        2 => Kind::Reduce,
        3 => Kind::Delete,
        4 => Kind::Execute,
        5.. => return Ok(None),
        _ => return Err(Fault::Field("type")),
    };
    let side = match integer(direction, "direction")? {
        1 => Side::Buy,
        -1 => Side::Sell,
        _ => return Err(Fault::Direction),
    };
    let positive = |text, name| integer(text, name).ok().filter(|&n| n > 0).ok_or(Fault::Field(name));
    Ok(Some(Row {
        line,
        nanos: nanos(seconds).ok_or(Fault::Field("time"))?,
        kind,
        id: u64::try_from(integer(id, "order id")?).map_err(|_| Fault::Field("order id"))?,
        size: positive(size, "size")?,
        price: positive(price, "price")?,
        side,
    }))
}

fn integer(text: &[u8], name: &'static str) -> Result<i64, Fault> {
    std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or(Fault::Field(name))
}

fn nanos(seconds: &[u8]) -> Option<u64> {
    let Decimal { mantissa, scale } = Decimal::parse(seconds).ok()?;
    let nanos = u128::try_from(mantissa).ok()? * u128::from(NANOS_PER_SECOND) / 10_u128.pow(scale.into());
    u64::try_from(nanos).ok()
}

/// An order as the file tells of it.
struct Order {
    name: Name,
    price: Ticks,
    side: Side,
    /// Submitted, less what was cancelled of it.
    total: u64,
}

/// The commands that `rows` become on `instrument`, and how many orders are put into the book first.
fn plan(rows: &[Row], instrument: &Instrument) -> Result<(Vec<Command>, usize), At<Fault>> {
    let ticks = |row: &Row| {
        let ticks = instrument.ticks(Number::from(Decimal { mantissa: row.price, scale: 4 }));
        if ticks.0 > 0 { Ok(ticks) } else { Err((row.line, Fault::OffTick)) }
    };
    let lots = |row: &Row| match instrument.lots(Number::from(Decimal { mantissa: row.size, scale: 0 })) {
        Lots::OFF_LOT | Lots::OUT_OF_RANGE => Err((row.line, Fault::OffLot)),
        Lots(lots) => Ok(lots),
    };
    let rest = |order: &Order| Request::New {
        instrument: instrument.id.0 as usize,
        side: order.side,
        lots: Lots(order.total),
        terms: Terms::Rest { price: order.price, time_in_force: TimeInForce::Day, post_only: false },
    };

    let mut orders: HashMap<u64, Order> = HashMap::new();
    let mut early: Vec<u64> = Vec::new();
    let mut submitted: HashSet<u64> = HashSet::new();
    for row in rows {
        let (price, removed) = (ticks(row)?, lots(row)?);
        if row.kind == Kind::New {
            if orders.contains_key(&row.id) || !submitted.insert(row.id) {
                return Err((row.line, Fault::Twice));
            }
        } else if !submitted.contains(&row.id) {
            let order = orders.entry(row.id).or_insert_with(|| {
                early.push(row.id);
                Order { name: 0, price, side: row.side, total: 0 }
            });
            order.total = order.total.checked_add(removed).ok_or((row.line, Fault::OffLot))?;
        }
    }

    let start = rows.first().map_or(0, |row| row.nanos);
    let mut commands = Vec::with_capacity(early.len() + rows.len());
    for id in &early {
        if let Some(order) = orders.get_mut(id) {
            order.name = commands.len() as Name;
            commands.push(Command { at: 0, party: Party::Maker, request: rest(order) });
        }
    }
    for row in rows {
        let name = commands.len() as Name;
        let (price, size) = (ticks(row)?, lots(row)?);
        let (party, request) = match (row.kind, orders.entry(row.id)) {
            (Kind::New, entry) => {
                let order = entry.insert_entry(Order { name, price, side: row.side, total: size });
                (Party::Maker, rest(order.get()))
            }
            (Kind::Execute, _) => {
                let terms = Terms::Take { price, time_in_force: TimeInForce::Ioc };
                let (instrument, side) = (instrument.id.0 as usize, row.side.opposite());
                (Party::Taker, Request::New { instrument, side, lots: Lots(size), terms })
            }
            // None is vacant: what no row submits was put into the book first.
            (_, Entry::Vacant(_)) => return Err((row.line, Fault::TooMuch)),
            (kind, Entry::Occupied(mut order)) => {
                let order = order.get_mut();
                let (instrument, former, side) = (instrument.id.0 as usize, order.name, order.side);
                if kind == Kind::Reduce {
                    order.total = order.total.checked_sub(size).ok_or((row.line, Fault::TooMuch))?;
                }
                let request = if kind == Kind::Delete || order.total == 0 {
                    Request::Cancel { order: former, instrument, side }
                } else {
                    order.name = name;
                    let (price, total) = (order.price, Lots(order.total));
                    Request::Replace { order: former, instrument, side, price, total }
                };
                (Party::Maker, request)
            }
        };
        commands.push(Command { at: row.nanos.saturating_sub(start), party, request });
    }
    Ok((commands, early.len()))
}

#[cfg(test)]
mod tests;
