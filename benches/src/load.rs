//! Order to report through a gateway: its latency beside a bare TCP echo, where the time goes, and its rate.

use std::{net::SocketAddr, thread, time::Instant};

use anyhow::{Context, anyhow};
use gateway::transport::Kind;
use hdrhistogram::Histogram;
use penstock::{
    config::{self, Config, Session},
    venue::Venue,
};
use tuning::{cpu, plan::Process};

use crate::{
    binary,
    floor::{Echo, Sizes},
    hops::Hops,
    table::Series,
    timetable::{Path, Timetable, run},
};

/// Requests of a session that may be without an answer when a rate is measured.
const WINDOW: usize = 1_000;
/// Orders between an order and its cancel when a rate is measured.
const OPEN: u64 = 100;

/// A session that sends orders which rest, and cancels them in the same order.
pub trait Entry: Path + Sized {
    /// What it speaks, as tables name it.
    const NAME: &'static str;
    /// The number of the gateway that serves it.
    const GATEWAY: u32;

    /// Logs on at `address` by session number `session` of those of `config` that speak so, to trade its first instrument.
    ///
    /// # Errors
    /// If there is no such session, or it cannot log on.
    fn log_on(config: &Config, address: SocketAddr, session: usize) -> anyhow::Result<Self>;

    /// Puts an order into the output.
    fn put_order(&mut self);

    /// Puts a cancel of the oldest order into the output.
    fn put_cancel(&mut self);

    /// Sends what the kernel takes.
    ///
    /// # Errors
    /// If the connection is broken.
    fn flush(&mut self) -> anyhow::Result<()>;

    /// Sends one order and one cancel, and tells the bytes of each and of their reports.
    ///
    /// # Errors
    /// As those of [`Path`].
    fn sizes(&mut self) -> anyhow::Result<Sizes>;

    /// The hops of the orders since this was asked last, if reports tell of them.
    fn hops(&mut self) -> Option<Hops>;

    /// Ends the session.
    ///
    /// # Errors
    /// If the venue does not answer.
    fn log_out(self) -> anyhow::Result<()>;
}

/// A venue in this process, in an empty directory of its own.
pub struct Host {
    config: Config,
    data: tempfile::TempDir,
    /// The core that is left to the client.
    client_core: Option<usize>,
}

impl Host {
    /// A venue of the embedded default on one spinning thread, with `set` over that.
    ///
    /// # Errors
    /// If `set` is no configuration, or the host says nothing of its cores.
    pub fn new(set: &[String]) -> anyhow::Result<Host> {
        let own = [
            "fix.listen=127.0.0.1:0",
            "fix.tls_listen=127.0.0.1:0",
            "binary.listen=127.0.0.1:0",
            "metrics.listen=",
            "binary.listen=127.0.0.1:0",
            "metrics.listen=",
            "threads.mode=shared",
            "threads.idle=spin",
        ];
        let set: Vec<String> = own.iter().map(|&key| key.to_owned()).chain(set.iter().cloned()).collect();
        let config = Config::load("harness", &participants(), &set)
            .map_err(|errors| anyhow!("{}", errors.render(false, 100)))?;
        let mut host = Host { config, data: tempfile::tempdir()?, client_core: None };
        let (venue, _) = host.start()?;
        let taken: Vec<_> = venue.threads().iter().filter_map(|thread| thread.core).collect();
        venue.stop()?;
        if !taken.is_empty() {
            host.client_core = cpu::Host::survey()?.cores.into_iter().find(|core| !taken.contains(core));
        }
        Ok(host)
    }

    /// How many sessions there are that speak as `E` does.
    #[must_use]
    pub fn sessions<E: Entry>(&self) -> usize {
        trading(&self.config, E::NAME == binary::Orders::NAME).count()
    }

    /// Runs `work` as the client, pinned to the core that the venue leaves: on a thread of its own, because the
    /// venue's would inherit the pinning of the one that starts them.
    fn client<T: Send>(&self, work: impl FnOnce() -> anyhow::Result<T> + Send) -> anyhow::Result<T> {
        let pinned = || {
            self.client_core.map_or(Ok(()), cpu::pin)?;
            work()
        };
        thread::scope(|scope| scope.spawn(pinned).join()).map_err(|_| anyhow!("the client panicked"))?
    }

    /// The venue, and the core of its first thread.
    fn start(&self) -> anyhow::Result<(Venue, Option<usize>)> {
        self.start_over(None)
    }

