//! Athena and S3 on a port of this machine: one query, one result file.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use fidelog_codec::Schema;
use fidelog_lambda::engine::Typed;
use serde_json::{Value, json};

use crate::spelling::{self, Cells};

pub const WORKGROUP: &str = "w";

struct Files {
    metadata: Vec<u8>,
    results: Vec<u8>,
    info: Value,
}

pub struct Service {
    pub address: String,
    /// Bytes of the result file.
    pub size: usize,
}

impl Service {
    /// Serves the result of one query, these columns.
    pub fn start(schema: &Schema, columns: &[Typed]) -> Self {
        let names: Cells = (0..columns.len()).map(|i| Some(format!("c{i}"))).collect();
        let rows = columns.first().map_or(0, |column| column.values.len());
        let cells = (0..rows).map(|row| columns.iter().map(|column| spelling::cell(column, row)).collect());
        let results = spelling::csv(&[names].into_iter().chain(cells).collect::<Vec<Cells>>());
        let info = columns.iter().enumerate();
        let info =
            info.map(|(i, column)| json!({"Name": format!("c{i}"), "Type": column.kind.name()})).collect();
        let metadata = json!({"properties": {"fidelog.schema.1": schema.to_compact_json()}});
        let size = results.len();
        let files = Arc::new(Files { metadata: metadata.to_string().into_bytes(), results, info });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let files = Arc::clone(&files);
                thread::spawn(move || while files.answer(stream.as_ref().unwrap()) {});
            }
        });
        Service { address, size }
    }
}

impl Files {
    /// Answers one request; `false` at the end of the connection.
    fn answer(&self, mut stream: &TcpStream) -> bool {
        let mut reader = BufReader::new(stream);
        let (mut first, mut target, mut range, mut length) = (String::new(), String::new(), None, 0);
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return false;
        }
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return false;
            }
            let line = line.trim();
            let Some((name, value)) = line.split_once(": ") else { break };
            match name.to_ascii_lowercase().as_str() {
                "x-amz-target" => value.clone_into(&mut target),
                "range" => range = value.strip_prefix("bytes=").map(str::to_owned),
                "content-length" => length = value.parse().unwrap(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        if let Some(operation) = target.strip_prefix("AmazonAthena.") {
            let body = self.operation(operation).to_string();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1";
            return write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).is_ok();
        }
        let file = if first.contains("metadata") { &self.metadata } else { &self.results };
        let size = file.len();
        let (from, to) = range.as_deref().and_then(|range| range.split_once('-')).unwrap_or(("0", ""));
        let from: usize = from.parse().unwrap();
        let to = to.parse().map_or(size, |to: usize| (to + 1).min(size));
        let head = format!(
            "HTTP/1.1 206 Partial Content\r\netag: \"e\"\r\ncontent-range: bytes {from}-{}/{size}\r\ncontent-length: {}\r\n\r\n",
            to - 1,
            to - from
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&file[from..to])).is_ok()
    }

    fn operation(&self, name: &str) -> Value {
        match name {
            "GetQueryExecution" => json!({"QueryExecution": {
                "QueryExecutionId": "q", "WorkGroup": WORKGROUP, "Status": {"State": "SUCCEEDED"},
                "ResultConfiguration": {"OutputLocation": "s3://bucket/results/q.csv"},
            }}),
            "GetQueryResults" => {
                json!({"ResultSet": {"Rows": [], "ResultSetMetadata": {"ColumnInfo": self.info}}})
            }
            "GetTableMetadata" => json!({"TableMetadata": {
                "Name": "logs", "Parameters": {"metadata_location": "s3://bucket/metadata.json"},
            }}),
            _ => json!({"QueryExecutionId": "q"}),
        }
    }
}
