/** Where the page was opened: which room, and the token that opens it. */

const TOKEN_KEY = "room-token";

const parameters = new URLSearchParams(location.search);

export const room = parameters.get("room") || "home";
export const party = parameters.get("party") || "main";

/** A name as one path segment; what the URL parser escapes by itself is left to it, as PartySocket does. */
export const segment = (name) => name.replace(/[/\\?#]/g, encodeURIComponent);

let token = null; // the copy that counts where sessionStorage is forbidden

export function rememberToken(secret) {
  token = secret;
  try {
    sessionStorage.setItem(TOKEN_KEY, secret);
  } catch {
    // private windows may refuse; the token then lives as long as the page
  }
}

export function currentToken() {
  if (token === null) {
    try {
      token = sessionStorage.getItem(TOKEN_KEY);
    } catch {
      // as above
    }
  }
  return token;
}

/** Take the token out of the address bar, so that it is not shown, shared or bookmarked. */
function hideToken() {
  if (!parameters.has("token")) return;
  rememberToken(parameters.get("token"));
  const address = new URL(location.href);
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
}

hideToken();
