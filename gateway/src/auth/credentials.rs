//! What a session must show when it logs on.

use std::fmt;

use argon2::{
    Argon2, Params,
    password_hash::{self, PasswordHasher, PasswordVerifier, Salt, SaltString},
};
use ring::rand::{SecureRandom, SystemRandom};
use wire::fix::session::Logon;

use super::signature::{Ed25519Key, HmacSecret};
use crate::{config::Secret, transport::tls::Fingerprint};

/// The most memory that a password's hash may ask for, KiB: a check must not be an attack on the venue.
const MEMORY_KIB_MAX: u32 = 256 * 1024;
/// The most passes over it.
const PASSES_MAX: u32 = 16;

/// What a session must show: everything that is set here. With nothing set, everybody may log on.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// Username (553), an API key, that its Logon must name. If there is none, a Username that is named is the CompID.
    pub username: Option<String>,
    /// Password (554).
    pub password: Option<Password>,
    /// The key that signs its Logon, as Binance has it.
    pub ed25519: Option<Ed25519Key>,
    /// The secret that signs its Logon, as Coinbase has it.
    pub hmac: Option<HmacSecret>,
    /// The certificate that its connection must have proved to be its own.
    pub certificate: Option<Fingerprint>,
}

/// A password as the venue knows it.
#[derive(Clone, Debug)]
pub enum Password {
    /// As it is.
    Plain(Secret),
    /// By its slow salted hash.
    Hash(PasswordHash),
}

/// A password's Argon2id hash in the PHC string format: salt and costs stand in it.
#[derive(Clone)]
pub struct PasswordHash(password_hash::PasswordHashString);

/// Why a text is no hash of a password that is taken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordHashError {
    /// No PHC string.
    #[error("this is not a password's hash in the PHC string format")]
    NotPhc,
    /// Another algorithm.
    #[error("this hash is not Argon2id's, version 19")]
    NotArgon2id,
    /// Costs beyond what a check may take.
    #[error("this hash asks for more than 256 MiB or more than 16 passes")]
    TooCostly,
}

impl PasswordHash {
    /// Reads `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
    ///
    /// # Errors
    /// [`PasswordHashError`].
    pub fn parse(text: &str) -> Result<PasswordHash, PasswordHashError> {
        let hash = password_hash::PasswordHashString::new(text).map_err(|_| PasswordHashError::NotPhc)?;
        let parsed = hash.password_hash();
        if parsed.algorithm != argon2::ARGON2ID_IDENT || parsed.version != Some(19) {
            return Err(PasswordHashError::NotArgon2id);
        }
        if parsed.salt.is_none() || parsed.hash.is_none() {
            return Err(PasswordHashError::NotPhc);
        }
        let params = Params::try_from(&parsed).map_err(|_| PasswordHashError::NotPhc)?;
        if params.m_cost() > MEMORY_KIB_MAX || params.t_cost() > PASSES_MAX {
            return Err(PasswordHashError::TooCostly);
        }
        Ok(PasswordHash(hash))
    }

    /// Whether it is `password`'s. Slow, whatever the answer.
    #[must_use]
    pub fn is_of(&self, password: &[u8]) -> bool {
        Argon2::default().verify_password(password, &self.0.password_hash()).is_ok()
    }

    /// What a check costs: memory times passes.
    pub(super) fn cost(&self) -> u64 {
        let params = Params::try_from(&self.0.password_hash()).unwrap_or_default();
        u64::from(params.m_cost()) * u64::from(params.t_cost())
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hash)")
    }
}

/// The hash of `password` to put into a configuration: Argon2id with the crate's costs, which are those that OWASP's
/// "Password Storage Cheat Sheet" asks for at least (19 MiB, 2 passes), and a new salt of 16 random bytes.
///
/// # Errors
/// If the system gives no random bytes, or the password is too long for Argon2 (4 GiB).
pub fn hash_password(password: &[u8]) -> Result<String, password_hash::Error> {
    let mut salt = [0; Salt::RECOMMENDED_LENGTH];
    SystemRandom::new().fill(&mut salt).map_err(|_| password_hash::Error::Crypto)?;
    let salt = SaltString::encode_b64(&salt)?;
    Ok(Argon2::default().hash_password(password, &salt)?.to_string())
}

impl Credentials {
    /// Whether there is anything that a client must know or have.
    #[must_use]
    pub const fn ask_for_something(&self) -> bool {
        self.password.is_some() || self.are_signed() || self.certificate.is_some()
    }

    /// Whether a Logon proves to be of a moment and a number, so that it must not be taken twice.
    pub(super) const fn are_signed(&self) -> bool {
        self.ed25519.is_some() || self.hmac.is_some()
    }

    /// Whether `shown` is the password, if there is one.
    pub(super) fn has_password(&self, shown: &[u8]) -> bool {
        match &self.password {
            None => true,
            Some(Password::Plain(secret)) => secret.is(shown),
            Some(Password::Hash(hash)) => hash.is_of(shown),
        }
    }

    /// Whether `logon` of `comp_id` shows all that it must. The password is looked at whatever else is wrong: how long
    /// this takes tells nothing.
    pub(super) fn shown_by(
        &self,
        logon: &Logon<'_>,
        certificate: Option<Fingerprint>,
        comp_id: &str,
    ) -> bool {
        let password = self.has_password(logon.password.unwrap_or_default());
        let username = match &self.username {
            Some(username) => logon.username == Some(username.as_bytes()),
            None => logon.username.is_none_or(|name| name == comp_id.as_bytes()),
        };
        password
            && username
            && (self.certificate.is_none() || self.certificate == certificate)
            && self.ed25519.as_ref().is_none_or(|key| key.signed(logon))
            && self.hmac.as_ref().is_none_or(|secret| secret.signed(logon))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_its_password_alone_and_never_the_same_twice() {
        let text = hash_password(b"hunter2").unwrap();
        assert!(text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
        let hash = PasswordHash::parse(&text).unwrap();
        assert!(hash.is_of(b"hunter2"));
        assert!(!hash.is_of(b"hunter3"));
        assert!(!hash.is_of(b""));
        assert_ne!(text, hash_password(b"hunter2").unwrap());
        assert!(!format!("{hash:?}").contains("argon2"));
    }

    /// The reference implementation's own test (phc-winner-argon2, test.c, version 0x13, Argon2id):
    /// `hashtest(version, 2, 16, 1, "password", "somesalt", …)` gives this hash.
    #[test]
    fn a_hash_of_the_reference_implementation_is_understood() {
        let text = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let hash = PasswordHash::parse(text).unwrap();
        assert!(hash.is_of(b"password"));
        assert!(!hash.is_of(b"Password"));
    }

    #[test]
    fn what_is_no_hash_of_ours_is_refused() {
        let refused = |text: &str| PasswordHash::parse(text).unwrap_err();
        assert_eq!(refused("hunter2"), PasswordHashError::NotPhc);
        assert_eq!(refused("$argon2id$v=19$m=65536,t=2,p=1"), PasswordHashError::NotPhc);
        let argon2i = "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA";
        assert_eq!(refused(argon2i), PasswordHashError::NotArgon2id);
        let text = "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert_eq!(refused(text), PasswordHashError::TooCostly);
    }
}
