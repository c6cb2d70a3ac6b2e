import { ProtocolError, type UserId } from "@hubbub/protocol";
import { eq, sql } from "drizzle-orm";
import { ask, type Database, type Handle, type Statement, single } from "./database.ts";
import { migrated } from "./nodes.ts";
import { tasks, taskUsers } from "./schema-tasks.ts";
import type { NewTask, TaskBounds, TaskRecord, Tasks } from "./store-tasks.ts";
import * as statements from "./task-statements.ts";

export function createTasks(database: Database): Tasks {
  const calls = Object.entries(openTasks(database)).map(
    ([name, call]: [string, (...all: never[]) => Promise<unknown>]) => [
      name,
      (...all: never[]) => migrated(call(...all), "tasks"),
    ],
  );
  return Object.fromEntries(calls) as Tasks;
}

function openTasks(database: Database): Tasks {
  const some = async (statement: Statement, ...values: readonly unknown[]): Promise<boolean> =>
    (await database.run(statement, values)).length > 0;
  const first = async (statement: Statement, ...values: readonly unknown[]): Promise<TaskRecord | null> =>
    (await database.run<TaskRecord>(statement, values))[0] ?? null;
  return {
    async request(task, bounds) {
      const isNew = await database.transaction((handle) => add(handle, task, bounds));
      const found = await first(statements.FIND, task.room, task.id);
      if (found === null || found.user !== task.user) throw new ProtocolError("unknown_task");
      const place = [task.user, found.createdAt, task.id];
      return { ...found, ...single(await database.run<{ ahead: number }>(statements.AHEAD, place)), isNew };
    },
    async begun(id, seq) {
      await database.run(statements.BEGUN, [id, seq]);
    },
    find: (room, id) => first(statements.FIND, room, id),
    list: (user, limit) => database.run<TaskRecord>(statements.LIST, [user, limit]),
    cancel: (room, id, note, keptMs) => some(statements.CANCEL, room, id, note, keptMs),
    claim: (owner, ttlMs, perUser) => first(statements.CLAIM, owner, ttlMs, perUser),
    renew: ({ id, owner, attempt }, { done, total }, ttlMs) =>
      some(statements.RENEW, id, owner, attempt, done, total, ttlMs),
    finish: ({ id, owner, attempt }, { state, result, note, done, total }, keptMs) => {
      const json = result === null ? null : JSON.stringify(result);
      return some(statements.FINISH, id, owner, attempt, state, json, note, keptMs, done, total);
    },
    release: ({ id, owner, attempt }, waitMs, counts) => some(statements.RELEASE, id, owner, attempt, waitMs, counts),
    untold: (sinceMs, limit) => database.run<TaskRecord>(statements.UNTOLD, [sinceMs, limit]),
    async told(id) {
      await database.run(statements.TOLD, [id]);
    },
    waiting: async () => single(await database.run<{ open: number; oldestSeconds: number }>(statements.WAITING, [])),
    async sweep(limit) {
      await database.run(statements.ADD_USERS, []);
      return single(await database.run<{ gone: number }>(statements.SWEEP, [limit])).gone;
    },
  };
}

/** false: it is there already. */
async function add(handle: Handle, task: NewTask, { perUser, all, holdMs }: TaskBounds): Promise<boolean> {
  const { id, user, room, name, args } = task;
  await ask(handle, statements.LOCK_USER, [user]);
  if ((await ask(handle, statements.OWNER, [id])).length > 0) return false;
  const open = single(await ask<{ own: number; all: number }>(handle, statements.COUNT, [user, all]));
  if (open.own >= perUser) throw new ProtocolError("overloaded", `you have ${perUser} tasks that have not ended`);
  if (open.all >= all) throw new ProtocolError("overloaded", "the queue of tasks is full");
  await ask(handle, statements.ADD, [id, user, room, name, args, holdMs]);
  return true;
}

/** Before the migration there are none. */
export async function deleteTasksOf(handle: Handle, user: UserId): Promise<void> {
  const { rows } = (await handle.execute(sql`select to_regclass('hubbub.tasks') is not null as found`)) as unknown as {
    rows: readonly { found: boolean }[];
  };
  if (rows[0]?.found !== true) return;
  await handle.delete(tasks).where(eq(tasks.userId, user));
  await handle.delete(taskUsers).where(eq(taskUsers.userId, user));
}
