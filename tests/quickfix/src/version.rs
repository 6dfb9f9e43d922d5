//! The versions of FIX that the venue speaks, as QuickFIX is told of them.

use std::thread;

use penstock_tests::workspace::root;

/// A version of FIX.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// FIX 4.2.
    Fix42,
    /// FIX 4.4.
    #[default]
    Fix44,
    /// FIX 5.0 SP2 over FIXT 1.1.
    Fix50Sp2,
}

impl Version {
    /// All of them.
    pub const ALL: [Version; 3] = [Version::Fix42, Version::Fix44, Version::Fix50Sp2];

    /// Its name in the venue's configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Version::Fix42 => "FIX.4.2",
            Version::Fix44 => "FIX.4.4",
            Version::Fix50Sp2 => "FIX.5.0SP2",
        }
    }

    /// BeginString (8) of its messages.
    #[must_use]
    pub const fn begin_string(self) -> &'static str {
        match self {
            Version::Fix42 => "FIX.4.2",
            Version::Fix44 => "FIX.4.4",
            Version::Fix50Sp2 => "FIXT.1.1",
        }
    }

    /// What `this` is where a value is FIX 4.2's, and `other` where it is a later version's.
    #[must_use]
    pub fn old_or_new<T>(self, old: T, new: T) -> T {
        if self == Version::Fix42 { old } else { new }
    }

    /// QuickFIX's settings about dictionaries: those that the venue publishes.
    pub(crate) fn dictionaries(self) -> Vec<(&'static str, String)> {
        let file = |name: &str| {
            let path = root().join("wire/schema/generated").join(name);
            path.to_str().expect("a plain path").to_owned()
        };
        match self {
            Version::Fix42 => vec![("DataDictionary", file("FIX42.xml"))],
            Version::Fix44 => vec![("DataDictionary", file("FIX44.xml"))],
            Version::Fix50Sp2 => vec![
                ("DefaultApplVerID", "FIX.5.0SP2".to_owned()),
                ("TransportDataDictionary", file("FIXT11.xml")),
                ("AppDataDictionary", file("FIX50SP2.xml")),
            ],
        }
    }
}

/// Runs `test` in every version, side by side.
///
/// # Panics
/// If it does in one of them.
pub fn in_every_version(test: impl Fn(Version) + Sync) {
    thread::scope(|scope| {
        for version in Version::ALL {
            let test = &test;
            scope.spawn(move || test(version));
        }
    });
}
