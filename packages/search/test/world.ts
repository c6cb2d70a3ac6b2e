import { type EventId, newId, type PublicUser, type RoomEvent, type RoomId, type SearchPage } from "@hubbub/protocol";
import type { Store } from "@hubbub/store";
import { createSearcher } from "../src/searcher.ts";
import { toWrite } from "../src/to-write.ts";

const HOUR_MS = 3_600_000;
let serial = 0;
const fresh = (prefix: string): string => `${prefix}-${++serial}`;

/** A room with members, and what they say in it, straight into the rows. */
export class TestRoom {
  readonly id: RoomId;
  readonly name: string;
  readonly owner: PublicUser;
  readonly #store: Store;
  #seq = 0;

  private constructor(store: Store, id: RoomId, name: string, owner: PublicUser) {
    this.#store = store;
    [this.id, this.name, this.owner] = [id, name, owner];
  }

  static async open(store: Store): Promise<TestRoom> {
    const owner = await createUser(store);
    const name = fresh("room");
    const { id } = await store.rooms.create({ name, visibility: "private", topic: "", createdBy: owner.id });
    return new TestRoom(store, id, name, owner);
  }

  /** Stores events in one batch and returns their numbers. */
  async say(...bodies: readonly (string | Partial<RoomEvent>)[]): Promise<number[]> {
    const events = bodies.map((body) => {
      this.#seq += 1;
      const given = typeof body === "string" ? { text: body } : body;
      const head = {
        type: "event",
        room: this.id,
        epoch: 1,
        seq: this.#seq,
        at: 1_700_000_000_000 + this.#seq * 1_000,
      };
      return { ...head, by: this.owner, kind: "message", id: newId<EventId>(), ...given } as RoomEvent;
    });
    await append(this.#store, events);
    return events.map(({ seq }) => seq);
  }
}

export function createUser(store: Store): Promise<PublicUser> {
  return store.users.create({ username: fresh("user"), passwordHash: "hash" });
}

async function append(store: Store, events: readonly RoomEvent[]): Promise<void> {
  const lease = await store.shards.acquire(++serial, fresh("writer"), HOUR_MS);
  if (lease === null) throw new Error("the shard is taken");
  await store.events.append({ lease, offset: "1-0", events });
}

export async function takeLease(store: Store, owner = "test"): Promise<number> {
  const token = await store.searchIndex.acquire(owner, HOUR_MS);
  if (token === null) throw new Error("somebody else indexes");
  return token;
}

/** Brings the index up to the rows, in steps of some events. */
export async function index(store: Store, stepEvents = 1_000): Promise<void> {
  const token = await takeLease(store);
  for (;;) {
    const changed = await store.searchIndex.changed(stepEvents);
    const unindexed = changed.entries.length > 0 ? changed : await store.searchIndex.older(stepEvents);
    if (unindexed === null) break;
    await store.searchIndex.write(token, toWrite(unindexed));
  }
  await store.searchIndex.release(token);
}

/** As `createSearcher` answers, brief. */
export function searcherOf(store: Store) {
  const searcher = createSearcher(store.search);
  const page = (user: PublicUser, text: string, cursor?: string): Promise<SearchPage> =>
    searcher.page(user.id, text, cursor);
  return {
    page,
    texts: async (user: PublicUser, text: string) => (await page(user, text)).results.map((result) => result.text),
    /** Of all pages. */
    async all(user: PublicUser, text: string): Promise<number[]> {
      const seqs: number[] = [];
      for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
        const { results, cursor: next } = await page(user, text, cursor);
        seqs.push(...results.map(({ seq }) => seq));
        cursor = next;
      }
      return seqs;
    },
  };
}
