import type { AdminRoom, AdminUser } from "@hubbub/store";
import type { AdminArguments } from "./arguments.ts";
import { listAudit } from "./audit-list.ts";
import { findRoom, findUser } from "./find.ts";
import type { Output, Row } from "./output.ts";
import { once, PER_PAGE, pagesOf } from "./pages.ts";
import type { AdminParts } from "./parts.ts";
import { listReports } from "./reports.ts";

type Look = (parts: AdminParts, args: AdminArguments, output: Output) => Promise<void>;

const users: Look = async ({ store }, { options: { search, suspended } }, output) => {
  const read = async (cursor: string | undefined) => {
    const page = await store.admin.users({ search, suspended, cursor, limit: PER_PAGE });
    return { items: page.users, cursor: page.cursor };
  };
  await output.list("users", pagesOf(read, userRow));
};

function userRow({ user, isGuest, createdAt, role, suspension }: AdminUser): Row {
  const suspended = suspension === null ? null : (suspension.until ?? "without an end");
  return {
    name: user.username,
    id: user.id,
    guest: isGuest,
    role,
    suspended,
    reason: suspension?.reason,
    since: createdAt,
  };
}

const user: Look = async ({ store }, { names: [name = ""] }, output) => {
  const { id } = await findUser(store, name);
  const found = await store.admin.user(id);
  await output.list("user", once(found === null ? [] : [found], userRow));
  const factors = await store.signin.factors.of(id);
  await output.list(
    "second factors",
    once([factors], (row) => ({ ...row })),
  );
  const sessions = await store.sessions.list(id);
  await output.list(
    "sessions",
    once(sessions, ({ id: session, ...rest }) => ({ id: session, ...rest })),
  );
  const tokens = await store.signin.tokens.list(id);
  await output.list(
    "personal tokens",
    once(tokens, (token) => ({ ...token })),
  );
  const passkeys = await store.signin.passkeys.list(id);
  await output.list(
    "passkeys",
    once(passkeys, ({ name: ofKey, createdAt, usedAt }) => ({ name: ofKey, createdAt, usedAt })),
  );
  const identities = await store.signin.identities.list(id);
  await output.list(
    "logins at a provider",
    once(identities, ({ issuer, subject, usedAt }) => ({ issuer, subject, usedAt })),
  );
  const read = async (cursor: string | undefined) => {
    const page = await store.admin.roomsOf(id, { cursor, limit: PER_PAGE });
    return { items: page.rooms, cursor: page.cursor };
  };
  await output.list(
    "rooms",
    pagesOf(read, ({ role, ...room }) => ({ role, ...roomRow(room) })),
  );
};

const rooms: Look = async ({ store }, { options: { search } }, output) => {
  const read = async (cursor: string | undefined) => {
    const page = await store.admin.rooms({ search, cursor, limit: PER_PAGE });
    return { items: page.rooms, cursor: page.cursor };
  };
  await output.list("rooms", pagesOf(read, roomRow));
};

function roomRow({ name, id, visibility, members, createdAt, closedAt, settings }: AdminRoom): Row {
  return {
    name,
    id,
    visibility,
    members,
    archived: settings?.archived === true,
    created: createdAt,
    deleted: closedAt,
  };
}

const room: Look = async ({ store }, { names: [name = ""] }, output) => {
  const found = await findRoom(store, name);
  const { topic, settings } = found;
  await output.list(
    "room",
    once([found], (one) => ({ ...roomRow(one), topic, settings })),
  );
  const members = async (cursor: string | undefined) => {
    const page = await store.members.list(found.id, { cursor, limit: PER_PAGE });
    return { items: page.members, cursor: page.cursor };
  };
  await output.list(
    "members",
    pagesOf(members, (one) => ({ name: one.user.username, id: one.user.id, role: one.role })),
  );
  const bans = async (cursor: string | undefined) => {
    const page = await store.bans.list(found.id, { cursor, limit: PER_PAGE });
    return { items: page.bans, cursor: page.cursor };
  };
  const toDate = (ms: number | undefined) => (ms === undefined ? null : new Date(ms));
  await output.list(
    "bans",
    pagesOf(bans, (ban) => ({
      ...{ name: ban.user.username, id: ban.user.id, by: ban.by },
      ...{ at: toDate(ban.at), until: toDate(ban.until), reason: ban.reason },
    })),
  );
};

const blocks: Look = async ({ store }, { names: [name = ""] }, output) => {
  const { id } = await findUser(store, name);
  await output.list(
    "blocked users",
    once(await store.blocks.list(id), (one) => ({ name: one.username, id: one.id })),
  );
};

export const LOOKS = {
  users,
  user,
  rooms,
  room,
  blocks,
  audit: listAudit,
  reports: listReports,
} as const satisfies Record<string, Look>;
