//! One look at a venue: what all of its processes say.

use std::{collections::BTreeMap, fs, io, path::Path, time::Duration};

use shm::Distribution;

use crate::{
    admin::{
        self, GATEWAY_SOCKETS, client,
        session::{self, Request, Session, View},
    },
    metrics::{Sample, Value},
};

/// How long a process may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

type Labels = Vec<(String, String)>;

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// When, nanoseconds since 1970.
    pub(super) at: u64,
    /// The sessions of all gateways.
    pub(super) sessions: Vec<View>,
    /// What could not be had, a sentence each.
    pub(super) faults: Vec<String>,
    /// By name. Of rings, which every process of a venue sees, one telling is kept.
    figures: BTreeMap<String, BTreeMap<Labels, Value>>,
}

impl Look {
    /// Asks the processes of the data directory `data`.
    pub(super) fn at(data: &Path) -> anyhow::Result<Look> {
        let mut look = Look { at: tuning::clock::now(), ..Look::default() };
        let mut names: Vec<String> = fs::read_dir(data)
            .map_err(|error| client::nobody(data, "penstock", &error))?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| {
                admin::shard_of(name).is_some()
                    || (name.starts_with(GATEWAY_SOCKETS) && name.ends_with(".sock"))
            })
            .collect();
        names.sort_unstable();
        let mut answered = 0;
        for name in &names {
            let stream = match client::connect(data, name) {
                Ok(stream) => stream,
                // What a process that was killed left.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => continue,
                Err(error) => return Err(client::nobody(data, "penstock", &error)),
            };
            match client::exchange::<Vec<Sample>>(stream, &"figures", PATIENCE) {
                Ok(samples) => {
                    answered += 1;
                    look.add(samples);
                }
                Err(error) => look.faults.push(format!("{name} does not answer: {error:#}")),
            }
        }
        if answered == 0 && look.faults.is_empty() {
            return Err(client::nobody(data, "penstock", &"no process of it is there"));
        }
        // A matcher that is alone has no sessions.
        if let Ok(response) = session::ask(data, &Request::Session(Session::List)) {
            look.sessions = response.sessions;
        }
        Ok(look)
    }

    fn add(&mut self, samples: Vec<Sample>) {
        for Sample { name, labels, value } in samples {
            self.figures.entry(name).or_default().insert(labels, value);
        }
    }

    /// All values of `name`, by their labels.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = (&Labels, &Value)> {
        self.figures.get(name).into_iter().flatten()
    }

    /// The sum of `name` over all labels.
    pub(super) fn sum(&self, name: &str) -> f64 {
        self.all(name).map(|(_, value)| number(value)).sum()
    }

    /// The value of `name` with exactly these labels; 0 if there is none.
    pub(super) fn of(&self, name: &str, labels: &Labels) -> f64 {
        self.figures.get(name).and_then(|all| all.get(labels)).map_or(0.0, number)
    }

    /// Whether `name` has a value with these labels.
    pub(super) fn has(&self, name: &str, labels: &Labels) -> bool {
        self.figures.get(name).is_some_and(|all| all.contains_key(labels))
    }

    /// The distribution of `name` with exactly these labels.
    pub(super) fn times(&self, name: &str, labels: &Labels) -> Distribution {
        match self.figures.get(name).and_then(|all| all.get(labels)) {
            Some(Value::Times { buckets, sum }) => Distribution { buckets: buckets.clone(), sum: *sum },
            _ => Distribution::default(),
        }
    }

    /// Seconds since `former`.
    #[expect(clippy::cast_precision_loss, reason = "a span of some seconds")]
    pub(super) fn seconds_since(&self, former: &Look) -> f64 {
        (self.at.saturating_sub(former.at) as f64 / 1e9).max(1e-3)
    }

    /// A look that was made up.
    #[cfg(test)]
    pub(super) fn made(at: u64, samples: Vec<Sample>, sessions: Vec<View>) -> Look {
        let mut look = Look { at, sessions, ..Look::default() };
        look.add(samples);
        look
    }
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Number(number) => *number,
        Value::Times { .. } => 0.0,
    }
}
