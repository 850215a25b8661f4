// A browser or bundler finds the module beside this file.
import { starter } from "./fidelog.mjs";

export const init = starter(() => new URL("./pkg/fidelog_bg.wasm", import.meta.url));

export { Block, FidelogError, decode, unpack } from "./fidelog.mjs";
