import type { HistoryPage, HubbubHttp } from "@hubbub/client";
import { type Room, type RoomEvent, type RoomId, UNCHANGED } from "@hubbub/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Talk } from "./conversation.ts";
import { ENTRY_MAX, KEPT_MESSAGES_MAX, KEPT_ROOMS_MAX, OfflineCache } from "./offline-cache.ts";
import type { KeptEntry, OfflineStore } from "./offline-store.ts";
import { connectionWords } from "./offline-words.ts";
import { type ChatState, freshChat, NO_ROOMS } from "./state.ts";
import {
  EMPTY,
  isStored,
  shownItems,
  type Timeline,
  toItem,
  withLive,
  withNewer,
  withOlder,
  withWindow,
} from "./timeline.ts";

const ME = { id: "u1", username: "ada" } as ChatState["me"];
const by = ME;

class MemoryStore implements OfflineStore {
  entries = new Map<string, KeptEntry>();
  async all(user: string): Promise<KeptEntry[]> {
    return [...this.entries.values()].filter((entry) => entry.user === user);
  }
  async put(entry: KeptEntry): Promise<void> {
    this.entries.set(`${entry.user} ${entry.key}`, entry);
  }
  async remove(user: string, key: string): Promise<void> {
    this.entries.delete(`${user} ${key}`);
  }
  async clear(user?: string): Promise<void> {
    for (const [key, entry] of this.entries) if (entry.user !== user) this.entries.delete(key);
  }
}

const roomOf = (id: string, head: number) => ({ id, name: id, head }) as unknown as Room;
const eventOf = (seq: number, text: string) =>
  ({ type: "event", room: "r", epoch: 1, seq, at: seq, by, kind: "message", id: `m${seq}`, text }) as RoomEvent & {
    kind: "message";
  };
const itemOf = (seq: number, text: string, state = UNCHANGED) => toItem({ event: eventOf(seq, text), state });

function talkOf(id: string, items: Timeline["items"], change: Partial<Talk> = {}): Talk {
  const newest = items.at(-1)?.seq ?? 0;
  const timeline = { ...EMPTY, items, newest, head: newest, durable: new Map([[1, newest]]) };
  return { room: roomOf(id, newest), timeline, isLoading: false, closed: "", ...change } as Talk;
}

let store: MemoryStore;
let isLoggedIn: boolean;
let history: ReturnType<typeof vi.fn<HubbubHttp["history"]>>;
const make = () => new OfflineCache({ store, user: ME.id, http: { history }, isLoggedIn: () => isLoggedIn });
const textsOf = (timeline: Timeline) =>
  shownItems(timeline).map((item) => (item.kind === "message" ? (item.state.text ?? item.event.text) : item.text));
/** What a visit after this one reads. */
async function nextVisit(): Promise<OfflineCache> {
  await vi.advanceTimersByTimeAsync(2_000);
  const next = make();
  await next.open();
  return next;
}

