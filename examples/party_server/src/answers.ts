// HTTP answers: JSON that nobody keeps, and refusals that say what is accepted.

const COMMON = {
  "Referrer-Policy": "no-referrer", // the page's address may carry the token
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** A request that is answered with an HTTP error; the text is its body's `error`. */
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

export function json(content: unknown, status = 200, more: Record<string, string> = {}): Response {
  return Response.json(content, { status, headers: { ...ofAnswer(), ...more } });
}

/** The headers of the dashboard's files; `host` is where the page was asked for. */
export function ofPage(host: string): Record<string, string> {
  // Not every browser counts a WebSocket of the same host as 'self'.
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
