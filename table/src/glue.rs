//! The catalogue of a store on S3: Glue. And its optimizers, which keep a table small where they are switched on.
//!
//! Region, credentials and endpoints are those that the AWS tools find: environment, profile, role.

use std::{collections::HashMap, env, sync::Arc, time::Duration};

use aws_config::BehaviorVersion;
use aws_sdk_glue::{
    Client,
    error::DisplayErrorContext,
    types::{
        IcebergOrphanFileDeletionConfiguration, IcebergRetentionConfiguration,
        OrphanFileDeletionConfiguration, RetentionConfiguration, TableOptimizerConfiguration,
        TableOptimizerType,
    },
};
use iceberg::{
    Catalog, CatalogBuilder,
    io::{S3_ENDPOINT, S3_PATH_STYLE_ACCESS, S3_REGION},
};
use iceberg_catalog_glue::{GLUE_CATALOG_PROP_WAREHOUSE, GlueCatalogBuilder};
use iceberg_storage_opendal::OpenDalStorageFactory;

use crate::{
    error::{Error, Result},
    maintain::{Ages, KEPT_SNAPSHOTS},
    store::Store,
};

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

/// What Glue does for a table by itself.
const OPTIMIZERS: [TableOptimizerType; 3] =
    [TableOptimizerType::Compaction, TableOptimizerType::Retention, TableOptimizerType::OrphanFileDeletion];

/// Glue's optimizers of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Optimizers {
    /// Those that are on now.
    pub on: Vec<String>,
    /// Those of them that were not, or under another role.
    pub switched: Vec<String>,
}

impl Store {
    /// Switches Glue's compaction, retention and orphan-file optimizers on, under a role that lets Glue read and write
    /// the table. How they are set is left as it is where they are there already.
    pub async fn optimize(&self, role: &str) -> Result<Optimizers> {
        if !self.is_remote() {
            return Err(Error::NotInGlue { store: self.location().into() });
        }
        let client = Client::new(&aws_config::load_defaults(BehaviorVersion::latest()).await);
        let database = self.ident().namespace().to_url_string();
        let table = Table { store: self, client, database, catalog: String::new() };
        let table = Table { catalog: table.catalog().await?, ..table };
        let mut done = Optimizers { on: Vec::new(), switched: Vec::new() };
        for kind in OPTIMIZERS {
            if table.switch_on(&kind, role).await? {
                done.switched.push(kind.as_str().into());
            }
            done.on.push(kind.as_str().into());
        }
        Ok(done)
    }
}

/// A table as Glue names it.
struct Table<'a> {
    store: &'a Store,
    client: Client,
    database: String,
    /// The account that the catalogue belongs to.
    catalog: String,
}

impl Table<'_> {
    fn fail(&self, what: &str, error: impl std::error::Error) -> Error {
        let (store, what) = (self.store.location().to_owned(), what.to_owned());
        Error::Optimizer { store, what, detail: DisplayErrorContext(error).to_string() }
    }

    async fn catalog(&self) -> Result<String> {
        let get = self.client.get_table().database_name(&self.database).name(self.store.ident().name());
        let got = get.send().await.map_err(|error| self.fail("the table", error))?;
        let catalog = got.table().and_then(|table| table.catalog_id()).map(Into::into);
        catalog.ok_or_else(|| Error::Optimizer {
            store: self.store.location().into(),
            what: "the table".into(),
            detail: "Glue does not say which catalogue it is in".into(),
        })
    }

    /// `false` if it was on already.
    async fn switch_on(&self, kind: &TableOptimizerType, role: &str) -> Result<bool> {
        let (table, name) = (self.store.ident().name(), kind.as_str());
        let get = self.client.get_table_optimizer().catalog_id(&self.catalog).database_name(&self.database);
        let there = match get.table_name(table).r#type(kind.clone()).send().await {
            Ok(got) => got.table_optimizer().and_then(|optimizer| optimizer.configuration()).cloned(),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_entity_not_found_exception()) => None,
            Err(error) => return Err(self.fail(name, error)),
        };
        let wanted = match there {
            Some(there) if there.enabled() == Some(true) && there.role_arn() == Some(role) => {
                return Ok(false);
            }
            Some(mut there) => {
                (there.enabled, there.role_arn) = (Some(true), Some(role.into()));
                there
            }
            None => {
                let wanted = configuration(kind, role);
                let create = self.client.create_table_optimizer().catalog_id(&self.catalog);
                let create = create.database_name(&self.database).table_name(table).r#type(kind.clone());
                match create.table_optimizer_configuration(wanted.clone()).send().await {
                    Ok(_) => return Ok(true),
                    // Made meanwhile, maybe by this very call: its answer was lost and it was made again.
                    Err(error)
                        if error.as_service_error().is_some_and(|e| e.is_already_exists_exception()) => {}
                    Err(error) => return Err(self.fail(name, error)),
                }
                wanted
            }
        };
        let update = self.client.update_table_optimizer().catalog_id(&self.catalog);
        let update = update.database_name(&self.database).table_name(table).r#type(kind.clone());
        let updated = update.table_optimizer_configuration(wanted).send().await;
        updated.map(|_| true).map_err(|error| self.fail(name, error))
    }
}

/// How a new optimizer is set: what `maintain` would do.
fn configuration(kind: &TableOptimizerType, role: &str) -> TableOptimizerConfiguration {
    let ages = Ages::default();
    // A few days: they fit.
    let days = |age: Duration| (age.as_secs() / 86_400) as i32;
    let on = TableOptimizerConfiguration::builder().enabled(true).role_arn(role);
    match kind {
        TableOptimizerType::Retention => {
            let iceberg = IcebergRetentionConfiguration::builder()
                .snapshot_retention_period_in_days(days(ages.snapshots))
                .number_of_snapshots_to_retain(KEPT_SNAPSHOTS as i32)
                .clean_expired_files(true)
                .build();
            on.retention_configuration(
                RetentionConfiguration::builder().iceberg_configuration(iceberg).build(),
            )
        }
        TableOptimizerType::OrphanFileDeletion => {
            let iceberg = IcebergOrphanFileDeletionConfiguration::builder()
                .orphan_file_retention_period_in_days(days(ages.files))
                .build();
            let files = OrphanFileDeletionConfiguration::builder().iceberg_configuration(iceberg).build();
            on.orphan_file_deletion_configuration(files)
        }
        // Files that fill the target size, in the order of their arrival.
        _ => on,
    }
    .build()
}
