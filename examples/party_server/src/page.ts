// Serves the dashboard's files, and no others.

import { ofPage, Refusal } from "./answers.ts";

// One segment, without escape sequences, and no hidden file.
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*(\.[a-z]+)$/;
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
};

/** Answer a request for a path that is not a room's. Throws Refusal if there is no such file. */
export async function page(request: Request, url: URL, assets: Fetcher): Promise<Response> {
  const name = url.pathname.slice(1) || "index.html";
  const type = TYPES[NAME.exec(name)?.[1] ?? ""];
  const file = type
    ? await assets.fetch(new Request(`http://dashboard/${name}`, asked(request)))
    : null;
  if (!type || !file || (file.status !== 200 && file.status !== 304)) {
    await file?.body?.cancel();
    throw new Refusal(404, "nothing here: rooms are at /parties/<party>/<room>");
  }
  if (request.method !== "GET" && request.method !== "HEAD") throw badMethod(request, "GET, HEAD");
  const headers = new Headers(ofPage(url.host));
  // Answers of workerd for its files have no such header.
  headers.set("Content-Type", type);
  const tag = file.headers.get("ETag");
  if (tag) headers.set("ETag", tag);
  return new Response(request.method === "HEAD" ? null : file.body, {
    status: file.status,
    headers,
  });
}

export function badMethod(request: Request, allowed: string): Refusal {
  const method = request.method.slice(0, 20);
  return new Refusal(405, `method '${method}': use ${allowed}`, { Allow: allowed });
}

function asked(request: Request): RequestInit {
  const known = request.headers.get("If-None-Match");
  return { headers: known ? { "If-None-Match": known } : {} };
}
