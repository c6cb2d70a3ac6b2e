import { isUuid, type RoomId } from "@hubbub/protocol";

/** The room that the address names, as `#<id>`, or as `#<id>/<seq>` with one of its messages. */
export function roomOfAddress(): RoomId | undefined {
  const [id = ""] = location.hash.slice(1).split("/", 1);
  return isUuid(id) ? (id as RoomId) : undefined;
}

/** The message that the address names. */
export function seqOfAddress(): number | undefined {
  const seq = /^#[^/]+\/([1-9]\d{0,14})$/.exec(location.hash)?.[1];
  return seq === undefined ? undefined : Number(seq);
}

export function addressOf(room: RoomId | undefined): string {
  return room === undefined ? location.pathname + location.search : `#${room}`;
}

/** A link to a message, which can be sent to others. */
export function linkTo(room: RoomId, seq: number): string {
  return new URL(`#${room}/${seq}`, location.href).href;
}
