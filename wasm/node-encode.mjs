// Node reads the module from its file: its fetch does not.
import { readFile } from "node:fs/promises";
import { starter } from "./encode.mjs";

export const init = starter(() => readFile(new URL("./pkg/encode_bg.wasm", import.meta.url)));

export { FidelogError, Schema, encode } from "./encode.mjs";
