//! The ways to the matchers of all shards, and which of them serves an instrument.
//!
//! Each shard comes and goes by itself: what is for one that is away is refused ([`Reject::MatcherAway`]) or waits for it, and
//! the others go on.

use shm::{Bell, Directory, ShmError};
use wire::{
    command::{Head, Kind, SessionNotice},
    event::{self, Definition},
    instrument::Instrument,
    limits::SHARDS_MAX,
    reject::Reject,
    types::InstrumentId,
};

use crate::{
    definitions::put,
    feed::Matchers,
    gate::{Gate, Held},
    link::{Link, Matcher},
    pressure::Pressure,
    session_store::RingMark,
};

/// Shards that a venue may have.
pub(crate) const SHARDS: usize = SHARDS_MAX as usize;
const _: () = assert!(SHARDS <= u8::BITS as usize);

/// A set of shards: a bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shards(pub(crate) u8);

impl Shards {
    /// None.
    pub(crate) const NONE: Shards = Shards(0);

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn has(self, shard: usize) -> bool {
        self.0 >> shard & 1 == 1
    }

    /// Those of the first `count`.
    pub(crate) const fn first(count: usize) -> Shards {
        Shards(if count >= SHARDS { u8::MAX } else { (1 << count) - 1 })
    }

    /// Those that are not among `others`.
    pub(crate) const fn but(self, others: Shards) -> Shards {
        Shards(self.0 & !others.0)
    }

    pub(crate) const fn with(self, shard: usize) -> Shards {
        Shards(self.0 | 1 << shard)
    }

    pub(crate) const fn without(self, shard: usize) -> Shards {
        Shards(self.0 & !(1 << shard))
    }

    /// Them, lowest first.
    pub(crate) fn each(self) -> impl Iterator<Item = usize> {
        (0..SHARDS).filter(move |&shard| self.has(shard))
    }
}

/// One shard's matcher, as a worker sees it.
#[derive(Default)]
struct Shard {
    /// `None` until its rings were joined. From then on they are there, whether the matcher is or not.
    link: Option<Link>,
    /// Whether its matcher runs.
    is_there: bool,
    /// Whether it has told of all its instruments and accounts.
    is_informed: bool,
    pressure: Pressure,
}

/// All shards.
pub(crate) struct Links {
    /// The worker's number among the venue's gateways.
    worker: u32,
    shards: Box<[Shard]>,
    serving: Serving,
    /// Whether all had told of everything when [`Links::become_informed`] was asked last.
    were_informed: bool,
}

/// Of each instrument, the shard that serves it.
pub(crate) struct Serving(Vec<u8>);

impl Serving {
    #[inline]
    pub(crate) fn of(&self, instrument: InstrumentId) -> usize {
        self.0.get(instrument.0 as usize).copied().unwrap_or_default().into()
    }

    /// Takes in that `definition` has come from `shard`. Whether it is that shard's to define: an instrument is so for the one
    /// that serves it, an account for each.
    pub(crate) fn learn(&mut self, shard: usize, definition: &Definition) -> bool {
        if definition.kind != event::Kind::Instrument {
            return true;
        }
        put(&mut self.0, definition.instrument.0, definition.terms.shard);
        usize::from(definition.terms.shard) == shard
    }
}

impl Links {
    /// Of worker `worker`, in a venue of so many shards, with these instruments.
    pub(crate) fn new(worker: u32, shards: u8, instruments: &[Instrument]) -> Links {
        let shards = std::iter::repeat_with(Shard::default).take(shards.into()).collect();
        let serving = instruments.iter().map(|instrument| instrument.shard).collect();
        Links { worker, shards, serving: Serving(serving), were_informed: false }
    }

