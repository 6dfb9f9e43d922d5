//! `penstock journal dump`: commands, and what came of them, as lines.

use std::{
    collections::HashSet,
    io::{BufWriter, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::Context;
use matcher::{
    engine::Sink,
    journal::{
        record::{Kind, Record},
        sequenced::Origin,
    },
};
use wire::{
    command::{Command, Target},
    event::{Definition, Event, Kind as EventKind},
    types::{OrderId, TradeId},
};

use super::{
    args::{Dump, kind_name},
    fields::{Fields, Names, Parties, utc},
    past::{Past, Twin, command},
};
use crate::{admin::registry::Registry, config::Config, words::words};

/// What of the journal is wanted.
struct Filter<'a> {
    args: &'a Dump,
    /// Orders that have had the name that is wanted.
    followed: HashSet<u64>,
}

impl Filter<'_> {
    /// Whether anything but time, place and kind is asked for.
    const fn has_parties(&self) -> bool {
        let Dump { session, account, symbol, cl_ord_id, order, .. } = self.args;
        session.is_some() || account.is_some() || symbol.is_some() || cl_ord_id.is_some() || order.is_some()
    }

    /// Whether a record stands where and when it should.
    fn has_place(&self, record: &Record<'_>) -> bool {
        let Dump { from, to, from_seq, to_seq, .. } = self.args;
        from.is_none_or(|from| record.time >= from)
            && to.is_none_or(|to| record.time < to)
            && from_seq.is_none_or(|seq| record.seq.0 >= seq)
            && to_seq.is_none_or(|seq| record.seq.0 <= seq)
    }

    /// Whether nothing that comes behind `record` is wanted.
    fn is_over(&self, record: &Record<'_>) -> bool {
        self.args.to_seq.is_some_and(|seq| record.seq.0 > seq)
            || self.args.to.is_some_and(|to| record.time >= to)
    }

    fn has_kind(&self, command: &Command<'_>) -> bool {
        self.args.kind.is_empty() || self.args.kind.contains(&command.head().kind)
    }

    fn fits(&self, parties: &Parties, names: &Names<'_>) -> bool {
        fn is<T>(wanted: Option<&String>, found: Option<T>, called: impl Fn(T) -> [String; 2]) -> bool {
            wanted.is_none_or(|wanted| found.is_some_and(|found| called(found).contains(wanted)))
        }
        let Dump { session, account, symbol, .. } = self.args;
        is(session.as_ref(), parties.session, |id| [names.session(id), format!("#{id}")])
            && is(account.as_ref(), parties.account, |id| [names.account(id), format!("#{id}")])
            && is(symbol.as_ref(), parties.instrument, |id| [names.symbol(id), format!("#{id}")])
    }

    /// Whether it is the command itself that is wanted.
    fn fits_command(&self, command: &Command<'_>, names: &Names<'_>) -> bool {
        let named = self.args.cl_ord_id.as_ref();
        let points_at = match command {
            Command::Cancel(it) => Some(it.order),
            Command::Replace(it) => Some(it.order),
            Command::Status(it) => Some(it.order),
            _ => None,
        };
        let points_at = |id| points_at.is_some_and(|order| order.target() == Target::Venue(OrderId(id)));
        self.fits(&Parties::of(command), names)
            && self.args.order.is_none_or(points_at)
            && named.is_none_or(|name| names.command(command).has_name(name))
    }

    fn fits_event(&mut self, event: &Event, names: &Names<'_>) -> bool {
        if !self.fits(&Parties::of_event(event), names) {
            return false;
        }
        let id = event.order_id.0;
        if self.args.order.is_some_and(|order| order != id) {
            return false;
        }
        let Some(name) = &self.args.cl_ord_id else { return true };
        if [&event.cl_ord_id, &event.orig_cl_ord_id].into_iter().any(|of| of.bytes() == name.as_bytes()) {
            if id != 0 {
                self.followed.insert(id);
            }
            return true;
        }
        self.followed.contains(&id)
    }
}

