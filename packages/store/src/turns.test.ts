import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

test("urgent work overtakes waiting work, and waits for one piece at most", async () => {
  const turns = new Turns();
  const order: string[] = [];
  const work = (name: string) => async () => {
    await Promise.resolve();
    order.push(name);
  };
  const reads = ["a", "b", "c"].map((name) => turns.run(work(name), false));
  await reads[0];
  await Promise.all([turns.run(work("urgent"), true), ...reads]);
  expect(order).toEqual(["a", "urgent", "b", "c"]);
});

test("the event loop turns before each piece that is not urgent", async () => {
  const turns = new Turns();
  const order: string[] = [];
  const reads = ["a", "b"].map((name) => turns.run(async () => void order.push(name), false));
  setImmediate(() => void turns.run(async () => void order.push("urgent"), true));
  await Promise.all(reads);
  expect(order.toSorted()).toEqual(["a", "b", "urgent"]);
  expect(order.at(-1)).toBe("b");
});

test("an error of a piece reaches its caller, and the next piece runs", async () => {
  const turns = new Turns();
  const failed = turns.run(() => Promise.reject(new Error("refused")), false);
  const next = turns.run(async () => "answer", false);
  await expect(failed).rejects.toThrow("refused");
  expect(await next).toBe("answer");
});
