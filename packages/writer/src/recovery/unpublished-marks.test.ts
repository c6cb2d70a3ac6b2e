import {
  type EventId,
  encodeEventBody,
  encodeEventHead,
  encodeMovedBody,
  newId,
  type RoomId,
  type UserId,
} from "@hubbub/protocol";
import { expect, test } from "vitest";
import { unpublishedMarks } from "./unpublished-marks.ts";

const room = newId<RoomId>();
const by = { id: newId<UserId>(), username: "ann" };
const frame = (seq: number, was: number, body: object) =>
  encodeEventHead(room, 2, seq, 1) +
  encodeMovedBody(encodeEventBody({ by, id: newId<EventId>(), ...body } as never), [was]);

test("a message that was offered again behind its deletion is among the emptied", async () => {
  const entries = [
    { offset: "l/1-1", frame: frame(1_005, 11, { kind: "delete", target: 10 }) },
    { offset: "l/1-2", frame: frame(1_010, 10, { kind: "message", text: "secret" }) },
  ];
  const log = {
    lag: async (at: string) => (at === "" ? 2 : 0),
    read: async (at: string) => entries.slice(at === "" ? 0 : 2),
  };
  const { emptied } = await unpublishedMarks({ heads: async () => [null] } as never, log as never, "l/1-2");
  expect(emptied).toEqual([{ room, seq: 1_010, stored: 1_010 }]);
});
