// The package's types are hand-written: the compiler reads them strictly, and a program that uses all of them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as encoder from "../../wasm/node-encode.mjs";
import * as decoder from "../../wasm/node.mjs";

const { FIDELOG_NODE_MODULES: modules } = process.env;
if (!modules) throw new Error("set FIDELOG_NODE_MODULES to what scripts/console-packages.sh prints");
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

test("a program that uses the whole package compiles strictly, and wrong uses do not", () => {
  const folder = mkdtempSync(join(tmpdir(), "fidelog-types-"));
  try {
    // As installed, so that the package's own map of entries is what the compiler resolves.
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(here("../../wasm"), join(folder, "node_modules/fidelog"));
    symlinkSync(here("types.ts"), join(folder, "program.mts"));
    const options = ["--strict", "--noEmit", "--exactOptionalPropertyTypes", "--preserveSymlinks", "--target", "es2022", "--lib", "es2022,esnext.disposable,dom"];
    for (const resolution of [["--module", "nodenext"], ["--module", "esnext", "--moduleResolution", "bundler"]]) {
      try {
        execFileSync("node", [join(modules, "typescript/bin/tsc"), ...options, ...resolution, "program.mts"], { cwd: folder, encoding: "utf8" });
      } catch (error) {
        assert.fail(error.stdout);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what the types declare is what there is", () => {
  assert.deepEqual(Object.keys(decoder).sort(), ["Block", "FidelogError", "decode", "init", "unpack"]);
  assert.deepEqual(Object.keys(encoder).sort(), ["FidelogError", "Schema", "encode", "init"]);
});
