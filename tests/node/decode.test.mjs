// Every golden container decodes to its records, byte for byte, and every case that fits is in one of them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decode, unpack } from "../../wasm/node.mjs";
import { containers, records } from "./vectors.mjs";

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
  const { payload } = containers().find(({ name }) => name === "v0/ordinary");
  const block = decode(payload);
  assert.ok(block.columns.includes("inDate"), block.columns.join());
  block.free();
});

test("a packed file comes back", () => {
  const { payload, records } = containers().find(({ name }) => name === "v0/packed-array");
  const text = `[${records.map((record) => Buffer.from(record).toString()).join(", ")}]\n`;
  assert.equal(Buffer.from(unpack(payload)).toString(), text);
});

test("a view into a larger buffer will do", () => {
  const { payload, records } = containers().find(({ name }) => name === "v0/ordinary");
  const larger = new Uint8Array(payload.length + 2);
  larger.set(payload, 1);
  const block = decode(larger.subarray(1, -1));
  assert.equal(block.rowCount, records.length);
  block.free();
});
