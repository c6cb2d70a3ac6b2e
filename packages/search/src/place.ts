import { isUuid, ProtocolError, type RoomId } from "@hubbub/protocol";
import type { SearchPlace } from "@hubbub/store";

/** In front of all messages. */
export const NEWEST: SearchPlace = {
  at: Number.MAX_SAFE_INTEGER,
  room: "ffffffff-ffff-ffff-ffff-ffffffffffff" as RoomId,
  seq: Number.MAX_SAFE_INTEGER,
};

export function encodePlace({ at, room, seq }: SearchPlace): string {
  return `${at}_${room}_${seq}`;
}

/** @throws ProtocolError bad_request */
export function decodePlace(cursor: string): SearchPlace {
  const [at = "", room = "", seq = "", ...rest] = cursor.split("_");
  const isNumber = (text: string) => /^\d{1,15}$/.test(text);
  if (!isNumber(at) || !isUuid(room) || !isNumber(seq) || rest.length > 0) {
    throw new ProtocolError("bad_request", "the cursor is not from this server");
  }
  return { at: Number(at), room: room as RoomId, seq: Number(seq) };
}
