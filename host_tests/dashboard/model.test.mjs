/** Tests the parts of the dashboard that do not need a page: what they keep, and how much. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { aboutOf } from "../../tools/dashboard/src/about.js";
import { Devices } from "../../tools/dashboard/src/devices.js";
import { formatAge, formatBytes, formatName, formatSpan } from "../../tools/dashboard/src/format.js";
import { FORM, Layout, withEntry, withPlace } from "../../tools/dashboard/src/layout.js";
import { roomMessage } from "../../tools/dashboard/src/messages.js";
import { postFor, programFor } from "../../tools/dashboard/src/first_program.js";
import { conditionOf, localTime } from "../../tools/dashboard/src/rule_text.js";
import { Rules, withRule, withoutRule } from "../../tools/dashboard/src/rules.js";
import { Series, pointsEach } from "../../tools/dashboard/src/series.js";
import { Writer, isSame, isSmallEnough } from "../../tools/dashboard/src/writer.js";

const seriesOf = (...points) => {
  const series = new Series();
  for (const [at, y] of points) series.add(at, y);
  return series;
};

test("a series keeps the newest points, and no more than it may", () => {
  const series = new Series();
  for (let at = 0; at < 20_000; at++) series.add(at, at);
  assert.ok(series.at.length <= 3600 * 1.25);
  assert.ok(series.at.length >= 3600);
  assert.equal(series.lastAt, 19_999);
  assert.equal(series.y.length, series.at.length);
  // Since then it has all.
  assert.equal(series.whole, series.at[0]);
  series.release();
});

test("all series together have a bound, shared evenly, and never fewer than a snapshot's", () => {
  assert.deepEqual([1, 1000, 100_000].map(pointsEach), [3600, 1000, 300]);
});

test("a point stands at its time whenever it comes, once, and what cannot be drawn is a gap", () => {
  const series = seriesOf([20, 2], [40, 4], [10, 1], [30, 3], [25, 1e300], [30, 3], [40, 4]);
  assert.deepEqual([series.at, series.y], [[10, 20, 25, 30, 40], [1, 2, null, 3, 4]]);
  // Two points in the same millisecond.
  series.add(30, 5);
  assert.deepEqual([series.y.slice(-3), series.at.length], [[3, 5, 4], 6]);
});

test("points that come late are kept like others: the newest, and no more than may be", () => {
  const series = new Series();
  for (let at = 4000; at > 0; at--) series.add(at + 4000, at);
  for (let at = 1; at <= 4000; at++) series.add(at, at);
  assert.ok(series.at.length >= 3600 && series.at.length <= 3600 * 1.25);
  assert.deepEqual([series.at[0] > 3000, series.lastAt], [true, 8000]);
  assert.deepEqual(series.at, [...series.at].sort((a, b) => a - b));
  series.release();
});

test("a hello that is no hello leaves nothing, and a part that is wrong leaves the rest", () => {
  for (const hello of [null, 5, "x", [], { name: 5, units: [], controls: {} }]) {
    const about = aboutOf(hello);
    assert.deepEqual([about.name, about.units.size, about.controls.size], [null, 0, 0]);
  }
  const about = aboutOf({
    name: "porch",
    units: { lux: "lx", temperature: 5, long: "x".repeat(17) },
    controls: [
      null,
      { name: "a", type: "dial" },
      { name: "b", type: "slider", min: 5, max: 5 },
      { name: "c", type: "slider", min: 0, max: 1, step: 0 },
      { name: "d", type: "switch", label: "" },
      { name: "d", type: "button" },
    ],
  });
  assert.deepEqual([...about.units], [["lux", "lx"]]);
  assert.deepEqual([...about.controls.keys()], ["d"]);
  assert.equal(about.controls.get("d").type, "switch");
  const many = Array.from({ length: 30 }, (_, i) => ({ name: `c${i}`, type: "button" }));
  assert.equal(aboutOf({ controls: many }).controls.size, 16);
});

test("a snapshot replaces what is known, but for the history from before it", () => {
  const devices = new Devices();
  const snapshot = (points) => ({
    at: 100,
    devices: [{ device: "d", online: true, at: 50, last: { n: 3 }, history: { n: points } }],
  });
  devices.restore(snapshot([[10, 1], [20, 2]]));
  devices.read({ device: "d", at: 30, values: { n: 3, gone: 1 } });
  devices.read({ device: "other", at: 30, values: { n: 3 } });
  devices.restore(snapshot([[20, 2], [30, 3], [40, 4]]));
  assert.deepEqual([...devices.byName.keys()], ["d"]);
  const { history, last } = devices.byName.get("d");
  assert.deepEqual(history.get("n").at, [10, 20, 30, 40]);
  assert.deepEqual([...last.keys()], ["n"]);
});

const NOW = 1_790_000_000_000;
const HOUR = 3_600_000;

/** A room after a snapshot at NOW, with one device, `d`. */
const roomOf = (device) => {
  const devices = new Devices();
  devices.restore({ at: NOW, devices: [{ device: "d", online: true, at: NOW, ...device }] });
  devices.now = () => NOW + 1000;
  return devices;
};
const dated = (at, t) => ({ device: "d", at, values: { t } });
const lastOf = (devices) => devices.byName.get("d").last.get("t");
const pointsOf = (devices) => devices.byName.get("d").history.get("t")?.at ?? [];

