// How fast the module decodes in Node and in Chromium, beside native code in the same run. Printed, not asserted.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode, init } from "../../wasm/node.mjs";
import { folder, launch, openPage, serveFolder } from "./harness.mjs";

const [native, input] = process.argv.slice(2);
const payload = join(folder, "speed.fdl");
const nativeMs = () => Number(execFileSync(native, [input, payload]));

/** Milliseconds to decode a payload to lines, best of many; here and in the page. */
function measure(decode, bytes) {
  let best = Infinity;
  // Engines compile such code twice, the second time beside the running program.
  for (const end = performance.now() + 4_000; performance.now() < end; ) {
    const started = performance.now();
    const block = decode(bytes);
    block.ndjson();
    block.free();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

const before = nativeMs();
const bytes = new Uint8Array(readFileSync(payload));
await init();
const node = measure(decode, bytes);
const server = await serveFolder("wasm");
const browser = await launch();
const page = await openPage(browser, `${server.url}/package.json`);
const chromium = await page.evaluate(`(async () => {
  const { decode, init } = await import("/browser.mjs");
  await init();
  return (${measure})(decode, Uint8Array.from(atob("${Buffer.from(bytes).toString("base64")}"), (char) => char.charCodeAt(0)));
})()`);
await browser.close();
server.stop();
const best = Math.min(before, nativeMs());
const line = (name, ms) => console.log(`${name.padEnd(10)} ${ms.toFixed(1).padStart(8)} ms   ${(best / ms).toFixed(2)} × native`);
console.log(`decoding a packed file of ${bytes.length} bytes to lines`);
line("native", best);
line("Node", node);
line("Chromium", chromium);
