// Compiled, never run. Each line under `@ts-expect-error` must be refused.
import { Block, FidelogError, decode, init, unpack } from "fidelog";
import type { Column, Dictionary, Encoding, Payload, Value } from "fidelog";
import { FidelogError as EncodeError, Schema, encode, init as initEncode } from "fidelog/encode";
import type { Level, RecordBytes } from "fidelog/encode";

await init();
await init(new URL("https://example.com/fidelog.wasm"));
await init(fetch("fidelog.wasm"));
await initEncode(new Uint8Array());
// @ts-expect-error null is no module (the compiler takes all else for one: WebAssembly.Module has no members)
await init(null);

const payload: Payload = "RkRM";
using block: Block = decode(payload);
const rowCount: number = block.rowCount;
const names: readonly string[] = block.columns;
const encoding: Encoding = block.encoding("url");
const record: Uint8Array = block.record(0);
const lines: Uint8Array = block.ndjson();
const file: Uint8Array = unpack(new ArrayBuffer(8));
const row: Record<string, Value> = block.row(0);
const rows: Record<string, Value>[] = block.rows(0, 1);
const spellings: string[] = block.spellings("url", 0, 1);
block.free();
// @ts-expect-error only decode makes blocks
new Block();
// @ts-expect-error it does not change
block.rowCount = 1;
// @ts-expect-error nor do the names
block.columns.push("more");
// @ts-expect-error numbers are no payload
decode([1, 2, 3]);
// @ts-expect-error a record has a number
block.record("0");
// @ts-expect-error integers may be BigInt
const narrow: number | null = row.count;

const column: Column = block.column("url");
switch (column.encoding) {
  case "integer":
  case "timestamp":
    column.values satisfies BigInt64Array;
    column.valid satisfies Uint8Array;
    if (column.encoding === "timestamp") column.nanos satisfies Uint16Array | null;
    break;
  case "number":
    column.values satisfies Float64Array;
    break;
  case "boolean":
    column.values satisfies Uint8Array;
    break;
  default: {
    column.encoding satisfies "hex" | "uuid" | "text" | "json";
    const dictionary: Dictionary = column.dictionary;
    const value: string | null | undefined = dictionary.get(column.indices[0] ?? 0);
    // @ts-expect-error it may be null, or not there
    dictionary.get(0).length;
    void [value, dictionary.length, dictionary.bytes, dictionary.ends];
    // @ts-expect-error strings have a dictionary
    column.values;
  }
}

const level: Level = "small";
const records: RecordBytes[] = ['{"a":1}', record, new ArrayBuffer(8)];
const schema: Schema = Schema.infer(records);
const encoded: Uint8Array = encode(new Set(["a"]), { schema: Schema.parse(schema.toString()), level });
encode(records);
schema.toJSON() satisfies unknown;
// @ts-expect-error there is no such level
encode(records, { level: "best" });
// @ts-expect-error a document is read by Schema.parse
encode(records, { schema: "{}" });
// @ts-expect-error inference and parse make schemas
new Schema("{}");
// @ts-expect-error a record is bytes or text
Schema.infer([1]);

try {
  decode(encoded);
} catch (error) {
  if (error instanceof FidelogError && error instanceof EncodeError) {
    error.kind satisfies "truncated" | "malformed" | "checksum" | "limit" | "unsupported" | "schema";
    error.stage satisfies string;
    error.offset satisfies number;
    // @ts-expect-error there is no such kind
    error.kind === "other";
  }
}

export { encoding, file, lines, names, narrow, rowCount, rows, spellings };