    /// Joins the rings of those shards whose matchers are there for the first time: which these are.
    ///
    /// # Errors
    /// If rings are there and cannot be used.
    pub(crate) fn join(&mut self, directory: &Directory, bell: &Bell) -> Result<Shards, ShmError> {
        let mut joined = Shards::NONE;
        let missing = (0u8..).zip(&mut self.shards).filter(|(_, shard)| shard.link.is_none());
        for (number, shard) in missing {
            shard.link = Link::join(directory, number, self.worker, bell)?;
            shard.is_there = shard.link.is_some();
            if shard.is_there {
                joined = joined.with(number.into());
            }
        }
        Ok(joined)
    }

    /// The head of a command that goes to all.
    pub(crate) const fn head_for_all(&self, head: Head) -> Head {
        if self.shards.len() > 1 { head.as_part() } else { head }
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.shards.len()
    }

    /// All that were joined, whether their matchers are there now or not.
    pub(crate) fn joined(&self) -> Shards {
        self.those(|shard| shard.link.is_some())
    }

    /// Those whose matchers are there.
    pub(crate) fn there(&self) -> Shards {
        self.those(|shard| shard.is_there)
    }

    fn those(&self, are: impl Fn(&Shard) -> bool) -> Shards {
        let numbered = self.shards.iter().enumerate();
        numbered.filter(|(_, shard)| are(shard)).fold(Shards::NONE, |set, (number, _)| set.with(number))
    }

    /// Whether all there are have told of their instruments and accounts, so that nothing is missing for who is let in. Those
    /// that are away are not waited for: what they told before they went still holds.
    pub(crate) fn are_informed(&self) -> bool {
        let is_waited_for = |shard: &Shard| shard.is_there && !shard.is_informed;
        self.shards.iter().any(|shard| shard.is_informed) && !self.shards.iter().any(is_waited_for)
    }

    /// Whether that is so by now and was not when this was asked last, be it that a shard has told of the rest or that it has gone.
    pub(crate) fn become_informed(&mut self) -> bool {
        let are = self.are_informed();
        let were = std::mem::replace(&mut self.were_informed, are);
        are && !were
    }

    /// The matcher of `shard` has just said something: it is there, which [`Links::look`] may not have seen yet.
    pub(crate) const fn is_heard(&mut self, shard: usize) {
        self.shards[shard].is_there = true;
    }

    /// Whether this one has told of its instruments and accounts.
    pub(crate) const fn is_informed(&self, shard: usize) -> bool {
        self.shards[shard].is_informed
    }

    /// It has told of all, or has to tell of all again.
    pub(crate) const fn set_informed(&mut self, shard: usize, is: bool) {
        self.shards[shard].is_informed = is;
    }

    /// Which shard serves which instrument.
    pub(crate) const fn serving(&self) -> &Serving {
        &self.serving
    }

    /// The way to the matcher that serves `instrument`.
    ///
    /// # Errors
    /// [`Reject::MatcherAway`], [`Reject::JournalFailed`].
    #[inline]
    pub(crate) fn of(&mut self, instrument: InstrumentId) -> Result<&mut Link, Reject> {
        self.at(self.serving.of(instrument))
    }

    /// The way to the matcher of `shard`.
    ///
    /// # Errors
    /// [`Reject::MatcherAway`], [`Reject::JournalFailed`].
    #[inline]
    pub(crate) fn at(&mut self, shard: usize) -> Result<&mut Link, Reject> {
        match self.shards.get_mut(shard) {
            Some(Shard { link: Some(link), is_there: true, .. }) if link.has_failed() => {
                Err(Reject::JournalFailed)
            }
            Some(Shard { link: Some(link), is_there: true, .. }) => Ok(link),
            _ => Err(Reject::MatcherAway),
        }
    }

    /// The rings of `shard`, if they were joined, and what its definitions change.
    #[inline]
    pub(crate) fn rings(&mut self, shard: usize) -> Option<(&mut Link, &mut Serving)> {
        Some((self.shards[shard].link.as_mut()?, &mut self.serving))
    }

