//! Packs a file, then says how long decoding it takes here, natively: what a WebAssembly host is compared with.
//!
//! `decode_speed INPUT PAYLOAD` writes the payload and prints milliseconds, best of many.

use std::{env, error::Error, fs, time::Instant};

use fidelog_codec::{Level, Limits, decode, pack};

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = env::args().skip(1).collect();
    let [input, payload] = paths.as_slice() else { return Err("INPUT and PAYLOAD expected".into()) };
    fs::write(payload, pack(&fs::read(input)?, Level::Default))?;
    let payload = fs::read(payload)?;
    let mut best = f64::INFINITY;
    for _ in 0..30 {
        let started = Instant::now();
        let lines = decode(&payload, &Limits::default())?.lines()?;
        best = best.min(started.elapsed().as_secs_f64() * 1000.0);
        assert!(!lines.is_empty());
    }
    println!("{best:.3}");
    Ok(())
}
