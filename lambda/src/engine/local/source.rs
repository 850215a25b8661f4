//! The table as DataFusion sees it.

use std::{any::Any, sync::Arc};

use async_trait::async_trait;
use datafusion::{
    arrow::datatypes::{DataType, SchemaRef, TimeUnit},
    catalog::{Session, TableProvider},
    common::{Column, Result, ScalarValue},
    error::DataFusionError,
    logical_expr::{BinaryExpr, Operator, TableProviderFilterPushDown, TableType, expr::InList},
    physical_plan::ExecutionPlan,
    prelude::Expr,
};
use iceberg::{Runtime, table::Table};
use iceberg_datafusion::IcebergStaticTableProvider;

use super::scan::{Meter, MeteredScan};

/// One snapshot of the table.
#[derive(Debug)]
pub(super) struct Source {
    table: IcebergStaticTableProvider,
    meter: Meter,
}

impl Source {
    pub(super) async fn new(table: Table, meter: Meter) -> Result<Self> {
        let failed = |e| DataFusionError::External(Box::new(e));
        // A table reads on the threads that its store was opened on, unless it is told otherwise.
        let here = Table::builder()
            .identifier(table.identifier().clone())
            .metadata(table.metadata_ref())
            .metadata_location(table.metadata_location_result().map_err(failed)?)
            .file_io(table.file_io().clone())
            .readonly(true)
            .runtime(Runtime::try_current().map_err(failed)?)
            .build()
            .map_err(failed)?;
        let table = IcebergStaticTableProvider::try_new_from_table(here).await;
        Ok(Source { table: table.map_err(failed)?, meter })
    }
}

#[async_trait]
impl TableProvider for Source {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let scan = self.table.scan(state, projection, filters, limit).await?;
        Ok(Arc::new(MeteredScan::new(scan, self.meter.clone())))
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let schema = self.schema();
        let support = |filter: &&Expr| {
            if is_sound(filter, &schema) {
                TableProviderFilterPushDown::Inexact
            } else {
                TableProviderFilterPushDown::Unsupported
            }
        };
        Ok(filters.iter().map(support).collect())
    }
}

/// Whether the table's reader means the same by a filter. It takes any filter, but drops casts (`CAST(x AS bigint) = 5`
/// would lose 5.3) and the halves of conjunctions that it does not understand (wrong under NOT), and it stops at
/// literals of another type than the column's.
fn is_sound(filter: &Expr, schema: &SchemaRef) -> bool {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And | Operator::Or, right }) => {
            is_sound(left, schema) && is_sound(right, schema)
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            let is_comparison = matches!(
                op,
                Operator::Eq
                    | Operator::NotEq
                    | Operator::Lt
                    | Operator::LtEq
                    | Operator::Gt
                    | Operator::GtEq
            );
            match (left.as_ref(), right.as_ref()) {
                (Expr::Column(column), Expr::Literal(value, _)) => {
                    is_comparison && is_own(column, value, schema)
                }
                _ => false,
            }
        }
        Expr::IsNull(inner) | Expr::IsNotNull(inner) => matches!(inner.as_ref(), Expr::Column(_)),
        Expr::InList(InList { expr, list, negated: false }) => match expr.as_ref() {
            Expr::Column(column) => list
                .iter()
                .all(|item| matches!(item, Expr::Literal(value, _) if is_own(column, value, schema))),
            _ => false,
        },
        _ => false,
    }
}

/// Whether the literal is a value of the column's type, one of those whose order both sides agree on.
fn is_own(column: &Column, value: &ScalarValue, schema: &SchemaRef) -> bool {
    let Ok(field) = schema.field_with_name(column.name()) else {
        return false;
    };
    let is_known = match (field.data_type(), value.data_type()) {
        (DataType::LargeBinary | DataType::Binary, DataType::LargeBinary | DataType::Binary) => true,
        (own @ (DataType::Int64 | DataType::Utf8 | DataType::Boolean), other) => *own == other,
        (own @ DataType::Timestamp(TimeUnit::Microsecond, None), other) => *own == other,
        _ => false,
    };
    is_known && !value.is_null()
}

#[cfg(test)]
mod tests {
    use datafusion::{
        arrow::datatypes::{Field, Schema},
        prelude::{cast, col, lit},
    };

    use super::*;

    #[test]
    fn only_filters_with_one_meaning_reach_the_reader() {
        let time = DataType::Timestamp(TimeUnit::Microsecond, None);
        let fields = [("n", DataType::Int64), ("x", DataType::Float64), ("s", DataType::Utf8), ("t", time)];
        let fields: Vec<Field> =
            fields.into_iter().map(|(name, data_type)| Field::new(name, data_type, true)).collect();
        let schema: SchemaRef = Arc::new(Schema::new(fields));
        let sound = [
            col("n").eq(lit(5i64)).and(col("s").gt(lit("a"))),
            col("n").is_null().or(col("s").in_list(vec![lit("a")], false)),
            col("t").lt(lit(ScalarValue::TimestampMicrosecond(Some(1), None))),
        ];
        let unsound = [
            cast(col("x"), DataType::Int64).eq(lit(5i64)),
            col("n").eq(lit(5i32)),
            col("x").lt(lit(f64::NAN)),
            Expr::Not(Box::new(col("n").eq(lit(5i64)))),
            col("n").eq(lit(5i64)).or(cast(col("n"), DataType::Utf8).eq(lit("5"))),
            col("s").in_list(vec![lit("a")], true),
            col("n").eq(lit(ScalarValue::Int64(None))),
        ];
        assert!(sound.iter().all(|filter| is_sound(filter, &schema)));
        for filter in &unsound {
            assert!(!is_sound(filter, &schema), "{filter}");
        }
    }
}
