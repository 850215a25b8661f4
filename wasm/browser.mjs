// A browser fetches the module from beside this file, so that importing the package is all that a caller does.
import init from "./pkg/fidelog.js";

await init();

export { Block, decode, unpack } from "./pkg/fidelog.js";
