// The page: a query runs, its pages become one result, the result is looked at.
import "./theme.js";
import * as api from "./api.js";
import * as past from "./past.js";
import * as record from "./record.js";
import * as schema from "./schema.js";
import * as signIn from "./sign-in.js";
import { $, count, make, press, save, size } from "./dom.js";
import { accept } from "./payload.js";
import { decoder } from "./decoder.js";
import { draw } from "./chart.js";
import { Editor } from "./editor.js";
import { Grid } from "./grid.js";

/** The result in sight: `{rowCount, columns, isExact, grid, stats, next, query, name}`. */
let result;
/** The query under way: `{controller, id}`. */
let running;

const editor = new Editor($("editor"), { run, cancel, change: () => problem(null) });
const choose = (sql) => ((editor.text = sql), editor.focus());

function say(text) {
  $("state").textContent = text;
}

function problem(error) {
  editor.unmark();
  $("problem").hidden = !error;
  if (!error) return;
  const at = error.position ? ` (line ${error.position.line}, column ${error.position.column})` : "";
  const parts = [make("p", {}, `${error.title ? `${error.title}${at}: ` : ""}${error.message}`)];
  if (error.hint) parts.push(make("p", { class: "hint" }, error.hint));
  $("problem").replaceChildren(...parts);
  if (error.position) editor.mark(error.position, error.message);
  if (error.status === 401) askForToken();
}

function askForToken() {
  if (!$("token").open) $("token").showModal();
}

async function run() {
  if (running) return;
  const sql = editor.text;
  if (!sql.trim()) return;
  const controller = new AbortController();
  running = { controller };
  $("run").disabled = true;
  $("cancel").disabled = false;
  problem(null);
  say("Sending…");
  past.remember(sql, choose);
  try {
    running.id = await api.start(sql, controller.signal);
    const stats = await api.finish(running.id, controller.signal, (state) => say(state === "QUEUED" ? "Waiting…" : "Running…"));
    say("Fetching…");
    const page = await api.page(running.id, null, controller.signal);
    await open(page.bytes, { isExact: page.isExact, next: page.next, query: running.id, stats, name: "" });
    say("Done");
  } catch (error) {
    say(error.name === "AbortError" ? "Cancelled" : "");
    if (error.name !== "AbortError") problem(error);
  } finally {
    running = undefined;
    $("run").disabled = false;
    $("cancel").disabled = true;
  }
}

function cancel() {
  if (!running) return false;
  running.controller.abort();
  // The page has let go already; that the server does, too, is best effort.
  if (running.id) api.cancel(running.id).catch(() => {});
  return true;
}

/** Shows a payload as a new result. */
async function open(payload, about) {
  const { rowCount, columns } = await decoder.open(payload);
  result = { ...about, rowCount, columns };
  const mine = result;
  $("empty").hidden = true;
  $("result-bar").hidden = false;
  $("result-name").textContent = about.name;
  mine.grid = new Grid($("table"), {
    get rowCount() {
      return mine.rowCount;
    },
    columns,
    cells: decoder.cells,
    sort: decoder.sort,
    open: async (row) => record.open(await decoder.record(row), row, mine.isExact),
    copied: (text) => navigator.clipboard.writeText(text).then(() => say("Copied")),
    reached: () => more(mine),
  });
  await view(rowCount ? "table" : "none");
  figures();
}

/** Fetches the next page, if there is one and nothing else is fetching it. */
async function more(of) {
  if (!of.next || of.fetching || of !== result) return;
  of.fetching = true;
  try {
    const page = await api.page(of.query, of.next, new AbortController().signal);
    if (of !== result) return;
    of.next = page.next;
    of.rowCount = (await decoder.append(page.bytes)).rowCount;
    of.grid.grown();
    figures();
  } catch (error) {
    of.next = undefined;
    of.isCut = true;
    if (of === result) problem(error);
  } finally {
    of.fetching = false;
  }
}

