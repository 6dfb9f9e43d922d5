//! Reading a NewOrderSingle and writing an ExecutionReport, ours beside QuickFIX's C++, rustyfix and the bare floor:
//! rounds interleaved, medians with least and greatest, and the ratio to the floor of the same round. Time is the
//! thread's own.
//!
//! `cargo bench --manifest-path benches/peers/Cargo.toml --bench fix`

use penstock_benches_peers::{
    fix::{
        ORDER_BYTES, OurBuild, OurSession, QuickFix, REPORT_BYTES, Rustyfix, fields_of, floor_build,
        floor_read, orders, our_first_read, our_read, reports,
    },
    rounds::{Work, table},
};
use wire::fix::places::Memory;

fn main() {
    let (orders, reports) = (orders(), reports());
    let texts: Vec<&str> = orders.iter().map(|order| std::str::from_utf8(order).expect("ASCII")).collect();
    let fields: Vec<_> = reports.iter().map(|report| fields_of(report)).collect();
    let (mut rustyfix, quickfix) = (Rustyfix::default(), QuickFix::default());
    let mut memory = Memory::default();
    let mut works: [Work<'_>; 6] = [
        ("floor: a sum and a walk", Box::new(|i| floor_read(&orders[i]))),
        ("ours, typed", Box::new(|i| our_read(&orders[i], &mut memory))),
        ("ours, like none before", Box::new(|i| our_first_read(&orders[i]))),
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
