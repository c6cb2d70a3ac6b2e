import { HubbubError } from "@hubbub/client";
import type { PublicUser, Room, RoomId } from "@hubbub/protocol";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { MATCH, matchOf } from "./match.ts";
import { PageStorage } from "./page-storage.ts";
import { RecentRooms } from "./recent-rooms.ts";
import { Switcher, type SwitcherHost } from "./switcher.ts";
import { entriesOf, type Sources } from "./switcher-entries.ts";

const room = (name: string, visibility = "public"): Room => ({ id: name, name, visibility }) as never;
const NONE: Sources = { joined: [], found: [], people: [], messages: [], recent: [] };
const names = (query: string, sources: Partial<Sources>) =>
  entriesOf(query, { ...NONE, ...sources }).map(({ name }) => name);

test.each([
  ["tea", "Tea", MATCH.whole],
  ["te", "tea-room", MATCH.start],
  ["ro", "tea-room", MATCH.word],
  ["ea", "tea-room", MATCH.part],
  ["trm", "tea-room", MATCH.fuzzy],
  ["rt", "tea-room", MATCH.none],
  ["cafe", "Café", MATCH.whole],
  ["ро", "проба", MATCH.part],
])("%s in %s", (query, name, expected) => {
  expect(matchOf(query, name)).toBe(expected);
});

test("better names come first, then rooms that were opened last", () => {
  const joined = ["steam", "green-tea", "tea-b", "tea-a", "the-great"].map((name) => room(name));
  const recent = ["tea-b", "steam"] as RoomId[];
  expect(names("tea", { joined, recent })).toEqual(["tea-b", "tea-a", "green-tea", "steam", "the-great"]);
});

test("own rooms, direct rooms and people come before rooms that one is not in, and messages come last", () => {
  const sources = {
    joined: [room("tea", "direct"), room("tea")],
    found: [room("tea"), room("teas")],
    people: [{ id: "t", username: "tea" }] as PublicUser[],
    messages: [{ room: "tea" as RoomId, seq: 1, by: "ada", text: "more tea" }],
  };
  const entries = entriesOf("tea", { ...NONE, ...sources });
  expect(entries.map(({ kind }) => kind)).toEqual(["room", "direct", "person", "found", "message"]);
  expect(entriesOf("", { ...NONE, ...sources }).map(({ kind }) => kind)).toEqual(["room", "direct"]);
});

test("whatever is typed, each entry is there once, and none after a worse one", () => {
  const name = fc.string({ unit: fc.constantFrom(..."aäb -"), minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(name, fc.uniqueArray(name, { maxLength: 80 }), (query, list) => {
      const entries = entriesOf(query, { ...NONE, joined: list.map((one) => room(one)) });
      expect(entries.length).toBeLessThanOrEqual(50);
      expect(new Set(entries.map(({ key }) => key)).size).toBe(entries.length);
      const ranks = entries.map((entry) => matchOf(query, entry.name));
      expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
    }),
  );
});

function setUp() {
  const timers: { work: () => void; isStopped: boolean }[] = [];
  const listRooms = vi.fn<(query: { query?: string }) => Promise<{ rooms: Room[] }>>(async () => ({ rooms: [] }));
  const search = vi.fn<(query: string) => Promise<unknown>>(async () => ({ results: [] }));
  const joined = ["tea", "team", "coffee"].map((name) => room(name));
  const switcher = new Switcher({
    http: { listRooms, search },
    known: () => ({ joined, people: [], recent: [] }),
    later: (work: () => void) => {
      const timer = { work, isStopped: false };
      timers.push(timer);
      return () => {
        timer.isStopped = true;
      };
    },
    changed: () => undefined,
  } as unknown as SwitcherHost);
  const run = (): void => {
    for (const timer of timers.splice(0)) if (!timer.isStopped) timer.work();
  };
  return { switcher, listRooms, search, run };
}

test("the server is asked when the keys rest, and an answer to an earlier query is passed over", async () => {
  const { switcher, listRooms, search, run } = setUp();
  let answerLate = (): void => undefined;
  listRooms.mockImplementationOnce(
    () =>
      new Promise((resolve) => {
        answerLate = () => resolve({ rooms: [room("tea-late")] });
      }),
  );
  switcher.open();
  switcher.type("t");
  switcher.type("te");
  switcher.type("tea");
  run();
  expect(search.mock.calls).toEqual([["tea"]]);
  switcher.type("team");
  answerLate();
  await new Promise((resolve) => setTimeout(resolve));
  expect(switcher.state).toMatchObject({ query: "team", isSearching: true, entries: [{ name: "team" }] });
  listRooms.mockResolvedValueOnce({ rooms: [room("team-found")] });
  search.mockResolvedValueOnce({ results: [{ room: "tea", seq: 3, by: { username: "ada" }, text: "the team" }] });
  run();
  await vi.waitFor(() => expect(switcher.state?.isSearching).toBe(false));
  expect(switcher.state?.entries.map(({ name }) => name)).toEqual(["team", "team-found", "the team"]);
});

test("a refusal finds nothing, and what is no search is not asked for", async () => {
  const { switcher, listRooms, search, run } = setUp();
  listRooms.mockRejectedValueOnce(new HubbubError("rate_limited"));
  switcher.type('"tea');
  run();
  await vi.waitFor(() => expect(switcher.state?.isSearching).toBe(false));
  expect(search).not.toHaveBeenCalled();
});

test("keys move over the entries and round the ends; the chosen one stays chosen", async () => {
  const { switcher, listRooms, run } = setUp();
  switcher.type("te");
  const chosen = () => switcher.state?.chosen;
  expect(chosen()).toBe("room tea");
  switcher.move(1);
  expect(chosen()).toBe("room team");
  listRooms.mockResolvedValueOnce({ rooms: [room("te")] });
  run();
  await vi.waitFor(() => expect(switcher.state?.isSearching).toBe(false));
  expect(switcher.state?.entries.map(({ name }) => name)).toEqual(["te", "tea", "team"]);
  expect(chosen()).toBe("room team");
  switcher.move(1);
  expect(chosen()).toBe("room te");
  switcher.move(-1);
  expect(switcher.choose()).toMatchObject({ name: "team" });
  expect(switcher.state).toBeUndefined();
});

test("the last twenty rooms are kept, the last one first", () => {
  const recent = new RecentRooms(new PageStorage(() => ({}) as Storage, "hubbub."), "me");
  for (let count = 0; count < 25; count += 1) recent.opened(`r${count}` as RoomId);
  recent.opened("r10" as RoomId);
  expect(recent.all).toHaveLength(20);
  expect(recent.all.slice(0, 3)).toEqual(["r10", "r24", "r23"]);
});
