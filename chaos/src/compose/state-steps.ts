import assert from "node:assert/strict";
import { Person, publish, subscribe } from "@hubbub/testkit";
import { textsOf } from "./contract.ts";
import { ComposeFailed, PASSWORD, type Stack } from "./stack.ts";
import type { Step } from "./step.ts";

const messages = 40;
const failsWithinMs = 120_000;

async function talk(
  person: Person,
  { wsUrl }: Stack,
  room: string,
  text: string,
): Promise<{ seq: number; epoch: number }> {
  const ws = await person.connect(wsUrl);
  await subscribe(ws, room);
  const ack = await publish(ws, room, text);
  await ws.close();
  return { seq: Number(ack["seq"]), epoch: Number(ack["epoch"]) };
}

async function fails(stack: Stack, settings: Readonly<Record<string, string>>, why: RegExp): Promise<string> {
  const began = performance.now();
  const failure = await stack.up(settings).then(
    () => assert.fail("`up` with a wrong password succeeded"),
    (error: unknown) => error,
  );
  const tookMs = performance.now() - began;
  assert.ok(failure instanceof ComposeFailed, String(failure));
  assert.ok(tookMs < failsWithinMs, `it took ${tookMs} ms`);
  assert.match(failure.said, /service "migrate" didn't complete successfully: exit [1-9]/);
  const logs = await stack.compose("logs", "--no-log-prefix", "migrate");
  const sentence = logs.split("\n").find((line) => why.test(line));
  assert.ok(sentence, `no line of ${logs} tells why`);
  return `after ${Math.round(tookMs / 1_000)} s: ${sentence}`;
}

/** What outlives the containers, and what is refused. */
export const stateSteps: readonly Step[] = [
  {
    name: "`down` and `up` keep accounts, keys and history",
    async run(stack) {
      const person = await Person.arrive(stack.url);
      const { id: room } = await person.createRoom();
      const ws = await person.connect(stack.wsUrl);
      await subscribe(ws, room);
      let last = await publish(ws, room, "0");
      for (let index = 1; index < messages; index += 1) last = await publish(ws, room, `${index}`);
      await ws.close();
      await stack.compose("down");
      await stack.up();
      const texts = textsOf(await person.history(room));
      assert.deepEqual(
        texts,
        Array.from({ length: messages }, (_, index) => `${index}`),
      );
      const { seq, epoch } = await talk(person, stack, room, "after");
      return `${texts.length} messages; seq ${last["seq"]} to ${seq}, epoch ${last["epoch"]} to ${epoch}`;
    },
  },
  {
    name: "a restart of Redis in good order (told, not judged)",
    async run(stack) {
      const person = await Person.arrive(stack.url);
      const { id: room } = await person.createRoom();
      const before = await talk(person, stack, room, "before");
      await stack.compose("restart", "redis");
      await stack.up();
      const after = await talk(person, stack, room, "after");
      return `seq ${before.seq} to ${after.seq}, epoch ${before.epoch} to ${after.epoch}`;
    },
  },
  {
    name: "a wrong password ends `up` with a sentence, and the right one brings everything back",
    async run(stack) {
      const wrong = await fails(stack, { POSTGRES_PASSWORD: "another0password" }, /password/i);
      const unfit = await fails(stack, { POSTGRES_PASSWORD: "a/b@c#d" }, /DATABASE_URL/);
      await stack.up({ POSTGRES_PASSWORD: PASSWORD });
      return `${wrong}\n${unfit}`;
    },
  },
  {
    name: "commands of the handbook: add a signing key, verify",
    async run(stack) {
      const main = "packages/server/dist/main.js";
      await stack.compose("run", "--rm", "migrate", "node", main, "keys", "/keys/keys.json", "--add");
      const verdict = await stack.compose("exec", "-T", "writer", "node", main, "verify");
      return verdict.trim().split("\n").at(-1) ?? "";
    },
  },
];