    /// The same with a transport other than the configuration's.
    fn start_over(&self, transport: Option<Kind>) -> anyhow::Result<(Venue, Option<usize>)> {
        let mut config = self.config.clone();
        if transport.is_some() {
            config.fix.acceptor.transport = transport;
            config.binary.acceptor.transport = transport;
        }
        let venue = Venue::start(&config, self.data.path(), &Process::Venue, |_| false)?;
        let venue = venue.context("a whole venue waits for nobody")?;
        let core = venue.threads().first().and_then(|thread| thread.core);
        Ok((venue, core))
    }

    /// How the threads are arranged.
    ///
    /// # Errors
    /// If the venue does not start.
    pub fn arrangement(&self) -> anyhow::Result<String> {
        let (venue, _) = self.start()?;
        let threads: Vec<_> = venue.threads().iter().map(ToString::to_string).collect();
        venue.stop()?;
        let client = self.client_core.map_or("not pinned".to_owned(), |core| format!("core {core}, spin"));
        Ok(format!("venue: {}; client: {client}; kernel TCP over loopback", threads.join(", ")))
    }
}

/// Four sessions of each protocol, with ample funds and no limits: the embedded default's list has fewer binary ones.
fn participants() -> String {
    let mut text = String::new();
    for (kind, protocol) in [("MM", "fix"), ("BM", "binary")] {
        for number in 1..=4 {
            text += &format!(
                r#"
[[account]]
name = "{kind}{number}"
funds = {{ BTC = "1000000000000", USDT = "1000000000000000" }}
[[session]]
comp_id = "{kind}{number}"
protocol = "{protocol}"
password = "{kind}{number}"
accounts = ["{kind}{number}"]
"#
            );
        }
    }
    text
}

/// The sessions of `config` that trade for an account of their own by one of the two protocols.
pub(crate) fn trading(config: &Config, binary: bool) -> impl Iterator<Item = &Session> {
    config.sessions.iter().filter(move |it| it.is_binary() == binary && it.kind == config::Kind::Trading)
}

/// What is done in a round.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Rounds that count; one more comes first, which does not.
    pub rounds: usize,
    /// Orders of a round.
    pub orders: usize,
    /// When they are due.
    pub timetable: Timetable,
}

/// Where `venue` listens for sessions that speak as `E` does.
fn door<E: Entry>(venue: &Venue) -> anyhow::Result<SocketAddr> {
    venue.address(E::GATEWAY).context("a whole venue has an acceptor for each protocol")
}

/// What [`latency`] has measured.
pub struct Latency {
    /// The echo, then the orders over each transport.
    pub series: Vec<Series>,
    /// Where the time of the orders went, over each transport, if their reports tell.
    pub hops: Vec<Hops>,
}

/// The latency of an echo and of orders over each of `transports`, round by round in turn.
///
/// # Errors
/// If the venue does not start, or does not answer as it should.
pub fn latency<E: Entry>(host: &Host, transports: &[Kind], load: Load) -> anyhow::Result<Latency> {
    let mut echoes = Series::new("bare TCP echo");
    let row = |&kind: &Kind| {
        let name = format!("{} order → report, {}", E::NAME, kind.name());
        (kind, Series::new(name.as_str()), Hops::new(name))
    };
    let mut orders: Vec<(Kind, Series, Hops)> = transports.iter().map(row).collect();
    let (mut sizes, mut core) = (None, None);
    for round in 0..=load.rounds {
        let mut unmeasured = Histogram::<u64>::new(3)?;
        // Not one beside the other: all spin, and the core is the same.
        if let Some(sizes) = sizes {
            let echo = Echo::start(sizes, core)?;
            let mut path = echo.connect()?;
            let histogram = if round == 0 { &mut unmeasured } else { echoes.round() };
            host.client(|| {
                warm_up(&mut path, load)?;
                run(&mut path, load.orders, load.timetable, histogram)
            })?;
        }
        for (kind, orders, hops) in &mut orders {
            let (venue, venue_core) = host.start_over(Some(*kind))?;
            let address = door::<E>(&venue)?;
            core = venue_core;
            let histogram = if round == 0 { &mut unmeasured } else { orders.round() };
            let counts = round > 0;
            sizes = Some(host.client(|| {
                let mut path = E::log_on(&host.config, address, 0)?;
                warm_up(&mut path, load)?;
                let _unmeasured = path.hops();
                run(&mut path, load.orders, load.timetable, histogram)?;
                if let (true, Some(round)) = (counts, path.hops()) {
                    hops.add(&round);
                }
                // Behind the round, where sequence numbers have as many digits as they had in it.
                let sizes = path.sizes()?;
                path.log_out()?;
                Ok(sizes)
            })?);
            venue.stop()?;
        }
    }
    let (mut series, mut all) = (vec![echoes], Vec::new());
    for (_, orders, hops) in orders {
        series.push(orders);
        all.extend((hops.count() > 0).then_some(hops));
    }
    Ok(Latency { series, hops: all })
}