test("a dated reading is the last value only if none of its name has a later time", () => {
  const devices = roomOf({ last: { t: 1 }, history: { t: [[NOW - HOUR, 1]] } });
  const after = (message) => (devices.read(message), lastOf(devices));
  assert.equal(after(dated(NOW - HOUR - 1, 2)), 1);
  // Of two with the same time, the one that came later.
  assert.equal(after(dated(NOW - HOUR, 3)), 3);
  assert.equal(after(dated(NOW, 4)), 4);
  assert.equal(after({ ...dated(NOW - 1, 5), values: { t: 5, u: 5 } }), 4);
  assert.equal(devices.byName.get("d").last.get("u"), 5);
  // Its clock is ahead, so it counts as ours.
  assert.equal(after(dated(NOW + 12 * HOUR, 6)), 6);
  assert.equal(after(dated(NOW + 900, 7)), 6);
  devices.now = () => NOW + 2000;
  assert.equal(after(dated(NOW + 1500, 8)), 8);
  const times = [-HOUR - 1, -HOUR, -HOUR, -1, 0, 900, 1500, 12 * HOUR].map((ms) => NOW + ms);
  assert.deepEqual(pointsOf(devices), times);
  const { end, endAt } = devices.byName.get("d").history.get("t");
  // Of the small line.
  assert.deepEqual([end, endAt], [8, NOW + 1500]);
  // Our own clock was ahead.
  devices.now = () => NOW - 5000;
  assert.equal(after(dated(NOW - 5000, 9)), 9);
});

test("a clock that was ahead does not make a value look fresh, nor the snapshot's line end there", () => {
  const points = [[NOW - 2 * HOUR, 1], [NOW - HOUR, 2], [NOW + 12 * HOUR, 9]];
  const devices = roomOf({ last: { t: 2 }, history: { t: points } });
  const device = devices.byName.get("d");
  assert.deepEqual([device.readAt, device.lastAt.get("t")], [NOW - HOUR, NOW - HOUR]);
  const { end, endAt } = device.history.get("t");
  assert.deepEqual([end, endAt], [2, NOW - HOUR]);
});

const night = (...hours) => ({
  device: "d",
  at: NOW + 1000,
  readings: hours.map((hour) => ({ at: NOW - hour * HOUR, values: { t: hour } })),
});

