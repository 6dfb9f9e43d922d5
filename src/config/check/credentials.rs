//! `[[session]]`: what its client must show, and where it may be.

use std::{env, fs, net::IpAddr, os::unix::fs::PermissionsExt, path::Path};

use gateway::{
    auth::{self, Credentials, Ed25519Key, HmacSecret, PasswordHash},
    config::Secret,
    transport::tls::Fingerprint,
};
use ipnet::IpNet;
use wire::{
    limits::{PASSWORD_BYTES_MAX, USERNAME_BYTES_MAX},
    soup::packet::PASSWORD_BYTES,
};

use super::{
    super::{
        Password,
        read::{Fault, Section, boolean, fault, string},
        tree::{Node, Value},
    },
    absolute, or_nothing,
};

/// What a session logs on with.
pub(super) struct Shown {
    /// Its password, where it stands there as it is.
    pub(super) plain: Option<Password>,
    /// Everything.
    pub(super) all: Credentials,
}

/// What a session logs on with, which is `binary` or of FIX. That it needs nothing has to be said: a key that was forgotten
/// opens no door.
pub(super) fn credentials(entry: &mut Section<'_>, binary: bool) -> Option<Shown> {
    let none = entry.optional("no_credentials", boolean);
    let username = entry.optional("username", or_nothing(username));
    let hash = entry.optional("password_hash", or_nothing(password_hash));
    let ed25519 = entry.optional("ed25519_key", or_nothing(ed25519_key));
    let file = entry.optional("hmac_secret_file", or_nothing(|node| secret_in_file(&absolute(node)?)));
    let variable = entry.optional("hmac_secret_env", or_nothing(secret_in_environment));
    let certificate = entry.optional("certificate_sha256", or_nothing(fingerprint));
    let none = none?.filter(|read| read.value);
    let (hash, certificate) = (hash?.and_then(|read| read.value), certificate?.and_then(|read| read.value));
    let (file, variable) = (file?, variable?.filter(|read| read.value.is_some()));
    let ed25519 = ed25519?.and_then(|read| read.value);
    let file = file.and_then(|read| read.value);
    if let Some(variable) = variable.as_ref().filter(|_| file.is_some()) {
        let message = "session.hmac_secret_env: the session has a hmac_secret_file".to_owned();
        entry.fault(&variable.at, "and a file", message, "take one of the two out");
        return None;
    }
    let hmac = file.or_else(|| variable.and_then(|read| read.value));
    let all = Credentials {
        username: username?.and_then(|read| read.value),
        password: hash.map(auth::Password::Hash),
        ed25519,
        hmac,
        certificate,
    };
    let bytes_max = if binary { PASSWORD_BYTES } else { PASSWORD_BYTES_MAX };
    let password = |node: &Node| password(node, bytes_max);
    let plain = if none.is_some() || all.ask_for_something() {
        entry.optional("password", password)?
    } else {
        Some(entry.required("password", "\"a secret\"", password)?)
    };
    if let Some(none) = none
        && (plain.is_some() || all.ask_for_something())
    {
        let what = if plain.is_some() { "a password" } else { "credentials" };
        let message = format!("session.no_credentials: the session has {what}");
        entry.fault(&none.at, format!("and {what}"), message, "take one of the two out");
        return None;
    }
    let Some(plain) = plain else { return Some(Shown { plain: None, all }) };
    if all.password.is_some() {
        let message = "session.password: the session has a password_hash".to_owned();
        entry.fault(&plain.at, "and a hash", message, "take the password out");
        return None;
    }
    let known = auth::Password::Plain(Secret::new(plain.value.expose()));
    Some(Shown { plain: Some(plain.value), all: Credentials { password: Some(known), ..all } })
}

/// Networks that a session's client may be in.
pub(super) fn addresses(entry: &mut Section<'_>) -> Option<Vec<IpNet>> {
    let read = entry.optional("addresses", |node| {
        let Value::Array(items) = &node.value else {
            return fault(
                "not a list",
                "is a list of addresses and networks",
                "write it like this: addresses = [\"192.0.2.7\", \"10.1.0.0/16\"]",
            );
        };
        items.iter().map(network).collect()
    })?;
    Some(read.map(|read| read.value).unwrap_or_default())
}

