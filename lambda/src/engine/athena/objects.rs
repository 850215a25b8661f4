//! The result's file on S3: ranged reads, and copies of single records behind links.

use std::time::Duration;

use aws_sdk_s3::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    presigning::PresigningConfig,
    primitives::ByteStream,
};

use crate::engine::{EngineError, Result};

/// Bytes of one read: more than a page needs, unless its rows are large.
const WINDOW: u64 = 16 << 20;

/// How long a link to a record works.
const LINK: Duration = Duration::from_secs(900);

/// Objects on S3.
#[derive(Debug)]
pub(super) struct Objects(Client);

/// Part of an object, as it comes in.
pub(super) struct Part {
    bytes: ByteStream,
    /// How long the whole object is.
    pub(super) size: u64,
    /// What tells this object from another one under the same name.
    pub(super) etag: String,
}

/// Why an object was not read.
pub(super) enum Unread {
    /// Not with these credentials.
    Denied,
    /// Another reason.
    Failed(EngineError),
}

impl Objects {
    pub(super) const fn new(client: Client) -> Self {
        Objects(client)
    }

    /// Reads from byte `at`; with an `etag`, only while it is that object.
    pub(super) async fn read(
        &self,
        location: &str,
        at: u64,
        etag: &str,
    ) -> std::result::Result<Part, Unread> {
        let (bucket, key) = place(location).map_err(Unread::Failed)?;
        let range = format!("bytes={at}-{}", at + WINDOW - 1);
        let call = self.0.get_object().bucket(bucket).key(key).range(range);
        let call = if etag.is_empty() { call } else { call.if_match(etag) };
        let output = call.send().await.map_err(|error| match error.code() {
            Some("AccessDenied") => Unread::Denied,
            Some("NoSuchKey" | "NoSuchBucket") => Unread::Failed(EngineError::NotFound),
            Some("PreconditionFailed" | "InvalidRange") => Unread::Failed(EngineError::BadPosition),
            _ => Unread::Failed(failure(error)),
        })?;
        let total = output.content_range().and_then(|range| range.rsplit_once('/')?.1.parse().ok());
        let size = total.or_else(|| u64::try_from(output.content_length()?).ok());
        let size =
            size.ok_or_else(|| Unread::Failed(EngineError::Internal("S3 gave no object size".into())))?;
        let etag = output.e_tag().unwrap_or_default().to_owned();
        Ok(Part { bytes: output.body, size, etag })
    }

    /// Reads a small object whole.
    pub(super) async fn whole(&self, location: &str) -> Result<Vec<u8>> {
        let (bucket, key) = place(location)?;
        let output = self.0.get_object().bucket(bucket).key(key).send().await.map_err(failure)?;
        let bytes = output.body.collect().await;
        Ok(bytes.map_err(|error| EngineError::Internal(DisplayErrorContext(error).to_string()))?.to_vec())
    }

    /// Puts bytes beside a result and gives a link to them.
    pub(super) async fn link(&self, location: &str, name: &str, bytes: Vec<u8>) -> Result<String> {
        let (bucket, key) = place(location)?;
        let key = format!("{key}.{name}");
        let put = self.0.put_object().bucket(bucket).key(&key).content_type("application/octet-stream");
        put.body(bytes.into()).send().await.map_err(failure)?;
        let until = PresigningConfig::expires_in(LINK).map_err(|e| EngineError::Internal(e.to_string()))?;
        let link = self.0.get_object().bucket(bucket).key(key).presigned(until).await.map_err(failure)?;
        Ok(link.uri().to_owned())
    }
}

impl Part {
    /// The next bytes; none at the end of the part.
    pub(super) async fn next(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>> {
        self.bytes.try_next().await.map_err(|error| {
            EngineError::Internal(format!("a result's file was cut off: {}", DisplayErrorContext(error)))
        })
    }
}

fn place(location: &str) -> Result<(&str, &str)> {
    let place = location.strip_prefix("s3://").and_then(|place| place.split_once('/'));
    place.ok_or_else(|| EngineError::Internal(format!("{location:?} is no place on S3")))
}

fn failure<E>(error: SdkError<E>) -> EngineError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error.code() {
        Some("SlowDown" | "Throttling" | "ThrottlingException") => EngineError::Throttled,
        _ => EngineError::Internal(DisplayErrorContext(error).to_string()),
    }
}
