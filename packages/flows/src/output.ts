import { createHash } from "node:crypto";
import {
  type EventBody,
  type EventId,
  encodeEventBody,
  QUERIES_AUTHOR,
  type RoomEvent,
  type RoomId,
} from "@hubbub/protocol";

/** An event for a derived room. */
export interface Output {
  readonly room: RoomId;
  readonly id: EventId;
  readonly body: string;
}

/**
 * What a query found in one event of its source. The id follows from author and id of that event, which stay the same if the log is lost
 * and the event gets another seq: a derived event that is written again is recognised.
 */
export function foundOutput(room: RoomId, event: RoomEvent, rows: readonly object[]): Output {
  const id = createHash("sha256").update(`${event.by.id}/${event.id}`).digest("base64url") as EventId;
  return output(room, { by: QUERIES_AUTHOR, kind: "data", id, rows: rows as never, from: event.seq, of: event.by.id });
}

export function runningOutput(room: RoomId, from: number): Output {
  const id = `running-${from}` as EventId;
  return output(room, { by: QUERIES_AUTHOR, kind: "flow", id, state: "running", from });
}

export function endedOutput(room: RoomId, from: number, note: string): Output {
  const id = `ended-${from}` as EventId;
  return output(room, { by: QUERIES_AUTHOR, kind: "flow", id, state: "ended", from, note });
}

function output(room: RoomId, body: EventBody): Output {
  return { room, id: body.id, body: encodeEventBody(body) };
}