test("a live value overtakes the backlog, and its record is no second point", () => {
  const devices = roomOf({ last: { t: 9 }, history: { t: [[NOW - 9 * HOUR, 9]] } });
  devices.read({ ...dated(NOW + 500, 0.5), live: true });
  devices.readAll(night(8, 7, 6));
  assert.equal(lastOf(devices), 0.5);
  const device = devices.readAll(night(5, 4));
  assert.equal(device.readAt, NOW + 500);
  devices.read(dated(NOW + 500, 0.5));
  assert.deepEqual(device.history.get("t").y, [9, 8, 7, 6, 5, 4, 0.5]);
  assert.equal(device.history.get("t").end, 0.5);
  assert.deepEqual([lastOf(devices), device.readAt], [0.5, NOW + 500]);
});

test("a backlog without anything newer is the last value as far as it goes", () => {
  const devices = roomOf({ last: { t: 9 }, history: { t: [[NOW - 9 * HOUR, 9]] } });
  // The device has sent something now.
  assert.equal(devices.readAll(night(8, 7)).at, NOW + 1000);
  assert.equal(lastOf(devices), 7);
  // But its readings are old.
  assert.ok(devices.byName.get("d").isSilent(NOW));
});

test("a page that comes in the midst of a backlog does not take it for news", () => {
  const room = { last: { t: 0.5, door: true }, history: { t: [[NOW - 8 * HOUR, 8]] } };
  const devices = roomOf(room);
  const backlog = night(7, 6);
  backlog.readings[0].values.door = false;
  delete backlog.readings[1].at;
  devices.readAll(backlog);
  const device = devices.byName.get("d");
  assert.deepEqual([lastOf(devices), device.last.get("door")], [0.5, true]);
  assert.equal(device.undated.length, 1);
  // Its clock may be behind.
  devices.read({ ...dated(NOW - HOUR, 0.6), live: true });
  devices.readAll(night(5));
  devices.read(dated(NOW - 4 * HOUR, 4));
  assert.equal(lastOf(devices), 0.6);
  const other = roomOf(room);
  other.readAll({ device: "d", at: NOW + 1000, readings: [{ at: NOW + 1, values: { t: 1 } }] });
  // It is later than anything in the snapshot.
  assert.equal(lastOf(other), 1);
  const third = roomOf(room);
  third.read(dated(NOW - 9 * HOUR, 3));
  assert.equal(lastOf(third), 0.5);
});

test("a reading whose time is not known is listed, and the last value but for one overtaken", () => {
  const devices = roomOf({ last: { t: 1 }, undated: [[NOW - HOUR, { t: 1 }]] });
  const undated = (t, more) => devices.read({ ...dated(NOW + 1000, t), undated: true, ...more });
  devices.readAll({ device: "d", at: NOW + 1001, readings: [{ values: { t: 2 } }] });
  assert.equal(lastOf(devices), 2);
  const device = undated(3);
  assert.equal(lastOf(devices), 3);
  // The server does not store it; it stores the numbered reading later.
  undated(4, { live: true });
  assert.equal(lastOf(devices), 4);
  undated(5);
  devices.readAll({ device: "d", at: NOW + 1002, readings: [{ values: { t: 6 } }] });
  assert.equal(lastOf(devices), 4);
  // It came back and sent a live value before the room told that it came.
  devices.presence({ device: "d", online: false, at: NOW + 1002 });
  undated(4.5, { live: true });
  devices.presence({ device: "d", online: true, at: NOW + 1003 });
  devices.readAll({ device: "d", at: NOW + 1002, readings: [{ values: { t: 6.5 } }] });
  assert.equal(lastOf(devices), 4.5);
  devices.presence({ at: NOW + 1003, online: ["e"], offline: ["d"] });
  // On a connection that has sent no live value.
  undated(7);
  assert.equal(lastOf(devices), 7);
  assert.deepEqual(device.undated.map(([, { t }]) => t), [1, 2, 3, 5, 6, 6.5, 7]);
  assert.deepEqual([device.undated[0][0], device.undated[4][0]], [NOW - HOUR, NOW + 1002]);
  assert.deepEqual(pointsOf(devices), []);
  for (let t = 0; t < 30; t++) undated(t);
  assert.deepEqual([device.undated.length, device.undated[0][1].t], [20, 10]);
});

