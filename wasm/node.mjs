// Node reads the module from its file: its fetch does not.
import { readFile } from "node:fs/promises";
import { starter } from "./fidelog.mjs";

export const init = starter(() => readFile(new URL("./pkg/fidelog_bg.wasm", import.meta.url)));

export { Block, FidelogError, decode, unpack } from "./fidelog.mjs";
