import type { ModuleSource } from "./fidelog.js";

export { FidelogError } from "./fidelog.js";

/** Loads the encoder's module once; later calls wait for the first. Await it before anything else. */
export function init(source?: ModuleSource | Promise<ModuleSource>): Promise<void>;

/** A record: its bytes, or text that is encoded as UTF-8. */
export type RecordBytes = Uint8Array | ArrayBuffer | ArrayBufferView | string;

/** `fast` is quick to write, `small` as small as possible. */
export type Level = "fast" | "default" | "small";

/** A schema: the declared fields, their encodings and the JSON style. */
export class Schema {
  private constructor();
  /** The schema that suits some records. */
  static infer(records: Iterable<RecordBytes>): Schema;
  /** Reads a schema document; throws a FidelogError if it says something impossible. */
  static parse(json: string): Schema;
  /** The schema document. */
  toJSON(): unknown;
  /** The schema document's text. */
  toString(): string;
}

/** Encodes records as one payload, which `decode` gives back byte for byte. Without a schema, one is inferred. */
export function encode(records: Iterable<RecordBytes>, options?: { schema?: Schema; level?: Level }): Uint8Array;
