/** The order of names. */

const collator = new Intl.Collator(undefined, { numeric: true });

/** Alphabetical, with sensor2 before sensor10. Different names are never equal. */
export function inOrder(a, b) {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}
