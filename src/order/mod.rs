//! `penstock order`: orders by hand, over binary order entry and the client library.

pub mod args;
mod credentials;
mod show;

use std::{io::Write, net::SocketAddr, process::ExitCode, time::Duration};

use anyhow::anyhow;
use penstock_client::{
    Cancel, Client, Error, MassStatus, NewOrder, OrderReport, Position, Replace, Settings, Side, Status,
    Update,
};
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};

pub use credentials::VARIABLE;

use self::{
    args::{Order, What},
    show::Show,
};
use crate::{cli::EXIT_FAILED, refused::refused};

/// Exit code: no answer came in time, so that nobody knows whether the request is carried out.
pub const EXIT_UNKNOWN: u8 = 3;
/// How often `watch` looks whether it is to end.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Does what `args` say at `listen`, unless they name another address, and writes what became of it to `out`.
///
/// # Errors
/// [`crate::refused::Refused`] if there is no venue, no session or no password; anything else if the connection broke for
/// good.
pub fn order(args: &Order, listen: SocketAddr, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let address = args.address.unwrap_or(listen);
    let password = credentials::password(args, address)?;
    let mut settings = Settings::new(address, &args.session, &password);
    settings.call_timeout = args.timeout;
    if let What::Watch(watch) = &args.what {
        settings = settings.from(watch.from.unwrap_or(Position::NEWEST));
    }
    let client =
        Client::connect(settings).map_err(|error| refused(format!("session {}: {error}", args.session)))?;
    let mut show = Show::new(out, args.json);
    let mut session = Session { client, show: &mut show, json: args.json };
    let result = match &args.what {
        What::Place(place) => session.place(place),
        What::Cancel(which) => session.cancel(which),
        What::Replace(replace) => session.replace(replace),
        What::Status(status) => session.status(status),
        What::Watch(watch) => session.watch(watch.count),
    };
    match result {
        Ok(code) => {
            session.client.close()?;
            Ok(code)
        }
        Err(error) => session.failed(error),
    }
}

struct Session<'s, W> {
    client: Client,
    show: &'s mut Show<W>,
    json: bool,
}

/// Which order is meant.
enum Named<'n> {
    Name(&'n str),
    Number(u64),
}

fn named(order: &str) -> anyhow::Result<Named<'_>> {
    match order.strip_prefix('#') {
        None => Ok(Named::Name(order)),
        Some(number) => {
            let number = number
                .parse()
                .map_err(|_| refused(format!("{order:?} is no number of an order, such as #42")))?;
            Ok(Named::Number(number))
        }
    }
}

