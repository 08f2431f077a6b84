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

/** What the chart shows: `lines` are {device, name, at, y}. */
export function rowsOfPoints(lines) {
  const rows = [["device", "name", "at", "time", "value"]];
  for (const { device, name, at, y } of lines) {
    at.forEach((each, i) => {
      if (y[i] !== null) rows.push([device, name, each, new Date(each).toISOString(), y[i]]);
    });
  }
  return rows;
}
