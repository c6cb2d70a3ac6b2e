import type { RoomId, SessionId, UserId } from "@hubbub/protocol";
import { isUnavailable, type Store } from "@hubbub/store";
import { removeMember } from "../closed-room.ts";
import type { Connection } from "../connections/connection.ts";
import type { Context } from "../context.ts";
import { closeSession } from "../control.ts";

/** Pairs of member and room from which the store is asked, and sessions in one round to the broker. */
const MEMBERS_PAGE = 1_000;
const SESSIONS_PAGE = 100;

/** Runs after an interruption, which may have lost control messages: looks up everything that they could have said. */
export async function recheck(context: Context, store: Store): Promise<void> {
  const sessions = [...context.connections.bySession.keys()];
  for (let at = 0; at < sessions.length; at += SESSIONS_PAGE) {
    const page = sessions.slice(at, at + SESSIONS_PAGE);
    const [told, rows] = await Promise.all([
      Promise.all(page.map((session) => context.broker.revocations.has(session))),
      // The store also knows revocations that Redis has lost. A failed lookup must not prevent the others.
      store.sessions.revokedAmong(page).catch(noneWhenAway),
    ]);
    const revoked = new Set([...page.filter((_, index) => told[index]), ...rows]);
    for (const session of revoked) closeSession(context, session);
  }
  let pairs: Pair[] = [];
  for (const connection of [...context.connections]) {
    pairs.push(...subscribedPairs(connection));
    if (pairs.length < MEMBERS_PAGE) continue;
    await recheckMembers(context, store, pairs);
    pairs = [];
  }
  await recheckMembers(context, store, pairs);
}

async function recheckMembers(context: Context, store: Store, pairs: readonly Pair[]): Promise<void> {
  const roles = await store.members.roles(pairs);
  for (const [at, { room, user }] of pairs.entries()) if (roles[at] === null) removeMember(context, room, user);
}

function noneWhenAway(error: unknown): readonly SessionId[] {
  if (!isUnavailable(error)) throw error;
  return [];
}

interface Pair {
  readonly room: RoomId;
  readonly user: UserId;
}

function subscribedPairs({ identity, subscriptions }: Connection): Pair[] {
  return identity === null ? [] : [...subscriptions.keys()].map((room) => ({ room, user: identity.user.id }));
}
