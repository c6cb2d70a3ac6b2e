import { newId, type RoomId, type TaskId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import type { TaskRecord } from "../../src/store-tasks.ts";
import { createRoom, createUser, fresh, type GetStore, HOUR_MS } from "./fixtures.ts";

const BOUNDS = { perUser: 5, all: 1_000, holdMs: 0 };
const END = { state: "done", result: { count: 1 }, note: "one", done: 2, total: 2 } as const;

export function tasksContract(getStore: GetStore): void {
  const ask = (user: UserId, room: RoomId, id = newId<TaskId>(), bounds = BOUNDS) =>
    getStore().tasks.request({ id, user, room, name: "stats", args: "" }, bounds);
  /** Takes whatever is due, so that a test sees its own tasks only. */
  const drain = async () => {
    const { tasks } = getStore();
    for (let task = await tasks.claim("drain", HOUR_MS, 1_000); task !== null; ) {
      await tasks.finish({ id: task.id, owner: "drain", attempt: task.attempt }, END, HOUR_MS);
      task = await tasks.claim("drain", HOUR_MS, 1_000);
    }
  };
  const leaseOf = ({ id, attempt }: TaskRecord, owner: string) => ({ id, owner, attempt });
  const claimOne = async (owner: string, ttlMs = HOUR_MS, perUser = 9): Promise<TaskRecord> => {
    const task = await getStore().tasks.claim(owner, ttlMs, perUser);
    if (task === null) throw new Error("there is no task");
    return task;
  };

  test("a task is added once, by its id, and nobody else has this id", async () => {
    const { room, owner } = await createRoom(getStore());
    const first = await ask(owner.id, room);
    expect(first).toMatchObject({ state: "queued", isNew: true, ahead: 0, username: owner.username, seq: 0 });
    expect(await ask(owner.id, room, first.id)).toMatchObject({ id: first.id, isNew: false });
    expect(await ask(owner.id, room)).toMatchObject({ ahead: 1 });
    const other = await createUser(getStore());
    await expect(ask(other.id, room, first.id)).rejects.toMatchObject({ code: "unknown_task" });
    expect(await getStore().tasks.list(owner.id, 10)).toHaveLength(2);
    await drain();
  });

  test("users have a bound of open tasks, also when they ask at once, and so has the cluster", async () => {
    const { room, owner } = await createRoom(getStore());
    const asked = await Promise.allSettled(Array.from({ length: 9 }, () => ask(owner.id, room)));
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(BOUNDS.perUser);
    const refused = asked.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(["overloaded"]));
    const other = await createUser(getStore());
    const full = ask(other.id, room, newId(), { ...BOUNDS, all: BOUNDS.perUser });
    await expect(full).rejects.toMatchObject({ code: "overloaded" });
    await drain();
  });

  test("users are served in turn, however many tasks one of them has", async () => {
    const { room, owner: loud } = await createRoom(getStore());
    for (let count = 0; count < 4; count += 1) await ask(loud.id, room);
    const quiet = await createUser(getStore());
    await claimOne("one");
    await ask(quiet.id, room);
    const order = [await claimOne("one"), await claimOne("one"), await claimOne("one"), await claimOne("one")];
    expect(order.map(({ user }) => user)).toEqual([quiet.id, loud.id, loud.id, loud.id]);
  });

  test("a user has at most so many running tasks, and others go on", async () => {
    const { room, owner } = await createRoom(getStore());
    await ask(owner.id, room);
    await ask(owner.id, room);
    const first = await claimOne("one", HOUR_MS, 1);
    expect(await getStore().tasks.claim("one", HOUR_MS, 1)).toBeNull();
    await getStore().tasks.finish(leaseOf(first, "one"), END, HOUR_MS);
    expect(await getStore().tasks.claim("one", HOUR_MS, 1)).toMatchObject({ user: owner.id });
  });

  test("an attempt whose lease has ended writes nothing", async () => {
    const { tasks } = getStore();
    const { room, owner } = await createRoom(getStore());
    await ask(owner.id, room);
    const late = await claimOne("late", 0);
    const next = await claimOne("next");
    expect(next).toMatchObject({ id: late.id, attempt: 2 });
    const lease = leaseOf(late, "late");
    expect(await tasks.renew(lease, { done: 1, total: 2 }, HOUR_MS)).toBe(false);
    expect(await tasks.finish(lease, { ...END, note: "late" }, HOUR_MS)).toBe(false);
    expect(await tasks.release(lease, 0, true)).toBe(false);
    // The same owner has two attempts.
    expect(await tasks.finish({ ...lease, owner: "next" }, END, HOUR_MS)).toBe(false);
    expect(await tasks.renew(leaseOf(next, "next"), { done: 1, total: 2 }, HOUR_MS)).toBe(true);
    expect(await tasks.finish(leaseOf(next, "next"), END, HOUR_MS)).toBe(true);
    expect(await tasks.finish(leaseOf(next, "next"), END, HOUR_MS)).toBe(false);
    expect(await tasks.find(room, late.id)).toMatchObject({
      state: "done",
      note: "one",
      done: 2,
      result: { count: 1 },
    });
  });

  test("a task that is cancelled writes nothing, and is cancelled once", async () => {
    const { tasks } = getStore();
    const { room, owner } = await createRoom(getStore());
    await ask(owner.id, room);
    const task = await claimOne("one");
    expect(await tasks.cancel(room, task.id, "enough", HOUR_MS)).toBe(true);
    expect(await tasks.cancel(room, task.id, "again", HOUR_MS)).toBe(false);
    expect(await tasks.finish(leaseOf(task, "one"), END, HOUR_MS)).toBe(false);
    expect(await tasks.find(room, task.id)).toMatchObject({ state: "cancelled", note: "enough", result: null });
  });

  test("a task is held until its room was told, or for a while", async () => {
    const { tasks } = getStore();
    const { room, owner } = await createRoom(getStore());
    const { id } = await ask(owner.id, room, newId(), { ...BOUNDS, holdMs: HOUR_MS });
    expect(await tasks.claim("one", HOUR_MS, 9)).toBeNull();
    await tasks.begun(id, 7);
    const task = await claimOne("one");
    expect(task).toMatchObject({ id, seq: 7 });
    // What is given back waits; it waits no less when the room is told again.
    await tasks.release(leaseOf(task, "one"), HOUR_MS, true);
    await tasks.begun(id, 7);
    expect(await tasks.claim("one", HOUR_MS, 9)).toBeNull();
    await tasks.cancel(room, id, "", HOUR_MS);
  });

  test("an end is untold until it was told, and a result goes when it expires", async () => {
    const { tasks } = getStore();
    const { room, owner } = await createRoom(getStore());
    await ask(owner.id, room);
    const task = await claimOne(fresh("owner"));
    const isUntold = async () => (await tasks.untold(0, 1_000)).some(({ id }) => id === task.id);
    expect(await isUntold()).toBe(false);
    await tasks.cancel(room, task.id, "", 0);
    expect(await isUntold()).toBe(true);
    await tasks.told(task.id);
    expect(await isUntold()).toBe(false);
    expect(await tasks.find(room, task.id)).toBeNull();
    await tasks.sweep(1_000);
    expect((await tasks.list(owner.id, 10)).length).toBe(0);
  });
}
