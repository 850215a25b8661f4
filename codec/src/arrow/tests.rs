use alloc::{string::String, sync::Arc, vec, vec::Vec};
use std::format;

use arrow_array::{
    ArrayRef, BinaryArray, BinaryViewArray, DictionaryArray, FixedSizeBinaryArray, Int32Array, Int64Array,
    LargeStringArray, RecordBatch, StringArray, StringViewArray, TimestampMillisecondArray,
    TimestampNanosecondArray, new_null_array, types::Int32Type,
};
use arrow_schema::{DataType, Field, Schema as ArrowSchema};
use proptest::prelude::*;

use super::*;
use crate::{
    batch::Batch,
    column::{Column, NULL},
};

const SCHEMA: &str = r#"{"fidelog_schema":1,"version":1,"style":{"item":", ","key":": "},"event_time":"t","fields":[
    {"path":["i"],"column":"i","encoding":"integer"},
    {"path":["n"],"column":"n","encoding":"number","pattern":"shortest"},
    {"path":["b"],"column":"b","encoding":"boolean"},
    {"path":["h"],"column":"h","encoding":"hex","case":"lower"},
    {"path":["u"],"column":"u","encoding":"uuid"},
    {"path":["t"],"column":"t","encoding":"timestamp","pattern":"YYYY-MM-DDThh:mm:ss.f*Z"},
    {"path":["e"],"column":"e","encoding":"timestamp","pattern":"epoch_ms"},
    {"path":["s"],"column":"s","encoding":"text"},
    {"path":["j"],"column":"j","encoding":"json"}]}"#;

fn schema() -> Arc<Schema> {
    Arc::new(Schema::from_json(SCHEMA).unwrap())
}

/// Through arrays of the target types and back.
fn through_arrow(batch: &Batch, targets: Vec<Field>) -> Batch {
    let columns: Vec<ArrayRef> = arrays(batch, &targets).unwrap().into_iter().map(Option::unwrap).collect();
    let record_batch = RecordBatch::try_new(Arc::new(ArrowSchema::new(targets)), columns).unwrap();
    super::batch(batch.schema(), &record_batch).unwrap()
}

fn targets(schema: &Schema) -> Vec<Field> {
    let mut fields = schema_fields(schema);
    fields.push(Field::new(SKELETON, DataType::LargeBinary, true));
    fields
}

fn records(batch: &Batch) -> Vec<Vec<u8>> {
    let record = |row| {
        let mut out = Vec::new();
        batch.record_into(row, &mut out).unwrap();
        out
    };
    (0..batch.rows()).map(record).collect()
}

fn member() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        any::<i64>().prop_map(|v| format!("{v}")),
        any::<f64>().prop_map(|v| format!("{v:?}")),
        any::<bool>().prop_map(|v| format!("{v}")),
        "\"([0-9a-f]{2}){0,4}\"",
        "\"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\"",
        "\"20[0-9]{2}-0[1-9]-1[0-9]T0[0-9]:00:00(\\.[0-9]{0,8}[1-9])?Z\"",
        "\"[a-zé ]{0,6}\"",
        "\\[(1|null)?\\]",
        Just("null".into()),
    ];
    ("[inbhutesj]", value).prop_map(|(key, value)| format!("\"{key}\": {value}"))
}

proptest! {
    #[test]
    fn records_come_back_exactly(
        records_in in prop::collection::vec(
            prop_oneof![
                4 => prop::collection::vec(member(), 0..10).prop_map(|m| format!("{{{}}}", m.join(", ")).into_bytes()),
                1 => prop::collection::vec(any::<u8>(), 0..40),
            ],
            0..20,
        )
    ) {
        let schema = schema();
        let batch = Batch::split(&schema, records_in.iter().map(Vec::as_slice));
        let back = through_arrow(&batch, targets(&schema));
        prop_assert_eq!(records(&back), records_in);
        prop_assert_eq!(back, batch);
    }
}

#[test]
fn values_are_typed() {
    let record: &[u8] = br#"{"i": 7, "n": 1.5, "b": true, "h": "00ff", "u": "00000000-0000-0000-0000-0000000000ff", "t": "1970-01-01T00:00:01.000000002Z", "e": 5, "s": "x", "j": [1]}"#;
    let schema = schema();
    let batch = Batch::split(&schema, [record]);
    let fields = targets(&schema);
    let arrays = arrays(&batch, &fields).unwrap();
    let get = |name: &str| {
        let at = fields.iter().position(|f| f.name() == name).unwrap();
        arrays[at].clone().unwrap()
    };
    assert_eq!(get("i").as_ref(), &Int64Array::from(vec![7]) as &dyn arrow_array::Array);
    assert_eq!(get("fidelog_ns_t").as_ref(), &Int32Array::from(vec![2]) as &dyn arrow_array::Array);
    assert_eq!(get("t").data_type(), &DataType::Timestamp(TimeUnit::Microsecond, None));
    assert_eq!(get("j").as_ref(), &StringArray::from(vec!["[1]"]) as &dyn arrow_array::Array);
    assert_eq!(get(SKELETON).null_count(), 1, "all of it is in the columns");
    assert!(super::arrays(&batch, &[Field::new("other", DataType::Int64, true)]).unwrap()[0].is_none());
}

