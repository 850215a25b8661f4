//! The provider's prices: one dated file, each price with its source.

use serde::{Deserialize, Serialize};

const PRICES: &str = include_str!("prices.json");

/// What a unit costs, and where that is written.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// US dollars for one unit.
    pub usd: f64,
    /// The unit.
    pub unit: String,
    /// The provider's page.
    pub source: String,
    /// The copy of it that the number was read from.
    pub read_from: String,
}

/// A region's prices on some day.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The day on which they were read.
    pub as_of: String,
    /// The region.
    pub region: String,
    /// Always US dollars.
    pub currency: String,
    /// How to take them.
    pub note: String,
    /// The prices.
    pub prices: Table,
}

/// One price for each thing that is billed.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each price says its unit")]
pub struct Table {
    pub kinesis_shard_hour: Price,
    pub kinesis_put_unit: Price,
    pub firehose_gb: Price,
    pub firehose_conversion_gb: Price,
    pub s3_gb_month: Price,
    pub s3_put: Price,
    pub s3_get: Price,
    pub athena_tb: Price,
    pub glue_request: Price,
    pub lambda_request: Price,
    pub lambda_gb_second: Price,
    pub api_request: Price,
}

impl Prices {
    /// The prices that come with the program, those of us-east-1.
    pub fn built_in() -> serde_json::Result<Self> {
        Self::read(PRICES.as_bytes())
    }

    /// Prices in a file of the same form, such as another region's.
    pub fn read(json: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(json)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_price_has_a_source_and_is_dated() {
        let prices = Prices::built_in().unwrap();
        assert!(prices.as_of.len() == 10 && prices.as_of.starts_with("20"), "{}", prices.as_of);
        let Value::Object(table) = serde_json::to_value(&prices.prices).unwrap() else { panic!() };
        assert_eq!(table.len(), 12);
        for (name, price) in table {
            assert!(price["usd"].as_f64().unwrap() > 0.0, "{name}");
            assert!(price["source"].as_str().unwrap().starts_with("https://aws.amazon.com/"), "{name}");
            assert!(!price["read_from"].as_str().unwrap().is_empty(), "{name}");
        }
    }

    #[test]
    fn a_file_that_misses_a_price_or_has_another_is_refused() {
        let other = PRICES.replace("\"api_request\"", "\"apj_request\"");
        let message = Prices::read(other.as_bytes()).unwrap_err().to_string();
        assert!(message.contains("apj_request"), "{message}");
        assert!(Prices::read(br#"{"as_of": "2026-01-01"}"#).is_err());
    }
}
