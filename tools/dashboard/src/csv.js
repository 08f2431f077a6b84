/** Makes CSV as the servers do: for a spreadsheet, which must not take a text for a formula. Pure. */

// As on the servers: also after what separates cells, and with full-width characters.
const FORMULA = /(^|[;|])(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

function cellOf(value) {
  if (typeof value === "number") return String(value);
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const safe = text.replace(FORMULA, "$1$2'");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** `rows` are arrays of numbers, strings, bools or null. The first one has the names. */
export const csvOf = (rows) => rows.map((row) => `${row.map(cellOf).join(",")}\r\n`).join("");

/** What the cards show: the last value of each name. */
export function rowsOfValues(devices, unitOf) {
  const rows = [["device", "title", "name", "at", "time", "value", "unit"]];
  for (const device of devices) {
    for (const [name, value] of device.last) {
      const at = device.lastAt.get(name) || null;
      const time = at && new Date(at).toISOString();
      rows.push([device.name, device.title, name, at, time, value, unitOf(device, name)]);
    }
  }
  return rows;
}

/** What the chart shows: the points of numbers, and the changes of bools and texts. */
export function rowsOfChart({ lines, range: { min, max } }) {
  const rows = [["device", "name", "at", "time", "value", "lowest", "highest", "readings"]];
  const add = (line, at, ...values) => {
    if (at < min || at > max || values[0] === null) return;
    rows.push([line.key, line.name, at, new Date(at).toISOString(), ...values]);
  };
  for (const line of lines) {
    for (const [at, value] of line.isState ? line.changes : []) add(line, at, value);
    const { at, y, low, high, count } = line.points ?? { at: [] };
    at.forEach((each, i) => add(line, each, y[i], low[i], high[i], count[i]));
  }
  return rows;
}
