/** The few lines of MicroPython that bring a first device into this room. */

// hosts for which a device's PartySocket takes ws by itself; for any other it takes wss
const PLAIN_HOST =
  /^(localhost|\[::1\]|.*\.local|127\..*|10\..*|192\.168\..*|172\.(1[6-9]|2\d|3[01])\..*)$/;

const quote = JSON.stringify; // good for Python, too

export function exampleFor({ protocol, hostname, host }, room, party) {
  const choices = ['query={"role": "device", "name": "porch"}'];
  if (party !== "main") choices.unshift(`party=${quote(party)}`);
  if (protocol === "http:" && !PLAIN_HOST.test(hostname)) choices.unshift('protocol="ws"');
  return [
    "from partysocket import PartySocket",
    `ws = PartySocket(${quote(host)}, ${quote(room)},`,
    `                 ${choices.join(", ")})`,
    `ws.send('{"type": "reading", "values": {"temperature": 21.5}}')`,
  ].join("\n");
}
