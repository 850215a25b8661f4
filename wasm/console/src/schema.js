// The table's columns, and queries to start from.
import { $, make } from "./dom.js";
import { list } from "./past.js";

// How a name must be written in SQL.
const spelled = (name) => (/^[a-z_][a-z0-9_]*$/i.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

export function show({ table, columns, version, schema }, insert, choose) {
  const items = columns.map(({ name, column, type, encoding }) =>
    make("li", {}, make("button", { title: `${name} — encoding ${encoding}; column ${column}. Press to insert.`, click: () => insert(spelled(column)) },
      make("span", { class: "name" }, name), make("span", { class: "type" }, type))));
  $("schema").replaceChildren(make("h3", {}, table, make("span", { class: "quiet" }, ` version ${version}`)), make("ul", { class: "fields" }, ...items));
  list($("examples"), examples(table, columns, schema), choose);
}

export function fail(message) {
  $("schema").replaceChildren(make("p", { class: "quiet" }, message));
}

function examples(table, columns, { event_time: time }) {
  const group = columns.find(({ type, encoding }) => type === "varchar" && encoding === "text") ?? columns[0];
  const queries = [
    { name: "The first 100 records", sql: `SELECT * FROM ${table} LIMIT 100` },
    { name: "How many records", sql: `SELECT count(*) AS records FROM ${table}` },
  ];
  if (group) {
    const name = spelled(group.column);
    queries.push({ name: `Most frequent ${group.name}`, sql: `SELECT ${name}, count(*) AS records\nFROM ${table}\nGROUP BY ${name}\nORDER BY records DESC\nLIMIT 20` });
  }
  if (time) {
    const name = spelled(time);
    queries.push(
      { name: "The newest records", sql: `SELECT *\nFROM ${table}\nORDER BY ${name} DESC\nLIMIT 100` },
      { name: "Records by hour", sql: `SELECT date_trunc('hour', ${name}) AS hour, count(*) AS records\nFROM ${table}\nGROUP BY 1\nORDER BY 1` },
    );
  }
  return queries;
}
