// A store with logs, the real server over it with the console, and Chromium. Everything ends with the process.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));
const binaries = process.env.FIDELOG_BINARIES ?? join(root, "target/debug");
const { FIDELOG_NODE_MODULES: modules } = process.env;
if (!modules) throw new Error("set FIDELOG_NODE_MODULES to what scripts/console-packages.sh prints");
const require = createRequire(join(modules, "of-the-console.js"));
const { chromium } = require("playwright-core");

export const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
export const shots = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "screenshots");
mkdirSync(shots, { recursive: true });

export const SAMPLES = 20_000;

const hash = "ab".repeat(32);
const record = (url, rest = {}) => JSON.stringify({ game_id: 1, gamer_id: hash, inDate: "2024-03-15T00:00:00.000Z", url, method: "ODD", tableAndColumn: null, ...rest });

/** What a log may hold that a page must not trip over. */
export const odd = [
  record('<img src=x onerror="window.pwned=1">'),
  record("</pre></script><script>window.pwned=1</script>", { "<svg onload=window.pwned=1>": "<b>bold</b>" }),
  record("javascript:window.pwned=1"),
  record("안녕하세요, 세계 — 로그"),
  record(""),
  record(`/long/${"x".repeat(5_000)}`),
  record("/big", { game_id: 0 }).replace('"game_id":0', '"game_id":9007199254740993'),
  record("/a,b\"c\nd"),
  '{"game_id":1.0,"url":"/misfit","spare":  [1, 2 ,{"a":1E5}]}',
  "no JSON at all <img src=x onerror=window.pwned=1>",
];

export const folder = mkdtempSync(join(tmpdir(), "fidelog-browser-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const fidelog = (...args) => execFileSync(join(binaries, "fidelog"), args, { stdio: ["ignore", "ignore", "pipe"] });

export function makeStore() {
  const [store, sample, lines] = ["store", "sample.json", "odd.jsonl"].map((name) => join(folder, name));
  fidelog("sample", "-n", String(SAMPLES), "-o", sample);
  fidelog("consume", "--from", sample, "--to", store);
  writeFileSync(lines, odd.map((line) => `${line}\n`).join(""));
  fidelog("consume", "--from", lines, "--to", store);
  const packed = join(folder, "odd.fdl");
  fidelog("pack", lines, "-o", packed);
  return { store, packed };
}

/** Starts the server; its URL. */
export async function serve(store, ...args) {
  const dist = join(root, "wasm/console/dist");
  const child = spawn(join(binaries, "fidelog-serve"), ["--store", store, "--listen", "127.0.0.1:0", "--console", dist, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, RUST_LOG: "off" },
  });
  process.on("exit", () => child.kill());
  const url = await new Promise((resolve, reject) => {
    child.stdout.once("data", (data) => resolve(/http:\S+/.exec(data)[0]));
    child.once("exit", () => reject(new Error("the server ended")));
  });
  return { url, stop: () => child.kill() };
}

/** A folder's files over HTTP and nothing else, as a bucket serves them. */
export async function serveFolder(folder) {
  const types = { ".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml" };
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    try {
      const file = readFileSync(join(root, folder, path));
      response.setHeader("Content-Type", types[extname(path)] ?? "application/octet-stream").end(file);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
  });

/** A page of its own whose complaints are kept: a policy that was broken, an error nobody caught. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, permissions: ["clipboard-read", "clipboard-write"], ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(error.message));
  // What the browser says of answers with 4xx is the API's business.
  page.on("console", (message) => message.type() === "error" && !/status of 4\d\d/.test(message.text()) && page.complaints.push(message.text()));
  await page.goto(url);
  return page;
}

// The page as it is: Playwright's own styles would break the policy.
export const shoot = (page, name) => page.screenshot({ path: join(shots, `${name}.png`), caret: "initial", animations: "allow" });
