//! The schema as its document has it.

use alloc::{string::String, sync::Arc, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{Field, Path, Reduction, Result, Schema, Strip, Style, invalid};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    fidelog_schema: u32,
    version: u32,
    style: Style,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keep: Option<Vec<Path>>,
    fields: Vec<Member>,
}

#[derive(Serialize, Deserialize)]
struct Member {
    #[serde(flatten)]
    field: Field,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    strip: Option<Strip>,
}

impl From<Schema> for Document {
    fn from(schema: Schema) -> Self {
        let Schema { fidelog_schema, version, style, event_time, fields, reduction } = schema;
        let reduction = reduction.as_deref();
        let member = |field: Field| {
            let strip = reduction.and_then(|reduction| reduction.strip(&field.path));
            Member { field, strip }
        };
        let keep = reduction.and_then(Reduction::keep).map(<[Path]>::to_vec);
        let fields = fields.into_iter().map(member).collect();
        Document { fidelog_schema, version, style, event_time, keep, fields }
    }
}

impl Document {
    /// Not checked yet.
    pub(super) fn into_schema(self) -> Result<Schema> {
        let Document { fidelog_schema, version, style, event_time, keep, fields } = self;
        let stripped = |member: &Member| Some((member.field.path.clone(), member.strip?));
        let strip = fields.iter().filter_map(stripped).collect();
        let reduction = Reduction::new(keep, strip).map_err(invalid)?.map(Arc::new);
        let fields = fields.into_iter().map(|member| member.field).collect();
        Ok(Schema { fidelog_schema, version, style, event_time, fields, reduction })
    }
}
