//! Nested audit events of a cloud account: who called what from where, with parameters of its own for each call.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{
    Next,
    values::{
        AGENTS, Clock, NAMES, alnum, base64, chance, hex, ip, many, pick, skewed, tail, time, upper, uuid,
    },
};

mod call;

struct Principal {
    json: String,
    ip: String,
    agent: &'static str,
    region: &'static str,
}

pub(super) fn events(rng: &mut ChaCha8Rng) -> Next {
    let account = format!("{:012}", rng.random_range(100_000_000_000u64..999_999_999_999));
    let mut clock = Clock::new(rng, 900_000.0);
    let principals: Vec<Principal> = (0..120).map(|i| principal(rng, &account, i)).collect();
    let buckets = many(rng, 60, |rng, i| {
        format!("{}-{}-{}", ["logs", "data", "assets", "backup"][i % 4], account, alnum(rng, 6))
    });
    let keys = many(rng, 25, |rng, _| uuid(rng));
    let instances = many(rng, 90, |rng, _| format!("i-0{}", hex(rng, 16)));
    let tables = many(rng, 30, |_, i| {
        format!(
            "{}-{}",
            ["orders", "users", "sessions", "events", "carts"][i % 5],
            ["prod", "dev", "stage"][i % 3]
        )
    });
    Box::new(move |rng, out| {
        let who = &principals[skewed(rng, principals.len())];
        // Events of one delivery stand in no particular order.
        let now = clock.tick(rng) - rng.random_range(0..40_000_000);
        let (source, name, read, request, response) =
            call::call(rng, &account, who.region, (&buckets, &keys, &instances, &tables), now);
        let failure = if chance(rng, 35) {
            format!(
                "\"errorCode\":\"AccessDenied\",\"errorMessage\":\"User is not authorized to perform: {source}:{name} on resource\","
            )
        } else {
            String::new()
        };
        let data = matches!(name, "GetObject" | "UpdateItem");
        let transfer = if source == "s3" {
            format!(
                "\"additionalEventData\":{{\"SignatureVersion\":\"SigV4\",\"CipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"bytesTransferredIn\":0,\
                 \"AuthenticationMethod\":\"AuthHeader\",\"x-amz-id-2\":\"{}=\",\"bytesTransferredOut\":{}}},",
                base64(rng, 75),
                tail(rng, 800_000.0)
            )
        } else {
            String::new()
        };
        let agent = if chance(rng, 30) { "AWS Internal" } else { who.agent };
        *out = format!(
            "{{\"eventVersion\":\"1.09\",\"userIdentity\":{},\"eventTime\":\"{}\",\"eventSource\":\"{source}.amazonaws.com\",\"eventName\":\"{name}\",\
             \"awsRegion\":\"{}\",\"sourceIPAddress\":\"{}\",\"userAgent\":\"{agent}\",{failure}\"requestParameters\":{request},\"responseElements\":{response},{transfer}\
             \"requestID\":\"{}\",\"eventID\":\"{}\",\"readOnly\":{read},\"eventType\":\"AwsApiCall\",\"managementEvent\":{},\
             \"recipientAccountId\":\"{account}\",\"eventCategory\":\"{}\"{}}}",
            who.json,
            time(now, 'T', 0, "Z"),
            who.region,
            if chance(rng, 60) { format!("{source}.amazonaws.com") } else { who.ip.clone() },
            if source == "s3" { upper(rng, 16) } else { uuid(rng) },
            uuid(rng),
            !data,
            if data { "Data" } else { "Management" },
            if chance(rng, 700) {
                format!(
                    ",\"tlsDetails\":{{\"tlsVersion\":\"TLSv1.3\",\"cipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"clientProvidedHostHeader\":\"{source}.{}.amazonaws.com\"}}",
                    who.region
                )
            } else {
                String::new()
            },
        );
    })
}

fn principal(rng: &mut ChaCha8Rng, account: &str, i: usize) -> Principal {
    let name = NAMES[i % NAMES.len()];
    let id = upper(rng, 17);
    let region = pick(rng, &["eu-central-1", "us-east-1", "ap-northeast-2", "us-west-2"]);
    let json = match i % 4 {
        0 => format!(
            "{{\"type\":\"IAMUser\",\"principalId\":\"AIDA{id}\",\"arn\":\"arn:aws:iam::{account}:user/{name}\",\"accountId\":\"{account}\",\"accessKeyId\":\"AKIA{}\",\"userName\":\"{name}\"}}",
            upper(rng, 16)
        ),
        1 => format!(
            "{{\"type\":\"AWSService\",\"invokedBy\":\"{}.amazonaws.com\"}}",
            pick(rng, &["lambda", "ecs", "autoscaling", "config"])
        ),
        _ => {
            let role = format!("{}-role-{}", pick(rng, &["worker", "deploy", "reader", "ingest"]), i / 8);
            format!(
                "{{\"type\":\"AssumedRole\",\"principalId\":\"AROA{id}:{name}\",\"arn\":\"arn:aws:sts::{account}:assumed-role/{role}/{name}\",\"accountId\":\"{account}\",\"accessKeyId\":\"ASIA{}\",\
                 \"sessionContext\":{{\"sessionIssuer\":{{\"type\":\"Role\",\"principalId\":\"AROA{id}\",\"arn\":\"arn:aws:iam::{account}:role/{role}\",\"accountId\":\"{account}\",\"userName\":\"{role}\"}},\
                 \"attributes\":{{\"creationDate\":\"{}\",\"mfaAuthenticated\":\"false\"}}}}}}",
                upper(rng, 16),
                time(1_718_000_000_000_000 - rng.random_range(0..3_600_000_000), 'T', 0, "Z"),
            )
        }
    };
    let agent = match i % 3 {
        0 => {
            "Boto3/1.34.122 md/Botocore#1.34.122 ua/2.0 os/linux#5.10.217 md/arch#x86_64 lang/python#3.11.9 cfg/retry-mode#legacy"
        }
        1 => "aws-sdk-go-v2/1.27.2 os/linux lang/go#1.22.4 md/GOOS#linux md/GOARCH#amd64 api/dynamodb#1.32.8",
        _ => AGENTS[i % AGENTS.len()],
    };
    Principal { json, ip: ip(rng), agent, region }
}
