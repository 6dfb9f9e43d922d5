//! The streams of a session's reports: one for each shard, since each numbers what it tells a session by itself.

use wire::fix::report::Stream;

use crate::link::of_shard;

/// All of a session, by shard.
#[derive(Debug)]
pub(crate) struct Streams {
    all: Box<[(String, Stream)]>,
    are_of_copies: bool,
}

impl Streams {
    /// Those of the session of `comp_id`, which may be of copies, in a venue of so many shards.
    pub(crate) fn new(comp_id: &str, are_of_copies: bool, shards: u8) -> Streams {
        let of = |shard| {
            let name = of_shard(comp_id, shard);
            let stream = if are_of_copies { Stream::of_copies(&name) } else { Stream::new(&name) };
            (name, stream)
        };
        Streams { all: (0..shards).map(of).collect(), are_of_copies }
    }

    /// Whether they are of copies of others' reports.
    pub(crate) const fn are_of_copies(&self) -> bool {
        self.are_of_copies
    }

    /// That of a shard. The first stands in for one that there is not.
    #[inline]
    pub(crate) fn of(&self, shard: usize) -> &Stream {
        let (_, stream) = self.all.get(shard).unwrap_or(&self.all[0]);
        stream
    }

    /// Its ApplID (1180).
    pub(crate) fn name(&self, shard: usize) -> &[u8] {
        self.all.get(shard).map_or(b"", |(name, _)| name.as_bytes())
    }

    /// The shard whose stream has this ApplID.
    pub(crate) fn find(&self, name: &[u8]) -> Option<usize> {
        self.all.iter().position(|(own, _)| own.as_bytes() == name)
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.all.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shard_has_a_stream_and_the_first_the_plain_name() {
        let streams = Streams::new("MM1", false, 3);
        let names: Vec<&[u8]> = (0..3).map(|shard| streams.name(shard)).collect();
        assert_eq!(names, [&b"MM1"[..], b"MM1-shard-1", b"MM1-shard-2"]);
        assert_eq!((streams.find(b"MM1-shard-2"), streams.find(b"MM1-shard-3")), (Some(2), None));
        assert!(!streams.are_of_copies() && Streams::new("DROP1", true, 1).of(0).is_of_copies());
    }
}
