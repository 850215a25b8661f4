// The console as people use it, against the real server.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { SAMPLES, axe, launch, makeStore, odd, openPage, serve, shoot } from "./harness.mjs";

const ALL = SAMPLES + odd.length;
const { store, packed } = makeStore();
const server = await serve(store);
const browser = await launch();
after(async () => {
  await browser.close();
  server.stop();
});

async function open(options) {
  const page = await openPage(browser, server.url, options);
  await page.locator(".fields li").first().waitFor({ state: "attached" });
  return page;
}

async function close(page) {
  assert.deepEqual(page.complaints, []);
  assert.equal(await page.evaluate(() => globalThis.pwned), undefined, "log content ran as a script");
  await page.context().close();
}

const state = (page, text) => page.locator("#state", { hasText: text }).waitFor({ timeout: 30_000 });
// By keys, as people do: Playwright's own way of filling makes the browser write style attributes.
async function write(page, sql) {
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(sql);
}

async function query(page, sql) {
  await write(page, sql);
  await page.keyboard.press("Control+Enter");
  await state(page, "Done");
  await page.locator(".grid .body .row").first().waitFor();
}

/** Every line of a query's answer, from the API itself. */
async function answer(sql) {
  const json = { "Content-Type": "application/json" };
  const { id } = await (await fetch(`${server.url}/v1/queries`, { method: "POST", headers: json, body: JSON.stringify({ sql }) })).json();
  const parts = [];
  for (let cursor = ""; cursor !== null; ) {
    const response = await fetch(`${server.url}/v1/queries/${id}/results${cursor && `?cursor=${encodeURIComponent(cursor)}`}`, { headers: { Accept: "application/x-ndjson" } });
    if (response.status === 409) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    parts.push(Buffer.from(await response.arrayBuffer()));
    cursor = response.headers.get("Fidelog-Next");
  }
  return Buffer.concat(parts);
}

async function download(page, button) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
  return readFileSync(await file.path());
}

test("pages through all rows, and what is saved is what was sent", async () => {
  const page = await open();
  const sql = "SELECT * FROM logs ORDER BY inDate DESC, url";
  await query(page, sql);
  const grid = page.locator(".grid");
  await grid.focus();
  // To the end of what is there, until the end of all there is.
  for (let tries = 0; (await grid.getAttribute("aria-rowcount")) !== String(ALL + 1); tries++) {
    assert.ok(tries < 100, "the next pages do not come");
    await page.keyboard.press("Control+End");
    await page.waitForTimeout(100);
  }
  await page.keyboard.press("Control+End");
  const last = page.locator(`#cell-${ALL - 1}-1`);
  await last.waitFor();
  assert.ok((await page.locator(".grid .body .row").count()) < 100, "rows out of sight are in the document");
  const lines = await answer(sql);
  assert.ok((await download(page, "#download-ndjson")).equals(lines));
  await page.locator("#footer", { hasText: ALL.toLocaleString("en-US") }).waitFor();
  await close(page);
});

test("a download fetches the pages that were not looked at", async () => {
  const page = await open();
  await query(page, "SELECT * FROM logs ORDER BY inDate DESC, url");
  assert.ok((await download(page, "#download-ndjson")).equals(await answer("SELECT * FROM logs ORDER BY inDate DESC, url")));
  await close(page);
});

test("log content is text and nothing else", async () => {
  const page = await open();
  await query(page, "SELECT * FROM logs WHERE method = 'ODD' OR method IS NULL ORDER BY url");
  const cells = await page.locator(".grid .body .cell").allTextContents();
  assert.ok(cells.includes('<img src=x onerror="window.pwned=1">'), "the url as it is");
  assert.ok(cells.includes("안녕하세요, 세계 — 로그"));
  assert.ok(cells.includes("9007199254740993"));
  assert.ok(cells.includes("''") && cells.includes("null"), "empty and null differ");
  await shoot(page, "odd-records");
  for (const index of await page.locator(".grid .body .index").all()) {
    await index.click();
    await page.locator("#record[open]").waitFor();
    await page.click("#record-pretty");
    await page.click("#record .close");
  }
  await page.click("#show-chart");
  await page.locator("svg").waitFor();
  const bad = await page.evaluate(() => document.querySelectorAll("main img, main script, dialog img, dialog script").length);
  assert.equal(bad, 0);
  await close(page);
});

