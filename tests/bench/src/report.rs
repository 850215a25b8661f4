//! The tables on standard output, and the same as JSON.

use std::{fmt::Write, fs, path::Path};

use serde_json::{Value, json};

use crate::{
    Result,
    data::Data,
    machine,
    measure::{BatchRow, Row},
};

/// How to read the tables.
pub const NOTES: &str = "
JSON/size: how many bytes of JSON a stored byte stands for. MB/s: of JSON, for a second of one processor, the best
round; × is against zlib 6 in the same run (columns: against its decoding). Decode ends at the file's own bytes,
compared with what went in; columns end at columns in memory, without records. Parquet starts and ends at columns: its
encode has no JSON to scan. zstd 19, Parquet zstd 19, brotli 11 and xz 9e run one round; brotli 11 and xz 9e stay out
where the data is larger than 12 MB.
";

/// What was measured so far.
pub struct Results(Value);

impl Results {
    pub fn new(rounds: usize) -> Result<Self> {
        Ok(Results(json!({"machine": machine::describe(), "rounds": rounds, "data": []})))
    }

    /// Keeps the rows of some data; gives them as a table.
    pub fn add(&mut self, data: &Data, rows: Vec<Row>, batches: Vec<BatchRow>) -> String {
        let bytes = data.bytes.len();
        let table = table(data, &rows) + &batch_table(&batches);
        let speed = |seconds: Option<f64>| seconds.map(|seconds| megabytes_a_second(bytes, seconds));
        let rows: Vec<Value> = rows
            .iter()
            .map(|row| {
                json!({
                    "format": row.name, "bytes": row.size, "ratio": bytes as f64 / row.size as f64,
                    "encode_mb_s": speed(Some(row.encode)), "decode_mb_s": speed(row.decode),
                    "columns_mb_s": speed(row.columns),
                })
            })
            .collect();
        let batches: Vec<Value> = batches
            .iter()
            .map(|row| {
                let ratios: serde_json::Map<String, Value> =
                    row.ratios.iter().map(|(name, ratio)| (name.clone(), json!(ratio))).collect();
                json!({"records": row.batch, "batches": row.batches, "ratio": ratios})
            })
            .collect();
        if let Some(Value::Array(all)) = self.0.get_mut("data") {
            all.push(json!({
                "name": data.name, "bytes": bytes, "records": data.records.len(), "formats": rows,
                "batches": batches,
            }));
        }
        table
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        fs::write(path, serde_json::to_string_pretty(&self.0)? + "\n")?;
        Ok(())
    }
}

/// A number with commas between its thousands.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn megabytes_a_second(bytes: usize, seconds: f64) -> f64 {
    bytes as f64 / seconds / 1e6
}

fn table(data: &Data, rows: &[Row]) -> String {
    let bytes = data.bytes.len();
    let mut out = format!(
        "\n{}: {:.1} MB of JSON, {} records\n{:<34} {:>9} {:>7} {:>16} {:>16} {:>16} {:>13}\n",
        data.name,
        bytes as f64 / 1e6,
        grouped(data.records.len()),
        "",
        "JSON/size",
        "× zlib",
        "encode MB/s, ×",
        "decode MB/s, ×",
        "columns MB/s, ×",
        "bytes"
    );
    // The yardstick comes first.
    let Some(zlib) = rows.first() else { return out };
    let speed = |seconds: Option<f64>, of_zlib: Option<f64>| match (seconds, of_zlib) {
        (Some(seconds), Some(of_zlib)) => {
            format!("{:>8.1} {:>6.2}x", megabytes_a_second(bytes, seconds), of_zlib / seconds)
        }
        _ => "-".into(),
    };
    for row in rows {
        let _ = writeln!(
            out,
            "{:<34} {:>9.2} {:>6.2}x {:>16} {:>16} {:>16} {:>13}",
            row.name,
            bytes as f64 / row.size as f64,
            zlib.size as f64 / row.size as f64,
            speed(Some(row.encode), Some(zlib.encode)),
            speed(row.decode, zlib.decode),
            // zlib has no columns; what it has is the decoding before their parsing.
            speed(row.columns, zlib.decode),
            grouped(row.size),
        );
    }
    out
}

fn batch_table(rows: &[BatchRow]) -> String {
    let mut out = String::new();
    let Some(first) = rows.first() else { return out };
    let _ = write!(out, "JSON/size in batches of");
    for (name, _) in &first.ratios {
        let _ = write!(out, "{name:>18}");
    }
    out.push('\n');
    for row in rows {
        let _ = write!(out, "{:>23}", grouped(row.batch));
        for (_, ratio) in &row.ratios {
            let _ = write!(out, "{ratio:>18.2}");
        }
        out.push('\n');
    }
    out
}
