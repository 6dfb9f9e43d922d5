use super::*;

fn host(cores: usize, isolated: &[usize]) -> Host {
    Host { cores: (0..cores).collect(), isolated: isolated.to_vec(), parallelism: cores }
}

fn wanted(mode: Mode, idle: IdleChoice, cores: CoreChoice) -> Threads {
    Threads { mode, idle, cores }
}

/// Of one shard.
fn agents(workers: &[u32]) -> Agents<'_> {
    Agents { shards: 1, journals: &[], workers }
}

/// The plan in short: `name idle core`, threads separated by commas, `-` for not pinned.
fn planned(host: &Host, wanted: &Threads, process: Process) -> String {
    let threads = plan(host, wanted, agents(&[0]), &process).unwrap();
    let short = |thread: &Thread| {
        let core = thread.core.map_or("-".into(), |core| core.to_string());
        format!("{} {} {core}", thread.name(), thread.idle)
    };
    threads.iter().map(short).collect::<Vec<_>>().join(", ")
}

mod left_to_itself {
    use super::*;

    #[test]
    fn up_to_three_cores_share_a_thread_and_four_have_one_for_each_agent() {
        for (cores, isolated, expected) in [
            (1, &[][..], "gateway-0+matcher park -"),
            (2, &[], "gateway-0+matcher park -"),
            (3, &[], "gateway-0+matcher park -"),
            (4, &[], "matcher park -, gateway-0 park -"),
            (8, &[], "matcher park -, gateway-0 park -"),
            (64, &[], "matcher park -, gateway-0 park -"),
            // Isolated cores are pinned to, and spun on: nobody else wants them.
            (1, &[0], "gateway-0+matcher park -"),
            (2, &[1], "gateway-0+matcher spin 1"),
            (3, &[2], "gateway-0+matcher spin 2"),
            (4, &[3], "matcher spin 3, gateway-0 park -"),
            (4, &[2, 3], "matcher spin 2, gateway-0 spin 3"),
            (8, &[2, 3, 4, 5], "matcher spin 2, gateway-0 spin 3"),
            (64, &[62, 63], "matcher spin 62, gateway-0 spin 63"),
        ] {
            let host = host(cores, isolated);
            let plan = planned(&host, &Threads::default(), Process::Venue);
            assert_eq!(plan, expected, "{cores} cores, isolated {isolated:?}");
        }
    }

    #[test]
    fn a_containers_quota_counts_as_cores() {
        let container = Host { parallelism: 2, ..host(64, &[]) };
        assert_eq!(
            planned(&container, &Threads::default(), Process::Venue),
            "gateway-0+matcher park -",
            "64 cores to be on, 2 cores' time to use"
        );
        let one = Host { parallelism: 1, ..host(64, &[63]) };
        let spin = wanted(Mode::Dedicated, IdleChoice::Spin, CoreChoice::List(vec![62, 63]));
        assert_eq!(planned(&one, &spin, Process::Venue), "matcher park -, gateway-0 park -");
    }
}

mod asked_for {
    use super::*;

    #[test]
    fn mode_and_idle_are_taken_as_configured() {
        for (cores, mode, idle, expected) in [
            (2, Mode::Dedicated, IdleChoice::Auto, "matcher park -, gateway-0 park -"),
            (64, Mode::Shared, IdleChoice::Auto, "gateway-0+matcher park -"),
            (64, Mode::Shared, IdleChoice::Yield, "gateway-0+matcher yield -"),
            (1, Mode::Dedicated, IdleChoice::Yield, "matcher yield -, gateway-0 yield -"),
            (4, Mode::Auto, IdleChoice::Park, "matcher park -, gateway-0 park -"),
        ] {
            let plan = planned(&host(cores, &[]), &wanted(mode, idle, CoreChoice::Auto), Process::Venue);
            assert_eq!(plan, expected, "{cores} cores, {mode}, {idle}");
        }
    }

    #[test]
    fn spinning_pins_isolated_cores_first_then_from_the_highest_down() {
        let spin = |mode| wanted(mode, IdleChoice::Spin, CoreChoice::Auto);
        for (cores, isolated, mode, expected) in [
            (2, &[][..], Mode::Auto, "gateway-0+matcher spin 1"),
            (2, &[], Mode::Dedicated, "matcher spin 1, gateway-0 spin 0"),
            (8, &[], Mode::Auto, "matcher spin 7, gateway-0 spin 6"),
            (8, &[2], Mode::Auto, "matcher spin 2, gateway-0 spin 7"),
        ] {
            let plan = planned(&host(cores, isolated), &spin(mode), Process::Venue);
            assert_eq!(plan, expected, "{cores} cores, isolated {isolated:?}, {mode}");
        }
    }

