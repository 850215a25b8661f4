//! Damage that no checksum and no compression hides.

use alloc::{format, sync::Arc, vec::Vec};

use proptest::prelude::*;

use super::{plan::Plan, put, search, streams::Packed, take};
use crate::{
    batch::Batch,
    container::Level,
    error::Stage,
    schema::Schema,
    stream,
    wire::{Reader, put_varint},
};

const LEVELS: [Level; 3] = [Level::Fast, Level::Default, Level::Small];

fn batch() -> Batch {
    let record = |i: usize| {
        let x = (i * 2_654_435_761) >> 9;
        let user = x % 23;
        if x.is_multiple_of(9) {
            return format!("{{\"user\":{user},\"new\":[{i}],\"path\":\"/a/{}\"}}", x % 7);
        }
        format!(
            "{{\"user\":{user},\"id\":\"{:08x}\",\"t\":\"2022-01-06T06:{:02}:{:02}.117Z\",\"n\":{}.25,\"b\":{},\"path\":\"/a/{}/{}\",\"m\":\"took {} ms for {:08x}-1111-4222-8333-44445555{:04x}\"}}",
            user * 0x0123_4567,
            i / 60 % 60,
            i % 60,
            x % 1000,
            x.is_multiple_of(2),
            user % 5,
            x % 3,
            x % 500,
            x & 0xffff_ffff,
            i
        )
    };
    let records: Vec<Vec<u8>> = (0..300).map(|i| record(i).into_bytes()).collect();
    let schema = Arc::new(Schema::infer(records.iter().map(Vec::as_slice)).schema);
    Batch::split(&schema, records.iter().map(Vec::as_slice))
}

/// A block body whose header and group are stored, so that damage there reaches what reads them.
fn stored(batch: &Batch, level: Level) -> (Vec<u8>, usize) {
    let mut body = Vec::new();
    put(&mut body, batch, &search(batch, level), level);
    let mut reader = Reader::new(&body, 0, Stage::Block);
    let rows = reader.varint().unwrap();
    let coding = reader.byte().unwrap();
    let mut budget = usize::MAX;
    let head = stream::take(&mut reader, &mut budget).unwrap();
    let group = stream::take(&mut reader, &mut budget).unwrap();
    let mut out = Vec::new();
    put_varint(&mut out, rows);
    out.push(coding);
    stream::put(&mut out, &head, &Packed::Stored);
    let front = out.len();
    stream::put(&mut out, &group, &Packed::Stored);
    out.extend_from_slice(reader.take(reader.left()).unwrap());
    (out, front)
}

fn read(body: &[u8]) -> Option<Batch> {
    let mut budget = 64 << 20;
    let (batch, _) = take(body, 0, 1 << 12, &mut budget).ok()?;
    let mut renderer = batch.renderer();
    let mut out = Vec::new();
    for row in 0..batch.rows() {
        out.clear();
        let _ = renderer.record_into(row, &mut out);
        let mut one = Vec::new();
        let _ = batch.record_into(row, &mut one);
    }
    Some(batch)
}

#[test]
fn blocks_come_back() {
    let batch = batch();
    for level in LEVELS {
        for plan in [search(&batch, level), Plan::bare(batch.schema().fields().iter().map(|f| &f.encoding))] {
            let mut body = Vec::new();
            put(&mut body, &batch, &plan, level);
            assert_eq!(read(&body).as_ref(), Some(&batch), "{level:?}");
        }
        assert_eq!(read(&stored(&batch, level).0).as_ref(), Some(&batch), "{level:?}");
    }
}

#[test]
fn every_prefix_of_a_body_is_an_error() {
    let batch = batch();
    for level in LEVELS {
        let (body, front) = stored(&batch, level);
        for n in (0..front + 60).chain([body.len() - 1]) {
            assert!(read(&body[..n]).is_none(), "{level:?}: {n} bytes");
        }
    }
}

/// Every byte of the header takes every other value once: whatever comes out, nothing breaks.
#[test]
fn every_header_byte_damaged() {
    let batch = batch();
    for level in [Level::Fast, Level::Small] {
        let (body, front) = stored(&batch, level);
        for at in 0..front {
            for flip in [1, 2, 4, 8, 16, 32, 64, 128, 255, 0x7f] {
                let mut damaged = body.clone();
                damaged[at] ^= flip;
                let _ = read(&damaged);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn damage_anywhere(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), level in 0usize..3) {
        static BODIES: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
        let bodies = BODIES.get_or_init(|| LEVELS.into_iter().map(|level| stored(&batch(), level).0).collect());
        let mut damaged = bodies[level].clone();
        for (at, byte) in changes {
            let at = at.index(damaged.len());
            damaged[at] = byte;
        }
        let _ = read(&damaged);
    }
}
