// Bars of a result, as SVG.
import { count, make } from "./dom.js";

export function draw(host, figures) {
  const box = make("div", { class: "chart", tabindex: 0, role: "group", "aria-label": "Chart" });
  host.replaceChildren(box);
  if (!figures) {
    box.append(make("p", { class: "quiet" }, "These columns make no chart: it takes a time, or a text and a number."));
    return;
  }
  const { title, bars } = figures;
  const most = Math.max(...bars.map(({ value }) => value), 0) || 1;
  const isTime = bars.every(({ label }) => /^\d{4}-\d\d-\d\dT/.test(label));
  const width = Math.min(Math.max(box.clientWidth - 26, 260), 1100);
  box.append(make("h3", {}, title), (isTime ? upright : lying)(title, bars, most, width));
}

const picture = (title, bars, width, height, ...parts) =>
  make("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": `${title}: ${bars.length} bars, from ${bars[0].label} to ${bars.at(-1).label}` }, ...parts);

const hint = ({ label, value }) => make("title", {}, `${label}: ${count(value)}`);

function upright(title, bars, most, width) {
  const height = 260;
  const [left, step] = [70, (width - 80) / bars.length];
  const rects = bars.map((bar, i) => {
    const tall = (Math.max(bar.value, 0) / most) * 200;
    return make("rect", { x: left + i * step, y: 220 - tall, width: Math.max(step - 1.5, 1), height: tall }, hint(bar));
  });
  const scale = [0, 0.5, 1].flatMap((part) => [
    make("line", { x1: left, x2: width - 10, y1: 220 - part * 200, y2: 220 - part * 200 }),
    make("text", { class: "axis", x: left - 8, y: 224 - part * 200, "text-anchor": "end" }, count(Math.round(most * part * 100) / 100)),
  ]);
  // Where both times do not fit beside each other, the later one goes below.
  const below = width < 500 ? 16 : 0;
  const ends = [make("text", { class: "axis", x: left, y: 240 }, bars[0].label), make("text", { class: "axis", x: width - 10, y: 240 + below, "text-anchor": "end" }, bars.length > 1 ? bars.at(-1).label : "")];
  return picture(title, bars, width, height, ...scale, ...rects, ...ends);
}

function lying(title, bars, most, width) {
  const letters = width < 500 ? 12 : 30;
  const left = letters * 7.5 + 10;
  const rows = bars.map((bar, i) => {
    const label = [...bar.label].length > letters ? `${[...bar.label].slice(0, letters - 1).join("")}…` : bar.label;
    const long = (Math.max(bar.value, 0) / most) * (width - left - 90);
    return make("g", {}, hint(bar),
      make("text", { x: left - 8, y: i * 24 + 16, "text-anchor": "end" }, label === "" ? "''" : label),
      make("rect", { x: left, y: i * 24 + 3, width: Math.max(long, 1), height: 18 }),
      make("text", { class: "axis", x: left + 8 + long, y: i * 24 + 16 }, count(bar.value)));
  });
  return picture(title, bars, width, bars.length * 24 + 6, ...rows);
}
