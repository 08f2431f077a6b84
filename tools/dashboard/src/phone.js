/** On a phone and on a wall the cards come before the chart, and the search opens on request. */

import { isKiosk } from "./address.js";

// As in card.css.
const phone = matchMedia("(max-width: 40rem), (max-height: 30rem)");

const byId = (id) => document.getElementById(id);

function arrange() {
  byId("tools").open = !phone.matches;
  const [first, second] = phone.matches || isKiosk ? ["list", "chart"] : ["chart", "list"];
  if (byId(first).nextElementSibling === byId(second)) return;
  byId("room-content").append(byId(first), byId(second));
}

export function arrangeForPhone() {
  phone.addEventListener("change", arrange);
  arrange();
}
