//! `fidelog infer`

use crate::run::Sandbox;

#[test]
fn a_schema_goes_to_standard_output_and_the_reasons_beside_it() {
    let sandbox = Sandbox::new();
    sandbox.run(&["sample", "-n", "2000", "-o", "s.json"]).done();
    let inferred = sandbox.run(&["infer", "s.json"]).done();
    let schema = inferred.json();
    assert_eq!(schema["event_time"], "indate");
    let encodings: Vec<&str> =
        schema["fields"].as_array().unwrap().iter().map(|f| f["encoding"].as_str().unwrap()).collect();
    assert_eq!(encodings, ["integer", "hex", "timestamp", "text", "text", "json"]);
    assert!(inferred.err.contains("2000 records") && inferred.err.contains("100.0 %"), "{}", inferred.err);

    let to_file = sandbox.run(&["infer", "s.json", "-o", "schema.json"]).done();
    assert_eq!(to_file.text(), "");
    assert_eq!(sandbox.read("schema.json"), inferred.out);

    let report = sandbox.run(&["infer", "s.json", "--json", "--records", "100"]).done().json();
    assert_eq!(report["records"], 100);
    assert_eq!(report["schema"]["fields"].as_array().unwrap().len(), 6);
    assert_eq!(report["fields"][0]["fits"], 100);
}

#[test]
fn records_without_members_are_told_apart_from_no_records() {
    let sandbox = Sandbox::new();
    let text = sandbox.pipe(b"plain text\nmore\n", &["infer", "-"]).done();
    assert_eq!(text.json()["fields"].as_array().unwrap().len(), 0);
    assert!(text.err.contains("no member"), "{}", text.err);
    sandbox.pipe(b"", &["infer", "-"]).failed(&["standard input", "no record"]);
}
