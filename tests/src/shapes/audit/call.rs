//! What is called, with the parameters and the answer that each call has.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::super::values::{NAMES, alnum, hex, one_of, pick, skewed, time, upper, uuid};

pub(super) type Resources<'a> = (&'a [String], &'a [String], &'a [String], &'a [String]);

pub(super) fn call(
    rng: &mut ChaCha8Rng,
    account: &str,
    region: &str,
    (buckets, keys, instances, tables): Resources<'_>,
    now: i64,
) -> (&'static str, &'static str, bool, String, String) {
    let none = || "null".to_owned();
    match skewed(rng, 9) {
        0 => (
            "dynamodb",
            "DescribeTable",
            true,
            format!("{{\"tableName\":\"{}\"}}", one_of(rng, tables)),
            none(),
        ),
        1 => (
            "s3",
            "GetObject",
            true,
            format!(
                "{{\"bucketName\":\"{}\",\"Host\":\"s3.{region}.amazonaws.com\",\"key\":\"dt={}/part-{:05}-{}.snappy.parquet\"}}",
                one_of(rng, buckets),
                &time(now, 'T', 0, "")[..10],
                rng.random_range(0..400),
                uuid(rng)
            ),
            none(),
        ),
        2 => (
            "kms",
            "Decrypt",
            true,
            format!(
                "{{\"encryptionContext\":{{\"aws:s3:arn\":\"arn:aws:s3:::{}\"}},\"keyId\":\"arn:aws:kms:{region}:{account}:key/{}\",\"encryptionAlgorithm\":\"SYMMETRIC_DEFAULT\"}}",
                one_of(rng, buckets),
                one_of(rng, keys)
            ),
            none(),
        ),
        3 => (
            "sts",
            "AssumeRole",
            true,
            format!(
                "{{\"roleArn\":\"arn:aws:iam::{account}:role/worker-role-{}\",\"roleSessionName\":\"{}\",\"durationSeconds\":{}}}",
                rng.random_range(0..12),
                pick(rng, &NAMES),
                [900, 3600, 43200][skewed(rng, 3)]
            ),
            format!(
                "{{\"credentials\":{{\"accessKeyId\":\"ASIA{}\",\"sessionToken\":\"{}\",\"expiration\":\"{}\"}},\"packedPolicySize\":{}}}",
                upper(rng, 16),
                alnum(rng, 80),
                time(now + 3_600_000_000, 'T', 0, "Z"),
                rng.random_range(2..60)
            ),
        ),
        4 => {
            let list: Vec<String> = (0..rng.random_range(1..4))
                .map(|_| format!("{{\"instanceId\":\"{}\"}}", one_of(rng, instances)))
                .collect();
            (
                "ec2",
                "DescribeInstances",
                true,
                format!("{{\"instancesSet\":{{\"items\":[{}]}},\"filterSet\":{{}}}}", list.join(",")),
                none(),
            )
        }
        5 => (
            "logs",
            "CreateLogStream",
            false,
            format!(
                "{{\"logGroupName\":\"/aws/lambda/{}-fn\",\"logStreamName\":\"{}/[$LATEST]{}\"}}",
                pick(rng, &["ingest", "resize", "notify", "billing"]),
                time(now, 'T', 0, "")[..10].replace('-', "/"),
                hex(rng, 32)
            ),
            none(),
        ),
        6 => (
            "ec2",
            "RunInstances",
            false,
            format!(
                "{{\"instancesSet\":{{\"items\":[{{\"imageId\":\"ami-0{}\",\"minCount\":1,\"maxCount\":{}}}]}},\"instanceType\":\"{}\"}}",
                hex(rng, 16),
                rng.random_range(1..5),
                pick(rng, &["m6i.large", "c7g.xlarge", "t3.medium"])
            ),
            format!(
                "{{\"requestId\":\"{}\",\"instancesSet\":{{\"items\":[{{\"instanceId\":\"i-0{}\",\"privateIpAddress\":\"10.{}.{}.{}\"}}]}}}}",
                uuid(rng),
                hex(rng, 16),
                rng.random_range(0..4),
                rng.random_range(0..256),
                rng.random_range(1..255)
            ),
        ),
        7 => (
            "iam",
            "ListAttachedRolePolicies",
            true,
            format!("{{\"roleName\":\"worker-role-{}\"}}", rng.random_range(0..12)),
            none(),
        ),
        _ => (
            "dynamodb",
            "UpdateItem",
            false,
            format!(
                "{{\"tableName\":\"{}\",\"key\":{{\"pk\":\"user#{}\",\"sk\":\"v{}\"}},\"returnValues\":\"NONE\"}}",
                one_of(rng, tables),
                rng.random_range(1..90_000),
                rng.random_range(0..5)
            ),
            none(),
        ),
    }
}
