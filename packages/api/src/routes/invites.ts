import { createHash, randomBytes } from "node:crypto";
import { createRoute, type z } from "@hono/zod-openapi";
import { tellUser } from "@hubbub/chat";
import { outranks, ProtocolError, type PublicUser, type Role, type RoomId } from "@hubbub/protocol";
import { uuid } from "@hubbub/protocol/codec";
import { room } from "@hubbub/protocol/http";
import {
  createInviteBody,
  invitation,
  invitationList,
  invite,
  inviteCode,
  inviteList,
  invitePreview,
} from "@hubbub/protocol/http-moderation";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { toRooms } from "../room-heads.ts";
import { answer, bearer, inRoom, json, permittedRefusals, refusals, signedInRefusals } from "./shapes.ts";

const inviteSchema = invite.meta({ id: "Invite" });
const roomSchema = room.meta({ id: "Room" });
const tags = ["invitations"];

export const contract = {
  invite: createRoute({
    method: "post",
    path: "/rooms/{id}/invites",
    tags,
    summary: "Make a link into the room, or invite one user",
    security: bearer,
    request: { params: inRoom, body: json(createInviteBody) },
    responses: {
      201: answer("the link; its `code` is shown only here", inviteSchema),
      204: { description: "the user is invited, or is a member" },
      default: refusals(...permittedRefusals, "unknown_user", "banned", "too_many_invites"),
    },
  }),
  listInvites: createRoute({
    method: "get",
    path: "/rooms/{id}/invites",
    tags,
    summary: "The links into the room that can be used",
    security: bearer,
    request: { params: inRoom },
    responses: {
      200: answer("all of them", inviteList.extend({ invites: inviteSchema.array() })),
      default: refusals(...permittedRefusals),
    },
  }),
  revokeInvite: createRoute({
    method: "delete",
    path: "/rooms/{id}/invites/{invite}",
    tags,
    summary: "Revoke a link",
    security: bearer,
    request: { params: inRoom.extend({ invite: uuid }) },
    responses: { 204: { description: "revoked" }, default: refusals(...permittedRefusals, "unknown_invite") },
  }),
  preview: createRoute({
    method: "get",
    path: "/invites/{code}",
    tags,
    summary: "Name and number of members of the room that a link leads to",
    security: bearer,
    request: { params: inviteCode },
    responses: {
      200: answer("no more than this", invitePreview),
      default: refusals(...signedInRefusals, "unknown_invite"),
    },
  }),
  accept: createRoute({
    method: "post",
    path: "/invites/{code}/join",
    tags,
    summary: "Join by a link; idempotent for members",
    security: bearer,
    request: { params: inviteCode },
    responses: {
      200: answer("the room", roomSchema),
      default: refusals(...signedInRefusals, "unknown_invite", "banned", "forbidden", "overloaded"),
    },
  }),
  invitations: createRoute({
    method: "get",
    path: "/me/invitations",
    tags,
    summary: "Rooms that the caller is invited to",
    security: bearer,
    responses: {
      200: answer(
        "the newest 100",
        invitationList.extend({ invitations: invitation.meta({ id: "Invitation" }).array() }),
      ),
      default: refusals("bad_token", "session_revoked"),
    },
  }),
  acceptInvitation: createRoute({
    method: "post",
    path: "/me/invitations/{id}/accept",
    tags,
    summary: "Join the room",
    security: bearer,
    request: { params: inRoom },
    responses: {
      200: answer("the room", roomSchema),
      default: refusals(...signedInRefusals, "unknown_invite", "unknown_room", "banned", "forbidden", "overloaded"),
    },
  }),
  decline: createRoute({
    method: "delete",
    path: "/me/invitations/{id}",
    tags,
    summary: "Decline the invitation",
    security: bearer,
    request: { params: inRoom },
    responses: { 204: { description: "there is none any more" }, default: refusals(...signedInRefusals) },
  }),
};

const CODE_BYTES = 16;
const DEFAULT_SECONDS = 604_800;
const DEFAULT_USES = 100;
/** Usable links of one room. */
const INVITES_MAX = 100;
const MS = 1_000;
const BLOCKED = "this user does not want to hear from you";

const hashOf = (code: string) => createHash("sha256").update(code).digest("base64url");

export function route(app: ApiApp, context: ApiContext): void {
  routeRoom(app, context);
  routeCodes(app, context);
  routeOwn(app, context);
}

