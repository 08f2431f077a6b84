/** The dialog that opens another room, and what this browser keeps about this one. */

import { addressOf, party, room, segment } from "./address.js";
import { formatName, formatText } from "./format.js";
import { answerOf, request } from "./http.js";
import { load, save } from "./store.js";
import { currentToken, forgetToken } from "./token.js";

const KEY = "rooms";
// The last visited rooms.
const MOST_ROOMS = 8;

const byId = (id) => document.getElementById(id);
const dialog = byId("room-dialog");

const isRoom = (each) => typeof each?.room === "string" && typeof each?.party === "string";
const isHere = (each) => each.room === room && each.party === party;

function visited() {
  return load(KEY, []).filter(isRoom).slice(0, MOST_ROOMS);
}

function itemOf({ room, party }) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const name = document.createElement("bdi");
  link.href = addressOf(room, party);
  name.textContent = formatName(room);
  link.append(name);
  if (party !== "main") link.append(` (${formatName(party)})`);
  item.append(link);
  return item;
}

/** The room's name from its part of a path. Null if a browser would write that in another way. */
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

/** A room of the server's list, with its counts. */
function countedItemOf({ room, party, devices }) {
  const name = nameOf(room);
  const item = itemOf({ room: name ?? room, party });
  if (name === null) item.firstElementChild.removeAttribute("href");
  const counts = document.createElement("small");
  counts.textContent = `${devices.online} of ${devices.known} online`;
  item.append(counts);
  return item;
}

/** Ask the server for all its rooms, and show the next ones. */
async function listAll() {
  const button = byId("list-rooms");
  const query = button.dataset.after ? { after: button.dataset.after } : {};
  const headers = { Accept: "application/json" };
  const response = await request("/rooms", { query, headers });
  let [answer, problem] = await answerOf(response);
  if (response?.status === 404) {
    problem = "This server does not list its rooms. The room server does, with --list-rooms.";
  }
  byId("rooms-problem").textContent = problem ? formatText(problem) : "";
  const rooms = Array.isArray(answer?.rooms) ? answer.rooms.filter(isListed) : [];
  byId("all-rooms").append(...rooms.map(countedItemOf));
  button.dataset.after = answer?.after ?? "";
  button.hidden = !answer?.after;
  button.textContent = "More rooms";
}

function show() {
  const others = visited().filter((each) => !isHere(each));
  byId("visited").replaceChildren(...others.map(itemOf));
  byId("visited-title").hidden = others.length === 0;
  byId("forget-token").hidden = !currentToken();
  byId("room-name").value = "";
  byId("all-rooms").replaceChildren();
  byId("rooms-problem").textContent = "";
  byId("list-rooms").dataset.after = "";
  byId("list-rooms").hidden = false;
  byId("list-rooms").textContent = "All rooms of this server";
  dialog.showModal();
}

/** Put this room first in the list of visited rooms, because it exists. */
export function rememberRoom() {
  save(KEY, [{ room, party }, ...visited().filter((each) => !isHere(each))].slice(0, MOST_ROOMS));
}

export function listenToRooms() {
  byId("room-button").addEventListener("click", show);
  byId("room-close").addEventListener("click", () => dialog.close());
  byId("list-rooms").addEventListener("click", listAll);
  byId("room-form").addEventListener("submit", (event) => {
    event.preventDefault();
    location.assign(addressOf(byId("room-name").value.trim(), party));
  });
  byId("forget-token").addEventListener("click", () => {
    forgetToken();
    location.reload();
  });
}
