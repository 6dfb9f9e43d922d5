//! The face that waits: one call, one answer.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use mio::{Events, Poll, Token};
use wire::{
    reject::Reject,
    sbe::messages::{self, Message},
};

use crate::{
    Balance, Balances, Cancel, CancelList, Connection, Definitions, Error, Event, Limit, Limits, ListOrder,
    ListStatus, MassCancel, MassQuote, MassStatus, Name, NewOrder, OneCancelsOther, OrderReport, Position,
    Quoted, Refusal, Replace, Report, Request, Settings, Status, Update, Withdrawn, report,
};

/// A session's client that waits for answers.
///
/// An answer to a call is returned by it and nowhere else; whatever else comes meanwhile waits for
/// [`next`](Client::next), in order.
#[derive(Debug)]
pub struct Client {
    connection: Connection,
    poll: Poll,
    events: Events,
    /// What waits for [`Client::next`], and the place of what has a number.
    updates: VecDeque<(Option<Position>, Update)>,
    call_timeout: Duration,
    updates_max: usize,
}

/// What a call makes of what comes.
enum Heard<T> {
    /// It is the answer.
    Answer(T),
    /// It is a part of it.
    Part,
    /// It is something else.
    Other,
}

impl Client {
    /// Connects, logs in, and learns what the venue's numbers stand for.
    ///
    /// # Errors
    /// Why that did not work; [`Error::Timeout`] if it took longer than the connection, the login and a call may.
    pub fn connect(settings: Settings) -> Result<Client, Error> {
        let (call_timeout, updates_max) = (settings.call_timeout, settings.updates_max);
        let patience = settings.connect_timeout + call_timeout;
        let mut connection = Connection::new(settings)?;
        let poll = Poll::new().map_err(Error::Wait)?;
        connection.register(poll.registry(), Token(0)).map_err(Error::Wait)?;
        let updates = VecDeque::new();
        let events = Events::with_capacity(8);
        let mut client = Client { connection, poll, events, updates, call_timeout, updates_max };
        let name = client.connection.new_name();
        client.until_ready(Instant::now() + patience, name, patience)?;
        // Of this one nobody needs to be told.
        client.updates.retain(|(_, update)| *update != Update::Ready);
        Ok(client)
    }

    /// Sends a new order, and waits until it is accepted or refused. What it trades comes by [`next`](Client::next).
    ///
    /// # Errors
    /// [`Error::Refused`] if it is refused; [`Error::Lost`] if it never arrived; [`Error::Timeout`].
    pub fn place(&mut self, order: &NewOrder) -> Result<OrderReport, Error> {
        self.about_order(order)
    }

    /// Cancels an order, and waits until that is done or refused.
    ///
    /// # Errors
    /// As [`place`](Client::place).
    pub fn cancel(&mut self, request: &Cancel) -> Result<OrderReport, Error> {
        self.about_order(request)
    }

    /// Changes an order, and waits until that is done or refused.
    ///
    /// # Errors
    /// As [`place`](Client::place).
    pub fn replace(&mut self, request: &Replace) -> Result<OrderReport, Error> {
        self.about_order(request)
    }

    /// How an order stands. One that the venue does not know has the status Rejected and the reason.
    ///
    /// # Errors
    /// As [`place`](Client::place).
    pub fn status(&mut self, request: &Status) -> Result<OrderReport, Error> {
        self.call(request, |name, report| match report.message {
            Message::OrderStatusReport(_) if report.answers() == Some(name) => match report.order() {
                Some(order) => Heard::Answer(Ok(order)),
                None => Heard::Other,
            },
            _ => Heard::Other,
        })
    }

    /// How all open orders stand, or those selected.
    ///
    /// # Errors
    /// As [`place`](Client::place).
    pub fn open_orders(&mut self, request: &MassStatus) -> Result<Vec<OrderReport>, Error> {
        let mut found = Vec::new();
        self.call(request, |name, report| {
            let Some(order) = report.order().filter(|it| it.request.as_deref() == Some(name.as_str())) else {
                return Heard::Other;
            };
            let is_last = order.is_last;
            // With none there is one answer, about no order.
            found.extend(order.order_id.is_some().then_some(order));
            if is_last { Heard::Answer(Ok(())) } else { Heard::Part }
        })?;
        Ok(found)
    }

