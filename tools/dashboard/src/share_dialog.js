/** The dialog that makes links which only read, lists them, and takes them back. */

import { linkTo } from "./address.js";
import { isLoopback } from "./first_program.js";
import { formatDay, formatName, formatText } from "./format.js";
import { answerOf, askRoom } from "./http.js";
import { drawQr } from "./qr.js";
import { currentToken } from "./token.js";

const byId = (id) => document.getElementById(id);
const dialog = byId("share-dialog");
const template = byId("share");
// The token of the link that is shown. Null on a server without tokens.
let token = null;

const isShare = (each) =>
  typeof each?.id === "string" && typeof each.label === "string" && Number.isFinite(each.expires);

function say(problem) {
  byId("share-problem").textContent = problem === null ? "" : formatText(problem);
}

function showLink() {
  const link = linkTo(token, byId("share-kiosk").checked);
  byId("share-link").textContent = link;
  drawQr(byId("share-qr"), link);
  byId("share-made").hidden = false;
}

async function list() {
  const [answer, problem] = await answerOf(await askRoom({ query: { shares: "" } }));
  if (problem) say(problem);
  const shares = Array.isArray(answer?.shares) ? answer.shares.filter(isShare) : [];
  byId("share-none").hidden = Boolean(problem) || shares.length > 0;
  byId("shares").replaceChildren(...shares.map(itemOf));
}

function itemOf({ id, label, expires }) {
  const item = template.content.firstElementChild.cloneNode(true);
  const name = formatName(label) || "no name";
  item.querySelector("bdi").textContent = name;
  item.querySelector("small").textContent =
    expires < Date.now() ? "has expired" : `until ${formatDay(expires)}`;
  const button = item.querySelector("button");
  button.setAttribute("aria-label", `Revoke the link ${name}`);
  button.addEventListener("click", async () => {
    const [, problem] = await answerOf(
      await askRoom({ method: "DELETE", query: { shares: id } }),
    );
    say(problem);
    if (problem) return;
    byId("share-made").hidden = true;
    byId("share-close").focus();
    list();
  });
  return item;
}

async function make() {
  const body = JSON.stringify({
    days: Number(byId("share-days").value),
    label: byId("share-label").value.trim(),
  });
  const [made, problem] = await answerOf(
    await askRoom({ method: "POST", query: { shares: "" }, body }),
  );
  // An older server takes it for a message.
  const isMade = typeof made?.token === "string";
  say(isMade ? null : (problem ?? "This server makes no links."));
  if (!isMade) return;
  token = made.token;
  showLink();
  list();
}

function open() {
  say(null);
  byId("share-made").hidden = true;
  byId("share-loopback").hidden = !isLoopback(location);
  byId("shares").replaceChildren();
  // A server without tokens has no links: the address alone is enough.
  const isOpen = !currentToken();
  for (const each of dialog.querySelectorAll("[data-needs-token]")) each.hidden = isOpen;
  byId("share-open").hidden = !isOpen;
  dialog.showModal();
  token = null;
  if (isOpen) showLink();
  else list();
}

export function listenToShare() {
  byId("share-button").addEventListener("click", open);
  byId("share-close").addEventListener("click", () => dialog.close());
  byId("share-kiosk").addEventListener("change", () => {
    if (!byId("share-made").hidden) showLink();
  });
  byId("share-form").addEventListener("submit", (event) => {
    event.preventDefault();
    make();
  });
}
