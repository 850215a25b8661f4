//! What people read.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use fidelog_codec::Schema;

use crate::Result;

pub fn title(text: &str) {
    println!("\n{text}");
}

/// 1234567 → `1,234,567`.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<String> =
        digits.as_bytes().rchunks(3).rev().map(|g| String::from_utf8_lossy(g).into_owned()).collect();
    groups.join(",")
}

pub fn schema(schema: &Schema) {
    let time = schema.event_time();
    for (i, field) in schema.fields().iter().enumerate().take(12) {
        let mark = if Some(i) == time { " (event time)" } else { "" };
        println!("  {:<24} {}{mark}", field.name(), field.encoding.name());
    }
    if schema.fields().len() > 12 {
        println!("  … and {} more", schema.fields().len() - 12);
    }
}

/// A result's first lines, each cut to a screen's width.
pub fn lines(body: &[u8], most: usize) {
    let text = String::from_utf8_lossy(body);
    for line in text.lines().take(most) {
        let cut: String = line.chars().take(118).collect();
        println!("    {cut}{}", if cut.len() < line.len() { "…" } else { "" });
    }
    let more = text.lines().count().saturating_sub(most);
    if more > 0 {
        println!("    … {} more", thousands(more));
    }
}

/// Sizes at each stage, against the original.
pub fn sizes(input: &Path, packed: &Path, store: &Path, payloads: usize) -> Result<()> {
    title("What it weighs");
    let original = size(input)?;
    let row = |name: &str, bytes: usize| {
        let percent = bytes as f64 * 100.0 / original.max(1) as f64;
        println!("  {name:<42} {:>14} bytes {percent:>6.1} %", thousands(bytes));
    };
    row("the input", original);
    match Command::new("gzip").arg("-9c").arg(input).output() {
        Ok(output) if output.status.success() => row("gzip -9", output.stdout.len()),
        _ => println!("  gzip -9: there is no gzip here"),
    }
    row("packed (.fdl, restores the whole file)", size(packed)?);
    let files = parquet_files(store)?;
    let mut parquet = 0;
    for file in &files {
        parquet += size(file)?;
    }
    let plural = if files.len() == 1 { "" } else { "s" };
    row(&format!("the table's Parquet ({} data file{plural})", thousands(files.len())), parquet);
    row("SELECT * as block payloads", payloads);
    Ok(())
}

fn size(path: &Path) -> Result<usize> {
    Ok(usize::try_from(fs::metadata(path)?.len())?)
}

fn parquet_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "parquet") {
                found.push(path);
            }
        }
    }
    Ok(found)
}