    /// Cancels all open orders, or those selected; what became of each comes by [`next`](Client::next).
    ///
    /// # Errors
    /// As [`place`](Client::place).
    pub fn mass_cancel(&mut self, request: &MassCancel) -> Result<Withdrawn, Error> {
        self.call(request, |name, report| match report.to_update() {
            Update::Withdrawn(done) if done.name == Some(name) => Heard::Answer(Ok(done)),
            update => refused(name, update),
        })
    }

    /// Quotes; what becomes of each quote comes by [`next`](Client::next).
    ///
    /// # Errors
    /// As [`place`](Client::place).
    pub fn mass_quote(&mut self, request: &MassQuote) -> Result<Quoted, Error> {
        self.call(request, |name, report| match report.to_update() {
            Update::Quoted(done) if done.name == Some(name) => Heard::Answer(Ok(done)),
            update => refused(name, update),
        })
    }

    /// Sends two orders of which one cancels the other; the list's name. What becomes of each comes by
    /// [`next`](Client::next).
    ///
    /// # Errors
    /// As [`place`](Client::place).
    pub fn place_list(&mut self, request: &OneCancelsOther) -> Result<Name, Error> {
        self.call(request, |name, report| match report.message {
            Message::ListReport(it) if report.answers() == Some(name) => match it.reject_code.reject() {
                Some(Reject::None) => Heard::Answer(Ok(name)),
                _ => Heard::Answer(Err(Error::Refused(Box::new(Refusal::of(Some(name), it.reject_code))))),
            },
            _ => Heard::Other,
        })
    }

    /// Cancels the orders of a list that are open; how each stands then. Its cancel comes by [`next`](Client::next).
    ///
    /// # Errors
    /// As [`place`](Client::place).
    pub fn cancel_list(&mut self, request: &CancelList) -> Result<Vec<ListOrder>, Error> {
        self.about_list(request)
    }

    /// How the orders of a list stand.
    ///
    /// # Errors
    /// As [`place`](Client::place).
    pub fn list_status(&mut self, request: &ListStatus) -> Result<Vec<ListOrder>, Error> {
        self.about_list(request)
    }

    /// Sends `request`, and waits for the reports about a list's orders that answer it.
    fn about_list(&mut self, request: &impl Request) -> Result<Vec<ListOrder>, Error> {
        let mut orders = Vec::new();
        self.call(request, |name, report| match report.message {
            Message::ListReport(it) if it.list_id == name.text() => {
                if it.reject_code.reject() != Some(Reject::None) {
                    return Heard::Answer(Err(Error::Refused(Box::new(Refusal::of(
                        Some(name),
                        it.reject_code,
                    )))));
                }
                orders.push(ListOrder::of(it));
                if it.rpt_seq == it.no_rpts { Heard::Answer(Ok(())) } else { Heard::Part }
            }
            _ => Heard::Other,
        })?;
        Ok(orders)
    }

    /// Lets an account, or the session's own, quote again in a group of instruments that its market-maker protection has stopped.
    ///
    /// # Errors
    /// As [`place`](Client::place). The request has no name: if its connection is lost before it is answered, that is
    /// [`Error::Timeout`], and it can be sent again.
    pub fn reset_protection(&mut self, account: Option<&str>, group: u32) -> Result<(), Error> {
        let (name, patience) = (self.connection.new_name(), self.call_timeout);
        self.until_ready(Instant::now() + patience, name, patience)?;
        let account = account.map(|account| self.connection.definitions().account_id(account)).transpose()?;
        let block = messages::ResetProtection { account_id: account.into(), group_id: group.into() };
        self.connection.send_message(&Message::ResetProtection(&block))?;
        let refused = |refusal: &Refusal| Heard::Answer(Err(Error::Refused(Box::new(refusal.clone()))));
        self.wait_for(name, |event| match event {
            Event::Refused(refusal) if refusal.name.is_none() => refused(refusal),
            Event::Report(Report { message: Message::CommandDone(_), .. }) => Heard::Answer(Ok(())),
            Event::Report(Report { message: Message::CommandRefused(it), .. })
                if Name::of(it.cl_ord_id).is_none() =>
            {
                refused(&Refusal::of(None, it.reject_code))
            }
            _ => Heard::Other,
        })
    }