fn network(node: &Node) -> Result<IpNet, Fault> {
    let text = string(node)?;
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let Ok(network) = network else {
        return fault(
            "not a network",
            format!("`{text}` is neither an address nor a network"),
            "write \"192.0.2.7\", \"10.1.0.0/16\" or \"2001:db8::/32\"; names are not looked up",
        );
    };
    if network.trunc() != network {
        return fault(
            "beyond its length",
            format!("`{text}` has bits behind its prefix"),
            format!("write {}, or the address alone", network.trunc()),
        );
    }
    Ok(network)
}

fn password(node: &Node, bytes_max: usize) -> Result<Password, Fault> {
    let password = string(node)?;
    let printable = password.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    // Spaces at the end are what SoupBinTCP fills its field with.
    let padded = bytes_max == PASSWORD_BYTES && password.ends_with(' ');
    if printable && !padded && (1..=bytes_max).contains(&password.len()) {
        return Ok(Password(password.to_owned()));
    }
    let help = match bytes_max {
        PASSWORD_BYTES => "SoupBinTCP's login has no more room, and spaces behind it: choose another one",
        _ => "FIX carries it in one field: choose another one",
    };
    fault("not a password", format!("has 1 to {bytes_max} printable ASCII characters"), help)
}

fn username(node: &Node) -> Result<String, Fault> {
    let name = string(node)?;
    if name.len() <= USERNAME_BYTES_MAX && name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(name.to_owned());
    }
    fault(
        "not a username",
        format!("has 1 to {USERNAME_BYTES_MAX} printable ASCII characters without space"),
        "FIX carries it in one field: choose another one",
    )
}

fn password_hash(node: &Node) -> Result<PasswordHash, Fault> {
    const HELP: &str = "let `penstock password` make one";
    PasswordHash::parse(string(node)?).or_else(|error| fault("not a hash", error.to_string(), HELP))
}

fn ed25519_key(node: &Node) -> Result<Ed25519Key, Fault> {
    const HELP: &str =
        "write what `openssl pkey -in KEY.pem -pubout` prints, between three quotes, or its base64";
    Ed25519Key::parse(string(node)?).or_else(|error| fault("not a public key", error.to_string(), HELP))
}

fn fingerprint(node: &Node) -> Result<Fingerprint, Fault> {
    Fingerprint::parse(string(node)?).map_or_else(
        || {
            fault(
                "not a fingerprint",
                "is the SHA-256 of a certificate: 64 hexadecimal digits",
                "write what `openssl x509 -in CERT.pem -noout -fingerprint -sha256` prints behind the equals sign",
            )
        },
        Ok,
    )
}

fn secret(text: &str, whence: &str) -> Result<HmacSecret, Fault> {
    const HELP: &str = "put the base64 of at least 16 random bytes there: `openssl rand -base64 32`";
    HmacSecret::parse(text).or_else(|error| fault("no secret", format!("in {whence}: {error}"), HELP))
}

/// Others on the host must not be able to read it.
fn secret_in_file(path: &Path) -> Result<HmacSecret, Fault> {
    let whence = path.display().to_string();
    let read = fs::metadata(path).and_then(|about| Ok((about, fs::read_to_string(path)?)));
    let (about, text) = match read {
        Ok((about, text)) => (about, zeroize::Zeroizing::new(text)),
        Err(error) => return fault("not read", format!("cannot read {whence}: {error}"), "make it first"),
    };
    if about.permissions().mode() & 0o077 != 0 {
        let message = format!("{whence} may be read by others than its owner");
        return fault("open to others", message, format!("chmod 600 {whence}"));
    }
    secret(&text, &whence)
}

fn secret_in_environment(node: &Node) -> Result<HmacSecret, Fault> {
    let name = string(node)?;
    let whence = format!("the environment variable {name}");
    match env::var(name) {
        Ok(text) => secret(&zeroize::Zeroizing::new(text), &whence),
        Err(_) => {
            fault("not there", format!("there is no text in {whence}"), "set it before the venue starts")
        }
    }
}
