import {
  type EventId,
  encodeEventBody,
  encodeEventHead,
  newId,
  type RoomId,
  UNCHANGED,
  type UserId,
} from "@hubbub/protocol";
import { expect, test } from "vitest";
import { withStates } from "./message-states.ts";

const room = newId<RoomId>();
const by = { id: newId<UserId>(), username: "ada" };

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
  const page = await withStates(states, room, events);
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