    #[test]
    fn nobody_spins_where_that_would_starve_a_peer() {
        let spin = wanted(Mode::Dedicated, IdleChoice::Spin, CoreChoice::Auto);
        assert_eq!(planned(&host(1, &[]), &spin, Process::Venue), "matcher park -, gateway-0 park -");
        let threads = plan(&host(2, &[]), &spin, agents(&[0, 1, 2, 3]), &Process::Venue).unwrap();
        assert_eq!(threads.len(), 5);
        for thread in threads {
            assert_eq!(thread.idle, Idle::Park, "{thread}");
            assert!(thread.reason.contains("too few cores"), "{thread}");
        }
    }

    #[test]
    fn listed_cores_go_to_threads_in_order_and_the_rest_float() {
        let list = |cores: &[usize]| wanted(Mode::Auto, IdleChoice::Auto, CoreChoice::List(cores.to_vec()));
        let host = host(8, &[5]);
        assert_eq!(planned(&host, &list(&[4, 5]), Process::Venue), "matcher park 4, gateway-0 spin 5");
        assert_eq!(planned(&host, &list(&[5]), Process::Venue), "matcher spin 5, gateway-0 park -");
        assert_eq!(planned(&host, &list(&[]), Process::Venue), "matcher park -, gateway-0 park -");
        let none = wanted(Mode::Auto, IdleChoice::Spin, CoreChoice::None);
        assert_eq!(planned(&host, &none, Process::Venue), "matcher spin -, gateway-0 spin -");
    }

    #[test]
    fn a_core_not_to_be_had_or_named_twice_is_refused() {
        let list = |cores: &[usize]| wanted(Mode::Auto, IdleChoice::Auto, CoreChoice::List(cores.to_vec()));
        let refused = |cores| plan(&host(4, &[]), &list(cores), agents(&[0]), &Process::Venue).unwrap_err();
        assert_eq!(refused(&[1, 4]), PlanError::NoSuchCore(4));
        assert_eq!(refused(&[1, 2, 1]), PlanError::CoreTwice(1));
    }
}

