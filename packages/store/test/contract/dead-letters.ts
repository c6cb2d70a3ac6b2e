import { type EventBody, type EventId, encodeEventBody, encodeEventHead, newId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { createRoom, type GetStore, message, takeLease } from "./fixtures.ts";

export function deadLettersContract(getStore: GetStore): void {
  test("G2 a dead letter leaves a tombstone at its seq, and the offset moves on", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const lease = await takeLease(store);
    const body: EventBody = { by: owner, kind: "message", id: newId<EventId>(), text: "nul \u0000" };
    const frame = encodeEventHead(room, 2, 7, 1_700_000_000_000) + encodeEventBody(body);
    await store.events.deadLetter({ lease, offset: "3-0" }, { offset: "3-0", frame, error: "no NUL" });
    const head = { type: "event", room, epoch: 2, seq: 7, at: 1_700_000_000_000 };
    const tombstone = { ...head, by: owner, kind: "tombstone", id: body.id };
    expect(await store.events.page(room, { after: 0, limit: 9 })).toEqual([tombstone]);
    const letters = (await store.events.deadLetters(100)).filter((letter) => letter.room === room);
    expect(letters).toMatchObject([{ shard: lease.shard, offset: "3-0", event: body.id, error: "no NUL" }]);
  });

  test("G2 a frame broken behind its head still leaves a tombstone", async () => {
    const store = getStore();
    const { room } = await createRoom(store);
    const lease = await takeLease(store);
    const frame = `${encodeEventHead(room, 1, 3, 5)},"by":{"id":"nobody \u0000 \ud800`;
    await store.events.deadLetter({ lease, offset: "3-0" }, { offset: "3-0", frame, error: "raw \u0000" });
    expect(await store.events.page(room, { after: 0, limit: 9 })).toMatchObject([
      { seq: 3, epoch: 1, at: 5, kind: "tombstone", id: "lost-3", by: { username: "unknown" } },
    ]);
  });

  test("an entry that is no event frame at all is kept, and a stored event stays", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const lease = await takeLease(store);
    await store.events.deadLetter({ lease, offset: "3-0" }, { offset: "3-0", frame: "", error: "not JSON" });
    const stored = message(room, owner, 1);
    await store.events.append({ lease: { ...lease, offset: "3-0" }, offset: "4-0", events: [stored] });
    const frame = JSON.stringify(stored);
    await store.events.deadLetter(
      { lease: { ...lease, offset: "4-0" }, offset: "5-0" },
      { offset: "5-0", frame, error: "by mistake" },
    );
    expect(await store.events.page(room, { after: 0, limit: 9 })).toEqual([stored]);
  });
}
