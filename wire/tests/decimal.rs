//! Decimals, ticks and lots against `rust_decimal`, which computes with 96 bits and shares nothing with ours.

use proptest::prelude::*;
use rust_decimal::Decimal as Wide;
use wire::{
    decimal::{Decimal, Number},
    instrument::{Step, StepError},
};

/// Numbers as clients write them: with leading and trailing zeros, without a whole part, without a point.
fn text() -> impl Strategy<Value = String> {
    ("-?", "0{0,3}[0-9]{1,9}", proptest::option::of("[0-9]{1,8}0{0,2}")).prop_map(|(sign, whole, part)| {
        part.map_or(format!("{sign}{whole}"), |part| format!("{sign}{whole}.{part}"))
    })
}

fn wide(text: &str) -> Wide {
    Wide::from_str_exact(text).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_decimal_is_the_number_that_was_written(text in text()) {
        let ours = Decimal::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(wide(&ours.to_string()), wide(&text));
        prop_assert_eq!(Number::parse(text.as_bytes()), Some(Number::Exact(ours)));
    }

    #[test]
    fn counting_steps_is_division_without_a_rest(text in text(), size in 1..5_000i64, scale in 0..6u8) {
        let step = Step::new(Decimal { mantissa: size, scale }).unwrap();
        let (value, size) = (wide(&text), Wide::new(size, scale.into()));
        match step.count(Decimal::parse(text.as_bytes()).unwrap()) {
            Ok(count) => {
                prop_assert_eq!(Wide::from(count) * size, value);
                prop_assert_eq!(wide(&step.value(count).unwrap().to_string()), value);
            }
            Err(StepError::Between) => prop_assert_ne!(value % size, Wide::ZERO),
            Err(StepError::OutOfRange) => prop_assert!(false, "17 digits always fit"),
        }
    }
}
