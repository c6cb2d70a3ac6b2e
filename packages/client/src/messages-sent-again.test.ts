import { type EventId, newId, type PublicUser, type RoomEvent, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { Messages } from "./messages.ts";

test("a message that was sent again through another process takes the changes of the seq that it had", () => {
  const by: PublicUser = { id: newId<UserId>(), username: "ann" };
  const room = newId<RoomId>();
  const said = { type: "event", room, at: 0, by, kind: "message", id: newId<EventId>(), text: "secret" } as const;
  const deletion = (seq: number): RoomEvent => {
    return { type: "event", room, epoch: 2, seq, at: 0, by, kind: "delete", id: newId<EventId>(), target: 10 };
  };
  for (const order of ["before", "behind"]) {
    const messages = new Messages();
    messages.add({ ...said, seq: 10, epoch: 1 });
    if (order === "before") messages.add(deletion(1_001));
    messages.add({ ...said, seq: 1_002, epoch: 2 }, 10);
    messages.addPage({ messages: [{ ...said, seq: 1_002, epoch: 2 }], statesUpTo: 1_000 });
    if (order === "behind") messages.add(deletion(1_003));
    expect(messages.all.map(({ event, state }) => [event.seq, state.isDeleted])).toEqual([[1_002, true]]);
    expect(messages.presentSeq(10)).toBe(1_002);
  }
  const returned = new Messages();
  returned.add({ ...said, seq: 1_002, epoch: 2 });
  returned.lost({ from: 5, to: 1_002 });
  returned.add({ ...said, seq: 10, epoch: 1 }, 1_002);
  returned.add({ ...deletion(11), epoch: 1 });
  expect(returned.all.map(({ event, state }) => [event.seq, state.isDeleted])).toEqual([[10, true]]);
});