#[test]
fn other_targets_and_layouts_hold_the_same() {
    let schema = schema();
    let lines: Vec<&[u8]> = vec![br#"{"s": "a", "h": "01"}"#, br#"{"s": "b"}"#, br#"{"s": "a", "h": "02"}"#];
    let batch = Batch::split(&schema, lines);
    let widened = targets(&schema).into_iter().map(|f| match f.data_type() {
        DataType::Utf8 => Field::new(f.name(), DataType::LargeUtf8, true),
        DataType::LargeBinary => Field::new(f.name(), DataType::Binary, true),
        _ => f,
    });
    assert_eq!(through_arrow(&batch, widened.collect()), batch);

    let Column::Strings { dictionary, ids } = &batch.columns()[7] else { panic!("text is strings") };
    let same = |array: &dyn arrow_array::Array| match column(&Encoding::Text, array, None).unwrap() {
        Column::Strings { dictionary: d, ids: i } => {
            assert_eq!((&d, &i), (dictionary, ids), "{}", array.data_type())
        }
        other => panic!("{other:?}"),
    };
    same(&StringViewArray::from(vec!["a", "b", "a"]));
    same(&LargeStringArray::from(vec!["a", "b", "a"]));
    same(&BinaryArray::from_vec(vec![b"a", b"b", b"a"]));
    same(&BinaryViewArray::from_iter_values([b"a", b"b", b"a"]));
    same(&FixedSizeBinaryArray::try_from_iter([b"a", b"b", b"a"].into_iter()).unwrap());
    let values: ArrayRef = Arc::new(StringArray::from(vec![Some("unused"), Some("b"), None, Some("a")]));
    same(&DictionaryArray::<Int32Type>::new(vec![3, 1, 3].into(), Arc::clone(&values)));
    let nulls = DictionaryArray::<Int32Type>::new(Int32Array::from(vec![Some(2), None, Some(1)]), values);
    let Column::Strings { dictionary, ids } = column(&Encoding::Text, &nulls, None).unwrap() else {
        panic!()
    };
    assert_eq!((dictionary.iter().collect::<Vec<_>>(), ids), (vec![b"b".as_slice()], vec![NULL, NULL, 0]));
    let empty = new_null_array(&DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into()), 2);
    let Column::Strings { ids, .. } = column(&Encoding::Text, &empty, None).unwrap() else { panic!() };
    assert_eq!(ids, [NULL, NULL]);
}

#[test]
fn times_of_any_unit() {
    let encoding = schema().fields()[5].encoding.clone();
    let millis = TimestampMillisecondArray::from(vec![Some(-1), None]).with_timezone("+00:00");
    let expected = Column::Timestamps { micros: vec![-1_000, 0], nanos: vec![], valid: vec![true, false] };
    assert_eq!(column(&encoding, &millis, None).unwrap(), expected);
    let nanos = TimestampNanosecondArray::from(vec![-1, 1_002]);
    let expected = Column::Timestamps { micros: vec![-1, 1], nanos: vec![999, 2], valid: vec![true, true] };
    assert_eq!(column(&encoding, &nanos, None).unwrap(), expected);
    let error = column(&encoding, &TimestampMillisecondArray::from(vec![i64::MAX]), None).unwrap_err();
    assert!(error.detail.contains("out of range"), "{error}");
}

#[test]
fn what_does_not_fit_is_an_error_that_names_the_column() {
    let schema = schema();
    let batch = Batch::split(&schema, [b"{}".as_slice()]);
    let wrong = [Field::new("i", DataType::Utf8, true)];
    assert!(arrays(&batch, &wrong).unwrap_err().detail.contains("column i"));
    let without = RecordBatch::try_new(
        Arc::new(ArrowSchema::new(vec![Field::new("i", DataType::Utf8, true)])),
        vec![Arc::new(StringArray::from(vec!["x"]))],
    );
    let error = super::batch(&schema, &without.unwrap()).unwrap_err();
    assert!(error.detail.contains("column i"), "{error}");
}
