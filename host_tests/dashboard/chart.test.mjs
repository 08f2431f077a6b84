/** Tests what the chart draws: points, changes, labels, the range, and what it asks of the server. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Changes, overlaidChanges, spells, stateAt } from "../../tools/dashboard/src/changes.js";
import { Past } from "../../tools/dashboard/src/past.js";
import { Points } from "../../tools/dashboard/src/points.js";
import { Series } from "../../tools/dashboard/src/series.js";
import { byteLabels, numberLabels, timeLabels, valueRange } from "../../tools/dashboard/src/ticks.js";
import { View, spanFor } from "../../tools/dashboard/src/view.js";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
// A whole minute.
const NOW = 1_790_000_040_000;

/** Multiples of `step` between two numbers. */
const ticksOf = (low, high, step) => {
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: count }, (_, i) => (first + i) * step);
};

/** A step that makes about five of them, as on the chart's axis. */
const stepOf = (low, high) => {
  const power = 10 ** Math.floor(Math.log10((high - low) / 5));
  return [1, 2, 2.5, 5, 10].map((each) => each * power).find((step) => (high - low) / step <= 6);
};

test("no two labels of a value's axis are alike, however flat its line, and however large", () => {
  for (const size of [0, 5e-324, 3e-7, 1e-4, 0.02, 1, 3, 21.5, 1013.25, 57_344, 123_456_789, 7e14]) {
    for (const value of [size, -size]) {
      for (const high of [value, value + Math.abs(value) * 1e-6, value + 1e-3, value + 1]) {
        const [bottom, top] = valueRange(value, high);
        assert.ok(bottom < value && high < top, [value, high]);
        const step = stepOf(bottom, top);
        const labels = numberLabels(ticksOf(bottom, top, step), step);
        assert.ok(labels.length >= 3, labels);
        assert.equal(new Set(labels).size, labels.length, labels);
        const byteStep = 2 ** Math.ceil(Math.log2(step));
        const bytes = byteLabels(ticksOf(bottom, top, byteStep), byteStep);
        assert.equal(new Set(bytes).size, bytes.length, bytes);
      }
    }
  }
});

test("an axis has as many decimals as its step, and a constant value has room around it", () => {
  assert.deepEqual(valueRange(null, null), [0, 1]);
  assert.deepEqual(valueRange(20, 20), [18, 22]);
  assert.deepEqual(valueRange(3, 3), [2, 4]);
  assert.deepEqual(valueRange(0, 0), [-1, 1]);
  assert.deepEqual(numberLabels([20, 21, 22], 1), ["20", "21", "22"]);
  assert.deepEqual(numberLabels([-0.25, -0, 0.25], 0.25), ["-0.25", "0.00", "0.25"]);
  assert.deepEqual(numberLabels([0, 5e8, 1e9, 1.5e9], 5e8), ["0", "5E8", "1E9", "1.5E9"]);
  assert.deepEqual(numberLabels([1e9, 1.0001e9], 1e5), ["1E9", "1.0001E9"]);
  assert.deepEqual(byteLabels([2 ** 20, 1.5 * 2 ** 20], 2 ** 19), ["1.0 MiB", "1.5 MiB"]);
  assert.deepEqual(byteLabels([49_152, 57_344], 8192), ["48 KiB", "56 KiB"]);
});

test("no two labels of the time axis are alike, over seconds, days and years", () => {
  const start = Date.UTC(2026, 10, 20, 22);
  const labels = (stepMs, count) =>
    timeLabels(Array.from({ length: count }, (_, i) => start + i * stepMs), stepMs).map((label) =>
      // Some versions of ICU put a narrow space before PM.
      label.replaceAll("\u202f", " "),
    );
  const SECOND = 1000;
  assert.deepEqual(labels(30 * MINUTE, 3), ["10:00 PM", "10:30 PM", "11:00 PM"]);
  assert.deepEqual(labels(12 * HOUR, 3), ["10:00 PM\nNov 20", "10:00 AM\nNov 21", "10:00 PM\nNov 21"]);
  assert.deepEqual(labels(DAY, 2), ["Nov 20", "Nov 21"]);
  assert.deepEqual(labels(365 * DAY, 2), ["Nov 20\n2026", "Nov 20\n2027"]);
  assert.deepEqual(labels(250, 2), ["10:00:00.00 PM", "10:00:00.25 PM"]);
  for (const step of [50, 500, SECOND, 30 * SECOND, MINUTE, HOUR, 8 * HOUR, DAY, 30 * DAY]) {
    const found = labels(step, 30);
    assert.equal(new Set(found).size, 30, found);
  }
  assert.deepEqual(timeLabels([], 1000), []);
});

