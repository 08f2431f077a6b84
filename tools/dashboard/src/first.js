/** What brings a first reading into this room: a program for a board, a line for a terminal. Pure. */

// Hosts to which a device's PartySocket speaks ws by itself, as lib/partysocket/core/local.py has
// them. To any other it speaks wss.
const LOCAL_HOST =
  /^([^.:[\]]+|\[::1\]|.*\.(local|lan|home\.arpa|internal)\.?|(127|10)(\.\d+){3}|(192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))(\.\d+){2})$/;

/** A string of Python. What cannot be seen, or turns the text around it, is written as an escape. */
function pythonString(text) {
  return JSON.stringify(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
}

/** A word of a POSIX shell. */
const shellWord = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The address means the computer that the browser runs on: a board cannot reach it. */
export const isLoopback = ({ hostname }) => /^(localhost|127\..*|\[::1\])$/.test(hostname);

/** `location` is the page's; `room` and `party` are path segments; `token` may be null. */
export function programFor({ protocol, hostname, host }, room, party, token) {
  const given = [host, room, "my-device"].map(pythonString);
  if (party !== "main") given.push(`party=${pythonString(party)}`);
  const isSecure = protocol === "https:";
  if (isSecure === LOCAL_HOST.test(hostname)) given.push(`protocol="${isSecure ? "wss" : "ws"}"`);
  if (token) given.push(`token=${pythonString(token)}`);
  const lines = given.length > 3 ? given.map((each) => `\n        ${each},`) : given.join(", ");
  return `import asyncio
from partysocket.device import Device

async def main():
    device = Device(${given.length > 3 ? `${lines.join("")}\n    ` : lines})
    while True:
        device.send(temperature=21.5)
        await asyncio.sleep(10)

asyncio.run(main())
`;
}

/** `address` is the room's, as a browser writes it in full. */
export function postFor(address, token) {
  const body = '{"type": "reading", "values": {"temperature": 21.5}}';
  return [
    "curl",
    ...(/[[\]]/.test(address) ? ["-g"] : []), // else curl takes brackets for a pattern
    ...(token ? [`-H ${shellWord(`Authorization: Bearer ${token}`)}`] : []),
    `-d ${shellWord(body)}`,
    shellWord(`${address}?name=my-device`),
  ].join(" ");
}
