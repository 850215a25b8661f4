//! Puts an input's records into a store, each exactly once.

use std::sync::Arc;

use fidelog_codec::{Schema, batch::Batch, encoding::Value, framing::Format};
use fidelog_table::{Options, Part, Place, SourceRange, Store};
use serde::Serialize;

use crate::{
    error::{Error, Result},
    input::{Bounds, Input, Reader, Records},
    oddity::Oddity,
    reduce::reduced,
};

/// Records that a schema is inferred from, or tried on, before anything is stored.
pub const TRIAL_RECORDS: usize = 10_000;

/// What to consume, where to, and how.
#[derive(Clone, Debug)]
pub struct Job {
    /// Where the records come from.
    pub from: Input,
    /// How the input holds them.
    pub format: Format,
    /// The store; made if need be.
    pub to: Place,
    /// The schema and its file's name; otherwise the store's own, or one inferred from the first records.
    pub schema: Option<(Schema, String)>,
    /// A name for the input, under which a record is known by its position: what is stored already is not stored again.
    pub source: Option<String>,
    /// How much goes into one commit.
    pub bounds: Bounds,
}

/// Whose schema the records were stored under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SchemaOrigin {
    /// The caller gave it.
    Given,
    /// The store had it.
    Store,
    /// It was inferred from the first records, and kept in the store.
    Inferred,
    /// There was no record and no store, so none was needed.
    None,
}

/// What became of the records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Records found in the input.
    pub received: u64,
    /// Records stored now.
    pub stored: u64,
    /// Records that the store had already from this source.
    pub already_stored: u64,
    /// Whose schema they were stored under.
    pub schema: SchemaOrigin,
    /// How many of the first records were tried against a schema that was not made from them, if none of it fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub misfit: Option<usize>,
    /// What is odd about the input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub oddities: Vec<Oddity>,
}

/// Consumes the whole input; `progress` gets the input's bytes and the records dealt with so far.
pub async fn consume(job: Job, mut progress: impl FnMut(u64, u64)) -> Result<Summary> {
    check_place(&job.to)?;
    let mut reader = Reader::open(job.from.clone(), job.format)?;
    let mut records = Records::default();
    let mut summary = Summary {
        received: 0,
        stored: 0,
        already_stored: 0,
        schema: SchemaOrigin::None,
        misfit: None,
        oddities: Vec::new(),
    };
    let opened = open(&job, &mut reader, &mut records, &mut summary).await?;
    let Some((store, schema)) = opened else { return Ok(summary) };
    if let (Some(source), Some(first)) = (&job.source, records.iter().next()) {
        store.check_first(source, first).await?;
    }
    while !records.is_empty() {
        let mut first = records.first;
        // The records of the trial may be more than go into one commit.
        let left = reduced(&schema, &records);
        let all: Vec<&[u8]> = left.iter().collect();
        for batch in all.chunks(job.bounds.records.max(1)) {
            append(&store, &schema, &job.source, first, batch, &mut summary).await?;
            first += batch.len() as u64;
            summary.received = first;
            progress(reader.position(), summary.received);
        }
        reader.fill(&mut records, job.bounds)?;
    }
    if job.source.is_some() {
        summary.oddities.extend(reader.open_end().map(|record| Oddity::OpenEnd { record }));
    }
    Ok(summary)
}

/// Refuses a file where a directory is meant.
pub(crate) fn check_place(place: &Place) -> Result<()> {
    match place {
        Place::Directory(dir) if dir.exists() && !dir.is_dir() => {
            Err(Error::NotADirectory { name: dir.display().to_string() })
        }
        _ => Ok(()),
    }
}

