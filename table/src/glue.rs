//! The catalogue of a store on S3: Glue.
//!
//! Region, credentials and endpoints are those that the AWS tools find: environment, profile, role.

use std::{collections::HashMap, env, sync::Arc};

use aws_config::BehaviorVersion;
use iceberg::{
    Catalog, CatalogBuilder,
    io::{S3_ENDPOINT, S3_PATH_STYLE_ACCESS, S3_REGION},
};
use iceberg_catalog_glue::{GLUE_CATALOG_PROP_WAREHOUSE, GlueCatalogBuilder};
use iceberg_storage_opendal::OpenDalStorageFactory;

use crate::error::{Error, Result};

/// The catalogue's name, which Glue does not keep.
const NAME: &str = "glue";

/// An endpoint for S3 alone, as the AWS tools read it.
const S3_ENDPOINT_VARIABLE: &str = "AWS_ENDPOINT_URL_S3";

/// Where S3 is.
pub(crate) struct S3 {
    pub(crate) region: String,
    /// If it is not AWS itself; only that has a host name for every bucket.
    pub(crate) endpoint: Option<String>,
}

impl S3 {
    /// As the AWS tools find it; `store` names the place in messages.
    pub(crate) async fn find(store: &str) -> Result<Self> {
        let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
        let Some(region) = aws.region() else {
            return Err(Error::NoRegion { store: store.to_owned() });
        };
        let endpoint = env::var(S3_ENDPOINT_VARIABLE).ok().or(aws.endpoint_url().map(Into::into));
        Ok(S3 { region: region.to_string(), endpoint })
    }
}

/// Opens the Glue catalogue of this account and region, for tables below a prefix on S3.
pub(crate) async fn open(root: &str) -> Result<Arc<dyn Catalog>> {
    let s3 = S3::find(root).await?;
    let mut properties =
        HashMap::from([(GLUE_CATALOG_PROP_WAREHOUSE.into(), root.into()), (S3_REGION.into(), s3.region)]);
    if let Some(endpoint) = s3.endpoint {
        properties.insert(S3_ENDPOINT.into(), endpoint);
        properties.insert(S3_PATH_STYLE_ACCESS.into(), "true".into());
    }
    let storage = OpenDalStorageFactory::S3 { customized_credential_load: None };
    let builder = GlueCatalogBuilder::default().with_storage_factory(Arc::new(storage));
    let catalog = builder.load(NAME, properties).await.map_err(|error| Error::table(root, error))?;
    Ok(Arc::new(catalog))
}