fn warm_up(path: &mut impl Path, load: Load) -> anyhow::Result<()> {
    run(path, load.orders / 10, Timetable::BackToBack, &mut Histogram::<u64>::new(3)?)
}

/// Bytes of the messages measured.
///
/// # Errors
/// As [`latency`].
pub fn sizes<E: Entry>(host: &Host) -> anyhow::Result<Sizes> {
    let (venue, _) = host.start()?;
    let mut path = E::log_on(&host.config, door::<E>(&venue)?, 0)?;
    let sizes = path.sizes()?;
    path.log_out()?;
    venue.stop()?;
    Ok(sizes)
}

/// Requests answered a second when `sessions` keep the venue busy, half of them new orders and half cancels: one
/// number for each round, in ascending order.
///
/// # Errors
/// As [`latency`].
pub fn rates<E: Entry>(host: &Host, sessions: usize, load: Load) -> anyhow::Result<Vec<u64>> {
    let mut rates = Vec::with_capacity(load.rounds);
    for round in 0..=load.rounds {
        let (venue, _) = host.start()?;
        let address = door::<E>(&venue)?;
        let rate = host.client(|| {
            let paths: Result<Vec<_>, _> =
                (0..sessions).map(|session| E::log_on(&host.config, address, session)).collect();
            let mut paths = paths?;
            let start = Instant::now();
            let requests = pipeline(&mut paths, load.orders / sessions)?;
            let nanos = start.elapsed().as_nanos().max(1);
            paths.into_iter().try_for_each(E::log_out)?;
            Ok(u64::try_from(u128::from(requests) * 1_000_000_000 / nanos)?)
        })?;
        if round > 0 {
            rates.push(rate);
        }
        venue.stop()?;
    }
    rates.sort_unstable();
    Ok(rates)
}

/// Sends `count` orders on each of `paths`, and their cancels, with as many under way as the window allows.
fn pipeline<E: Entry>(paths: &mut [E], count: usize) -> anyhow::Result<u64> {
    let count = count as u64;
    let mut states = vec![(0, 0, 0_usize); paths.len()]; // orders, cancels, requests without an answer
    while states.iter().any(|&(_, cancels, waiting)| cancels < count || waiting > 0) {
        for (path, (orders, cancels, waiting)) in paths.iter_mut().zip(&mut states) {
            while *waiting < WINDOW && *cancels < count {
                if *orders < count && *orders - *cancels <= OPEN {
                    path.put_order();
                    *orders += 1;
                } else {
                    path.put_cancel();
                    *cancels += 1;
                }
                *waiting += 1;
            }
            path.flush()?;
            *waiting -= path.poll()?;
        }
    }
    Ok(2 * count * paths.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix;

    fn host() -> Host {
        Host::new(&["threads.idle=park".to_owned()]).unwrap()
    }

    fn both_timetables<E: Entry>() -> Vec<Hops> {
        let mut hops = Vec::new();
        for timetable in [Timetable::BackToBack, Timetable::Every(50_000)] {
            let load = Load { rounds: 2, orders: 100, timetable };
            let measured = latency::<E>(&host(), &Kind::ALL, load).unwrap();
            assert_eq!(measured.series.len(), 1 + Kind::ALL.len());
            for series in measured.series {
                assert_eq!(series.counts(), [100, 100]);
            }
            hops.extend(measured.hops);
        }
        hops
    }

    #[test]
    fn echo_and_fix_orders_over_each_transport_are_measured_in_as_many_rounds_by_either_timetable() {
        both_timetables::<fix::Orders>();
    }

    #[test]
    fn binary_orders_likewise_and_each_of_them_hop_by_hop() {
        let hops = both_timetables::<binary::Orders>();
        assert_eq!(hops.len(), 2 * Kind::ALL.len());
        assert!(hops.iter().all(|hops| hops.count() == 200));
    }

    #[test]
    fn a_rate_is_measured_over_several_sessions_and_leaves_nothing_unanswered() {
        let load = Load { rounds: 1, orders: 3_000, timetable: Timetable::BackToBack };
        assert_eq!(rates::<fix::Orders>(&host(), 2, load).unwrap().len(), 1);
        assert_eq!(rates::<binary::Orders>(&host(), 2, load).unwrap().len(), 1);
    }
}
