//! The API's own description is true.

use std::sync::Arc;

use crate::{
    caller::{Caller, json, query_string},
    engine::Fake,
    pages::schema,
};

#[tokio::test]
async fn every_route_is_served_and_answers_as_described() {
    let client = Caller::of(Arc::new(Fake::of_records(&[schema()], &[(1, b"{}")])));
    let document = json(&client.get("/v1/openapi.json", "*/*").await);
    assert_eq!(document["openapi"], "3.1.0");
    let mut routes = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "delete"] {
            let Some(operation) = item.get(method) else { continue };
            routes += 1;
            let id = client.start("SELECT * FROM logs").await;
            let mut target = path.replace("{id}", &id);
            if path == "/v1/query" {
                target = format!("{target}?{}", query_string(&[("sql", "SELECT * FROM logs")]));
            }
            let body: &[u8] = if method == "post" { br#"{"sql":"SELECT * FROM logs"}"# } else { b"" };
            let response = client.send(&method.to_uppercase(), &target, &[], body).await;
            assert!(response.status < 300, "{method} {path}: {}", response.status);
            let described = &operation["responses"][response.status.to_string()];
            let media_type = response.header("Content-Type").unwrap();
            assert!(described["content"].get(media_type).is_some(), "{method} {path}: {media_type}");
            for header in described["headers"].as_object().into_iter().flatten() {
                let optional = ["Fidelog-Next", "Fidelog-Multiline"].contains(&header.0.as_str());
                assert!(optional || response.header(header.0).is_some(), "{method} {path}: {}", header.0);
            }
            if media_type == "application/json" {
                let schema = &described["content"][media_type]["schema"];
                let schema = match schema["$ref"].as_str() {
                    Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
                    None => schema,
                };
                for name in schema["required"].as_array().into_iter().flatten() {
                    assert!(json(&response).get(name.as_str().unwrap()).is_some(), "{method} {path}: {name}");
                }
            }
        }
    }
    assert_eq!(routes, 8);
}
