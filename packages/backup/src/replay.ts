import { outranks, ProtocolError, ROLES, type RoomId, type UserId } from "@hubbub/protocol";
import type { Store } from "@hubbub/store";
import type { LedgerAct, LedgerEntry } from "./ledger.ts";

const OPERATOR = { by: "operator" } as const;

/** What an act gives back that another one has taken. */
const GIVES_BACK: Readonly<Record<string, string>> = {
  member_unban: "member_ban",
  account_unsuspend: "account_suspend",
  room_reopen: "room_delete",
};

type ReplayStore = Pick<Store, "erasures" | "users" | "bans" | "members" | "admin" | "rooms" | "signin">;

export interface Replayed {
  readonly erasures: number;
  readonly acts: number;
  /** Acts whose user or room the backup does not have, or that it cannot take. */
  readonly left: number;
}

/**
 * Repeats what took something away after `since`. All erasures are repeated, because that is harmless. What was given after
 * `since` stays lost.
 */
export async function replay(store: ReplayStore, entries: readonly LedgerEntry[], since: Date): Promise<Replayed> {
  const done = { erasures: 0, acts: 0, left: 0 };
  for (const act of lossesSince(entries, since)) {
    const isDone = await again(store, act).catch((error: unknown) => {
      if (error instanceof ProtocolError) return false;
      throw error;
    });
    done[isDone ? "acts" : "left"] += 1;
  }
  for (const entry of entries) {
    if (!("erased" in entry)) continue;
    const user = entry.erased as UserId;
    const requestedAt = new Date(entry.at);
    if ((await store.erasures.request(user, requestedAt, OPERATOR)) !== null) done.erasures += 1;
    else if ((await store.users.find(user)) === null) await store.erasures.note({ user, requestedAt, doneAt: null });
  }
  return done;
}

/** The last one of each kind for each user and room, in the order of time, without what was given back. */
export function lossesSince(entries: readonly LedgerEntry[], since: Date): readonly LedgerAct[] {
  const later = entries.filter((entry): entry is LedgerAct => "act" in entry && Date.parse(entry.at) > since.getTime());
  const losses = new Map<string, LedgerAct>();
  for (const act of later.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at))) {
    const key = `${GIVES_BACK[act.act] ?? act.act} ${act.room} ${act.subject}`;
    losses.delete(key);
    if (GIVES_BACK[act.act] === undefined) losses.set(key, act);
  }
  return [...losses.values()];
}

/** false: there is nobody, or nothing, to do it to. */
async function again(store: ReplayStore, act: LedgerAct): Promise<boolean> {
  const room = act.room as RoomId | null;
  const user = act.subject as UserId | null;
  if (act.act === "room_delete") return room !== null && (await store.rooms.close(room, OPERATOR));
  if (user === null || (await store.users.find(user)) === null) return false;
  return room === null ? ofAccount(store, act, user) : ofMember(store, act, room, user);
}

async function ofMember(store: ReplayStore, act: LedgerAct, room: RoomId, user: UserId): Promise<boolean> {
  if ((await store.rooms.find(room)) === null) return false;
  if (act.act === "member_remove") return (await store.members.remove(room, user, OPERATOR)) === "left";
  if (act.act === "role_set") return lowerRole(store, act, room, user);
  if (act.act !== "member_ban" || hasEnded(act)) return false;
  await store.bans.add(room, user, { by: act.by as UserId, reason: act.note ?? "", until: untilOf(act) });
  return true;
}

async function lowerRole(store: ReplayStore, act: LedgerAct, room: RoomId, user: UserId): Promise<boolean> {
  const role = ROLES.find((one) => one === act.details?.["role"]);
  const [present = null] = await store.members.roles([{ room, user }]);
  if (role === undefined || present === null || outranks(role, present)) return false;
  return (await store.members.setRole(room, user, role, OPERATOR)) === "set";
}

async function ofAccount(store: ReplayStore, act: LedgerAct, user: UserId): Promise<boolean> {
  if (act.act === "account_suspend") {
    if (hasEnded(act)) return false;
    await store.admin.suspend(user, { reason: act.note ?? "", until: untilOf(act) }, OPERATOR);
    return true;
  }
  if (act.act === "server_role_set")
    return (act.details?.["role"] ?? null) === null && (await store.admin.setRole(user, null, OPERATOR));
  // Which token it was does not matter: users make new ones.
  return act.act === "token_revoke" && (await store.signin.tokens.revokeAll(user, OPERATOR)).tokens > 0;
}

function untilOf({ details }: LedgerAct): Date | null {
  const until = details?.["until"];
  return typeof until === "number" ? new Date(until) : null;
}

function hasEnded(act: LedgerAct): boolean {
  const until = untilOf(act);
  return until !== null && until.getTime() <= Date.now();
}
