/** Where the page was opened: which room, and how to get to another. */

const parameters = new URLSearchParams(location.search);

export const room = parameters.get("room") || "home";
export const party = parameters.get("party") || "main";
export const place = `${party}/${room}`; // under which this browser keeps what belongs to the room

/** A name as one path segment; what the URL parser escapes by itself is left to it, as PartySocket does. */
export const segment = (name) => name.replace(/[/\\?#]/g, encodeURIComponent);

/** The room's path on the server that gave us the page. */
export const roomPath = `/parties/${segment(party)}/${segment(room)}`;

/** The page of another room, relative to this one. */
export function addressOf(room, party = "main") {
  const query = new URLSearchParams({ room });
  if (party !== "main") query.set("party", party);
  return `?${query}`;
}

/** Take the token out of the address bar, so that it is not shown, shared or bookmarked. */
export function takeToken() {
  const token = parameters.get("token");
  if (token === null) return null;
  const address = new URL(location.href);
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
  return token;
}
