import { DEDUPE_WINDOW_MS, type EventId, encodeEventBody, ProtocolError } from "@hubbub/protocol";
import type { TaskRecord } from "@hubbub/store";
import type { JobContext } from "./job-context.ts";

/** An event that may have been accepted longer ago than half of what the log recognises is looked for among the rows. */
const RECOGNISED_MS = DEDUPE_WINDOW_MS / 2;

/**
 * Tells the room how a task ended, once: the id of the event follows from the id of the task. If the user has left the room, no event is
 * written; the row keeps the result.
 */
export async function tellEnd({ acceptor, store }: JobContext, task: TaskRecord): Promise<void> {
  const { id: own, room, user, username, name, state, note, seq, finishedAt } = task;
  if (state === "queued" || state === "running") throw new TypeError("a task has ended before its end is told");
  const id = `end-${own}` as EventId;
  const isOld = Date.now() - (finishedAt?.getTime() ?? 0) > RECOGNISED_MS;
  const isThere = isOld && (await store.events.stored(room, { after: seq }, [{ user, id }])).length > 0;
  const [standing] = isThere ? [null] : await store.members.standings([{ room, user }]);
  if (standing !== null && standing !== undefined) {
    const by = { id: user, username };
    // What was found with the rights of one member is not for those who joined later.
    const isForAll = state !== "done" || standing.settings?.history !== "joined";
    const told = isForAll ? (note ?? "") : "";
    const body = encodeEventBody({ by, kind: "task", id, task: own, name, state, note: told });
    try {
      await acceptor.accept({ room, user, id, body });
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code !== "unknown_room") throw error;
    }
  }
  await store.tasks.told(own);
}
