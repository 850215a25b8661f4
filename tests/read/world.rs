//! One store, asked through both engines.

use std::{path::Path, sync::Arc, time::Duration};

use fidelog_codec::{Schema, batch::Batch};
use fidelog_lambda::{
    Handler,
    engine::{
        athena::{AthenaEngine, Configuration},
        local::{Limits, LocalEngine},
    },
    handler::{MAX_ROWS, Options},
    sql::{self, Tables},
    token::Signer,
};
use fidelog_table::{Part, Store};
use tempfile::TempDir;

use crate::{
    caller::Caller,
    fake::{Fake, clients::clients},
};

pub struct World {
    pub local: Caller,
    pub athena: Caller,
    pub fake: Arc<Fake>,
    schema: Schema,
    max_rows: u64,
    _dir: TempDir,
}

impl World {
    pub async fn new(schema: &Schema, records: &[Vec<u8>]) -> Self {
        World::within(schema, records, Duration::from_secs(300), MAX_ROWS).await
    }

    pub async fn within(schema: &Schema, records: &[Vec<u8>], time: Duration, max_rows: u64) -> Self {
        let dir = TempDir::new().unwrap();
        let engine =
            || async { LocalEngine::new(store(dir.path(), schema).await, Limits::default()).unwrap() };
        let batch = Batch::split(&Arc::new(schema.clone()), records.iter().map(Vec::as_slice));
        store(dir.path(), schema).await.append(&[Part { batch, source: None }]).await.unwrap();
        let (fake, address) = Fake::serve(engine().await).await;
        fake.table(schema);
        let configuration = Configuration {
            workgroup: "w".into(),
            database: "d".into(),
            table: "logs".into(),
            time,
            reuse_minutes: 0,
        };
        let (athena, s3) = clients(&address, ["test"; 2]);
        let athena = AthenaEngine::new(athena, s3, configuration);
        let caller = |handler| Caller { handler, name: "ann".into() };
        let options = Options { wait: Duration::from_secs(60), max_rows, ..Options::default() };
        let local = Handler::new(Arc::new(engine().await), Signer::new(b"key"), options.clone());
        let athena = Handler::new(Arc::new(athena), Signer::new(b"key"), options);
        World {
            local: caller(local),
            athena: caller(athena),
            fake,
            schema: schema.clone(),
            max_rows,
            _dir: dir,
        }
    }

    /// Lets the fake know a query that is about to be asked; gives it back.
    pub fn expect<'s>(&self, sql: &'s str) -> &'s str {
        let tables = Tables { name: "logs", schema: &self.schema, max_rows: Some(self.max_rows) };
        if let Ok(prepared) = sql::prepare(sql, &[], &tables) {
            self.fake.expect(prepared);
        }
        sql
    }
}

async fn store(dir: &Path, schema: &Schema) -> Store {
    Store::open_or_create(dir, schema, fidelog_table::Options::default()).await.unwrap()
}

pub fn schema() -> Schema {
    Schema::from_json(include_str!("../vectors/read.schema.json")).unwrap()
}

/// Records as senders write them; every fifth is odd.
pub fn records(count: usize) -> Vec<Vec<u8>> {
    let odd: [&[u8]; 16] = [
        b"",
        b"not json",
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf{\"game_id\": 1}",
        b"{\"game_id\": 1}\r",
        br#"{"game_id": 1.0, "gamer_id": "ABCDEF01", "inDate": "yesterday"}"#,
        br#"{"game_id": 123456789012345678901234567890, "score": 1E5, "ok": "true"}"#,
        br#"{"game_id": 1, "game_id": 2}"#,
        br#"{ "url" : "\ud800\/\u00E9" , "new": {"deep": [1,  2]} }"#,
        br#"{"inDate": "9999-12-31T23:59:59.999Z", "exact": "0001-01-01 00:00:00.000000001"}"#,
        br#"{"score": -0.0, "game_id": -0}"#,
        br#"[1, 2, 3]"#,
        br#"{"game_id": null, "gamer_id": null, "inDate": null, "url": null, "method": ""}"#,
        "{\"url\": \"é 🦀 \\\" \\\\ ,\\r\\n \", \"method\": \"\"}".as_bytes(),
        // As the header of a result's file.
        br#"{"url": "c0", "method": "c1"}"#,
        br#"{"game_id": 9223372036854775807, "score": 123456789.25, "ok": false, "url": "", "inDate": "1969-12-31T23:59:59.999Z"}"#,
    ];
    let record = |i: usize| {
        if i % 5 == 4 {
            return odd[i / 5 % odd.len()].to_vec();
        }
        let table =
            if i.is_multiple_of(4) { r#"[{"tableName": "users", "columns": ["a", "b"]}]"# } else { "null" };
        let (hour, minute, second) = (i / 3_600 % 24, i / 60 % 60, i % 60);
        format!(
            r#"{{"game_id": {}, "gamer_id": "{:08x}", "inDate": "2022-01-06T{hour:02}:{minute:02}:{second:02}.{:03}Z", "url": "/data/{}/x,y", "method": "{}", "tableAndColumn": {table}, "score": {}.5, "ok": {}, "exact": "2022-01-06 06:09:45.117{:06}"}}"#,
            i % 3, i % 7 * 0x0123_4567, i % 1_000, i % 11, if i.is_multiple_of(2) { "GET" } else { "PUT" }, i, i.is_multiple_of(2), i * 7 % 1_000_000,
        )
        .into_bytes()
    };
    (0..count).map(record).collect()
}
