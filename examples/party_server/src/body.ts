// Reads the body of a POST, within limits of size and time.

import { Refusal } from "./answers.ts";

const WITHIN_MS = 10000;

/** Return the body as a string if it is text, else its bytes. Throws Refusal. */
export async function bodyOf(request: Request, limit: number): Promise<string | Uint8Array> {
  const encoding = request.headers.get("Content-Encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw new Refusal(400, "the body is compressed: send it without Content-Encoding");
  }
  const bytes = await read(request.body, limit);
  if (/^\s*application\/octet-stream\s*(;|$)/i.test(request.headers.get("Content-Type") ?? ""))
    return bytes;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal(400, "the body is not UTF-8: send text, or application/octet-stream");
  }
}

async function read(body: ReadableStream<Uint8Array> | null, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let isLate = false;
  const reader = body?.getReader();
  const deadline = setTimeout(() => {
    isLate = true;
    reader?.cancel();
  }, WITHIN_MS);
  try {
    for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
      length += piece.value.length;
      if (length > limit) throw new Refusal(413, `the body is too long: at most ${limit} bytes`);
      pieces.push(piece.value);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (!isLate) throw new Refusal(400, "the body cannot be read: send it whole");
    throw new Refusal(408, `the body did not come within ${WITHIN_MS / 1000} seconds`);
  } finally {
    clearTimeout(deadline);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}