#[test]
fn processes_of_one_venue_take_their_parts_of_one_plan() {
    for cores in [1, 2, 4, 8] {
        for isolated in [&[][..], &[1], &[0, 1]] {
            for mode in [Mode::Auto, Mode::Shared, Mode::Dedicated] {
                for idle in [IdleChoice::Auto, IdleChoice::Spin] {
                    let isolated: Vec<_> = isolated.iter().copied().filter(|&core| core < cores).collect();
                    let host = host(cores, &isolated);
                    let wanted = wanted(mode, idle, CoreChoice::Auto);
                    // One process with all gateways, or one for each, or some of both.
                    for split in [&[&[0, 3, 4][..]][..], &[&[0], &[3], &[4]], &[&[3], &[0, 4]]] {
                        let part = |process| plan(&host, &wanted, agents(&[0, 3, 4]), &process).unwrap();
                        let matcher = part(Process::Matchers(vec![0]));
                        let run = |threads: &[Thread]| {
                            threads.iter().flat_map(|thread| thread.agents.clone()).collect::<Vec<_>>()
                        };
                        assert_eq!(run(&matcher), [Agent::Matcher(0)]);
                        let mut all = matcher;
                        for gateways in split {
                            let threads = part(Process::Gateways(gateways.to_vec()));
                            let expected: Vec<_> = gateways.iter().copied().map(Agent::Gateway).collect();
                            assert_eq!(run(&threads), expected);
                            all.extend(threads);
                        }
                        let mut pinned: Vec<_> = all.iter().filter_map(|thread| thread.core).collect();
                        let count = pinned.len();
                        pinned.sort_unstable();
                        pinned.dedup();
                        assert_eq!(pinned.len(), count, "two threads on one core: {all:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_thread_says_why_it_is_as_it_is() {
    let threads = plan(&host(2, &[]), &Threads::default(), agents(&[0]), &Process::Venue).unwrap();
    assert_eq!(
        threads[0].to_string(),
        "gateway-0+matcher: park, not pinned (one thread: 2 cores; park: it has no isolated core)"
    );
    let threads =
        plan(&host(4, &[3]), &Threads::default(), agents(&[0]), &Process::Matchers(vec![0])).unwrap();
    assert_eq!(
        threads[0].to_string(),
        "matcher: spin, core 3 (a thread an agent: 4 cores; spin: it has an isolated core)"
    );
}

#[test]
fn words_of_the_configuration_read_back_as_they_are_shown() {
    for &(word, value) in Mode::WORDS {
        assert_eq!((value.to_string().as_str(), word.parse()), (word, Ok(value)));
    }
    for &(word, value) in IdleChoice::WORDS {
        assert_eq!((value.to_string().as_str(), word.parse()), (word, Ok(value)));
    }
    assert_eq!("Spin".parse::<Idle>(), Err(UnknownWord));
}

/// Whoever waits for the disk has a thread of its own that sleeps, whatever the others do, and takes no core from them.
#[test]
fn a_journal_has_a_thread_of_its_own_in_the_matchers_process() {
    let spin = wanted(Mode::Auto, IdleChoice::Spin, CoreChoice::Auto);
    let two = Agents { shards: 2, journals: &[0, 1], workers: &[0] };
    let planned = |process| {
        let threads = plan(&host(2, &[]), &spin, two, &process).unwrap();
        threads.iter().map(|t| format!("{} {} {:?}", t.name(), t.idle, t.core)).collect::<Vec<_>>()
    };
    let journals = ["journal park None", "journal-shard-1 park None"];
    assert_eq!(
        planned(Process::Venue),
        [&["gateway-0+matcher+matcher-shard-1 spin Some(1)"][..], &journals].concat()
    );
    assert_eq!(planned(Process::Matchers(vec![0, 1]))[1..], journals);
    assert_eq!(planned(Process::Matchers(vec![1]))[1..], journals[1..]);
    assert_eq!(planned(Process::Gateways(vec![0])), ["gateway-0 spin None"]);
}

mod several_shards {
    use super::*;

    fn short(threads: &[Thread]) -> Vec<String> {
        let core = |thread: &Thread| thread.core.map_or("-".into(), |core| core.to_string());
        threads.iter().map(|thread| format!("{} {} {}", thread.name(), thread.idle, core(thread))).collect()
    }

    #[test]
    fn each_matcher_has_a_core_where_there_are_enough_and_a_turn_where_there_are_not() {
        let three = Agents { shards: 3, journals: &[], workers: &[0] };
        let planned = |cores, isolated: &[usize], process| {
            short(&plan(&host(cores, isolated), &Threads::default(), three, &process).unwrap())
        };
        assert_eq!(
            planned(5, &[], Process::Venue),
            ["gateway-0+matcher+matcher-shard-1+matcher-shard-2 park -"]
        );
        let dedicated =
            ["matcher spin 2", "matcher-shard-1 spin 3", "matcher-shard-2 spin 4", "gateway-0 spin 5"];
        assert_eq!(planned(6, &[2, 3, 4, 5], Process::Venue), dedicated);
        assert_eq!(planned(6, &[2, 3, 4, 5], Process::Matchers(vec![1])), dedicated[1..2]);
        assert_eq!(planned(6, &[2, 3, 4, 5], Process::Gateways(vec![0])), dedicated[3..]);
    }

    #[test]
    fn processes_that_share_out_the_matchers_share_out_the_cores() {
        let agents = Agents { shards: 3, journals: &[], workers: &[0, 1] };
        for mode in [Mode::Shared, Mode::Dedicated] {
            for split in [&[&[0, 1, 2][..]][..], &[&[0], &[1], &[2]], &[&[1], &[0, 2]]] {
                let wanted = wanted(mode, IdleChoice::Auto, CoreChoice::Auto);
                let host = host(8, &[3, 4, 5, 6, 7]);
                let parts = split.iter().map(|shards| Process::Matchers(shards.to_vec()));
                let parts = parts.chain([Process::Gateways(vec![0, 1])]);
                let all: Vec<_> =
                    parts.flat_map(|part| plan(&host, &wanted, agents, &part).unwrap()).collect();
                let mut run: Vec<_> =
                    all.iter().flat_map(|thread| &thread.agents).map(Agent::to_string).collect();
                run.sort_unstable();
                assert_eq!(run, ["gateway-0", "gateway-1", "matcher", "matcher-shard-1", "matcher-shard-2"]);
                let mut pinned: Vec<_> = all.iter().filter_map(|thread| thread.core).collect();
                let count = pinned.len();
                pinned.sort_unstable();
                pinned.dedup();
                assert_eq!(pinned.len(), count, "two threads on one core: {all:?}");
            }
        }
    }
}
