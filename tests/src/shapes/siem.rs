//! An export of many products' events in one stream: dozens of record shapes whose key orders conflict, vendor payloads
//! as JSON inside strings, times in several patterns, and lines that are no JSON at all.

use std::fmt::Write;

use rand::{Rng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    Next,
    values::{Clock, NAMES, alnum, chance, hex, ip, many, one_of, skewed, time},
};

mod member;

use member::{MEMBERS, Make, World, inner, value};

struct Shape {
    product: String,
    members: Vec<(&'static str, Make)>,
    spaced: bool,
    nested: usize,
}

pub(super) fn events(rng: &mut ChaCha8Rng) -> Next {
    let mut clock = Clock::new(rng, 20_000.0);
    let shapes: Vec<Shape> = (0..48)
        .map(|i| {
            let mut members = MEMBERS.to_vec();
            members.shuffle(rng);
            members.truncate(rng.random_range(6..18));
            Shape {
                product: format!(
                    "{}-{}",
                    ["fw", "edr", "proxy", "vpn", "dns", "mail", "ad", "waf"][i % 8],
                    i
                ),
                members,
                spaced: i % 5 == 0,
                nested: i % 3,
            }
        })
        .collect();
    let mut world = World {
        users: many(rng, 350, |rng, i| format!("{}.{}", NAMES[i % NAMES.len()], alnum(rng, 4))),
        hosts: many(rng, 200, |_, i| format!("{}-{:03}.corp.example", ["WS", "SRV", "DC", "LT"][i % 4], i)),
        outer: many(rng, 900, |rng, _| ip(rng)),
        digests: many(rng, 300, |rng, _| hex(rng, 64)),
        sequence: (0..48).map(|_| rng.random_range(0..2_000_000)).collect(),
    };
    Box::new(move |rng, out| {
        let now = clock.tick(rng);
        let i = skewed(rng, shapes.len());
        let shape = &shapes[i];
        if chance(rng, 8) {
            *out = format!(
                "<{}>1 {} {} CEF:0|Vendor|{}|1.0|{}|port scan|{}|src={} dst={}",
                rng.random_range(10..190),
                time(now, 'T', 3, "Z"),
                one_of(rng, &world.hosts),
                shape.product,
                100 + skewed(rng, 30),
                skewed(rng, 10),
                inner(rng),
                one_of(rng, &world.outer)
            );
            return;
        }
        world.sequence[i] += 1 + skewed(rng, 4) as u64;
        let (comma, colon) = if shape.spaced { (", ", ": ") } else { (",", ":") };
        let _ = write!(out, "{{\"product\"{colon}\"{}\"", shape.product);
        let who = skewed(rng, world.users.len());
        for (n, (name, make)) in shape.members.iter().enumerate() {
            // Optional members are missing now and then.
            if n > 3 && chance(rng, 40) {
                continue;
            }
            let value = value(rng, *make, &world, now, who, i);
            match shape.nested {
                1 if n == 2 => {
                    let _ = write!(
                        out,
                        "{comma}\"event\"{colon}{{\"kind\"{colon}\"alert\"{comma}\"{name}\"{colon}{value}}}"
                    );
                }
                2 if n == 4 => {
                    let _ =
                        write!(out, "{comma}\"data\"{colon}{{\"win\"{colon}{{\"{name}\"{colon}{value}}}}}");
                }
                _ => {
                    let _ = write!(out, "{comma}\"{name}\"{colon}{value}");
                }
            }
        }
        out.push('}');
    })
}
