//! What numbers stand for: instruments, assets, accounts and sessions, told to a client that asks.

use wire::{
    command::{Name, padded},
    event::{self, Definition},
    instrument::Instrument,
    sbe::{
        self,
        codes::{Boolean, DefinitionKinds},
        messages::{AccountDefinition, AssetDefinition, DefinitionsEnd, SessionDefinition},
    },
    traffic::Class,
    types::{AccountId, Nanos},
};

use super::members::{Member, Role};
use crate::{
    config::{Asset, Binary},
    definitions::{instrument_of, put},
};

/// All that there is.
pub(super) struct Catalogue {
    pub(super) instruments: Vec<Instrument>,
    /// Of each instrument, as the matcher told of it last.
    told: Vec<Definition>,
    /// Name of each account, and whether it has credit.
    accounts: Vec<(Name, bool)>,
    pub(super) assets: Vec<Asset>,
    sessions: Vec<String>,
}

/// Where the answer to a client's request is.
#[derive(Debug, Default)]
pub(super) struct Telling {
    /// The request's kinds; 0: there is none.
    kinds: u8,
    /// The kind whose turn it is, and the next one of it.
    kind: u8,
    at: usize,
}

impl Telling {
    pub(super) const fn is_under_way(&self) -> bool {
        self.kinds != 0
    }

    /// Begins with `kinds`, and anew with those that are under way.
    pub(super) const fn begin(&mut self, kinds: DefinitionKinds) {
        *self = Telling { kinds: self.kinds | kinds.0, kind: 1, at: 0 };
    }
}

impl Catalogue {
    pub(super) fn new(config: &Binary) -> Catalogue {
        Catalogue {
            instruments: config.instruments.clone(),
            told: Vec::new(),
            accounts: Vec::new(),
            assets: config.assets.clone(),
            sessions: config.names.clone(),
        }
    }

    /// Takes in what the matcher tells of an instrument or account.
    pub(super) fn learn(&mut self, definition: &Definition) {
        if definition.kind == event::Kind::Account {
            put(&mut self.accounts, definition.account.0, (definition.name, definition.credit != 0));
        } else if let Some(instrument) = instrument_of(definition, &self.assets) {
            put(&mut self.told, instrument.id.0, *definition);
            put(&mut self.instruments, instrument.id.0, instrument);
        }
    }

    /// Answers what `member` has asked for, as far as is good at once: until `full` bytes wait. Whether that was anything.
    pub(super) fn tell(&self, now: Nanos, member: &mut Member, output: &mut Vec<u8>, full: usize) -> bool {
        let Telling { kinds, mut kind, mut at } = member.telling;
        if kinds == 0 {
            return false;
        }
        while output.len() < full {
            if kind > DefinitionKinds::KNOWN {
                let end = DefinitionsEnd { definition_kinds: DefinitionKinds(kinds), padding1: [0; 7] };
                member.say(now, Class::Answer, &end, output);
                member.telling = Telling::default();
                return true;
            }
            let there_is = kinds & kind != 0 && self.say(now, kind, at, member, output);
            (kind, at) = if there_is { (kind, at + 1) } else { (kind << 1, 0) };
        }
        member.telling = Telling { kinds, kind, at };
        true
    }

    /// Tells of the `at`th of a kind, should that be for the member; whether there was one.
    fn say(&self, now: Nanos, kind: u8, at: usize, member: &mut Member, output: &mut Vec<u8>) -> bool {
        match kind {
            DefinitionKinds::INSTRUMENTS => {
                let Some(told) = self.told.get(at) else { return false };
                self.say_instrument(now, told, member, output);
            }
            DefinitionKinds::ASSETS => {
                let Some(asset) = self.assets.get(at) else { return false };
                let definition = AssetDefinition {
                    asset_name: padded(&asset.name).unwrap_or_default().into(),
                    asset_id: number(at).into(),
                    asset_scale: u16::from(asset.scale).into(),
                    padding1: [0; 2],
                };
                member.say(now, Class::Answer, &definition, output);
            }
            DefinitionKinds::ACCOUNTS => {
                let Some(&(name, credit)) = self.accounts.get(at) else { return false };
                if member.sees(AccountId(number(at))) {
                    let definition = AccountDefinition {
                        seq_num: 0.into(),
                        account_name: name.into(),
                        account_id: number(at).into(),
                        session_id: None.into(),
                        credit: Boolean::from(u8::from(credit)),
                        entitled: Boolean::No,
                        padding1: [0; 6],
                    };
                    member.say(now, Class::Answer, &definition, output);
                }
            }
            _ => {
                let Some(name) = self.sessions.get(at) else { return false };
                if matches!(member.role, Role::Copies { .. }) {
                    let definition = SessionDefinition {
                        session_name: padded(name).unwrap_or_default().into(),
                        session_id: number(at).into(),
                        padding1: [0; 4],
                    };
                    member.say(now, Class::Answer, &definition, output);
                }
            }
        }
        true
    }

    /// Tells of an instrument or account what `definition` says, if the protocol can.
    pub(super) fn say_instrument(
        &self,
        now: Nanos,
        definition: &Definition,
        member: &mut Member,
        output: &mut Vec<u8>,
    ) {
        member.say_with(now, Class::Answer, output, |buffer| {
            let have = buffer.len();
            // One that cannot be said cannot be traded by this protocol either, which docs/binary.md tells.
            sbe::encode_definition(definition, buffer).map_err(|_| sbe::NoRoom { need: 0, have })
        });
    }
}

/// A place in a list whose bound is far below 2^32.
fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