test("the view follows time, holds still, zooms within what there is, and goes back", () => {
  const view = new View();
  const now = 100 * HOUR;
  assert.deepEqual(view.range(0, now), { min: now - HOUR, max: now });
  // It does not begin before the history.
  assert.deepEqual(view.range(now - MINUTE, now), { min: now - MINUTE, max: now });
  assert.deepEqual(view.range(Infinity, now), { min: now - 10_000, max: now });
  view.hold(view.range(0, now));
  assert.deepEqual(view.range(0, now + 5000), { min: now - HOUR, max: now });
  assert.ok(view.isHeld && !view.isZoomed);
  const limits = view.limits(0, now);
  view.zoomBy(0.5, now, { min: now - 2000_000, max: now }, limits);
  // More turns of the wheel are the same step.
  view.zoomBy(0.5, now, { min: now - 1000_000, max: now }, limits);
  assert.deepEqual(view.range(0, now), { min: now - 500_000, max: now });
  view.zoomTo({ min: now - 10, max: now }, limits);
  // This is the shortest range.
  assert.equal(view.range(0, now).max - view.range(0, now).min, 1000);
  view.back();
  assert.deepEqual(view.range(0, now), { min: now - 500_000, max: now });
  view.back();
  // As it was paused.
  assert.deepEqual(view.range(0, now), { min: now - HOUR, max: now });
  assert.ok(view.isHeld && !view.isZoomed);
  view.zoomTo({ min: -5, max: now * 9 }, limits);
  assert.deepEqual(view.range(0, now), limits);
  view.moveBy(-1e9, { min: 5000, max: 9000 }, limits);
  assert.deepEqual(view.range(0, now), { min: 0, max: 4000 });
  view.follow(DAY);
  assert.deepEqual(view.range(0, now), { min: now - DAY, max: now });
  view.back();
  assert.ok(!view.isHeld && !view.isZoomed);
});

test("the chart begins with the range that has about a hundred readings", () => {
  const spans = [1, 10, 60, 300, 900, 3600, 4 * 3600, 24 * 3600].map((s) => spanFor(s * 1000) / HOUR);
  assert.deepEqual(spans, [1, 1, 1, 24, 24, 7 * 24, 30 * 24, 30 * 24]);
});

const readings = (...list) => Points.ofReadings(list.map(([at]) => at), list.map(([, y]) => y));

test("a summary is of the part asked for, by the number of readings of each point", () => {
  const points = readings([1, 10], [2, 20], [3, 60], [4, 1]);
  const found = points.summary(2, 3);
  assert.deepEqual(found, { count: 2, low: 20, high: 60, mean: 40, latest: 60 });
  assert.equal(points.summary(5, 9).latest, null);
  assert.deepEqual([points.lastIndex(3, 0), points.lastIndex(9, 4), points.lastIndex(3, 4)], [2, 3, -1]);
  const means = Points.ofAnswer([[0, 10, 5, 20, 9], [60, 20, 20, 20, 1], "no point", [1], [90, 1e300]]);
  assert.deepEqual(means.summary(0, 99), { count: 10, low: 5, high: 20, mean: 11, latest: 20 });
});

