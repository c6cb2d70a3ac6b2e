import { randomUUID } from "node:crypto";
import { TEXT_BYTES } from "../bench.ts";
import { channelOf } from "../generator/centrifugo-dialect.ts";
import type { Member } from "../generator/dialect.ts";
import type { DialectName } from "../generator/dialects.ts";
import type { LoadPlan } from "../generator/load-plan.ts";
import { centrifugoToken } from "../under-test/centrifugo.ts";
import type { People } from "../under-test/people.ts";

/** The load of many small rooms: 200 people, each sends, and each is in one of 50 rooms of 4. */
const SENDERS = 200;
const ROOMS = 50;
export const ROOM_SIZE = SENDERS / ROOMS;
export const ROOMS_LINE = `${SENDERS} senders over ${ROOMS} rooms of ${ROOM_SIZE} on one server; every message is delivered to all ${ROOM_SIZE}, its sender included`;

export async function hubbubMembers(people: People): Promise<Member[]> {
  const everybody = await people.create(SENDERS);
  const lists = Array.from({ length: ROOMS }, (_, room) =>
    everybody.filter((_person, index) => index % ROOMS === room),
  );
  const rooms = await people.createRooms(lists);
  return everybody.map(({ token }, index) => ({ token, rooms: [rooms[index % ROOMS] ?? ""] }));
}

export function namedMembers(): Member[] {
  return Array.from({ length: SENDERS }, (_, index) => ({ token: "", rooms: [`room-${index % ROOMS}`] }));
}

/** Of a server that speaks Hubbub's protocol and checks nobody. */
export function anybodyInRooms(): Member[] {
  const rooms = Array.from({ length: ROOMS }, () => randomUUID());
  return Array.from({ length: SENDERS }, (_, index) => ({ token: "", rooms: [rooms[index % ROOMS] ?? ""] }));
}

export function channelMembers(): Member[] {
  return Array.from({ length: SENDERS }, (_, index) => ({
    token: centrifugoToken(`bench-${index}`),
    rooms: [channelOf(index % ROOMS)],
  }));
}

export function roomsOfFourPlan(dialect: DialectName, port: number, members: readonly Member[]): LoadPlan {
  return {
    dialect,
    crowds: [{ port, members }],
    senders: members.map(({ rooms: [room = ""] }, member) => ({ crowd: 0, member, room })),
    textBytes: TEXT_BYTES,
    copies: ROOM_SIZE,
    timeDeliveries: true,
  };
}
