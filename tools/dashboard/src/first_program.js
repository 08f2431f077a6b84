/** Makes texts that bring a first reading: a program for a board, a line for a terminal. Pure. */

// Hosts for which a device's PartySocket uses ws by itself, as in lib/partysocket/core/local.py. For
// all others it uses wss.
const LOCAL_HOST =
  /^([^.:[\]]+|\[::1\]|.*\.(local|lan|home\.arpa|internal)\.?|(127|10)(\.\d+){3}|(192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))(\.\d+){2})$/;

/** A string of Python. Invisible characters, and those that change text direction, are escaped. */
function pythonString(text) {
  return JSON.stringify(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
}

/** A word of a POSIX shell. */
const shellWord = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** True if the address means the browser's own computer, so that a board can't use it. */
export const isLoopback = ({ hostname }) => /^(localhost|127\..*|\[::1\])$/.test(hostname);

/** First the page's `location`. `room` and `party` are path segments. `token` may be null. */
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
    // Without -g, curl reads brackets as a pattern.
    ...(/[[\]]/.test(address) ? ["-g"] : []),
    ...(token ? [`-H ${shellWord(`Authorization: Bearer ${token}`)}`] : []),
    `-d ${shellWord(body)}`,
    shellWord(`${address}?name=my-device`),
  ].join(" ");
}
