//! Writes `tests/vectors`: what is missing of the containers, for those of a published version are never rewritten.

use std::{error::Error, fs};

use fidelog_tests::vectors::{containers, directory, expected_json, records_json};

fn main() -> Result<(), Box<dyn Error>> {
    let directory = directory();
    let golden = directory.join(format!("v{}", fidelog_codec::container::VERSION));
    fs::create_dir_all(&golden)?;
    fs::write(directory.join("records.json"), records_json())?;
    for container in containers()? {
        let path = golden.join(&container.name).with_extension("fdl");
        if path.exists() {
            continue;
        }
        fs::write(path, &container.bytes)?;
        fs::write(golden.join(&container.name).with_extension("json"), expected_json(&container.records))?;
    }
    println!("wrote {}", directory.display());
    Ok(())
}
