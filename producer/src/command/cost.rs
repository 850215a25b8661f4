//! `fidelog cost`: what a month of logs costs on AWS.

use std::ffi::OsString;

use clap::Args;
use serde::Serialize;

use super::{
    json, print,
    table::{self, thousands},
};
use crate::{
    cost::{Bill, Facts, Prices, System, Workload, bill},
    error::{Error, Result},
    input::Input,
};

/// Reckon what a month of logs costs on AWS, beside gzipped JSON and Firehose's Parquet
#[derive(Args)]
#[command(after_help = "\
Sizes, requests and processor time were measured on runs of this program over made-up logs (scripts/bench-cost.sh); other \
logs compress otherwise, so measure yours and give --stored-bytes. Prices are list prices of one region on one day, \
each with its source (--json shows them). Not reckoned: free tiers, data transfer, merging small files, the price of your \
own machines that send. Data Firehose can do without the stream: leave its first two lines out.

Examples:
  fidelog cost --records-per-day 10000000
  fidelog cost --records-per-day 2000000 --bytes 900 --stored-bytes 55 --days-kept 1825 --hour 200
  fidelog cost --records-per-day 10000000 --json | jq '.bills[] | {system, usd}'")]
pub(super) struct Cost {
    /// Records in a day
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    records_per_day: u64,
    /// Bytes of JSON in a record; otherwise those of `fidelog sample`
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    bytes: Option<u64>,
    /// Bytes that Fidelog's table takes for one of your records: its data files' size by the number of records
    #[arg(long, value_name = "N", value_parser = positive)]
    stored_bytes: Option<f64>,
    /// For how many days records are kept
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days_kept: u32,
    /// Queries a day that read everything
    #[arg(long, value_name = "N", default_value_t = 1)]
    whole: u32,
    /// Queries a day that read one hour
    #[arg(long, value_name = "N", default_value_t = 50)]
    hour: u32,
    /// Queries a day that look for one user in everything
    #[arg(long, value_name = "N", default_value_t = 5)]
    user: u32,
    /// Processes that send
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    producers: u32,
    /// The busiest second, as a multiple of the average one
    #[arg(long, value_name = "X", default_value_t = 3.0, value_parser = positive)]
    peak: f64,
    /// After how many minutes a file is written
    #[arg(long, value_name = "N", default_value_t = 5.0, value_parser = positive)]
    flush_minutes: f64,
    /// Other prices, in a file such as `--json` prints under `prices`
    #[arg(long, value_name = "FILE")]
    prices: Option<OsString>,
    /// Print it as JSON, with the quantities, the prices and their sources
    #[arg(long)]
    json: bool,
}

/// All that was reckoned, and what with.
#[derive(Serialize)]
struct Report<'a> {
    workload: Workload,
    bills: &'a [Bill],
    facts: &'a Facts,
    prices: &'a Prices,
}

impl Cost {
    pub(super) fn run(self) -> Result<()> {
        let facts = Facts::built_in().map_err(|e| unreadable("the measurements in this program", &e))?;
        let prices = match &self.prices {
            None => Prices::built_in().map_err(|e| unreadable("the prices in this program", &e))?,
            Some(file) => {
                let input = Input::from(file.clone());
                let bytes = input.read("a file of prices is small")?;
                Prices::read(&bytes).map_err(|e| unreadable(&input.name(), &e))?
            }
        };
        let workload = self.workload(&facts);
        let bills = System::ALL.map(|system| bill(system, &workload, &facts, &prices));
        let report = Report { workload, bills: &bills, facts: &facts, prices: &prices };
        if self.json { print(&json(&report)) } else { print(&describe(&report)) }
    }

    fn workload(&self, facts: &Facts) -> Workload {
        let usual = facts.files.last().map_or(1.0, |file| file.json_bytes_per_record);
        Workload {
            records_per_day: self.records_per_day as f64,
            bytes: self.bytes.map_or(usual, |bytes| bytes as f64),
            stored_bytes: self.stored_bytes,
            days_kept: f64::from(self.days_kept),
            producers: f64::from(self.producers),
            peak: self.peak,
            flush_minutes: self.flush_minutes,
            whole: f64::from(self.whole),
            hour: f64::from(self.hour),
            user: f64::from(self.user),
        }
    }
}

