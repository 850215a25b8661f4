// The result table: only the rows in sight are in the document, and they come from the worker a chunk at a time.
import { make } from "./dom.js";

const ROW = 28;
const HEAD = 44;
const CHUNK = 100;
const CHUNKS_KEPT = 60;
/** Browsers end an element's height somewhere above this; beyond, scrolling is by proportion. */
const MAX_HEIGHT = 15_000_000;
const MAX_TEXT = 400;

const TYPES = { integer: "bigint", number: "double", boolean: "boolean", timestamp: "timestamp", hex: "varchar", uuid: "varchar", text: "varchar", json: "json" };

/** A spelling as a person reads it: the text to show, and whether it is there at all. */
export function shown(json, encoding) {
  if (json === "null") return { text: "null", isNull: true };
  if (encoding !== "json" && json[0] === '"') return { text: JSON.parse(json), isNull: false };
  return { text: json, isNull: false };
}

export class Grid {
  #chunks = new Map();
  #frame = 0;
  #active = { row: 0, column: 0 };
  #sorted = null;
  #epoch = 0;

  /** `source`: rowCount, columns, cells(from, to), sort(name, descending), open(row), copied(text), reached(row). */
  constructor(host, source) {
    this.source = source;
    this.body = make("div", { class: "rows body", role: "rowgroup" });
    this.head = make("div", { class: "head row", role: "row", "aria-rowindex": 1 });
    this.root = make("div", {
      class: "grid", role: "grid", tabindex: 0, "aria-label": "Rows", "aria-colcount": source.columns.length + 1,
      scroll: () => this.#soon(), keydown: (event) => this.#key(event), copy: (event) => this.#copy(event),
    }, make("div", { role: "rowgroup" }, this.head), this.body);
    host.replaceChildren(this.root);
    this.#heads();
    new ResizeObserver(() => this.#soon()).observe(this.root);
    this.grown();
  }

  /** More rows came. */
  grown() {
    const { rowCount } = this.source;
    this.root.setAttribute("aria-rowcount", rowCount + 1);
    this.body.style.height = `${Math.min(rowCount * ROW, MAX_HEIGHT)}px`;
    this.#widths().then(() => this.#draw());
  }

  focus() {
    this.root.focus();
  }

  /** Columns are as wide as the first rows want, within reason. */
  async #widths() {
    if (this.template) return;
    const cells = await this.#chunk(0);
    const width = ({ name, encoding }, c) => {
      const longest = Math.max(name.length + 3, ...cells[c].map((json) => Math.min(wide(shown(json, encoding).text), 64)));
      return Math.min(Math.max(longest * 7.7 + 18, 70), 510);
    };
    this.template = `58px ${this.source.columns.map((column, c) => `${Math.round(width(column, c))}px`).join(" ")}`;
    this.head.style.gridTemplateColumns = this.template;
  }

