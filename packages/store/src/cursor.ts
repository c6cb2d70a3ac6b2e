import { isUuid, ProtocolError } from "@hubbub/protocol";

/** Where a page of rooms ended: the key of its last row. */
export interface RoomCursor {
  readonly key: string;
  readonly id: string;
}

/** The id has a fixed length, so the key needs no escape. */
const ID_LENGTH = 36;

export function encodeRoomCursor(last: RoomCursor): string {
  return last.id + Buffer.from(last.key).toString("base64url");
}

/** @throws ProtocolError bad_request */
export function decodeRoomCursor(cursor: string): RoomCursor {
  const id = cursor.slice(0, ID_LENGTH);
  if (!isUuid(id)) throw badCursor();
  const key = Buffer.from(cursor.slice(ID_LENGTH), "base64url").toString();
  return { id, key: key.replaceAll("\u0000", "") };
}

/** Members are paged by user id. @throws ProtocolError bad_request */
export function decodeMemberCursor(cursor: string): string {
  if (!isUuid(cursor)) throw badCursor();
  return cursor;
}

function badCursor(): ProtocolError {
  return new ProtocolError("bad_request", "the cursor is not from this server");
}
