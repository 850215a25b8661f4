// The blocks of one result as one list of rows, in the order that the user chose.

/** Bytes that are gzipped for the figures; more would keep the rows waiting. */
const MOST_TO_GZIP = 50_000_000;

const concat = (parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

export class Result {
  #blocks = [];
  #order;
  rowCount = 0;
  columns = [];

  add(block, payload) {
    if (!this.#blocks.length) {
      this.columns = block.columns.map((name) => ({ name, encoding: block.encoding(name) }));
    }
    this.#blocks.push({ block, first: this.rowCount, sizes: undefined, payload });
    this.rowCount += block.rowCount;
    // New rows come last until the user sorts again.
    this.#order = undefined;
    return { rowCount: this.rowCount, columns: this.columns };
  }

  free() {
    for (const { block } of this.#blocks) block.free();
    this.#blocks = [];
  }

  /** The block of a row, and the row's place in it. */
  #find(row) {
    let [low, high] = [0, this.#blocks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#blocks[middle].first <= row) low = middle;
      else high = middle - 1;
    }
    const { block, first } = this.#blocks[low];
    return [block, row - first];
  }

  /** Rows as their values' JSON spellings, column by column. */
  cells(from, to) {
    if (this.#order) {
      const rows = this.#order.subarray(from, to);
      return this.columns.map(({ name }) => Array.from(rows, (row) => {
        const [block, at] = this.#find(row);
        return block.columns.includes(name) ? block.spellings(name, at, at + 1)[0] : "null";
      }));
    }
    return this.columns.map(({ name }) => this.#blocks.flatMap(({ block, first }) => {
      const [start, end] = [Math.max(from - first, 0), Math.min(to - first, block.rowCount)];
      if (start >= end) return [];
      return block.columns.includes(name) ? block.spellings(name, start, end) : Array(end - start).fill("null");
    }));
  }

  record(row) {
    const [block, at] = this.#find(this.#order ? this.#order[row] : row);
    return block.record(at);
  }

  /** A column's values, null where there is none; times are microseconds. */
  values(name) {
    return this.#blocks.flatMap(({ block }) => {
      if (!block.columns.includes(name)) return Array(block.rowCount).fill(null);
      const column = block.column(name);
      if (column.dictionary) {
        const texts = Array.from({ length: column.dictionary.length }, (_, i) => column.dictionary.get(i));
        return Array.from(column.indices, (index) => texts[index] ?? null);
      }
      return Array.from(column.values, (value, i) => (column.valid[i] ? value : null));
    });
  }

  /** Sorts the rows by a column (null: as they came); rows without a value stay last. */
  sort(name, descending) {
    this.#order = undefined;
    if (name === null) return;
    const values = this.values(name);
    const sign = descending ? -1 : 1;
    const compare = (a, b) => {
      const [x, y] = [values[a], values[b]];
      if (x === null || y === null) return (x === null) - (y === null) || a - b;
      return x < y ? -sign : x > y ? sign : a - b;
    };
    this.#order = Uint32Array.from(values.keys()).sort(compare);
  }

  ndjson() {
    return concat(this.#blocks.map(({ block }) => block.ndjson()));
  }

  /** What the rows weigh as payloads, as JSON lines, and as those in gzip (null if that would take long). */
  async sizes() {
    const all = this.#blocks.map((one) => (one.sizes ??= weigh(one)));
    const sum = (a, b) => ({ payload: a.payload + b.payload, json: a.json + b.json, gzip: a.gzip === null || b.gzip === null ? null : a.gzip + b.gzip });
    return (await Promise.all(all)).reduce(sum);
  }
}

async function weigh({ block, payload }) {
  const lines = block.ndjson();
  if (lines.length > MOST_TO_GZIP) return { payload, json: lines.length, gzip: null };
  const stream = new Blob([lines]).stream().pipeThrough(new CompressionStream("gzip"));
  return { payload, json: lines.length, gzip: (await new Response(stream).arrayBuffer()).byteLength };
}