    /// What an account has.
    ///
    /// # Errors
    /// As [`place`](Client::place).
    pub fn balances(&mut self, request: &Balances) -> Result<Vec<Balance>, Error> {
        let (mut found, mut wanted) = (Vec::new(), 0);
        self.call(request, |name, report| match report.message {
            Message::BalanceAck(it) if report.answers() == Some(name) => {
                wanted = it.total_num_pos_reports.get() as usize;
                match it.reject_code.reject() {
                    Some(Reject::None) if wanted > 0 => Heard::Part,
                    Some(Reject::None) => Heard::Answer(Ok(())),
                    _ => {
                        Heard::Answer(Err(Error::Refused(Box::new(Refusal::of(Some(name), it.reject_code)))))
                    }
                }
            }
            Message::BalanceReport(it) if it.pos_req_id == name.text() => {
                if let Update::Balance(balance) = report.to_update() {
                    found.push(balance);
                }
                if found.len() < wanted { Heard::Part } else { Heard::Answer(Ok(())) }
            }
            _ => Heard::Other,
        })?;
        Ok(found)
    }

    /// How much of its rates the session has used.
    ///
    /// # Errors
    /// As [`place`](Client::place).
    pub fn limits(&mut self) -> Result<Vec<Limit>, Error> {
        let name = self.connection.send(&Limits)?;
        let mut found = None;
        self.wait_for(name, |event| match event {
            Event::Notice(Message::LimitResponse(it, entries)) if it.req_id == name.text() => {
                let limits = entries.iter().map(report::limit);
                found = Some(limits.collect::<Vec<Limit>>());
                Heard::Answer(Ok(()))
            }
            _ => Heard::Other,
        })?;
        Ok(found.unwrap_or_default())
    }

