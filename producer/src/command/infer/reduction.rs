//! What `fidelog infer` is asked to leave out: from the names that people use to paths and columns.

use std::collections::BTreeMap;

use clap::Args;
use fidelog_codec::{
    Schema,
    encoding::embedded,
    infer::Inference,
    reduction::{Path, Strip},
};

use super::note;
use crate::{
    error::{Error, Result},
    input::Records,
    reduce::reduced,
};

/// What is to be left out of records.
#[derive(Args)]
pub(super) struct Wanted {
    /// Keep only these members of the records (a.b is b in the object a; a keeps all of it)
    #[arg(long, value_name = "FIELD,...", value_delimiter = ',')]
    keep: Vec<String>,
    /// Cut the query of the URL in a field, or the values of its params
    #[arg(long, value_name = "FIELD=query|params", value_delimiter = ',', value_parser = strip)]
    strip: Vec<(String, Strip)>,
}

fn strip(text: &str) -> Result<(String, Strip), String> {
    match text.rsplit_once('=') {
        Some((name, "query")) => Ok((name.into(), Strip::Query)),
        Some((name, "params")) => Ok((name.into(), Strip::Params)),
        _ => Err("FIELD=query or FIELD=params expected".into()),
    }
}

impl Wanted {
    /// Proposes a schema from what is to be left of the records.
    pub(super) fn infer(&self, records: &Records) -> Result<Inference> {
        let whole = Schema::infer(records.iter());
        if self.keep.is_empty() && self.strip.is_empty() {
            return Ok(whole);
        }
        let fail = |detail: String| Error::Arguments { detail };
        let keep = match &self.keep[..] {
            [] => None,
            names => Some(names.iter().map(|name| kept(name, &whole)).collect::<Result<Vec<Path>>>()?),
        };
        let bare = Schema::empty(whole.schema.style().clone());
        let bare = bare.reduced(keep.clone(), &BTreeMap::new()).map_err(|e| fail(e.detail.clone().into()))?;
        let mut found = Schema::infer(reduced(&bare, records).iter());
        let mut columns = BTreeMap::new();
        for (name, part) in &self.strip {
            let field = found.schema.fields().iter().find(|field| field.name() == *name);
            let field = field.ok_or_else(|| fail(format!("--strip {name}: the schema has no such field")))?;
            columns.insert(field.column.clone(), *part);
        }
        found.schema = found.schema.reduced(keep, &columns).map_err(|e| fail(e.detail.clone().into()))?;
        Ok(found)
    }
}

/// The path of a field, or of an object around fields.
fn kept(name: &str, whole: &Inference) -> Result<Path> {
    let outer =
        |path: &Path| (1..=path.len()).map(|n| path.iter().take(n).cloned().collect::<Path>()).collect();
    let paths = whole.schema.fields().iter().flat_map(|field| -> Vec<Path> { outer(&field.path) });
    let named = |path: &Path| {
        path.iter().filter(|key| *key != embedded::STEP).eq(name.split('.')) || path.join(".") == name
    };
    match paths.into_iter().find(named) {
        Some(path) if embedded::depth(&path) > 0 => {
            let text: Path = path.into_iter().take_while(|key| key != embedded::STEP).collect();
            let text = text.join(".");
            let detail = format!(
                "--keep {name}: it is in the JSON text of the string {text}, which is kept or dropped whole: --keep {text}"
            );
            Err(Error::Arguments { detail })
        }
        Some(path) => Ok(path),
        None => {
            note(&format!("warning: no field of these records is named {name}; it is kept if it comes"));
            Ok(name.split('.').map(Into::into).collect())
        }
    }
}
