// The npm package: a caller who installs it gets the same functions, and no page pays much to load it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const wasm = fileURLToPath(new URL("../../wasm/", import.meta.url));
const golden = fileURLToPath(new URL("../vectors/v1/ordinary.fdl", import.meta.url));

test("the packed package installs and decodes", () => {
  const folder = mkdtempSync(join(tmpdir(), "fidelog-"));
  try {
    const [{ filename }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: wasm, stdio: ["ignore", "pipe", "ignore"] }));
    writeFileSync(join(folder, "package.json"), "{}");
    execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${filename}`], { cwd: folder, stdio: "ignore" });
    const program = `
      import { readFileSync } from "node:fs";
      import { decode } from "fidelog";
      console.log(decode(new Uint8Array(readFileSync(${JSON.stringify(golden)}))).rowCount);`;
    const rows = execFileSync("node", ["--input-type=module", "-e", program], { cwd: folder, encoding: "utf8" });
    assert.equal(rows.trim(), "200");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
