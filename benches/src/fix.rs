//! Order to report through the FIX gateway: its latency beside a bare TCP echo, and its rate.

use std::{net::SocketAddr, thread, time::Instant};

use anyhow::{Context, anyhow};
use gateway::transport::Kind;
use hdrhistogram::Histogram;
use penstock::{config::Config, venue::Venue};
use tuning::{cpu, plan::Process};

use crate::{
    floor::{Echo, Sizes},
    orders::Orders,
    table::Series,
    timetable::{Path, Timetable, run},
};

/// Requests of a session that may be without an answer when a rate is measured.
const WINDOW: usize = 1_000;
/// Orders between an order and its cancel when a rate is measured.
const OPEN: u64 = 100;

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
            "threads.mode=shared",
            "threads.idle=spin",
            // The one of the demo's sessions that has limits.
            "session.MM4.throttle_messages=0",
            "session.MM4.throttle_cancels=0",
        ];
        let set: Vec<String> = own.iter().map(|&key| key.to_owned()).chain(set.iter().cloned()).collect();
        let config = Config::embedded(&set).map_err(|errors| anyhow!("{}", errors.render(false, 100)))?;
        let mut host = Host { config, data: tempfile::tempdir()?, client_core: None };
        let (venue, ..) = host.start()?;
        let taken: Vec<_> = venue.threads().iter().filter_map(|thread| thread.core).collect();
        venue.stop()?;
        if !taken.is_empty() {
            host.client_core = cpu::Host::survey()?.cores.into_iter().find(|core| !taken.contains(core));
        }
        Ok(host)
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

    /// The venue, where it listens, and the core of its first thread.
    fn start(&self) -> anyhow::Result<(Venue, SocketAddr, Option<usize>)> {
        self.start_over(self.config.fix.acceptor.transport)
    }

    /// The same with another transport; `None` is the one that suits.
    fn start_over(&self, transport: Option<Kind>) -> anyhow::Result<(Venue, SocketAddr, Option<usize>)> {
        let mut config = self.config.clone();
        config.fix.acceptor.transport = transport;
        let venue = Venue::start(&config, self.data.path(), &Process::Venue, |_| false)?;
        let venue = venue.context("a whole venue waits for nobody")?;
        let core = venue.threads().first().and_then(|thread| thread.core);
        let address = venue.address(0).context("a whole venue has an acceptor")?;
        Ok((venue, address, core))
    }

    /// How the threads are arranged.
    ///
    /// # Errors
    /// If the venue does not start.
    pub fn arrangement(&self) -> anyhow::Result<String> {
        let (venue, ..) = self.start()?;
        let threads: Vec<_> = venue.threads().iter().map(ToString::to_string).collect();
        venue.stop()?;
        let client = self.client_core.map_or("not pinned".to_owned(), |core| format!("core {core}, spin"));
        Ok(format!("venue: {}; client: {client}; kernel TCP over loopback", threads.join(", ")))
    }
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

/// The latency of an echo and of orders over each of `transports`, round by round in turn.
///
/// # Errors
/// If the venue does not start, or does not answer as it should.
pub fn latency(host: &Host, transports: &[Kind], load: Load) -> anyhow::Result<Vec<Series>> {
    let mut echoes = Series::new("bare TCP echo");
    let mut orders: Vec<(Kind, Series)> = transports
        .iter()
        .map(|&kind| (kind, Series::new(format!("FIX order → report, {}", kind.name()))))
        .collect();
    let (mut sizes, mut core) = (None, None);
    for round in 0..=load.rounds {
        let mut unmeasured = Histogram::<u64>::new(3)?;
        // Not one beside the other: all spin, and the core is the same.
        if let Some(sizes) = sizes {
            let echo = Echo::start(sizes, core)?;
            let mut path = echo.connect()?;
            let histogram = if round == 0 { &mut unmeasured } else { echoes.round() };
            host.client(|| measure(&mut path, load, histogram))?;
        }
        for (kind, orders) in &mut orders {
            let (venue, address, venue_core) = host.start_over(Some(*kind))?;
            core = venue_core;
            let histogram = if round == 0 { &mut unmeasured } else { orders.round() };
            sizes = Some(host.client(|| {
                let mut path = Orders::log_on(&host.config, address, 0)?;
                measure(&mut path, load, histogram)?;
                // Behind the round, where sequence numbers have as many digits as they had in it.
                let sizes = path.sizes()?;
                path.log_out()?;
                Ok(sizes)
            })?);
            venue.stop()?;
        }
    }
    Ok(std::iter::once(echoes).chain(orders.into_iter().map(|(_, series)| series)).collect())
}

fn measure(path: &mut impl Path, load: Load, histogram: &mut Histogram<u64>) -> anyhow::Result<()> {
    let mut unmeasured = Histogram::<u64>::new(3)?;
    run(path, load.orders / 10, Timetable::BackToBack, &mut unmeasured)?;
    run(path, load.orders, load.timetable, histogram)
}

/// Bytes of the messages measured.
///
/// # Errors
/// As [`latency`].
pub fn sizes(host: &Host) -> anyhow::Result<Sizes> {
    let (venue, address, _) = host.start()?;
    let mut path = Orders::log_on(&host.config, address, 0)?;
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
pub fn rates(host: &Host, sessions: usize, load: Load) -> anyhow::Result<Vec<u64>> {
    let mut rates = Vec::with_capacity(load.rounds);
    for round in 0..=load.rounds {
        let (venue, address, _) = host.start()?;
        let rate = host.client(|| {
            let paths: Result<Vec<_>, _> =
                (0..sessions).map(|session| Orders::log_on(&host.config, address, session)).collect();
            let mut paths = paths?;
            let start = Instant::now();
            let requests = pipeline(&mut paths, load.orders / sessions)?;
            let nanos = start.elapsed().as_nanos().max(1);
            paths.into_iter().try_for_each(Orders::log_out)?;
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
fn pipeline(paths: &mut [Orders], count: usize) -> anyhow::Result<u64> {
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

    fn host() -> Host {
        Host::new(&["threads.idle=park".to_owned()]).unwrap()
    }

    #[test]
    fn echo_and_orders_over_each_transport_are_measured_in_as_many_rounds_by_either_timetable() {
        for timetable in [Timetable::BackToBack, Timetable::Every(50_000)] {
            let load = Load { rounds: 2, orders: 100, timetable };
            let all = latency(&host(), &Kind::ALL, load).unwrap();
            assert_eq!(all.len(), 1 + Kind::ALL.len());
            for series in all {
                assert_eq!(series.counts(), [100, 100]);
            }
        }
    }

    #[test]
    fn a_rate_is_measured_over_several_sessions_and_leaves_nothing_unanswered() {
        let load = Load { rounds: 1, orders: 3_000, timetable: Timetable::BackToBack };
        assert_eq!(rates(&host(), 2, load).unwrap().len(), 1);
    }
}
