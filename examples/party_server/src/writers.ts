// The two formats of a history file: CSV (RFC 4180) and JSON.

import type { Scalar } from "./readings.ts";
import type { Entry, Tier } from "./tiers.ts";

export interface Line {
  device: string;
  name: string;
  entry: Entry | [at: number, value: Scalar];
}

// What a spreadsheet reads as the start of a formula. This includes the characters after a `;`,
// which separates cells in countries with a decimal comma, and their full-width forms.
const FORMULA = /(^|[;|])(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

/** Yield the file in pieces. */
export function* csv(_room: string, tier: Tier, lines: Iterable<Line[]>): Generator<string> {
  yield row(["device", "name", "at", "time", ...fieldsOf(tier)]);
  for (const some of lines) {
    const rows = some.map(({ device, name, entry: [at, ...values] }) => {
      const names = [harmless(device), harmless(name)];
      const texts = values.map((value) => {
        return JSON.stringify(typeof value === "string" ? harmless(value) : value);
      });
      return row([...names, `${at}`, new Date(at).toISOString(), ...texts]);
    });
    yield rows.join("");
  }
}

/** Yield the file in pieces, with one point in each line. */
export function* json(room: string, tier: Tier, lines: Iterable<Line[]>): Generator<string> {
  yield `{"room":${JSON.stringify(room)},"points":[`;
  const fields = ["at", ...fieldsOf(tier)];
  let separator = "\n";
  for (const some of lines) {
    const points = some.map(({ device, name, entry }) => {
      const values = fields.map((field, index) => [field, entry[index]]);
      return JSON.stringify({ device, name, ...Object.fromEntries(values) });
    });
    if (points.length === 0) continue;
    yield separator + points.join(",\n");
    separator = ",\n";
  }
  yield "\n]}\n";
}

/** Return `cell` with a `'` in each place where a spreadsheet would begin a formula. */
function harmless(cell: string): string {
  return cell.replace(FORMULA, "$1$2'");
}

function fieldsOf(tier: Tier): string[] {
  return tier === "raw" ? ["value"] : ["mean", "min", "max", "count"];
}

function row(cells: string[]): string {
  const quoted = cells.map((cell) => {
    return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  });
  return `${quoted.join(",")}\r\n`;
}
