// The HTTP status of an error that a client may see.

import { MessageError } from "./checks.ts";
import { RoomFull } from "./devices.ts";
import { NotStored } from "./store.ts";

/** A command's device is not connected. */
export class NotHere extends Error {}

/** Return the status, or null if it is a fault of the server. */
export function statusOf(error: unknown): number | null {
  if (error instanceof MessageError) return 400;
  if (error instanceof NotHere) return 404;
  if (error instanceof RoomFull) return 503;
  return error instanceof NotStored ? 507 : null;
}
