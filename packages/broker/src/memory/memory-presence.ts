import type { NodeInfo, SessionId, UserId } from "@hubbub/protocol";
import type { Presence } from "../roles/presence.ts";
import type { Revocations } from "../roles/revocations.ts";

/** One process, one node: the users online are those connected here, and the lease is the life of the process. */
export class MemoryPresence implements Presence {
  /** Bounded by the nodes and connections of this process. */
  readonly #people = new Map<string, Set<UserId>>();
  readonly #infos = new Map<string, NodeInfo>();

  async renew(info: Omit<NodeInfo, "seenAt">): Promise<void> {
    this.#infos.set(info.node, { ...info, seenAt: Date.now() });
  }

  async set(node: string, users: readonly UserId[], online: boolean): Promise<void> {
    const people = this.#people.get(node) ?? new Set();
    for (const user of users) {
      if (online) people.add(user);
      else people.delete(user);
    }
    this.#people.set(node, people);
  }

  async drop(node: string): Promise<void> {
    this.#people.delete(node);
    this.#infos.delete(node);
  }

  async online(users: readonly UserId[]): Promise<readonly boolean[]> {
    const nodes = [...this.#people.values()];
    return users.map((user) => nodes.some((people) => people.has(user)));
  }

  async nodes(): Promise<readonly NodeInfo[]> {
    return [...this.#infos.values()];
  }
}

/** Each lives as long as an access token; above this many the ones that ended are dropped at the next `add`. */
const SWEEP_AT = 1_000;

export class MemoryRevocations implements Revocations {
  readonly #until = new Map<SessionId, number>();
  #sweepAt = SWEEP_AT;

  async add(session: SessionId, ttlMs: number): Promise<void> {
    if (this.#until.size >= this.#sweepAt) this.#sweep();
    this.#until.set(session, Date.now() + ttlMs);
  }

  async has(session: SessionId): Promise<boolean> {
    return (this.#until.get(session) ?? 0) > Date.now();
  }

  #sweep(): void {
    const now = Date.now();
    for (const [session, until] of this.#until) if (until <= now) this.#until.delete(session);
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#until.size);
  }
}
