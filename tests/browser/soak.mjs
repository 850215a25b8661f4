// A payload of a million rows in the console: it must stay at hand while the worker decodes.
import assert from "node:assert/strict";
import { launch, openPage, serveFolder, shoot } from "./harness.mjs";

const [payload, rows] = [process.argv[2], Number(process.argv[3])];
const server = await serveFolder("wasm/console/dist");
const browser = await launch();
const page = await openPage(browser, `${server.url}/index.html`);
await page.locator("#schema", { hasText: "HTTP 404" }).waitFor();
await page.evaluate(() => {
  globalThis.longest = 0;
  new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (globalThis.longest = Math.max(globalThis.longest, duration)))).observe({ type: "longtask" });
});
const started = Date.now();
await page.setInputFiles("#payload-file", payload);
await page.locator(".grid .body .row").first().waitFor({ timeout: 120_000 });
const shown = Date.now() - started;
await page.locator(".grid").focus();
await page.keyboard.press("Control+End");
await page.locator(`#cell-${rows - 1}-1`).waitFor({ timeout: 120_000 });
await page.keyboard.press("ArrowRight");
await shoot(page, "million-rows");
for (let i = 0; i < 30; i++) await page.mouse.wheel(0, -20_000);
await page.keyboard.press("Control+Home");
await page.locator("#cell-0-1").waitFor();
const longest = await page.evaluate(() => globalThis.longest);
console.log(`${rows} rows: shown after ${shown} ms; the longest task of the page's thread took ${longest ? `${Math.round(longest)} ms` : "less than 50 ms"}`);
assert.equal(await page.locator(".grid").getAttribute("aria-rowcount"), String(rows + 1));
await browser.close();
server.stop();
