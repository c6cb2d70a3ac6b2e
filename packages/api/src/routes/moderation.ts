import { createRoute } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import { listMembersQuery } from "@hubbub/protocol/http";
import { ban, banBody, banList, muteBody } from "@hubbub/protocol/http-moderation";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, inRoom, json, memberInRoom, permittedRefusals, refusals } from "./shapes.ts";

const tags = ["moderation"];
const BANS_PER_PAGE = 100;
const MS = 1_000;

export const contract = {
  mute: createRoute({
    method: "put",
    path: "/rooms/{id}/mutes/{user}",
    tags,
    summary: "Mute a member for a time: the member can only read. For moderators",
    security: bearer,
    request: { params: memberInRoom, body: json(muteBody) },
    responses: { 204: { description: "muted" }, default: refusals(...permittedRefusals, "unknown_user", "overloaded") },
  }),
  unmute: createRoute({
    method: "delete",
    path: "/rooms/{id}/mutes/{user}",
    tags,
    summary: "End a mute",
    security: bearer,
    request: { params: memberInRoom },
    responses: {
      204: { description: "not muted" },
      default: refusals(...permittedRefusals, "unknown_user", "overloaded"),
    },
  }),
  ban: createRoute({
    method: "put",
    path: "/rooms/{id}/bans/{user}",
    tags,
    summary: "Ban a user, member or not, for a time or forever. For moderators",
    security: bearer,
    request: { params: memberInRoom, body: json(banBody) },
    responses: {
      204: { description: "banned, and no longer a member" },
      default: refusals(...permittedRefusals, "unknown_user", "last_owner", "overloaded"),
    },
  }),
  unban: createRoute({
    method: "delete",
    path: "/rooms/{id}/bans/{user}",
    tags,
    summary: "End a ban; the user is not a member by that",
    security: bearer,
    request: { params: memberInRoom },
    responses: { 204: { description: "not banned" }, default: refusals(...permittedRefusals) },
  }),
  listBans: createRoute({
    method: "get",
    path: "/rooms/{id}/bans",
    tags,
    summary: "The banned users of the room. For moderators",
    security: bearer,
    request: { params: inRoom, query: listMembersQuery },
    responses: {
      200: answer(
        "one page; `cursor` is missing on the last",
        banList.extend({ bans: ban.meta({ id: "Ban" }).array() }),
      ),
      default: refusals(...permittedRefusals),
    },
  }),
};

const inFuture = (seconds: number) => new Date(Date.now() + seconds * MS);

export function route(app: ApiApp, context: ApiContext): void {
  routeMutes(app, context);
  routeBans(app, context);
}

function routeMutes(app: ApiApp, { limits, membership, signedIn }: ApiContext): void {
  app.openapi({ ...contract.mute, middleware: signedIn }, async (c) => {
    const { id, user } = c.req.valid("param");
    const { user: caller } = c.var.caller;
    limits.membership(caller);
    await membership.permitOn(id, user, caller, "mute");
    limits.membershipOf(id);
    await membership.mute(id, user, inFuture(c.req.valid("json").seconds), c.var.caller);
    return c.body(null, 204);
  });

  app.openapi({ ...contract.unmute, middleware: signedIn }, async (c) => {
    const { id, user } = c.req.valid("param");
    const { user: caller } = c.var.caller;
    limits.membership(caller);
    await membership.permitOn(id, user, caller, "mute");
    limits.membershipOf(id);
    await membership.mute(id, user, null, c.var.caller);
    return c.body(null, 204);
  });
}

function routeBans(app: ApiApp, { store, limits, pageTurns, membership, signedIn }: ApiContext): void {
  app.openapi({ ...contract.ban, middleware: signedIn }, async (c) => {
    const { id, user } = c.req.valid("param");
    const { user: caller } = c.var.caller;
    const { reason = "", seconds } = c.req.valid("json");
    limits.membership(caller);
    await membership.permitOn(id, user, caller, "ban");
    limits.membershipOf(id);
    if (user === caller.id) throw new ProtocolError("bad_request", "user: leave the room instead of banning yourself");
    if ((await store.users.find(user)) === null) throw new ProtocolError("unknown_user");
    await membership.ban(id, user, { reason, until: seconds === undefined ? null : inFuture(seconds) }, c.var.caller);
    return c.body(null, 204);
  });

  app.openapi({ ...contract.unban, middleware: signedIn }, async (c) => {
    const { id, user } = c.req.valid("param");
    const { user: caller } = c.var.caller;
    limits.membership(caller);
    await membership.permit(id, caller, "ban");
    await store.bans.remove(id, user, actingOf(c.var.caller));
    return c.body(null, 204);
  });

  app.openapi({ ...contract.listBans, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const { user } = c.var.caller;
    const { cursor } = c.req.valid("query");
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      await membership.permit(id, user, "ban");
      const { bans, cursor: next } = await store.bans.list(id, { cursor: cursor || undefined, limit: BANS_PER_PAGE });
      return { bans: [...bans], cursor: next };
    });
    return c.json(page, 200);
  });
}
