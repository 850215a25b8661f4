//! Joins that let go of their thread now and then, so that a cancelled query ends.
//!
//! `DataFusion` makes its sources yield after some batches; a join that makes thousands of batches from one of its
//! input's would be aborted only when it asks for the next one.

use std::sync::Arc;

use datafusion::{
    common::tree_node::{Transformed, TreeNode},
    config::ConfigOptions,
    error::Result,
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        ExecutionPlan,
        coop::CooperativeExec,
        joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec},
    },
};

#[derive(Debug)]
pub(super) struct YieldingJoins;

impl PhysicalOptimizerRule for YieldingJoins {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let wrap = |plan: Arc<dyn ExecutionPlan>| {
            let node = plan.as_any();
            let is_join = node.is::<CrossJoinExec>()
                || node.is::<HashJoinExec>()
                || node.is::<NestedLoopJoinExec>()
                || node.is::<SortMergeJoinExec>();
            if is_join {
                Ok(Transformed::yes(Arc::new(CooperativeExec::new(plan)) as Arc<dyn ExecutionPlan>))
            } else {
                Ok(Transformed::no(plan))
            }
        };
        plan.transform_up(wrap).map(|transformed| transformed.data)
    }

    fn name(&self) -> &'static str {
        "yielding_joins"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use datafusion::{execution::SessionStateBuilder, physical_plan::displayable, prelude::SessionContext};

    use super::*;

    #[tokio::test]
    async fn a_join_can_be_interrupted() {
        let rule = Arc::new(YieldingJoins);
        let state =
            SessionStateBuilder::new().with_default_features().with_physical_optimizer_rule(rule).build();
        let session = SessionContext::new_with_state(state);
        for (sql, join) in [
            ("SELECT * FROM (VALUES (1)) a(x) JOIN (VALUES (2)) b(y) ON x < y", "NestedLoopJoinExec"),
            ("SELECT * FROM (VALUES (1)) a(x) CROSS JOIN (VALUES (2)) b(y)", "CrossJoinExec"),
            ("SELECT * FROM (VALUES (1)) a(x) JOIN (VALUES (2)) b(y) ON x = y", "HashJoinExec"),
        ] {
            let plan = session.sql(sql).await.unwrap().create_physical_plan().await.unwrap();
            let text = displayable(plan.as_ref()).indent(false).to_string();
            let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
            let at = lines.iter().position(|line| line.starts_with(join)).unwrap();
            assert!(lines[at - 1].starts_with("CooperativeExec"), "{text}");
        }
    }
}
