// A result as CSV (RFC 4180): an empty cell is a null, "" the empty text.

const STEP = 5_000;

const quote = (text) => `"${text.replaceAll('"', '""')}"`;

/** A cell of a value's JSON spelling. */
function cell(json, encoding) {
  if (json === "null") return "";
  if (encoding === "json") return quote(json);
  return json[0] === '"' ? quote(JSON.parse(json)) : json;
}

export function csv(result) {
  const encoder = new TextEncoder();
  const parts = [encoder.encode(`${result.columns.map(({ name }) => quote(name)).join(",")}\r\n`)];
  for (let from = 0; from < result.rowCount; from += STEP) {
    const to = Math.min(from + STEP, result.rowCount);
    const columns = result.cells(from, to);
    let text = "";
    for (let i = 0; i < to - from; i++) {
      text += `${columns.map((column, c) => cell(column[i], result.columns[c].encoding)).join(",")}\r\n`;
    }
    parts.push(encoder.encode(text));
  }
  return parts;
}
