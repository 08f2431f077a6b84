// HTTP answers: JSON that no cache keeps, and refusals that say what is accepted.

const COMMON = {
  // The page's address may contain the token.
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** Thrown to answer a request with an HTTP error. The text becomes the `error` of the body. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }

  answer(): Response {
    return json({ error: this.message }, this.status, this.headers);
  }
}

const WANTS_TOKEN = "give the room's token: `Authorization: Bearer <token>` or `?token=<token>`";

/** The refusal of a request without a token. */
export function noToken(): Refusal {
  return new Refusal(401, WANTS_TOKEN, { "WWW-Authenticate": "Bearer" });
}

/** The refusal of a request whose token does not open what it is for. */
export function wrongToken(): Refusal {
  const text = `your token does not open this: ${WANTS_TOKEN}`;
  return new Refusal(401, text, { "WWW-Authenticate": "Bearer" });
}

export function json(content: unknown, status = 200, more: Record<string, string> = {}): Response {
  return Response.json(content, { status, headers: { ...ofAnswer(), ...more } });
}

/** Return the answer that something was done, and that there is nothing to say. */
export function done(): Response {
  return new Response(null, { status: 204, headers: ofAnswer() });
}

/** Return an answer that the client keeps as a file of this name. */
export function file(
  body: ReadableStream | null,
  type: "csv" | "json",
  name: string,
): Response {
  const headers = {
    ...ofAnswer(),
    "Content-Type": `${type === "csv" ? "text/csv" : "application/json"}; charset=utf-8`,
    "Content-Disposition": `attachment; filename="${name}"`,
  };
  return new Response(body, { headers });
}

/** The headers of the dashboard's files. `host` is the host of the request. */
export function ofPage(host: string): Record<string, string> {
  // Some browsers do not count a WebSocket of the same host as 'self'.
  const sockets = /^[A-Za-z0-9.[\]:_-]{1,255}$/.test(host) ? ` ws://${host} wss://${host}` : "";
  const policy =
    `default-src 'self'; connect-src 'self'${sockets}; img-src 'self' data:;` +
    " object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  return { ...COMMON, "Cache-Control": "no-cache", "Content-Security-Policy": policy };
}

function ofAnswer(): Record<string, string> {
  const policy = "default-src 'none'; frame-ancestors 'none'";
  return { ...COMMON, "Cache-Control": "no-store", "Content-Security-Policy": policy };
}