beforeEach(() => {
  vi.stubGlobal("reportError", (error: unknown) => expect.fail(String(error)));
  vi.useFakeTimers({ now: new Date(2026, 0, 5, 14, 5) });
  store = new MemoryStore();
  isLoggedIn = true;
  history = vi.fn<HubbubHttp["history"]>();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the next visit reads rooms and messages in their last state, until the room is loaded", async () => {
  const cache = make();
  cache.listed({ ...NO_ROOMS, isWhole: true, joined: [roomOf("r", 3)] });
  cache.saw(talkOf("r", [itemOf(1, "one"), itemOf(2, "two"), itemOf(3, "three")]));
  const edited = itemOf(1, "one", { ...UNCHANGED, text: "one, edited" });
  const deleted = itemOf(2, "two", { ...UNCHANGED, isDeleted: true });
  const liked = itemOf(3, "three", { ...UNCHANGED, reactions: new Map([["👍", new Set([ME.id])]]) });
  cache.saw(talkOf("r", [edited, deleted, liked]));
  const next = await nextVisit();
  expect((await make().open()).map(({ id }) => id)).toEqual(["r"]);
  const kept = next.timeline("r" as RoomId);
  expect(textsOf(kept)).toEqual(["one, edited", "", "three"]);
  expect(kept.kept?.items.at(-1)?.state).toEqual(liked.state);
  expect(JSON.stringify([...store.entries.values()])).not.toMatch(/two|"one"/);
  expect(shownItems(kept).every((item) => isStored(kept, item))).toBe(true);
  const live = withLive(kept, 9);
  expect(textsOf(live)).toEqual(textsOf(kept));
  const page = { messages: [eventOf(8, "eight"), eventOf(9, "nine")], head: 9, epoch: 1 };
  const loaded = withOlder(live, 10, page);
  for (const { kept: left } of [withWindow(live, page), withNewer(live, live.newest, page)])
    expect(left).toBeUndefined();
  expect([textsOf(loaded), loaded.kept]).toEqual([["eight", "nine"], undefined]);
  expect(next.timeline("another" as RoomId)).toBe(EMPTY);
});

test("what is not stored at the server, or is shown from an earlier visit, is not kept as the present", async () => {
  const cache = make();
  const unsure = talkOf("r", [itemOf(1, "stored"), itemOf(2, "not yet")]);
  cache.saw({ ...unsure, timeline: { ...unsure.timeline, durable: new Map([[1, 1]]) } });
  expect(textsOf((await nextVisit()).timeline("r" as RoomId))).toEqual(["stored"]);
  const old = { ...EMPTY, kept: { at: 1, items: [itemOf(1, "old")] } };
  for (const change of [{ timeline: old }, { isLoading: true }]) cache.saw(talkOf("s", [], change));
  expect(store.entries.size).toBe(1);
});

test("a window that stands elsewhere is not kept: the last messages grow old from then on", async () => {
  const cache = make();
  const atHead = talkOf("r", [itemOf(8, "eight"), itemOf(9, "nine")]);
  cache.saw(atHead);
  const elsewhere = { ...EMPTY, items: [itemOf(1, "one")], newest: 1, head: 9, hasNewer: true };
  cache.saw({ ...atHead, timeline: { ...elsewhere, durable: atHead.timeline.durable } });
  const leftAt = Date.now();
  const next = await nextVisit();
  cache.seen();
  await vi.advanceTimersByTimeAsync(0);
  expect(textsOf(next.timeline("r" as RoomId))).toEqual(["eight", "nine"]);
  expect([...store.entries.values()].map(({ at }) => at)).toEqual([leftAt]);
});

test("what was kept of a room is not shown once the room is known to be empty", async () => {
  make().saw(talkOf("r", [itemOf(1, "void")]));
  const kept = (await nextVisit()).timeline("r" as RoomId);
  expect(textsOf(kept)).toEqual(["void"]);
  expect(textsOf(withLive(kept, 0))).toEqual([]);
});

test("rooms, messages and bytes have bounds", async () => {
  const cache = make();
  for (let index = 0; index < KEPT_ROOMS_MAX + 5; index += 1) {
    cache.saw(talkOf(`r${index}`, [itemOf(1, "hello")]));
    await vi.advanceTimersByTimeAsync(2_000);
  }
  expect([...store.entries.values()].map(({ key }) => key)).toEqual(
    Array.from({ length: KEPT_ROOMS_MAX }, (_, index) => `r${index + 5}`),
  );
  const long = "x".repeat(8_000);
  cache.saw(
    talkOf(
      "long",
      Array.from({ length: 200 }, (_, index) => itemOf(index + 1, long)),
    ),
  );
  cache.saw(
    talkOf(
      "many",
      Array.from({ length: 200 }, (_, index) => itemOf(index + 1, "short")),
    ),
  );
  const next = await nextVisit();
  expect(store.entries.size).toBe(KEPT_ROOMS_MAX);
  expect(store.entries.get("u1 long")?.text.length).toBeLessThanOrEqual(ENTRY_MAX);
  expect(textsOf(next.timeline("long" as RoomId)).length).toBeGreaterThan(10);
  expect(shownItems(next.timeline("many" as RoomId)).map(({ seq }) => seq)).toEqual(
    Array.from({ length: KEPT_MESSAGES_MAX }, (_, index) => 151 + index),
  );
});

