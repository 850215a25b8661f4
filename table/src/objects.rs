//! Files below a directory or a prefix on S3: listed, read, written on a condition, deleted.
//!
//! What Iceberg reads and writes goes through Iceberg; this is for what lies beside it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::TryStreamExt;
use opendal::{ErrorKind, Operator, services};

use crate::{
    error::{Error, Result},
    glue::S3,
};

/// What an S3 address begins with.
pub const S3_SCHEME: &str = "s3://";

/// The files below a directory or a prefix.
#[derive(Clone, Debug)]
pub struct Objects {
    operator: Operator,
    root: String,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its path below the root.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// When it was written.
    pub modified: SystemTime,
}

/// A file's content, and what tells it from a later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Differs from any later content's, where the place knows.
    pub tag: Option<String>,
}

/// On what condition to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only<'a> {
    /// If there is no such file.
    New,
    /// If the file is still the one of this tag; without a tag, always.
    Unchanged(Option<&'a str>),
}

impl Objects {
    /// The files below `root`: an absolute path, or `s3://BUCKET/PREFIX`.
    pub async fn open(root: &str) -> Result<Self> {
        let fail = |error: opendal::Error| Error::objects(root, &error);
        let operator = match root.strip_prefix(S3_SCHEME) {
            None => Operator::new(services::Fs::default().root(root)).map_err(fail)?.finish(),
            Some(rest) => {
                let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
                let s3 = S3::find(root).await?;
                let mut service =
                    services::S3::default().bucket(bucket).root(&format!("/{prefix}")).region(&s3.region);
                service = match &s3.endpoint {
                    Some(endpoint) => service.endpoint(endpoint),
                    None => service.enable_virtual_host_style(),
                };
                Operator::new(service).map_err(fail)?.finish()
            }
        };
        Ok(Objects { operator, root: root.to_owned() })
    }

    /// All files below a folder, in no particular order.
    pub async fn list(&self, folder: &str) -> Result<Vec<Object>> {
        let mut entries =
            self.operator.lister_with(folder).recursive(true).await.map_err(|e| self.fail(e))?;
        let mut objects = Vec::new();
        while let Some(entry) = entries.try_next().await.map_err(|e| self.fail(e))? {
            if !entry.metadata().mode().is_file() {
                continue;
            }
            let (path, mut metadata) = entry.into_parts();
            if metadata.last_modified().is_none() {
                metadata = match self.operator.stat(&path).await {
                    // It was deleted meanwhile.
                    Err(error) if error.kind() == ErrorKind::NotFound => continue,
                    metadata => metadata.map_err(|e| self.fail(e))?,
                };
            }
            // Nobody knows how old a file without a time is: it is as new as can be.
            let modified = metadata.last_modified().map_or_else(SystemTime::now, |time| {
                let millis = u64::try_from(time.into_inner().as_millisecond()).unwrap_or(0);
                UNIX_EPOCH + Duration::from_millis(millis)
            });
            objects.push(Object { path, bytes: metadata.content_length(), modified });
        }
        Ok(objects)
    }

    /// A file's content, if there is the file.
    pub async fn read(&self, path: &str) -> Result<Option<Content>> {
        let metadata = match self.operator.stat(path).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            metadata => metadata.map_err(|e| self.fail(e))?,
        };
        let tag = metadata.etag().map(Into::into);
        match self.operator.read(path).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            bytes => Ok(Some(Content { bytes: bytes.map_err(|e| self.fail(e))?.to_vec(), tag })),
        }
    }

    /// A file's content in pieces, for large ones; there must be the file.
    pub async fn pieces(
        &self,
        path: &str,
    ) -> Result<impl futures::Stream<Item = Result<Vec<u8>>> + Unpin + use<>> {
        let reader = self.operator.reader(path).await.map_err(|e| self.fail(e))?;
        let pieces = reader.into_bytes_stream(..).await.map_err(|e| self.fail(e))?;
        let root = self.root.clone();
        Ok(pieces
            .map_ok(|bytes| bytes.to_vec())
            .map_err(move |error| Error::Io { store: root.clone(), source: error }))
    }

    /// Writes a file; `false` if the condition does not hold.
    pub async fn write(&self, path: &str, bytes: Vec<u8>, only: Only<'_>) -> Result<bool> {
        let write = self.operator.write_with(path, bytes);
        let write = match only {
            Only::New => write.if_not_exists(true),
            // A directory cannot check and write in one step.
            Only::Unchanged(Some(tag)) if self.operator.info().full_capability().write_with_if_match => {
                write.if_match(tag)
            }
            Only::Unchanged(_) => write,
        };
        match write.await {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.kind(), ErrorKind::ConditionNotMatch | ErrorKind::AlreadyExists) => {
                Ok(false)
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Deletes files; those that are not there are no failure.
    pub async fn delete(&self, paths: Vec<String>) -> Result<()> {
        self.operator.delete_iter(paths).await.map_err(|e| self.fail(e))
    }

    fn fail(&self, error: opendal::Error) -> Error {
        Error::objects(&self.root, &error)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_of_a_directory() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::open(folder.path().to_str().unwrap()).await.unwrap();
        assert_eq!(objects.read("a/b").await.unwrap(), None);
        assert_eq!(objects.list("a/").await.unwrap(), []);
        assert!(objects.write("a/b", b"1".to_vec(), Only::New).await.unwrap());
        assert!(!objects.write("a/b", b"2".to_vec(), Only::New).await.unwrap());
        assert_eq!(objects.read("a/b").await.unwrap().unwrap().bytes, b"1");
        assert!(objects.write("a/b", b"333".to_vec(), Only::Unchanged(None)).await.unwrap());
        let listed = objects.list("a/").await.unwrap();
        assert_eq!((listed[0].path.as_str(), listed[0].bytes), ("a/b", 3));
        assert!(listed[0].modified.elapsed().unwrap() < Duration::from_secs(60));
        let pieces: Vec<Vec<u8>> = objects.pieces("a/b").await.unwrap().try_collect().await.unwrap();
        assert_eq!(pieces.concat(), b"333");
        objects.delete(vec!["a/b".into(), "a/none".into()]).await.unwrap();
        assert_eq!(objects.list("a/").await.unwrap(), []);
    }
}
