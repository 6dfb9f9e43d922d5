//! Runs scenario files against a venue that is running: `cargo run -p penstock-tests --example conform -- ADDRESS FILE…`.
//!
//! Each is run by the session of the version that its directory is named for (`fix42`, `fix44`, `fix50sp2`), or by all three.

use std::{env, fs, process::ExitCode};

use penstock_tests::conformance::{SIDES, run};

fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let Some(address) = args.next().and_then(|address| address.parse().ok()) else {
        eprintln!("usage: conform ADDRESS:PORT FILE…");
        return ExitCode::from(2);
    };
    let (mut passed, mut failed) = (0, 0);
    for path in args {
        let text = match fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => {
                eprintln!("{path}: {error}");
                return ExitCode::from(2);
            }
        };
        let directory = |version: &str| format!("fix{}/", version.replace('.', "").to_lowercase());
        let named = SIDES.iter().any(|side| path.contains(&directory(side.version)));
        for side in SIDES.iter().filter(|side| !named || path.contains(&directory(side.version))) {
            match run(address, side, &text) {
                Ok(()) => passed += 1,
                Err(deviation) => {
                    failed += 1;
                    println!("{path} ({}): {deviation}", side.version);
                }
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    ExitCode::from(u8::from(failed > 0))
}
