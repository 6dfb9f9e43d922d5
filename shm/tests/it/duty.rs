//! The loop of a thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use shm::{Agent, Bell, Consumer, Duty, Idle, Ring, Sleeper, Stop};

use crate::{place, receive, send, times};

fn clock() -> u64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_nanos()).unwrap()
}

/// Passes on what it consumes, so that a test knows.
struct Echo {
    consumer: Consumer,
    seen: Sender<Vec<u8>>,
    sleeps: bool,
    slept: Arc<AtomicU64>,
    kept_house: Arc<AtomicU64>,
}

impl Agent for Echo {
    fn name(&self) -> &str {
        "echo"
    }

    fn poll(&mut self, _now: u64) -> usize {
        let Some(message) = receive(&mut self.consumer) else { return 0 };
        self.seen.send(message).unwrap();
        1
    }

    fn housekeep(&mut self, _now: u64) {
        self.kept_house.fetch_add(1, Ordering::Relaxed);
    }

    fn sleeper(&mut self) -> Option<&mut dyn Sleeper> {
        if self.sleeps { Some(self) } else { None }
    }
}

impl Sleeper for Echo {
    fn sleep(&mut self, bell: &Bell, timeout: Duration) {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        self.slept.fetch_add(1, Ordering::Relaxed);
        let timeout = Timespec { tv_sec: 0, tv_nsec: i64::from(timeout.subsec_nanos()) };
        let _ = poll(&mut [PollFd::new(&bell.fd(), PollFlags::IN)], Some(&timeout));
    }
}

