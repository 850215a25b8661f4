//! Six shapes of logs as their writers write them, from a seed.
//!
//! They imitate what real streams are like, not what any codec likes: ids and timings that are random, users and hosts
//! that recur with long tails, fields that follow from others, bursts, conflicting key orders, odd lines. Names, ids
//! and addresses are invented; the members and spellings are those of the programs imitated (a cloud's audit trail,
//! nginx, security products, MQTT devices, Spark, the Kubernetes log collectors).

mod audit;
mod container;
mod device;
mod pipeline;
mod siem;
mod values;
mod web;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The shapes' names.
pub const NAMES: [&str; 6] = ["audit", "web", "siem", "device", "pipeline", "container"];

/// Writes one record.
type Next = Box<dyn FnMut(&mut ChaCha8Rng, &mut String)>;

/// The records of one shape, without end; the same seed gives the same bytes on every platform. `None` for a name that
/// is no shape's.
#[must_use]
pub fn records(name: &str, seed: u64) -> Option<impl Iterator<Item = Vec<u8>>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut next = match name {
        "audit" => audit::events(&mut rng),
        "web" => web::requests(&mut rng),
        "siem" => siem::events(&mut rng),
        "device" => device::messages(&mut rng),
        "pipeline" => pipeline::events(&mut rng),
        "container" => container::lines(&mut rng),
        _ => return None,
    };
    Some(std::iter::repeat_with(move || {
        let mut record = String::new();
        next(&mut rng, &mut record);
        record.into_bytes()
    }))
}