fn unreadable(name: &str, error: &serde_json::Error) -> Error {
    Error::Arguments {
        detail: format!("{name}: {error}; give a file of the form that `fidelog cost --json` prints"),
    }
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && number <= 1e9 => Ok(number),
        _ => Err("a number above 0 is needed".into()),
    }
}

fn describe(report: &Report<'_>) -> String {
    let Report { workload: w, bills, facts, prices } = report;
    let mut rows = vec![vec!["US dollars a month".to_string()]];
    let mut add = |name: &str, cells: Vec<String>| {
        let mut row = vec![name.to_string()];
        row.extend(cells);
        rows.push(row);
    };
    let each = |cell: &dyn Fn(&Bill) -> String| bills.iter().map(cell).collect::<Vec<_>>();
    let parts = bills.first().map_or(&[][..], |bill| &bill.lines);
    for (i, part) in parts.iter().enumerate() {
        add(part.part, each(&|bill| bill.lines.get(i).map_or(String::new(), |line| dollars(line.usd))));
    }
    add("all", each(&|bill| dollars(bill.usd)));
    add("", Vec::new());
    add("bytes stored a record", each(&|bill| format!("{:.1}", bill.stored_bytes_per_record)));
    add("read by a query for everything", each(&|bill| size(bill.reads.whole)));
    add("read by a query for one hour", each(&|bill| size(bill.reads.hour)));
    add("read by a query for one user", each(&|bill| size(bill.reads.user)));
    if let Some(head) = rows.first_mut() {
        head.extend(bills.iter().map(|bill| bill.system.name().to_string()));
    }
    format!(
        "{} records a day of {:.0} bytes, kept for {} days; queries a day: {} for everything, {} for one hour, {} for one \
         user\n\n{}\n{} prices of {}; measured {} by {}. --json shows quantities and sources.",
        thousands(w.records_per_day as u64),
        w.bytes,
        w.days_kept,
        w.whole,
        w.hour,
        w.user,
        table::render(&rows, &[1, 2, 3]),
        prices.region,
        prices.as_of,
        facts.measured,
        facts.command,
    )
}

/// Dollars with two digits behind the point, thousands apart; nothing for nothing.
fn dollars(usd: f64) -> String {
    if usd == 0.0 {
        return "–".into();
    }
    let cents = (usd * 100.0).round() as u64;
    format!("{}.{:02}", thousands(cents / 100), cents % 100)
}

fn size(bytes: f64) -> String {
    let (unit, name) = match bytes {
        b if b >= 1e12 => (1e12, "TB"),
        b if b >= 1e9 => (1e9, "GB"),
        b if b >= 1e6 => (1e6, "MB"),
        _ => (1e3, "kB"),
    };
    format!("{:.1} {name}", bytes / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_spelled_out() {
        assert_eq!([0.0, 0.004, 1.005, 1234.5].map(dollars), ["–", "0.00", "1.00", "1,234.50"]);
    }

    #[test]
    fn the_table_adds_up() {
        let (facts, prices) = (Facts::built_in().unwrap(), Prices::built_in().unwrap());
        let workload = Workload {
            records_per_day: 1e7,
            bytes: 255.0,
            stored_bytes: None,
            days_kept: 365.0,
            producers: 1.0,
            peak: 3.0,
            flush_minutes: 5.0,
            whole: 1.0,
            hour: 50.0,
            user: 5.0,
        };
        let bills = System::ALL.map(|system| bill(system, &workload, &facts, &prices));
        let text = describe(&Report { workload, bills: &bills, facts: &facts, prices: &prices });
        let lines: Vec<Vec<&str>> =
            text.lines().map(|line| line.split("  ").map(str::trim).collect()).collect();
        let money = |cell: &str| cell.replace(',', "").parse::<f64>().unwrap_or(0.0);
        let last = |line: &[&str]| money(line.last().unwrap());
        let all = lines.iter().position(|line| line[0] == "all").unwrap();
        let parts: f64 = lines[3..all].iter().map(|line| last(line)).sum();
        assert!(lines[2].last() == Some(&"Fidelog") && all == 15, "{text}");
        assert!((parts - last(&lines[all])).abs() < 0.07, "{parts}\n{text}");
    }

    #[test]
    fn only_positive_numbers_are_taken() {
        assert_eq!(positive("2.5"), Ok(2.5));
        for text in ["0", "-1", "NaN", "inf", "1e10", "x"] {
            assert!(positive(text).is_err(), "{text}");
        }
    }
}
