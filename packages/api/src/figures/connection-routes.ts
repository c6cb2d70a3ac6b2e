import { createRoute } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import {
  type ConnectionsPage,
  connection,
  connectionsPage,
  connectionsQuery,
  type RoomView,
  roomView,
} from "@hubbub/protocol/http-figures";
import { requireServerRole } from "../admin/server-role.ts";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, inRoom, refusals } from "../routes/shapes.ts";
import { type Answers, askGateways } from "./ask-gateways.ts";
import { lastHourOfRoom } from "./last-hour.ts";

const tags = ["administration"];
const usual = ["bad_request", "bad_token", "session_revoked", "insufficient_scope", "forbidden"] as const;
const CONNECTIONS_PER_PAGE = 50;

export const contract = {
  viewRoom: createRoute({
    method: "get",
    path: "/admin/rooms/{id}",
    tags,
    summary: "How busy a room is, and which gateways serve it; nothing of what is said in it",
    security: bearer,
    request: { params: inRoom },
    responses: { 200: answer("the room as it is now", roomView), default: refusals(...usual, "unknown_room") },
  }),
  listConnections: createRoute({
    method: "get",
    path: "/admin/connections",
    tags,
    summary: "Connections of a process, a room or a user, the oldest first. Each call has an entry in the audit",
    security: bearer,
    request: { query: connectionsQuery },
    responses: {
      200: answer(
        "one page; `cursor` is missing on the last",
        connectionsPage.extend({ connections: connection.meta({ id: "Connection" }).array() }),
      ),
      default: refusals(...usual),
    },
  }),
};

export function route(app: ApiApp, { store, broker, limits, pageTurns, signedIn }: ApiContext): void {
  app.openapi({ ...contract.viewRoom, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const { id: room } = c.req.valid("param");
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, async (): Promise<RoomView> => {
      await requireServerRole(store, user.id);
      const found = await store.admin.room(room);
      if (found === null || found.closedAt !== null) throw new ProtocolError("unknown_room");
      const [[head], asked, hour] = await Promise.all([
        broker.heads([room]),
        askGateways(broker, { room, limit: 0 }),
        lastHourOfRoom(store.stats, room, Date.now()),
      ]);
      const { visibility, members, createdAt, name } = found;
      return {
        room,
        ...(visibility === "public" ? { name } : {}),
        ...{ visibility, members, createdAt: createdAt.getTime() },
        ...(head === null || head === undefined ? {} : { head }),
        nodes: asked.answers.map(({ node, total, users }) => ({ node, connections: total, users })),
        silent: [...asked.silent],
        ...hour,
      };
    });
    return c.json(page, 200);
  });

  app.openapi({ ...contract.listConnections, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    const about = c.req.valid("query");
    const { node, room, user: subject } = about;
    // Each call looks at every connection.
    limits.account(caller.user.id);
    const read = { user: caller.user.id, address: c.env.address };
    const page = await pageTurns.read(read, async () => {
      await requireServerRole(store, caller.user.id);
      const details = node === undefined ? undefined : { node };
      await store.audit.write({ ...actingOf(caller), act: "connections_read", subject, room, details });
      return toPage(await askGateways(broker, { ...about, limit: CONNECTIONS_PER_PAGE + 1 }));
    });
    return c.json(page, 200);
  });
}

/** The least ids of all gateways: each has answered its own least ones. */
function toPage({ answers, silent }: Answers): ConnectionsPage {
  const all = answers.flatMap(({ connections }) => connections).sort((one, other) => (one.id < other.id ? -1 : 1));
  const connections = all.slice(0, CONNECTIONS_PER_PAGE);
  const cursor = all.length > CONNECTIONS_PER_PAGE ? connections.at(-1)?.id : undefined;
  return {
    connections,
    total: answers.reduce((sum, { total }) => sum + total, 0),
    silent: [...silent],
    ...(cursor === undefined ? {} : { cursor }),
  };
}