/** Of a room, for those who may invite. */
function routeRoom(app: ApiApp, context: ApiContext): void {
  const { store, limits, pageTurns, membership, signedIn } = context;

  app.openapi({ ...contract.invite, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const { user } = c.var.caller;
    const body = c.req.valid("json");
    limits.membership(user);
    const { role } = await membership.permit(id, user, "invite");
    if ((await store.rooms.find(id))?.visibility === "direct") {
      throw new ProtocolError(
        "forbidden",
        "a direct room has the same users for ever; make another one with POST /direct",
      );
    }
    const inviter = { user, role, address: c.env.address };
    if (!("username" in body)) return c.json(await makeLink(context, id, inviter, body), 201);
    await inviteUser(context, id, inviter, body.username);
    return c.body(null, 204);
  });

  app.openapi({ ...contract.listInvites, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const { user, address } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address }, async () => {
      await membership.permit(id, user, "invite");
      return { invites: [...(await store.invites.list(id))] };
    });
    return c.json(page, 200);
  });

  app.openapi({ ...contract.revokeInvite, middleware: signedIn }, async (c) => {
    const { id, invite: link } = c.req.valid("param");
    await membership.permit(id, c.var.caller.user, "invite");
    if (!(await store.invites.revoke(id, link, actingOf(c.var.caller)))) throw new ProtocolError("unknown_invite");
    return c.body(null, 204);
  });
}

/** For those who have the code of a link. */
function routeCodes(app: ApiApp, context: ApiContext): void {
  const { store, limits, membership, signedIn } = context;

  app.openapi({ ...contract.preview, middleware: signedIn }, async (c) => {
    limits.membership(c.var.caller.user);
    const found = await store.invites.find(hashOf(c.req.valid("param").code));
    if (found === null) throw new ProtocolError("unknown_invite");
    return c.json({ name: found.room.name, members: found.members }, 200);
  });

  app.openapi({ ...contract.accept, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const hash = hashOf(c.req.valid("param").code);
    limits.membership(user);
    const found = await store.invites.find(hash);
    if (found === null) throw new ProtocolError("unknown_invite");
    const { id } = found.room;
    limits.membershipOf(id);
    if ((await membership.roleOf(id, user)) === null) {
      if (!(await store.invites.use(hash, user.id))) throw new ProtocolError("unknown_invite");
      await membership.add(id, user, user, found.role);
    }
    return c.json(await show(context, id, user), 200);
  });
}

/** For those who are invited by name. */
function routeOwn(app: ApiApp, context: ApiContext): void {
  const { store, limits, pageTurns, membership, signedIn } = context;

  app.openapi({ ...contract.invitations, middleware: signedIn }, async (c) => {
    const { user, address } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address }, async () => ({
      invitations: [...(await store.invites.invitations(user.id))],
    }));
    return c.json(page, 200);
  });

  app.openapi({ ...contract.acceptInvitation, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const { user } = c.var.caller;
    limits.membership(user);
    const isInvited = await store.invites.isInvited(id, user.id);
    const isMember = (await membership.roleOf(id, user)) !== null;
    if (!isInvited && !isMember) throw new ProtocolError("unknown_invite");
    if (!isMember) await membership.add(id, user, user, "member", "invited");
    return c.json(await show(context, id, user), 200);
  });

  app.openapi({ ...contract.decline, middleware: signedIn }, async (c) => {
    await store.invites.takeInvitation(c.req.valid("param").id, c.var.caller.user.id);
    return c.body(null, 204);
  });
}

interface Inviter {
  readonly user: PublicUser;
  readonly role: Role;
  readonly address: string;
}

async function inviteUser(
  { store, broker, limits }: ApiContext,
  room: RoomId,
  { user, role, address }: Inviter,
  username: string,
): Promise<void> {
  if (!outranks(role, "member")) throw new ProtocolError("forbidden", "guests invite by links for guests");
  limits.addition(user);
  const found = await store.users.findByUsername(username);
  if (found === null) throw new ProtocolError("unknown_user");
  if (await store.blocks.has(found.id, user.id)) throw new ProtocolError("forbidden", BLOCKED);
  const isNew = await store.invites.inviteUser(room, found.id, user.id, address);
  if (isNew) await tellUser(broker, found.id, { kind: "invited", room });
}

type LinkWish = Exclude<z.output<typeof createInviteBody>, { username: string }>;

async function makeLink({ store }: ApiContext, room: RoomId, inviter: Inviter, wish: LinkWish) {
  if ((await store.invites.list(room)).length >= INVITES_MAX) throw new ProtocolError("too_many_invites");
  const { seconds = DEFAULT_SECONDS, uses = DEFAULT_USES, role = inviter.role === "guest" ? "guest" : "member" } = wish;
  if (!outranks(inviter.role, role)) throw new ProtocolError("forbidden", "your role is weaker than that of the link");
  const code = randomBytes(CODE_BYTES).toString("base64url");
  const expiresAt = new Date(Date.now() + seconds * MS);
  const { user, address } = inviter;
  const made = await store.invites.create({
    room,
    by: user.id,
    address,
    codeHash: hashOf(code),
    role,
    expiresAt,
    uses,
  });
  return { ...made, code };
}

async function show(context: ApiContext, room: RoomId, user: PublicUser) {
  const [shown] = await toRooms(context, [await context.membership.find(room, user)], user.id);
  if (shown === undefined) throw new Error("a record makes a room");
  return shown;
}