/** Fetches all that is still to come: downloads are whole. */
async function rest() {
  const of = result;
  while (of === result && of.next) {
    say(`Fetching… ${count(of.rowCount)} rows`);
    await more(of);
    if (of.fetching) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (of.isCut) throw new Error("Not all rows could be fetched, so nothing was saved; run the query again.");
  say("");
}

async function download(make, name, type) {
  try {
    await rest();
    const made = await make();
    save(Array.isArray(made) ? made : [made], name, type);
  } catch (error) {
    problem(error);
  }
}

async function view(which) {
  $("table").hidden = which !== "table";
  $("chart").hidden = which === "table";
  press(which === "chart" ? $("show-chart") : $("show-table"));
  if (which === "none") $("chart").replaceChildren(make("p", { class: "quiet" }, "No rows"));
  else if (which === "chart") draw($("chart"), await decoder.chart());
}

/** The footer: what the result took. */
async function figures() {
  const of = result;
  const { payload, json, gzip } = await decoder.sizes();
  if (of !== result) return;
  const figure = (name, value) => make("span", {}, `${name} `, make("b", {}, value));
  const percent = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(1)} %` : "–");
  const rows = figure("Rows", count(of.rowCount) + (of.next ? " of more" : ""));
  const engine = of.stats ? [figure("Engine", `${count(Math.round(of.stats.engine_ms))} ms`)] : [];
  // The local engine does not say.
  if (of.stats?.bytes_scanned) engine.push(figure("Scanned", size(of.stats.bytes_scanned)));
  const sizes = [figure("Payload", size(payload)), figure("as JSON", `${size(json)} (payload ${percent(payload, json)})`)];
  if (gzip !== null) sizes.push(figure("as gzip", `${size(gzip)} (payload ${percent(payload, gzip)})`));
  $("footer").replaceChildren(rows, ...engine, ...sizes, figure("Records", of.isExact ? "exact" : "result rows"));
}

async function describe() {
  try {
    const described = await api.schema();
    schema.show(described, (name) => editor.insert(name), choose);
    editor.know(described.table, described.columns.map(({ column, type }) => ({ name: column, type })));
    if (!editor.text) editor.text = `SELECT * FROM ${described.table} LIMIT 100`;
  } catch (error) {
    schema.fail(error.status === 401 ? "A token is needed." : error.message);
    if (error.status === 401) askForToken();
  }
}

$("run").addEventListener("click", run);
$("cancel").addEventListener("click", cancel);
$("show-table").addEventListener("click", () => view("table"));
$("show-chart").addEventListener("click", () => view("chart"));
$("download-ndjson").addEventListener("click", () => download(decoder.ndjson, "result.ndjson", "application/x-ndjson"));
$("download-csv").addEventListener("click", () => download(decoder.csv, "result.csv", "text/csv"));
for (const button of document.querySelectorAll("dialog .close")) button.addEventListener("click", () => button.closest("dialog").close());

$("open-token").addEventListener("click", askForToken);
const useToken = (text) => {
  api.useToken(text);
  $("token-text").value = "";
  $("token").close();
  describe();
};
$("token-use").addEventListener("click", () => useToken($("token-text").value.trim()));
$("token-text").addEventListener("keydown", (event) => event.key === "Enter" && $("token-use").click());
$("sign-in").addEventListener("click", () => signIn.leave().catch(failedToSignIn));
$("token-drop").addEventListener("click", () => useToken(""));
function failedToSignIn(error) {
  $("sign-in-problem").textContent = `Signing in failed: ${error.error_description ?? error.message}`;
  $("sign-in-problem").hidden = false;
  askForToken();
}
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) cancel();
});

accept((payload, name) => open(payload, { isExact: true, name: `${name} (decoded here)` }));
past.show(choose);
if (matchMedia("(max-width: 760px)").matches) $("schema-box").open = false;
signIn.configure((await api.configure()).sign_in);
$("sign-in-box").hidden = !signIn.isConfigured();
try {
  api.useToken((await signIn.arrive()) ?? "");
} catch (error) {
  failedToSignIn(error);
}
await describe();
editor.focus();
