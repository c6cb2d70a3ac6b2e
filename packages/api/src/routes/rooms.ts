import { BrokerUnavailable } from "@hubbub/broker";
import type { Room, RoomId } from "@hubbub/protocol";
import type { RoomRecord } from "@hubbub/store";
import * as contract from "../contract/rooms.ts";
import type { ApiApp, Parts } from "../parts.ts";
import { toRooms } from "../room-heads.ts";

const ROOMS_PER_PAGE = 50;

export function routeRooms(app: ApiApp, parts: Parts): void {
  const { store, limits, pageTurns, membership, signedIn } = parts;

  app.openapi({ ...contract.createRoom, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    limits.room(user.id);
    const { id: creationId, name, visibility, topic = "" } = c.req.valid("json");
    const record = await store.rooms.create({ name, visibility, topic, createdBy: user.id, creationId });
    if (!record.isNew) return c.json(await toRoom(parts, await membership.find(record.id, user)), 200);
    await number(parts, record.id);
    return c.json(await toRoom(parts, { ...record, role: "owner" }), 201);
  });

  app.openapi({ ...contract.listRooms, middleware: signedIn }, async (c) => {
    const { joined, query, name, cursor } = c.req.valid("query");
    const { user } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      const found = await store.rooms.list(user.id, {
        joined: joined === undefined ? undefined : joined === "true",
        query: query === "" ? undefined : query,
        name: name === "" ? undefined : name,
        cursor: cursor === "" ? undefined : cursor,
        limit: ROOMS_PER_PAGE,
      });
      return { rooms: await toRooms(parts, found.rooms), cursor: found.cursor };
    });
    return c.json(page, 200);
  });

  app.openapi({ ...contract.getRoom, middleware: signedIn }, async (c) => {
    const record = await membership.find(c.req.valid("param").id, c.var.caller.user);
    return c.json(await toRoom(parts, record), 200);
  });

  app.openapi({ ...contract.joinRoom, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    limits.membership(user.id);
    // A private room is found by its members and by who left it: others get in by its owner.
    const record = await membership.findToJoin(c.req.valid("param").id, user);
    limits.membershipOf(record.id);
    await membership.add(record.id, user, user);
    return c.json(await toRoom(parts, { ...record, role: record.role ?? "member" }), 200);
  });

  app.openapi({ ...contract.leaveRoom, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    limits.membership(c.var.caller.user.id);
    // As joining does: a private room is there for its members only.
    await membership.find(id, c.var.caller.user);
    limits.membershipOf(id);
    await membership.leave(id, c.var.caller.user, c.req.valid("query").close === "true");
    return c.body(null, 204);
  });
}

/**
 * Gives a room its first epoch before anybody can speak in it. Two gateways that both began it would be two epochs, and a
 * jump in the numbers for nothing. A log that is away does it at the first event.
 */
async function number({ broker, store }: Parts, room: RoomId): Promise<void> {
  try {
    await broker.initialise(room, await store.rooms.beginEpoch(room, 0, broker.epochJump));
  } catch (error) {
    if (!(error instanceof BrokerUnavailable)) throw error;
  }
}

async function toRoom(parts: Parts, record: RoomRecord & Pick<Room, "role">): Promise<Room> {
  const [room] = await toRooms(parts, [record]);
  if (room === undefined) throw new Error("a record makes a room");
  return room;
}
