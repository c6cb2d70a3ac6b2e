import { BrokerUnavailable } from "@hubbub/broker";
import { expect, test, vi } from "vitest";
import {
  acceptTexts,
  type GetStack,
  lastMark,
  metricOf,
  numbered,
  openRoom,
  startWriter,
  stored,
  withEdge,
} from "./stack.ts";

export const away = (): Error => Object.assign(new Error("the database is starting up"), { code: "57P03" });

export function outageSuite(getStack: GetStack): void {
  test("G2 a store that is away loses nothing and changes no order", async () => {
    const stack = getStack();
    const room = await openRoom(stack);
    let isAway = true;
    const events = withEdge(stack.store.events, {
      async append(batch) {
        if (isAway) throw away();
        return await stack.store.events.append(batch);
      },
    });
    const writer = startWriter({ ...stack, store: { ...stack.store, events } });
    await acceptTexts(stack, room, numbered("before", 30));
    await vi.waitFor(() => expect(writer.troubles()).toEqual(["store is away"]), 5_000);
    await acceptTexts(stack, room, numbered("during", 30));
    isAway = false;
    await vi.waitFor(() => expect(lastMark(stack, room)).toBe(60), 5_000);
    expect(await stored(stack, room)).toEqual([...numbered("before", 30), ...numbered("during", 30)]);
    await vi.waitFor(() => expect([...writer.readiness(), ...writer.troubles()]).toEqual([]), 5_000);
  });

  test("G2 what no row causes makes no dead letter", async () => {
    const stack = getStack();
    const room = await openRoom(stack);
    const coded = ["28P01", "42501", "0A000", "CERT_HAS_EXPIRED"].map((code) =>
      Object.assign(new Error("refused"), { code }),
    );
    const uncoded = ["Cannot use a pool after calling end on the pool", "The server does not support SSL connections"];
    const faults = [...coded, ...uncoded.map((message) => new Error(message))];
    const left: Error[] = [];
    const events = withEdge(stack.store.events, {
      async append(batch) {
        const fault = left.shift();
        if (fault !== undefined) throw fault;
        return await stack.store.events.append(batch);
      },
    });
    const { metrics } = startWriter({ ...stack, store: { ...stack.store, events } });
    for (const [at, fault] of faults.entries()) {
      left.push(fault);
      await acceptTexts(stack, room, [fault.message]);
      await vi.waitFor(() => expect(lastMark(stack, room)).toBe(at + 1), 5_000);
    }
    expect(left).toEqual([]);
    expect(await stored(stack, room)).toEqual(faults.map(({ message }) => message));
    expect(await metricOf(metrics, "writer_dead_letters_total")).toBe(0);
  });

  test("G3 a commit whose answer was lost is not repeated", async () => {
    const stack = getStack();
    const room = await openRoom(stack);
    let lost = 1;
    const events = withEdge(stack.store.events, {
      async append(batch) {
        const emptied = await stack.store.events.append(batch);
        if (lost-- > 0) throw away();
        return emptied;
      },
    });
    const { metrics } = startWriter({ ...stack, store: { ...stack.store, events } });
    await acceptTexts(stack, room, ["a", "b"]);
    await vi.waitFor(async () => expect(await stored(stack, room)).toEqual(["a", "b"]), 5_000);
    await acceptTexts(stack, room, ["c"]);
    await vi.waitFor(() => expect(lastMark(stack, room)).toBe(3), 5_000);
    expect(await metricOf(metrics, "writer_rows_total")).toBe(1);
    expect(await stored(stack, room)).toEqual(["a", "b", "c"]);
  });

  test("G2 a log that is away for reads and marks is waited for", async () => {
    const stack = getStack();
    const room = await openRoom(stack);
    let isAway = true;
    const broker = withEdge(stack.broker, {
      async publishMarks(shard, marks) {
        if (isAway) throw new BrokerUnavailable("the log cannot be reached");
        await stack.broker.publishMarks(shard, marks);
      },
    });
    const writer = startWriter({ ...stack, broker });
    await acceptTexts(stack, room, ["a", "b"]);
    await vi.waitFor(() => expect(writer.troubles()).toEqual(["log is away"]), 5_000);
    isAway = false;
    await vi.waitFor(() => expect(lastMark(stack, room)).toBe(2), 5_000);
    await vi.waitFor(() => expect([...writer.readiness(), ...writer.troubles()]).toEqual([]), 5_000);
  });
}
