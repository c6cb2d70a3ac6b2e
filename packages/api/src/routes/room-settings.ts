import { createRoute } from "@hono/zod-openapi";
import { type EventId, encodeEventBody, newId, ProtocolError, type PublicUser } from "@hubbub/protocol";
import { changeRoomBody, room } from "@hubbub/protocol/http";
import type { RoomRecord } from "@hubbub/store";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { toRooms } from "../room-heads.ts";
import { answer, bearer, inRoom, json, permittedRefusals, refusals } from "./shapes.ts";

const roomSchema = room.meta({ id: "Room" });
const tags = ["rooms"];
const changed = {
  200: answer("the room", roomSchema),
  default: refusals(...permittedRefusals, "room_name_taken", "overloaded"),
};

export const contract = {
  changeRoom: createRoute({
    method: "patch",
    path: "/rooms/{id}",
    tags,
    summary: "Change name, topic or settings of a room: for admins",
    security: bearer,
    request: { params: inRoom, body: json(changeRoomBody) },
    responses: changed,
  }),
  archiveRoom: createRoute({
    method: "put",
    path: "/rooms/{id}/archive",
    tags,
    summary: "Archive a room: it can be read and nobody writes. For owners",
    security: bearer,
    request: { params: inRoom },
    responses: changed,
  }),
  unarchiveRoom: createRoute({
    method: "delete",
    path: "/rooms/{id}/archive",
    tags,
    summary: "End the archiving of a room",
    security: bearer,
    request: { params: inRoom },
    responses: changed,
  }),
  deleteRoom: createRoute({
    method: "delete",
    path: "/rooms/{id}",
    tags,
    summary: "Delete a room: nobody finds it any more, and its messages are erased after 7 days. For owners",
    security: bearer,
    request: { params: inRoom },
    responses: { 204: { description: "deleted" }, default: refusals(...permittedRefusals) },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  routeSettings(app, context);
  routeDeletion(app, context);
}

/** As for memberships: the row, then what gateways have cached, then the event. */
async function tell(context: ApiContext, record: RoomRecord | null, by: PublicUser) {
  if (record === null) throw new ProtocolError("unknown_room");
  const { acceptor, broker, membership } = context;
  const { id: room, name, topic, settings } = record;
  await broker.publishControl({ type: "room-changed", room });
  const id = newId<EventId>();
  const kept = settings === undefined ? {} : { settings };
  const body = encodeEventBody({ by, kind: "room", id, name, topic, ...kept });
  await acceptor.accept({ room, user: by.id, id, body });
  const [shown] = await toRooms(context, [{ ...record, role: (await membership.require(room, by)).role }], by.id);
  if (shown === undefined) throw new Error("a record makes a room");
  return shown;
}

function routeSettings(app: ApiApp, context: ApiContext): void {
  const { store, limits, membership, signedIn } = context;

  app.openapi({ ...contract.changeRoom, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const { user } = c.var.caller;
    limits.membership(user);
    await membership.permit(id, user, "change-room");
    limits.membershipOf(id);
    return c.json(
      await tell(context, await store.rooms.change(id, c.req.valid("json"), actingOf(c.var.caller)), user),
      200,
    );
  });

  for (const [oneContract, isArchived] of [
    [contract.archiveRoom, true] as const,
    [contract.unarchiveRoom, false] as const,
  ]) {
    app.openapi({ ...oneContract, middleware: signedIn }, async (c) => {
      const { id } = c.req.valid("param");
      const { user } = c.var.caller;
      limits.membership(user);
      await membership.permit(id, user, "own");
      limits.membershipOf(id);
      return c.json(
        await tell(context, await store.rooms.setArchived(id, isArchived, actingOf(c.var.caller)), user),
        200,
      );
    });
  }
}

function routeDeletion(app: ApiApp, { broker, store, limits, membership, signedIn }: ApiContext): void {
  app.openapi({ ...contract.deleteRoom, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const { user } = c.var.caller;
    limits.membership(user);
    // The answer of a call that closed the room may have been lost.
    if (!(await store.rooms.isClosedOf(id, user.id))) await membership.permit(id, user, "own");
    await store.rooms.close(id, actingOf(c.var.caller));
    await broker.publishControl({ type: "room-closed", room: id });
    return c.body(null, 204);
  });
}
