use proptest::prelude::*;

use super::{
    super::facts::{Api, Block, Commit},
    *,
};

/// Facts in round numbers: 1,000 bytes of JSON, 100 gzipped, 80 as Parquet, 50 as ours.
fn facts() -> Facts {
    Facts {
        measured: "2026-01-01".into(),
        command: "a test".into(),
        version: "0".into(),
        on: "round numbers".into(),
        files: vec![File {
            records_per_file: 1000.0,
            files: 1.0,
            json_bytes_per_record: 1000.0,
            gzip_bytes_per_record: 100.0,
            parquet_bytes_per_record: 80.0,
            fidelog_bytes_per_record: 50.0,
            parquet_user_share: 0.5,
            fidelog_user_share: 0.25,
            fidelog_files_beyond_span: 1.0,
            consume_cpu_seconds_per_million: 10.0,
        }],
        blocks: vec![Block {
            records_per_block: 1000.0,
            block_bytes_per_record: 60.0,
            put_units_per_1000_records: 3.0,
        }],
        commit: Commit {
            commits: 10.0,
            s3_puts_per_commit: 4.0,
            s3_gets_per_commit: 6.0,
            glue_requests_per_commit: 5.0,
            manifest_bytes_per_commit: 4000.0,
            snapshot_bytes_per_commit: 10_000.0,
        },
        api: Api { requests_per_query: 4.0, cpu_seconds_per_request: 0.01 },
    }
}

/// 1,440,000 records a day of 1,000 bytes: 1,000 a minute. A file every 10 minutes holds 10,000.
fn workload() -> Workload {
    Workload {
        records_per_day: 1_440_000.0,
        bytes: 1000.0,
        stored_bytes: None,
        days_kept: 100.0,
        producers: 1.0,
        peak: 3.0,
        flush_minutes: 10.0,
        whole: 1.0,
        hour: 24.0,
        user: 2.0,
    }
}

fn quantities(system: System) -> (Vec<f64>, Bill) {
    let bill = bill(system, &workload(), &facts(), &Prices::built_in().unwrap());
    (bill.lines.iter().map(|line| line.quantity).collect(), bill)
}

fn assert_near(got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len());
    for (i, (got, expected)) in got.iter().zip(expected).enumerate() {
        assert!((got - expected).abs() <= expected.abs() * 1e-9, "line {i}: {got}, by hand {expected}");
    }
}

#[test]
fn fidelog_by_hand() {
    // 16 2/3 records a second, so a second's block has 16 2/3 of 60 bytes: 1,000 bytes, one unit, one shard.
    let entries = 86_400.0;
    let stored = 1_440_000.0 * 100.0 * 50.0;
    let kept = stored + 144.0 * (4000.0 * 100.0 + 10_000.0 * 5.0);
    // An hour is 6 files, and one beyond; a user is in a quarter. 500 kB a file; 10 MiB are billed at least.
    let scanned = stored + 24.0 * 10_485_760.0 + 2.0 * stored / 4.0;
    let gets = (14_400.0 * 3.0 + 24.0 * 7.0) * 2.0 + 144.0 * 6.0;
    let requests = 27.0 * 4.0;
    let (quantities, bill) = quantities(System::Fidelog);
    assert_near(
        &quantities,
        &[
            HOURS,
            entries * DAYS,
            0.0,
            0.0,
            (14.4 * 1769.0 / 1024.0 + requests * 0.01) * DAYS,
            (144.0 + requests) * DAYS,
            144.0 * 5.0 * DAYS,
            kept / GB,
            144.0 * 4.0 * DAYS,
            gets * DAYS,
            scanned * DAYS / TB,
            requests * DAYS,
        ],
    );
    assert_near(&[bill.reads.whole, bill.reads.hour, bill.reads.user], &[stored, 3_500_000.0, stored / 4.0]);
    // The storage's price by hand: 7.26 GB (10⁹) are 6.77 GiB, at 2.3 cents.
    assert!((bill.lines[7].usd - 0.1557).abs() < 0.0001, "{}", bill.lines[7].usd);
}

#[test]
fn the_others_by_hand() {
    // A second's lines are 16,667 bytes: one PUT unit, four steps of 5 KB.
    let ingested = 86_400.0 * 4.0 * 5.0 * 1024.0 * DAYS / GB;
    for (system, bytes, share, gets, converted) in
        [(System::JsonGzip, 100.0, 1.0, 1.0, 0.0), (System::FirehoseParquet, 80.0, 0.5, 2.0, ingested)]
    {
        let stored = 1_440_000.0 * 100.0 * bytes;
        let scanned = stored + 24.0 * 10_485_760.0 + 2.0 * stored * share;
        let (quantities, bill) = quantities(system);
        assert_near(
            &quantities,
            &[
                HOURS,
                86_400.0 * DAYS,
                ingested,
                converted,
                0.0,
                0.0,
                0.0,
                stored / GB,
                144.0 * DAYS,
                (14_400.0 * 3.0 + 24.0 * 6.0) * gets * DAYS,
                scanned * DAYS / TB,
                0.0,
            ],
        );
        assert_near(&[bill.reads.hour], &[60_000.0 * bytes]);
    }
}

#[test]
fn shards_are_enough_for_the_peak() {
    let shards = |records_per_day: f64, peak: f64| {
        let w = Workload { records_per_day, peak, ..workload() };
        bill(System::JsonGzip, &w, &facts(), &Prices::built_in().unwrap()).lines[0].quantity / HOURS
    };
    // 10 MiB a second of JSON.
    let ten = 86_400.0 * 10.0 * SHARD_BYTES / 1000.0;
    assert!((shards(ten, 1.0) - 10.0).abs() < 1.01, "{}", shards(ten, 1.0));
    assert!((shards(ten, 3.0) - 30.0).abs() < 1.01, "{}", shards(ten, 3.0));
    assert_eq!(shards(1.0, 3.0), 1.0);
}

#[test]
fn what_was_measured_on_ones_own_logs_counts() {
    let w = Workload { stored_bytes: Some(10.0), ..workload() };
    let bill = |system| bill(system, &w, &facts(), &Prices::built_in().unwrap());
    assert_eq!(bill(System::Fidelog).stored_bytes_per_record, 10.0);
    assert_eq!(bill(System::JsonGzip).stored_bytes_per_record, 100.0);
}

proptest! {
    #[test]
    fn more_never_costs_less(
        records in 1.0f64..1e10, bytes in 10.0f64..1e5, days in 1.0f64..4000.0, peak in 1.0f64..10.0,
        whole in 0.0f64..10.0, hour in 0.0f64..1e4, user in 0.0f64..1e3,
    ) {
        let (facts, prices) = (Facts::built_in().unwrap(), Prices::built_in().unwrap());
        let less = Workload { records_per_day: records, bytes, days_kept: days, peak, whole, hour, user, ..workload() };
        for system in System::ALL {
            let costs = |w: Workload| bill(system, &w, &facts, &prices).usd;
            let base = costs(less);
            prop_assert!(base.is_finite() && base > 0.0);
            for more in [
                Workload { days_kept: days * 1.5, ..less },
                Workload { peak: peak * 2.0, ..less },
                Workload { whole: whole + 1.0, ..less },
                Workload { hour: hour + 1.0, ..less },
                Workload { user: user + 1.0, ..less },
            ] {
                prop_assert!(costs(more) >= base, "{system:?}: {more:?} after {less:?}");
            }
        }
    }
}
