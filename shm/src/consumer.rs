//! The consuming side of a ring.

use crate::error::ShmError;
use crate::index::{Damage, Reader};
use crate::owner::{Owner, Peer};
use crate::ring::{Ring, View};

/// Takes messages out of a ring. There is one of each ring at a time; dropping it leaves the ring cleanly.
pub struct Consumer {
    view: View,
    reader: Reader,
    damage_told: bool,
}

impl Consumer {
    pub(crate) fn new(view: View, reader: Reader) -> Self {
        Self { view, reader, damage_told: false }
    }

    /// The message that was committed first of those not yet advanced over, aligned to 8, in place; `None` when
    /// there is none, or the ring is damaged ([`Consumer::damage`]).
    #[inline]
    pub fn front(&mut self) -> Option<&[u8]> {
        let view = &self.view;
        let front = self.reader.front(view, &view.header().head);
        let Some((at, len)) = front else {
            if self.reader.damage().is_some() {
                self.tell_damage();
            }
            return None;
        };
        // JUSTIFICATION: messages are read in place, which saves a copy of each.
        // SAFETY: the reader answers only what lies within the data and is published, and the producer leaves that
        // alone until `advance`, which ends this borrow, has let it go.
        Some(unsafe { core::slice::from_raw_parts(view.data(at, len), len) })
    }

    /// The next message that was not given here before: each once, in order, from the front one on, as far ahead as
    /// the caller asks, to prepare for it. `None` if it is not there yet, and for once where the ring begins again.
    #[inline]
    pub fn coming(&mut self) -> Option<&[u8]> {
        let view = &self.view;
        let (at, len) = self.reader.coming(view)?;
        // JUSTIFICATION: as in `front`.
        // SAFETY: as in `front`: it is published and lies within the data, and the producer leaves alone what is
        // behind the front message as well until `advance`, which ends this borrow, has let it go.
        Some(unsafe { core::slice::from_raw_parts(view.data(at, len), len) })
    }

    /// [`Consumer::coming`] gives what was given there before once more, from the front message on.
    pub fn look_again(&mut self) {
        self.reader.look_again();
    }

    /// Lets the front message go, so that the next one is in front; without one, does nothing. The producer learns
    /// of it after an eighth of the ring, and at once when nothing is left: never too late for a full ring.
    #[inline]
    pub fn advance(&mut self) {
        self.reader.advance(&self.view.header().head);
    }

    /// Tells the producer now of all that was advanced over. What was not told comes again if this process dies.
    pub fn release(&mut self) {
        self.reader.release(&self.view.header().head);
    }

    /// Messages advanced over since the ring was made, by this consumer and those before it: the front message is
    /// number `consumed() + 1`, and keeps that number if it has to come again.
    #[inline]
    #[must_use]
    pub fn consumed(&self) -> u64 {
        self.reader.mark().count
    }

    /// Why nothing more can be had from this ring, if its memory contradicts itself. Also logged, once.
    #[must_use]
    pub fn damage(&self) -> Option<ShmError> {
        let Damage(what) = self.reader.damage()?;
        Some(ShmError::Damaged { path: self.view.ring().path().into(), what })
    }

    #[cold]
    fn tell_damage(&mut self) {
        if let (Some(error), false) = (self.damage(), self.damage_told) {
            self.damage_told = true;
            tracing::error!(%error, "nothing more is taken from this ring");
        }
    }

    /// Whether somebody produces. Reads `/proc`: for housekeeping.
    #[must_use]
    pub fn peer(&self) -> Peer {
        Owner::peer(self.view.header().producer.owner())
    }

    /// Times the producer's side was claimed; a change says that another producer came.
    #[inline]
    #[must_use]
    pub fn peer_generation(&self) -> u32 {
        self.view.header().producer.generation()
    }

    /// Times the consumer's side was claimed, this time included.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.view.header().consumer.generation()
    }

    /// Bytes that wait to be consumed, headers and padding included.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.reader.depth(&self.view.header().tail)
    }

    /// Bytes of data the ring has room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.view.ring().capacity()
    }

    /// The ring.
    #[must_use]
    pub fn ring(&self) -> &Ring {
        self.view.ring()
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.release();
        self.view.header().consumer.leave();
    }
}
