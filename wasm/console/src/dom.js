// Elements by id and made of parts. Text goes in as text: nothing here, or anywhere in the page, parses HTML.

export const $ = (id) => document.getElementById(id);

/** An element with attributes (or listeners) and children; a string child is text. */
export function make(name, attributes = {}, ...children) {
  const isSvg = ["svg", "rect", "text", "line", "title", "g"].includes(name);
  const element = isSvg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** Chooses one of a group of buttons. */
export function press(chosen) {
  for (const button of chosen.parentElement.children) button.setAttribute("aria-pressed", String(button === chosen));
}

export const count = (number) => number.toLocaleString("en-US");

export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const [unit, name] = bytes < 1e6 ? [1e3, "kB"] : bytes < 1e9 ? [1e6, "MB"] : [1e9, "GB"];
  return `${(bytes / unit).toFixed(bytes / unit < 100 ? 1 : 0)} ${name}`;
}

export function save(parts, name, type) {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
