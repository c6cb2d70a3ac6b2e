import type { ControlMessage } from "@hubbub/broker";
import { CLOSE, ERRORS, type RoomId, type SessionId, type UserId } from "@hubbub/protocol";
import { isUnavailable, type Store } from "@hubbub/store";
import type { Connection } from "./connections/connection.ts";
import { encodeError, encodeRemoved } from "./connections/frames.ts";
import type { Context } from "./context.ts";

/** Pairs of member and room from which the store is asked, and sessions in one round to the broker. */
const MEMBERS_PAGE = 1_000;
const SESSIONS_PAGE = 100;

export function applyControl(context: Context, message: ControlMessage): void {
  switch (message.type) {
    case "session-revoked":
      closeSession(context, message.session);
      break;
    case "member-added":
      context.membership.forget(message.room, message.user);
      break;
    case "member-removed":
      context.membership.forget(message.room, message.user);
      removeMember(context, message.room, message.user);
      break;
  }
}

/** Runs after an interruption, which may have lost control messages: looks up everything that they could have said. */
export async function recheck(context: Context, store: Store): Promise<void> {
  const sessions = [...context.connections.sessions];
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

function closeSession({ connections }: Context, session: SessionId): void {
  for (const connection of connections.ofSession(session)) {
    connection.send(encodeError(undefined, { code: "session_revoked", message: ERRORS.session_revoked.means }));
    connection.close(CLOSE.sessionRevoked, "session_revoked");
  }
}

function removeMember({ connections, hub }: Context, room: RoomId, user: UserId): void {
  for (const connection of connections.ofUser(user)) {
    const subscription = connection.subscriptions.get(room);
    if (subscription === undefined) continue;
    hub.leave(connection, room, subscription);
    connection.send(encodeRemoved({ room, user }));
  }
}
