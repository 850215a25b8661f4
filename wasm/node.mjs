// Node reads the module from its file, so that importing the package is all that a caller does.
import { readFileSync } from "node:fs";
import { initSync } from "./pkg/fidelog.js";

initSync({ module: readFileSync(new URL("./pkg/fidelog_bg.wasm", import.meta.url)) });

export { Block, decode, unpack } from "./pkg/fidelog.js";
