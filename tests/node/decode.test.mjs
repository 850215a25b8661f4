// Every golden container decodes to its records, byte for byte, and every case that fits is in one of them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decode, init, unpack } from "../../wasm/node.mjs";
import { containers, records } from "./vectors.mjs";

await init();

const hex = (bytes) => Buffer.from(bytes).toString("hex");

describe("golden containers", () => {
  for (const { name, payload, records } of containers()) {
    test(`${name}: records are exact`, () => {
      const block = decode(payload);
      assert.equal(block.rowCount, records.length);
      records.forEach((record, i) => assert.equal(hex(block.record(i)), hex(record), `record ${i}`));
      block.free();
    });

    test(`${name}: ndjson is the records, each with a newline`, () => {
      const block = decode(payload);
      const lines = Buffer.concat(records.flatMap((record) => [record, Buffer.from("\n")]));
      assert.equal(hex(block.ndjson()), hex(lines));
      block.free();
    });
  }
});

test("each case up to 10,000 bytes is in a golden container", () => {
  const decoded = new Set();
  for (const { payload } of containers()) {
    const block = decode(payload);
    for (let i = 0; i < block.rowCount; i++) decoded.add(hex(block.record(i)));
    block.free();
  }
  for (const { name, record } of records().filter(({ record }) => record.length <= 10_000)) {
    assert.ok(decoded.has(hex(record)), name);
  }
});

test("columns are named as the records name them", () => {
  const { payload } = containers().find(({ name }) => name === "v1/ordinary");
  const block = decode(payload);
  assert.ok(block.columns.includes("inDate"), block.columns.join());
  block.free();
});

test("rows and columns hold the records' own values", () => {
  const whole = { integer: (v) => v, number: (v) => v, boolean: (v) => v };
  for (const { name, payload, records } of containers()) {
    const block = decode(payload);
    const rows = block.rows();
    assert.equal(rows.length, records.length, name);
    for (const field of block.columns) {
      const column = block.column(field);
      assert.equal(column.encoding, block.encoding(field));
      assert.equal(column.length, block.rowCount);
      const spellings = block.spellings(field);
      rows.forEach((row, i) => {
        const value = row[field];
        const at = `${name}: ${field}, record ${i}`;
        if (column.dictionary) {
          assert.equal(column.dictionary.get(column.indices[i]), value, at);
        } else if (!column.valid[i]) {
          assert.equal(value, null, at);
          assert.equal(spellings[i], "null", at);
        } else if (whole[column.encoding]) {
          const expected = column.encoding === "integer" ? BigInt(value) : column.encoding === "boolean" ? Number(value) : value;
          assert.equal(column.values[i], expected, at);
        }
        // What a column says stands in the record; a string in a string is escaped once more there.
        if (value !== null && !Buffer.from(records[i]).includes('\\"')) assert.ok(Buffer.from(records[i]).includes(Buffer.from(spellings[i])), at);
      });
    }
    if (rows.length > 2) assert.deepEqual(block.rows(1, 3), rows.slice(1, 3), name);
    block.free();
  }
});

test("integers are never rounded", () => {
  const seen = new Set();
  for (const { payload } of containers()) {
    const block = decode(payload);
    for (const field of block.columns.filter((field) => block.encoding(field) === "integer")) {
      block.spellings(field).forEach((json, i) => {
        const value = block.row(i)[field];
        if (value === null) return;
        assert.equal(String(value), json);
        assert.equal(typeof value, Number.isSafeInteger(Number(json)) ? "number" : "bigint");
        seen.add(typeof value);
      });
    }
    block.free();
  }
  assert.deepEqual([...seen].sort(), ["bigint", "number"]);
});

test("times are microseconds since 1970", () => {
  const block = decode(containers().find(({ name }) => name === "v1/ordinary").payload);
  const { values, valid, nanos } = block.column("inDate");
  assert.ok(valid.includes(1));
  assert.equal(nanos, null);
  block.rows().forEach(({ inDate }, i) => valid[i] && assert.equal(values[i], BigInt(Date.parse(inDate)) * 1000n));
  block.free();
});

test("base64 will do, and any view or buffer", () => {
  const { payload, records } = containers()[0];
  const buffer = payload.buffer.slice(payload.byteOffset, payload.byteOffset + payload.length);
  for (const form of [Buffer.from(payload).toString("base64"), buffer, new DataView(buffer)]) {
    const block = decode(form);
    assert.equal(block.rowCount, records.length);
    block.free();
  }
});

test("what was returned outlives the block, and the block says that it is gone", () => {
  const { payload, records } = containers().find(({ name }) => name === "v1/ordinary");
  const block = decode(payload);
  const record = block.record(0);
  const column = block.column("gamer_id");
  const first = column.dictionary.get(0);
  block.free();
  block.free();
  // The module's memory is used again and grows.
  for (let i = 0; i < 20; i++) decode(payload).ndjson();
  assert.equal(hex(record), hex(records[0]));
  assert.equal(column.dictionary.get(0), first);
  for (const use of [() => block.record(0), () => block.ndjson(), () => block.column("gamer_id"), () => block.rows()]) {
    assert.throws(use, { name: "FidelogError", message: /freed/ });
  }
});

test("a packed file comes back", () => {
  const { payload, records } = containers().find(({ name }) => name === "v1/packed-array");
  const text = `[${records.map((record) => Buffer.from(record).toString()).join(", ")}]\n`;
  assert.equal(Buffer.from(unpack(payload)).toString(), text);
});

test("a view into a larger buffer will do", () => {
  const { payload, records } = containers().find(({ name }) => name === "v1/ordinary");
  const larger = new Uint8Array(payload.length + 2);
  larger.set(payload, 1);
  const block = decode(larger.subarray(1, -1));
  assert.equal(block.rowCount, records.length);
  block.free();
});
