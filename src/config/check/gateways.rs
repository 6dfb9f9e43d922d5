//! Gateways: the first of each protocol, which `[fix]` and `[binary]` describe, and the entries of `[[gateway]]` behind them.

use std::{cell::RefCell, net::SocketAddr};

use wire::limits::GATEWAYS_MAX;

use super::{
    super::{
        Binary, Fix, Gateway, Speaks,
        problem::Problem,
        read::{Fault, Problems, Section, choice, fault, string},
        tree::{At, Node, Table, some},
    },
    Names, address, list, or_nothing, place,
};

/// Gateways that stand in `[fix]` and `[binary]`.
const FIRST: [&str; 2] = ["fix", "binary"];
/// Bytes of a name: it is part of those of files.
const NAME_BYTES: usize = 24;

/// Addresses that gateways listen on, and where they stand.
pub(super) type Doors = Vec<(SocketAddr, At)>;

/// All gateways, and their doors.
pub(super) fn gateways(
    root: &Table,
    fix: &Fix,
    binary: &Binary,
    problems: &Problems,
) -> Option<(Vec<Gateway>, Doors)> {
    let doors = RefCell::new(Vec::new());
    let door = |table: &str, key: &str, address: Option<SocketAddr>| {
        doors.borrow_mut().extend(address.map(|address| (address, place(root, table, key))));
    };
    door("fix", "listen", Some(fix.acceptor.listen));
    door("fix", "tls_listen", fix.tls_listen);
    door("binary", "listen", Some(binary.acceptor.listen));
    let first = |place: usize, speaks, listen, tls_listen| Gateway {
        name: FIRST[place].to_owned(),
        speaks,
        listen,
        tls_listen,
    };
    let mut all = vec![
        first(0, Speaks::Fix, fix.acceptor.listen, fix.tls_listen),
        first(1, Speaks::Binary, binary.acceptor.listen, None),
    ];
    let mut names = Names::default();
    if root.contains_key("gateway") {
        let room = GATEWAYS_MAX - u32::try_from(FIRST.len()).unwrap_or_default();
        all.extend(list(root, "gateway", room, problems, |entry, place| {
            gateway(entry, place, &mut names, &mut doors.borrow_mut())
        })?);
    }
    let doors = doors.into_inner();
    for (number, (address, at)) in doors.iter().enumerate() {
        if address.port() != 0 && doors[..number].iter().any(|(other, _)| other == address) {
            let problem =
                Problem::new(at.clone(), "the second one", format!("two gateways listen on {address}"));
            problems.borrow_mut().push(problem.help("give each a port of its own"));
        }
    }
    Some((all, doors))
}

/// An entry of `[[gateway]]`.
fn gateway(entry: &mut Section<'_>, place: u32, names: &mut Names, doors: &mut Doors) -> Option<Gateway> {
    let name = entry.required("name", "\"fix-2\"", name).and_then(|read| names.take(entry, read, place));
    let speaks = entry.optional("protocol", choice(&[("fix", Speaks::Fix), ("binary", Speaks::Binary)]));
    let listen = entry.required("listen", "\"127.0.0.1:9978\"", address);
    let tls_listen = entry.optional("tls_listen", or_nothing(address));
    let speaks = speaks?.map_or(Speaks::Fix, |read| read.value);
    let tls_listen = tls_listen?.and_then(|read| Some((read.value?, read.at)));
    if let Some((_, at)) = &tls_listen
        && speaks == Speaks::Binary
    {
        let message = "gateway.tls_listen: TLS is for clients of FIX".to_owned();
        entry.fault(at, "of a binary gateway", message, "take it out");
        return None;
    }
    let listen = listen?;
    doors.push((listen.value, listen.at));
    doors.extend(tls_listen.clone());
    Some(Gateway {
        name: name?,
        speaks,
        listen: listen.value,
        tls_listen: tls_listen.map(|(address, _)| address),
    })
}

/// A gateway's name, which becomes part of files' names.
fn name(node: &Node) -> Result<String, Fault> {
    let name = string(node)?;
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !plain || !(1..=NAME_BYTES).contains(&name.len()) {
        return fault(
            "not such a name",
            format!("is a name of 1 to {NAME_BYTES} letters, digits, `-` and `_`"),
            "write it like this: \"fix-2\"",
        );
    }
    if FIRST.contains(&name) {
        return fault(
            "taken",
            format!("`{name}` is the gateway that [{name}] describes"),
            "give this one another name",
        );
    }
    Ok(name.to_owned())
}

/// The gateway that a session which speaks like this belongs to: the one that it names, or the first of its protocol.
pub(super) fn of_session(
    entry: &mut Section<'_>,
    speaks: Speaks,
    gateways: Option<&[Gateway]>,
) -> Option<u32> {
    let named = entry.optional("gateway", or_nothing(|node: &Node| string(node).map(str::to_owned)))?;
    let gateways = gateways?;
    let find = |is: &dyn Fn(&Gateway) -> bool| {
        gateways.iter().position(is).and_then(|place| u32::try_from(place).ok())
    };
    let Some((name, at)) = named.and_then(|read| Some((read.value?, read.at))) else {
        return find(&|gateway| gateway.speaks == speaks);
    };
    let found = find(&|gateway| gateway.name == name && gateway.speaks == speaks);
    if found.is_none() {
        let names: Vec<String> = gateways
            .iter()
            .filter(|gateway| gateway.speaks == speaks)
            .map(|gateway| gateway.name.clone())
            .collect();
        let message = format!("there is no gateway `{name}` of the session's protocol");
        entry.fault(&at, "no such gateway", message, format!("there are: {}", some(&names)));
    }
    found
}
