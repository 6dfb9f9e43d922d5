//! The versions of FIX that the venue speaks, one to a session.

/// A version of FIX: a session layer and the application messages that go over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
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
    /// All of them, oldest first.
    pub const ALL: [Version; 3] = [Version::Fix42, Version::Fix44, Version::Fix50Sp2];

    /// BeginString (8) of its messages.
    #[must_use]
    pub const fn begin_string(self) -> &'static str {
        match self {
            Version::Fix42 => "FIX.4.2",
            Version::Fix44 => "FIX.4.4",
            Version::Fix50Sp2 => "FIXT.1.1",
        }
    }

    /// Its name in configurations: FIX's, of the application messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Version::Fix42 => "FIX.4.2",
            Version::Fix44 => "FIX.4.4",
            Version::Fix50Sp2 => "FIX.5.0SP2",
        }
    }

    /// The version whose messages begin with this.
    #[must_use]
    pub fn from_begin_string(begin_string: &[u8]) -> Option<Version> {
        Version::ALL.into_iter().find(|version| version.begin_string().as_bytes() == begin_string)
    }

    /// What Logon says in DefaultApplVerID (1137): ApplVerID (1128) `9` is FIX 5.0 SP2. Versions before FIXT 1.1 do
    /// not have the field.
    #[must_use]
    pub const fn default_appl_ver_id(self) -> Option<&'static str> {
        match self {
            Version::Fix42 | Version::Fix44 => None,
            Version::Fix50Sp2 => Some("9"),
        }
    }
}
