// What goes out over a member's connection: sending and closing never fail.

import type { Member } from "./members.ts";

/** Return false if the connection takes nothing any more: its end is on its way to us. */
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
    // it has closed meanwhile
  }
}

export function encode(message: object): string {
  return JSON.stringify(message);
}
