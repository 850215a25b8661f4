// The encoder around its own module; node-encode.mjs and browser-encode.mjs say where that module's bytes are.
import { FidelogError } from "./error.mjs";
import { fail, lifeOf, viewOf } from "./module.mjs";
import * as raw from "./pkg/encode.js";

export { FidelogError };

const { starter, call } = lifeOf(raw.default);
export { starter };

/** A schema document that was inferred or checked. */
export class Schema {
  #json;

  /** @private */
  constructor(json) {
    this.#json = json;
    Object.freeze(this);
  }

  static infer(records) {
    return new Schema(call(() => raw.infer(...joined(records))));
  }

  static parse(json) {
    return new Schema(call(() => raw.read_schema(String(json))));
  }

  toJSON() {
    return JSON.parse(this.#json);
  }

  toString() {
    return this.#json;
  }
}

export function encode(records, { schema, level = "default" } = {}) {
  const parts = joined(records);
  const document = schema === undefined ? Schema.infer(records) : schema;
  if (!(document instanceof Schema)) fail("a Schema expected: Schema.infer(records) or Schema.parse(json)", 0);
  return call(() => raw.encode(...parts, String(document), String(level)));
}

/** Records end to end, and where each ends. */
function joined(records) {
  if (typeof records === "string" || viewOf(records) || typeof records?.[Symbol.iterator] !== "function") {
    fail("a list of records expected", 0);
  }
  const all = Array.from(records, (record, i) => viewOf(record) ?? utf8Of(record, i));
  const ends = new Uint32Array(all.length);
  let size = 0;
  all.forEach((record, i) => {
    size += record.length;
    if (size > MOST) fail("records of at most 256 MiB at once expected", i);
    ends[i] = size;
  });
  const bytes = new Uint8Array(size);
  all.forEach((record, i) => bytes.set(record, ends[i] - record.length));
  return [bytes, ends];
}

const utf8 = new TextEncoder();

function utf8Of(record, i) {
  if (typeof record !== "string") fail("records as bytes or text expected", i);
  // Half a pair has no UTF-8, and would come back as another character.
  if (/\p{Surrogate}/u.test(record)) fail("text without lone surrogates expected", i);
  return utf8.encode(record);
}

/** Encoding takes up to eight times the records' bytes, and a module has 4 GiB. */
const MOST = 2 ** 28;
