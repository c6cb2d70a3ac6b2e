import {
  type EventId,
  encodeEventBody,
  encodeEventHead,
  encodeMovedBody,
  newId,
  type RoomEvent,
  type RoomId,
  UNCHANGED,
  type UserId,
} from "@hubbub/protocol";
import { expect, test } from "vitest";
import { listWithStates, withStates } from "./message-states.ts";

const room = newId<RoomId>();
const by = { id: newId<UserId>(), username: "ada" };

const viewed = (states: Parameters<typeof withStates>[0]["states"]) => ({ states, viewer: by.id });

/** A message as the tail of the log has it. */
function tailEvent(seq: number, replyTo?: number) {
  const file = { id: newId() as never, name: "secret.txt", type: "text/plain", bytes: 3 };
  const body = { by, kind: "message", id: newId<EventId>(), text: "hello @bob", replyTo } as const;
  const full = { ...body, mentions: { names: ["bob"] }, files: [file] };
  return { seq, frame: Buffer.from(encodeEventHead(room, 1, seq, 7) + encodeEventBody(full)) };
}

test("a message that was deleted a moment ago tells neither its text nor its mentions nor its files", async () => {
  const events = [tailEvent(1), tailEvent(2, 1)];
  const states = async () => ({ states: new Map([[2, { ...UNCHANGED, isDeleted: true }]]), head: 3 });
  const page = await withStates(viewed(states), room, events);
  const [kept, deleted] = page.events.map(({ frame }) => JSON.parse(frame.toString()) as object);
  expect(kept).toMatchObject({ text: "hello @bob", mentions: { names: ["bob"] }, files: [{ name: "secret.txt" }] });
  expect(deleted).toEqual({
    type: "event",
    room,
    epoch: 1,
    seq: 2,
    at: 7,
    by,
    kind: "message",
    id: expect.any(String),
    text: "",
    replyTo: 1,
  });
});

const deletedAt = (target: number, head: number) => async (_room: RoomId, seqs: readonly number[]) => ({
  states: new Map(seqs.includes(target) ? [[target, { ...UNCHANGED, isDeleted: true }]] : []),
  head,
});

test("a message that was offered again behind its stored deletion tells no text, and is shown as deleted", async () => {
  const { seq, frame } = tailEvent(30);
  const moved = { seq, frame: Buffer.from(encodeMovedBody(frame.toString(), [10, 20])) };
  for (const target of [10, 20, 30]) {
    const page = await withStates(viewed(deletedAt(target, 25)), room, [tailEvent(29), moved]);
    const texts = page.events.map((event) => (JSON.parse(event.frame.toString()) as { text: string }).text);
    expect(texts).toEqual(["hello @bob", ""]);
    expect(page).toMatchObject({ states: [{ seq: 30, deleted: true }], statesUpTo: 25 });
  }
});

test("an edit on a page without its deleted message tells no text", async () => {
  const body = encodeEventBody({ by, kind: "edit", id: newId<EventId>(), target: 5, text: "secret" });
  const edit = { seq: 60, frame: Buffer.from(encodeEventHead(room, 1, 60, 7) + body) };
  const page = await withStates(viewed(deletedAt(5, 61)), room, [edit]);
  expect(page.events.map(({ frame }) => JSON.parse(frame.toString()))).toMatchObject([{ target: 5, text: "" }]);
  expect(page).not.toHaveProperty("states");
});

test("a message that was deleted while it was read tells no text", async () => {
  const read = [JSON.parse(tailEvent(5).frame.toString()) as RoomEvent];
  const { messages, states } = await listWithStates(viewed(deletedAt(5, 6)), room, read);
  expect(messages).toEqual([expect.objectContaining({ seq: 5, text: "" })]);
  expect(messages[0]).not.toHaveProperty("files");
  expect(states).toEqual([{ seq: 5, deleted: true }]);
});

test("of a reaction of many users 100 are named, and among them the one who asks", async () => {
  const users = Array.from({ length: 150 }, () => newId<UserId>());
  const page = async (own: readonly UserId[]) => {
    const reactions = new Map([["👍", new Set([...users, ...own])]]);
    const states = async () => ({ states: new Map([[5, { ...UNCHANGED, reactions }]]), head: 6 });
    const { states: shown = [] } = await withStates(viewed(states), room, [tailEvent(5)]);
    return shown[0]?.reactions?.[0];
  };
  expect(await page([])).toEqual({ emoji: "👍", count: 150, users: users.slice(0, 100) });
  expect(await page([by.id])).toEqual({ emoji: "👍", count: 151, users: [by.id, ...users.slice(0, 99)] });
});
