//! What a venue's process tells of itself: metrics for Prometheus, and whether it lives and is ready.
//!
//! * [`table`]: every metric there is, with its meaning and where it is read; docs/metrics.md is made of it;
//! * [`health`]: `/livez` and `/readyz`;
//! * [`server`]: the listener, a thread of its own that nothing waits for.
//!
//! Workers and matchers count in memory that others may read ([`shm::Count`]); nothing here is asked of them.

pub mod health;
pub mod server;
pub mod table;

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use gateway::board;
use matcher::journal::{keeper::Retention, recorder::Progress};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, NoLabelSet},
    metrics::MetricType,
};
use serde::{Deserialize, Serialize};
use shm::{Directory, Distribution, Meter};

use self::table::Kind;
pub use self::{health::Health, server::Served};

/// What there is to be read in this process.
pub struct Sources {
    /// The boards of its gateways' workers.
    pub workers: Vec<Arc<board::Board>>,
    /// Those of its matchers, with their shards.
    pub matchers: Vec<(u8, Arc<matcher::Board>)>,
    /// How far their journals are, with their shards, where there are any.
    pub journals: Vec<(u8, Arc<Progress>)>,
    /// What becomes of their full segments, likewise.
    pub retentions: Vec<(u8, Arc<Retention>)>,
    /// Where the venue's rings are.
    pub rings: Directory,
    /// The loops of its threads, once they run.
    pub threads: OnceLock<Vec<(String, Arc<Meter>)>>,
    /// What the listener itself counts.
    pub served: Served,
    /// When the process began, nanoseconds since 1970.
    pub since: u64,
}

/// A metric's value for one set of labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A count, or how much there is of something.
    Number(f64),
    /// How long things took.
    Times {
        /// How often, by bucket of [`shm::Histogram`].
        buckets: Vec<u64>,
        /// Nanoseconds in all.
        sum: u64,
    },
}

/// A metric with one set of labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The metric's name, as in [`table`].
    pub name: String,
    /// Names and values of its labels.
    pub labels: Vec<(String, String)>,
    /// What it is.
    pub value: Value,
}

/// A metric and what it is now, for each set of labels.
pub struct Family {
    /// Its name, without the suffix of counters.
    pub name: &'static str,
    /// What it is about.
    pub help: &'static str,
    /// What kind of number it is.
    pub kind: Kind,
    /// Its values.
    pub values: Vec<(Vec<(String, String)>, Value)>,
}

impl Sources {
    /// Every metric of this process as it is now.
    #[must_use]
    pub fn read(&self) -> Vec<Family> {
        table::read(self, true)
    }

    /// The same without those of single sessions, for who asks for these otherwise.
    #[must_use]
    pub fn samples(&self) -> Vec<Sample> {
        let families = table::read(self, false).into_iter();
        let samples = families.flat_map(|family| {
            family.values.into_iter().map(move |(labels, value)| Sample {
                name: family.name.into(),
                labels,
                value,
            })
        });
        samples.collect()
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}

/// [`Sources`] in the text format of OpenMetrics.
#[derive(Debug)]
struct Exposition(Arc<Sources>);

impl Collector for Exposition {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        for family in self.0.read() {
            let kind = match family.kind {
                Kind::Counter => MetricType::Counter,
                Kind::Gauge => MetricType::Gauge,
                Kind::Histogram => MetricType::Histogram,
            };
            let mut of_all = encoder.encode_descriptor(family.name, family.help, None, kind)?;
            for (labels, value) in &family.values {
                // A family of one value without labels has no braces.
                let mut metric = of_all.encode_family(labels)?;
                match (family.kind, value) {
                    (Kind::Counter, Value::Number(number)) => {
                        metric.encode_counter::<NoLabelSet, f64, f64>(number, None)?;
                    }
                    (_, Value::Number(number)) => metric.encode_gauge(number)?,
                    (_, Value::Times { buckets, sum }) => {
                        let (seconds, count, buckets) = in_seconds(buckets, *sum);
                        metric.encode_histogram::<NoLabelSet>(seconds, count, &buckets, None)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Sum, count, and how many lie in each bucket that ends at a power of two of nanoseconds.
fn in_seconds(buckets: &[u64], sum: u64) -> (f64, u64, Vec<(f64, u64)>) {
    let read = Distribution { buckets: buckets.to_vec(), sum };
    let mut before = 0;
    let mut ends: Vec<_> = read
        .powers()
        .map(|(end, up_to)| (seconds(end), up_to - std::mem::replace(&mut before, up_to)))
        .collect();
    ends.push((f64::INFINITY, read.count() - before));
    (seconds(sum), read.count(), ends)
}

#[expect(clippy::cast_precision_loss, reason = "beyond 2^53 ns, 104 days, what is lost does not matter")]
fn seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}
