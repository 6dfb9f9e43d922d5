//! Pieces of work timed side by side: round by round in turn, so that what disturbs one disturbs all.

/// Different messages, gone through in turn.
pub const MESSAGES: usize = 256;
const ROUNDS: usize = 15;
/// Messages a round.
const BATCH: usize = 40 * MESSAGES;

/// What does the work, told which message.
pub type Work<'a> = (&'static str, Box<dyn FnMut(usize) + 'a>);

/// Runs all of `works` in turn, the first being the floor, and prints nanoseconds of the thread's own time: medians with
/// least and greatest, and the ratio to the floor of the same round.
pub fn table(title: &str, works: &mut [Work<'_>]) {
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
