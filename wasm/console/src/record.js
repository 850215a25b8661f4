// One record in a dialog: its bytes as they were sent, or indented for reading.
import { $, count, press, save } from "./dom.js";

let bytes = new Uint8Array();
let text = "";

/** JSON indented, token by token: no number, key or escape is spelled anew. Other text comes back as it is. */
export function indent(json) {
  let out = "";
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  const tokens = /\s+|"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+|"/gsy;
  for (let token; (token = tokens.exec(json)?.[0]); ) {
    if (/^\s/.test(token)) continue;
    if (token === "{" || token === "[") {
      const empty = /^\s*[}\]]/.exec(json.slice(tokens.lastIndex));
      if (empty) {
        out += token + empty[0].trim();
        tokens.lastIndex += empty[0].length;
      } else {
        depth++;
        out += token + line();
      }
    } else if (token === "}" || token === "]") {
      depth = Math.max(depth - 1, 0);
      out += line() + token;
    } else {
      out += token === "," ? token + line() : token === ":" ? ": " : token;
    }
  }
  return out;
}

const isJson = (text) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

function show(form) {
  press($(`record-${form}`));
  $("record-text").textContent = form === "exact" ? text : isJson(text) ? indent(text) : text;
}

export function open(record, row, isExact) {
  bytes = record;
  text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(record);
  let isText = true;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(record);
  } catch {
    isText = false;
  }
  $("record-title").textContent = `${isExact ? "Record" : "Row"} ${count(row + 1)}`;
  const origin = isExact ? "exactly as sent" : "made from the result's columns";
  $("record-note").textContent = `${count(bytes.length)} bytes, ${origin}${isText ? "" : "; not UTF-8: the bytes that are none show as �"}`;
  show("exact");
  $("record").showModal();
}

for (const form of ["exact", "pretty"]) $(`record-${form}`).addEventListener("click", () => show(form));
$("record-copy").addEventListener("click", () => navigator.clipboard.writeText(text));
$("record-save").addEventListener("click", () => save([bytes], "record.json", "application/octet-stream"));
