import type { NodeInfo, UserId } from "@hubbub/protocol";
import type { Active, Presence } from "../roles/presence.ts";
import { MemoryFigures } from "./memory-figures.ts";

/** One process, one node: the users online are those connected here, and the lease is the life of the process. */
export class MemoryPresence implements Presence {
  readonly figures = new MemoryFigures();
  /** Bounded by the nodes and connections of this process. */
  readonly #people = new Map<string, Map<UserId, number>>();
  readonly #infos = new Map<string, NodeInfo>();

  async renew(info: Omit<NodeInfo, "seenAt">): Promise<void> {
    this.#infos.set(info.node, { ...info, seenAt: Date.now() });
  }

  async set(node: string, users: readonly UserId[], online: boolean): Promise<void> {
    const people = this.#people.get(node) ?? new Map<UserId, number>();
    for (const user of users) {
      if (online) people.set(user, people.get(user) ?? 0);
      else people.delete(user);
    }
    this.#people.set(node, people);
  }

  async active(node: string, people: readonly Active[]): Promise<void> {
    const there = this.#people.get(node);
    for (const { user, at } of people) if (there?.has(user)) there.set(user, at);
  }

  async activeAt(users: readonly UserId[]): Promise<readonly (number | undefined)[]> {
    const nodes = [...this.#people.values()];
    return users.map((user) => {
      const times = nodes.flatMap((people) => people.get(user) ?? []);
      if (times.length === 0) return undefined;
      return times.includes(0) ? 0 : Math.max(...times);
    });
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
