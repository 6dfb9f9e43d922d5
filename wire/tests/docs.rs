//! docs/fix.md says what the code does.

use std::fmt::Write;

use wire::reject::Reject;

const DOC: &str = include_str!("../../docs/fix.md");

/// The table is a function of the catalogue: this prints what it should be.
#[test]
fn the_table_of_rejects_is_the_catalogue() {
    let mut table = String::from(
        "| code | name | 103 | 102 | sentence | remedy |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for &reject in Reject::ALL.iter().filter(|&&reject| reject != Reject::None) {
        let (code, name) = (reject as u16, reject.name());
        let (ord, cxl) = (reject.ord_rej_reason(), reject.cxl_rej_reason());
        let (sentence, remedy) = (reject.sentence(), reject.remedy());
        writeln!(table, "| {code} | {name} | {ord} | {cxl} | {sentence} | {remedy} |")
            .expect("strings take all");
    }
    assert!(DOC.ends_with(&table), "the last table of docs/fix.md must be:\n{table}");
}
