/** The page of one room: messages change the model, and changes of the model are drawn. */

import { isKiosk, party, room } from "./address.js";
import { Alerts } from "./alerts.js";
import { announce } from "./announcer.js";
import { ArrangeDialog } from "./arrange_dialog.js";
import { AGE_PARTS, Cards } from "./cards.js";
import { Chart } from "./chart.js";
import { Choice, suggestion } from "./choice.js";
import { suggest } from "./command.js";
import { RoomConnection } from "./connection.js";
import { Devices } from "./devices.js";
import { showFirst } from "./empty.js";
import { formatName, formatText } from "./format.js";
import { goneSince, paintGone, showGone } from "./gone.js";
import { startKiosk } from "./kiosk.js";
import { FORM as LAYOUT_FORM, layout } from "./layout.js";
import { List } from "./list.js";
import { roomMessage } from "./messages.js";
import { forgetNotices, notice } from "./notices.js";
import { takeOver } from "./old_limits.js";
import { paintSoon } from "./paint.js";
import { PendingCommands } from "./pending.js";
import { arrangeForPhone } from "./phone.js";
import { listenToPicker } from "./picker.js";
import { listenToRooms, rememberRoom } from "./room_dialog.js";
import { RuleDialog } from "./rule_dialog.js";
import { FORM as RULES_FORM, rules } from "./rules.js";
import { listenToSave } from "./save.js";
import { listenToShare } from "./share_dialog.js";
import { showStorage } from "./storage_banner.js";
import { askForToken, closeTokenForm, listenToTokenForm } from "./token_form.js";
import { Writer } from "./writer.js";

const STATUS = { connecting: "connecting…", open: "live", closed: "reconnecting…" };
const READINGS = ["reading", "batch"];
// As long as there are fewer devices, the chart's suggestion grows with them.
const SUGGEST_DEVICES = 8;

const byId = (id) => document.getElementById(id);
const devices = new Devices();
// Messages that are not for this page.
let ignored = 0;
let state = "connecting";
let hasSnapshot = false;
let mayWrite = true;
// As the server said, on this connection.
let isWriteAllowed = false;
// Not set for readings, because cards would move away while a user wants to press one.
let mustArrange = false;

const connection = new RoomConnection({
  state: showState,
  message: receive,
  tokenNeeded(words) {
    showState("closed", "token needed");
    showGone(false);
    byId("share-button").hidden = true;
    askForToken(words);
  },
  allowed(isAllowed) {
    mayWrite = isWriteAllowed = isAllowed;
    byId("read-only").hidden = mayWrite;
    showFirst(mayWrite);
    byId("share-button").hidden = !mayWrite;
    cards.setReachable(state === "open", mayWrite);
    ruleDialog.setWritable(mayWrite);
    takeOverLimits();
  },
  problem: notice,
});
const send = (message) => connection.send(message);
const commands = new PendingCommands(send);
const writers = {
  layout: new Writer(layout, LAYOUT_FORM, send),
  alerts: new Writer(rules, RULES_FORM, send),
};
const writeRules = (change) => writers.alerts.write((all) => rules.sendable(change(all)));
const choice = new Choice(() => {
  chart.choose();
  cards.paint();
});
const alerts = new Alerts({
  devices: devices.byName,
  showDevice,
  changed: () => cards.paint(),
});
const chart = new Chart({ devices: devices.byName, now: pictureNow, choice });
const cards = new Cards(
  {
    now: () => devices.now(),
    commands,
    slotOf: (device, name) => choice.slotOf(device, name),
    alerts: rules,
    openAlerts: (device) => ruleDialog.open(device),
    arrange: (device) => arrangeDialog.open(device),
    toggle(device, name) {
      if (!choice.toggle(device, name)) notice("The chart is full: take a value out of it first.");
    },
  },
  arrangeSoon,
);
const list = new List({ devices: devices.byName, cards: cards.byName, alerts: rules });
const arrangeDialog = new ArrangeDialog({
  arranged: () => list.arranged(),
  showOwnOrder: () => list.showOwnOrder(),
  write: (change) => writers.layout.write(change),
});
const ruleDialog = new RuleDialog({
  devices: devices.byName,
  now: () => devices.now(),
  write: writeRules,
});

/** The server's clock. It stops, like the picture, while the room can't be reached. */
function pictureNow() {
  const since = goneSince();
  return since === null ? devices.now() : devices.now() - (Date.now() - since);
}

