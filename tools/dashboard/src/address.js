/** The room of this page, from its address, and the addresses of other rooms. */

const parameters = new URLSearchParams(location.search);
// A shared link has the room here too: no browser sends this part to a server.
const fragment = new URLSearchParams(location.hash.slice(1));

const parameter = (name) => fragment.get(name) || parameters.get(name);

export const room = parameter("room") || "home";
export const party = parameter("party") || "main";
// True on a tablet on the wall.
export const isKiosk = parameters.has("kiosk");
// The key under which this browser keeps the room's data.
export const place = `${party}/${room}`;

/** A name as one path segment. As in PartySocket, the URL parser escapes the other characters. */
export const segment = (name) => name.replace(/[/\\?#]/g, encodeURIComponent);

/** The room's path on the server of this page. */
export const roomPath = `/parties/${segment(party)}/${segment(room)}`;

const namesOf = (room, party) => new URLSearchParams(party === "main" ? { room } : { room, party });

/** The page of another room, relative to this one. */
export const addressOf = (room, party) => `?${namesOf(room, party)}`;

/** The page of this room in full, for others. With a token, what is secret is in the fragment. */
export function linkTo(token, forKiosk) {
  const link = new URL(location.pathname, location.origin);
  const names = namesOf(room, party);
  if (token) names.set("token", token);
  else link.search = names;
  if (forKiosk) link.search += link.search ? "&kiosk" : "?kiosk";
  if (token) link.hash = names;
  return link.href;
}

/** The token of a fragment `#token=...`, or null. Unlike a query, it is not sent to the server. */
export const tokenOf = (hash) => new URLSearchParams(hash.slice(1)).get("token");

/** Remove the token from the address bar, so that it is not shown, shared or bookmarked. */
export function takeToken() {
  const address = new URL(location.href);
  // Addresses of earlier versions have it in the query.
  const token = tokenOf(address.hash) ?? parameters.get("token");
  if (token === null) return null;
  if (tokenOf(address.hash) !== null) {
    address.hash = "";
    for (const name of ["room", "party"]) {
      if (fragment.has(name)) address.searchParams.set(name, fragment.get(name));
    }
  }
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
  return token;
}
