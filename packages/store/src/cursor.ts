import { isUuid, ProtocolError } from "@hubbub/protocol";

/** Where a page of rooms ended: the key of its last row. */
export interface RoomCursor {
  readonly key: string;
  readonly id: string;
}

/** The id has a fixed length, so the key needs no escape. */
const ID_LENGTH = 36;

export function encodeRoomCursor(last: RoomCursor): string {
  return Buffer.from(last.id + last.key).toString("base64url");
}

/** @throws ProtocolError bad_request */
export function decodeRoomCursor(cursor: string): RoomCursor {
  const text = Buffer.from(cursor, "base64url").toString();
  const id = text.slice(0, ID_LENGTH);
  if (!isUuid(id) || text.includes("\u0000")) throw badCursor();
  return { id, key: text.slice(ID_LENGTH) };
}

/** Members are paged by user id. @throws ProtocolError bad_request */
export function decodeMemberCursor(cursor: string): string {
  if (!isUuid(cursor)) throw badCursor();
  return cursor;
}

function badCursor(): ProtocolError {
  return new ProtocolError("bad_request", "the cursor is not from this server");
}
