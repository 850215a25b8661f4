// The package's classes around the generated functions; node.mjs and browser.mjs say where the module's bytes are.
import { FidelogError } from "./error.mjs";
import * as raw from "./pkg/fidelog.js";

export { FidelogError };

/** The index of a row without a value in `indices`. */
const NULL = 0xffff_ffff;

let ready = false;
let starting;

/** An `init` that takes the module from `load()` unless its caller gives one. */
export const starter = (load) => (source) =>
  (starting ??= (async () => {
    try {
      await raw.default({ module_or_path: await (source ?? load()) });
      ready = true;
    } catch (error) {
      starting = undefined;
      throw error;
    }
  })());

/** Decodes a payload or a `.fdl` file: its bytes, or its base64. */
export function decode(payload) {
  return new Block(call(() => raw.decode(bytesOf(payload))));
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
    this.columns = Object.freeze(raw.columns);
    this.rowCount = raw.rowCount;
  }

  encoding(name) {
    return this.#encoding(name).split(" ")[0];
  }

  column(name) {
    const [encoding, upper] = this.#encoding(name).split(" ");
    const raw = this.#open;
    const column = { name, encoding, length: this.rowCount };
    switch (encoding) {
      case "integer":
        return { ...column, values: raw.integers(name), valid: raw.valid(name) };
      case "number":
        return { ...column, values: raw.numbers(name), valid: raw.valid(name) };
      case "boolean":
        return { ...column, values: raw.booleans(name), valid: raw.valid(name) };
      case "timestamp": {
        const nanos = raw.nanos(name);
        return { ...column, values: raw.integers(name), nanos: nanos.length ? nanos : null, valid: raw.valid(name) };
      }
      default:
        return { ...column, indices: raw.indices(name), dictionary: new Dictionary(encoding, upper, raw.bytes(name), raw.ends(name)) };
    }
  }

  spellings(name, from = 0, to = this.rowCount) {
    this.#encoding(name);
    return this.#open.spellings(name, ...this.#range(from, to));
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
    const known = this.#encodings.get(name) ?? call(() => this.#open.encoding(String(name)));
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

/** A column's distinct values, made into strings when asked for. */
class Dictionary {
  #encoding;
  #upper;
  constructor(encoding, upper, bytes, ends) {
    this.#encoding = encoding;
    this.#upper = upper !== undefined;
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
    if (this.#encoding !== "hex" && this.#encoding !== "uuid") return new TextDecoder().decode(bytes);
    let hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (this.#encoding === "uuid") hex = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    return this.#upper ? hex.toUpperCase() : hex;
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
  if (!ready) fail("await init() before the first call", 0);
  if (payload instanceof Uint8Array) return payload;
  if (payload instanceof ArrayBuffer) return new Uint8Array(payload);
  if (ArrayBuffer.isView(payload)) return new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength);
  if (typeof payload !== "string") fail("bytes or their base64 expected", 0);
  try {
    return Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
  } catch {
    return fail("base64 expected", 0);
  }
}

/** Calls into the module; running out of its memory is an error like any other. */
function call(work) {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    // The instance is in no state to go on from.
    ready = false;
    throw new FidelogError("the module ran out of memory; reload the page or start a new worker", "limit", "container", 0);
  }
}

function fail(detail, offset) {
  throw new FidelogError(detail, "malformed", "container", offset);
}
