import { cp, rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { Person, type Position, publish, subscribe } from "../people.ts";
import type { WsClient } from "../ws-client.ts";

/** A copy of the data directory is put back, by hand: the server cannot know, and its clients have to be told. */
let server: Embedded;
beforeAll(async () => {
  server = await startEmbedded();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await rm(kept(), { recursive: true, force: true });
});

const kept = (): string => `${server.directory}-kept`;

/** Every number that anybody was told, over all lives, with the event that it stood for. */
class Numbers {
  readonly #events = new Map<string, unknown>();
  readonly twice: string[] = [];

  take({ epoch, seq, id }: { readonly epoch: number; readonly seq: number; readonly id: unknown }): void {
    const number = `${epoch}:${seq}`;
    const known = this.#events.get(number);
    if (known !== undefined && known !== id) this.twice.push(number);
    this.#events.set(number, id);
  }
}

async function say(ws: WsClient, room: string, count: number, numbers: Numbers): Promise<Position> {
  let at: Position = { seq: 0, epoch: 0 };
  for (let index = 0; index < count; index += 1) {
    const id = crypto.randomUUID();
    const ack = await publish(ws, room, "said", id);
    at = { seq: Number(ack["seq"]), epoch: Number(ack["epoch"]) };
    numbers.take({ ...at, id });
  }
  return at;
}

test("G6 a copy of the data directory is put back: no number stands for two events, and older cursors are told", async () => {
  const numbers = new Numbers();
  const ada = await Person.arrive(server.url);
  const { id: room } = await ada.createRoom();
  const copied = await say(await ada.connect(server.wsUrl), room, 10, numbers);
  await server.kill("SIGTERM");
  await cp(server.directory, kept(), { recursive: true });
  await server.restart();
  const lost = await say(await ada.connect(server.wsUrl), room, 10, numbers);
  expect(lost.seq).toBe(copied.seq + 10);

  await server.kill("SIGTERM");
  await rm(server.directory, { recursive: true });
  await cp(kept(), server.directory, { recursive: true });
  await server.restart();
  const ws = await ada.connect(server.wsUrl);
  const newest = await say(ws, room, 12, numbers);
  expect(newest.seq).toBe(copied.seq + 12);
  expect(newest.epoch).not.toBe(lost.epoch);
  expect(numbers.twice).toEqual([]);

  const older = await ada.connect(server.wsUrl);
  const { subscribed } = await subscribe(older, room, lost);
  expect(subscribed).toMatchObject({ ...{ epoch: newest.epoch, head: newest.seq }, recovered: false });
  const [voided, missing] = [await older.next("gap"), await older.next("gap")];
  expect(voided).toMatchObject({ to: lost.seq, reason: "epoch" });
  expect(await older.next("epoch")).toMatchObject({ epoch: newest.epoch, head: Number(voided["from"]) - 1 });
  expect(missing).toMatchObject({ to: copied.seq, reason: "epoch" });

  const whole = await ada.connect(server.wsUrl);
  const since = await subscribe(whole, room, copied);
  expect(since.subscribed).toMatchObject({ recovered: true });
  expect(since.missed.map(({ seq }) => seq)).toEqual(Array.from({ length: 12 }, (_, at) => copied.seq + 1 + at));
});