test("more points than pixels are gathered, and keep their lowest and highest", () => {
  const at = Array.from({ length: 3600 }, (_, i) => NOW + i * 1000);
  const all = Points.ofReadings(at, at.map((_, i) => (i === 1234 ? 99 : i % 2)));
  const some = all.within({ min: NOW, max: NOW + HOUR }, 400);
  // Of ten seconds each, which begin at multiples of ten seconds.
  assert.ok(some.length >= 360 && some.length <= 402, some.length);
  assert.ok(some.at.every((each) => each % 10_000 === 0));
  assert.deepEqual(some.summary(0, Infinity).count, 3600);
  assert.equal(some.summary(0, Infinity).high, 99);
  assert.deepEqual([some.low[5], some.y[5], some.high[5]], [0, 0.5, 1]);
  // The server's points are gathered by what they stand for.
  const means = Points.ofAnswer([[0, 10, 5, 20, 9], [1000, 20, 20, 90, 1], [3000, 1, 1, 1, 1]]);
  const one = means.within({ min: 0, max: 3000 }, 0.5);
  assert.deepEqual([one.y[0], one.low[0], one.high[0], one.count[0]], [(90 + 20 + 1) / 11, 1, 90, 11]);
  // All fit, with one on each side.
  const few = all.within({ min: NOW + 10_000, max: NOW + 20_000 }, 400);
  assert.deepEqual([few.at[0], few.at.at(-1)], [NOW + 9000, NOW + 21_000]);
});

test("a line breaks where nothing came, by the gaps that are usual there", () => {
  const [times, high, low, y] = readings([0, 1], [10, 2], [20, 3], [90_020, 4], [90_030, 5]).table();
  assert.deepEqual(times, [0, 10, 20, 45_020, 90_020, 90_030]);
  for (const column of [high, low, y]) assert.equal(column[3], null);
  // Points of hours go on to readings of seconds.
  const hours = Points.ofAnswer([0, 1, 2, 3].map((h) => [h * HOUR, h, h, h, 60]));
  const both = hours.overlaid(readings([4 * HOUR, 4], [4 * HOUR + 1000, 5], [4 * HOUR + 2000, 6]), 4 * HOUR);
  assert.ok(!both.table()[3].includes(null));
  // Of two points in the same millisecond, the last is drawn.
  assert.deepEqual(readings([5, 1], [5, 2]).table(), [[5], [2], [2], [2]]);
});

test("a bool or text is kept as its changes, and one that came late is not guessed", () => {
  const changes = new Changes();
  assert.deepEqual([changes.first, changes.whole], [Infinity, Infinity]);
  for (const [at, value] of [[10, true], [20, true], [30, false], [40, "x"]]) changes.add(at, value);
  changes.add(50, { no: "state" });
  assert.deepEqual(changes.list, [[10, true], [30, false], [40, "x"]]);
  assert.deepEqual([changes.whole, changes.endAt], [10, 40]);
  changes.add(15, false);
  assert.deepEqual([changes.late, changes.whole, changes.list.length], [1, Infinity, 3]);
  assert.deepEqual([5, 10, 39, 99].map((at) => stateAt(changes.list, at)), [null, true, false, "x"]);
  assert.deepEqual(spells(changes.list, { min: 32, max: 35 }), [{ from: 30, to: 40, value: false }]);
  assert.deepEqual(spells(changes.list, { min: 50, max: 60 }), [{ from: 40, to: Infinity, value: "x" }]);
  const finer = overlaidChanges([[0, "a"], [10, "b"], [99, "c"]], [[5, "x"], [15, "y"]], 8, 50);
  assert.deepEqual(finer, [[0, "a"], [5, "x"], [15, "y"], [99, "c"]]);
  for (let i = 0; i < 1000; i++) changes.add(100 + i, i % 2 === 0);
  assert.equal(changes.list.length, 200);
  changes.release();
});

