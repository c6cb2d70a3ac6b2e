import { sql } from "drizzle-orm";
import { boolean, index, integer, jsonb, text, uuid } from "drizzle-orm/pg-core";
import { hubbub, instant, seqColumn } from "./schema-base.ts";

const IS_OPEN = sql`state in ('queued', 'running')`;

/** Tasks that users have started. No foreign key to users and rooms: a task ends by itself where one of them is gone. */
export const tasks = hubbub.table(
  "tasks",
  {
    /** Chosen by the client. */
    id: uuid("id").primaryKey(),
    userId: uuid("user_id").notNull(),
    roomId: uuid("room_id").notNull(),
    name: text("name").notNull(),
    args: text("args").notNull(),
    state: text("state", { enum: ["queued", "running", "done", "failed", "cancelled"] })
      .notNull()
      .default("queued"),
    /** How often a process has begun it. With the owner it is the fence: what an earlier attempt writes is refused. */
    attempt: integer("attempt").notNull().default(0),
    owner: text("owner"),
    /** Nobody begins it before. Of a running task: the end of its lease. */
    dueAt: instant("due_at").notNull().defaultNow(),
    done: integer("done").notNull().default(0),
    total: integer("total").notNull().default(0),
    result: jsonb("result"),
    /** Of the end: what the room is told. */
    note: text("note"),
    createdAt: instant("created_at").notNull().defaultNow(),
    finishedAt: instant("finished_at"),
    /** Of a task that has ended: its row is deleted then. */
    expiresAt: instant("expires_at"),
    /** The event of the room that says that the task was started; 0: not told yet. */
    seq: seqColumn("seq").notNull().default(0),
    /** Whether the room knows how it ended. */
    isTold: boolean("is_told").notNull().default(false),
  },
  (table) => [
    index("tasks_user_open_idx").on(table.userId, table.createdAt, table.id).where(IS_OPEN),
    index("tasks_due_idx").on(table.dueAt).where(IS_OPEN),
    index("tasks_user_idx").on(table.userId, table.createdAt),
    index("tasks_untold_idx").on(table.finishedAt).where(sql`finished_at is not null and not is_told`),
    index("tasks_expires_idx").on(table.expiresAt).where(sql`expires_at is not null`),
  ],
);

/** Users with open tasks, and when a process last took one of them: whoever waits longest is next. */
export const taskUsers = hubbub.table(
  "task_users",
  {
    userId: uuid("user_id").primaryKey(),
    servedAt: instant("served_at").notNull().default(sql`'epoch'`),
  },
  (table) => [index("task_users_served_idx").on(table.servedAt)],
);
