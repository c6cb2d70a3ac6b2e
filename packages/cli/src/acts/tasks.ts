import { parseTask } from "@hubbub/client";
import { TASK_NAMES, type TaskInfo } from "@hubbub/protocol";
import { CliError } from "../cli-error.ts";
import { harmlessLine } from "../harmless.ts";
import { type Act, anywhere, inRoom, Misused, nothing } from "./act.ts";

/** Work in the background for a room. */
export const TASK_ACTS: Readonly<Record<string, Act>> = {
  task: inRoom(
    `${TASK_NAMES.join(" | ")} [WORDS] | cancel ID`,
    "start a task; its result comes into the room",
    async (argument, { http, room, spell }) => {
      const cancelled = /^cancel\s+(\S+)$/.exec(argument)?.[1];
      if (cancelled !== undefined) {
        await http.tasks.cancel(room.id, cancelled);
        return ["the task is cancelled, unless it had ended"];
      }
      const command = parseTask(argument);
      if (argument === "") throw new Misused();
      if (command === undefined) throw new CliError(`there is no such task; there are ${TASK_NAMES.join(", ")}`);
      const { id, ahead = 0 } = await http.tasks.start(room.id, command);
      const place = ahead === 0 ? "" : `, behind ${ahead} of yours`;
      return [`the task waits${place}; ${spell("task", `cancel ${id}`)} ends it`];
    },
  ),
  tasks: anywhere("", "your tasks, newest first", async (argument, { http }) => {
    nothing(argument);
    const tasks = await http.tasks.list();
    return tasks.length === 0 ? ["you have no tasks"] : tasks.map(lineOf);
  }),
};

function lineOf({ id, name, args, state, progress, fault }: TaskInfo): string {
  const { done, total } = progress;
  const far = state === "running" && total > 0 ? ` ${Math.floor((100 * done) / total)} %` : "";
  return harmlessLine([id, name, args, `${state}${far}`, fault ?? ""].filter((part) => part !== "").join("  "));
}
