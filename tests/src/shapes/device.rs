//! Messages of devices: an envelope whose payload is JSON inside a string, with floats that drift.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{
    Next,
    values::{Clock, chance, hex, skewed, time, uuid},
};

struct Device {
    id: String,
    site: usize,
    sequence: u64,
    temperature: f64,
    humidity: f64,
    battery: f64,
    energy: f64,
    position: (f64, f64),
    model: usize,
}

pub(super) fn messages(rng: &mut ChaCha8Rng) -> Next {
    let mut clock = Clock::new(rng, 150_000.0);
    let mut devices: Vec<Device> = (0..240)
        .map(|i| Device {
            id: format!("dev-{}", hex(rng, 12)),
            site: i % 9,
            sequence: rng.random_range(0..900_000),
            temperature: rng.random_range(15.0..27.0),
            humidity: rng.random_range(30.0..60.0),
            battery: rng.random_range(3.3..4.2),
            energy: rng.random_range(0.0..9000.0),
            position: (rng.random_range(47.0..54.0), rng.random_range(6.0..14.0)),
            model: i % 4,
        })
        .collect();
    Box::new(move |rng, out| {
        let now = clock.tick(rng);
        let i = rng.random_range(0..devices.len());
        let d = &mut devices[i];
        d.sequence += if chance(rng, 30) { 2 } else { 1 };
        d.temperature += rng.random_range(-0.15..0.15);
        d.humidity = (d.humidity + rng.random_range(-0.5..0.5)).clamp(5.0, 99.0);
        d.battery -= rng.random_range(0.0..0.00005);
        d.energy += rng.random_range(0.0..0.4);
        let sent = now - rng.random_range(20_000..400_000);
        let payload = match d.model {
            0 => format!(
                "{{\"ts\":{},\"seq\":{},\"t\":{:.2},\"rh\":{:.1},\"bat\":{:.3}}}",
                sent / 1000,
                d.sequence,
                d.temperature,
                d.humidity,
                d.battery
            ),
            1 => format!(
                "{{\"ts\":\"{}\",\"seq\":{},\"temp\":{},\"energy_kwh\":{:.3},\"status\":\"{}\"}}",
                time(sent, 'T', 6, "Z"),
                d.sequence,
                d.temperature as f32,
                d.energy,
                ["ok", "ok", "low", "fault"][skewed(rng, 4)]
            ),
            2 => format!(
                "{{\n  \"seq\": {},\n  \"gps\": [\n    {:.6},\n    {:.6}\n  ],\n  \"speed\": {:.1},\n  \"at\": \"{}\"\n}}",
                d.sequence,
                d.position.0 + rng.random_range(-0.01..0.01),
                d.position.1 + rng.random_range(-0.01..0.01),
                rng.random_range(0.0..30.0),
                time(sent, ' ', 3, "")
            ),
            _ => format!(
                "{{\"seq\":{},\"v\":[{:.1},{:.1},{:.1}],\"f\":{:e},\"note\":\"<{}>\"}}",
                d.sequence,
                229.0 + rng.random_range(0.0..4.0),
                229.5 + rng.random_range(0.0..4.0),
                230.0 + rng.random_range(0.0..4.0),
                50.0 + rng.random_range(-0.02..0.02),
                ["idle", "run", "standby"][skewed(rng, 3)]
            ),
        };
        let escaped = payload
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n")
            .replace('<', "\\u003c")
            .replace('>', "\\u003e");
        let topic = format!("site/{}/{}/{}", d.site, ["climate", "meter", "tracker", "power"][d.model], d.id);
        *out = if chance(rng, 4) {
            format!(
                "{{\"level\": \"warn\", \"msg\": \"client {} disconnected: {}\", \"time\": \"{}\"}}",
                d.id,
                ["keepalive timeout", "protocol error", "session taken over"][skewed(rng, 3)],
                time(now, 'T', 3, "Z")
            )
        } else {
            format!(
                "{{\"topic\":\"{topic}\",\"qos\":{},\"retain\":{},\"mid\":\"{}\",\"received\":{},\"firmware\":\"{}\",\"rssi\":{},\"snr\":{:.1},\"payload\":\"{escaped}\"}}",
                u8::from(d.model != 0),
                d.model == 3,
                uuid(rng),
                now as f64 / 1e6,
                ["2.4.1", "2.4.0", "1.9.7-rc2", "3.0.0"][d.model],
                -55 - (i % 40) as i64 + rng.random_range(-4i64..5),
                rng.random_range(4.0..12.0),
            )
        };
    })
}
