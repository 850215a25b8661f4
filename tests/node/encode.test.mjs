// What the encoder's own module writes, the decoder's gives back byte for byte.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FidelogError as DecodeError, decode, init as initDecode } from "../../wasm/node.mjs";
import { FidelogError, Schema, encode, init } from "../../wasm/node-encode.mjs";
import { containers, records } from "./vectors.mjs";

const early = () => Schema.infer([]);
assert.throws(early, { name: "FidelogError", message: /init/ });
await Promise.all([init(), initDecode()]);

const LEVELS = ["fast", "default", "small"];
const hex = (bytes) => Buffer.from(bytes).toString("hex");

function assertExact(list, options, at) {
  const block = decode(encode(list, options));
  assert.equal(block.rowCount, list.length, at);
  list.forEach((record, i) => assert.equal(hex(block.record(i)), hex(record), `${at}, record ${i}`));
  block.free();
}

test("the record vectors come back at every level", () => {
  const all = records().map(({ record }) => record).filter((record) => record.length <= 100_000);
  for (const level of LEVELS) assertExact(all, { level }, level);
});

for (const { name, records } of containers()) {
  test(`${name}: its records come back`, () => {
    for (const level of LEVELS) assertExact(records, { level }, level);
  });
}

/** Pseudo-random numbers below `n`, the same in every run. */
function dice(seed) {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

test("whatever records come back, under whatever schema", () => {
  const pieces = ['{"a":', '{"a": ', "1", "-0", "1.50", "1e5", '"x"', '"\\u00e9"', "null", "true", "[1, 2]", ',"b":', "}", "{", '"', "\n", "\0", "\xff", "é", "9007199254740993", '"2024-02-29T01:02:03.004Z"'];
  for (let seed = 1; seed <= 60; seed++) {
    const roll = dice(seed);
    const list = Array.from({ length: roll(80) }, () => {
      const parts = Array.from({ length: roll(9) }, () => Buffer.from(pieces[roll(pieces.length)], roll(2) ? "utf8" : "latin1"));
      return new Uint8Array(Buffer.concat(roll(3) ? [Buffer.from('{"a":'), ...parts, Buffer.from("}")] : parts));
    });
    const level = LEVELS[roll(3)];
    assertExact(list, { level }, `seed ${seed}`);
    const other = Schema.infer(['{"a":1,"b":"x"}', '{"a":2,"b":"y"}']);
    assertExact(list, { level, schema: other }, `seed ${seed}, another schema`);
  }
});

test("a schema is inferred, written and read again", () => {
  const schema = Schema.infer(['{"at":"2024-03-15T00:00:00.000Z","n":1}', '{"at":"2024-03-15T00:00:01.000Z","n":2}']);
  const { fields, event_time } = schema.toJSON();
  assert.deepEqual(fields.map(({ path, encoding }) => [path.join("."), encoding]), [["at", "timestamp"], ["n", "integer"]]);
  assert.equal(event_time, "at");
  assert.equal(String(Schema.parse(String(schema))), String(schema));
  assert.deepEqual(JSON.parse(JSON.stringify({ schema })).schema, schema.toJSON());
  const block = decode(encode(['{"at":"2024-03-15T00:00:02.000Z","n":3}'], { schema }));
  assert.deepEqual(block.row(0), { at: "2024-03-15T00:00:02.000Z", n: 3 });
  block.free();
});

test("records may be text, buffers or views, in any iterable", () => {
  const bytes = new TextEncoder().encode('{"a":1}');
  function* all() {
    yield '{"a":1}';
    yield bytes;
    yield bytes.buffer;
    yield new DataView(bytes.buffer);
  }
  const block = decode(encode(all(), { schema: Schema.infer([bytes]) }));
  assert.equal(block.rowCount, 4);
  for (let i = 0; i < 4; i++) assert.equal(hex(block.record(i)), hex(bytes));
  block.free();
});

test("what cannot be encoded is an error that says why", () => {
  assert.equal(FidelogError, DecodeError);
  for (const [use, why] of [
    [() => encode("text"), /list of records/],
    [() => encode(new Uint8Array(3)), /list of records/],
    [() => encode(undefined), /list of records/],
    [() => encode([1]), /bytes or text/],
    [() => encode(["\ud800"]), /surrogates/],
    [() => encode(["{}"], { level: "best" }), /level fast, default or small/],
    [() => encode(["{}"], { schema: {} }), /Schema/],
    [() => Schema.parse("{}"), /schema/],
    [() => Schema.parse('{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},"fields":[{"path":["a"],"column":"A","encoding":"text"}]}'), /lower-case/],
  ]) {
    assert.throws(use, (error) => error instanceof FidelogError && why.test(error.message), String(use));
  }
});
