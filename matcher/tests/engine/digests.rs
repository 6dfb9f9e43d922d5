//! The state hash does not depend on when digests are computed.

use matcher::engine::Engine;
use proptest::prelude::*;
use wire::types::SeqNo;

use crate::{
    common::Events,
    flow::{Known, config, endowment, step, time},
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// One engine hashes after every command; the other refreshes a few digests now and then, so that records
    /// change again, end and are forgotten before, between and after. `audit` compares every digest and sum with
    /// what walking the whole state gives.
    #[test]
    fn digests_computed_at_any_time_give_the_same_hash(
        ledger in any::<bool>(),
        steps in prop::collection::vec((step(), 0..40usize), 1_000),
    ) {
        let (mut prompt, mut late) = (Engine::new(config(ledger)), Engine::new(config(ledger)));
        let mut known = Known::default();
        let mut seq = 0;
        let endowment = if ledger { endowment() } else { Vec::new() };
        let mut apply = |owned: crate::common::Owned, known: &mut Known, work: usize| {
            seq += 1;
            let time = time(seq - 1);
            let mut events = Events::default();
            prompt.apply(SeqNo(seq), time, owned.command(), &mut events);
            late.apply(SeqNo(seq), time, owned.command(), &mut Events::default());
            events.0.iter().for_each(|event| known.see(event));
            let hash = prompt.state_hash();
            if work < 8 {
                late.refresh(work);
            }
            late.audit();
            (hash, (work == 39).then(|| late.state_hash()), time)
        };
        let mut now = time(0);
        for owned in endowment {
            (_, _, now) = apply(owned, &mut known, 0);
        }
        for (step, work) in steps {
            let (hash, later, time) = apply(known.command(step, now, |_, _| 1), &mut known, work);
            prop_assert!(later.is_none_or(|later| later == hash), "the hashes differ at {:?}", time);
            now = time;
        }
        prop_assert_eq!(prompt.state_hash(), late.state_hash());
    }
}
