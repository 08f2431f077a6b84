// The npm package's PartySocket as a device. Prints a line of JSON for each event, and carries out
// commands. Arguments: host, room, name, and a token if the server needs one.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(
  new URL("../../../examples/party_server/package.json", import.meta.url),
);
const { PartySocket } = await import(pathToFileURL(require.resolve("partysocket")).href);
const { WebSocket } = require("ws");

const [host, room, name, token] = process.argv.slice(2);
const socket = new PartySocket({
  host,
  room,
  id: name,
  query: { role: "device", name, token },
  WebSocket,
  minReconnectionDelay: 50,
  maxReconnectionDelay: 200,
});
const tell = (what, fields) => process.stdout.write(`${JSON.stringify({ what, ...fields })}\n`);

socket.addEventListener("open", () => {
  tell("open");
  socket.send(JSON.stringify({ type: "hello", name: `npm ${name}` }));
  socket.send(JSON.stringify({ type: "reading", values: { t: 21.5 } }));
});
socket.addEventListener("close", ({ code }) => tell("close", { code }));
socket.addEventListener("message", ({ data }) => {
  tell("text", { data });
  if (!data.startsWith("{")) return;
  const { type, name: order, value } = JSON.parse(data);
  if (type === "command")
    socket.send(JSON.stringify({ type: "result", name: order, ok: true, value }));
});
