// What the port refuses, and what its queue holds.

import { bytesIn } from "./network.mjs";

export function codeIsRefused(code, reason) {
  const known = Number.isInteger(code) && (code === 1000 || (code >= 3000 && code <= 4999));
  return !known || bytesIn(reason ?? "") > 123;
}

// Whether url or protocols are what no constructor should take.
export function typeIsWrong(given, isParty) {
  const list = (value) =>
    !value || typeof value === "string" || typeof value === "function" || Array.isArray(value);
  if (isParty) return !list(given[0].protocols);
  const [url, protocols] = given;
  return (typeof url !== "string" && typeof url !== "function") || !list(protocols);
}

// One ring of `most` bytes: each message with the 6 to 14 bytes before it.
export function holdsQueue(messages, most) {
  const sizes = messages.map(bytesIn);
  const all = sizes.reduce((sum, n) => sum + n + (n < 126 ? 6 : n < 65536 ? 8 : 14), 0);
  return all <= most;
}