test("a device that has never had a connection is not away; any sign of one tells", () => {
  const posted = { online: false, last: { t: 1 }, history: { t: [[NOW, 1]] } };
  const isAway = (device) => roomOf({ ...posted, ...device }).byName.get("d").isAway;
  assert.equal(isAway({}), false);
  assert.equal(isAway({ about: {} }), false);
  for (const about of [{ name: "D" }, { units: { t: "°C" } }, { controls: [{ name: "a", type: "button" }] }]) {
    assert.equal(isAway({ about }), true);
  }
  assert.equal(isAway({ last: { reconnects: 0 } }), true);
  assert.equal(isAway({ online: true }), false);
  const devices = roomOf({ ...posted, online: true });
  // It went offline while the page was not connected.
  devices.restore({ at: NOW, devices: [{ device: "d", ...posted }] });
  assert.equal(devices.byName.get("d").isAway, true);
  const others = roomOf(posted);
  others.presence({ device: "d", online: true, at: NOW });
  others.presence({ device: "d", online: false, at: NOW });
  assert.equal(others.byName.get("d").isAway, true);
});

test("who came and went is told alone or in lists", () => {
  const devices = roomOf({});
  const tell = (message) => {
    const valid = roomMessage(JSON.stringify({ type: "presence", ...message }));
    return valid && devices.presence(valid).map((device) => [device.name, device.online, device.at]);
  };
  assert.deepEqual(tell({ device: "d", online: false, at: NOW + 1 }), [["d", false, NOW + 1]]);
  assert.deepEqual(tell({ at: NOW + 2, online: ["e", "d"], offline: ["f"] }), [
    ["e", true, NOW + 2],
    ["d", true, NOW + 2],
    ["f", false, NOW + 2],
  ]);
  assert.deepEqual(tell({ at: NOW, offline: ["e", "d"] }), [
    ["e", false, NOW + 2],
    ["d", false, NOW + 2],
  ]);
  for (const wrong of [{ online: true }, { offline: "d" }, { online: ["d", 5] }, { device: 5, online: true }]) {
    assert.equal(tell({ at: NOW, ...wrong }), null);
  }
});

test("a point may have more than its value", () => {
  const points = [[NOW - 60_000, 2, 1, 5, 9], [NOW - 1000, 3]];
  const { at, y } = roomOf({ last: { t: 3 }, history: { t: points } }).byName.get("d").history.get("t");
  assert.deepEqual([at, y], [[NOW - 60_000, NOW - 1000], [2, 3]]);
});

test("a bool or text is at least as new as its last change", () => {
  const changes = { door: [[NOW - 2 * HOUR, false], [NOW - HOUR, true]], later: [[NOW + HOUR, "x"]] };
  const room = { last: { door: true, t: 1 }, history: { t: [[NOW - 3 * HOUR, 1]] }, changes };
  const devices = roomOf(room);
  const device = devices.byName.get("d");
  assert.equal(device.readAt, NOW - HOUR);
  // It may have been sent again since, so it does not look old.
  assert.equal(device.lastAt.get("door"), NOW);
  const after = (at) => {
    devices.read({ device: "d", at, values: { door: false } });
    return device.last.get("door");
  };
  assert.deepEqual([after(NOW - HOUR - 1), after(NOW - HOUR)], [true, false]);
});

test("a device that sends texts alone was heard of when the snapshot says so", () => {
  const device = roomOf({ at: NOW - 50_000, last: { error: "no sensor" } }).byName.get("d");
  assert.deepEqual([device.isSilent(NOW), device.isSilent(NOW + 10_001)], [false, true]);
});

