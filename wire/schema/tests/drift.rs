//! What is checked in is what the model says.

use std::path::Path;

use schema::{Sources, artefact};

#[test]
fn nothing_generated_has_drifted_from_the_model() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let artefacts =
        Sources::read(&root).and_then(|sources| sources.artefacts()).expect("the model makes sense");
    let drifted = artefact::drifted(&root, &artefacts).expect("every page has its sections");
    assert!(drifted.is_empty(), "run `cargo run -p penstock-schema`; not as the model says: {drifted:?}");
}
