// One series: points in the order of their times, packed as pairs of doubles.

export type Point = [at: number, value: number];

/** Add `points` to the `kept` ones. Return the newest `most`, in the order of their times. */
export function insert(kept: Float64Array, points: readonly Point[], most: number): Float64Array {
  const all = new Float64Array(kept.length + 2 * points.length);
  all.set(kept);
  let end = kept.length;
  for (const point of points) {
    let place = end;
    // Search from the end, because most points are the newest. Of two points with the same time,
    // the one that came later is behind.
    while (place > 0 && (all[place - 2] as number) > point[0]) place -= 2;
    all.copyWithin(place + 2, place, end);
    all.set(point, place);
    end += 2;
  }
  return all.slice(Math.max(0, end - 2 * most));
}

/** Return the newest `most` points, the oldest first. */
export function unpack(packed: Float64Array, most: number): Point[] {
  const points: Point[] = [];
  for (let i = Math.max(0, packed.length - 2 * most); i + 1 < packed.length; i += 2)
    points.push([packed[i] as number, packed[i + 1] as number]);
  return points;
}