test("a device is silent after a minute, or three times its usual gap", () => {
  const devices = new Devices();
  for (const at of [1000, 3000, 5000]) devices.read({ device: "quick", at, values: { n: at } });
  const quick = devices.byName.get("quick");
  assert.deepEqual([quick.isSilent(65_000), quick.isSilent(65_001)], [false, true]);
  const points = [[600_000, 1], [1_200_000, 2], [1_800_000, 3]];
  devices.restore({ devices: [{ device: "slow", history: { n: points } }] });
  const slow = devices.byName.get("slow");
  assert.deepEqual([slow.isSilent(3_600_000), slow.isSilent(3_600_001)], [false, true]);
  devices.read({ device: "slow", at: 1_801_000, values: { n: 1 } });
  // One early reading changes little.
  assert.equal(slow.usualGapMs, 480_200);
});

test("a flood of devices and names is bounded", () => {
  const devices = new Devices();
  for (let i = 0; i < 2100; i++) devices.presence({ device: `d${i}`, online: true, at: 1 });
  assert.equal(devices.byName.size, 2000);
  assert.equal(devices.read({ device: "one more", at: 1, values: { n: 1 } }), null);
  const values = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`v${i}`, i]));
  assert.equal(devices.read({ device: "d0", at: 1, values }).last.size, 128);
});

/** The program that the page at this address offers for the room `home`. */
const givenAt = (address, party = "main", token = null) =>
  programFor(new URL(address), "home", party, token);

test("the program is short where nothing but the room is to be said, and names all else", () => {
  const call = '    device = Device("pi.lan:1999", "home", "my-device")\n';
  assert.ok(givenAt("http://pi.lan:1999/?room=home").includes(call));
  const program = givenAt("https://pi.lan:1999/", "lab", 'a"b');
  const given = ['"pi.lan:1999"', '"home"', '"my-device"', 'party="lab"', 'protocol="wss"'];
  given.push('token="a\\"b"');
  assert.ok(program.includes(`Device(${given.map((each) => `\n        ${each},`).join("")}\n    )`));
});

test("the command quotes what a shell would take for its own", () => {
  assert.equal(
    postFor("http://[::1]:1999/parties/main/it's", "a'b"),
    "curl -g -H 'Authorization: Bearer a'\\''b' " +
      `-d '{"type": "reading", "values": {"temperature": 21.5}}' ` +
      "'http://[::1]:1999/parties/main/it'\\''s?name=my-device'",
  );
  assert.ok(postFor("http://pi.lan/parties/main/home", null).startsWith("curl -d "));
});

test("what people read", () => {
  assert.deepEqual(
    [4, 59, 60, 7200, 200_000].map(formatAge),
    ["just now", "59 s ago", "1 min ago", "2 h ago", "2 days ago"],
  );
  assert.deepEqual(
    [0, 1023, 1024, 57_344, 3.5 * 2 ** 20].map(formatBytes),
    ["0 B", "1,023 B", "1.0 KiB", "56 KiB", "3.5 MiB"],
  );
  assert.deepEqual([5000, 300_000, 7_200_000].map(formatSpan), ["5.0 s", "5 min", "2 h"]);
  assert.equal(formatName("a\u202eb"), "a\ufffdb");
});

test("a layout is read as far as it is known, and nothing in it can be wrong", () => {
  const layout = new Layout();
  const plain = { name: null, group: null, isPinned: false, isHidden: false };
  assert.deepEqual([layout.of("a"), layout.rankOf("a"), layout.groups], [plain, Infinity, []]);
  const long = "x".repeat(100);
  const devices = JSON.parse(
    `{"a": {"name": " <b> ", "group": "g", "pinned": true, "hidden": true, "colour": "red"},
      "b": {"name": 5, "group": "  ", "pinned": 1, "hidden": "yes"}, "c": null, "d": {"name": "${long}"},
      "__proto__": {"name": "e", "group": "g"}}`,
  );
  layout.take({ version: 3, layout: { devices, order: ["b", 5, null, "a"] } });
  assert.deepEqual(layout.of("a"), { name: "<b>", group: "g", isPinned: true, isHidden: true });
  for (const name of ["b", "c", "constructor"]) assert.deepEqual(layout.of(name), plain);
  assert.equal(layout.of("d").name, "x".repeat(64));
  assert.equal(layout.of("__proto__").name, "e");
  assert.deepEqual(layout.groups, ["g"]);
  assert.deepEqual(["a", "b", "c"].map((each) => layout.rankOf(each)), [1, 0, Infinity]);
  for (const told of [undefined, {}, { version: "x", layout: [] }, { version: 1, layout: { devices: [], order: {} } }]) {
    layout.take(told);
    assert.deepEqual([layout.of("a"), layout.rankOf("a"), layout.groups], [plain, Infinity, []]);
  }
});

