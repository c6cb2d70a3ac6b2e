import { type NodeInfo, newId, type UserId } from "@hubbub/protocol";
import type { Keys } from "../keys.ts";
import type { Figures } from "../roles/figures.ts";
import type { Active, Presence } from "../roles/presence.ts";
import type { Link } from "./link.ts";
import { createRedisFigures } from "./redis-figures.ts";

/** A node that has not renewed its lease within this time is gone, and its users are offline. */
const LEASE_MS = 10_000;

/**
 * One hash of online users and one string of figures per node, both expiring with the lease, and one sorted set of nodes. A
 * renewal after an expired lease writes the hash again from the users that this process has set. Each run of a process is a node of
 * its own here: one that comes back under its name must not renew what a killed run has left.
 */
export class RedisPresence implements Presence {
  readonly figures: Figures;
  readonly #link: Link;
  readonly #keys: Keys;
  readonly #run = newId();
  /** The online users that this process has set, by node, with their last activity; bounded by their connections. */
  readonly #told = new Map<string, Map<UserId, number>>();

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
    this.figures = createRedisFigures(link, keys);
  }

  async renew(info: Omit<NodeInfo, "seenAt">): Promise<void> {
    const node = this.#nameOf(info.node);
    const people = this.#keys.people(node);
    await this.#link.call(async (redis) => {
      const [seconds, micros] = await redis.time();
      const seenAt = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
      const kept = await redis.pexpire(people, LEASE_MS);
      // Read after the awaits: a `set` called meanwhile was sent before this command, a later one will be sent after it.
      const told = [...(this.#told.get(info.node) ?? [])];
      const renewal = redis
        .multi()
        .zadd(this.#keys.nodes, seenAt, node)
        .zremrangebyscore(this.#keys.nodes, "-inf", seenAt - LEASE_MS)
        .set(this.#keys.nodeInfo(node), JSON.stringify({ ...info, seenAt }), "PX", LEASE_MS);
      if (kept === 0 && told.length > 0) renewal.hset(people, fields(told)).pexpire(people, LEASE_MS);
      await renewal.exec();
    });
  }

  /** One transaction for all users: a transaction for each would make most of the garbage of a connection storm. */
  async set(node: string, users: readonly UserId[], online: boolean): Promise<void> {
    if (users.length === 0) return;
    const told = this.#told.get(node) ?? new Map<UserId, number>();
    for (const user of users) {
      if (online) told.set(user, told.get(user) ?? 0);
      else told.delete(user);
    }
    this.#told.set(node, told);
    const people = this.#keys.people(this.#nameOf(node));
    await this.#link.call<unknown>((redis) =>
      online
        ? redis
            .multi()
            .hset(people, fields(users.map((user) => [user, 0])))
            .pexpire(people, LEASE_MS)
            .exec()
        : redis.hdel(people, ...users, ...users.map(activityOf)),
    );
  }

  async active(node: string, people: readonly Active[]): Promise<void> {
    const told = this.#told.get(node);
    const there = people.filter(({ user }) => told?.has(user) === true);
    for (const { user, at } of there) told?.set(user, at);
    if (there.length === 0) return;
    const values = new Map(there.map(({ user, at }) => [activityOf(user), String(at)]));
    const key = this.#keys.people(this.#nameOf(node));
    await this.#link.call((redis) => redis.multi().hset(key, values).pexpire(key, LEASE_MS).exec());
  }

  async drop(node: string): Promise<void> {
    this.#told.delete(node);
    const name = this.#nameOf(node);
    await this.#link.call((redis) =>
      redis.multi().zrem(this.#keys.nodes, name).del(this.#keys.nodeInfo(name), this.#keys.people(name)).exec(),
    );
  }

  async online(users: readonly UserId[]): Promise<readonly boolean[]> {
    if (users.length === 0) return [];
    return await this.#link.call(async (redis) => {
      const nodes = await redis.zrange(this.#keys.nodes, "0", "-1");
      const there = await Promise.all(nodes.map((node) => redis.hmget(this.#keys.people(node), ...users)));
      return users.map((_user, at) => there.some((people) => people[at] === "1"));
    });
  }

  async activeAt(users: readonly UserId[]): Promise<readonly (number | undefined)[]> {
    if (users.length === 0) return [];
    return await this.#link.call(async (redis) => {
      const nodes = await redis.zrange(this.#keys.nodes, "0", "-1");
      const asked = [...users, ...users.map(activityOf)];
      const there = await Promise.all(nodes.map((node) => redis.hmget(this.#keys.people(node), ...asked)));
      return users.map((_user, at) => {
        const online = there.filter((people) => people[at] === "1");
        return online.length === 0 ? undefined : newest(online.map((people) => Number(people[users.length + at] ?? 0)));
      });
    });
  }

  async nodes(): Promise<readonly NodeInfo[]> {
    return await this.#link.call(async (redis) => {
      const nodes = await redis.zrange(this.#keys.nodes, "0", "-1");
      if (nodes.length === 0) return [];
      const infos = await redis.mget(nodes.map((node) => this.#keys.nodeInfo(node)));
      return infos.filter((info) => info !== null).map((info) => JSON.parse(info) as NodeInfo);
    });
  }

  #nameOf(node: string): string {
    return `${node}:${this.#run}`;
  }
}

/** A field of its own: processes of earlier versions read the other one. */
const activityOf = (user: UserId): string => `${user}:at`;

function fields(told: readonly (readonly [UserId, number])[]): Map<string, string> {
  const active = told.filter(([, at]) => at > 0).map(([user, at]) => [activityOf(user), String(at)] as const);
  return new Map([...told.map(([user]) => [user, "1"] as const), ...active]);
}

/** A node that knows nothing of the user's activity makes it unknown. */
function newest(times: readonly number[]): number {
  return times.includes(0) ? 0 : Math.max(...times);
}
