// What a chart of a result shows: a figure for each group, the groups themselves, or when the rows happened.

const BARS = 60;
const BUCKETS = 40;

const isNumber = ({ encoding }) => encoding === "integer" || encoding === "number";
const timeText = (micros) => new Date(Number(micros / 1000n)).toISOString().replace(".000Z", "Z");

/** `{title, bars: [{label, value}]}`, or null where the columns allow none. */
export function chart(result) {
  if (!result.rowCount) return null;
  const [time, number] = [result.columns.find(({ encoding }) => encoding === "timestamp"), result.columns.find(isNumber)];
  const label = result.columns.find((column) => !isNumber(column)) ?? (result.columns.length > 1 ? result.columns[0] : null);
  if (number && label && label !== number && result.rowCount <= BARS) return groups(result, label, number);
  if (time) return histogram(result, time);
  const text = result.columns.find(({ encoding }) => encoding !== "json" && encoding !== "number");
  return text ? counts(result, text) : null;
}

function groups(result, label, number) {
  const [labels, values] = [result.values(label.name), result.values(number.name)];
  const text = (value) => (value === null ? "null" : label.encoding === "timestamp" ? timeText(value) : String(value));
  const bars = labels.map((value, i) => ({ label: text(value), value: Number(values[i] ?? 0) }));
  return { title: `${number.name} by ${label.name}`, bars };
}

function histogram(result, { name }) {
  const times = result.values(name).filter((time) => time !== null);
  if (!times.length) return null;
  const first = times.reduce((a, b) => (a < b ? a : b));
  const last = times.reduce((a, b) => (a > b ? a : b));
  const width = (last - first) / BigInt(BUCKETS) + 1n;
  const bars = Array.from({ length: Number((last - first) / width) + 1 }, (_, i) => ({ label: timeText(first + BigInt(i) * width), value: 0 }));
  for (const time of times) bars[Number((time - first) / width)].value++;
  return { title: `Rows by ${name}`, bars };
}

function counts(result, { name }) {
  const seen = new Map();
  for (const value of result.values(name)) seen.set(value, (seen.get(value) ?? 0) + 1);
  const most = [...seen].sort((a, b) => b[1] - a[1]).slice(0, BARS);
  const cut = seen.size > BARS ? ` (the ${BARS} most frequent of ${seen.size})` : "";
  return { title: `Rows by ${name}${cut}`, bars: most.map(([value, count]) => ({ label: String(value), value: count })) };
}