test("a changed entry keeps what this page does not know, and an empty one goes", () => {
  const content = { theme: "own", devices: { a: { name: "A", icon: "sun" }, b: { group: "g" } } };
  const before = structuredClone(content);
  const entry = { name: "", group: " g ", isPinned: true, isHidden: false };
  const changed = withEntry(content, "a", entry);
  assert.deepEqual(changed, {
    theme: "own",
    devices: { a: { icon: "sun", group: "g", pinned: true }, b: { group: "g" } },
  });
  assert.deepEqual(content, before);
  const nothing = { name: "", group: "", isPinned: false, isHidden: false };
  assert.deepEqual(withEntry(changed, "b", nothing).devices, { a: changed.devices.a });
  const own = withEntry({}, "__proto__", entry).devices;
  assert.deepEqual(Object.keys(own), ["__proto__"]);
});

test("a place is first or after another, and gives a place to all before it", () => {
  const sorted = ["a", "b", "c", "d"];
  const placed = (order, device, target) => withPlace({ order, x: 1 }, device, target, sorted);
  assert.deepEqual(placed(undefined, "d", null), { order: ["d"], x: 1 });
  assert.deepEqual(placed([], "d", "b").order, ["a", "b", "d"]);
  assert.deepEqual(placed([], "a", "c").order, ["b", "c", "a"]);
  assert.deepEqual(placed(["d", "gone", "a"], "d", "gone").order, ["gone", "d", "a"]);
  assert.deepEqual(placed(["d", 5], "a", "b").order, ["d", "b", "a"]);
});

test("a layout is as large as the servers keep, and equal in any order of its fields", () => {
  assert.ok(isSmallEnough({ x: "x".repeat(32_760) }, FORM.mostBytes));
  assert.ok(!isSmallEnough({ x: "x".repeat(32_761) }, FORM.mostBytes));
  assert.ok(!isSmallEnough({ x: "é".repeat(16_381) }, FORM.mostBytes));
  assert.ok(isSame({ a: [{ b: 1, c: 2 }], d: 3 }, { d: 3, a: [{ c: 2, b: 1 }] }));
  assert.ok(!isSame({ a: [1, 2] }, { a: [2, 1] }));
});

function writer() {
  const sent = [];
  const layout = new Layout();
  return { sent, layout, writer: new Writer(layout, FORM, (message) => sent.push(message)) };
}

const put = (key) => (content) => ({ ...content, [key]: 1 });

test("a change that came too late is made to the newest layout, and changes follow one another", async () => {
  const { sent, layout, writer: a } = writer();
  const [first, second] = [a.write(put("x")), a.write(put("y"))];
  assert.deepEqual(sent, [{ type: "layout", version: 0, layout: { x: 1 } }]);
  // What another has written is told first.
  a.told({ version: 1, layout: { z: 1 } });
  a.told({ version: 1, layout: { z: 1 }, error: "stale" });
  assert.deepEqual(sent[1], { type: "layout", version: 1, layout: { z: 1, x: 1 } });
  a.told({ version: 2, layout: { x: 1, z: 1 } });
  assert.equal(await first, null);
  assert.deepEqual(sent[2].layout, { x: 1, z: 1, y: 1 });
  assert.equal(a.refuse("no"), true);
  assert.equal(await second, "no");
  assert.equal(a.refuse("no"), false);
  assert.equal(layout.version, 2);
});

