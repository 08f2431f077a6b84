/** The room of this page, from its address, and the addresses of other rooms. */

const parameters = new URLSearchParams(location.search);

export const room = parameters.get("room") || "home";
export const party = parameters.get("party") || "main";
// The key under which this browser keeps the room's data.
export const place = `${party}/${room}`;

/** A name as one path segment. As in PartySocket, the URL parser escapes the other characters. */
export const segment = (name) => name.replace(/[/\\?#]/g, encodeURIComponent);

/** The room's path on the server of this page. */
export const roomPath = `/parties/${segment(party)}/${segment(room)}`;

/** The page of another room, relative to this one. */
export function addressOf(room, party = "main") {
  const query = new URLSearchParams({ room });
  if (party !== "main") query.set("party", party);
  return `?${query}`;
}

/** The token of a fragment `#token=...`, or null. Unlike a query, it is not sent to the server. */
export const tokenOf = (hash) => new URLSearchParams(hash.slice(1)).get("token");

/** Remove the token from the address bar, so that it is not shown, shared or bookmarked. */
export function takeToken() {
  const address = new URL(location.href);
  // Addresses of earlier versions have it in the query.
  const token = tokenOf(address.hash) ?? parameters.get("token");
  if (token === null) return null;
  if (tokenOf(address.hash) !== null) address.hash = "";
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
  return token;
}
