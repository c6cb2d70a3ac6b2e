import { openConnection } from "./connection.js";
import { errors, readyMs } from "./measures.js";
import { RoomFollower } from "./room-follower.js";

const OPENING = 20;

/** One connection in one room, with what it has seen of it. */
export async function enter(settings, token, room, follower = new RoomFollower(room)) {
  const connection = await openConnection(settings, token, (frame) => follower.see(frame));
  const answer = await connection.ask({ type: "subscribe", room, since: follower.since });
  if (answer.type === "subscribed") follower.subscribed(answer);
  return { connection, follower, token };
}

/** Connections of one room, a few at a time. One that cannot come is an error, and the rest go on without it. */
export async function gather(settings, room, tokens) {
  const members = [];
  for (let from = 0; from < tokens.length; from += OPENING) {
    const started = Date.now();
    const group = tokens.slice(from, from + OPENING).map((token) => enter(settings, token, room));
    for (const result of await Promise.allSettled(group)) {
      if (result.status === "fulfilled") members.push(result.value);
      else errors.add(1);
      readyMs.add(Date.now() - started);
    }
  }
  return members;
}

/** The rooms of this VU, each with its share of the connections, as tokens. */
export function shareOf(settings, { rooms, tokens }, vu) {
  const each = Math.max(1, Math.floor(settings.connections / rooms.length));
  return rooms
    .map((room, index) => ({
      room,
      tokens: Array.from({ length: each }, (_, at) => tokens[(index * each + at) % tokens.length]),
    }))
    .filter((_share, index) => index % settings.vus === vu - 1);
}
