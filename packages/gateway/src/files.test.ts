import { type EventId, type FileId, newId, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { openWorld, startTestGateway } from "../test/test-gateway.ts";

const world = await openWorld();
const ann = await world.user();
const bob = await world.user();
const QUOTAS = { user: 1_000_000, room: 1_000_000 };

async function upload(room: RoomId, user: UserId): Promise<FileId> {
  const id = newId<FileId>();
  const shape = { name: "a.txt", type: "text/plain", bytes: 3, cost: 4_096, width: null, height: null };
  const hash = "a".repeat(64);
  await world.store.files.add({ id, room, user, hash, uploadId: id, ...shape }, QUOTAS);
  await world.store.files.finish(id);
  return id;
}

test("a message carries what its files are, and the same message sent again is the same one", async () => {
  await using gateway = await startTestGateway(world);
  const room = await world.room(ann, bob);
  const [writer, reader] = [await gateway.as(ann), await gateway.as(bob)];
  await reader.ask({ type: "subscribe", room }, "subscribed");
  const file = await upload(room, ann.id);
  const message = { type: "publish" as const, room, id: newId<EventId>(), text: "", files: [file] };
  const first = await writer.ask(message, "ack");
  expect(await writer.ask(message, "ack")).toMatchObject({ seq: first.seq, duplicate: true });
  const event = await reader.find((frame) => frame.type === "event" && frame.kind === "message");
  expect(event).toMatchObject({ text: "", files: [{ id: file, name: "a.txt", type: "text/plain", bytes: 3 }] });
});

test("G1 a message with files keeps its place between plain ones", async () => {
  await using gateway = await startTestGateway(world);
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  await client.ask({ type: "subscribe", room }, "subscribed");
  const file = await upload(room, ann.id);
  for (const [text, files] of [
    ["one", undefined],
    ["two", [file]],
    ["three", undefined],
  ] as const) {
    client.send({
      type: "publish",
      room,
      id: newId<EventId>(),
      text,
      ...(files === undefined ? {} : { files: [...files] }),
    });
  }
  await client.find((frame) => frame.type === "event" && frame.kind === "message" && frame.text === "three");
  const texts = client.frames.flatMap((frame) =>
    frame.type === "event" && frame.kind === "message" ? [frame.text] : [],
  );
  expect(texts).toEqual(["one", "two", "three"]);
});

test("files of others, of other rooms and of other messages are refused, and nothing is published", async () => {
  await using gateway = await startTestGateway(world);
  const [room, elsewhere] = [await world.room(ann, bob), await world.room(ann)];
  const client = await gateway.as(ann);
  const [mine, used] = [await upload(room, ann.id), await upload(room, ann.id)];
  const publish = (files: FileId[], text = "look") => {
    client.frames.length = 0;
    client.send({ type: "publish", room, id: newId<EventId>(), text, files });
  };
  publish([used]);
  await client.find((frame) => frame.type === "ack");
  for (const wrong of [await upload(room, bob.id), await upload(elsewhere, ann.id), used, newId<FileId>()]) {
    publish([mine, wrong]);
    await client.error("unknown_file");
  }
  publish([mine, mine]);
  await client.error("bad_frame");
  publish(Array.from({ length: 11 }, () => newId<FileId>()));
  await client.error("bad_frame");
  client.send({ type: "publish", room, id: newId<EventId>(), text: "" });
  await client.error("bad_frame");
  publish([mine], "");
  await client.find((frame) => frame.type === "ack");
});

test("a member who is none cannot publish files, and a plain message asks nobody about files", async () => {
  await using gateway = await startTestGateway(world);
  const room = await world.room(bob);
  const attach = vi.spyOn(world.store.files, "attach");
  const [outsider, client] = [await gateway.as(ann), await gateway.as(bob)];
  outsider.send({ type: "publish", room, id: newId<EventId>(), text: "x", files: [await upload(room, ann.id)] });
  await outsider.error("not_member");
  await client.ask({ type: "publish", room, id: newId<EventId>(), text: "plain" }, "ack");
  expect(attach).not.toHaveBeenCalled();
});

test("a message that is refused for its files, or whose turn has not come, costs neither a turn nor its files", async () => {
  await using gateway = await startTestGateway(world);
  const room = await world.room(bob, ann);
  await world.store.rooms.change(room, { settings: { slowModeSeconds: 600 } }, { by: bob.id });
  const client = await gateway.as(ann);
  const file = await upload(room, ann.id);
  const say = (files: FileId[]) => ({ type: "publish" as const, room, id: newId<EventId>(), text: "", files });
  expect(await client.ask(say([newId<FileId>()]), "error")).toMatchObject({ code: "unknown_file" });
  const plain = { type: "publish" as const, room, id: newId<EventId>(), text: "without files" };
  expect(await client.ask(plain, "ack")).toMatchObject({ seq: 1 });
  expect(await client.ask(say([file]), "error")).toMatchObject({ code: "slow_mode" });
  await world.store.rooms.change(room, { settings: {} }, { by: bob.id });
  await gateway.broker.publishControl({ type: "room-changed", room });
  expect(await client.ask(say([file]), "ack")).toMatchObject({ seq: 2 });
});
