import type { EventId, RoomEvent, RoomId, StateOfMessage, UserId } from "@hubbub/protocol";
import type { Person } from "@hubbub/testkit";
import { expect, test } from "vitest";
import { compareFolds } from "./compare-folds.ts";
import { RoomFold } from "./room-fold.ts";

const room = "01920000-0000-7000-8000-000000000001" as RoomId;
const by = { id: "01920000-0000-7000-8000-00000000000a" as UserId, username: "ada" };
const head = (seq: number, id = `event-${seq}`, epoch = 1) =>
  ({ type: "event", room, epoch, seq, at: seq, by, id: id as EventId }) as const;

const EVENTS: readonly RoomEvent[] = [
  { ...head(1), kind: "message", text: "first" },
  { ...head(2), kind: "message", text: "second" },
  { ...head(3), kind: "edit", target: 1, text: "edited" },
  { ...head(4), kind: "react", target: 1, emoji: "👍" },
  { ...head(5), kind: "message", thread: 2, text: "reply" },
];
const STATES: readonly StateOfMessage[] = [
  {
    seq: 1,
    text: "edited",
    edited: { seq: 3, at: 3, count: 1 },
    reactions: [{ emoji: "👍", count: 1, users: [by.id] }],
  },
  { seq: 2, replies: { count: 1, last: 5 } },
];

function foldOf(events: readonly RoomEvent[]): RoomFold {
  const fold = new RoomFold();
  for (const event of events) fold.add(event);
  return fold;
}

/** Differences between one page, and what a client received. */
async function compare({ states = STATES, messages = EVENTS, received = EVENTS }) {
  const page = { messages, states, head: 5, epoch: 1 };
  const history = async (_room: string, query: string) =>
    query.includes("after=0") ? page : { ...page, messages: [], states: [] };
  const members = new Map([[room, { history } as unknown as Person]]);
  return (await compareFolds(members, new Map([[room, foldOf(received)]]))).count;
}

test("a page and a client with the same events have no difference, in whatever order they came", async () => {
  expect(await compare({})).toBe(0);
  expect(await compare({ received: EVENTS.toReversed() })).toBe(0);
});

test.each<[string, Parameters<typeof compare>[0], count: number]>([
  ["a page without a state", { states: STATES.slice(1) }, 2],
  ["a reaction that the page does not have", { states: STATES.map(({ reactions: _none, ...state }) => state) }, 2],
  ["a change that the client missed", { received: EVENTS.filter(({ seq }) => seq !== 3) }, 1],
  ["another text at the client", { received: EVENTS.map((event) => ({ ...event, text: "other" })) as RoomEvent[] }, 4],
])("%s is a difference", async (_name, broken, count) => {
  expect(await compare(broken)).toBe(count);
});

test("G3 an event that was offered again under a later number counts once", async () => {
  const again: RoomEvent = { ...head(1_000_003, "event-3", 2), kind: "edit", target: 1, text: "edited" };
  const { states } = foldOf([...EVENTS, again]);
  expect(states.get(1)).toContain('"edited",[1000003,1000003,1]');
});
