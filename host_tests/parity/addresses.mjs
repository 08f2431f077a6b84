// The addresses that the npm package makes of its options, and what a browser's URL parser makes
// of them: JSON in, JSON out.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const input = JSON.parse(readFileSync(0, "utf8"));
const { PartySocket } = await import(pathToFileURL(input.npm).href);

async function address(options) {
  try {
    const socket = new PartySocket({
      ...options,
      id: "me",
      startClosed: true,
      disableNameValidation: true,
    });
    const url = await socket._getNextUrl(socket._url);
    const { protocol, host, hostname, port, pathname, search } = new URL(url);
    // Once more: Node 20 leaves the dots in "/.a./.", but not after an encoded one; and each "^".
    const path = new URL(`${protocol}//${host}/%2e${pathname}`).pathname.replaceAll("^", "%5E");
    return { protocol, hostname, port, target: path + search, names: [socket.path, socket.name] };
  } catch (e) {
    return { refused: e.message };
  }
}

const answers = [];
for (const options of input.addresses) answers.push(await address(options));
process.stdout.write(JSON.stringify(answers));
