// src/address.js
var parameters = new URLSearchParams(location.search);
var fragment = new URLSearchParams(location.hash.slice(1));
var parameter = (name) => fragment.get(name) || parameters.get(name);
var room = parameter("room") || "home";
var party = parameter("party") || "main";
var isKiosk = parameters.has("kiosk");
var place = `${party}/${room}`;
var segment = (name) => name.replace(/[/\\?#]/g, encodeURIComponent);
var roomPath = `/parties/${segment(party)}/${segment(room)}`;
function addressOf(room2, party2 = "main") {
  const query2 = new URLSearchParams({ room: room2 });
  if (party2 !== "main") query2.set("party", party2);
  return `?${query2}`;
}
function linkTo(token3, forKiosk) {
  const link = new URL(location.pathname, location.origin);
  const place2 = new URLSearchParams({ room });
  if (party !== "main") place2.set("party", party);
  if (token3) place2.set("token", token3);
  else link.search = place2;
  if (forKiosk) link.search += link.search ? "&kiosk" : "?kiosk";
  if (token3) link.hash = place2;
  return link.href;
}
var tokenOf = (hash) => new URLSearchParams(hash.slice(1)).get("token");
function takeToken() {
  const address = new URL(location.href);
  const token3 = tokenOf(address.hash) ?? parameters.get("token");
  if (token3 === null) return null;
  if (tokenOf(address.hash) !== null) {
    address.hash = "";
    for (const name of ["room", "party"]) {
      if (fragment.has(name)) address.searchParams.set(name, fragment.get(name));
    }
  }
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
  return token3;
}

// src/announcer.js
var QUIET_MS = 1e3;
var MOST = 4;
var region = document.getElementById("announcer");
var waiting = [];
var timer = null;
function announce(text) {
  if (!waiting.includes(text)) waiting.push(text);
  timer ??= setTimeout(() => {
    timer = null;
    const more = waiting.length - MOST;
    region.textContent = waiting.slice(0, MOST).join(". ") + (more > 0 ? `. And ${more} more` : "");
    waiting = [];
  }, QUIET_MS);
}

// src/collation.js
var collator = new Intl.Collator(void 0, { numeric: true });
function inOrder(a2, b2) {
  return collator.compare(a2, b2) || (a2 < b2 ? -1 : a2 > b2 ? 1 : 0);
}

// src/format.js
var MINUTE = 60;
var HOUR = 60 * MINUTE;
var DAY = 24 * HOUR;
var LONGEST_TEXT = 1024;
var numberFormats = /* @__PURE__ */ new Map();
function numberFormat(decimals) {
  let format = numberFormats.get(decimals);
  if (!format) {
    format = new Intl.NumberFormat(void 0, {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals
    });
    numberFormats.set(decimals, format);
  }
  return format;
}
function mostDecimals(number) {
  const size = Math.abs(number);
  if (size >= 1e4) return 0;
  if (size >= 100) return 1;
  if (size >= 1 || size === 0) return 2;
  return Math.min(6, 2 - Math.floor(Math.log10(size)));
}
function decimalsOf(number) {
  let decimals = mostDecimals(number);
  let digits = Math.round(Math.abs(number) * 10 ** decimals);
  for (; decimals > 0 && digits % 10 === 0; decimals--) digits /= 10;
  return decimals;
}
function formatPower(number, mostDecimals2) {
  const options = { notation: "scientific", maximumFractionDigits: Math.min(20, mostDecimals2) };
  return new Intl.NumberFormat(void 0, options).format(number);
}
var formatDecimals = (number, decimals) => numberFormat(decimals).format(number || 0);
function formatNumber(number, decimals = decimalsOf(number)) {
  const size = Math.abs(number);
  if (size >= 1e9 || size > 0 && size < 1e-4) {
    return formatPower(number, 3);
  }
  return numberFormat(Math.min(decimals, mostDecimals(number))).format(number);
}
var KIB = 1024;
function formatBytes(bytes) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let size = bytes;
  let i2 = 0;
  while (Math.abs(size) >= KIB && i2 < units.length - 1) {
    size /= KIB;
    i2++;
  }
  return `${formatNumber(size, i2 && Math.abs(size) < 10 ? 1 : 0)} ${units[i2]}`;
}
var TURNS = /[\u202a-\u202e\u2066-\u2069]/g;
var formatName = (name) => name.replace(TURNS, "�");
function formatText(value) {
  const text = formatName(typeof value === "string" ? value : JSON.stringify(value) ?? "");
  return text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) + "…" : text;
}
function formatAge(seconds) {
  if (seconds < 5) return "just now";
  if (seconds < MINUTE) return `${Math.floor(seconds)} s ago`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  return `${Math.floor(seconds / DAY)} days ago`;
}
var clockSeconds = new Intl.DateTimeFormat(void 0, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit"
});
var dateOfYear = new Intl.DateTimeFormat(void 0, { day: "numeric", month: "short", year: "numeric" });
var date = new Intl.DateTimeFormat(void 0, { day: "numeric", month: "short" });
var moment = new Intl.DateTimeFormat(void 0, { dateStyle: "medium", timeStyle: "medium" });
function formatSpan(ms) {
  const seconds = ms / 1e3;
  if (seconds < 2 * MINUTE) return `${formatNumber(seconds, seconds < 10 ? 1 : 0)} s`;
  if (seconds < 2 * HOUR) return `${Math.round(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.round(seconds / HOUR)} h`;
  return `${Math.round(seconds / DAY)} days`;
}
function formatTime(at) {
  const [then, now] = [new Date(at), /* @__PURE__ */ new Date()];
  const time = clockSeconds.format(at);
  if (then.toDateString() === now.toDateString()) return time;
  const isThisYear = then.getFullYear() === now.getFullYear();
  return `${(isThisYear ? date : dateOfYear).format(at)}, ${time}`;
}
var formatMoment = (at) => moment.format(at);
var day = new Intl.DateTimeFormat(void 0, { dateStyle: "medium" });
var formatDay = (at) => day.format(at);

// src/store.js
function load(key, otherwise) {
  try {
    const value = JSON.parse(localStorage.getItem(key));
    const isAlike = Array.isArray(value) === Array.isArray(otherwise);
    return value !== null && typeof value === typeof otherwise && isAlike ? value : otherwise;
  } catch {
    return otherwise;
  }
}
function save(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
  }
}

// src/limits.js
var KEY = `alerts ${place}`;
var MOST_RULES = 200;
var KINDS = ["above", "below"];
var isBeyond = ({ kind, limit }, number) => number !== null && (kind === "above" ? number > limit : number < limit);
var isRule = (rule) => typeof rule?.device === "string" && typeof rule.name === "string" && KINDS.includes(rule.kind) && Number.isFinite(rule.limit);
var isPassed = (rule, series) => series?.latest.some((number) => isBeyond(rule, number)) ?? false;
var Limits = class {
  rules = load(KEY, []).filter(isRule).slice(0, MOST_RULES);
  active = /* @__PURE__ */ new Map();
  // rule -> since when, ms
  #devices = /* @__PURE__ */ new Set();
  // names of devices with rules
  /** `on`: began(rule), ended(rule), changed(). */
  constructor(on2) {
    this.on = on2;
    this.#index();
  }
  rulesOf(device) {
    return this.rules.filter((rule) => rule.device === device);
  }
  /** The current alert of this value, or null. */
  of(device, name) {
    if (!this.#devices.has(device)) return null;
    for (const rule of this.active.keys()) {
      if (rule.device === device && rule.name === name) return rule;
    }
    return null;
  }
  has(device) {
    for (const rule of this.active.keys()) if (rule.device === device) return true;
    return false;
  }
  /** Add a rule. False if there is already the same one, or if there are too many. */
  add(rule) {
    const isKnown = this.rules.some(
      (each) => each.device === rule.device && each.name === rule.name && each.kind === rule.kind && each.limit === rule.limit
    );
    if (isKnown || this.rules.length >= MOST_RULES) return false;
    this.rules.push(rule);
    this.#store();
    return true;
  }
  remove(rule) {
    this.rules = this.rules.filter((each) => each !== rule);
    this.active.delete(rule);
    this.#store();
    this.on.changed();
  }
  /** Check the rules of a device that has new values. */
  check(device) {
    if (!this.#devices.has(device.name)) return;
    let hasChanged = false;
    for (const rule of this.rulesOf(device.name)) {
      const series = device.history.get(rule.name);
      const isNow = isPassed(rule, series);
      if (isNow === this.active.has(rule)) continue;
      hasChanged = true;
      if (isNow) this.active.set(rule, device.lastAt.get(rule.name));
      else this.active.delete(rule);
      this.on[isNow ? "began" : "ended"](rule);
    }
    if (hasChanged) this.on.changed();
  }
  /** Check everything again after a snapshot. The alerts of devices that are gone end. */
  checkAll(devices2) {
    for (const rule of [...this.active.keys()]) {
      if (!devices2.has(rule.device)) this.active.delete(rule);
    }
    for (const device of devices2.values()) this.check(device);
    this.on.changed();
  }
  #store() {
    this.#index();
    save(KEY, this.rules);
  }
  #index() {
    this.#devices = new Set(this.rules.map(({ device }) => device));
  }
};

// src/names.js
var RSSI = "rssi";
var FREE_MEMORY = "free_memory";
var RECONNECTS = "reconnects";
var VITALS = /* @__PURE__ */ new Map([
  [RSSI, { label: "signal", unit: "dBm" }],
  [FREE_MEMORY, { label: "free memory", unit: "bytes" }],
  [RECONNECTS, { label: "reconnects", unit: null }]
]);
var isVital = (name, value) => VITALS.has(name) && Number.isFinite(value);
var ERROR = "error";
var isError = (name, value) => name === ERROR && typeof value === "string" && value !== "";
var isNoError = (name, value) => name === ERROR && value === "";
var WORDS = /^[A-Za-z0-9]+(_[A-Za-z0-9]+)*$/;
function labelOf(device, name) {
  const told = device?.about.controls.get(name)?.label ?? VITALS.get(name)?.label;
  if (told) return formatName(told);
  return WORDS.test(name) ? name.replaceAll("_", " ") : formatName(name);
}
function unitOf(device, name) {
  const unit = device?.about.units.get(name) ?? VITALS.get(name)?.unit ?? null;
  return unit === null ? null : formatName(unit);
}
function withUnit(device, name, number, decimals) {
  const unit = unitOf(device, name);
  if (unit === "bytes") return formatBytes(number);
  const text = formatNumber(number, decimals);
  return unit === null ? text : `${text} ${unit}`;
}
function valueText(device, name, value) {
  if (Number.isFinite(value)) return withUnit(device, name, value);
  if (typeof value === "boolean") return value ? "on" : "off";
  return formatText(value);
}

// src/alerts.js
var byId = (id) => document.getElementById(id);
var dialog = byId("alert-dialog");
var Alerts = class {
  // The device of the open dialog.
  #device = null;
  #isNotifying = false;
  /** `room`: devices (a Map), showDevice(name), changed(). */
  constructor(room2) {
    this.room = room2;
    this.limits = new Limits({
      began: (rule) => this.#tell(rule, true),
      ended: (rule) => this.#tell(rule, false),
      changed: () => this.show()
    });
    byId("alert-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add();
    });
    byId("alert-close").addEventListener("click", () => dialog.close());
    byId("notify").addEventListener("click", () => this.#askToNotify());
  }
  /** Open the dialog in which a user sets a device's limits. */
  open(device) {
    this.#device = device;
    byId("alert-title").textContent = `Alerts of ${formatName(device.title)}`;
    const names = [...device.history.keys()].sort(inOrder);
    byId("alert-value").replaceChildren(
      ...names.map((name) => {
        const unit = unitOf(device, name);
        const option = new Option(labelOf(device, name) + (unit ? `, ${unit}` : ""), name);
        return option;
      })
    );
    byId("alert-form").hidden = names.length === 0;
    byId("alert-none").hidden = names.length > 0;
    byId("alert-limit").value = "";
    byId("alert-problem").textContent = "";
    this.#showRules();
    dialog.showModal();
  }
  #add() {
    const limit = byId("alert-limit").valueAsNumber;
    if (!Number.isFinite(limit)) {
      byId("alert-problem").textContent = "Give the limit as a number.";
      return;
    }
    const name = byId("alert-value").value;
    const rule = { device: this.#device.name, name, kind: byId("alert-kind").value, limit };
    const isNew = this.limits.add(rule);
    byId("alert-problem").textContent = isNew ? "" : "This limit is set already.";
    if (!isNew) return;
    byId("alert-limit").value = "";
    this.#showRules();
    this.limits.check(this.#device);
  }
  #showRules() {
    const device = this.#device;
    byId("alert-rules").replaceChildren(
      ...this.limits.rulesOf(device.name).map((rule) => {
        const item = byId("alert-rule").content.firstElementChild.cloneNode(true);
        const text = this.#textOf(rule);
        item.querySelector("span").textContent = text;
        const button2 = item.querySelector("button");
        button2.setAttribute("aria-label", `Remove the alert ${text}`);
        button2.addEventListener("click", () => {
          this.limits.remove(rule);
          this.#showRules();
          byId("alert-close").focus();
        });
        return item;
      })
    );
  }
  #textOf(rule) {
    const device = this.room.devices.get(rule.device);
    const limit = withUnit(device, rule.name, rule.limit);
    return `${labelOf(device, rule.name)} ${rule.kind} ${limit}`;
  }
  /** Show the present alerts. */
  show() {
    const { active } = this.limits;
    byId("alerts").hidden = active.size === 0;
    byId("alerts-count").textContent = active.size;
    byId("alert-list").replaceChildren(
      ...[...active].map(([rule, since2]) => {
        const item = byId("active-alert").content.firstElementChild.cloneNode(true);
        const device = this.room.devices.get(rule.device);
        const button2 = item.querySelector("button");
        button2.querySelector("bdi").textContent = formatName(device?.title ?? rule.device);
        button2.addEventListener("click", () => this.room.showDevice(rule.device));
        item.querySelector(".what").textContent = this.#textOf(rule);
        item.querySelector(".since").textContent = `since ${formatTime(since2)}`;
        return item;
      })
    );
    this.room.changed();
  }
  #tell(rule, hasBegun) {
    const device = this.room.devices.get(rule.device);
    const title = formatName(device?.title ?? rule.device);
    const text = this.#textOf(rule);
    announce(hasBegun ? `Alert: ${title}, ${text}` : `Alert over: ${title}, ${text}`);
    if (hasBegun && this.#isNotifying && document.hidden) {
      try {
        new Notification(title, { body: text, tag: JSON.stringify(rule) });
      } catch {
      }
    }
  }
  /** Ask for permission. Called only after a click. */
  async #askToNotify() {
    const button2 = byId("notify");
    const answer = "Notification" in window ? await Notification.requestPermission() : "denied";
    this.#isNotifying = answer === "granted";
    button2.disabled = true;
    button2.textContent = this.#isNotifying ? "You are notified while this page is hidden" : isSecureContext ? "This browser does not allow notifications" : "Browsers allow notifications only over https";
  }
};

// src/messages.js
var isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
var areNames = (list5 = []) => Array.isArray(list5) && list5.every((name) => typeof name === "string");
var shapes = {
  snapshot: (message) => Array.isArray(message.devices) && message.devices.every(isRecord),
  hello: (message) => typeof message.device === "string",
  reading: (message) => typeof message.device === "string" && isRecord(message.values),
  batch: (message) => typeof message.device === "string" && Array.isArray(message.readings) && message.readings.every((each) => isRecord(each) && isRecord(each.values)),
  presence: ({ device, online, offline }) => typeof device === "string" || areNames(online) && areNames(offline),
  result: (message) => typeof message.device === "string",
  storage: (message) => typeof message.storage === "string",
  layout: ({ version, layout: layout2 }) => Number.isInteger(version) && isRecord(layout2),
  error: () => true
};
function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
function roomMessage(data) {
  if (typeof data !== "string") return null;
  const message = parse(data);
  if (!isRecord(message) || !Object.hasOwn(shapes, message.type)) return null;
  return shapes[message.type](message) ? message : null;
}

// src/layout.js
var LONGEST_NAME = 64;
var MOST_BYTES = 32768;
var PLAIN = { name: null, group: null, isPinned: false, isHidden: false };
var textOf = (value) => typeof value === "string" && value.trim() ? value.trim().slice(0, LONGEST_NAME) : null;
function entryOf(told) {
  if (!isRecord(told)) return PLAIN;
  return {
    name: textOf(told.name),
    group: textOf(told.group),
    isPinned: told.pinned === true,
    isHidden: told.hidden === true
  };
}
var devicesOf = ({ devices: devices2 }) => isRecord(devices2) ? devices2 : {};
var orderOf = ({ order }) => (Array.isArray(order) ? order : []).filter((each) => typeof each === "string");
var Layout = class {
  version = 0;
  content = {};
  #entries = /* @__PURE__ */ new Map();
  // device name -> entry
  #ranks = /* @__PURE__ */ new Map();
  // device name -> its place
  /** Take what the server keeps: `told` is {version, layout}, or undefined if it has none. */
  take(told) {
    this.version = Number.isInteger(told?.version) ? told.version : 0;
    this.content = isRecord(told?.layout) ? told.layout : {};
    const entries = Object.entries(devicesOf(this.content));
    this.#entries = new Map(entries.map(([name, entry]) => [name, entryOf(entry)]));
    this.#ranks = new Map(orderOf(this.content).map((name, i2) => [name, i2]));
  }
  /** {name, group, isPinned, isHidden} of a device. A name or group that was not given is null. */
  of(device) {
    return this.#entries.get(device) ?? PLAIN;
  }
  /** Its place among those that were placed. The others come after them. */
  rankOf(device) {
    return this.#ranks.get(device) ?? Infinity;
  }
  /** The names of all groups. */
  get groups() {
    const groups = [...this.#entries.values()].map(({ group }) => group);
    return [...new Set(groups)].filter((group) => group !== null);
  }
};
var layout = new Layout();
function withEntry(content, device, { name, group, isPinned, isHidden: isHidden2 }) {
  const devices2 = devicesOf(content);
  const before = Object.hasOwn(devices2, device) ? devices2[device] : {};
  const entry = { ...isRecord(before) ? before : {} };
  const told = { name: textOf(name), group: textOf(group), pinned: isPinned, hidden: isHidden2 };
  for (const [key, value] of Object.entries(told)) {
    if (value) entry[key] = value;
    else delete entry[key];
  }
  const others = Object.entries(devices2).filter(([each]) => each !== device);
  const own2 = Object.keys(entry).length ? [[device, entry]] : [];
  return { ...content, devices: Object.fromEntries([...others, ...own2]) };
}
function withPlace(content, device, target, sorted2) {
  const order = orderOf(content).filter((each) => each !== device);
  if (target !== null && !order.includes(target)) {
    const free = sorted2.filter((each) => each !== device && !order.includes(each));
    order.push(...free.slice(0, free.indexOf(target) + 1));
  }
  order.splice(target === null ? 0 : order.indexOf(target) + 1, 0, device);
  return { ...content, order };
}
var isSmallEnough = (content) => new TextEncoder().encode(JSON.stringify(content)).length <= MOST_BYTES;
var sorted = (key, value) => isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a2], [b2]) => a2 < b2 ? -1 : 1)) : value;
var isSame = (a2, b2) => JSON.stringify(a2, sorted) === JSON.stringify(b2, sorted);

// src/arrange_dialog.js
var byId2 = (id) => document.getElementById(id);
var dialog2 = byId2("arrange-dialog");
var ArrangeDialog = class {
  // The device of the open dialog.
  #device = null;
  /** `room`: arranged(), the devices as they are arranged; write(change), as a LayoutWriter has it. */
  constructor(room2) {
    this.room = room2;
    byId2("arrange-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    byId2("arrange-close").addEventListener("click", () => dialog2.close());
  }
  open(device) {
    this.#device = device;
    const { name, group, isPinned, isHidden: isHidden2 } = layout.of(device.name);
    const own2 = formatName(device.about.name ?? device.name);
    byId2("arrange-title").textContent = `Arrange ${formatName(device.title)}`;
    byId2("arrange-name").value = name ?? "";
    byId2("arrange-name").placeholder = own2;
    byId2("arrange-group").value = group ?? "";
    byId2("arrange-pinned").checked = isPinned;
    byId2("arrange-hidden").checked = isHidden2;
    byId2("arrange-problem").textContent = "";
    byId2("group-names").replaceChildren(...layout.groups.map((each) => new Option("", each)));
    const others = this.room.arranged().filter((each) => each !== device);
    byId2("arrange-place").replaceChildren(
      new Option("as it is", ""),
      new Option("first", JSON.stringify(null)),
      ...others.map(
        (each) => new Option(`after ${formatName(each.title)}`, JSON.stringify(each.name))
      )
    );
    dialog2.showModal();
  }
  async #save() {
    const { name } = this.#device;
    const entry = {
      name: byId2("arrange-name").value,
      group: byId2("arrange-group").value,
      isPinned: byId2("arrange-pinned").checked,
      isHidden: byId2("arrange-hidden").checked
    };
    const place2 = byId2("arrange-place").value;
    const sorted2 = this.room.arranged().map((each) => each.name);
    const save3 = byId2("arrange-save");
    save3.disabled = true;
    const problem = await this.room.write((content) => {
      const changed2 = withEntry(content, name, entry);
      return place2 ? withPlace(changed2, name, JSON.parse(place2), sorted2) : changed2;
    });
    save3.disabled = false;
    byId2("arrange-problem").textContent = problem ? `It was not kept: ${formatName(problem)}` : "";
    if (problem) return;
    dialog2.close();
    if (place2) this.room.showOwnOrder();
  }
};

// src/command.js
var MOST_NAMES = 50;
var LONGEST_NAME2 = 64;
var suggestions = document.getElementById("command-names");
var suggested = /* @__PURE__ */ new Set();
function suggest(name) {
  if (suggested.has(name) || suggested.size >= MOST_NAMES || name.length > LONGEST_NAME2) return;
  suggested.add(name);
  const option = document.createElement("option");
  option.value = name;
  suggestions.append(option);
}
function parseValue(text) {
  if (text === "") return void 0;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
var CommandForm = class {
  /** `command(name, value)` sends the device a command. */
  constructor(form2, command) {
    this.button = form2.querySelector("button");
    const [nameInput, valueInput] = form2.querySelectorAll("input");
    form2.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = nameInput.value.trim();
      if (name) command(name, parseValue(valueInput.value));
    });
  }
  enable(isReachable) {
    if (this.button.disabled === isReachable) this.button.disabled = !isReachable;
  }
};

// src/controls.js
var STEPS = 100;
var Control = class {
  // The last state that the device sent.
  known = void 0;
  constructor(device, control, command) {
    this.control = control;
    this.command = command;
    this.element = document.getElementById(`control-${control.type}`).content.firstElementChild.cloneNode(true);
    this.element.dataset.name = control.name;
    this.input = this.element.querySelector("button, input");
    this.element.querySelector(".control-name").textContent = formatName(
      control.label ?? labelOf(device, control.name)
    );
  }
  enable(isReachable) {
    if (this.input.disabled === isReachable) this.input.disabled = !isReachable;
  }
  /** Show what became of the command. A value in the result is the device's new state. */
  hear(state2, value) {
    this.element.dataset.state = state2;
    this.input.setAttribute("aria-busy", String(state2 === "waiting"));
    if (state2 === "ok") this.confirm(value);
    else if (state2 !== "waiting") this.show();
  }
  get isWaiting() {
    return this.element.dataset.state === "waiting";
  }
  confirm() {
  }
  show() {
  }
  update() {
  }
};
var Button = class extends Control {
  constructor(device, control, command) {
    super(device, control, command);
    this.input.addEventListener("click", () => command(void 0));
  }
};
var Switch = class extends Control {
  constructor(device, control, command) {
    super(device, control, command);
    this.input.addEventListener("click", () => {
      if (this.isWaiting) return;
      this.wanted = this.known !== true;
      this.input.setAttribute("aria-checked", String(this.wanted));
      command(this.wanted);
    });
  }
  update(device) {
    const value = device.last.get(this.control.name);
    if (typeof value === "boolean") this.known = value;
    if (!this.isWaiting) this.show();
  }
  confirm(value) {
    this.known = typeof value === "boolean" ? value : this.wanted;
    this.show();
  }
  show() {
    this.input.setAttribute("aria-checked", String(this.known === true));
    this.element.dataset.known = this.known !== void 0;
  }
};
var Slider = class extends Control {
  constructor(device, control, command) {
    super(device, control, command);
    const { min: min2, max: max2, step } = control;
    this.device = device;
    this.output = this.element.querySelector("output");
    this.input.min = min2;
    this.input.max = max2;
    this.input.step = step ?? (max2 - min2) / STEPS;
    this.input.addEventListener("input", () => {
      this.isHeld = true;
      this.#label(this.input.valueAsNumber);
    });
    this.input.addEventListener("change", () => {
      this.isHeld = false;
      this.wanted = this.input.valueAsNumber;
      command(this.wanted);
    });
    this.show();
  }
  update(device) {
    this.device = device;
    const value = device.last.get(this.control.name);
    if (Number.isFinite(value)) this.known = value;
    if (!this.isWaiting && !this.isHeld) this.show();
  }
  confirm(value) {
    this.known = Number.isFinite(value) ? value : this.wanted;
    if (!this.isHeld) this.show();
  }
  show() {
    this.input.value = this.known ?? this.control.min;
    this.#label(this.known);
  }
  #label(number) {
    const text = number === void 0 ? "–" : withUnit(this.device, this.control.name, number);
    if (this.output.textContent === text) return;
    this.output.textContent = text;
    this.input.setAttribute("aria-valuetext", text);
  }
};
var TYPES = { button: Button, switch: Switch, slider: Slider };
var Controls = class {
  #byName = /* @__PURE__ */ new Map();
  // The declaration from which they were made.
  #declared = "";
  /** `command(name, value, told)` sends the device a command. */
  constructor(element, command) {
    this.element = element;
    this.command = command;
  }
  update(device) {
    const declared = JSON.stringify([...device.about.controls.values()]);
    if (declared !== this.#declared) {
      this.#declared = declared;
      this.#make(device);
    }
    for (const control of this.#byName.values()) control.update(device);
  }
  enable(isReachable) {
    for (const control of this.#byName.values()) control.enable(isReachable);
  }
  #make(device) {
    this.#byName.clear();
    for (const declared of device.about.controls.values()) {
      const control = new TYPES[declared.type](
        device,
        declared,
        (value) => this.command(declared.name, value, (state2, result) => control.hear(state2, result))
      );
      this.#byName.set(declared.name, control);
    }
    this.element.replaceChildren(...[...this.#byName.values()].map(({ element }) => element));
    this.element.hidden = this.#byName.size === 0;
  }
};

// src/paint.js
var TEXT_INTERVAL_MS = 100;
var PICTURE_INTERVAL_MS = 250;
var SLICE_MS = 10;
var dirty = /* @__PURE__ */ new Set();
var frame = null;
var pause = null;
var paintedAt = -Infinity;
function paintSoon(thing) {
  dirty.add(thing);
  if (frame !== null || pause !== null) return;
  const wait = paintedAt + TEXT_INTERVAL_MS - performance.now();
  if (wait <= 0) paintInFrame();
  else pause = setTimeout(paintInFrame, wait);
}
function paintAtOnce(thing) {
  dirty.add(thing);
  paintInFrame();
}
function paintInFrame() {
  clearTimeout(pause);
  pause = null;
  frame ??= requestAnimationFrame(paint);
}
function paint() {
  frame = null;
  paintedAt = performance.now();
  for (const thing of dirty) {
    dirty.delete(thing);
    thing.paint();
    if (performance.now() - paintedAt > SLICE_MS) break;
  }
  if (dirty.size > 0) paintInFrame();
}
var pictures = /* @__PURE__ */ new Map();
var visible = /* @__PURE__ */ new Set();
var stale = /* @__PURE__ */ new Set();
var timer2 = null;
var viewport = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const picture2 = pictures.get(target);
      if (!picture2) continue;
      if (isIntersecting) visible.add(picture2);
      else visible.delete(picture2);
    }
    paintSoon(stalePictures);
  },
  { rootMargin: "100px" }
);
var stalePictures = {
  paint() {
    for (const picture2 of stale) {
      if (!visible.has(picture2)) continue;
      stale.delete(picture2);
      picture2.paint();
    }
  }
};
function watchPicture(picture2, element) {
  pictures.set(element, picture2);
  viewport.observe(element);
}
function forgetPicture(picture2, element) {
  viewport.unobserve(element);
  pictures.delete(element);
  visible.delete(picture2);
  stale.delete(picture2);
}
function drawSoon(picture2) {
  stale.add(picture2);
  timer2 ??= setTimeout(() => {
    timer2 = null;
    paintSoon(stalePictures);
  }, PICTURE_INTERVAL_MS);
}

// src/changes.js
var MOST2 = 200;
var FEWEST = 20;
var ALL = 2e5;
var count = 0;
var isState = (value) => typeof value === "boolean" || typeof value === "string";
var changesIn = (list5) => (Array.isArray(list5) ? list5 : []).filter(
  (each) => Array.isArray(each) && Number.isFinite(each[0]) && isState(each[1])
);
var distinct = (list5) => list5.filter(([, value], i2) => value !== list5[i2 - 1]?.[1]);
var Changes = class {
  // [at, value], ascending.
  list = [];
  // How many values came that were measured before a newer one. Only the server knows their place.
  late = 0;
  #readAt = 0;
  constructor() {
    count++;
  }
  /** Start with the list of a snapshot. */
  restore(list5) {
    this.list = changesIn(list5);
    this.#readAt = this.list.at(-1)?.[0] ?? 0;
  }
  /** When the last value was measured. */
  get endAt() {
    return this.#readAt;
  }
  get first() {
    return this.list[0]?.[0] ?? Infinity;
  }
  /** Since this moment, all changes are here. */
  get whole() {
    return this.late ? Infinity : this.first;
  }
  /** As `whole`, when the oldest change has been cut next time. */
  get wholeSoon() {
    return this.first;
  }
  add(at, value) {
    if (!isState(value)) return;
    if (at < this.#readAt) {
      this.late++;
      return;
    }
    this.#readAt = at;
    if (value === this.list.at(-1)?.[1]) return;
    this.list.push([at, value]);
    const most = Math.max(FEWEST, Math.min(MOST2, Math.floor(ALL / count)));
    if (this.list.length > most) this.list = this.list.slice(-most);
  }
  /** End the use of this series, so that the others may keep more. */
  release() {
    count--;
  }
};
function overlaidChanges(list5, other, from, to) {
  const start = Math.min(from, other[0]?.[0] ?? Infinity);
  return distinct([
    ...list5.filter(([at]) => at < start),
    ...other,
    ...list5.filter(([at]) => at >= to)
  ]);
}
function spells(list5, { min: min2, max: max2 }) {
  return list5.map(([at, value], i2) => ({ from: at, to: list5[i2 + 1]?.[0] ?? Infinity, value })).filter(({ from, to }) => to > min2 && from <= max2);
}
var stateAt = (list5, moment2) => list5.findLast(([at]) => at <= moment2)?.[1] ?? null;

// src/theme.js
var KEY2 = "theme";
var CHOICES = ["system", "light", "dark"];
var MEDIA = { system: "(prefers-color-scheme: dark)", light: "not all", dark: "all" };
var SLOTS = 8;
var theme = {};
var listeners = /* @__PURE__ */ new Set();
var darkSheet = document.getElementById("dark-sheet");
var button = document.getElementById("theme");
var choice = load(KEY2, "system");
if (!CHOICES.includes(choice)) choice = "system";
function read() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  theme.text = colour("--text");
  theme.axis = colour("--muted");
  theme.grid = colour("--line");
  theme.accent = colour("--accent");
  theme.series = Array.from({ length: SLOTS }, (_3, i2) => colour(`--series-${i2}`));
  for (const listener of listeners) listener();
}
function apply() {
  darkSheet.media = MEDIA[choice];
  button.dataset.choice = choice;
  button.setAttribute("aria-label", `Colours: ${choice}. Change`);
  button.title = `Colours: ${choice}`;
  requestAnimationFrame(read);
}
var onThemeChange = (listener) => listeners.add(listener);
button.addEventListener("click", () => {
  choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
  save(KEY2, choice);
  apply();
});
matchMedia(MEDIA.system).addEventListener("change", () => requestAnimationFrame(read));
apply();
read();

// src/ticks.js
var FLATTEST = 5e-4;
var FLAT_MARGIN = 0.1;
var DAY_MS = 24 * 3600 * 1e3;
var KIB2 = 1024;
var BYTE_UNITS = ["B", "KiB", "MiB", "GiB"];
var leastRange = (low, high) => Math.max(Math.abs(low), Math.abs(high)) * FLATTEST || 1;
function valueRange(low, high) {
  if (low === null) return [0, 1];
  if (low === high) {
    const margin2 = Math.max(Math.abs(low) * FLAT_MARGIN, Number.isInteger(low) ? 1 : 0) || 1;
    return [low - margin2, high + margin2];
  }
  const missing = Math.max(0, Math.max(leastRange(low, high), 1e-9) - (high - low)) / 2;
  const margin = (high - low + 2 * missing) * 0.08;
  return [low - missing - margin, high + missing + margin];
}
var largestOf = (ticks2) => Math.max(...ticks2.map(Math.abs));
function scientific(number) {
  const [digits, power] = Number(number.toPrecision(3)).toExponential().split("e");
  return [Math.max(0, digits.length - 2), Number(power)];
}
function numberLabels(ticks2, step) {
  const largest = largestOf(ticks2);
  const [digits, power] = scientific(step);
  if (largest < 1e9 && largest >= 1e-4) {
    const decimals = Math.max(0, digits - power);
    return ticks2.map((tick) => formatDecimals(tick, decimals));
  }
  return ticks2.map((tick) => {
    if (tick === 0) return "0";
    const needed = scientific(tick)[1] - power + digits;
    return formatPower(tick, Math.max(0, needed));
  });
}
function byteLabels(ticks2, step) {
  const largest = largestOf(ticks2);
  let unit = 0;
  while (unit < BYTE_UNITS.length - 1 && largest >= KIB2 ** (unit + 1)) unit++;
  const size = KIB2 ** unit;
  const decimals = Math.max(0, Math.ceil(-Math.log10(step / size)));
  return ticks2.map((tick) => `${formatDecimals(tick / size, decimals)} ${BYTE_UNITS[unit]}`);
}
var timeFormat = (options) => new Intl.DateTimeFormat(void 0, options);
var hours = { hour: "2-digit", minute: "2-digit" };
var clock = timeFormat(hours);
var clockSeconds2 = timeFormat({ ...hours, second: "2-digit" });
var clockParts = timeFormat({ ...hours, second: "2-digit", fractionalSecondDigits: 2 });
var date2 = timeFormat({ day: "numeric", month: "short" });
var year = timeFormat({ year: "numeric" });
function timeLabels(ticks2, stepMs) {
  const time = stepMs >= 6e4 ? clock : stepMs >= 1e3 ? clockSeconds2 : clockParts;
  const [short, more] = stepMs >= DAY_MS ? [date2, year] : [time, date2];
  const labels = ticks2.map((at) => short.format(at));
  if (new Set(labels).size === labels.length) return labels;
  return labels.map((label, i2) => `${label}
${more.format(ticks2[i2])}`);
}

// src/spark.js
var SPAN_MS = 10 * 6e4;
var STATES_SPAN_MS = 24 * 36e5;
var BAR = 0.4;
var MARGIN = 2;
var all = /* @__PURE__ */ new Set();
onThemeChange(() => all.forEach(drawSoon));
var sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) drawSoon(target.spark);
});
function extremesOf(y2, first, end) {
  let [low, high] = [null, null];
  for (let i2 = first; i2 < end; i2++) {
    if (y2[i2] === null) continue;
    if (low === null || y2[i2] < low) low = y2[i2];
    if (high === null || y2[i2] > high) high = y2[i2];
  }
  return { low, high };
}
var Spark = class {
  // The number of its colour in the chart, or null.
  slot = null;
  constructor(canvas) {
    this.canvas = canvas;
    canvas.spark = this;
    all.add(this);
    sizes.observe(canvas);
    watchPicture(this, canvas);
  }
  /** `kept`: a Series or Changes. */
  show(kept, slot) {
    this.kept = kept;
    this.slot = slot;
    drawSoon(this);
  }
  paint() {
    const { canvas, kept } = this;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (!kept || width === 0) return;
    const scale = devicePixelRatio;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.strokeStyle = pen.fillStyle = this.slot === null ? theme.axis : theme.series[this.slot];
    if (kept.list) this.#paintBars(pen, width, height);
    else this.#paintLine(pen, width, height);
  }
  /** A bar for each time in which the value was not false or empty, and where it changed. */
  #paintBars(pen, width, height) {
    const { list: list5, endAt } = this.kept;
    const min2 = Math.max(list5[0]?.[0] ?? endAt, endAt - STATES_SPAN_MS);
    if (!(endAt > min2)) return;
    const toX = (at) => Math.min(1, Math.max(0, (at - min2) / (endAt - min2))) * width;
    for (const { from, to, value } of spells(list5, { min: min2, max: endAt })) {
      pen.globalAlpha = value ? 0.45 : 0.12;
      pen.fillRect(toX(from), height * (1 - BAR), Math.max(1, toX(to) - toX(from) - 1), height * BAR);
    }
  }
  #paintLine(pen, width, height) {
    const points2 = this.#points(width, height);
    if (points2.length < 2) return;
    pen.lineWidth = 1.5;
    pen.lineJoin = "round";
    pen.beginPath();
    for (const [x2, y2] of points2) pen.lineTo(x2, y2);
    pen.stroke();
    pen.lineTo(points2.at(-1)[0], height);
    pen.lineTo(points2[0][0], height);
    pen.globalAlpha = 0.12;
    pen.fill();
  }
  remove() {
    all.delete(this);
    sizes.unobserve(this.canvas);
    forgetPicture(this, this.canvas);
  }
  /** For each pixel, [x, y] of the reading farthest from the middle, so that peaks are kept. */
  #points(width, height) {
    const { at, y: y2, endAt: last } = this.kept;
    const end = this.kept.indexOf(last + 1);
    const first = this.kept.indexOf(last - SPAN_MS);
    const start = at[first];
    if (!(last > start)) return [];
    const { low, high } = extremesOf(y2, first, end);
    if (low === null) return [];
    const range = Math.max(high - low, leastRange(low, high));
    const bottom = (low + high - range) / 2;
    const toX = (moment2) => MARGIN + (moment2 - start) / (last - start) * (width - 2 * MARGIN);
    const toY = (number) => height - MARGIN - (number - bottom) / range * (height - 2 * MARGIN);
    const step = Math.max(1, Math.ceil((end - first) / width));
    const points2 = [];
    for (let i2 = first; i2 < end; i2 += step) {
      let extreme = y2[i2];
      for (let k = i2 + 1; k < Math.min(i2 + step, end); k++) {
        if (Math.abs(y2[k] - bottom - range / 2) > Math.abs(extreme - bottom - range / 2)) {
          extreme = y2[k];
        }
      }
      if (extreme !== null) points2.push([toX(at[i2]), toY(extreme)]);
    }
    return points2;
  }
};

// src/tile.js
var template = document.getElementById("value-tile");
var KINDS2 = ["error", "number", "switch", "text"];
var LAG_MS = 6e4;
function kindOf(value) {
  if (Number.isFinite(value)) return "number";
  return typeof value === "boolean" ? "switch" : "text";
}
function sizeOf(text, unit) {
  const length = text.length + (unit ? 0.5 + 0.6 * unit.length : 0);
  if (length <= 8) return "normal";
  return length <= 11 ? "long" : "longest";
}
var texts = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const reading = target.parentElement;
    const isText2 = reading.parentElement.dataset.kind === "text";
    const isLong = isText2 && reading.scrollHeight > reading.clientHeight;
    if (isLong === reading.hasAttribute("tabindex")) continue;
    if (isLong) {
      reading.tabIndex = 0;
      reading.setAttribute("role", "group");
      reading.setAttribute("aria-label", reading.previousElementSibling.textContent);
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) reading.removeAttribute(name);
    }
  }
});
var Tile = class {
  #spark = null;
  // The texts on the page.
  #shown;
  /** `toggle(device, name)` adds it to the chart, or removes it. */
  constructor(device, name, toggle) {
    this.name = name;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.element.dataset.name = name;
    const part = (selector) => this.element.querySelector(selector);
    this.label = part(".label bdi");
    this.reading = part(".reading");
    this.text = part(".reading bdi");
    this.unit = part(".unit");
    this.note = part(".note");
    this.button = part(".spark");
    this.button.addEventListener("click", () => toggle(device, name));
    texts.observe(this.text);
  }
  /** The order of its kind. */
  get rank() {
    return KINDS2.indexOf("error" in this.element.dataset ? "error" : this.element.dataset.kind);
  }
  /** `room`: now(), slotOf(device, name), alertOf(device, name). */
  update(device, room2) {
    const value = device.last.get(this.name);
    const kind = kindOf(value);
    const series = device.history.get(this.name);
    if (this.element.dataset.kind !== kind) this.element.dataset.kind = kind;
    this.element.toggleAttribute("data-error", isError(this.name, value));
    this.#showName(device);
    if (kind === "number") this.#showNumber(device, value, series);
    else this.#show(kind === "switch" ? value ? "on" : "off" : formatText(value), null);
    if (kind === "switch") this.reading.dataset.on = value;
    this.#showSpark(device, kind === "number" ? series : device.changes.get(this.name), room2);
    this.#showAlert(room2.alertOf(device.name, this.name), device);
  }
  /** Show the age of a value that did not come for a while, although the device sent readings. */
  updateAge(device, now) {
    const at = device.lastAt.get(this.name) ?? 0;
    const isBehind = at > 0 && device.readAt - at > LAG_MS;
    const text = isBehind ? formatAge(Math.max(0, now - at) / 1e3) : "";
    if (this.element.dataset.age === text) return;
    this.element.dataset.age = text;
    this.element.title = isBehind ? formatMoment(at) : "";
    if (!this.element.dataset.alert) this.note.textContent = text;
  }
  remove() {
    texts.unobserve(this.text);
    this.#spark?.remove();
    this.element.remove();
  }
  #showName(device) {
    const label = labelOf(device, this.name);
    if (this.label.textContent === label) return;
    this.label.textContent = label;
    this.label.parentElement.title = this.name;
  }
  #showNumber(device, value, series) {
    const unit = unitOf(device, this.name);
    const isBytes = unit === "bytes";
    const text = isBytes ? withUnit(device, this.name, value) : formatNumber(value, series.decimals);
    this.#show(text, isBytes ? null : unit);
  }
  #showSpark(device, kept, room2) {
    if (!this.#spark) {
      this.#spark = new Spark(this.button.firstElementChild);
    }
    const slot = room2.slotOf(device.name, this.name);
    const isPressed = String(slot !== null);
    if (this.button.getAttribute("aria-pressed") !== isPressed) {
      this.button.setAttribute("aria-pressed", isPressed);
    }
    const label = `${labelOf(device, this.name)} in the chart`;
    if (this.button.getAttribute("aria-label") !== label) {
      this.button.setAttribute("aria-label", label);
    }
    this.#spark.show(kept, slot);
  }
  #showAlert(alert, device) {
    const text = alert ? `${alert.kind} ${withUnit(device, this.name, alert.limit)}` : "";
    if ((this.element.dataset.alert ?? "") === text) return;
    if (alert) this.element.dataset.alert = text;
    else delete this.element.dataset.alert;
    this.note.textContent = text || (this.element.dataset.age ?? "");
  }
  #show(text, unit) {
    if (text === this.#shown && this.unit.textContent === (unit ?? "")) return;
    this.#shown = text;
    this.text.textContent = text;
    this.unit.textContent = unit ?? "";
    this.reading.dataset.size = sizeOf(text, unit);
  }
};

// src/undated.js
var Undated = class {
  // The readings that it counts.
  #told = null;
  // The readings that have rows.
  #listed = null;
  constructor(element) {
    this.element = element;
    this.count = element.querySelector("summary");
    this.scroll = element.querySelector(".scroll");
    this.rows = element.querySelector("tbody");
    element.addEventListener("toggle", () => this.#list());
  }
  update(device) {
    this.device = device;
    if (this.#told === device.undated) return;
    this.#told = device.undated;
    const count3 = device.undated.length;
    this.element.hidden = count3 === 0;
    this.count.textContent = `${count3} reading${count3 === 1 ? "" : "s"}, time not known`;
    this.#list();
  }
  /** Make the rows when the list is opened, because hundreds of devices may have twenty each. */
  #list() {
    if (!this.element.open || this.#listed === this.#told) return;
    this.#listed = this.#told;
    const title = formatName(this.device.title);
    this.scroll.setAttribute("aria-label", `Readings of ${title} whose time is not known`);
    this.rows.replaceChildren(...this.#told.toReversed().map((each) => this.#row(each)));
  }
  #row([came, values]) {
    const row = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = formatTime(came);
    head.title = formatMoment(came);
    row.append(head);
    row.insertCell().textContent = Object.entries(values).map(([name, value]) => `${labelOf(this.device, name)} ${valueText(this.device, name, value)}`).join(", ");
    return row;
  }
};

// src/card.js
var template2 = document.getElementById("device-card");
var OK_SHOWN_MS = 1e4;
var COMPACT_TILES = 4;
var widthOf = (tiles) => tiles > 12 ? 3 : tiles > 6 ? 2 : 1;
var barsOf = (dBm) => [-85, -75, -67, -55].filter((limit) => dBm >= limit).length;
var Card = class {
  #tiles = /* @__PURE__ */ new Map();
  // value name -> Tile
  // Whether the page is connected.
  #isConnected = false;
  // Whether its token allows more than to read.
  #mayWrite = false;
  #okTimer = null;
  /** `room`: now(), commands, toggle(device, name), slotOf, alertOf, openAlerts(device),
   *  arrange(device). */
  constructor(device, room2) {
    this.device = device;
    this.room = room2;
    this.element = template2.content.firstElementChild.cloneNode(true);
    this.element.dataset.device = device.name;
    const part = (selector) => this.element.querySelector(selector);
    for (const name of ["name", "identity", "presence", "seen", "signal", "values", "vitals"]) {
      this[name] = part(`.${name}`);
    }
    this.identity.textContent = formatName(device.name);
    this.answer = part(".answer");
    this.more = part(".more");
    this.undated = new Undated(part(".undated"));
    this.controls = new Controls(
      part(".controls"),
      (name, value, hear) => this.#command(name, value, hear)
    );
    this.form = new CommandForm(part(".command"), (name, value) => this.#command(name, value));
    this.opener = part(".opener");
    this.opener.addEventListener("click", () => this.#toggle());
    part(".alert-button").addEventListener("click", () => room2.openAlerts(this.device));
    this.arrange = part(".arrange-button");
    this.arrange.addEventListener("click", () => room2.arrange(this.device));
  }
  /** Replace the device by the same one with new data. Half-typed commands stay. */
  replace(device) {
    this.device = device;
    paintSoon(this);
  }
  /** Whether the page is connected, and whether it may write. */
  setReachable(isConnected, mayWrite2) {
    this.#isConnected = isConnected;
    this.#mayWrite = mayWrite2;
    this.#paintHead();
    this.#enable();
  }
  paint() {
    this.#paintHead();
    this.#paintVitals();
    this.controls.update(this.device);
    this.#paintTiles();
    this.undated.update(this.device);
    this.#enable();
    this.paintAge();
  }
  paintAge() {
    const { at, hasJoined, isAway } = this.device;
    const now = this.room.now();
    const age2 = formatAge(Math.max(0, now - at) / 1e3);
    const what = isAway ? "last seen " : hasJoined ? "" : "last reading ";
    const text = at ? what + age2 : "not seen yet";
    if (this.seen.textContent !== text) {
      this.seen.textContent = text;
      this.seen.title = at ? `Last heard of: ${formatMoment(at)}` : "";
    }
    const isOld = isAway || this.device.isSilent(now);
    if (this.element.dataset.old !== String(isOld)) this.element.dataset.old = isOld;
    for (const tile of this.#tiles.values()) tile.updateAge(this.device, now);
  }
  /** Handle a result of this device, also of a command from another client. */
  result(message) {
    const name = formatText(message.name ?? "command");
    if (message.ok === true) suggest(name);
    const text = message.ok === true ? message.value === void 0 || message.value === null ? "ok" : `ok, ${formatText(message.value)}` : formatText(message.error ?? "failed");
    if (!this.room.commands.settle(message, text)) {
      this.#say(message.ok === true ? "ok" : "error", name, text);
    }
  }
  remove() {
    clearTimeout(this.#okTimer);
    for (const tile of this.#tiles.values()) tile.remove();
    this.element.remove();
  }
  #paintHead() {
    const { device } = this;
    const title = formatName(device.title);
    if (this.name.textContent !== title) {
      this.name.textContent = title;
      this.element.setAttribute("aria-label", title);
    }
    this.identity.hidden = device.title === device.name;
    const presence = device.online ? "online" : device.isAway ? "offline" : "none";
    const word = this.#isConnected ? presence : `was ${presence}`;
    if (this.presence.textContent === word) return;
    this.element.dataset.presence = presence;
    this.presence.textContent = word;
    this.presence.hidden = this.more.hidden = presence === "none";
  }
  #paintVitals() {
    const { last } = this.device;
    const dBm = last.get(RSSI);
    this.signal.hidden = !isVital(RSSI, dBm);
    if (!this.signal.hidden) {
      this.signal.dataset.bars = barsOf(dBm);
      this.signal.lastElementChild.textContent = `${formatNumber(dBm, 0)} dBm`;
    }
    const words = [];
    const memory2 = last.get(FREE_MEMORY);
    const reconnects = last.get(RECONNECTS);
    if (isVital(FREE_MEMORY, memory2)) words.push(`${formatBytes(memory2)} free`);
    if (isVital(RECONNECTS, reconnects)) {
      words.push(`${formatNumber(reconnects, 0)} reconnect${reconnects === 1 ? "" : "s"}`);
    }
    const text = words.join(" · ");
    if (this.vitals.textContent !== text) this.vitals.textContent = text;
  }
  #paintTiles() {
    const { device, room: room2 } = this;
    for (const [name, tile] of this.#tiles) {
      if (this.#isTile(name)) continue;
      tile.remove();
      this.#tiles.delete(name);
    }
    for (const name of device.last.keys()) {
      if (this.#isTile(name)) this.#tile(name).update(device, room2);
    }
    this.#arrangeTiles();
    this.values.hidden = this.#tiles.size === 0;
  }
  /** Values that a control or the card's foot shows need no tile, nor does an error that is over. */
  #isTile(name) {
    const { last, about } = this.device;
    if (isNoError(name, last.get(name))) return false;
    return last.has(name) && !about.controls.has(name) && !isVital(name, last.get(name));
  }
  #tile(name) {
    let tile = this.#tiles.get(name);
    if (!tile) {
      tile = new Tile(this.device.name, name, this.room.toggle);
      this.#tiles.set(name, tile);
    }
    return tile;
  }
  /** An error, numbers, switches, words; by name. Tiles in the right place are not moved. */
  #arrangeTiles() {
    const tiles = [...this.#tiles.values()].sort((a2, b2) => a2.rank - b2.rank || inOrder(a2.name, b2.name));
    let next = this.values.firstElementChild;
    for (const [i2, { element }] of tiles.entries()) {
      element.toggleAttribute("data-more", i2 >= COMPACT_TILES);
      if (element === next) next = next.nextElementSibling;
      else this.values.insertBefore(element, next);
    }
    this.element.dataset.width = widthOf(tiles.length);
    const more = tiles.length - COMPACT_TILES;
    const rest = more > 0 ? `+${more}` : "";
    const label = `${rest} All of ${formatName(this.device.title)}`.trim();
    if (this.opener.getAttribute("aria-label") === label) return;
    this.opener.setAttribute("aria-label", label);
    this.opener.firstElementChild.textContent = rest;
  }
  /** Show all of it, or less. In the compact list a closed card has only its first values. */
  #toggle() {
    const isOpen = this.element.toggleAttribute("data-open");
    this.opener.setAttribute("aria-expanded", String(isOpen));
  }
  #enable() {
    const isEnabled = this.#isConnected && this.#mayWrite && this.device.online;
    this.controls.enable(isEnabled);
    this.form.enable(isEnabled);
    this.arrange.hidden = !this.#mayWrite;
    this.arrange.disabled = !this.#isConnected;
  }
  #command(name, value, hear = () => {
  }) {
    this.room.commands.give(this.device.name, name, value, (state2, text, result) => {
      hear(state2, result);
      const label = labelOf(this.device, name);
      this.#say(state2, label, text);
      if (state2 !== "waiting") announce(`${formatName(this.device.title)}, ${label}: ${text}`);
    });
  }
  #say(state2, name, text) {
    clearTimeout(this.#okTimer);
    this.answer.dataset.state = state2;
    this.answer.textContent = `${name}: ${text}`;
    if (state2 !== "ok") return;
    this.#okTimer = setTimeout(() => {
      this.answer.textContent = "";
      delete this.answer.dataset.state;
    }, OK_SHOWN_MS);
  }
};

// src/gestures.js
var WHEEL_FACTOR = 1.25;
var KEY_FACTOR = 1.5;
var KEY_MOVE = 0.2;
var momentAt = (plot, clientX) => plot.posToVal(clientX - plot.over.getBoundingClientRect().left, "x");
function listen(element, chart2) {
  element.addEventListener("wheel", (event) => wheel(event, element, chart2), { passive: false });
  element.addEventListener("keydown", (event) => press(event, chart2));
  element.addEventListener("dblclick", () => chart2.reset());
  for (const type of ["blur", "pointermove"]) element.addEventListener(type, () => chart2.leave());
  pinch(element, chart2);
}
function wheel(event, element, chart2) {
  const plot = chart2.plot();
  const isMeant = event.ctrlKey || event.metaKey || element.contains(document.activeElement);
  if (!plot || !isMeant || event.deltaY === 0) return;
  event.preventDefault();
  const factor = event.deltaY > 0 ? WHEEL_FACTOR : 1 / WHEEL_FACTOR;
  chart2.zoomBy(factor, momentAt(plot, event.clientX));
}
function press(event, chart2) {
  const actions = {
    ArrowLeft: () => event.shiftKey ? chart2.moveBy(-KEY_MOVE) : chart2.step(-1),
    ArrowRight: () => event.shiftKey ? chart2.moveBy(KEY_MOVE) : chart2.step(1),
    "+": () => chart2.zoomBy(1 / KEY_FACTOR, null),
    "=": () => chart2.zoomBy(1 / KEY_FACTOR, null),
    "-": () => chart2.zoomBy(KEY_FACTOR, null),
    0: () => chart2.reset(),
    Escape: () => chart2.back()
  };
  if (event.ctrlKey || event.altKey || event.metaKey || !Object.hasOwn(actions, event.key)) return;
  event.preventDefault();
  actions[event.key]();
}
function pinch(element, chart2) {
  const fingers = /* @__PURE__ */ new Map();
  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    fingers.set(event.pointerId, event.clientX);
  });
  element.addEventListener("pointermove", (event) => {
    const plot = chart2.plot();
    if (!plot || !fingers.has(event.pointerId)) return;
    const before = [...fingers.values()];
    fingers.set(event.pointerId, event.clientX);
    const after = [...fingers.values()];
    const width = plot.over.clientWidth || 1;
    if (after.length === 1) {
      chart2.moveBy((before[0] - after[0]) / width);
    } else if (after.length === 2) {
      const was = Math.abs(before[0] - before[1]);
      const is = Math.abs(after[0] - after[1]);
      if (was > 0 && is > 0) chart2.zoomBy(was / is, momentAt(plot, (after[0] + after[1]) / 2));
    }
  });
  for (const type of ["pointerup", "pointercancel"]) {
    element.addEventListener(type, (event) => fingers.delete(event.pointerId));
  }
}

// src/token.js
var KEY3 = `room-token ${place}`;
var ANY_KEY = "room-token";
var token = null;
var isToStay = false;
function attempt(action) {
  try {
    return action();
  } catch {
    return null;
  }
}
function tryToken(secret, isForGood = false) {
  token = secret;
  isToStay = isForGood;
}
function keepToken() {
  if (!token) return;
  attempt(() => sessionStorage.setItem(KEY3, token));
  attempt(() => sessionStorage.setItem(ANY_KEY, token));
  if (isToStay) attempt(() => localStorage.setItem(KEY3, token));
}
function dropToken() {
  for (const storage of ["sessionStorage", "localStorage"]) {
    for (const key of [KEY3, ANY_KEY]) {
      attempt(() => window[storage].getItem(key) === token && window[storage].removeItem(key));
    }
  }
  token = null;
}
function forgetToken() {
  token = null;
  for (const key of [KEY3, ANY_KEY]) {
    attempt(() => sessionStorage.removeItem(key));
    attempt(() => localStorage.removeItem(key));
  }
}
function currentToken() {
  token ??= attempt(() => sessionStorage.getItem(KEY3)) ?? attempt(() => localStorage.getItem(KEY3)) ?? attempt(() => sessionStorage.getItem(ANY_KEY));
  return token;
}
var given = takeToken();
if (given) tryToken(given, isKiosk);
addEventListener("hashchange", () => {
  if (tokenOf(location.hash) !== null) location.reload();
});

// src/http.js
var headerOf = (token3) => `Bearer ${/^[!-~]*$/.test(token3) ? token3 : encodeURIComponent(token3)}`;
async function request(path, { query: query2 = "", headers = {}, ...options } = {}) {
  const token3 = currentToken();
  const parameters2 = String(new URLSearchParams(query2));
  try {
    return await fetch(parameters2 ? `${path}?${parameters2}` : path, {
      headers: token3 ? { ...headers, Authorization: headerOf(token3) } : headers,
      cache: "no-store",
      ...options
    });
  } catch {
    return null;
  }
}
var askRoom = (options) => request(roomPath, options);
async function reasonOf(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).error;
  } catch {
    return text.slice(0, 200) || String(response.status);
  }
}
async function answerOf(response) {
  if (response === null) return [null, "The server does not answer."];
  if (!response.ok) return [null, String(await reasonOf(response))];
  return [response.status === 204 ? {} : await response.json(), null];
}

// src/history.js
var LIMIT_MS = 2e4;
function groupsOf(lines) {
  const names = /* @__PURE__ */ new Map();
  for (const { key: device, name } of lines) names.set(device, [...names.get(device) ?? [], name]);
  const groups = /* @__PURE__ */ new Map();
  for (const [device, list5] of names) {
    const key = JSON.stringify(list5.sort());
    if (!groups.has(key)) groups.set(key, { names: list5, devices: [] });
    groups.get(key).devices.push(device);
  }
  return [...groups.values()];
}
var own = (values, name) => isRecord(values) && Object.hasOwn(values, name) ? values[name] : void 0;
async function get(query2, signal) {
  const timeout = AbortSignal.timeout(LIMIT_MS);
  const stop = new AbortController();
  for (const each of [signal, timeout]) each.addEventListener("abort", () => stop.abort());
  let response;
  try {
    response = await askRoom({ query: query2, signal: stop.signal });
    if (response.ok) return await response.json();
  } catch {
    throw new Error("no answer");
  }
  throw new Error(await reasonOf(response));
}
async function askHistory(lines, question, signal) {
  const found = /* @__PURE__ */ new Map();
  let at = Infinity;
  const ask = async ({ devices: devices2, names }) => {
    const query2 = new URLSearchParams(question);
    for (const device of devices2) query2.append("device", device);
    for (const name of names) query2.append("name", name);
    const state2 = await get(query2, signal);
    at = Math.min(at, Number(state2.at) || 0);
    const states = new Map(state2.devices.filter(isRecord).map((each) => [each.device, each]));
    for (const { id, key: device, name } of lines) {
      const its = states.get(device);
      if (!devices2.includes(device) || !names.includes(name) || !its) continue;
      found.set(id, { history: own(its.history, name), changes: own(its.changes, name) });
    }
  };
  await Promise.all(groupsOf(lines).map(ask));
  return { at, found };
}

// src/lanes.js
var NAME_PX = 15;
var BAR_PX = 17;
var LANE_PX = 38;
var FONT = "11px system-ui, sans-serif";
var PADDING_PX = 4;
var LEAST_TEXT_PX = 14;
var STRONG = 0.45;
var WEAK = 0.1;
function cut(pen, text, width) {
  if (pen.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && pen.measureText(text.slice(0, end >> 1)).width > width) end >>= 1;
  while (end > 0 && pen.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return end > 0 ? `${text.slice(0, end)}…` : "";
}
function drawLanes(plot, lanes, top) {
  const pen = plot.ctx;
  const scale = devicePixelRatio;
  const { left, width } = plot.bbox;
  pen.save();
  pen.beginPath();
  pen.rect(left, 0, width, pen.canvas.height);
  pen.clip();
  pen.scale(scale, scale);
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  pen.font = FONT;
  const start = left / scale;
  const end = (left + width) / scale;
  const toX = (at) => Math.min(end, Math.max(start, plot.valToPos(at, "x", true) / scale));
  lanes.forEach(({ name, spells: spells2 }, i2) => {
    const y2 = top + i2 * LANE_PX;
    pen.fillStyle = theme.axis;
    pen.fillText(cut(pen, name, end - start - PADDING_PX), start + PADDING_PX, y2 + NAME_PX / 2);
    for (const spell of spells2) drawSpell(pen, spell, toX, y2 + NAME_PX);
  });
  pen.restore();
}
function drawSpell(pen, { from, to, text, colour, isOff }, toX, y2) {
  const [x2, width] = [toX(from), toX(to) - toX(from)];
  pen.fillStyle = theme.series[colour];
  pen.globalAlpha = isOff ? WEAK : STRONG;
  pen.fillRect(x2, y2, width, BAR_PX);
  pen.globalAlpha = 1;
  pen.fillRect(x2, y2, Math.min(2, width), BAR_PX);
  if (width < LEAST_TEXT_PX) return;
  pen.fillStyle = theme.text;
  pen.fillText(cut(pen, text, width - 2 * PADDING_PX), x2 + PADDING_PX + 1, y2 + BAR_PX / 2);
}

// src/lines.js
var isState2 = (device, name) => device !== void 0 && device.last.has(name) && !Number.isFinite(device.last.get(name));
var Line = class {
  // Set when the chart is drawn: the Points of a number, or [at, value] of a bool or text.
  points = null;
  changes = [];
  chip = null;
  // Text -> the number of its colour.
  #colours = /* @__PURE__ */ new Map();
  /** `device` is undefined if it is not in the room. */
  constructor({ device: key, name, slot }, device) {
    this.id = JSON.stringify([key, name]);
    this.key = key;
    this.name = name;
    this.slot = slot;
    this.device = device;
    this.isState = isState2(device, name);
    this.memory = (this.isState ? device.changes : device?.history)?.get(name) ?? null;
    this.unit = unitOf(device, name);
    this.scale = JSON.stringify([this.unit, this.unit === null ? name : ""]);
  }
  /** All that the picture and its words depend on, but for the readings. */
  get description() {
    const { id, slot, scale, isState: isState3, device } = this;
    return [id, slot, scale, isState3, device?.title];
  }
  get title() {
    return formatName(this.device?.title ?? this.key);
  }
  get label() {
    return labelOf(this.device, this.name);
  }
  /** What it is at a moment, but not from before `from`: a text, with the range if it is of many. */
  textAt(at, from) {
    if (this.isState) return this.stateText(stateAt(this.changes, at));
    const i2 = this.points?.lastIndex(at, from) ?? -1;
    if (i2 < 0 || this.points.y[i2] === null) return "–";
    const { low, y: y2, high } = this.points;
    const text = this.numberText(y2[i2]);
    if (low[i2] === high[i2]) return text;
    const [least, most] = [low[i2], high[i2]].map((each) => formatNumber(each, this.#decimals));
    return `${text} (${least} – ${most})`;
  }
  /** Its last value, if it is not from before `from`. */
  textNow(from) {
    const number = this.device?.last.get(this.name);
    const isSeen = this.points?.lastIndex(Infinity, from) >= 0;
    return !this.isState && isSeen && Number.isFinite(number) ? this.numberText(number) : this.textAt(Infinity, from);
  }
  stateText(value) {
    return value === null ? "–" : valueText(this.device, this.name, value);
  }
  numberText(number, moreDecimals = 0) {
    if (number === null) return "–";
    return withUnit(this.device, this.name, number, this.#decimals + moreDecimals);
  }
  get #decimals() {
    return this.memory?.decimals ?? 1;
  }
  /** The row of a bool or text, for `drawLanes`. */
  lane(range, name) {
    const { slot } = this;
    return {
      name,
      slot,
      spells: spells(this.changes, range).map(({ from, to, value }) => ({
        from,
        to,
        text: this.stateText(value),
        colour: typeof value === "boolean" ? slot : this.#colourOf(value),
        isOff: value === false || value === ""
      }))
    };
  }
  /** Each text gets a colour when it is first seen, and keeps it. */
  #colourOf(text) {
    if (!this.#colours.has(text)) {
      this.#colours.set(text, (this.slot + this.#colours.size) % SLOTS);
    }
    return this.#colours.get(text);
  }
  /** Take over what stays when the lines are made anew for the same values. */
  succeed(line2) {
    this.chip = line2.chip;
    this.points = line2.points;
    this.changes = line2.changes;
    this.#colours = line2.#colours;
  }
};

// src/points.js
var SECOND = 1e3;
var MINUTE2 = 60 * SECOND;
var HOUR2 = 60 * MINUTE2;
var DAY2 = 24 * HOUR2;
var LENGTHS = [
  ...[1, 2, 5, 10, 15, 30].map((n2) => n2 * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n2) => n2 * MINUTE2),
  ...[1, 2, 3, 6, 12].map((n2) => n2 * HOUR2)
];
var GAP_MS = 30 * SECOND;
var GAP_TIMES = 6;
var SAMPLE = 200;
var LARGEST_DRAWN = 1e15;
var drawable = (number) => Math.abs(number) < LARGEST_DRAWN ? number : null;
function usualGap(at) {
  const gaps2 = [];
  for (let i2 = Math.max(1, at.length - SAMPLE); i2 < at.length; i2++) gaps2.push(at[i2] - at[i2 - 1]);
  gaps2.sort((a2, b2) => a2 - b2);
  return gaps2[gaps2.length >> 1] ?? 0;
}
function indexIn(at, moment2) {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = low + high >> 1;
    if (at[middle] < moment2) low = middle + 1;
    else high = middle;
  }
  return low;
}
function lengthFor(ms, most) {
  return LENGTHS.find((length) => ms / length < most) ?? Math.ceil(ms / DAY2 / most) * DAY2;
}
var COLUMNS = ["at", "y", "low", "high", "count", "gap"];
var Points = class _Points {
  at = [];
  y = [];
  low = [];
  high = [];
  count = [];
  // The usual time between points there.
  gap = [];
  /** `at` and `y` of readings. */
  static ofReadings(at, y2) {
    const points2 = new _Points();
    points2.at = at;
    points2.y = points2.low = points2.high = y2;
    points2.count = new Array(at.length).fill(1);
    points2.gap = new Array(at.length).fill(usualGap(at));
    return points2;
  }
  /** Points of a server's answer: [at, value] or [at, mean, min, max, count]. */
  static ofAnswer(list5) {
    const points2 = new _Points();
    const valid = list5.filter((point) => Array.isArray(point) && point.slice(0, 2).every(Number.isFinite));
    const gap = usualGap(valid.map(([at]) => at));
    for (const [at, y2, low = y2, high = y2, count3 = 1] of valid) {
      points2.push(at, drawable(y2), drawable(low), drawable(high), count3, gap);
    }
    return points2;
  }
  get length() {
    return this.at.length;
  }
  /** How many are between two moments. */
  countIn({ min: min2, max: max2 }) {
    return indexIn(this.at, max2 + 1) - indexIn(this.at, min2);
  }
  push(at, y2, low, high, count3, gap) {
    this.at.push(at);
    this.y.push(y2);
    this.low.push(low);
    this.high.push(high);
    this.count.push(count3);
    this.gap.push(gap);
  }
  slice(start, end) {
    const part = new _Points();
    for (const column of COLUMNS) part[column] = this[column].slice(start, end);
    return part;
  }
  /** These points, but between two moments those of `other`. */
  overlaid(other, from, to = Infinity) {
    const start = indexIn(this.at, from);
    const end = Math.max(start, indexIn(this.at, to));
    const points2 = new _Points();
    for (const column of COLUMNS) {
      points2[column] = this[column].slice(0, start).concat(other[column], this[column].slice(end));
    }
    return points2;
  }
  /** The points between two moments, and one on each side, gathered if there are more than `most`. */
  within({ min: min2, max: max2 }, most) {
    const start = Math.max(0, indexIn(this.at, min2) - 1);
    const part = this.slice(start, indexIn(this.at, max2 + 1) + 1);
    return part.length > most + 2 ? part.#gathered(lengthFor(max2 - min2, most)) : part;
  }
  /** One point for all in the same multiple of `length`. */
  #gathered(length) {
    const points2 = new _Points();
    for (let i2 = 0; i2 < this.length; ) {
      const start = Math.floor(this.at[i2] / length) * length;
      let [sum, weight, low, high] = [0, 0, null, null];
      for (; i2 < this.length && this.at[i2] < start + length; i2++) {
        if (this.y[i2] === null) continue;
        sum += this.y[i2] * this.count[i2];
        weight += this.count[i2];
        if (low === null || this.low[i2] < low) low = this.low[i2];
        if (high === null || this.high[i2] > high) high = this.high[i2];
      }
      const gap = Math.max(length, this.gap[i2 - 1]);
      points2.push(start, weight ? sum / weight : null, low, high, weight, gap);
    }
    return points2;
  }
  /** [times, highest, lowest, means], with null where the line breaks. */
  table() {
    const [times, high, low, y2] = [[], [], [], []];
    const add = (at, ...values) => {
      times.push(at);
      [high, low, y2].forEach((column, i2) => column.push(values[i2]));
    };
    for (let i2 = 0; i2 < this.length; i2++) {
      const longest = Math.max(GAP_MS, GAP_TIMES * Math.max(this.gap[i2], this.gap[i2 - 1] ?? 0));
      if (i2 > 0 && this.at[i2] - this.at[i2 - 1] > longest) {
        add((this.at[i2] + this.at[i2 - 1]) / 2, null, null, null);
      }
      if (this.at[i2] === times.at(-1)) for (const column of [times, high, low, y2]) column.pop();
      add(this.at[i2], this.high[i2], this.low[i2], this.y[i2]);
    }
    return [times, high, low, y2];
  }
  /** Index of the last point at a moment or before it, but not before `from`. -1 if there is none. */
  lastIndex(at, from) {
    const i2 = indexIn(this.at, at + 1) - 1;
    return i2 >= 0 && this.at[i2] >= from ? i2 : -1;
  }
  /** {count, low, high, mean, latest} between two moments. Numbers are null without points. */
  summary(from, to) {
    const found = { count: 0, low: null, high: null, mean: null, latest: null };
    let sum = 0;
    for (let i2 = indexIn(this.at, from); i2 < this.length && this.at[i2] <= to; i2++) {
      if (this.y[i2] === null) continue;
      found.count += this.count[i2];
      sum += this.y[i2] * this.count[i2];
      if (found.low === null || this.low[i2] < found.low) found.low = this.low[i2];
      if (found.high === null || this.high[i2] > found.high) found.high = this.high[i2];
      found.latest = this.y[i2];
    }
    if (found.count) found.mean = sum / found.count;
    return found;
  }
};

// src/part.js
var COARSE = 2.5;
var listOf = (value) => Array.isArray(value) ? value : [];
var Part = class {
  /** `question`: {since, until, points}. `memory`: a Series, Changes, or null. */
  constructor({ since: since2 = -Infinity, until = Infinity, points: points2 }, memory2) {
    this.since = since2;
    this.until = until;
    this.askedMs = until - since2;
    this.most = points2;
    this.memory = memory2;
    this.late = memory2?.late;
  }
  /** Take the answer that the server gave at this time. */
  fill({ history: history2, changes }, at) {
    this.until = Math.min(this.until, at);
    this.points = Points.ofAnswer(listOf(history2));
    this.changes = changesIn(listOf(changes));
    this.first = Math.min(this.points.at[0] ?? Infinity, this.changes[0]?.[0] ?? Infinity);
    const isRaw = this.points.count.every((count3) => count3 === 1);
    this.isFinest = isRaw && this.changes.length < this.most;
    return this;
  }
  /** False if a reading came since that changes it, or a snapshot, which makes a new memory. */
  isCurrent(memory2) {
    return this.memory === memory2 && this.late === memory2?.late;
  }
  /** Whether it is enough for this range, together with the memory. */
  covers({ min: min2, max: max2 }, memory2 = null) {
    const meetsMemory = max2 <= this.until || !(memory2?.wholeSoon > this.until);
    return this.since <= min2 && meetsMemory && this.isFineFor(max2 - min2);
  }
  isFineFor(ms) {
    return this.isFinest || this.askedMs <= COARSE * ms;
  }
};

// src/past.js
var OVERVIEW = { points: 300 };
var MOST_POINTS = 2e3;
var MARGIN2 = 0.1;
var SOON_MS = 150;
var REST = 4;
var LONGEST_REST_MS = 1500;
var AFTER_ERROR_MS = 1e4;
var NO_MEMORY = { at: [], y: [], list: [], first: Infinity, whole: Infinity, indexOf: () => 0 };
var reaches = (memory2, { min: min2 }, overview) => memory2.whole <= Math.max(min2, overview.first);
var Past = class {
  // Why the last question has no answer, or "".
  error = "";
  #kept = /* @__PURE__ */ new Map();
  // id of a line -> {overview, detail}, each a Part or undefined
  // What is seen now: {lines, range, points}.
  #wish = null;
  // The question under way: {detail, stop()}, or null.
  #job = null;
  #timer = null;
  #mayAskAt = 0;
  /**
   * `ask(lines, question, signal)` returns {at, found}: the server's time, and id -> {history,
   * changes}. `changed()` is called after each answer or error.
   */
  constructor(ask, changed2) {
    this.ask = ask;
    this.changed = changed2;
  }
  get isAsking() {
    return this.#job !== null || this.#timer !== null;
  }
  /** Note what is seen now, and ask for what is missing. Lines that are gone are forgotten. */
  look(lines, range, points2) {
    this.#wish = { lines, range, points: points2 };
    const ids = new Set(lines.map(({ id }) => id));
    for (const id of this.#kept.keys()) if (!ids.has(id)) this.#kept.delete(id);
    if (this.#missing.length === 0) {
      this.error = "";
      return;
    }
    if (this.#job?.detail.covers(range)) return;
    this.#job?.stop();
    this.#timer ??= setTimeout(() => this.#run(), Math.max(SOON_MS, this.#mayAskAt - Date.now()));
  }
  /** When the history of this line begins, as far as is known. Infinity if it has none. */
  firstOf({ id, memory: memory2 }) {
    return Math.min(this.#kept.get(id)?.overview?.first ?? Infinity, (memory2 ?? NO_MEMORY).first);
  }
  /** When the last reading of this line was. -Infinity if it has none. */
  lastOf({ id, memory: memory2 }) {
    return memory2?.endAt || (this.#kept.get(id)?.overview?.points.at.at(-1) ?? -Infinity);
  }
  /** The Points of a line whose memory is a Series, as far as they are needed for this range. */
  pointsOf({ id, memory: memory2 }, range) {
    const { overview, detail } = this.#kept.get(id) ?? {};
    const known = memory2 ?? NO_MEMORY;
    if (!overview || reaches(known, range, overview)) return Points.ofReadings(known.at, known.y);
    let points2 = overview.points;
    if (detail) points2 = points2.overlaid(detail.points, detail.since, detail.until);
    const from = points2.at[indexIn(points2.at, known.whole)] ?? known.whole;
    const start = known.indexOf(from);
    return points2.overlaid(Points.ofReadings(known.at.slice(start), known.y.slice(start)), from);
  }
  /** [at, value] of a line whose memory is Changes. */
  changesOf({ id, memory: memory2 }) {
    const { overview, detail } = this.#kept.get(id) ?? {};
    let list5 = overview?.changes ?? [];
    if (detail) list5 = overlaidChanges(list5, detail.changes, detail.since, detail.until);
    const { list: known, whole } = memory2 ?? NO_MEMORY;
    const until = Math.max(overview?.until ?? -Infinity, detail?.until ?? -Infinity);
    const from = Math.min(whole, until);
    return overlaidChanges(list5, known.filter(([at]) => at >= from), from, Infinity);
  }
  /** The lines whose range is not known. */
  get #missing() {
    return this.#wish.lines.filter((line2) => !this.#isKnown(line2, this.#wish.range));
  }
  #isKnown({ id, memory: memory2 }, range) {
    const { overview, detail } = this.#kept.get(id) ?? {};
    if (!overview?.isCurrent(memory2)) return false;
    const parts = [overview, detail].filter((part) => part?.isCurrent(memory2));
    if (parts.some((part) => part.covers(range, memory2))) return true;
    return reaches(memory2 ?? NO_MEMORY, range, overview);
  }
  async #run() {
    this.#timer = null;
    const { range, points: points2 } = this.#wish;
    const margin = MARGIN2 * (range.max - range.min);
    const question = {
      since: Math.floor(range.min - margin),
      until: Math.ceil(range.max + margin),
      points: Math.min(MOST_POINTS, Math.ceil(points2 * (1 + 2 * MARGIN2)))
    };
    const missing = this.#missing;
    const unseen = missing.filter(({ id, memory: memory2 }) => !this.#kept.get(id)?.overview?.isCurrent(memory2));
    const abort = new AbortController();
    const job = { detail: new Part(question, null), stop: () => abort.abort() };
    this.#job = job;
    const begun = Date.now();
    try {
      await Promise.all([
        this.#learn("overview", unseen, OVERVIEW, abort.signal),
        this.#learn("detail", missing, question, abort.signal)
      ]);
      this.error = "";
      this.#mayAskAt = Date.now() + Math.min(LONGEST_REST_MS, REST * (Date.now() - begun));
    } catch (error) {
      if (!abort.signal.aborted) {
        this.error = error.message;
        this.#mayAskAt = Date.now() + AFTER_ERROR_MS;
      }
      abort.abort();
    }
    if (this.#job === job) this.#job = null;
    this.changed();
  }
  async #learn(what, lines, question, signal) {
    if (lines.length === 0) return;
    const parts = lines.map(({ id, memory: memory2 }) => ({ id, part: new Part(question, memory2) }));
    const { at, found } = await this.ask(lines, question, signal);
    for (const { id, part } of parts) {
      this.#kept.set(id, { ...this.#kept.get(id), [what]: part.fill(found.get(id) ?? {}, at) });
    }
  }
};

// ../../../../../work/main/tools/dashboard/node_modules/uplot/dist/uPlot.esm.js
var FEAT_TIME = true;
var pre = "u-";
var UPLOT = "uplot";
var ORI_HZ = pre + "hz";
var ORI_VT = pre + "vt";
var TITLE = pre + "title";
var WRAP = pre + "wrap";
var UNDER = pre + "under";
var OVER = pre + "over";
var AXIS = pre + "axis";
var OFF = pre + "off";
var SELECT = pre + "select";
var CURSOR_X = pre + "cursor-x";
var CURSOR_Y = pre + "cursor-y";
var CURSOR_PT = pre + "cursor-pt";
var LEGEND = pre + "legend";
var LEGEND_LIVE = pre + "live";
var LEGEND_INLINE = pre + "inline";
var LEGEND_SERIES = pre + "series";
var LEGEND_MARKER = pre + "marker";
var LEGEND_LABEL = pre + "label";
var LEGEND_VALUE = pre + "value";
var WIDTH = "width";
var HEIGHT = "height";
var TOP = "top";
var BOTTOM = "bottom";
var LEFT = "left";
var RIGHT = "right";
var hexBlack = "#000";
var transparent = hexBlack + "0";
var mousemove = "mousemove";
var mousedown = "mousedown";
var mouseup = "mouseup";
var mouseenter = "mouseenter";
var mouseleave = "mouseleave";
var dblclick = "dblclick";
var resize = "resize";
var scroll = "scroll";
var change = "change";
var dppxchange = "dppxchange";
var LEGEND_DISP = "--";
var domEnv = typeof window != "undefined";
var doc = domEnv ? document : null;
var win = domEnv ? window : null;
var nav = domEnv ? navigator : null;
var pxRatio;
var query;
function setPxRatio() {
  let _pxRatio = devicePixelRatio;
  if (pxRatio != _pxRatio) {
    pxRatio = _pxRatio;
    query && off(change, query, setPxRatio);
    query = matchMedia(`(min-resolution: ${pxRatio - 1e-3}dppx) and (max-resolution: ${pxRatio + 1e-3}dppx)`);
    on(change, query, setPxRatio);
    win.dispatchEvent(new CustomEvent(dppxchange));
  }
}
function addClass(el, c2) {
  if (c2 != null) {
    let cl = el.classList;
    !cl.contains(c2) && cl.add(c2);
  }
}
function remClass(el, c2) {
  let cl = el.classList;
  cl.contains(c2) && cl.remove(c2);
}
function setStylePx(el, name, value) {
  el.style[name] = value + "px";
}
function placeTag(tag, cls, targ, refEl) {
  let el = doc.createElement(tag);
  if (cls != null)
    addClass(el, cls);
  if (targ != null)
    targ.insertBefore(el, refEl);
  return el;
}
function placeDiv(cls, targ) {
  return placeTag("div", cls, targ);
}
var xformCache = /* @__PURE__ */ new WeakMap();
function elTrans(el, xPos, yPos, xMax, yMax) {
  let xform = "translate(" + xPos + "px," + yPos + "px)";
  let xformOld = xformCache.get(el);
  if (xform != xformOld) {
    el.style.transform = xform;
    xformCache.set(el, xform);
    if (xPos < 0 || yPos < 0 || xPos > xMax || yPos > yMax)
      addClass(el, OFF);
    else
      remClass(el, OFF);
  }
}
var colorCache = /* @__PURE__ */ new WeakMap();
function elColor(el, background, borderColor) {
  let newColor = background + borderColor;
  let oldColor = colorCache.get(el);
  if (newColor != oldColor) {
    colorCache.set(el, newColor);
    el.style.background = background;
    el.style.borderColor = borderColor;
  }
}
var sizeCache = /* @__PURE__ */ new WeakMap();
function elSize(el, newWid, newHgt, centered) {
  let newSize = newWid + "" + newHgt;
  let oldSize = sizeCache.get(el);
  if (newSize != oldSize) {
    sizeCache.set(el, newSize);
    el.style.height = newHgt + "px";
    el.style.width = newWid + "px";
    el.style.marginLeft = centered ? -newWid / 2 + "px" : 0;
    el.style.marginTop = centered ? -newHgt / 2 + "px" : 0;
  }
}
var evOpts = { passive: true };
var evOpts2 = { ...evOpts, capture: true };
function on(ev, el, cb, capt) {
  el.addEventListener(ev, cb, capt ? evOpts2 : evOpts);
}
function off(ev, el, cb, capt) {
  el.removeEventListener(ev, cb, evOpts);
}
domEnv && setPxRatio();
function closestIdx(num, arr, lo, hi) {
  let mid;
  lo = lo || 0;
  hi = hi || arr.length - 1;
  let bitwise = hi <= 2147483647;
  while (hi - lo > 1) {
    mid = bitwise ? lo + hi >> 1 : floor((lo + hi) / 2);
    if (arr[mid] < num)
      lo = mid;
    else
      hi = mid;
  }
  if (num - arr[lo] <= arr[hi] - num)
    return lo;
  return hi;
}
function makeIndexOfs(predicate) {
  let indexOfs = (data, _i0, _i1) => {
    let i0 = -1;
    let i1 = -1;
    for (let i2 = _i0; i2 <= _i1; i2++) {
      if (predicate(data[i2])) {
        i0 = i2;
        break;
      }
    }
    for (let i2 = _i1; i2 >= _i0; i2--) {
      if (predicate(data[i2])) {
        i1 = i2;
        break;
      }
    }
    return [i0, i1];
  };
  return indexOfs;
}
var notNullish = (v2) => v2 != null;
var isPositive = (v2) => v2 != null && v2 > 0;
var nonNullIdxs = makeIndexOfs(notNullish);
var positiveIdxs = makeIndexOfs(isPositive);
function getMinMax(data, _i0, _i1, sorted2 = 0, log = false) {
  let getEdgeIdxs = log ? positiveIdxs : nonNullIdxs;
  let predicate = log ? isPositive : notNullish;
  [_i0, _i1] = getEdgeIdxs(data, _i0, _i1);
  let _min = data[_i0];
  let _max = data[_i0];
  if (_i0 > -1) {
    if (sorted2 == 1) {
      _min = data[_i0];
      _max = data[_i1];
    } else if (sorted2 == -1) {
      _min = data[_i1];
      _max = data[_i0];
    } else {
      for (let i2 = _i0; i2 <= _i1; i2++) {
        let v2 = data[i2];
        if (predicate(v2)) {
          if (v2 < _min)
            _min = v2;
          else if (v2 > _max)
            _max = v2;
        }
      }
    }
  }
  return [_min ?? inf, _max ?? -inf];
}
function rangeLog(min2, max2, base, fullMags) {
  let minSign = sign(min2);
  let maxSign = sign(max2);
  if (min2 == max2) {
    if (minSign == -1) {
      min2 *= base;
      max2 /= base;
    } else {
      min2 /= base;
      max2 *= base;
    }
  }
  let logFn = base == 10 ? log10 : log2;
  let growMinAbs = minSign == 1 ? floor : ceil;
  let growMaxAbs = maxSign == 1 ? ceil : floor;
  let minExp = growMinAbs(logFn(abs(min2)));
  let maxExp = growMaxAbs(logFn(abs(max2)));
  let minIncr = pow(base, minExp);
  let maxIncr = pow(base, maxExp);
  if (base == 10) {
    if (minExp < 0)
      minIncr = roundDec(minIncr, -minExp);
    if (maxExp < 0)
      maxIncr = roundDec(maxIncr, -maxExp);
  }
  if (fullMags || base == 2) {
    min2 = minIncr * minSign;
    max2 = maxIncr * maxSign;
  } else {
    min2 = incrRoundDn(min2, minIncr);
    max2 = incrRoundUp(max2, maxIncr);
  }
  return [min2, max2];
}
function rangeAsinh(min2, max2, base, fullMags) {
  let minMax = rangeLog(min2, max2, base, fullMags);
  if (min2 == 0)
    minMax[0] = 0;
  if (max2 == 0)
    minMax[1] = 0;
  return minMax;
}
var rangePad = 0.1;
var autoRangePart = {
  mode: 3,
  pad: rangePad
};
var _eqRangePart = {
  pad: 0,
  soft: null,
  mode: 0
};
var _eqRange = {
  min: _eqRangePart,
  max: _eqRangePart
};
function rangeNum(_min, _max, mult, extra) {
  if (isObj(mult))
    return _rangeNum(_min, _max, mult);
  _eqRangePart.pad = mult;
  _eqRangePart.soft = extra ? 0 : null;
  _eqRangePart.mode = extra ? 3 : 0;
  return _rangeNum(_min, _max, _eqRange);
}
function ifNull(lh, rh) {
  return lh == null ? rh : lh;
}
function hasData(data, idx0, idx1) {
  idx0 = ifNull(idx0, 0);
  idx1 = ifNull(idx1, data.length - 1);
  while (idx0 <= idx1) {
    if (data[idx0] != null)
      return true;
    idx0++;
  }
  return false;
}
function _rangeNum(_min, _max, cfg) {
  let cmin = cfg.min;
  let cmax = cfg.max;
  let padMin = ifNull(cmin.pad, 0);
  let padMax = ifNull(cmax.pad, 0);
  let hardMin = ifNull(cmin.hard, -inf);
  let hardMax = ifNull(cmax.hard, inf);
  let softMin = ifNull(cmin.soft, inf);
  let softMax = ifNull(cmax.soft, -inf);
  let softMinMode = ifNull(cmin.mode, 0);
  let softMaxMode = ifNull(cmax.mode, 0);
  let delta = _max - _min;
  let deltaMag = log10(delta);
  let scalarMax = max(abs(_min), abs(_max));
  let scalarMag = log10(scalarMax);
  let scalarMagDelta = abs(scalarMag - deltaMag);
  if (delta < 1e-24 || scalarMagDelta > 10) {
    delta = 0;
    if (_min == 0 || _max == 0) {
      delta = 1e-24;
      if (softMinMode == 2 && softMin != inf)
        padMin = 0;
      if (softMaxMode == 2 && softMax != -inf)
        padMax = 0;
    }
  }
  let nonZeroDelta = delta || scalarMax || 1e3;
  let mag = log10(nonZeroDelta);
  let base = pow(10, floor(mag));
  let _padMin = nonZeroDelta * (delta == 0 ? _min == 0 ? 0.1 : 1 : padMin);
  let _newMin = roundDec(incrRoundDn(_min - _padMin, base / 10), 24);
  let _softMin = _min >= softMin && (softMinMode == 1 || softMinMode == 3 && _newMin <= softMin || softMinMode == 2 && _newMin >= softMin) ? softMin : inf;
  let minLim = max(hardMin, _newMin < _softMin && _min >= _softMin ? _softMin : min(_softMin, _newMin));
  let _padMax = nonZeroDelta * (delta == 0 ? _max == 0 ? 0.1 : 1 : padMax);
  let _newMax = roundDec(incrRoundUp(_max + _padMax, base / 10), 24);
  let _softMax = _max <= softMax && (softMaxMode == 1 || softMaxMode == 3 && _newMax >= softMax || softMaxMode == 2 && _newMax <= softMax) ? softMax : -inf;
  let maxLim = min(hardMax, _newMax > _softMax && _max <= _softMax ? _softMax : max(_softMax, _newMax));
  if (minLim == maxLim && minLim == 0)
    maxLim = 100;
  return [minLim, maxLim];
}
var numFormatter = new Intl.NumberFormat(domEnv ? nav.language : "en-US");
var fmtNum = (val) => numFormatter.format(val);
var M = Math;
var PI = M.PI;
var abs = M.abs;
var floor = M.floor;
var round = M.round;
var ceil = M.ceil;
var min = M.min;
var max = M.max;
var pow = M.pow;
var sign = M.sign;
var log10 = M.log10;
var log2 = M.log2;
var sinh = (v2, linthresh = 1) => M.sinh(v2) * linthresh;
var asinh = (v2, linthresh = 1) => M.asinh(v2 / linthresh);
var inf = Infinity;
function numIntDigits(x2) {
  return (log10((x2 ^ x2 >> 31) - (x2 >> 31)) | 0) + 1;
}
function clamp(num, _min, _max) {
  return min(max(num, _min), _max);
}
function isFn(v2) {
  return typeof v2 == "function";
}
function fnOrSelf(v2) {
  return isFn(v2) ? v2 : () => v2;
}
var noop = () => {
};
var retArg0 = (_0) => _0;
var retArg1 = (_0, _1) => _1;
var retNull = (_3) => null;
var retTrue = (_3) => true;
var retEq = (a2, b2) => a2 == b2;
var regex6 = /\.\d*?(?=9{6,}|0{6,})/gm;
var fixFloat = (val) => {
  if (isInt(val) || fixedDec.has(val))
    return val;
  const str = `${val}`;
  const match = str.match(regex6);
  if (match == null)
    return val;
  let len = match[0].length - 1;
  if (str.indexOf("e-") != -1) {
    let [num, exp] = str.split("e");
    return +`${fixFloat(num)}e${exp}`;
  }
  return roundDec(val, len);
};
function incrRound(num, incr) {
  return fixFloat(roundDec(fixFloat(num / incr)) * incr);
}
function incrRoundUp(num, incr) {
  return fixFloat(ceil(fixFloat(num / incr)) * incr);
}
function incrRoundDn(num, incr) {
  return fixFloat(floor(fixFloat(num / incr)) * incr);
}
function roundDec(val, dec = 0) {
  if (isInt(val))
    return val;
  let p2 = 10 ** dec;
  let n2 = val * p2 * (1 + Number.EPSILON);
  return round(n2) / p2;
}
var fixedDec = /* @__PURE__ */ new Map();
function guessDec(num) {
  return (("" + num).split(".")[1] || "").length;
}
function genIncrs(base, minExp, maxExp, mults) {
  let incrs = [];
  let multDec = mults.map(guessDec);
  for (let exp = minExp; exp < maxExp; exp++) {
    let expa = abs(exp);
    let mag = roundDec(pow(base, exp), expa);
    for (let i2 = 0; i2 < mults.length; i2++) {
      let _incr = base == 10 ? +`${mults[i2]}e${exp}` : mults[i2] * mag;
      let dec = (exp >= 0 ? 0 : expa) + (exp >= multDec[i2] ? 0 : multDec[i2]);
      let incr = base == 10 ? _incr : roundDec(_incr, dec);
      incrs.push(incr);
      fixedDec.set(incr, dec);
    }
  }
  return incrs;
}
var EMPTY_OBJ = {};
var EMPTY_ARR = [];
var nullNullTuple = [null, null];
var isArr = Array.isArray;
var isInt = Number.isInteger;
var isUndef = (v2) => v2 === void 0;
function isStr(v2) {
  return typeof v2 == "string";
}
function isObj(v2) {
  let is = false;
  if (v2 != null) {
    let c2 = v2.constructor;
    is = c2 == null || c2 == Object;
  }
  return is;
}
function fastIsObj(v2) {
  return v2 != null && typeof v2 == "object";
}
var TypedArray = Object.getPrototypeOf(Uint8Array);
var __proto__ = "__proto__";
function copy(o2, _isObj = isObj) {
  let out;
  if (isArr(o2)) {
    let val = o2.find((v2) => v2 != null);
    if (isArr(val) || _isObj(val)) {
      out = Array(o2.length);
      for (let i2 = 0; i2 < o2.length; i2++)
        out[i2] = copy(o2[i2], _isObj);
    } else
      out = o2.slice();
  } else if (o2 instanceof TypedArray)
    out = o2.slice();
  else if (_isObj(o2)) {
    out = {};
    for (let k in o2) {
      if (k != __proto__)
        out[k] = copy(o2[k], _isObj);
    }
  } else
    out = o2;
  return out;
}
function assign(targ) {
  let args = arguments;
  for (let i2 = 1; i2 < args.length; i2++) {
    let src = args[i2];
    for (let key in src) {
      if (key != __proto__) {
        if (isObj(targ[key]))
          assign(targ[key], copy(src[key]));
        else
          targ[key] = copy(src[key]);
      }
    }
  }
  return targ;
}
var NULL_REMOVE = 0;
var NULL_RETAIN = 1;
var NULL_EXPAND = 2;
function nullExpand(yVals, nullIdxs, alignedLen) {
  for (let i2 = 0, xi, lastNullIdx = -1; i2 < nullIdxs.length; i2++) {
    let nullIdx = nullIdxs[i2];
    if (nullIdx > lastNullIdx) {
      xi = nullIdx - 1;
      while (xi >= 0 && yVals[xi] == null)
        yVals[xi--] = null;
      xi = nullIdx + 1;
      while (xi < alignedLen && yVals[xi] == null)
        yVals[lastNullIdx = xi++] = null;
    }
  }
}
function join(tables, nullModes) {
  if (allHeadersSame(tables)) {
    let table = tables[0].slice();
    for (let i2 = 1; i2 < tables.length; i2++)
      table.push(...tables[i2].slice(1));
    if (!isAsc(table[0]))
      table = sortCols(table);
    return table;
  }
  let xVals = /* @__PURE__ */ new Set();
  for (let ti = 0; ti < tables.length; ti++) {
    let t2 = tables[ti];
    let xs = t2[0];
    let len = xs.length;
    for (let i2 = 0; i2 < len; i2++)
      xVals.add(xs[i2]);
  }
  let data = [Array.from(xVals).sort((a2, b2) => a2 - b2)];
  let alignedLen = data[0].length;
  let xIdxs = /* @__PURE__ */ new Map();
  for (let i2 = 0; i2 < alignedLen; i2++)
    xIdxs.set(data[0][i2], i2);
  for (let ti = 0; ti < tables.length; ti++) {
    let t2 = tables[ti];
    let xs = t2[0];
    for (let si = 1; si < t2.length; si++) {
      let ys = t2[si];
      let yVals = Array(alignedLen).fill(void 0);
      let nullMode = nullModes ? nullModes[ti][si] : NULL_RETAIN;
      let nullIdxs = [];
      for (let i2 = 0; i2 < ys.length; i2++) {
        let yVal = ys[i2];
        let alignedIdx = xIdxs.get(xs[i2]);
        if (yVal === null) {
          if (nullMode != NULL_REMOVE) {
            yVals[alignedIdx] = yVal;
            if (nullMode == NULL_EXPAND)
              nullIdxs.push(alignedIdx);
          }
        } else
          yVals[alignedIdx] = yVal;
      }
      nullExpand(yVals, nullIdxs, alignedLen);
      data.push(yVals);
    }
  }
  return data;
}
var microTask = typeof queueMicrotask == "undefined" ? (fn) => Promise.resolve().then(fn) : queueMicrotask;
function sortCols(table) {
  let head = table[0];
  let rlen = head.length;
  let idxs = Array(rlen);
  for (let i2 = 0; i2 < idxs.length; i2++)
    idxs[i2] = i2;
  idxs.sort((i0, i1) => head[i0] - head[i1]);
  let table2 = [];
  for (let i2 = 0; i2 < table.length; i2++) {
    let row = table[i2];
    let row2 = Array(rlen);
    for (let j = 0; j < rlen; j++)
      row2[j] = row[idxs[j]];
    table2.push(row2);
  }
  return table2;
}
function allHeadersSame(tables) {
  let vals0 = tables[0][0];
  let len0 = vals0.length;
  for (let i2 = 1; i2 < tables.length; i2++) {
    let vals1 = tables[i2][0];
    if (vals1.length != len0)
      return false;
    if (vals1 != vals0) {
      for (let j = 0; j < len0; j++) {
        if (vals1[j] != vals0[j])
          return false;
      }
    }
  }
  return true;
}
function isAsc(vals, samples = 100) {
  const len = vals.length;
  if (len <= 1)
    return true;
  let firstIdx = 0;
  let lastIdx = len - 1;
  while (firstIdx <= lastIdx && vals[firstIdx] == null)
    firstIdx++;
  while (lastIdx >= firstIdx && vals[lastIdx] == null)
    lastIdx--;
  if (lastIdx <= firstIdx)
    return true;
  const stride = max(1, floor((lastIdx - firstIdx + 1) / samples));
  for (let prevVal = vals[firstIdx], i2 = firstIdx + stride; i2 <= lastIdx; i2 += stride) {
    const v2 = vals[i2];
    if (v2 != null) {
      if (v2 <= prevVal)
        return false;
      prevVal = v2;
    }
  }
  return true;
}
var months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December"
];
var days = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday"
];
function slice3(str) {
  return str.slice(0, 3);
}
var days3 = days.map(slice3);
var months3 = months.map(slice3);
var engNames = {
  MMMM: months,
  MMM: months3,
  WWWW: days,
  WWW: days3
};
function zeroPad2(int) {
  return (int < 10 ? "0" : "") + int;
}
function zeroPad3(int) {
  return (int < 10 ? "00" : int < 100 ? "0" : "") + int;
}
var subs = {
  // 2019
  YYYY: (d2) => d2.getFullYear(),
  // 19
  YY: (d2) => (d2.getFullYear() + "").slice(2),
  // July
  MMMM: (d2, names) => names.MMMM[d2.getMonth()],
  // Jul
  MMM: (d2, names) => names.MMM[d2.getMonth()],
  // 07
  MM: (d2) => zeroPad2(d2.getMonth() + 1),
  // 7
  M: (d2) => d2.getMonth() + 1,
  // 09
  DD: (d2) => zeroPad2(d2.getDate()),
  // 9
  D: (d2) => d2.getDate(),
  // Monday
  WWWW: (d2, names) => names.WWWW[d2.getDay()],
  // Mon
  WWW: (d2, names) => names.WWW[d2.getDay()],
  // 03
  HH: (d2) => zeroPad2(d2.getHours()),
  // 3
  H: (d2) => d2.getHours(),
  // 9 (12hr, unpadded)
  h: (d2) => {
    let h2 = d2.getHours();
    return h2 == 0 ? 12 : h2 > 12 ? h2 - 12 : h2;
  },
  // AM
  AA: (d2) => d2.getHours() >= 12 ? "PM" : "AM",
  // am
  aa: (d2) => d2.getHours() >= 12 ? "pm" : "am",
  // a
  a: (d2) => d2.getHours() >= 12 ? "p" : "a",
  // 09
  mm: (d2) => zeroPad2(d2.getMinutes()),
  // 9
  m: (d2) => d2.getMinutes(),
  // 09
  ss: (d2) => zeroPad2(d2.getSeconds()),
  // 9
  s: (d2) => d2.getSeconds(),
  // 374
  fff: (d2) => zeroPad3(d2.getMilliseconds())
};
function fmtDate(tpl, names) {
  names = names || engNames;
  let parts = [];
  let R = /\{([a-z]+)\}|[^{]+/gi, m2;
  while (m2 = R.exec(tpl))
    parts.push(m2[0][0] == "{" ? subs[m2[1]] : m2[0]);
  return (d2) => {
    let out = "";
    for (let i2 = 0; i2 < parts.length; i2++)
      out += typeof parts[i2] == "string" ? parts[i2] : parts[i2](d2, names);
    return out;
  };
}
var localTz = new Intl.DateTimeFormat().resolvedOptions().timeZone;
function tzDate(date3, tz) {
  let date22;
  if (tz == "UTC" || tz == "Etc/UTC")
    date22 = new Date(+date3 + date3.getTimezoneOffset() * 6e4);
  else if (tz == localTz)
    date22 = date3;
  else {
    date22 = new Date(date3.toLocaleString("en-US", { timeZone: tz }));
    date22.setMilliseconds(date3.getMilliseconds());
  }
  return date22;
}
var onlyWhole = (v2) => v2 % 1 == 0;
var allMults = [1, 2, 2.5, 5];
var decIncrs = genIncrs(10, -32, 0, allMults);
var oneIncrs = genIncrs(10, 0, 32, allMults);
var wholeIncrs = oneIncrs.filter(onlyWhole);
var numIncrs = decIncrs.concat(oneIncrs);
var NL = "\n";
var yyyy = "{YYYY}";
var NLyyyy = NL + yyyy;
var md = "{M}/{D}";
var NLmd = NL + md;
var NLmdyy = NLmd + "/{YY}";
var aa = "{aa}";
var hmm = "{h}:{mm}";
var hmmaa = hmm + aa;
var NLhmmaa = NL + hmmaa;
var ss = ":{ss}";
var _ = null;
function genTimeStuffs(ms) {
  let s2 = ms * 1e3, m2 = s2 * 60, h2 = m2 * 60, d2 = h2 * 24, mo = d2 * 30, y2 = d2 * 365;
  let subSecIncrs = ms == 1 ? genIncrs(10, 0, 3, allMults).filter(onlyWhole) : genIncrs(10, -3, 0, allMults);
  let timeIncrs = subSecIncrs.concat([
    // minute divisors (# of secs)
    s2,
    s2 * 5,
    s2 * 10,
    s2 * 15,
    s2 * 30,
    // hour divisors (# of mins)
    m2,
    m2 * 5,
    m2 * 10,
    m2 * 15,
    m2 * 30,
    // day divisors (# of hrs)
    h2,
    h2 * 2,
    h2 * 3,
    h2 * 4,
    h2 * 6,
    h2 * 8,
    h2 * 12,
    // month divisors TODO: need more?
    d2,
    d2 * 2,
    d2 * 3,
    d2 * 4,
    d2 * 5,
    d2 * 6,
    d2 * 7,
    d2 * 8,
    d2 * 9,
    d2 * 10,
    d2 * 15,
    // year divisors (# months, approx)
    mo,
    mo * 2,
    mo * 3,
    mo * 4,
    mo * 6,
    // century divisors
    y2,
    y2 * 2,
    y2 * 5,
    y2 * 10,
    y2 * 25,
    y2 * 50,
    y2 * 100
  ]);
  const _timeAxisStamps = [
    //   tick incr    default          year                    month   day                   hour    min       sec   mode
    [y2, yyyy, _, _, _, _, _, _, 1],
    [d2 * 28, "{MMM}", NLyyyy, _, _, _, _, _, 1],
    [d2, md, NLyyyy, _, _, _, _, _, 1],
    [h2, "{h}" + aa, NLmdyy, _, NLmd, _, _, _, 1],
    [m2, hmmaa, NLmdyy, _, NLmd, _, _, _, 1],
    [s2, ss, NLmdyy + " " + hmmaa, _, NLmd + " " + hmmaa, _, NLhmmaa, _, 1],
    [ms, ss + ".{fff}", NLmdyy + " " + hmmaa, _, NLmd + " " + hmmaa, _, NLhmmaa, _, 1]
  ];
  function timeAxisSplits(tzDate2) {
    return (self, axisIdx, scaleMin, scaleMax, foundIncr, foundSpace) => {
      let splits = [];
      let isYr = foundIncr >= y2;
      let isMo = foundIncr >= mo && foundIncr < y2;
      let minDate = tzDate2(scaleMin);
      let minDateTs = roundDec(minDate * ms, 3);
      let minMin = mkDate(minDate.getFullYear(), isYr ? 0 : minDate.getMonth(), isMo || isYr ? 1 : minDate.getDate());
      let minMinTs = roundDec(minMin * ms, 3);
      if (isMo || isYr) {
        let moIncr = isMo ? foundIncr / mo : 0;
        let yrIncr = isYr ? foundIncr / y2 : 0;
        let split = minDateTs == minMinTs ? minDateTs : roundDec(mkDate(minMin.getFullYear() + yrIncr, minMin.getMonth() + moIncr, 1) * ms, 3);
        let splitDate = new Date(round(split / ms));
        let baseYear = splitDate.getFullYear();
        let baseMonth = splitDate.getMonth();
        for (let i2 = 0; split <= scaleMax; i2++) {
          let next = mkDate(baseYear + yrIncr * i2, baseMonth + moIncr * i2, 1);
          let offs = next - tzDate2(roundDec(next * ms, 3));
          split = roundDec((+next + offs) * ms, 3);
          if (split <= scaleMax)
            splits.push(split);
        }
      } else {
        let incr0 = foundIncr >= d2 ? d2 : foundIncr;
        let tzOffset = floor(scaleMin) - floor(minDateTs);
        let split = minMinTs + tzOffset + incrRoundUp(minDateTs - minMinTs, incr0);
        splits.push(split);
        let date0 = tzDate2(split);
        let prevHour = date0.getHours() + date0.getMinutes() / m2 + date0.getSeconds() / h2;
        let incrHours = foundIncr / h2;
        let minSpace = self.axes[axisIdx]._space;
        let pctSpace = foundSpace / minSpace;
        while (1) {
          split = roundDec(split + foundIncr, ms == 1 ? 0 : 3);
          if (split > scaleMax)
            break;
          if (incrHours > 1) {
            let expectedHour = floor(roundDec(prevHour + incrHours, 6)) % 24;
            let splitDate = tzDate2(split);
            let actualHour = splitDate.getHours();
            let dstShift = actualHour - expectedHour;
            if (dstShift > 1)
              dstShift = -1;
            split -= dstShift * h2;
            prevHour = (prevHour + incrHours) % 24;
            let prevSplit = splits[splits.length - 1];
            let pctIncr = roundDec((split - prevSplit) / foundIncr, 3);
            if (pctIncr * pctSpace >= 0.7)
              splits.push(split);
          } else
            splits.push(split);
        }
      }
      return splits;
    };
  }
  return [
    timeIncrs,
    _timeAxisStamps,
    timeAxisSplits
  ];
}
var [timeIncrsMs, _timeAxisStampsMs, timeAxisSplitsMs] = genTimeStuffs(1);
var [timeIncrsS, _timeAxisStampsS, timeAxisSplitsS] = genTimeStuffs(1e-3);
genIncrs(2, -53, 53, [1]);
function timeAxisStamps(stampCfg, fmtDate2) {
  return stampCfg.map((s2) => s2.map(
    (v2, i2) => i2 == 0 || i2 == 8 || v2 == null ? v2 : fmtDate2(i2 == 1 || s2[8] == 0 ? v2 : s2[1] + v2)
  ));
}
function timeAxisVals(tzDate2, stamps) {
  return (self, splits, axisIdx, foundSpace, foundIncr) => {
    let s2 = stamps.find((s3) => foundIncr >= s3[0]) || stamps[stamps.length - 1];
    let prevYear;
    let prevMnth;
    let prevDate;
    let prevHour;
    let prevMins;
    let prevSecs;
    return splits.map((split) => {
      let date3 = tzDate2(split);
      let newYear = date3.getFullYear();
      let newMnth = date3.getMonth();
      let newDate = date3.getDate();
      let newHour = date3.getHours();
      let newMins = date3.getMinutes();
      let newSecs = date3.getSeconds();
      let stamp = newYear != prevYear && s2[2] || newMnth != prevMnth && s2[3] || newDate != prevDate && s2[4] || newHour != prevHour && s2[5] || newMins != prevMins && s2[6] || newSecs != prevSecs && s2[7] || s2[1];
      prevYear = newYear;
      prevMnth = newMnth;
      prevDate = newDate;
      prevHour = newHour;
      prevMins = newMins;
      prevSecs = newSecs;
      return stamp(date3);
    });
  };
}
function timeAxisVal(tzDate2, dateTpl) {
  let stamp = fmtDate(dateTpl);
  return (self, splits, axisIdx, foundSpace, foundIncr) => splits.map((split) => stamp(tzDate2(split)));
}
function mkDate(y2, m2, d2) {
  return new Date(y2, m2, d2);
}
function timeSeriesStamp(stampCfg, fmtDate2) {
  return fmtDate2(stampCfg);
}
var _timeSeriesStamp = "{YYYY}-{MM}-{DD} {h}:{mm}{aa}";
function timeSeriesVal(tzDate2, stamp) {
  return (self, val, seriesIdx, dataIdx) => dataIdx == null ? LEGEND_DISP : stamp(tzDate2(val));
}
function legendStroke(self, seriesIdx) {
  let s2 = self.series[seriesIdx];
  return s2.width ? s2.stroke(self, seriesIdx) : s2.points.width ? s2.points.stroke(self, seriesIdx) : null;
}
function legendFill(self, seriesIdx) {
  return self.series[seriesIdx].fill(self, seriesIdx);
}
var legendOpts = {
  show: true,
  live: true,
  isolate: false,
  mount: noop,
  markers: {
    show: true,
    width: 2,
    stroke: legendStroke,
    fill: legendFill,
    dash: "solid"
  },
  idx: null,
  idxs: null,
  values: []
};
function cursorPointShow(self, si) {
  let o2 = self.cursor.points;
  let pt = placeDiv();
  let size = o2.size(self, si);
  setStylePx(pt, WIDTH, size);
  setStylePx(pt, HEIGHT, size);
  let mar = size / -2;
  setStylePx(pt, "marginLeft", mar);
  setStylePx(pt, "marginTop", mar);
  let width = o2.width(self, si, size);
  width && setStylePx(pt, "borderWidth", width);
  return pt;
}
function cursorPointFill(self, si) {
  let sp = self.series[si].points;
  return sp._fill || sp._stroke;
}
function cursorPointStroke(self, si) {
  let sp = self.series[si].points;
  return sp._stroke || sp._fill;
}
function cursorPointSize(self, si) {
  let sp = self.series[si].points;
  return sp.size;
}
var moveTuple = [0, 0];
function cursorMove(self, mouseLeft1, mouseTop1) {
  moveTuple[0] = mouseLeft1;
  moveTuple[1] = mouseTop1;
  return moveTuple;
}
function filtBtn0(self, targ, handle, onlyTarg = true) {
  return (e) => {
    e.button == 0 && (!onlyTarg || e.target == targ) && handle(e);
  };
}
function filtTarg(self, targ, handle, onlyTarg = true) {
  return (e) => {
    (!onlyTarg || e.target == targ) && handle(e);
  };
}
var cursorOpts = {
  show: true,
  x: true,
  y: true,
  lock: false,
  move: cursorMove,
  points: {
    one: false,
    show: cursorPointShow,
    size: cursorPointSize,
    width: 0,
    stroke: cursorPointStroke,
    fill: cursorPointFill
  },
  bind: {
    mousedown: filtBtn0,
    mouseup: filtBtn0,
    click: filtBtn0,
    // legend clicks, not .u-over clicks
    dblclick: filtBtn0,
    mousemove: filtTarg,
    mouseleave: filtTarg,
    mouseenter: filtTarg
  },
  drag: {
    setScale: true,
    x: true,
    y: false,
    dist: 0,
    uni: null,
    click: (self, e) => {
      e.stopPropagation();
      e.stopImmediatePropagation();
    },
    _x: false,
    _y: false
  },
  focus: {
    dist: (self, seriesIdx, dataIdx, valPos, curPos) => valPos - curPos,
    prox: -1,
    bias: 0
  },
  hover: {
    skip: [void 0],
    prox: null,
    bias: 0
  },
  left: -10,
  top: -10,
  idx: null,
  dataIdx: null,
  idxs: null,
  event: null
};
var axisLines = {
  show: true,
  stroke: "rgba(0,0,0,0.07)",
  width: 2
  //	dash: [],
};
var grid = assign({}, axisLines, {
  filter: retArg1
});
var ticks = assign({}, grid, {
  size: 10
});
var border = assign({}, axisLines, {
  show: false
});
var font = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"';
var labelFont = "bold " + font;
var lineGap = 1.5;
var xAxisOpts = {
  show: true,
  scale: "x",
  stroke: hexBlack,
  space: 50,
  gap: 5,
  alignTo: 1,
  size: 50,
  labelGap: 0,
  labelSize: 30,
  labelFont,
  side: 2,
  //	class: "x-vals",
  //	incrs: timeIncrs,
  //	values: timeVals,
  //	filter: retArg1,
  grid,
  ticks,
  border,
  font,
  lineGap,
  rotate: 0
};
var numSeriesLabel = "Value";
var timeSeriesLabel = "Time";
var xSeriesOpts = {
  show: true,
  scale: "x",
  auto: false,
  sorted: 1,
  //	label: "Time",
  //	value: v => stamp(new Date(v * 1e3)),
  // internal caches
  min: inf,
  max: -inf,
  idxs: []
};
function numAxisVals(self, splits, axisIdx, foundSpace, foundIncr) {
  return splits.map((v2) => v2 == null ? "" : fmtNum(v2));
}
function numAxisSplits(self, axisIdx, scaleMin, scaleMax, foundIncr, foundSpace, forceMin) {
  let splits = [];
  let numDec = fixedDec.get(foundIncr) || 0;
  scaleMin = forceMin ? scaleMin : roundDec(incrRoundUp(scaleMin, foundIncr), numDec);
  for (let val = scaleMin; val <= scaleMax; val = roundDec(val + foundIncr, numDec))
    splits.push(Object.is(val, -0) ? 0 : val);
  return splits;
}
function logAxisSplits(self, axisIdx, scaleMin, scaleMax, foundIncr, foundSpace, forceMin) {
  const splits = [];
  const logBase = self.scales[self.axes[axisIdx].scale].log;
  const logFn = logBase == 10 ? log10 : log2;
  const exp = floor(logFn(scaleMin));
  foundIncr = pow(logBase, exp);
  if (logBase == 10)
    foundIncr = numIncrs[closestIdx(foundIncr, numIncrs)];
  let split = scaleMin;
  let nextMagIncr = foundIncr * logBase;
  if (logBase == 10)
    nextMagIncr = numIncrs[closestIdx(nextMagIncr, numIncrs)];
  do {
    splits.push(split);
    split = split + foundIncr;
    if (logBase == 10 && !fixedDec.has(split))
      split = roundDec(split, fixedDec.get(foundIncr));
    if (split >= nextMagIncr) {
      foundIncr = split;
      nextMagIncr = foundIncr * logBase;
      if (logBase == 10)
        nextMagIncr = numIncrs[closestIdx(nextMagIncr, numIncrs)];
    }
  } while (split <= scaleMax);
  return splits;
}
function asinhAxisSplits(self, axisIdx, scaleMin, scaleMax, foundIncr, foundSpace, forceMin) {
  let sc = self.scales[self.axes[axisIdx].scale];
  let linthresh = sc.asinh;
  let posSplits = scaleMax > linthresh ? logAxisSplits(self, axisIdx, max(linthresh, scaleMin), scaleMax, foundIncr) : [linthresh];
  let zero = scaleMax >= 0 && scaleMin <= 0 ? [0] : [];
  let negSplits = scaleMin < -linthresh ? logAxisSplits(self, axisIdx, max(linthresh, -scaleMax), -scaleMin, foundIncr) : [linthresh];
  return negSplits.reverse().map((v2) => -v2).concat(zero, posSplits);
}
var RE_ALL = /./;
var RE_12357 = /[12357]/;
var RE_125 = /[125]/;
var RE_1 = /1/;
var _filt = (splits, distr, re, keepMod) => splits.map((v2, i2) => distr == 4 && v2 == 0 || i2 % keepMod == 0 && re.test(v2.toExponential()[v2 < 0 ? 1 : 0]) ? v2 : null);
function log10AxisValsFilt(self, splits, axisIdx, foundSpace, foundIncr) {
  let axis = self.axes[axisIdx];
  let scaleKey = axis.scale;
  let sc = self.scales[scaleKey];
  let valToPos = self.valToPos;
  let minSpace = axis._space;
  let _10 = valToPos(10, scaleKey);
  let re = valToPos(9, scaleKey) - _10 >= minSpace ? RE_ALL : valToPos(7, scaleKey) - _10 >= minSpace ? RE_12357 : valToPos(5, scaleKey) - _10 >= minSpace ? RE_125 : RE_1;
  if (re == RE_1) {
    let magSpace = abs(valToPos(1, scaleKey) - _10);
    if (magSpace < minSpace)
      return _filt(splits.slice().reverse(), sc.distr, re, ceil(minSpace / magSpace)).reverse();
  }
  return _filt(splits, sc.distr, re, 1);
}
function log2AxisValsFilt(self, splits, axisIdx, foundSpace, foundIncr) {
  let axis = self.axes[axisIdx];
  let scaleKey = axis.scale;
  let minSpace = axis._space;
  let valToPos = self.valToPos;
  let magSpace = abs(valToPos(1, scaleKey) - valToPos(2, scaleKey));
  if (magSpace < minSpace)
    return _filt(splits.slice().reverse(), 3, RE_ALL, ceil(minSpace / magSpace)).reverse();
  return splits;
}
function numSeriesVal(self, val, seriesIdx, dataIdx) {
  return dataIdx == null ? LEGEND_DISP : val == null ? "" : fmtNum(val);
}
var yAxisOpts = {
  show: true,
  scale: "y",
  stroke: hexBlack,
  space: 30,
  gap: 5,
  alignTo: 1,
  size: 50,
  labelGap: 0,
  labelSize: 30,
  labelFont,
  side: 3,
  //	class: "y-vals",
  //	incrs: numIncrs,
  //	values: (vals, space) => vals,
  //	filter: retArg1,
  grid,
  ticks,
  border,
  font,
  lineGap,
  rotate: 0
};
function ptDia(width, mult) {
  let dia = 3 + (width || 1) * 2;
  return roundDec(dia * mult, 3);
}
function seriesPointsShow(self, si) {
  let { scale, idxs } = self.series[0];
  let xData = self._data[0];
  let p0 = self.valToPos(xData[idxs[0]], scale, true);
  let p1 = self.valToPos(xData[idxs[1]], scale, true);
  let dim = abs(p1 - p0);
  let s2 = self.series[si];
  let maxPts = dim / (s2.points.space * pxRatio);
  return idxs[1] - idxs[0] <= maxPts;
}
var facet = {
  scale: null,
  auto: true,
  sorted: 0,
  // internal caches
  min: inf,
  max: -inf
};
var gaps = (self, seriesIdx, idx0, idx1, nullGaps) => nullGaps;
var xySeriesOpts = {
  show: true,
  auto: true,
  sorted: 0,
  gaps,
  alpha: 1,
  facets: [
    assign({}, facet, { scale: "x" }),
    assign({}, facet, { scale: "y" })
  ]
};
var ySeriesOpts = {
  scale: "y",
  auto: true,
  sorted: 0,
  show: true,
  spanGaps: false,
  gaps,
  alpha: 1,
  points: {
    show: seriesPointsShow,
    filter: null
    //  paths:
    //	stroke: "#000",
    //	fill: "#fff",
    //	width: 1,
    //	size: 10,
  },
  //	label: "Value",
  //	value: v => v,
  values: null,
  // internal caches
  min: inf,
  max: -inf,
  idxs: [],
  path: null,
  clip: null
};
function clampScale(self, val, scaleMin, scaleMax, scaleKey) {
  return scaleMin / 10;
}
var xScaleOpts = {
  time: FEAT_TIME,
  auto: true,
  distr: 1,
  log: 10,
  asinh: 1,
  min: null,
  max: null,
  dir: 1,
  ori: 0
};
var yScaleOpts = assign({}, xScaleOpts, {
  time: false,
  ori: 1
});
var syncs = {};
function _sync(key, opts) {
  let s2 = syncs[key];
  if (!s2) {
    s2 = {
      key,
      plots: [],
      sub(plot) {
        s2.plots.push(plot);
      },
      unsub(plot) {
        s2.plots = s2.plots.filter((c2) => c2 != plot);
      },
      pub(type, self, x2, y2, w2, h2, i2) {
        for (let j = 0; j < s2.plots.length; j++)
          s2.plots[j] != self && s2.plots[j].pub(type, self, x2, y2, w2, h2, i2);
      }
    };
    if (key != null)
      syncs[key] = s2;
  }
  return s2;
}
var BAND_CLIP_FILL = 1 << 0;
var BAND_CLIP_STROKE = 1 << 1;
function orient(u2, seriesIdx, cb) {
  const mode = u2.mode;
  const series = u2.series[seriesIdx];
  const data = mode == 2 ? u2._data[seriesIdx] : u2._data;
  const scales = u2.scales;
  const bbox = u2.bbox;
  let dx = data[0], dy = mode == 2 ? data[1] : data[seriesIdx], sx = mode == 2 ? scales[series.facets[0].scale] : scales[u2.series[0].scale], sy = mode == 2 ? scales[series.facets[1].scale] : scales[series.scale], l2 = bbox.left, t2 = bbox.top, w2 = bbox.width, h2 = bbox.height, H2 = u2.valToPosH, V2 = u2.valToPosV;
  return sx.ori == 0 ? cb(
    series,
    dx,
    dy,
    sx,
    sy,
    H2,
    V2,
    l2,
    t2,
    w2,
    h2,
    moveToH,
    lineToH,
    rectH,
    arcH,
    bezierCurveToH
  ) : cb(
    series,
    dx,
    dy,
    sx,
    sy,
    V2,
    H2,
    t2,
    l2,
    h2,
    w2,
    moveToV,
    lineToV,
    rectV,
    arcV,
    bezierCurveToV
  );
}
function bandFillClipDirs(self, seriesIdx) {
  let fillDir = 0;
  let clipDirs = 0;
  let bands = ifNull(self.bands, EMPTY_ARR);
  for (let i2 = 0; i2 < bands.length; i2++) {
    let b2 = bands[i2];
    if (b2.series[0] == seriesIdx)
      fillDir = b2.dir;
    else if (b2.series[1] == seriesIdx) {
      if (b2.dir == 1)
        clipDirs |= 1;
      else
        clipDirs |= 2;
    }
  }
  return [
    fillDir,
    clipDirs == 1 ? -1 : (
      // neg only
      clipDirs == 2 ? 1 : (
        // pos only
        clipDirs == 3 ? 2 : (
          // both
          0
        )
      )
    )
  ];
}
function seriesFillTo(self, seriesIdx, dataMin, dataMax, bandFillDir) {
  let mode = self.mode;
  let series = self.series[seriesIdx];
  let scaleKey = mode == 2 ? series.facets[1].scale : series.scale;
  let scale = self.scales[scaleKey];
  return bandFillDir == -1 ? scale.min : bandFillDir == 1 ? scale.max : scale.distr == 3 ? scale.dir == 1 ? scale.min : scale.max : 0;
}
function clipBandLine(self, seriesIdx, idx0, idx1, strokePath, clipDir) {
  return orient(self, seriesIdx, (series, dataX, dataY, scaleX, scaleY, valToPosX, valToPosY, xOff, yOff, xDim, yDim) => {
    let pxRound = series.pxRound;
    const dir = scaleX.dir * (scaleX.ori == 0 ? 1 : -1);
    const lineTo = scaleX.ori == 0 ? lineToH : lineToV;
    let frIdx, toIdx;
    if (dir == 1) {
      frIdx = idx0;
      toIdx = idx1;
    } else {
      frIdx = idx1;
      toIdx = idx0;
    }
    let x0 = pxRound(valToPosX(dataX[frIdx], scaleX, xDim, xOff));
    let y0 = pxRound(valToPosY(dataY[frIdx], scaleY, yDim, yOff));
    let x1 = pxRound(valToPosX(dataX[toIdx], scaleX, xDim, xOff));
    let yLimit = pxRound(valToPosY(clipDir == 1 ? scaleY.max : scaleY.min, scaleY, yDim, yOff));
    let clip = new Path2D(strokePath);
    lineTo(clip, x1, yLimit);
    lineTo(clip, x0, yLimit);
    lineTo(clip, x0, y0);
    return clip;
  });
}
function clipGaps(gaps2, ori, plotLft, plotTop, plotWid, plotHgt) {
  let clip = null;
  if (gaps2.length > 0) {
    clip = new Path2D();
    const rect2 = ori == 0 ? rectH : rectV;
    let prevGapEnd = plotLft;
    for (let i2 = 0; i2 < gaps2.length; i2++) {
      let g2 = gaps2[i2];
      if (g2[1] > g2[0]) {
        let w3 = g2[0] - prevGapEnd;
        w3 > 0 && rect2(clip, prevGapEnd, plotTop, w3, plotTop + plotHgt);
        prevGapEnd = g2[1];
      }
    }
    let w2 = plotLft + plotWid - prevGapEnd;
    let maxStrokeWidth = 10;
    w2 > 0 && rect2(clip, prevGapEnd, plotTop - maxStrokeWidth / 2, w2, plotTop + plotHgt + maxStrokeWidth);
  }
  return clip;
}
function addGap(gaps2, fromX, toX) {
  let prevGap = gaps2[gaps2.length - 1];
  if (prevGap && prevGap[0] == fromX)
    prevGap[1] = toX;
  else
    gaps2.push([fromX, toX]);
}
function findGaps(xs, ys, idx0, idx1, dir, pixelForX, align) {
  let gaps2 = [];
  let len = xs.length;
  for (let i2 = dir == 1 ? idx0 : idx1; i2 >= idx0 && i2 <= idx1; i2 += dir) {
    let yVal = ys[i2];
    if (yVal === null) {
      let fr = i2, to = i2;
      if (dir == 1) {
        while (++i2 <= idx1 && ys[i2] === null)
          to = i2;
      } else {
        while (--i2 >= idx0 && ys[i2] === null)
          to = i2;
      }
      let frPx = pixelForX(xs[fr]);
      let toPx = to == fr ? frPx : pixelForX(xs[to]);
      let fri2 = fr - dir;
      let frPx2 = align <= 0 && fri2 >= 0 && fri2 < len ? pixelForX(xs[fri2]) : frPx;
      frPx = frPx2;
      let toi2 = to + dir;
      let toPx2 = align >= 0 && toi2 >= 0 && toi2 < len ? pixelForX(xs[toi2]) : toPx;
      toPx = toPx2;
      if (toPx >= frPx)
        gaps2.push([frPx, toPx]);
    }
  }
  return gaps2;
}
function pxRoundGen(pxAlign) {
  return pxAlign == 0 ? retArg0 : pxAlign == 1 ? round : (v2) => incrRound(v2, pxAlign);
}
function rect(ori) {
  let moveTo = ori == 0 ? moveToH : moveToV;
  let arcTo = ori == 0 ? (p2, x1, y1, x2, y2, r2) => {
    p2.arcTo(x1, y1, x2, y2, r2);
  } : (p2, y1, x1, y2, x2, r2) => {
    p2.arcTo(x1, y1, x2, y2, r2);
  };
  let rect2 = ori == 0 ? (p2, x2, y2, w2, h2) => {
    p2.rect(x2, y2, w2, h2);
  } : (p2, y2, x2, h2, w2) => {
    p2.rect(x2, y2, w2, h2);
  };
  return (p2, x2, y2, w2, h2, endRad = 0, baseRad = 0) => {
    if (endRad == 0 && baseRad == 0)
      rect2(p2, x2, y2, w2, h2);
    else {
      endRad = min(endRad, w2 / 2, h2 / 2);
      baseRad = min(baseRad, w2 / 2, h2 / 2);
      moveTo(p2, x2 + endRad, y2);
      arcTo(p2, x2 + w2, y2, x2 + w2, y2 + h2, endRad);
      arcTo(p2, x2 + w2, y2 + h2, x2, y2 + h2, baseRad);
      arcTo(p2, x2, y2 + h2, x2, y2, baseRad);
      arcTo(p2, x2, y2, x2 + w2, y2, endRad);
      p2.closePath();
    }
  };
}
var moveToH = (p2, x2, y2) => {
  p2.moveTo(x2, y2);
};
var moveToV = (p2, y2, x2) => {
  p2.moveTo(x2, y2);
};
var lineToH = (p2, x2, y2) => {
  p2.lineTo(x2, y2);
};
var lineToV = (p2, y2, x2) => {
  p2.lineTo(x2, y2);
};
var rectH = rect(0);
var rectV = rect(1);
var arcH = (p2, x2, y2, r2, startAngle, endAngle) => {
  p2.arc(x2, y2, r2, startAngle, endAngle);
};
var arcV = (p2, y2, x2, r2, startAngle, endAngle) => {
  p2.arc(x2, y2, r2, startAngle, endAngle);
};
var bezierCurveToH = (p2, bp1x, bp1y, bp2x, bp2y, p2x, p2y) => {
  p2.bezierCurveTo(bp1x, bp1y, bp2x, bp2y, p2x, p2y);
};
var bezierCurveToV = (p2, bp1y, bp1x, bp2y, bp2x, p2y, p2x) => {
  p2.bezierCurveTo(bp1x, bp1y, bp2x, bp2y, p2x, p2y);
};
function points(opts) {
  return (u2, seriesIdx, idx0, idx1, filtIdxs) => {
    return orient(u2, seriesIdx, (series, dataX, dataY, scaleX, scaleY, valToPosX, valToPosY, xOff, yOff, xDim, yDim) => {
      let { pxRound, points: points2 } = series;
      let moveTo, arc;
      if (scaleX.ori == 0) {
        moveTo = moveToH;
        arc = arcH;
      } else {
        moveTo = moveToV;
        arc = arcV;
      }
      const width = roundDec(points2.width * pxRatio, 3);
      let rad = (points2.size - points2.width) / 2 * pxRatio;
      let dia = roundDec(rad * 2, 3);
      let fill2 = new Path2D();
      let clip = new Path2D();
      let { left: lft, top, width: wid, height: hgt } = u2.bbox;
      rectH(
        clip,
        lft - dia,
        top - dia,
        wid + dia * 2,
        hgt + dia * 2
      );
      const drawPoint = (pi) => {
        if (dataY[pi] != null) {
          let x2 = pxRound(valToPosX(dataX[pi], scaleX, xDim, xOff));
          let y2 = pxRound(valToPosY(dataY[pi], scaleY, yDim, yOff));
          moveTo(fill2, x2 + rad, y2);
          arc(fill2, x2, y2, rad, 0, PI * 2);
        }
      };
      if (filtIdxs)
        filtIdxs.forEach(drawPoint);
      else {
        for (let pi = idx0; pi <= idx1; pi++)
          drawPoint(pi);
      }
      return {
        stroke: width > 0 ? fill2 : null,
        fill: fill2,
        clip,
        flags: BAND_CLIP_FILL | BAND_CLIP_STROKE
      };
    });
  };
}
function _drawAcc(lineTo) {
  return (stroke, accX, minY, maxY, inY, outY) => {
    if (minY != maxY) {
      if (inY != minY && outY != minY)
        lineTo(stroke, accX, minY);
      if (inY != maxY && outY != maxY)
        lineTo(stroke, accX, maxY);
      lineTo(stroke, accX, outY);
    }
  };
}
var drawAccH = _drawAcc(lineToH);
var drawAccV = _drawAcc(lineToV);
function linear(opts) {
  const alignGaps = ifNull(opts?.alignGaps, 0);
  return (u2, seriesIdx, idx0, idx1) => {
    return orient(u2, seriesIdx, (series, dataX, dataY, scaleX, scaleY, valToPosX, valToPosY, xOff, yOff, xDim, yDim) => {
      [idx0, idx1] = nonNullIdxs(dataY, idx0, idx1);
      let pxRound = series.pxRound;
      let pixelForX = (val) => pxRound(valToPosX(val, scaleX, xDim, xOff));
      let pixelForY = (val) => pxRound(valToPosY(val, scaleY, yDim, yOff));
      let lineTo, drawAcc;
      if (scaleX.ori == 0) {
        lineTo = lineToH;
        drawAcc = drawAccH;
      } else {
        lineTo = lineToV;
        drawAcc = drawAccV;
      }
      const dir = scaleX.dir * (scaleX.ori == 0 ? 1 : -1);
      const _paths = { stroke: new Path2D(), fill: null, clip: null, band: null, gaps: null, flags: BAND_CLIP_FILL };
      const stroke = _paths.stroke;
      let hasGap = false;
      const decimate = idx1 - idx0 >= xDim * 4;
      if (decimate) {
        let xForPixel = (pos) => u2.posToVal(pos, scaleX.key, true);
        let minY = null, maxY = null, inY, outY, drawnAtX;
        let accX = pixelForX(dataX[dir == 1 ? idx0 : idx1]);
        let idx0px = pixelForX(dataX[idx0]);
        let idx1px = pixelForX(dataX[idx1]);
        let nextAccXVal = xForPixel(dir == 1 ? idx0px + 1 : idx1px - 1);
        for (let i2 = dir == 1 ? idx0 : idx1; i2 >= idx0 && i2 <= idx1; i2 += dir) {
          let xVal = dataX[i2];
          let reuseAccX = dir == 1 ? xVal < nextAccXVal : xVal > nextAccXVal;
          let x2 = reuseAccX ? accX : pixelForX(xVal);
          let yVal = dataY[i2];
          if (x2 == accX) {
            if (yVal != null) {
              outY = yVal;
              if (minY == null) {
                lineTo(stroke, x2, pixelForY(outY));
                inY = minY = maxY = outY;
              } else {
                if (outY < minY)
                  minY = outY;
                else if (outY > maxY)
                  maxY = outY;
              }
            } else {
              if (yVal === null)
                hasGap = true;
            }
          } else {
            if (minY != null)
              drawAcc(stroke, accX, pixelForY(minY), pixelForY(maxY), pixelForY(inY), pixelForY(outY));
            if (yVal != null) {
              outY = yVal;
              lineTo(stroke, x2, pixelForY(outY));
              minY = maxY = inY = outY;
            } else {
              minY = maxY = null;
              if (yVal === null)
                hasGap = true;
            }
            accX = x2;
            nextAccXVal = xForPixel(accX + dir);
          }
        }
        if (minY != null && minY != maxY && drawnAtX != accX)
          drawAcc(stroke, accX, pixelForY(minY), pixelForY(maxY), pixelForY(inY), pixelForY(outY));
      } else {
        for (let i2 = dir == 1 ? idx0 : idx1; i2 >= idx0 && i2 <= idx1; i2 += dir) {
          let yVal = dataY[i2];
          if (yVal === null)
            hasGap = true;
          else if (yVal != null)
            lineTo(stroke, pixelForX(dataX[i2]), pixelForY(yVal));
        }
      }
      let [bandFillDir, bandClipDir] = bandFillClipDirs(u2, seriesIdx);
      if (series.fill != null || bandFillDir != 0) {
        let fill2 = _paths.fill = new Path2D(stroke);
        let fillToVal = series.fillTo(u2, seriesIdx, series.min, series.max, bandFillDir);
        let fillToY = pixelForY(fillToVal);
        let frX = pixelForX(dataX[idx0]);
        let toX = pixelForX(dataX[idx1]);
        if (dir == -1)
          [toX, frX] = [frX, toX];
        lineTo(fill2, toX, fillToY);
        lineTo(fill2, frX, fillToY);
      }
      if (!series.spanGaps) {
        let gaps2 = [];
        hasGap && gaps2.push(...findGaps(dataX, dataY, idx0, idx1, dir, pixelForX, alignGaps));
        _paths.gaps = gaps2 = series.gaps(u2, seriesIdx, idx0, idx1, gaps2);
        _paths.clip = clipGaps(gaps2, scaleX.ori, xOff, yOff, xDim, yDim);
      }
      if (bandClipDir != 0) {
        _paths.band = bandClipDir == 2 ? [
          clipBandLine(u2, seriesIdx, idx0, idx1, stroke, -1),
          clipBandLine(u2, seriesIdx, idx0, idx1, stroke, 1)
        ] : clipBandLine(u2, seriesIdx, idx0, idx1, stroke, bandClipDir);
      }
      return _paths;
    });
  };
}
function stepped(opts) {
  const align = ifNull(opts.align, 1);
  const ascDesc = ifNull(opts.ascDesc, false);
  const alignGaps = ifNull(opts.alignGaps, 0);
  const extend = ifNull(opts.extend, false);
  return (u2, seriesIdx, idx0, idx1) => {
    return orient(u2, seriesIdx, (series, dataX, dataY, scaleX, scaleY, valToPosX, valToPosY, xOff, yOff, xDim, yDim) => {
      [idx0, idx1] = nonNullIdxs(dataY, idx0, idx1);
      let pxRound = series.pxRound;
      let { left, width } = u2.bbox;
      let pixelForX = (val) => pxRound(valToPosX(val, scaleX, xDim, xOff));
      let pixelForY = (val) => pxRound(valToPosY(val, scaleY, yDim, yOff));
      let lineTo = scaleX.ori == 0 ? lineToH : lineToV;
      const _paths = { stroke: new Path2D(), fill: null, clip: null, band: null, gaps: null, flags: BAND_CLIP_FILL };
      const stroke = _paths.stroke;
      const dir = scaleX.dir * (scaleX.ori == 0 ? 1 : -1);
      let prevYPos = pixelForY(dataY[dir == 1 ? idx0 : idx1]);
      let firstXPos = pixelForX(dataX[dir == 1 ? idx0 : idx1]);
      let prevXPos = firstXPos;
      let firstXPosExt = firstXPos;
      if (extend && align == -1) {
        firstXPosExt = left;
        lineTo(stroke, firstXPosExt, prevYPos);
      }
      lineTo(stroke, firstXPos, prevYPos);
      for (let i2 = dir == 1 ? idx0 : idx1; i2 >= idx0 && i2 <= idx1; i2 += dir) {
        let yVal1 = dataY[i2];
        if (yVal1 == null)
          continue;
        let x1 = pixelForX(dataX[i2]);
        let y1 = pixelForY(yVal1);
        if (align == 1)
          lineTo(stroke, x1, prevYPos);
        else
          lineTo(stroke, prevXPos, y1);
        lineTo(stroke, x1, y1);
        prevYPos = y1;
        prevXPos = x1;
      }
      let prevXPosExt = prevXPos;
      if (extend && align == 1) {
        prevXPosExt = left + width;
        lineTo(stroke, prevXPosExt, prevYPos);
      }
      let [bandFillDir, bandClipDir] = bandFillClipDirs(u2, seriesIdx);
      if (series.fill != null || bandFillDir != 0) {
        let fill2 = _paths.fill = new Path2D(stroke);
        let fillTo = series.fillTo(u2, seriesIdx, series.min, series.max, bandFillDir);
        let fillToY = pixelForY(fillTo);
        lineTo(fill2, prevXPosExt, fillToY);
        lineTo(fill2, firstXPosExt, fillToY);
      }
      if (!series.spanGaps) {
        let gaps2 = [];
        gaps2.push(...findGaps(dataX, dataY, idx0, idx1, dir, pixelForX, alignGaps));
        let halfStroke = series.width * pxRatio / 2;
        let startsOffset = ascDesc || align == 1 ? halfStroke : -halfStroke;
        let endsOffset = ascDesc || align == -1 ? -halfStroke : halfStroke;
        gaps2.forEach((g2) => {
          g2[0] += startsOffset;
          g2[1] += endsOffset;
        });
        _paths.gaps = gaps2 = series.gaps(u2, seriesIdx, idx0, idx1, gaps2);
        _paths.clip = clipGaps(gaps2, scaleX.ori, xOff, yOff, xDim, yDim);
      }
      if (bandClipDir != 0) {
        _paths.band = bandClipDir == 2 ? [
          clipBandLine(u2, seriesIdx, idx0, idx1, stroke, -1),
          clipBandLine(u2, seriesIdx, idx0, idx1, stroke, 1)
        ] : clipBandLine(u2, seriesIdx, idx0, idx1, stroke, bandClipDir);
      }
      return _paths;
    });
  };
}
function findColWidth(dataX, dataY, valToPosX, scaleX, xDim, xOff, colWid = inf) {
  if (dataX.length > 1) {
    let prevIdx = null;
    for (let i2 = 0, minDelta = Infinity; i2 < dataX.length; i2++) {
      if (dataY[i2] !== void 0) {
        if (prevIdx != null) {
          let delta = abs(dataX[i2] - dataX[prevIdx]);
          if (delta < minDelta) {
            minDelta = delta;
            colWid = abs(valToPosX(dataX[i2], scaleX, xDim, xOff) - valToPosX(dataX[prevIdx], scaleX, xDim, xOff));
          }
        }
        prevIdx = i2;
      }
    }
  }
  return colWid;
}
function bars(opts) {
  opts = opts || EMPTY_OBJ;
  const size = ifNull(opts.size, [0.6, inf, 1]);
  const align = opts.align || 0;
  const _extraGap = opts.gap || 0;
  let ro = opts.radius;
  ro = // [valueRadius, baselineRadius]
  ro == null ? [0, 0] : typeof ro == "number" ? [ro, 0] : ro;
  const radiusFn = fnOrSelf(ro);
  const gapFactor = 1 - size[0];
  const _maxWidth = ifNull(size[1], inf);
  const _minWidth = ifNull(size[2], 1);
  const disp = ifNull(opts.disp, EMPTY_OBJ);
  const _each = ifNull(opts.each, (_3) => {
  });
  const { fill: dispFills, stroke: dispStrokes } = disp;
  return (u2, seriesIdx, idx0, idx1) => {
    return orient(u2, seriesIdx, (series, dataX, dataY, scaleX, scaleY, valToPosX, valToPosY, xOff, yOff, xDim, yDim) => {
      let pxRound = series.pxRound;
      let _align = align;
      let extraGap = _extraGap * pxRatio;
      let maxWidth = _maxWidth * pxRatio;
      let minWidth = _minWidth * pxRatio;
      let valRadius, baseRadius;
      if (scaleX.ori == 0)
        [valRadius, baseRadius] = radiusFn(u2, seriesIdx);
      else
        [baseRadius, valRadius] = radiusFn(u2, seriesIdx);
      const _dirX = scaleX.dir * (scaleX.ori == 0 ? 1 : -1);
      let rect2 = scaleX.ori == 0 ? rectH : rectV;
      let each = scaleX.ori == 0 ? _each : (u3, seriesIdx2, i2, top, lft, hgt, wid) => {
        _each(u3, seriesIdx2, i2, lft, top, wid, hgt);
      };
      let band = ifNull(u2.bands, EMPTY_ARR).find((b2) => b2.series[0] == seriesIdx);
      let fillDir = band != null ? band.dir : 0;
      let fillTo = series.fillTo(u2, seriesIdx, series.min, series.max, fillDir);
      let fillToY = pxRound(valToPosY(fillTo, scaleY, yDim, yOff));
      let xShift, barWid, fullGap, colWid = xDim;
      let strokeWidth = pxRound(series.width * pxRatio);
      let multiPath = false;
      let fillColors = null;
      let fillPaths = null;
      let strokeColors = null;
      let strokePaths = null;
      if (dispFills != null && (strokeWidth == 0 || dispStrokes != null)) {
        multiPath = true;
        fillColors = dispFills.values(u2, seriesIdx, idx0, idx1);
        fillPaths = /* @__PURE__ */ new Map();
        new Set(fillColors).forEach((color) => {
          if (color != null)
            fillPaths.set(color, new Path2D());
        });
        if (strokeWidth > 0) {
          strokeColors = dispStrokes.values(u2, seriesIdx, idx0, idx1);
          strokePaths = /* @__PURE__ */ new Map();
          new Set(strokeColors).forEach((color) => {
            if (color != null)
              strokePaths.set(color, new Path2D());
          });
        }
      }
      let { x0, size: size2 } = disp;
      if (x0 != null && size2 != null) {
        _align = 1;
        dataX = x0.values(u2, seriesIdx, idx0, idx1);
        if (x0.unit == 2)
          dataX = dataX.map((pct) => u2.posToVal(xOff + pct * xDim, scaleX.key, true));
        let sizes2 = size2.values(u2, seriesIdx, idx0, idx1);
        if (size2.unit == 2)
          barWid = sizes2[0] * xDim;
        else
          barWid = valToPosX(sizes2[0], scaleX, xDim, xOff) - valToPosX(0, scaleX, xDim, xOff);
        colWid = findColWidth(dataX, dataY, valToPosX, scaleX, xDim, xOff, colWid);
        let gapWid = colWid - barWid;
        fullGap = gapWid + extraGap;
      } else {
        colWid = findColWidth(dataX, dataY, valToPosX, scaleX, xDim, xOff, colWid);
        let gapWid = colWid * gapFactor;
        fullGap = gapWid + extraGap;
        barWid = colWid - fullGap;
      }
      if (fullGap < 1)
        fullGap = 0;
      if (strokeWidth >= barWid / 2)
        strokeWidth = 0;
      if (fullGap < 5)
        pxRound = retArg0;
      let insetStroke = fullGap > 0;
      let rawBarWid = colWid - fullGap - (insetStroke ? strokeWidth : 0);
      barWid = pxRound(clamp(rawBarWid, minWidth, maxWidth));
      xShift = (_align == 0 ? barWid / 2 : _align == _dirX ? 0 : barWid) - _align * _dirX * ((_align == 0 ? extraGap / 2 : 0) + (insetStroke ? strokeWidth / 2 : 0));
      const _paths = { stroke: null, fill: null, clip: null, band: null, gaps: null, flags: 0 };
      const stroke = multiPath ? null : new Path2D();
      let dataY0 = null;
      if (band != null)
        dataY0 = u2.data[band.series[1]];
      else {
        let { y0, y1 } = disp;
        if (y0 != null && y1 != null) {
          dataY = y1.values(u2, seriesIdx, idx0, idx1);
          dataY0 = y0.values(u2, seriesIdx, idx0, idx1);
        }
      }
      let radVal = valRadius * barWid;
      let radBase = baseRadius * barWid;
      for (let i2 = _dirX == 1 ? idx0 : idx1; i2 >= idx0 && i2 <= idx1; i2 += _dirX) {
        let yVal = dataY[i2];
        if (yVal == null)
          continue;
        if (dataY0 != null) {
          let yVal0 = dataY0[i2] ?? 0;
          if (yVal - yVal0 == 0)
            continue;
          fillToY = valToPosY(yVal0, scaleY, yDim, yOff);
        }
        let xVal = scaleX.distr != 2 || disp != null ? dataX[i2] : i2;
        let xPos = valToPosX(xVal, scaleX, xDim, xOff);
        let yPos = valToPosY(ifNull(yVal, fillTo), scaleY, yDim, yOff);
        let lft = pxRound(xPos - xShift);
        let btm = pxRound(max(yPos, fillToY));
        let top = pxRound(min(yPos, fillToY));
        let barHgt = btm - top;
        if (yVal != null) {
          let rv = yVal < 0 ? radBase : radVal;
          let rb = yVal < 0 ? radVal : radBase;
          if (multiPath) {
            if (strokeWidth > 0 && strokeColors[i2] != null)
              rect2(strokePaths.get(strokeColors[i2]), lft, top + floor(strokeWidth / 2), barWid, max(0, barHgt - strokeWidth), rv, rb);
            if (fillColors[i2] != null)
              rect2(fillPaths.get(fillColors[i2]), lft, top + floor(strokeWidth / 2), barWid, max(0, barHgt - strokeWidth), rv, rb);
          } else
            rect2(stroke, lft, top + floor(strokeWidth / 2), barWid, max(0, barHgt - strokeWidth), rv, rb);
          each(
            u2,
            seriesIdx,
            i2,
            lft - strokeWidth / 2,
            top,
            barWid + strokeWidth,
            barHgt
          );
        }
      }
      if (strokeWidth > 0)
        _paths.stroke = multiPath ? strokePaths : stroke;
      else if (!multiPath) {
        _paths._fill = series.width == 0 ? series._fill : series._stroke ?? series._fill;
        _paths.width = 0;
      }
      _paths.fill = multiPath ? fillPaths : stroke;
      return _paths;
    });
  };
}
function splineInterp(interp, opts) {
  const alignGaps = ifNull(opts?.alignGaps, 0);
  return (u2, seriesIdx, idx0, idx1) => {
    return orient(u2, seriesIdx, (series, dataX, dataY, scaleX, scaleY, valToPosX, valToPosY, xOff, yOff, xDim, yDim) => {
      [idx0, idx1] = nonNullIdxs(dataY, idx0, idx1);
      let pxRound = series.pxRound;
      let pixelForX = (val) => pxRound(valToPosX(val, scaleX, xDim, xOff));
      let pixelForY = (val) => pxRound(valToPosY(val, scaleY, yDim, yOff));
      let moveTo, bezierCurveTo, lineTo;
      if (scaleX.ori == 0) {
        moveTo = moveToH;
        lineTo = lineToH;
        bezierCurveTo = bezierCurveToH;
      } else {
        moveTo = moveToV;
        lineTo = lineToV;
        bezierCurveTo = bezierCurveToV;
      }
      const dir = scaleX.dir * (scaleX.ori == 0 ? 1 : -1);
      let firstXPos = pixelForX(dataX[dir == 1 ? idx0 : idx1]);
      let prevXPos = firstXPos;
      let xCoords = [];
      let yCoords = [];
      for (let i2 = dir == 1 ? idx0 : idx1; i2 >= idx0 && i2 <= idx1; i2 += dir) {
        let yVal = dataY[i2];
        if (yVal != null) {
          let xVal = dataX[i2];
          let xPos = pixelForX(xVal);
          xCoords.push(prevXPos = xPos);
          yCoords.push(pixelForY(dataY[i2]));
        }
      }
      const _paths = { stroke: interp(xCoords, yCoords, moveTo, lineTo, bezierCurveTo, pxRound), fill: null, clip: null, band: null, gaps: null, flags: BAND_CLIP_FILL };
      const stroke = _paths.stroke;
      let [bandFillDir, bandClipDir] = bandFillClipDirs(u2, seriesIdx);
      if (series.fill != null || bandFillDir != 0) {
        let fill2 = _paths.fill = new Path2D(stroke);
        let fillTo = series.fillTo(u2, seriesIdx, series.min, series.max, bandFillDir);
        let fillToY = pixelForY(fillTo);
        lineTo(fill2, prevXPos, fillToY);
        lineTo(fill2, firstXPos, fillToY);
      }
      if (!series.spanGaps) {
        let gaps2 = [];
        gaps2.push(...findGaps(dataX, dataY, idx0, idx1, dir, pixelForX, alignGaps));
        _paths.gaps = gaps2 = series.gaps(u2, seriesIdx, idx0, idx1, gaps2);
        _paths.clip = clipGaps(gaps2, scaleX.ori, xOff, yOff, xDim, yDim);
      }
      if (bandClipDir != 0) {
        _paths.band = bandClipDir == 2 ? [
          clipBandLine(u2, seriesIdx, idx0, idx1, stroke, -1),
          clipBandLine(u2, seriesIdx, idx0, idx1, stroke, 1)
        ] : clipBandLine(u2, seriesIdx, idx0, idx1, stroke, bandClipDir);
      }
      return _paths;
    });
  };
}
function monotoneCubic(opts) {
  return splineInterp(_monotoneCubic, opts);
}
function _monotoneCubic(xs, ys, moveTo, lineTo, bezierCurveTo, pxRound) {
  const n2 = xs.length;
  if (n2 < 2)
    return null;
  const path = new Path2D();
  moveTo(path, xs[0], ys[0]);
  if (n2 == 2)
    lineTo(path, xs[1], ys[1]);
  else {
    let ms = Array(n2), ds = Array(n2 - 1), dys = Array(n2 - 1), dxs = Array(n2 - 1);
    for (let i2 = 0; i2 < n2 - 1; i2++) {
      dys[i2] = ys[i2 + 1] - ys[i2];
      dxs[i2] = xs[i2 + 1] - xs[i2];
      ds[i2] = dys[i2] / dxs[i2];
    }
    ms[0] = ds[0];
    for (let i2 = 1; i2 < n2 - 1; i2++) {
      if (ds[i2] === 0 || ds[i2 - 1] === 0 || ds[i2 - 1] > 0 !== ds[i2] > 0)
        ms[i2] = 0;
      else {
        ms[i2] = 3 * (dxs[i2 - 1] + dxs[i2]) / ((2 * dxs[i2] + dxs[i2 - 1]) / ds[i2 - 1] + (dxs[i2] + 2 * dxs[i2 - 1]) / ds[i2]);
        if (!isFinite(ms[i2]))
          ms[i2] = 0;
      }
    }
    ms[n2 - 1] = ds[n2 - 2];
    for (let i2 = 0; i2 < n2 - 1; i2++) {
      bezierCurveTo(
        path,
        xs[i2] + dxs[i2] / 3,
        ys[i2] + ms[i2] * dxs[i2] / 3,
        xs[i2 + 1] - dxs[i2] / 3,
        ys[i2 + 1] - ms[i2 + 1] * dxs[i2] / 3,
        xs[i2 + 1],
        ys[i2 + 1]
      );
    }
  }
  return path;
}
var cursorPlots = /* @__PURE__ */ new Set();
function invalidateRects() {
  for (let u2 of cursorPlots)
    u2.syncRect(true);
}
if (domEnv) {
  on(resize, win, invalidateRects);
  on(scroll, win, invalidateRects, true);
  on(dppxchange, win, () => {
    uPlot.pxRatio = pxRatio;
  });
}
var linearPath = linear();
var pointsPath = points();
function setDefaults(d2, xo, yo, initY) {
  let d22 = initY ? [d2[0], d2[1]].concat(d2.slice(2)) : [d2[0]].concat(d2.slice(1));
  return d22.map((o2, i2) => setDefault(o2, i2, xo, yo));
}
function setDefaults2(d2, xyo) {
  return d2.map((o2, i2) => i2 == 0 ? {} : assign({}, xyo, o2));
}
function setDefault(o2, i2, xo, yo) {
  return assign({}, i2 == 0 ? xo : yo, o2);
}
function snapNumX(self, dataMin, dataMax) {
  return dataMin == null ? nullNullTuple : [dataMin, dataMax];
}
var snapTimeX = snapNumX;
function snapNumY(self, dataMin, dataMax) {
  return dataMin == null ? nullNullTuple : rangeNum(dataMin, dataMax, rangePad, true);
}
function snapLogY(self, dataMin, dataMax, scale) {
  return dataMin == null ? nullNullTuple : rangeLog(dataMin, dataMax, self.scales[scale].log, false);
}
var snapLogX = snapLogY;
function snapAsinhY(self, dataMin, dataMax, scale) {
  return dataMin == null ? nullNullTuple : rangeAsinh(dataMin, dataMax, self.scales[scale].log, false);
}
var snapAsinhX = snapAsinhY;
function findIncr(minVal, maxVal, incrs, dim, minSpace) {
  let intDigits = max(numIntDigits(minVal), numIntDigits(maxVal));
  let delta = maxVal - minVal;
  let incrIdx = closestIdx(minSpace / dim * delta, incrs);
  do {
    let foundIncr = incrs[incrIdx];
    let foundSpace = dim * foundIncr / delta;
    if (foundSpace >= minSpace && intDigits + (foundIncr < 5 ? fixedDec.get(foundIncr) : 0) <= 17)
      return [foundIncr, foundSpace];
  } while (++incrIdx < incrs.length);
  return [0, 0];
}
function pxRatioFont(font2) {
  let fontSize, fontSizeCss;
  font2 = font2.replace(/(\d+)px/, (m2, p1) => (fontSize = round((fontSizeCss = +p1) * pxRatio)) + "px");
  return [font2, fontSize, fontSizeCss];
}
function syncFontSize(axis) {
  if (axis.show) {
    [axis.font, axis.labelFont].forEach((f2) => {
      let size = roundDec(f2[2] * pxRatio, 1);
      f2[0] = f2[0].replace(/[0-9.]+px/, size + "px");
      f2[1] = size;
    });
  }
}
function uPlot(opts, data, then) {
  const self = {
    mode: ifNull(opts.mode, 1)
  };
  const mode = self.mode;
  function getHPos(val, scale, dim, off2) {
    let pct = scale.valToPct(val);
    return off2 + dim * (scale.dir == -1 ? 1 - pct : pct);
  }
  function getVPos(val, scale, dim, off2) {
    let pct = scale.valToPct(val);
    return off2 + dim * (scale.dir == -1 ? pct : 1 - pct);
  }
  function getPos(val, scale, dim, off2) {
    return scale.ori == 0 ? getHPos(val, scale, dim, off2) : getVPos(val, scale, dim, off2);
  }
  self.valToPosH = getHPos;
  self.valToPosV = getVPos;
  let ready = false;
  self.status = 0;
  const root = self.root = placeDiv(UPLOT);
  if (opts.id != null)
    root.id = opts.id;
  addClass(root, opts.class);
  if (opts.title) {
    let title = placeDiv(TITLE, root);
    title.textContent = opts.title;
  }
  const can = placeTag("canvas");
  const ctx = self.ctx = can.getContext("2d");
  const wrap = placeDiv(WRAP, root);
  on("click", wrap, (e) => {
    if (e.target === over) {
      let didDrag = mouseLeft1 != mouseLeft0 || mouseTop1 != mouseTop0;
      didDrag && drag.click(self, e);
    }
  }, true);
  const under = self.under = placeDiv(UNDER, wrap);
  wrap.appendChild(can);
  const over = self.over = placeDiv(OVER, wrap);
  opts = copy(opts);
  const pxAlign = +ifNull(opts.pxAlign, 1);
  const pxRound = pxRoundGen(pxAlign);
  (opts.plugins || []).forEach((p2) => {
    if (p2.opts)
      opts = p2.opts(self, opts) || opts;
  });
  const ms = opts.ms || 1e-3;
  const series = self.series = mode == 1 ? setDefaults(opts.series || [], xSeriesOpts, ySeriesOpts, false) : setDefaults2(opts.series || [null], xySeriesOpts);
  const axes = self.axes = setDefaults(opts.axes || [], xAxisOpts, yAxisOpts, true);
  const scales = self.scales = {};
  const bands = self.bands = opts.bands || [];
  bands.forEach((b2) => {
    b2.fill = fnOrSelf(b2.fill || null);
    b2.dir = ifNull(b2.dir, -1);
  });
  const xScaleKey = mode == 2 ? series[1].facets[0].scale : series[0].scale;
  const drawOrderMap = {
    axes: drawAxesGrid,
    series: drawSeries
  };
  const drawOrder = (opts.drawOrder || ["axes", "series"]).map((key2) => drawOrderMap[key2]);
  function initValToPct(sc) {
    const getVal = sc.distr == 3 ? (val) => log10(val > 0 ? val : sc.clamp(self, val, sc.min, sc.max, sc.key)) : sc.distr == 4 ? (val) => asinh(val, sc.asinh) : sc.distr == 100 ? (val) => sc.fwd(val) : (val) => val;
    return (val) => {
      let _val = getVal(val);
      let { _min, _max } = sc;
      let delta = _max - _min;
      return (_val - _min) / delta;
    };
  }
  function initScale(scaleKey) {
    let sc = scales[scaleKey];
    if (sc == null) {
      let scaleOpts = (opts.scales || EMPTY_OBJ)[scaleKey] || EMPTY_OBJ;
      if (scaleOpts.from != null) {
        initScale(scaleOpts.from);
        let sc2 = assign({}, scales[scaleOpts.from], scaleOpts, { key: scaleKey });
        sc2.valToPct = initValToPct(sc2);
        scales[scaleKey] = sc2;
      } else {
        sc = scales[scaleKey] = assign({}, scaleKey == xScaleKey ? xScaleOpts : yScaleOpts, scaleOpts);
        sc.key = scaleKey;
        let isTime = sc.time;
        let rn = sc.range;
        let rangeIsArr = isArr(rn);
        if (scaleKey != xScaleKey || mode == 2 && !isTime) {
          if (rangeIsArr && (rn[0] == null || rn[1] == null)) {
            rn = {
              min: rn[0] == null ? autoRangePart : {
                mode: 1,
                hard: rn[0],
                soft: rn[0]
              },
              max: rn[1] == null ? autoRangePart : {
                mode: 1,
                hard: rn[1],
                soft: rn[1]
              }
            };
            rangeIsArr = false;
          }
          if (!rangeIsArr && isObj(rn)) {
            let cfg = rn;
            rn = (self2, dataMin, dataMax) => dataMin == null ? nullNullTuple : rangeNum(dataMin, dataMax, cfg);
          }
        }
        sc.range = fnOrSelf(rn || (isTime ? snapTimeX : scaleKey == xScaleKey ? sc.distr == 3 ? snapLogX : sc.distr == 4 ? snapAsinhX : snapNumX : sc.distr == 3 ? snapLogY : sc.distr == 4 ? snapAsinhY : snapNumY));
        sc.auto = fnOrSelf(rangeIsArr ? false : sc.auto);
        sc.clamp = fnOrSelf(sc.clamp || clampScale);
        sc._min = sc._max = null;
        sc.valToPct = initValToPct(sc);
      }
    }
  }
  initScale("x");
  initScale("y");
  if (mode == 1) {
    series.forEach((s2) => {
      initScale(s2.scale);
    });
  }
  axes.forEach((a2) => {
    initScale(a2.scale);
  });
  for (let k in opts.scales)
    initScale(k);
  const scaleX = scales[xScaleKey];
  const xScaleDistr = scaleX.distr;
  let valToPosX, valToPosY;
  if (scaleX.ori == 0) {
    addClass(root, ORI_HZ);
    valToPosX = getHPos;
    valToPosY = getVPos;
  } else {
    addClass(root, ORI_VT);
    valToPosX = getVPos;
    valToPosY = getHPos;
  }
  const pendScales = {};
  for (let k in scales) {
    let sc = scales[k];
    if (sc.min != null || sc.max != null) {
      pendScales[k] = { min: sc.min, max: sc.max };
      sc.min = sc.max = null;
    }
  }
  const _tzDate = opts.tzDate || ((ts) => new Date(round(ts / ms)));
  const _fmtDate = opts.fmtDate || fmtDate;
  const _timeAxisSplits = ms == 1 ? timeAxisSplitsMs(_tzDate) : timeAxisSplitsS(_tzDate);
  const _timeAxisVals = timeAxisVals(_tzDate, timeAxisStamps(ms == 1 ? _timeAxisStampsMs : _timeAxisStampsS, _fmtDate));
  const _timeSeriesVal = timeSeriesVal(_tzDate, timeSeriesStamp(_timeSeriesStamp, _fmtDate));
  const activeIdxs = [];
  const legend = self.legend = assign({}, legendOpts, opts.legend);
  const cursor = self.cursor = assign({}, cursorOpts, { drag: { y: mode == 2 } }, opts.cursor);
  const showLegend = legend.show;
  const showCursor = cursor.show;
  const markers = legend.markers;
  {
    legend.idxs = activeIdxs;
    markers.width = fnOrSelf(markers.width);
    markers.dash = fnOrSelf(markers.dash);
    markers.stroke = fnOrSelf(markers.stroke);
    markers.fill = fnOrSelf(markers.fill);
  }
  let legendTable;
  let legendHead;
  let legendBody;
  let legendRows = [];
  let legendCells = [];
  let legendCols;
  let multiValLegend = false;
  let NULL_LEGEND_VALUES = {};
  if (legend.live) {
    const getMultiVals = series[1] ? series[1].values : null;
    multiValLegend = getMultiVals != null;
    legendCols = multiValLegend ? getMultiVals(self, 1, 0) : { _: 0 };
    for (let k in legendCols)
      NULL_LEGEND_VALUES[k] = LEGEND_DISP;
  }
  if (showLegend) {
    legendTable = placeTag("table", LEGEND, root);
    legendBody = placeTag("tbody", null, legendTable);
    legend.mount(self, legendTable);
    if (multiValLegend) {
      legendHead = placeTag("thead", null, legendTable, legendBody);
      let head = placeTag("tr", null, legendHead);
      placeTag("th", null, head);
      for (var key in legendCols)
        placeTag("th", LEGEND_LABEL, head).textContent = key;
    } else {
      addClass(legendTable, LEGEND_INLINE);
      legend.live && addClass(legendTable, LEGEND_LIVE);
    }
  }
  const son = { show: true };
  const soff = { show: false };
  function initLegendRow(s2, i2) {
    if (i2 == 0 && (multiValLegend || !legend.live || mode == 2))
      return nullNullTuple;
    let cells = [];
    let row = placeTag("tr", LEGEND_SERIES, legendBody, legendBody.childNodes[i2]);
    addClass(row, s2.class);
    if (!s2.show)
      addClass(row, OFF);
    let label = placeTag("th", null, row);
    if (markers.show) {
      let indic = placeDiv(LEGEND_MARKER, label);
      if (i2 > 0) {
        let width = markers.width(self, i2);
        if (width)
          indic.style.border = width + "px " + markers.dash(self, i2) + " " + markers.stroke(self, i2);
        indic.style.background = markers.fill(self, i2);
      }
    }
    let text = placeDiv(LEGEND_LABEL, label);
    if (s2.label instanceof HTMLElement)
      text.appendChild(s2.label);
    else
      text.textContent = s2.label;
    if (i2 > 0) {
      if (!markers.show)
        text.style.color = s2.width > 0 ? markers.stroke(self, i2) : markers.fill(self, i2);
      onMouse("click", label, (e) => {
        if (cursor._lock)
          return;
        setCursorEvent(e);
        let seriesIdx = series.indexOf(s2);
        if ((e.ctrlKey || e.metaKey) != legend.isolate) {
          let isolate = series.some((s3, i3) => i3 > 0 && i3 != seriesIdx && s3.show);
          series.forEach((s3, i3) => {
            i3 > 0 && setSeries(i3, isolate ? i3 == seriesIdx ? son : soff : son, true, syncOpts.setSeries);
          });
        } else
          setSeries(seriesIdx, { show: !s2.show }, true, syncOpts.setSeries);
      }, false);
      if (cursorFocus) {
        onMouse(mouseenter, label, (e) => {
          if (cursor._lock)
            return;
          setCursorEvent(e);
          setSeries(series.indexOf(s2), FOCUS_TRUE, true, syncOpts.setSeries);
        }, false);
      }
    }
    for (var key2 in legendCols) {
      let v2 = placeTag("td", LEGEND_VALUE, row);
      v2.textContent = "--";
      cells.push(v2);
    }
    return [row, cells];
  }
  const mouseListeners = /* @__PURE__ */ new Map();
  function onMouse(ev, targ, fn, onlyTarg = true) {
    const targListeners = mouseListeners.get(targ) || {};
    const listener = cursor.bind[ev](self, targ, fn, onlyTarg);
    if (listener) {
      on(ev, targ, targListeners[ev] = listener);
      mouseListeners.set(targ, targListeners);
    }
  }
  function offMouse(ev, targ, fn) {
    const targListeners = mouseListeners.get(targ) || {};
    for (let k in targListeners) {
      if (ev == null || k == ev) {
        off(k, targ, targListeners[k]);
        delete targListeners[k];
      }
    }
    if (ev == null)
      mouseListeners.delete(targ);
  }
  let fullWidCss = 0;
  let fullHgtCss = 0;
  let plotWidCss = 0;
  let plotHgtCss = 0;
  let plotLftCss = 0;
  let plotTopCss = 0;
  let _plotLftCss = plotLftCss;
  let _plotTopCss = plotTopCss;
  let _plotWidCss = plotWidCss;
  let _plotHgtCss = plotHgtCss;
  let plotLft = 0;
  let plotTop = 0;
  let plotWid = 0;
  let plotHgt = 0;
  self.bbox = {};
  let shouldSetScales = false;
  let shouldSetSize = false;
  let shouldConvergeSize = false;
  let shouldSetCursor = false;
  let shouldSetSelect = false;
  let shouldSetLegend = false;
  function _setSize(width, height, force) {
    if (force || (width != self.width || height != self.height))
      calcSize(width, height);
    resetYSeries(false);
    shouldConvergeSize = true;
    shouldSetSize = true;
    commit();
  }
  function calcSize(width, height) {
    self.width = fullWidCss = plotWidCss = width;
    self.height = fullHgtCss = plotHgtCss = height;
    plotLftCss = plotTopCss = 0;
    calcPlotRect();
    calcAxesRects();
    let bb = self.bbox;
    plotLft = bb.left = incrRound(plotLftCss * pxRatio, 0.5);
    plotTop = bb.top = incrRound(plotTopCss * pxRatio, 0.5);
    plotWid = bb.width = incrRound(plotWidCss * pxRatio, 0.5);
    plotHgt = bb.height = incrRound(plotHgtCss * pxRatio, 0.5);
  }
  const CYCLE_LIMIT = 3;
  function convergeSize() {
    let converged = false;
    let cycleNum = 0;
    while (!converged) {
      cycleNum++;
      let axesConverged = axesCalc(cycleNum);
      let paddingConverged = paddingCalc(cycleNum);
      converged = cycleNum == CYCLE_LIMIT || axesConverged && paddingConverged;
      if (!converged) {
        calcSize(self.width, self.height);
        shouldSetSize = true;
      }
    }
  }
  function setSize({ width, height }) {
    _setSize(width, height);
  }
  self.setSize = setSize;
  function calcPlotRect() {
    let hasTopAxis = false;
    let hasBtmAxis = false;
    let hasRgtAxis = false;
    let hasLftAxis = false;
    axes.forEach((axis, i2) => {
      if (axis.show && axis._show) {
        let { side, _size } = axis;
        let isVt = side % 2;
        let labelSize = axis.label != null ? axis.labelSize : 0;
        let fullSize = _size + labelSize;
        if (fullSize > 0) {
          if (isVt) {
            plotWidCss -= fullSize;
            if (side == 3) {
              plotLftCss += fullSize;
              hasLftAxis = true;
            } else
              hasRgtAxis = true;
          } else {
            plotHgtCss -= fullSize;
            if (side == 0) {
              plotTopCss += fullSize;
              hasTopAxis = true;
            } else
              hasBtmAxis = true;
          }
        }
      }
    });
    sidesWithAxes[0] = hasTopAxis;
    sidesWithAxes[1] = hasRgtAxis;
    sidesWithAxes[2] = hasBtmAxis;
    sidesWithAxes[3] = hasLftAxis;
    plotWidCss -= _padding[1] + _padding[3];
    plotLftCss += _padding[3];
    plotHgtCss -= _padding[2] + _padding[0];
    plotTopCss += _padding[0];
  }
  function calcAxesRects() {
    let off1 = plotLftCss + plotWidCss;
    let off2 = plotTopCss + plotHgtCss;
    let off3 = plotLftCss;
    let off0 = plotTopCss;
    function incrOffset(side, size) {
      switch (side) {
        case 1:
          off1 += size;
          return off1 - size;
        case 2:
          off2 += size;
          return off2 - size;
        case 3:
          off3 -= size;
          return off3 + size;
        case 0:
          off0 -= size;
          return off0 + size;
      }
    }
    axes.forEach((axis, i2) => {
      if (axis.show && axis._show) {
        let side = axis.side;
        axis._pos = incrOffset(side, axis._size);
        if (axis.label != null)
          axis._lpos = incrOffset(side, axis.labelSize);
      }
    });
  }
  if (cursor.dataIdx == null) {
    let hov = cursor.hover;
    let skip = hov.skip = new Set(hov.skip ?? []);
    skip.add(void 0);
    let prox = hov.prox = fnOrSelf(hov.prox);
    let bias = hov.bias ??= 0;
    cursor.dataIdx = (self2, seriesIdx, cursorIdx, valAtPosX) => {
      if (seriesIdx == 0)
        return cursorIdx;
      let idx2 = cursorIdx;
      let _prox = prox(self2, seriesIdx, cursorIdx, valAtPosX) ?? inf;
      let withProx = _prox >= 0 && _prox < inf;
      let xDim = scaleX.ori == 0 ? plotWidCss : plotHgtCss;
      let cursorLft = cursor.left;
      let xValues = data[0];
      let yValues = data[seriesIdx];
      if (skip.has(yValues[cursorIdx])) {
        idx2 = null;
        let nonNullLft = null, nonNullRgt = null, j;
        if (bias == 0 || bias == -1) {
          j = cursorIdx;
          while (nonNullLft == null && j-- > 0) {
            if (!skip.has(yValues[j]))
              nonNullLft = j;
          }
        }
        if (bias == 0 || bias == 1) {
          j = cursorIdx;
          while (nonNullRgt == null && j++ < yValues.length) {
            if (!skip.has(yValues[j]))
              nonNullRgt = j;
          }
        }
        if (nonNullLft != null || nonNullRgt != null) {
          if (withProx) {
            let lftPos = nonNullLft == null ? -Infinity : valToPosX(xValues[nonNullLft], scaleX, xDim, 0);
            let rgtPos = nonNullRgt == null ? Infinity : valToPosX(xValues[nonNullRgt], scaleX, xDim, 0);
            let lftDelta = cursorLft - lftPos;
            let rgtDelta = rgtPos - cursorLft;
            if (lftDelta <= rgtDelta) {
              if (lftDelta <= _prox)
                idx2 = nonNullLft;
            } else {
              if (rgtDelta <= _prox)
                idx2 = nonNullRgt;
            }
          } else {
            idx2 = nonNullRgt == null ? nonNullLft : nonNullLft == null ? nonNullRgt : cursorIdx - nonNullLft <= nonNullRgt - cursorIdx ? nonNullLft : nonNullRgt;
          }
        }
      } else if (withProx) {
        let dist = abs(cursorLft - valToPosX(xValues[cursorIdx], scaleX, xDim, 0));
        if (dist > _prox)
          idx2 = null;
      }
      return idx2;
    };
  }
  const setCursorEvent = (e) => {
    cursor.event = e;
  };
  cursor.idxs = activeIdxs;
  cursor._lock = false;
  let points2 = cursor.points;
  points2.show = fnOrSelf(points2.show);
  points2.size = fnOrSelf(points2.size);
  points2.stroke = fnOrSelf(points2.stroke);
  points2.width = fnOrSelf(points2.width);
  points2.fill = fnOrSelf(points2.fill);
  const focus = self.focus = assign({}, opts.focus || { alpha: 0.3 }, cursor.focus);
  const cursorFocus = focus.prox >= 0;
  const cursorOnePt = cursorFocus && points2.one;
  let cursorPts = [];
  let cursorPtsLft = [];
  let cursorPtsTop = [];
  function initCursorPt(s2, si) {
    let pt = points2.show(self, si);
    if (pt instanceof HTMLElement) {
      addClass(pt, CURSOR_PT);
      addClass(pt, s2.class);
      elTrans(pt, -10, -10, plotWidCss, plotHgtCss);
      over.insertBefore(pt, cursorPts[si]);
      return pt;
    }
  }
  function initSeries(s2, i2) {
    if (mode == 1 || i2 > 0) {
      let isTime = mode == 1 && scales[s2.scale].time;
      let sv = s2.value;
      s2.value = isTime ? isStr(sv) ? timeSeriesVal(_tzDate, timeSeriesStamp(sv, _fmtDate)) : sv || _timeSeriesVal : sv || numSeriesVal;
      s2.label = s2.label || (isTime ? timeSeriesLabel : numSeriesLabel);
    }
    if (cursorOnePt || i2 > 0) {
      s2.width = s2.width == null ? 1 : s2.width;
      s2.paths = s2.paths || linearPath || retNull;
      s2.fillTo = fnOrSelf(s2.fillTo || seriesFillTo);
      s2.pxAlign = +ifNull(s2.pxAlign, pxAlign);
      s2.pxRound = pxRoundGen(s2.pxAlign);
      s2.stroke = fnOrSelf(s2.stroke || null);
      s2.fill = fnOrSelf(s2.fill || null);
      s2._stroke = s2._fill = s2._paths = s2._focus = null;
      let _ptDia = ptDia(max(1, s2.width), 1);
      let points3 = s2.points = assign({}, {
        size: _ptDia,
        width: max(1, _ptDia * 0.2),
        stroke: s2.stroke,
        space: _ptDia * 2,
        paths: pointsPath,
        _stroke: null,
        _fill: null
      }, s2.points);
      points3.show = fnOrSelf(points3.show);
      points3.filter = fnOrSelf(points3.filter);
      points3.fill = fnOrSelf(points3.fill);
      points3.stroke = fnOrSelf(points3.stroke);
      points3.paths = fnOrSelf(points3.paths);
      points3.pxAlign = s2.pxAlign;
    }
    if (showLegend) {
      let rowCells = initLegendRow(s2, i2);
      legendRows.splice(i2, 0, rowCells[0]);
      legendCells.splice(i2, 0, rowCells[1]);
      legend.values.push(null);
    }
    if (showCursor) {
      activeIdxs.splice(i2, 0, null);
      let pt = null;
      if (cursorOnePt) {
        if (i2 == 0)
          pt = initCursorPt(s2, i2);
      } else if (i2 > 0)
        pt = initCursorPt(s2, i2);
      cursorPts.splice(i2, 0, pt);
      cursorPtsLft.splice(i2, 0, 0);
      cursorPtsTop.splice(i2, 0, 0);
    }
    fire("addSeries", i2);
  }
  function addSeries(opts2, si) {
    si = si == null ? series.length : si;
    opts2 = mode == 1 ? setDefault(opts2, si, xSeriesOpts, ySeriesOpts) : setDefault(opts2, si, {}, xySeriesOpts);
    series.splice(si, 0, opts2);
    initSeries(series[si], si);
  }
  self.addSeries = addSeries;
  function delSeries(i2) {
    series.splice(i2, 1);
    if (showLegend) {
      legend.values.splice(i2, 1);
      legendCells.splice(i2, 1);
      let tr = legendRows.splice(i2, 1)[0];
      offMouse(null, tr.firstChild);
      tr.remove();
    }
    if (showCursor) {
      activeIdxs.splice(i2, 1);
      cursorPts.splice(i2, 1)[0].remove();
      cursorPtsLft.splice(i2, 1);
      cursorPtsTop.splice(i2, 1);
    }
    fire("delSeries", i2);
  }
  self.delSeries = delSeries;
  const sidesWithAxes = [false, false, false, false];
  function initAxis(axis, i2) {
    axis._show = axis.show;
    if (axis.show) {
      let isVt = axis.side % 2;
      let sc = scales[axis.scale];
      if (sc == null) {
        axis.scale = isVt ? series[1].scale : xScaleKey;
        sc = scales[axis.scale];
      }
      let isTime = sc.time;
      axis.size = fnOrSelf(axis.size);
      axis.space = fnOrSelf(axis.space);
      axis.rotate = fnOrSelf(axis.rotate);
      if (isArr(axis.incrs)) {
        axis.incrs.forEach((incr) => {
          !fixedDec.has(incr) && fixedDec.set(incr, guessDec(incr));
        });
      }
      axis.incrs = fnOrSelf(axis.incrs || (sc.distr == 2 ? wholeIncrs : isTime ? ms == 1 ? timeIncrsMs : timeIncrsS : numIncrs));
      axis.splits = fnOrSelf(axis.splits || (isTime && sc.distr == 1 ? _timeAxisSplits : sc.distr == 3 ? logAxisSplits : sc.distr == 4 ? asinhAxisSplits : numAxisSplits));
      axis.stroke = fnOrSelf(axis.stroke);
      axis.grid.stroke = fnOrSelf(axis.grid.stroke);
      axis.ticks.stroke = fnOrSelf(axis.ticks.stroke);
      axis.border.stroke = fnOrSelf(axis.border.stroke);
      let av = axis.values;
      axis.values = // static array of tick values
      isArr(av) && !isArr(av[0]) ? fnOrSelf(av) : (
        // temporal
        isTime ? (
          // config array of fmtDate string tpls
          isArr(av) ? timeAxisVals(_tzDate, timeAxisStamps(av, _fmtDate)) : (
            // fmtDate string tpl
            isStr(av) ? timeAxisVal(_tzDate, av) : av || _timeAxisVals
          )
        ) : av || numAxisVals
      );
      axis.filter = fnOrSelf(axis.filter || (sc.distr >= 3 && sc.log == 10 ? log10AxisValsFilt : sc.distr == 3 && sc.log == 2 ? log2AxisValsFilt : retArg1));
      axis.font = pxRatioFont(axis.font);
      axis.labelFont = pxRatioFont(axis.labelFont);
      axis._size = axis.size(self, null, i2, 0);
      axis._space = axis._rotate = axis._incrs = axis._found = // foundIncrSpace
      axis._splits = axis._values = null;
      if (axis._size > 0) {
        sidesWithAxes[i2] = true;
        axis._el = placeDiv(AXIS, wrap);
      }
    }
  }
  function autoPadSide(self2, side, sidesWithAxes2, cycleNum) {
    let [hasTopAxis, hasRgtAxis, hasBtmAxis, hasLftAxis] = sidesWithAxes2;
    let ori = side % 2;
    let size = 0;
    if (ori == 0 && (hasLftAxis || hasRgtAxis))
      size = side == 0 && !hasTopAxis || side == 2 && !hasBtmAxis ? round(xAxisOpts.size / 3) : 0;
    if (ori == 1 && (hasTopAxis || hasBtmAxis))
      size = side == 1 && !hasRgtAxis || side == 3 && !hasLftAxis ? round(yAxisOpts.size / 2) : 0;
    return size;
  }
  const padding = self.padding = (opts.padding || [autoPadSide, autoPadSide, autoPadSide, autoPadSide]).map((p2) => fnOrSelf(ifNull(p2, autoPadSide)));
  const _padding = self._padding = padding.map((p2, i2) => p2(self, i2, sidesWithAxes, 0));
  let dataLen;
  let i0 = null;
  let i1 = null;
  const idxs = mode == 1 ? series[0].idxs : null;
  let data0 = null;
  let viaAutoScaleX = false;
  function setData(_data, _resetScales) {
    data = _data == null ? [] : _data;
    self.data = self._data = data;
    if (mode == 2) {
      dataLen = 0;
      for (let i2 = 1; i2 < series.length; i2++)
        dataLen += data[i2][0].length;
    } else {
      if (data.length == 0)
        self.data = self._data = data = [[]];
      data0 = data[0];
      dataLen = data0.length;
      let scaleData = data;
      if (xScaleDistr == 2) {
        scaleData = data.slice();
        let _data0 = scaleData[0] = Array(dataLen);
        for (let i2 = 0; i2 < dataLen; i2++)
          _data0[i2] = i2;
      }
      self._data = data = scaleData;
    }
    resetYSeries(true);
    fire("setData");
    if (xScaleDistr == 2) {
      shouldConvergeSize = true;
    }
    if (_resetScales !== false) {
      let xsc = scaleX;
      if (xsc.auto(self, viaAutoScaleX))
        autoScaleX();
      else
        _setScale(xScaleKey, xsc.min, xsc.max);
      shouldSetCursor = shouldSetCursor || cursor.left >= 0;
      shouldSetLegend = true;
      commit();
    }
  }
  self.setData = setData;
  function autoScaleX() {
    viaAutoScaleX = true;
    let _min, _max;
    if (mode == 1) {
      if (dataLen > 0) {
        i0 = idxs[0] = 0;
        i1 = idxs[1] = dataLen - 1;
        _min = data[0][i0];
        _max = data[0][i1];
        if (xScaleDistr == 2) {
          _min = i0;
          _max = i1;
        } else if (_min == _max) {
          if (xScaleDistr == 3)
            [_min, _max] = rangeLog(_min, _min, scaleX.log, false);
          else if (xScaleDistr == 4)
            [_min, _max] = rangeAsinh(_min, _min, scaleX.log, false);
          else if (scaleX.time)
            _max = _min + round(86400 / ms);
          else
            [_min, _max] = rangeNum(_min, _max, rangePad, true);
        }
      } else {
        i0 = idxs[0] = _min = null;
        i1 = idxs[1] = _max = null;
      }
    }
    _setScale(xScaleKey, _min, _max);
  }
  let ctxStroke, ctxFill, ctxWidth, ctxDash, ctxJoin, ctxCap, ctxFont, ctxAlign, ctxBaseline;
  let ctxAlpha;
  function setCtxStyle(stroke, width, dash, cap, fill2, join2) {
    stroke ??= transparent;
    dash ??= EMPTY_ARR;
    cap ??= "butt";
    fill2 ??= transparent;
    join2 ??= "round";
    if (stroke != ctxStroke)
      ctx.strokeStyle = ctxStroke = stroke;
    if (fill2 != ctxFill)
      ctx.fillStyle = ctxFill = fill2;
    if (width != ctxWidth)
      ctx.lineWidth = ctxWidth = width;
    if (join2 != ctxJoin)
      ctx.lineJoin = ctxJoin = join2;
    if (cap != ctxCap)
      ctx.lineCap = ctxCap = cap;
    if (dash != ctxDash)
      ctx.setLineDash(ctxDash = dash);
  }
  function setFontStyle(font2, fill2, align, baseline) {
    if (fill2 != ctxFill)
      ctx.fillStyle = ctxFill = fill2;
    if (font2 != ctxFont)
      ctx.font = ctxFont = font2;
    if (align != ctxAlign)
      ctx.textAlign = ctxAlign = align;
    if (baseline != ctxBaseline)
      ctx.textBaseline = ctxBaseline = baseline;
  }
  function accScale(wsc, psc, facet2, data2, sorted2 = 0) {
    if (data2.length > 0 && wsc.auto(self, viaAutoScaleX) && (psc == null || psc.min == null)) {
      let _i0 = ifNull(i0, 0);
      let _i1 = ifNull(i1, data2.length - 1);
      let minMax = facet2.min == null ? getMinMax(data2, _i0, _i1, sorted2, wsc.distr == 3) : [facet2.min, facet2.max];
      wsc.min = min(wsc.min, facet2.min = minMax[0]);
      wsc.max = max(wsc.max, facet2.max = minMax[1]);
    }
  }
  const AUTOSCALE = { min: null, max: null };
  function setScales() {
    for (let k in scales) {
      let sc = scales[k];
      if (pendScales[k] == null && // scales that have never been set (on init)
      (sc.min == null || // or auto scales when the x scale was explicitly set
      pendScales[xScaleKey] != null && sc.auto(self, viaAutoScaleX))) {
        pendScales[k] = AUTOSCALE;
      }
    }
    for (let k in scales) {
      let sc = scales[k];
      if (pendScales[k] == null && sc.from != null && pendScales[sc.from] != null)
        pendScales[k] = AUTOSCALE;
    }
    if (pendScales[xScaleKey] != null)
      resetYSeries(true);
    let wipScales = {};
    for (let k in pendScales) {
      let psc = pendScales[k];
      if (psc != null) {
        let wsc = wipScales[k] = copy(scales[k], fastIsObj);
        if (psc.min != null)
          assign(wsc, psc);
        else if (k != xScaleKey || mode == 2) {
          if (dataLen == 0 && wsc.from == null) {
            let minMax = wsc.range(self, null, null, k);
            wsc.min = minMax[0];
            wsc.max = minMax[1];
          } else {
            wsc.min = inf;
            wsc.max = -inf;
          }
        }
      }
    }
    if (dataLen > 0) {
      series.forEach((s2, i2) => {
        if (mode == 1) {
          let k = s2.scale;
          let psc = pendScales[k];
          if (psc == null)
            return;
          let wsc = wipScales[k];
          if (i2 == 0) {
            let minMax = wsc.range(self, wsc.min, wsc.max, k);
            wsc.min = minMax[0];
            wsc.max = minMax[1];
            i0 = closestIdx(wsc.min, data[0]);
            i1 = closestIdx(wsc.max, data[0]);
            if (i1 - i0 > 1) {
              if (data[0][i0] < wsc.min)
                i0++;
              if (data[0][i1] > wsc.max)
                i1--;
            }
            s2.min = data0[i0];
            s2.max = data0[i1];
          } else if (s2.show && s2.auto)
            accScale(wsc, psc, s2, data[i2], s2.sorted);
          s2.idxs[0] = i0;
          s2.idxs[1] = i1;
        } else {
          if (i2 > 0) {
            if (s2.show && s2.auto) {
              let [xFacet, yFacet] = s2.facets;
              let xScaleKey2 = xFacet.scale;
              let yScaleKey = yFacet.scale;
              let [xData, yData] = data[i2];
              let wscx = wipScales[xScaleKey2];
              let wscy = wipScales[yScaleKey];
              wscx != null && accScale(wscx, pendScales[xScaleKey2], xFacet, xData, xFacet.sorted);
              wscy != null && accScale(wscy, pendScales[yScaleKey], yFacet, yData, yFacet.sorted);
              s2.min = yFacet.min;
              s2.max = yFacet.max;
            }
          }
        }
      });
      for (let k in wipScales) {
        let wsc = wipScales[k];
        let psc = pendScales[k];
        if (wsc.from == null && (psc == null || psc.min == null)) {
          let minMax = wsc.range(
            self,
            wsc.min == inf ? null : wsc.min,
            wsc.max == -inf ? null : wsc.max,
            k
          );
          wsc.min = minMax[0];
          wsc.max = minMax[1];
        }
      }
    }
    for (let k in wipScales) {
      let wsc = wipScales[k];
      if (wsc.from != null) {
        let base = wipScales[wsc.from];
        if (base.min == null)
          wsc.min = wsc.max = null;
        else {
          let minMax = wsc.range(self, base.min, base.max, k);
          wsc.min = minMax[0];
          wsc.max = minMax[1];
        }
      }
    }
    let changed2 = {};
    let anyChanged = false;
    for (let k in wipScales) {
      let wsc = wipScales[k];
      let sc = scales[k];
      if (sc.min != wsc.min || sc.max != wsc.max) {
        sc.min = wsc.min;
        sc.max = wsc.max;
        let distr = sc.distr;
        sc._min = distr == 3 ? log10(sc.min) : distr == 4 ? asinh(sc.min, sc.asinh) : distr == 100 ? sc.fwd(sc.min) : sc.min;
        sc._max = distr == 3 ? log10(sc.max) : distr == 4 ? asinh(sc.max, sc.asinh) : distr == 100 ? sc.fwd(sc.max) : sc.max;
        changed2[k] = anyChanged = true;
      }
    }
    if (anyChanged) {
      series.forEach((s2, i2) => {
        if (mode == 2) {
          if (i2 > 0 && changed2.y)
            s2._paths = null;
        } else {
          if (changed2[s2.scale])
            s2._paths = null;
        }
      });
      for (let k in changed2) {
        shouldConvergeSize = true;
        fire("setScale", k);
      }
      if (showCursor && cursor.left >= 0)
        shouldSetCursor = shouldSetLegend = true;
    }
    for (let k in pendScales)
      pendScales[k] = null;
  }
  function getOuterIdxs(ydata) {
    let _i0 = clamp(i0 - 1, 0, dataLen - 1);
    let _i1 = clamp(i1 + 1, 0, dataLen - 1);
    while (ydata[_i0] == null && _i0 > 0)
      _i0--;
    while (ydata[_i1] == null && _i1 < dataLen - 1)
      _i1++;
    return [_i0, _i1];
  }
  function drawSeries() {
    if (dataLen > 0) {
      let shouldAlpha = series.some((s2) => s2._focus) && ctxAlpha != focus.alpha;
      if (shouldAlpha)
        ctx.globalAlpha = ctxAlpha = focus.alpha;
      series.forEach((s2, i2) => {
        if (i2 > 0 && s2.show) {
          cacheStrokeFill(i2, false);
          cacheStrokeFill(i2, true);
          if (s2._paths == null) {
            let _ctxAlpha = ctxAlpha;
            if (ctxAlpha != s2.alpha)
              ctx.globalAlpha = ctxAlpha = s2.alpha;
            let _idxs = mode == 2 ? [0, data[i2][0].length - 1] : getOuterIdxs(data[i2]);
            s2._paths = s2.paths(self, i2, _idxs[0], _idxs[1]);
            if (ctxAlpha != _ctxAlpha)
              ctx.globalAlpha = ctxAlpha = _ctxAlpha;
          }
        }
      });
      series.forEach((s2, i2) => {
        if (i2 > 0 && s2.show) {
          let _ctxAlpha = ctxAlpha;
          if (ctxAlpha != s2.alpha)
            ctx.globalAlpha = ctxAlpha = s2.alpha;
          s2._paths != null && drawPath(i2, false);
          {
            let _gaps = s2._paths != null ? s2._paths.gaps : null;
            let show2 = s2.points.show(self, i2, i0, i1, _gaps);
            let idxs2 = s2.points.filter(self, i2, show2, _gaps);
            if (show2 || idxs2) {
              s2.points._paths = s2.points.paths(self, i2, i0, i1, idxs2);
              drawPath(i2, true);
            }
          }
          if (ctxAlpha != _ctxAlpha)
            ctx.globalAlpha = ctxAlpha = _ctxAlpha;
          fire("drawSeries", i2);
        }
      });
      if (shouldAlpha)
        ctx.globalAlpha = ctxAlpha = 1;
    }
  }
  function cacheStrokeFill(si, _points) {
    let s2 = _points ? series[si].points : series[si];
    s2._stroke = s2.stroke(self, si);
    s2._fill = s2.fill(self, si);
  }
  function drawPath(si, _points) {
    let s2 = _points ? series[si].points : series[si];
    let {
      stroke,
      fill: fill2,
      clip: gapsClip,
      flags,
      _stroke: strokeStyle = s2._stroke,
      _fill: fillStyle = s2._fill,
      _width: width = s2.width
    } = s2._paths;
    width = roundDec(width * pxRatio, 3);
    let boundsClip = null;
    let offset = width % 2 / 2;
    if (_points && fillStyle == null)
      fillStyle = width > 0 ? "#fff" : strokeStyle;
    let _pxAlign = s2.pxAlign == 1 && offset > 0;
    _pxAlign && ctx.translate(offset, offset);
    if (!_points) {
      let lft = plotLft - width / 2, top = plotTop - width / 2, wid = plotWid + width, hgt = plotHgt + width;
      boundsClip = new Path2D();
      boundsClip.rect(lft, top, wid, hgt);
    }
    if (_points)
      strokeFill(strokeStyle, width, s2.dash, s2.cap, fillStyle, stroke, fill2, flags, gapsClip);
    else
      fillStroke(si, strokeStyle, width, s2.dash, s2.cap, fillStyle, stroke, fill2, flags, boundsClip, gapsClip);
    _pxAlign && ctx.translate(-offset, -offset);
  }
  function fillStroke(si, strokeStyle, lineWidth, lineDash, lineCap, fillStyle, strokePath, fillPath, flags, boundsClip, gapsClip) {
    let didStrokeFill = false;
    flags != 0 && bands.forEach((b2, bi) => {
      if (b2.series[0] == si) {
        let lowerEdge = series[b2.series[1]];
        let lowerData = data[b2.series[1]];
        let bandClip = (lowerEdge._paths || EMPTY_OBJ).band;
        if (isArr(bandClip))
          bandClip = b2.dir == 1 ? bandClip[0] : bandClip[1];
        let gapsClip2;
        let _fillStyle = null;
        if (lowerEdge.show && bandClip && hasData(lowerData, i0, i1)) {
          _fillStyle = b2.fill(self, bi) || fillStyle;
          gapsClip2 = lowerEdge._paths.clip;
        } else
          bandClip = null;
        strokeFill(strokeStyle, lineWidth, lineDash, lineCap, _fillStyle, strokePath, fillPath, flags, boundsClip, gapsClip, gapsClip2, bandClip);
        didStrokeFill = true;
      }
    });
    if (!didStrokeFill)
      strokeFill(strokeStyle, lineWidth, lineDash, lineCap, fillStyle, strokePath, fillPath, flags, boundsClip, gapsClip);
  }
  const CLIP_FILL_STROKE = BAND_CLIP_FILL | BAND_CLIP_STROKE;
  function strokeFill(strokeStyle, lineWidth, lineDash, lineCap, fillStyle, strokePath, fillPath, flags, boundsClip, gapsClip, gapsClip2, bandClip) {
    setCtxStyle(strokeStyle, lineWidth, lineDash, lineCap, fillStyle);
    if (boundsClip || gapsClip || bandClip) {
      ctx.save();
      boundsClip && ctx.clip(boundsClip);
      gapsClip && ctx.clip(gapsClip);
    }
    if (bandClip) {
      if ((flags & CLIP_FILL_STROKE) == CLIP_FILL_STROKE) {
        ctx.clip(bandClip);
        gapsClip2 && ctx.clip(gapsClip2);
        doFill(fillStyle, fillPath);
        doStroke(strokeStyle, strokePath, lineWidth);
      } else if (flags & BAND_CLIP_STROKE) {
        doFill(fillStyle, fillPath);
        ctx.clip(bandClip);
        doStroke(strokeStyle, strokePath, lineWidth);
      } else if (flags & BAND_CLIP_FILL) {
        ctx.save();
        ctx.clip(bandClip);
        gapsClip2 && ctx.clip(gapsClip2);
        doFill(fillStyle, fillPath);
        ctx.restore();
        doStroke(strokeStyle, strokePath, lineWidth);
      }
    } else {
      doFill(fillStyle, fillPath);
      doStroke(strokeStyle, strokePath, lineWidth);
    }
    if (boundsClip || gapsClip || bandClip)
      ctx.restore();
  }
  function doStroke(strokeStyle, strokePath, lineWidth) {
    if (lineWidth > 0) {
      if (strokePath instanceof Map) {
        strokePath.forEach((strokePath2, strokeStyle2) => {
          ctx.strokeStyle = ctxStroke = strokeStyle2;
          ctx.stroke(strokePath2);
        });
      } else
        strokePath != null && strokeStyle && ctx.stroke(strokePath);
    }
  }
  function doFill(fillStyle, fillPath) {
    if (fillPath instanceof Map) {
      fillPath.forEach((fillPath2, fillStyle2) => {
        ctx.fillStyle = ctxFill = fillStyle2;
        ctx.fill(fillPath2);
      });
    } else
      fillPath != null && fillStyle && ctx.fill(fillPath);
  }
  function getIncrSpace(axisIdx, min2, max2, fullDim) {
    let axis = axes[axisIdx];
    let incrSpace;
    if (fullDim <= 0)
      incrSpace = [0, 0];
    else {
      let minSpace = axis._space = axis.space(self, axisIdx, min2, max2, fullDim);
      let incrs = axis._incrs = axis.incrs(self, axisIdx, min2, max2, fullDim, minSpace);
      incrSpace = findIncr(min2, max2, incrs, fullDim, minSpace);
    }
    return axis._found = incrSpace;
  }
  function drawOrthoLines(offs, filts, ori, side, pos0, len, width, stroke, dash, cap) {
    let offset = width % 2 / 2;
    pxAlign == 1 && ctx.translate(offset, offset);
    setCtxStyle(stroke, width, dash, cap, stroke);
    ctx.beginPath();
    let x0, y0, x1, y1, pos1 = pos0 + (side == 0 || side == 3 ? -len : len);
    if (ori == 0) {
      y0 = pos0;
      y1 = pos1;
    } else {
      x0 = pos0;
      x1 = pos1;
    }
    for (let i2 = 0; i2 < offs.length; i2++) {
      if (filts[i2] != null) {
        if (ori == 0)
          x0 = x1 = offs[i2];
        else
          y0 = y1 = offs[i2];
        ctx.moveTo(x0, y0);
        ctx.lineTo(x1, y1);
      }
    }
    ctx.stroke();
    pxAlign == 1 && ctx.translate(-offset, -offset);
  }
  function axesCalc(cycleNum) {
    let converged = true;
    axes.forEach((axis, i2) => {
      if (!axis.show)
        return;
      let scale = scales[axis.scale];
      if (scale.min == null) {
        if (axis._show) {
          converged = false;
          axis._show = false;
          resetYSeries(false);
        }
        return;
      } else {
        if (!axis._show) {
          converged = false;
          axis._show = true;
          resetYSeries(false);
        }
      }
      let side = axis.side;
      let ori = side % 2;
      let { min: min2, max: max2 } = scale;
      let [_incr, _space] = getIncrSpace(i2, min2, max2, ori == 0 ? plotWidCss : plotHgtCss);
      if (_space == 0)
        return;
      let forceMin = scale.distr == 2;
      let _splits = axis._splits = axis.splits(self, i2, min2, max2, _incr, _space, forceMin);
      let splits = scale.distr == 2 ? _splits.map((i3) => data0[i3]) : _splits;
      let incr = scale.distr == 2 ? data0[_splits[1]] - data0[_splits[0]] : _incr;
      let values = axis._values = axis.values(self, axis.filter(self, splits, i2, _space, incr), i2, _space, incr);
      axis._rotate = side == 2 ? axis.rotate(self, values, i2, _space) : 0;
      let oldSize = axis._size;
      axis._size = ceil(axis.size(self, values, i2, cycleNum));
      if (oldSize != null && axis._size != oldSize)
        converged = false;
    });
    return converged;
  }
  function paddingCalc(cycleNum) {
    let converged = true;
    padding.forEach((p2, i2) => {
      let _p = p2(self, i2, sidesWithAxes, cycleNum);
      if (_p != _padding[i2])
        converged = false;
      _padding[i2] = _p;
    });
    return converged;
  }
  function drawAxesGrid() {
    for (let i2 = 0; i2 < axes.length; i2++) {
      let axis = axes[i2];
      if (!axis.show || !axis._show)
        continue;
      let side = axis.side;
      let ori = side % 2;
      let x2, y2;
      let fillStyle = axis.stroke(self, i2);
      let shiftDir = side == 0 || side == 3 ? -1 : 1;
      let [_incr, _space] = axis._found;
      if (axis.label != null) {
        let shiftAmt2 = axis.labelGap * shiftDir;
        let baseLpos = round((axis._lpos + shiftAmt2) * pxRatio);
        setFontStyle(axis.labelFont[0], fillStyle, "center", side == 2 ? TOP : BOTTOM);
        ctx.save();
        if (ori == 1) {
          x2 = y2 = 0;
          ctx.translate(
            baseLpos,
            round(plotTop + plotHgt / 2)
          );
          ctx.rotate((side == 3 ? -PI : PI) / 2);
        } else {
          x2 = round(plotLft + plotWid / 2);
          y2 = baseLpos;
        }
        let _label = isFn(axis.label) ? axis.label(self, i2, _incr, _space) : axis.label;
        ctx.fillText(_label, x2, y2);
        ctx.restore();
      }
      if (_space == 0)
        continue;
      let scale = scales[axis.scale];
      let plotDim = ori == 0 ? plotWid : plotHgt;
      let plotOff = ori == 0 ? plotLft : plotTop;
      let _splits = axis._splits;
      let splits = scale.distr == 2 ? _splits.map((i3) => data0[i3]) : _splits;
      let incr = scale.distr == 2 ? data0[_splits[1]] - data0[_splits[0]] : _incr;
      let ticks2 = axis.ticks;
      let border2 = axis.border;
      let _tickSize = ticks2.show ? ticks2.size : 0;
      let tickSize = round(_tickSize * pxRatio);
      let axisGap = round((axis.alignTo == 2 ? axis._size - _tickSize - axis.gap : axis.gap) * pxRatio);
      let angle = axis._rotate * -PI / 180;
      let basePos = pxRound(axis._pos * pxRatio);
      let shiftAmt = (tickSize + axisGap) * shiftDir;
      let finalPos = basePos + shiftAmt;
      y2 = ori == 0 ? finalPos : 0;
      x2 = ori == 1 ? finalPos : 0;
      let font2 = axis.font[0];
      let textAlign = axis.align == 1 ? LEFT : axis.align == 2 ? RIGHT : angle > 0 ? LEFT : angle < 0 ? RIGHT : ori == 0 ? "center" : side == 3 ? RIGHT : LEFT;
      let textBaseline = angle || ori == 1 ? "middle" : side == 2 ? TOP : BOTTOM;
      setFontStyle(font2, fillStyle, textAlign, textBaseline);
      let lineHeight = axis.font[1] * axis.lineGap;
      let canOffs = _splits.map((val) => pxRound(getPos(val, scale, plotDim, plotOff)));
      let _values = axis._values;
      for (let i3 = 0; i3 < _values.length; i3++) {
        let val = _values[i3];
        if (val != null) {
          if (ori == 0)
            x2 = canOffs[i3];
          else
            y2 = canOffs[i3];
          val = "" + val;
          let _parts = val.indexOf("\n") == -1 ? [val] : val.split(/\n/gm);
          for (let j = 0; j < _parts.length; j++) {
            let text = _parts[j];
            if (angle) {
              ctx.save();
              ctx.translate(x2, y2 + j * lineHeight);
              ctx.rotate(angle);
              ctx.fillText(text, 0, 0);
              ctx.restore();
            } else
              ctx.fillText(text, x2, y2 + j * lineHeight);
          }
        }
      }
      if (ticks2.show) {
        drawOrthoLines(
          canOffs,
          ticks2.filter(self, splits, i2, _space, incr),
          ori,
          side,
          basePos,
          tickSize,
          roundDec(ticks2.width * pxRatio, 3),
          ticks2.stroke(self, i2),
          ticks2.dash,
          ticks2.cap
        );
      }
      let grid2 = axis.grid;
      if (grid2.show) {
        drawOrthoLines(
          canOffs,
          grid2.filter(self, splits, i2, _space, incr),
          ori,
          ori == 0 ? 2 : 1,
          ori == 0 ? plotTop : plotLft,
          ori == 0 ? plotHgt : plotWid,
          roundDec(grid2.width * pxRatio, 3),
          grid2.stroke(self, i2),
          grid2.dash,
          grid2.cap
        );
      }
      if (border2.show) {
        drawOrthoLines(
          [basePos],
          [1],
          ori == 0 ? 1 : 0,
          ori == 0 ? 1 : 2,
          ori == 1 ? plotTop : plotLft,
          ori == 1 ? plotHgt : plotWid,
          roundDec(border2.width * pxRatio, 3),
          border2.stroke(self, i2),
          border2.dash,
          border2.cap
        );
      }
    }
    fire("drawAxes");
  }
  function resetYSeries(minMax) {
    series.forEach((s2, i2) => {
      if (i2 > 0) {
        s2._paths = null;
        if (minMax) {
          if (mode == 1) {
            s2.min = null;
            s2.max = null;
          } else {
            s2.facets.forEach((f2) => {
              f2.min = null;
              f2.max = null;
            });
          }
        }
      }
    });
  }
  let queuedCommit = false;
  let deferHooks = false;
  let hooksQueue = [];
  function flushHooks() {
    deferHooks = false;
    for (let i2 = 0; i2 < hooksQueue.length; i2++)
      fire(...hooksQueue[i2]);
    hooksQueue.length = 0;
  }
  function commit() {
    if (!queuedCommit) {
      microTask(_commit);
      queuedCommit = true;
    }
  }
  function batch(fn, _deferHooks = false) {
    queuedCommit = true;
    deferHooks = _deferHooks;
    fn(self);
    _commit();
    if (_deferHooks && hooksQueue.length > 0)
      queueMicrotask(flushHooks);
  }
  self.batch = batch;
  function _commit() {
    if (shouldSetScales) {
      setScales();
      shouldSetScales = false;
    }
    if (shouldConvergeSize) {
      convergeSize();
      shouldConvergeSize = false;
    }
    if (shouldSetSize) {
      setStylePx(under, LEFT, plotLftCss);
      setStylePx(under, TOP, plotTopCss);
      setStylePx(under, WIDTH, plotWidCss);
      setStylePx(under, HEIGHT, plotHgtCss);
      setStylePx(over, LEFT, plotLftCss);
      setStylePx(over, TOP, plotTopCss);
      setStylePx(over, WIDTH, plotWidCss);
      setStylePx(over, HEIGHT, plotHgtCss);
      setStylePx(wrap, WIDTH, fullWidCss);
      setStylePx(wrap, HEIGHT, fullHgtCss);
      can.width = round(fullWidCss * pxRatio);
      can.height = round(fullHgtCss * pxRatio);
      axes.forEach(({ _el, _show, _size, _pos, side }) => {
        if (_el != null) {
          if (_show) {
            let posOffset = side === 3 || side === 0 ? _size : 0;
            let isVt = side % 2 == 1;
            setStylePx(_el, isVt ? "left" : "top", _pos - posOffset);
            setStylePx(_el, isVt ? "width" : "height", _size);
            setStylePx(_el, isVt ? "top" : "left", isVt ? plotTopCss : plotLftCss);
            setStylePx(_el, isVt ? "height" : "width", isVt ? plotHgtCss : plotWidCss);
            remClass(_el, OFF);
          } else
            addClass(_el, OFF);
        }
      });
      ctxStroke = ctxFill = ctxWidth = ctxJoin = ctxCap = ctxFont = ctxAlign = ctxBaseline = ctxDash = null;
      ctxAlpha = 1;
      syncRect(true);
      if (plotLftCss != _plotLftCss || plotTopCss != _plotTopCss || plotWidCss != _plotWidCss || plotHgtCss != _plotHgtCss) {
        resetYSeries(false);
        let pctWid = plotWidCss / _plotWidCss;
        let pctHgt = plotHgtCss / _plotHgtCss;
        if (showCursor && !shouldSetCursor && cursor.left >= 0) {
          cursor.left *= pctWid;
          cursor.top *= pctHgt;
          vCursor && elTrans(vCursor, round(cursor.left), 0, plotWidCss, plotHgtCss);
          hCursor && elTrans(hCursor, 0, round(cursor.top), plotWidCss, plotHgtCss);
          for (let i2 = 0; i2 < cursorPts.length; i2++) {
            let pt = cursorPts[i2];
            if (pt != null) {
              cursorPtsLft[i2] *= pctWid;
              cursorPtsTop[i2] *= pctHgt;
              elTrans(pt, ceil(cursorPtsLft[i2]), ceil(cursorPtsTop[i2]), plotWidCss, plotHgtCss);
            }
          }
        }
        if (select.show && !shouldSetSelect && select.left >= 0 && select.width > 0) {
          select.left *= pctWid;
          select.width *= pctWid;
          select.top *= pctHgt;
          select.height *= pctHgt;
          for (let prop in _hideProps)
            setStylePx(selectDiv, prop, select[prop]);
        }
        _plotLftCss = plotLftCss;
        _plotTopCss = plotTopCss;
        _plotWidCss = plotWidCss;
        _plotHgtCss = plotHgtCss;
      }
      fire("setSize");
      shouldSetSize = false;
    }
    if (fullWidCss > 0 && fullHgtCss > 0) {
      ctx.clearRect(0, 0, can.width, can.height);
      fire("drawClear");
      drawOrder.forEach((fn) => fn());
      fire("draw");
    }
    if (select.show && shouldSetSelect) {
      setSelect(select);
      shouldSetSelect = false;
    }
    if (showCursor && shouldSetCursor) {
      updateCursor(null, true, false);
      shouldSetCursor = false;
    }
    if (legend.show && legend.live && shouldSetLegend) {
      setLegend();
      shouldSetLegend = false;
    }
    if (!ready) {
      ready = true;
      self.status = 1;
      fire("ready");
    }
    viaAutoScaleX = false;
    queuedCommit = false;
  }
  self.redraw = (rebuildPaths, recalcAxes) => {
    shouldConvergeSize = recalcAxes || false;
    if (rebuildPaths !== false)
      _setScale(xScaleKey, scaleX.min, scaleX.max);
    else
      commit();
  };
  function setScale(key2, opts2) {
    let sc = scales[key2];
    if (sc.from == null) {
      if (dataLen == 0) {
        let minMax = sc.range(self, opts2.min, opts2.max, key2);
        opts2.min = minMax[0];
        opts2.max = minMax[1];
      }
      if (opts2.min > opts2.max) {
        let _min = opts2.min;
        opts2.min = opts2.max;
        opts2.max = _min;
      }
      if (dataLen > 1 && opts2.min != null && opts2.max != null && opts2.max - opts2.min < 1e-16)
        return;
      if (key2 == xScaleKey) {
        if (sc.distr == 2 && dataLen > 0) {
          opts2.min = closestIdx(opts2.min, data[0]);
          opts2.max = closestIdx(opts2.max, data[0]);
          if (opts2.min == opts2.max)
            opts2.max++;
        }
      }
      pendScales[key2] = opts2;
      shouldSetScales = true;
      commit();
    }
  }
  self.setScale = setScale;
  let xCursor;
  let yCursor;
  let vCursor;
  let hCursor;
  let rawMouseLeft0;
  let rawMouseTop0;
  let mouseLeft0;
  let mouseTop0;
  let rawMouseLeft1;
  let rawMouseTop1;
  let mouseLeft1;
  let mouseTop1;
  let dragging = false;
  const drag = cursor.drag;
  let dragX = drag.x;
  let dragY = drag.y;
  if (showCursor) {
    if (cursor.x)
      xCursor = placeDiv(CURSOR_X, over);
    if (cursor.y)
      yCursor = placeDiv(CURSOR_Y, over);
    if (scaleX.ori == 0) {
      vCursor = xCursor;
      hCursor = yCursor;
    } else {
      vCursor = yCursor;
      hCursor = xCursor;
    }
    mouseLeft1 = cursor.left;
    mouseTop1 = cursor.top;
  }
  const select = self.select = assign({
    show: true,
    over: true,
    left: 0,
    width: 0,
    top: 0,
    height: 0
  }, opts.select);
  const selectDiv = select.show ? placeDiv(SELECT, select.over ? over : under) : null;
  function setSelect(opts2, _fire) {
    if (select.show) {
      for (let prop in opts2) {
        select[prop] = opts2[prop];
        if (prop in _hideProps)
          setStylePx(selectDiv, prop, opts2[prop]);
      }
      _fire !== false && fire("setSelect");
    }
  }
  self.setSelect = setSelect;
  function toggleDOM(i2) {
    let s2 = series[i2];
    if (s2.show)
      showLegend && remClass(legendRows[i2], OFF);
    else {
      showLegend && addClass(legendRows[i2], OFF);
      if (showCursor) {
        let pt = cursorOnePt ? cursorPts[0] : cursorPts[i2];
        pt != null && elTrans(pt, -10, -10, plotWidCss, plotHgtCss);
      }
    }
  }
  function _setScale(key2, min2, max2) {
    setScale(key2, { min: min2, max: max2 });
  }
  function setSeries(i2, opts2, _fire, _pub) {
    if (opts2.focus != null)
      setFocus(i2);
    if (opts2.show != null) {
      series.forEach((s2, si) => {
        if (si > 0 && (i2 == si || i2 == null)) {
          s2.show = opts2.show;
          toggleDOM(si);
          if (mode == 2) {
            _setScale(s2.facets[0].scale, null, null);
            _setScale(s2.facets[1].scale, null, null);
          } else
            _setScale(s2.scale, null, null);
          commit();
        }
      });
    }
    _fire !== false && fire("setSeries", i2, opts2);
    _pub && pubSync("setSeries", self, i2, opts2);
  }
  self.setSeries = setSeries;
  function setBand(bi, opts2) {
    assign(bands[bi], opts2);
  }
  function addBand(opts2, bi) {
    opts2.fill = fnOrSelf(opts2.fill || null);
    opts2.dir = ifNull(opts2.dir, -1);
    bi = bi == null ? bands.length : bi;
    bands.splice(bi, 0, opts2);
  }
  function delBand(bi) {
    if (bi == null)
      bands.length = 0;
    else
      bands.splice(bi, 1);
  }
  self.addBand = addBand;
  self.setBand = setBand;
  self.delBand = delBand;
  function setAlpha(i2, value) {
    series[i2].alpha = value;
    if (showCursor && cursorPts[i2] != null)
      cursorPts[i2].style.opacity = value;
    if (showLegend && legendRows[i2])
      legendRows[i2].style.opacity = value;
  }
  let closestDist;
  let closestSeries;
  let focusedSeries;
  const FOCUS_TRUE = { focus: true };
  function setFocus(i2) {
    if (i2 != focusedSeries) {
      let allFocused = i2 == null;
      let _setAlpha = focus.alpha != 1;
      series.forEach((s2, i22) => {
        if (mode == 1 || i22 > 0) {
          let isFocused = allFocused || i22 == 0 || i22 == i2;
          s2._focus = allFocused ? null : isFocused;
          _setAlpha && setAlpha(i22, isFocused ? 1 : focus.alpha);
        }
      });
      focusedSeries = i2;
      _setAlpha && commit();
    }
  }
  if (showLegend && cursorFocus) {
    onMouse(mouseleave, legendTable, (e) => {
      if (cursor._lock)
        return;
      setCursorEvent(e);
      if (focusedSeries != null)
        setSeries(null, FOCUS_TRUE, true, syncOpts.setSeries);
    });
  }
  function posToVal(pos, scale, can2) {
    let sc = scales[scale];
    if (can2)
      pos = pos / pxRatio - (sc.ori == 1 ? plotTopCss : plotLftCss);
    let dim = plotWidCss;
    if (sc.ori == 1) {
      dim = plotHgtCss;
      pos = dim - pos;
    }
    if (sc.dir == -1)
      pos = dim - pos;
    let _min = sc._min, _max = sc._max, pct = pos / dim;
    let sv = _min + (_max - _min) * pct;
    let distr = sc.distr;
    return distr == 3 ? pow(10, sv) : distr == 4 ? sinh(sv, sc.asinh) : distr == 100 ? sc.bwd(sv) : sv;
  }
  function closestIdxFromXpos(pos, can2) {
    let v2 = posToVal(pos, xScaleKey, can2);
    return closestIdx(v2, data[0], i0, i1);
  }
  self.valToIdx = (val) => closestIdx(val, data[0]);
  self.posToIdx = closestIdxFromXpos;
  self.posToVal = posToVal;
  self.valToPos = (val, scale, can2) => scales[scale].ori == 0 ? getHPos(
    val,
    scales[scale],
    can2 ? plotWid : plotWidCss,
    can2 ? plotLft : 0
  ) : getVPos(
    val,
    scales[scale],
    can2 ? plotHgt : plotHgtCss,
    can2 ? plotTop : 0
  );
  self.setCursor = (opts2, _fire, _pub) => {
    mouseLeft1 = opts2.left;
    mouseTop1 = opts2.top;
    updateCursor(null, _fire, _pub);
  };
  function setSelH(off2, dim) {
    setStylePx(selectDiv, LEFT, select.left = off2);
    setStylePx(selectDiv, WIDTH, select.width = dim);
  }
  function setSelV(off2, dim) {
    setStylePx(selectDiv, TOP, select.top = off2);
    setStylePx(selectDiv, HEIGHT, select.height = dim);
  }
  let setSelX = scaleX.ori == 0 ? setSelH : setSelV;
  let setSelY = scaleX.ori == 1 ? setSelH : setSelV;
  function syncLegend() {
    if (showLegend && legend.live) {
      for (let i2 = mode == 2 ? 1 : 0; i2 < series.length; i2++) {
        if (i2 == 0 && multiValLegend)
          continue;
        let vals = legend.values[i2];
        let j = 0;
        for (let k in vals)
          legendCells[i2][j++].firstChild.nodeValue = vals[k];
      }
    }
  }
  function setLegend(opts2, _fire) {
    if (opts2 != null) {
      if (opts2.idxs) {
        opts2.idxs.forEach((didx, sidx) => {
          activeIdxs[sidx] = didx;
        });
      } else if (!isUndef(opts2.idx))
        activeIdxs.fill(opts2.idx);
      legend.idx = activeIdxs[0];
    }
    if (showLegend && legend.live) {
      for (let sidx = 0; sidx < series.length; sidx++) {
        if (sidx > 0 || mode == 1 && !multiValLegend)
          setLegendValues(sidx, activeIdxs[sidx]);
      }
      syncLegend();
    }
    shouldSetLegend = false;
    _fire !== false && fire("setLegend");
  }
  self.setLegend = setLegend;
  function setLegendValues(sidx, idx) {
    let s2 = series[sidx];
    let src = sidx == 0 && xScaleDistr == 2 ? data0 : data[sidx];
    let val;
    if (multiValLegend)
      val = s2.values(self, sidx, idx) ?? NULL_LEGEND_VALUES;
    else {
      val = s2.value(self, idx == null ? null : src[idx], sidx, idx);
      val = val == null ? NULL_LEGEND_VALUES : { _: val };
    }
    legend.values[sidx] = val;
  }
  function updateCursor(src, _fire, _pub) {
    rawMouseLeft1 = mouseLeft1;
    rawMouseTop1 = mouseTop1;
    [mouseLeft1, mouseTop1] = cursor.move(self, mouseLeft1, mouseTop1);
    cursor.left = mouseLeft1;
    cursor.top = mouseTop1;
    if (showCursor) {
      vCursor && elTrans(vCursor, round(mouseLeft1), 0, plotWidCss, plotHgtCss);
      hCursor && elTrans(hCursor, 0, round(mouseTop1), plotWidCss, plotHgtCss);
    }
    let idx;
    let noDataInRange = i0 > i1;
    closestDist = inf;
    closestSeries = null;
    let xDim = scaleX.ori == 0 ? plotWidCss : plotHgtCss;
    let yDim = scaleX.ori == 1 ? plotWidCss : plotHgtCss;
    if (mouseLeft1 < 0 || dataLen == 0 || noDataInRange) {
      idx = cursor.idx = null;
      for (let i2 = 0; i2 < series.length; i2++) {
        let pt = cursorPts[i2];
        pt != null && elTrans(pt, -10, -10, plotWidCss, plotHgtCss);
      }
      if (cursorFocus)
        setSeries(null, FOCUS_TRUE, true, src == null && syncOpts.setSeries);
      if (legend.live) {
        activeIdxs.fill(idx);
        shouldSetLegend = true;
      }
    } else {
      let mouseXPos, valAtPosX, xPos;
      if (mode == 1) {
        mouseXPos = scaleX.ori == 0 ? mouseLeft1 : mouseTop1;
        valAtPosX = posToVal(mouseXPos, xScaleKey);
        idx = cursor.idx = closestIdx(valAtPosX, data[0], i0, i1);
        xPos = valToPosX(data[0][idx], scaleX, xDim, 0);
      }
      let _ptLft = -10;
      let _ptTop = -10;
      let _ptWid = 0;
      let _ptHgt = 0;
      let _centered = true;
      let _ptFill = "";
      let _ptStroke = "";
      for (let i2 = mode == 2 ? 1 : 0; i2 < series.length; i2++) {
        let s2 = series[i2];
        let idx1 = activeIdxs[i2];
        let yVal1 = idx1 == null ? null : mode == 1 ? data[i2][idx1] : data[i2][1][idx1];
        let idx2 = cursor.dataIdx(self, i2, idx, valAtPosX);
        let yVal2 = idx2 == null ? null : mode == 1 ? data[i2][idx2] : data[i2][1][idx2];
        shouldSetLegend = shouldSetLegend || yVal2 != yVal1 || idx2 != idx1;
        activeIdxs[i2] = idx2;
        if (i2 > 0 && s2.show) {
          let xPos2 = idx2 == null ? -10 : idx2 == idx ? xPos : valToPosX(mode == 1 ? data[0][idx2] : data[i2][0][idx2], scaleX, xDim, 0);
          let yPos = yVal2 == null ? -10 : valToPosY(yVal2, mode == 1 ? scales[s2.scale] : scales[s2.facets[1].scale], yDim, 0);
          if (cursorFocus && yVal2 != null) {
            let mouseYPos = scaleX.ori == 1 ? mouseLeft1 : mouseTop1;
            let dist = abs(focus.dist(self, i2, idx2, yPos, mouseYPos));
            if (dist < closestDist) {
              let bias = focus.bias;
              if (bias != 0) {
                let mouseYVal = posToVal(mouseYPos, s2.scale);
                let seriesYValSign = yVal2 >= 0 ? 1 : -1;
                let mouseYValSign = mouseYVal >= 0 ? 1 : -1;
                if (mouseYValSign == seriesYValSign && (mouseYValSign == 1 ? bias == 1 ? yVal2 >= mouseYVal : yVal2 <= mouseYVal : (
                  // >= 0
                  bias == 1 ? yVal2 <= mouseYVal : yVal2 >= mouseYVal
                ))) {
                  closestDist = dist;
                  closestSeries = i2;
                }
              } else {
                closestDist = dist;
                closestSeries = i2;
              }
            }
          }
          if (shouldSetLegend || cursorOnePt) {
            let hPos, vPos;
            if (scaleX.ori == 0) {
              hPos = xPos2;
              vPos = yPos;
            } else {
              hPos = yPos;
              vPos = xPos2;
            }
            let ptWid, ptHgt, ptLft, ptTop, ptStroke, ptFill, centered = true, getBBox = points2.bbox;
            if (getBBox != null) {
              centered = false;
              let bbox = getBBox(self, i2);
              ptLft = bbox.left;
              ptTop = bbox.top;
              ptWid = bbox.width;
              ptHgt = bbox.height;
            } else {
              ptLft = hPos;
              ptTop = vPos;
              ptWid = ptHgt = points2.size(self, i2);
            }
            ptFill = points2.fill(self, i2);
            ptStroke = points2.stroke(self, i2);
            if (cursorOnePt) {
              if (i2 == closestSeries && closestDist <= focus.prox) {
                _ptLft = ptLft;
                _ptTop = ptTop;
                _ptWid = ptWid;
                _ptHgt = ptHgt;
                _centered = centered;
                _ptFill = ptFill;
                _ptStroke = ptStroke;
              }
            } else {
              let pt = cursorPts[i2];
              if (pt != null) {
                cursorPtsLft[i2] = ptLft;
                cursorPtsTop[i2] = ptTop;
                elSize(pt, ptWid, ptHgt, centered);
                elColor(pt, ptFill, ptStroke);
                elTrans(pt, ceil(ptLft), ceil(ptTop), plotWidCss, plotHgtCss);
              }
            }
          }
        }
      }
      if (cursorOnePt) {
        let p2 = focus.prox;
        let focusChanged = focusedSeries == null ? closestDist <= p2 : closestDist > p2 || closestSeries != focusedSeries;
        if (shouldSetLegend || focusChanged) {
          let pt = cursorPts[0];
          if (pt != null) {
            cursorPtsLft[0] = _ptLft;
            cursorPtsTop[0] = _ptTop;
            elSize(pt, _ptWid, _ptHgt, _centered);
            elColor(pt, _ptFill, _ptStroke);
            elTrans(pt, ceil(_ptLft), ceil(_ptTop), plotWidCss, plotHgtCss);
          }
        }
      }
    }
    if (select.show && dragging) {
      if (src != null) {
        let [xKey, yKey] = syncOpts.scales;
        let [matchXKeys, matchYKeys] = syncOpts.match;
        let [xKeySrc, yKeySrc] = src.cursor.sync.scales;
        let sdrag = src.cursor.drag;
        dragX = sdrag._x;
        dragY = sdrag._y;
        if (dragX || dragY) {
          let { left, top, width, height } = src.select;
          let sori = src.scales[xKeySrc].ori;
          let sPosToVal = src.posToVal;
          let sOff, sDim, sc, a2, b2;
          let matchingX = xKey != null && matchXKeys(xKey, xKeySrc);
          let matchingY = yKey != null && matchYKeys(yKey, yKeySrc);
          if (matchingX && dragX) {
            if (sori == 0) {
              sOff = left;
              sDim = width;
            } else {
              sOff = top;
              sDim = height;
            }
            sc = scales[xKey];
            a2 = valToPosX(sPosToVal(sOff, xKeySrc), sc, xDim, 0);
            b2 = valToPosX(sPosToVal(sOff + sDim, xKeySrc), sc, xDim, 0);
            setSelX(min(a2, b2), abs(b2 - a2));
          } else
            setSelX(0, xDim);
          if (matchingY && dragY) {
            if (sori == 1) {
              sOff = left;
              sDim = width;
            } else {
              sOff = top;
              sDim = height;
            }
            sc = scales[yKey];
            a2 = valToPosY(sPosToVal(sOff, yKeySrc), sc, yDim, 0);
            b2 = valToPosY(sPosToVal(sOff + sDim, yKeySrc), sc, yDim, 0);
            setSelY(min(a2, b2), abs(b2 - a2));
          } else
            setSelY(0, yDim);
        } else
          hideSelect();
      } else {
        let rawDX = abs(rawMouseLeft1 - rawMouseLeft0);
        let rawDY = abs(rawMouseTop1 - rawMouseTop0);
        if (scaleX.ori == 1) {
          let _rawDX = rawDX;
          rawDX = rawDY;
          rawDY = _rawDX;
        }
        dragX = drag.x && rawDX >= drag.dist;
        dragY = drag.y && rawDY >= drag.dist;
        let uni = drag.uni;
        if (uni != null) {
          if (dragX && dragY) {
            dragX = rawDX >= uni;
            dragY = rawDY >= uni;
            if (!dragX && !dragY) {
              if (rawDY > rawDX)
                dragY = true;
              else
                dragX = true;
            }
          }
        } else if (drag.x && drag.y && (dragX || dragY))
          dragX = dragY = true;
        let p0, p1;
        if (dragX) {
          if (scaleX.ori == 0) {
            p0 = mouseLeft0;
            p1 = mouseLeft1;
          } else {
            p0 = mouseTop0;
            p1 = mouseTop1;
          }
          setSelX(min(p0, p1), abs(p1 - p0));
          if (!dragY)
            setSelY(0, yDim);
        }
        if (dragY) {
          if (scaleX.ori == 1) {
            p0 = mouseLeft0;
            p1 = mouseLeft1;
          } else {
            p0 = mouseTop0;
            p1 = mouseTop1;
          }
          setSelY(min(p0, p1), abs(p1 - p0));
          if (!dragX)
            setSelX(0, xDim);
        }
        if (!dragX && !dragY) {
          setSelX(0, 0);
          setSelY(0, 0);
        }
      }
    }
    drag._x = dragX;
    drag._y = dragY;
    if (src == null) {
      if (_pub) {
        if (syncKey != null) {
          let [xSyncKey, ySyncKey] = syncOpts.scales;
          syncOpts.values[0] = xSyncKey != null ? posToVal(scaleX.ori == 0 ? mouseLeft1 : mouseTop1, xSyncKey) : null;
          syncOpts.values[1] = ySyncKey != null ? posToVal(scaleX.ori == 1 ? mouseLeft1 : mouseTop1, ySyncKey) : null;
        }
        pubSync(mousemove, self, mouseLeft1, mouseTop1, plotWidCss, plotHgtCss, idx);
      }
      if (cursorFocus) {
        let shouldPub = _pub && syncOpts.setSeries;
        let p2 = focus.prox;
        if (focusedSeries == null) {
          if (closestDist <= p2)
            setSeries(closestSeries, FOCUS_TRUE, true, shouldPub);
        } else {
          if (closestDist > p2)
            setSeries(null, FOCUS_TRUE, true, shouldPub);
          else if (closestSeries != focusedSeries)
            setSeries(closestSeries, FOCUS_TRUE, true, shouldPub);
        }
      }
    }
    if (shouldSetLegend) {
      legend.idx = idx;
      setLegend();
    }
    _fire !== false && fire("setCursor");
  }
  let rect2 = null;
  Object.defineProperty(self, "rect", {
    get() {
      if (rect2 == null)
        syncRect(false);
      return rect2;
    }
  });
  function syncRect(defer = false) {
    if (defer)
      rect2 = null;
    else {
      rect2 = over.getBoundingClientRect();
      fire("syncRect", rect2);
    }
  }
  function mouseMove(e, src, _l, _t, _w, _h, _i) {
    if (cursor._lock)
      return;
    if (dragging && e != null && e.movementX == 0 && e.movementY == 0)
      return;
    cacheMouse(e, src, _l, _t, _w, _h, _i, false, e != null);
    if (e != null)
      updateCursor(null, true, true);
    else
      updateCursor(src, true, false);
  }
  function cacheMouse(e, src, _l, _t, _w, _h, _i, initial, snap) {
    if (rect2 == null)
      syncRect(false);
    setCursorEvent(e);
    if (e != null) {
      _l = e.clientX - rect2.left;
      _t = e.clientY - rect2.top;
    } else {
      if (_l < 0 || _t < 0) {
        mouseLeft1 = -10;
        mouseTop1 = -10;
        return;
      }
      let [xKey, yKey] = syncOpts.scales;
      let syncOptsSrc = src.cursor.sync;
      let [xValSrc, yValSrc] = syncOptsSrc.values;
      let [xKeySrc, yKeySrc] = syncOptsSrc.scales;
      let [matchXKeys, matchYKeys] = syncOpts.match;
      let rotSrc = src.axes[0].side % 2 == 1;
      let xDim = scaleX.ori == 0 ? plotWidCss : plotHgtCss, yDim = scaleX.ori == 1 ? plotWidCss : plotHgtCss, _xDim = rotSrc ? _h : _w, _yDim = rotSrc ? _w : _h, _xPos = rotSrc ? _t : _l, _yPos = rotSrc ? _l : _t;
      if (xKeySrc != null)
        _l = matchXKeys(xKey, xKeySrc) ? getPos(xValSrc, scales[xKey], xDim, 0) : -10;
      else
        _l = xDim * (_xPos / _xDim);
      if (yKeySrc != null)
        _t = matchYKeys(yKey, yKeySrc) ? getPos(yValSrc, scales[yKey], yDim, 0) : -10;
      else
        _t = yDim * (_yPos / _yDim);
      if (scaleX.ori == 1) {
        let __l = _l;
        _l = _t;
        _t = __l;
      }
    }
    if (snap && (src == null || src.cursor.event.type == mousemove)) {
      if (_l <= 1 || _l >= plotWidCss - 1)
        _l = incrRound(_l, plotWidCss);
      if (_t <= 1 || _t >= plotHgtCss - 1)
        _t = incrRound(_t, plotHgtCss);
    }
    if (initial) {
      rawMouseLeft0 = _l;
      rawMouseTop0 = _t;
      [mouseLeft0, mouseTop0] = cursor.move(self, _l, _t);
    } else {
      mouseLeft1 = _l;
      mouseTop1 = _t;
    }
  }
  const _hideProps = {
    width: 0,
    height: 0,
    left: 0,
    top: 0
  };
  function hideSelect() {
    setSelect(_hideProps, false);
  }
  let downSelectLeft;
  let downSelectTop;
  let downSelectWidth;
  let downSelectHeight;
  function mouseDown(e, src, _l, _t, _w, _h, _i) {
    dragging = true;
    dragX = dragY = drag._x = drag._y = false;
    cacheMouse(e, src, _l, _t, _w, _h, _i, true, false);
    if (e != null) {
      onMouse(mouseup, doc, mouseUp, false);
      pubSync(mousedown, self, mouseLeft0, mouseTop0, plotWidCss, plotHgtCss, null);
    }
    let { left, top, width, height } = select;
    downSelectLeft = left;
    downSelectTop = top;
    downSelectWidth = width;
    downSelectHeight = height;
  }
  function mouseUp(e, src, _l, _t, _w, _h, _i) {
    dragging = drag._x = drag._y = false;
    cacheMouse(e, src, _l, _t, _w, _h, _i, false, true);
    let { left, top, width, height } = select;
    let hasSelect = width > 0 || height > 0;
    let chgSelect = downSelectLeft != left || downSelectTop != top || downSelectWidth != width || downSelectHeight != height;
    hasSelect && chgSelect && setSelect(select);
    if (drag.setScale && hasSelect && chgSelect) {
      let xOff = left, xDim = width, yOff = top, yDim = height;
      if (scaleX.ori == 1) {
        xOff = top, xDim = height, yOff = left, yDim = width;
      }
      if (dragX) {
        _setScale(
          xScaleKey,
          posToVal(xOff, xScaleKey),
          posToVal(xOff + xDim, xScaleKey)
        );
      }
      if (dragY) {
        for (let k in scales) {
          let sc = scales[k];
          if (k != xScaleKey && sc.from == null && sc.min != inf) {
            _setScale(
              k,
              posToVal(yOff + yDim, k),
              posToVal(yOff, k)
            );
          }
        }
      }
      hideSelect();
    } else if (cursor.lock) {
      cursor._lock = !cursor._lock;
      updateCursor(src, true, e != null);
    }
    if (e != null) {
      offMouse(mouseup, doc);
      pubSync(mouseup, self, mouseLeft1, mouseTop1, plotWidCss, plotHgtCss, null);
    }
  }
  function mouseLeave(e, src, _l, _t, _w, _h, _i) {
    if (cursor._lock)
      return;
    setCursorEvent(e);
    let _dragging = dragging;
    if (dragging) {
      let snapH = true;
      let snapV = true;
      let snapProx = 10;
      let dragH, dragV;
      if (scaleX.ori == 0) {
        dragH = dragX;
        dragV = dragY;
      } else {
        dragH = dragY;
        dragV = dragX;
      }
      if (dragH && dragV) {
        snapH = mouseLeft1 <= snapProx || mouseLeft1 >= plotWidCss - snapProx;
        snapV = mouseTop1 <= snapProx || mouseTop1 >= plotHgtCss - snapProx;
      }
      if (dragH && snapH)
        mouseLeft1 = mouseLeft1 < mouseLeft0 ? 0 : plotWidCss;
      if (dragV && snapV)
        mouseTop1 = mouseTop1 < mouseTop0 ? 0 : plotHgtCss;
      updateCursor(null, true, true);
      dragging = false;
    }
    mouseLeft1 = -10;
    mouseTop1 = -10;
    activeIdxs.fill(null);
    updateCursor(null, true, true);
    if (_dragging)
      dragging = _dragging;
  }
  function dblClick(e, src, _l, _t, _w, _h, _i) {
    if (cursor._lock)
      return;
    setCursorEvent(e);
    autoScaleX();
    hideSelect();
    if (e != null)
      pubSync(dblclick, self, mouseLeft1, mouseTop1, plotWidCss, plotHgtCss, null);
  }
  function syncPxRatio() {
    axes.forEach(syncFontSize);
    _setSize(self.width, self.height, true);
  }
  on(dppxchange, win, syncPxRatio);
  const events = {};
  events.mousedown = mouseDown;
  events.mousemove = mouseMove;
  events.mouseup = mouseUp;
  events.dblclick = dblClick;
  events["setSeries"] = (e, src, idx, opts2) => {
    let seriesIdxMatcher2 = syncOpts.match[2];
    idx = seriesIdxMatcher2(self, src, idx);
    idx != -1 && setSeries(idx, opts2, true, false);
  };
  if (showCursor) {
    onMouse(mousedown, over, mouseDown);
    onMouse(mousemove, over, mouseMove);
    onMouse(mouseenter, over, (e) => {
      setCursorEvent(e);
      syncRect(false);
    });
    onMouse(mouseleave, over, mouseLeave);
    onMouse(dblclick, over, dblClick);
    cursorPlots.add(self);
    self.syncRect = syncRect;
  }
  const hooks = self.hooks = opts.hooks || {};
  function fire(evName, a1, a2) {
    if (deferHooks)
      hooksQueue.push([evName, a1, a2]);
    else {
      if (evName in hooks) {
        hooks[evName].forEach((fn) => {
          fn.call(null, self, a1, a2);
        });
      }
    }
  }
  (opts.plugins || []).forEach((p2) => {
    for (let evName in p2.hooks)
      hooks[evName] = (hooks[evName] || []).concat(p2.hooks[evName]);
  });
  const seriesIdxMatcher = (self2, src, srcSeriesIdx) => srcSeriesIdx;
  const syncOpts = assign({
    key: null,
    setSeries: false,
    filters: {
      pub: retTrue,
      sub: retTrue
    },
    scales: [xScaleKey, series[1] ? series[1].scale : null],
    match: [retEq, retEq, seriesIdxMatcher],
    values: [null, null]
  }, cursor.sync);
  if (syncOpts.match.length == 2)
    syncOpts.match.push(seriesIdxMatcher);
  cursor.sync = syncOpts;
  const syncKey = syncOpts.key;
  const sync = _sync(syncKey);
  function pubSync(type, src, x2, y2, w2, h2, i2) {
    if (syncOpts.filters.pub(type, src, x2, y2, w2, h2, i2))
      sync.pub(type, src, x2, y2, w2, h2, i2);
  }
  sync.sub(self);
  function pub(type, src, x2, y2, w2, h2, i2) {
    if (syncOpts.filters.sub(type, src, x2, y2, w2, h2, i2))
      events[type](null, src, x2, y2, w2, h2, i2);
  }
  self.pub = pub;
  function destroy() {
    sync.unsub(self);
    cursorPlots.delete(self);
    mouseListeners.clear();
    off(dppxchange, win, syncPxRatio);
    root.remove();
    legendTable?.remove();
    fire("destroy");
  }
  self.destroy = destroy;
  function _init() {
    fire("init", opts, data);
    setData(data || opts.data, false);
    if (pendScales[xScaleKey])
      setScale(xScaleKey, pendScales[xScaleKey]);
    else
      autoScaleX();
    shouldSetSelect = select.show && (select.width > 0 || select.height > 0);
    shouldSetCursor = shouldSetLegend = true;
    _setSize(opts.width, opts.height);
  }
  series.forEach(initSeries);
  axes.forEach(initAxis);
  if (then) {
    if (then instanceof HTMLElement) {
      then.appendChild(root);
      _init();
    } else
      then(self, _init);
  } else
    _init();
  return self;
}
uPlot.assign = assign;
uPlot.fmtNum = fmtNum;
uPlot.rangeNum = rangeNum;
uPlot.rangeLog = rangeLog;
uPlot.rangeAsinh = rangeAsinh;
uPlot.orient = orient;
uPlot.pxRatio = pxRatio;
{
  uPlot.join = join;
}
{
  uPlot.fmtDate = fmtDate;
  uPlot.tzDate = tzDate;
}
uPlot.sync = _sync;
{
  uPlot.addGap = addGap;
  uPlot.clipGaps = clipGaps;
  let paths = uPlot.paths = {
    points
  };
  paths.linear = linear;
  paths.stepped = stepped;
  paths.bars = bars;
  paths.spline = monotoneCubic;
}

// src/plot.js
var FONT2 = "12px system-ui, sans-serif";
var CHAR_WIDTH = 7;
var BYTE_STEPS = Array.from({ length: 44 }, (_3, i2) => 2 ** i2);
var BAND_ALPHA = "2e";
var EACH = 3;
var isMean = (index) => index > 0 && index % EACH === 0;
var TOP_PX = 10;
var TIME_PX = 28;
var TWO_LINES_PX = 46;
function rangeAbove(lanesPx, height, low, high) {
  const [bottom, top] = valueRange(low, high);
  const part = Math.min(0.9, lanesPx / height);
  return [bottom - (top - bottom) * part / (1 - part), top];
}
var heightOf = (plot) => plot.bbox.height / devicePixelRatio;
function scalesOf(lines) {
  const scales = /* @__PURE__ */ new Map();
  for (const { scale, unit } of lines) {
    if (!scales.has(scale)) scales.set(scale, { key: `y${scales.size}`, unit });
  }
  return scales;
}
function momentsOf(lanes, { min: min2 }) {
  const moments = lanes.flatMap(({ spells: spells2 }) => spells2.map(({ from }) => from));
  return [...new Set(moments)].filter((at) => at >= min2).sort((a2, b2) => a2 - b2);
}
var Plot = class {
  #plot = null;
  #lines = [];
  // {points, scale, slot}
  #lanes = [];
  // {name, slot, spells}
  #range = { min: 0, max: 1 };
  // The moment under the cursor.
  #at = null;
  // True if the keys have moved the cursor. Then it stays at its moment, not at its pixel.
  #isStepping = false;
  /** `on`: selected(min, max), cursor(at or null). */
  constructor(element, on2) {
    this.element = element;
    this.on = on2;
  }
  get uplot() {
    return this.#plot;
  }
  /** Make the picture anew, for other lines. */
  clear() {
    this.#plot?.destroy();
    this.#plot = null;
    this.#at = null;
    this.#isStepping = false;
  }
  recolour() {
    this.#plot?.redraw(false, true);
  }
  /**
   * Draw lines {points, unit, scale, slot} and lanes. `scale` names what lines with the same axis
   * share. Returns the number of points in the range.
   */
  draw(lines, lanes, range, width, height) {
    this.#lines = lines;
    this.#lanes = lanes;
    this.#range = range;
    const tables = lines.map(({ points: points2 }) => points2.table());
    const data = uPlot.join([...tables, [momentsOf(lanes, range)]]);
    if (!this.#plot) {
      this.#plot = new uPlot(this.#options(width, height), data, this.element);
    } else {
      if (this.#plot.width !== width || this.#plot.height !== height) {
        this.#plot.setSize({ width, height });
      }
      this.#plot.setData(data, false);
      this.#plot.setScale("x", range);
    }
    return lines.reduce((sum, { points: points2 }) => sum + points2.countIn(range), 0);
  }
  /** Move the cursor to the next drawn moment, in the direction 1 or -1. */
  step(direction) {
    const plot = this.#plot;
    const { min: min2, max: max2 } = this.#range;
    const times = plot?.data[0].filter((at) => at >= min2 && at <= max2) ?? [];
    const next = this.#at === null ? times.at(direction > 0 ? 0 : -1) : direction > 0 ? times.find((at) => at > this.#at) : times.findLast((at) => at < this.#at);
    if (next === void 0) return;
    this.#isStepping = true;
    this.#at = next;
    this.#placeCursor();
    this.on.cursor(next);
  }
  #placeCursor() {
    const plot = this.#plot;
    plot.setCursor({ left: plot.valToPos(this.#at, "x"), top: plot.over.clientHeight / 2 }, false);
  }
  /** Remove a cursor that the keys have moved. */
  hideCursor() {
    if (!this.#isStepping) return;
    this.#isStepping = false;
    this.#plot?.setCursor({ left: -10, top: -10 });
  }
  #options(width, height) {
    const scales = scalesOf(this.#lines);
    const lanesPx = this.#lanes.length * LANE_PX;
    const range = (plot, low, high) => rangeAbove(lanesPx, heightOf(plot) || height - TOP_PX - TIME_PX, low, high);
    return {
      width,
      height,
      ms: 1,
      // Space for half of the last time label.
      padding: [TOP_PX, scales.size > 1 ? 0 : 28, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false, dist: 4 },
        points: { size: (_plot, index) => isMean(index) ? 8 : 0 }
      },
      select: { show: true },
      scales: {
        x: { time: true, range: () => [this.#range.min, this.#range.max] },
        ...Object.fromEntries([...scales.values()].map(({ key }) => [key, { range }]))
      },
      axes: [
        this.#timeAxis(),
        ...[...scales.values()].slice(0, 2).map((scale, i2) => this.#valueAxis(scale, i2, lanesPx))
      ],
      series: [{}, ...this.#lines.flatMap((line2) => this.#line(line2, scales.get(line2.scale).key))],
      bands: this.#lines.map(({ slot }, i2) => ({
        series: [EACH * i2 + 1, EACH * i2 + 2],
        fill: () => theme.series[slot] + BAND_ALPHA
      })),
      hooks: {
        setSelect: [(plot) => this.#selected(plot)],
        draw: [(plot) => this.#drawRest(plot, lanesPx)],
        setCursor: [(plot) => this.#moved(plot)]
      }
    };
  }
  #drawRest(plot, lanesPx) {
    drawLanes(plot, this.#lanes, plot.bbox.top / devicePixelRatio + heightOf(plot) - lanesPx);
    if (this.#isStepping) this.#placeCursor();
  }
  #axis() {
    return {
      stroke: () => theme.axis,
      font: FONT2,
      grid: { stroke: () => theme.grid, width: 1 },
      ticks: { show: false }
    };
  }
  #timeAxis() {
    return {
      ...this.#axis(),
      space: 90,
      size: (_plot, labels) => (labels ?? []).some((label) => label.includes("\n")) ? TWO_LINES_PX : TIME_PX,
      values: (_plot, ticks2, _axis, _space, step) => timeLabels(ticks2, step)
    };
  }
  #valueAxis({ key, unit }, i2, lanesPx) {
    const axis = this.#axis();
    const isBytes = unit === "bytes";
    const filter = (plot, ticks2) => {
      const least = lanesPx ? plot.posToVal(heightOf(plot) - lanesPx, key) : -Infinity;
      return ticks2.map((tick) => tick < least ? null : tick);
    };
    return {
      ...axis,
      scale: key,
      side: i2 === 0 ? 3 : 1,
      grid: { ...axis.grid, show: i2 === 0, filter },
      space: 36,
      gap: 6,
      incrs: isBytes ? BYTE_STEPS : void 0,
      filter,
      size: (_plot, labels) => 14 + CHAR_WIDTH * Math.max(2, ...(labels ?? []).map((label) => label?.length ?? 0)),
      values: (_plot, ticks2, _axis, _space, step) => {
        const shown2 = ticks2.filter((tick) => tick !== null);
        const labels = isBytes ? byteLabels(shown2, step) : numberLabels(shown2, step);
        return ticks2.map((tick) => tick === null ? null : labels.shift());
      }
    };
  }
  /** Three series: highest and lowest, between which the band is, and the mean. */
  #line({ slot }, scale) {
    const colour = () => theme.series[slot];
    const edge = { scale, width: 0, points: { show: false } };
    const points2 = { size: 5, fill: colour, stroke: colour };
    return [edge, edge, { scale, stroke: colour, width: 2, points: points2 }].map((each) => ({ ...each }));
  }
  #selected(plot) {
    const { left, width } = plot.select;
    if (width < 4) return;
    const [min2, max2] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.on.selected(min2, max2);
  }
  #moved(plot) {
    if (this.#isStepping) return;
    const { idx, left } = plot.cursor;
    const isOver = idx !== null && idx !== void 0 && left >= 0;
    this.#at = isOver ? plot.data[0][idx] : null;
    this.on.cursor(this.#at);
  }
};

// src/view.js
var HOUR_MS = 36e5;
var DAY_MS2 = 24 * HOUR_MS;
var SPANS_MS = [HOUR_MS, DAY_MS2, 7 * DAY_MS2, 30 * DAY_MS2, 365 * DAY_MS2];
var READINGS = 100;
var SHORTEST_MS = 1e3;
var EMPTY_MS = 1e4;
var MOST_STEPS = 20;
function spanFor(gapMs) {
  const distance = (spanMs) => Math.abs(Math.log(spanMs / gapMs / READINGS));
  return SPANS_MS.reduce((best, spanMs) => distance(spanMs) < distance(best) ? spanMs : best);
}
var View = class {
  spanMs = SPANS_MS[0];
  // {min, max} that does not move, or null.
  #held = null;
  // What was held before each zoom, the newest last.
  #steps = [];
  get isHeld() {
    return this.#held !== null;
  }
  get isZoomed() {
    return this.#steps.length > 0;
  }
  /** {min, max} in ms. The history begins at `first`. */
  range(first, now) {
    if (this.#held) return this.#held;
    return { min: Math.max(this.limits(first, now).min, now - this.spanMs), max: now };
  }
  /** The widest range. There is nothing to see outside it. */
  limits(first, now) {
    return { min: Math.min(first, now - EMPTY_MS), max: now };
  }
  follow(spanMs = this.spanMs) {
    this.spanMs = spanMs;
    this.#steps = [];
    this.#held = null;
  }
  /** Stop at the range that is shown. */
  hold(range) {
    this.#held = { ...range };
  }
  /** Show this part, at least a second, within `limits`. `back` returns to what is shown now. */
  zoomTo(range, limits) {
    this.#steps = [...this.#steps, this.#held].slice(-MOST_STEPS);
    this.#moveTo(range, limits);
  }
  /** Return to the range before the last zoom. */
  back() {
    this.#held = this.#steps.pop() ?? null;
  }
  /** Show `factor` times as much. The moment `at` stays in its place. */
  zoomBy(factor, at, shown2, limits) {
    const min2 = at - (at - shown2.min) * factor;
    const max2 = at + (shown2.max - at) * factor;
    if (this.isZoomed) this.#moveTo({ min: min2, max: max2 }, limits);
    else this.zoomTo({ min: min2, max: max2 }, limits);
  }
  moveBy(ms, shown2, limits) {
    this.#moveTo({ min: shown2.min + ms, max: shown2.max + ms }, limits);
  }
  #moveTo({ min: min2, max: max2 }, limits) {
    const length = Math.min(Math.max(SHORTEST_MS, max2 - min2), limits.max - limits.min);
    const middle = (min2 + max2) / 2;
    const start = Math.min(Math.max(limits.min, middle - length / 2), limits.max - length);
    this.hold({ min: start, max: start + length });
  }
};

// src/ranges.js
var KEY4 = `range ${place}`;
var box = document.getElementById("ranges");
function chosenSpan() {
  const spanMs = load(KEY4, 0);
  return SPANS_MS.includes(spanMs) ? spanMs : null;
}
function listenToRanges(chosen) {
  box.addEventListener("change", ({ target }) => {
    save(KEY4, Number(target.value));
    chosen(Number(target.value));
  });
}
function showSpan(spanMs) {
  for (const input of box.querySelectorAll("input")) input.checked = Number(input.value) === spanMs;
}

// src/tables.js
var MOST_SPELLS = 100;
var byId3 = (id) => document.getElementById(id);
var shown = "";
function rowOf(head, cells) {
  const row = document.createElement("tr");
  const first = document.createElement("th");
  first.scope = "row";
  first.textContent = head;
  row.append(first);
  for (const text of cells) row.insertCell().textContent = text;
  return row;
}
var headOf = (line2) => `${line2.title} · ${line2.label}`;
function numberRow(line2, { min: min2, max: max2 }) {
  const { latest, low, high, mean, count: count3 } = line2.points.summary(min2, max2);
  const numbers = [latest, low, high].map((number) => line2.numberText(number));
  return [headOf(line2), [...numbers, line2.numberText(mean, 1), String(count3)]];
}
function spellRows(lines, { min: min2, max: max2 }) {
  return lines.flatMap((line2) => spells(line2.changes, { min: min2, max: max2 }).map((spell) => ({ ...spell, line: line2 }))).sort((a2, b2) => b2.from - a2.from).slice(0, MOST_SPELLS).map(({ line: line2, from, to, value }) => [
    headOf(line2),
    [line2.stateText(value), formatTime(from), to > max2 ? "" : formatTime(to)]
  ]);
}
function paintTables(lines, range) {
  if (!byId3("chart-table").open) return;
  const caption = `From ${formatTime(range.min)} to ${formatTime(range.max)}`;
  byId3("chart-caption").textContent = caption;
  byId3("changes-caption").textContent = `Bools and texts. ${caption}`;
  const numbers = lines.filter(({ points: points2 }) => points2).map((line2) => numberRow(line2, range));
  const states = lines.filter(({ isState: isState3 }) => isState3);
  const changes = spellRows(states, range);
  const text = JSON.stringify([numbers, changes]);
  if (text === shown) return;
  shown = text;
  byId3("chart-rows").replaceChildren(...numbers.map((each) => rowOf(...each)));
  byId3("changes-rows").replaceChildren(...changes.map((each) => rowOf(...each)));
  byId3("chart-rows").closest(".scroll").hidden = states.length === lines.length && lines.length > 0;
  byId3("changes-rows").closest(".scroll").hidden = states.length === 0;
}

// src/chart.js
var byId4 = (id) => document.getElementById(id);
var chipTemplate = byId4("chip");
var Chart = class {
  #view = new View();
  #lines = [];
  // The lines that have chips.
  #described = null;
  // The lines for which the plot was made.
  #shown = "";
  #range = { min: 0, max: 1 };
  // A moment, or null.
  #cursor = null;
  #width = 0;
  // True if the range was chosen, by the user or for the first readings.
  #hasSpan = false;
  /** `room`: devices (a Map), now(), choice. */
  constructor(room2) {
    this.room = room2;
    this.box = byId4("plot");
    this.past = new Past(askHistory, () => drawSoon(this));
    this.plot = new Plot(this.box, {
      selected: (min2, max2) => this.#zoom(() => this.#view.zoomTo({ min: min2, max: max2 }, this.#limits())),
      cursor: (at) => this.#moved(at)
    });
    listen(this.box, {
      plot: () => this.plot.uplot,
      zoomBy: (factor, at) => this.#zoomBy(factor, at),
      moveBy: (share) => this.#moveBy(share),
      back: () => this.#zoom(() => this.#view.back()),
      reset: () => this.follow(),
      step: (direction) => this.#step(direction),
      leave: () => this.plot.hideCursor()
    });
    const span = chosenSpan();
    if (span) this.#open(span);
    listenToRanges((spanMs) => this.#open(spanMs));
    byId4("pause").addEventListener("click", () => this.#pause());
    byId4("back").addEventListener("click", () => this.#zoom(() => this.#view.back()));
    byId4("chart-table").addEventListener("toggle", () => this.#paintTables());
    new ResizeObserver(([entry]) => {
      this.#width = Math.floor(entry.contentRect.width);
      drawSoon(this);
    }).observe(this.box);
    onThemeChange(() => this.plot.recolour());
    watchPicture(this, this.box);
    this.choose();
  }
  /** Handle a change of the chosen values, or of their names and units. */
  choose() {
    const { devices: devices2, choice: choice3 } = this.room;
    const before = this.#lines;
    this.#lines = choice3.list.map((chosen) => new Line(chosen, devices2.get(chosen.device)));
    const described = JSON.stringify(this.#lines.map(({ description }) => description));
    if (described === this.#described) {
      this.#lines.forEach((line2, i2) => line2.succeed(before[i2]));
    } else {
      this.#described = described;
      this.#makeTitle();
      this.#makeChips();
      const lanes = this.#lines.filter(({ isState: isState3 }) => isState3).length;
      this.box.style.setProperty("--lanes", `${lanes * LANE_PX}px`);
      this.box.toggleAttribute("data-lanes-only", lanes > 0 && lanes === this.#lines.length);
      byId4("chart-empty").hidden = this.#lines.length > 0;
      this.box.hidden = this.#lines.length === 0;
    }
    drawSoon(this);
  }
  /** Handle new values of a device. */
  update(device) {
    const mine = this.#lines.filter(({ key }) => key === device.name);
    if (mine.length === 0) return;
    if (mine.some(({ memory: memory2, isState: isState3, name }) => !memory2 || isState3 === Number.isFinite(device.last.get(name)))) {
      this.choose();
    } else drawSoon(this);
  }
  /** Handle the passing of time. */
  tick() {
    if (this.#lines.length && !this.#view.isHeld) drawSoon(this);
  }
  follow() {
    this.#zoom(() => this.#view.follow());
  }
  paint() {
    if (!this.#hasSpan) this.#suggestSpan();
    const range = this.#view.range(this.#first, this.room.now());
    this.#range = range;
    if (this.#lines.length && this.#width > 0) this.#draw(range);
    this.box.dataset.view = this.#view.isZoomed ? "zoomed" : this.#view.isHeld ? "paused" : "live";
    this.box.dataset.asking = this.past.isAsking;
    this.box.dataset.from = Math.round(range.min);
    this.box.dataset.to = Math.round(range.max);
    this.#paintButtons();
    this.#paintChips();
    this.#paintTables();
    this.#paintWord();
  }
  #draw(range) {
    this.past.look(this.#lines, range, this.#width);
    const numbers = this.#lines.filter(({ isState: isState3 }) => !isState3);
    const states = this.#lines.filter(({ isState: isState3 }) => isState3);
    for (const line2 of numbers) line2.points = this.past.pointsOf(line2, range).within(range, this.#width);
    for (const line2 of states) line2.changes = this.past.changesOf(line2);
    const lanes = states.map((line2) => line2.lane(range, this.#nameOf(line2)));
    if (this.#described !== this.#shown) this.plot.clear();
    this.#shown = this.#described;
    this.box.dataset.points = this.plot.draw(numbers, lanes, range, this.#width, this.box.clientHeight);
    this.box.dataset.spells = lanes.reduce((sum, { spells: spells2 }) => sum + spells2.length, 0);
  }
  /** When the history of the lines begins. */
  get #first() {
    return Math.min(...this.#lines.map((line2) => this.past.firstOf(line2)));
  }
  get #last() {
    return Math.max(...this.#lines.map((line2) => this.past.lastOf(line2)));
  }
  #limits() {
    return this.#view.limits(this.#first, this.room.now());
  }
  /** Follow the range in which there are about a hundred readings, until the user chooses one. */
  #suggestSpan() {
    const gaps2 = this.#lines.map(({ memory: memory2 }) => usualGap(memory2?.at ?? [])).filter((gap) => gap > 0);
    if (gaps2.length === 0) return;
    this.#hasSpan = true;
    this.#view.follow(spanFor(Math.min(...gaps2)));
  }
  #open(spanMs) {
    this.#hasSpan = true;
    this.#zoom(() => this.#view.follow(spanMs));
  }
  #zoom(action) {
    action();
    drawSoon(this);
    this.#paintButtons();
  }
  #zoomBy(factor, at) {
    const { min: min2, max: max2 } = this.#range;
    const centre = at ?? this.#cursor ?? (min2 + max2) / 2;
    this.#zoom(() => this.#view.zoomBy(factor, centre, this.#range, this.#limits()));
  }
  #moveBy(share) {
    if (!this.#view.isZoomed) return;
    const ms = share * (this.#range.max - this.#range.min);
    this.#zoom(() => this.#view.moveBy(ms, this.#range, this.#limits()));
  }
  #pause() {
    if (this.#view.isHeld) this.follow();
    else this.#zoom(() => this.#view.hold(this.#range));
  }
  #step(direction) {
    this.plot.step(direction);
    const at = this.#cursor;
    if (at === null) return;
    const texts2 = this.#lines.map((line2) => `${this.#nameOf(line2)} ${this.#textAt(line2, at)}`);
    byId4("cursor-said").textContent = `${formatTime(at)}: ${texts2.join(", ")}`;
  }
  #moved(at) {
    this.#cursor = at;
    paintAtOnce(this.chips);
  }
  chips = { paint: () => this.#paintChips() };
  #paintButtons() {
    const { isHeld, isZoomed, spanMs } = this.#view;
    showSpan(isZoomed ? null : spanMs);
    byId4("pause").setAttribute("aria-pressed", String(isHeld));
    byId4("pause-word").textContent = isHeld ? "Go on" : "Pause";
    byId4("back").hidden = !isZoomed;
  }
  /** True if all lines show the same value. Then it is the title, and the lines have device names. */
  get #isOfOneValue() {
    return new Set(this.#lines.map(({ name }) => name)).size === 1;
  }
  #nameOf({ title, label }) {
    return this.#isOfOneValue ? title : `${title} · ${label}`;
  }
  #textAt(line2, at) {
    return line2.textAt(at, this.#range.min);
  }
  #makeTitle() {
    const title = this.#isOfOneValue ? this.#lines[0].label : "Chart";
    byId4("chart-title").textContent = title.charAt(0).toUpperCase() + title.slice(1);
    const names = this.#lines.map((line2) => this.#nameOf(line2));
    this.box.setAttribute("aria-label", `${title}, a chart over time of ${names.join(", ")}`);
  }
  #makeChips() {
    byId4("chips").replaceChildren(
      ...this.#lines.map((line2) => {
        const chip = chipTemplate.content.firstElementChild.cloneNode(true);
        const title = this.#nameOf(line2);
        chip.dataset.slot = line2.slot;
        chip.querySelector(".chip-name").textContent = title;
        const button2 = chip.querySelector("button");
        button2.setAttribute("aria-label", `Take ${title} out of the chart`);
        button2.addEventListener("click", () => {
          this.room.choice.toggle(line2.key, line2.name);
          byId4("add-series").focus();
        });
        line2.chip = chip;
        return chip;
      })
    );
  }
  #paintChips() {
    const at = this.#cursor ?? this.#range.max;
    const isNow = this.#cursor === null && !this.#view.isHeld;
    for (const line2 of this.#lines) {
      const value = line2.chip.querySelector(".chip-value");
      const text = isNow ? line2.textNow(this.#range.min) : this.#textAt(line2, at);
      if (value.textContent !== text) value.textContent = text;
    }
    byId4("cursor-time").textContent = this.#cursor === null ? this.#span() : formatTime(at);
  }
  #span() {
    const { min: min2, max: max2 } = this.#range;
    const span = formatSpan(max2 - min2);
    return this.#view.isHeld ? `${span} until ${formatTime(max2)}` : `the last ${span}`;
  }
  /** Say why there is less to see than was asked for. */
  #paintWord() {
    byId4("chart-word").textContent = this.#word();
  }
  #word() {
    const { error, isAsking } = this.past;
    if (error) return `The history could not be loaded: ${error}`;
    if (this.#lines.length === 0 || isAsking) return "";
    const { min: min2, max: max2 } = this.#range;
    const first = this.#first;
    if (first === Infinity) return "No readings yet";
    const isEmpty = this.#lines.every(
      (line2) => line2.isState ? !(line2.changes[0]?.[0] <= max2) : line2.points?.summary(min2, max2).count === 0
    );
    if (isEmpty) return `No readings in this time. They go from ${formatTime(first)} to ${formatTime(this.#last)}`;
    const isAll = !this.#view.isHeld && max2 - min2 < this.#view.spanMs;
    return isAll ? `There are readings since ${formatTime(first)}` : "";
  }
  #paintTables() {
    paintTables(this.#lines, this.#range);
  }
  /** What is drawn: the Line objects, and {min, max} in ms. */
  get picture() {
    return { lines: this.#lines, range: this.#range };
  }
};

// src/choice.js
var MOST_CHOSEN = 8;
var SUGGESTED = 4;
var KEY5 = `chart ${place}`;
var isDrawn = (device, name) => device.history.get(name)?.at.length > 0;
var isSame2 = (a2, device, name) => a2.device === device && a2.name === name;
function worth(devices2, name) {
  let score = 0;
  for (const device of devices2) {
    if (!isDrawn(device, name) || isVital(name, device.last.get(name))) continue;
    if (device.about.controls.has(name)) continue;
    score += device.about.units.has(name) ? 2 : 1;
  }
  return score;
}
function suggestion(devices2) {
  const known = [...devices2];
  const names = new Set(known.flatMap((device) => [...device.history.keys()]));
  names.delete(RSSI);
  const best = [...names].map((name) => ({ name, score: worth(known, name) })).filter(({ score }) => score > 0).sort((a2, b2) => b2.score - a2.score || (a2.name < b2.name ? -1 : 1))[0];
  if (!best) return [];
  return known.filter((device) => isDrawn(device, best.name)).sort((a2, b2) => a2.title < b2.title ? -1 : 1).slice(0, SUGGESTED).map((device) => ({ device: device.name, name: best.name }));
}
var Choice = class {
  #chosen = [];
  // {device, name, slot}
  // True if the user has chosen. Otherwise the list is a suggestion, and may grow.
  isOwn = false;
  /** `changed()` is called after each change. */
  constructor(changed2) {
    this.changed = changed2;
    const stored = load(KEY5, []);
    this.isOwn = localStorageHas(KEY5);
    for (const each of stored) {
      if (typeof each?.device === "string" && typeof each?.name === "string") {
        this.#insert(each.device, each.name);
      }
    }
  }
  get list() {
    return this.#chosen;
  }
  get isFull() {
    return this.#chosen.length >= MOST_CHOSEN;
  }
  /** The number of its colour, or null if it is not in the chart. */
  slotOf(device, name) {
    return this.#chosen.find((each) => isSame2(each, device, name))?.slot ?? null;
  }
  /** Add or remove a value. False if there is no space for it. */
  toggle(device, name) {
    const isChosen = this.slotOf(device, name) !== null;
    if (!isChosen && this.isFull) return false;
    if (isChosen) this.#chosen = this.#chosen.filter((each) => !isSame2(each, device, name));
    else this.#insert(device, name);
    this.isOwn = true;
    save(KEY5, this.#chosen.map(({ device: device2, name: name2 }) => ({ device: device2, name: name2 })));
    this.changed();
    return true;
  }
  /** Show these as long as the user has not chosen. */
  suggest(list5) {
    if (this.isOwn || list5.length === 0) return;
    const isNew = list5.some(({ device, name }) => this.slotOf(device, name) === null);
    if (!isNew && list5.length === this.#chosen.length) return;
    this.#chosen = [];
    for (const { device, name } of list5) this.#insert(device, name);
    this.changed();
  }
  #insert(device, name) {
    if (this.isFull || this.slotOf(device, name) !== null) return;
    const taken = new Set(this.#chosen.map(({ slot: slot2 }) => slot2));
    let slot = 0;
    while (taken.has(slot)) slot++;
    this.#chosen.push({ device, name, slot });
  }
};
function localStorageHas(key) {
  try {
    return localStorage.getItem(key) !== null;
  } catch {
    return false;
  }
}

// ../../../../../work/main/tools/dashboard/node_modules/partysocket/dist/ws.js
if (!globalThis.EventTarget || !globalThis.Event)
  console.error(`
  PartySocket requires a global 'EventTarget' class to be available!
  You can polyfill this global by adding this to your code before any partysocket imports: 
  
  \`\`\`
  import 'partysocket/event-target-polyfill';
  \`\`\`
  Please file an issue at https://github.com/partykit/partykit if you're still having trouble.
`);
var ErrorEvent = class extends Event {
  message;
  error;
  constructor(error, target) {
    super("error", target);
    this.message = error.message;
    this.error = error;
  }
};
var CloseEvent = class extends Event {
  code;
  reason;
  wasClean = true;
  constructor(code = 1e3, reason = "", target) {
    super("close", target);
    this.code = code;
    this.reason = reason;
  }
};
var Events = {
  Event,
  ErrorEvent,
  CloseEvent
};
function assert(condition, msg) {
  if (!condition) throw new Error(msg);
}
function cloneEventBrowser(e) {
  return new e.constructor(e.type, e);
}
function cloneEventNode(e) {
  if ("data" in e) return new MessageEvent(e.type, e);
  if ("code" in e || "reason" in e)
    return new CloseEvent(e.code || 1999, e.reason || "unknown reason", e);
  if ("error" in e) return new ErrorEvent(e.error, e);
  return new Event(e.type, e);
}
var isNode = typeof process !== "undefined" && typeof process.versions?.node !== "undefined";
var isReactNative = typeof navigator !== "undefined" && navigator.product === "ReactNative";
var cloneEvent = isNode || isReactNative ? cloneEventNode : cloneEventBrowser;
var DEFAULT = {
  maxReconnectionDelay: 1e4,
  minReconnectionDelay: 3e3,
  minUptime: 5e3,
  reconnectionDelayGrowFactor: 1.3,
  connectionTimeout: 4e3,
  maxRetries: Number.POSITIVE_INFINITY,
  maxEnqueuedMessages: Number.POSITIVE_INFINITY,
  startClosed: false,
  debug: false
};
var didWarnAboutMissingWebSocket = false;
function absorbError() {
}
var ReconnectingWebSocket = class ReconnectingWebSocket2 extends EventTarget {
  _ws;
  _retryCount = -1;
  _uptimeTimeout;
  _connectTimeout;
  _shouldReconnect = true;
  _connectLock = false;
  _binaryType = "blob";
  _closeCalled = false;
  _didWarnAboutClosedSend = false;
  _messageQueue = [];
  _debugLogger = console.log.bind(console);
  _url;
  _protocols;
  _options;
  constructor(url, protocols, options = {}) {
    super();
    this._url = url;
    this._protocols = protocols;
    this._options = options;
    if (this._options.startClosed) this._shouldReconnect = false;
    if (this._options.debugLogger)
      this._debugLogger = this._options.debugLogger;
    this._connect();
  }
  static get CONNECTING() {
    return 0;
  }
  static get OPEN() {
    return 1;
  }
  static get CLOSING() {
    return 2;
  }
  static get CLOSED() {
    return 3;
  }
  get CONNECTING() {
    return ReconnectingWebSocket2.CONNECTING;
  }
  get OPEN() {
    return ReconnectingWebSocket2.OPEN;
  }
  get CLOSING() {
    return ReconnectingWebSocket2.CLOSING;
  }
  get CLOSED() {
    return ReconnectingWebSocket2.CLOSED;
  }
  get binaryType() {
    return this._ws ? this._ws.binaryType : this._binaryType;
  }
  set binaryType(value) {
    this._binaryType = value;
    if (this._ws) this._ws.binaryType = value;
  }
  /**
   * Returns the number or connection retries
   */
  get retryCount() {
    return Math.max(this._retryCount, 0);
  }
  /**
   * The number of bytes of data that have been queued using calls to send() but not yet
   * transmitted to the network. This value resets to zero once all queued data has been sent.
   * This value does not reset to zero when the connection is closed; if you keep calling send(),
   * this will continue to climb. Read only
   */
  get bufferedAmount() {
    return this._messageQueue.reduce((acc, message) => {
      if (typeof message === "string") acc += message.length;
      else if (message instanceof Blob) acc += message.size;
      else acc += message.byteLength;
      return acc;
    }, 0) + (this._ws ? this._ws.bufferedAmount : 0);
  }
  /**
   * The extensions selected by the server. This is currently only the empty string or a list of
   * extensions as negotiated by the connection
   */
  get extensions() {
    return this._ws ? this._ws.extensions : "";
  }
  /**
   * A string indicating the name of the sub-protocol the server selected;
   * this will be one of the strings specified in the protocols parameter when creating the
   * WebSocket object
   */
  get protocol() {
    return this._ws ? this._ws.protocol : "";
  }
  /**
   * The current state of the connection; this is one of the Ready state constants
   */
  get readyState() {
    if (this._closeCalled) return ReconnectingWebSocket2.CLOSED;
    if (this._ws) return this._ws.readyState;
    return this._options.startClosed ? ReconnectingWebSocket2.CLOSED : ReconnectingWebSocket2.CONNECTING;
  }
  /**
   * The URL as resolved by the constructor
   */
  get url() {
    return this._ws ? this._ws.url : "";
  }
  /**
   * Whether the websocket object is now in reconnectable state
   */
  get shouldReconnect() {
    return this._shouldReconnect;
  }
  /**
   * An event listener to be called when the WebSocket connection's readyState changes to CLOSED
   */
  onclose = null;
  /**
   * An event listener to be called when an error occurs
   */
  onerror = null;
  /**
   * An event listener to be called when a message is received from the server
   */
  onmessage = null;
  /**
   * An event listener to be called when the WebSocket connection's readyState changes to OPEN;
   * this indicates that the connection is ready to send and receive data
   */
  onopen = null;
  /**
   * Closes the WebSocket connection or connection attempt, if any. If the connection is already
   * CLOSED or CLOSING, this method does nothing.
   *
   * The `close` event is dispatched synchronously (mirroring how
   * `reconnect()` dispatches its synthetic close). This guarantees
   * consumers observe a terminal event for every explicit close, even
   * if their listeners are detached right after this call — previously
   * the real (asynchronous) browser close event could fire after
   * listeners were removed and go unobserved entirely.
   */
  close(code = 1e3, reason) {
    this._closeCalled = true;
    this._shouldReconnect = false;
    this._clearTimeouts();
    if (!this._ws) {
      this._debug("close enqueued: no ws instance");
      return;
    }
    if (this._ws.readyState === this.CLOSED || this._ws.readyState === this.CLOSING) {
      this._debug("close: already closing or closed");
      return;
    }
    this._disconnect(code, reason);
  }
  /**
   * Closes the WebSocket connection or connection attempt and connects again.
   * Resets retry counter;
   */
  reconnect(code, reason) {
    this._shouldReconnect = true;
    this._closeCalled = false;
    this._didWarnAboutClosedSend = false;
    this._retryCount = -1;
    if (!this._ws || this._ws.readyState === this.CLOSED || this._ws.readyState === this.CLOSING)
      this._connect();
    else {
      this._disconnect(code, reason);
      this._connect();
    }
  }
  /**
   * Enqueue specified data to be transmitted to the server over the WebSocket connection.
   *
   * @returns `true` if the message was transmitted immediately over an open
   * connection; `false` if it was buffered (sent when the connection next
   * opens — the buffer is always flushed before the `open` event is
   * dispatched) or dropped because `maxEnqueuedMessages` was reached.
   */
  send(data) {
    if (this._ws && this._ws.readyState === this.OPEN) {
      this._debug("send", data);
      this._ws.send(data);
      return true;
    }
    if (this._closeCalled && !this._didWarnAboutClosedSend) {
      this._didWarnAboutClosedSend = true;
      console.warn(
        "ReconnectingWebSocket: send() was called after close(). The message has been buffered, but it will only be delivered if reconnect() is called on this socket. If this socket has been discarded, the message is lost — this usually means a stale socket reference is being used."
      );
    }
    const { maxEnqueuedMessages = DEFAULT.maxEnqueuedMessages } = this._options;
    if (this._messageQueue.length < maxEnqueuedMessages) {
      this._debug("enqueue", data);
      this._messageQueue.push(data);
    }
    return false;
  }
  /**
   * Removes and returns all messages that were passed to send() but never
   * transmitted (they were buffered while the connection wasn't open).
   *
   * Useful when a socket is being discarded and replaced (e.g. the React
   * hooks recreate the socket when connection options change): the
   * replacement socket can re-send these messages, instead of them being
   * silently lost with the old instance.
   */
  drainQueuedMessages() {
    const queue = this._messageQueue;
    this._messageQueue = [];
    return queue;
  }
  _debug(...args) {
    if (this._options.debug) this._debugLogger("RWS>", ...args);
  }
  _getNextDelay() {
    const {
      reconnectionDelayGrowFactor = DEFAULT.reconnectionDelayGrowFactor,
      minReconnectionDelay = DEFAULT.minReconnectionDelay,
      maxReconnectionDelay = DEFAULT.maxReconnectionDelay
    } = this._options;
    let delay = 0;
    if (this._retryCount > 0) {
      delay = minReconnectionDelay * reconnectionDelayGrowFactor ** (this._retryCount - 1);
      if (delay > maxReconnectionDelay) delay = maxReconnectionDelay;
    }
    this._debug("next delay", delay);
    return delay;
  }
  _wait() {
    return new Promise((resolve) => {
      setTimeout(resolve, this._getNextDelay());
    });
  }
  _getNextProtocols(protocolsProvider) {
    if (!protocolsProvider) return Promise.resolve(null);
    if (typeof protocolsProvider === "string" || Array.isArray(protocolsProvider))
      return Promise.resolve(protocolsProvider);
    if (typeof protocolsProvider === "function") {
      const protocols = protocolsProvider();
      if (!protocols) return Promise.resolve(null);
      if (typeof protocols === "string" || Array.isArray(protocols))
        return Promise.resolve(protocols);
      if (protocols.then) return protocols;
    }
    throw Error("Invalid protocols");
  }
  _getNextUrl(urlProvider) {
    if (typeof urlProvider === "string") return Promise.resolve(urlProvider);
    if (typeof urlProvider === "function") {
      const url = urlProvider();
      if (typeof url === "string") return Promise.resolve(url);
      if (url.then) return url;
    }
    throw Error("Invalid URL");
  }
  _connect() {
    if (this._connectLock || !this._shouldReconnect) return;
    this._connectLock = true;
    const {
      maxRetries = DEFAULT.maxRetries,
      connectionTimeout = DEFAULT.connectionTimeout
    } = this._options;
    if (this._retryCount >= maxRetries) {
      this._debug("max retries reached", this._retryCount, ">=", maxRetries);
      this._connectLock = false;
      return;
    }
    this._retryCount++;
    this._debug("connect", this._retryCount);
    this._removeListeners();
    this._wait().then(
      () => Promise.all([
        this._getNextUrl(this._url),
        this._getNextProtocols(this._protocols || null)
      ])
    ).then(([url, protocols]) => {
      if (this._closeCalled) {
        this._connectLock = false;
        return;
      }
      if (!this._options.WebSocket && typeof WebSocket === "undefined" && !didWarnAboutMissingWebSocket) {
        console.error(`‼️ No WebSocket implementation available. You should define options.WebSocket. 

For example, if you're using node.js, run \`npm install ws\`, and then in your code:

import PartySocket from 'partysocket';
import WS from 'ws';

const partysocket = new PartySocket({
  host: "127.0.0.1:1999",
  room: "test-room",
  WebSocket: WS
});

`);
        didWarnAboutMissingWebSocket = true;
      }
      const WS = this._options.WebSocket || WebSocket;
      this._debug("connect", {
        url,
        protocols
      });
      this._ws = protocols ? new WS(url, protocols) : new WS(url);
      this._ws.binaryType = this._binaryType;
      this._connectLock = false;
      this._addListeners();
      this._connectTimeout = setTimeout(
        () => this._handleTimeout(),
        connectionTimeout
      );
    }).catch((err) => {
      this._connectLock = false;
      this._handleError(new Events.ErrorEvent(Error(err.message), this));
    });
  }
  _handleTimeout() {
    this._debug("timeout event");
    this._handleError(new Events.ErrorEvent(Error("TIMEOUT"), this));
  }
  _disconnect(code = 1e3, reason) {
    this._clearTimeouts();
    if (!this._ws) return;
    this._removeListeners();
    try {
      if (this._ws.readyState === this.OPEN || this._ws.readyState === this.CONNECTING)
        this._ws.close(code, reason);
      this._handleClose(new Events.CloseEvent(code, reason, this));
    } catch (_error) {
    }
  }
  _acceptOpen() {
    this._debug("accept open");
    this._retryCount = 0;
  }
  _handleOpen = (event) => {
    this._debug("open event");
    const { minUptime = DEFAULT.minUptime } = this._options;
    clearTimeout(this._connectTimeout);
    this._uptimeTimeout = setTimeout(() => this._acceptOpen(), minUptime);
    assert(this._ws, "WebSocket is not defined");
    this._ws.binaryType = this._binaryType;
    this._messageQueue.forEach((message) => {
      this._ws?.send(message);
    });
    this._messageQueue = [];
    if (this.onopen) this.onopen(event);
    this.dispatchEvent(cloneEvent(event));
  };
  _handleMessage = (event) => {
    this._debug("message event");
    if (this.onmessage) this.onmessage(event);
    this.dispatchEvent(cloneEvent(event));
  };
  _handleError = (event) => {
    this._debug("error event", event.message);
    this._disconnect(void 0, event.message === "TIMEOUT" ? "timeout" : void 0);
    if (this.onerror) this.onerror(event);
    this._debug("exec error listeners");
    this.dispatchEvent(cloneEvent(event));
    this._connect();
  };
  _handleClose = (event) => {
    this._debug("close event");
    this._clearTimeouts();
    if (this._options.shouldReconnectOnClose && !this._options.shouldReconnectOnClose(event))
      this._shouldReconnect = false;
    if (this._shouldReconnect) this._connect();
    if (this.onclose) this.onclose(event);
    this.dispatchEvent(cloneEvent(event));
  };
  _removeListeners() {
    if (!this._ws) return;
    this._debug("removeListeners");
    this._ws.removeEventListener("open", this._handleOpen);
    this._ws.removeEventListener("close", this._handleClose);
    this._ws.removeEventListener("message", this._handleMessage);
    this._ws.removeEventListener("error", this._handleError);
    this._ws.addEventListener("error", absorbError);
  }
  _addListeners() {
    if (!this._ws) return;
    this._debug("addListeners");
    this._ws.addEventListener("open", this._handleOpen);
    this._ws.addEventListener("close", this._handleClose);
    this._ws.addEventListener("message", this._handleMessage);
    this._ws.addEventListener("error", this._handleError);
  }
  _clearTimeouts() {
    clearTimeout(this._connectTimeout);
    clearTimeout(this._uptimeTimeout);
  }
};

// ../../../../../work/main/tools/dashboard/node_modules/partysocket/dist/index.js
var valueIsNotNil = (keyValuePair) => keyValuePair[1] !== null && keyValuePair[1] !== void 0;
function generateUUID() {
  if (crypto?.randomUUID) return crypto.randomUUID();
  let d2 = Date.now();
  let d22 = performance?.now && performance.now() * 1e3 || 0;
  return "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g, function(c2) {
    let r2 = Math.random() * 16;
    if (d2 > 0) {
      r2 = (d2 + r2) % 16 | 0;
      d2 = Math.floor(d2 / 16);
    } else {
      r2 = (d22 + r2) % 16 | 0;
      d22 = Math.floor(d22 / 16);
    }
    return (c2 === "x" ? r2 : r2 & 3 | 8).toString(16);
  });
}
function getPartyInfo(partySocketOptions, defaultProtocol, defaultParams = {}) {
  const {
    host: rawHost,
    path: rawPath,
    protocol: rawProtocol,
    room: room2,
    party: party2,
    basePath,
    prefix,
    query: query2
  } = partySocketOptions;
  let host = rawHost.replace(/^(http|https|ws|wss):\/\//, "");
  if (host.endsWith("/")) host = host.slice(0, -1);
  if (rawPath?.startsWith("/"))
    throw new Error("path must not start with a slash");
  const name = party2 ?? "main";
  const path = rawPath ? `/${rawPath}` : "";
  const protocol = rawProtocol || (host.startsWith("localhost:") || host.startsWith("127.0.0.1:") || host.startsWith("192.168.") || host.startsWith("10.") || host.startsWith("172.") && host.split(".")[1] >= "16" && host.split(".")[1] <= "31" || host.startsWith("[::ffff:7f00:1]:") ? defaultProtocol : `${defaultProtocol}s`);
  const baseUrl = `${protocol}://${host}/${basePath || `${prefix || "parties"}/${name}/${room2}`}${path}`;
  const makeUrl = (query3 = {}) => `${baseUrl}?${new URLSearchParams([...Object.entries(defaultParams), ...Object.entries(query3).filter(valueIsNotNil)])}`;
  const urlProvider = typeof query2 === "function" ? async () => makeUrl(await query2()) : makeUrl(query2);
  return {
    host,
    path,
    room: room2,
    name,
    protocol,
    partyUrl: baseUrl,
    urlProvider
  };
}
var PartySocket = class extends ReconnectingWebSocket {
  _pk;
  _pkurl;
  name;
  room;
  host;
  path;
  basePath;
  constructor(partySocketOptions) {
    const wsOptions = getWSOptions(partySocketOptions);
    super(wsOptions.urlProvider, wsOptions.protocols, wsOptions.socketOptions);
    this.partySocketOptions = partySocketOptions;
    this.setWSProperties(wsOptions);
    if (!partySocketOptions.startClosed && !this.room && !this.basePath) {
      this.close();
      throw new Error(
        "Either room or basePath must be provided to connect. Use startClosed: true to create a socket and set them via updateProperties before calling reconnect()."
      );
    }
    if (!partySocketOptions.disableNameValidation) {
      if (partySocketOptions.party?.includes("/"))
        console.warn(
          `PartySocket: party name "${partySocketOptions.party}" contains forward slash which may cause routing issues. Consider using a name without forward slashes or set disableNameValidation: true to bypass this warning.`
        );
      if (partySocketOptions.room?.includes("/"))
        console.warn(
          `PartySocket: room name "${partySocketOptions.room}" contains forward slash which may cause routing issues. Consider using a name without forward slashes or set disableNameValidation: true to bypass this warning.`
        );
    }
  }
  updateProperties(partySocketOptions) {
    const wsOptions = getWSOptions({
      ...this.partySocketOptions,
      ...partySocketOptions,
      host: partySocketOptions.host ?? this.host,
      room: partySocketOptions.room ?? this.room,
      path: partySocketOptions.path ?? this.path,
      basePath: partySocketOptions.basePath ?? this.basePath
    });
    this._url = wsOptions.urlProvider;
    this._protocols = wsOptions.protocols;
    this._options = wsOptions.socketOptions;
    this.setWSProperties(wsOptions);
  }
  setWSProperties(wsOptions) {
    const { _pk, _pkurl, name, room: room2, host, path, basePath } = wsOptions;
    this._pk = _pk;
    this._pkurl = _pkurl;
    this.name = name;
    this.room = room2;
    this.host = host;
    this.path = path;
    this.basePath = basePath;
  }
  reconnect(code, reason) {
    if (!this.host)
      throw new Error(
        "The host must be set before connecting, use `updateProperties` method to set it or pass it to the constructor."
      );
    if (!this.room && !this.basePath)
      throw new Error(
        "The room (or basePath) must be set before connecting, use `updateProperties` method to set it or pass it to the constructor."
      );
    super.reconnect(code, reason);
  }
  get id() {
    return this._pk;
  }
  /**
   * Exposes the static PartyKit room URL without applying query parameters.
   * To access the currently connected WebSocket url, use PartySocket#url.
   */
  get roomUrl() {
    return this._pkurl;
  }
  static async fetch(options, init) {
    const party2 = getPartyInfo(options, "http");
    const url = typeof party2.urlProvider === "string" ? party2.urlProvider : await party2.urlProvider();
    return (options.fetch ?? fetch)(url, init);
  }
};
function getWSOptions(partySocketOptions) {
  const {
    id,
    host: _host,
    path: _path,
    party: _party,
    room: _room,
    protocol: _protocol,
    query: _query,
    protocols,
    ...socketOptions
  } = partySocketOptions;
  const _pk = id || generateUUID();
  const party2 = getPartyInfo(partySocketOptions, "ws", { _pk });
  return {
    _pk,
    _pkurl: party2.partyUrl,
    name: party2.name,
    room: party2.room,
    host: party2.host,
    path: party2.path,
    basePath: partySocketOptions.basePath,
    protocols,
    socketOptions,
    urlProvider: party2.urlProvider
  };
}

// src/connection.js
var ASLEEP_MS = 6e4;
var isSecure = location.protocol === "https:";
var RoomConnection = class {
  #socket = null;
  #hiddenAt = null;
  // True if the present attempt has opened.
  #hasOpened = false;
  /**
   * `on`: state("connecting" | "open" | "closed"), message(data), tokenNeeded(words),
   * allowed(mayWrite), problem(text).
   */
  constructor(on2) {
    this.on = on2;
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => this.#visibilityChanged());
  }
  async open() {
    this.on.state("connecting");
    const refusal = await this.#refusal();
    if (refusal === null) this.#connect();
    else this.on.tokenNeeded(refusal);
  }
  /** Dial now, without the rest of the wait. */
  retry() {
    this.#socket?.reconnect();
  }
  /** False if there is no open connection, because a command must not wait and be sent later. */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }
  #connect() {
    this.#hasOpened = false;
    const socket = new PartySocket({
      host: location.host,
      room: segment(room),
      party: segment(party),
      // Without it, PartySocket chooses by the host: wss for raspberrypi.local.
      protocol: isSecure ? "wss" : "ws",
      query: { role: "dashboard", token: currentToken() },
      minReconnectionDelay: 1e3 + Math.random() * 1e3
    });
    socket.addEventListener("open", () => {
      this.#hasOpened = true;
      keepToken();
      this.on.state("open");
      this.#findOutWhatIsAllowed();
    });
    socket.addEventListener("message", (event) => this.on.message(event.data));
    socket.addEventListener("close", () => this.#closed());
    this.#socket = socket;
  }
  #closed() {
    if (!this.#socket) return;
    this.on.state("closed");
    if (!this.#hasOpened) this.#findOutWhy();
    this.#hasOpened = false;
  }
  /** A browser hides the status of a refused upgrade, so ask again over HTTP. */
  async #findOutWhy() {
    const refusal = await this.#refusal();
    if (refusal === null || !this.#socket || this.#hasOpened) return;
    const socket = this.#socket;
    this.#socket = null;
    socket.close();
    this.on.tokenNeeded(refusal);
  }
  /** Post an invalid message: a token that only reads is refused before the message is checked. */
  async #findOutWhatIsAllowed() {
    const response = currentToken() ? await askRoom({ method: "POST", body: "{" }) : null;
    this.on.allowed(response?.status !== 403);
  }
  /** The server's text if it needs another token, else null. Other refusals are a problem. */
  async #refusal() {
    const response = await askRoom();
    if (response === null) return null;
    const { status } = response;
    if (status < 400 || status >= 500) {
      response.body?.cancel();
      return null;
    }
    const reason = await reasonOf(response);
    if (status === 401) return reason;
    this.on.problem(`The server refuses this room: ${reason}`);
    return null;
  }
  #visibilityChanged() {
    if (document.hidden) {
      this.#hiddenAt = Date.now();
    } else if (this.#hiddenAt !== null) {
      if (Date.now() - this.#hiddenAt > ASLEEP_MS) this.retry();
      this.#hiddenAt = null;
    }
  }
};

// src/about.js
var MOST_CONTROLS = 16;
var MOST_UNITS = 64;
var LONGEST_NAME3 = 64;
var LONGEST_UNIT = 16;
var isText = (value, longest) => typeof value === "string" && value.length > 0 && value.length <= longest;
function isSlider({ min: min2, max: max2, step }) {
  const isStep = step === void 0 || Number.isFinite(step) && step > 0;
  return Number.isFinite(min2) && Number.isFinite(max2) && min2 < max2 && isStep;
}
function isControl(control) {
  if (!isRecord(control) || !isText(control.name, LONGEST_NAME3)) return false;
  return control.type === "slider" ? isSlider(control) : control.type === "button" || control.type === "switch";
}
function controlsOf(list5) {
  const byName = /* @__PURE__ */ new Map();
  for (const control of Array.isArray(list5) ? list5 : []) {
    if (!isControl(control) || byName.has(control.name)) continue;
    const { name, type, min: min2, max: max2, step } = control;
    const label = isText(control.label, LONGEST_NAME3) ? control.label : null;
    byName.set(name, { name, type, label, min: min2, max: max2, step });
    if (byName.size === MOST_CONTROLS) break;
  }
  return byName;
}
function aboutOf(hello) {
  const told = isRecord(hello) ? hello : {};
  const units = Object.entries(isRecord(told.units) ? told.units : {});
  return {
    name: isText(told.name, LONGEST_NAME3) ? told.name : null,
    units: new Map(units.filter(([, unit]) => isText(unit, LONGEST_UNIT)).slice(0, MOST_UNITS)),
    controls: controlsOf(told.controls)
  };
}

// src/last.js
var timeOfValue = (at, now) => at === null ? now : Math.min(at, now);
var isLast = (time, before, now) => before === void 0 || time >= Math.min(before, now);
var Last = class {
  values = /* @__PURE__ */ new Map();
  // name -> number, string, bool or whatever came
  // name -> the time that counts. For a guessed one: the latest possible time.
  times = /* @__PURE__ */ new Map();
  // A snapshot has no times for its last values. If nothing else has one: name -> earliest possible.
  #guessed = /* @__PURE__ */ new Map();
  /** Set a value if it is the last one, else return false. `at` is null if its time is not known. */
  take(name, value, { at, isOfBatch }, now) {
    const isGuessed = this.#guessed.has(name);
    if (isGuessed && isOfBatch && at === null) return false;
    const before = isGuessed && !isOfBatch ? this.#guessed.get(name) : this.times.get(name);
    const time = timeOfValue(at, now);
    if (!isLast(time, before, now)) return false;
    this.restore(name, value, time);
    this.#guessed.delete(name);
    return true;
  }
  /** Set a value from a snapshot whose time is known. */
  restore(name, value, time) {
    this.values.set(name, value);
    this.times.set(name, time);
  }
  /** Set a value from a snapshot whose time is between these two. */
  guess(name, value, earliest, latest) {
    this.restore(name, value, latest);
    this.#guessed.set(name, earliest);
  }
};

// src/series.js
var MOST_POINTS2 = 3600;
var FEWEST_POINTS = 300;
var POINTS_IN_ALL = 1e6;
var SLACK = 1.25;
var LATEST = 3;
var count2 = 0;
function pointsEach(seriesCount) {
  const share = Math.floor(POINTS_IN_ALL / Math.max(1, seriesCount));
  return Math.max(FEWEST_POINTS, Math.min(MOST_POINTS2, share));
}
var Series = class {
  at = [];
  y = [];
  // Since this moment, all readings are here.
  whole = Infinity;
  // How many readings came that are from before that moment.
  late = 0;
  // The most decimals that a number of this series has needed.
  decimals = 0;
  // The last values shown, the newest last, for alerts.
  latest = [];
  // When the value shown was measured. 0 if that is not known.
  #shownAt = 0;
  constructor() {
    count2++;
  }
  /** Add a point in order. The same point again is ignored, because a live value comes twice. */
  add(at, number) {
    this.fit(number);
    const y2 = drawable(number);
    const place2 = at > this.lastAt ? this.at.length : this.indexOf(at + 1);
    for (let i2 = place2 - 1; i2 >= 0 && this.at[i2] === at; i2--) if (this.y[i2] === y2) return;
    if (this.at.length === 0) this.whole = at;
    else if (at < this.whole) this.late++;
    this.at.splice(place2, 0, at);
    this.y.splice(place2, 0, y2);
    const most = pointsEach(count2);
    if (this.at.length > most * SLACK) {
      this.at.splice(0, this.at.length - most);
      this.y.splice(0, this.y.length - most);
      this.whole = Math.max(this.whole, this.at[0]);
    }
  }
  /** As `whole`, when the oldest points have been cut next time. */
  get wholeSoon() {
    const first = this.at[Math.max(0, this.at.length - pointsEach(count2))] ?? Infinity;
    return Math.max(this.whole, first);
  }
  /** Note that a number is shown now. `at` is when it was measured, or null. */
  show(at, number) {
    this.fit(number);
    const y2 = drawable(number);
    const isAgain = at !== null && at === this.#shownAt && y2 === this.latest.at(-1);
    this.#shownAt = at ?? 0;
    if (isAgain) return;
    this.latest.push(y2);
    if (this.latest.length > LATEST) this.latest.shift();
  }
  /** Treat the points up to `now` as shown. Points after it come from a clock that was wrong. */
  resume(now) {
    const end = this.indexOf(now + 1) || this.at.length;
    this.latest = this.y.slice(Math.max(0, end - LATEST), end);
    this.#shownAt = this.at[end - 1] ?? 0;
  }
  /** Add the points of `other` that are older than the first one here. */
  keepOlder(other) {
    const end = other.indexOf(this.at[0]);
    this.at = other.at.slice(0, end).concat(this.at);
    this.y = other.y.slice(0, end).concat(this.y);
    this.decimals = Math.max(this.decimals, other.decimals);
  }
  /** Show at least as many decimals as this number needs. */
  fit(number) {
    this.decimals = Math.max(this.decimals, decimalsOf(number));
  }
  /** The end of a picture of the last minutes. Points of a clock that was ahead do not count. */
  get endAt() {
    return this.#shownAt || this.lastAt;
  }
  get first() {
    return this.at[0] ?? Infinity;
  }
  get lastAt() {
    return this.at.length ? this.at[this.at.length - 1] : 0;
  }
  /** The mean time between the last `count` points. 0 if there are fewer than two. */
  meanGapMs(count3) {
    const first = Math.max(0, this.at.length - count3);
    const gaps2 = this.at.length - 1 - first;
    return gaps2 > 0 ? (this.lastAt - this.at[first]) / gaps2 : 0;
  }
  /** Index of the first point at this moment or later. */
  indexOf(at) {
    return indexIn(this.at, at);
  }
  /** End the use of this series, so that the others may keep more. */
  release() {
    count2--;
  }
};

// src/device.js
var MOST_VALUES = 128;
var MOST_UNDATED = 20;
var SILENT_MS = 6e4;
var SILENT_GAPS = 3;
var Device = class {
  online = false;
  // True if it was seen with its own connection.
  wasPresent = false;
  // When it last sent something, in ms since 1970 by the server's clock. 0 if never.
  at = 0;
  // When its latest reading was measured.
  readAt = 0;
  // From one reading to the next.
  usualGapMs = 0;
  about = aboutOf({});
  history = /* @__PURE__ */ new Map();
  // value name -> Series
  changes = /* @__PURE__ */ new Map();
  // value name -> Changes, of bools and texts
  // [when it came, values] of the readings whose time is not known, the oldest first.
  undated = [];
  lasts = new Last();
  // On this connection. A reading without a time may be older than a live value.
  #hasSentLive = false;
  constructor(name) {
    this.name = name;
  }
  /** The name that people see: given to it in this room, or its own. */
  get title() {
    return layout.of(this.name).name ?? this.about.name ?? this.name;
  }
  /**
   * True if it has ever had its own connection. Servers do not say this about an offline device,
   * but a device that only posts has never sent a hello, and does not count reconnects.
   */
  get hasJoined() {
    const { name, units, controls } = this.about;
    const hasSaidHello = name !== null || units.size > 0 || controls.size > 0;
    return this.wasPresent || hasSaidHello || this.last.has(RECONNECTS);
  }
  /** True if it is offline, and may come back. */
  get isAway() {
    return this.hasJoined && !this.online;
  }
  /** Value name -> number, string, bool or whatever came. */
  get last() {
    return this.lasts.values;
  }
  /** Value name -> when. */
  get lastAt() {
    return this.lasts.times;
  }
  /** Note that it came online or went offline. */
  present(isOnline, at) {
    this.online = isOnline;
    this.wasPresent = true;
    this.at = Math.max(this.at, at);
    if (!isOnline) this.#hasSentLive = false;
  }
  /**
   * Add a reading. `at` is null if its time is not known; `came` is when it came. `isLive` and
   * `isOfBatch` say how it came. `now` is the server's time.
   */
  read(reading, now) {
    const { at, values, came, isLive } = reading;
    this.at = Math.max(this.at, now);
    if (isLive) this.#hasSentLive = true;
    else if (at === null) this.list([[came, values]]);
    const mayBeLast = at !== null || isLive || !this.#hasSentLive;
    if (mayBeLast) this.#measured(timeOfValue(at, now));
    for (const [name, value] of Object.entries(values)) {
      if (!this.last.has(name) && this.last.size >= MOST_VALUES) continue;
      const isNumber = Number.isFinite(value);
      if (at !== null) (isNumber ? this.series(name) : this.states(name)).add(at, value);
      if (!mayBeLast || !this.lasts.take(name, value, reading, now)) continue;
      if (isNumber) this.series(name).show(at, value);
    }
  }
  /** Add readings whose time is not known. */
  list(undated) {
    this.undated = [...this.undated, ...undated].slice(-MOST_UNDATED);
  }
  series(name) {
    let series = this.history.get(name);
    if (!series) this.history.set(name, series = new Series());
    return series;
  }
  states(name) {
    let changes = this.changes.get(name);
    if (!changes) this.changes.set(name, changes = new Changes());
    return changes;
  }
  /** True if nothing came for longer than usual, and for more than a minute. */
  isSilent(now) {
    return now - this.readAt > Math.max(SILENT_MS, SILENT_GAPS * this.usualGapMs);
  }
  /** Update the usual gap. A backlog is older than the latest reading, so it does not count. */
  #measured(at) {
    if (at <= this.readAt) return;
    if (this.readAt) {
      const weight = this.usualGapMs ? 0.2 : 1;
      this.usualGapMs += weight * (at - this.readAt - this.usualGapMs);
    }
    this.readAt = at;
  }
  release() {
    for (const kept of [...this.history.values(), ...this.changes.values()]) kept.release();
  }
};

// src/snapshot.js
var namesOf = (values) => Object.entries(values ?? {}).slice(0, MOST_VALUES);
function deviceFromSnapshot(entry, now) {
  const device = new Device(String(entry.device));
  device.online = device.wasPresent = entry.online === true;
  device.at = Number(entry.at) || 0;
  device.about = aboutOf(entry.about);
  if (Array.isArray(entry.undated)) device.list(entry.undated.filter(isUndated));
  for (const [name, points2] of namesOf(entry.history)) {
    const series = device.series(name);
    for (const [at, number] of points2) if (Number.isFinite(number)) series.add(at, number);
    series.resume(now);
    device.readAt = Math.max(device.readAt, Math.min(series.endAt, now));
    device.usualGapMs = Math.max(device.usualGapMs, series.meanGapMs(10));
  }
  for (const [name, list5] of namesOf(entry.changes)) device.states(name).restore(list5);
  const changedAt = (name) => device.changes.get(name)?.list.at(-1)?.[0] ?? 0;
  for (const [name, value] of namesOf(entry.last)) {
    restoreLast(device, name, value, changedAt(name), now);
  }
  if (device.last.size) device.readAt ||= Math.min(device.at, now);
  const changes = [...device.changes.keys()].map(changedAt);
  device.readAt = Math.max(device.readAt, ...changes.filter((at) => at <= now));
  return device;
}
var isUndated = (each) => Array.isArray(each) && Number.isFinite(each[0]) && isRecord(each[1]);
function restoreLast(device, name, value, changedAt, now) {
  const series = Number.isFinite(value) ? device.series(name) : null;
  const isPoint = series !== null && series.latest.at(-1) === value;
  const [came, values] = device.undated.findLast(([, each]) => Object.hasOwn(each, name)) ?? [];
  const isListed2 = values?.[name] === value;
  if (isPoint || isListed2) {
    const time = Math.min(now, Math.max(isPoint ? series.endAt : 0, isListed2 ? came : 0));
    device.lasts.restore(name, value, time);
    device.readAt = Math.max(device.readAt, time);
  } else {
    device.lasts.guess(name, value, series?.endAt ?? Math.min(changedAt, now), device.at);
  }
  if (series && !isPoint) series.show(null, value);
}
function keepOlder(device, before) {
  if (!before) return;
  device.wasPresent ||= before.wasPresent;
  for (const [name, old] of before.history) {
    const series = device.history.get(name);
    if (series?.at.length) series.keepOlder(old);
  }
}

// src/devices.js
var MOST_DEVICES = 2e3;
var changesOf = (online, offline) => [
  ...online.map((name) => [name, true]),
  ...offline.map((name) => [name, false])
];
var timeOf = (at) => Number.isFinite(at) ? at : null;
var Devices = class {
  byName = /* @__PURE__ */ new Map();
  // The server's clock minus this computer's.
  #clockAheadMs = 0;
  /** Start again with the server's snapshot. Older points that this page has stay. */
  restore(snapshot) {
    const before = this.byName;
    const now = Number(snapshot.at) || Date.now();
    this.byName = /* @__PURE__ */ new Map();
    for (const entry of snapshot.devices.slice(0, MOST_DEVICES)) {
      const device = deviceFromSnapshot(entry, now);
      keepOlder(device, before.get(device.name));
      this.byName.set(device.name, device);
    }
    for (const device of before.values()) device.release();
    this.#clockAheadMs = now - Date.now();
  }
  /** Replace the hello of a device. */
  hello(message) {
    const known = this.#know(message.device);
    if (known) known.about = aboutOf(message);
    return known;
  }
  /** Add a reading. `at` is its own time or, if that is not known, the time at which it came. */
  read({ device, at, values, live, undated }) {
    const known = this.#know(device);
    const now = this.now();
    const time = timeOf(at) ?? now;
    const reading = { at: undated === true ? null : time, came: time, values };
    known?.read({ ...reading, isLive: live === true, isOfBatch: false }, now);
    return known;
  }
  /** Add a batch of readings that a device kept. Each has its own time, or none. */
  readAll({ device, at, readings }) {
    const known = this.#know(device);
    const now = this.now();
    const came = timeOf(at) ?? now;
    for (const { at: at2, values } of readings) {
      known?.read({ at: timeOf(at2), came, values, isLive: false, isOfBatch: true }, now);
    }
    return known;
  }
  /** Note who came and went: one device, or lists. Returns the devices that changed. */
  presence({ device, online, offline = [], at }) {
    const time = Number(at) || this.now();
    const one = [[device, online === true]];
    const changes = device === void 0 ? changesOf(online ?? [], offline) : one;
    return changes.map(([name, isOnline]) => {
      const known = this.#know(name);
      known?.present(isOnline, time);
      return known;
    });
  }
  /** Ms since 1970 by the server's clock. */
  now() {
    return Date.now() + this.#clockAheadMs;
  }
  #know(key) {
    let device = this.byName.get(key);
    if (!device && this.byName.size < MOST_DEVICES) {
      this.byName.set(key, device = new Device(key));
    }
    return device ?? null;
  }
};

// src/copy.js
function copySelected(text) {
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.className = "unseen";
  field.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.focus({ preventScroll: true });
  field.setSelectionRange(0, text.length);
  const isCopied = document.activeElement === field && document.execCommand("copy");
  field.remove();
  before.focus({ preventScroll: true });
  return isCopied;
}
async function copy2(text) {
  if (!navigator.clipboard) return copySelected(text);
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}
function listenToCopies() {
  const buttons = [...document.querySelectorAll("[data-copies]")];
  for (const button2 of buttons) {
    button2.addEventListener("click", async () => {
      const source = document.getElementById(button2.dataset.copies);
      const isCopied = await copy2(source.textContent);
      if (!isCopied) {
        source.parentElement.focus();
        getSelection().selectAllChildren(source);
      }
      const said = isCopied ? "Copied" : "The text is selected: press Ctrl+C, on a Mac ⌘C";
      for (const each of buttons) each.nextElementSibling.textContent = each === button2 ? said : "";
      announce(said);
    });
  }
}

// src/first_program.js
var LOCAL_HOST = /^([^.:[\]]+|\[::1\]|.*\.(local|lan|home\.arpa|internal)\.?|(127|10)(\.\d+){3}|(192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))(\.\d+){2})$/;
function pythonString(text) {
  return JSON.stringify(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
}
var shellWord = (text) => `'${text.replaceAll("'", "'\\''")}'`;
var isLoopback = ({ hostname }) => /^(localhost|127\..*|\[::1\])$/.test(hostname);
function programFor({ protocol, hostname, host }, room2, party2, token3) {
  const given2 = [host, room2, "my-device"].map(pythonString);
  if (party2 !== "main") given2.push(`party=${pythonString(party2)}`);
  const isSecure2 = protocol === "https:";
  if (isSecure2 === LOCAL_HOST.test(hostname)) given2.push(`protocol="${isSecure2 ? "wss" : "ws"}"`);
  if (token3) given2.push(`token=${pythonString(token3)}`);
  const lines = given2.length > 3 ? given2.map((each) => `
        ${each},`) : given2.join(", ");
  return `import asyncio
from partysocket.device import Device

async def main():
    device = Device(${given2.length > 3 ? `${lines.join("")}
    ` : lines})
    while True:
        device.send(temperature=21.5)
        await asyncio.sleep(10)

asyncio.run(main())
`;
}
function postFor(address, token3) {
  const body = '{"type": "reading", "values": {"temperature": 21.5}}';
  return [
    "curl",
    // Without -g, curl reads brackets as a pattern.
    .../[[\]]/.test(address) ? ["-g"] : [],
    ...token3 ? [`-H ${shellWord(`Authorization: Bearer ${token3}`)}`] : [],
    `-d ${shellWord(body)}`,
    shellWord(`${address}?name=my-device`)
  ].join(" ");
}

// src/empty.js
var ANY_TOKEN = "TOKEN";
var byId5 = (id) => document.getElementById(id);
function showFirst(mayWrite2) {
  const token3 = mayWrite2 ? currentToken() : ANY_TOKEN;
  byId5("program").textContent = programFor(location, segment(room), segment(party), token3);
  byId5("post").textContent = postFor(new URL(roomPath, location).href, token3);
  byId5("needs-token").hidden = mayWrite2;
}
byId5("loopback").hidden = !isLoopback(location);
listenToCopies();

// src/gone.js
var banner = document.getElementById("gone");
var picture = document.getElementById("gone-picture");
var age = document.getElementById("gone-age");
var since = null;
function showGone(isGone, hasPicture = false) {
  if (isGone && hasPicture) since ??= Date.now();
  else since = null;
  banner.hidden = !isGone;
  picture.hidden = !hasPicture;
  paintGone();
}
function paintGone() {
  if (since === null) return;
  const text = `${formatTime(since)}, ${formatAge((Date.now() - since) / 1e3)}`;
  if (age.textContent !== text) age.textContent = text;
}
var goneSince = () => since;

// src/kiosk.js
var line = document.getElementById("awake");
async function keepAwake() {
  if (document.hidden) return;
  let why2 = "This browser can't keep the screen on. Set that on the device.";
  if (!isSecureContext) {
    why2 = "On plain http, a page can't keep the screen on. Set that on the device.";
  } else if (navigator.wakeLock) {
    try {
      await navigator.wakeLock.request("screen");
      why2 = "";
    } catch {
      why2 = "The device does not let this page keep the screen on.";
    }
  }
  line.textContent = why2;
  line.hidden = why2 === "";
}
function startKiosk() {
  if (!isKiosk) return;
  document.documentElement.dataset.kiosk = "";
  document.addEventListener("visibilitychange", keepAwake);
  keepAwake();
}

// src/layout_writer.js
var ANSWER_LIMIT_MS = 1e4;
var MOST_TRIES = 5;
var TOO_LARGE = "The room keeps at most 32 KiB of names, groups and places: take some away first.";
var LayoutWriter = class {
  // {change, settle, tries, sent, timer}. The first one is under way.
  #waiting = [];
  /** `send(message)` returns false if the message could not be sent. */
  constructor(layout2, send) {
    this.layout = layout2;
    this.send = send;
  }
  /**
   * Change the layout: `change(content)` returns the new content. Resolves to null when the server
   * keeps it, else to a text that says why it does not.
   */
  write(change2) {
    return new Promise((settle) => {
      this.#waiting.push({ change: change2, settle, tries: 0, sent: null, timer: null });
      if (this.#waiting.length === 1) this.#send();
    });
  }
  /** Handle a layout that the server has sent. */
  told(message) {
    this.layout.take(message);
    const [write] = this.#waiting;
    if (!write) return;
    const { sent } = write;
    if (message.error === "stale") this.#send();
    else if (message.version === sent.version + 1 && isSame(message.layout, sent.layout)) {
      this.#end(null);
    }
  }
  /** Handle the server's refusal. False if no change is under way. */
  refuse(text) {
    const isMine = this.#waiting.length > 0;
    if (isMine) this.#end(text);
    return isMine;
  }
  /** End all when the connection is lost. */
  drop() {
    while (this.#waiting.length) this.#end("the connection was lost before an answer", false);
  }
  #send() {
    const [write] = this.#waiting;
    const { version, content } = this.layout;
    write.sent = { type: "layout", version, layout: write.change(content) };
    clearTimeout(write.timer);
    if (write.tries++ === MOST_TRIES) this.#end("others change it all the time, try again");
    else if (!isSmallEnough(write.sent.layout)) this.#end(TOO_LARGE);
    else if (!this.send(write.sent)) this.#end("not connected, nothing was sent");
    else {
      const text = `no answer after ${ANSWER_LIMIT_MS / 1e3} s`;
      write.timer = setTimeout(() => this.#end(text), ANSWER_LIMIT_MS);
    }
  }
  #end(text, hasNext = true) {
    const write = this.#waiting.shift();
    clearTimeout(write.timer);
    write.settle(text);
    if (hasNext && this.#waiting.length) this.#send();
  }
};

// src/list.js
var KEY6 = "list";
var MOST_FULL = 12;
var byId6 = (id) => document.getElementById(id);
var titleTemplate = byId6("section-title");
var isHidden = (device) => layout.of(device.name).isHidden;
var FILTERS = {
  all: (device) => !isHidden(device),
  online: (device) => !isHidden(device) && device.online,
  offline: (device) => !isHidden(device) && device.isAway,
  alerts: (device, limits) => limits.has(device.name),
  hidden: isHidden
};
var byTitle = (a2, b2) => inOrder(a2.title, b2.title) || inOrder(a2.name, b2.name);
var SORTS = {
  // Infinity less Infinity is NaN: those without a place are in order of their names.
  own: (a2, b2) => layout.rankOf(a2.name) - layout.rankOf(b2.name) || byTitle(a2, b2),
  name: byTitle,
  seen: (a2, b2) => b2.at - a2.at || byTitle(a2, b2),
  // Offline devices come first, because they need attention.
  status: (a2, b2) => b2.isAway - a2.isAway || byTitle(a2, b2)
};
var PINNED = "Pinned";
var OTHERS = "Others";
function sectionOf(device) {
  const { isPinned, group } = layout.of(device.name);
  if (isPinned) return [0, PINNED];
  return group === null ? [2, OTHERS] : [1, group];
}
var bySection = (a2, b2) => {
  const [[rankA, titleA], [rankB, titleB]] = [sectionOf(a2), sectionOf(b2)];
  return rankA - rankB || inOrder(titleA, titleB);
};
var foldCase = (text) => text.toLocaleLowerCase();
var List = class {
  // Whether the user wants the compact list. Null without a choice.
  isCompact = null;
  /** `room`: devices (a Map), cards (a Map), limits. */
  constructor(room2) {
    this.room = room2;
    const kept = load(KEY6, {});
    if (typeof kept.isCompact === "boolean") this.isCompact = kept.isCompact;
    for (const [id, choices] of [
      ["filter", FILTERS],
      ["sort", SORTS]
    ]) {
      if (Object.hasOwn(choices, kept[id])) byId6(id).value = kept[id];
      byId6(id).addEventListener("change", () => this.#choose());
    }
    byId6("density").addEventListener("click", () => {
      this.isCompact = byId6("density").getAttribute("aria-pressed") !== "true";
      this.#choose();
    });
    byId6("search").addEventListener("input", () => this.arrange());
    byId6("show-all").addEventListener("click", () => {
      this.showAll();
      byId6("search").focus();
    });
  }
  /** Show all devices, or the hidden ones if there are no others. */
  showAll() {
    const areHidden = [...this.room.devices.values()].every(isHidden);
    this.#show(areHidden ? "hidden" : "all");
  }
  /** Show a list that contains this device. */
  showWith(device) {
    this.#show(isHidden(device) ? "hidden" : "all");
  }
  showOwnOrder() {
    byId6("sort").value = "own";
    this.#choose();
  }
  /** The devices in the order of the layout. */
  arranged() {
    return [...this.room.devices.values()].sort((a2, b2) => bySection(a2, b2) || SORTS.own(a2, b2));
  }
  /** The devices that are shown, in their order. */
  shown() {
    const matches = FILTERS[byId6("filter").value];
    const wanted = foldCase(byId6("search").value.trim());
    return [...this.room.devices.values()].filter((device) => matches(device, this.room.limits)).filter(({ title, name }) => [title, name].some((text) => foldCase(text).includes(wanted))).sort((a2, b2) => bySection(a2, b2) || SORTS[byId6("sort").value](a2, b2));
  }
  /** Show the cards in order. Cards in the right place are not moved, so they keep the focus. */
  arrange() {
    const { devices: devices2, cards: cards2 } = this.room;
    const shown2 = this.shown().filter(({ name }) => cards2.has(name));
    const visible2 = new Set(shown2.map(({ name }) => name));
    for (const [name, { element }] of cards2) {
      if (element.hidden === visible2.has(name)) element.hidden = !element.hidden;
    }
    this.#place(this.#withTitles(shown2));
    const count3 = [...devices2.values()].filter((device) => !isHidden(device)).length;
    this.#showDensity(this.isCompact ?? count3 > MOST_FULL);
    byId6("tools").hidden = devices2.size < 2;
    byId6("none-match").hidden = shown2.length > 0 || devices2.size === 0;
    byId6("shown").textContent = shown2.length === devices2.size ? "" : `${shown2.length} of ${devices2.size} shown`;
  }
  #show(filter) {
    byId6("search").value = "";
    byId6("filter").value = filter;
    this.arrange();
  }
  #choose() {
    const [filter, sort] = [byId6("filter").value, byId6("sort").value];
    save(KEY6, { filter, sort, isCompact: this.isCompact });
    this.arrange();
  }
  /** The elements of these devices, with a title before each section if there are several. */
  #withTitles(shown2) {
    for (const each of byId6("devices").querySelectorAll(".section-title")) each.remove();
    const elements = [];
    let before = OTHERS;
    for (const device of shown2) {
      const [, title] = sectionOf(device);
      if (title !== before) {
        const element = titleTemplate.content.firstElementChild.cloneNode(true);
        element.firstElementChild.textContent = formatName(title);
        elements.push(element);
        before = title;
      }
      elements.push(this.room.cards.get(device.name).element);
    }
    return elements;
  }
  #place(elements) {
    let next = byId6("devices").firstElementChild;
    for (const element of elements) {
      if (element === next) next = next.nextElementSibling;
      else byId6("devices").insertBefore(element, next);
    }
  }
  #showDensity(isCompact) {
    byId6("density").setAttribute("aria-pressed", String(isCompact));
    byId6("devices").dataset.density = isCompact ? "compact" : "full";
  }
};

// src/notices.js
var MOST_NOTICES = 4;
var list = document.getElementById("notices");
var template3 = document.getElementById("notice");
function notice(text) {
  for (const each of list.children) {
    if (each.dataset.text !== text) continue;
    each.dataset.times = Number(each.dataset.times) + 1;
    each.firstElementChild.textContent = `${text} (${each.dataset.times} times)`;
    return;
  }
  const element = template3.content.firstElementChild.cloneNode(true);
  element.dataset.text = text;
  element.dataset.times = 1;
  element.firstElementChild.textContent = text;
  element.lastElementChild.addEventListener("click", () => element.remove());
  list.append(element);
  if (list.children.length > MOST_NOTICES) list.firstElementChild.remove();
}
var forgetNotices = () => list.replaceChildren();

// src/pending.js
var ANSWER_LIMIT_MS2 = 1e4;
var PendingCommands = class {
  // {device, name, told, timer}, the oldest first.
  #waiting = [];
  /** `send(message)` returns false if the message could not be sent. */
  constructor(send) {
    this.send = send;
  }
  /**
   * Send a device a command. `told(state, text, value)` is called with "waiting", and then with "ok",
   * "error" or "late". The text may be empty. `value` is the value of the result.
   */
  give(device, name, value, told) {
    const command = { device, name, told };
    if (!this.send({ type: "command", device, name, value })) {
      told("error", "not connected, nothing was sent");
      return;
    }
    this.#waiting.push(command);
    command.timer = setTimeout(() => {
      this.#end(command, "late", `no answer after ${ANSWER_LIMIT_MS2 / 1e3} s`);
    }, ANSWER_LIMIT_MS2);
    told("waiting", "waiting…");
  }
  /** Handle a result: the oldest such command ends. False if it is for no command of this page. */
  settle(message, text) {
    const { device, name, ok, value } = message;
    const command = this.#waiting.find((each) => each.device === device && each.name === name);
    if (!command) return false;
    this.#end(command, ok === true ? "ok" : "error", text, value);
    return true;
  }
  /** Handle the server's refusal of the last command. False if none is under way. */
  refuse(text) {
    const command = this.#waiting.at(-1);
    if (command) this.#end(command, "error", text);
    return command !== void 0;
  }
  /** End all when the connection is lost, because it is not known whether they arrived. */
  drop() {
    for (const command of [...this.#waiting]) {
      this.#end(command, "error", "the connection was lost before an answer");
    }
  }
  #end(command, state2, text, value) {
    clearTimeout(command.timer);
    this.#waiting = this.#waiting.filter((each) => each !== command);
    command.told(state2, text, value);
  }
};

// src/phone.js
var phone = matchMedia("(max-width: 40rem), (max-height: 30rem)");
var byId7 = (id) => document.getElementById(id);
function arrange() {
  byId7("tools").open = !phone.matches;
  const [first, second] = phone.matches || isKiosk ? ["list", "chart"] : ["chart", "list"];
  if (byId7(first).nextElementSibling === byId7(second)) return;
  byId7("room-content").append(byId7(first), byId7(second));
}
function arrangeForPhone() {
  phone.addEventListener("change", arrange);
  arrange();
}

// src/picker.js
var list2 = document.getElementById("add-series");
var PROMPT = list2.firstElementChild;
function listenToPicker(room2) {
  for (const type of ["focus", "pointerdown"]) list2.addEventListener(type, () => fill(room2));
  list2.addEventListener("change", () => {
    const option = list2.selectedOptions[0];
    if (option?.value) room2.choice.toggle(...JSON.parse(option.value));
    fill(room2);
  });
}
function fill({ devices: devices2, choice: choice3 }) {
  const groups = [...devices2.values()].sort((a2, b2) => inOrder(a2.title, b2.title)).map((device) => groupOf(device, choice3)).filter((group) => group.children.length);
  PROMPT.textContent = choice3.isFull ? `${choice3.list.length} are the most` : "Add a value…";
  list2.replaceChildren(PROMPT, ...choice3.isFull ? [] : groups);
  list2.value = "";
}
function groupOf(device, choice3) {
  const group = document.createElement("optgroup");
  group.label = formatName(device.title);
  const names = /* @__PURE__ */ new Set([...device.history.keys(), ...device.changes.keys()]);
  for (const name of [...names].sort(inOrder)) {
    if (choice3.slotOf(device.name, name) !== null) continue;
    const unit = unitOf(device, name);
    const option = document.createElement("option");
    option.value = JSON.stringify([device.name, name]);
    option.textContent = labelOf(device, name) + (unit ? `, ${unit}` : "");
    group.append(option);
  }
  return group;
}

// src/room_dialog.js
var KEY7 = "rooms";
var MOST_ROOMS = 8;
var byId8 = (id) => document.getElementById(id);
var dialog3 = byId8("room-dialog");
var isRoom = (each) => typeof each?.room === "string" && typeof each?.party === "string";
var isHere = (each) => each.room === room && each.party === party;
function visited() {
  return load(KEY7, []).filter(isRoom).slice(0, MOST_ROOMS);
}
function itemOf({ room: room2, party: party2 }) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const name = document.createElement("bdi");
  link.href = addressOf(room2, party2);
  name.textContent = formatName(room2);
  link.append(name);
  if (party2 !== "main") link.append(` (${formatName(party2)})`);
  item.append(link);
  return item;
}
function nameOf(path) {
  try {
    const name = decodeURIComponent(path);
    const { pathname } = new URL(`/x/${segment(name)}`, location.origin);
    return pathname === `/x/${path}` ? name : null;
  } catch {
    return null;
  }
}
function isListed(each) {
  return isRoom(each) && Number.isFinite(each.devices?.online) && Number.isFinite(each.devices.known);
}
function countedItemOf({ room: room2, party: party2, devices: devices2 }) {
  const name = nameOf(room2);
  const item = itemOf({ room: name ?? room2, party: party2 });
  if (name === null) item.firstElementChild.removeAttribute("href");
  const counts = document.createElement("small");
  counts.textContent = `${devices2.online} of ${devices2.known} online`;
  item.append(counts);
  return item;
}
async function listAll() {
  const button2 = byId8("list-rooms");
  const query2 = button2.dataset.after ? { after: button2.dataset.after } : {};
  const headers = { Accept: "application/json" };
  const response = await request("/rooms", { query: query2, headers });
  let [answer, problem] = await answerOf(response);
  if (response?.status === 404) {
    problem = "This server does not list its rooms. The room server does, with --list-rooms.";
  }
  byId8("rooms-problem").textContent = problem ? formatText(problem) : "";
  const rooms = Array.isArray(answer?.rooms) ? answer.rooms.filter(isListed) : [];
  byId8("all-rooms").append(...rooms.map(countedItemOf));
  button2.dataset.after = answer?.after ?? "";
  button2.hidden = !answer?.after;
  button2.textContent = "More rooms";
}
function show() {
  const others = visited().filter((each) => !isHere(each));
  byId8("visited").replaceChildren(...others.map(itemOf));
  byId8("visited-title").hidden = others.length === 0;
  byId8("forget-token").hidden = !currentToken();
  byId8("room-name").value = "";
  byId8("all-rooms").replaceChildren();
  byId8("rooms-problem").textContent = "";
  byId8("list-rooms").dataset.after = "";
  byId8("list-rooms").hidden = false;
  byId8("list-rooms").textContent = "All rooms of this server";
  dialog3.showModal();
}
function rememberRoom() {
  save(KEY7, [{ room, party }, ...visited().filter((each) => !isHere(each))].slice(0, MOST_ROOMS));
}
function listenToRooms() {
  byId8("room-button").addEventListener("click", show);
  byId8("room-close").addEventListener("click", () => dialog3.close());
  byId8("list-rooms").addEventListener("click", listAll);
  byId8("room-form").addEventListener("submit", (event) => {
    event.preventDefault();
    location.assign(addressOf(byId8("room-name").value.trim(), party));
  });
  byId8("forget-token").addEventListener("click", () => {
    forgetToken();
    location.reload();
  });
}

// src/csv.js
var FORMULA = /(^|[;|])(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;
function cellOf(value) {
  if (typeof value === "number") return String(value);
  if (value === null || value === void 0) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const safe = text.replace(FORMULA, "$1$2'");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
var csvOf = (rows) => rows.map((row) => `${row.map(cellOf).join(",")}\r
`).join("");
function rowsOfValues(devices2, unitOf2) {
  const rows = [["device", "title", "name", "at", "time", "value", "unit"]];
  for (const device of devices2) {
    for (const [name, value] of device.last) {
      const at = device.lastAt.get(name) || null;
      const time = at && new Date(at).toISOString();
      rows.push([device.name, device.title, name, at, time, value, unitOf2(device, name)]);
    }
  }
  return rows;
}
function rowsOfChart({ lines, range: { min: min2, max: max2 } }) {
  const rows = [["device", "name", "at", "time", "value", "lowest", "highest", "readings"]];
  const add = (line2, at, ...values) => {
    if (at < min2 || at > max2 || values[0] === null) return;
    rows.push([line2.key, line2.name, at, new Date(at).toISOString(), ...values]);
  };
  for (const line2 of lines) {
    for (const [at2, value] of line2.isState ? line2.changes : []) add(line2, at2, value);
    const { at, y: y2, low, high, count: count3 } = line2.points ?? { at: [] };
    at.forEach((each, i2) => add(line2, each, y2[i2], low[i2], high[i2], count3[i2]));
  }
  return rows;
}

// src/save.js
var byId9 = (id) => document.getElementById(id);
function download(href, name) {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  link.click();
}
function save2(rows, what) {
  const address = URL.createObjectURL(new Blob(["\uFEFF", csvOf(rows)], { type: "text/csv" }));
  download(address, `${room} ${what}.csv`);
  setTimeout(() => URL.revokeObjectURL(address));
}
function listenToSave(page) {
  byId9("save-values").addEventListener(
    "click",
    () => save2(rowsOfValues(page.shown(), unitOf), "values")
  );
  byId9("save-points").addEventListener("click", () => save2(rowsOfChart(page.chart.picture), "chart"));
  byId9("save-all").href = `${roomPath}?format=csv`;
  byId9("save-all").addEventListener("click", (event) => {
    const token3 = currentToken();
    if (!token3) return;
    event.preventDefault();
    download(`${roomPath}?${new URLSearchParams({ format: "csv", token: token3 })}`, "");
  });
}

// ../../../../../work/main/tools/dashboard/node_modules/lean-qr/index.mjs
var t = [0.2, 3 / 8, 5 / 9, 2 / 3];
var o = (o2, e) => (r2) => {
  const n2 = 4 * o2 + r2 - 4, s2 = "*-04-39?2$%%$%%'$%''%'''%')(%'))%(++'(++'(+.'+-.',/3',33)-/5)-43).36)058*18<+37<+4:<,4:E,5<A-7>C/8@F/:EH/<EK0=FM1?IP2@KS3BNV4DPY5FS\\6HV_6IXb7K[e8N^i9Pam;Rdp<Tgt".charCodeAt(n2) - 35, f2 = n2 > 8 ? s2 : 1, c2 = e / f2 | 0, i2 = e % f2, l2 = f2 - i2, a2 = n2 > 8 ? c2 * t[r2] + (o2 > 5) & -2 : s2, _3 = c2 - a2;
  return { t: l2 * _3 + i2 * _3 + i2, o: [[l2, _3], [i2, _3 + 1]], i: a2 };
};
var r = (t2) => new Uint8Array(t2);
var n = (t2) => {
  const o2 = new Error(`lean-qr error ${t2}`);
  throw o2.code = t2, o2;
};
var s = (t2) => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".indexOf(t2);
var f = (t2) => t2.charCodeAt(0);
var c = (...t2) => (o2, e) => t2.forEach((t3) => t3(o2, e));
var i = (t2) => (o2) => {
  o2.eci !== t2 && (o2.push(7, 4), t2 < 128 ? o2.push(t2, 8) : t2 < 16384 ? o2.push(32768 | t2, 16) : o2.push(12582912 | t2, 24), o2.eci = t2);
};
var l = (t2) => (o2, e) => {
  o2.push(4, 4), o2.push(t2.length, 8 + 8 * (e > 9)), t2.forEach((t3) => o2.push(t3, 8));
};
var a = (t2, o2, e, r2, n2 = (t3, o3) => e(t3.length, o3), s2 = r2 ? (o3) => c(i(r2), t2(o3)) : t2) => (s2.test = o2, s2.l = e, s2.est = n2, s2.eci = r2 && [r2], s2);
var _2 = a((t2) => (o2, e) => {
  o2.push(1, 4), o2.push(t2.length, 10 + 2 * (e > 26) + 2 * (e > 9));
  let r2 = 0;
  for (; r2 < t2.length - 2; r2 += 3) o2.push(+t2.slice(r2, r2 + 3), 10);
  r2 < t2.length - 1 ? o2.push(+t2.slice(r2), 7) : r2 < t2.length && o2.push(+t2[r2], 4);
}, (t2) => /[0-9]/.test(t2), (t2, o2) => 14 + 2 * (o2 > 26) + 2 * (o2 > 9) + 10 * t2 / 3);
var u = a((t2) => (o2, e) => {
  o2.push(2, 4), o2.push(t2.length, 9 + 2 * (e > 26) + 2 * (e > 9));
  let r2 = 0;
  for (; r2 < t2.length - 1; r2 += 2) o2.push(45 * s(t2[r2]) + s(t2[r2 + 1]), 11);
  r2 < t2.length && o2.push(s(t2[r2]), 6);
}, (t2) => s(t2) >= 0, (t2, o2) => 13 + 2 * (o2 > 26) + 2 * (o2 > 9) + 5.5 * t2);
var d = a((t2) => l([...t2].map(f)), (t2) => f(t2) < 128, (t2, o2) => 12 + 8 * (o2 > 9) + 8 * t2);
d._ = true, d.u = true;
var p = a(d, (t2) => f(t2) < 256, d.l, 3);
p._ = true;
var m = new TextEncoder();
var h = a((t2) => l(m.encode(t2)), () => 1, 0, 26, (t2, o2) => 12 + 8 * (o2 > 9) + 8 * m.encode(t2).length);
h._ = true;
var w = () => {
  const t2 = /* @__PURE__ */ new Map(), o2 = new TextDecoder("sjis"), e = r(2);
  for (let r2 = 0; r2 < 7973; ++r2) e[0] = r2 / 192 + 129 + 64 * (r2 > 5951), e[1] = r2 % 192 + 64, t2.set(o2.decode(e), r2);
  return t2.delete("�"), w = () => t2, t2;
};
var y = a((t2) => (o2, e) => {
  o2.push(8, 4), o2.push(t2.length, 8 + 2 * (e > 26) + 2 * (e > 9));
  for (const e2 of t2) o2.push(w().get(e2), 13);
}, (t2) => w().has(t2), (t2, o2) => 12 + 2 * (o2 > 26) + 2 * (o2 > 9) + 13 * t2);
y._ = true;
var g = [_2, u, d, p, y, h];
var b = { auto: (t2, { modes: o2 = g } = {}) => (e, r2) => {
  const s2 = o2.map((o3, e2) => {
    const n2 = /* @__PURE__ */ new Map(), s3 = (t3, o4) => (n2.has(t3) || n2.set(t3, o4(t3, r2)), n2.get(t3));
    return { m: o3, h: 1 << e2, C: o3.est("", r2), S: o3.l ? (t3, e3) => s3(e3 - t3, o3.l) : (e3, r3) => s3(t2.slice(e3, r3), o3.est) };
  });
  let f2 = [{ v: 0 }], c2 = 0, i2 = 0, l2 = -1;
  for (const o3 of [...t2, ""]) {
    let t3 = 0;
    if (o3) for (const e2 of s2) e2.m.test(o3) && (t3 |= e2.h);
    if (!o3 || t3 !== l2) {
      if (-1 !== l2) {
        const t4 = new Set(f2.map((t5) => t5.D)), o4 = [];
        for (const { m: e2, C: r3, S: n2, h: a3 } of s2) if (l2 & a3) {
          const s3 = n2(c2, i2);
          for (const l3 of e2.eci ?? t4) if (!e2.u || !l3) {
            let t5;
            for (const o5 of f2) if (o5.D === l3 || e2.eci) {
              const f3 = o5.m === e2 && o5.D === l3, a4 = f3 ? o5.V : o5, _3 = e2._ && f3 ? o5.v + s3 - r3 : a4.v + 12 * (a4.D !== l3) + (f3 ? n2(f3 ? o5.$ : c2, i2) : s3);
              (!t5 || _3 < t5.v) && (t5 = { $: f3 ? o5.$ : c2, V: a4, m: e2, D: l3, A: i2, v: _3 });
            }
            t5 && o4.push(t5);
          }
        }
        f2 = o4;
      }
      l2 = t3, c2 = i2;
    }
    i2 += o3.length;
  }
  f2.length || n(5);
  const a2 = [];
  for (let o3 = f2.reduce((t3, o4) => o4.v < t3.v ? o4 : t3); o3.m; o3 = o3.V) a2.push(o3.m(t2.slice(o3.$, o3.A)));
  a2.reverse().forEach((t3) => t3(e, r2));
}, multi: c, eci: i, bytes: l, numeric: _2, alphaNumeric: u, ascii: d, iso8859_1: p, shift_jis: y, utf8: h };
var C = () => ({ F: r(2956), I: 0, push(t2, o2) {
  for (let e = o2, r2 = 8 - (7 & this.I); e > 0; e -= r2, r2 = 8) this.F[this.I >> 3] |= t2 << r2 >> e, this.I += e < r2 ? e : r2;
} });
var x = (t2, o2 = t2 * t2, e = r(o2)) => ({ size: t2, K: e, get: (o3, r2) => o3 >= 0 && o3 < t2 && !!(1 & e[r2 * t2 + o3]), toString({ on: o3 = "##", off: e2 = "  ", lf: r2 = "\n", pad: n2 = 4, padX: s2 = n2, padY: f2 = n2 } = {}) {
  let c2 = "";
  for (let n3 = -f2; n3 < t2 + f2; ++n3) {
    for (let r3 = -s2; r3 < t2 + s2; ++r3) c2 += this.get(r3, n3) ? o3 : e2;
    c2 += r2;
  }
  return c2;
}, toImageData(o3, { on: e2 = [0, 0, 0], off: r2 = [0, 0, 0, 0], pad: n2 = 4, padX: s2 = n2, padY: f2 = n2 } = {}) {
  const c2 = t2 + 2 * s2, i2 = t2 + 2 * f2, l2 = o3.createImageData(c2, i2), a2 = new Uint32Array(l2.data.buffer);
  l2.data.set([...e2, 255]);
  const _3 = a2[0];
  l2.data.set([...r2, 255]);
  const u2 = a2[0];
  for (let t3 = 0; t3 < i2; ++t3) for (let o4 = 0; o4 < c2; ++o4) a2[t3 * c2 + o4] = this.get(o4 - s2, t3 - f2) ? _3 : u2;
  return l2;
}, toCanvas(t3, o3) {
  const e2 = t3.getContext("2d"), r2 = this.toImageData(e2, o3);
  t3.width = r2.width, t3.height = r2.height, e2.putImageData(r2, 0, 0);
}, toDataURL({ type: t3 = "image/png", scale: o3 = 1, ...e2 } = {}) {
  const r2 = document.createElement("canvas"), n2 = r2.getContext("2d"), s2 = this.toImageData(n2, e2);
  return r2.width = s2.width * o3, r2.height = s2.height * o3, n2.putImageData(s2, 0, 0), n2.imageSmoothingEnabled = false, n2.globalCompositeOperation = "copy", n2.drawImage(r2, 0, 0, s2.width, s2.height, 0, 0, r2.width, r2.height), r2.toDataURL(t3, 1);
} });
var z = [(t2, o2) => 1 & (t2 ^ o2), (t2, o2) => 1 & o2, (t2) => t2 % 3, (t2, o2) => (t2 + o2) % 3, (t2, o2) => 1 & (t2 / 3 ^ o2 >> 1), (t2, o2) => (t2 & o2 & 1) + t2 * o2 % 3, (t2, o2) => (t2 & o2) + t2 * o2 % 3 & 1, (t2, o2) => (t2 ^ o2) + t2 * o2 % 3 & 1];
var E = r(511);
for (let t2 = 0, o2 = 1; t2 < 255; o2 = 2 * o2 ^ 285 * (o2 > 127)) E[E[o2 + 255] = t2++] = o2;
var M2 = (t2) => E[t2 % 255];
var S = (t2) => E[t2 + 255];
var v = (t2, o2) => {
  const e = r(t2.length + o2.length - 1);
  for (let r2 = 0; r2 < t2.length; ++r2) for (let n2 = 0; n2 < o2.length; ++n2) e[r2 + n2] ^= M2(t2[r2] + o2[n2]);
  return e.map(S);
};
var D = (t2, o2) => {
  const e = r(t2.length + o2.length - 1);
  e.set(t2, 0);
  for (let r2 = 0; r2 < t2.length; ++r2) if (e[r2]) {
    const t3 = S(e[r2]);
    for (let n2 = 0; n2 < o2.length; ++n2) e[r2 + n2] ^= M2(o2[n2] + t3);
  }
  return e.slice(t2.length);
};
var L = [[0], [0, 0]];
for (let t2 = 1; t2 < 30; ++t2) L.push(v(L[t2], [0, t2]));
var V = (t2, o2) => {
  const e = [[], []];
  let n2 = 0, s2 = 0;
  for (const [r2, f3] of o2.o) for (let c2 = 0; c2 < r2; ++c2, n2 += f3) {
    const r3 = t2.slice(n2, n2 + f3);
    e[0].push(r3), e[1].push(D(r3, L[o2.i])), s2 += f3 + o2.i;
  }
  const f2 = r(s2);
  s2 = 0;
  for (const t3 of e) for (let o3 = 0, e2 = -1; e2 < s2; ++o3) {
    e2 = s2;
    for (const e3 of t3) o3 < e3.length && (f2[s2++] = e3[o3]);
  }
  return f2;
};
var $ = (t2, o2, e) => {
  let r2 = t2 <<= e;
  for (let t3 = 134217728; t3 >>= 1; ) r2 & t3 && (r2 ^= o2 * (t3 >> e));
  return r2 | t2;
};
var A = ({ size: t2, K: o2 }, e) => {
  const r2 = (e2, r3, n3, s3) => {
    for (; n3-- > 0; e2 += t2) o2.fill(s3, e2, e2 + r3);
  }, n2 = (o3, e2, n3) => {
    for (let s3 = 0; s3++ < 3; n3 -= 2) r2(e2 * t2 + o3 - (n3 >> 1) * (t2 + 1), n3, n3, 2 | s3);
  }, s2 = 2 * ((t2 - 13) / (1 + (e / 7 | 0)) / 2 + 0.75 | 0);
  if (e > 1) for (let o3 = t2 - 7; o3 > 8; o3 -= s2) {
    for (let t3 = o3; t3 > 8; t3 -= s2) n2(o3, t3, 5);
    o3 < t2 - 7 && n2(o3, 6, 5);
  }
  if (e > 6) for (let r3 = $(e, 7973, 12), n3 = 1; n3 < 7; ++n3) for (let e2 = 12; e2-- > 9; r3 >>= 1) o2[n3 * t2 - e2] = 2 | 1 & r3;
  r2(7, 2, 9, 2), r2(t2 - 8, 8, 9, 2);
  for (let e2 = 0; e2 < t2; ++e2) o2[6 * t2 + e2] = 3 ^ 1 & e2;
  n2(3, 3, 7), n2(t2 - 4, 3, 7);
  for (let e2 = 0; e2 < t2; ++e2) for (let r3 = e2; r3 < t2; ++r3) o2[r3 * t2 + e2] = o2[e2 * t2 + r3];
  o2[(t2 - 8) * t2 + 8] = 3;
};
var F = ({ size: t2, K: o2 }) => {
  const e = [];
  for (let r2 = t2 - 2, n2 = t2, s2 = -1; r2 >= 0; r2 -= 2) {
    for (5 === r2 && (r2 = 4); n2 += s2, -1 !== n2 && n2 !== t2; ) {
      const s3 = n2 * t2 + r2;
      o2[s3 + 1] || e.push(s3 + 1), o2[s3] || e.push(s3);
    }
    s2 *= -1;
  }
  return e;
};
var H = ({ K: t2 }, o2, e) => o2.forEach((o3, r2) => t2[o3] = e[r2 >> 3] >> (7 & ~r2) & 1);
var I = ({ size: t2, K: o2 }, e, r2, n2) => {
  for (let r3 = 0; r3 < t2; ++r3) for (let n3 = 0; n3 < t2; ++n3) {
    const s3 = r3 * t2 + n3;
    o2[s3] ^= !(e(n3, r3) || 2 & o2[s3]);
  }
  let s2 = 21522 ^ $((1 ^ n2) << 3 | r2, 1335, 10);
  for (let e2 = 0; e2++ < 8; s2 >>= 1) o2[(e2 - (e2 < 7)) * t2 + 8] = 1 & s2, o2[9 * t2 - e2] = 1 & s2;
  for (let e2 = 8; --e2, s2; s2 >>= 1) o2[8 * t2 + e2 - (e2 < 7)] = 1 & s2, o2[(t2 - e2) * t2 + 8] = 1 & s2;
};
var K = ({ size: t2, K: o2 }, e = 0, r2 = 0) => {
  for (let n2 = 0; n2 < t2; ++n2) {
    for (let s2 = 0; s2 < 2; ++s2) for (let f2, c2 = 0, i2 = 0, l2 = 2; c2 < t2; ++c2) {
      const a2 = 1 & o2[s2 ? n2 * t2 + c2 : c2 * t2 + n2];
      r2 += a2, i2 = (i2 >> 1 | 2098176) & (3047517 ^ a2 - 1), 2049 & i2 && (e += 40), a2 ^ l2 && (f2 = 0), l2 = a2, e += 5 === ++f2 ? 3 : f2 > 5;
    }
    if (n2) for (let r3 = t2 + n2, s2 = 5 * o2[n2 - 1] ^ o2[n2]; r3 < t2 * t2; r3 += t2) {
      const t3 = 5 * o2[r3 - 1] ^ o2[r3];
      e += 3 * !(1 & (s2 | t3) | 4 & (s2 ^ t3)), s2 = t3;
    }
  }
  return e + 10 * (10 * Math.abs(r2 / (t2 * t2) - 1) | 0);
};
var N = [];
var P = (t2 = n(1), { minCorrectionLevel: e = 0, maxCorrectionLevel: r2 = 3, minVersion: s2 = 1, maxVersion: f2 = 40, mask: c2, trailer: i2 = 60433, ...l2 } = {}) => {
  r2 < e && n(3), f2 < s2 && n(2), "string" == typeof t2 && (t2 = b.auto(t2, l2));
  for (let n2 = s2, l3 = 0; n2 <= f2; ++n2) {
    let s3 = N[n2];
    s3 || (N[n2] = s3 = x(4 * n2 + 17), A(s3, n2), s3.p = F(s3));
    const f3 = o(n2, s3.p.length >> 3);
    if (8 * f3(e).t < l3) continue;
    const a2 = C();
    t2(a2, n2), l3 = a2.I;
    for (let t3 = r2; t3 >= e; --t3) {
      const o2 = f3(t3);
      if (8 * o2.t < l3) continue;
      for (a2.I = l3 + 11 & -8; a2.I < 8 * o2.t; ) a2.push(i2, 16);
      const e2 = x(s3.size, s3.K);
      return H(e2, s3.p, V(a2.F, o2)), (z[c2] ? [z[c2]] : z).map((o3, r3) => {
        const n3 = x(e2.size, e2.K);
        return I(n3, o3, c2 ?? r3, t3), n3.s = z[c2] ? 0 : K(n3), n3;
      }).reduce((t4, o3) => o3.s < t4.s ? o3 : t4);
    }
  }
  n(4);
};
P.with = (...t2) => (o2, e) => P(o2, { modes: [...g, ...t2], ...e });

// src/qr.js
var SVG = "http://www.w3.org/2000/svg";
var BORDER = 4;
function drawQr(svg, text) {
  const code = P(text);
  const squares = [];
  for (let y2 = 0; y2 < code.size; y2++) {
    for (let x2 = 0; x2 < code.size; x2++) if (code.get(x2, y2)) squares.push(`M${x2} ${y2}h1v1h-1z`);
  }
  const size = code.size + 2 * BORDER;
  svg.setAttribute("viewBox", `${-BORDER} ${-BORDER} ${size} ${size}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", squares.join(""));
  svg.replaceChildren(path);
}

// src/share_dialog.js
var byId10 = (id) => document.getElementById(id);
var dialog4 = byId10("share-dialog");
var template4 = byId10("share");
var token2 = null;
var isShare = (each) => typeof each?.id === "string" && typeof each.label === "string" && Number.isFinite(each.expires);
function say(problem) {
  byId10("share-problem").textContent = problem === null ? "" : formatText(problem);
}
function showLink() {
  const link = linkTo(token2, byId10("share-kiosk").checked);
  byId10("share-link").textContent = link;
  drawQr(byId10("share-qr"), link);
  byId10("share-made").hidden = false;
}
async function list3() {
  const [answer, problem] = await answerOf(await askRoom({ query: { shares: "" } }));
  if (problem) say(problem);
  const shares = Array.isArray(answer?.shares) ? answer.shares.filter(isShare) : [];
  byId10("share-none").hidden = Boolean(problem) || shares.length > 0;
  byId10("shares").replaceChildren(...shares.map(itemOf2));
}
function itemOf2({ id, label, expires }) {
  const item = template4.content.firstElementChild.cloneNode(true);
  const name = formatName(label) || "no name";
  item.querySelector("bdi").textContent = name;
  item.querySelector("small").textContent = expires < Date.now() ? "has expired" : `until ${formatDay(expires)}`;
  const button2 = item.querySelector("button");
  button2.setAttribute("aria-label", `Revoke the link ${name}`);
  button2.addEventListener("click", async () => {
    const [, problem] = await answerOf(
      await askRoom({ method: "DELETE", query: { shares: id } })
    );
    say(problem);
    if (problem) return;
    byId10("share-made").hidden = true;
    byId10("share-close").focus();
    list3();
  });
  return item;
}
async function make() {
  const body = JSON.stringify({
    days: Number(byId10("share-days").value),
    label: byId10("share-label").value.trim()
  });
  const [made, problem] = await answerOf(
    await askRoom({ method: "POST", query: { shares: "" }, body })
  );
  const isMade = typeof made?.token === "string";
  say(isMade ? null : problem ?? "This server makes no links.");
  if (!isMade) return;
  token2 = made.token;
  showLink();
  list3();
}
function open() {
  say(null);
  byId10("share-made").hidden = true;
  byId10("share-loopback").hidden = !isLoopback(location);
  byId10("shares").replaceChildren();
  const isOpen = !currentToken();
  for (const each of dialog4.querySelectorAll("[data-needs-token]")) each.hidden = isOpen;
  byId10("share-open").hidden = !isOpen;
  dialog4.showModal();
  token2 = null;
  if (isOpen) showLink();
  else list3();
}
function listenToShare() {
  byId10("share-button").addEventListener("click", open);
  byId10("share-close").addEventListener("click", () => dialog4.close());
  byId10("share-kiosk").addEventListener("change", () => {
    if (!byId10("share-made").hidden) showLink();
  });
  byId10("share-form").addEventListener("submit", (event) => {
    event.preventDefault();
    make();
  });
}

// src/storage_banner.js
var failing = document.getElementById("storage");
var why = document.getElementById("storage-error");
var memory = document.getElementById("no-database");
function showStorage({ storage, error }) {
  const isFailing = storage === "failing";
  const hasChanged = failing.hidden === isFailing;
  failing.hidden = !isFailing;
  why.textContent = typeof error === "string" ? `The server says: ${formatText(error)}.` : "";
  memory.hidden = storage !== "memory";
  if (!hasChanged) return;
  announce(isFailing ? "Readings are not stored now" : "Readings are stored again");
}

// src/token_form.js
var RETRY_MS = 6e4;
var byId11 = (id) => document.getElementById(id);
var form = byId11("token-form");
var open2 = () => {
};
var timer3 = null;
function listenToTokenForm(opened) {
  open2 = opened;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tryToken(byId11("token").value, byId11("token-keep").checked);
    closeTokenForm();
    opened();
  });
}
function closeTokenForm() {
  clearTimeout(timer3);
  form.hidden = true;
}
function askForToken(words) {
  const isRefused = Boolean(currentToken());
  clearTimeout(timer3);
  if (isKiosk) timer3 = setTimeout(open2, RETRY_MS);
  else dropToken();
  form.hidden = false;
  byId11("token-problem").textContent = (isRefused ? "The server does not know this token. It says: " : "The server says: ") + formatText(words);
  byId11("token").focus();
  byId11("token").select();
}

// src/dashboard.js
var STATUS = { connecting: "connecting…", open: "live", closed: "reconnecting…" };
var READINGS2 = ["reading", "batch"];
var SUGGEST_DEVICES = 8;
var CARDS_AT_ONCE = 12;
var byId12 = (id) => document.getElementById(id);
var devices = new Devices();
var cards = /* @__PURE__ */ new Map();
var ignored = 0;
var state = "connecting";
var hasSnapshot = false;
var mayWrite = true;
var mustArrange = false;
var connection = new RoomConnection({
  state: showState,
  message: receive,
  tokenNeeded(words) {
    showState("closed", "token needed");
    showGone(false);
    byId12("share-button").hidden = true;
    askForToken(words);
  },
  allowed(isAllowed) {
    mayWrite = isAllowed;
    byId12("read-only").hidden = mayWrite;
    showFirst(mayWrite);
    byId12("share-button").hidden = !mayWrite;
    showReachable();
  },
  problem: notice
});
var commands = new PendingCommands((message) => connection.send(message));
var layoutWriter = new LayoutWriter(layout, (message) => connection.send(message));
var choice2 = new Choice(() => {
  chart.choose();
  for (const card of cards.values()) paintSoon(card);
});
var alerts = new Alerts({
  get devices() {
    return devices.byName;
  },
  showDevice,
  changed() {
    mustArrange = true;
    paintSoon(frame2);
    for (const card of cards.values()) paintSoon(card);
  }
});
var chart = new Chart({
  get devices() {
    return devices.byName;
  },
  now: pictureNow,
  choice: choice2
});
var list4 = new List({
  get devices() {
    return devices.byName;
  },
  cards,
  limits: alerts.limits
});
var arrangeDialog = new ArrangeDialog({
  arranged: () => list4.arranged(),
  showOwnOrder: () => list4.showOwnOrder(),
  write: (change2) => layoutWriter.write(change2)
});
function pictureNow() {
  const since2 = goneSince();
  return since2 === null ? devices.now() : devices.now() - (Date.now() - since2);
}
var frame2 = {
  /** Draw everything around the cards. */
  paint() {
    const joined = [...devices.byName.values()].filter((device) => device.hasJoined);
    const online = joined.filter((device) => device.online).length;
    const count3 = devices.byName.size;
    const active = alerts.limits.active.size;
    byId12("summary").textContent = joined.length ? `${online} of ${joined.length} online` : "";
    byId12("empty").hidden = !hasSnapshot || count3 > 0;
    byId12("room-content").hidden = count3 === 0;
    byId12("ignored").hidden = ignored === 0;
    byId12("ignored").textContent = `Messages of other kinds, ignored: ${ignored}`;
    document.title = `${active ? `(${active}) ` : ""}${formatName(room)} · room`;
    if (mustArrange) list4.arrange();
    mustArrange = false;
  }
};
var forCards = {
  now: () => devices.now(),
  commands,
  slotOf: (device, name) => choice2.slotOf(device, name),
  alertOf: (device, name) => alerts.limits.of(device, name),
  openAlerts: (device) => alerts.open(device),
  arrange: (device) => arrangeDialog.open(device),
  toggle(device, name) {
    if (!choice2.toggle(device, name)) notice("The chart is full: take a value out of it first.");
  }
};
function cardOf(device) {
  let card = cards.get(device.name);
  if (!card) {
    card = new Card(device, forCards);
    card.setReachable(state === "open", mayWrite);
    cards.set(device.name, card);
    mustArrange = true;
  }
  return card;
}
function restore(snapshot) {
  layout.take(snapshot.layout);
  devices.restore(snapshot);
  hasSnapshot = true;
  rememberRoom();
  showFirst(mayWrite);
  showGone(false);
  showStorage(snapshot);
  for (const [name, card] of cards) {
    if (devices.byName.has(name)) continue;
    card.remove();
    cards.delete(name);
  }
  makeCards([...devices.byName.keys()]);
  alerts.limits.checkAll(devices.byName);
  chart.choose();
  suggestSeries();
}
function makeCards(names) {
  const paint2 = () => {
    for (const name of names.slice(0, CARDS_AT_ONCE)) {
      const device = devices.byName.get(name);
      if (device) cardOf(device).replace(device);
    }
    if (names.length > CARDS_AT_ONCE) makeCards(names.slice(CARDS_AT_ONCE));
    paintSoon(frame2);
  };
  if (names.length) paintSoon({ paint: paint2 });
}
function suggestSeries() {
  if (choice2.isOwn) return;
  const shown2 = [...devices.byName.values()].filter(({ name }) => !layout.of(name).isHidden);
  if (shown2.length <= SUGGEST_DEVICES || choice2.list.length === 0) {
    choice2.suggest(suggestion(shown2.slice(0, SUGGEST_DEVICES)));
  }
}
function arranged(message) {
  layoutWriter.told(message);
  for (const card of cards.values()) paintSoon(card);
  chart.choose();
  alerts.show();
}
var handlers = {
  snapshot: restore,
  hello: (message) => changed(devices.hello(message)),
  reading: (message) => measured(devices.read(message)),
  batch: (message) => measured(devices.readAll(message)),
  presence: (message) => devices.presence(message).forEach(changed),
  result(message) {
    const device = devices.byName.get(message.device);
    if (device) cardOf(device).result(message);
  },
  storage: showStorage,
  layout: arranged,
  error(message) {
    const text = formatText(message.error ?? "error");
    if (layoutWriter.refuse(text)) return;
    notice(text);
    if (!commands.refuse(text)) announce(text);
  }
};
function changed(device) {
  if (device) paintSoon(cardOf(device));
  return device;
}
function measured(device) {
  if (!changed(device)) return;
  alerts.limits.check(device);
  chart.update(device);
}
function receive(data) {
  const message = roomMessage(data);
  if (message) handlers[message.type](message);
  else ignored++;
  if (!READINGS2.includes(message?.type)) mustArrange = true;
  if (message?.type === "hello") chart.choose();
  paintSoon(frame2);
}
function showState(now, text = STATUS[now]) {
  if (now === "open") {
    closeTokenForm();
    if (isKiosk) forgetNotices();
  }
  if (state === "open" && now !== "open") {
    commands.drop();
    layoutWriter.drop();
  }
  if (hasSnapshot && now !== state) {
    if (now === "open") announce("The room is there again");
    else if (state === "open") announce("The room is out of reach, reconnecting");
  }
  state = now;
  byId12("status").dataset.state = now;
  byId12("status").textContent = text;
  showGone(now === "closed", hasSnapshot);
  document.documentElement.dataset.room = now;
  showReachable();
}
function showReachable() {
  for (const card of cards.values()) card.setReachable(state === "open", mayWrite);
}
function showDevice(name) {
  const card = cards.get(name);
  if (!card) return;
  if (card.element.hidden) list4.showWith(card.device);
  card.element.scrollIntoView({ block: "center" });
  card.element.focus({ preventScroll: true });
}
byId12("room").textContent = formatName(room);
byId12("party").textContent = formatName(party);
byId12("party").hidden = party === "main";
byId12("retry").addEventListener("click", () => connection.retry());
["interval", "led"].forEach(suggest);
listenToTokenForm(() => connection.open());
listenToRooms();
listenToPicker({
  get devices() {
    return devices.byName;
  },
  choice: choice2
});
listenToShare();
listenToSave({ shown: () => list4.shown(), chart });
startKiosk();
arrangeForPhone();
frame2.paint();
setInterval(() => {
  for (const card of cards.values()) card.paintAge();
  paintGone();
  suggestSeries();
  chart.tick();
}, 1e3);
connection.open();
