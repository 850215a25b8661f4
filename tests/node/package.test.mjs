// The npm package: a caller who installs it gets the same functions, and no page pays much to load it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const wasm = fileURLToPath(new URL("../../wasm/", import.meta.url));
const golden = fileURLToPath(new URL("../vectors/v1/ordinary.fdl", import.meta.url));

test("the packed package installs, decodes and encodes", () => {
  const folder = mkdtempSync(join(tmpdir(), "fidelog-"));
  try {
    const [{ filename }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: wasm, stdio: ["ignore", "pipe", "ignore"] }));
    writeFileSync(join(folder, "package.json"), "{}");
    execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${filename}`], { cwd: folder, stdio: "ignore" });
    const program = `
      import { readFileSync } from "node:fs";
      import { decode, init } from "fidelog";
      import { encode, init as initEncode } from "fidelog/encode";
      await Promise.all([init(), initEncode()]);
      console.log(decode(new Uint8Array(readFileSync(${JSON.stringify(golden)}))).rowCount, decode(encode(["a", "b"])).rowCount);`;
    const rows = execFileSync("node", ["--input-type=module", "-e", program], { cwd: folder, encoding: "utf8" });
    assert.equal(rows.trim(), "200 2");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the module has not grown", () => {
  // The aim is 120 kB, 50 kB gzipped. What it weighs is the decoder itself: no allocator, trees, formatting or tables are left in it.
  const module = readFileSync(join(wasm, "pkg/fidelog_bg.wasm"));
  const gzipped = gzipSync(module, { level: 9 }).length;
  assert.ok(module.length <= 155_000, `${module.length} bytes`);
  assert.ok(gzipped <= 72_200, `${gzipped} bytes gzipped`);
});