/** A server that answers by `answer(question, line)`. The questions are noted. */
function serverOf(answer) {
  const questions = [];
  const past = new Past(
    async (lines, question, signal) => {
      questions.push({ ids: lines.map(({ id }) => id), ...question, signal });
      const found = new Map();
      for (const each of lines) found.set(each.id, await answer(question, each));
      return { at: NOW, found };
    },
    () => {},
  );
  /** Look at a range until nothing more is asked. Return the new questions. */
  const look = async (lines, range, points = 100) => {
    const before = questions.length;
    for (let i = 0; i < 20; i++) {
      past.look(lines, range, points);
      mock.timers.tick(2000);
      await new Promise((done) => setImmediate(done));
    }
    return questions.slice(before);
  };
  return { past, look };
}

const line = (memory, id = "a") => ({ id, memory });

function seriesOf(...points) {
  const series = new Series();
  for (const [at, y] of points) series.add(at, y);
  return series;
}

/** Readings each minute of the last day, or means of more. */
function eachMinute({ since = NOW - DAY, until = NOW, points }) {
  const from = Math.max(since, NOW - DAY);
  const to = Math.min(until, NOW);
  const step = Math.ceil((to - from) / MINUTE / points) * MINUTE;
  const history = [];
  for (let at = Math.ceil(from / step) * step; at < to; at += step) {
    history.push(step === MINUTE ? [at, 1] : [at, 1, 0, 2, step / MINUTE]);
  }
  return { history };
}

test("the server is asked for what the memory does not have, and once", async (t) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: NOW });
  t.after(() => mock.timers.reset());
  const { past, look } = serverOf(eachMinute);
  const memory = seriesOf([NOW - 2 * MINUTE, 5], [NOW - MINUTE, 6]);
  const lines = [line(memory)];
  const hour = { min: NOW - HOUR, max: NOW };
  const [overview, detail, ...more] = await look(lines, hour);
  assert.deepEqual([overview.points, overview.since, more.length], [300, undefined, 0]);
  assert.ok(detail.since <= hour.min && detail.until >= hour.max && detail.points >= 100);
  assert.equal(past.firstOf(lines[0]), Math.ceil((NOW - DAY) / (5 * MINUTE)) * 5 * MINUTE);
  const drawn = past.pointsOf(lines[0], hour).within(hour, 100);
  // The newest points are those of the memory.
  assert.deepEqual([drawn.length, drawn.y.slice(-3)], [61, [1, 5, 6]]);
  // Time goes on, and a part of what is known needs no question.
  memory.add(NOW + MINUTE, 7);
  assert.deepEqual(await look(lines, { min: NOW - 50 * MINUTE, max: NOW + MINUTE }), []);
  assert.deepEqual(await look(lines, { min: NOW - MINUTE, max: NOW + MINUTE }), []);
  const [day, ...none] = await look(lines, { min: NOW - DAY, max: NOW });
  assert.deepEqual([day.points, none.length], [120, 0]);
  // Finer points for a part of it.
  const part = { min: NOW - 5 * HOUR, max: NOW - 4 * HOUR };
  assert.equal((await look(lines, part)).length, 1);
  assert.equal(past.pointsOf(lines[0], part).within(part, 100).length, 63);
  memory.release();
});

test("a reading that comes late, or a new snapshot, makes the answers old", async (t) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: NOW });
  t.after(() => mock.timers.reset());
  const { look } = serverOf(eachMinute);
  const hour = { min: NOW - HOUR, max: NOW };
  const memory = seriesOf([NOW - 2 * MINUTE, 5], [NOW - MINUTE, 6]);
  assert.equal((await look([line(memory)], hour)).length, 2);
  // It stands between points of the memory.
  memory.add(NOW - 1.5 * MINUTE, 5);
  assert.deepEqual(await look([line(memory)], hour), []);
  memory.add(NOW - 30 * MINUTE, 5);
  assert.equal((await look([line(memory)], hour)).length, 2);
  const next = seriesOf([NOW - MINUTE, 6]);
  assert.equal((await look([line(next)], hour)).length, 2);
  const again = seriesOf([NOW - MINUTE, 6]);
  assert.equal((await look([line(again)], hour)).length, 2);
  const door = new Changes();
  door.restore([[NOW - 2 * HOUR, true]]);
  const added = await look([line(again), line(door, "b")], hour);
  assert.deepEqual(added.map(({ ids }) => ids), [["b"], ["b"]]);
  door.add(NOW, false);
  assert.deepEqual(await look([line(again), line(door, "b")], hour), []);
  door.add(NOW - HOUR, false);
  const asked = await look([line(again), line(door, "b")], hour);
  assert.deepEqual(asked.map(({ ids }) => ids), [["b"], ["b"]]);
  for (const each of [memory, next, again, door]) each.release();
});

