// The queries that were run here, newest first, in this browser's own storage.
import { $, make } from "./dom.js";

const KEY = "fidelog.history";
const MOST = 50;

const stored = () => {
  try {
    const list = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(list) ? list.filter((sql) => typeof sql === "string") : [];
  } catch {
    return [];
  }
};

function keep(list) {
  try {
    localStorage.setItem(KEY, JSON.stringify(list));
  } catch {
    // A browser that stores nothing still runs queries.
  }
}

export function list(host, queries, choose) {
  host.replaceChildren(...queries.map(({ sql, name }) => make("li", {}, make("button", { title: sql, click: () => choose(sql) }, name ?? sql.replace(/\s+/g, " ").slice(0, 120)))));
}

export function show(choose) {
  const queries = stored();
  list($("history"), queries.map((sql) => ({ sql })), choose);
  $("forget").hidden = !queries.length;
  $("forget").onclick = () => {
    keep([]);
    show(choose);
  };
}

export function remember(sql, choose) {
  keep([sql, ...stored().filter((other) => other !== sql)].slice(0, MOST));
  show(choose);
}
