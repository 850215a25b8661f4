//! `fidelog pack`, `unpack`, `inspect`

use crate::run::Sandbox;

#[test]
fn any_bytes_come_back() {
    let sandbox = Sandbox::new();
    sandbox.run(&["sample", "-n", "500", "-o", "sample"]).done();
    let sample = sandbox.read("sample");
    let files: [&[u8]; 11] = [
        &sample,
        b"",
        b"\n",
        b"\r\n\r\n",
        b"\0\xff\xfe{\"a\": \xc3\x28}\n",
        b"\xef\xbb\xbf[{\"a\":1}]",
        b"[]",
        b" [ ] \n",
        b"[{\"a\":1.0},\n {\"a\":1E5},{\"a\":-0} ]\n",
        b"{\"a\":1,\"a\":2}\n{\"b\":\"\\ud800\\/\"}",
        b"[1] x\n[2] y\n",
    ];
    for (i, file) in files.iter().enumerate() {
        sandbox.write("in", file);
        for level in ["fast", "default", "small"] {
            sandbox.run(&["pack", "in", "-o", "f.fdl", "--level", level]).done();
            sandbox.run(&["unpack", "f.fdl", "-o", "out"]).done();
            assert!(sandbox.read("out") == *file, "file {i} at level {level}");
        }
        let packed = sandbox.pipe(file, &["pack", "-", "-o", "-"]).done();
        assert!(
            sandbox.pipe(&packed.out, &["unpack", "-", "-o", "-"]).done().out == *file,
            "file {i} in a pipe"
        );
    }
    assert_eq!(sandbox.names(), ["f.fdl", "in", "out", "sample"]);
}

#[test]
fn a_sample_becomes_small() {
    let sandbox = Sandbox::new();
    sandbox.run(&["sample", "-n", "10000", "-o", "sample"]).done();
    sandbox.run(&["pack", "sample", "-o", "sample.fdl"]).done();
    let (raw, packed) = (sandbox.read("sample").len(), sandbox.read("sample.fdl").len());
    assert!(packed * 10 < raw, "{packed} of {raw}");
}

#[test]
fn inspect_accounts_for_every_byte() {
    let sandbox = Sandbox::new();
    sandbox.run(&["sample", "-n", "500", "-o", "s"]).done();
    sandbox.run(&["pack", "s", "-o", "s.fdl"]).done();
    let size = sandbox.read("s.fdl").len();
    let report = sandbox.run(&["inspect", "s.fdl", "--json"]).done().json();
    assert_eq!(report["records"], 500);
    assert_eq!(report["bytes"], size);
    assert_eq!(report["columns"][1]["encoding"], "hex");
    assert_eq!(report["columns"][1]["values"], 500);

    let table = sandbox.run(&["inspect", "s.fdl"]).done();
    let last = table.text().lines().last().unwrap();
    assert!(last.starts_with("all") && last.ends_with("100.0 %"), "{last}");
    let bytes = |line: &str| line.split_whitespace().rev().nth(2)?.replace(',', "").parse::<usize>().ok();
    let parts: Vec<usize> = table.text().lines().skip(3).filter_map(bytes).collect();
    assert_eq!(parts.last(), Some(&size));
    assert_eq!(parts.iter().sum::<usize>(), 2 * size, "{}", table.text());
}
