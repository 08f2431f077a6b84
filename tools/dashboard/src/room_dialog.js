/** The dialog that opens another room, and what this browser keeps about this one. */

import { addressOf, party, room } from "./address.js";
import { formatName } from "./format.js";
import { forgetRooms, listenToServerRooms } from "./server_rooms.js";
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

function show() {
  const others = visited().filter((each) => !isHere(each));
  byId("visited").replaceChildren(...others.map(itemOf));
  byId("visited-title").hidden = others.length === 0;
  byId("forget-token").hidden = !currentToken();
  byId("room-name").value = "";
  forgetRooms();
  dialog.showModal();
}

/** Put this room first in the list of visited rooms, because it exists. */
export function rememberRoom() {
  save(KEY, [{ room, party }, ...visited().filter((each) => !isHere(each))].slice(0, MOST_ROOMS));
}

export function listenToRooms() {
  byId("room-button").addEventListener("click", show);
  byId("room-close").addEventListener("click", () => dialog.close());
  listenToServerRooms(itemOf);
  byId("room-form").addEventListener("submit", (event) => {
    event.preventDefault();
    location.assign(addressOf(byId("room-name").value.trim(), party));
  });
  byId("forget-token").addEventListener("click", () => {
    forgetToken();
    location.reload();
  });
}
