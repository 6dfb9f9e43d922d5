//! The gateways of a process, from their places in the configuration to agents.

use std::{io, net::SocketAddr, path::Path, sync::Arc};

use gateway::{
    control::control,
    worker::{Drain, Worker},
};
use shm::{Agent, Bell, Directory};
use tuning::plan::Idle;

use super::parts::gateway_config;
use crate::{
    admin::gateway::Desk,
    config::{Config, Speaks},
};

/// The numbers of the gateways that a venue of `config` runs: their places in [`Config::gateways`].
#[must_use]
pub fn numbers(config: &Config) -> Vec<u32> {
    let all = (0..).zip(&config.gateways);
    all.filter(|(_, gateway)| gateway.speaks == Speaks::Fix).map(|(number, _)| number).collect()
}

/// The numbers of the gateways of these names, or of all if none is named.
///
/// # Errors
/// A sentence for a name that no gateway has.
pub fn named(config: &Config, names: &[String]) -> Result<Vec<u32>, String> {
    let all = numbers(config);
    let name_of = |number: u32| config.gateways[number as usize].name.as_str();
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|&number| name_of(number) != **name)) {
        let there: Vec<_> = all.iter().map(|&number| name_of(number)).collect();
        return Err(format!("there is no gateway `{unknown}`; the configuration has: {}", there.join(", ")));
    }
    let is_named = |number: &u32| names.is_empty() || names.iter().any(|name| name == name_of(*number));
    Ok(all.into_iter().filter(is_named).collect())
}

/// Where clients of a gateway connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The gateway's name, with `-tls` behind it for those who speak TLS.
    pub name: String,
    /// The gateway's number.
    pub gateway: u32,
    /// The address.
    pub address: SocketAddr,
}

/// A gateway that listens and does not run yet.
pub(super) struct Gateway {
    name: String,
    number: u32,
    has_tls: bool,
    pub(super) worker: Worker,
    desk: Desk,
}

impl Gateway {
    /// Listens as the gateway `number` of `config`, whose thread idles like this and has this bell.
    ///
    /// # Errors
    /// A sentence with cause and remedy: what is wrong with ports, stores or certificates.
    pub(super) fn listen(
        config: &Config,
        number: u32,
        data: &Path,
        rings: &Directory,
        idle: Idle,
        bell: &Arc<Bell>,
    ) -> anyhow::Result<Gateway> {
        let terms = gateway_config(config, number, data, idle)?;
        let (control, questions) = control();
        let drain = Drain::default();
        let worker = Worker::listen(&terms, rings.clone(), bell.clone(), drain.clone(), questions)?;
        Ok(Gateway {
            name: config.gateways[number as usize].name.clone(),
            number,
            has_tls: terms.tls.is_some(),
            worker,
            desk: Desk { control, worker: bell.ringer(), drain },
        })
    }

    /// Where its clients connect.
    ///
    /// # Errors
    /// If the kernel does not tell.
    pub(super) fn listeners(&self) -> io::Result<Vec<Listener>> {
        let listener = |name: String, address| Listener { name, gateway: self.number, address };
        let mut listeners = vec![listener(self.name.clone(), self.worker.local_addr()?)];
        if self.has_tls {
            listeners.push(listener(format!("{}-tls", self.name), self.worker.tls_addr()?));
        }
        Ok(listeners)
    }

    /// Its agent by its number, and what operators have of it.
    pub(super) fn split(self) -> ((u32, Box<dyn Agent + Send>), Desk) {
        ((self.number, Box::new(self.worker)), self.desk)
    }
}