test("a record is shown exactly, and indented without a change to its tokens", async () => {
  const page = await open();
  await query(page, "SELECT * FROM logs WHERE url = '/misfit'");
  await page.locator(".grid").focus();
  await page.keyboard.press("Enter");
  await page.locator("#record[open]").waitFor();
  const text = page.locator("#record-text");
  const misfit = odd.find((line) => line.includes("/misfit"));
  assert.equal(await text.textContent(), misfit);
  await page.click("#record-pretty");
  const pretty = await text.textContent();
  assert.ok(pretty.includes('"game_id": 1.0') && pretty.includes('"a": 1E5'), pretty);
  assert.equal(pretty.replace(/\s/g, ""), misfit.replace(/\s/g, ""));
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("#record-save")]);
  assert.equal(readFileSync(await file.path(), "utf8"), misfit);
  await page.keyboard.press("Escape");
  await close(page);
});

test("CSV keeps null and the empty text apart", async () => {
  const page = await open();
  await query(page, "SELECT url, tableAndColumn AS t, '' AS e, 9007199254740993 AS n FROM logs WHERE url = '/a,b\"c\nd'");
  assert.equal((await download(page, "#download-csv")).toString(), '"url","t","e","n"\r\n"/a,b""c\nd",,"",9007199254740993\r\n');
  await close(page);
});

test("a cell is copied whole", async () => {
  const page = await open();
  await query(page, "SELECT url FROM logs WHERE url LIKE '/long/%'");
  await page.locator("#cell-0-1").click();
  await page.locator(".grid").focus();
  await page.keyboard.press("Control+c");
  await state(page, "Copied");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `/long/${"x".repeat(5_000)}`);
  await close(page);
});

test("the loaded rows sort by type, up, down and back", async () => {
  const page = await open();
  await query(page, "SELECT game_id FROM logs ORDER BY url LIMIT 15");
  const numbers = async () => (await page.locator(".grid .body .number").allTextContents()).map(BigInt);
  const ordered = (list) => list.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  // The rows come back from the worker after the click.
  const becomes = (expected) => page.waitForFunction(
    (expected) => [...document.querySelectorAll(".grid .body .number")].map((cell) => cell.textContent).join() === expected,
    expected.join(),
  );
  const before = await numbers();
  assert.notDeepEqual(before, ordered(before));
  const head = page.locator(".grid .head button");
  const sorted = (direction) => page.waitForFunction((direction) =>
    document.querySelector('[role="columnheader"][aria-colindex="2"]').getAttribute("aria-sort") === direction, direction);
  await head.click();
  await sorted("ascending");
  await becomes(ordered(before));
  await head.click();
  await sorted("descending");
  await becomes(ordered(before).reverse());
  await head.click();
  await becomes(before);
  await close(page);
});

test("an error stands at its place in the SQL", async () => {
  const page = await open();
  await write(page, "SELECT *\nFROM logs\nWHERE '세계' = url AND nope = 1");
  await page.keyboard.press("Control+Enter");
  await page.locator("#problem", { hasText: "line 3, column 22" }).waitFor();
  assert.equal(await page.locator(".cm-lintRange-error").textContent(), "nope");
  await shoot(page, "error");
  await page.keyboard.type(" ");
  await page.locator("#problem").waitFor({ state: "hidden" });
  await close(page);
});

test("a query under way is cancelled by a key, on the server too", async () => {
  const page = await open();
  await write(page, "SELECT count(*) FROM logs a JOIN logs b ON a.method = b.method JOIN logs c ON b.method = c.method WHERE a.url <> c.url AND b.url <> c.url");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Enter");
  await state(page, "Running…");
  const [response] = await Promise.all([page.waitForResponse((response) => response.request().method() === "DELETE"), page.keyboard.press("Escape")]);
  await state(page, "Cancelled");
  assert.equal((await response.json()).state, "CANCELLED");
  await query(page, "SELECT count(*) AS n FROM logs");
  assert.equal(await page.locator("#cell-0-1").textContent(), String(ALL));
  await close(page);
});

test("columns and the table complete, and the schema panel inserts", async () => {
  const page = await open();
  await write(page, "SELECT gam");
  await page.keyboard.press("Control+Space");
  await page.locator(".cm-tooltip-autocomplete li", { hasText: "gamer_id" }).waitFor();
  await page.keyboard.press("Escape");
  await write(page, "SELECT ");
  await page.locator(".fields button", { hasText: "url" }).click();
  assert.equal(await page.locator(".cm-content").textContent(), "SELECT url");
  await close(page);
});

