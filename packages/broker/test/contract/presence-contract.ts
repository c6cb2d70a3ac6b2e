import { newId, type SessionId, type UserId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { type OpenBroker, open } from "../fixture.ts";

const figures = { connections: 3, rooms: 2, startedAt: 1_700_000_000_000 };

export function presenceContract(create: OpenBroker): void {
  test("a user is online while any node says so", async () => {
    const { presence } = open(create);
    const [ada, bob] = [newId<UserId>(), newId<UserId>()];
    await presence.renew({ node: "one", ...figures });
    await presence.renew({ node: "two", ...figures });
    await presence.set("one", [ada], true);
    await presence.set("two", [ada], true);
    expect(await presence.online([bob, ada])).toEqual([false, true]);
    await presence.set("one", [ada], false);
    expect(await presence.online([ada])).toEqual([true]);
    await presence.set("two", [ada], false);
    expect(await presence.online([ada])).toEqual([false]);
    expect(await presence.online([])).toEqual([]);
  });

  test("many come and go in one call; nobody is no fault", async () => {
    const { presence } = open(create);
    const [ada, bob, cyd] = [newId<UserId>(), newId<UserId>(), newId<UserId>()];
    await presence.renew({ node: "one", ...figures });
    await presence.set("one", [ada, bob, cyd], true);
    expect(await presence.online([ada, bob, cyd])).toEqual([true, true, true]);
    await presence.set("one", [ada, cyd], false);
    await presence.set("one", [], true);
    await presence.set("one", [], false);
    expect(await presence.online([ada, bob, cyd])).toEqual([false, true, false]);
  });

  test("the newest activity of a user counts, over all nodes, and goes with the user", async () => {
    const { presence } = open(create);
    const [ada, bob] = [newId<UserId>(), newId<UserId>()];
    await presence.renew({ node: "one", ...figures });
    await presence.renew({ node: "two", ...figures });
    await presence.active("one", [{ user: ada, at: 1_000 }]);
    expect(await presence.activeAt([ada])).toEqual([undefined]);
    await presence.set("one", [ada], true);
    await presence.set("two", [ada], true);
    await presence.active("one", [{ user: ada, at: 1_000 }]);
    expect(await presence.activeAt([ada, bob])).toEqual([0, undefined]);
    await presence.active("two", [{ user: ada, at: 3_000 }]);
    await presence.set("one", [ada], true);
    expect(await presence.activeAt([ada])).toEqual([3_000]);
    await presence.set("two", [ada], false);
    expect(await presence.activeAt([ada])).toEqual([1_000]);
    await presence.set("one", [ada], false);
    await presence.set("one", [ada], true);
    expect(await presence.activeAt([ada])).toEqual([0]);
  });

  test("told twice is as told once", async () => {
    const { presence } = open(create);
    const ada = newId<UserId>();
    await presence.renew({ node: "one", ...figures });
    await presence.set("one", [ada], true);
    await presence.set("one", [ada], true);
    await presence.set("one", [ada], false);
    expect(await presence.online([ada])).toEqual([false]);
  });

  test("a node that leaves in good order takes its people with it", async () => {
    const { presence } = open(create);
    const ada = newId<UserId>();
    await presence.renew({ node: "one", ...figures });
    await presence.set("one", [ada], true);
    await presence.drop("one");
    expect(await presence.online([ada])).toEqual([false]);
    expect(await presence.nodes()).toEqual([]);
  });

  test("nodes are told with their latest figures", async () => {
    const { presence } = open(create);
    await presence.renew({ node: "one", ...figures });
    await presence.renew({ node: "one", ...figures, connections: 4 });
    const nodes = await presence.nodes();
    expect(nodes).toMatchObject([{ node: "one", ...figures, connections: 4 }]);
    expect(Math.abs((nodes[0]?.seenAt ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test("a revocation lasts as long as it was given", async () => {
    const { revocations } = open(create);
    const [short, long] = [newId<SessionId>(), newId<SessionId>()];
    await revocations.add(short, 30);
    await revocations.add(long, 60_000);
    expect(await revocations.has(long)).toBe(true);
    await vi.waitFor(async () => expect(await revocations.has(short)).toBe(false));
    expect(await revocations.has(long)).toBe(true);
    expect(await revocations.has(newId<SessionId>())).toBe(false);
  });
}
