//! Which shards may be read: children after their parents' end.

use std::collections::HashSet;

use crate::kinesis::Listed;

/// The shards to begin with now: those not begun whose parents are read to their ends. A parent that the stream has
/// forgotten holds nothing any more.
pub(super) fn ready<'a>(
    listed: &'a [Listed],
    begun: &HashSet<String>,
    ended: &HashSet<String>,
) -> Vec<&'a Listed> {
    let names: HashSet<&str> = listed.iter().map(|shard| shard.id.as_str()).collect();
    let is_past = |parent: &String| ended.contains(parent) || !names.contains(parent.as_str());
    listed
        .iter()
        .filter(|shard| !begun.contains(&shard.id) && !ended.contains(&shard.id))
        .filter(|shard| shard.parents.iter().all(is_past))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Any history of splits and merges: every shard is begun once, and after its parents' end.
        #[test]
        fn every_shard_has_its_turn(parents in prop::collection::vec((any::<usize>(), any::<usize>(), 0u8..4), 1..20)) {
            let mut listed: Vec<Listed> = Vec::new();
            for (i, (a, b, kind)) in parents.into_iter().enumerate() {
                let of = |n: usize| if i == 0 { "gone".into() } else { format!("s{}", n % i) };
                let parents = match kind { 0 => vec![], 1 => vec![of(a)], 2 => vec![of(a), of(b)], _ => vec!["gone".into()] };
                listed.push(Listed { id: format!("s{i}"), parents });
            }
            let (mut begun, mut ended) = (HashSet::new(), HashSet::new());
            loop {
                let now = ready(&listed, &begun, &ended);
                for shard in &now {
                    prop_assert!(begun.insert(shard.id.clone()), "begun twice");
                    prop_assert!(shard.parents.iter().all(|p| p == "gone" || ended.contains(p)));
                }
                // One of them at a time reaches its end.
                let Some(next) = begun.iter().find(|s| !ended.contains(*s)).cloned() else { break };
                ended.insert(next);
            }
            prop_assert_eq!(ended.len(), listed.len());
        }
    }
}