test("history comes back after a reload, the token does not", async () => {
  const page = await open();
  await query(page, "SELECT count(*) AS once FROM logs");
  await page.reload();
  await page.locator(".fields li").first().waitFor({ state: "attached" });
  await page.locator("#history-box summary").click();
  await page.locator("#history button", { hasText: "once" }).click();
  assert.ok((await page.locator(".cm-content").textContent()).includes("once"));
  await page.click("#forget");
  assert.equal(await page.locator("#history button").count(), 0);
  await close(page);
});

test("every example runs", async () => {
  const page = await open();
  await page.locator("#examples-box summary").click();
  const examples = page.locator("#examples button");
  assert.ok((await examples.count()) >= 4);
  for (const example of await examples.all()) {
    await example.click();
    await page.keyboard.press("Control+Enter");
    await state(page, "Done");
  }
  await close(page);
});

test("a dropped file and a pasted payload are decoded without a network", async () => {
  const page = await open();
  // The decoder is loaded; from here on there is no server.
  await query(page, "SELECT 1 AS one FROM logs LIMIT 1");
  await page.context().setOffline(true);
  const bytes = readFileSync(packed).toString("base64");
  const drop = (base64) => page.evaluate((base64) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], "odd.fdl"));
    document.body.dispatchEvent(new DragEvent("dragenter", { dataTransfer: transfer, bubbles: true }));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, base64);
  await drop(bytes);
  await page.locator("#result-name", { hasText: "odd.fdl" }).waitFor();
  const lines = odd.map((line) => `${line}\n`).join("");
  assert.equal((await download(page, "#download-ndjson")).toString(), lines);
  await page.click("#open-payload");
  await page.fill("#payload-text", `${bytes.slice(0, 76)}\n${bytes.slice(76)}`);
  await page.click("#payload-decode");
  await page.locator("#result-name", { hasText: "pasted" }).waitFor();
  assert.equal((await download(page, "#download-ndjson")).toString(), lines);
  await drop(Buffer.from("not a payload").toString("base64"));
  await page.locator("#payload-problem", { hasText: "FDL" }).waitFor();
  await page.context().setOffline(false);
  await close(page);
});

test("a server that wants a token gets it from memory", async () => {
  const guarded = await serve(store, "--token", "s3cret");
  const page = await openPage(browser, guarded.url);
  await page.locator("#token[open]").waitFor();
  await page.fill("#token-text", "s3cret");
  await page.click("#token-use");
  await page.locator(".fields li").first().waitFor();
  await query(page, "SELECT count(*) AS n FROM logs");
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  assert.ok(!kept.includes("s3cret"));
  await close(page);
  guarded.stop();
});

test("the policy lets nothing else in", async () => {
  const policy = (await fetch(server.url)).headers.get("content-security-policy");
  assert.ok(!/unsafe-inline|unsafe-eval[^']*'?;|https:|\*/.test(policy.replace("'wasm-unsafe-eval'", "")), policy);
  const page = await open();
  const { complaints } = page;
  page.complaints = [];
  await page.evaluate(() => {
    const image = document.createElement("div");
    try {
      image.innerHTML = "<img src=x onerror='window.pwned=1'>";
    } catch (error) {
      globalThis.refused = error.name;
    }
  });
  assert.equal(await page.evaluate(() => globalThis.refused), "TypeError");
  page.complaints = complaints.filter((complaint) => !complaint.includes("TrustedHTML"));
  await close(page);
});

for (const [width, height] of [[1440, 900], [360, 740]]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`accessible and in one piece at ${width} px, ${colorScheme}`, async () => {
      const page = await open({ viewport: { width, height }, colorScheme });
      const check = async (name) => {
        await shoot(page, `${name}-${width}-${colorScheme}`);
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
        const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        assert.deepEqual(grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`), [], name);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: wider than the window`);
      };
      await check("empty");
      await query(page, "SELECT * FROM logs ORDER BY inDate DESC, url");
      await check("table");
      await page.locator(".grid .body .index").first().click();
      await page.locator("#record[open]").waitFor();
      await check("record");
      await page.keyboard.press("Escape");
      await query(page, "SELECT method, count(*) AS n FROM logs GROUP BY method ORDER BY n DESC");
      await page.click("#show-chart");
      await check("bars");
      await write(page, "SELEC nothing");
      await page.keyboard.press("Control+Enter");
      await page.locator("#problem:not([hidden])").waitFor();
      await check("problem");
      await page.click("#open-payload");
      await check("payload");
      await page.keyboard.press("Escape");
      await close(page);
    });
  }
}
