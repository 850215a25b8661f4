// Decodes and reads blocks away from the page's thread, which stays free to answer.
import { FidelogError, decode, init } from "../../browser.mjs";
import { chart } from "./figures.js";
import { csv } from "./csv.js";
import { Result } from "./result.js";

const ready = init(new URL("./fidelog_bg.wasm", import.meta.url));
let result = new Result();

const calls = {
  /** A new result of one block. */
  open(bytes) {
    const block = decode(bytes);
    result.free();
    result = new Result();
    return result.add(block, payloadSize(bytes));
  },
  /** One more block of the same result. */
  append: (bytes) => result.add(decode(bytes), payloadSize(bytes)),
  cells: (from, to) => result.cells(from, to),
  record: (row) => result.record(row),
  sort: (column, descending) => result.sort(column, descending),
  chart: () => chart(result),
  ndjson: () => result.ndjson(),
  csv: () => csv(result),
  sizes: () => result.sizes(),
};

const payloadSize = (bytes) => (typeof bytes === "string" ? Math.floor((bytes.replace(/=+$/, "").length * 3) / 4) : bytes.length);

self.onmessage = async ({ data: { id, name, args } }) => {
  try {
    await ready;
    const value = await calls[name](...args);
    self.postMessage({ id, value }, value instanceof Uint8Array ? [value.buffer] : []);
  } catch (error) {
    const { message, kind, stage, offset } = error;
    self.postMessage({ id, error: { message, isFidelog: error instanceof FidelogError, kind, stage, offset } });
  }
};
