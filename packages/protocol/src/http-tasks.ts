import { z } from "zod";
import { roomId, taskId, time } from "./schemas.ts";
import { storable } from "./strings.ts";
import { TASK_NAMES } from "./task-names.ts";

/** Bodies and answers about tasks: docs/tasks.md. */

const ARGS_MAX = 1_024;

/** `id` is the caller's own for this task: the same one again starts nothing more. */
export const taskBody = z.strictObject({
  id: taskId,
  name: z.enum(TASK_NAMES),
  args: storable.max(ARGS_MAX).optional(),
});
export type TaskBody = z.input<typeof taskBody>;

/**
 * `ahead`: own tasks that come before. `result`: of a task that is done, until `expiresAt`; its fields are in docs/tasks.md.
 * `fault`: why it failed, in words. `attempt`: how often it was begun.
 */
export const taskInfo = z.object({
  id: taskId,
  room: roomId,
  name: z.string(),
  args: z.string(),
  state: z.enum(["queued", "running", "done", "failed", "cancelled"]),
  attempt: z.int().min(0),
  progress: z.object({ done: z.int().min(0), total: z.int().min(0) }),
  ahead: z.int().min(0).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  fault: z.string().optional(),
  createdAt: time,
  finishedAt: time.optional(),
  expiresAt: time.optional(),
});
export type TaskInfo = z.output<typeof taskInfo>;

export const taskList = z.object({ tasks: z.array(taskInfo) });
