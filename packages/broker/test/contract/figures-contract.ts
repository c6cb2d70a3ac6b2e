import { newId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { type OpenBroker, open } from "../fixture.ts";

export function figuresContract(create: OpenBroker): void {
  test("what nodes told last is there with its age, until they end in order", async () => {
    const { figures } = open(create).presence;
    await figures.tell("one", "old");
    await figures.tell("one", "new");
    await figures.tell("two", "other");
    const told = await figures.told();
    expect(told.map(({ text }) => text).sort()).toEqual(["new", "other"]);
    for (const { agoMs } of told) expect(agoMs).toBeLessThan(5_000);
    for (const { agoMs } of told) expect(agoMs).toBeGreaterThanOrEqual(0);
    await figures.drop("one");
    expect((await figures.told()).map(({ text }) => text)).toEqual(["other"]);
  });

  test("a question gets one answer from each node that was asked", async () => {
    const { figures } = open(create).presence;
    const [question, other] = [newId(), newId()];
    await figures.answer(question, "one", "1");
    await figures.answer(other, "two", "2");
    expect(await figures.answers(question, ["two", "one"])).toEqual([null, "1"]);
    expect(await figures.answers(question, [])).toEqual([]);
  });
}
