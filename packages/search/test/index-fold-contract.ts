import { applyChange, type MessageState, type RoomEvent, targetOf, UNCHANGED } from "@hubbub/protocol";
import { SEARCH_FLAGS, type SearchFilter, type Store } from "@hubbub/store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toIndexText } from "../src/search-text.ts";
import { toWrite } from "../src/to-write.ts";
import { index, TestRoom } from "./world.ts";

type Body = Partial<RoomEvent> & { readonly text?: string };
type Step =
  | { readonly kind: "batch"; readonly bodies: readonly Body[] }
  /** `crash`: where the process ends: with what it has read, or behind its commit, of which it does not know. */
  | { readonly kind: "index"; readonly events: number; readonly crash: "none" | "read" | "write" }
  | { readonly kind: "takeover" }
  | { readonly kind: "rebuild" };

const target = fc.integer({ min: 1, max: 8 });
const body: fc.Arbitrary<Body> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Body>({ kind: "message" }) },
  { weight: 3, arbitrary: target.map((seq): Body => ({ kind: "edit", target: seq })) },
  { weight: 1, arbitrary: target.map((seq): Body => ({ kind: "delete", target: seq })) },
  { weight: 1, arbitrary: target.map((seq): Body => ({ kind: "pin", target: seq })) },
  { weight: 1, arbitrary: target.map((seq): Body => ({ kind: "pin", target: seq, remove: true })) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("batch" as const), bodies: fc.array(body, { minLength: 1, maxLength: 6 }) }),
  fc.record({
    kind: fc.constant("index" as const),
    events: fc.integer({ min: 1, max: 8 }),
    crash: fc.constantFrom("none" as const, "read" as const, "write" as const),
  }),
  fc.constantFrom<Step>({ kind: "takeover" }, { kind: "rebuild" }),
);

export function indexFoldContract(getStore: () => Store): void {
  test("the index is a fold over the events, whatever the batches, steps, crashes and changes of hands", async () => {
    const store = getStore();
    await index(store);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 14 }), async (steps) => {
        const run = new Run(store, await TestRoom.open(store));
        for (const one of steps) await run.take(one);
        await run.end();
        expect(await run.indexed()).toEqual(run.folded());
      }),
      { numRuns: 25 },
    );
  });
}

/** One room, its events, and the processes that index it. */
class Run {
  readonly #store: Store;
  readonly #room: TestRoom;
  readonly #events: RoomEvent[] = [];
  #owner = 0;
  #token: number | null = null;

  constructor(store: Store, room: TestRoom) {
    this.#store = store;
    this.#room = room;
  }

  async take(one: Step): Promise<void> {
    const { searchIndex } = this.#store;
    if (one.kind === "batch") return await this.#say(one.bodies);
    if (one.kind === "rebuild") return await searchIndex.rebuild();
    this.#token ??= await searchIndex.acquire(`run-${this.#owner}`, 60_000);
    const token = this.#token ?? 0;
    if (one.kind === "takeover") {
      await searchIndex.release(token);
      this.#owner += 1;
      this.#token = await searchIndex.acquire(`run-${this.#owner}`, 60_000);
      expect(await searchIndex.write(token, { documents: [], removed: [], entries: [], range: null })).toBe(false);
      return;
    }
    const changed = await searchIndex.changed(one.events);
    const unindexed = changed.entries.length > 0 ? changed : await searchIndex.older(one.events);
    if (unindexed === null || one.crash === "read") return;
    const write = toWrite(unindexed);
    expect(await searchIndex.write(token, write)).toBe(true);
    if (one.crash === "write") expect(await searchIndex.write(token, write)).toBe(true);
  }

  async end(): Promise<void> {
    if (this.#token !== null) await this.#store.searchIndex.release(this.#token);
    await index(this.#store, 100);
  }

  async #say(bodies: readonly Body[]): Promise<void> {
    const first = this.#events.length + 1;
    const whole = bodies.map((one, nth) => ({ ...one, ...(hasText(one) ? { text: textOf(first + nth) } : {}) }));
    const seqs = await this.#room.say(...whole);
    for (const [nth, seq] of seqs.entries()) {
      this.#events.push({ ...whole[nth], seq, at: seq, by: this.#room.owner } as RoomEvent);
    }
  }

  /** Each message that is not deleted: its seq, the seq of the event with its text, and whether it is pinned. */
  folded(): unknown[] {
    return this.#events.flatMap((message) => {
      if (message.kind !== "message") return [];
      const changes = this.#events.filter((event) => targetOf(event) === message.seq && event.kind !== "message");
      const state = changes.reduce<MessageState>(applyChange, UNCHANGED);
      if (state.isDeleted) return [];
      return [{ seq: message.seq, textOf: state.edited?.seq ?? message.seq, isPinned: state.isPinned }];
    });
  }

  /** The same as the index has it: every text is looked for. */
  async indexed(): Promise<unknown[]> {
    const found: { seq: number; textOf: number; isPinned: boolean }[] = [];
    const pinned = new Set(await this.#scan({ flags: SEARCH_FLAGS.pinned }));
    for (const event of this.#events.filter(hasText)) {
      for (const seq of await this.#scan({ needles: [toIndexText(textOf(event.seq))] })) {
        found.push({ seq, textOf: event.seq, isPinned: pinned.has(seq) });
      }
    }
    expect((await this.#scan({})).sort()).toEqual(found.map(({ seq }) => seq).sort());
    return found.sort((one, other) => one.seq - other.seq);
  }

  async #scan(filter: Partial<SearchFilter>): Promise<number[]> {
    const any = { needles: [], without: [], users: undefined, after: 0, before: 1e15, flags: 0 };
    const behind = { at: 1e15, room: this.#room.id, seq: 0 };
    const bounds = { documents: 1_000, results: 1_000, timeoutMs: 20_000 };
    const own = { ...any, rooms: [this.#room.id], ...filter };
    return (await this.#store.search.scan(this.#room.owner.id, own, behind, bounds)).places.map(({ seq }) => seq);
  }
}

const hasText = ({ kind }: Partial<RoomEvent>): boolean => kind === "message" || kind === "edit";
const textOf = (seq: number): string => `text ${seq}.`;
