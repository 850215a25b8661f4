//! Where the numbers come from: the machine, the versions, the command.

use std::{fs, path::Path, process::Command};

use serde_json::{Map, Value, json};

/// Libraries whose versions matter to the numbers.
const LIBRARIES: [&str; 10] = [
    "fidelog-codec",
    "miniz_oxide",
    "flate2",
    "libz-sys",
    "zstd",
    "zstd-sys",
    "brotli",
    "liblzma-sys",
    "parquet",
    "arrow-array",
];

/// Everything that somebody who measures again would want to know.
pub fn describe() -> Value {
    json!({
        "command": command(),
        "seconds_since_1970": std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs()),
        "commit": output("git", &["describe", "--always", "--dirty"]),
        "rustc": output("rustc", &["--version"]),
        "system": output("uname", &["-sm"]),
        "processor": processor(),
        "processors": std::thread::available_parallelism().map_or(0, usize::from),
        "load": fs::read_to_string("/proc/loadavg").unwrap_or_default().trim(),
        "versions": versions(),
    })
}

/// The command without the directory it is in, which is nobody's business.
fn command() -> String {
    let mut words: Vec<String> = std::env::args().collect();
    if let Some(program) = words.first_mut() {
        *program =
            Path::new(program).file_name().map(|name| name.to_string_lossy().into()).unwrap_or_default();
    }
    words.join(" ")
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned()).unwrap_or_default()
}

fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = info.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| Some(line.split_once(':')?.1.trim().to_owned())).unwrap_or_default()
}

/// The libraries' versions in the lock file; several where it has several.
fn versions() -> Map<String, Value> {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    let lock = fs::read_to_string(lock).unwrap_or_default();
    let mut versions = Map::new();
    for package in lock.split("[[package]]") {
        let value = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
            line.and_then(|line| line.strip_suffix('"')).unwrap_or_default()
        };
        let name = value("name");
        if LIBRARIES.contains(&name) {
            let known = versions.get(name).and_then(Value::as_str).map(|known| format!("{known}, "));
            versions.insert(name.into(), (known.unwrap_or_default() + value("version")).into());
        }
    }
    versions
}
