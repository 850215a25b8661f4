//! What other senders put into the stream.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::harness::{Ground, census, same};

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn a_corrupt_block_is_a_dead_letter_and_the_rest_goes_on() {
    let ground = Ground::new(2);
    let corrupt = b"FDL\0 this is no block".to_vec();
    ground.put(b"{\"a\":1}");
    let (shard, sequence) = ground.put(&corrupt);
    ground.put(b"{\"a\":2}\n{\"a\":3}\n");
    let expected = census([b"{\"a\":1}".to_vec(), b"{\"a\":2}".to_vec(), b"{\"a\":3}".to_vec()]);
    for store in ["store".to_owned(), ground.s3("a")] {
        let counts = ground.consume(&store, &[]);
        let count = |name: &str| counts[name].as_u64().unwrap();
        assert_eq!((count("received"), count("stored"), count("known"), count("dead")), (4, 3, 0, 1));
        same(&ground.stored(&store), &expected);
    }
    // The stream's creation time is in the name, which the test does not know: the directory tells it.
    let folder = std::fs::read_dir(ground.path("store/dead-letter")).unwrap().next().unwrap().unwrap();
    let name = format!("{}/{shard}/{sequence}.json", folder.file_name().into_string().unwrap());
    let local = std::fs::read(ground.path("store/dead-letter").join(&name)).unwrap();
    assert_eq!(local, ground.object(&format!("a/dead-letter/{name}")));
    let letter: Value = serde_json::from_slice(&local).unwrap();
    assert_eq!(letter["sequence"].as_str(), Some(sequence.as_str()));
    assert_eq!(STANDARD.decode(letter["data"].as_str().unwrap()).unwrap(), corrupt);
    assert!(!letter["reason"].as_str().unwrap().is_empty());
    for store in ["store".to_owned(), ground.s3("a")] {
        assert_eq!(ground.consume(&store, &[])["received"], 0);
    }
}

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn identical_plain_records_are_two_records() {
    let ground = Ground::new(1);
    ground.put(b"{\"a\":1}");
    ground.put(b"{\"a\":1}");
    ground.consume("store", &[]);
    same(&ground.stored("store"), &census([b"{\"a\":1}".to_vec(), b"{\"a\":1}".to_vec()]));
}
