// The package in a browser without a bundler: every golden container, from the same files as in Node; decoded, and encoded again.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { containers } from "../node/vectors.mjs";
import { launch, openPage, serveFolder } from "./harness.mjs";

const server = await serveFolder("wasm");
const browser = await launch();
after(async () => {
  await browser.close();
  server.stop();
});
const page = await openPage(browser, `${server.url}/package.json`);
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

await page.evaluate(async () => {
  globalThis.fidelog = await import("/browser.mjs");
  globalThis.encoder = await import("/browser-encode.mjs");
  await Promise.all([fidelog.init(), encoder.init()]);
  globalThis.base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
});

for (const { name, payload, records } of containers()) {
  test(`${name}: records are exact in the browser`, async () => {
    const decoded = await page.evaluate((payload) => {
      const block = fidelog.decode(payload);
      const records = Array.from({ length: block.rowCount }, (_, i) => base64(block.record(i)));
      const lines = base64(block.ndjson());
      block.free();
      return { records, lines };
    }, base64(payload));
    assert.deepEqual(decoded.records, records.map(base64));
    assert.equal(decoded.lines, base64(Buffer.concat(records.flatMap((record) => [record, Buffer.from("\n")]))));
  });
}

for (const { name, records } of containers()) {
  test(`${name}: records come back from the encoder in the browser`, async () => {
    const decoded = await page.evaluate((records) => {
      const bytes = records.map((record) => Uint8Array.from(atob(record), (char) => char.charCodeAt(0)));
      const schema = encoder.Schema.parse(String(encoder.Schema.infer(bytes)));
      const block = fidelog.decode(encoder.encode(bytes, { schema, level: "small" }));
      const back = Array.from({ length: block.rowCount }, (_, i) => base64(block.record(i)));
      block.free();
      return back;
    }, records.map(base64));
    assert.deepEqual(decoded, records.map(base64));
  });
}

test("a damaged payload is a FidelogError in the browser", async () => {
  const { payload } = containers()[0];
  const damaged = payload.slice();
  damaged[3] = 0xff;
  const error = await page.evaluate((payload) => {
    try {
      fidelog.decode(payload);
    } catch (error) {
      return { isFidelog: error instanceof fidelog.FidelogError, kind: error.kind, stage: error.stage, offset: error.offset };
    }
  }, base64(damaged));
  assert.deepEqual(error, { isFidelog: true, kind: "unsupported", stage: "container", offset: 3 });
});
