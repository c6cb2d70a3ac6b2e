import { isUuid, type RoomId } from "@hubbub/protocol";

/** The room that the address names, as `#<id>`. */
export function roomOfAddress(): RoomId | undefined {
  const id = location.hash.slice(1);
  return isUuid(id) ? (id as RoomId) : undefined;
}

export function addressOf(room: RoomId | undefined): string {
  return room === undefined ? location.pathname + location.search : `#${room}`;
}
