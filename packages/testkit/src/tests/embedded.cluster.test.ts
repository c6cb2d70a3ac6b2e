import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serverMain } from "../cluster-env.ts";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { Person, publish, subscribe, tryPublish } from "../people.ts";

/** `npm start`: one process, no Redis, no Postgres. */
const limits = {
  PUBLISHES_PER_SECOND: "10000",
  FRAMES_PER_SECOND: "10000",
  PUBLISHES_PER_SECOND_PER_USER: "100000",
  PUBLISHES_PER_SECOND_PER_ADDRESS: "100000",
};
const SENDERS = 20;
const KILLS = 3;

let server: Embedded;
beforeAll(async () => {
  server = await startEmbedded(limits);
});
afterAll(() => server?.[Symbol.asyncDispose]());

test("what was said is there after a stop and a start, and numbering goes on without a hole", async () => {
  const ada = await Person.arrive(server.url);
  const room = await ada.createRoom();
  const ws = await ada.connect(server.wsUrl);
  const first = await publish(ws, room.id, "before");
  await server.kill("SIGTERM");
  expect(server.output).not.toContain("Error");
  await server.restart();
  const again = await ada.connect(server.wsUrl);
  const since = { seq: 0, epoch: Number(first["epoch"]) };
  const { missed } = await subscribe(again, room.id, since);
  const second = await publish(again, room.id, "after");
  expect(missed.map((event) => event["text"])).toEqual(["before"]);
  expect(second["seq"]).toBe(Number(first["seq"]) + 1);
  await again.close();
});

test("G2 G4 killed with -9 under load, again and again, it has every event it acked, once and in order", async () => {
  const people = await Promise.all(Array.from({ length: SENDERS }, () => Person.arrive(server.url)));
  const [owner] = people;
  if (owner === undefined) throw new Error("nobody came");
  const room = await owner.createRoom();
  await Promise.all(people.slice(1).map((person) => person.join(room.id)));
  const acked = new Map<string, number>();
  for (let round = 0; round < KILLS; round += 1) {
    const target = acked.size + 400;
    const talking = people.map((person, index) => talk(person, room.id, `${round}-${index}`, acked));
    await expect.poll(() => acked.size, { timeout: 20_000, interval: 5 }).toBeGreaterThan(target);
    await server.kill("SIGKILL");
    await Promise.all(talking);
    await server.restart();
  }
  const stored = await wholeHistory(owner, room.id);
  const seqs = stored.map(({ seq }) => seq);
  expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  const seqOf = new Map(stored.map((event) => [event.id as string, event.seq]));
  expect([...acked].filter(([id, seq]) => seqOf.get(id) !== seq)).toEqual([]);
});

test("G3 an event sent again after a kill -9 keeps the seq it was acked with", async () => {
  const ada = await Person.arrive(server.url);
  const room = await ada.createRoom();
  const ws = await ada.connect(server.wsUrl);
  const first = await publish(ws, room.id, "once", "the-same-id");
  await server.kill("SIGKILL");
  await server.restart();
  const again = await ada.connect(server.wsUrl);
  await publish(again, room.id, "something else");
  expect(await publish(again, room.id, "once", "the-same-id")).toMatchObject({ seq: first["seq"], duplicate: true });
  await again.close();
});

test("a second process in the same data directory is refused in words that help", () => {
  const second = spawnSync(process.execPath, [serverMain], {
    env: { PATH: process.env["PATH"], DATA_DIR: server.directory, PORT: "0" },
    encoding: "utf8",
  });
  expect(second.status).toBe(1);
  expect(second.stderr).toContain(`in use by process ${server.pid}`);
});

test("wrong settings are all named at once, and nothing starts", () => {
  const wrong = spawnSync(process.execPath, [serverMain], {
    env: { PATH: process.env["PATH"], PORT: "abc", ALLOW_GUESTS: "maybe", ROLES: "cook" },
    encoding: "utf8",
  });
  expect(wrong.status).toBe(1);
  expect(wrong.stderr.match(/^ {2}\S+=/gm)).toHaveLength(3);
});

/** Publishes one after the other until the connection breaks. */
async function talk(person: Person, room: string, name: string, acked: Map<string, number>): Promise<void> {
  const ws = await person.connect(server.wsUrl);
  for (let index = 0; ws.isOpen; index += 1) {
    const id = `${name}-${index}`;
    const answer = await tryPublish(ws, room, `text of ${id}`, id).catch(() => null);
    if (answer?.type === "ack") acked.set(id, Number(answer["seq"]));
  }
}

async function wholeHistory(person: Person, room: string) {
  const events: Awaited<ReturnType<Person["history"]>>["messages"] = [];
  for (let after = 0; ; ) {
    const { messages, head } = await person.history(room, `after=${after}&limit=200`);
    events.push(...messages);
    const last = messages.at(-1);
    if (last === undefined || last.seq >= head) return events;
    after = last.seq;
  }
}
