// Sends over a member's connection and closes it. Neither ever throws.

import type { Member } from "./members.ts";

/** Return false if the connection is already closed; its close event is on its way to us. */
export function send(member: Member, message: string | ArrayBuffer | ArrayBufferView): boolean {
  try {
    member.connection.send(message);
    return true;
  } catch {
    return false;
  }
}

export function close(member: Member, code: number, reason: string): void {
  try {
    member.connection.close(code, reason);
  } catch {
    // It was closed meanwhile.
  }
}

export function bytesIn(message: string | ArrayBuffer | ArrayBufferView): number {
  if (typeof message !== "string") return message.byteLength;
  return new TextEncoder().encode(message).length;
}

export function encode(message: object): string {
  return JSON.stringify(message);
}
