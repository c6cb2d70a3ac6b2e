import {
  newBotId,
  newId,
  ProtocolError,
  type PublicUser,
  type RoomId,
  skeletonOf,
  type UserId,
  usernameKey,
  withBadge,
} from "@hubbub/protocol";
import { and, desc, eq, isNull, lt, or, sql } from "drizzle-orm";
import { writeAudit } from "./audit.ts";
import type { Database, Handle } from "./database.ts";
import { lockUser } from "./lock-user.ts";
import { migrated } from "./nodes.ts";
import { rooms, users } from "./schema.ts";
import { bots, incomingHooks } from "./schema-bots.ts";
import type { Acting } from "./store-audit.ts";
import type { Bot, Bots, IncomingHook } from "./store-bots.ts";
import { refuseSuspended } from "./suspended.ts";

/** A row is written at most once in this time, however often its hook is used. */
const NOTED_BEFORE = sql`clock_timestamp() - interval '1 minute'`;

const BOT = { id: users.id, username: users.username, createdAt: bots.createdAt };
const HOOK = {
  id: incomingHooks.id,
  room: incomingHooks.roomId,
  createdAt: incomingHooks.createdAt,
  usedAt: incomingHooks.usedAt,
  bot: { id: users.id, username: users.username },
};

export function createBots(database: Database): Bots {
  const calls = Object.entries(openBots(database)).map(
    ([name, call]: [string, (...all: never[]) => Promise<unknown>]) => [
      name,
      (...all: never[]) => migrated(call(...all), "bots"),
    ],
  );
  return Object.fromEntries(calls) as Bots;
}

function openBots(database: Database): Bots {
  const select = (handle: Handle, owner: UserId) =>
    handle.select(BOT).from(bots).innerJoin(users, eq(users.id, bots.userId)).where(eq(bots.ownerId, owner)).$dynamic();
  return {
    create: (owner, bot, max, acting) =>
      database.transaction((handle) => create(handle, owner, { ...bot, max, acting })),
    async list(owner) {
      return (await database.query((handle) => select(handle, owner).orderBy(desc(bots.createdAt)))).map(toBot);
    },
    async find(owner, bot) {
      const own = and(eq(bots.ownerId, owner), eq(bots.userId, bot));
      const [found] = await database.query((handle) => select(handle, owner).where(own));
      return found === undefined ? null : toBot(found);
    },
    delete: (owner, bot, acting) =>
      database.transaction(async (handle) => {
        const own = and(eq(bots.ownerId, owner), eq(bots.userId, bot));
        const gone = await handle.delete(bots).where(own).returning({ id: bots.userId });
        if (gone.length > 0) await writeAudit(handle, { ...acting, act: "bot_delete", subject: bot });
        return gone.length > 0;
      }),
    ...createHooks(database),
  };
}

const selectHooks = (handle: Handle) =>
  handle.select(HOOK).from(incomingHooks).innerJoin(users, eq(users.id, incomingHooks.botId)).$dynamic();

function createHooks(database: Database): Pick<Bots, "addHook" | "hooks" | "removeHook" | "useHook"> {
  return {
    addHook: ({ room, bot, secretHash }, max, acting) =>
      database.transaction(async (handle) => {
        // Two that add at once are counted one after the other.
        await handle.select({ id: rooms.id }).from(rooms).where(eq(rooms.id, room)).for("update");
        if ((await handle.$count(incomingHooks, eq(incomingHooks.roomId, room))) >= max) return null;
        const id = newId();
        await handle.insert(incomingHooks).values({ id, roomId: room, botId: bot, secretHash });
        await writeAudit(handle, { ...acting, act: "hook_create", room, subject: bot, details: { hook: id } });
        const [made] = await selectHooks(handle).where(eq(incomingHooks.id, id));
        return made === undefined ? null : toHook(made);
      }),
    async hooks(room) {
      const ofRoom = eq(incomingHooks.roomId, room);
      const found = await database.query((handle) =>
        selectHooks(handle).where(ofRoom).orderBy(desc(incomingHooks.createdAt)),
      );
      return found.map(toHook);
    },
    removeHook: (room, id, acting) =>
      database.transaction(async (handle) => {
        const ofRoom = and(eq(incomingHooks.roomId, room), eq(incomingHooks.id, id));
        const gone = await handle.delete(incomingHooks).where(ofRoom).returning({ bot: incomingHooks.botId });
        for (const { bot } of gone) {
          const subject = bot as UserId;
          await writeAudit(handle, { ...acting, act: "hook_delete", room, subject, details: { hook: id } });
        }
        return gone.length > 0;
      }),
    useHook: (id, secretHash) => useHook(database, id, secretHash),
  };
}

async function useHook(database: Database, id: string, secretHash: string): Promise<IncomingHook | null> {
  const known = and(eq(incomingHooks.id, id), eq(incomingHooks.secretHash, secretHash));
  const [found] = await database.query((handle) => selectHooks(handle).where(known));
  if (found === undefined) return null;
  const hook = toHook(found);
  const [owned] = await database.query((handle) =>
    handle.select({ owner: bots.ownerId }).from(bots).where(eq(bots.userId, hook.bot.id)),
  );
  for (const user of [hook.bot.id, owned?.owner as UserId])
    await database.query((handle) => refuseSuspended(handle, user));
  const isDue = and(known, or(isNull(incomingHooks.usedAt), lt(incomingHooks.usedAt, NOTED_BEFORE)));
  await database.query((handle) => handle.update(incomingHooks).set({ usedAt: sql`clock_timestamp()` }).where(isDue));
  return hook;
}

interface NewBot {
  readonly username: string;
  readonly passwordHash: string;
  readonly max: number;
  readonly acting: Acting;
}

/** The owner's row is locked: two that create at once are counted one after the other. */
async function create(handle: Handle, owner: UserId, { username, passwordHash, max, acting }: NewBot) {
  await lockUser(handle, owner);
  const own = await handle
    .select(BOT)
    .from(bots)
    .innerJoin(users, eq(users.id, bots.userId))
    .where(eq(bots.ownerId, owner));
  const known = own.find((bot) => usernameKey(bot.username) === usernameKey(username));
  if (known !== undefined) return { ...toBot(known), isNew: false };
  if (own.length >= max) return null;
  const user: PublicUser = { id: newBotId(), username };
  const values = { ...user, email: null, passwordHash, skeleton: skeletonOf(username), creationKey: null };
  const made = await handle.insert(users).values(values).onConflictDoNothing().returning({ id: users.id });
  if (made.length === 0) throw new ProtocolError("username_taken");
  await handle.insert(bots).values({ userId: user.id, ownerId: owner });
  await writeAudit(handle, { ...acting, act: "bot_create", subject: user.id });
  return { user: withBadge(user), createdAt: new Date(), isNew: true };
}

function toBot({ id, username, createdAt }: { id: string; username: string; createdAt: Date }): Bot {
  return { user: withBadge({ id: id as UserId, username }), createdAt };
}

type HookRow = Omit<IncomingHook, "room" | "bot"> & { room: string; bot: { id: string; username: string } };

function toHook({ room, bot, ...hook }: HookRow): IncomingHook {
  return { ...hook, room: room as RoomId, bot: withBadge({ ...bot, id: bot.id as UserId }) };
}
