import { isUuid, ProtocolError } from "@hubbub/protocol";

interface Position {
  /** Unix ms of the newest reply. */
  readonly at: number;
  readonly room: string;
  readonly seq: number;
}

/** Before all threads. */
export const FIRST_THREADS: Position = {
  at: Number.MAX_SAFE_INTEGER,
  room: "ffffffff-ffff-ffff-ffff-ffffffffffff",
  seq: 0,
};

export function encodeThreadCursor({ at, room, seq }: Position): string {
  return `${at}_${room}_${seq}`;
}

/** @throws ProtocolError bad_request */
export function decodeThreadCursor(cursor: string): Position {
  const [at = "", room = "", seq = ""] = cursor.split("_");
  const isNumber = (text: string) => /^\d{1,15}$/.test(text);
  if (!isNumber(at) || !isUuid(room) || !isNumber(seq)) {
    throw new ProtocolError("bad_request", "the cursor is not from this server");
  }
  return { at: Number(at), room, seq: Number(seq) };
}
