//! Glue's optimizers, switched on by `setup`: against their protocol as its reference has it, since the local AWS has none.

use crate::{harness::Ground, proxy::Optimizers};

const SCHEMA: &str = r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},"fields":[]}"#;
const ROLE: &str = "arn:aws:iam::000000000000:role/optimizer";
const RETENTION: &str = "/retentionConfiguration/icebergConfiguration";
const CATALOG: &str = "000000000000";

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn optimizers_are_switched_on_once_and_left_as_they_are_set() {
    let proxy = Optimizers::start();
    let mut ground = Ground::new(1);
    ground.endpoint = proxy.url();
    let (store, database) = (ground.s3("o"), ground.database());
    std::fs::write(ground.path("schema"), SCHEMA).unwrap();
    let setup = |to: &str, role: &str| {
        let more = ["--schema", "schema", "--optimizer-role", role];
        let output = ground.on("setup", "--to", to, &more).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, said, _) = setup(&store, ROLE);
    assert!(code == Some(0) && said.contains("(3 of them switched on now)"), "{said}");
    let (there, calls) = proxy.take(CATALOG, &database, "logs");
    let made = |kind: &str| [format!("GetTableOptimizer {kind}"), format!("CreateTableOptimizer {kind}")];
    assert_eq!(calls, ["compaction", "retention", "orphan_file_deletion"].map(made).concat());
    for configuration in there.values() {
        assert_eq!(configuration["enabled"], true);
        assert_eq!(configuration["roleArn"], ROLE);
    }
    let retention = there["retention"].pointer(RETENTION).unwrap();
    assert_eq!(retention["snapshotRetentionPeriodInDays"], 5);
    assert_eq!(retention["numberOfSnapshotsToRetain"], 5);
    assert_eq!(retention["cleanExpiredFiles"], true);
    let files = &there["orphan_file_deletion"]["orphanFileDeletionConfiguration"]["icebergConfiguration"];
    assert_eq!(files["orphanFileRetentionPeriodInDays"], 3);

    // Again: they are on, and stay as somebody set them.
    proxy.edit(|configuration| {
        if let Some(days) = configuration.pointer_mut(&format!("{RETENTION}/snapshotRetentionPeriodInDays")) {
            *days = 9.into();
        }
    });
    let (before, _) = proxy.take(CATALOG, &database, "logs");
    let (code, said, _) = setup(&store, ROLE);
    assert!(code == Some(0) && said.contains("(0 of them switched on now)"), "{said}");
    let (there, calls) = proxy.take(CATALOG, &database, "logs");
    assert_eq!(there, before);
    assert!(calls.iter().all(|call| call.starts_with("Get")), "{calls:?}");

    // Off, or under another role: on again, otherwise as they were.
    proxy.edit(|configuration| configuration["enabled"] = false.into());
    assert!(setup(&store, ROLE).1.contains("(3 of them switched on now)"));
    assert_eq!(proxy.take(CATALOG, &database, "logs").0, before);
    let other = ROLE.replace("optimizer", "path/other");
    assert!(setup(&store, &other).1.contains("(3 of them switched on now)"));
    let (there, _) = proxy.take(CATALOG, &database, "logs");
    assert!(there.values().all(|configuration| configuration["roleArn"] == other.as_str()));
    let retention = there["retention"].pointer(RETENTION).unwrap();
    assert_eq!(retention["snapshotRetentionPeriodInDays"], 9);

    proxy.refuse();
    let (code, _, said) = setup(&store, ROLE);
    assert!(code == Some(1) && said.contains("AccessDenied") && said.contains("iam:PassRole"), "{said}");
    let (code, _, said) = setup("directory", ROLE);
    assert!(code == Some(2) && said.contains("fidelog maintain"), "{said}");
    assert!(!ground.path("directory").exists());
    assert_eq!(setup(&store, "optimizer").0, Some(2));
}
