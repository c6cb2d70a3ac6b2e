import { type Member, ProtocolError } from "@hubbub/protocol";
import * as contract from "../contract/members.ts";
import type { ApiApp, Parts } from "../parts.ts";

const MEMBERS_PER_PAGE = 100;

export function routeMembers(
  app: ApiApp,
  { store, broker, logOrStore, limits, pageTurns, membership, signedIn }: Parts,
): void {
  const withPresence = async (members: readonly Omit<Member, "online">[]): Promise<Member[]> => {
    const users = members.map(({ user }) => user.id);
    const online = await logOrStore.ask<readonly boolean[]>(
      () => broker.presence.online(users),
      async () => [],
    );
    return members.map((member, index) => ({ ...member, online: online[index] === true }));
  };

  app.openapi({ ...contract.listMembers, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const { cursor } = c.req.valid("query");
    const { user } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, async () => {
      await membership.require(id, user);
      const { members, cursor: next } = await store.members.list(id, {
        cursor: cursor || undefined,
        limit: MEMBERS_PER_PAGE,
      });
      return { members: await withPresence(members), cursor: next };
    });
    return c.json(page, 200);
  });

  app.openapi({ ...contract.addMember, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const { user: caller } = c.var.caller;
    limits.membership(caller.id);
    if ((await membership.require(id, caller)) !== "owner") throw new ProtocolError("forbidden");
    limits.membershipOf(id);
    limits.addition(caller.id);
    const found = await store.users.findByUsername(c.req.valid("json").username);
    if (found === null) throw new ProtocolError("unknown_user");
    const user = { id: found.id, username: found.username };
    const isNew = await membership.add(id, user, caller);
    const role = (await membership.roleOf(id, user)) ?? "member";
    // Whether they are online is none of the adder's business: they have not come by themselves.
    return c.json({ user, role, online: false }, isNew ? 201 : 200);
  });

  app.openapi({ ...contract.setRole, middleware: signedIn }, async (c) => {
    const { id, user } = c.req.valid("param");
    const { user: caller } = c.var.caller;
    limits.membership(caller.id);
    if ((await membership.require(id, caller)) !== "owner") throw new ProtocolError("forbidden");
    limits.membershipOf(id);
    const done = await store.members.setRole(id, user, c.req.valid("json").role);
    if (done === "absent") throw new ProtocolError("unknown_user", "this user is not in the room");
    if (done === "last_owner") throw new ProtocolError("last_owner");
    return c.body(null, 204);
  });

  app.openapi({ ...contract.removeMember, middleware: signedIn }, async (c) => {
    const { id, user } = c.req.valid("param");
    const { user: caller } = c.var.caller;
    limits.membership(caller.id);
    if ((await membership.require(id, caller)) !== "owner") throw new ProtocolError("forbidden");
    limits.membershipOf(id);
    if (user === caller.id) throw new ProtocolError("bad_request", "user: leave the room instead of removing yourself");
    await membership.remove(id, user, caller);
    return c.body(null, 204);
  });
}
