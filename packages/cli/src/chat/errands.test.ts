import { expect, test } from "vitest";
import { Errands } from "./errands.ts";

const text = (line: string) => ({ kind: "text", text: line }) as const;

test("lines are handled in order, messages without waiting for earlier acks", async () => {
  const taken: string[] = [];
  const acks: (() => void)[] = [];
  const errands = new Errands({
    take: (errand) => {
      taken.push(errand.kind === "text" ? errand.text : errand.kind);
      return errand.kind === "text" ? new Promise((resolve) => acks.push(resolve)) : Promise.resolve();
    },
    failed: () => undefined,
    drained: () => undefined,
  });
  for (const errand of [text("a"), { kind: "rooms" } as const, text("b")]) errands.add(errand);
  await expect.poll(() => taken).toEqual(["a", "rooms", "b"]);
  for (const ack of acks) ack();
  await errands.finished();
});

test("texts after a failed join are returned, up to the next command", async () => {
  const takenBack: string[][] = [];
  const taken: string[] = [];
  const errands = new Errands({
    take: async (errand) => {
      taken.push(errand.kind);
      if (errand.kind === "join") throw new Error("no room");
    },
    failed: () => takenBack.push(errands.takeBackTexts()),
    drained: () => undefined,
  });
  const [join, rooms] = [{ kind: "join", room: "x" } as const, { kind: "rooms" } as const];
  for (const errand of [join, text("for x"), text("too"), rooms, text("later")]) errands.add(errand);
  await errands.finished();
  expect(takenBack).toEqual([["for x", "too"]]);
  expect(taken).toEqual(["join", "rooms", "text"]);
});

test("G8 lines wait when too many acks are missing, and the user is told", async () => {
  const acks: (() => void)[] = [];
  let drained = 0;
  const errands = new Errands({
    take: () => new Promise((resolve) => acks.push(resolve)),
    failed: () => undefined,
    drained: () => {
      drained += 1;
    },
  });
  let added = 0;
  while (!errands.isFull) {
    errands.add(text(`${added}`));
    added += 1;
    await new Promise((resolve) => setImmediate(resolve));
    expect(added).toBeLessThan(1_000);
  }
  expect(acks.length).toBeLessThan(added);
  expect(errands.texts.length).toBe(added - acks.length);
  const before = drained;
  const drain = setInterval(() => acks.splice(0).forEach((ack) => void ack()));
  await errands.finished();
  clearInterval(drain);
  expect(drained).toBeGreaterThan(before);
});