/// What the engine says to one command.
#[derive(Default)]
struct Heard {
    events: Vec<Event>,
    definitions: Vec<Definition>,
}

impl Sink for Heard {
    fn event(&mut self, event: Event) {
        self.events.push(event);
    }

    fn definition(&mut self, definition: &Definition) {
        self.definitions.push(*definition);
    }
}

/// Shows what `args` want of the journal of `data`, of a venue of `config`.
pub(super) fn dump(
    args: &Dump,
    config: &Config,
    data: &Path,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let mut past = Past::open(&args.which, config, data)?;
    let mut twin =
        if args.events || args.order.is_some() { Some(Twin::new(config, args.which.shard)?) } else { None };
    if twin.is_none() {
        past.seek(args.from_seq, args.from)?;
    }
    let mut registry = Registry::new(config, 0);
    let mut filter = Filter { args, followed: HashSet::new() };
    let mut lines = Lines { out: BufWriter::new(out), json: args.json, begun: false };
    let (mut heard, mut room) = (Heard::default(), Vec::new());
    'journal: while let Some(commit) = past.commit()? {
        for record in commit.iter() {
            if filter.is_over(&record) {
                break 'journal;
            }
            let wanted = filter.has_place(&record);
            if let (Kind::Configuration, Some(twin)) = (record.kind, &mut twin) {
                twin.configure(&record)
                    .with_context(|| format!("the configuration behind command {}", record.seq))?;
            }
            if record.kind != Kind::Command {
                if wanted && !filter.has_parties() && args.kind.is_empty() {
                    lines.other(&record)?;
                }
                continue;
            }
            let (origin, command) = command(&record, &mut room)
                .with_context(|| format!("command {} at byte {}", record.seq, record.place.offset))?;
            heard.events.clear();
            match &mut twin {
                None => registry.expect(&command),
                Some(twin) => {
                    twin.apply(&record, command, &mut heard)?;
                    heard.definitions.drain(..).for_each(|definition| registry.learn(&definition));
                }
            }
            let names = Names(&registry);
            let itself = wanted && filter.has_kind(&command) && filter.fits_command(&command, &names);
            // Of what came of it as much as is wanted, by which orders are found that are followed from here on.
            let mut told: Vec<&Event> = Vec::new();
            for event in &heard.events {
                if filter.fits_event(event, &names) || itself {
                    told.push(event);
                }
            }
            if itself || wanted && filter.has_kind(&command) && !told.is_empty() {
                let events = twin.is_some().then_some((&*told, &*heard.events));
                lines.command(&record, &origin, &command, events, &names)?;
            }
        }
    }
    lines.out.flush()?;
    if !lines.begun {
        eprintln!("nothing in {} fits", past.directory().display());
    }
    if let Some(fault) = past.end().and_then(|end| end.torn) {
        eprintln!(
            "an unfinished write stands behind the last commit ({fault}): one that is on its way, or that a crash cut short and \
             nobody was told of"
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Where lines go, and how they look.
struct Lines<W: Write> {
    out: BufWriter<W>,
    json: bool,
    begun: bool,
}

impl<W: Write> Lines<W> {
    /// A command, and events of it: those that are told, and all of them.
    fn command(
        &mut self,
        record: &Record<'_>,
        origin: &Origin,
        command: &Command<'_>,
        events: Option<(&[&Event], &[Event])>,
        names: &Names<'_>,
    ) -> anyhow::Result<()> {
        let said = names.command(command);
        let parties = Parties::of(command);
        let name = kind_name(command.head().kind);
        if !self.json {
            self.row([&record.seq.to_string(), &utc(record.time)], &parties, &name, &said, names)?;
            for event in events.iter().flat_map(|(told, _)| told.iter()) {
                let (parties, all) = (Parties::of_event(event), events.map_or(&[][..], |(_, all)| all));
                let id = format!("event {}", event.event_id);
                let name = format!("> {}", words(event.kind).replace(' ', "-"));
                self.row(["", &id], &parties, &name, &names.event(event, against(event, all)), names)?;
            }
            return Ok(());
        }
        let mut line = Fields::default();
        line.number("seq", record.seq.0).text("time", utc(record.time)).number("time_ns", record.time.0);
        line.text("kind", name);
        put(&mut line, &parties, names);
        line.map("says", said);
        if let Some((told, all)) = events {
            let told = told.iter().map(|event| {
                let mut line = Fields::default();
                line.number("event_id", event.event_id).text("kind", words(event.kind).replace(' ', "-"));
                put(&mut line, &Parties::of_event(event), names);
                line.map("says", names.event(event, against(event, all)));
                line
            });
            line.list("events", told.collect());
        }
        let mut from = Fields::default();
        if *origin == Origin::OWN {
            from.text("by", "matcher");
        } else {
            from.number("link", origin.link).number("ring_made", origin.made).number("count", origin.count);
        }
        line.map("origin", from).number("epoch", record.epoch);
        line.number("segment", record.place.segment).number("offset", record.place.offset);
        self.line(&line)
    }

    /// A record that is no command.
    fn other(&mut self, record: &Record<'_>) -> anyhow::Result<()> {
        let mut fields = Fields::default();
        let name = words(record.kind);
        if let (Kind::Checkpoint, Some(hash)) = (record.kind, record.payload.first_chunk()) {
            fields.text("state_hash", format!("{:016x}", u64::from_le_bytes(*hash)));
        }
        if self.json {
            let mut line = Fields::default();
            line.number("seq", record.seq.0).text("time", utc(record.time)).number("time_ns", record.time.0);
            line.text("kind", name).map("says", fields).number("epoch", record.epoch);
            line.number("segment", record.place.segment).number("offset", record.place.offset);
            return self.line(&line);
        }
        self.cells([&record.seq.to_string(), &utc(record.time)], Default::default(), &name, &fields)
    }

    fn line(&mut self, line: &Fields) -> anyhow::Result<()> {
        self.begun = true;
        serde_json::to_writer(&mut self.out, line)?;
        Ok(writeln!(self.out)?)
    }

    fn row(
        &mut self,
        first: [&str; 2],
        parties: &Parties,
        name: &str,
        fields: &Fields,
        names: &Names<'_>,
    ) -> anyhow::Result<()> {
        let cells = [
            parties.session.map(|id| names.session(id)),
            parties.account.map(|id| names.account(id)),
            parties.instrument.map(|id| names.symbol(id)),
        ];
        self.cells(first, cells.map(Option::unwrap_or_default), name, fields)
    }

    fn cells(
        &mut self,
        [seq, time]: [&str; 2],
        [session, account, symbol]: [String; 3],
        name: &str,
        fields: &Fields,
    ) -> anyhow::Result<()> {
        if !std::mem::replace(&mut self.begun, true) {
            let head = ["seq", "time (UTC)", "session", "account", "symbol", "what", "says"];
            self.aligned(head)?;
        }
        self.aligned([seq, time, &session, &account, &symbol, name, &fields.to_string()])
    }

    fn aligned(
        &mut self,
        [seq, time, session, account, symbol, name, rest]: [&str; 7],
    ) -> anyhow::Result<()> {
        let row =
            format!("{seq:>10}  {time:<30}  {session:<10}  {account:<10}  {symbol:<10}  {name:<18}  {rest}");
        Ok(writeln!(self.out, "{}", row.trim_end())?)
    }
}

/// The other side of a fill, among `all` events of its command.
fn against<'e>(event: &Event, all: &'e [Event]) -> Option<&'e Event> {
    if event.kind != EventKind::Fill || event.trade_id == TradeId(0) {
        return None;
    }
    all.iter().find(|other| {
        other.kind == EventKind::Fill && other.trade_id == event.trade_id && other.order_id != event.order_id
    })
}

fn put(line: &mut Fields, parties: &Parties, names: &Names<'_>) {
    line.some("session", parties.session.map(|id| names.session(id)));
    line.some("account", parties.account.map(|id| names.account(id)));
    line.some("symbol", parties.instrument.map(|id| names.symbol(id)));
}
