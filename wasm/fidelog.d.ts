/** What every function throws. */
export class FidelogError extends Error {
  /** What kind of thing went wrong. */
  readonly kind: "truncated" | "malformed" | "checksum" | "limit" | "unsupported" | "schema";
  /** The stage that noticed. */
  readonly stage: "container" | "block" | "stream" | "skeleton" | "column" | "schema" | "framing";
  /** Where, in bytes from the start of what that stage was reading. */
  readonly offset: number;
}

/** Bytes of a payload or `.fdl` file, or their base64. */
export type Payload = Uint8Array | ArrayBuffer | ArrayBufferView | string;

/**
 * Loads the module once; later calls wait for the first. Await it before anything else.
 * @param source Where the module is, if not beside this file.
 */
export function init(source?: ModuleSource | Promise<ModuleSource>): Promise<void>;

/** Where a module is: its address, a response, its bytes, or the compiled module. */
export type ModuleSource = string | URL | Request | Response | BufferSource | WebAssembly.Module;

/** Decodes a payload or `.fdl` file. */
export function decode(payload: Payload): Block;

/** Gives a packed file back, byte for byte. A payload that was not a file comes out as lines. */
export function unpack(payload: Payload): Uint8Array;

/** A value of a row. Integers beyond 2^53 are BigInt; a `json` field is its JSON text; a misfit or absent member is null. */
export type Value = string | number | bigint | boolean | null;

export type Encoding = "integer" | "number" | "boolean" | "timestamp" | "hex" | "uuid" | "text" | "json";

interface ColumnBase {
  readonly name: string;
  /** How many rows. */
  readonly length: number;
}

export interface IntegerColumn extends ColumnBase {
  readonly encoding: "integer";
  readonly values: BigInt64Array;
  /** 0 where there is no value. */
  readonly valid: Uint8Array;
}

export interface NumberColumn extends ColumnBase {
  readonly encoding: "number";
  readonly values: Float64Array;
  readonly valid: Uint8Array;
}

export interface BooleanColumn extends ColumnBase {
  readonly encoding: "boolean";
  /** 0 or 1. */
  readonly values: Uint8Array;
  readonly valid: Uint8Array;
}

export interface TimestampColumn extends ColumnBase {
  readonly encoding: "timestamp";
  /** Microseconds since 1970-01-01T00:00:00Z. */
  readonly values: BigInt64Array;
  /** Nanoseconds (0 to 999) below the microsecond; null where all are 0. */
  readonly nanos: Uint16Array | null;
  readonly valid: Uint8Array;
}

export interface DictionaryColumn extends ColumnBase {
  readonly encoding: "hex" | "uuid" | "text" | "json";
  /** An index into the dictionary a row; 0xffffffff where there is no value. */
  readonly indices: Uint32Array;
  readonly dictionary: Dictionary;
}

export type Column = IntegerColumn | NumberColumn | BooleanColumn | TimestampColumn | DictionaryColumn;

/** A column's distinct values. A payload of several blocks may repeat one. */
export interface Dictionary {
  readonly length: number;
  /** The values end to end: raw bytes for hex and uuid, UTF-8 for text and json. */
  readonly bytes: Uint8Array;
  /** Where each value ends in `bytes`. */
  readonly ends: Uint32Array;
  /** A value; null for 0xffffffff, undefined for an index that is not there. */
  get(index: number): string | null | undefined;
}

/** A decoded payload. Everything it returns is a copy. */
export class Block {
  private constructor();
  /** How many records. */
  readonly rowCount: number;
  /** The names of the fields that have a column. */
  readonly columns: readonly string[];
  /** The encoding of a field. */
  encoding(name: string): Encoding;
  /** A field's values as typed arrays. */
  column(name: string): Column;
  /** A field's values in some rows, spelled as JSON the way the records spell them; `null` where there is none. */
  spellings(name: string, from?: number, to?: number): string[];
  /** A row's values by field. */
  row(index: number): Record<string, Value>;
  /** Some rows' values by field: `from` to before `to`. */
  rows(from?: number, to?: number): Record<string, Value>[];
  /** The exact bytes of a record. */
  record(index: number): Uint8Array;
  /** All records, each followed by a newline. */
  ndjson(): Uint8Array;
  /** Gives the memory back; nothing works afterwards. */
  free(): void;
  [Symbol.dispose](): void;
}
