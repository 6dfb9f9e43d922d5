//! The rules of FIX's session layer, each a scenario in `conformance/`, held against a venue with the sessions of
//! `conformance.toml`, in every version.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
};

use penstock_tests::{
    Venue,
    conformance::{SIDES, Side, run},
    venue::data_dir,
};

/// The scenarios, in order of their names.
fn scenarios() -> Vec<(String, String)> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let mut paths: Vec<PathBuf> = fs::read_dir(directory)
        .expect("the scenarios are there")
        .map(|entry| entry.expect("a directory that can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "def"))
        .collect();
    paths.sort();
    let name = |path: &PathBuf| path.file_stem().expect("a file").to_string_lossy().into_owned();
    let text = |path: &PathBuf| fs::read_to_string(path).expect("a scenario is text");
    paths.iter().map(|path| (name(path), text(path))).collect()
}

/// A venue with the sessions that a conformance suite wants.
fn venue(data: &Path) -> Venue {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/conformance.toml");
    Venue::start_with(data, &file, &[])
}

fn failures(venue: &Venue, side: &Side, scenarios: &[(String, String)]) -> Vec<String> {
    let run = |(name, text): &(String, String)| {
        let deviation = run(venue.fix, side, text).err()?;
        Some(format!("{name} of {}: {deviation}", side.version))
    };
    scenarios.iter().filter_map(run).collect()
}

/// One venue, the sessions of all versions at once: what one of them does wrong must not show at another.
#[test]
fn every_scenario_goes_as_it_is_written_in_every_version() {
    let data = data_dir();
    let (venue, scenarios) = (venue(data.path()), scenarios());
    assert!(scenarios.len() > 40, "{} scenarios", scenarios.len());
    let failures: Vec<String> = thread::scope(|scope| {
        let (venue, scenarios) = (&venue, &scenarios);
        let runs = SIDES.map(|side| scope.spawn(move || failures(venue, &side, scenarios)));
        runs.into_iter().flat_map(|run| run.join().expect("a run does not panic")).collect()
    });
    assert!(failures.is_empty(), "{} deviations:\n{}", failures.len(), failures.join("\n"));
    venue.stop();
}

/// A runner that takes everything would prove nothing.
#[test]
fn a_scenario_that_expects_something_else_fails_where_it_does() {
    let data = data_dir();
    let venue = venue(data.path());
    let side = &SIDES[1];
    for (scenario, line, words) in [
        ("iCONNECT\nI35=A|34=1|98=0|108=30|\nE35=A|34=2|98=0|108=30|", 3, "expected 34=2"),
        ("iCONNECT\nI35=A|34=1|98=0|108=30|\nE35=A|34=1|98=0|", 3, "108=30 was not expected"),
        ("iCONNECT\nI35=0|34=1|\nE35=0|34=1|", 3, "the connection has ended"),
        (
            "iCONNECT\nI35=A|34=1|98=0|108=30|\nE35=A|34=1|98=0|108=30|\nI35=1|34=2|112=X|\neDISCONNECT",
            5,
            "expected the end",
        ),
    ] {
        let deviation = run(venue.fix, side, scenario).expect_err("it is wrong");
        assert_eq!(deviation.line, line, "{deviation}");
        assert!(deviation.what.contains(words), "{deviation}");
    }
    venue.stop();
}
