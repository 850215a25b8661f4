//! Clients of an Athena and an S3 that share an address.

use aws_sdk_athena::config::{BehaviorVersion, Credentials, Region};

pub fn clients(address: &str, [key, secret]: [&str; 2]) -> (aws_sdk_athena::Client, aws_sdk_s3::Client) {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let credentials = Credentials::new(key, secret, None, None, "test");
    let athena = aws_sdk_athena::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(address)
        .http_client(http.clone())
        .credentials_provider(credentials.clone())
        .build();
    let s3 = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(address)
        .http_client(http)
        .credentials_provider(credentials)
        .force_path_style(true)
        .build();
    (aws_sdk_athena::Client::from_conf(athena), aws_sdk_s3::Client::from_conf(s3))
}