    /// Where the rings of commands are.
    pub(crate) fn commands(&self) -> impl Iterator<Item = (usize, RingMark)> {
        let numbered = self.shards.iter().enumerate();
        numbered.filter_map(|(number, shard)| Some((number, shard.link.as_ref()?.commands(0))))
    }

    /// Wakes matchers that sleep and have something to do, and looks whether their rings fill up. Those of which that has
    /// changed.
    #[inline]
    pub(crate) fn turn(&mut self, now: u64) -> Shards {
        let mut changed = Shards::NONE;
        for (number, Shard { link, pressure, .. }) in self.shards.iter_mut().enumerate() {
            let Some(link) = link else { continue };
            link.flush();
            if pressure.turn(now, link) {
                changed = changed.with(number);
            }
        }
        changed
    }

    /// Those whose rings fill up.
    pub(crate) fn busy(&self) -> Shards {
        self.those(|shard| shard.pressure.is_busy())
    }

    /// What waits at their gates at `now`: of all together, and for as long as the longest does.
    pub(crate) fn held(&mut self, now: u64) -> Held {
        let mut all = Held::default();
        for link in self.shards.iter_mut().filter_map(|shard| shard.link.as_mut()) {
            let Held { events, since_ns, repeated, lost, failed } = link.held(now);
            all.events += events;
            all.since_ns = all.since_ns.max(since_ns);
            all.repeated += repeated;
            all.lost += lost;
            all.failed |= failed;
        }
        all
    }

    /// Whether the journal of one of them has failed.
    pub(crate) fn have_failed(&self) -> bool {
        !self.those(|shard| shard.link.as_ref().is_some_and(Link::has_failed)).is_empty()
    }

    /// How often it has come to that.
    pub(crate) fn busy_times(&self) -> u64 {
        self.shards.iter().map(|shard| shard.pressure.times).sum()
    }

    /// What has become of the matcher of `shard` since this was asked last, and whether it was there then. `None` before its
    /// rings were joined. Costs system calls: for housekeeping.
    pub(crate) fn look(&mut self, shard: usize) -> Option<(Matcher, bool)> {
        let Shard { link, is_there, .. } = &mut self.shards[shard];
        let found = link.as_mut()?.look();
        let was_there = std::mem::replace(is_there, found != Matcher::Away);
        Some((found, was_there))
    }
}

impl Matchers for Links {
    fn ask(&mut self, notice: &SessionNotice) -> bool {
        self.of(notice.head.instrument()).is_ok_and(|link| link.send(notice))
    }

    fn gate(&mut self, shard: usize) -> Option<&mut Gate> {
        self.shards.get_mut(shard)?.link.as_mut().map(Link::gate)
    }
}

/// What matchers do not know yet of a session's coming and going. Of two such notices the later one is what counts.
#[derive(Debug, Default)]
pub(crate) struct Tell {
    kind: Option<Kind>,
    whom: Shards,
}

impl Tell {
    /// Is to be told to these, [`Kind::SessionUp`] or [`Kind::SessionDown`].
    pub(crate) const fn set(&mut self, kind: Kind, whom: Shards) {
        if !whom.is_empty() {
            *self = Tell { kind: Some(kind), whom };
        }
    }

    /// What there is to tell.
    pub(crate) const fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// Whether there is something to tell.
    pub(crate) const fn is_due(&self) -> bool {
        self.kind.is_some()
    }

    /// Tells it as far as there is room in the rings; `head` is the session's. To how many that was.
    pub(crate) fn poll(&mut self, head: Head, links: &mut Links) -> usize {
        let Some(kind) = self.kind else { return 0 };
        let notice = SessionNotice { head: head.with_kind(kind) };
        let before = self.whom.0.count_ones();
        for shard in self.whom.each() {
            // It waits in the ring for a matcher that is away.
            if links.rings(shard).is_some_and(|(link, _)| link.send(&notice)) {
                self.whom = self.whom.without(shard);
            }
        }
        if self.whom.is_empty() {
            self.kind = None;
        }
        (before - self.whom.0.count_ones()) as usize
    }
}
