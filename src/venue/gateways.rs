//! The gateways of a process, from their places in the configuration to agents.

use std::{io, net::SocketAddr, path::Path, sync::Arc};

use gateway::{
    binary,
    board::Board,
    control::control,
    worker::{self, Drain, StartError},
};
use shm::{Agent, Bell, Directory};
use tuning::plan::Idle;

use super::parts::{binary_config, gateway_config};
use crate::{
    admin::gateway::Desk,
    config::{Config, Speaks},
};

/// The numbers of the gateways that a venue of `config` runs: their places in [`Config::gateways`]. One of the binary protocol
/// without sessions is not run.
#[must_use]
pub fn numbers(config: &Config) -> Vec<u32> {
    let all = (0..).zip(&config.gateways);
    let has_sessions = |number: u32| config.sessions.iter().any(|session| session.gateway == number);
    all.filter(|&(number, gateway)| gateway.speaks == Speaks::Fix || has_sessions(number))
        .map(|(number, _)| number)
        .collect()
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
    worker: Worker,
    desk: Desk,
}

/// The agent of a gateway, by what it speaks.
enum Worker {
    Fix { worker: Box<worker::Worker>, has_tls: bool },
    Binary(Box<binary::Worker>),
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
        let (control, questions) = control();
        let drain = Drain::default();
        let gateway = &config.gateways[number as usize];
        let (rings, ringer) = (rings.clone(), bell.ringer());
        let worker = match gateway.speaks {
            Speaks::Fix => {
                let terms = gateway_config(config, number, data, idle)?;
                let worker = worker::Worker::listen(&terms, rings, bell.clone(), drain.clone(), questions)?;
                Worker::Fix { worker: Box::new(worker), has_tls: terms.tls.is_some() }
            }
            Speaks::Binary => {
                let terms = binary_config(config, number, data, idle);
                let worker = binary::Worker::listen(&terms, rings, bell.clone(), drain.clone(), questions)?;
                Worker::Binary(Box::new(worker))
            }
        };
        let desk = Desk { control, worker: ringer, drain };
        Ok(Gateway { name: gateway.name.clone(), number, worker, desk })
    }

    /// Joins the matcher's rings; `false` while there is no matcher.
    ///
    /// # Errors
    /// [`StartError::Rings`] if the rings are there and cannot be used.
    pub(super) fn attach(&mut self) -> Result<bool, StartError> {
        match &mut self.worker {
            Worker::Fix { worker, .. } => worker.attach(),
            Worker::Binary(worker) => worker.attach(),
        }
    }

    /// Where its figures can be read while it runs.
    pub(super) fn board(&self) -> Arc<Board> {
        match &self.worker {
            Worker::Fix { worker, .. } => worker.board(),
            Worker::Binary(worker) => worker.board(),
        }
    }

    /// Where its clients connect.
    ///
    /// # Errors
    /// If the kernel does not tell.
    pub(super) fn listeners(&self) -> io::Result<Vec<Listener>> {
        let listener = |name: String, address| Listener { name, gateway: self.number, address };
        match &self.worker {
            Worker::Fix { worker, has_tls: false } => {
                Ok(vec![listener(self.name.clone(), worker.local_addr()?)])
            }
            Worker::Fix { worker, has_tls: true } => Ok(vec![
                listener(self.name.clone(), worker.local_addr()?),
                listener(format!("{}-tls", self.name), worker.tls_addr()?),
            ]),
            Worker::Binary(worker) => Ok(vec![listener(self.name.clone(), worker.local_addr()?)]),
        }
    }

    /// Its agent by its number, and what operators have of it.
    pub(super) fn split(self) -> ((u32, Box<dyn Agent + Send>), Desk) {
        let agent: Box<dyn Agent + Send> = match self.worker {
            Worker::Fix { worker, .. } => worker,
            Worker::Binary(worker) => worker,
        };
        ((self.number, agent), self.desk)
    }
}
