// The vector directory that Rust, Python and JavaScript read: tests/vectors.
import { readFileSync, readdirSync } from "node:fs";

const root = new URL("../vectors/", import.meta.url);
const json = (path) => JSON.parse(readFileSync(new URL(path, root)));
const bytes = (base64) => Uint8Array.from(Buffer.from(base64, "base64"));

/** The record cases as { name, record }. */
export function records() {
  const cases = json("records.json");
  if (!cases.length) throw new Error(`no cases in ${root}`);
  return cases.map(({ name, base64 }) => ({ name, record: bytes(base64) }));
}

/** The golden containers of all format versions as { name, payload, records }. */
export function containers() {
  const files = readdirSync(root, { recursive: true }).filter((path) => /^v\d+\/[^/]+\.fdl$/.test(path));
  if (!files.length) throw new Error(`no containers under ${root}`);
  return files.sort().map((path) => ({
    name: path.slice(0, -".fdl".length),
    payload: new Uint8Array(readFileSync(new URL(path, root))),
    records: json(path.replace(/fdl$/, "json")).records.map(bytes),
  }));
}