test("a change ends when the connection does, when it is too large, or when it is always too late", async () => {
  const { sent, writer: a } = writer();
  const both = [a.write(put("x")), a.write(put("y"))];
  a.drop();
  assert.match((await Promise.all(both)).join(), /^(the connection was lost[^,]*,?){2}$/);
  assert.equal(sent.length, 1);
  assert.match(await a.write(() => ({ x: "x".repeat(40_000) })), /32 KiB/);
  const late = a.write(put("x"));
  for (let version = 1; version <= 5; version++) a.told({ version, layout: {}, error: "stale" });
  assert.match(await late, /try again/);
  const offline = new Writer(new Layout(), FORM, () => false);
  assert.match(await offline.write(put("x")), /not connected/);
});

const HOT = { id: "hot", device: "*", name: "t", kind: "above", limit: 30, targets: ["phone", "gone"] };
const GONE = { id: "gone", device: "a", kind: "offline" };

test("what is on is what the server says, and what began since the last time is told once", () => {
  const rules = new Rules();
  const told = (state) =>
    rules.take({ version: 1, rules: [HOT, GONE], state, targets: [{ name: "phone", kind: "ntfy" }] });
  const names = (turns) => turns.map(({ rule, device, since }) => [rule.id, device, since]);
  // At the first time nobody knows what is new.
  assert.deepEqual(told({ hot: { a: 5, b: 7 } }), []);
  assert.deepEqual([rules.count, rules.of("a", "t")?.id, rules.of("a", "u"), rules.has("c")], [2, "hot", null, false]);
  assert.deepEqual(names(rules.active), [["hot", "b", 7], ["hot", "a", 5]]);
  const { began, ended } = rules.turn({ at: 9, began: [["gone", "a"], ["other", "a"]], ended: [["hot", "b"]] });
  assert.deepEqual([names(began), names(ended)], [[["gone", "a", 9]], [["hot", "b", 7]]]);
  assert.deepEqual([rules.count, rules.has("b"), rules.stateOf(HOT)], [2, false, { count: 1, since: 5 }]);
  // After an outage.
  assert.deepEqual(names(told({ hot: { a: 5, c: 11 }, gone: { a: 9 } })), [["hot", "c", 11]]);
  assert.deepEqual(rules.about("a").map(({ id }) => id), ["hot", "gone"]);
  assert.deepEqual(rules.about("b").map(({ id }) => id), ["hot"]);
});

test("a rule is put in the place of the one with its id, and goes without targets that are gone", () => {
  const rules = new Rules();
  rules.take({ version: 1, rules: [HOT, GONE], state: {}, targets: [{ name: "phone", kind: "ntfy" }] });
  const changed = rules.sendable(withRule(rules.content, { ...GONE, minutes: 9 }));
  assert.deepEqual(changed, [{ ...HOT, targets: ["phone"] }, { ...GONE, minutes: 9 }]);
  assert.deepEqual(withRule([], GONE), [GONE]);
  assert.deepEqual(withoutRule(changed, HOT), [{ ...GONE, minutes: 9 }]);
});

test("a rule is said in words, and its quiet hours by this clock", () => {
  const said = (rule) => conditionOf({ name: "soil_moisture", ...rule }, undefined);
  assert.equal(said({ kind: "below", limit: 2.5 }), "soil moisture below 2.5");
  assert.equal(said({ kind: "equal", limit: true }), "soil moisture equal to on");
  assert.equal(said({ kind: "silent", minutes: 90 }), "soil moisture not seen for 90 min");
  assert.equal(conditionOf({ kind: "silent", minutes: 5 }), "no value for 5 min");
  assert.equal(conditionOf({ kind: "offline" }), "offline for 5 min");
  // The clock of the tests is UTC.
  assert.equal(localTime({ from: 1320, to: 30, offset: 120 }, "from"), "20:00");
  assert.equal(localTime({ from: 1320, to: 30, offset: 120 }, "to"), "22:30");
});