const frame = {
  /** Draw everything around the cards. */
  paint() {
    const joined = [...devices.byName.values()].filter((device) => device.hasJoined);
    const online = joined.filter((device) => device.online).length;
    const count = devices.byName.size;
    byId("summary").textContent = joined.length ? `${online} of ${joined.length} online` : "";
    byId("empty").hidden = !hasSnapshot || count > 0;
    byId("room-content").hidden = count === 0;
    byId("ignored").hidden = ignored === 0;
    byId("ignored").textContent = `Messages of other kinds, ignored: ${ignored}`;
    document.title = `${rules.count ? `(${rules.count}) ` : ""}${formatName(room)} · room`;
    if (mustArrange) list.arrange();
    mustArrange = false;
  },
};

function arrangeSoon() {
  mustArrange = true;
  paintSoon(frame);
}

function restore(snapshot) {
  layout.take(snapshot.layout);
  const began = rules.take(snapshot.alerts);
  devices.restore(snapshot);
  hasSnapshot = true;
  rememberRoom();
  showFirst(mayWrite);
  showGone(false);
  showStorage(snapshot);
  cards.restore(devices.byName);
  alerts.began(began);
  alertsChanged();
  byId("alerts-button").hidden = false;
  takeOverLimits();
  chart.choose();
  suggestSeries();
}

function suggestSeries() {
  if (choice.isOwn) return;
  const shown = [...devices.byName.values()].filter(({ name }) => !layout.of(name).isHidden);
  if (shown.length <= SUGGEST_DEVICES || choice.list.length === 0) {
    choice.suggest(suggestion(shown.slice(0, SUGGEST_DEVICES)));
  }
}

function takeOverLimits() {
  if (hasSnapshot && isWriteAllowed) takeOver(writeRules);
}

function alertsChanged() {
  alerts.show();
  ruleDialog.show();
}

function arranged(message) {
  writers.layout.told(message);
  chart.choose();
  // It draws the cards, too.
  alerts.show();
}

const handlers = {
  snapshot: restore,
  hello: (message) => changed(devices.hello(message)),
  reading: (message) => measured(devices.read(message)),
  batch: (message) => measured(devices.readAll(message)),
  presence: (message) => devices.presence(message).forEach(changed),
  result(message) {
    const device = devices.byName.get(message.device);
    if (device) cards.of(device).result(message);
  },
  storage: showStorage,
  layout: arranged,
  alerts(message) {
    alerts.began(writers.alerts.told(message));
    alertsChanged();
  },
  alert(message) {
    alerts.turned(message);
    ruleDialog.show();
  },
  error(message) {
    const text = formatText(message.error ?? "error");
    // The dialog says it.
    if (writers.layout.refuse(text) || writers.alerts.refuse(text)) return;
    notice(text);
    // Otherwise the end of the command is announced.
    if (!commands.refuse(text)) announce(text);
  },
};

function changed(device) {
  if (device) paintSoon(cards.of(device));
  return device;
}

/** Draw a device that has new values. It is drawn once, even for hundreds of values. */
function measured(device) {
  if (!changed(device)) return;
  chart.update(device);
}

function receive(data) {
  const message = roomMessage(data);
  if (message) handlers[message.type](message);
  // Rooms pass on anything: chat, binary, messages of a newer server.
  else ignored++;
  if (!READINGS.includes(message?.type)) mustArrange = true;
  if (message?.type === "hello") chart.choose();
  paintSoon(frame);
}

function showState(now, text = STATUS[now]) {
  if (now === "open") {
    closeTokenForm();
    // Nobody dismisses them there.
    if (isKiosk) forgetNotices();
  }
  if (state === "open" && now !== "open") {
    commands.drop();
    isWriteAllowed = false;
    for (const writer of Object.values(writers)) writer.drop();
  }
  if (hasSnapshot && now !== state) {
    if (now === "open") announce("The room is there again");
    else if (state === "open") announce("The room is out of reach, reconnecting");
  }
  state = now;
  byId("status").dataset.state = now;
  byId("status").textContent = text;
  showGone(now === "closed", hasSnapshot);
  document.documentElement.dataset.room = now;
  cards.setReachable(state === "open", mayWrite);
}

/** Scroll to a card and give it the focus. */
function showDevice(name) {
  const card = cards.byName.get(name);
  if (!card) return;
  if (card.element.hidden) list.showWith(card.device);
  card.element.scrollIntoView({ block: "center" });
  card.element.focus({ preventScroll: true });
}

byId("room").textContent = formatName(room);
byId("party").textContent = formatName(party);
byId("party").hidden = party === "main";
byId("retry").addEventListener("click", () => connection.retry());
["interval", "led"].forEach(suggest);
listenToTokenForm(() => connection.open());
listenToRooms();
listenToPicker({ devices: devices.byName, choice });
listenToShare();
listenToSave({ shown: () => list.shown(), chart });
startKiosk();
arrangeForPhone();
frame.paint();
setInterval(() => cards.paintAges(), 1000 / AGE_PARTS);
setInterval(() => {
  paintGone();
  suggestSeries();
  chart.tick();
}, 1000);
connection.open();
