import { type EventId, type FileId, newId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { createRoom, event, type GetStore, takeLease } from "./fixtures.ts";

const QUOTAS = { user: 1_000_000, room: 1_000_000 };

export function deletedFilesContract(getStore: GetStore): void {
  test.each([
    ["in a later batch", false],
    ["in the batch of the message", true],
  ])("a message that is deleted %s takes its files along, and nothing tells of them", async (_when, isOneBatch) => {
    const store = getStore();
    const { room, owner: by } = await createRoom(store);
    const [gone, kept] = [newId<FileId>(), newId<FileId>()];
    const messages = [gone, kept].map((id, index) => {
      const info = { id, name: "a.txt", type: "text/plain", bytes: 3 };
      return event(room, index + 1, { by, kind: "message", id: `m${index}` as EventId, text: "", files: [info] });
    });
    for (const [index, id] of [gone, kept].entries()) {
      const shape = {
        hash: "b".repeat(64),
        name: "a.txt",
        type: "text/plain",
        bytes: 3,
        cost: 3,
        width: null,
        height: null,
      };
      await store.files.add({ id, room, user: by.id, uploadId: id, ...shape }, QUOTAS);
      await store.files.finish(id);
      await store.files.attach({ room, user: by.id, id: `m${index}` as EventId }, [id]);
    }
    const deletion = event(room, 3, { by, kind: "delete", id: "d" as EventId, target: 1 });
    const lease = await takeLease(store);
    const batches = isOneBatch ? [[...messages, deletion]] : [messages, [deletion]];
    for (const [index, events] of batches.entries()) {
      const offset = `${index + 1}-0`;
      await store.events.append({ lease: { ...lease, offset: index === 0 ? "" : `${index}-0` }, offset, events });
    }
    expect(await store.files.find(room, gone, by.id)).toBeNull();
    expect(await store.files.find(room, kept, by.id)).not.toBeNull();
    const [first, second] = await store.events.page(room, { after: 0, limit: 2 });
    expect(first).not.toHaveProperty("files");
    expect(second).toMatchObject({ text: "", files: [{ id: kept }] });
  });
}