impl<W: Write> Session<'_, W> {
    fn place(&mut self, args: &args::Place) -> anyhow::Result<ExitCode> {
        let (symbol, side) = (args.symbol.as_str(), Side::from(args.side));
        let mut order = match (args.quantity, args.spend, args.limit, args.trail) {
            (None, Some(amount), ..) => NewOrder::market_for(symbol, amount),
            (Some(quantity), _, Some(price), _) => NewOrder::limit(symbol, side, quantity, price),
            (Some(quantity), _, _, Some(distance)) => NewOrder::trailing(symbol, side, quantity, distance),
            (Some(quantity), ..) => NewOrder::market(symbol, side, quantity),
            (None, None, ..) => return Err(refused("an order has a quantity, or --spend")),
        };
        if args.spend.is_some() && side == Side::Sell {
            return Err(refused("--spend is for buying; a sale names its quantity"));
        }
        if let Some(stop) = args.stop {
            order = order.stop_at(stop);
        }
        if let Some(display) = args.display {
            order = order.display(display);
        }
        if let Some(account) = &args.account {
            order = order.account(account);
        }
        if let Some(name) = args.name {
            order = order.named(name);
        }
        if args.post_only {
            order = order.post_only();
        }
        let placed = self.client.place(&order.time_in_force(args.time_in_force.into()))?;
        self.show.order(&placed)?;
        // What it trades at once stands before the answer to a question that is asked now.
        let mut question = Status::of(symbol, &placed.cl_ord_id);
        if let Some(account) = &args.account {
            question = question.account(account);
        }
        let stands = self.client.status(&question)?;
        while let Some(update) = self.client.next(Duration::ZERO)? {
            self.show_if_of(&placed, &update)?;
        }
        self.show.order(&stands)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Shows `update` if it is about the order of `report`.
    fn show_if_of(&mut self, report: &OrderReport, update: &Update) -> anyhow::Result<()> {
        match update {
            Update::Order(other) if other.order_id == report.order_id && other.number > report.number => {
                self.show.order(other)
            }
            _ => Ok(()),
        }
    }

    fn cancel(&mut self, which: &args::Which) -> anyhow::Result<ExitCode> {
        let mut request = match named(&which.order)? {
            Named::Name(name) => Cancel::of(&which.symbol, name),
            Named::Number(number) => Cancel::of_order_id(&which.symbol, number),
        };
        if let Some(account) = &which.account {
            request = request.account(account);
        }
        let report = self.client.cancel(&request)?;
        self.show.order(&report)?;
        Ok(ExitCode::SUCCESS)
    }

    fn replace(&mut self, args: &args::Replace) -> anyhow::Result<ExitCode> {
        let stands = self.ask(&args.which.symbol, &args.which.order, args.which.account.as_deref())?;
        if stands.order_id.is_none() {
            self.show.order(&stands)?;
            return Ok(ExitCode::from(EXIT_FAILED));
        }
        let (Some(side), Some(quantity)) = (stands.side, args.quantity.or(stands.quantity)) else {
            return Err(anyhow!("an order by amount cannot be changed: cancel it"));
        };
        let price = args.limit.or(stands.price);
        let mut request = Replace::of(&args.which.symbol, &stands.cl_ord_id, side, quantity, price);
        if let Some(display) = args.display.or(stands.display) {
            request = request.display(display);
        }
        if let Some(account) = &args.which.account {
            request = request.account(account);
        }
        if let Some(name) = args.name {
            request = request.named(name);
        }
        let report = self.client.replace(&request)?;
        self.show.order(&report)?;
        Ok(ExitCode::SUCCESS)
    }

    fn ask(&mut self, symbol: &str, order: &str, account: Option<&str>) -> anyhow::Result<OrderReport> {
        let mut question = match named(order)? {
            Named::Name(name) => Status::of(symbol, name),
            Named::Number(number) => Status::of_order_id(symbol, number),
        };
        if let Some(account) = account {
            question = question.account(account);
        }
        Ok(self.client.status(&question)?)
    }

    fn status(&mut self, args: &args::Status) -> anyhow::Result<ExitCode> {
        if let (Some(symbol), Some(order)) = (&args.symbol, &args.order) {
            let stands = self.ask(symbol, order, args.account.as_deref())?;
            self.show.order(&stands)?;
            let known = stands.order_id.is_some();
            return Ok(if known { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) });
        }
        let mut question = MassStatus::default();
        if let Some(symbol) = &args.symbol {
            question = question.symbol(symbol);
        }
        if let Some(account) = &args.account {
            question = question.account(account);
        }
        let open = self.client.open_orders(&question)?;
        for report in &open {
            self.show.order(report)?;
        }
        if open.is_empty() && !self.json {
            self.show.say("none", "no open orders")?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn watch(&mut self, count: Option<u64>) -> anyhow::Result<ExitCode> {
        let mut signals = Signals::new([SIGTERM, SIGINT])?;
        let mut shown = 0;
        while signals.pending().next().is_none() && count.is_none_or(|count| shown < count) {
            let Some(update) = self.client.next(LOOK_AGAIN)? else { continue };
            shown += u64::from(matches!(update, Update::Order(_)));
            self.show.update(&update)?;
        }
        eprintln!("go on with: penstock order watch --from '{}'", self.client.position());
        Ok(ExitCode::SUCCESS)
    }

    /// What a failure means to the caller.
    fn failed(&mut self, error: anyhow::Error) -> anyhow::Result<ExitCode> {
        let code = match error.downcast_ref::<Error>() {
            Some(Error::Timeout { .. }) => EXIT_UNKNOWN,
            Some(Error::Refused(refusal)) if self.json => {
                let reject = refusal.reject;
                let line = serde_json::json!({
                    "event": "refused",
                    "name": refusal.name.map(|name| name.to_string()),
                    "reject": {
                        "code": refusal.code,
                        "name": reject.map(|it| it.name()),
                        "text": reject.map(|it| it.sentence()),
                        "remedy": reject.map(|it| it.remedy()),
                    },
                    "used": refusal.used,
                    "max": refusal.max,
                    "retry_after_ns": refusal.retry_after_ns,
                });
                self.show.line(&line)?;
                return Ok(ExitCode::from(EXIT_FAILED));
            }
            Some(_) => EXIT_FAILED,
            None => return Err(error),
        };
        eprintln!("penstock: {error:#}");
        Ok(ExitCode::from(code))
    }
}
