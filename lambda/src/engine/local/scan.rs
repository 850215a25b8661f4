//! A scan of the table that counts the bytes it reads.

use std::{
    any::Any,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use datafusion::{
    common::{Result, internal_err},
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, stream::RecordBatchStreamAdapter,
    },
};
use futures::TryStreamExt;
use iceberg::{
    Runtime,
    arrow::ArrowReaderBuilder,
    scan::{ArrowRecordBatchStream, ScanMetrics},
};
use iceberg_datafusion::{physical_plan::IcebergTableScan, to_datafusion_error};

/// Bytes at a file's end that are read first. Its footer is some kilobytes; half a megabyte, as the reader would have it,
/// is all of a small file, which is then read twice.
const FOOTER: usize = 32 << 10;

/// What a query's scans have read, while they run too.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter(Arc<Mutex<Vec<ScanMetrics>>>);

impl Meter {
    fn add(&self, metrics: ScanMetrics) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(metrics);
    }

    /// Bytes of data files.
    pub(super) fn bytes(&self) -> u64 {
        let scans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        scans.iter().map(ScanMetrics::bytes_read).sum()
    }
}

/// Iceberg's own scan of the table, with its reader's count kept.
#[derive(Debug)]
pub(super) struct MeteredScan {
    scan: Arc<dyn ExecutionPlan>,
    meter: Meter,
}

impl MeteredScan {
    pub(super) const fn new(scan: Arc<dyn ExecutionPlan>, meter: Meter) -> Self {
        MeteredScan { scan, meter }
    }
}

impl ExecutionPlan for MeteredScan {
    fn name(&self) -> &'static str {
        "MeteredScan"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.scan.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, _partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let Some(scan) = self.scan.as_any().downcast_ref::<IcebergTableScan>() else {
            return internal_err!("a scan of the Iceberg table expected");
        };
        let mut builder = scan.table().scan();
        builder = match scan.projection() {
            Some(columns) => builder.select(columns),
            None => builder.select_all(),
        };
        if let Some(snapshot) = scan.snapshot_id() {
            builder = builder.snapshot_id(snapshot);
        }
        if let Some(predicate) = scan.predicates() {
            builder = builder.with_filter(predicate.clone());
        }
        let table_scan = builder.build().map_err(to_datafusion_error)?;
        let (files, meter) = (scan.table().file_io().clone(), self.meter.clone());
        let read = async move {
            let reader = ArrowReaderBuilder::new(files, Runtime::try_current()?)
                .with_metadata_size_hint(FOOTER)
                .build();
            let result = reader.read(table_scan.plan_files().await?)?;
            meter.add(result.metrics().clone());
            iceberg::Result::<ArrowRecordBatchStream>::Ok(result.stream())
        };
        let batches = futures::stream::once(read).try_flatten().map_err(to_datafusion_error);
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches)))
    }
}

impl DisplayAs for MeteredScan {
    fn fmt_as(&self, kind: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scan.as_any().downcast_ref::<IcebergTableScan>() {
            Some(scan) => scan.fmt_as(kind, f),
            None => f.write_str(self.name()),
        }
    }
}
