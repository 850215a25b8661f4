//! What can go wrong on the write path: what, where, and what to do.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
};

use crate::kinesis::Failure;

/// The result of a step of the write path.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong on the write path.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input that cannot be read.
    #[error("{name}: {}", reading(.source))]
    Read {
        /// The input.
        name: String,
        /// The system's error.
        source: io::Error,
    },
    /// Metrics cannot be served.
    #[error("metrics cannot be served at {address} ({source}); choose another --metrics address")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's error.
        source: io::Error,
    },
    /// An output that cannot be written.
    #[error("{name}: {}", writing(.source))]
    Write {
        /// The output.
        name: String,
        /// The system's error.
        source: io::Error,
    },
    /// An input that would have to be in memory whole and is too large for that.
    #[error("{name} is larger than {limit} bytes, the most that is read at once; {remedy}")]
    TooLarge {
        /// The input.
        name: String,
        /// The most that is read at once.
        limit: u64,
        /// What to do.
        remedy: &'static str,
    },
    /// An input said to be a JSON array that is none.
    #[error("{name}: {source}; use --format lines if each line is a record, or mend the array")]
    NotAnArray {
        /// The input.
        name: String,
        /// Where it stops being one.
        source: fidelog_codec::Error,
    },
    /// An input without a single record, where one is needed.
    #[error(
        "{name} holds no record, so there is nothing to infer a schema from; give a file with at least one"
    )]
    NoRecords {
        /// The input.
        name: String,
    },
    /// A schema document that cannot be understood.
    #[error("{name} is not a schema: {detail}; mend it, or make one with `fidelog infer`")]
    Schema {
        /// The document's file.
        name: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A schema of which nothing fits the records.
    #[error(
        "{schema} does not fit {input}: none of its {fields} fields ({names}) takes a value in the first {records} \
         records, so nothing was stored; use the schema that belongs to these records, or make one with `fidelog infer`"
    )]
    Misfit {
        /// The schema's file.
        schema: String,
        /// The input.
        input: String,
        /// How many fields it declares.
        fields: usize,
        /// The first of their names.
        names: String,
        /// How many records were tried.
        records: usize,
    },
    /// A packed file that cannot be decoded.
    #[error("{name}: {source}; {remedy}")]
    Packed {
        /// The file.
        name: String,
        /// The codec's error.
        source: fidelog_codec::Error,
        /// What to do.
        remedy: &'static str,
    },
    /// A file that did not come back from packing as it was.
    #[error(
        "{name}: packing it and unpacking it again gave other bytes, so nothing was written; please report this"
    )]
    NotExact {
        /// The file.
        name: String,
    },
    /// Arguments that do not go together.
    #[error("{detail}")]
    Arguments {
        /// What is wrong with them.
        detail: String,
    },
    /// A store's directory that is something else.
    #[error("{name} is a file; --to wants a directory, which is made if it does not exist")]
    NotADirectory {
        /// The path.
        name: String,
    },
    /// Kinesis refused or could not be reached.
    #[error("stream {stream}: {detail}; {remedy}")]
    Kinesis {
        /// The stream's name.
        stream: String,
        /// What the service or the connection said.
        detail: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Records may be lost that the stream dropped before they were read.
    #[error(
        "stream {stream}: the last record stored of {shard} arrived {hours} hours ago, but the stream keeps records for \
         {retention} hours only: what came after it may be gone; --accept-gap goes on with what there is"
    )]
    Gap {
        /// The stream's name.
        stream: String,
        /// The shard's name.
        shard: String,
        /// Hours since.
        hours: u64,
        /// Hours that the stream keeps records.
        retention: u64,
    },
    /// Some records were too large to be sent.
    #[error("{count} records are too large for the stream; they are in {name}, all others were sent")]
    DeadLetters {
        /// How many.
        count: u64,
        /// The file that has them.
        name: String,
    },
    /// Told to stop before the end of the input.
    #[error(
        "stopped by a signal; what was read is sent, and the same command with --source sends only the rest"
    )]
    Stopped {
        /// The signal's number.
        signal: i32,
    },
    /// The store refused or failed.
    #[error(transparent)]
    Table(Box<fidelog_table::Error>),
    /// A thing the operating system refused at the start.
    #[error("cannot start: {0}; try again when the machine is less busy")]
    Start(io::Error),
}

impl From<fidelog_table::Error> for Error {
    fn from(error: fidelog_table::Error) -> Self {
        Error::Table(Box::new(error))
    }
}

impl Error {
    /// The command's exit code for this error.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Arguments { .. } => 2,
            Error::DeadLetters { .. } => 3,
            // What a shell says of a process that the signal ended.
            Error::Stopped { signal } => u8::try_from(128 + signal).unwrap_or(1),
            _ => 1,
        }
    }

    /// A call to Kinesis that failed for good.
    pub fn kinesis(stream: &str, failure: Failure) -> Self {
        let (detail, remedy) = match failure {
            Failure::Refused(detail) if detail.contains("ResourceNotFound") => {
                (detail, "check its name and the region, or make it: aws kinesis create-stream")
            }
            Failure::Refused(detail) => {
                (detail, "check the credentials, the region and the rights on the stream")
            }
            Failure::Throttled(detail) => {
                (detail, "it was throttled for minutes; give it more shards, then run this again")
            }
            Failure::Expired => ("an iterator expired at once".into(), "check this machine's clock"),
            Failure::Unknown(detail) => {
                (detail, "it could not be reached for minutes; check the network, then run this again")
            }
        };
        Error::Kinesis { stream: stream.to_owned(), detail, remedy }
    }

    /// Whether only the reader of our output went away, as `head` does when it has enough.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Error::Write { source, .. } if source.kind() == ErrorKind::BrokenPipe)
    }

    /// A codec error in a packed file, with the remedy that belongs to it.
    pub fn packed(name: String, source: fidelog_codec::Error) -> Self {
        use fidelog_codec::error::Kind;
        let remedy = match source.kind {
            Kind::Truncated => "the file is not complete: copy or pack it again",
            Kind::Limit => "it needs more memory than a decoder may take: pack the original in smaller parts",
            Kind::Unsupported => "use the version of fidelog that packed it, or a newer one",
            _ => {
                "check that it is a file made by `fidelog pack`; if it is, it was damaged: take another copy"
            }
        };
        Error::Packed { name, source, remedy }
    }
}

fn reading(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such file; check the path".into(),
        ErrorKind::IsADirectory => "this is a directory; give a file in it, or - for standard input".into(),
        ErrorKind::PermissionDenied => "permission denied; make it readable for this user".into(),
        _ => format!("cannot be read ({error}); check the file and its disk"),
    }
}

fn writing(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "the disk is full, so the output was not completed; free some space and run it again".into()
        }
        ErrorKind::NotFound => "there is no such directory; make it first, or write elsewhere".into(),
        ErrorKind::NotADirectory => "a part of this path is not a directory; write elsewhere".into(),
        ErrorKind::IsADirectory => "this is a directory; give the name of a file in it".into(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "permission denied; make the directory writable for this user, or write elsewhere".into()
        }
        _ => format!("cannot be written ({error}); check the path and its disk"),
    }
}