    /// The next thing that has happened; `None` if nothing does within `patience`.
    ///
    /// # Errors
    /// If the connection is over for good.
    pub fn next(&mut self, patience: Duration) -> Result<Option<Update>, Error> {
        let until = Instant::now() + patience;
        loop {
            if let Some((_, update)) = self.updates.pop_front() {
                return Ok(Some(update));
            }
            self.turn(&mut |_| Heard::<()>::Other)?;
            if !self.updates.is_empty() {
                continue;
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            self.wait(until)?;
        }
    }

    /// What the venue's numbers stand for.
    #[must_use]
    pub const fn definitions(&self) -> &Definitions {
        self.connection.definitions()
    }

    /// The place of the first report that waits for [`next`](Client::next), or else behind the last one that has come. Who
    /// begins there again may see answers of calls once more, and misses nothing.
    #[must_use]
    pub fn position(&self) -> Position {
        let waiting = self.updates.iter().find_map(|&(position, _)| position);
        waiting.unwrap_or_else(|| self.connection.position())
    }

    /// Logs out.
    ///
    /// # Errors
    /// None at present; an answer is not waited for.
    pub fn close(mut self) -> Result<(), Error> {
        self.connection.close();
        Ok(())
    }

    /// Sends `request`, and waits for the report about an order that answers it.
    fn about_order(&mut self, request: &impl Request) -> Result<OrderReport, Error> {
        self.call(request, |name, report| {
            if report.answers() != Some(name) {
                return Heard::Other;
            }
            match report.order() {
                Some(order) if order.is_refusal() => {
                    Heard::Answer(Err(Error::Refused(Box::new(report::of_order(name, &report.message)))))
                }
                Some(order) => Heard::Answer(Ok(order)),
                None => Heard::Other,
            }
        })
    }

    /// Sends `request`, and waits until `hear` finds its answer among the reports.
    fn call<T>(
        &mut self,
        request: &impl Request,
        mut hear: impl FnMut(Name, &Report<'_>) -> Heard<Result<T, Error>>,
    ) -> Result<T, Error> {
        if !self.connection.is_ready() {
            let (name, patience) = (self.connection.new_name(), self.call_timeout);
            self.until_ready(Instant::now() + patience, name, patience)?;
        }
        let name = self.connection.send(request)?;
        self.wait_for(name, |event| match event {
            Event::Report(report) => hear(name, report),
            _ => Heard::Other,
        })
    }

    /// Waits until `hear` finds the answer to `name`, or it is refused or lost.
    fn wait_for<T>(
        &mut self,
        name: Name,
        mut hear: impl FnMut(&Event<'_>) -> Heard<Result<T, Error>>,
    ) -> Result<T, Error> {
        let until = Instant::now() + self.call_timeout;
        loop {
            let answer = self.turn(&mut |event| match event {
                Event::Refused(refusal) if refusal.name == Some(name) => {
                    Heard::Answer(Err(Error::Refused(Box::new(refusal.clone()))))
                }
                Event::Lost(lost) if *lost == name => Heard::Answer(Err(Error::Lost(name))),
                event => hear(event),
            })?;
            if let Some(answer) = answer {
                return answer;
            }
            if Instant::now() >= until {
                return Err(Error::Timeout { name, waited: self.call_timeout });
            }
            self.wait(until)?;
        }
    }

    fn until_ready(&mut self, until: Instant, name: Name, waited: Duration) -> Result<(), Error> {
        loop {
            self.turn(&mut |_| Heard::<()>::Other)?;
            if self.connection.is_ready() {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(Error::Timeout { name, waited });
            }
            self.wait(until)?;
        }
    }

    /// Polls once: the answer that `hear` finds. What is no part of it is kept for [`next`](Client::next).
    fn turn<T>(&mut self, hear: &mut impl FnMut(&Event<'_>) -> Heard<T>) -> Result<Option<T>, Error> {
        if self.updates.len() >= self.updates_max {
            return Err(Error::UpdatesUnread { max: self.updates_max });
        }
        let mut answer = None;
        let updates = &mut self.updates;
        self.connection.poll(|event| {
            let heard = if answer.is_none() { hear(&event) } else { Heard::Other };
            match heard {
                Heard::Answer(found) => answer = Some(found),
                Heard::Part => {}
                Heard::Other => {
                    let place = match &event {
                        Event::Report(report) => Some(report.position()),
                        _ => None,
                    };
                    updates.push_back((place, update(&event)));
                }
            }
        })?;
        Ok(answer)
    }

    fn wait(&mut self, until: Instant) -> Result<(), Error> {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = self.connection.timeout().map_or(left, |timeout| timeout.min(left));
        match self.poll.poll(&mut self.events, Some(timeout)) {
            Err(error) if error.kind() != std::io::ErrorKind::Interrupted => Err(Error::Wait(error)),
            _ => Ok(()),
        }
    }
}

/// Whether `update` refuses `name`.
fn refused<T>(name: Name, update: Update) -> Heard<Result<T, Error>> {
    match update {
        Update::Refused(refusal) if refusal.name == Some(name) => {
            Heard::Answer(Err(Error::Refused(Box::new(refusal))))
        }
        _ => Heard::Other,
    }
}

/// What is kept of `event`.
fn update(event: &Event<'_>) -> Update {
    match event {
        Event::Ready => Update::Ready,
        Event::Report(report) => report.to_update(),
        Event::Refused(refusal) => Update::Refused(refusal.clone()),
        Event::Lost(name) => Update::Lost(*name),
        Event::Venue(state) => Update::Venue(*state),
        Event::Notice(message) => Update::Other(message.template()),
        Event::Unreadable(..) => Update::Other(0),
        Event::Disconnected { why, .. } => Update::Disconnected(why.to_string()),
    }
}