/// Runs an echo with `idle`, sends it messages with pauses in which it may fall asleep, and stops it.
fn echo(idle: Idle, sleeps: bool) -> (Arc<AtomicU64>, Arc<AtomicU64>, Arc<shm::Meter>) {
    let (_place, directory) = place();
    let ring = Ring::create(&directory, "ring", 4096).unwrap();
    let bell = Bell::create(&directory, "bell").unwrap();
    let (ringer, stop) = (bell.ringer(), Stop::new());
    let (seen, sees): (_, Receiver<Vec<u8>>) = channel();
    let (slept, kept_house) = (Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
    let agent = Echo {
        consumer: ring.consumer(&bell).unwrap(),
        seen,
        sleeps,
        slept: Arc::clone(&slept),
        kept_house: Arc::clone(&kept_house),
    };
    let duty = Duty::new("echo", vec![Box::new(agent)], idle, Arc::new(bell), stop.clone(), clock);
    let meter = duty.meter();
    let running = thread::spawn(move || duty.run());

    let mut producer = ring.producer().unwrap();
    for number in 0..times(200, 21) {
        if idle == Idle::Park && number.is_multiple_of(20) {
            // Until it has slept again, or at least had every occasion to.
            let before = meter.sleeps();
            while meter.sleeps() == before {
                thread::yield_now();
            }
        }
        assert!(send(&mut producer, &number.to_le_bytes()));
        assert_eq!(sees.recv().unwrap(), number.to_le_bytes());
    }
    stop.set();
    ringer.ring();
    let agents = running.join().unwrap();
    assert_eq!(agents.len(), 1);
    assert_eq!(agents[0].name(), "echo");
    assert!(kept_house.load(Ordering::Relaxed) >= 2, "at the beginning and at the end");
    assert!(meter.rounds() >= meter.busy());
    assert!(meter.busy() > 0);
    assert!(meter.longest_ns() > 0);
    (slept, kept_house, meter)
}

#[test]
fn a_duty_that_spins_or_yields_never_sleeps() {
    for idle in [Idle::Spin, Idle::Yield] {
        let (slept, _, meter) = echo(idle, true);
        assert_eq!(meter.sleeps(), 0);
        assert_eq!(slept.load(Ordering::Relaxed), 0);
    }
}

#[test]
fn a_duty_that_parks_sleeps_on_its_bell_and_is_woken() {
    let (slept, _, meter) = echo(Idle::Park, false);
    assert!(meter.sleeps() > 0);
    assert_eq!(slept.load(Ordering::Relaxed), 0);
}

#[test]
#[cfg_attr(miri, ignore = "Miri does not poll")]
fn a_duty_that_parks_sleeps_where_its_agent_says() {
    let (slept, _, meter) = echo(Idle::Park, true);
    assert_eq!(slept.load(Ordering::Relaxed), meter.sleeps());
}

/// Wants to be polled at its deadline.
struct Alarm {
    deadline: u64,
    stop: Stop,
}

impl Agent for Alarm {
    fn name(&self) -> &str {
        "alarm"
    }

    fn poll(&mut self, now: u64) -> usize {
        if now < self.deadline {
            return 0;
        }
        self.deadline = u64::MAX;
        self.stop.set();
        1
    }

    fn deadline(&self) -> u64 {
        self.deadline
    }
}

#[test]
fn a_parked_duty_polls_at_the_deadline_with_nobody_ringing() {
    let (_place, directory) = place();
    let bell = Bell::create(&directory, "bell").unwrap();
    let stop = Stop::new();
    let deadline = clock() + times(5_000_000, 1_000_000_000);
    let alarm = Alarm { deadline, stop: stop.clone() };
    let duty = Duty::new("alarm", vec![Box::new(alarm)], Idle::Park, Arc::new(bell), stop, clock);
    let meter = duty.meter();
    assert_eq!(duty.run().len(), 1);
    assert!(clock() >= deadline);
    assert!(meter.sleeps() > 0);
}

#[test]
fn a_parked_duty_notices_a_stop_that_nobody_rings_for() {
    let (_place, directory) = place();
    let bell = Bell::create(&directory, "bell").unwrap();
    let stop = Stop::new();
    let duty = Duty::new("idle", vec![], Idle::Park, Arc::new(bell), stop.clone(), clock);
    let meter = duty.meter();
    let running = thread::spawn(move || duty.run());
    while meter.sleeps() == 0 {
        thread::yield_now();
    }
    stop.flag().store(true, Ordering::Release); // as a signal handler does
    assert!(running.join().unwrap().is_empty());
}

/// Says when it has its turn, and has work in the rounds that are named, counted from 0.
struct Caller {
    name: char,
    busy: &'static [usize],
    turn: usize,
    turns: Sender<char>,
    /// Stops the duty after so many turns.
    last: Option<(usize, Stop)>,
}

impl Agent for Caller {
    fn name(&self) -> &str {
        "caller"
    }

    fn poll(&mut self, _now: u64) -> usize {
        self.turns.send(self.name).unwrap();
        let has_work = self.busy.contains(&self.turn);
        self.turn += 1;
        if let Some((_, stop)) = self.last.as_ref().filter(|(last, _)| *last == self.turn) {
            stop.set();
        }
        usize::from(has_work)
    }
}

#[test]
fn who_found_work_first_has_the_next_round_s_first_turn_and_the_last_round_is_in_order() {
    let (_place, directory) = place();
    let bell = Arc::new(Bell::create(&directory, "bell").unwrap());
    let stop = Stop::new();
    let (sender, turns) = channel();
    let callers: [(char, &'static [usize]); 3] = [('a', &[2]), ('b', &[0]), ('c', &[0, 1])];
    let caller = |(name, busy)| {
        let last = (name == 'c').then(|| (5, stop.clone()));
        Box::new(Caller { name, busy, turn: 0, turns: sender.clone(), last }) as Box<dyn Agent + Send>
    };
    let agents = callers.map(caller).into();
    let duty = Duty::new("callers", agents, Idle::Spin, bell, stop.clone(), clock);
    assert_eq!(duty.run().len(), 3);
    let turns: String = turns.try_iter().collect();
    // b and c have work, c has, a has, nobody has, and once more in the agents' order because of the stop.
    assert_eq!(turns, ["abc", "bca", "cab", "abc", "abc", "abc"].concat());
}

#[test]
fn idle_strategies_have_names() {
    for (name, idle) in [("spin", Idle::Spin), ("yield", Idle::Yield), ("park", Idle::Park)] {
        assert_eq!(name.parse(), Ok(idle));
        assert_eq!(idle.to_string(), name);
    }
    let error = "doze".parse::<Idle>().unwrap_err();
    assert_eq!(error.to_string(), "`doze` is no idle strategy; use spin, yield or park");
}
