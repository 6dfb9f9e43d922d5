//! What a metrics endpoint says, read as strictly as the OpenMetrics text format 1.0 has it.

use std::collections::BTreeMap;

/// Labels of a sample, in their order.
pub type Labels = Vec<(String, String)>;

/// A metric family.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Family {
    /// `counter`, `gauge` or `histogram`.
    pub kind: String,
    /// What it is about.
    pub help: String,
    /// Its samples, by the whole name of each.
    pub samples: Vec<(String, Labels, f64)>,
}

/// All families by their names; counters without `_total`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics(pub BTreeMap<String, Family>);

impl Metrics {
    /// Reads `text`, and insists on what the format asks for and `promtool check metrics` would.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Metrics, String> {
        let body = text.strip_suffix("# EOF\n").ok_or("it does not end with # EOF and a line's end")?;
        let mut families = BTreeMap::<String, Family>::new();
        let mut current = String::new();
        for line in body.lines() {
            let wrong = |what: &str| format!("{what}: {line}");
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').ok_or_else(|| wrong("no help"))?;
                let family = Family { help: help.to_owned(), ..Family::default() };
                if families.insert(name.to_owned(), family).is_some() {
                    return Err(wrong("told twice"));
                }
                current = name.to_owned();
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').ok_or_else(|| wrong("no type"))?;
                if name != current || !["counter", "gauge", "histogram"].contains(&kind) {
                    return Err(wrong("a type that is not its family's"));
                }
                families.entry(current.clone()).or_default().kind = kind.to_owned();
            } else {
                let (name, labels, value) = sample(line).ok_or_else(|| wrong("no sample"))?;
                let family = families.get_mut(&current).ok_or_else(|| wrong("a sample of no family"))?;
                let suffix = name.strip_prefix(current.as_str()).ok_or_else(|| wrong("of another family"))?;
                let suffixes: &[&str] = match family.kind.as_str() {
                    "counter" => &["_total"],
                    "gauge" => &[""],
                    _ => &["_bucket", "_count", "_sum"],
                };
                if !suffixes.contains(&suffix) || (family.kind == "counter" && value < 0.0) {
                    return Err(wrong("not a sample of its kind"));
                }
                if family.samples.iter().any(|(other, of, _)| (other, of) == (&name, &labels)) {
                    return Err(wrong("the same sample twice"));
                }
                family.samples.push((name, labels, value));
            }
        }
        families.values().filter(|f| f.kind == "histogram").try_for_each(buckets_add_up)?;
        Ok(Metrics(families))
    }

    /// The value of the sample `name` whose labels have all of `labels`; `None` if there is none.
    ///
    /// # Panics
    /// If there are several.
    #[track_caller]
    #[must_use]
    pub fn get(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let has = |of: &Labels| {
            labels.iter().all(|&(n, v)| of.iter().any(|(a, b)| (a.as_str(), b.as_str()) == (n, v)))
        };
        let all = self.0.values().flat_map(|family| &family.samples);
        let found: Vec<_> = all.filter(|(other, of, _)| other == name && has(of)).collect();
        assert!(found.len() < 2, "{name} {labels:?}: {found:?}");
        found.first().map(|(_, _, value)| *value)
    }
}

/// Each set of labels has buckets that grow up to +Inf, which is the count.
fn buckets_add_up(family: &Family) -> Result<(), String> {
    let mut of = BTreeMap::<Labels, (Vec<(f64, f64)>, Option<f64>, bool)>::new();
    for (name, labels, value) in &family.samples {
        let own: Labels = labels.iter().filter(|(label, _)| label != "le").cloned().collect();
        let entry = of.entry(own).or_default();
        if name.ends_with("_bucket") {
            let le = labels.iter().find(|(label, _)| label == "le").ok_or("a bucket without an end")?;
            entry.0.push((number(&le.1).ok_or_else(|| format!("le={}", le.1))?, *value));
        } else if name.ends_with("_count") {
            entry.1 = Some(*value);
        } else {
            entry.2 = true;
        }
    }
    for (labels, (buckets, count, sum)) in of {
        let grows = buckets.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1);
        let last = buckets.last().copied();
        if !grows || !sum || last.map(|(end, _)| end) != Some(f64::INFINITY) || last.map(|(_, n)| n) != count
        {
            return Err(format!("{labels:?}: {buckets:?}, count {count:?}"));
        }
    }
    Ok(())
}

fn number(text: &str) -> Option<f64> {
    match text {
        "+Inf" => Some(f64::INFINITY),
        _ => text.parse().ok(),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn sample(line: &str) -> Option<(String, Labels, f64)> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = match series.split_once('{') {
        None => (series, ""),
        Some((name, rest)) => (name, rest.strip_suffix('}')?),
    };
    let mut read = Labels::new();
    let mut rest = labels;
    while !rest.is_empty() {
        let (label, quoted) = rest.split_once("=\"")?;
        // No value of ours has a quote in it, or a backslash.
        let (value, more) = quoted.split_once('"')?;
        if !is_name(label) || value.contains('\\') || read.iter().any(|(other, _)| other == label) {
            return None;
        }
        read.push((label.to_owned(), value.to_owned()));
        rest = more.strip_prefix(',').unwrap_or(more);
        if !more.is_empty() && !more.starts_with(',') {
            return None;
        }
    }
    is_name(name).then_some(())?;
    Some((name.to_owned(), read, number(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# HELP a_seconds Time.\n# TYPE a_seconds histogram\na_seconds_sum{x=\"1\"} 2.5\n\
        a_seconds_count{x=\"1\"} 3\na_seconds_bucket{x=\"1\",le=\"1\"} 1\na_seconds_bucket{x=\"1\",le=\"+Inf\"} 3\n\
        # HELP b Count.\n# TYPE b counter\nb_total 4\n# EOF\n";

    #[test]
    fn what_is_well_formed_is_read() {
        let read = Metrics::parse(GOOD).unwrap();
        assert_eq!(read.get("b_total", &[]), Some(4.0));
        assert_eq!(read.get("a_seconds_count", &[("x", "1")]), Some(3.0));
        assert_eq!(read.get("b", &[]), None);
    }

    #[test]
    fn what_is_not_is_refused() {
        for (good, bad) in [
            ("# EOF\n", ""),
            ("b_total 4", "b 4"),
            ("b_total 4", "b_total -4"),
            ("b_total 4", "b_total 4\nb_total 4"),
            ("b_total 4", "c_total 4"),
            ("b_total 4", "b_total{x=1} 4"),
            ("b_total 4", "b_total x"),
            ("# HELP b Count.\n", ""),
            ("counter", "summary"),
            ("le=\"+Inf\"} 3", "le=\"+Inf\"} 2"),
            ("le=\"+Inf\"", "le=\"2\""),
            ("le=\"1\"} 1", "le=\"1\"} 4"),
        ] {
            let text = GOOD.replacen(good, bad, 1);
            assert_ne!(text, GOOD);
            assert!(Metrics::parse(&text).is_err(), "{text}");
        }
    }
}
