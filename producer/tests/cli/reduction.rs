//! Schemas that leave something out: asked for, said, kept in the store, and nothing else.

use serde_json::Value;

use crate::run::{Sandbox, lines, sorted};

const LOG: &str = "\
{\"at\": \"2031-05-17T21:04:08Z\", \"user\": {\"id\": 7, \"mail\": \"a@b\"}, \"url\": \"/a?token=1#x\", \"ip\": \"10.0.0.1\"}
{\"url\": \"/b\",  \"at\": \"2031-05-17T21:04:09Z\", \"user\": {\"mail\": \"c@d\"}, \"n\": 1.0}
not json, and so without members
{\"at\": null, \"url\": \"\\u002fc\\u003ftoken=2\", \"user\": {\"id\": 8.0}, \"url\": \"?again\"}
{\"ip\": \"10.0.0.2\"}
";

const LEFT: &str = "\
{\"at\": \"2031-05-17T21:04:08Z\", \"user\": {\"id\": 7}, \"url\": \"/a#x\"}
{\"url\": \"/b\",  \"at\": \"2031-05-17T21:04:09Z\"}
not json, and so without members
{\"at\": null, \"url\": \"\\u002fc\", \"user\": {\"id\": 8.0}, \"url\": \"\"}
{}
";

const SAID: &str = "lossy by request of the schema: only at, user.id, url are kept; the query of url is cut; all else comes \
                    back as it was sent";

/// A log, and a schema of it that keeps little.
fn lossy() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("log", LOG);
    let args = ["infer", "log", "--keep", "at,user.id,url", "--strip", "url=query", "-o", "schema"];
    let ran = sandbox.run(&args).done();
    assert!(ran.err.contains(SAID), "{}", ran.err);
    sandbox
}

#[test]
fn infer_writes_what_is_asked_for() {
    let sandbox = lossy();
    let schema: Value = serde_json::from_slice(&sandbox.read("schema")).unwrap();
    assert_eq!(schema["keep"], serde_json::json!([["at"], ["user", "id"], ["url"]]));
    let fields = schema["fields"].as_array().unwrap();
    let columns: Vec<_> =
        fields.iter().map(|f| (f["column"].as_str().unwrap(), f["strip"].as_str())).collect();
    assert_eq!(columns, [("at", None), ("user_id", None), ("url", Some("query"))]);

    let ran = sandbox.run(&["infer", "log", "--keep", "user,nobody"]).done();
    assert_eq!(ran.json()["keep"], serde_json::json!([["user"], ["nobody"]]));
    assert!(ran.err.contains("no field of these records is named nobody"), "{}", ran.err);
    sandbox.run(&["infer", "log", "--strip", "nobody=query"]).failed_usage(&["no such field"]);
    sandbox.run(&["infer", "log", "--strip", "user.id=params"]).failed_usage(&["a URL is text"]);
    sandbox.run(&["infer", "log", "--keep", "user,user.id"]).failed_usage(&["keeps already"]);
    sandbox.write("nested", "{\"a\": \"{\\\"b\\\": 1}\"}\n".repeat(20));
    sandbox.run(&["infer", "nested", "--keep", "a.b"]).failed_usage(&["--keep a"]);
    sandbox.run(&["infer", "nested", "--keep", "a"]).done();
    assert_eq!(sandbox.run(&["infer", "log", "--strip", "url=fragment"]).code, Some(2));
}

#[test]
fn what_comes_back_is_the_declared_reduction() {
    let sandbox = lossy();
    let consume = ["consume", "--from", "log", "--to", "store", "--schema", "schema", "--source", "log"];
    let ran = sandbox.run(&consume).done();
    assert!(ran.err.starts_with(&format!("fidelog: {SAID}\n")), "{}", ran.err);
    sandbox.run(&["export", "--store", "store", "-o", "back"]).done();
    assert_eq!(lines(&sandbox.read("back")), lines(LEFT.as_bytes()));
    // It is the store's from now on, also for those who name no schema, and for pipes.
    let ran = sandbox.pipe(LOG.as_bytes(), &["consume", "--from", "-", "--to", "store"]).done();
    assert!(ran.err.contains(SAID), "{}", ran.err);
    assert_eq!(sandbox.stored("store"), sorted(LEFT.lines().chain(LEFT.lines()).map(str::as_bytes)));
    for show in [&["verify", "--store", "store"][..], &["setup", "--to", "store", "--schema", "schema"]] {
        let ran = sandbox.run(show).done();
        assert!(ran.text().contains(SAID), "{ran:?}");
    }
    // Positions count what was received: a grown file is known by its first record, and only what is new is stored.
    sandbox.write("log", format!("{LOG}{{\"ip\": 1, \"url\": \"/d?\"}}\n"));
    let json =
        sandbox.run(&["--log-format", "json"].iter().chain(&consume).copied().collect::<Vec<_>>()).done();
    assert!(json.text().contains("6 records received, 1 stored, 5 trimmed"), "{json:?}");
    let said: Value = serde_json::from_str(json.err.lines().next().unwrap()).unwrap();
    assert_eq!(said["level"], "WARN");
    assert_eq!(said["left_out"], "only at, user.id, url are kept; the query of url is cut");
    sandbox.write("log", "{\"at\": \"2031-05-17T21:04:10Z\"}\n");
    sandbox.run(&consume).failed_last(&["began with another record"]);
    // Where no field fits, nothing might be left.
    sandbox.write("log", "{\"other\": 1}\n");
    let ran = sandbox.run(&["consume", "--from", "log", "--to", "store"]);
    ran.failed_last(&["the schema of", "user.id", "1 records"]);
}

#[test]
fn a_later_version_may_keep_more_and_never_less() {
    let sandbox = lossy();
    let consume = ["consume", "--from", "log", "--to", "store", "--source", "log"];
    sandbox.run(&["setup", "--to", "store", "--schema", "schema"]).done();
    sandbox.run(&consume).done();
    let schema = String::from_utf8(sandbox.read("schema")).unwrap();
    let setup = |document: &str| {
        sandbox.write("next", document);
        sandbox.run(&["setup", "--to", "store", "--schema", "next"])
    };
    let mut document: Value = serde_json::from_str(&schema).unwrap();
    let edit = |document: &mut Value, edit: &dyn Fn(&mut Value)| {
        edit(document);
        document.to_string()
    };
    for (narrower, why) in [
        (edit(&mut document.clone(), &|d| d["fields"][1]["strip"] = "query".into()), "text"),
        (edit(&mut document.clone(), &|d| d["keep"] = serde_json::json!([["at"], ["url"]])), "not kept"),
    ] {
        setup(&narrower).failed(&[why]);
    }
    // With a field more, a whole object, and the parameters' names.
    let wider = edit(&mut document, &|d| {
        d["keep"] = serde_json::json!([["at"], ["user"], ["url"], ["ip"]]);
        d["fields"][2]["strip"] = "params".into();
        let field = serde_json::json!({"path": ["ip"], "column": "ip", "encoding": "text"});
        d["fields"].as_array_mut().unwrap().push(field);
    });
    let ran = setup(&wider).done();
    assert!(
        ran.text().contains("new columns ip") && ran.text().contains("user, url, ip are kept"),
        "{ran:?}"
    );
    setup(&wider).done();
    for (narrower, why) in [
        (wider.replace("params", "query"), "cuts more of url"),
        (wider.replace(r#"["user"]"#, r#"["user","id"]"#), "does not keep user"),
    ] {
        setup(&narrower).failed(&["leaves out more", why]);
    }
    // What is stored stays; the same file goes on under the new version.
    sandbox.write("log", format!("{LOG}{{\"ip\": 1, \"no\": 2, \"url\": \"/d?e=f\"}}\n"));
    sandbox.run(&consume).done();
    let expected = format!("{LEFT}{{\"ip\": 1, \"url\": \"/d?e=\"}}\n");
    assert_eq!(sandbox.stored("store"), lines(expected.as_bytes()));
    // Nothing left out any more.
    let all = edit(&mut document, &|d| {
        d.as_object_mut().unwrap().remove("keep");
        d["fields"][2].as_object_mut().unwrap().remove("strip");
    });
    let ran = setup(&all).done();
    assert!(!ran.text().contains("lossy"), "{ran:?}");
    setup(&wider).failed(&["keeps only some"]);
    let ran =
        sandbox.pipe(b"{\"ip\": \"1\", \"no\": 2}\n", &["consume", "--from", "-", "--to", "store"]).done();
    assert_eq!(ran.err, "");
    assert_eq!(
        sandbox.stored("store"),
        lines(format!("{expected}{{\"ip\": \"1\", \"no\": 2}}\n").as_bytes())
    );
}
