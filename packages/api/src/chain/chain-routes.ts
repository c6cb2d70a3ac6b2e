import { createRoute } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import { CHAIN_PAGE, chainQuery, roomChain } from "@hubbub/protocol/http-chain";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, inRoom, inRoomRefusals, refusals } from "../routes/shapes.ts";

const tags = ["rooms"];

export const contract = {
  beginChain: createRoute({
    method: "put",
    path: "/rooms/{id}/chain",
    tags,
    summary: "Chain the stored events of a room by hashes, for good. For owners",
    security: bearer,
    request: { params: inRoom },
    responses: { 204: { description: "chained" }, default: refusals(...inRoomRefusals, "forbidden", "room_archived") },
  }),
  chain: createRoute({
    method: "get",
    path: "/rooms/{id}/chain",
    tags,
    summary: "Links of the chain of a room with their events, by rising seq: at most 100",
    security: bearer,
    request: { params: inRoom, query: chainQuery },
    responses: {
      200: answer("one page, and the newest link", roomChain.meta({ id: "RoomChain" })),
      default: refusals(...inRoomRefusals, "not_found"),
    },
  }),
};

export function route(app: ApiApp, { store, limits, membership, pageTurns, signedIn }: ApiContext): void {
  app.openapi({ ...contract.beginChain, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const { user } = c.var.caller;
    limits.membership(user);
    await membership.permit(id, user, "own");
    await store.chains.begin(id, actingOf(c.var.caller));
    return c.body(null, 204);
  });

  app.openapi({ ...contract.chain, middleware: signedIn }, async (c) => {
    const { id: room } = c.req.valid("param");
    const { from = 1, to = Number.MAX_SAFE_INTEGER } = c.req.valid("query");
    const { user } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      const standing = await membership.require(room, user);
      const sealed = await store.chains.end(room);
      if (sealed === null) throw new ProtocolError("not_found", "the events of this room are not chained");
      // Up to `standing.from` the history is hidden from this member.
      const range = { from: Math.max(from, standing.from + 1), to, limit: CHAIN_PAGE };
      const { before, entries } = await store.chains.links(room, range);
      return { before, entries: [...entries], sealed };
    });
    const last = page.entries.length < CHAIN_PAGE ? undefined : page.entries.at(-1)?.event["seq"];
    return c.json({ room, ...page, ...(last === undefined ? {} : { next: Number(last) + 1 }) }, 200);
  });
}
