import type { RoomId, Standing } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";
import { encodeGap } from "../connections/frames.ts";
import type { Position } from "../connections/subscription.ts";
import type { Start } from "../rooms/catch-up.ts";

/** Where a catch-up may begin: a room can hide from its members what came before they joined. */
export function visible(since: Position | undefined, { from }: Standing): Position | undefined {
  return since === undefined || since.seq >= from ? since : { ...since, seq: from };
}

/** Tells the client which events it does not get. */
export function withoutHidden(connection: Connection, room: RoomId, since: Position | undefined, start: Start): Start {
  const after = since?.seq ?? start.seq;
  if (after < start.seq) connection.send(encodeGap(room, after + 1, start.seq, "retention"));
  return { ...start, recovered: false };
}
