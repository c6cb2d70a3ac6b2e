import { newId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import {
  createRoom,
  createUser,
  event,
  fresh,
  freshNumber,
  type GetStore,
  HOUR_MS,
  message,
  takeLease,
} from "./fixtures.ts";

/** What the store does when it is told of seqs that events had. */
export function tellMovedContract(getStore: GetStore): void {
  test.each(["before", "behind"])(
    "a message that is stored takes changes by another seq that it had, told %s they are stored",
    async (order) => {
      const store = getStore();
      const { room, owner } = await createRoom(store);
      const author = await createUser(store);
      const other = (seq: number, target: number) =>
        event(room, seq, { by: owner, kind: "delete", id: newId<never>(), target });
      const lease = await takeLease(store);
      const tell = () =>
        store.events.moved(lease.shard, [
          { room, user: author.id, seq: 10, was: [50] },
          { room, user: author.id, seq: 12, was: [52] },
        ]);
      await store.events.append({ lease, offset: "1-0", events: [message(room, author, 10, "secret")] });
      const changes = { lease: { ...lease, offset: "1-0" }, offset: "1-1", events: [other(20, 50)] };
      if (order === "before") {
        await tell();
        // What waited for the row of the shard has not seen it.
        await expect(store.events.append(changes)).rejects.toThrow("no longer held");
        await store.events.append({ ...changes, lease: { ...changes.lease, token: lease.token + 1 } });
      } else {
        await store.events.append(changes);
        await tell();
        await tell();
      }
      const { states } = await store.events.states(room, [10, 50]);
      expect([...states.keys()]).toEqual([10]);
      expect(states.get(10)?.isDeleted).toBe(true);
      const rows = await store.events.page(room, { after: 0, limit: 9 });
      expect(rows).toMatchObject([
        { seq: 10, text: "" },
        { seq: 20, target: 10 },
      ]);
      expect(rows[0]).not.toHaveProperty("was");
      const { entries } = await store.audit.list({ room, act: "message_delete" }, { limit: 9 });
      expect(entries).toMatchObject([{ actor: owner.id, subject: author.id, seq: 10 }]);
      // Its message is only in the log as yet.
      const held = { ...lease, token: lease.token + (order === "before" ? 1 : 2), offset: "1-1" };
      const later = [message(room, author, 12), other(21, 52)];
      await store.events.append({ lease: held, offset: "1-2", events: later });
      expect((await store.events.states(room, [12])).states.get(12)?.isDeleted).toBe(true);
    },
  );

  test("a shard that nobody has written yet can be told of moved events", async () => {
    const store = getStore();
    const { room, owner: by } = await createRoom(store);
    const shard = freshNumber();
    await store.events.moved(shard, [{ room, user: by.id, seq: 10, was: [50] }]);
    const lease = await store.shards.acquire(shard, fresh("writer"), HOUR_MS);
    if (lease === null) throw new Error("the shard is taken");
    const edit = event(room, 51, { by, kind: "edit", id: newId<never>(), target: 50, text: "edited" });
    await store.events.append({ lease, offset: "1-0", events: [message(room, by, 10), edit] });
    expect((await store.events.states(room, [10])).states.get(10)?.text).toBe("edited");
  });

  test("one telling is of several rooms, and fences the writer once", async () => {
    const store = getStore();
    const rooms = [await createRoom(store), await createRoom(store)];
    const lease = await takeLease(store);
    const events = rooms.flatMap(({ room, owner: by }) => [
      message(room, by, 10),
      event(room, 20, { by, kind: "delete", id: newId<never>(), target: 50 }),
    ]);
    await store.events.append({ lease, offset: "1-0", events });
    await store.events.moved(
      lease.shard,
      rooms.map(({ room, owner }) => ({ room, user: owner.id, seq: 10, was: [50] })),
    );
    for (const { room } of rooms) expect((await store.events.states(room, [10])).states.get(10)?.isDeleted).toBe(true);
    const held = { ...lease, token: lease.token + 1, offset: "1-0" };
    await store.events.append({ lease: held, offset: "1-1", events: [] });
  });
}
