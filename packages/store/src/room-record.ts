import type { RoomId, RoomSettings, Visibility } from "@hubbub/protocol";
import { rooms } from "./schema.ts";
import type { RoomRecord } from "./store-rooms.ts";

/** SQL: what a user (`user`) sees as the name of a direct room (`room`): the names of the others. Both are expressions. */
export const directName = (room: string, user: string): string => `(
  select string_agg(name, ', ' order by name) from (
    select (select u.username from hubbub.users u where u.id = o.user_id) as name
    from hubbub.members o where o.room_id = ${room} and o.user_id <> ${user}
  ) others
)`;

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
