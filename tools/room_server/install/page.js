/** Asks for a board and its settings, has the server install them, and shows how that goes. */

const SESSION = "install-session";
const OTHER = "other";
const LOOK_MS = 2000;
// The board does not answer, or there is none: perhaps it has no MicroPython.
const NO_ANSWER = [3, 5];
// It is of a kind that nobody knows, or the settings are wrong.
const LOOK_AT_MORE = [6, 8];

const $ = (id) => document.getElementById(id);
let session = sessionStorage.getItem(SESSION);
let boards = [];

/** Ask the server. What it refuses is an Error with its words. */
async function ask(what, body = {}) {
  let answer;
  try {
    answer = await fetch(`install/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ session, ...body }),
    });
  } catch {
    throw new Error("The server does not answer any more. If a board was being installed, it has started again: "
      + "start the server, open its new link, and install again.");
  }
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error);
  return found;
}

function show(id, is_shown = true) {
  $(id).hidden = !is_shown;
}

function option(value, text) {
  const made = document.createElement("option");
  made.value = value;
  made.textContent = text;
  return made;
}

// The form

async function open() {
  const key = location.hash.slice(1);
  // The key must not stay in the address bar, or in the history.
  history.replaceState(null, "", location.pathname);
  const found = await ask("open", { key });
  session = found.session;
  sessionStorage.setItem(SESSION, session);
  if (found.trouble) throw new Error(found.trouble);
  boards = found.boards;
  $("host").value = found.host;
  $("room").value = found.room;
  $("name").value = found.name;
  $("token").placeholder = found.token === "own" ? "This server's own" : "";
  $("token").required = found.token === "needed";
  $("more").open = !found.host || found.token === "needed";
  show("alone", !found.reaches);
  $("board").append(...boards.map((each) => option(each.id, each.name)));
  $("bare").append(option("", "Choose…"), ...boards.map((each) => option(each.id, each.name)));
  const { events, is_running } = await ask("events", { after: 0 });
  if (is_running && events) await follow();
  else begin();
}

function begin() {
  show("form");
  show("firmware");
  show("work", false);
  look();
}

/** Look for boards until the form is gone. */
async function look() {
  while (!$("form").hidden) {
    try {
      const { ports } = await ask("ports");
      list(ports);
      $("trouble").textContent = "";
    } catch (error) {
      $("trouble").textContent = error.message;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function list(ports) {
  // On Windows the description has the port in it.
  const named = ({ device, about }) => (about.includes(device) ? about : `${about} (${device})`);
  const wanted = ports.map((each) => [each.device, each.about ? named(each) : each.device]);
  if (ports.length === 0) wanted.push(["", "Looking for a board on USB…"]);
  wanted.push([OTHER, "Another port…"]);
  const select = $("port");
  if ([...select.options].map((each) => each.value).join("\n") !== wanted.map(([value]) => value).join("\n")) {
    const chosen = select.value;
    select.replaceChildren(...wanted.map(([value, text]) => option(value, text)));
    if (wanted.some(([value]) => value === chosen && value)) select.value = chosen;
  }
  show("no-port", ports.length === 0 && select.value !== OTHER);
}

$("port").addEventListener("change", () => {
  show("other", $("port").value === OTHER);
  show("no-port", !$("port").value);
});

$("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const port = $("port").value === OTHER ? $("other-port").value.trim() : $("port").value;
  if (!port) {
    $("trouble").textContent = "No board yet: plug one into USB.";
    return;
  }
  const fields = ["board", "wifi", "password", "host", "room", "name", "token"];
  const order = Object.fromEntries(fields.map((id) => [id, $(id).value]));
  try {
    await ask("start", { port, ...order });
    $("trouble").textContent = "";
    await follow();
  } catch (error) {
    $("trouble").textContent = error.message;
  }
});

// The work

async function follow() {
  $("log").textContent = "";
  $("failure").textContent = "";
  $("stage").textContent = "Looking at the board…";
  $("bar").removeAttribute("value");
  for (const id of ["form", "firmware", "value", "page", "again"]) show(id, false);
  for (const id of ["work", "bar", "stop"]) show(id);
  let after = 0;
  let sent = "";
  for (;;) {
    let found;
    try {
      found = await ask("events", { after });
    } catch (error) {
      fail(error.message);
      return;
    }
    // It comes with each answer; without news, the stage is a later one.
    if (found.sent && String(found.sent) !== sent) {
      sent = String(found.sent);
      [$("bar").value, $("bar").max] = found.sent;
      $("stage").textContent = found.sent[0] < found.sent[1] ? "Copying files…" : "Putting them in place…";
    }
    for (const event of found.events) take(event);
    after += found.events.length;
    if (!found.is_running) {
      show("stop", false);
      return;
    }
  }
}

function take(event) {
  if (event.text && event.kind !== "failed") {
    const log = $("log");
    log.append(event.kind === "log" ? `  | ${event.text}\n` : `${event.text}\n`);
    log.scrollTop = log.scrollHeight;
  }
  if (event.kind === "log") $("stage").textContent = "The board has started…";
  if (event.kind === "page") $("page").href = event.url;
  if (event.kind === "done") finish();
  if (event.kind === "value") {
    $("value-name").textContent = event.name;
    $("value-now").textContent = `${event.value} ${event.unit}`.trim();
    show("value");
  }
  if (event.kind === "failed") fail(event.text, event.status);
}

function finish() {
  $("password").value = "";
  $("token").value = "";
  $("stage").textContent = `${$("name").value} is in its room`;
  $("again").textContent = "Install another board";
  $("again").className = "quiet";
  for (const id of ["bar", "stop"]) show(id, false);
  for (const id of ["page", "again"]) show(id);
}

function fail(text, status) {
  $("stage").textContent = "Not finished";
  $("failure").textContent = text;
  $("again").textContent = "Try again";
  $("again").className = "";
  for (const id of ["bar", "stop"]) show(id, false);
  show("again");
  if (NO_ANSWER.includes(status) && !$("bar").hasAttribute("value")) {
    show("firmware");
    $("firmware").open = true;
  }
  if (LOOK_AT_MORE.includes(status)) $("more").open = true;
}

$("stop").addEventListener("click", () => ask("stop").catch((error) => fail(error.message)));
$("again").addEventListener("click", async () => {
  try {
    const { name } = await ask("open");
    if (!$("page").hidden) $("name").value = name;
    begin();
  } catch (error) {
    fail(error.message);
  }
});

// A board without MicroPython

$("bare").addEventListener("change", () => {
  const board = boards.find((each) => each.id === $("bare").value);
  show("uf2", board?.platform === "rp2");
  show("flasher", board !== undefined && board.platform !== "rp2");
  for (const link of document.querySelectorAll("a.firmware")) {
    link.href = `https://micropython.org/download/${board?.firmware ?? ""}/`;
    link.textContent = `micropython.org/download/${board?.firmware ?? ""}`;
  }
});

open().catch((error) => {
  $("trouble").textContent = error.message;
});
