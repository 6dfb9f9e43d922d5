//! A state's image: what a snapshot keeps of it. It is the engine's image, and before it what is known of links.

use serde::{Deserialize, Serialize};

use super::*;
use crate::sequencer::SessionImage;

/// What is known of links.
#[derive(Serialize, Deserialize)]
struct Image {
    /// Of each session, where it is.
    sessions: Vec<SessionImage>,
    /// Of each link, when its ring was made, and how far its commands are in the state.
    taken: Vec<(u64, u64)>,
    has_begun: bool,
    /// Of each link, the last events that it may not have read.
    links: Vec<KeptImage>,
}

#[derive(Serialize, Deserialize)]
struct KeptImage {
    seq: u64,
    /// As they stand in a ring, one behind the other.
    #[serde(with = "serde_bytes")]
    events: Vec<u8>,
}

impl State {
    /// Appends the image of it to `bytes`.
    pub(crate) fn save(&self, bytes: &mut Vec<u8>) -> std::io::Result<()> {
        // The rest is the configuration's, or is for the moment after a replay.
        let State {
            configuration: _,
            parts: _,
            configuration_is_kept: _,
            loaded: _,
            engine,
            presence,
            taken,
            has_begun,
            begins: _,
            unsaid: Unsaid { links, watchers: _, published: _, records: _ },
            routes: _,
            burst: _,
            instruments: _,
        } = self;
        let kept = |Kept { events, most: _, seq }: &Kept| KeptImage {
            seq: seq.0,
            events: events.iter().flat_map(|event| event.as_bytes()).copied().collect(),
        };
        let image = Image {
            sessions: presence.image(),
            taken: taken.iter().map(|&Taken { made, count }| (made, count)).collect(),
            has_begun: *has_begun,
            links: links.iter().map(kept).collect(),
        };
        *bytes = postcard::to_extend(&image, std::mem::take(bytes)).map_err(std::io::Error::other)?;
        engine.save(bytes)
    }

    /// The state of which `image` was saved under `configuration`, which goes on with events for as many links as
    /// [`State::keep_events`] says afterwards; `None`, and nothing has changed, if that is not what is `expected`: last command, its time, and the
    /// state's hash.
    pub(crate) fn load(
        &mut self,
        configuration: Configuration,
        image: &[u8],
        expected: (SeqNo, Nanos, u64),
    ) -> Result<Option<()>, ImageError> {
        let taken = postcard::take_from_bytes(image);
        let (Image { sessions, taken, has_begun, links }, engine) =
            taken.map_err(|_| ImageError::Broken("links"))?;
        let mut engine = Engine::load(&configuration.engine, engine)?;
        let (seq, time) = engine.now();
        if (seq, time, engine.state_hash()) != expected {
            return Ok(None);
        }
        let places = self.taken.len();
        let known = sessions.len() == configuration.engine.sessions.len() && taken.len() == places;
        let whole = links.iter().all(|kept| kept.events.len().is_multiple_of(size_of::<Message>()));
        if !known || !whole || links.len() > places {
            return Err(ImageError::Broken("links"));
        }
        self.presence = Presence::of_image(&sessions);
        for (own, (made, count)) in self.taken.iter_mut().zip(taken) {
            *own = Taken { made, count };
        }
        let kept = |KeptImage { seq, events }| {
            let events = events.chunks_exact(size_of::<Message>()).map(|bytes| {
                let mut message: Message = [0; EVENT_BYTES / 8];
                message.as_mut_bytes().copy_from_slice(bytes);
                message
            });
            Kept { events: events.collect(), most: 0, seq: SeqNo(seq) }
        };
        self.unsaid.links = links.into_iter().map(kept).collect();
        self.has_begun = has_begun;
        let config = &configuration.engine;
        (self.burst, self.instruments) = (config.events_max(), config.room_for_instruments() as usize);
        self.loaded = engine.last_seq();
        (self.engine, self.configuration, self.configuration_is_kept) = (engine, configuration, true);
        Ok(Some(()))
    }
}
