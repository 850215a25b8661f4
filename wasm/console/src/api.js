// Calls to the SQL API. A failed call throws a Problem: what the server said, or that it said nothing.

export class Problem extends Error {
  constructor({ title, detail, code, hint, position, status }) {
    super(detail || title || "The call failed");
    Object.assign(this, { title, code, hint, position, status });
  }
}

let base = "";
let token = "";

/** Reads where the API is from `config.json` beside the page; all that it says. */
export async function configure() {
  const config = await (await fetch("config.json")).json();
  base = config.api.replace(/\/$/, "");
  return config;
}

/** The token lives here and nowhere else. */
export function useToken(text) {
  token = text;
}

async function call(path, { headers = {}, ...options } = {}) {
  if (token) headers.Authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(base + path, { ...options, headers, credentials: "omit", cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ title: "No answer", detail: "The server does not answer.", code: "no_answer", hint: "See whether it still runs, then try again." });
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new Problem({ title: `HTTP ${response.status}`, ...problem, status: response.status });
}

export const schema = async () => (await call("/v1/schema")).json();

export async function start(sql, signal) {
  const headers = { "Content-Type": "application/json" };
  return (await (await call("/v1/queries", { method: "POST", headers, body: JSON.stringify({ sql }), signal })).json()).id;
}

export async function cancel(id) {
  return (await call(`/v1/queries/${encodeURIComponent(id)}`, { method: "DELETE" })).json();
}

/** Waits for the query's end; its statistics. */
export async function finish(id, signal, onState) {
  for (let wait = 40; ; wait = Math.min(wait * 1.6, 1500)) {
    const status = await (await call(`/v1/queries/${encodeURIComponent(id)}`, { signal })).json();
    onState(status.state);
    if (status.state === "SUCCEEDED") return status.stats;
    if (status.state === "FAILED" || status.state === "CANCELLED") {
      throw new Problem(status.error ?? { title: "The query was cancelled", code: "cancelled" });
    }
    await new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, wait);
      signal.addEventListener("abort", () => (clearTimeout(timer), reject(new DOMException("", "AbortError"))), { once: true });
    });
  }
}

/** One page as a block: its bytes, whether its records are the senders', and the next page's cursor. */
export async function page(id, cursor, signal) {
  const query = cursor ? `?cursor=${encodeURIComponent(cursor)}` : "";
  const headers = { Accept: "application/vnd.fidelog.block" };
  const response = await call(`/v1/queries/${encodeURIComponent(id)}/results${query}`, { headers, signal });
  return {
    bytes: new Uint8Array(await response.arrayBuffer()),
    isExact: response.headers.get("Fidelog-Exact") === "true",
    next: response.headers.get("Fidelog-Next"),
  };
}
