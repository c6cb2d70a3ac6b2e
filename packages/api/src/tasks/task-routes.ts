import { createRoute, z } from "@hono/zod-openapi";
import { admitMessage } from "@hubbub/chat";
import { type EventId, encodeEventBody, isDerivedRoom, ProtocolError, type RoomId } from "@hubbub/protocol";
import { roomId, taskId } from "@hubbub/protocol/codec";
import { taskBody, taskInfo, taskList } from "@hubbub/protocol/http-tasks";
import type { TaskRecord } from "@hubbub/store";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, inRoom, inRoomRefusals, json, permittedRefusals, refusals } from "../routes/shapes.ts";

const taskSchema = taskInfo.meta({ id: "Task" });
const inTask = z.object({ id: roomId, task: taskId });
const tags = ["tasks"];

export const contract = {
  startTask: createRoute({
    method: "post",
    path: "/rooms/{id}/tasks",
    tags,
    summary: "Start a task in the background; its end is an event of the room. A repeated `id` starts nothing more",
    security: bearer,
    request: { params: inRoom, body: json(taskBody) },
    responses: {
      202: answer("it is in the queue, or was before", taskSchema),
      default: refusals(...permittedRefusals, "unknown_task", "muted", "slow_mode", "room_archived", "overloaded"),
    },
  }),
  getTask: createRoute({
    method: "get",
    path: "/rooms/{id}/tasks/{task}",
    tags,
    summary: "A task of the room, with its result once it is done",
    security: bearer,
    request: { params: inTask },
    responses: { 200: answer("the task", taskSchema), default: refusals(...inRoomRefusals, "unknown_task") },
  }),
  cancelTask: createRoute({
    method: "delete",
    path: "/rooms/{id}/tasks/{task}",
    tags,
    summary: "Cancel an own task; moderators cancel those of others. What has ended stays as it is",
    security: bearer,
    request: { params: inTask },
    responses: {
      204: { description: "it writes nothing more" },
      default: refusals(...permittedRefusals, "unknown_task"),
    },
  }),
  listTasks: createRoute({
    method: "get",
    path: "/me/tasks",
    tags,
    summary: "The own tasks of all rooms, the newest first, without results",
    security: bearer,
    responses: {
      200: answer("tasks whose results have not expired", taskList),
      default: refusals("bad_token", "session_revoked", "insufficient_scope"),
    },
  }),
};

/** Open tasks of one user, and of the cluster. The room is told of a task before it begins, within the hold. */
const BOUNDS = { perUser: 20, all: 50_000, holdMs: 5_000 };
const KEPT_MS = 7 * 86_400_000;
const LISTED_MAX = 100;

export function route(app: ApiApp, context: ApiContext): void {
  routeStart(app, context);
  routeRest(app, context);
}

function routeStart(app: ApiApp, context: ApiContext): void {
  const { acceptor, broker, store, limits, membership, signedIn } = context;

  app.openapi({ ...contract.startTask, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const { id: task, name, args = "" } = c.req.valid("json");
    const { id: room } = c.req.valid("param");
    limits.post(user, args);
    if (isDerivedRoom(room)) throw new ProtocolError("forbidden", "this room is what a standing query found");
    const standing = await membership.require(room, user);
    const id = `task-${task}` as EventId;
    await admitMessage(broker.turns, standing, { room, user: user.id, id });
    limits.event(room);
    const asked = await store.tasks.request({ id: task, user: user.id, room, name, args }, BOUNDS);
    if (asked.seq > 0 || asked.state !== "queued") return c.json(toInfo(asked, asked.ahead), 202);
    // Without the arguments: nobody could take a text out of this event again.
    const body = encodeEventBody({ by: user, kind: "task", id, task, name, state: "queued" });
    const { seq } = await acceptor.accept({ room, user: user.id, id, body });
    await store.tasks.begun(task, seq);
    return c.json(toInfo(asked, asked.ahead), 202);
  });
}

function routeRest(app: ApiApp, context: ApiContext): void {
  const { store, limits, membership, signedIn } = context;

  app.openapi({ ...contract.getTask, middleware: signedIn }, async (c) => {
    const { id: room, task } = c.req.valid("param");
    const standing = await membership.require(room, c.var.caller.user);
    const found = await find(context, room, task);
    if (found.user === c.var.caller.user.id) return c.json(toInfo(found), 200);
    if (standing.from > found.seq) throw new ProtocolError("unknown_task");
    // It was found with the rights of somebody who may have joined before.
    const isHidden = standing.settings?.history === "joined";
    return c.json(toInfo(isHidden ? { ...found, result: null } : found), 200);
  });

  app.openapi({ ...contract.cancelTask, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const { id: room, task } = c.req.valid("param");
    limits.post(user, "");
    await membership.require(room, user);
    const found = await find(context, room, task);
    if (found.user !== user.id) await membership.permit(room, user, "delete-any");
    await store.tasks.cancel(room, task, found.user === user.id ? "by who started it" : "by a moderator", KEPT_MS);
    return c.body(null, 204);
  });

  app.openapi({ ...contract.listTasks, middleware: signedIn }, async (c) => {
    const found = await store.tasks.list(c.var.caller.user.id, LISTED_MAX);
    return c.json({ tasks: found.map((task) => toInfo({ ...task, result: null })) }, 200);
  });
}

async function find({ store }: ApiContext, room: RoomId, task: TaskRecord["id"]): Promise<TaskRecord> {
  const found = await store.tasks.find(room, task);
  if (found === null) throw new ProtocolError("unknown_task");
  return found;
}

function toInfo(task: TaskRecord, ahead?: number): (typeof taskInfo)["_output"] {
  const { id, room, name, args, state, attempt, done, total, result, note, createdAt, finishedAt, expiresAt } = task;
  const isOpen = state === "queued" || state === "running";
  return {
    ...{ id, room, name, args, state, attempt, progress: { done, total } },
    ...(isOpen && ahead !== undefined ? { ahead } : {}),
    ...(result === null ? {} : { result: { ...result } }),
    ...(state === "done" || note === null ? {} : { fault: note }),
    createdAt: createdAt.getTime(),
    ...(finishedAt === null ? {} : { finishedAt: finishedAt.getTime() }),
    ...(expiresAt === null ? {} : { expiresAt: expiresAt.getTime() }),
  };
}