  #heads() {
    const heads = this.source.columns.map(({ name, encoding }, c) =>
      make("div", { role: "columnheader", class: encoding === "integer" || encoding === "number" ? "number" : "", "aria-colindex": c + 2, "aria-sort": "none" },
        make("button", { title: `Sort by ${name}`, click: () => this.#sort(c) }, make("span", {}, name), make("span", { class: "type", title: `encoding ${encoding}` }, TYPES[encoding]))));
    this.head.replaceChildren(make("div", { role: "columnheader", class: "index cell", "aria-colindex": 1 }, "#"), ...heads);
  }

  async #sort(c) {
    const [is, descending] = [this.#sorted?.c === c, this.#sorted?.descending];
    this.#sorted = is && descending ? null : { c, descending: is };
    await this.source.sort(this.#sorted && this.source.columns[c].name, this.#sorted?.descending);
    [...this.head.children].slice(1).forEach((head, i) => {
      const order = this.#sorted?.c === i ? (this.#sorted.descending ? "descending" : "ascending") : "none";
      head.setAttribute("aria-sort", order);
      head.querySelector("span").textContent = this.source.columns[i].name + { none: "", ascending: " ↑", descending: " ↓" }[order];
    });
    this.stale();
  }

  /** The rows are in another order. */
  stale() {
    this.#chunks.clear();
    this.#epoch++;
    this.#draw();
  }

  #chunk(index) {
    const epoch = this.#epoch;
    const { rowCount } = this.source;
    const to = Math.min((index + 1) * CHUNK, rowCount);
    const known = this.#chunks.get(index);
    if (known && known.to === to) return known.cells;
    const cells = this.source.cells(index * CHUNK, to).then((cells) => (epoch === this.#epoch ? cells : this.#chunk(index)));
    this.#chunks.set(index, { to, cells });
    if (this.#chunks.size > CHUNKS_KEPT) this.#chunks.delete(this.#chunks.keys().next().value);
    return cells;
  }

  #soon() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  /** The first row in sight, and how many fit. */
  #sight() {
    const { rowCount } = this.source;
    const fit = Math.max(Math.ceil((this.root.clientHeight - HEAD) / ROW), 1);
    const [height, real] = [Math.min(rowCount * ROW, MAX_HEIGHT), rowCount * ROW];
    if (height === real) return { first: Math.floor(this.root.scrollTop / ROW), fit };
    const share = this.root.scrollTop / Math.max(height + HEAD - this.root.clientHeight, 1);
    return { first: Math.floor(share * Math.max(rowCount - fit + 1, 0)), fit };
  }

  async #draw() {
    const { rowCount, columns } = this.source;
    if (!this.template) return;
    const { first, fit } = this.#sight();
    const from = Math.max(first - 4, 0);
    const to = Math.min(first + fit + 6, rowCount);
    const drawing = (this.drawing = {});
    const chunks = new Map();
    for (let chunk = Math.floor(from / CHUNK); chunk * CHUNK < to; chunk++) chunks.set(chunk, await this.#chunk(chunk));
    if (drawing !== this.drawing) return;
    // By proportion, a row stands where the view is; else where it belongs.
    const shift = rowCount * ROW > MAX_HEIGHT ? this.root.scrollTop - first * ROW : 0;
    const rows = [];
    for (let row = from; row < to; row++) {
      const cells = chunks.get(Math.floor(row / CHUNK));
      rows.push(this.#row(row, columns.map((_, c) => cells[c][row % CHUNK]), row * ROW + shift));
    }
    this.body.replaceChildren(...rows);
    this.#activate();
    if (to > rowCount - CHUNK * 2) this.source.reached(to);
  }

  #row(row, cells, top) {
    const index = make("div", { role: "rowheader", class: "cell index", id: `cell-${row}-0`, "aria-colindex": 1, title: "View the record", click: () => this.source.open(row) }, String(row + 1));
    const values = cells.map((json = "null", c) => {
      const { encoding } = this.source.columns[c];
      const { text, isNull } = shown(json, encoding);
      const kind = `${isNull || text === "" ? "null" : ""} ${encoding === "integer" || encoding === "number" ? "number" : ""}`;
      const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
      return make("div", {
        role: "gridcell", class: `cell ${kind}`, id: `cell-${row}-${c + 1}`, "aria-colindex": c + 2,
        click: () => this.#move(row, c + 1), dblclick: () => this.source.open(row),
      }, cut === "" ? "''" : cut.replace(/\r?\n/g, "↵"));
    });
    const element = make("div", { role: "row", class: "row", "aria-rowindex": row + 2 }, index, ...values);
    element.style.gridTemplateColumns = this.template;
    element.style.transform = `translateY(${top}px)`;
    return element;
  }

  #move(row, column) {
    const { rowCount, columns } = this.source;
    this.#active = { row: Math.min(Math.max(row, 0), rowCount - 1), column: Math.min(Math.max(column, 0), columns.length) };
    const { first, fit } = this.#sight();
    const isFar = this.#active.row < first || this.#active.row > first + fit - 3;
    if (isFar) {
      const top = this.#active.row < first ? this.#active.row : this.#active.row - fit + 3;
      const isWhole = rowCount * ROW <= MAX_HEIGHT;
      this.root.scrollTop = isWhole ? top * ROW : (top / (rowCount - fit + 1)) * (MAX_HEIGHT + HEAD - this.root.clientHeight);
    }
    this.#activate(true);
  }

  #activate(follow) {
    for (const old of this.body.querySelectorAll(".active")) {
      old.classList.remove("active");
      old.removeAttribute("aria-selected");
    }
    const cell = document.getElementById(`cell-${this.#active.row}-${this.#active.column}`);
    if (!cell) return this.root.removeAttribute("aria-activedescendant");
    cell.classList.add("active");
    if (cell.role === "gridcell") cell.setAttribute("aria-selected", "true");
    this.root.setAttribute("aria-activedescendant", cell.id);
    if (!follow) return;
    // Rows are in place already: only sideways may be needed, past the row numbers that stay.
    const [box, view] = [cell.getBoundingClientRect(), this.root.getBoundingClientRect()];
    if (box.left < view.left + 58) this.root.scrollLeft -= view.left + 58 - box.left;
    else if (box.right > view.right) this.root.scrollLeft += Math.min(box.right - view.right, box.left - view.left - 58);
  }

  #key(event) {
    if (event.target !== this.root || event.altKey) return;
    const { row, column } = this.#active;
    const { fit } = this.#sight();
    const isFar = event.ctrlKey || event.metaKey;
    const moves = {
      ArrowDown: () => this.#move(row + 1, column),
      ArrowUp: () => this.#move(row - 1, column),
      ArrowRight: () => this.#move(row, column + 1),
      ArrowLeft: () => this.#move(row, column - 1),
      PageDown: () => this.#move(row + fit - 2, column),
      PageUp: () => this.#move(row - fit + 2, column),
      Home: () => this.#move(isFar ? 0 : row, isFar ? column : 0),
      End: () => this.#move(isFar ? Infinity : row, isFar ? column : Infinity),
      Enter: () => this.source.open(row),
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    moves[event.key]();
  }

  /** Ctrl+C copies the cell, whole, unless text is chosen. */
  #copy(event) {
    if (!document.getSelection().isCollapsed || !this.source.rowCount) return;
    const { row, column } = this.#active;
    const { cells } = this.#chunks.get(Math.floor(row / CHUNK)) ?? {};
    if (!cells || column === 0) return;
    event.preventDefault();
    cells.then((cells) => {
      const { text, isNull } = shown(cells[column - 1][row % CHUNK], this.source.columns[column - 1].encoding);
      this.source.copied(isNull ? "" : text);
    });
  }
}

/** How many columns of a fixed-width font a text takes. */
function wide(text) {
  let columns = 0;
  for (const char of text.slice(0, 64)) columns += char >= "\u1100" ? 2 : 1;
  return columns;
}
