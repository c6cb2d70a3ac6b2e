import { type EventId, newId, type PublicUser, type RoomEvent, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { Messages } from "./messages.ts";
import { TimelineLog } from "./views/timeline-log.ts";

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

test("a message of a page that was not stored, and was sent again through another process, is there once", () => {
  const by: PublicUser = { id: newId<UserId>(), username: "ann" };
  const body = { type: "event", room: newId<RoomId>(), at: 0, by, kind: "message", id: newId<EventId>() } as const;
  const said = (seq: number, epoch: number): RoomEvent => ({ ...body, text: "hello", seq, epoch });
  const page = { messages: [said(10, 1)], epoch: 1 };
  const seqsOf = (act: (messages: Messages) => void, again = said(1_002, 2)) => {
    const messages = new Messages();
    act(messages);
    messages.add(again);
    return messages.all.map(({ event }) => event.seq);
  };
  expect(seqsOf((messages) => messages.addPage(page))).toEqual([1_002]);
  const next = { messages: [said(1_002, 2)], epoch: 2 };
  expect(seqsOf((messages) => [messages.addPage(page), messages.addPage(next)])).toEqual([1_002]);
  expect(seqsOf((messages) => messages.addPage(page), { ...said(1_002, 2), by: { ...by, id: newId() } })).toHaveLength(
    2,
  );
  // An author may use an id again long after its message was stored.
  expect(seqsOf((messages) => messages.addPage(page), said(11, 1))).toEqual([10, 11]);
  expect(seqsOf((messages) => messages.addPage({ ...page, epoch: 2 }))).toEqual([10, 1_002]);
  expect(seqsOf((messages) => [messages.durable(10, 1), messages.addPage(page)])).toEqual([10, 1_002]);
  expect(seqsOf((messages) => [messages.addPage(page), messages.durable(10, 1)])).toEqual([10, 1_002]);
  const other = { ...said(10, 2), id: newId<EventId>() };
  const isVoid = (messages: Messages) => [
    messages.addPage(page),
    messages.lost({ from: 5, to: 99 }),
    messages.add(other),
  ];
  expect(seqsOf(isVoid)).toEqual([10, 1_002]);
  for (const mark of [undefined, { seq: 10, epoch: 1 }]) {
    const log = new TimelineLog();
    log.begin({ seq: 10, epoch: 1 }, mark);
    log.addOlder({ ...page, head: 10 });
    log.add(said(1_002, 2));
    const shown = log.items(by.id).map((item) => item.kind === "message" && item.seq);
    expect(shown).toEqual(mark === undefined ? [1_002] : [10, 1_002]);
  }
});
