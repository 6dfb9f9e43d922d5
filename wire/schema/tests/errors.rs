//! What is said of a model that makes no sense: which thing, and what is wrong with it.

use std::path::{Path, PathBuf};

use schema::{
    Sources,
    model::{Model, Presence},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sources() -> Sources {
    Sources::read(&root()).expect("the model makes sense")
}

/// A small model with `more` in it, read.
fn read(more: &str) -> Result<Model, String> {
    let base = r#"
        [sbe]
        package = "small"
        id = 1
        version = 1
        doc = "a small model"
        [[type]]
        name = "Price"
        kind = "decimal"
        mantissa = "int64"
        exponent = -8
        doc = "a price"
        [[field]]
        name = "Price"
        tag = 44
        type = "Price"
        doc = "limit price"
    "#;
    let files = [("base.toml", base), ("more.toml", more)];
    Model::parse(&files.map(|(path, text)| (path.to_owned(), text.to_owned())))
        .map_err(|error| format!("{error:#}"))
}

#[track_caller]
fn assert_refused(more: &str, why: &str) {
    let error = read(more).expect_err("it makes no sense");
    assert!(error.contains(why), "{error}");
}

/// What is wrong with the venue's model after `change`.
#[track_caller]
fn assert_contradiction(change: impl FnOnce(&mut Model), why: &str) {
    let mut sources = sources();
    change(&mut sources.model);
    let error = sources.artefacts().map(|_| ()).expect_err("it contradicts the standard");
    let error = format!("{error:#}");
    assert!(error.contains(why), "{error}");
}

mod the_model_alone {
    use super::*;

    #[test]
    fn the_small_model_is_one() {
        let model = read("").expect("it makes sense");
        assert_eq!(model.fields.len(), 1);
    }

    #[test]
    fn a_message_of_fields_that_are_not_there() {
        let more = r#"
            [[message]]
            name = "Order"
            from = "client"
            fix = "D"
            doc = "an order"
            fields = [{ name = "Prise" }]
        "#;
        assert_refused(more, "message Order: no field named Prise");
    }

    #[test]
    fn a_field_of_a_type_that_is_not_there() {
        let more = r#"field = [{ name = "StopPx", tag = 99, type = "Prise", doc = "stop price" }]"#;
        assert_refused(more, "field StopPx is of type Prise, which there is not");
    }

    #[test]
    fn a_name_tag_or_code_that_is_there_twice() {
        let fields = r#"field = [{ name = "Price", tag = 99, doc = "stop price" }]"#;
        assert_refused(fields, "field Price is there twice");
        let tags = r#"field = [{ name = "StopPx", tag = 44, doc = "stop price" }]"#;
        assert_refused(tags, "tag 44 is there twice");
        let types = r#"type = [{ name = "Price", kind = "text", length = 8, doc = "a price" }]"#;
        assert_refused(types, "type Price is there twice");
        let codes = r#"
            [[enum]]
            name = "Side"
            encoding = "char"
            doc = "buy or sell"
            values = [{ name = "Buy", code = "1", doc = "buys" }, { name = "Sell", code = "1", doc = "sells" }]
        "#;
        assert_refused(codes, "enum Side: code 1 is there twice");
        let member = r#"
            [[message]]
            name = "Order"
            from = "client"
            fix = "D"
            doc = "an order"
            fields = [{ name = "Price", only = "fix" }, { name = "Price" }]
        "#;
        assert_refused(member, "message Order: field Price is there twice");
    }

    #[test]
    fn a_code_that_its_encoding_cannot_hold() {
        let coded = |encoding: &str, code: &str| {
            format!(
                r#"enum = [{{ name = "Side", encoding = "{encoding}", doc = "a side", values = [{{ name = "Buy", code = "{code}", doc = "buys" }}] }}]"#
            )
        };
        assert_refused(&coded("char", "10"), "enum Side: code 10 of Buy is no char");
        assert_refused(&coded("uint8", "256"), "enum Side: code 256 of Buy is no uint8");
        assert_refused(&coded("int3", "1"), "enum Side: int3 is no encoding");
        assert!(read(&coded("uint16", "256")).is_ok());
    }

    #[test]
    fn a_condition_that_is_not_told_or_told_of_nothing() {
        let member = |said: &str| {
            format!(
                r#"message = [{{ name = "Order", from = "client", fix = "D", doc = "an order", fields = [{{ name = "Price"{said} }}] }}]"#
            )
        };
        assert_refused(&member(r#", presence = "conditional""#), "message Order: Price: `when` goes with");
        assert_refused(&member(r#", when = "a limit order""#), "message Order: Price: `when` goes with");
        assert!(read(&member(r#", presence = "conditional", when = "a limit order""#)).is_ok());
    }

    #[test]
    fn what_no_protocol_has() {
        let field = r#"field = [{ name = "Colour", doc = "a colour" }]"#;
        assert_refused(field, "no protocol can carry field Colour");
        let message = r#"message = [{ name = "Order", from = "client", doc = "an order" }]"#;
        assert_refused(message, "message Order: no protocol has it");
    }

    #[test]
    fn a_word_that_the_model_does_not_know_is_told_with_its_file() {
        assert_refused(r#"field = [{ name = "StopPx", tag = 99, dok = "stop price" }]"#, "more.toml");
        assert_refused(r#"field = [{ name = "StopPx", tag = 99, dok = "stop price" }]"#, "dok");
    }
}

mod against_the_standard {
    use super::*;

    #[test]
    fn another_name_for_a_tag() {
        assert_contradiction(
            |model| field(model, "Account").name = "Acount".to_owned(),
            "tag 1 is Acount in the model and Account in FIX 5.0 SP2",
        );
        assert_contradiction(
            |model| field(model, "PegOffsetValue").aliases.clear(),
            "tag 211 is PegOffsetValue in the model and PegDifference in FIX 4.2",
        );
        assert_contradiction(
            |model| field(model, "Symbol").tag = Some(65),
            "tag 65 is Symbol in the model and SymbolSfx in FIX 5.0 SP2",
        );
        assert_contradiction(
            |model| field(model, "Symbol").aliases.push("Ticker".to_owned()),
            r#"no version calls Symbol (55) by its alias {"Ticker"}"#,
        );
    }

    #[test]
    fn another_tag_for_a_name() {
        assert_contradiction(
            |model| field(model, "Symbol").tag = Some(9774),
            "Symbol is not tag 9774 in the standard",
        );
    }

    #[test]
    fn a_type_that_cannot_hold_what_the_standard_has() {
        assert_contradiction(
            |model| field(model, "Symbol").type_name = Some("Price".to_owned()),
            "Symbol (55) is STRING in FIX 5.0 SP2: the model's Price is a decimal",
        );
        assert_contradiction(
            |model| field(model, "Account").fix = Some("INT".to_owned()),
            "Account (1) is STRING in FIX 5.0 SP2: the model need not say its type",
        );
        assert_contradiction(
            |model| field(model, "MMProtectionReset").fix = None,
            "no version of FIX has MMProtectionReset (9773), so the model must say its type",
        );
    }

    #[test]
    fn a_message_without_a_field_that_the_standard_requires() {
        assert_contradiction(
            |model| member_away(model, "D", "HandlInst"),
            "FIX 4.2, message NewOrder: the standard requires HandlInst (21), which the model's message does not have",
        );
        assert_contradiction(
            |model| member_away(model, "D", "Side"),
            "the standard requires Side (54), which the model's message does not have",
        );
        assert_contradiction(
            |model| {
                let quotes = message(model, "i").group.as_mut().expect("its entries");
                let sets = quotes.within.as_mut().expect("in sets");
                sets.fields.retain(|member| member.name != "UnderlyingSymbol");
            },
            "FIX 4.2, message MassQuote: group NoQuoteSets: the standard requires UnderlyingSymbol (311)",
        );
    }

    #[test]
    fn a_message_that_no_version_has() {
        assert_contradiction(
            |model| message(model, "D").fix = Some("ZZ".to_owned()),
            "no version of FIX has messages of type ZZ",
        );
    }

    #[test]
    fn a_reject_that_says_what_fix_is_not_told_of() {
        assert_contradiction(
            |model| model.rejects[1].ord_rej_reason = 77,
            "reject UnknownInstrument is 77 in OrdRejReason, which is none of its values",
        );
    }

    #[test]
    fn a_reject_that_is_none_on_the_web() {
        assert_contradiction(
            |model| model.rejects[1].http_status = 200,
            "reject UnknownInstrument is no refusal on the web",
        );
        assert_contradiction(
            |model| model.rejects.swap(1, 2),
            "UnsupportedOrder stands before UnknownInstrument",
        );
    }

    /// That the model may say of a field whether it must be there is what dictionaries of ours are for.
    #[test]
    fn whether_a_field_must_be_there_is_the_models_word() {
        let mut sources = sources();
        let order = message(&mut sources.model, "D");
        let side = order.fields.iter_mut().find(|member| member.name == "Side").expect("an order has a side");
        side.presence = Presence::Optional;
        sources.artefacts().expect("it makes sense");
    }

    fn field<'a>(model: &'a mut Model, name: &str) -> &'a mut schema::model::Field {
        model.fields.iter_mut().find(|field| field.name == name).expect("the field is there")
    }

    fn message<'a>(model: &'a mut Model, msg_type: &str) -> &'a mut schema::model::Message {
        let of_type = |message: &&mut schema::model::Message| message.fix.as_deref() == Some(msg_type);
        model.messages.iter_mut().find(of_type).expect("the message is there")
    }

    fn member_away(model: &mut Model, msg_type: &str, name: &str) {
        message(model, msg_type).fields.retain(|member| member.name != name);
    }
}
