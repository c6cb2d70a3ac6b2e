import { createRoute } from "@hono/zod-openapi";
import { ANNOUNCEMENTS_ROOM, type Member, outranks, ProtocolError, type UserId } from "@hubbub/protocol";
import { addMemberBody, listMembersQuery, member, memberPage, setRoleBody } from "@hubbub/protocol/http";
import { requireServerRole } from "../admin/server-role.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, inRoom, json, memberInRoom, permittedRefusals, refusals } from "./shapes.ts";

const memberSchema = member.meta({ id: "Member" });
const tags = ["rooms"];

export const contract = {
  listMembers: createRoute({
    method: "get",
    path: "/rooms/{id}/members",
    tags,
    summary: "The members of the room, with roles and presence",
    security: bearer,
    request: { params: inRoom, query: listMembersQuery },
    responses: {
      200: answer("one page; `cursor` is missing on the last", memberPage.extend({ members: memberSchema.array() })),
      default: refusals(...permittedRefusals),
    },
  }),
  addMember: createRoute({
    method: "post",
    path: "/rooms/{id}/members",
    tags,
    summary: "Add a user to the room: for admins; others invite",
    security: bearer,
    request: { params: inRoom, body: json(addMemberBody) },
    responses: {
      200: answer("was a member before", memberSchema),
      201: answer("is a member now", memberSchema),
      default: refusals(...permittedRefusals, "unknown_user", "has_left", "banned", "overloaded"),
    },
  }),
  setRole: createRoute({
    method: "put",
    path: "/rooms/{id}/members/{user}",
    tags,
    summary: "Give a member a role: for admins, below their own; for owners, every role",
    security: bearer,
    request: { params: memberInRoom, body: json(setRoleBody) },
    responses: {
      204: { description: "has this role now" },
      default: refusals(...permittedRefusals, "unknown_user", "last_owner"),
    },
  }),
  removeMember: createRoute({
    method: "delete",
    path: "/rooms/{id}/members/{user}",
    tags,
    summary: "Remove a member: for moderators. A removed member cannot join again until somebody adds them",
    security: bearer,
    request: { params: memberInRoom },
    responses: {
      204: { description: "no longer a member" },
      default: refusals(...permittedRefusals, "unknown_user", "overloaded"),
    },
  }),
};

const MEMBERS_PER_PAGE = 100;

export function route(app: ApiApp, context: ApiContext): void {
  routeList(app, context);
  routeAdd(app, context);
  routeChange(app, context);
}

/** Members who have blocked the viewer are shown as offline. */
async function withPresence(
  { store, broker, logOrStore }: ApiContext,
  viewer: UserId,
  members: readonly Omit<Member, "online">[],
): Promise<Member[]> {
  const users = members.map(({ user }) => user.id);
  const hidden = await store.blocks.blockersOf(viewer, users);
  const online = await logOrStore.ask<readonly boolean[]>(
    () => broker.presence.online(users),
    async () => [],
  );
  return members.map((member, index) => ({
    ...member,
    online: online[index] === true && !hidden.has(member.user.id),
  }));
}

function routeList(app: ApiApp, context: ApiContext): void {
  const { store, pageTurns, membership, signedIn } = context;

  app.openapi({ ...contract.listMembers, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const { cursor } = c.req.valid("query");
    const { user } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      await membership.require(id, user);
      // Everybody reads announcements, guests too; those who made them are people of the site and not of a room.
      if (id === ANNOUNCEMENTS_ROOM) await requireServerRole(store, user.id);
      const { members, cursor: next } = await store.members.list(id, {
        cursor: cursor || undefined,
        limit: MEMBERS_PER_PAGE,
      });
      return { members: await withPresence(context, user.id, members), cursor: next };
    });
    return c.json(page, 200);
  });
}

function routeAdd(app: ApiApp, { store, limits, membership, signedIn }: ApiContext): void {
  app.openapi({ ...contract.addMember, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const { user: caller } = c.var.caller;
    limits.membership(caller);
    await membership.permit(id, caller, "set-role");
    limits.membershipOf(id);
    limits.addition(caller);
    const found = await store.users.findByUsername(c.req.valid("json").username);
    if (found === null) throw new ProtocolError("unknown_user");
    if (await store.blocks.has(found.id, caller.id)) {
      throw new ProtocolError("forbidden", "this user does not want to hear from you");
    }
    const user = { id: found.id, username: found.username };
    const isNew = await membership.add(id, user, caller);
    const role = (await membership.roleOf(id, user)) ?? "member";
    // The user did not join by themselves, so their presence is not shown to the owner.
    return c.json({ user, role, online: false }, isNew ? 201 : 200);
  });
}

function routeChange(app: ApiApp, { limits, membership, signedIn }: ApiContext): void {
  app.openapi({ ...contract.setRole, middleware: signedIn }, async (c) => {
    const { id, user } = c.req.valid("param");
    const { user: caller } = c.var.caller;
    const { role } = c.req.valid("json");
    limits.membership(caller);
    const own = user === caller.id ? await membership.require(id, caller) : null;
    // The answer of a call by which the caller stepped down may have been lost.
    if (own?.role === role) return c.body(null, 204);
    const standing =
      own === null
        ? await membership.permitOn(id, user, caller, "set-role")
        : await membership.permit(id, caller, "set-role");
    if (standing.role !== "owner" && outranks(role, standing.role)) {
      throw new ProtocolError("forbidden", "only an owner gives this role");
    }
    limits.membershipOf(id);
    await membership.setRole(id, user, role, c.var.caller);
    return c.body(null, 204);
  });

  app.openapi({ ...contract.removeMember, middleware: signedIn }, async (c) => {
    const { id, user } = c.req.valid("param");
    const { user: caller } = c.var.caller;
    limits.membership(caller);
    await membership.permitOn(id, user, caller, "kick");
    limits.membershipOf(id);
    if (user === caller.id) throw new ProtocolError("bad_request", "user: leave the room instead of removing yourself");
    await membership.remove(id, user, c.var.caller);
    return c.body(null, 204);
  });
}
