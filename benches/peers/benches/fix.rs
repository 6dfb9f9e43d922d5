//! Reading a NewOrderSingle and writing an ExecutionReport, ours beside QuickFIX's C++, rustyfix and the bare floor:
//! rounds interleaved, medians with least and greatest, and the ratio to the floor of the same round. Time is the
//! thread's own.
//!
//! `cargo bench --manifest-path benches/peers/Cargo.toml --bench fix`

use penstock_benches_peers::fix::{
    MESSAGES, ORDER_BYTES, OurBuild, OurSession, QuickFix, REPORT_BYTES, Rustyfix, fields_of, floor_build,
    floor_read, orders, our_read, reports,
};

const ROUNDS: usize = 15;
/// Messages a round.
const BATCH: usize = 40 * MESSAGES;

/// What does the work, told which message.
type Work<'a> = (&'static str, Box<dyn FnMut(usize) + 'a>);

/// Nanoseconds that this thread has had.
fn cpu_time() -> i128 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec)
}

fn spread(rounds: &[f64]) -> String {
    let mut rounds = rounds.to_vec();
    rounds.sort_by(f64::total_cmp);
    format!("{:.1} ({:.1} to {:.1})", rounds[rounds.len() / 2], rounds[0], rounds[rounds.len() - 1])
}

/// Runs all of `works` in turn, round by round; the first is the floor.
fn table(title: &str, works: &mut [Work<'_>]) {
    let mut results = vec![Vec::new(); works.len()];
    for round in 0..=ROUNDS {
        for ((_, work), result) in works.iter_mut().zip(&mut results) {
            let start = cpu_time();
            (0..BATCH).for_each(|i| work(i % MESSAGES));
            // The first round warms up.
            if round > 0 {
                result.push((cpu_time() - start) as f64 / BATCH as f64);
            }
        }
    }
    println!("\n| {title} | ns a message | ÷ floor |");
    println!("|---|---|---|");
    for ((name, _), result) in works.iter().zip(&results) {
        let ratios: Vec<f64> = result.iter().zip(&results[0]).map(|(ns, floor)| ns / floor).collect();
        println!("| {name} | {} | {} |", spread(result), spread(&ratios));
    }
}

fn main() {
    let (orders, reports) = (orders(), reports());
    let texts: Vec<&str> = orders.iter().map(|order| std::str::from_utf8(order).expect("ASCII")).collect();
    let fields: Vec<_> = reports.iter().map(|report| fields_of(report)).collect();
    let (mut rustyfix, quickfix) = (Rustyfix::default(), QuickFix::default());
    let mut works: [Work<'_>; 5] = [
        ("floor: a sum and a walk", Box::new(|i| floor_read(&orders[i]))),
        ("ours, typed", Box::new(|i| our_read(&orders[i]))),
        ("rustyfix", Box::new(|i| rustyfix.read(&orders[i]))),
        ("QuickFIX, length and sum unchecked", Box::new(|i| quickfix.read(texts[i]))),
        ("QuickFIX by dictionary", Box::new(|i| quickfix.read_by_dictionary(texts[i]))),
    ];
    table(&format!("reading a NewOrderSingle of {ORDER_BYTES} bytes"), &mut works);
    drop(works);

    let (mut copy, mut build, mut session) = (Vec::new(), OurBuild::default(), OurSession::default());
    let mut works: [Work<'_>; 5] = [
        ("floor: a copy", Box::new(|i| floor_build(&mut copy, &reports[i]))),
        ("ours", Box::new(|i| _ = std::hint::black_box(build.write(i)))),
        ("ours, kept and appended", Box::new(|i| _ = std::hint::black_box(session.write(i)))),
        ("rustyfix", Box::new(|i| rustyfix.write(&fields[i]))),
        ("QuickFIX", Box::new(|i| quickfix.write(&fields[i]))),
    ];
    table(&format!("writing an ExecutionReport of {REPORT_BYTES} bytes"), &mut works);
}
