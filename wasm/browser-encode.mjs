// A browser or bundler finds the module beside this file.
import { starter } from "./encode.mjs";

export const init = starter(() => new URL("./pkg/encode_bg.wasm", import.meta.url));

export { FidelogError, Schema, encode } from "./encode.mjs";