test("where the memory reaches, its readings are drawn, however long the server's points are", async (t) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: NOW });
  t.after(() => mock.timers.reset());
  const at = Array.from({ length: 100 }, (_, i) => NOW - (100 - i) * MINUTE);
  const memory = seriesOf(...at.map((each) => [each, 5]));
  // The last of them begins in the midst of the hour.
  const history = [0, 1, 2].map((n) => [NOW - HOUR / 2 - n * 30 * HOUR, 1, 0, 2, 1800]).reverse();
  const { past, look } = serverOf(() => ({ history }));
  const hour = { min: NOW - HOUR, max: NOW };
  assert.equal((await look([line(memory)], { min: NOW - 2 * HOUR, max: NOW })).length, 2);
  assert.deepEqual(await look([line(memory)], hour), []);
  assert.equal(past.pointsOf(line(memory), hour).countIn(hour), 60);
  memory.release();
});

test("a room that is young is not asked for more than its beginning", async (t) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: NOW });
  t.after(() => mock.timers.reset());
  const memory = seriesOf([NOW - 2 * MINUTE, 5], [NOW - MINUTE, 6]);
  const history = [[NOW - 2 * MINUTE, 5], [NOW - MINUTE, 6]];
  const { look } = serverOf(() => ({ history }));
  const all = await look([line(memory)], { min: NOW - 2 * MINUTE, max: NOW });
  assert.equal(all.filter(({ since }) => since === undefined).length, 1);
  for (let i = 0; i < 5000; i++) memory.add(NOW + i * 1000, i);
  // The memory has begun to forget.
  assert.ok((await look([line(memory)], { min: NOW - DAY, max: NOW + 5e6 })).length > 0);
  memory.release();
});

test("an error is told, the old points stay, and the question is asked again later", async (t) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: NOW });
  t.after(() => mock.timers.reset());
  let isBroken = true;
  const { past, look } = serverOf((question) => {
    if (isBroken) throw new Error("no answer");
    return eachMinute(question);
  });
  const lines = [line(seriesOf([NOW - MINUTE, 6]))];
  const hour = { min: NOW - HOUR, max: NOW };
  const asked = await look(lines, hour);
  assert.equal(past.error, "no answer");
  // Two in each ten of forty seconds.
  assert.ok(asked.length >= 4 && asked.length <= 10, asked.length);
  assert.equal(past.pointsOf(lines[0], hour).length, 1);
  isBroken = false;
  await look(lines, hour);
  assert.equal(past.error, "");
  assert.ok(past.pointsOf(lines[0], hour).length > 60);
  lines[0].memory.release();
});

test("a question for a range that is not seen any more is given up", async (t) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: NOW });
  t.after(() => mock.timers.reset());
  const answers = [];
  const { past, look } = serverOf(() => new Promise((done) => answers.push(done)));
  const lines = [line(seriesOf([NOW - MINUTE, 6]))];
  const [first] = await look(lines, { min: NOW - HOUR, max: NOW });
  assert.equal(first.signal.aborted, false);
  past.look(lines, { min: NOW - DAY, max: NOW }, 100);
  assert.equal(first.signal.aborted, true);
  // A line that is gone is forgotten, with all that is answered later.
  past.look([], { min: NOW - DAY, max: NOW }, 100);
  for (const done of answers) done({ history: [[NOW - DAY, 1]] });
  await new Promise((done) => setImmediate(done));
  assert.equal(past.error, "");
  past.look([], { min: NOW - DAY, max: NOW }, 100);
  assert.equal(past.firstOf(lines[0]), NOW - MINUTE);
  lines[0].memory.release();
});
