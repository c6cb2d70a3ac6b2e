import type { RoomId, RoomSettings, Visibility } from "@hubbub/protocol";
import { rooms } from "./schema.ts";
import type { RoomRecord } from "./store-rooms.ts";

/** The columns of a `RoomRecord`. */
export const roomRecord = {
  id: rooms.id,
  name: rooms.name,
  visibility: rooms.visibility,
  topic: rooms.topic,
  settings: rooms.settings,
};

interface Row {
  readonly id: string;
  readonly name: string;
  readonly visibility: Visibility;
  readonly topic: string;
  readonly settings: RoomSettings | null;
}

export function toRoomRecord({ id, name, visibility, topic, settings }: Row): RoomRecord {
  return { id: id as RoomId, name, visibility, topic, ...(settings === null ? {} : { settings }) };
}
