/** The list of all rooms, from servers that have one. */

import { segment } from "./address.js";
import { formatText } from "./format.js";
import { answerOf, request } from "./http.js";

const byId = (id) => document.getElementById(id);
const button = byId("list-rooms");
const NO_LIST = "This server does not list its rooms. The room server does, with --list-rooms.";
// Where the next rooms begin. Empty at the first ones.
let after = "";

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

const isListed = ({ party, room, devices } = {}) =>
  typeof party === "string" &&
  typeof room === "string" &&
  Number.isFinite(devices?.online) &&
  Number.isFinite(devices.known);

export function forgetRooms() {
  after = "";
  byId("all-rooms").replaceChildren();
  byId("rooms-problem").textContent = "";
  button.hidden = false;
  button.textContent = "All rooms of this server";
}

/** `itemOf({room, party})` makes the item of a room, whose first child is its link. */
export function listenToServerRooms(itemOf) {
  function counted({ room, party, devices }) {
    const name = nameOf(room);
    const item = itemOf({ room: name ?? room, party });
    if (name === null) item.firstElementChild.removeAttribute("href");
    const counts = document.createElement("small");
    counts.textContent = `${devices.online} of ${devices.known} online`;
    item.append(counts);
    return item;
  }

  button.addEventListener("click", async () => {
    const query = after ? { after } : "";
    const response = await request("/rooms", { query, headers: { Accept: "application/json" } });
    const [answer, problem] = await answerOf(response);
    const said = response?.status === 404 ? NO_LIST : problem;
    byId("rooms-problem").textContent = said ? formatText(said) : "";
    const rooms = Array.isArray(answer?.rooms) ? answer.rooms.filter(isListed) : [];
    byId("all-rooms").append(...rooms.map(counted));
    // After a refusal the same may be asked again.
    if (problem) return;
    after = answer.after ?? "";
    button.hidden = !after;
    button.textContent = "More rooms";
  });
}
