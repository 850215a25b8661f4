// The package's classes around the generated functions; node.mjs and browser.mjs say where the module's bytes are.
import { FidelogError } from "./error.mjs";
import { fail, lifeOf, viewOf } from "./module.mjs";
import * as raw from "./pkg/fidelog.js";

export { FidelogError };

/** The index of a row without a value in `indices`. */
const NULL = 0xffff_ffff;

/** By the module's numbers: the encodings, and whether hex digits are written large. */
const ENCODINGS = [
  ["integer"], ["number"], ["boolean"], ["timestamp"], ["hex"], ["hex", true], ["uuid"], ["uuid", true], ["text"], ["json"],
];

const { starter, call } = lifeOf(raw.default);
export { starter };

/** Decodes a payload or a `.fdl` file: its bytes, or its base64. */
export function decode(payload) {
  return new Block(call(() => raw.RawBlock.decode(bytesOf(payload))));
}

/** Gives a packed file back, byte for byte. */
export function unpack(payload) {
  return call(() => raw.unpack(bytesOf(payload)));
}

/** A decoded payload. Its memory is the module's: `free()` it, or let `using` do so. */
export class Block {
  #raw;
  #encodings = new Map();

  /** @private */
  constructor(raw) {
    this.#raw = raw;
    this.columns = Object.freeze(texts(raw.columns()));
    this.rowCount = raw.rows();
  }

  encoding(name) {
    return this.#encoding(name)[0];
  }

  column(name) {
    const [encoding, isUpper] = this.#encoding(name);
    const part = (part, width = 0) => call(() => this.#open.part(name, raw.Part[part], width));
    const column = { name, encoding, length: this.rowCount };
    const valid = () => part("Valid", 1);
    switch (encoding) {
      case "integer":
        return { ...column, values: new BigInt64Array(part("Values", 8).buffer), valid: valid() };
      case "number":
        return { ...column, values: new Float64Array(part("Values", 8).buffer), valid: valid() };
      case "boolean":
        return { ...column, values: part("Values", 1), valid: valid() };
      case "timestamp": {
        const nanos = new Uint16Array(part("Nanos", 2).buffer);
        const values = new BigInt64Array(part("Values", 8).buffer);
        return { ...column, values, nanos: nanos.some(Boolean) ? nanos : null, valid: valid() };
      }
      default: {
        const dictionary = new Dictionary(encoding, isUpper, part("Bytes"), new Uint32Array(part("Ends").buffer));
        return { ...column, indices: new Uint32Array(part("Indices", 4).buffer), dictionary };
      }
    }
  }

  spellings(name, from = 0, to = this.rowCount) {
    this.#encoding(name);
    return texts(call(() => this.#open.spellings(name, ...this.#range(from, to))));
  }

  rows(from = 0, to = this.rowCount) {
    [from, to] = this.#range(from, to);
    const columns = this.columns.map((name) => {
      const encoding = this.encoding(name);
      return this.spellings(name, from, to).map((json) => value(json, encoding));
    });
    // `fromEntries` makes own members even of names like __proto__.
    return Array.from({ length: to - from }, (_, i) => Object.fromEntries(this.columns.map((name, c) => [name, columns[c][i]])));
  }

  row(index) {
    return this.rows(this.#index(index), index + 1)[0];
  }

  record(index) {
    return call(() => this.#open.record(this.#index(index)));
  }

  ndjson() {
    return call(() => this.#open.ndjson());
  }

  free() {
    this.#raw?.free();
    this.#raw = undefined;
  }

  get #open() {
    return this.#raw ?? fail("the block was freed", 0);
  }

  #encoding(name) {
    const known = this.#encodings.get(name) ?? ENCODINGS[this.#open.encoding(String(name))];
    if (!known) throw new FidelogError("the name of a field with one encoding in all blocks expected", "unsupported", "column", 0);
    this.#encodings.set(name, known);
    return known;
  }

  #index(index) {
    return Number.isInteger(index) && index >= 0 && index < this.rowCount ? index : fail("no such record", index);
  }

  #range(from, to) {
    const isRange = [from, to].every(Number.isInteger) && 0 <= from && from <= to && to <= this.rowCount;
    return isRange ? [from, to] : fail(`rows within 0 to ${this.rowCount} expected`, from);
  }
}

if (Symbol.dispose) Block.prototype[Symbol.dispose] = Block.prototype.free;

/** Bytes as text; a BOM is a character of it. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A list's texts, each behind its length. */
function texts(bytes) {
  const view = new DataView(bytes.buffer);
  const all = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at + 4;
    at = start + view.getUint32(at, true);
    all.push(utf8.decode(bytes.subarray(start, at)));
  }
  return all;
}

/** A column's distinct values, made into strings when asked for. */
class Dictionary {
  #encoding;
  #isUpper;
  constructor(encoding, isUpper, bytes, ends) {
    this.#encoding = encoding;
    this.#isUpper = isUpper;
    this.bytes = bytes;
    this.ends = ends;
  }

  get length() {
    return this.ends.length;
  }

  get(index) {
    if (index === NULL) return null;
    if (!(index >= 0 && index < this.length)) return undefined;
    const bytes = this.bytes.subarray(index ? this.ends[index - 1] : 0, this.ends[index]);
    if (this.#encoding !== "hex" && this.#encoding !== "uuid") return utf8.decode(bytes);
    let hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (this.#encoding === "uuid") hex = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    return this.#isUpper ? hex.toUpperCase() : hex;
  }
}

/** A spelling as the JavaScript value that loses nothing. */
function value(json, encoding) {
  if (json === "null") return null;
  if (encoding === "json") return json;
  const isWhole = encoding === "integer" || (encoding === "timestamp" && json[0] !== '"');
  if (!isWhole) return JSON.parse(json);
  const number = Number(json);
  return Number.isSafeInteger(number) ? number : BigInt(json);
}

function bytesOf(payload) {
  const view = viewOf(payload);
  if (view) return view;
  if (typeof payload !== "string") fail("bytes or their base64 expected", 0);
  try {
    return Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
  } catch {
    return fail("base64 expected", 0);
  }
}