test("the first list of a visit has changed rooms loaded again and removes those that are left", async () => {
  const cache = make();
  for (const id of ["same", "changed", "left", "refused"]) cache.saw(talkOf(id, [itemOf(1, `of ${id}`)]));
  const next = await nextVisit();
  history.mockResolvedValue({
    messages: [eventOf(1, ""), eventOf(2, "new")],
    head: 3,
    epoch: 1,
  } as unknown as HistoryPage);
  const joined = [roomOf("same", 1), roomOf("changed", 3), roomOf("refused", 1)];
  next.listed({ ...NO_ROOMS, joined, isLoading: false });
  expect(history).not.toHaveBeenCalled();
  next.listed({ ...NO_ROOMS, isWhole: true, joined });
  next.saw(talkOf("refused", [], { closed: "you are no member" }));
  const third = await nextVisit();
  expect(history.mock.calls).toEqual([["changed", { limit: KEPT_MESSAGES_MAX }]]);
  expect(textsOf(third.timeline("changed" as RoomId))).toEqual(["", "new"]);
  expect(textsOf(third.timeline("same" as RoomId))).toEqual(["of same"]);
  for (const id of ["left", "refused"]) expect(third.timeline(id as RoomId)).toBe(EMPTY);
});

test("a logout removes everything, and nothing is written behind it, also by another tab", async () => {
  const [cache, otherTab] = [make(), make()];
  cache.saw(talkOf("r", [itemOf(1, "secret")]));
  otherTab.saw(talkOf("s", [itemOf(1, "secret")]));
  await vi.advanceTimersByTimeAsync(2_000);
  cache.saw(talkOf("r", [itemOf(1, "secret"), itemOf(2, "more")]));
  otherTab.saw(talkOf("s", [itemOf(1, "secret"), itemOf(2, "more")]));
  cache.forget();
  isLoggedIn = false;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(store.entries.size).toBe(0);
  isLoggedIn = true;
  const put = store.put.bind(store);
  store.put = async (entry) => {
    await put(entry);
    isLoggedIn = false;
  };
  otherTab.seen();
  await vi.advanceTimersByTimeAsync(0);
  expect(store.entries.size).toBe(0);
});

test("the page says since when messages are old, and only while they are", async () => {
  const cache = make();
  cache.saw(talkOf("r", [itemOf(1, "one")]));
  await vi.advanceTimersByTimeAsync(2_000);
  cache.lost();
  await vi.advanceTimersByTimeAsync(3_600_000);
  cache.seen();
  const timeline = (await nextVisit()).timeline("r" as RoomId);
  const state = { ...freshChat(ME), open: { id: "r", stage: "in", room: roomOf("r", 1) } } as ChatState;
  const shown = (own: Timeline): ChatState => ({
    ...state,
    talks: new Map([["r" as RoomId, { ...talkOf("r", []), timeline: own }]]),
  });
  const time = new Date(2026, 0, 5, 14, 5).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  expect(connectionWords(shown(timeline), false)).toBe(`You are offline. These messages were here at ${time}.`);
  const tomorrow = new Date(2026, 0, 6);
  expect(connectionWords(shown(timeline), false, tomorrow)).toContain(
    `${time} on ${new Date(2026, 0, 5).toLocaleDateString()}`,
  );
  expect(connectionWords({ ...shown(timeline), isConnected: false }, true)).toMatch(/^Connection lost.* were here at/);
  expect(connectionWords(shown(timeline), true)).toBe("");
  expect(connectionWords(shown(EMPTY), false)).toBe(
    "You are offline. What you send goes out when the network is back.",
  );
});
