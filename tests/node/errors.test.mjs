// A damaged payload is an Error that says what, where and at which byte; never wrong records, never a trap.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FidelogError, decode, init, unpack } from "../../wasm/node.mjs";
import { containers } from "./vectors.mjs";


function early() {
  try {
    return decode("FDL");
  } catch (error) {
    return error;
  }
}

const beforeInit = early();
await init();

test("nothing works before init", () => {
  assert.ok(beforeInit instanceof FidelogError);
  assert.match(beforeInit.message, /init/);
});

const isDecodeError = (error) =>
  error instanceof FidelogError && error.name === "FidelogError" && error.kind && error.stage && error.offset >= 0;

for (const { name, payload } of containers()) {
  test(`${name}: a prefix is no payload`, () => {
    const step = Math.max(1, Math.floor(payload.length / 300));
    for (let length = 0; length < payload.length; length += step) {
      assert.throws(() => decode(payload.subarray(0, length)), isDecodeError, `${length} bytes`);
    }
  });

  test(`${name}: a flipped bit is noticed`, () => {
    const step = Math.max(1, Math.floor(payload.length / 300));
    for (let at = 0; at < payload.length; at += step) {
      const damaged = payload.slice();
      damaged[at] ^= 1 << at % 8;
      assert.throws(() => decode(damaged), isDecodeError, `byte ${at}`);
      assert.throws(() => unpack(damaged), isDecodeError, `byte ${at}`);
    }
  });
}

test("an error names its place", () => {
  const payload = containers()[0].payload.slice();
  payload[3] = 0xff;
  assert.throws(() => decode(payload), { kind: "unsupported", stage: "container", offset: 3, message: /at byte 3/ });
});

test("a record that is not there is an error", () => {
  const block = decode(containers()[0].payload);
  assert.throws(() => block.record(block.rowCount), isDecodeError);
  for (const index of [-1, 0.5, NaN, "0", undefined, 2 ** 32]) {
    assert.throws(() => block.record(index), FidelogError);
    assert.throws(() => block.row(index), FidelogError);
  }
  assert.throws(() => block.rows(0, block.rowCount + 1), FidelogError);
  block.free();
});

test("a column that is not there is an error", () => {
  const block = decode(containers()[0].payload);
  for (const name of ["nope", "", "__proto__", "constructor"]) {
    for (const use of [() => block.column(name), () => block.encoding(name), () => block.spellings(name)]) {
      assert.throws(use, { name: "FidelogError", kind: "unsupported", stage: "column" });
    }
  }
  block.free();
});

test("what is no payload at all is an error", () => {
  for (const payload of [undefined, null, 1, {}, [], "no base64!", ""]) assert.throws(() => decode(payload), FidelogError);
});
