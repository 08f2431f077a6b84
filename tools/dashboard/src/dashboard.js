/** The page of one room: what the server says goes into the model, what changed goes onto the page. */

import { party, rememberToken, room, segment } from "./address.js";
import { Card, insertInOrder } from "./card.js";
import { Devices } from "./devices.js";
import { exampleFor } from "./example.js";
import { formatText } from "./format.js";
import { roomMessage } from "./messages.js";
import { notice } from "./notices.js";
import { paintSoon } from "./paint.js";
import { RoomConnection } from "./room.js";

const STATUS = { connecting: "connecting…", open: "live", closed: "reconnecting…" };

const byId = (id) => document.getElementById(id);
const devices = new Devices();
const cards = new Map(); // device name -> Card
let ignored = 0; // messages that are none of ours
let isLive = false;
let hasSnapshot = false;

const frame = {
  /** All that surrounds the cards. */
  paint() {
    const online = [...devices.byName.values()].filter((device) => device.online).length;
    const count = devices.byName.size;
    byId("summary").textContent = count ? `${online} of ${count} online` : "";
    byId("empty").hidden = !hasSnapshot || count > 0;
    byId("ignored").hidden = ignored === 0;
    byId("ignored").textContent = `Messages of other kinds, ignored: ${ignored}`;
  },
};

function cardOf(device) {
  let card = cards.get(device.name);
  if (!card) {
    card = new Card(device, { send: (message) => connection.send(message), now: () => devices.now() });
    card.setLive(isLive);
    cards.set(device.name, card);
    insertInOrder(byId("devices"), card.element, (element) => element.dataset.device);
  }
  return card;
}

function restore(snapshot) {
  devices.restore(snapshot);
  hasSnapshot = true;
  for (const [name, card] of cards) {
    if (devices.byName.has(name)) continue;
    card.remove();
    cards.delete(name);
  }
  for (const device of devices.byName.values()) cardOf(device).replace(device);
  paintSoon(frame);
}

const handlers = {
  snapshot: restore,
  reading: (message) => paintSoon(cardOf(devices.read(message))),
  presence(message) {
    paintSoon(cardOf(devices.presence(message)));
  },
  result: (message) => cards.get(String(message.device))?.commands.result(message),
  error: (message) => notice(formatText(message.error ?? "error")),
};

function receive(data) {
  const message = roomMessage(data);
  if (message) handlers[message.type](message);
  else ignored++; // rooms pass anything on: chat, binary, what a newer server may say
  paintSoon(frame);
}

function showState(state, text = STATUS[state]) {
  isLive = state === "open";
  const status = byId("status");
  status.dataset.state = state;
  status.textContent = text;
  for (const card of cards.values()) card.setLive(isLive);
}

function askForToken() {
  showState("closed", "token needed");
  const form = byId("token-form");
  if (form.dataset.asked) byId("token-problem").textContent = "The server does not know this token.";
  form.hidden = false;
  form.dataset.asked = true;
  byId("token").select();
}

byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  rememberToken(byId("token").value);
  event.target.hidden = true;
  connection.open();
});

function showExample() {
  byId("loopback").hidden = !["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  byId("example").textContent = exampleFor(location, segment(room), segment(party));
}

document.title = `${room} · room`;
byId("room").textContent = room;
byId("party").textContent = party;
byId("party").hidden = party === "main";
showExample();

const connection = new RoomConnection({
  state: showState,
  message: receive,
  tokenNeeded: askForToken,
  problem: notice,
});
setInterval(() => cards.forEach((card) => card.paintAge()), 1000);
connection.open();