async fn append(
    store: &Store,
    schema: &Arc<Schema>,
    source: &Option<String>,
    first: u64,
    records: &[&[u8]],
    summary: &mut Summary,
) -> Result<()> {
    let count = records.len() as u64;
    let source = source.as_ref().map(|name| SourceRange { source: name.clone(), first });
    if let Some(range) = &source
        && store.unseen(&range.source, range.first, count).await?.is_empty()
    {
        // A resumed run gets over what is stored without encoding it again.
        summary.already_stored += count;
        return Ok(());
    }
    let part = Part { batch: Batch::split(schema, records.iter().copied()), source };
    let appended = store.append(&[part]).await?;
    summary.stored += appended.stored;
    summary.already_stored += appended.known;
    Ok(())
}

/// Reads the first records, and opens or makes the store under the schema that they are to be stored under; `None` if
/// there is nothing to do.
async fn open(
    job: &Job,
    reader: &mut Reader,
    first: &mut Records,
    summary: &mut Summary,
) -> Result<Option<(Store, Arc<Schema>)>> {
    if let Some((schema, name)) = &job.schema {
        reader.fill(first, job.bounds)?;
        summary.oddities.extend(Oddity::of(reader, job.format, first, None));
        let schema = Arc::new(schema.clone());
        if let Some(records) = misfit(&schema, first.iter()) {
            return Err(does_not_fit(&schema, name, job, records));
        }
        summary.schema = SchemaOrigin::Given;
        let store = Store::open_or_create(job.to.clone(), &schema, Options::default()).await?;
        return Ok(Some((store, schema)));
    }
    let store = match Store::find(job.to.clone()).await? {
        Some(store) => {
            reader.fill(first, job.bounds)?;
            summary.oddities.extend(Oddity::of(reader, job.format, first, None));
            store
        }
        None => {
            let records = job.bounds.records.max(TRIAL_RECORDS);
            reader.fill(first, Bounds { records, ..job.bounds })?;
            if first.is_empty() {
                return Ok(None);
            }
            let inferred = Schema::infer(first.iter().take(TRIAL_RECORDS));
            summary.oddities.extend(Oddity::of(reader, job.format, first, Some(&inferred)));
            let schema = Arc::new(inferred.schema);
            match Store::open_or_create(job.to.clone(), &schema, Options::default()).await {
                Ok(store) => {
                    summary.schema = SchemaOrigin::Inferred;
                    return Ok(Some((store, schema)));
                }
                // Another process made it meanwhile, and nobody asked for just the inferred schema.
                Err(fidelog_table::Error::SchemaDiffers { .. }) => Store::open(job.to.clone()).await?,
                Err(error) => return Err(error.into()),
            }
        }
    };
    let schema = store.schema().await?;
    summary.schema = SchemaOrigin::Store;
    summary.misfit = misfit(&schema, first.iter());
    if let Some(records) = summary.misfit
        && schema.reduction().is_some()
    {
        // In the wrong store nothing might be left of them.
        return Err(does_not_fit(&schema, &format!("the schema of {}", store.location()), job, records));
    }
    Ok(Some((store, schema)))
}

fn does_not_fit(schema: &Schema, name: &str, job: &Job, records: usize) -> Error {
    let fields = schema.fields();
    let mut names: Vec<String> = fields.iter().take(3).map(|f| f.name()).collect();
    if fields.len() > names.len() {
        names.push("…".into());
    }
    Error::Misfit {
        schema: name.to_owned(),
        input: job.from.name(),
        fields: fields.len(),
        names: names.join(", "),
        records,
    }
}

/// How many records were tried, if no field takes a value in any of them.
pub(crate) fn misfit<'a>(schema: &Arc<Schema>, records: impl Iterator<Item = &'a [u8]>) -> Option<usize> {
    let trial = Batch::split(schema, records.take(TRIAL_RECORDS));
    let takes_a_value = (0..schema.fields().len())
        .any(|field| (0..trial.rows()).any(|row| trial.value(field, row).is_some_and(|v| v != Value::Null)));
    (trial.rows() > 0 && !schema.fields().is_empty() && !takes_a_value).then_some(trial.rows())
}
